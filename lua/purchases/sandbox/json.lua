--- JSON for the sandbox: read strictly, write in a wanted order, keep a member's own bytes.
-- lua-cjson knows the structure, but lets raw control characters, bad UTF-8 and numbers such as
-- `1.` pass, so every text goes through the lexical check here first.
-- @module purchases.sandbox.json

local cjson = require "cjson"

local byte, find, sub = string.byte, string.find, string.sub

local codec = cjson.new()
codec.decode_invalid_numbers(false)

local M = {}

--- Stands for JSON's `null`.
M.null = cjson.null

local QUOTE, BACKSLASH, LETTER_U = 34, 92, 117
local MARKS, ESCAPED, LITERALS = {}, {}, {}
for _, word in ipairs { "true", "false", "null" } do
  LITERALS[byte(word)] = "^" .. word .. "()"
end
for mark in (" \t\r\n{}[]:,"):gmatch "." do
  MARKS[byte(mark)] = true
end
for letter in ("\"\\/bfnrt"):gmatch "." do
  ESCAPED[byte(letter)] = true
end

-- Each `..._end` takes the position where a token starts and gives the one behind it, or nil.

local function string_end(text, at)
  at = at + 1
  while at do
    local b = byte(text, at)
    if b == QUOTE then
      return at + 1
    elseif not b or b < 32 then
      return nil
    end
    if b ~= BACKSLASH then
      at = at + 1
    elseif byte(text, at + 1) == LETTER_U then
      at = find(text, "^%x%x%x%x", at + 2) and at + 6
    else
      at = ESCAPED[byte(text, at + 1)] and at + 2
    end
  end
end

local function number_end(text, at)
  local _, last = find(text, "^-?%d+", at)
  if not last or find(text, "^-?0%d", at) then
    return nil
  end
  if byte(text, last + 1) == 46 then
    _, last = find(text, "^%d+", last + 2)
  end
  if last and find(text, "^[eE]", last + 1) then
    _, last = find(text, "^[+-]?%d+", last + 2)
  end
  return last and last + 1
end

local function token_end(text, at, first)
  if MARKS[first] then
    return at + 1
  elseif first == QUOTE then
    return string_end(text, at)
  end
  local literal = LITERALS[first]
  if literal then
    return (select(3, find(text, literal, at)))
  end
  return number_end(text, at)
end

local function well_formed_tokens(text)
  local at, length = 1, #text
  while at and at <= length do
    at = token_end(text, at, byte(text, at))
  end
  return at ~= nil and at ~= false
end

-- RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
local SEQUENCES = {
  "^[\194-\223][\128-\191]()",
  "^\224[\160-\191][\128-\191]()",
  "^[\225-\236\238\239][\128-\191][\128-\191]()",
  "^\237[\128-\159][\128-\191]()",
  "^\240[\144-\191][\128-\191][\128-\191]()",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]()",
  "^\244[\128-\143][\128-\191][\128-\191]()",
}

--- Finds the end of the sequence for one character outside of ASCII.
-- @treturn ?number the position behind it, or nil where it is not valid UTF-8
function M.sequence_end(text, at)
  for i = 1, #SEQUENCES do
    local _, _, behind = find(text, SEQUENCES[i], at)
    if behind then
      return behind
    end
  end
end

--- Whether a text is valid UTF-8.
function M.is_utf8(text)
  local at = find(text, "[\128-\255]")
  while at do
    local behind = M.sequence_end(text, at)
    if not behind then
      return false
    end
    at = find(text, "[\128-\255]", behind)
  end
  return true
end

--- Decodes a JSON text, strictly.
-- @treturn any the value (null is `json.null`), or nil where the text is not valid JSON
function M.decode(text)
  if not (M.is_utf8(text) and well_formed_tokens(text)) then
    return nil
  end
  local ok, value = pcall(codec.decode, text)
  if ok then
    return value
  end
end

--- Whether a valid text is an object.
function M.is_object(text)
  return find(text, "^%s*{") ~= nil
end

--- Whether a valid text is an array.
function M.is_array(text)
  return find(text, "^%s*%[") ~= nil
end

-- Slices: the positions of a valid text's parts. They keep what decoding loses, namely the difference
-- between [] and {} and the exact digits of numbers.

local function container_end(text, at)
  local depth = 0
  repeat
    at = find(text, '["{}%[%]]', at)
    local b = byte(text, at)
    if b == QUOTE then
      at = string_end(text, at)
    else
      depth = depth + ((b == 123 or b == 91) and 1 or -1)
      at = at + 1
    end
  until depth == 0
  return at
end

local function value_end(text, at)
  local b = byte(text, at)
  if b == QUOTE then
    return string_end(text, at)
  elseif b == 123 or b == 91 then
    return container_end(text, at)
  end
  return find(text, "[%s,%]}]", at) or #text + 1
end

local function next_value(text, at)
  return find(text, "[^%s,:%]}]", at)
end

--- The elements of a valid array, each as its own JSON text.
function M.elements(text)
  local slices = {}
  local at = next_value(text, find(text, "%[") + 1)
  while at do
    local behind = value_end(text, at)
    slices[#slices + 1] = sub(text, at, behind - 1)
    at = next_value(text, behind)
  end
  return slices
end

--- The members of a valid object: name to JSON text; of two with one name the last, as in decoding.
function M.members(text)
  local slices = {}
  local name_at = next_value(text, find(text, "{") + 1)
  while name_at do
    local name_end = string_end(text, name_at)
    local at = next_value(text, name_end)
    local behind = value_end(text, at)
    local name = codec.decode("[" .. sub(text, name_at, name_end - 1) .. "]")[1]
    slices[name] = sub(text, at, behind - 1)
    name_at = next_value(text, behind)
  end
  return slices
end

local Raw = { __name = "purchases.sandbox.json.raw" }

--- A ready JSON text, for use among values that are still to be encoded.
function M.raw(text)
  return setmetatable({ text = text }, Raw)
end

--- Encodes a value.
function M.encode(value)
  if getmetatable(value) == Raw then
    return value.text
  end
  return codec.encode(value)
end

--- An object whose members keep the order given: `object("id", 7, "error", json.null)`.
-- A member whose value is nil is left out.
function M.object(...)
  local parts = {}
  for i = 1, select("#", ...), 2 do
    local name, value = select(i, ...)
    if value ~= nil then
      parts[#parts + 1] = codec.encode(name) .. ":" .. M.encode(value)
    end
  end
  return M.raw("{" .. table.concat(parts, ",") .. "}")
end

--- An array, also when it is empty.
function M.array(values)
  local parts = {}
  for i = 1, #values do
    parts[i] = M.encode(values[i])
  end
  return M.raw("[" .. table.concat(parts, ",") .. "]")
end

return M
