--- Requests as the providers make them: tables of
--
-- - `operation`: the call's name, for errors
-- - `method`, `path` (made of `template` and `values` where it is not given), `body`
-- - `public`: carries no credentials
-- - `read(response)` → value | nil, err
-- - `general`: asks for no single thing, so that "not found" can only be about its address
-- - `repeatable`: may be carried out twice
-- - `repeated(err)` → value | nil: the value, if an error is what a repeat is told whose first attempt was carried out
-- @module purchases.provider.request
local error_type = require "purchases.error"
local url = require "purchases.provider.url"

local M = {}

--- Makes a request of its fields, which it takes over.
-- @tab fields
-- @treturn table|nil the same
-- @treturn ?purchases.error
function M.new(fields)
  if fields.path then
    return fields
  end
  local path, err = url.expand(fields.template, fields.values or {})
  if not path then
    return nil, err
  end
  fields.path = path
  return fields
end

--- An error of something that a call was given and that cannot be sent.
-- @string code
-- @string message
-- @string[opt] field
-- @treturn purchases.error kind "validation", with one issue
function M.invalid(code, message, field)
  return error_type.new {
    kind = "validation",
    code = code,
    message = message,
    issues = { { index = 0, field = field, code = code, message = message } },
    total = 1,
  }
end

return M
