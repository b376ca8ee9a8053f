-- Measures: a CSV file, checked and encoded to bodies of 96 rows, each handed out as a Lua string; with "meter" a
-- meter's (bench/generate_sales.lua --series) through a map: a format of dates, a decimal comma, kWh, and a zone, whose
-- days have 92, 96 or 100 rows.
-- usage: lua5.4|luajit bench/ours/csv.lua FILE ROWS [meter]
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"

local MAP = {
  decimal = ",", tz = "Europe/Madrid",
  datetime = { column = "Fecha", date = "%d/%m/%Y %H:%M" },
  value = { column = "Consumo (kWh)", unit = "kWh" },
}

local path, expected = arg[1], tonumber(arg[2])

local started = measure.start()
local series = assert(purchases.series.read(path, arg[3] == "meter" and MAP or nil))
local rows, bytes = #series, 0
for first = 1, rows, 96 do
  bytes = bytes + #series:encode(first, math.min(first + 95, rows))
end

measure.expect("the number of rows", expected, rows)
measure.expect("the bytes, plausible", true, bytes > rows * 44 and bytes < rows * 60)
measure.finish(started, rows, bytes)
