-- Inboxes over the one pool of a Lua state: with pools made up here, and with the real one.
local coroutines = require "spec.support.coroutines"
local faults = require "spec.support.faults"
local load = require "spec.support.load"
local pools = require "spec.support.pools"
local purchases = require "purchases"

local new_pool, restore = pools.new, pools.restore

local function fresh_inbox(its_pools)
  return pools.load("purchases.net.inbox", its_pools)
end

describe("an inbox", function()
  local pool, inbox_type

  before_each(function()
    pool = new_pool()
    inbox_type = fresh_inbox { pool }
  end)
  after_each(restore)

  it("gets the answers to its own requests, in the order in which they came", function()
    local one, other = inbox_type.new(), inbox_type.new()
    local a, b, c = one:add "a", other:add "b", one:add "c"
    assert.same({ "a", "b", "c" }, pool.requests)
    pool.finish(c, "C")
    pool.finish(b, nil, "broken")
    pool.finish(a, "A")
    assert.same({ c, "C" }, { one:receive(0) })
    assert.same({ b, nil, "broken" }, { other:receive(0) })
    assert.same({ a, "A" }, { one:receive(0) })
    assert.is_nil((one:receive(0)))
    assert.is_nil((other:receive(0)))
  end)

  it("gets them whoever moved the pool on", function()
    local one, other = inbox_type.new(), inbox_type.new()
    local a = one:add "a"
    other:add "b"
    pool.finish(a, "A")
    assert.is_nil((other:receive(0)))
    pool.step = function()
      error "one looks into the pool for what it has"
    end
    assert.same({ a, "A" }, { one:receive(0) })
  end)

  it("does not wait where there is something, or no time", function()
    local inbox = inbox_type.new()
    pool.finish(inbox:add "a", "A")
    assert.equal("A", select(2, inbox:receive(5)))
    assert.is_nil((inbox:receive(0)))
    assert.same({}, pool.polled)
  end)

  it("waits once, no longer than it may", function()
    local inbox = inbox_type.new()
    inbox:add "a"
    assert.is_nil((inbox:receive(0.5)))
    assert.same({ 0.5 }, pool.polled)
  end)

  it("gets what came while it waited", function()
    local inbox = inbox_type.new(function(its_pool, seconds)
      assert.same({ pool, 0.5 }, { its_pool, seconds })
      pool.finish(1, "A")
    end)
    inbox:add "a"
    assert.same({ 1, "A" }, { inbox:receive(0.5) })
  end)

  it("waits where nothing was ever sent, too", function()
    assert.is_nil((inbox_type.new():receive(0.5)))
    assert.same({ 0.5 }, pool.polled)
  end)

  it("is cancelled with its caller: nothing is left in flight for nobody", function()
    local one, other = inbox_type.new(), inbox_type.new()
    local a = one:add "a"
    one:add "b"
    other:add "c"
    pool.finish(a, "A")
    one:receive(0)
    one = nil -- luacheck: ignore
    collectgarbage()
    for _ = 1, 100 do
      other:receive(0)
    end
    assert.same({ 2 }, pool.cancelled)
    pool.finish(3, "C")
    assert.same({ 3, "C" }, { other:receive(0) })
  end)

  it("passes on why a request cannot be sent", function()
    pool.add = function()
      return nil, { code = "invalid_request" }
    end
    local id, err = inbox_type.new():add "a"
    assert.same({ nil, "invalid_request" }, { id, err.code })
  end)

  it("without a pool says why there is none", function()
    assert.equal("no_memory", select(2, fresh_inbox({}).new():add "a").code)
  end)

  it("goes on after a wait that raised, and so do the others", function()
    local raises = true
    local one, other = inbox_type.new(function()
      if raises then
        error "interrupted"
      end
    end), inbox_type.new()
    local a, b = one:add "a", other:add "b"
    assert.error_matches(function()
      one:receive(1)
    end, "interrupted", 1, true)
    pool.finish(b, "B")
    pool.finish(a, "A")
    assert.same({ b, "B" }, { other:receive(1) })
    raises = false
    assert.same({ a, "A" }, { one:receive(1) })
  end)
end)

describe("after a fork, or when its pool was closed,", function()
  local old, new, inbox_type

  before_each(function()
    old, new = new_pool(), new_pool()
    inbox_type = fresh_inbox { old, new }
  end)
  after_each(restore)

  for _, reason in ipairs { "forked", "closed" } do
    it("an inbox sends with a new pool: " .. reason, function()
      local inbox = inbox_type.new()
      inbox:add "a"
      old.broken = reason
      assert.equal(1, (inbox:add "b"))
      assert.same({ { "a" }, { "b" } }, { old.requests, new.requests })
      assert.same({ 1, nil, reason, "maybe" }, (function()
        local id, response, err = inbox:receive(0)
        return { id, response, err.code, err.sent }
      end)())
      new.finish(1, "B")
      assert.same({ 1, "B" }, { inbox:receive(0) })
    end)

    it("nobody waits for ever for what was in flight: " .. reason, function()
      local one, other = inbox_type.new(), inbox_type.new()
      local a, b = one:add "a", other:add "b"
      old.broken = reason
      for inbox, id in pairs { [one] = a, [other] = b } do
        local ended, response, err = inbox:receive(1)
        assert.same({ id, nil, "transport", reason, "maybe" }, { ended, response, err.kind, err.code, err.sent })
      end
      assert.same({}, new.polled)
    end)

    it("an inbox that waits gets a new pool: " .. reason, function()
      local inbox = inbox_type.new()
      inbox:add "a"
      old.broken = reason
      inbox:receive(0)
      inbox:receive(0.5)
      assert.same({ {}, { 0.5 } }, { old.polled, new.polled })
    end)
  end
end)

describe("a wait of the caller's own", function()
  setup(faults.start)
  teardown(faults.stop)
  before_each(faults.reset)

  local RETAILER = { retailer_id = "1" }

  local function half()
    return 0.5
  end

  local function client(wait, scenario)
    return purchases.ravenwits.new {
      user = "u", token = "secret-token", wait = wait, base_url = faults.url(scenario or "delay/interval=0.1"),
      retry = { attempts = 2, base = 0.1, random = half },
    }
  end

  local function submit(c)
    return assert(c:submit(load.series(2), RETAILER))
  end

  it("is given the pool and at most so many seconds", function()
    local calls, longest = 0, 0
    submit(client(function(pool, seconds)
      calls, longest = calls + 1, math.max(longest, seconds)
      pool:poll(math.min(seconds, 0.02))
    end))
    assert.is_true(calls >= 3)
    assert.is_true(longest > 0 and longest <= 1)
  end)

  it("may return at once, however often", function()
    local calls = 0
    submit(client(function()
      calls = calls + 1
    end))
    assert.is_true(calls > 100)
  end)

  it("may yield, so that calls of several coroutines are in flight at once", function()
    local c, order = client(coroutines.wait), {}
    local function work(name)
      return function()
        for i = 1, 2 do
          submit(c)
          order[#order + 1] = name .. i
        end
      end
    end
    coroutines.run(work "a", work "b", work "c")
    assert.equal(6, #order)
    for i = 1, 3 do
      assert.matches("1$", order[i])
    end
    local count = faults.count "delay"
    assert.same({ 6, 3 }, { count.requests, count.connections })
  end)

  it("may yield in a job, too, and in jobs side by side", function()
    local c = client(coroutines.wait)
    local accepted = 0
    local function work()
      local report = assert(c:submit_all(load.series(4), { retailer_id = "1", batch = 2 }))
      accepted = accepted + report.accepted
    end
    coroutines.run(work, work)
    assert.equal(4, accepted)
    assert.equal(4, faults.count("delay").connections)
  end)

  it("may yield while another client waits in the usual way", function()
    local mine = coroutine.wrap(function()
      return submit(client(coroutines.wait))
    end)
    mine()
    submit(client(nil, "delay/interval=0.2"))
    local receipt = mine()
    assert.matches("^%x+%-", receipt.id)
    assert.equal(2, faults.count("delay").requests)
  end)

  it("may be left for ever by its coroutine: other calls go on", function()
    local mine = coroutine.wrap(function()
      submit(client(coroutines.wait, "hang"))
    end)
    mine()
    collectgarbage()
    submit(client())
    assert.equal(1, faults.count("delay").requests)
  end)

  it("that raises ends its call alone, and lets its error through", function()
    local reason = {}
    local ok, raised = pcall(function()
      submit(client(function()
        error(reason)
      end))
    end)
    assert.same({ false, true }, { ok, raised == reason })
    submit(client())
  end)

  it("serves the time between two attempts, too", function()
    local shortest = 1
    local c = client(function(pool, seconds)
      shortest = math.min(shortest, seconds)
      pool:poll(seconds)
    end, "status/status=503")
    assert.equal(2, select(2, c:health()).attempts)
    assert.is_true(shortest <= 0.05)
  end)

  local ffi = rawget(_G, "jit") and require "ffi"
  if ffi then -- nothing else that runs these specs can fork
    ffi.cdef "int fork(void); int waitpid(int, int *, int); void _exit(int);"

    it("or not, a child sends by itself what it is told, and its parent goes on", function()
      submit(client(nil, "good"))
      local pid = ffi.C.fork()
      if pid == 0 then
        local ok = pcall(submit, client(nil, "good"))
        ffi.C._exit(ok and 0 or 1)
      end
      local status = ffi.new "int[1]"
      assert.equal(pid, ffi.C.waitpid(pid, status, 0))
      assert.equal(0, status[0])
      submit(client(nil, "good"))
      local count = faults.count "good"
      assert.same({ 3, 2 }, { count.requests, count.connections })
    end)
  end
end)
