--- How this host waits for transfers. Every caller has an inbox of its own, in which the answers to its
-- requests arrive, whoever happened to move the transfers on.
-- @module purchases.net.inbox
local clock = require "purchases.clock"
local error_type = require "purchases.error"
local pool = require "purchases.net.pool"

local M = {}

local SLICE = 0.005 -- seconds that whoever has work to do may hold up all others

-- The hosts: each has check(), start(), prepare(inbox), wake(inbox), is_exiting(), and wait(inbox, seconds), which may
-- return since when nobody else has had their turn.

local function always()
  return true
end

local function never()
  return false
end

-- The caller moves the pool on.
local plain = {
  check = always,
  start = always,
  prepare = always,
  wake = always,
  is_exiting = never,
  wait = function(_, inbox, seconds)
    pool.step()
    if inbox:is_empty() and seconds > 0 then
      pool.poll(inbox.poll, seconds)
      pool.step()
    end
  end,
}

local worker -- this nginx worker as a host, once it was found to be one

--- Tells whether the running code waits by nginx's event loop, which it shares with all that its worker does. In
-- ngx.run_worker_thread there is none, and no ngx.sleep.
-- @tparam[opt] function wait as for `new`
function M.shares_loop(wait)
  local ngx = package.loaded.ngx -- not the global, which a host may make an error to ask for where there is none
  return not wait and type(ngx) == "table" and ngx.sleep ~= nil and ngx.timer ~= nil
end

--- How many processes like this one its server has.
function M.workers(wait)
  return M.shares_loop(wait) and ngx.worker.count() or 1
end

local function host_of(wait)
  if not M.shares_loop(wait) then
    return plain
  end
  worker = worker or require("purchases.net.nginx").new(pool.step)
  return worker
end

local function cannot_wait(why)
  return error_type.new { kind = "transport", code = "cannot_wait", message = why, sent = "no" }
end

--- Tells whether the running code may wait here. In some of nginx's phases nobody may.
-- @tparam[opt] function wait as for `new`
-- @treturn true|nil
-- @treturn ?purchases.error
function M.check(wait)
  local ok, why = host_of(wait):check()
  return ok, why and cannot_wait(why)
end

local Inbox = {}
Inbox.__index = Inbox

local function poll(its_pool, seconds)
  its_pool:poll(seconds)
end

-- The pool is to know that its caller waits, and is not held up.
local function elsewhere(wait)
  return function(its_pool, seconds)
    its_pool:leave(seconds)
    wait(its_pool, seconds)
  end
end

--- A new inbox.
-- @tparam[opt] function wait `wait(pool, seconds)` for hosts with an event loop of their own: returns when
-- something may have happened, at the latest after `seconds`. It may yield. Should it raise, the call it
-- was made for is lost; other calls go on.
function M.new(wait)
  local inbox = setmetatable({
    host = host_of(wait),
    poll = wait and elsewhere(wait) or poll,
    first = 1,
    last = 0,
    resumed = clock.monotonic(),
  }, Inbox)
  inbox.host:prepare(inbox)
  return inbox
end

--- Tells whether all that has arrived was received.
function Inbox:is_empty()
  return self.first > self.last
end

--- Puts the end of a transfer in, and calls the inbox's `on_put(inbox, response)`, even where whoever waited was
-- killed.
-- @number id
-- @tab[opt] response
-- @tparam[opt] purchases.error err
function Inbox:put(id, response, err)
  self.last = self.last + 1
  self[self.last] = { id, response, err }
  if self.on_put then
    self.on_put(self, response)
  end
  self.host:wake(self)
end

--- Ends a wait for the inbox.
function Inbox:wake()
  self.host:wake(self)
end

--- Starts a transfer.
-- @tab request as `purchases.core`'s pool takes it
-- @treturn number|nil id
-- @treturn ?purchases.error
function Inbox:add(request)
  local id, err = pool.add(request, self)
  if not id then
    return nil, err
  end
  local ok, why = self.host:start()
  if ok then
    return id
  end
  pool.cancel(id)
  return nil, cannot_wait(why)
end

local function wait_for(inbox, seconds)
  inbox.resumed = inbox.host:wait(inbox, seconds) or clock.monotonic()
end

--- Lets others have their turn, and what is in flight move on, where the running code has not waited for long. Whoever
-- has much to do calls this again and again.
function Inbox:breathe()
  if clock.monotonic() - self.resumed >= SLICE then
    wait_for(self, 0)
  end
end

--- Tells whether this process is about to end, and waits only for what was begun.
function Inbox:is_exiting()
  return self.host.is_exiting()
end

--- The next answer; waits for it at most `seconds`, perhaps less.
-- @treturn number|nil id
-- @treturn ?table response
-- @treturn ?purchases.error in place of a response
function Inbox:receive(seconds)
  if self:is_empty() then
    wait_for(self, seconds)
  end
  local item = self[self.first]
  if item then
    self[self.first] = nil
    self.first = self.first + 1
    if self:is_empty() then
      self.first, self.last = 1, 0 -- so that the next one takes the same place, which makes no table grow
    end
    return item[1], item[2], item[3]
  end
end

return M
