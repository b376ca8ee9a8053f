--- How an nginx worker waits: one driver moves the pool on and wakes whom an answer came for, so that a
-- hundred requests that wait cost no more than one, and none of them blocks the worker.
--
-- The driver is a timer's coroutine, never a request's, which may be killed at any time; for the same
-- reason all state lives in tables.
-- @module purchases.net.nginx
local clock = require "purchases.clock"
local core = require "purchases.core"
local semaphore = require "ngx.semaphore"

local M = {}

local SHORTEST = 0.001 -- seconds: nginx counts no less

-- The phases in which a coroutine may wait for a semaphore.
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

local Host = {}
Host.__index = Host

--- A worker's way to wait.
-- @tparam function step moves all transfers on and hands out what has ended; returns how many did, and how
-- many are in flight
function M.new(step)
  return setmetatable({ step = step, added = semaphore.new(), stepped = 0 }, Host)
end

--- Tells whether the running code may wait.
-- @treturn true|nil
-- @treturn ?string why not, and what to do
function Host.check()
  local phase = ngx.get_phase()
  if CAN_WAIT[phase] and core.system.can_yield() ~= false then
    return true
  elseif CAN_WAIT[phase] then
    return nil, "cannot wait while a module is loaded, or in a callback of string.gsub: nothing can yield there"
  end
  return nil, ("cannot wait in phase %s; use ngx.timer.at"):format(phase)
end

local function step(host)
  host.stepped, host.round = clock.monotonic(), ngx.now()
  return host.step()
end

-- Moves the pool on until nothing is in flight, or another driver has taken over. A new transfer ends the pause: it is
-- not to wait for its start.
local function drive(host, driver)
  local idle = 0 -- steps in which nothing has ended
  local ended, left = step(host)
  while left > 0 and host.driver == driver do
    idle = ended > 0 and 0 or idle + 1
    host.pausing = true
    -- Never 0 seconds, which would starve the worker's other requests.
    if host.added:wait(idle > 100 and 0.005 or idle > 30 and 0.002 or 0.001) then
      idle = 0
    end
    host.pausing = false
    ended, left = step(host)
  end
end

local REST = 15 -- seconds without a transfer, after which a step closes what connections the pool keeps

-- Makes that step. One timer at a time waits for it; when the worker is told to quit, nginx calls it at once.
local function await_rest(host)
  local function rest(premature)
    host.resting = false
    local left = host.stepped + REST - clock.monotonic()
    if host.driver or premature then
      return -- the driver will wait for the next rest, or all ends
    elseif left > 0 then
      return await_rest(host)
    end
    host.step()
  end
  if not host.resting then
    host.resting = ngx.timer.at(math.max(host.stepped + REST - clock.monotonic(), SHORTEST), rest) ~= nil
  end
end

local function run(_, host, driver)
  local ok, err = pcall(drive, host, driver)
  if host.driver == driver then
    host.driver = nil
    await_rest(host)
  end
  if not ok then
    error(err, 0)
  end
end

local function start_driver(host)
  local driver = {}
  local ok, err = ngx.timer.at(0, run, host, driver)
  host.driver, host.stepped = ok and driver or nil, clock.monotonic()
  return ok, err
end

--- Makes sure that what is in flight goes on.
-- @treturn true|nil
-- @treturn ?string
function Host:start()
  if not self.driver then
    return start_driver(self)
  elseif self.pausing then
    self.pausing = false -- one post is enough for all who add something until the driver runs
    self.added:post(1)
  end
  return true
end

--- Gives an inbox a semaphore to wait for.
function Host.prepare(_, inbox)
  inbox.arrived = semaphore.new()
end

--- Wakes whoever waits for the inbox.
function Host.wake(_, inbox)
  if inbox.waited_for then
    inbox.waited_for = false
    inbox.arrived:post(1)
  end
end

local LONGEST_SILENCE = 0.5 -- seconds

--- Waits until something comes for the inbox. A wait of no time, too, lets the worker go on with everything else.
-- @tab inbox
-- @number seconds at most, but for 1 ms
-- @treturn ?number since when the loop is held up, where that is by the step that brought the answer: nginx's time
-- stands still until it goes round
function Host:wait(inbox, seconds)
  inbox.waited_for = true
  inbox.arrived:wait(math.max(seconds, SHORTEST))
  inbox.waited_for = false
  if clock.monotonic() - self.stepped > LONGEST_SILENCE then
    self:take_over()
  end
  return ngx.now() == self.round and self.stepped or nil
end

--- Steps in for a driver that has gone: nginx drops a timer when too many are running, and tells nobody.
function Host:take_over()
  self.driver = nil
  local _, left = step(self)
  if left > 0 then
    start_driver(self)
  end
end

--- Tells whether this worker has been told to end.
function Host.is_exiting()
  return ngx.worker.exiting()
end

--- Runs a function beside its caller. It ends with its caller at the latest.
function Host.spawn(...)
  return ngx.thread.spawn(...)
end

--- Waits for the end of what the caller has spawned.
function Host.join(thread)
  return ngx.thread.wait(thread)
end

return M
