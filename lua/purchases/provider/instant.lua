--- Times for APIs that know only UTC: "YYYY-MM-DD HH:MM:SS".
-- @module purchases.provider.instant
local core = require "purchases.core"
local requests = require "purchases.provider.request"

local M = {}

--- Checks a zone.
-- @tparam ?string tz an IANA zone
-- @treturn ?purchases.error of a zone that is not in the system's database
function M.check_zone(tz)
  local known, err = tz == nil, nil
  if not known then
    known, err = core.datetime.to_local("2000-01-01T00:00:00Z", tz)
  end
  return not known and requests.invalid(err.code, err.message, "tz") or nil
end

--- Turns a local time, or one with an offset, into UTC.
-- @string text "YYYY-MM-DD HH:MM[:SS]", or ISO 8601 with Z or an offset
-- @string tz an IANA zone, for times without an offset
-- @string field what it is, for the error's issue
-- @treturn string|nil
-- @treturn ?purchases.error of a text that is not a time, or a time that a change of the clocks leaves out or repeats,
-- with both readings as `candidates`
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
