--- Every transfer of this Lua state, in one pool of connections, and who waits for it.
-- @module purchases.net.pool
local core = require "purchases.core"
local error_type = require "purchases.error"
require "purchases.net.head" -- gives the core's answers their headers

local M = {}

local pool -- of this Lua state, once something is to be sent

-- An owner lives as long as its caller does: with a coroutine that was killed, its inbox is collected, and
-- then its transfers are cancelled.
local owners = setmetatable({}, { __mode = "v" })
local flying = {} -- by id
local count = 0

local function note_ended(id)
  local owner = owners[id]
  if flying[id] then
    owners[id], flying[id] = nil, nil
    count = count - 1
  end
  return owner
end

-- Makes a pool where there is none.
local function open()
  local err
  if not pool then
    pool, err = core.http.new()
  end
  return pool, err
end

-- The pool is of no more use: closed, or left to the parent by a fork. Who waits for what was in flight
-- would wait for ever.
local function abandon(reason)
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

--- Starts a transfer. After a fork the parent's pool is of no use to the child, which makes its own.
-- @tab request as `purchases.core`'s pool takes it
-- @tab owner gets `put(id, response, err)` at its end; when nobody else holds it any more, the transfer is
-- cancelled
-- @treturn number|nil id
-- @treturn ?purchases.error
function M.add(request, owner)
  local opened, id, err
  if pool then
    id, err = pool:add(request)
    if err and (err.code == "forked" or err.code == "closed") then
      abandon(err)
    end
  end
  if not pool then
    opened, err = open()
    if opened then
      id, err = opened:add(request)
    end
  end
  if id then
    owners[id], flying[id] = owner, true
    count = count + 1
  end
  return id, err
end

--- Ends a transfer; nobody is told.
function M.cancel(id)
  pool:cancel(id)
  note_ended(id)
end

local STEPS = 100 -- between two searches for transfers whose owner is gone
local steps = 0

--- Moves all transfers on, and hands those that have ended to their owners.
-- @treturn int how many have ended
-- @treturn int how many are in flight
function M.step()
  if not pool then
    return 0, count
  end
  local running, reason = pool:step()
  if not running then
    abandon(reason)
    return 0, count
  end
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
  steps = (steps + 1) % STEPS
  if steps == 0 then
    for orphan in pairs(flying) do
      if not owners[orphan] then
        M.cancel(orphan)
      end
    end
  end
  return ended, count
end

--- Waits.
-- @tparam function poll `poll(pool, seconds)`
-- @number seconds at most
function M.poll(poll, seconds)
  poll(assert(open()), seconds)
end

return M
