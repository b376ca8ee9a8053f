--- Rules that the checks of several providers share, for values of a `purchases.sandbox.tree`.
--
-- A rule takes a value and returns nil, or the problem with it: where within the value (a JSON Pointer),
-- a colon, and what is wrong in a sentence: `/items/0/sku: Value is not a string.`
-- @module purchases.sandbox.rules

local tree = require "purchases.sandbox.tree"

local M = {}

local function of_kind(wanted, name)
  return function(value)
    return tree.kind(value) ~= wanted and ": Value is not " .. name .. "." or nil
  end
end

M.text = of_kind("string", "a string")
M.boolean = of_kind("boolean", "a boolean")
M.integer = of_kind("integer", "an integer")
M.object = of_kind("object", "an object")

--- Accepts a number with a fraction, an exponent or neither.
function M.number(value)
  local kind = tree.kind(value)
  return kind ~= "number" and kind ~= "integer" and ": Value is not a number." or nil
end

function M.text_or_integer(value)
  local kind = tree.kind(value)
  return kind ~= "string" and kind ~= "integer" and ": Value is neither a string nor an integer." or nil
end

--- Tells whether a value is a text of nothing but blanks, or of nothing at all.
function M.is_blank(value)
  return type(value) == "string" and not value:find "%S"
end

--- Accepts what tells purchases apart: an integer, or a text that is not blank and holds no control character, C1's
-- included.
function M.key(value)
  return M.text_or_integer(value)
    or type(value) == "string" and (M.is_blank(value) or value:find "%c" or value:find "\194[\128-\159]")
      and ": Value is empty or has control characters." or nil
end

--- A rule for texts that a predicate accepts.
function M.text_that(accepts, complaint)
  return function(value)
    return M.text(value) or not accepts(value) and ": " .. complaint or nil
  end
end

--- A rule for arrays whose every element keeps a rule.
function M.list_of(rule)
  return function(value)
    if tree.kind(value) ~= "array" then
      return ": Value is not an array."
    end
    for i = 1, #value do
      local problem = rule(value[i])
      if problem then
        return "/" .. i - 1 .. problem
      end
    end
  end
end

--- A rule for objects; members it does not name may be anything.
-- @tparam {string,...} required names that must be there
-- @tparam table members name, rule, name, rule ...; the first broken one is named
function M.object_of(required, members)
  return function(value)
    local problem, missing = M.object(value), {}
    if problem then
      return problem
    end
    for i = 1, #required do
      if value[required[i]] == nil then
        missing[#missing + 1] = '"' .. required[i] .. '"'
      end
    end
    if missing[1] then
      return (": Required properties missing: [%s]"):format(table.concat(missing, ","))
    end
    for i = 1, #members, 2 do
      local member = value[members[i]]
      problem = member ~= nil and members[i + 1](member)
      if problem then
        return "/" .. members[i] .. problem
      end
    end
  end
end

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- The number of days of a month; 0 for a number that is not a month.
function M.days_of(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or MONTH_DAYS[month] or 0
end

--- Whether a text is `YYYY-MM-DD` and names a day of the calendar (years 0001 to 9999).
function M.is_date(text)
  local year, month, day = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  return year ~= nil and year >= 1 and day >= 1 and day <= M.days_of(year, month)
end

--- Whether a text is `HH:MM:SS` and names a second of a day.
function M.is_time(text)
  local hour, minute, second = text:match "^(%d%d):(%d%d):(%d%d)$"
  return hour ~= nil and tonumber(hour) <= 23 and tonumber(minute) <= 59 and tonumber(second) <= 59
end

-- Days from 1970-01-01 on. A year begins with March here, so that its leap day is the last.
local function days_before(year, month, day)
  local from = month > 2 and year or year - 1
  local of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return 365 * from + math.floor(from / 4) - math.floor(from / 100) + math.floor(from / 400) + of_year - 719468
end

--- The instant that a text names: `YYYY-MM-DD HH:MM:SS` in UTC, or ISO 8601 with a zone.
-- @treturn ?number seconds since 1970; nil for another text
function M.instant(text)
  local date, mark, time, rest = text:match "^(%d%d%d%d%-%d%d%-%d%d)([ T])(%d%d:%d%d)(.*)$"
  local second = rest and rest:match "^:%d%d"
  rest = second and rest:sub(#second + 1):gsub("^%.%d+", "") or rest
  if not date or not M.is_date(date) or not M.is_time(time .. (second or ":00")) then
    return nil
  end
  local sign, hour, minute = rest:match "^([+-])(%d%d):?(%d%d)$"
  local is_utc = rest == "Z" or rest == "" and mark == " " and second
  if not is_utc and not (hour and tonumber(hour) <= 23 and tonumber(minute) <= 59) then
    return nil
  end
  local year, month, day = date:match "^(%d+)%-(%d+)%-(%d+)$"
  local seconds = days_before(tonumber(year), tonumber(month), tonumber(day)) * 86400
    + tonumber(time:sub(1, 2)) * 3600 + tonumber(time:sub(4, 5)) * 60 + tonumber((second or ":00"):sub(2))
  return sign and seconds - tonumber(sign .. 1) * (hour * 3600 + minute * 60) or seconds
end

return M
