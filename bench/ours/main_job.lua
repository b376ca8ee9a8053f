-- Measures: the main job: a CSV file, checked, encoded and uploaded in bodies of 96 rows; and the most
-- memory it took.
-- usage: lua5.4|luajit bench/ours/main_job.lua FILE ROWS URL [CONCURRENCY]
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"

local path, expected = arg[1], tonumber(arg[2])
local base_url = arg[3]:match "^(https?://[^/]+)"
local receipts = 0

local function peak_memory()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmHWM:%s*(%d+)"
    if kilobytes then
      return kilobytes / 1024
    end
  end
end

local started = measure.start()
local client = purchases.ravenwits.new { user = "u", token = "token", base_url = base_url }
local series = assert(purchases.series.read(path))
local report = assert(client:submit_all(series, {
  retailer_id = 1,
  batch = 96,
  concurrency = tonumber(arg[4] or 16),
  on_receipt = function()
    receipts = receipts + 1
  end,
}))

measure.expect("the number of rows", expected, #series)
measure.expect("the number of bodies", math.ceil(expected / 96), report.accepted)
measure.expect("the number of receipts", report.accepted, receipts)
measure.finish(started, #series, 0, ('"bodies":%d,"peak_mb":%.1f'):format(receipts, peak_memory()))
