--- A map: how a file as people have it becomes purchases. This is the way of the caller's table into the core, which
-- checks it, compiles it and runs it; only its functions stay here.
-- @module purchases.map
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

local MOST_DEPTH = 100
local MOST_COLUMNS = 10000

-- Is a table a list? `where = { [14] = "sale" }` is none, nor are `values = { [1] = "new" }`.
local function is_list(value, name)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value and name ~= "values"
end

-- Filters of columns by their numbers, as a list with gaps: a name of digits is another column's. Nil: they have names.
local function by_number(filters)
  local list, last = {}, 0
  for key in pairs(filters) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > MOST_COLUMNS then
      return nil
    end
    last = math.max(last, key)
  end
  for column = 1, last do
    list[column] = json.null
  end
  return list
end

-- A copy in which each function is its number in `functions`, and a number that is a name is its digits.
local function plain(value, functions, depth, name)
  if type(value) == "function" then
    functions[#functions + 1] = value
    return { ["function"] = #functions }
  elseif type(value) ~= "table" or depth == MOST_DEPTH then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  local has_names = not is_list(value, name)
  local filters = depth == 1 and (name == "where" or name == "unless") and by_number(value)
  if filters then
    copy, has_names = filters, false
  end
  for key, field in pairs(value) do
    local as = has_names and type(key) == "number" and ("%.14g"):format(key) or key
    copy[as] = plain(field, functions, depth + 1, key)
  end
  return copy
end

--- A copy of a map in which other keys take precedence.
-- @tab map
-- @tab[opt] over
-- @treturn table
function M.merge(map, over)
  local copy = {}
  for _, from in ipairs { map, over } do
    for name, value in pairs(from) do
      copy[name] = value
    end
  end
  return copy
end

--- Compiles a map.
-- @tab map
-- @string use "sales" or "series"
-- @tab[opt] needs of sales: names of the purchase's fields that must not be empty where the map has them
-- @treturn table|nil `native`, what the core made of it; `functions`: a list of its functions
-- @treturn ?purchases.error code "invalid_map"; the message begins with the path of the field
function M.compile(map, use, needs)
  local functions = {}
  local copy = plain(map, functions, 0)
  for _, name in ipairs(type(copy.purchase) == "table" and needs or {}) do
    if copy.purchase[name] ~= nil then
      copy.required = type(copy.required) == "table" and copy.required or { copy.required }
      table.insert(copy.required, name)
    end
  end
  local text, why, field = json.encode(copy)
  if not text then
    return nil, error_type.new {
      kind = "validation",
      code = "invalid_map",
      message = (field and field:sub(2):gsub("/", ".") .. ": " or "") .. why,
    }
  end
  local compiled, err = core.map.compile(text, use)
  return compiled and { native = compiled, functions = functions }, err
end

return M
