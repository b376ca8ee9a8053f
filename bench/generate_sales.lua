-- A shop's CSV to measure with, as its system exports it: an invoice is 2 to 6 lines, 4 in the mean; Latin-1, `;`, a
-- decimal comma and thousands, dates of a zone. Or a purchase series as a meter exports it: local times in a format of
-- its own, a decimal comma, kWh. The same bytes for the same number, on every Lua.
-- usage: lua bench/generate_sales.lua INVOICES > FILE
--        lua bench/generate_sales.lua --series DAYS > FILE     (quarter-hours of Madrid, 1997-01-01 00:00 on)
local seed = 1
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local function pick(list)
  return list[random(#list) + 1]
end

local PRODUCTS = { "Caf\233 molido 250 g", "Jab\243n de Marsella", "Taza \"Ma\241ana\"", "L\225mpara; pie", "Silla",
  "Manta de lana", "Plato hondo", "Cuchara de palo" }
local TOWNS = { "Logro\241o", "M\225laga", "Bilbao", "Ja\233n", "Sevilla" }
local STATES = { "Pagado", "Pendiente" }

local function quoted(text)
  return text:find '[;"]' and '"' .. text:gsub('"', '""') .. '"' or text
end

-- Cents as 1.234,56
local function money(cents)
  local whole = ("%d"):format((cents - cents % 100) / 100)
  return whole:reverse():gsub("(%d%d%d)", "%1."):reverse():gsub("^%.", "") .. (",%02d"):format(cents % 100)
end

local HEADER = "N\250mero de factura;Fecha;Cliente;Email;Tel\233fono;Poblaci\243n;Estado;Total;Env\237o;C\243digo;"
  .. "Art\237culo;Cantidad;Precio\n"

local function write_invoice(number)
  -- No minute of the nights in which the clocks change.
  local date = ("%02d/%02d/%04d %02d:%02d"):format(1 + random(28), 1 + random(12), 2022 + random(4), 4 + random(20),
    random(60))
  local lines, total = {}, 0
  local count = 2 + random(5)
  for i = 1, count do
    local quantity, price = 1 + random(9), 95 + random(250000)
    total = total + quantity * price
    lines[i] = ("A%05d;%s;%d;%s\n"):format(random(99999), quoted(pick(PRODUCTS)), quantity, money(price))
  end
  local front = ("F%07d;%s;C%05d;cliente%d@example.com;+346%08d;%s;%s;%s;%s;"):format(number, date, random(20000),
    number, random(99999999), pick(TOWNS), pick(STATES), money(total), money(random(1500)))
  io.write(front, table.concat(lines, front))
end

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function days_in_month(year, month)
  return month == 2 and year % 4 == 0 and 29 or DAYS[month]
end

-- The clocks change on the last Sunday of March, at 2:00, and of October, at 3:00.
local function hours_of(month, day, weekday)
  local changes = weekday == 7 and day > 24
  local hours = {}
  for hour = 0, 23 do
    if not (changes and month == 3 and hour == 2) then
      hours[#hours + 1] = hour
    end
    if changes and month == 10 and hour == 2 then
      hours[#hours + 1] = hour
    end
  end
  return hours
end

local function write_series(days)
  local year, month, day, weekday = 1997, 1, 1, 3
  io.write "Fecha;Consumo (kWh)\n"
  for _ = 1, days do
    local lines = {}
    for _, hour in ipairs(hours_of(month, day, weekday)) do
      for minute = 0, 45, 15 do
        local tenths = random(250000)
        lines[#lines + 1] = ("%02d/%02d/%04d %02d:%02d;%d,%d\n"):format(day, month, year, hour, minute,
          (tenths - tenths % 10) / 10, tenths % 10)
      end
    end
    io.write(table.concat(lines))
    day, weekday = day + 1, weekday % 7 + 1
    if day > days_in_month(year, month) then day, month = 1, month + 1 end
    if month > 12 then month, year = 1, year + 1 end
  end
end

if arg[1] == "--series" then
  write_series(tonumber(arg[2]))
else
  io.write(HEADER)
  for number = 1, assert(tonumber(arg[1]), "usage: generate_sales.lua INVOICES") do
    write_invoice(number)
  end
end
