--- Writes what `purchases.sandbox.tree` read as JSON again, its numbers with the very digits they came with.
-- The members of an object come in the order of their names.
-- @module purchases.sandbox.tree_text

local json = require "purchases.sandbox.json"
local tree = require "purchases.sandbox.tree"

local encode

local function encode_list(list)
  local parts = {}
  for i = 1, #list do
    parts[i] = encode(list[i])
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function encode_object(object)
  local parts = {}
  for name, value in pairs(object) do
    parts[#parts + 1] = json.encode(name) .. ":" .. encode(value)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  local kind = tree.kind(value)
  if kind == "object" then
    return encode_object(value)
  elseif kind == "array" then
    return encode_list(value)
  end
  return type(value) == "table" and value.text or json.encode(value)
end

--- @tparam any value
-- @treturn table the text, ready for use in `json.object`
return function(value)
  return json.raw(encode(value))
end
