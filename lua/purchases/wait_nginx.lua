--- How an nginx worker waits: one driver moves the pool on and wakes whom an answer came for, so that a
-- hundred requests that wait cost no more than one, and none of them blocks the worker.
--
-- The driver is a timer's coroutine, never a request's, which may be killed at any time; for the same
-- reason all state lives in tables.
-- @module purchases.wait_nginx
local semaphore = require "ngx.semaphore"

local M = {}

local SHORTEST = 0.001 -- seconds: nginx counts no less

-- Where a coroutine may wait for a semaphore.
local CAN_WAIT = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  content = true,
  timer = true,
  ssl_cert = true,
  ssl_session_fetch = true,
  ssl_client_hello = true,
}

-- Seconds between two looks at the pool, after so many that found nothing: never 0, which would starve the
-- worker's other requests.
local function pause_after(idle)
  return idle > 100 and 0.005 or idle > 30 and 0.002 or 0.001
end

local Host = {}
Host.__index = Host

--- A worker's way to wait.
-- @tparam function step moves all transfers on and hands out what has ended; returns how many did, and how
-- many are in flight
function M.new(step)
  return setmetatable({ step = step, added = semaphore.new(), driving = false }, Host)
end

--- May the running code wait?
-- @treturn true|nil
-- @treturn ?string why not, and what to do
function Host.check()
  local phase = ngx.get_phase()
  if CAN_WAIT[phase] then
    return true
  end
  return nil, ("cannot wait in phase %s; use ngx.timer.at"):format(phase)
end

-- Until nothing is in flight. A new transfer ends the pause: it is not to wait for its start.
local function drive(host)
  local idle = 0
  local ended, left = host.step()
  while left > 0 do
    idle = ended > 0 and 0 or idle + 1
    if host.added:wait(pause_after(idle)) then
      idle = 0
    end
    ended, left = host.step()
  end
end

local function run(_, host)
  local ok, err = pcall(drive, host)
  host.driving = false
  if not ok then
    error(err, 0)
  end
end

--- Sees to it that what is in flight goes on.
-- @treturn true|nil
-- @treturn ?string
function Host:start()
  if not self.driving then
    local ok, err = ngx.timer.at(0, run, self)
    self.driving = ok or false
    return ok, err
  elseif self.added:count() < 0 then
    self.added:post(1)
  end
  return true
end

--- Makes what an inbox waits with.
function Host.prepare(_, inbox)
  inbox.arrived = semaphore.new()
end

--- Something came for the inbox.
function Host.wake(_, inbox)
  if inbox.arrived:count() < 0 then
    inbox.arrived:post(1)
  end
end

--- Waits until something comes for the inbox, at most so many seconds.
function Host.wait(_, inbox, seconds)
  if seconds > 0 then
    inbox.arrived:wait(math.max(seconds, SHORTEST))
  end
end

--- Runs a function beside its caller, with whom it ends at the latest.
function Host.spawn(...)
  return ngx.thread.spawn(...)
end

--- Waits for the end of what the caller has spawned.
function Host.join(thread)
  return ngx.thread.wait(thread)
end

return M
