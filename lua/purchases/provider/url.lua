--- Percent-encoding (RFC 3986) of what callers put into URLs.
-- @module purchases.provider.url
local core = require "purchases.core"
local error_type = require "purchases.error"

local M = {}

local function refuse(name, why)
  return nil, error_type.new {
    kind = "validation",
    code = "invalid_identifier",
    message = ("%s %s"):format(name, why),
    issues = {},
    total = 1,
  }
end

local EXACT = 2 ^ 53 -- a float beyond it may not be the number that was written

--- Writes an identifier as a text.
-- @tparam string|number value
-- @string name what it is, for the message
-- @treturn string|nil
-- @treturn ?purchases.error of one that is empty or has a control character: neither is ever sent
function M.text(value, name)
  if type(value) == "number" then
    if value ~= value or math.abs(value) > EXACT then
      return refuse(name, "is too large for a number: write it as a text")
    end
    -- A whole number without an exponent, any other in no locale's manner.
    value = value % 1 == 0 and ("%.0f"):format(value) or core.json.write_number(value)
  end
  if type(value) ~= "string" or value == "" then
    return refuse(name, "must be a text that is not empty")
  end
  if value:find "%c" then
    return refuse(name, "must not hold control characters")
  end
  return value
end

--- Encodes an identifier for a URL: all but the unreserved characters.
-- @tparam string|number value
-- @string name what it is, for the message
-- @treturn string|nil
-- @treturn ?purchases.error as of `text`
function M.encode(value, name)
  local text, err = M.text(value, name)
  if not text then
    return nil, err
  end
  -- A segment of dots would climb out of the path, however it is encoded.
  if text == "." or text == ".." then
    return refuse(name, "must not be '.' or '..'")
  end
  return (text:gsub("[^A-Za-z0-9%-._~]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

--- Fills `{name}` places of a template with encoded values: "/user/{user}/purchase/{id}".
-- @string template
-- @tab values by name
-- @treturn string|nil
-- @treturn ?purchases.error
function M.expand(template, values)
  local failure
  local url = template:gsub("{([%w_]+)}", function(name)
    local text, err = M.encode(values[name], name)
    failure = failure or err
    return text or ""
  end)
  if failure then
    return nil, failure
  end
  return url
end

return M
