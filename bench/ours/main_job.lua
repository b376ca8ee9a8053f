-- Measures: the main job: a CSV file, checked, encoded and uploaded in bodies of 96 rows; the most memory it
-- took, and how much of that the series made resident.
-- usage: lua5.4|luajit bench/ours/main_job.lua FILE ROWS URL [CONCURRENCY]
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"

local path, expected = arg[1], tonumber(arg[2])
local base_url = arg[3]:match "^(https?://[^/]+)"
local receipts = 0

-- `VmHWM`: the most resident so far, `VmRSS`: resident now; in kilobytes.
local function memory(name)
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match("^" .. name .. ":%s*(%d+)")
    if kilobytes then
      return tonumber(kilobytes)
    end
  end
end

local started = measure.start()
local client = purchases.ravenwits.new { user = "u", token = "token", base_url = base_url }
local before = memory "VmRSS"
local series = assert(purchases.series.read(path))
local kept = memory "VmRSS" - before
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
local more = '"bodies":%d,"peak_mb":%.1f,"kept_per_row":%.2f'
measure.finish(started, #series, 0, more:format(receipts, memory "VmHWM" / 1024, kept * 1024 / #series))
