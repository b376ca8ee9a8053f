--- Purchases from wherever they come, checked, in bulks that are ready to be sent.
-- @module purchases.source
local core = require "purchases.core"
local csv_purchases = require "purchases.source.csv"
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

-- What every source has: a reader, which checks, and the rules it was made with.
local function new_reader(rules)
  return core.bulks.new_reader {
    schema = rules.schema,
    extra_schema = rules.extra_schema,
    key = rules.key,
    max_purchase = rules.max_purchase,
    max_count = rules.batch,
    max_size = rules.batch_bytes,
    first_line = rules.from_line,
  }
end

-- Those that the reader put aside: { line =, column =, key =, text =, error =, cut = the text is not all of it }.
local function refusals_of(bulk)
  local list = {}
  for i = 1, bulk:refused() do
    local refusal = bulk:refusal(i)
    local keys = refusal.key and json.decode("[" .. refusal.key .. "]")
    refusal.key = keys and keys[1]
    list[i] = refusal
  end
  return list
end

-- A file of JSON.

local File = { has_columns = true }
File.__index = File

--- The next bulk.
-- @treturn userdata|nil `#bulk`, `bulk:body(first, last)`, `bulk:purchase(i)` → text, line, column, key as JSON,
-- `bulk:release(first, last)`, `bulk:close()`; nil at the end. One that is empty, with no refusals: all that
-- is left has to wait until others are released
-- @treturn ?table the records that were refused, or (after nil) an error
function File:next()
  local bulk, err = self.reader:read()
  if not bulk then
    return nil, err
  end
  return bulk, refusals_of(bulk)
end

--- Those that had to wait for others, when nothing more is to be sent.
-- @treturn userdata|nil
function File:next_waiting()
  if self.reader:waiting() > 0 then
    return self.reader:gather()
  end
end

--- The line from which on nothing was read.
function File:line()
  return self.reader:line()
end

--- Reads to the end.
-- @treturn number|nil how many were left; nil where nobody can tell without waiting for somebody
function File:count()
  if self.reader:size() == 0 then
    return nil
  end
  return (self.reader:count())
end

function File:close()
  self.reader:close()
end

-- Records that are handed in one by one: `pull()` → { line =, text = } or { line =, text =, error = }, nil at
-- the end, or nil, err.

local Stream = {}
Stream.__index = Stream
Stream.next_waiting, Stream.close = File.next_waiting, File.close

function Stream:pull_next()
  local record, err = self.held, nil
  while not record or record.line < self.rules.from_line do
    record, err = self.pull()
    if not record then
      break
    end
  end
  self.held = nil
  return record, err
end

-- Fills a bulk; what has no room in it any more is held for the next.
function Stream:fill(bulk, refusals)
  while #refusals < self.rules.batch do
    local record, err = self:pull_next()
    if not record then
      self.is_over, self.failure = true, err
      return nil
    end
    local taken
    if record.error then
      refusals[#refusals + 1] = record
    else
      taken, err = self.reader:take(bulk, record.text, record.line)
    end
    if taken == false or err then
      self.held = record
      return err
    end
  end
end

-- A purchase from no file has a number, which stands as its line, and no more exact place.
local function without_columns(refusal)
  local err = refusal.error
  for _, issue in ipairs(err.issues) do
    issue.line, issue.column = refusal.line, nil
  end
  err.line, err.column, refusal.column = refusal.line, nil, nil
  return refusal
end

local function by_line(a, b)
  return a.line < b.line
end

function Stream:next()
  local bulk, err = self.reader:gather()
  if not bulk then
    return nil, err
  end
  local refusals = {}
  if not self.is_over then
    err = self:fill(bulk, refusals)
  end
  for _, refusal in ipairs(refusals_of(bulk)) do
    refusals[#refusals + 1] = without_columns(refusal)
  end
  table.sort(refusals, by_line)
  if #bulk > 0 or #refusals > 0 or not err and self.reader:waiting() > 0 then
    return bulk, refusals
  end
  bulk:close()
  return nil, err or self.failure
end

function Stream:line()
  return self.held and self.held.line or self.next_line and self.next_line()
end

function Stream:count()
  local rest = self.is_over and 0 or self.rest and self.rest()
  return not self.failure and rest and rest + (self.held and 1 or 0) or nil
end

-- Tables and texts

local function refuse(number, message)
  return {
    line = number,
    error = error_type.new { kind = "validation", code = "not_encodable", message = message, line = number },
  }
end

local function record_of(value, number)
  if type(value) == "string" then
    return { line = number, text = value }
  elseif type(value) ~= "table" then
    return refuse(number, "a purchase is a table or a JSON text, not a " .. type(value))
  end
  local text, why = json.encode(value)
  return text and { line = number, text = text } or refuse(number, tostring(why))
end

local function from_list(list)
  local at = 0
  return {
    pull = function()
      if at < #list then
        at = at + 1
        return record_of(list[at], at)
      end
    end,
    rest = function()
      return #list - at
    end,
    next_line = function()
      return at + 1
    end,
  }
end

local function raised(what, number)
  return error_type.new {
    kind = "callback",
    code = "callback_failed",
    message = ("the source raised after %d purchases: %s"):format(number, tostring(what)),
    cause = what,
  }
end

local function from_function(iterate)
  local number = 0
  return {
    pull = function()
      local ok, value, err = pcall(iterate)
      if not ok then
        return nil, raised(value, number)
      elseif value == nil then
        return nil, err ~= nil and (error_type.is(err) and err or raised(err, number)) or nil
      end
      number = number + 1
      return record_of(value, number)
    end,
    next_line = function()
      return number + 1
    end,
  }
end

local function from_csv(path, map)
  local purchases, err = csv_purchases.open(path, map)
  if not purchases then
    return nil, err
  end
  return {
    pull = function()
      return purchases:next()
    end,
    rest = function()
      return purchases:count()
    end,
    next_line = function()
      return purchases:line()
    end,
  }
end

local function open_stream(stream, rules)
  local err
  stream.reader, err = new_reader(rules)
  stream.rules = rules
  return stream.reader and setmetatable(stream, Stream), err
end

local function open_file(path, rules)
  local reader, err = new_reader(rules)
  local ok
  if reader then
    ok, err = reader:open(path)
  end
  return ok and setmetatable({ reader = reader, rules = rules }, File) or nil, err
end

--- Opens a source of purchases.
-- @tparam string|table|function given a file's path ("-" is standard input): NDJSON, JSON values, an array
-- or `{"purchases": [...]}`, or CSV where `rules.map` says how; a list; or a function that returns one after
-- another, then nil. Those of lists and functions are tables or JSON texts; their `line` is their number
-- @tab rules `schema`, and `extra_schema`, another one: compiled; `key`: the name of the natural key; `max_purchase`:
-- bytes of a purchase; `batch` and `batch_bytes`: most in a bulk; `from_line`: what begins before it is left out;
-- `map`: see `purchases.mapping`
-- @treturn table|nil
-- @treturn ?purchases.error
function M.open(given, rules)
  local stream, err
  if type(given) == "string" and rules.map == nil then
    stream, err = open_file(given, rules)
  elseif type(given) == "string" then
    stream, err = from_csv(given, rules.map)
    stream = stream and open_stream(stream, rules)
  else
    stream, err = open_stream(type(given) == "table" and from_list(given) or from_function(given), rules)
  end
  if err and type(given) == "string" then
    err.file = given
  end
  return stream, err
end

return M
