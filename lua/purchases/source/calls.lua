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

local AT, TURN = {}, {} -- in a row: which one it is, and of which purchase

-- Makes the metatable of rows.
local function row_type(calls)
  return {
    __index = function(row, name)
      local column = type(name) == "number" and name or calls.columns[name]
      if rawget(row, TURN) ~= calls.turn then
        error("a row can be read only while its function runs", 2)
      end
      return column and calls.reader:cell(rawget(row, AT), column)
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
    self.columns = {}
    for column, name in ipairs(select(3, self.reader:head()) or {}) do
      self.columns[name] = self.columns[name] or column
    end
  end
  self.turn = self.turn + 1
  for at = 1, self.reader:row_count() do
    rows[at] = setmetatable({ [AT] = at, [TURN] = self.turn }, self.row_type)
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
  self.turn = self.turn + 1
end

--- @tparam userdata reader of bulks, which has the map's file open
-- @tab compiled see `purchases.map`
-- @treturn table `run(breathe)`
function M.new(reader, compiled)
  local self = setmetatable({ reader = reader, functions = compiled.functions, turn = 0 }, Calls)
  self.of_purchase, self.of_item = core.map.functions(compiled.native)
  self.row_type = row_type(self)
  return self
end

return M
