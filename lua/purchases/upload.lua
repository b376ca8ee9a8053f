--- The upload loop: many requests in flight, retries that hold up nobody, one report at the end.
-- @module purchases.upload
local core = require "purchases.core"
local exchange = require "purchases.exchange"
local options = require "purchases.options"
local progress = require "purchases.progress"
local wait = require "purchases.wait"

local M = {}

local monotonic = core.system.monotonic
local LONGEST_WAIT = 1 -- seconds between two looks at everything else

local function check_on_unknown(value)
  if value ~= "report" and value ~= "retry" then
    return 'must be "report" or "retry"'
  end
end

--- Options of every job. `on_progress(progress)` may return false to take no new work; `on_receipt`
-- gets each receipt as it comes, and the report then keeps none.
M.OPTIONS = {
  concurrency = { "number", check = options.positive },
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
  return setmetatable({
    client = client,
    job = job,
    opts = opts,
    ledger = ledger or NO_LEDGER,
    inbox = wait.inbox(client.options.wait),
    concurrency = opts.concurrency or client.options.concurrency,
    flying = {}, -- items by transfer id
    in_flight = 0,
    delayed = {}, -- items that wait for their time
    not_before = 0, -- the server asked everybody to wait until then
    progress = progress.new(job, opts.on_progress),
    report = { accepted = 0, rejected = 0, unknown = 0, pending = 0, receipts = {}, failures = {} },
  }, Upload)
end

function Upload:stop(reason, err)
  self.report.stopped = self.report.stopped or reason
  self.report.error = self.report.error or err
end

-- What a batch is called in receipts and failures.
local function describe(item, into)
  local batch = item.batch
  into.index, into.first, into.last, into.rows = batch.index, batch.first, batch.last, batch.rows
  return into
end

function Upload:accept(item, receipt)
  local report = self.report
  report.accepted = report.accepted + 1
  describe(item, receipt)
  if self.opts.on_receipt then
    self.opts.on_receipt(receipt)
  else
    report.receipts[#report.receipts + 1] = receipt
  end
  self.ledger.after(item.batch, "accepted", receipt)
end

-- Nothing arrives, or nothing is let in: what is left would fare no better.
local function reason_to_stop(err)
  return err.kind == "auth" and "auth" or err.kind == "transport" and "unreachable" or "refused"
end

function Upload:fail(item, err)
  local report, outcome = self.report, err.outcome
  report[outcome] = report[outcome] + 1
  report.failures[#report.failures + 1] = describe(item, { outcome = outcome, error = err })
  self.ledger.after(item.batch, outcome, err)
  if outcome == "pending" then
    self:stop(reason_to_stop(err), err)
  elseif outcome == "unknown" and not self.client.budget:spend(err) then
    self:stop("unreachable", err)
  end
end

function Upload:finish(item)
  local attempt = item.exchange
  if attempt.err then
    self:fail(item, attempt.err)
  else
    self:accept(item, attempt.value)
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
  local ok, err = self.client:renew(item.exchange.token)
  if ok then
    self:delay(item, 0)
  else
    item.exchange:give_up(err)
    self:finish(item)
  end
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

function Upload:next_new()
  local batch, err = self.job.next()
  if not batch then
    self.exhausted = true
    if err then
      self:stop("input", err)
    end
    return nil
  end
  self.ledger.before(batch)
  return { batch = batch, exchange = exchange.new(self.client, batch.request, { on_unknown = self.opts.on_unknown }) }
end

function Upload:next_item(now)
  local item = self:next_due(now)
  -- Many delayed items mean that the server is in trouble: it gets no more until they are through.
  if item or self.report.stopped or self.exhausted or #self.delayed >= self.concurrency then
    return item
  end
  return self:next_new()
end

function Upload:fill()
  local now = monotonic()
  while self.in_flight < self.concurrency and now >= self.not_before do
    local item = self:next_item(now)
    if not item then
      return
    end
    self.not_before = math.max(self.not_before, now + self.client:hold_back(now))
    self:send(item)
  end
end

-- Seconds until something else than an answer is to be done.
function Upload:patience()
  local now = monotonic()
  local till = now + LONGEST_WAIT
  for _, item in ipairs(self.delayed) do
    till = math.min(till, math.max(item.due, self.not_before))
  end
  if self.not_before > now then
    till = math.min(till, self.not_before)
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

-- After a stop nothing is tried again: what never arrived stays pending.
function Upload:drop_delayed()
  for _, item in ipairs(self.delayed) do
    item.exchange:close()
    self:fail(item, item.exchange.err)
  end
  self.delayed = {}
end

function Upload:is_done()
  if self.report.stopped then
    self:drop_delayed()
    return self.in_flight == 0
  end
  return self.exhausted and self.in_flight == 0 and #self.delayed == 0
end

local function by_index(a, b)
  return a.index < b.index
end

-- Where the rows begin that nobody has seen: after the last batch that was taken, or at the first of those
-- taken in vain.
function Upload:find_resume()
  for _, failure in ipairs(self.report.failures) do
    if failure.outcome == "pending" then
      return failure.first
    end
  end
  local batch = self.report.pending > 0 and self.job.next()
  return batch and batch.first or nil
end

function Upload:close()
  local report = self.report
  report.pending = self.job.total - report.accepted - report.rejected - report.unknown
  table.sort(report.receipts, by_index)
  table.sort(report.failures, by_index)
  report.resume = self:find_resume()
  self.progress:show(self, true)
  return report
end

function Upload:run()
  repeat
    self:fill()
    if self.in_flight > 0 or #self.delayed > 0 or self.not_before > monotonic() then
      self:receive()
    end
    if self.progress:show(self) == false then
      self:stop "interrupted"
    end
  until self:is_done()
  return self:close()
end

--- Runs a job to its end.
-- @tab client
-- @tab job `next()` → `{ request =, index =, first =, last =, rows = }`, nil at the end, or nil, err;
-- `total`; `noun`
-- @tab opts see `OPTIONS`
-- @tab[opt] ledger `before(batch)`, `after(batch, outcome, receipt_or_error)`
-- @treturn table|nil report `{ accepted =, rejected =, unknown =, pending =, receipts =, failures = }`, counts
-- of batches; when it did not go through, `stopped` ("auth", "unreachable", "refused", "input",
-- "interrupted"), its `error`, and `resume`, the time of the first row that is pending
-- @treturn ?purchases.error only where nothing could start
function M.run(client, job, opts, ledger)
  local ok, err = client:prepare {}
  if not ok then
    return nil, err
  end
  return new_upload(client, job, opts, ledger):run()
end

return M
