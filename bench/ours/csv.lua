-- Measures: a CSV file, checked and encoded to bodies of 96 rows, each handed out as a Lua string.
-- usage: lua5.4|luajit bench/ours/csv.lua FILE ROWS
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"

local path, expected = arg[1], tonumber(arg[2])

local started = measure.start()
local series = assert(purchases.series.read(path))
local rows, bytes = #series, 0
for first = 1, rows, 96 do
  bytes = bytes + #series:encode(first, math.min(first + 95, rows))
end

measure.expect("the number of rows", expected, rows)
measure.expect("the bytes, plausible", true, bytes > rows * 44 and bytes < rows * 60)
measure.finish(started, rows, bytes)
