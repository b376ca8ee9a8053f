-- Measures: a CSV file of purchase rows, read with io.lines, checked with a string pattern and the calendar,
-- encoded with lua-cjson to bodies of 96 rows.
-- usage: lua5.4|luajit bench/peers/csv.lua FILE ROWS
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cjson = require "cjson"
local measure = require "measure"
local rows = require "rows"

local path, expected = arg[1], assert(tonumber(arg[2]), "usage: csv.lua FILE ROWS")
local started = measure.start()
local count, bodies, bytes, body = 0, 0, 0, nil
for batch in rows.batches(path, 96) do
  body = cjson.encode({ purchase = batch })
  count, bodies, bytes = count + #batch, bodies + 1, bytes + #body
end

measure.expect("the number of rows", expected, count)
measure.expect("the number of bodies", math.ceil(expected / 96), bodies)
measure.expect("the last body's rows", (expected - 1) % 96 + 1, #cjson.decode(body).purchase)
measure.finish(started, count, bytes, ('"bodies":%d'):format(bodies))
