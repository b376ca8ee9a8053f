--- How far a job is, for people who wait for it.
-- @module purchases.job.progress
local clock = require "purchases.clock"

local M = {}

local OFTEN, SELDOM = 0.1, 1 -- seconds between two calls when something happened, and when nothing did

local State = {}
State.__index = State
State.__name = "purchases.progress"

--- One line: "12 of 31 purchases, 8 in flight, 24.0/s, 1 s left; 1 rejected".
function State:__tostring()
  local of = self.total and (" of %d"):format(self.total) or ""
  local line = ("%d%s %ss, %d in flight, %.1f/s"):format(self.done, of, self.noun, self.in_flight, self.rate)
  if self.remaining then
    line = line .. (", %d s left"):format(math.ceil(self.remaining))
  end
  for _, name in ipairs { "rejected", "unknown" } do
    if self[name] > 0 then
      line = line .. ("; %d %s"):format(self[name], name)
    end
  end
  return line
end

local Progress = {}
Progress.__index = Progress

--- The progress of a job from now on.
-- @tab job `total`, `noun`
-- @tparam[opt] function callback
function M.new(job, callback)
  local now = clock.monotonic()
  return setmetatable({ job = job, callback = callback, started = now, shown = now, done = 0 }, Progress)
end

--- Calls the callback when it is time to.
-- @tab upload the running job: `report`, `in_flight`
-- @bool[opt] last calls it in any case
-- @treturn any what the callback returned
function Progress:show(upload, last)
  if not self.callback then
    return nil
  end
  local now, report = clock.monotonic(), upload.report
  local done = report.accepted + report.rejected + report.unknown
  local pause = done ~= self.done and OFTEN or SELDOM
  if not last and now - self.shown < pause then
    return nil
  end
  self.done, self.shown = done, now
  local total, elapsed = self.job.total, now - self.started
  local rate = elapsed > 0 and done / elapsed or 0
  return self.callback(setmetatable({
    done = done,
    total = total,
    noun = self.job.noun,
    accepted = report.accepted,
    rejected = report.rejected,
    unknown = report.unknown,
    pending = total and total - done,
    in_flight = upload.in_flight,
    elapsed = elapsed,
    rate = rate,
    remaining = total and rate > 0 and (total - done) / rate or nil,
  }, State))
end

return M
