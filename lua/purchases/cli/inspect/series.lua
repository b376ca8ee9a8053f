--- What stands in the way of a series, and what a map has to say of it.
-- @module purchases.cli.inspect.series
local number = require "purchases.cli.inspect.number"
local remarks = require "purchases.cli.inspect.remarks"
local time_of = require "purchases.cli.inspect.time"
local wide = require "purchases.cli.inspect.wide"

local M = {}

local named, quote = remarks.named, remarks.quote

local COUNTS = { [23] = true, [24] = true, [25] = true, [46] = true, [48] = true, [50] = true, [92] = true, [96] = true,
  [100] = true }

local function is_period(column)
  return column.periods ~= nil
    or column.kind == "number" and column.min == 1 and COUNTS[column.max] and not column.decimal
end

local function is_between(column, least, most)
  return column and column.kind == "number" and not column.decimal and column.min >= least and column.max <= most
end

-- Year, month, day and a period, in a column each.
local function find_parts(found)
  for i, column in ipairs(found.columns) do
    local month, day, period = found.columns[i + 1], found.columns[i + 2], found.columns[i + 3]
    if is_between(column, 1990, 2100) and is_between(month, 1, 12) and is_between(day, 1, 31) and period
      and is_period(period) then
      return { columns = { column, month, day, period }, column = column, formats = { "%Y %m %d" }, period = period,
        parts = ("{ %s, %s, %s }"):format(named(column), named(month), named(day)) }
    end
  end
end

-- Where the day of a row stands that is one: { the column, the rule as a map writes it }.
local function find_day(found)
  for _, column in ipairs(found.columns) do
    if column.kind == "time" and (column.only == "date" or column.is_midnight) then
      return { column = column, rule = ("{ column = %s, date = %s }"):format(named(column), quote(column.formats[1])) }
    end
  end
  for i, column in ipairs(found.columns) do
    local month, day = found.columns[i + 1], found.columns[i + 2]
    if is_between(column, 1990, 2100) and is_between(month, 1, 12) and is_between(day, 1, 31) then
      return { column = column, rule = ('{ column = { %s, %s, %s }, date = "%%Y %%m %%d" }'):format(named(column),
        named(month), named(day)) }
    end
  end
end

-- Where the time of a row stands: `columns`, the `column` of the day or of all, `formats`; beside a day its `clock` or
-- `period`; `parts`: the rule's columns, of a day in several.
local function find_time(found)
  local whole = remarks.select(found, function(column)
    return column.kind == "time" and not column.only
  end)
  local dates = remarks.select(found, function(column)
    return column.kind == "time" and (column.only == "date" or column.is_midnight)
  end)
  local periods = remarks.select(found, is_period)
  for _, column in ipairs(whole) do
    if column.name == "datetime" then
      return { columns = { column }, column = column, formats = column.formats }
    end
  end
  if whole[1] and not (whole[1].is_midnight and periods[1]) then
    return { columns = { whole[1] }, column = whole[1], formats = whole[1].formats }
  elseif not dates[1] then
    return find_parts(found)
  end
  local clock = remarks.clock(found)
  if clock then
    return { columns = { dates[1], clock }, column = dates[1], clock = clock,
      formats = remarks.joined_formats(dates[1], clock) }
  end
  return { columns = { dates[1], periods[1] }, column = dates[1], formats = dates[1].formats, period = periods[1],
    is_date = not periods[1] }
end

local UNITS = { "MWh", "kWh", "Wh", "GWh", "MW", "kW", "GW" }

--- The unit that a column's name holds as a word of its own.
-- @treturn ?string
-- @treturn ?boolean is it behind a "/", as a price's is?
function M.unit_of(name)
  for _, unit in ipairs(UNITS) do
    for at, stop in name:gmatch("()" .. unit:gsub(".", function(letter)
      return "[" .. letter:lower() .. letter:upper() .. "]"
    end) .. "()") do
      local before, behind = name:sub(at - 1, at - 1), name:sub(stop, stop)
      local is_word = at == 1 or not before:find "%a" or before:find "%l" and name:find("^%u", at)
      if is_word and not behind:find "%a" then
        return unit, name:sub(1, at - 1):find "/%s*$" ~= nil
      end
    end
  end
end

-- May a column be an interval of a row that is a day? That of the longest day's last hour is mostly empty.
local function is_interval(column)
  return column and (column.kind == "number" or column.kind == "empty") and not is_period(column)
end

-- Columns without names that are as many numbers, next to each other, as a day has intervals.
local function find_bare(columns, rows)
  local first
  for i = 1, #columns + 1 do
    if is_interval(columns[i]) then
      first = first or i
    elseif first then
      local count, last = i - first, columns[i - 1]
      local minutes = wide.minutes(count)
      local usual = minutes and 1440 / minutes
      if usual and (count == usual or count > usual and last.filled * 2 <= rows) then
        return columns[first], last, minutes
      end
      first = nil
    end
  end
end

-- The columns of a row that is a day: the first, the last, and minutes of an interval.
local function find_wide(found)
  local names = {}
  for i, column in ipairs(found.columns) do
    names[i] = is_interval(column) and column.name or false
  end
  local first, last, minutes = wide.find(names)
  if first then
    return found.columns[first], found.columns[last], minutes
  elseif found.header == false then
    return find_bare(found.columns, found.rows)
  end
end

--- The columns of rows that are days.
-- @tab found as for `advice`
-- @treturn ?int the first, nil where there are none
-- @treturn ?int the last
function M.intervals(found)
  local first, last = find_wide(found)
  return first and first.number, last and last.number
end

-- How much a column of numbers looks like a series' values.
local function rank(column)
  return (M.unit_of(column.name or "") and 4 or 0) + (column.decimal and 2 or 0)
    + (column.max > 1 and column.max > column.min and 1 or 0)
end

local UNTOLD_UNIT = 'no name says the unit: where it is not MW, say it in value, as in unit = "kWh" (--unit)'
local ZONE = "local times: say their zone (--tz Europe/Madrid), or the days' lengths are not checked"

local function about_value(found, time, say)
  local taken = {}
  for _, column in ipairs(time and time.columns or {}) do
    taken[column.number] = true
  end
  local numbers = remarks.select(found, function(column)
    return column.kind == "number" and not taken[column.number] and not column.exponent
      and not is_period(column)
  end)
  local values = {}
  for _, column in ipairs(numbers) do
    local _, is_price = M.unit_of(column.name or "")
    if not is_price then
      values[#values + 1] = column
    end
  end
  if not values[1] then
    say(numbers[1] and "the numbers are prices, not powers" or "there is no column of numbers besides")
    return
  end
  local value = values[1]
  for _, column in ipairs(values) do
    if column.name == "purchase" then
      value, values = column, { column }
      break
    elseif rank(column) > rank(value) then
      value = column
    end
  end
  if #values > 1 then
    say(("the value is one of %s: say value = %s, or another"):format(remarks.list_names(values), named(value)))
  elseif value.name ~= "purchase" then
    say(("the column of the value: say value = %s"):format(named(value)))
  end
  local unit = M.unit_of(value.name or "") or value.unit or value.others and number.unit(value.others.cell)
  if value.several then
    say(("%s has several units or currencies, %s: a map reads one, and refuses the cells of the others"):format(
      named(value), value.several))
  elseif unit and (unit ~= "MW" or value.unit) then
    say(('%s is %s in MW: say unit = "%s" (--unit %s)'):format(named(value), unit == "MW" and "written" or "not", unit,
      unit))
  end
  if not unit and value.name ~= "purchase" then
    say(UNTOLD_UNIT)
  end
  remarks.number(found, value, say)
  remarks.others(value, "number", say)
  local missing = value.empty + (value.null_count or 0)
  if missing > 0 then
    say(("%s: %d %s no value, and a series must have one in each"):format(named(value), missing,
      missing == 1 and "row has" or "rows have"))
  end
end

local function about_resolution(minutes, say)
  if minutes and minutes > 15 and minutes % 15 == 0 and minutes <= 60 then
    say(("rows are %d minutes long: say resolution = %d (--resolution %d)"):format(minutes, minutes, minutes))
  end
end

-- Rows that are days.
local function about_days(found, day, wide_columns, say)
  local first, last = wide_columns.first, wide_columns.last
  local unit = M.unit_of(first.name or "") or first.unit
  say(("a row is a day: say datetime = %s, value = { from = %s, to = %s%s }"):format(day.rule, named(first),
    named(last), unit and unit ~= "MW" and (', unit = "%s"'):format(unit) or ""))
  if not unit then
    say(UNTOLD_UNIT)
  end
  if wide_columns.minutes ~= 15 then
    about_resolution(wide_columns.minutes, say)
  end
  if day.column.kind == "time" then
    remarks.time(day.column, say, day.column.formats, true)
  end
  say(ZONE)
  local said = {} -- of each sort of remark one column's is enough
  for at = first.number, last.number do
    local column = found.columns[at]
    local function say_once(text)
      local sort = text:gsub(named(column):gsub("%p", "%%%0"), "", 1):gsub("%d+", "")
      if not said[sort] then
        said[sort] = true
        say(text)
      end
    end
    remarks.number(found, column, say_once)
    remarks.others(column, "number", say_once)
  end
end

-- Tables that no map reads, since what belongs into one column stands in several.
local function find_turned(found)
  local days = remarks.select(found, function(column)
    local form = column.kind == "number" and time_of.form_of(column.name or "")
    return form and form.has_date
  end)
  if days[3] then
    return ("a column is a day, %s: no map reads that; turn rows and columns, so that a row is a day"):format(
      remarks.list_names(days))
  end
  local numbers, names = remarks.select(found, is_interval), {}
  for i, column in ipairs(numbers) do
    names[i] = column.name
  end
  local first, last = wide.find(names)
  if first then
    return ("a row is a day, and other columns stand between its intervals, %s to %s: no map reads that; take them out")
      :format(named(numbers[first]), named(numbers[last]))
  end
end

local PLAIN = { -- what is read without being told
  ["%Y-%m-%d %H:%M"] = true, ["%Y-%m-%d %H:%M:%S"] = true, ["%Y-%m-%dT%H:%M"] = true, ["%Y-%m-%dT%H:%M:%S"] = true,
}

local function is_plain(format)
  return PLAIN[format:gsub("%.%%f", ""):gsub(" ?%%z$", "")] == true
end

local function about_series(found, say)
  if found.lists then
    say(("several lists of rows: say list = %s, or another"):format(quote(found.list)))
  end
  local time = find_time(found)
  local first, last, minutes = find_wide(found)
  local day = first and find_day(found)
  if day then
    return about_days(found, day, { first = first, last = last, minutes = minutes }, say)
  end
  local turned = not first and find_turned(found)
  if turned then
    return say(turned)
  end
  remarks.look(found, not time, say)
  if not time then
    say "there is no column of times"
    return first and say(("%s to %s look like the intervals of a day, but no column says which day"):format(
      named(first), named(last)))
  end
  local column = time.column
  if time.clock or time.period then
    say(("the time stands in %s: say datetime = { column = %s, date = %s%s }"):format(remarks.list_names(time.columns),
      time.clock and ("{ %s, %s }"):format(named(column), named(time.clock)) or time.parts or named(column),
      quote(time.formats[1]), time.period and ", period = " .. named(time.period) or ""))
  elseif time.is_date then
    say(("%s has dates without a time of day, and no column counts their hours"):format(named(column)))
  elseif column.name ~= "datetime" then
    say(("the column of the time: say datetime = %s"):format(named(column)))
  end
  if not time.parts then
    remarks.time(column, say, time.formats, time.clock or time.period or is_plain(time.formats[1]))
  end
  local clock = time.clock or column
  if clock.ends then
    say 'the times look like the ends of their intervals: if they are, say label = "end" (--label end)'
  end
  local count = time.period and (time.period.periods or time.period.max) or 100
  about_resolution(clock.step or count <= 25 and 60 or count <= 50 and 30 or nil, say)
  if column.offset and not time.period then
    say "instants: say the zone that they are sent in (--tz Europe/Madrid)"
  elseif (column.name or ""):lower():find "utc" then
    say(('%s is named for UTC: say datetime = { column = %s, tz = "UTC" }, and the zone that it is sent in '
      .. "(--tz Europe/Madrid)"):format(named(column), named(column)))
  else
    say(ZONE)
  end
  about_value(found, time, say)
end

--- What stands in the way of a series.
-- @tab found a described file, its `columns` plain
-- @treturn {string,...}
function M.advice(found)
  return remarks.gather(found, about_series)
end

return M
