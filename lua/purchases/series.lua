--- Purchase series: read, checked in full, cut by delivery day, encoded.
-- @module purchases.series
local core = require "purchases.core"
local map = require "purchases.map"
local options = require "purchases.options"
require "purchases.error" -- gives the core's errors their methods

local M = {}

-- Loads a map by its path or name: map_loader(given, over) → table | nil, err. Whoever may read files sets it.
M.map_loader = nil

local function check_step(step)
  if step == true or type(step) == "number" and (step < 1 or step % 1 ~= 0 or 60 % step ~= 0) then
    return "must be false or a whole number of minutes that divides 60"
  end
end

-- Refuses a NUL byte: it would end a path, and no column has one.
local function check_nul(text)
  return text:find("\0", 1, true) and "must not hold a NUL byte" or nil
end

local function check_name(rule)
  return type(rule) == "string" and check_nul(rule) or nil
end

-- How rows become a series, for calls that take rows, too.
M.OF_ROWS = { tz = { "string" }, step = { "number|boolean", check = check_step } }

-- What a map of a series may say; `map` is one, over which the others take precedence.
local SPEC = {
  map = { "table|string" },
  encoding = { "string" },
  delimiter = { "string" },
  header = { "number|boolean" },
  skip = { "number" },
  names = { "table" },
  decimal = { "string" },
  thousands = { "string" },
  null = { "table|string" },
  where = { "table" },
  unless = { "table" },
  list = { "string" },
  datetime = { "string|number|table", check = check_name },
  value = { "string|number|table", check = check_name },
  label = { "string" },
  send_label = { "string" },
  resolution = { "number" },
  tz = { "string" },
  step = { "number|boolean", check = check_step },
}

local SIMPLE = {}
for name in pairs(SPEC) do
  SIMPLE[#SIMPLE + 1] = name
end
table.sort(SIMPLE)

local DEFAULT = { datetime = "datetime", value = "purchase", step = 15 }

-- Compiled maps by their options, where these are texts, numbers and booleans only: a short series takes little longer
-- than to compile one.
local compiled, count, MOST = {}, 0, 100

local function key_of(opts)
  local parts = {}
  for i, name in ipairs(SIMPLE) do
    local value = opts[name]
    if type(value) == "table" then
      return nil
    end
    parts[i] = value == nil and "" or type(value):sub(1, 1) .. tostring(value):gsub("[%z\1]", "\1%0")
  end
  return table.concat(parts, "\0")
end

local function compile(opts)
  local given = opts.map
  opts.map = nil
  if type(given) == "string" then
    if not M.map_loader then
      error("series: a map's path or name is known to who requires 'purchases'", 5)
    end
    local err
    given, err = M.map_loader(given, opts)
    if not given then
      return nil, err
    end
  elseif given ~= nil then
    given = map.merge(given, opts)
  end
  local made, err = map.compile(map.merge(DEFAULT, given or opts), "series")
  if err and err.message:find "^tz: " then
    err.code, err.message = "unknown_zone", err.message:sub(5)
  end
  return made and made.native, err
end

-- The map that the options are, compiled.
local function map_of(given, what)
  local opts = given and options.check(given, SPEC, what, 3) or {}
  local key = opts.map == nil and key_of(opts)
  if key and compiled[key] then
    return compiled[key]
  end
  local made, err = compile(opts)
  if key and made then
    if count == MOST then
      compiled, count = {}, 0
    end
    compiled[key], count = made, count + 1
  end
  return made, err
end

local plain -- the map of no options

local function refuse_type(value, wanted, what)
  error(("%s: expected a %s, got %s"):format(what, wanted, type(value)), 3)
end

--- Reads a file: CSV, JSON (`{"purchase":[...]}`, a bare array, or a document with one list of rows) or NDJSON.
-- @tparam string|table path "-" is standard input; of a list of paths all are one series, in this order
-- @tparam[opt] table opts a map, or `map`: one, its path or its name, and what takes precedence over it. Most usual:
-- `datetime` and `value`: the columns or keys (default "datetime", "purchase"); `tz`: an IANA zone, turns instants into
-- its local time and checks the days' lengths; `step`: minutes between rows (default 15), false for no grid
-- @treturn purchases.series|nil
-- @treturn ?purchases.error kind "validation" with `issues` and `total`, the number of rows; an issue is a cause, with
-- its `count` of rows, the place of the first, and, of more than one, a `summary`; of several files each has its `file`
function M.read(path, opts)
  local paths = path
  if type(path) == "string" then
    paths = { path }
  elseif type(path) ~= "table" then
    refuse_type(path, "string", "series.read")
  end
  if #paths == 0 then
    error("series.read: no path is given", 2)
  end
  for _, one in ipairs(paths) do
    if type(one) ~= "string" then
      refuse_type(one, "string", "series.read")
    end
    local wrong = check_nul(one)
    if wrong then
      error("series.read: a path " .. wrong, 2)
    end
  end
  local how, err = map_of(opts, "series.read")
  if not how then
    return nil, err
  end
  local series
  series, err = core.series.read(paths, how)
  if err then
    for _, issue in ipairs(paths[2] and err.issues or {}) do
      issue.file = paths[(issue.file or 0) + 1]
    end
    err.file = err.issues[1] and err.issues[1].file or paths[1]
  end
  return series, err
end

--- Reads a series from a JSON text, as `read` does.
-- @string text
-- @tab[opt] opts as for `read`
function M.decode(text, opts)
  if type(text) ~= "string" then
    refuse_type(text, "string", "series.decode")
  end
  local how, err = map_of(opts, "series.decode")
  if not how then
    return nil, err
  end
  return core.series.decode(text, how)
end

--- Reads a series from a list of rows such as `{ datetime = "2025-10-26 00:00", purchase = 12.5 }`.
-- @tab rows a list, counted from 1 without a hole, or `{ purchase = rows }`; left as it is
-- @tab[opt] opts as for `read`
function M.from(rows, opts)
  if type(rows) ~= "table" then
    refuse_type(rows, "table", "series.from")
  end
  if rows[1] == nil and type(rows.purchase) == "table" then
    rows = rows.purchase
  end
  if opts == nil then
    plain = plain or assert(map_of(nil, "series.from"))
    return core.series.from(rows, plain)
  end
  local how, err = map_of(opts, "series.from")
  if not how then
    return nil, err
  end
  return core.series.from(rows, how)
end

-- Takes a series as it is, or makes one of rows, for calls that take either. A slice without rows is refused as no rows
-- at all are: the APIs have no use for an empty purchase.
-- @tab opts the call's; `tz` and `step` are for rows
-- @string what the call, for the message
-- @int level as for `error`
function M.of(given, opts, what, level)
  if type(given) == "table" then
    return M.from(given, { tz = opts.tz, step = opts.step })
  elseif opts.tz ~= nil or opts.step ~= nil then
    error(("%s: options 'tz' and 'step' are for rows; a series has its own"):format(what), level)
  elseif type(given) ~= "userdata" then
    error(("%s: expected a purchase series or a list of rows, got %s"):format(what, type(given)), level)
  elseif #given == 0 then
    return M.from {}
  end
  return given
end

return M
