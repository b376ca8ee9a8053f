--- Reads a JSON object or list from a file.
-- @module purchases.cli.json_file
local json = require "purchases.json"
local text_file = require "purchases.source.text_file"

local M = {}

--- Reads a file's text.
-- @string path "-" is standard input
-- @treturn string|nil
-- @treturn ?string what is wrong, with the file's name
function M.text(path)
  local text, why = text_file.read(path)
  return text, why and ("cannot read %s: %s"):format(path == "-" and "standard input" or path, why)
end

-- Decoding makes the same table of [] and {}. An empty list is therefore given one element, and loses it afterwards.
local NOTHING = "\1nothing\1"
local MARKED = '["\\u0001nothing\\u0001"]'

local function end_of_string(text, quote)
  local at, escaped = quote
  repeat
    at = text:find('["\\]', at + 1)
    escaped = text:sub(at, at) == "\\"
    at = escaped and at + 1 or at
  until not escaped
  return at
end

local function mark_empty_lists(text)
  local parts, done = {}, 0
  local at = text:find '["%[]'
  while at do
    local _, last = text:find("^%[%s*%]", at)
    if last then
      parts[#parts + 1] = text:sub(done + 1, at - 1) .. MARKED
      done = last
    elseif text:sub(at, at) == '"' then
      last = end_of_string(text, at)
    end
    at = text:find('["%[]', (last or at) + 1)
  end
  return table.concat(parts) .. text:sub(done + 1)
end

local function restore_empty_lists(value)
  if type(value) ~= "table" then
    return value
  elseif value[1] == NOTHING then
    return json.empty_list
  end
  for name, field in pairs(value) do
    value[name] = restore_empty_lists(field)
  end
  return value
end

--- Reads a file.
-- @string path "-" is standard input
-- @treturn table|nil as `purchases.json` encodes it again: an empty list stays one
-- @treturn ?string what is wrong, with the place
function M.read(path)
  local text, why = M.text(path)
  if not text then
    return nil, why
  end
  local ok, err = json.valid(text)
  if not ok then
    return nil, ("%s:%d:%d: %s"):format(path, err.line, err.column, err.message)
  end
  local value
  value, why = json.decode(mark_empty_lists(text))
  if type(value) ~= "table" then
    return nil, ("%s: %s"):format(path, why or "expected a JSON object or list")
  end
  return restore_empty_lists(value)
end

return M
