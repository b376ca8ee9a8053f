-- Jobs: many submits in flight, against the sandbox and the fault server.
local batch_job = require "purchases.job.batch"
local clock = require "purchases.clock"
local common = require "spec.support.common"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local load = require "spec.support.load"
local purchases = require "purchases"
local ravenwits = require "purchases.provider.ravenwits"
local support = require "spec.support.sandbox"
local upload = require "purchases.job.upload"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon


describe("a job", function()
  local sandbox

  setup(function()
    faults.start()
    sandbox = support.start()
  end)
  teardown(function()
    sandbox:stop()
    faults.stop()
  end)
  before_each(function()
    faults.reset()
    sandbox:reset()
  end)

  local function client(fields)
    return purchases.ravenwits.new(merge({
      user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url, retry = { attempts = 3, base = 0.001 },
    }, fields or {}))
  end

  local function signing_in(fields)
    return client(merge({ token = "stale-token", email = "demo@example.com", password = "sandbox-password" },
      fields or {}))
  end

  -- A job of so many batches of two rows each.
  local function submit(c, batches, opts)
    return assert(c:submit_all(load.series(2 * batches), merge({ retailer_id = "123", batch = 2 }, opts or {})))
  end

  local function fault(order)
    sandbox:fault(merge({ path = "submit" }, order))
  end

  local function counts(report)
    return { report.accepted, report.rejected, report.unknown, report.pending }
  end

  -- The time of the first row of a batch of two rows.
  local function first_of(index)
    return load.rows(2 * index - 1)[2 * index - 1].datetime
  end

  -- How often each batch was received, by the time of its first row.
  local function received()
    local times = {}
    for _, purchase in ipairs(sandbox:audit().purchases) do
      times[purchase.first] = (times[purchase.first] or 0) + 1
    end
    return times
  end

  local function is_received_once(batches)
    local expected = {}
    for i = 1, batches do
      expected[first_of(i)] = 1
    end
    assert.same(expected, received())
  end

  local function indexes(list)
    local found = {}
    for i, item in ipairs(list) do
      found[i] = item.index
    end
    return found
  end

  local function up_to(last)
    local list = {}
    for i = 1, last do
      list[i] = i
    end
    return list
  end

  local function statuses(path)
    local found = {}
    for _, request in ipairs(sandbox:audit().requests) do
      if request.path:find(path, 1, true) then
        local status = math.floor(request.status)
        found[status] = (found[status] or 0) + 1
      end
    end
    return found
  end

  describe("that goes well", function()
    it("accepts every batch once", function()
      local report = submit(client(), 20)
      assert.same({ 20, 0, 0, 0 }, counts(report))
      assert.same({}, report.failures)
      assert.is_nil(report.stopped or report.error or report.resume)
      is_received_once(20)
    end)

    it("has receipts in order, each with its rows", function()
      fault { delay = 0.05, skip = 2, times = 3 }
      local report = submit(client(), 12)
      assert.same(up_to(12), indexes(report.receipts))
      local ids = {}
      for _, purchase in ipairs(sandbox:audit().purchases) do
        ids[purchase.first] = purchase.id
      end
      for i, receipt in ipairs(report.receipts) do
        assert.same({ ids[first_of(i)], first_of(i), 2, 2, "pending" },
          { receipt.id, receipt.first, receipt.rows, receipt.rows_uploaded, receipt.status })
      end
    end)

    it("sends days unless it is told otherwise, and rows where it gets them", function()
      local days = assert(client():submit_all(load.series(96 + 4), { retailer_id = 7 }))
      assert.same({ 2, "2025-10-01 23:45", 4 }, { days.accepted, days.receipts[1].last, days.receipts[2].rows })
      assert.equal(1, assert(client():submit_all(load.rows(4), { retailer_id = "7", batch = "all" })).accepted)
      assert.equal("7", sandbox:audit().purchases[1].retailer_id)
    end)

    it("takes the step and the zone of rows", function()
      local halves = {}
      for i = 0, 3 do
        halves[i + 1] = { datetime = ("2025-10-01 %02d:%02d"):format(math.floor(i / 2), i % 2 * 30), purchase = i }
      end
      local report = assert(client():submit_all(halves, { retailer_id = "7", step = 30 }))
      assert.same({ 1, 4 }, { report.accepted, report.receipts[1].rows })
      local day = { { datetime = "2025-10-01 00:00", purchase = 1 } }
      local _, err = client():submit_all(day, { retailer_id = "7", tz = "Europe/Madrid" })
      assert.equal("Purchase items of 2025-10-01: 1, but that day has 96 in Europe/Madrid (step 15 minutes).",
        err.message)
      local ok, raised = pcall(client().submit_all, client(), load.series(2), { retailer_id = "7", step = 30 })
      assert.is_false(ok)
      assert.matches("options 'tz' and 'step' are for rows", raised)
    end)

    it("says nothing of rows that are wrong but what is wrong, and sends none", function()
      local rows = load.rows(4)
      rows[3].purchase = "x"
      local report, err = client():submit_all(rows, { retailer_id = "7" })
      assert.same({ nil, "validation", "submit_all" }, { report, err.kind, err.operation })
      assert.equal(0, #sandbox:audit().requests)
    end)

    local HELD = 0.5 -- seconds that the sandbox keeps a request

    -- How many requests the sandbox had at once.
    local function most_at_once()
      local most, requests = 0, sandbox:audit().requests
      for i = 1, #requests do
        local first = i
        while first > 1 and requests[first - 1].time > requests[i].time - 0.9 * HELD do
          first = first - 1
        end
        most = math.max(most, i - first + 1)
      end
      return most
    end

    it("has as many in flight as it was told, and no more", function()
      fault { delay = HELD, times = 100 }
      submit(client { concurrency = 5 }, 10)
      assert.equal(5, most_at_once())
      sandbox:reset()
      fault { delay = HELD, times = 100 }
      submit(client { concurrency = 5 }, 6, { concurrency = 3 })
      assert.equal(3, most_at_once())
    end)

    it("keeps its client's rate although a callback takes long", function()
      local now, times, monotonic = 1000, {}, clock.monotonic
      local c = client {
        rate = 60,
        concurrency = 1,
        wait = function(pool, seconds)
          pool:poll(0.01)
          now = now + seconds
        end,
      }
      local wire = c.sender.wire
      c.sender.wire = function(...)
        times[#times + 1] = now
        return wire(...)
      end
      local opts = { retailer_id = "123", batch = 2, on_unknown = "report" }
      local opened = batch_job.open(ravenwits, c.options, load.series(4), opts)
      local next_batch = opened.next
      opened.next = function()
        now = now + 10 -- as a callback or a slow source would
        return next_batch()
      end
      clock.monotonic = function()
        now = now + 0.001
        return now
      end
      local ok, report = pcall(upload.run, c.sender, opened, opts)
      clock.monotonic = monotonic
      assert(ok, report)
      assert.equal(2, report.accepted)
      assert.equal(2, #times)
      local next_start = c.sender.turns:claim(0, math.huge)
      assert.is_true(next_start >= times[2] + 0.99, next_start - times[2])
    end)

    it("keeps its client's rate", function()
      local took = elapsed(submit, client { rate = 60 / 0.05 }, 7)
      assert.is_true(took >= 0.29 and took < soon(2), took)
    end)
  end)

  describe("with failures", function()
    it("goes on after a batch that is refused, and names it", function()
      fault { skip = 3, status = 400, body = { error = "no such retailer" } }
      local report = submit(client { concurrency = 1 }, 6)
      assert.same({ 5, 1, 0, 0 }, counts(report))
      assert.same({ 1, 2, 3, 5, 6 }, indexes(report.receipts))
      local failure = report.failures[1]
      assert.same({ 4, "rejected", first_of(4), 2 }, { failure.index, failure.outcome, failure.first, failure.rows })
      assert.same({ "api", 400, "no such retailer", "submit", 1 }, { failure.error.kind, failure.error.status,
        failure.error.message, failure.error.operation, failure.error.attempts })
      assert.is_nil(report.stopped or report.resume)
    end)

    it("never repeats what may have arrived", function()
      fault { skip = 1, status = 500, effect = "applied", times = 3 }
      local report = submit(client { concurrency = 1 }, 6)
      assert.same({ 3, 0, 3, 0 }, counts(report))
      assert.same({ 2, 3, 4 }, indexes(report.failures))
      assert.equal("unknown", report.failures[1].outcome)
      is_received_once(6)
    end)

    it("repeats it where the caller chose to", function()
      fault { status = 500, effect = "applied", times = 2 }
      local report = submit(client { concurrency = 1 }, 3, { on_unknown = "retry" })
      assert.same({ 3, 0, 0, 0 }, counts(report))
      assert.same({ [first_of(1)] = 3, [first_of(2)] = 1, [first_of(3)] = 1 }, received())
      fault { status = 502, times = 3 }
      report = submit(client { concurrency = 1 }, 2, { on_unknown = "retry" })
      assert.same({ 1, 0, 1, 0 }, counts(report))
      assert.equal(3, report.failures[1].error.attempts)
      for _, wrong in ipairs { "again", "" } do
        assert.error_matches(function()
          submit(client(), 1, { on_unknown = wrong })
        end, [[option 'on_unknown' must be "report" or "retry"]], 1, true)
      end
    end)

    it("takes a receipt that it has had for none (fault 33)", function()
      local receipt = { id = "00000000-0000-4000-8000-000000000000", status = "pending", rows_uploaded = 2, error = "" }
      for _, on_unknown in ipairs { "report", "retry" } do
        sandbox:reset()
        fault { status = 201, body = receipt, effect = "applied", skip = 1, times = 3 }
        local report = submit(client { concurrency = 1 }, 5, { on_unknown = on_unknown })
        assert.same({ 3, 0, 2, 0 }, counts(report))
        assert.same({ 3, 4 }, indexes(report.failures))
        local err = report.failures[1].error
        assert.same({ "protocol", "repeated_receipt", "unknown", "submit", "ravenwits", 1, false },
          { err.kind, err.code, err.outcome, err.operation, err.provider, err.attempts, err.retryable })
        is_received_once(5)
      end
    end)

    it("has no purchase accepted that failed at once, and sends it once (fault 38)", function()
      local receipt = { id = "00000000-0000-4000-8000-000000000000", status = "failed", rows_uploaded = 2, error = "e" }
      fault { status = 201, body = receipt, effect = "applied" }
      local report = submit(client { concurrency = 1 }, 3, { on_unknown = "retry" })
      assert.same({ 2, 0, 1, 0 }, counts(report))
      local err = report.failures[1].error
      assert.same({ "purchase_failed", receipt.id, 1 }, { err.code, err.id, err.attempts })
      is_received_once(3)
    end)

    it("keeps open what may have arrived, whatever the repeat is told (fault 34)", function()
      for _, status in ipairs { 301, 308, 400, 401, 403, 404, 405, 408, 409, 421, 425, 429 } do
        sandbox:reset()
        fault { status = 500, effect = "applied" }
        fault { status = status, body = "<html>", times = 100 }
        local report = submit(client { concurrency = 1 }, 1, { on_unknown = "retry" })
        assert.same({ 0, 0, 1, 0 }, counts(report), status)
        is_received_once(1)
      end
    end)

    it("ends at once where all answers are somebody else's, rejects nothing, and says whose (fault 36)", function()
      for _, status in ipairs { 301, 400, 402, 404, 405, 407, 410 } do
        sandbox:reset()
        fault { status = status, body = "<html><title>404 Not Found</title></html>", times = 100 }
        local report = submit(client { concurrency = 1 }, 31)
        assert.same({ 0, 0, 0, 31 }, counts(report))
        assert.same({ "refused", status, first_of(1) }, { report.stopped, report.error.status, report.resume })
        assert.matches(("POST %s/api/v0/user/trebolenergia/submit-purchase"):format(sandbox.url), report.error.message,
          1, true)
        assert.matches(": 404 Not Found$", report.error.message)
        assert.same({ [status] = 1 }, statuses "submit")
      end
    end)

    it("rejects nothing that is refused for now, and sends it again (fault 35)", function()
      for _, status in ipairs { 421, 425 } do
        sandbox:reset()
        fault { status = status, times = 4 }
        local report = submit(client { concurrency = 2, retry = { attempts = 5, base = 0.001 } }, 20)
        assert.same({ 20, 0, 0, 0 }, counts(report))
        is_received_once(20)
      end
      sandbox:reset()
      fault { status = 408, times = 4 }
      assert.same({ 16, 0, 4, 0 }, counts(submit(client { concurrency = 2 }, 20)))
      sandbox:reset()
      fault { status = 408, times = 4 }
      assert.same({ 20, 0, 0, 0 }, counts(submit(client { concurrency = 4 }, 20, { on_unknown = "retry" })))
    end)

    it("hears what came meanwhile before it sends more", function()
      local c = client { concurrency = 2, rate = 6e7 } -- one batch a round
      local added, breaths, arrived = 0, 0, nil
      function c.sender.inbox()
        return {
          most = 2,
          add = function()
            added = added + 1
            return added
          end,
          breathe = function() -- once after the first receive, and then before the next batch is taken
            breaths = breaths + added
            if breaths == 2 then
              arrived = { status = 404, headers = {}, body = "<html>" }
            end
          end,
          is_empty = function()
            return not arrived
          end,
          is_exiting = function()
            return false
          end,
          receive = function()
            local response = arrived
            arrived = false
            return response and 1 or nil, response or nil
          end,
        }
      end
      local report = submit(c, 4)
      assert.same({ { 0, 0, 0, 4 }, "refused", 1 }, { counts(report), report.stopped, added })
    end)

    it("has them in order", function()
      fault { status = 400, delay = 0.1 }
      fault { status = 500, times = 4 }
      assert.same({ 1, 2, 3, 4, 5 }, indexes(submit(client(), 8).failures))
    end)

    -- Lets the first attempt of the first batch fail as if nobody had listened.
    local function fail_first(c)
      local wire, failed = c.sender.wire, false
      c.sender.wire = function(self, ...)
        local request = wire(self, ...)
        if not failed then
          failed, request.url = true, faults.url("good/", "refused")
        end
        return request
      end
      return c
    end

    it("puts off a batch without holding up the others", function()
      local finished = {}
      local c = client { concurrency = 2, retry = { base = 3, random = function() return 0.5 end } }
      local took = elapsed(function()
        local report = submit(fail_first(c), 6, {
          on_receipt = function(receipt)
            finished[#finished + 1] = receipt.index
          end,
        })
        assert.equal(6, report.accepted)
      end)
      assert.equal(1, finished[6])
      assert.is_true(took >= 1.49 and took < soon(4), took)
      is_received_once(6)
    end)

    it("pauses for everybody when it is told to wait", function()
      fault { status = 429, headers = { ["Retry-After"] = "1" } }
      local report = submit(client { concurrency = 2 }, 8)
      assert.same({ 8, 0, 0, 0 }, counts(report))
      is_received_once(8)
      local requests, meanwhile = sandbox:audit().requests, 0
      for i = 2, #requests do
        meanwhile = meanwhile + (requests[i].time < requests[1].time + 0.9 and 1 or 0)
      end
      assert.is_true(meanwhile <= 1) -- the one that was in flight already
      assert.same({ [201] = 8, [429] = 1 }, statuses "submit")
    end)

    it("gives up on what is turned away again and again, and stops", function()
      fault { status = 429, times = 1000 }
      local report = submit(client { concurrency = 2 }, 8)
      assert.same({ 0, 0, 0, 8 }, counts(report))
      assert.same({ "refused", 429, first_of(1) }, { report.stopped, report.error.status, report.resume })
      assert.is_true(statuses("submit")[429] < 8 * 3) -- two or, on a slow machine, some more were tried, but not all
    end)

    it("stops where nobody is reached", function()
      local report = submit(client { base_url = faults.url(nil, "refused"), concurrency = 2 }, 50)
      assert.same({ 0, 0, 0, 50 }, counts(report))
      assert.same({ "unreachable", "cannot_connect", first_of(1) },
        { report.stopped, report.error.code, report.resume })
      assert.is_true(#report.failures <= 4) -- what was in flight, and what was put off
    end)

    it("stops where all that is sent is lost", function()
      local report = submit(client { base_url = faults.url "close-after-body", concurrency = 4 }, 400)
      assert.same({ "unreachable", "connection_lost" }, { report.stopped, report.error.code })
      assert.equal(400, report.unknown + report.pending)
      assert.is_true(report.unknown > 100 and report.unknown < 110, report.unknown)
      assert.equal(report.unknown, faults.count("close-after-body").requests)
      assert.equal(first_of(report.unknown + 1), report.resume)
    end)
  end)

  describe("whose token is refused", function()
    it("stops, and leaves the rest for later", function()
      fault { skip = 3, status = 401, expire_tokens = true }
      local report = submit(client { concurrency = 1 }, 10)
      assert.same({ 3, 0, 0, 7 }, counts(report))
      assert.same({ "auth", "auth", first_of(4) }, { report.stopped, report.error.kind, report.resume })
      assert.same({ 4 }, indexes(report.failures))
      assert.same({ [201] = 3, [401] = 1 }, statuses "submit")
    end)

    it("finishes what is in flight", function()
      fault { status = 401 }
      fault { delay = 1, times = 3 }
      local report = submit(client { concurrency = 4 }, 10)
      assert.same({ 3, 0, 0, 7 }, counts(report))
      assert.same({ [201] = 3, [401] = 1 }, statuses "submit")
      assert.equal("auth", report.stopped)
    end)

    it("signs in once for all, and goes on", function()
      local report = submit(signing_in { concurrency = 4 }, 20)
      assert.same({ 20, 0, 0, 0 }, counts(report))
      assert.same({ [200] = 1 }, statuses "login")
      assert.is_true(statuses("submit")[401] <= 4)
      is_received_once(20)
    end)

    it("and at once: who was let in again has nothing to wait for", function()
      local c = signing_in { concurrency = 1, retry = { attempts = 3, base = 1000, random = function() return 1 end } }
      local took = elapsed(function()
        assert.same({ 4, 0, 0, 0 }, counts(submit(c, 4)))
      end)
      assert.is_true(took < soon(2), took)
    end)

    it("signs in again in the middle", function()
      fault { skip = 10, status = 401, expire_tokens = true }
      local c = signing_in { concurrency = 4 }
      assert.same({ 20, 0, 0, 0 }, counts(submit(c, 20)))
      assert.same({ [200] = 2 }, statuses "login")
      is_received_once(20)
    end)

    it("stops when it is refused again, with one login", function()
      fault { status = 401, skip = 5, times = 1000 }
      local report = submit(signing_in { token = support.TOKEN, concurrency = 2 }, 20)
      assert.same({ 5, 0, 0, 15 }, counts(report))
      assert.same({ "auth", { [200] = 1 } }, { report.stopped, statuses "login" })
      assert.equal(first_of(6), report.resume)
    end)

    it("stops when the login is refused, and asks once", function()
      local report = submit(signing_in { password = "wrong-password", concurrency = 4 }, 20)
      assert.same({ 0, 0, 0, 20 }, counts(report))
      assert.same({ "auth", "login", "auth" }, { report.stopped, report.error.operation, report.error.kind })
      assert.same({ [401] = 1 }, statuses "login")
    end)

    it("has no purchase in doubt when the login breaks down", function()
      sandbox:fault { path = "login", status = 500, times = 100 }
      local report = submit(signing_in { concurrency = 4 }, 20)
      assert.same({ 0, 0, 0, 20 }, counts(report))
      assert.same({ "refused", "login", 500 }, { report.stopped, report.error.operation, report.error.status })
      assert.equal(0, #sandbox:audit().purchases)
    end)

    it("does not begin without credentials, or with wrong ones", function()
      local opts = { retailer_id = "123" }
      local report, err = purchases.ravenwits.new({ user = "u" }):submit_all(load.series(2), opts)
      assert.same({ nil, "missing_credentials" }, { report, err.code })
      local c = purchases.ravenwits.new { user = "u", base_url = sandbox.url, email = "demo@example.com",
        password = "wrong-password" }
      report, err = c:submit_all(load.series(2), opts)
      assert.same({ nil, "auth", "login", "pending" }, { report, err.kind, err.operation, err.outcome })
    end)
  end)

  describe("that is stopped by its caller", function()
    it("takes no new work, and finishes what is in flight", function()
      fault { delay = 0.15, times = 100 }
      local report = submit(client { concurrency = 3 }, 20, {
        on_progress = function(progress)
          return progress.done < 3
        end,
      })
      assert.same("interrupted", report.stopped)
      assert.is_nil(report.error)
      assert.equal(20, report.accepted + report.pending)
      assert.is_true(report.accepted >= 3 and report.accepted <= 9)
      is_received_once(report.accepted)
      assert.equal(first_of(report.accepted + 1), report.resume)
    end)

    it("is resumed where it left off, so that every row arrives once", function()
      fault { skip = 7, status = 401, expire_tokens = true }
      local report = submit(client { concurrency = 3 }, 20)
      assert.equal("auth", report.stopped)
      local rest = {}
      for _, row in ipairs(load.rows(40)) do
        rest[#rest + 1] = row.datetime >= report.resume and row or nil
      end
      -- What was put off before others that were accepted stands in the failures alone.
      local put_off = 0
      for _, failure in ipairs(report.failures) do
        assert.equal("pending", failure.outcome)
        put_off = put_off + (failure.first < report.resume and 1 or 0)
      end
      local again = assert(signing_in():submit_all(rest, { retailer_id = "123", batch = 2 }))
      assert.equal(20, report.accepted + again.accepted + put_off)
      assert.equal(20 - put_off, #sandbox:audit().purchases)
      for _, times in pairs(received()) do
        assert.equal(1, times)
      end
    end)
  end)

  describe("shows how far it is", function()
    it("and at the end all of it", function()
      local last
      fault { status = 400 }
      fault { status = 500 }
      submit(client(), 6, {
        on_progress = function(progress)
          last = progress
        end,
      })
      assert.same({ 6, 6, 4, 1, 1, 0, 0, "purchase" }, { last.done, last.total, last.accepted, last.rejected,
        last.unknown, last.pending, last.in_flight, last.noun })
    end)
  end)

  describe("gives each receipt to on_receipt", function()
    it("as it comes, and keeps none", function()
      local taken = {}
      local report = submit(client { concurrency = 1 }, 5, {
        on_receipt = function(receipt)
          taken[#taken + 1] = receipt.index
        end,
      })
      assert.same({ 5, {}, up_to(5) }, { report.accepted, report.receipts, taken })
    end)

    it("but keeps those that it could not take", function()
      local reason = {}
      local calls = 0
      fault { delay = 0.05, times = 100 }
      local report = submit(client { concurrency = 3 }, 20, {
        on_receipt = function()
          calls = calls + 1
          if calls == 2 then
            error(reason)
          end
        end,
        on_progress = function()
          assert(calls < 2, "called again")
        end,
      })
      assert.same({ "callback", "callback", "callback_failed" },
        { report.stopped, report.error.kind, report.error.code })
      assert.equal(reason, report.error.cause)
      assert.equal(2, calls)
      assert.equal(report.accepted - 1, #report.receipts)
      is_received_once(report.accepted)
      assert.equal(20, report.accepted + report.pending)
    end)

    it("and survives an on_progress that raises", function()
      fault { delay = 0.15, times = 100 }
      local report = submit(client { concurrency = 2 }, 20, {
        on_progress = function()
          error "no terminal"
        end,
      })
      assert.equal("callback", report.stopped)
      assert.matches("a callback raised: .*no terminal$", report.error.message)
      assert.is_true(report.accepted >= 2 and report.accepted <= 6)
      is_received_once(report.accepted)
    end)

    it("and survives what is raised without a text", function()
      local function raises()
        error("no text", 0)
      end
      for _, text in ipairs { raises, function() return {} end } do
        local raised = setmetatable({}, { __tostring = text })
        local report = submit(client(), 6, {
          on_receipt = function()
            error(raised, 0)
          end,
        })
        assert.same({ "callback", 6 }, { report.stopped, report.accepted + report.pending })
        assert.equal("a callback raised: a value of type table that has no text", report.error.message)
        assert.equal(raised, report.error.cause)
      end
    end)

    it("has a report even if only the last look at it raises", function()
      local report = submit(client(), 2, {
        on_progress = function()
          error "no terminal"
        end,
      })
      assert.same({ 2, 2, "callback" }, { report.accepted, #report.receipts, report.stopped })
    end)
  end)

  it("of which no request can be made is not begun, and names its first row", function()
    local report = submit(client(), 3, { retailer_id = "" })
    assert.same({ 0, 0, 0, 3 }, counts(report))
    assert.same({ "input", "invalid_identifier", first_of(1) }, { report.stopped, report.error.code, report.resume })
    assert.equal(0, #sandbox:audit().requests)
  end)

  it("that comes to rows that cannot be sent stops there, and names the first", function()
    local c = client { concurrency = 1 }
    local opts = { retailer_id = "123", batch = 2, on_unknown = "report" }
    local job = batch_job.open(ravenwits, c.options, load.series(12), opts)
    local next_batch, calls = job.next, 0
    job.next = function()
      calls = calls + 1
      if calls == 3 then
        return nil, errors.new { kind = "validation", code = "changed", message = "m" }, first_of(3)
      end
      return next_batch()
    end
    local report = assert(upload.run(c.sender, job, opts))
    assert.same({ 2, 0, 0, 4 }, counts(report))
    assert.same({ "input", "changed", first_of(3) }, { report.stopped, report.error.code, report.resume })
    assert.equal(3, calls)
  end)

  describe("has its ledger write down", function()
    -- A ledger that notes each group, such as "accepted 1, back 2 | send 3"; `refuse` has one fail.
    local function noting(groups, refuse)
      return {
        commit = function(_, ended, ready)
          local words = {}
          for i, item in ipairs(ended) do
            words[i] = ("%s %d"):format(item.outcome or "back", item.batch.index)
            assert.equal(item.outcome ~= nil and item.outcome ~= "accepted", errors.is(item.error))
            assert.equal(item.outcome == "accepted", item.receipt ~= nil)
          end
          local sends = {}
          for i, item in ipairs(ready) do
            sends[i] = "send " .. item.batch.index
          end
          local group = table.concat(words, ", ") .. " | " .. table.concat(sends, ", ")
          if #ended + #ready > 0 then
            groups[#groups + 1] = group
          end
          if refuse and refuse(group) then
            return nil, errors.new { kind = "ledger", code = "disk_full", message = "m" }
          end
          return true
        end,
      }
    end

    local function run(c, batches, opts, refuse)
      local groups = {}
      opts = merge({ retailer_id = "123", batch = 2, on_unknown = "report" }, opts or {})
      local job = batch_job.open(ravenwits, c.options, load.series(2 * batches), opts)
      return assert(upload.run(c.sender, job, opts, noting(groups, refuse))), groups
    end

    it("each attempt before it is made, and how it ended", function()
      fault { skip = 1, status = 400 }
      fault { skip = 1, status = 500 }
      local report, groups = run(client { concurrency = 1 }, 4)
      assert.same({ 2, 1, 1, 0 }, counts(report))
      assert.same({ " | send 1", "accepted 1 | send 2", "rejected 2 | send 3", "unknown 3 | send 4", "accepted 4 | " },
        groups)
    end)

    it("every attempt of a call, which is nowhere while it waits", function()
      fault { status = 429, times = 2 }
      local _, groups = run(client { concurrency = 1 }, 2)
      assert.same({ " | send 1", "back 1 | ", " | send 1", "back 1 | ", " | send 1", "accepted 1 | send 2",
        "accepted 2 | " }, groups)
    end)

    it("as many at once as there are places", function()
      fault { delay = 0.2, times = 3 }
      local _, groups = run(client { concurrency = 3 }, 3)
      assert.equal(" | send 1, send 2, send 3", groups[1])
    end)

    it("what is about to be sent before the server sees anything of it", function()
      local c, seen = client(), nil
      local opts = { retailer_id = "123", batch = 2 }
      local job = batch_job.open(ravenwits, c.options, load.series(2), opts)
      upload.run(c.sender, job, opts, {
        commit = function(_, _, ready)
          local batch = ready[1] and ready[1].batch
          seen = seen or { batch.first, batch.last, batch.rows, #sandbox:audit().requests }
          return true
        end,
      })
      assert.same({ first_of(1), "2025-10-01 00:15", 2, 0 }, seen)
    end)

    it("how an attempt ended before the caller hears of it", function()
      local groups, told = {}, {}
      local c = client { concurrency = 1 }
      local opts = {
        retailer_id = "123",
        batch = 2,
        on_receipt = function(receipt)
          told[#told + 1] = ("%d of %s"):format(receipt.index, groups[#groups])
        end,
      }
      local job = batch_job.open(ravenwits, c.options, load.series(4), opts)
      assert(upload.run(c.sender, job, opts, noting(groups)))
      assert.same({ "1 of accepted 1 | send 2", "2 of accepted 2 | " }, told)
    end)

    it("what a callback keeps from being sent", function()
      local report, groups = run(client { concurrency = 1 }, 3, {
        on_receipt = function()
          error("raised on purpose", 0)
        end,
      })
      assert.same({ 1, 0, 0, 2 }, counts(report))
      assert.same({ " | send 1", "accepted 1 | send 2", "back 2 | " }, groups)
      assert.equal(1, #sandbox:audit().requests)
    end)

    it("that an item waits for a new token, before anybody signs in", function()
      local c = signing_in { concurrency = 1 }
      local groups, at_login = {}, nil
      local opts = { retailer_id = "123", batch = 2 }
      local job = batch_job.open(ravenwits, c.options, load.series(2), opts)
      local log_in = c.session.log_in
      function c.session.log_in(...)
        at_login = groups[#groups]
        return log_in(...)
      end
      assert(upload.run(c.sender, job, opts, noting(groups)))
      assert.equal("back 1 | ", at_login)
      assert.same({ " | send 1", "back 1 | ", " | send 1", "accepted 1 | " }, groups)
    end)

    it("or nothing is sent: it stops, and ends what is in flight", function()
      local report, groups = run(client { concurrency = 2 }, 6, {}, function(group)
        return group:find "send 3"
      end)
      assert.same({ "ledger", "disk_full" }, { report.stopped, report.error.code })
      assert.same({ 2, 0, 0, 4 }, counts(report))
      assert.equal(2, #sandbox:audit().requests)
      assert.equal(" | send 1, send 2", groups[1])
    end)
  end)
end)
