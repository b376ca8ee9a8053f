-- Measures: Lua tables of 96 {datetime =, purchase =} rows, checked and encoded.
-- cold: each table is used once, long after it was built; hot: one table again and again.
-- usage: lua5.4|luajit bench/ours/table.lua cold|hot [TABLES]
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"
local rows = require "rows"

local mode = arg[1]
local tables = tonumber(arg[2] or mode == "hot" and 100000 or 10000) -- as long as the peers take
local made = rows.make(mode == "cold" and tables or 1, 96)
local from = purchases.series.from
if mode == "cold" then measure.warm(tables * 96 * 100) end
collectgarbage()

local started = measure.start()
local bytes, body = 0, nil
for i = 1, tables do
  local series, err = from(made[mode == "cold" and i or 1])
  if not series then error(err) end
  body = series:encode()
  bytes = bytes + #body
end
local nanoseconds = (os.clock() - started.cpu) * 1e9 / (tables * 96)

measure.expect("the last body's rows", 96, select(2, body:gsub('"datetime"', "")))
measure.expect("the bytes, plausible", true, bytes > tables * 96 * 44 and bytes < tables * 96 * 60)
measure.finish(started, tables * 96, bytes, ('"ns_per_row":%.1f'):format(nanoseconds))
