--- Errors and failures as plain values, for JSON.
-- @module purchases.cli.plain
local json = require "purchases.json"

local M = {}

--- @tparam ?purchases.error err
-- @treturn ?table
function M.error(err)
  return err and {
    kind = err.kind,
    code = err.code,
    message = err.message,
    messages = err.messages and err.messages[2] and err.messages or nil,
    status = err.status,
    sent = err.sent,
    attempts = err.attempts,
    request_id = err.request_id,
    issues = err.issues,
    total = err.total,
  }
end

--- A report's failures.
-- @tparam {table,...} failures
-- @tparam {string,...} names of the fields that are kept, beside `error`
-- @treturn table a list, an empty one too
function M.failures(failures, names)
  local list = {}
  for i, failure in ipairs(failures) do
    local plain = { error = M.error(failure.error) }
    for _, name in ipairs(names) do
      plain[name] = failure[name]
    end
    list[i] = plain
  end
  return json.list(list)
end

return M
