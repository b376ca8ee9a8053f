-- Measures: NDJSON of purchases decoded with lua-cjson, and nothing checked.
-- usage: lua5.4|luajit bench/peers/schema.lua FILE
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cjson = require "cjson"
local measure = require "measure"

local lines, bytes = {}, 0
for line in io.lines(arg[1]) do
  lines[#lines + 1] = line
  bytes = bytes + #line + 1
end

local started = measure.start()
local decoded = 0
for i = 1, #lines do
  if cjson.decode(lines[i]).prices.total then decoded = decoded + 1 end
end

measure.expect("purchases", #lines, decoded)
measure.finish(started, decoded, bytes)
