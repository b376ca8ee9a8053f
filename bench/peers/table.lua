-- Measures: Lua tables of 96 {datetime =, purchase =} rows, checked in Lua, encoded with lua-cjson.
-- cold: each table is used once, long after it was built; hot: one table again and again.
-- usage: lua5.4|luajit bench/peers/table.lua cold|hot [TABLES]
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cjson = require "cjson"
local measure = require "measure"
local rows = require "rows"

local mode, tables = arg[1], tonumber(arg[2] or 10000)
assert(mode == "cold" or mode == "hot", "usage: table.lua cold|hot [TABLES]")
local made = rows.make(mode == "cold" and tables or 1, 96)
if mode == "cold" then measure.warm(tables * 96 * 100) end
collectgarbage()

local started = measure.start()
local bytes, body = 0, nil
for i = 1, tables do
  local batch = made[mode == "cold" and i or 1]
  rows.check(batch)
  body = cjson.encode({ purchase = batch })
  bytes = bytes + #body
end
local nanoseconds = (os.clock() - started.cpu) * 1e9 / (tables * 96)

measure.expect("the last body's rows", 96, #cjson.decode(body).purchase)
measure.expect("the bytes, plausible", true, bytes > tables * 96 * 44 and bytes < tables * 96 * 60)
measure.finish(started, tables * 96, bytes, ('"ns_per_row":%.1f'):format(nanoseconds))
