--- Reads a JSON text into a tree that keeps what decoding loses: [] is not {}, 1.0 is not 1, and every
-- number keeps its digits.
--
-- Strict as RFC 8259 has it, and where that leaves the choice to the reader: a name that an object has
-- twice, a surrogate without its other half, a byte order mark and more than 512 levels are refused.
--
-- A string is a string, true and false are themselves, null is `tree.null`; the rest are tables that
-- `tree.kind` tells apart: an array is a list, an object maps names to values, a number has its `text`.
-- @module purchases.sandbox.tree

local json = require "purchases.sandbox.json"

local byte, char, find, floor, sub = string.byte, string.char, string.find, math.floor, string.sub

local M = {}

--- Stands for JSON's `null`.
M.null = json.null

local DEEPEST = 512

local Array = { kind = "array" }
local Object = { kind = "object" }
local Number = { kind = "number" }
local Integer = { kind = "integer" }

local KINDS = { string = "string", boolean = "boolean", userdata = "null" }

--- The kind of a value: "string", "boolean", "null", "array", "object", "integer" (neither fraction nor
-- exponent) or "number" (all others).
function M.kind(value)
  local kind = KINDS[type(value)]
  return kind or getmetatable(value).kind
end

-- Each `read_...` takes the position where its value starts and returns the value and the position
-- behind it. A fault in the text is raised, as this.
local Refusal = {}

local function refuse(what, at)
  error(setmetatable({ message = ("%s at byte %d"):format(what, at) }, Refusal), 0)
end

local QUOTE, BACKSLASH, COMMA, COLON = byte '"', byte "\\", byte ",", byte ":"
local BRACKET, BRACE, BRACKET_END, BRACE_END = byte "[", byte "{", byte "]", byte "}"

local function behind_space(text, at)
  local b = byte(text, at)
  if b and b > 32 then
    return at
  end
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

-- Strings

local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function continuation(code, shift)
  return 128 + floor(code / shift) % 64
end

local function utf8_of(code)
  if code < 128 then
    return char(code)
  elseif code < 2048 then
    return char(192 + floor(code / 64), continuation(code, 1))
  elseif code < 65536 then
    return char(224 + floor(code / 4096), continuation(code, 64), continuation(code, 1))
  end
  return char(240 + floor(code / 262144), continuation(code, 4096), continuation(code, 64), continuation(code, 1))
end

local function read_code(text, at)
  local _, _, hex = find(text, "^\\u(%x%x%x%x)", at)
  return hex and tonumber(hex, 16) or refuse("an invalid escape", at)
end

local function read_escape(text, at)
  local letter = sub(text, at + 1, at + 1)
  if letter ~= "u" then
    return ESCAPES[letter] or refuse("an invalid escape", at), at + 2
  end
  local code = read_code(text, at)
  if code < 0xD800 or code > 0xDFFF then
    return utf8_of(code), at + 6
  end
  local low = code < 0xDC00 and read_code(text, at + 6) or 0
  if low < 0xDC00 or low > 0xDFFF then
    refuse("half a surrogate pair", at)
  end
  return utf8_of(0x10000 + (code - 0xD800) * 1024 + low - 0xDC00), at + 12
end

-- The first position that does not simply stand for itself, and its byte.
local function plain_end(text, at)
  local b = byte(text, at)
  while b and b ~= QUOTE and b ~= BACKSLASH and b > 31 do
    at = b < 128 and at + 1 or json.sequence_end(text, at) or refuse("invalid UTF-8", at)
    b = byte(text, at)
  end
  return at, b
end

local function read_string(text, at)
  local from = at + 1
  local behind, b = plain_end(text, from)
  if b == QUOTE then -- as most of them: it is one part
    return sub(text, from, behind - 1), behind + 1
  end
  local parts = {}
  while b == BACKSLASH do
    parts[#parts + 1] = sub(text, from, behind - 1)
    parts[#parts + 1], from = read_escape(text, behind)
    behind, b = plain_end(text, from)
  end
  if b ~= QUOTE then
    refuse("an unfinished string or a control character in it", behind)
  end
  parts[#parts + 1] = sub(text, from, behind - 1)
  return table.concat(parts), behind + 1
end

-- Numbers and words

local function read_number(text, at)
  local _, last = find(text, "^%-?%d+", at)
  if not last or find(text, "^%-?0%d", at) then
    refuse("no value", at)
  end
  local metatable = Integer
  if find(text, "^[.eE]", last + 1) then
    metatable = Number
    local _, fraction = find(text, "^%.%d+", last + 1)
    last = fraction or last
    local _, exponent = find(text, "^[eE][+-]?%d+", last + 1)
    last = exponent or last
    if find(text, "^[.eE]", last + 1) then
      refuse("an invalid number", at)
    end
  end
  return setmetatable({ text = sub(text, at, last) }, metatable), last + 1
end

local WORDS = {
  [byte "t"] = { "^true()", true },
  [byte "f"] = { "^false()", false },
  [byte "n"] = { "^null()", M.null },
}

-- Containers

local read_value

-- The position of the first member or element, or nil and the one behind the end.
local function first_of(text, at, ending)
  at = behind_space(text, at + 1)
  if byte(text, at) == ending then
    return nil, at + 1
  end
  return at
end

-- The position of the next one, or nil and the one behind the end.
local function behind_comma(text, at, ending)
  at = behind_space(text, at)
  local b = byte(text, at)
  if b == COMMA then
    return behind_space(text, at + 1)
  elseif b ~= ending then
    refuse("neither a comma nor an end", at)
  end
  return nil, at + 1
end

local function read_array(text, at, depth)
  local list, n = setmetatable({}, Array), 0
  local behind
  at, behind = first_of(text, at, BRACKET_END)
  while at do
    n = n + 1
    list[n], at = read_value(text, at, depth)
    at, behind = behind_comma(text, at, BRACKET_END)
  end
  return list, behind
end

local function read_name(text, at)
  if byte(text, at) ~= QUOTE then
    refuse("no name", at)
  end
  local name, behind = read_string(text, at)
  behind = behind_space(text, behind)
  if byte(text, behind) ~= COLON then
    refuse("no colon", behind)
  end
  return name, behind_space(text, behind + 1)
end

-- As read_array, with the place of each element beside it; false for anything but an array.
local function read_slices(text, at, depth)
  if byte(text, at) ~= BRACKET then
    return false, (select(2, read_value(text, at, depth)))
  end
  local values, first, last, n = setmetatable({}, Array), {}, {}, 0
  local behind
  at, behind = first_of(text, at, BRACKET_END)
  while at do
    n = n + 1
    first[n] = at
    values[n], at = read_value(text, at, depth + 1)
    last[n] = at - 1
    at, behind = behind_comma(text, at, BRACKET_END)
  end
  return { values = values, first = first, last = last }, behind
end

-- The member that is `wanted`, if any, with the places of its elements.
local function read_object(text, at, depth, wanted)
  local object = setmetatable({}, Object)
  local behind
  at, behind = first_of(text, at, BRACE_END)
  while at do
    local name, value_at = read_name(text, at)
    if object[name] ~= nil then
      refuse("a name that the object already has", at)
    end
    local read = name == wanted and read_slices or read_value
    object[name], at = read(text, value_at, depth)
    at, behind = behind_comma(text, at, BRACE_END)
  end
  return object, behind
end

function read_value(text, at, depth)
  local b = byte(text, at)
  if b == QUOTE then
    return read_string(text, at)
  elseif b ~= BRACE and b ~= BRACKET then
    local word = WORDS[b]
    if not word then
      return read_number(text, at)
    end
    local _, _, behind = find(text, word[1], at)
    return word[2], behind or refuse("no value", at)
  elseif depth == DEEPEST then
    refuse("too many levels", at)
  end
  return (b == BRACE and read_object or read_array)(text, at, depth + 1)
end

-- Documents

-- The value of a whole text, as `read` reads it.
local function document(text, read)
  local ok, value = pcall(function()
    local value, behind = read(text, behind_space(text, 1), 0)
    behind = behind_space(text, behind)
    if behind <= #text then
      refuse("something behind the end", behind)
    end
    return value
  end)
  if ok then
    return value
  elseif getmetatable(value) ~= Refusal then
    error(value, 0)
  end
  return nil, value.message
end

--- Reads a JSON text.
-- @treturn any the value, or nil
-- @treturn ?string what is wrong with the text
function M.read(text)
  return document(text, read_value)
end

--- Reads a JSON text that should be an array, and says where its elements are.
-- @treturn ?table lists: `values`, and the positions of their bytes, from `first` to `last`; false where
--   the text is valid, but no array; or nil
-- @treturn ?string what is wrong with the text
function M.elements(text)
  return document(text, read_slices)
end

--- As `elements`, of the array that is a member of the object in the text; false where there is none.
function M.member_elements(text, wanted)
  return document(text, function(_, at)
    if byte(text, at) ~= BRACE then
      return false, (select(2, read_value(text, at, 0)))
    end
    local object, behind = read_object(text, at, 1, wanted)
    return object[wanted] or false, behind
  end)
end

return M
