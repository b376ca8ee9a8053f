--- How a text's lines are laid out in a table: the delimiter, the line of the header, what stands before it.
-- @module purchases.cli.inspect.layout
local number = require "purchases.cli.inspect.number"
local time = require "purchases.cli.inspect.time"
local wide = require "purchases.cli.inspect.wide"

local M = {}

local MOST_LINES = 1000

--- Cuts a line into its fields, quotes undone.
function M.split(line, delimiter)
  local fields, at = {}, 1
  while true do
    local field
    if line:sub(at, at) == '"' then
      local stop = line:find('"', at + 1, true) or #line + 1
      while line:sub(stop + 1, stop + 1) == '"' do
        stop = line:find('"', stop + 2, true) or #line + 1
      end
      field, at = line:sub(at + 1, stop - 1):gsub('""', '"'), stop + 1
    end
    local stop = line:find(delimiter, at, true)
    fields[#fields + 1] = field or line:sub(at, (stop or 0) - 1):match "^%s*(.-)%s*$"
    if not stop then
      return fields
    end
    at = stop + #delimiter
  end
end

-- How many fields a line has up to the last that is not empty.
local function used(fields)
  local last = #fields
  while last > 0 and fields[last] == "" do
    last = last - 1
  end
  return last
end

local function is_value(cell)
  return number.is_number(cell) or time.form_of(cell) ~= nil
end

-- Is a cell a name of a column of such cells? A day is, above numbers.
local function is_name_of(name, cell)
  if name == "" then
    return false
  end
  local form = not number.is_number(name) and time.form_of(name)
  return not is_value(name) or form and form.has_date and number.is_number(cell)
end

-- The most frequent width of 2 or more, the first line that has it, and how many do.
local function body_of(rows)
  local counts, width = {}, nil
  for _, fields in ipairs(rows) do
    local count = #fields
    if used(fields) >= 2 then
      counts[count] = (counts[count] or 0) + 1
      if not width or counts[count] > counts[width] or counts[count] == counts[width] and count > width then
        width = count
      end
    end
  end
  for line, fields in ipairs(rows) do
    if #fields == width and used(fields) >= 2 then
      return width, line, counts[width]
    end
  end
end

-- Is a line of the body's width its header? It is where it has texts above numbers or times. Where there are neither
-- in the body, nobody can tell, and it is taken for one, as the core takes a first line.
local function is_header(rows, line, width)
  local head = rows[line]
  if wide.find(head) then
    return true
  end
  local below, told = 0, 0
  for at = line + 1, math.min(#rows, line + 50) do
    local fields = rows[at]
    for i = 1, #fields == width and width or 0 do
      if fields[i] ~= "" and is_value(fields[i]) then
        below = below + 1
        told = told + (is_name_of(head[i], fields[i]) and 1 or -1)
      end
    end
  end
  return below == 0 or told > 0
end

-- The header before a body whose first line is a row: with a field or two less at its end, all of texts.
local function header_before(rows, line, width)
  local head = rows[line - 1]
  local most = 0
  for _, fields in ipairs(rows) do
    most = math.max(most, #fields == width and used(fields) or 0)
  end
  if not head or used(head) < 2 or #head > width or used(head) < most then
    return false
  end
  for i = 1, used(head) do
    if head[i] == "" or is_value(head[i]) then
      return false
    end
  end
  return true
end

local function read(lines, delimiter, from)
  local rows = {}
  for line = 1, #lines do
    rows[line] = line < from and {} or M.split(lines[line], delimiter)
  end
  local width, first, count = body_of(rows)
  if not width then
    return { delimiter = delimiter, width = 1, count = 0 }
  end
  local found = { delimiter = delimiter, width = width, count = count, first = first, header = false }
  if is_header(rows, first, width) then
    found.header = first
  elseif header_before(rows, first, width) then
    found.header, found.count = first - 1, count + 1
  else
    -- one field too many in every row: the comma of a decimal number, between commas
    local before = rows[first - 1]
    found.too_many = before and used(before) >= 2 and #before < width and not is_value(before[1]) and #before or nil
  end
  return found
end

-- Of two layouts, is the first the better one?
local function is_better(one, other)
  if one.count ~= other.count then
    return one.count > other.count
  end
  return one.width > other.width
end

local MOST_JOINED = 10 -- lines that quotes hold together

-- Does a quote at a field's beginning stay open to the end of the line?
local function opens(line)
  line = line:gsub('""', "")
  return line:find '^"[^"]*$' ~= nil or line:find '[,;\t|]"[^"]*$' ~= nil
end

-- Has a line behind such a quote one at a field's end?
local function closes(line)
  line = line:gsub('""', "")
  return line:find '"[,;\t|]' ~= nil or line:find '"$' ~= nil
end

-- The lines of a text, with those that quotes hold together as one, and the number of the first of each.
local function lines_of(head, is_cut)
  local lines, numbers, count = {}, {}, 0
  local open -- where, in the list, a quote was opened that may be closed yet
  for line in (head .. "\n"):gmatch "(.-)\r?\n" do
    count = count + 1
    lines[#lines + 1], numbers[#numbers + 1] = line, count
    if open and closes(line) then
      lines[open] = table.concat(lines, "\n", open)
      for at = #lines, open + 1, -1 do
        lines[at], numbers[at] = nil, nil
      end
      open = opens(line) and open or nil
    elseif not open and opens(line) then
      open = #lines
    elseif open and #lines - open >= MOST_JOINED then
      open = nil -- it was no quote of a field
    end
    if #lines > MOST_LINES then
      break
    end
  end
  if #lines > 1 and (is_cut or lines[#lines] == "" or #lines > MOST_LINES) then
    lines[#lines] = nil
  end
  return lines, numbers
end

-- The delimiter that the core takes for that of a line, untold.
local function usual_delimiter(line)
  local bare, best, most = line:gsub('"[^"]*"', ""), ",", 0
  for _, delimiter in ipairs { ",", ";", "\t" } do
    local count = select(2, bare:gsub(delimiter, ""))
    if count > most then
      best, most = delimiter, count
    end
  end
  return most == 0 and bare:find("|", 1, true) and "|" or best
end

--- Finds the layout.
-- @string head the beginning of the text
-- @bool is_cut does the text go on behind it?
-- @treturn table `delimiter`, nil where there is one column only; `sep`: the first line says it; `header`: its line, or
-- false; `skip`: lines before the rows, without a header; `usual`: would the core find the header untold?; `tells`:
-- must a map say the delimiter?; `too_many`
function M.find(head, is_cut)
  local lines, numbers = lines_of(head, is_cut)
  local sep = lines[1] and lines[1]:match '^"?[Ss][Ee][Pp]=([\t%p ])"?[,;\t|]*$'
  local first = sep and 2 or 1
  local best
  if sep then
    best = read(lines, sep, first)
  else
    for _, delimiter in ipairs { ",", ";", "\t" } do
      local found = read(lines, delimiter, first)
      best = best and is_better(best, found) and best or found
    end
    for _, delimiter in ipairs { "|", "^", "~" } do
      local found = read(lines, delimiter, first)
      local line = found.count > 0 and lines[found.header or found.first]:gsub('"[^"]*"', "") or ","
      if is_better(found, best) and (best.count * 2 < #lines or not line:find "[,;\t]") then
        best = found
      end
    end
  end
  if best.count == 0 then
    return { header = first, skip = 0, sep = sep, usual = true }
  end
  best.sep, best.usual = sep, best.header == first
  best.tells = not sep and usual_delimiter(lines[best.header or best.first]) ~= best.delimiter
  best.skip = best.header and 0 or numbers[best.first] - 1
  best.header = best.header and numbers[best.header]
  return best
end

return M
