--- The upload loop: many requests in flight, retries that hold up nobody, one report at the end.
-- @module purchases.job.upload
local core = require "purchases.core"
local error_type = require "purchases.error"
local exchange = require "purchases.call.attempts"
local options = require "purchases.options"
local progress = require "purchases.job.progress"
local transport = require "purchases.net.custom"

local M = {}

local monotonic = core.system.monotonic
local LONGEST_WAIT = 1 -- seconds between two looks at everything else

local function check_on_unknown(value)
  if value ~= "report" and value ~= "retry" then
    return 'must be "report" or "retry"'
  end
end

--- Options of every job. `on_progress(progress)` may return false to take no new work; `on_receipt`
-- gets each receipt as it comes, and the report then keeps none. When one of them raises, the job is
-- stopped: what is in flight is finished, no callback is called again, and the report's `error` tells
-- what was raised; a receipt that `on_receipt` did not take is in the report.
M.OPTIONS = {
  concurrency = { "number", check = options.count },
  on_progress = { "function" },
  on_receipt = { "function" },
  on_unknown = { "string", default = "report", check = check_on_unknown },
}

-- Told before a batch is sent and after it ended; a ledger takes this place.
local NO_LEDGER = {
  before = function() end,
  after = function() end,
}

local Upload = {}
Upload.__index = Upload

local function new_upload(client, job, opts, ledger)
  local inbox = transport.inbox(client.options, opts.concurrency or client.options.concurrency)
  local self = setmetatable({
    client = client,
    job = job,
    opts = opts,
    ledger = ledger or NO_LEDGER,
    inbox = inbox,
    concurrency = inbox.most,
    flying = {}, -- items by transfer id
    in_flight = 0,
    delayed = {}, -- items that wait for their time
    parts = {}, -- items that are parts of one that was refused
    not_before = 0, -- the server asked everybody to wait until then
    last_settled = 0, -- the highest index of a batch that is not pending
    report = { accepted = 0, rejected = 0, unknown = 0, pending = 0, receipts = {}, failures = {} },
  }, Upload)
  self.report.duplicates = job.failures and 0 or nil
  self.progress = progress.new(job, opts.on_progress and function(state)
    local ok, result = self:call_back(opts.on_progress, state)
    return ok and result
  end)
  return self
end

function Upload:stop(reason, err)
  self.report.stopped = self.report.stopped or reason
  self.report.error = self.report.error or err
end

local function callback_failed(raised)
  return error_type.new {
    kind = "callback",
    code = "callback_failed",
    message = "a callback raised: " .. tostring(raised),
    cause = raised,
  }
end

-- Calls what the caller gave us; should it raise, the report must not be lost with it.
function Upload:call_back(callback, value)
  if self.callback_raised then
    return false
  end
  local ok, result = pcall(callback, value)
  if not ok then
    self.callback_raised = true
    self:stop("callback", callback_failed(result))
  end
  return ok, result
end

-- What a batch is called in receipts and failures.
local function describe(item, into)
  local batch = item.batch
  into.index, into.first, into.last, into.rows = batch.index, batch.first, batch.last, batch.rows
  return into
end

local function count_of(batch)
  return batch.count or 1
end

function Upload:accept(item, receipt)
  local report = self.report
  report.accepted = report.accepted + count_of(item.batch)
  self:settle(item, "accepted", describe(item, receipt))
  local on_receipt = self.opts.on_receipt
  local taken = on_receipt and self:call_back(on_receipt, receipt)
  if not (taken or self.job.counts_only) then
    report.receipts[#report.receipts + 1] = receipt
  end
end

function Upload:settle(item, outcome, what)
  self.ledger.after(item.batch, outcome, what)
  if self.job.settled then
    self.job:settled(item.batch, outcome)
  end
  if outcome ~= "pending" then
    self.last_settled = math.max(self.last_settled, item.batch.index)
  end
end

-- Nothing arrives, or nothing is let in: what is left would fare no better.
local function reason_to_stop(err)
  return err.kind == "auth" and "auth" or err.kind == "transport" and "unreachable" or "refused"
end

-- Adds to the report what the caller, too, is told of; a failure's text is for the caller alone.
function Upload:note(failure)
  local report, on_reject = self.report, self.opts.on_reject
  if failure.duplicate then
    report.duplicates = report.duplicates + 1
  end
  if on_reject then
    self:call_back(on_reject, failure)
  end
  if #report.failures < (self.job.failures_kept or math.huge) then
    local kept = {}
    for name, value in pairs(failure) do
      kept[name] = name ~= "text" and value or nil
    end
    report.failures[#report.failures + 1] = kept
  end
end

local function failures_of(job, item, outcome, err)
  if job.failures then
    return job:failures(item.batch, outcome, err)
  end
  return { describe(item, { outcome = outcome, error = err }) }
end

function Upload:fail(item, err)
  local report, job = self.report, self.job
  local outcome = job.outcome and job:outcome(err) or err.outcome
  err.outcome = outcome
  report[outcome] = report[outcome] + count_of(item.batch)
  for _, failure in ipairs(failures_of(job, item, outcome, err)) do
    self:note(failure)
  end
  self:settle(item, outcome, err)
  if outcome == "pending" and err.kind ~= "stopped" then
    self:stop(reason_to_stop(err), err)
  elseif outcome == "unknown" and not self.client.budget:spend(err) then
    self:stop("unreachable", err)
  end
end

-- Those that were found out before anything was sent.
function Upload:refuse(batch)
  for _, failure in ipairs(batch.refused or {}) do
    self.report.rejected = self.report.rejected + 1
    failure.index, failure.outcome = batch.index, "rejected"
    self:note(failure)
  end
end

function Upload:new_item(batch, maybe)
  self.ledger.before(batch)
  return {
    batch = batch,
    exchange = exchange.new(self.client, batch.request, { on_unknown = self.opts.on_unknown, maybe = maybe }),
  }
end

-- Sends the parts of a batch by themselves, when an error may mean only one of them. What the batch may have
-- done stays with them.
function Upload:divide(item)
  local attempt = item.exchange
  local parts = self.job.divide and self.job:divide(item.batch, attempt.err)
  if not parts then
    return false
  end
  self.ledger.after(item.batch, "divided", attempt.err)
  for i = #parts, 1, -1 do
    self.parts[#self.parts + 1] = self:new_item(parts[i], attempt.maybe)
  end
  return true
end

function Upload:finish(item)
  local attempt = item.exchange
  if not attempt.err then
    self:accept(item, attempt.value)
  elseif not self:divide(item) then
    self:fail(item, attempt.err)
  end
end

function Upload:delay(item, seconds)
  item.due = monotonic() + seconds
  self.delayed[#self.delayed + 1] = item
  if item.exchange.err.status == 429 then
    self.not_before = math.max(self.not_before, item.due)
  end
end

function Upload:login(item)
  local attempt = item.exchange
  if self.report.stopped then -- perhaps by that very login
    attempt:close()
    return self:finish(item)
  end
  local ok, err = self.client:renew(attempt.token)
  if ok then
    return self:delay(item, 0)
  end
  attempt:give_up(err)
  self:finish(item)
end

function Upload:take(item, response, failure)
  local verdict, seconds = item.exchange:finish(response, failure, monotonic())
  if verdict == "done" then
    self:finish(item)
  elseif verdict == "wait" then
    self:delay(item, seconds)
  else
    self:login(item)
  end
end

function Upload:send(item)
  local id, err = self.inbox:add(item.exchange:start(monotonic()))
  if not id then
    self:take(item, nil, err)
    return
  end
  self.flying[id] = item
  self.in_flight = self.in_flight + 1
end

-- A delayed item whose time has come.
function Upload:next_due(now)
  for i, item in ipairs(self.delayed) do
    if item.due <= now then
      return table.remove(self.delayed, i)
    end
  end
end

-- Nothing, too, when what is next has to wait for others, or nothing of it can be sent.
function Upload:next_new()
  local batch, err, first = self.job:next()
  if batch == nil then
    self.exhausted, self.unfit = true, first
    if err then
      self:stop("input", err)
    end
  elseif batch then
    self:refuse(batch)
    self.reads_on = not batch.request
  end
  return batch and batch.request and self:new_item(batch) or nil
end

function Upload:next_item(now)
  if self.report.stopped then
    return nil
  end
  local item = self:next_due(now) or table.remove(self.parts)
  -- Many delayed items mean that the server is in trouble: it gets no more until they are through.
  if item or self.exhausted or #self.delayed >= self.concurrency then
    return item
  end
  return self:next_new()
end

-- When a place is free, the next request may be sent from then on.
function Upload:next_start()
  return math.max(self.not_before, self.client.next_start)
end

function Upload:fill()
  local now = monotonic()
  self.reads_on = false
  while self.in_flight < self.concurrency and now >= self:next_start() do
    local item = self:next_item(now)
    if not item then
      return
    end
    self.client:take_turn(now)
    self:send(item)
  end
end

-- Seconds until something else than an answer is to be done.
function Upload:patience()
  local now = monotonic()
  local till, start = now + LONGEST_WAIT, self:next_start()
  if self.reads_on then
    return 0
  elseif self.in_flight >= self.concurrency then
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

function Upload:receive()
  local id, response, failure = self.inbox:receive(self:patience())
  while id do
    local item = self.flying[id]
    self.flying[id] = nil
    self.in_flight = self.in_flight - 1
    self:take(item, response, failure)
    id, response, failure = self.inbox:receive(0)
  end
end

local function not_sent(item)
  return error_type.new {
    kind = "stopped",
    code = "stopped",
    message = "the job was stopped before this could be sent",
    outcome = item.exchange and item.exchange.maybe and "unknown" or "pending",
  }
end

-- After a stop nothing is tried again: what never arrived stays pending.
function Upload:drop_delayed()
  for _, item in ipairs(self.delayed) do
    item.exchange:close()
    self:fail(item, item.exchange.err)
  end
  for _, item in ipairs(self.parts) do
    self:fail(item, not_sent(item))
  end
  self.delayed, self.parts = {}, {}
end

function Upload:is_done()
  if self.report.stopped then
    self:drop_delayed()
    return self.in_flight == 0
  end
  return self.exhausted and self.in_flight == 0 and #self.delayed == 0 and #self.parts == 0
end

local function by_index(a, b)
  return a.index < b.index or a.index == b.index and (a.line or 0) < (b.line or 0)
end

-- Answers come in order as a rule, and to sort what is sorted costs as much as to sort anything.
local function sort(list)
  for i = 2, #list do
    if by_index(list[i], list[i - 1]) then
      return table.sort(list, by_index)
    end
  end
end

-- Where the rows begin that are all pending, so that to send them again repeats nothing: what is pending
-- before that, among batches that are not, stands in the failures.
function Upload:find_resume()
  for _, failure in ipairs(self.report.failures) do
    if failure.index > self.last_settled then
      return failure.first
    end
  end
  if self.exhausted then
    return self.unfit
  end
  local batch, _, unfit = self.job:next()
  return batch and batch.first or unfit
end

-- Of a job that does not know how much there is: what was not sent, and from where on it is to be run again.
function Upload:count_rest()
  local report, job = self.report, self.job
  local batch = report.stopped and job:next_waiting()
  while batch do
    self:fail({ batch = batch }, not_sent {})
    batch = job:next_waiting()
  end
  local count, line = job:rest()
  report.pending = report.pending + (count or 0)
  report.resume = line
  report.unread = count == nil or nil
end

function Upload:close()
  local report, job = self.report, self.job
  if not job.total then
    self:count_rest()
    job:close()
  end
  sort(report.receipts)
  sort(report.failures)
  if job.total then
    report.pending = job.total - report.accepted - report.rejected - report.unknown
    report.resume = self:find_resume()
  end
  self.progress:show(self, true)
  return report
end

function Upload:run()
  self:fill()
  while not self:is_done() do
    self:receive()
    if self.progress:show(self) == false then
      self:stop "interrupted"
    end
    self:fill()
  end
  return self:close()
end

--- Runs a job to its end.
-- @tab client
-- @tab job `next()` → `{ request =, index =, first =, last =, rows = }`, nil at the end, or nil, err and the
-- time of the first row of what cannot be sent; `total`; `noun`
-- @tab opts see `OPTIONS`
-- @tab[opt] ledger `before(batch)`, `after(batch, outcome, receipt_or_error)`
-- @treturn table|nil report `{ accepted =, rejected =, unknown =, pending =, receipts =, failures = }`, counts
-- of batches; when it did not go through, `stopped` ("auth", "unreachable", "refused", "input",
-- "interrupted", "callback"), its `error`, and `resume`: of a series, the time of the first row from which on
-- all are pending (others, if any, are among the failures); of purchases, the line of the first that is not settled
-- @treturn ?purchases.error only where nothing could start
function M.run(client, job, opts, ledger)
  local ok, err = client:prepare {}
  if not ok then
    return nil, err
  end
  return new_upload(client, job, opts, ledger):run()
end

return M
