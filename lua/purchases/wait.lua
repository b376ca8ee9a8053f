--- How this host waits for transfers. There is one pool of connections per Lua state; every caller has
-- an inbox of its own, in which the answers to its requests arrive, whoever happened to drive the pool.
-- @module purchases.wait
local core = require "purchases.core"
local error_type = require "purchases.error"

local M = {}

local pool -- of this Lua state
local owners = {} -- inboxes by transfer id

local function new_pool()
  local made, err = core.http.new()
  pool = made or pool
  return made, err
end

-- The pool is of no more use: closed, or left to the parent by a fork. Who waits for what was in flight
-- would wait for ever.
local function abandon_pool(reason)
  local orphans = owners
  pool, owners = nil, {}
  for id, inbox in pairs(orphans) do
    inbox:put(id, nil, error_type.new {
      kind = "transport",
      code = reason.code,
      message = reason.message,
      sent = "maybe", -- the parent may go on with it
    })
  end
end

-- After a fork the parent's pool is of no use to the child, which makes its own.
local function add_to_pool(request)
  local id, err
  if pool then
    id, err = pool:add(request)
  end
  if pool and not (err and (err.code == "forked" or err.code == "closed")) then
    return id, err
  elseif pool then
    abandon_pool(err)
  end
  local made
  made, err = new_pool()
  if not made then
    return nil, err
  end
  return made:add(request)
end

-- Hands every transfer that has ended to its inbox.
local function deliver()
  if not pool then
    return
  end
  local running, reason = pool:step()
  if not running then
    return abandon_pool(reason)
  end
  local id, response, err = pool:take()
  while id do
    local inbox = owners[id]
    owners[id] = nil
    if inbox then
      inbox:put(id, response, err)
    end
    id, response, err = pool:take()
  end
end

local function poll(its_pool, seconds)
  its_pool:poll(seconds)
end

local Inbox = {}
Inbox.__index = Inbox

--- A new inbox.
-- @tparam[opt] function wait `wait(pool, seconds)` for hosts with an event loop of their own: returns when
-- something may have happened, at the latest after `seconds`. It may yield. Should it raise, the call it
-- was made for is lost; other calls go on.
function M.inbox(wait)
  return setmetatable({ wait = wait or poll, first = 1, last = 0, ids = {} }, Inbox)
end

function Inbox:put(id, response, err)
  self.ids[id] = nil
  self.last = self.last + 1
  self[self.last] = { id, response, err }
end

function Inbox:shift()
  local item = self[self.first]
  if item then
    self[self.first] = nil
    self.first = self.first + 1
    return item[1], item[2], item[3]
  end
end

--- Starts a transfer.
-- @tab request as `purchases.core`'s pool takes it
-- @treturn number|nil id
-- @treturn ?purchases.error
function Inbox:add(request)
  local id, err = add_to_pool(request)
  if id then
    owners[id] = self
    self.ids[id] = true
  end
  return id, err
end

--- The next answer; waits for it at most `seconds`, perhaps less.
-- @treturn number|nil id
-- @treturn ?table response
-- @treturn ?purchases.error in place of a response
function Inbox:receive(seconds)
  if self.first > self.last then
    deliver()
  end
  if self.first > self.last and seconds > 0 then
    self.wait(pool or assert(new_pool()), seconds)
    deliver()
  end
  return self:shift()
end

--- Cancels what is still in flight.
function Inbox:close()
  for id in pairs(self.ids) do
    pool:cancel(id)
    owners[id] = nil
  end
  self.ids = {}
end

return M
