--- The headers of answers, by their names in lower case.
-- @module purchases.net.head
local core = require "purchases.core"

local M = {}

-- Whatever the locale.
local function in_lower_case(letter)
  return string.char(letter:byte() + 32)
end

--- A header's name as a key.
-- @string name
-- @treturn string
function M.key(name)
  return (name:gsub("[A-Z]", in_lower_case))
end

--- Reads the lines of a head. No pattern here goes back over what it has passed: a server chooses the lines.
-- @string lines "Name: value", each with a CR LF behind it; what is no header is passed over
-- @treturn {[string]=string} values without spaces around them; those of one name one after the other, with commas
function M.read(lines)
  local headers = {}
  for line in lines:gmatch "([^\n]*)\r\n" do
    local name, value = line:match "^([^:]*):[ \t]*(.*)$"
    if name then
      local key, text = M.key(name), value:match "^.*[^ \t]" or ""
      headers[key] = headers[key] and headers[key] .. ", " .. text or text
    end
  end
  return headers
end

-- The core's answers make the table of their headers when it is asked for: it costs more than all the rest, and few
-- answers are asked. Until then they stand in the array part, as they came.
function core.http.response.__index(response, field)
  if field == "headers" then
    response.headers = M.read(response[1])
    return response.headers
  end
end

return M
