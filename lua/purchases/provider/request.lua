--- Requests as the providers make them: tables of `operation`, `method`, `path` (if not given, made of
-- `template` and `values`), `body`, `read(response)` → value | nil, err, and what a repeat means: `repeatable`,
-- may it be carried out twice?; `repeated(err)` → value | nil, is this what a repeat is told whose first
-- attempt was carried out? `public` ones carry no credentials.
-- @module purchases.provider.request
local error_type = require "purchases.error"
local url = require "purchases.provider.url"

local M = {}

--- Makes a request of its fields, which it takes over.
-- @treturn table|nil
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

--- What a call was given is not fit to be sent.
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
