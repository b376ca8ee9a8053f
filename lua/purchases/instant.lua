--- Times as APIs take them that know only UTC: "YYYY-MM-DD HH:MM:SS".
-- @module purchases.instant
local core = require "purchases.core"
local error_type = require "purchases.error"

local M = {}

--- An error of the core's, told of a field.
local function of_field(err, field)
  local message = field .. ": " .. err.message
  return error_type.new {
    kind = "validation",
    code = err.code,
    message = message,
    candidates = err.candidates,
    issues = { { index = 0, field = field, code = err.code, message = message } },
    total = 1,
  }
end

--- Turns a local time, or one with an offset, into UTC.
-- @string text "YYYY-MM-DD HH:MM[:SS]", or ISO 8601 with Z or an offset
-- @string tz an IANA zone, for times without an offset
-- @string field what it is, for the message
-- @treturn string|nil
-- @treturn ?purchases.error of a time in a gap or an overlap, with both readings as `candidates`
function M.utc(text, tz, field)
  local utc, err = core.datetime.to_utc(text, tz)
  if not utc then
    return nil, of_field(err, field)
  end
  return (utc:gsub("T", " "):gsub("Z", ""))
end

return M
