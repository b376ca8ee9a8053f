--- Waits for the workflows of purchases, until Ctrl-C.
-- @module purchases.cli.ravenwits.await
local clock = require "purchases.clock"
local error_type = require "purchases.error"
local interrupt = require "purchases.cli.interrupt"

local M = {}

local PATIENCE = 600 -- seconds in which no workflow ends
local SHORTEST = 0.001 -- seconds for one look

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

--- Waits for one purchase.
-- @tab client
-- @string id
-- @number[opt] timeout in seconds
-- @string[opt] why what is said of one that has not ended until then
-- @treturn table `purchase` once it is completed, else `err`, and `interrupted` after Ctrl-C; `seen`: the
-- purchase as it was last seen
function M.one(client, id, timeout, why)
  local found, ended = {}
  ended, found.purchase, found.err = interrupt.breakable(function()
    return client:wait(id, {
      timeout = timeout or PATIENCE,
      on_progress = function(purchase)
        found.seen = purchase
      end,
    })
  end)
  local status = found.seen and found.seen.status
  if not ended then
    found.interrupted = true
    found.err = not_settled(id, status, INTERRUPTED)
  elseif found.err and found.err.code == "not_settled" then
    found.err = not_settled(id, status, why or ("no workflow ended in %d seconds"):format(PATIENCE))
  end
  return found
end

--- Waits for many purchases, one after the other, until one of them tells that the next would fare no better.
-- @tab client
-- @tparam {table,...} receipts `id`, `status`
-- @tparam function show `show(receipt, found)`, as from `one`; `skipped` where nobody looked at it
-- @number[opt] timeout in seconds for all of them, each of which is looked at once even so; by default there is none as
-- long as workflows end
function M.all(client, receipts, show, timeout)
  local deadline, reason = clock.monotonic() + (timeout or PATIENCE), nil
  local why = timeout and ("it did not end in %g seconds"):format(timeout)
  for _, receipt in ipairs(receipts) do
    local found
    if reason and not reason.interrupted then
      found = { skipped = true, err = reason.err }
    elseif reason or interrupt.seen() then
      found = { skipped = true, interrupted = true, err = not_settled(receipt.id, receipt.status, INTERRUPTED) }
    else
      found = M.one(client, receipt.id, math.max(deadline - clock.monotonic(), SHORTEST), why)
      local kind = found.err and found.err.kind
      if found.interrupted or kind == "auth" or kind == "transport" then
        reason = found
      end
    end
    if found.purchase and not timeout then
      deadline = clock.monotonic() + PATIENCE
    end
    show(receipt, found)
  end
end

return M
