--- The functions of a map, which the core cannot call: their answers are given to it before it makes a purchase.
--
-- A function gets a row, and a list of all rows of the purchase. Of a row it reads cells, by the names of their columns
-- or by their numbers; each is made when it is asked for, and none is there once the functions have answered.
-- @module purchases.source.calls
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

local Calls = {}
Calls.__index = Calls

local MOST_NAMED = 12 -- columns, in a message

-- Says that there is no such column, and which there are.
local function missing(calls, name)
  local names = {}
  for i = 1, math.min(#calls.names, MOST_NAMED) do
    names[i] = ('"%s"'):format(calls.names[i])
  end
  names[#names + 1] = #calls.names > MOST_NAMED and "..." or nil
  local rest = names[1] and "; the columns are " .. table.concat(names, ", ")
    or ", for there is no header: name columns by number"
  return ('no column "%s"%s'):format(tostring(name), rest)
end

-- Makes the metatable of rows. A row has nothing in itself: `calls.rows` knows which one each is.
local function row_type(calls)
  return {
    __index = function(row, name)
      local at = calls.rows[row]
      if not at then
        error("a row can be read only while its function runs", 2)
      end
      local column = calls.columns[name]
      if not column and type(name) == "number" and (not calls.names[1] or calls.names[name]) then
        column = name
      end
      if not column then
        error(missing(calls, name), 2)
      end
      return calls.reader:cell(at, column)
    end,
  }
end

-- Calls a function and hands its answer over.
function Calls:call(rule, is_item, at, rows)
  local ok, value = pcall(self.functions[rule.number], rows[at], rows)
  local text, why
  if not ok then
    return self.reader:complain(at, rule.path, "invalid_cell", "its function raised: " .. error_type.text_of(value))
  elseif value ~= nil then
    text, why = json.encode(value)
  end
  if why then
    return self.reader:complain(at, rule.path, "not_encodable", why)
  end
  self.reader:answer(is_item, text)
end

--- Answers for the purchase that the reader waits with.
-- @tparam function breathe is called again and again meanwhile
function Calls:run(breathe)
  local rows = {}
  if not self.columns then
    self.names, self.columns = select(3, self.reader:head()) or {}, {}
    for column, name in ipairs(self.names) do
      self.columns[name] = self.columns[name] or column
    end
  end
  for at = 1, self.reader:state().rows do
    rows[at] = setmetatable({}, self.row_type)
    self.rows[rows[at]] = at
  end
  for _, rule in ipairs(self.of_purchase) do
    self:call(rule, false, 1, rows)
  end
  for at = 1, self.of_item[1] and #rows or 0 do
    for _, rule in ipairs(self.of_item) do
      self:call(rule, true, at, rows)
    end
    breathe()
  end
  self.rows = {}
end

--- @tparam userdata reader of bulks, which has the map's file open
-- @tab compiled see `purchases.map`
-- @treturn table `run(breathe)`
function M.new(reader, compiled)
  local self = setmetatable({ reader = reader, functions = compiled.functions, rows = {} }, Calls)
  self.of_purchase, self.of_item = core.map.functions(compiled.native)
  self.row_type = row_type(self)
  return self
end

return M
