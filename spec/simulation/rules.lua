--- What must hold, whatever the network does: while requests are sent, and of the outcomes at the end. They are written
-- from the contract and the design, not from the code.
local M = {}

local TOKENS, RETRY_COST, TIMEOUT_COST = 500, 5, 10 -- the retry budget of a host
local A_WHILE = 10 -- seconds for which a login that was refused is remembered at least
local TINY = 1e-6 -- seconds

local function check(holds, rule, ...)
  if not holds then
    error({ rule = rule:format(...) }, 0)
  end
end

M.check = check

local function begin(run)
  run.bodies, run.spent, run.refilled, run.seen_receipts = {}, 0, 0, {}
  run.last_start, run.not_before, run.no_login_before = -math.huge, -math.huge, -math.huge
  run.interrupted, run.stopped = false, nil
end

--- Forgets what was, before a client begins: what is in the book by then was there before.
function M.forget(run)
  begin(run)
  for _, state in pairs(run.states) do
    state.is_prior, state.book = state.is_prior or state.book > 0, 0
    state.maybe, state.final = false, false
  end
end

--- Remembers what the ledger knows, before a client begins with one: what has ended has ended, and what was about to be
-- sent when the process crashed may have arrived.
function M.remember(run)
  begin(run)
  run.in_flight = 0
  for _, state in pairs(run.states) do
    state.maybe, state.final, state.flying = state.maybe or state.granted, state.settled, false
    state.is_known, state.is_sent = state.final or state.maybe, false
  end
end

-- A request is sent again, with the same body.
local function check_repeat(run, transfer, earlier)
  local now, last = run.network.now, earlier.last
  check(last.taken, "a request is repeated before its first attempt has ended")
  check(last.means ~= "success", "what was accepted is sent again")
  check(now >= last.taken + (last.retry_after or 0) - TINY, "a repeat comes %g s after an answer that asked for %g s",
    now - last.taken, last.retry_after)
  check(last.means ~= "refused" and last.means ~= "stop" or transfer.wire.fresh_connection,
    "a repeat goes the way of an answer that refused")
  local most = run.opts.retry.attempts + (run.can_log_in and 1 or 0)
  check(earlier.count < most, "an item is sent %d times, %d attempts are allowed", earlier.count + 1, most)
  if last.means ~= "auth" then
    run.spent = run.spent + (last.failure and last.failure.code == "timeout" and TIMEOUT_COST or RETRY_COST)
    check(run.spent <= TOKENS + run.refilled, "the retry budget does not hold")
  end
end

-- An item is in a request that is about to leave.
local function check_item(run, key)
  local state = run.states[key]
  check(state and state.item.kind ~= "unfit", "the server sees what is no item: %s", key)
  if not state.has_twin then
    check(not state.flying, "%s is sent twice at the same time", key)
    check(not state.final, "%s is sent again after its end", key)
  end
  check(not run.has_ledger or state.granted, "%s is sent, and not written down", key)
  check(run.api.is_keyed or not state.maybe or run.opts_of_job.on_unknown == "retry",
    "%s has no key, may have arrived, and is sent again", key)
end

--- A request leaves.
function M.sending(run, transfer)
  local now, rate = run.network.now, run.opts.rate
  check(not rate or now >= run.last_start + 60 / rate - TINY, "the rate does not hold: %g s after the last request",
    now - run.last_start)
  run.last_start = now
  if transfer.is_login then
    return check(now >= run.no_login_before, "a login follows one that was refused")
  end
  check(not run.interrupted, "the job was interrupted, and sends something")
  check(not run.stopped, "the job sends something after %s", run.stopped)
  check(now >= run.not_before - TINY, "a 429 asked all to wait %g s longer", run.not_before - now)
  run.in_flight = run.in_flight + 1
  check(run.in_flight <= run.concurrency, "%d requests are in flight", run.in_flight)
  check(transfer.keys[1], "a request holds no purchase")
  for _, key in ipairs(transfer.keys) do
    check_item(run, key)
    run.states[key].flying, run.states[key].is_sent = true, true
  end
  local earlier, twin = run.bodies[transfer.wire.body], run.states[transfer.keys[1]].has_twin
  if earlier and not twin then
    check_repeat(run, transfer, earlier)
    earlier.count, earlier.last = earlier.count + 1, transfer
  else
    run.bodies[transfer.wire.body] = { count = 1, last = transfer }
  end
end

local STRAYS = 2 -- answers in a row to what may be repeated, after which they are no mistake

-- An answer that is not about its item, or lets nobody in, stops the job. What may be repeated gets a second chance,
-- and more while it may have arrived.
local function note_stop(run, transfer, was_maybe)
  local body = run.bodies[transfer.wire.body]
  body.strays = transfer.means == "stop" and (body.strays or 0) + 1 or 0
  local may_repeat = run.api.is_keyed or run.opts_of_job.on_unknown == "retry"
  local is_stray, is_last = body.strays >= STRAYS, body.count >= run.opts.retry.attempts
  if not run.is_job then
    return
  elseif transfer.means == "auth" and not run.can_log_in then
    run.stopped = "an answer that lets nobody in"
  elseif transfer.means == "stop" and (is_last or not was_maybe and (is_stray or not may_repeat)) then
    run.stopped = "an answer that is not about its item"
  end
end

local ENDS = { success = true, failed = true }

--- The client gets to know how an attempt ended.
function M.taken(run, transfer)
  local now = run.network.now
  transfer.taken = now
  if transfer.failure then
    transfer.means = transfer.failure.sent == "no" and "unsent" or "maybe"
  end
  if transfer.is_login then
    run.no_login_before = transfer.means == "auth" and now + A_WHILE or run.no_login_before
    return
  end
  run.in_flight = run.in_flight - 1
  local was_maybe = false
  for _, key in ipairs(transfer.keys) do
    local state = run.states[key]
    was_maybe = was_maybe or state.maybe
    state.flying = false
    state.maybe = state.maybe or transfer.means == "maybe" or transfer.means == "failed"
    state.final = ENDS[transfer.means] or transfer.means == "final" and #transfer.keys == 1
  end
  note_stop(run, transfer, was_maybe)
  local is_known = transfer.means == "final" and transfer.is_duplicate and was_maybe -- an earlier attempt succeeded
  if transfer.means == "success" or is_known then
    run.refilled = run.refilled + math.max(1, (run.bodies[transfer.wire.body].count - 1) * RETRY_COST)
  elseif transfer.response and transfer.response.status == 429 then
    run.not_before = math.max(run.not_before, now + transfer.retry_after)
  end
end

-- What an outcome says, held against the book and what the attempts have told.
local CHECKS = {}

function CHECKS.accepted(run, item, state, told)
  check(item.kind ~= "bad" and item.kind ~= "unfit", "is bad, and accepted")
  if run.api.is_keyed then
    check(state.book == 1 or state.is_prior, "is accepted, and %d times in the book", state.book)
    check(not state.is_prior or state.maybe, "was there before, was never sent in vain, and is accepted")
  else
    check(state.book >= 1, "is accepted, and not in the book")
    check(state.book == 1 or run.opts_of_job.on_unknown == "retry", "is in the book %d times", state.book)
    check(run.server.receipts[told.receipt] == item.key, "has the receipt of another")
    check(not run.seen_receipts[told.receipt], "has a receipt that another has, too")
    run.seen_receipts[told.receipt] = true
  end
end

function CHECKS.rejected(run, item, state, told)
  check(state.book == 0 or state.has_twin, "is rejected, and in the book")
  check(item.kind == "bad" or item.kind == "unfit" or state.is_prior or state.has_twin, "is good, and rejected")
  check(item.kind ~= "prior" or told.duplicate or run.weather.has_other_words,
    "was there before, and is not called a duplicate")
end

function CHECKS.pending(_, _, state)
  local is_of_before = state.is_known and not state.is_sent -- by an earlier run, and this one did not come so far
  check(state.book == 0 or state.has_twin or is_of_before, "is pending, and in the book")
end

function CHECKS.unknown(run, _, state)
  check(state.maybe, "is unknown, though nothing may have arrived")
  check(state.book <= 1 or run.opts_of_job.on_unknown == "retry", "is unknown, and %d times in the book", state.book)
end

--- All has ended.
-- @tab run
-- @tab told by index: `outcome`, and where they apply `duplicate`, `receipt`, `error`
function M.ended(run, told)
  for i = run.first, #run.items do
    local item, one = run.items[i], told[i]
    local state = run.states[item.key]
    local ok, why = pcall(CHECKS[one.outcome], run, item, state, one)
    if not ok then
      error({ rule = ("%s (%s) %s%s"):format(item.key, item.kind, type(why) == "table" and why.rule or why,
        one.error and "; its error: " .. tostring(one.error) or "") }, 0)
    end
    if run.weather.faults == 0 and not run.weather.login_refused and not run.is_disturbed then
      local expected = item.kind == "good" and not state.is_prior and "accepted" or "rejected"
      local is_open = run.has_ledger and state.maybe -- an earlier run has left it so
      check(one.outcome == expected or state.has_twin or is_open, "%s (%s) is %s in fair weather", item.key, item.kind,
        one.outcome)
    end
  end
end

return M
