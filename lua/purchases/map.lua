--- A map: how a file as people have it becomes purchases. This is the way of the caller's table into the core, which
-- checks it, compiles it and runs it; only its functions stay here.
-- @module purchases.map
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

local MOST_DEPTH = 100

-- A copy in which each function is its number in `functions`.
local function without_functions(value, functions, depth)
  if type(value) == "function" then
    functions[#functions + 1] = value
    return { ["function"] = #functions }
  elseif type(value) ~= "table" or depth == MOST_DEPTH then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for name, field in pairs(value) do
    copy[name] = without_functions(field, functions, depth + 1)
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
-- @treturn table|nil `native`, what the core made of it; `functions`: a list of its functions
-- @treturn ?purchases.error code "invalid_map"; the message begins with the path of the field
function M.compile(map, use)
  local functions = {}
  local text, why, field = json.encode(without_functions(map, functions, 0))
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
