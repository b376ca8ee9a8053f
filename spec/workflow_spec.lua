-- Waiting for the workflow of a purchase.
local common = require "spec.support.common"
local faults = require "spec.support.faults"
local load = require "spec.support.load"
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

local ID = "00000000-0000-4000-8000-000000000000"
local failure = outcome.refused

describe("a client", function()
  local sandbox

  setup(function()
    faults.start()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
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

  local function broken(scenario, fields)
    return client(merge({ base_url = faults.url(scenario) }, fields or {}))
  end

  local function submit(c)
    return c:submit(load.series(2), { retailer_id = "123" })
  end

  describe("waits for a purchase", function()
    local function submitted(settings)
      sandbox:settings(settings)
      return assert(submit(client())).id
    end

    it("of which it decodes one model's output, where that is named", function()
      local id = submitted { models = 2 }
      assert.equal(2, assert(client():wait(id, { idmodel = 2 })).strategy_output.idmodel)
    end)

    it("until its workflow has ended, and shows it at every look", function()
      local id, seen = submitted { workflow = "never_starts" }, {}
      local after = { pending = "in_progress", in_progress = "completed" }
      local purchase = assert(client():wait(id, {
        on_progress = function(value)
          seen[#seen + 1] = value.status
          if after[value.status] then
            assert(client():update(id, { outputs = {}, status = after[value.status] }))
          end
        end,
      }))
      assert.same({ id, "completed" }, { purchase.id, purchase.status })
      assert.same({ "pending", "in_progress", "completed" }, seen)
      assert.equal(3, #sandbox:statuses "/get")
    end)

    it("that fails, and says why", function()
      local err = failure(client():wait(submitted { workflow = "fails" }))
      assert.same({ "api", "purchase_failed", "wait", { "Workflow execution failed." } },
        { err.kind, err.code, err.operation, err.messages })
      assert.is_falsy(err.retryable)
    end)

    it("no longer than it was told", function()
      local id, looks = submitted { workflow = "never_starts" }, 0
      local took = elapsed(function()
        local err = failure(client():wait(id, {
          timeout = 0.4,
          on_progress = function()
            looks = looks + 1
          end,
        }))
        assert.same({ "api", "not_settled", true, "wait" }, { err.kind, err.code, err.retryable, err.operation })
        assert.equal("purchase " .. id .. " is still pending after 0.4 seconds", err.message)
      end)
      assert.is_true(took > 0.39 and took < soon(1.5), took)
      assert.is_true(looks == 2 or looks == 3, looks) -- at once, after 0.25 seconds if that is in time, at the deadline
    end)

    it("looking less and less often", function()
      local id, looks, pauses = submitted { workflow = "never_starts" }, 0, {}
      local c = client()
      function c.sender.pause(_, _, seconds)
        pauses[#pauses + 1] = seconds
      end
      assert(c:wait(id, {
        on_progress = function()
          looks = looks + 1
          if looks == 12 then
            assert(client():update(id, { outputs = {}, status = "completed" }))
          end
        end,
      }))
      assert.same({ 0.25, 0.375, 0.5625 }, { pauses[1], pauses[2], pauses[3] })
      for i = 2, #pauses do
        assert.equal(math.min(1.5 * pauses[i - 1], 10), pauses[i])
      end
      assert.same({ 12, 10 }, { #pauses, pauses[12] })
    end)

    it("for the last time at the deadline, even if that comes at once", function()
      local id = submitted { workflow = "ok" }
      sandbox:fault { path = "/get", delay = 0.1 }
      assert.equal("completed", assert(client():wait(id, { timeout = 1e-6 })).status)
    end)

    it("over failures in between", function()
      local id = submitted { workflow = "ok" }
      sandbox:fault { path = "/get", status = 503, times = 2 }
      assert.equal("completed", assert(client():wait(id)).status)
    end)

    it("with a deadline for looks that hang, too", function()
      local took = elapsed(function()
        failure(broken("hang", { timeout = 0.3 }):wait(ID, { timeout = 60 }))
      end)
      assert.is_true(took < soon(2))
    end)

    it("and lets through what on_progress raises", function()
      local id = submitted { workflow = "ok" }
      local ok, message = pcall(function()
        client():wait(id, {
          on_progress = function()
            error "enough"
          end,
        })
      end)
      assert.is_false(ok)
      assert.matches("enough", message)
    end)
  end)
end)
