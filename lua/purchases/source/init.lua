--- Purchases from wherever they come, checked, in bulks that are ready to be sent.
-- @module purchases.source
local calls = require "purchases.source.calls"
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"
local map_type = require "purchases.map"
local maps = require "purchases.source.map"
local protect = require "purchases.protect"
local purchase_text = require "purchases.provider.purchase"

local M = {}

-- Lists the purchases that a bulk's check refused, each as `File:next` describes it.
local function refusals_of(bulk)
  local list = bulk:refusals()
  for _, refusal in ipairs(list) do
    local keys = refusal.key and json.decode("[" .. refusal.key .. "]")
    refusal.key = keys and keys[1]
  end
  return list
end

local function nothing() end

-- A purchase that was made here has no column, and its line is its number or that of its first row.
local function drop_columns(refusal)
  local err = refusal.error
  for _, issue in ipairs(err.issues) do
    issue.line, issue.column = refusal.line, nil
  end
  err.line, err.column, refusal.column = refusal.line, nil, nil
end

-- A file, which the reader of bulks reads by itself: of JSON, or of rows that a map makes purchases of.

local File = {}
File.__index = File

--- Reads the next bulk.
-- @tparam[opt] function breathe is called again and again meanwhile, every few milliseconds at least: it may yield
-- @tparam[opt] userdata given a bulk that lost purchases by `keep`, to be filled up again: where it comes back as it
-- was, without refusals, nothing more has room or is left
-- @treturn userdata|nil `#bulk`, `bulk:body(first, last)`, `bulk:purchase(i)` → text, line, column, key as JSON,
-- `bulk:keys()` and `bulk:digests()` → lists of texts, for ledgers: a key as the API compares it, 8 bytes;
-- `bulk:keep{ i, ... }`, which drops all others and releases them, `bulk:release(first, last)`, `bulk:close()`; nil at
-- the end. An empty bulk without refusals says that all that is left has to wait until others are released
-- @treturn ?table the purchases that were refused: `{ line =, column =, key =, text =, error =, cut = }`, where
-- `cut` tells that the text is only their beginning; of rows that made no purchase, `text` are these, and `header` what
-- stands before the first row, `encoding` the file's; or (after nil) an error
function File:next(breathe, given)
  local bulk, is_paused = self.reader:read(given)
  breathe = breathe or nothing
  while bulk and is_paused do
    if is_paused == "call" then
      self.calls:run(breathe)
    end
    breathe()
    bulk, is_paused = self.reader:read(bulk)
  end
  if not bulk then
    return nil, is_paused
  end
  local refused = refusals_of(bulk)
  for _, refusal in ipairs(self.calls and refused or {}) do
    local first = refusal.error.issues[1]
    if refusal.rows then
      local head, encoding = self.reader:head()
      refusal.header, refusal.encoding = head:gsub("\r?\n$", ""), encoding
      refusal.rows, refusal.column = nil, nil
      refusal.error.code, refusal.error.line = first.code, first.line
      for _, one in ipairs(refusal.error.issues) do
        one.column = one.column ~= 0 and one.column or nil -- 0: the whole line
      end
    else
      drop_columns(refusal)
    end
  end
  return bulk, refused
end

--- Reads what must be known before anything is sent: of rows that are grouped, all of them, once.
-- @tparam[opt] function breathe as for `next`
-- @treturn boolean|nil
-- @treturn ?purchases.error why nothing may be sent
function File:prepare(breathe)
  local is_done, err = not self.calls, nil
  while is_done == false do
    is_done, err = self.reader:prepare();
    (breathe or nothing)()
  end
  return is_done, err
end

--- Says, before `prepare`, that the file is one of several: it then refuses rows of a purchase of a file before it.
-- @string name for messages
-- @tab[opt] before the source of the file before it, still open
-- @treturn boolean|nil
-- @treturn ?purchases.error
function File:join(name, before)
  if self.calls then
    return self.reader:join(name, before and before.reader)
  end
  return true
end

--- How many rows the map left out so far, by its `where` and `unless`.
-- @treturn ?number nil: there is no map
function File:left_out()
  return self.reader:state().left_out
end

--- Gathers those that had to wait for others, when nothing more is to be sent.
-- @treturn userdata|nil
function File:next_waiting()
  if self.reader:state().waiting > 0 then
    return self.reader:gather()
  end
end

--- The line from which on nothing was read.
function File:line()
  return self.reader:state().line
end

--- Reads to the end.
-- @tparam[opt] function breathe as for `File:next`
-- @treturn number|nil how many were left; nil where nobody can tell without waiting for somebody
function File:count(breathe)
  local total = 0
  if self.reader:state().size == 0 then
    return nil
  end
  while true do
    local count, is_paused = self.reader:count()
    if not (count and is_paused) then
      return count and total + count
    end
    total = total + count;
    (breathe or nothing)()
  end
end

function File:close()
  self.reader:close()
end

-- Purchases that a feed hands in one by one. A feed has `feed:next()` → { line =, text =, or error = }, nil at the end,
-- or nil, err; `feed:line()`, where the next one begins; `feed:count()`, as `File:count`.

local Stream = {}
Stream.__index = Stream
Stream.next_waiting = File.next_waiting

local function by_line(a, b)
  return a.line < b.line
end

function Stream:next(breathe, given)
  local bulk, err = self.reader:gather(given)
  breathe = breathe or nothing
  if not bulk then
    return nil, err
  end
  local refused, from_line = {}, self.rules.from_line
  while not self.is_over and #refused < self.rules.batch do
    local purchase = self.held
    self.held = nil
    breathe()
    if not purchase then
      purchase, self.failure = self.feed:next()
    end
    if not purchase then
      self.is_over = true
    elseif purchase.error and purchase.line >= from_line then
      refused[#refused + 1] = purchase
    elseif purchase.line >= from_line then
      local taken
      taken, err = self.reader:take(bulk, purchase.text, purchase.line)
      if not taken then -- the next bulk has room for it
        self.held = purchase
        break
      end
    end
  end
  for _, refusal in ipairs(refusals_of(bulk)) do
    drop_columns(refusal)
    refused[#refused + 1] = refusal
  end
  table.sort(refused, by_line)
  if #bulk > 0 or #refused > 0 or not err and self.reader:state().waiting > 0 then
    return bulk, refused
  end
  bulk:close()
  return nil, err or self.failure
end

function Stream:line()
  return self.held and self.held.line or self.feed:line()
end

function Stream:count()
  local rest = self.is_over and 0 or self.feed:count()
  return not self.failure and rest and rest + (self.held and 1 or 0) or nil
end

Stream.close = File.close

-- Tables and texts

local function refuse(number, message, field)
  return {
    line = number,
    error = error_type.new {
      kind = "validation",
      code = "not_encodable",
      message = message,
      line = number,
      issues = { { index = number - 1, line = number, field = field, code = "not_encodable", message = message } },
      total = 1,
    },
  }
end

local function purchase_of(value, number, lists)
  if type(value) == "string" then
    return { line = number, text = value }
  elseif type(value) ~= "table" then
    return refuse(number, "a purchase is a table or a JSON text, not a " .. type(value))
  end
  local text, why, field = json.encode(purchase_text.with_lists(value, lists))
  return text and { line = number, text = text } or refuse(number, why, field)
end

local function list_feed(list, lists)
  local at = 0
  return {
    next = function()
      if at < #list then
        at = at + 1
        return purchase_of(list[at], at, lists)
      end
    end,
    line = function()
      return at + 1
    end,
    count = function()
      return #list - at
    end,
  }
end

local function function_feed(iterate, lists)
  local number = 0
  local function raised(what)
    return error_type.new {
      kind = "callback",
      code = "callback_failed",
      message = ("the source raised after %d purchases: %s"):format(number, error_type.text_of(what)),
      cause = what,
    }
  end
  return {
    next = function()
      local ok, value, err = protect.call(iterate)
      if not ok then
        return nil, raised(value)
      elseif value == nil then
        return nil, err ~= nil and (error_type.is(err) and err or raised(err)) or nil
      end
      number = number + 1
      return purchase_of(value, number, lists)
    end,
    line = function()
      return number + 1
    end,
    count = function()
      return nil
    end,
  }
end

-- Compiles the map that makes purchases of a file's rows.
local function compile(rules)
  local map, err = maps.load(rules.map, rules.over, rules.api)
  if not map then
    return nil, err
  end
  local compiled
  compiled, err = map_type.compile(map, "sales", rules.needs)
  if err and type(rules.map) == "string" then
    err.message = ("the map '%s' cannot be used: %s"):format(rules.map, (err.message:gsub("^map: ", "")))
  end
  return compiled, err
end

--- Opens a source of purchases.
-- @tparam string|table|function given a file's path ("-" is standard input): NDJSON, JSON values, an array
-- or `{"purchases": [...]}`, or CSV where `rules.map` says how; a list; or a function that returns one after
-- another, then nil. Those of lists and functions are tables or JSON texts; their `line` is their number
-- @tab rules `schema`, and `extra_schema`, another one: compiled; `key`: the name of the natural key, and
-- `key_within`: that of the member within whose value it is one, if any; `max_purchase`: bytes of a purchase, at most
-- 4 MiB; `batch` and `batch_bytes`: most in a bulk; `from_line`: what begins before it is left out; `map`: see
-- `purchases.source.map`, with `over`, keys that take precedence over its own, `api`, for whom a map that comes with
-- the program is, and `needs`, see `purchases.map.compile`; `lists`: the names of a purchase's lists, see
-- `purchases.provider.purchase`
-- @treturn table|nil `may_wait`: to read on may take until somebody else has more
-- @treturn ?purchases.error
function M.open(given, rules)
  local feed, compiled, err
  if type(given) == "table" then
    feed = list_feed(given, rules.lists or {})
  elseif type(given) == "function" then
    feed = function_feed(given, rules.lists or {})
  elseif rules.map ~= nil then
    compiled, err = compile(rules)
  end
  local reader, ok
  if not err then
    reader, err = core.bulks.new_reader {
      schema = rules.schema,
      extra_schema = rules.extra_schema,
      key = rules.key,
      key_within = rules.key_within,
      max_purchase = rules.max_purchase,
      max_count = rules.batch,
      max_size = rules.batch_bytes,
      first_line = rules.from_line,
    }
  end
  if reader and not feed then
    ok, err = reader:open(given, compiled and compiled.native)
  end
  if reader and (feed or ok) then
    return setmetatable({
      reader = reader,
      feed = feed,
      rules = rules,
      calls = compiled and calls.new(reader, compiled),
      has_columns = not feed and not compiled,
      may_wait = type(given) == "function" or not feed and reader:state().size == 0, -- for somebody: a caller, a pipe
    }, feed and Stream or File)
  end
  if type(given) == "string" then
    err.file = given
  end
  return nil, err
end

return M
