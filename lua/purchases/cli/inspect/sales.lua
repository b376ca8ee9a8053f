--- What stands in the way of sales, and what a map has to say of it.
-- @module purchases.cli.inspect.sales
local remarks = require "purchases.cli.inspect.remarks"

local M = {}

local named, quote = remarks.named, remarks.quote

-- A map has one decimal sign for all numbers.
local function about_signs(numbers, say)
  local first
  for _, column in ipairs(numbers) do
    if column.decimal and not column.unknown then
      first = first or column
      if column.decimal ~= first.decimal then
        return say(("%s has numbers with '%s', %s with '%s': a map has one decimal sign for all"):format(named(first),
          first.decimal, named(column), column.decimal))
      end
    end
  end
end

local function about_sales(found, say)
  if found.format ~= "csv" then
    return say "JSON is taken as the API has it, without a map: purchases woowup check FILE says what is wrong"
  end
  local emails = remarks.select(found, function(column)
    return column.emails
  end)
  local times = remarks.select(found, function(column)
    return column.kind == "time" and column.only ~= "time of day"
  end)
  local numbers = remarks.select(found, function(column)
    return column.kind == "number"
  end)
  if not emails[1] then
    say "no column of e-mail addresses: Curebit needs one, WoowUp that or another identifier of the customer"
  end
  local clock = times[1] and times[1].only == "date" and remarks.clock(found)
  if clock then
    local formats = remarks.joined_formats(times[1], clock)
    say(("the time stands in %s: say { column = { %s, %s }, date = %s }"):format(
      remarks.list_names { times[1], clock }, named(times[1]), named(clock), quote(formats[1])))
    remarks.time(times[1], say, formats, true)
  elseif times[1] then
    for _, column in ipairs(times) do
      remarks.time(column, function(text)
        say((text:gsub("^its format", named(column)):gsub(" %(%-%-date%)$", "")))
      end, column.formats)
    end
  end
  if times[1] then
    if not times[1].offset then
      say(("%s has no offset: say its zone (tz, --tz), or it is taken as UTC"):format(named(times[1])))
    end
  else
    say "no column of times"
  end
  remarks.look(found, not times[1], say)
  if not numbers[1] then
    say "no column of numbers"
  end
  about_signs(numbers, say)
  for _, column in ipairs(numbers) do
    remarks.number(found, column, say)
    if column.decimal then -- of whole numbers, which may be names, such as those of orders, some may have letters
      remarks.others(column, "number", say)
    end
    if column.several then
      say(("%s has several currencies, %s: a map reads one, and refuses the cells of the others"):format(named(column),
        column.several))
    elseif column.currency then
      say(('%s: say currency = "%s"'):format(named(column), column.currency))
    end
  end
end

--- What stands in the way of sales.
-- @tab found as for `purchases.cli.inspect.series`
-- @treturn {string,...}
function M.advice(found)
  return remarks.gather(found, about_sales)
end

return M
