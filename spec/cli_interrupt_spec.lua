-- Ctrl-C and its like in the middle of `purchases ravenwits ...`.
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"
local support = require "spec.support.ravenwits_command"

local SIGINT, SIGTERM = 2, 15
local LONGEST = 15 -- seconds in which a program that was told to end has ended, even on a slow machine
local HELD = 60 -- seconds that a request is kept, or a retry put off, which nobody is to wait for
local NOTICE = "purchases: interrupted: requests in flight are finished, no new ones are sent; "
  .. "a second Ctrl-C ends at once\n"
local PASSWORD = { RAVENWITS_TOKEN = false, RAVENWITS_EMAIL = "demo@example.com",
  RAVENWITS_PASSWORD = "sandbox-password" }

describe("a signal", function()
  local sandbox, ravenwits

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
    ravenwits = support.new(sandbox)
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function wait_for_requests(count)
    assert(command.wait_until(function()
      return sandbox:audit().counts.requests >= count
    end), "no request")
  end

  -- Its end, which must come soon.
  local function end_of(child)
    local began = socket.gettime()
    local result = support.check_result(child:wait())
    assert.is_true(socket.gettime() - began < LONGEST, "it took too long")
    return result
  end

  -- Every row of a CSV has arrived once.
  local function assert_all_arrived_once(days)
    local counts = sandbox:audit().counts
    assert.same({ days, days, days * 96 }, { counts.purchases, counts.distinct, counts.rows })
  end

  describe("in the middle of an upload", function()
    for _, name in ipairs { "INT", "TERM", "HUP" } do
      it("takes no new work, finishes what is in flight, and says where to go on: " .. name, function()
        local days, text = 12, support.csv(12)
        sandbox:fault { path = "submit", delay = 0.7, times = 99 }
        local child = ravenwits.start_submit(text, { "--concurrency", "3" })
        wait_for_requests(4)
        child:signal(name)
        local result = end_of(child)
        assert.equal(1, result.code)
        local accepted, rows, pending = result.stdout:match
          "(%d+) of 12 purchases accepted, (%d+) rows, (%d+) pending\n$"
        local audit = sandbox:audit()
        assert.same({ tonumber(accepted), tonumber(accepted), tonumber(rows) },
          { audit.counts.purchases, audit.counts.requests, audit.counts.rows })
        assert.equal(12 - accepted, tonumber(pending))
        assert.is_true(audit.counts.purchases <= 6)
        for _, arrived in ipairs(audit.purchases) do
          assert.matches(arrived.id, result.stdout, 1, true)
        end
        assert.equal(NOTICE, result.stderr:sub(1, #NOTICE))
        local row, first = result.stderr:sub(#NOTICE + 1):match(
          "^purchases: pending: not sent; to resume, submit rows (%d+) to 1152 "
            .. "%((2025%-10%-%d%d) 00:00 to 2025%-10%-12 23:45%)\n$")
        assert.same({ accepted * 96 + 1, ("2025-10-%02d"):format(accepted + 1) }, { tonumber(row), first })
        sandbox:clear_faults()
        assert.equal(0, ravenwits.submit(support.rows(text, tonumber(row), 1152)).code)
        assert_all_arrived_once(days)
      end)
    end

    it("tells machines the same", function()
      sandbox:fault { path = "submit", delay = 0.7, times = 99 }
      local child = ravenwits.start_submit(support.csv(9), { "--concurrency", "2", "--json", "--wait" })
      wait_for_requests(3)
      child:signal "INT"
      local result = end_of(child)
      assert.same({ 1, NOTICE }, { result.code, result.stderr })
      local report, counts = cjson.decode(result.stdout), sandbox:audit().counts
      assert.same({ counts.purchases, 0, 0, 9 - counts.purchases, "interrupted" },
        { report.accepted, report.rejected, report.unknown, report.pending, report.stopped })
      assert.equal(counts.purchases, counts.requests) -- none was spent on waiting
      assert.same({ { row = counts.rows + 1, rows = 864 - counts.rows, last = "2025-10-09 23:45",
        first = ("2025-10-%02d 00:00"):format(counts.purchases + 1) } }, report.resume)
      assert.equal(counts.purchases, #report.purchases)
      assert.same({ "pending", "not_settled" }, { report.purchases[1].status, report.purchases[1].error.code })
    end)

    it("names what was put off apart from what was never taken", function()
      local text = support.csv(8)
      sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = "600" }, skip = 1 }
      sandbox:fault { path = "submit", delay = 0.2, times = 99 }
      local child = ravenwits.start_submit(text, { "--concurrency", "3", "--json" })
      wait_for_requests(3)
      assert.is_truthy(child:wait_for("stdout", "rows_uploaded.*rows_uploaded"))
      child:signal "INT"
      local result = end_of(child)
      assert.equal(1, result.code)
      local report = cjson.decode(result.stdout)
      assert.same({ 2, 6 }, { report.accepted, report.pending })
      assert.equal(2, #report.resume)
      sandbox:clear_faults()
      for _, range in ipairs(report.resume) do
        local part = support.rows(text, range.row, range.row + range.rows - 1)
        assert.equal(range.first, part:match "\n([^,]+)")
        assert.equal(range.last, part:match "([^,\n]+),[^\n]*\n$")
        assert.equal(0, ravenwits.submit(part).code)
      end
      assert_all_arrived_once(8)
    end)

    it("ends the wait for a retry", function()
      sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = "600" }, times = 99 }
      local child = ravenwits.start_submit(support.csv(3))
      wait_for_requests(3)
      child:signal "INT"
      local result = end_of(child)
      assert.same({ 1, "0 of 3 purchases accepted, 0 rows, 3 pending\n" }, { result.code, result.stdout })
      assert.equal(NOTICE, result.stderr:sub(1, #NOTICE))
      assert.equal(0, sandbox:audit().counts.purchases)
    end)

    for second, number in pairs { INT = SIGINT, TERM = SIGTERM } do
      it("ends it at once when another comes: " .. second, function()
        sandbox:fault { path = "submit", delay = HELD, times = 99 }
        local child = ravenwits.start_submit(support.csv(3))
        wait_for_requests(3)
        child:signal "INT"
        assert.is_truthy(child:wait_for("stderr", "a second Ctrl%-C ends at once"))
        assert.is_nil(child:has_ended())
        child:signal(second)
        assert.equal(number, end_of(child).signal)
      end)
    end

    for _, name in ipairs { "INT", "TERM", "HUP" } do
      it("is not noticed where it was told to be ignored: " .. name, function()
        sandbox:fault { path = "submit", delay = 0.1, times = 99 }
        local line = "trap '' %s; exec purchases ravenwits submit - --retailer 1 --user u --concurrency 1 --tz UTC"
        local child = command.start({ "-c", line:format(name) }, { program = "sh", stdin = support.csv(4),
          env = { RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token" } })
        wait_for_requests(1)
        child:signal(name)
        local result = end_of(child)
        assert.same({ 0, "" }, { result.code, result.stderr })
      end)
    end

    it("ends it at once while nothing is sent yet", function()
      sandbox:fault { path = "login", delay = HELD }
      local child = ravenwits.start_submit(support.csv(3), {}, { env = PASSWORD })
      wait_for_requests(1)
      child:signal "INT"
      assert.equal(SIGINT, end_of(child).signal)
    end)
  end)

  describe("while workflows are waited for", function()
    it("prints what is known", function()
      sandbox:settings { workflow = "never_starts" }
      local child = ravenwits.start_submit(support.csv(3), { "--wait" })
      wait_for_requests(5)
      child:signal "INT"
      local result = end_of(child)
      assert.same({ 1, "purchases: stopped waiting after 0 of 3 purchases; 'purchases ravenwits get ID' prints one\n" },
        { result.code, result.stderr })
      assert.equal("3 of 3 purchases accepted, 288 rows", result.stdout:match "([^\n]*)\n$")
    end)

    it("tells machines the same", function()
      sandbox:settings { workflow = "never_starts", pending_seconds = 0 }
      local child = ravenwits.start_submit(support.csv(3), { "--wait", "--json" })
      wait_for_requests(5)
      child:signal "TERM"
      local result = end_of(child)
      assert.same({ 1, "" }, { result.code, result.stderr })
      local report = cjson.decode(result.stdout)
      assert.same({ 3, 0, 3 }, { report.accepted, report.pending, #report.purchases })
      for i, purchase in ipairs(report.purchases) do
        assert.same({ i, "pending", "not_settled" }, { purchase.index, purchase.status, purchase.error.code })
        assert.matches("is still pending; interrupted", purchase.error.message, 1, true)
      end
      assert.is_nil(report.stopped)
    end)

    it("does not wait for an answer either", function()
      sandbox:fault { path = "/get", delay = HELD }
      local child = ravenwits.start_submit(support.csv(3), { "--wait" })
      wait_for_requests(4)
      child:signal "INT"
      assert.equal(1, end_of(child).code)
    end)

    it("shows the purchase as it was last seen", function()
      sandbox:settings { in_progress_seconds = 60 }
      local id = cjson.decode(ravenwits.submit(support.csv(1), { "--json" }).stdout).receipts[1].id
      local child = ravenwits.start { "get", id, "--wait" }
      wait_for_requests(3)
      child:signal "INT"
      local result = end_of(child)
      assert.equal(1, result.code)
      assert.same({ id, "in_progress" }, { cjson.decode(result.stdout).id, cjson.decode(result.stdout).status })
      assert.equal(("purchases: ravenwits wait: purchase %s is still in_progress; "
        .. "interrupted, no longer waiting for it (api)\n"):format(id), result.stderr)
      sandbox:fault { path = "/get", delay = HELD }
      child = ravenwits.start { "get", id, "--wait" }
      wait_for_requests(sandbox:audit().counts.requests + 1)
      child:signal "INT"
      result = end_of(child)
      assert.same({ 1, "" }, { result.code, result.stdout })
      assert.matches("is still running; interrupted", result.stderr, 1, true)
    end)
  end)

  it("is one line while the command starts", function()
    local folder = command.output_of "mktemp -d"
    -- Comes while the modules load, and is raised by the interpreter.
    command.write_file(folder .. "/argparse.lua", [[
      io.popen("kill -INT $PPID"):close()
      for _ = 1, 1e9 do end
    ]])
    local child = command.start({ "--version" }, { env = { LUA_PATH = folder .. "/?.lua;" .. os.getenv "LUA_PATH" } })
    local result = end_of(child)
    os.execute("rm -r " .. folder)
    assert.same({ 130, "", "purchases: interrupted\n" }, { result.code, result.stdout, result.stderr })
  end)

  it("ends other commands at once, a wait for a retry too", function()
    sandbox:fault { status = 503, headers = { ["Retry-After"] = "50" }, times = 99 }
    local child = ravenwits.start { "strategies", "--retailer", "1" }
    wait_for_requests(1)
    child:signal "INT"
    assert.equal(SIGINT, end_of(child).signal)
  end)
end)
