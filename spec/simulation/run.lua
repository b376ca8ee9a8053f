--- One run: a job, or callers who share a client, over the virtual network, as a seed has it; and the check of all
-- rules.
local ledger_type = require "spec.simulation.ledger"
local random_type = require "spec.simulation.random"
local rules = require "spec.simulation.rules"
local scenario = require "spec.simulation.scenario"
local server_type = require "spec.simulation.server"

local M = {}

local check = rules.check
local unpack = unpack or table.unpack

--- The APIs, which take turns: a seed is for the one at its remainder.
M.APIS = {
  require "spec.simulation.api.ravenwits",
  require "spec.simulation.api.woowup",
  (require "spec.simulation.api.curebit"),
}

local Run = {}
Run.__index = Run

--- Adds a line to the story, where somebody listens.
-- @tab transfer what it is about; nil for the job
-- @string text
function Run:tell(transfer, text, ...)
  if self.story then
    local arguments = { ... }
    for i = 1, select("#", ...) do
      arguments[i] = type(arguments[i]) == "number" and arguments[i] or tostring(arguments[i])
    end
    self.story[#self.story + 1] = ("%9.3f  %-6s %s"):format(self.network.time - 1000,
      transfer and "#" .. transfer.number or "", text:format(unpack(arguments)))
  end
end

function Run:begin()
  local opts = self.opts
  self:tell(nil, "%s, %s of %d items; faults %g: %s", self.api.name,
    self.is_job and "a job" or self.callers .. " callers", #self.items, self.weather.faults,
    table.concat(self.weather.kinds, " "))
  self:tell(nil, "attempts %d, timeout %g, rate %s, concurrency %d, batch %s, on_unknown %s", opts.retry.attempts,
    opts.timeout, opts.rate, opts.concurrency, self.opts_of_job.batch, self.opts_of_job.on_unknown)
  for i, item in ipairs(self.items) do
    self:tell(nil, "item %d is %s: %s", i, item.kind, item.key)
  end
end

-- What the network tells -----------------------------------------------------------------------------------------

function Run:sending(transfer)
  local wire = transfer.wire
  self.sent = self.sent + 1
  transfer.number = self.sent
  transfer.is_login = self.api.is_login ~= nil and self.api.is_login(wire)
  transfer.keys = transfer.is_login and {} or self.api.keys(wire.body)
  self:tell(transfer, "is sent: %s", transfer.is_login and "login" or table.concat(transfer.keys, " "))
  rules.sending(self, transfer)
end

function Run:exchange(transfer)
  self.server:exchange(transfer)
end

function Run:taken(transfer)
  rules.taken(self, transfer)
end

local CRASH = {} -- what is raised

--- The process comes to a place where it may crash; once it has, it does nothing more.
function Run:step(place)
  local crash = self.crash
  if crash and crash.place == place and not self.has_crashed then
    crash.left = crash.left - 1
    self.has_crashed = crash.left == 0
    if self.has_crashed then
      self:tell(nil, "crashes: %s", place)
    end
  end
  if self.has_crashed then
    error(CRASH, 0)
  end
end

--- Is the disk full? From some commit on it is: the job is to send nothing more.
function Run:fails_to_commit()
  local crash = self.crash
  if crash and crash.place == "full_disk" then
    crash.left = crash.left - 1
    if crash.left <= 0 then
      self:tell(nil, "a commit fails")
      self.stopped, self.is_disturbed = "a commit that failed", true
      return true
    end
  end
  return false
end

-- The job ----------------------------------------------------------------------------------------------------------

-- A callback of the job's, at one of whose calls something happens: the first after so many requests were sent.
local function callback(run, name)
  local disturbance = run.disturbance
  local waits = name == disturbance.name
  return function(value)
    run.called_again = run.called_again or run.has_raised and name -- an error from here would be the caller's own
    local is_time = waits and run.sent >= disturbance.at
    waits = waits and not is_time
    if is_time and disturbance.kind == "raise" then
      run:tell(nil, "%s raises", name)
      run.interrupted, run.has_raised, run.is_disturbed = true, true, true
      error("raised on purpose", 0)
    elseif name == "on_receipt" then
      run.receipts[#run.receipts + 1] = value -- the report then has none of those that were taken
    end
    if is_time and disturbance.kind == "late" then
      run:tell(nil, "%s takes 10 s", name)
      run.network.now = run.network.now + 10
    elseif is_time and disturbance.kind == "interrupt" and name == "on_progress" then
      run:tell(nil, "Ctrl-C")
      run.interrupted, run.is_disturbed = true, true
      return false
    end
  end
end

local function source_of(run)
  if run.api.source then
    return run.api.source(run.world, run.items, run.first)
  end
  local texts = {}
  for i, item in ipairs(run.items) do
    texts[i] = item.text
  end
  if not run.has_function then
    return texts
  end
  local at = 0
  return function()
    at = at + 1
    if run.disturbance.kind == "source" and at == run.disturbance.at then
      run.is_disturbed, run.source_raised = true, at
      error("the source raised on purpose", 0)
    end
    return texts[at]
  end
end

-- What a report says of each item.
local function outcomes_of(run, report)
  local told, counts = {}, { rejected = 0, unknown = 0, pending = 0 }
  for _, failure in ipairs(report.failures) do
    local index = failure.line or failure.index + run.first - 1
    check(not told[index], "the report tells twice of item %d", index)
    told[index] = { outcome = failure.outcome, duplicate = failure.duplicate, error = failure.error }
    counts[failure.outcome] = counts[failure.outcome] + 1
  end
  for _, receipt in ipairs(report.receipts) do
    run.receipts[#run.receipts + 1] = receipt
  end
  for _, receipt in ipairs(run.receipts) do
    local index = receipt.index + run.first - 1
    check(not told[index], "item %d has a receipt, and another or a failure", index)
    told[index] = { outcome = "accepted", receipt = receipt.id }
  end
  -- Where there are no receipts, those of which nothing is said were accepted, as many as are counted; all others of
  -- which nothing is said were never read.
  local skipped = report.skipped or 0 -- accepted by an earlier run
  local left = report.accepted + skipped - #run.receipts
  check(left == 0 or run.api.is_keyed, "%d are accepted, with %d receipts", report.accepted + skipped, #run.receipts)
  for i = run.first, #run.items do
    if not told[i] then
      told[i] = { outcome = left > 0 and "accepted" or "pending" }
      left = left - 1
    end
  end
  local sum = report.accepted + skipped + report.rejected + report.unknown + report.pending
  local count = #run.items - run.first + 1
  check(sum == count or report.unread and sum < count, "the outcomes add up to %d of %d", sum, count)
  check(counts.rejected == report.rejected and counts.unknown == report.unknown,
    "the report counts %d rejected and %d unknown, and names %d and %d", report.rejected, report.unknown,
    counts.rejected, counts.unknown)
  return told
end

-- The index of the item from which on the job is to go on, which the report must name: of purchases, the first that is
-- pending or unknown; of a series, the first from which on all are pending.
local function check_resume(run, told, resume)
  local first, is_keyed = run.source_raised, run.api.is_keyed
  for i = #run.items, run.first, -1 do
    if told[i].outcome == "pending" or is_keyed and told[i].outcome == "unknown" then
      first = i
    elseif not is_keyed then
      break
    end
  end
  local wanted = is_keyed and first or run.items[first] and run.items[first].key
  check(resume == wanted, "the report says to go on from %s, and not from %s", tostring(resume), tostring(wanted))
  return first
end

-- Runs the job from `run.first` on.
-- @treturn ?table what is told of each item
-- @treturn ?int the first that is left to another run
local function run_job(run)
  local opts = run.opts_of_job
  opts.on_progress = callback(run, "on_progress")
  if run.disturbance.name ~= "on_progress" then
    opts[run.disturbance.name] = callback(run, run.disturbance.name)
  end
  local report, err = run.api.job(run.client, source_of(run), opts)
  if not report then
    run:tell(nil, "the job does not begin: %s", err)
    check(next(run.bodies) == nil, "the job does not begin, and sent something")
    run.is_disturbed = true
    if run.is_again then -- and says nothing of what earlier runs have sent
      return nil
    end
    local told = {}
    for i in ipairs(run.items) do
      told[i] = { outcome = "pending", error = err }
    end
    return told
  end
  run:tell(nil, "the report: %d accepted, %d rejected, %d unknown, %d pending; stopped: %s, %s", report.accepted,
    report.rejected, report.unknown, report.pending, report.stopped, report.error)
  for _, failure in ipairs(report.failures) do
    run:tell(nil, "  item %d is %s: %s", failure.line or failure.index, failure.outcome, failure.error)
  end
  local told = outcomes_of(run, report)
  check(not run.called_again, "%s is called after a callback raised", run.called_again)
  return told, check_resume(run, told, report.resume)
end

local function make_call(run, item)
  local began = run.network.now
  local value, err = run.api.call(run.client, item)
  local outcome = value and "accepted" or err.outcome or err.kind == "validation" and "rejected"
  run:tell(nil, "the call for item %d is %s: %s", item.index, outcome, err)
  check(outcome, "an error has no outcome")
  check(run.network.now <= began + run.opts.timeout + 0.1, "a call takes %g s, its timeout is %g",
    run.network.now - began, run.opts.timeout)
  return { outcome = outcome, error = err, receipt = value and value.id, duplicate = err and err.duplicate }
end

-- Callers who share a client, each a coroutine that makes one call after another. Their waits yield; when all of them
-- wait, the network does.
local function run_calls(run)
  local told, threads = {}, {}
  for first = 1, run.callers do
    threads[first] = coroutine.create(function()
      for i = first, #run.items, run.callers do
        told[i] = make_call(run, run.items[i])
      end
    end)
  end
  while threads[1] do
    local shortest = math.huge
    for i = #threads, 1, -1 do
      local ok, seconds = coroutine.resume(threads[i])
      if not ok then
        error(type(seconds) == "table" and seconds or debug.traceback(threads[i], seconds), 0)
      elseif coroutine.status(threads[i]) == "dead" then
        table.remove(threads, i)
      else
        shortest = math.min(shortest, seconds)
      end
    end
    if threads[1] then
      run.network:poll(shortest)
    end
  end
  run.is_disturbed = run.opts.rate ~= nil or run.callers > run.opts.concurrency -- which may leave a call no time
  return told
end

local function wait(_, seconds)
  coroutine.yield(seconds)
end

-- A new process is to run the job from there on, over the same server.
local function begin_again(run, first)
  run:tell(nil, "the job is run again, from item %d on", first)
  if run.has_ledger then
    rules.remember(run)
  else
    rules.forget(run)
  end
  run.server:forgive()
  run.first, run.is_disturbed, run.has_raised, run.source_raised, run.receipts = first, false, false, nil, {}
  run.has_crashed, run.crash, run.is_again = false, nil, true
  run.client = run.api.client(run.world, run.opts, run.can_log_in)
end

-- Runs the job again when nothing goes wrong any more.
local function go_on(run, first)
  begin_again(run, first)
  run.weather.faults, run.weather.login_refused, run.disturbance.kind = 0, false, "none"
  run.opts_of_job.from_line = not run.has_ledger and run.api.is_keyed and first or nil
  rules.ended(run, (run_job(run)))
end

-- Runs the job, which may crash: then nobody is told anything.
local function try_job(run)
  local results = { xpcall(run_job, function(raised)
    return type(raised) == "table" and raised or debug.traceback(tostring(raised))
  end, run) }
  if results[1] and not run.has_crashed then
    return results[2], results[3]
  elseif results[2] ~= CRASH then
    error(results[2], 0)
  end
  ledger_type.crash(run)
  run.network:close()
end

-- Runs the job, or the callers, until all is quiet; the index of the first item that is left to another run.
local function try(run)
  local told, first = (run.is_job and try_job or run_calls)(run)
  run.network:drain()
  if told then
    rules.ended(run, told)
  end
  return first
end

local function carry_out(run)
  run.opts.wait = not run.is_job and wait or nil
  run.client = run.api.client(run.world, run.opts, run.can_log_in)
  if run.has_ledger then
    ledger_type.give(run)
  end
  local first = try(run)
  if run.has_ledger then
    if run.second_crash then
      begin_again(run, 1)
      run.crash = run.second_crash
      try(run)
    end
    go_on(run, 1) -- with a ledger, always from the beginning
  elseif first and first <= #run.items then
    go_on(run, first)
  end
end

--- Carries out the run of a seed.
-- @tab world see `spec.simulation.world`
-- @int seed
-- @tab[opt] story gets its lines
-- @treturn ?string which rule does not hold, nil if all do
function M.once(world, seed, story)
  local api, random = M.APIS[seed % #M.APIS + 1], random_type.new(seed)
  local run = setmetatable(scenario.new(random, api), Run)
  run.api, run.random, run.world, run.network, run.story = api, random, world, world.network, story
  run.sent, run.receipts, run.first = 0, {}, 1
  run.in_flight, run.concurrency = 0, run.is_job and run.opts.concurrency or run.callers
  rules.forget(run)
  run.server = server_type.new(run)
  world.clock.random = function()
    return random:number()
  end
  world.network:reset(run)
  run:begin()
  local ok, why = xpcall(carry_out, function(raised)
    return type(raised) == "table" and raised.rule or debug.traceback("it raised: " .. tostring(raised))
  end, run)
  if not ok then
    run:tell(nil, "BROKEN: %s", why)
    return why
  end
end

return M
