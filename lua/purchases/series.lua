--- Purchase series: read, checked in full, cut by delivery day, encoded.
-- @module purchases.series
local core = require "purchases.core"
local options = require "purchases.options"
require "purchases.error" -- gives the core's errors their methods

local M = {}

local function check_step(step)
  if step == true or type(step) == "number" and (step < 1 or step % 1 ~= 0 or 60 % step ~= 0) then
    return "must be false or a whole number of minutes that divides 60"
  end
end

-- Refuses a NUL byte: the C core would take the text for a shorter one.
local function check_nul(text)
  return text:find("\0", 1, true) and "must not hold a NUL byte" or nil
end

-- How rows become a series, for calls that take rows, too.
M.OF_ROWS = { tz = { "string" }, step = { "number|boolean", check = check_step } }

local SPEC = {
  datetime = { "string", default = "datetime", check = check_nul },
  value = { "string", default = "purchase", check = check_nul },
  tz = { "string" },
  step = { "number|boolean", default = 15, check = check_step },
}

-- Defaults in locals: a short series takes little longer than to look them up.
local DATETIME, VALUE, STEP = SPEC.datetime.default, SPEC.value.default, SPEC.step.default

-- The options as the core takes them: the two names, the step (0 for none), the zone.
local function checked(given, what)
  if given == nil then
    return DATETIME, VALUE, STEP
  end
  local opts = options.check(given, SPEC, what, 3)
  return opts.datetime, opts.value, opts.step or 0, opts.tz
end

local function refuse_type(value, wanted, what)
  error(("%s: expected a %s, got %s"):format(what, wanted, type(value)), 3)
end

--- Reads a file: CSV with a header, JSON (`{"purchase":[...]}` or a bare array) or NDJSON.
-- @string path "-" is standard input
-- @tparam[opt] table opts `datetime` and `value`: names of the columns or keys (default "datetime",
-- "purchase"); `tz`: an IANA zone, turns instants into its local time and checks the days' lengths;
-- `step`: minutes between rows (default 15), false for no grid
-- @treturn purchases.series|nil
-- @treturn ?purchases.error kind "validation" with `issues` and `total`
function M.read(path, opts)
  if type(path) ~= "string" then
    refuse_type(path, "string", "series.read")
  end
  local wrong = check_nul(path)
  if wrong then
    error("series.read: a path " .. wrong, 2)
  end
  local series, err = core.series.read(path, checked(opts, "series.read"))
  if err then
    err.file = path
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
  return core.series.decode(text, checked(opts, "series.decode"))
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
  return core.series.from(rows, checked(opts, "series.from"))
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
