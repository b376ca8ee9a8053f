--- What stands in the way of a series or of sales, and what a map has to say of it.
-- @module purchases.cli.inspect.advice
local likeness = require "purchases.cli.inspect.likeness"
local wide = require "purchases.cli.inspect.wide"

local M = {}

local function quote(name)
  return '"' .. tostring(name) .. '"'
end

-- A column as a map names it.
local function named(column)
  return column.name and column.name ~= "" and quote(column.name) or tostring(column.number)
end

local function list_names(columns)
  local names = {}
  for i = 1, math.min(#columns, 8) do
    names[i] = named(columns[i])
  end
  return table.concat(names, ", ") .. (#columns > 8 and ", ..." or "")
end

local function select_columns(found, accepts)
  local list = {}
  for _, column in ipairs(found.columns) do
    if accepts(column) then
      list[#list + 1] = column
    end
  end
  return list
end

-- What is about the file, and the same for both.
local function about_file(found, say)
  if found.problem then
    say(found.problem)
    return false
  elseif found.too_many then
    say "every row has more fields than the header, as decimal commas between commas make them: use another delimiter"
    return false
  elseif found.refused then
    say(("%d %s cannot be read (line %d: %s)"):format(found.refused.count, found.refused.count == 1 and "row" or "rows",
      found.refused.line, found.refused.message))
  end
  if found.rows == 0 then
    say "there are no rows"
    return false
  end
  if found.encoding == "windows-1252" then
    say 'the encoding: say encoding = "latin1" (--encoding latin1)'
  elseif found.encoding == "utf16" and not found.mark then
    say 'UTF-16 without a mark: say encoding = "utf16" (--encoding utf16)'
  end
  if found.tells then
    local is_tab = found.delimiter == "\t"
    say(('the delimiter: say delimiter = "%s" (--delimiter %s)'):format(is_tab and "\\t" or found.delimiter,
      is_tab and "tab" or "'" .. found.delimiter .. "'"))
  end
  if found.header == false then
    say(("no header: say header = false%s, and name columns by their numbers"):format(
      found.skip > 0 and (", skip = %d"):format(found.skip) or ""))
  elseif found.usual == false then
    say(("lines before the header: say header = %d"):format(found.header))
  end
  return true
end

-- What numbers and times need to be told, whatever they are for.
local function about_number(found, column, say)
  if column.unknown then
    say(("%s: %s; say decimal"):format(named(column), column.unknown))
  elseif column.decimal == "," then
    say 'a decimal comma: say decimal = "," (--decimal ,)'
  end
  if column.thousands and not column.unknown then
    say(('thousands: say thousands = "%s"'):format(column.thousands))
  end
  if column.nulls then
    say(("%s: '%s' stands for nothing: say null = { %s }"):format(named(column), column.nulls[1],
      quote(table.concat(column.nulls, '", "'))))
  end
  if column.others then
    say(("%s: %d %s no number (line %d: '%s')"):format(named(column), column.others.count,
      column.others.count == 1 and "cell is" or "cells are", column.others.line, column.others.cell))
  end
  if column.in_brackets then
    say(("%s: '%s' is below zero only where there is a currency: say currency"):format(named(column),
      column.in_brackets))
  end
  if found.format == "csv" and column.exponent then
    say(("%s: '%s': a spreadsheet has cut its digits"):format(named(column), column.exponent))
  end
end

local PLAIN = { -- what is read without being told
  ["%Y-%m-%d %H:%M"] = true, ["%Y-%m-%d %H:%M:%S"] = true, ["%Y-%m-%dT%H:%M"] = true, ["%Y-%m-%dT%H:%M:%S"] = true,
}

local function is_plain(format)
  return PLAIN[format:gsub("%.%%f", ""):gsub(" ?%%z$", "")] == true
end

local function about_time(column, say, format)
  if column.unknown then
    say(("%s, such as %s: %s; say date = %s"):format(named(column), column.examples[1], column.unknown,
      quote(column.formats[1]) .. (column.formats[2] and " or " .. quote(column.formats[2]) or "")))
  elseif not is_plain(format) then
    say(("its format: say date = %s (--date)"):format(quote(format)))
  end
  if column.other_formats then
    say(("%s has times of several forms: %s and %s"):format(named(column), column.formats[1],
      column.other_formats[1]))
  end
  if column.others then
    say(("%s: %d %s no time (line %d: '%s')"):format(named(column), column.others.count,
      column.others.count == 1 and "cell is" or "cells are", column.others.line, column.others.cell))
  end
end

-- The columns that the maps that come along read.
local FORMS = {
  { "datadis", { "fecha", "hora", "consumo_kWh" } },
  { "e-distribucion", { "Fecha", "Hora", "AE_kWh" } },
  { "entsoe", { "Time (CET/CEST)", "Day-ahead Total Load Forecast [MW] - BZN|ES" } },
  { "esios", { "datetime", "value", "geo_id" } },
  { "esios", { "datetime", "value", "geoid" } },
  { "omie", { "Fecha", "Periodo", "Potencia total de compra (MW)" } },
  { "shopify", { "Name", "Email", "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount", "Created at",
    "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku" }, "sales" },
  { "tiendanube", { "Número de orden", "Email", "Fecha", "Subtotal de productos", "Descuento", "Costo de envío",
    "Total", "DNI / CUIT", "Teléfono", "Nombre del producto", "Precio del producto", "Cantidad del producto",
    "SKU" }, "sales" },
}

local function is_f5d(columns)
  return columns[12] and not columns[1].name and columns[2].kind == "time" and columns[2].formats[1] == "%Y/%m/%d %H:%M"
    and columns[3].kind == "number" and columns[3].max <= 1 and columns[4].kind == "number"
end

--- The map that comes along and reads files of this form, if there is one.
-- @tab found as for `series`
-- @treturn ?string its name
-- @treturn ?string "series" or "sales"
function M.map(found)
  local names = {}
  for _, column in ipairs(found.columns) do
    names[column.name or ""] = true
  end
  for _, form in ipairs(FORMS) do
    local has_all = true
    for _, name in ipairs(form[2]) do
      has_all = has_all and names[name]
    end
    if has_all then
      return form[1], form[3] or "series"
    end
  end
  if is_f5d(found.columns) then
    return "simel-f5d", "series"
  end
end

-- Series

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
      return { columns = { column, month, day, period }, column = column, format = "%Y %m %d", period = period,
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

-- Where the time of a row stands: { columns, the rule as a map writes it, format, what to say }.
local function find_time(found)
  local whole = select_columns(found, function(column)
    return column.kind == "time" and not column.only
  end)
  for _, column in ipairs(whole) do
    if column.name == "datetime" then
      return { columns = { column }, column = column, format = column.formats[1] }
    end
  end
  if whole[1] then
    return { columns = { whole[1] }, column = whole[1], format = whole[1].formats[1], others = whole }
  end
  local dates = select_columns(found, function(column)
    return column.kind == "time" and column.only == "date"
  end)
  if not dates[1] then
    return find_parts(found)
  end
  local date = dates[1]
  for _, column in ipairs(found.columns) do
    if column.kind == "time" and column.only == "time of day" then
      return { columns = { date, column }, column = date, format = date.formats[1] .. " " .. column.formats[1],
        clock = column }
    end
  end
  for _, column in ipairs(found.columns) do
    if is_period(column) then
      return { columns = { date, column }, column = date, format = date.formats[1], period = column }
    end
  end
  return { columns = { date }, column = date, format = date.formats[1], is_date = true }
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
-- @tab found as for `series`
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
  local numbers = select_columns(found, function(column)
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
    say(("the value is one of %s: say value = %s, or another"):format(list_names(values), named(value)))
  elseif value.name ~= "purchase" then
    say(("the column of the value: say value = %s"):format(named(value)))
  end
  local unit = M.unit_of(value.name or "") or value.unit
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
  about_number(found, value, say)
end

-- Gathers what is said of a file, each once: what is the same for both, and, where it can be read, what `go_on` says.
local function gather(found, go_on)
  local list, said = {}, {}
  local function say(text)
    if not said[text] then
      list[#list + 1], said[text] = text, true
    end
  end
  if about_file(found, say) then
    go_on(found, say)
  end
  return list
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
  if day.column.unknown and day.column.formats[2] then
    about_time(day.column, say, day.column.formats[1])
  end
  say(ZONE)
  local said = {} -- of each sort of remark one column's is enough
  for number = first.number, last.number do
    local column = found.columns[number]
    about_number(found, column, function(text)
      local sort = text:gsub(named(column):gsub("%p", "%%%0"), "", 1):gsub("%d+", "")
      if not said[sort] then
        said[sort] = true
        say(text)
      end
    end)
  end
end

-- What looks like times and cannot be read. `is_only`: are there no times that can?
local function about_look(found, is_only, say)
  for _, column in ipairs(found.columns) do
    if column.unreadable then
      say(("%s, such as %s, looks like times: %s; have them written as YYYY-MM-DD HH:MM"):format(named(column),
        column.examples[1], column.unreadable))
    elseif column.kind == "number" then
      local what, way = likeness.of_number(column, is_only)
      if what then
        say(("%s looks like %s: %s"):format(named(column), what, way))
      end
    end
  end
end

local function about_series(found, say)
  local time = find_time(found)
  local first, last, minutes = find_wide(found)
  local day = first and find_day(found)
  if day then
    return about_days(found, day, { first = first, last = last, minutes = minutes }, say)
  end
  about_look(found, not time, say)
  if not time then
    say "there is no column of times"
    return first and say(("%s to %s look like the intervals of a day, but no column says which day"):format(
      named(first), named(last)))
  end
  local column = time.column
  if time.clock or time.period then
    say(("the time stands in %s: say datetime = { column = %s, date = %s%s }"):format(list_names(time.columns),
      time.clock and ("{ %s, %s }"):format(named(column), named(time.clock)) or time.parts or named(column),
      quote(time.format),
      time.period and ", period = " .. named(time.period) or ""))
    if column.unknown then
      about_time(column, say, "%Y-%m-%d %H:%M")
    end
  else
    if time.is_date then
      say(("%s has dates without a time of day, and no column counts their hours"):format(named(column)))
    elseif column.name ~= "datetime" then
      say(("the column of the time: say datetime = %s"):format(named(column)))
    end
    about_time(column, say, time.format)
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
function M.series(found)
  return gather(found, about_series)
end

-- Sales

local function about_sales(found, say)
  local emails = select_columns(found, function(column)
    return column.emails
  end)
  local times = select_columns(found, function(column)
    return column.kind == "time" and column.only ~= "time of day"
  end)
  local numbers = select_columns(found, function(column)
    return column.kind == "number"
  end)
  if not emails[1] then
    say "no column of e-mail addresses: Curebit needs one, WoowUp that or another identifier of the customer"
  end
  local joined = find_time(found)
  if joined and joined.clock then
    say(("the time stands in %s: say { column = { %s, %s }, date = %s }"):format(list_names(joined.columns),
      named(joined.column), named(joined.clock), quote(joined.format)))
  end
  if times[1] then
    for _, column in ipairs(joined and joined.clock and {} or times) do
      about_time(column, function(text)
        say((text:gsub("^its format", named(column))))
      end, column.formats[1])
    end
    if not times[1].offset then
      say(("%s has no offset: say its zone (tz, --tz), or it is taken as UTC"):format(named(times[1])))
    end
  else
    say "no column of times"
  end
  about_look(found, not times[1], say)
  if not numbers[1] then
    say "no column of numbers"
  end
  for _, column in ipairs(numbers) do
    about_number(found, column, say)
    if column.several then
      say(("%s has several currencies, %s: a map reads one, and refuses the cells of the others"):format(named(column),
        column.several))
    elseif column.currency then
      say(('%s: say currency = "%s"'):format(named(column), column.currency))
    end
  end
end

--- What stands in the way of sales.
-- @tab found as for `series`
-- @treturn {string,...}
function M.sales(found)
  return gather(found, about_sales)
end

return M
