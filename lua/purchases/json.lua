--- JSON to and from Lua tables, the same in every locale, and with every digit.
-- @module purchases.json
local core = require "purchases.core"

local M = {}

--- Tells whether a text is one JSON document, as RFC 8259 has it and with names that are unique in each object.
-- @function valid
-- @string text
-- @treturn true|nil
-- @treturn ?purchases.error kind "validation", with `position`, `line` and `column`, all from 1
M.valid = core.json.valid

--- The value that stands for JSON's null: cjson's and nginx's, too.
M.null = core.json.null

local List = core.json.list -- the metatable of empty lists: a bare `{}` is an empty object
List.__name = "purchases.empty_list"

--- An empty list.
M.empty_list = setmetatable({}, List)

--- Makes sure that a list stays one when it is empty.
-- @tab values
-- @treturn table `values`, or `empty_list`
function M.list(values)
  return next(values) == nil and M.empty_list or values
end

-- JSON text that is a part of another: it keeps its bytes.
local Text = { __name = "purchases.json_text" }

--- A value that is encoded as the text that it is.
-- @string text JSON that was checked
-- @treturn table
function M.text(text)
  return setmetatable({ text = text }, Text)
end

--- Removes the mark (BOM) that some servers and editors put before a text.
-- @string text
-- @treturn string
function M.without_mark(text)
  return text:sub(1, 3) == "\239\187\191" and text:sub(4) or text
end

--- Decodes a JSON document. Whole numbers are integers where this Lua has them; one with more digits than it holds is a
-- text of these digits. An empty list stays one when it is encoded again.
-- @string text
-- @tab[opt] opts `memory`: bytes that the values may take, about; `nearest`: no number becomes a text
-- @treturn any|nil
-- @treturn ?string what is wrong with it
-- @treturn ?string a code: "too_large" where the values would take more memory
function M.decode(text, opts)
  if type(text) ~= "string" then
    return nil, "expected a text, got " .. type(text)
  end
  local value, err = core.json.decode(M.without_mark(text), opts and opts.memory or math.huge, opts and opts.nearest)
  if err then
    return nil, ("%s at byte %d"):format(err.message, err.position), err.code
  end
  return value
end

local MOST_DEPTH = 512 -- no more is read, either

local encode

-- Refuses a value: why, and where it stands, as a JSON pointer. `state.trail` are the names that lead to it.
local function refuse(state, why)
  local pointer = ""
  for i = 1, state.depth do
    pointer = pointer .. "/" .. tostring(state.trail[i]):gsub("~", "~0"):gsub("/", "~1")
  end
  error({ why = why, pointer = pointer }, 0)
end

local function encode_string(state, text)
  local written, err = core.json.write_string(text)
  return written or refuse(state, err.message)
end

-- Encodes what a table has by a name or index.
local function encode_in(state, name, value)
  state.depth = state.depth + 1
  state.trail[state.depth] = name
  local text = encode(state, value)
  state.depth = state.depth - 1
  return text
end

local function encode_list(state, list)
  local parts, count = {}, 0
  for _ in pairs(list) do
    count = count + 1
  end
  if count ~= #list then
    refuse(state, "a JSON list has neither names nor gaps")
  end
  for i = 1, #list do
    parts[i] = encode_in(state, i - 1, list[i])
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function encode_object(state, object)
  local names, parts = {}, {}
  for name in pairs(object) do
    if type(name) ~= "string" then
      refuse(state, "a JSON object's names must be strings")
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = encode_string(state, name) .. ":" .. encode_in(state, name, object[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function encode_table(state, value)
  if getmetatable(value) == Text then
    return value.text
  elseif state.open[value] then
    refuse(state, "a table contains itself")
  elseif state.depth == MOST_DEPTH then
    refuse(state, "tables are nested too deeply")
  end
  state.open[value] = true
  local is_list = value[1] ~= nil or getmetatable(value) == List
  local text = (is_list and encode_list or encode_object)(state, value)
  state.open[value] = nil
  return text
end

function encode(state, value)
  local kind = type(value)
  if kind == "string" then
    return encode_string(state, value)
  elseif kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then
      refuse(state, "JSON has no number for " .. tostring(value))
    end
    return core.json.write_number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif value == M.null then
    return "null"
  elseif kind == "table" then
    return encode_table(state, value)
  end
  return refuse(state, "JSON cannot hold a " .. kind)
end

--- Encodes a value. A table with an element 1 is a list, any other table an object, with its names sorted.
-- @param value
-- @treturn string|nil
-- @treturn ?string what cannot be encoded
-- @treturn ?string where in the value that stands, as a JSON pointer; nil for the value itself
function M.encode(value)
  local ok, text = pcall(encode, { open = {}, trail = {}, depth = 0 }, value)
  if ok then
    return text
  elseif type(text) == "table" and text.why then
    return nil, text.why, text.pointer ~= "" and text.pointer or nil
  end
  return nil, "it cannot be encoded: " .. tostring(text) -- out of memory, or a table's own metamethod raised
end

return M
