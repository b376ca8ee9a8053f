--- A column as a plain table, for JSON and for the lines that people read.
-- @module purchases.cli.inspect.summary
local column = require "purchases.cli.inspect.column"
local number = require "purchases.cli.inspect.number"

local M = {}

local function show(value)
  return ("%.15g"):format(value)
end

local SIGNS = { ["."] = "a point", [","] = "a comma", [" "] = "a blank", ["'"] = "an apostrophe" }

local function reading_text(reading)
  local parts = {}
  if reading.decimal then
    parts[#parts + 1] = ("decimal '%s'"):format(reading.decimal)
  end
  if reading.thousands then
    parts[#parts + 1] = ("thousands '%s'"):format(reading.thousands)
  end
  parts[#parts + 1] = reading.min == reading.max and show(reading.min)
    or ("%s to %s"):format(show(reading.min), show(reading.max))
  return table.concat(parts, ", ")
end

-- Currencies and units that stand beside the numbers.
local function add_signs(one, plain)
  local several = {}
  for i, sign in ipairs(one.currencies) do
    plain.unit = plain.unit or number.unit(sign)
    plain.currency = plain.currency or not number.unit(sign) and sign or nil
    several[i] = ("'%s' in %d"):format(sign, one.currencies[sign])
  end
  plain.several = several[2] and table.concat(several, ", ") or nil
end

local function add_number(one, plain, decimal)
  local numbers = one.numbers
  local readings = numbers:readings(decimal)
  local first = readings[1]
  plain.decimal, plain.thousands, plain.min, plain.max = first.decimal, first.thousands, first.min, first.max
  plain.exponent, plain.dash = numbers.exponent or nil, one.dash or nil
  add_signs(one, plain)
  plain.in_brackets = not plain.currency and numbers.has_brackets or nil
  local texts = {}
  for i, reading in ipairs(readings) do
    texts[i] = reading_text(reading)
  end
  plain.text = table.concat(texts, " or ")
  if #readings > 1 then
    plain.readings = {}
    for i, reading in ipairs(readings) do
      plain.readings[i] = { decimal = reading.decimal, thousands = reading.thousands, min = reading.min,
        max = reading.max }
    end
    plain.unknown = ("it cannot be known whether %s is of a decimal or of thousands"):format(
      SIGNS[first.decimal or first.thousands])
    plain.text = plain.text .. ": " .. plain.unknown
  end
  if plain.several then
    plain.text = plain.text .. (", with %s"):format(plain.several)
  elseif plain.currency or plain.unit then
    plain.text = plain.text .. (", %s '%s'"):format(plain.unit and "unit" or "currency", plain.currency or plain.unit)
  end
end

local function add_time(one, plain)
  local times = one.times
  local forms, form = times:formats()
  plain.formats, plain.first, plain.last = forms[1], column.valid(times.first), column.valid(times.latest)
  plain.offset = times:have_offsets()
  plain.only = not form.has_date and "time of day" or not form.has_clock and "date" or nil
  plain.step = times.step
  plain.is_midnight = form.has_clock and times.clocks == 1 and times.first_minutes == 0 or nil
  plain.ends = times.has_24 or times.step and times.first_minutes == times.step and times.last_minutes == 0 or nil
  plain.text = table.concat(forms[1], " or ")
  if #forms[1] > 1 then
    plain.unknown = "it cannot be known which is the day and which the month"
    plain.text = plain.text .. ": " .. plain.unknown
  end
  if #forms > 1 then
    plain.other_formats = {}
    for i = 2, #forms do
      plain.other_formats[i - 1] = table.concat(forms[i], " or ")
    end
    plain.text = ("%s, and in other rows %s"):format(plain.text, table.concat(plain.other_formats, " and "))
  end
  if one.number_count == one.time_count then -- 20251026
    plain.unknown = "it cannot be known whether these are dates or numbers"
    plain.text = ("%s: %s"):format(plain.text, plain.unknown)
  end
end

--- Describes a column.
-- @tab one of `purchases.cli.inspect.column`
-- @string[opt] decimal the sign that the file's other columns show
-- @treturn table `name`, `number`, `kind`, `text`: what is known of it in words; `examples`; `filled`, `empty`. Of
-- numbers `decimal`, `thousands`, `currency`, `unit`, `several` (of these, where there are), `min`, `max`, `readings`
-- where there are several. Of times `formats` (several where nobody can know), `other_formats`, `first`, `last`,
-- `offset`, `only`, `step` (minutes between the first rows), `is_midnight` (all of them), `ends`: do they look like the
-- ends of their intervals. Of texts `emails`, `periods`, `unreadable`: why no letter reads what looks like dates.
-- `unknown`: what cannot be known; `nulls`; `others`: cells of another kind, `{ count, line, cell }`
function M.column(one, decimal)
  local kind, others = one:kind()
  local plain = {
    name = one.name,
    number = one.index,
    kind = kind,
    examples = one.examples,
    filled = one.filled,
    empty = one.empty,
    text = "",
  }
  if kind == "number" then
    add_number(one, plain, decimal)
  elseif kind == "time" then
    add_time(one, plain)
  elseif kind == "text" and one.unreadable then
    plain.unreadable = one.unreadable
    plain.text = "dates? " .. one.unreadable
  elseif kind == "text" and one.emails > 0 and one.emails * 2 > one.filled then
    plain.emails = true
    plain.text = "e-mail addresses"
  elseif kind == "text" and one.periods == one.filled and one.filled > 0 then
    plain.periods = one.examples[1]:find "Q" and 96 or 24
    plain.text = "periods of a day"
  end
  if kind ~= "text" and one.nulls[1] then
    plain.nulls = {}
    for i, word in ipairs(one.nulls) do
      plain.nulls[i] = word
    end
    plain.null_count = one.null_count
    plain.text = ("%s, '%s' in %d"):format(plain.text, table.concat(one.nulls, "', '"), one.null_count)
  end
  if others and others > 0 then
    local odd = one.odd[kind]
    plain.others = { count = others, line = odd.line, cell = odd.cell }
    plain.text = ("%s, other in %d (line %d: %s)"):format(plain.text, others, odd.line, odd.cell)
  end
  if one.empty > 0 and one.filled > 0 then
    plain.text = ("%s%s%d empty"):format(plain.text, plain.text ~= "" and ", " or "", one.empty)
  end
  return plain
end

return M
