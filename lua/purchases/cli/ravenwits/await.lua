--- Waits for the workflows of purchases, until Ctrl-C.
-- @module purchases.cli.ravenwits.await
local core = require "purchases.core"
local error_type = require "purchases.error"
local interrupt = require "purchases.cli.interrupt"

local M = {}

local monotonic = core.system.monotonic
local PATIENCE = 600 -- seconds in which no workflow comes to its end
local SHORTEST = 0.001 -- for one look

local function not_settled(id, status, why)
  return error_type.new {
    kind = "api",
    code = "not_settled",
    provider = "ravenwits",
    operation = "wait",
    message = ("purchase %s is still %s; %s"):format(id, status or "running", why),
    messages = {},
    retryable = true,
  }
end

local INTERRUPTED = "interrupted, no longer waiting for it"

local function explain(id, result, ended)
  local status = result.seen and result.seen.status
  if not ended then
    result.interrupted = true
    return not_settled(id, status, INTERRUPTED)
  elseif result.err and result.err.code == "not_settled" then
    return not_settled(id, status, ("nothing came to its end in %d seconds"):format(PATIENCE))
  end
  return result.err
end

--- Waits for one purchase.
-- @tab client
-- @string id
-- @number[opt] timeout
-- @treturn table `purchase` once it is completed, else `err`, and `interrupted` after Ctrl-C; `seen`: the
-- purchase as it was last seen
function M.one(client, id, timeout)
  local result, ended = {}
  local function see(purchase)
    result.seen = purchase
  end
  ended, result.purchase, result.err = interrupt.breakable(function()
    return client:wait(id, { timeout = timeout or PATIENCE, on_progress = see })
  end)
  result.err = explain(id, result, ended)
  return result
end

-- What says nothing about this purchase but that the next would fare no better.
local function stops_all(result)
  local kind = result.err and result.err.kind
  return result.interrupted or kind == "auth" or kind == "transport"
end

local function skipped(receipt, reason)
  local interrupted = not reason or reason.interrupted
  local err = interrupted and not_settled(receipt.id, receipt.status, INTERRUPTED) or reason.err
  return { skipped = true, interrupted = interrupted, err = err }
end

--- Waits for many purchases, one after the other.
-- @tab client
-- @tparam {table,...} receipts `id`, `status`
-- @tparam function show `show(receipt, result)`, as from `one`; `skipped` where nobody looked at it
function M.all(client, receipts, show)
  local deadline, reason = monotonic() + PATIENCE, nil
  for _, receipt in ipairs(receipts) do
    local result
    if reason or interrupt.seen() then
      result = skipped(receipt, reason)
    else
      result = M.one(client, receipt.id, math.max(deadline - monotonic(), SHORTEST))
      reason = stops_all(result) and result or nil
    end
    if result.purchase then
      deadline = monotonic() + PATIENCE
    end
    show(receipt, result)
  end
end

return M
