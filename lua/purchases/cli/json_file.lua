--- Reads files of JSON.
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
  return text, why and ("cannot read %s: %s"):format(path == "-" and "standard input" or "'" .. path .. "'", why)
end

--- Reads a file that is one JSON object or list.
-- @string path "-" is standard input
-- @treturn string|nil its text, without a mark (BOM) before it
-- @treturn ?string what is wrong, with the place
function M.json(path)
  local text, why = M.text(path)
  if not text then
    return nil, why
  end
  text = json.without_mark(text)
  local ok, err = json.valid(text)
  if not ok then
    return nil, ("%s:%d:%d: %s"):format(path, err.line, err.column, err.message)
  elseif not text:find "^%s*[%[{]" then
    return nil, path .. ": expected a JSON object or list"
  end
  return text
end

return M
