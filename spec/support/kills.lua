-- Commands that upload to a sandbox with a ledger, and are killed or fail on the way.
--
--   local job = kills.JOBS.woowup             of ravenwits, woowup, curebit; job.name, job.batches, job.count
--   local place = kills.place(folder, sandbox, job)    its source in an empty folder; the sandbox has forgotten all
--   local child = place:start(options)        see spec/support/command.lua
--   place:run(options)                        its result, and the report
--   place:kill_after(child, requests, seconds)     true if the kill fell between the first grant and the last settle
--   place:storm(seed)                         faults by chance, from now on
--   place:finish(doubts)                      runs it until the end, and checks all that must hold then
--   place:check(report, doubts)               the same of a report
local assert = require "luassert"
local cjson = require "cjson"
local command = require "spec.support.command"
local common = require "spec.support.common"
local load = require "spec.support.load"
local pages = require "spec.support.pages"
local purchases = require "purchases"
local sales = require "spec.support.sales"
local socket = require "socket"

local M = {}

local CONCURRENCY = 4
local MOST_RUNS = 20 -- within which all has ended, whatever goes wrong
local IMPATIENT = [[
  local retry = require "purchases.call.retry"
  local policy = retry.policy
  function retry.policy(...)
    local made = policy(...)
    made.base = 0.002
    return made
  end
]]
local BATCHES, SIZE = 30, 10

local function keyed(name, path, text, key)
  return {
    name = name,
    path = path,
    is_keyed = true,
    batches = BATCHES,
    count = BATCHES * SIZE,
    source = table.concat(text(1, BATCHES * SIZE), "\n"),
    line = name .. " create source --rate 1000000 --batch " .. SIZE,
    key = key,
  }
end

M.JOBS = {
  woowup = keyed("woowup", "bulk", sales.texts, function(purchase)
    return purchase.invoice_number
  end),
  curebit = keyed("curebit", "create", sales.orders, function(purchase)
    return purchase.order_number
  end),
  ravenwits = {
    name = "ravenwits",
    path = "submit",
    batches = BATCHES,
    count = BATCHES,
    source = load.csv(96 * BATCHES),
    line = "ravenwits submit source --retailer 123",
    key = function(purchase)
      return purchase.first
    end,
  },
}

local Place = {}
Place.__index = Place

--- A new place for a job, where nothing has been sent. The answers take their time, so that kills find some missing.
function M.place(folder, sandbox, job)
  sandbox:reset()
  sandbox:fault { path = job.path, rate = 1, delay = 0.02 }
  folder.empty()
  folder.write("source", job.source)
  return setmetatable({ folder = folder, sandbox = sandbox, job = job, ledger = folder.path .. "/job.db", kills = 0,
    requests_before = 0 }, Place)
end

--- Orders faults by chance: resets, refusals that may have done something, and bursts that ask to wait.
function Place:storm(seed)
  local path = self.job.path
  self.sandbox:clear_faults()
  self.sandbox:fault { path = path, status = 429, headers = { ["Retry-After"] = 0 }, times = 3, skip = seed % 20 }
  for i, status in ipairs { 444, 503 } do
    self.sandbox:fault { path = path, status = status, rate = 0.05, seed = seed + i,
      effect = (seed + i) % 2 == 0 and "applied" or "none" }
  end
  self.sandbox:fault { path = path, rate = 1, delay = 0.02 }
end

-- How many requests the sandbox struck with a fault that leaves it open whether they were carried out.
local function struck(place)
  local count = 0
  for _, fault in ipairs(place.sandbox:faults()) do
    count = count + (fault.rate and fault.status and fault.struck or 0)
  end
  return count
end

--- Starts the command. Options as of command.start; `concurrency` is its own, and `launcher` are the arguments of a
-- program that runs it.
function Place:start(options)
  options = common.merge(options or {}, { directory = self.folder.path })
  options.env = common.merge(pages.environment(self.sandbox), { LUA_INIT = IMPATIENT }, options.env or {})
  local line = ("%s --json --ledger %s --concurrency %d"):format(self.job.line, self.ledger,
    options.concurrency or CONCURRENCY)
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  return command.start(command.concat(options.launcher or {}, words), options)
end

--- Runs the command to its end.
-- @treturn table result
-- @treturn ?table its report
function Place:run(options)
  local result = self:start(options):wait()
  assert(not result.timed_out, "did not end by itself")
  assert(not result.stderr:find("traceback", 1, true), result.stderr)
  return result, result.stdout ~= "" and cjson.decode(result.stdout) or nil
end

--- How many requests the sandbox has had.
function Place:requests()
  return self.sandbox:counts().requests
end

--- Does the ledger know of a request, and not of the end of all?
function Place:is_between()
  local ledger = assert(purchases.ledger.open(self.ledger))
  local batches, accepted = 0, 0
  for entry in assert(ledger:history()) do
    batches = batches + 1
    accepted = accepted + (entry.state == "accepted" and entry.count or 0)
  end
  ledger:close()
  return batches > 0 and accepted < self.job.count
end

--- Kills a child once so many more requests have come, and so many seconds have passed.
-- @treturn boolean did it fall between the first grant and the last settle?
function Place:kill_after(child, requests, seconds)
  local before = self.requests_before
  command.wait_until(function()
    return self:requests() >= before + requests or child:has_ended()
  end)
  socket.sleep(seconds)
  if not child:has_ended() then
    child:signal "KILL"
  end
  local result = child:wait()
  assert(result.signal == 9 or result.code == 0 or result.code == 1, result.stderr)
  self.requests_before = self:requests()
  self.kills = self.kills + (result.signal and 1 or 0)
  return result.signal == 9 and self:is_between()
end

-- What the sandbox has accepted, by key: how often.
local function received(place)
  local counts = {}
  for _, purchase in ipairs(place.sandbox:purchases()) do
    local key = place.job.key(purchase)
    counts[key] = (counts[key] or 0) + 1
  end
  return counts
end

local function check_keyed(place, report)
  local count = 0
  for key, times in pairs(received(place)) do
    count = count + 1
    assert(times == 1, ("%s is there %d times"):format(key, times))
  end
  assert.equal(place.job.count, count)
  assert.same({ 0, 0 }, { report.rejected, report.unknown })
end

local function check_days(place, report, doubts)
  local unknown, there = {}, received(place)
  for _, failure in ipairs(report.failures) do
    assert.equal("unknown", failure.outcome)
    unknown[failure.first] = true
  end
  local rows = load.rows(96 * place.job.count)
  for i = 1, #rows, 96 do
    local day = rows[i].datetime
    local times = there[day] or 0
    assert(times == 1 or times == 0 and unknown[day], ("%s is there %d times"):format(day, times))
  end
  assert(report.unknown <= doubts, ("%d are unknown, and no more than %d can be"):format(report.unknown, doubts))
end

--- Checks the report of the last run, and what the sandbox has: nothing is lost, and nothing is there twice.
-- @tab report
-- @int doubts how many attempts may have ended without an answer
function Place:check(report, doubts)
  assert.equal(self.job.count, report.accepted + report.skipped + report.rejected + report.unknown + report.pending)
  assert.equal(0, report.pending)
  if self.job.is_keyed then
    check_keyed(self, report)
  else
    check_days(self, report, doubts)
  end
end

--- Runs the command until nothing is left that it would send, and then again, which is to send nothing.
-- @int[opt] doubts as for `check`; as many as were in flight at each kill, and had faults
-- @treturn table the last report of those that sent something
function Place:finish(doubts)
  local result, report
  for _ = 1, MOST_RUNS do
    result, report = self:run()
    if report.pending == 0 and (report.unknown == 0 or not self.job.is_keyed) then
      break
    end
  end
  self:check(report, doubts or self.kills * CONCURRENCY + struck(self))
  assert.equal(report.unknown > 0 and 1 or 0, result.code)
  local requests = self:requests()
  local _, again = self:run()
  assert.same({ requests, self.job.count, 0 }, { self:requests(), again.skipped + again.unknown, again.pending })
  return report
end

return M
