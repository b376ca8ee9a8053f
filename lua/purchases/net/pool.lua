--- Every transfer of this Lua state, in one pool of connections, and who waits for it.
-- @module purchases.net.pool
local core = require "purchases.core"
local error_type = require "purchases.error"

local M = {}

local pool -- of this Lua state

-- An owner lives as long as its caller does: with a coroutine that was killed, its inbox is collected, and
-- then its transfers are cancelled.
local owners = setmetatable({}, { __mode = "v" })
local flying = {} -- by id
local count = 0

local function note_added(id, owner)
  owners[id], flying[id] = owner, true
  count = count + 1
end

local function note_ended(id)
  local owner = owners[id]
  if flying[id] then
    owners[id], flying[id] = nil, nil
    count = count - 1
  end
  return owner
end

local function new_pool()
  local made, err = core.http.new()
  pool = made or pool
  return made, err
end

-- The pool is of no more use: closed, or left to the parent by a fork. Who waits for what was in flight
-- would wait for ever.
local function abandon_pool(reason)
  pool = nil
  for id in pairs(flying) do
    local owner = note_ended(id)
    if owner then
      owner:put(id, nil, error_type.new {
        kind = "transport",
        code = reason.code,
        message = reason.message,
        sent = "maybe", -- the parent may go on with it
      })
    end
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

--- Starts a transfer.
-- @tab request as `purchases.core`'s pool takes it
-- @tab owner gets `put(id, response, err)` at its end; when nobody else holds it any more, the transfer is
-- cancelled
-- @treturn number|nil id
-- @treturn ?purchases.error
function M.add(request, owner)
  local id, err = add_to_pool(request)
  if id then
    note_added(id, owner)
  end
  return id, err
end

--- Ends a transfer; nobody is told.
function M.cancel(id)
  pool:cancel(id)
  note_ended(id)
end

local STEPS = 100 -- between two searches for orphans
local steps = 0

local function cancel_orphans()
  steps = (steps + 1) % STEPS
  if steps > 0 then
    return
  end
  for id in pairs(flying) do
    if not owners[id] then
      M.cancel(id)
    end
  end
end

local function hand_out()
  local ended = 0
  local id, response, err = pool:take()
  while id do
    ended = ended + 1
    local owner = note_ended(id)
    if owner then
      owner:put(id, response, err)
    end
    id, response, err = pool:take()
  end
  return ended
end

--- Moves all transfers on, and hands those that have ended to their owners.
-- @treturn int how many have ended
-- @treturn int how many are in flight
function M.step()
  if not pool then
    return 0, count
  end
  local running, reason = pool:step()
  if not running then
    abandon_pool(reason)
    return 0, count
  end
  local ended = hand_out()
  cancel_orphans()
  return ended, count
end

--- Waits by a function that takes the pool and seconds.
function M.poll(poll, seconds)
  poll(pool or assert(new_pool()), seconds)
end

return M
