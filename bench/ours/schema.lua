-- Measures: NDJSON of WoowUp purchases, each checked against the full schema.
-- usage: lua5.4|luajit bench/ours/schema.lua FILE TIMES
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local schema = require("purchases").schema.woowup

local lines, bytes = {}, 0
for line in io.lines(arg[1]) do
  lines[#lines + 1] = line
  bytes = bytes + #line + 1
end
local times = tonumber(arg[2])

local started = measure.start()
local good = 0
for _ = 1, times do
  for i = 1, #lines do
    if schema:check(lines[i]) then
      good = good + 1
    end
  end
end

measure.expect("good purchases", #lines * times, good)
measure.finish(started, good, bytes * times)
