--- JSON to and from Lua tables. It is read by lua-cjson, and written with every digit.
-- @module purchases.json
local cjson = require "cjson"
local core = require "purchases.core"

local M = {}

local decoder = cjson.new()
decoder.decode_invalid_numbers(false)

--- Tells whether a text is one JSON document, as RFC 8259 has it and with names that are unique in each object.
-- @function valid
-- @string text
-- @treturn true|nil
-- @treturn ?purchases.error kind "validation", with `position`, `line` and `column`, all from 1
M.valid = core.json.valid

--- The value that stands for JSON's null.
M.null = cjson.null

--- The empty list: a bare `{}` is an empty object.
M.empty_list = setmetatable({}, { __name = "purchases.empty_list" })

--- Makes sure that a list stays one when it is empty.
-- @tab values
-- @treturn table `values`, or `empty_list`
function M.list(values)
  return next(values) == nil and M.empty_list or values
end

--- Decodes a JSON document.
-- @string text
-- @treturn any|nil
-- @treturn ?string what is wrong with it
function M.decode(text)
  local ok, value = pcall(decoder.decode, text)
  if ok then
    return value
  end
  return nil, (tostring(value):gsub("^.-:%d+: ", ""))
end

local encode

local function encode_list(list)
  local parts, count = {}, 0
  for _ in pairs(list) do
    count = count + 1
  end
  if count ~= #list then
    error("a JSON list has neither names nor gaps", 0)
  end
  for i = 1, #list do
    parts[i] = encode(list[i])
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function encode_object(object)
  local names, parts = {}, {}
  for name in pairs(object) do
    if type(name) ~= "string" then
      error("a JSON object's names must be strings", 0)
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = assert(core.json.write_string(name)) .. ":" .. encode(object[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if kind == "string" then
    return (assert(core.json.write_string(value)))
  elseif kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then
      error("JSON has no number for " .. tostring(value), 0)
    end
    return core.json.write_number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif value == M.null then
    return "null"
  elseif kind ~= "table" then
    error("JSON cannot hold a " .. kind, 0)
  elseif value[1] ~= nil or value == M.empty_list then
    return encode_list(value)
  end
  return encode_object(value)
end

--- Encodes a value. A table with an element 1 is a list, any other table an object, with its names sorted.
-- @param value
-- @treturn string|nil
-- @treturn ?string what cannot be encoded
function M.encode(value)
  local ok, text = pcall(encode, value)
  if ok then
    return text
  end
  return nil, type(text) == "table" and text.message or tostring(text) -- the core raises errors
end

return M
