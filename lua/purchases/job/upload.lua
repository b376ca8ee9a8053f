--- The upload loop: many requests in flight, retries that hold up nobody, one report at the end.
-- @module purchases.job.upload
local attempts_type = require "purchases.call.attempts"
local clock = require "purchases.clock"
local error_type = require "purchases.error"
local options = require "purchases.options"
local progress = require "purchases.job.progress"
local protect = require "purchases.protect"
local retry = require "purchases.call.retry"

local M = {}

local LONGEST_WAIT = 1 -- seconds between two looks at everything else

--- Options of every job. `on_progress(progress)` may return false to take no new work; `on_receipt`
-- gets each receipt as it comes, and the report then keeps none. When one of them raises, the job is
-- stopped: what is in flight is finished, no callback is called again, and the report's `error` tells
-- what was raised; a receipt that `on_receipt` did not take is in the report.
M.OPTIONS = {
  concurrency = { "number", check = options.count },
  on_progress = { "function" },
  on_receipt = { "function" },
  on_unknown = { "string", default = "report", check = options.one_of("report", "retry") },
}

local SLICE = 0.005 -- seconds to gather, after which what was gathered is sent

-- Remembers nothing.
local NO_LEDGER = {
  commit = function()
    return true
  end,
}

local Upload = {}
Upload.__index = Upload

function Upload:stop(reason, err)
  self.report.stopped = self.report.stopped or reason
  self.report.error = self.report.error or err
end

-- Calls what the caller gave us; should it raise, the report must not be lost with it.
function Upload:call_back(callback, value)
  if self.callback_raised then
    return false
  end
  local ok, result = protect.call(callback, value)
  if not ok then
    self.callback_raised = true
    self:stop("callback", error_type.new {
      kind = "callback",
      code = "callback_failed",
      message = "a callback raised: " .. error_type.text_of(result),
      cause = result,
    })
  end
  return ok, result
end

-- Adds a receipt or a failure to a list of them, in the order of the source. Answers come nearly in that order: a list
-- that is always sorted costs less than one that is sorted in the end, and holds nobody up.
local function insert(list, entry)
  local at = #list + 1
  while at > 1 do
    local before = list[at - 1]
    if before.index < entry.index or before.index == entry.index and (before.line or 0) <= (entry.line or 0) then
      break
    end
    list[at], at = before, at - 1
  end
  list[at] = entry
end

-- Adds to a receipt or a failure which batch it is about.
local function describe(batch, into)
  into.index, into.first, into.last, into.rows = batch.index, batch.first, batch.last, batch.rows
  return into
end

local function not_sent(outcome)
  return error_type.new {
    kind = "stopped",
    code = "stopped",
    message = "the job was stopped before this could be sent",
    outcome = outcome or "pending",
  }
end

-- How many purchases the job counts in a batch.
local function count_of(batch)
  return batch.count or 1
end

-- Counts a batch that has ended with this outcome; what waits for its purchases may go.
function Upload:count(batch, outcome)
  self.report[outcome] = self.report[outcome] + count_of(batch)
  if self.job.ended then
    self.job:ended(batch, outcome)
  end
  if outcome ~= "pending" then
    self.last_ended = math.max(self.last_ended, batch.index)
  end
end

-- Adds a receipt to the report, or hands it to the caller.
function Upload:hand_over(receipt)
  local on_receipt = self.opts.on_receipt
  local taken = on_receipt and self:call_back(on_receipt, receipt)
  if not (taken or self.job.counts_only) then
    insert(self.report.receipts, receipt)
  end
end

-- Adds a failure to the report and tells the caller; its text is for the caller alone.
function Upload:note(failure)
  local report, on_reject = self.report, self.opts.on_reject
  if failure.duplicate then
    report.duplicates = report.duplicates + 1
  end
  if on_reject then
    local _, result = self:call_back(on_reject, failure)
    if result == false then
      self:stop "interrupted"
    end
  end
  if #report.failures < (self.job.failures_kept or math.huge) then
    local kept = {}
    for name, value in pairs(failure) do
      kept[name] = name ~= "text" and value or nil
    end
    insert(report.failures, kept)
  end
end

-- Counts a batch that has failed, and stops the job where others would fare no better.
-- @treturn {table,...} its failures for the report
function Upload:count_failed(batch, err)
  local job, outcome, fate = self.job, err.outcome, retry.fate(err)
  local failures = job.failures and job:failures(batch, outcome, err)
    or { describe(batch, { outcome = outcome, error = err }) }
  self:count(batch, outcome)
  if err.kind ~= "stopped" and (outcome == "pending" or fate == "unsent" or fate == "refused" or fate == "astray") then
    -- Nothing arrives, or nothing is let in.
    local reason = err.kind == "auth" and "auth" or err.kind == "transport" and "unreachable" or "refused"
    self:stop(reason, err)
  elseif outcome == "unknown" and not self.sender.policy.budget:spend(err) then
    self:stop("unreachable", err)
  end
  return failures
end

-- The same for what no ledger need know: it was not sent, or the ledger knows it as it is.
function Upload:fail(batch, err)
  for _, failure in ipairs(self:count_failed(batch, err)) do
    self:note(failure)
  end
end

function Upload:new_item(batch, maybe)
  local attempts = attempts_type.new(self.sender, batch.request,
    { on_unknown = self.opts.on_unknown, maybe = maybe, in_job = true })
  return { batch = batch, attempts = attempts }
end

-- An error of a receipt that another batch of this job has had: whatever it is, it is not that of this one.
function Upload:check_receipt(attempts)
  local id = not self.job.counts_only and attempts.value.id
  if not id then
    return nil
  elseif not self.receipt_ids[id] then
    self.receipt_ids[id] = true
    return nil
  end
  return self.sender.session:describe(attempts.request.operation, error_type.new {
    kind = "protocol",
    code = "repeated_receipt",
    message = ("the receipt has the id of an earlier one of this job: %s"):format(id),
    attempts = attempts.count,
    outcome = "unknown",
    sent = "maybe",
    retryable = false,
  })
end

-- Takes the end of an item's call. Where its error may mean only one purchase of a batch, its parts are sent by
-- themselves; what the batch may have done stays with them.
function Upload:finish(item)
  local batch, attempts = item.batch, item.attempts
  local err = attempts.err or self:check_receipt(attempts)
  if err and self.job.accepts and self.job:accepts(batch, err) then
    err, attempts.value = nil, { duplicate = true }
  end
  local parts = err and self.job.divide and self.job:divide(batch, err)
  item.error = err
  if parts then
    item.outcome, item.parts = "divided", parts
    for i = #parts, 1, -1 do
      self.parts[#self.parts + 1] = self:new_item(parts[i], attempts.maybe)
    end
  elseif err then
    item.outcome, item.failures = err.outcome, self:count_failed(batch, err)
  else
    item.outcome, item.receipt = "accepted", describe(batch, attempts.value)
    self:count(batch, "accepted")
  end
end

function Upload:delay(item, seconds)
  item.due = clock.monotonic() + seconds
  self.delayed[#self.delayed + 1] = item
end

-- Takes how an attempt ended: the item then has an `outcome`, is delayed, or waits for a new token.
function Upload:take(item, response, failure)
  local verdict, seconds = item.attempts:finish(response, failure, clock.monotonic())
  self.ended[#self.ended + 1] = item
  if verdict == "wait" then
    self:delay(item, seconds)
  elseif verdict == "login" then
    self.locked_out[#self.locked_out + 1] = item
  else
    self:finish(item)
  end
end

-- Gets a new token for the items that need one; the first of them asks, and the others find it there.
function Upload:renew_token()
  local locked_out = self.locked_out
  self.locked_out = {}
  for _, item in ipairs(locked_out) do
    local attempts, ok, err = item.attempts, false, nil
    if self.report.stopped then -- perhaps by that very login
      attempts:close()
    else
      ok, err = self.sender.session:renew(attempts.token)
    end
    if ok then
      self:delay(item, 0)
    else
      if err then
        attempts:give_up(err)
      end
      self.ended[#self.ended + 1] = item
      self:finish(item)
    end
  end
end

-- Takes what needs no request: what was found unfit before anything was sent, and what earlier runs have settled.
function Upload:take_settled(batch)
  local report = self.report
  if batch.skipped then
    report.skipped = report.skipped + batch.skipped
  end
  if batch.receipt then
    self:hand_over(describe(batch, batch.receipt))
  end
  for _, failure in ipairs(batch.refused or {}) do
    failure.index, failure.outcome = batch.index, failure.outcome or "rejected"
    report[failure.outcome] = report[failure.outcome] + 1
    self:note(failure)
  end
  if not batch.request then
    self.last_ended = math.max(self.last_ended, batch.index)
  end
end

-- The next batch of the job as an item; nil, too, where it has to wait for others, or nothing of it can be sent.
function Upload:next_new()
  local batch, err, first = self.job:next(self.breathe)
  if not batch then
    self.reads_on = false
    if batch == nil then
      self.exhausted, self.unfit = true, first
    end
    if err then
      self:stop(err.kind == "ledger" and "ledger" or "input", err)
    end
    return nil
  end
  self:take_settled(batch)
  self.reads_on = not batch.request
  if batch.request and self.report.stopped then -- by a callback that heard of those
    self:fail(batch, not_sent())
    return nil
  end
  return batch.request and self:new_item(batch, batch.record and batch.record.maybe) or nil
end

-- Takes the next item to send: a delayed one that is due, then a part of a batch, then a new batch. Many delayed items
-- mean that the server is in trouble: it gets nothing new until they are through.
function Upload:next_item(now)
  if self.report.stopped then
    return nil
  end
  for i, item in ipairs(self.delayed) do
    if item.due <= now then
      return table.remove(self.delayed, i)
    end
  end
  local part = table.remove(self.parts)
  if part or self.exhausted or #self.delayed >= self.concurrency then
    return part
  end
  return self:next_new()
end

-- Is anything left to send, as far as the job knows?
function Upload:has_more()
  return not self.exhausted or self.delayed[1] ~= nil or self.parts[1] ~= nil
end

-- A worker of nginx that is to end waits for its jobs as long as they go on: this one begins nothing new.
function Upload:heed_exit()
  if self:has_more() and self.inbox:is_exiting() then
    self:stop("interrupted", error_type.new {
      kind = "stopped",
      code = "worker_exiting",
      message = "the nginx worker is told to end: the job takes no new work",
    })
  end
end

-- The time from which on the next request may be sent, if there is a place for it: that of a turn, which is reserved
-- when something may be left to send.
function Upload:next_start(now)
  local turns = self.sender.turns
  if not self.report.stopped and self:has_more() and not (self.turn and self.turn >= turns:held_till()) then
    self.turn = turns:claim(now, math.huge)
  end
  return self.turn and turns:due(self.turn) or now
end

-- Takes as many items as there are places for, and turns. The time is asked for anew each time: to read may take long,
-- and so may callbacks that hear of what is refused.
-- @treturn {table,...}
function Upload:gather()
  local ready, turns, began = {}, self.sender.turns, clock.monotonic()
  self.reads_on = false
  while self.in_flight + #ready < self.concurrency and not self.locked_out[1] do
    self.inbox:breathe()
    if not self.inbox:is_empty() then
      break -- what came meanwhile is heard first: it may ask all to wait, or end the job
    end
    local now = clock.monotonic()
    local item = now >= self:next_start(now) and self:next_item(now)
    if not item then
      break
    end
    item.turn, self.turn = self.turn, nil
    ready[#ready + 1] = item
    if turns.width > 0 then
      break -- turns count from when the one before has left
    elseif self.job.may_wait or now > began + SLICE then
      self.reads_on = true -- the next one may come late, and this one is not to wait for it
      break
    end
  end
  return ready
end

-- Sends what was gathered, unless something has been heard since that forbids it.
function Upload:send(ready)
  local turns = self.sender.turns
  for _, item in ipairs(ready) do
    local now = clock.monotonic()
    if self.report.stopped or item.turn < turns:held_till() or now < turns:due(item.turn) then
      self.ended[#self.ended + 1] = item
      self:delay(item, 0)
    else
      turns:started(now)
      local id, err = self.inbox:add(item.attempts:start(now))
      if id then
        self.flying[id] = item
        self.in_flight = self.in_flight + 1
      else
        self:take(item, nil, err)
      end
    end
  end
end

-- Seconds until something else than an answer is to be done.
function Upload:patience()
  local now = clock.monotonic()
  local till, start = now + LONGEST_WAIT, self:next_start(now)
  if self.in_flight >= self.concurrency then
    return LONGEST_WAIT -- whatever is due, there is no place for it
  end
  for _, item in ipairs(self.delayed) do
    till = math.min(till, math.max(item.due, start))
  end
  if start > now then
    till = math.min(till, start)
  end
  return math.max(0, till - now)
end

-- Takes the answers that have come; where there is nothing else to do, waits for one.
-- @treturn {table,...} the items whose attempt has ended since the last call
function Upload:receive()
  local may_wait = not (self.reads_on or self.ended[1])
  while may_wait or not self.inbox:is_empty() do
    local id, response, failure = self.inbox:receive(may_wait and self:patience() or 0)
    may_wait = false
    self.inbox:breathe()
    if id then
      local item = self.flying[id]
      self.flying[id] = nil
      self.in_flight = self.in_flight - 1
      self:take(item, response, failure)
    end
  end
  local ended = self.ended
  self.ended = {}
  return ended
end

-- Tells the caller what has ended.
function Upload:tell(ended)
  for _, item in ipairs(ended) do
    if item.outcome == "accepted" then
      self:hand_over(item.receipt)
    end
    for _, failure in ipairs(item.failures or {}) do
      self:note(failure)
    end
  end
end

-- One round: what has ended and what is to be sent are written down together, before anybody hears of the one and
-- before the first byte of the other. What comes in meanwhile makes the next round.
function Upload:round()
  local ended = self:receive()
  self:heed_exit()
  local ready = self:gather()
  local ok, err = self.ledger:commit(ended, ready)
  self:tell(ended)
  if not ok then
    self:stop("ledger", err)
  end
  if self.progress:show(self) == false then
    self:stop "interrupted"
  end
  self:renew_token()
  self:send(ready)
end

-- Has all ended that is to end? After a stop nothing is tried again: what never arrived stays pending.
function Upload:is_done()
  if not self.report.stopped then
    return self.in_flight == 0 and not self.ended[1] and not self:has_more()
  end
  for _, list in ipairs { self.delayed, self.parts } do
    for _, item in ipairs(list) do
      local attempts = item.attempts
      if attempts.err then
        attempts:close()
      end
      self:fail(item.batch, attempts.err or not_sent(attempts.maybe and "unknown"))
    end
  end
  self.delayed, self.parts = {}, {}
  return self.in_flight == 0 and not self.ended[1]
end

-- Finds the first row from which on all rows are pending, so that sending them again repeats nothing. Pending batches
-- before it, among others that are not pending, are in the failures.
function Upload:find_resume()
  for _, failure in ipairs(self.report.failures) do
    if failure.index > self.last_ended then
      return failure.first
    end
  end
  if self.exhausted then
    return self.unfit
  end
  local batch, _, unfit = self.job:next(self.breathe)
  return batch and batch.first or unfit
end

-- Of a job that does not know how much there is: what was not sent, and from where on it is to be run again.
function Upload:count_rest()
  local report, job = self.report, self.job
  local batch = report.stopped and job:next_waiting()
  while batch do
    self:fail(batch, not_sent())
    batch = job:next_waiting()
  end
  local count, line, left_out = job:rest(self.breathe)
  report.pending = report.pending + (count or 0)
  report.resume, report.left_out = line, left_out
  report.unread = count == nil or nil
end

function Upload:close()
  local report, job = self.report, self.job
  if not job.total then
    self:count_rest()
    job:close()
  end
  if job.total then
    report.pending = job.total - report.accepted - report.rejected - report.unknown - (report.skipped or 0)
    report.resume = self:find_resume()
  end
  self.progress:show(self, true)
  return report
end

--- Runs a job to its end.
-- @tab sender see `purchases.client.sender`: `inbox(most)`, `prepare(request)`, `wire(request, timeout)`,
-- `turns`, `concurrency`, `timeout`, `session`, `policy`
-- @tab job `prepare(breathe)` → true | nil, err, where anything must be known before; `next(breathe)` →
-- `{ request =, index =, first =, last =, rows = }`, nil at the end, or nil, err and the
-- time of the first row of what cannot be sent; `total`; `noun`; `may_wait`: `next` may take until somebody else has
-- more
-- @tab opts see `OPTIONS`
-- @tab[opt] ledger `commit(ended, ready)` → true | nil, err: writes down, durably, which attempts have ended (see
-- `take`) and which are about to be made
-- @treturn table|nil report `{ accepted =, rejected =, unknown =, pending =, receipts =, failures = }`, counts
-- of batches; when it did not go through, `stopped` ("auth", "unreachable", "refused", "input",
-- "interrupted", "callback", "ledger"), its `error`, and `resume`: of a series, the time of the first row from which on
-- all are pending (others, if any, are among the failures); of purchases, the line of the first that is pending or
-- unknown
-- @treturn ?purchases.error only where nothing could start
function M.run(sender, job, opts, ledger)
  local ok, err = sender:prepare {}
  if not ok then
    return nil, err
  end
  local inbox = sender:inbox(opts.concurrency or sender.concurrency)
  local self = setmetatable({
    sender = sender,
    job = job,
    opts = opts,
    ledger = ledger or NO_LEDGER,
    inbox = inbox,
    breathe = function()
      inbox:breathe()
    end,
    concurrency = inbox.most,
    flying = {}, -- items by transfer id
    in_flight = 0,
    delayed = {}, -- items that wait for their time
    parts = {}, -- items that are parts of a batch that was refused
    ended = {}, -- items whose attempt has ended, until the next round
    locked_out = {}, -- items that wait for a new token
    reads_on = true, -- there is something to gather at once
    receipt_ids = {}, -- as a set
    last_ended = 0, -- the highest index of a batch that is not pending
    report = { accepted = 0, rejected = 0, unknown = 0, pending = 0, receipts = {}, failures = {} },
  }, Upload)
  self.report.duplicates = job.failures and 0 or nil
  self.report.skipped = ledger and 0 or nil
  self.progress = progress.new(job, opts.on_progress and function(state)
    local called, result = self:call_back(opts.on_progress, state)
    return called and result
  end)
  if job.prepare then
    ok, err = job:prepare(self.breathe)
  end
  if not ok then
    job:close()
    return nil, err
  end
  repeat
    self:round()
  until self:is_done()
  return self:close()
end

return M
