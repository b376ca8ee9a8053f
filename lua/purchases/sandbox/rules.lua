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

return M
