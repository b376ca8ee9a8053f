--- What is said of a file, whatever it is to become, and what a map has to say of it.
-- @module purchases.cli.inspect.remarks
local likeness = require "purchases.cli.inspect.likeness"

local M = {}

--- A text as a map has it.
function M.quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"'
end

--- A column as a map names it.
function M.named(column)
  return column.name and column.name ~= "" and M.quote(column.name) or tostring(column.number)
end

local quote, named = M.quote, M.named

--- The first of the columns' names, for a message.
function M.list_names(columns)
  local names = {}
  for i = 1, math.min(#columns, 8) do
    names[i] = named(columns[i])
  end
  return table.concat(names, ", ") .. (#columns > 8 and ", ..." or "")
end

--- The columns that `accepts(column)` takes.
function M.select(found, accepts)
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
  local places = {}
  for _, column in ipairs(found.format == "csv" and found.columns or {}) do
    local name = column.name or ""
    if places[name] and name ~= "" then
      say(("%s names columns %d and %d: name them by their numbers"):format(quote(name), places[name], column.number))
    end
    places[name] = column.number
  end
  if found.header == false then
    say(("no header: say header = false%s, and name columns by their numbers"):format(
      found.skip > 0 and (", skip = %d"):format(found.skip) or ""))
  elseif found.usual == false then
    say(("lines before the header: say header = %d"):format(found.header))
  end
  return true
end

--- Says how many cells are of another kind, and how to leave their rows out.
-- @tab column
-- @string kind what they are not: "number", "time"
-- @tparam function say
function M.others(column, kind, say)
  local odd = column.others
  if odd then
    say(("%s: %s no %s (line %d: '%s'): where such a row is none, leave it out, as in unless = { [%s] = %s }"):format(
      named(column), odd.count == 1 and "1 cell is" or ("%d cells are"):format(odd.count), kind, odd.line, odd.cell,
      named(column), quote(odd.cell)))
  end
end

--- Says what numbers need to be told, whatever they are for.
function M.number(found, column, say)
  if column.unknown then
    say(("%s: %s; say decimal"):format(named(column), column.unknown))
  elseif column.decimal == "," then
    say 'a decimal comma: say decimal = "," (--decimal ,)'
  end
  if column.thousands and not column.unknown then
    say(('thousands: say thousands = "%s"'):format(column.thousands))
  end
  if column.nulls then
    local words = {}
    for i, word in ipairs(column.nulls) do
      words[i] = quote(word)
    end
    say(("%s: '%s' stands for nothing: say null = { %s }"):format(named(column), column.nulls[1],
      table.concat(words, ", ")))
  end
  if column.dash then
    say(("%s: the minus of '%s' is a dash that looks like one, which refuses the cell: write -"):format(named(column),
      column.dash))
  end
  if column.in_brackets then
    say(("%s: '%s' is below zero only where there is a currency: say currency"):format(named(column),
      column.in_brackets))
  end
  if found.format == "csv" and column.exponent then
    say(("%s: '%s': a spreadsheet has cut its digits"):format(named(column), column.exponent))
  end
end

--- The column of a time of day that stands beside a day.
function M.clock(found)
  return M.select(found, function(column)
    return column.kind == "time" and column.only == "time of day"
  end)[1]
end

--- The letters that read a day and a time of day, joined by a blank.
function M.joined_formats(date, clock)
  local formats = {}
  for i, format in ipairs(date.formats) do
    formats[i] = format .. " " .. clock.formats[1]
  end
  return formats
end

--- Says what times need to be told.
-- @tab column
-- @tparam function say
-- @tparam {string,...} formats the letters that read them: several where nobody can know
-- @bool is_told is the first of these told already, or need it not be?
function M.time(column, say, formats, is_told)
  if formats[2] then
    local quoted = {}
    for i, format in ipairs(formats) do
      quoted[i] = quote(format)
    end
    say(("%s, such as %s: %s; say date = %s"):format(named(column), column.examples[1], column.unknown,
      table.concat(quoted, " or ")))
  elseif not is_told and column.unknown then
    say(("%s, such as %s: %s; say date = %s"):format(named(column), column.examples[1], column.unknown,
      quote(formats[1])))
  elseif not is_told then
    say(("its format: say date = %s (--date)"):format(quote(formats[1])))
  end
  if column.other_formats then
    say(("%s has times of several forms: %s and %s"):format(named(column), column.formats[1],
      column.other_formats[1]))
  end
  M.others(column, "time", say)
end

--- Says what looks like times and cannot be read. `is_only`: are there no times that can?
function M.look(found, is_only, say)
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

--- Gathers what is said of a file, each once: what is the same for series and sales, and, where it can be read, what
-- `go_on(found, say)` says.
-- @treturn {string,...}
function M.gather(found, go_on)
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

return M
