-- As whom a client sends: logins, and tokens that run out.
local clock = require "purchases.clock"
local common = require "spec.support.common"
local coroutines = require "spec.support.coroutines"
local load = require "spec.support.load"
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

local RETAILER = { retailer_id = "123" }
local failure = outcome.refused

describe("a client", function()
  local sandbox

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  -- One that signs in by itself.
  local function signing_in(fields)
    return purchases.ravenwits.new(merge({
      user = "trebolenergia", base_url = sandbox.url, retry = { attempts = 3, base = 0.001 },
      email = "demo@example.com", password = "sandbox-password",
    }, fields or {}))
  end

  local function submit(c)
    return c:submit(load.series(2), RETAILER)
  end

  describe("that was given a password", function()
    it("signs in before its first call, once", function()
      local c = signing_in()
      assert(submit(c))
      assert(c:get(assert(submit(c)).id))
      assert.same({ 200 }, sandbox:statuses "login")
      assert.same({ 201, 201 }, sandbox:statuses "submit")
    end)

    it("signs in again when its token runs out, and goes on", function()
      local c = signing_in()
      assert(submit(c))
      sandbox:fault { path = "submit", status = 401, expire_tokens = true }
      assert(submit(c))
      assert.same({ 200, 200 }, sandbox:statuses "login")
      assert.same({ 201, 401, 201 }, sandbox:statuses "submit")
      assert(submit(c))
      assert.equal(2, #sandbox:statuses "login")
    end)

    it("uses the token it was given first", function()
      assert(submit(signing_in { token = support.TOKEN }))
      assert.same({}, sandbox:statuses "login")
      assert(submit(signing_in { token = "stale-token" }))
      assert.same({ 200 }, sandbox:statuses "login")
      assert.same({ 201, 401, 201 }, sandbox:statuses "submit")
    end)

    it("does not sign in again for a token that is refused when it is new", function()
      sandbox:fault { path = "submit", status = 401, times = 10 }
      local c = signing_in { token = "stale-token" }
      local err = failure(submit(c))
      assert.same({ "auth", "http_401", "submit", "pending", 2 },
        { err.kind, err.code, err.operation, err.outcome, err.attempts })
      assert.equal(1, failure(submit(c)).attempts)
      assert.same({ { 200 }, { 401, 401, 401 } }, { sandbox:statuses "login", sandbox:statuses "submit" })
    end)

    it("nor where the server failed before it refused the new one: that let nobody in", function()
      sandbox:fault { path = "/get", status = 503 }
      sandbox:fault { path = "/get", status = 401, times = 10 }
      local err = failure(signing_in():get("00000000-0000-4000-8000-000000000000"))
      assert.same({ "auth", "http_401", 2 }, { err.kind, err.code, err.attempts })
      assert.same({ { 200 }, { 503, 401 } }, { sandbox:statuses "login", sandbox:statuses "/get" })
    end)

    it("asks once for a token, where it gets one that cannot be used, and remembers that (fault 39)", function()
      sandbox:fault { path = "login", status = 200, times = 99,
        body = { token = "a\nb", expires_at = "2099-01-01T00:00:00Z", customer_name = "n", customer_email = "e" } }
      local c = signing_in()
      for _ = 1, 3 do
        local err = failure(submit(c))
        assert.same({ "protocol", "unusable_token", "login", "pending", 1 },
          { err.kind, err.code, err.operation, err.outcome, err.attempts })
        assert.equal("the answer to login holds no token that can be used", err.message)
      end
      assert.same({ 200 }, sandbox:statuses "login")
      c.session.no_login_before = 0 -- a minute later
      sandbox:clear_faults()
      assert(submit(c))
      assert.same({ 200, 200 }, sandbox:statuses "login")
    end)

    it("says that a token is refused which is new, and asks for another one later (fault 39)", function()
      sandbox:fault { path = "submit", status = 401, times = 3 }
      local c = signing_in()
      for _ = 1, 2 do
        assert.matches("^the token that login has just given is refused: ", failure(submit(c)).message)
      end
      assert.same({ 200 }, sandbox:statuses "login")
      c.session.no_login_before = 0 -- a minute later
      assert(submit(c))
      assert.same({ 200, 200 }, sandbox:statuses "login")
    end)

    it("asks no second time with a password that was refused, for a while, unless it is told to", function()
      local c = signing_in { password = "wrong-password" }
      for _ = 1, 3 do
        assert.same({ "auth", "Invalid credentials; incorrect password." },
          { failure(submit(c)).kind, failure(submit(c)).message })
      end
      assert.same({ 401 }, sandbox:statuses "login")
      assert.equal("auth", failure(c:login()).kind)
      assert.same({ 401, 401 }, sandbox:statuses "login")
    end)

    it("takes a 403 with 'detail' for a 401", function()
      local body = { detail = "Authentication credentials were not provided." }
      sandbox:fault { path = "submit", status = 403, body = body }
      local c = signing_in { token = support.TOKEN }
      assert(submit(c))
      assert.same({ { 200 }, { 403, 201 } }, { sandbox:statuses "login", sandbox:statuses "submit" })
    end)

    it("says why it cannot sign in", function()
      local err = failure(submit(signing_in { token = "stale-token", password = "wrong-password" }))
      assert.same({ "auth", "Invalid credentials; incorrect password.", "login", "pending" },
        { err.kind, err.message, err.operation, err.outcome })
      assert.same({ "Invalid token.", "submit" }, { err.cause.message, err.cause.operation })
      assert.same({ { 401 }, { 401 } }, { sandbox:statuses "login", sandbox:statuses "submit" })
      assert.equal("auth", failure(submit(signing_in { password = "wrong-password" })).kind)
      assert.equal(1, #sandbox:statuses "submit")
    end)

    it("leaves no doubt about a submit when it was the login that went wrong", function()
      local orders = {
        { status = 500, times = 99 }, { status = 444, times = 99 }, { status = 400 },
        { status = 200, times = 99, body = "<html>" },
      }
      for _, token in ipairs { "stale-token", false } do
        for _, order in ipairs(orders) do
          sandbox:reset()
          sandbox:fault(merge(order, { path = "login" }))
          local err = failure(submit(signing_in { token = token or nil }))
          assert.same({ "login", "pending" }, { err.operation, err.outcome })
          assert.same({}, sandbox:audit().purchases)
        end
      end
    end)

    -- So that no answer is there before all have asked.
    local function be_slow()
      sandbox:fault { path = "/api/", delay = 0.05, times = 100 }
    end

    it("signs in once for all who ask at once", function()
      be_slow()
      local c = signing_in { token = "stale-token", wait = coroutines.wait }
      local accepted = 0
      local function work()
        assert(submit(c))
        accepted = accepted + 1
      end
      coroutines.run(work, work, work, work, work)
      assert.equal(5, accepted)
      assert.same({ 200 }, sandbox:statuses "login")
      assert.equal(5, #sandbox:audit().purchases)
    end)

    it("signs in once for all before the first call", function()
      be_slow()
      local c = signing_in { wait = coroutines.wait }
      local function work()
        assert(submit(c))
      end
      coroutines.run(work, work, work)
      assert.same({ 200 }, sandbox:statuses "login")
    end)

    it("asks no second time with a password that was refused to others who asked", function()
      be_slow()
      local c = signing_in { token = "stale-token", password = "wrong-password", wait = coroutines.wait }
      local found = {}
      local function work()
        local err = failure(submit(c))
        found[#found + 1] = { err.kind, err.operation, err.outcome, err.cause.operation }
      end
      coroutines.run(work, work, work)
      local expected = { "auth", "login", "pending", "submit" }
      assert.same({ expected, expected, expected }, found)
      assert.same({ 401 }, sandbox:statuses "login")
    end)

    it("does not wait for one who gave no sign of life while signing in", function()
      be_slow()
      local c = signing_in { wait = coroutines.wait, timeout = 20 }
      local dead = coroutine.create(submit)
      assert(coroutine.resume(dead, c))
      local session = c.session
      assert.equal(dead, session.renewing.owner)
      session.renewing.seen = session.renewing.seen - 3
      local took = elapsed(function()
        coroutines.run(function()
          assert(submit(c))
        end)
      end)
      assert.is_true(took < soon(5), took)
      assert.is_nil(session.renewing)
    end)

    it("waits for another's login as long as its call may take, and leaves that login alone", function()
      sandbox:fault { path = "login", delay = 0.6 }
      local c = signing_in { token = "stale-token", wait = coroutines.wait }
      local first
      coroutines.run(function()
        assert(submit(c))
      end, function()
        repeat
          coroutine.yield()
        until c.session.renewing
        first = c.session.renewing
        local err = failure(c.session:renew("stale-token", clock.monotonic() + 0.05))
        assert.same({ "transport", "timeout", "no", "pending", "login" },
          { err.kind, err.code, err.sent, err.outcome, err.operation })
        assert.equal(first, c.session.renewing)
      end)
      assert.same({ 200 }, sandbox:statuses "login")
    end)

    it("does not wait for one who was interrupted while signing in", function()
      be_slow()
      local interrupted = true
      local c = signing_in {
        wait = function(pool, seconds)
          pool:poll(seconds)
          if interrupted then
            error "interrupted"
          end
        end,
      }
      assert.error_matches(function()
        c:submit(load.series(2), RETAILER)
      end, "interrupted", 1, true)
      interrupted = false
      local took = elapsed(function()
        assert(submit(c))
      end)
      assert.is_true(took < soon(1))
    end)
  end)
end)
