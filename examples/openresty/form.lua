--- Reads what a browser or curl has sent: the text of a series, and the fields beside it.
local M = {}

local function header_parameter(header, name)
  return header:match("[;%s]" .. name .. '="([^"]*)"') or header:match("[;%s]" .. name .. "=([^;%s]+)")
end

-- One part of a form: the field's name, the file's name if it is a file, and the content.
local function read_part(text)
  local head, content = text:match "^\r\n(.-)\r\n\r\n(.*)\r\n$"
  local disposition = head and ("\r\n" .. head):lower():match "\r\ncontent%-disposition:[^\r]*"
  if disposition then
    local from = ("\r\n" .. head):lower():find(disposition, 1, true)
    disposition = ("\r\n" .. head):sub(from, from + #disposition - 1)
    return header_parameter(disposition, "name"), header_parameter(disposition, "filename"), content
  end
end

-- The texts between the boundaries (RFC 7578); nil when the last one is missing.
local function parts_of(body, boundary)
  local mark, parts = "--" .. boundary, {}
  local _, from = body:find(mark, 1, true)
  while from do
    if body:sub(from + 1, from + 2) == "--" then
      return parts
    end
    local at, last = body:find("\r\n" .. mark, from + 1, true)
    parts[#parts + 1] = at and body:sub(from + 1, at + 1)
    from = last
  end
end

--- Reads a request's body: a form with a file, or the series itself.
-- @string content_type as in the header
-- @string body
-- @tab arguments of the URL: the fields, when the body is the series itself
-- @treturn table|nil `{ text =, name = (of the file), fields = }`
-- @treturn ?string what is wrong, a sentence
function M.read(content_type, body, arguments)
  if not content_type:lower():find "^multipart/form%-data" then
    return { text = body, fields = arguments }
  end
  local boundary = header_parameter(content_type, "[Bb][Oo][Uu][Nn][Dd][Aa][Rr][Yy]")
  if not boundary then
    return nil, "The form has no boundary."
  end
  local text, name
  local fields = {}
  for _, part in ipairs(parts_of(body, boundary) or {}) do
    local field, file, content = read_part(part)
    if file then
      text, name = content, file
    elseif field then
      fields[field] = content
    end
  end
  if not text then
    return nil, "The form holds no file."
  end
  return { text = text, name = name, fields = fields }
end

return M
