-- Measures: a file of WoowUp purchases, checked and uploaded in bulks; which part of the processor's time is
-- ours (to read, check and gather them; the rest is the upload loop, libcurl and the kernel), and the most
-- memory it took.
-- usage: lua5.4|luajit bench/ours/create_all.lua FILE PURCHASES URL
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"
local source = require "purchases.source"

local path, expected = arg[1], tonumber(arg[2])
local base_url = arg[3]:match "^(https?://[^/]+)"

-- The seconds that go into what the job takes from its source, and into the bodies that are made of it.
local spent = 0
local function timed(call)
  return function(...)
    local begin = os.clock()
    local first, second = call(...)
    spent = spent + os.clock() - begin
    return first, second
  end
end

local open = source.open
source.open = function(...)
  local opened = assert(open(...))
  local methods = getmetatable(opened)
  methods.next = timed(methods.next)
  source.open = open
  return opened
end

local started = measure.start()
local client = purchases.woowup.new { api_key = "key", base_url = base_url, rate = 1e9 }
local report = assert(client:create_all(path, { concurrency = 16 }))
measure.expect("the number of purchases", expected, report.accepted)
measure.finish(started, report.accepted, 0, ('"peak_mb":%.1f,"checking":%.6f'):format(measure.peak_megabytes(), spent))
