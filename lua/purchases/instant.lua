--- Times as APIs take them that know only UTC: "YYYY-MM-DD HH:MM:SS".
-- @module purchases.instant
local core = require "purchases.core"
local requests = require "purchases.request"

local M = {}

--- Turns a local time, or one with an offset, into UTC.
-- @string text "YYYY-MM-DD HH:MM[:SS]", or ISO 8601 with Z or an offset
-- @string tz an IANA zone, for times without an offset
-- @string field what it is, for the error's issue
-- @treturn string|nil
-- @treturn ?purchases.error of a time in a gap or an overlap, with both readings as `candidates`
function M.utc(text, tz, field)
  local utc, err = core.datetime.to_utc(text, tz)
  if not utc then
    local refusal = requests.invalid(err.code, err.message, field)
    refusal.candidates = err.candidates
    return nil, refusal
  end
  return (utc:gsub("T", " "):gsub("Z", ""))
end

return M
