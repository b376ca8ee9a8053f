--- Times and zones, from text to text: what a converter needs to turn the times of a file into those of an API.
--
-- A *local time* is a text without an offset: `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`, with a space or a `T`
-- between, and with a fraction of a second only if that is 0. An *instant* is the same with `Z` or an offset behind it:
-- `+02:00`, `+0200` or `+02`. Years are 0001 to 9999. A *zone* is an IANA name such as `Europe/Madrid`.
--
-- An argument of another type raises at the caller's line. Everything else returns `nil` and an error of kind
-- "validation": code "invalid_datetime" for a text that is not such a time, or one that leaves these years when it is
-- converted; "unknown_zone" and "invalid_zone" for a zone that is not in the system's database, or broken there.
-- @module purchases.datetime
local core = require "purchases.core"
require "purchases.error" -- gives the core's errors their methods

local datetime = core.datetime

return {
  --- Turns a local time of a zone into UTC. An instant is taken for what it says, whatever the zone.
  -- @function to_utc
  -- @string text a local time or an instant
  -- @string zone
  -- @treturn string|nil `YYYY-MM-DDTHH:MM:SSZ`
  -- @treturn ?purchases.error code "nonexistent_time" or "ambiguous_time" for a local time that a change of the clocks
  -- leaves out or repeats, with both readings in UTC as `candidates`
  to_utc = datetime.to_utc,

  --- Turns an instant into the local time of a zone.
  -- @function to_local
  -- @string text an instant; a text without an offset is refused
  -- @string zone
  -- @treturn string|nil `YYYY-MM-DD HH:MM:SS`
  -- @treturn int|purchases.error the zone's offset from UTC at that instant, in seconds (east is above 0); or the error
  to_local = datetime.to_local,

  --- Reads a time.
  -- @function parse
  -- @string text a local time or an instant
  -- @treturn int|nil seconds from 1970-01-01 00:00:00 to the time as it is written, without regard to its offset
  -- @treturn int|nil|purchases.error the offset in seconds, nil for a local time; or the error
  parse = datetime.parse,

  --- Writes a time; the reverse of `parse`.
  -- @function format
  -- @number seconds since 1970-01-01 00:00:00, a whole number within the years 0001 to 9999; any other number raises
  -- @treturn string `YYYY-MM-DD HH:MM:SS`
  format = datetime.format,

  --- The seconds from one time to another, as `os.difftime` counts them: `a` less `b`.
  -- @function difference
  -- @string a
  -- @string b both local times, or both instants
  -- @treturn int|nil seconds
  -- @treturn ?purchases.error code "invalid_datetime" for an instant and a local time, too
  difference = datetime.difference,

  --- The length of a zone's day.
  -- @function day_length
  -- @string date `YYYY-MM-DD`
  -- @string zone
  -- @treturn int|nil seconds: 86400, or an hour less or more (as a rule) where the clocks change
  -- @treturn ?purchases.error
  day_length = datetime.day_length,
}
