-- What goes over the wire for a client, and when.
local common = require "spec.support.common"
local core = require "purchases.core"
local purchases = require "purchases"

local monotonic = core.system.monotonic

local function sender(fields)
  return purchases.ravenwits.new(common.merge({
    user = "u", token = "secret-token", base_url = "https://api.example/v1", user_agent = "demo/1",
  }, fields or {})).sender
end

local function request(fields)
  return common.merge({ method = "POST", path = "/a" }, fields or {})
end

describe("a sender makes of a request", function()
  it("what the pool takes", function()
    local made = sender({ ca_file = "ca.pem", proxy = "http://localhost:3128", connect_timeout = 3 })
      :wire(request { body = "{}" }, 7)
    assert.same({
      method = "POST", url = "https://api.example/v1/a", body = "{}", timeout = 7, connect_timeout = 3,
      ca_file = "ca.pem", proxy = "http://localhost:3128",
      headers = { Accept = "application/json", Authorization = "Bearer secret-token",
        ["Content-Type"] = "application/json", ["User-Agent"] = "demo/1" },
    }, made)
  end)

  it("one that takes no longer to connect than in all", function()
    assert.equal(0.5, sender():wire(request(), 0.5).connect_timeout)
  end)

  it("one without credentials or content where there are none", function()
    local made = sender():wire(request { public = true }, 1)
    assert.same({ Accept = "application/json", ["User-Agent"] = "demo/1" }, made.headers)
    assert.equal("application/json", sender():wire(request { public = true, body = "" }, 1).headers["Content-Type"])
  end)

  it("one with its credentials in the query, where the API has them there", function()
    local made = purchases.curebit.new { site = "s", api_key = "k&y" }.sender
    assert.equal("https://curebit.com/a?api_key=k%26y", made:wire(request(), 1).url)
    assert.equal("https://curebit.com/a?b=c&api_key=k%26y", made:wire(request { path = "/a?b=c" }, 1).url)
    assert.equal("https://curebit.com/a", made:wire(request { public = true }, 1).url)
  end)

  it("one with the session's token of that time", function()
    local made = sender()
    made:wire(request(), 1)
    made.session.token = "another-token"
    assert.equal("Bearer another-token", made:wire(request(), 1).headers.Authorization)
  end)

  it("one that the engine may repeat only where its answer would tell", function()
    local made = sender()
    local function idempotent(fields)
      return made:wire(request(fields), 1).idempotent
    end
    assert.is_true(idempotent { repeatable = true })
    assert.is_false(idempotent { repeatable = true, repeated = function() end })
    assert.is_false(idempotent { repeatable = false })
  end)
end)

describe("a sender's turn", function()
  it("comes at once without a rate, and otherwise as the rate allows", function()
    local free, bound = sender().turns, sender({ rate = 120 }).turns
    assert.same({ 100, 100, 101 }, { free:claim(100, 200), free:claim(100, 100), free:claim(101, 100) })
    assert.same({ 100, 100.5, 102 }, { bound:claim(100, 200), bound:claim(100, 200), bound:claim(102, 200) })
    bound:started(103) -- too late: what follows does not make up for it
    assert.equal(103.5, bound:claim(103, 200))
    assert.is_nil(bound:claim(103, 104))
    assert.equal(104, bound:claim(103, 104.1))
  end)

  it("comes to nobody while the server wants a pause", function()
    for _, turns in ipairs { sender().turns, sender({ rate = 120 }).turns } do
      turns:hold(130)
      turns:hold(120)
      assert.equal(130, turns:held_till())
      assert.is_nil(turns:claim(100, 130))
      assert.equal(130, turns:claim(100, 131))
    end
  end)

  it("is waited for, but not where it comes too late", function()
    local bound = sender { rate = 60 / 0.05 }
    local inbox, start = bound:inbox(1), monotonic()
    assert.is_true(bound:take_turn(inbox, start + 5))
    assert.is_true(bound:take_turn(inbox, start + 5))
    assert.is_true(monotonic() - start >= 0.049)
    local _, err = bound:take_turn(inbox, monotonic() + 0.001)
    assert.same({ "transport", "timeout", "no" }, { err.kind, err.code, err.sent })
    assert.equal("the call waited for its turn, which comes too late for it: 1200 requests a minute may start",
      err.message)
    bound.turns:hold(monotonic() + 9.5)
    assert.matches("for it: the server wants a pause of 10 s %(429%)$",
      select(2, bound:take_turn(inbox, monotonic() + 1)).message)
  end)
end)

describe("a sender's place", function()
  it("is for so many single calls as are allowed at the same time", function()
    local made = sender { concurrency = 2 }
    local one, two, three = made:inbox(1), made:inbox(1), made:inbox(1)
    assert.is_true(made:enter(one, 0))
    assert.is_true(made:enter(two, 0))
    local start = monotonic()
    assert.is_false(made:enter(three, start + 0.05))
    assert.is_true(monotonic() - start >= 0.05)
    made:leave(two)
    made:leave(two)
    assert.is_true(made:enter(three, 0))
    assert.is_false(made:enter(two, 0))
  end)

  it("goes to the call that has waited longest, which is woken", function()
    local made, woken = sender { concurrency = 1 }, {}
    local function waiter(name)
      return {
        receive = function(self)
          assert.is_true(made.waiting[self] ~= nil)
        end,
        wake = function()
          woken[#woken + 1] = name
        end,
      }
    end
    local first, second, third = waiter "first", waiter "second", waiter "third"
    made:enter(first, 0)
    made.waiting[third], made.waiting[second] = 2, 1
    made:leave(first)
    assert.same({ "second" }, woken)
  end)

  it("is left when the request has ended, even where whoever waited for it was killed", function()
    local made = sender { concurrency = 1 }
    local inbox = made:inbox(1)
    assert.is_true(made:enter(inbox, 0))
    assert.is_false(made:enter(made:inbox(1), 0))
    inbox:put(1, { status = 200 })
    assert.is_true(made:enter(made:inbox(1), 0))
  end)

  it("is left by a call that has not been seen for long", function()
    local made = sender { concurrency = 1 }
    local inbox = made:inbox(1)
    assert.is_true(made:enter(inbox, 0))
    made.flying[inbox] = made.flying[inbox] - 4
    assert.is_true(made:enter(made:inbox(1), 0))
  end)

  it("that comes too late ends the call, which says so", function()
    local client = purchases.ravenwits.new {
      user = "u", token = "secret-token", base_url = "http://127.0.0.1:1", concurrency = 1, timeout = 0.05,
    }
    local inbox = client.sender:inbox(1)
    assert.is_true(client.sender:enter(inbox, 0))
    local _, err = client:health()
    assert.same({ "timeout", "no", "pending" }, { err.code, err.sent, err.outcome })
    assert.matches("(option 'concurrency')", err.message, 1, true)
  end)
end)
