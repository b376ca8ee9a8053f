--- Numbers as people write them, and how a column of them can be read.
-- @module purchases.cli.inspect.number
local M = {}

-- The signs of a decimal and of thousands that a map may name; the first that reads all is the one that is told.
M.READINGS = {
  { decimal = "." }, { decimal = "," },
  { decimal = ",", thousands = "." }, { decimal = ".", thousands = "," },
  { decimal = ",", thousands = " " }, { decimal = ".", thousands = " " },
  { decimal = ".", thousands = "'" }, { decimal = ",", thousands = "'" },
}

local SIGNS = {}
for sign in ("$ € £ ¥ ₹ ₽ ₺ R$ US$ A$ C$ MX$ U$S S/ S/. kr Kč zł Ft lei"):gmatch "%S+" do
  SIGNS[sign] = true
end
local CODES = {}
for code in ("EUR USD GBP CHF JPY CNY INR ARS BRL CLP COP MXN PEN UYU PYG BOB CAD AUD NZD SEK NOK DKK PLN CZK "
  .. "HUF RON TRY ZAR"):gmatch "%S+" do
  CODES[code] = true
end

local UNITS = {}
for _, unit in ipairs { "MWh", "kWh", "Wh", "GWh", "MW", "kW", "GW" } do
  UNITS[unit:lower()] = unit
end

-- A number without its currency and sign: the rest, is it below zero, the currency; or, behind it, a unit.
local function bare(text)
  local negative = false
  local inner = text:match "^%((.*)%)$"
  if inner then
    text, negative = inner, true
  end
  local sign, rest = text:match "^([+-])%s*(.+)$"
  text, negative = rest or text, negative or sign == "-"
  local before, number, after = text:match "^([^%d.,'+-]*)%s*([+-]?[%d.,].-)%s*([^%d.,' ]*)$"
  if not number then
    return nil
  end
  before = before:match "^(.-)%s*$"
  if after == "-" then
    negative, after = true, ""
  end
  local currency = before ~= "" and before or after ~= "" and after or nil
  local is_unit = before == "" and UNITS[after:lower()] ~= nil
  if currency and (before ~= "" and after ~= "" or not (SIGNS[currency] or CODES[currency] or is_unit)) then
    return nil
  end
  local second
  second, rest = number:match "^([+-])(.+)$"
  if second and sign then
    return nil
  end
  return rest or number, negative or second == "-", currency, inner ~= nil or after == "" and text:find "%-$" ~= nil
end

-- Reads the digits as a reading has it; nil where it cannot.
local function read(digits, reading)
  local whole, fraction = digits, ""
  local at = digits:find(reading.decimal, 1, true)
  if at then
    whole, fraction = digits:sub(1, at - 1), digits:sub(at + 1)
    if fraction == "" or fraction:find "%D" then
      return nil
    end
  end
  if reading.thousands and whole:find(reading.thousands, 1, true) then
    local groups, rest = {}, whole
    while #rest > 3 do
      local mark, group = rest:match "(.)(%d%d%d)$"
      if mark ~= reading.thousands then
        return nil
      end
      table.insert(groups, 1, group)
      rest = rest:sub(1, -5)
    end
    if rest == "" or rest:byte() == 48 then -- nobody writes 0,123 for 123
      return nil
    end
    whole = rest .. table.concat(groups)
  end
  if whole:find "%D" then
    return nil
  end
  return tonumber((whole == "" and "0" or whole) .. (fraction ~= "" and "." .. fraction or ""))
end

local function split(cell)
  if cell:find "[\128-\255]" then
    cell = cell:gsub("\194\160", " "):gsub("\226\128\175", " "):gsub("\226\128\153", "'")
    cell = cell:gsub("^\226\136\146", "-"):gsub("^\226\128[\147\148]", "-")
  end
  if cell:find "^[+-]?%d+$" then
    return cell:match "%d+", cell:byte() == 45
  end
  local mantissa, exponent = cell:match "^([+-]?%d[%d.,]*)[eE]([+-]?%d%d?)$" -- of more digits no map reads it
  local digits, negative, currency, in_brackets = bare(mantissa or cell)
  return digits, negative, currency, tonumber(exponent), in_brackets
end

--- Is the minus of a cell a dash that looks like one?
function M.has_dash(cell)
  return cell:find "^\226\136\146" ~= nil or cell:find "^\226\128[\147\148]" ~= nil
end

--- The unit of power or energy that a text is, as a map names it.
function M.unit(text)
  return UNITS[text:lower()]
end

--- Is a cell a number, in whatever reading?
function M.is_number(cell)
  local digits = split(cell)
  if digits then
    for _, reading in ipairs(M.READINGS) do
      if read(digits, reading) then
        return true
      end
    end
  end
  return false
end

local Numbers = {}
Numbers.__index = Numbers

--- The numbers of a column.
function M.new()
  local alive = {}
  for i, reading in ipairs(M.READINGS) do
    alive[i] = { decimal = reading.decimal, thousands = reading.thousands }
  end
  return setmetatable({ alive = alive, values = {} }, Numbers)
end

--- Takes a cell. Of many that differ in their digits alone it is enough to take the first, the least and the greatest.
-- @treturn boolean is it a number that can be read as those before it?
-- @treturn ?string its currency, or its unit
function Numbers:add(cell)
  local digits, negative, currency, exponent, in_brackets = split(cell)
  if not digits then
    return false
  end
  local plain = not exponent and digits:find "^%d+$" and tonumber(digits)
  local scale = (negative and -1 or 1) * 10 ^ (exponent or 0)
  local values, any, all = self.values, false, true
  for i, reading in ipairs(self.alive) do
    values[i] = plain or read(digits, reading) or false
    any, all = any or values[i], all and values[i]
  end
  if not any then
    return false
  end
  for i, reading in ipairs(self.alive) do
    if values[i] then
      local value = values[i] * scale
      reading.min = math.min(reading.min or value, value)
      reading.max = math.max(reading.max or value, value)
      reading.fraction = reading.fraction or digits:find(reading.decimal, 1, true) ~= nil
      reading.groups = reading.groups or reading.thousands ~= nil and digits:find(reading.thousands, 1, true) ~= nil
    end
  end
  for i = all and 0 or #self.alive, 1, -1 do
    if not values[i] then
      table.remove(self.alive, i)
    end
  end
  self.has_brackets = self.has_brackets or in_brackets and cell
  self.exponent = self.exponent or exponent and exponent >= 5 and cell -- of fewer digits nothing can be lost
  return true, currency
end

--- Takes a number of JSON, which has one reading.
function Numbers:add_value(number)
  local one = self.alive[1]
  if one.thousands or one.decimal ~= "." or self.alive[2] then
    one = { decimal = ".", min = one.min, max = one.max, fraction = one.fraction }
    self.alive = { one }
  end
  one.min, one.max = math.min(one.min or number, number), math.max(one.max or number, number)
  one.fraction = one.fraction or number % 1 ~= 0
end

--- The readings that read all of them and differ: more than one where nobody can know.
-- @string[opt] decimal the sign that another column of the file shows
-- @treturn {table,...} `decimal` and `thousands` where there are any in the column, `min`, `max`
function Numbers:readings(decimal)
  local list = {}
  for _, reading in ipairs(self.alive) do
    local one = {
      decimal = reading.fraction and reading.decimal or nil,
      thousands = reading.groups and reading.thousands or nil,
      min = reading.min,
      max = reading.max,
    }
    local is_new = not (decimal and (one.decimal and one.decimal ~= decimal or one.thousands == decimal))
    for _, other in ipairs(list) do
      is_new = is_new and not (other.decimal == one.decimal and other.thousands == one.thousands)
    end
    if is_new then
      list[#list + 1] = one
    end
  end
  -- groups of thousands that nothing but integers would show are no other reading of integers
  return list[1] and list or decimal and self:readings() or list
end

return M
