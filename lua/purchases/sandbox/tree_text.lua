--- Writes what `purchases.sandbox.tree` read as JSON again, its numbers with the very digits they came with.
-- The members of an object come in the order of their names.
-- @module purchases.sandbox.tree_text

local json = require "purchases.sandbox.json"
local tree = require "purchases.sandbox.tree"

local function encode(value)
  local kind, parts = tree.kind(value), {}
  if kind == "object" then
    for name, member in pairs(value) do
      parts[#parts + 1] = json.encode(name) .. ":" .. encode(member)
    end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  elseif kind == "array" then
    for i = 1, #value do
      parts[i] = encode(value[i])
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  return type(value) == "table" and value.text or json.encode(value)
end

--- @tparam any value
-- @treturn table the text, ready for use in `json.object`
return function(value)
  return json.raw(encode(value))
end
