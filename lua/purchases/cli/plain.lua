--- Errors as plain values, for JSON.
-- @module purchases.cli.plain
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

return M
