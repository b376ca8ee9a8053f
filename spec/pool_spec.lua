-- All transfers of a Lua state in one pool, over pools made up here.
local pools = require "spec.support.pools"

-- An owner, and what it was told.
local function new_owner()
  local owner = { told = {} }
  function owner:put(id, response, err)
    self.told[#self.told + 1] = { id, response, err }
  end
  return owner
end

describe("the pool", function()
  local core_pool, next_pool, pool

  before_each(function()
    core_pool, next_pool = pools.new(), pools.new()
    pool = pools.load("purchases.net.pool", { core_pool, next_pool })
  end)
  after_each(pools.restore)

  it("tells each owner of the end of its own transfers, once", function()
    local one, other = new_owner(), new_owner()
    local a, b, c = pool.add("a", one), pool.add("b", other), pool.add("c", one)
    assert.same({ "a", "b", "c" }, core_pool.requests)
    core_pool.finish(c, "C")
    core_pool.finish(b, nil, "broken")
    pool.step()
    assert.same({ { { c, "C" } }, { { b, nil, "broken" } } }, { one.told, other.told })
    core_pool.finish(a, "A")
    pool.step()
    pool.step()
    assert.same({ { { c, "C" }, { a, "A" } }, { { b, nil, "broken" } } }, { one.told, other.told })
  end)

  it("counts what has ended and what is in flight", function()
    local owner = new_owner()
    assert.same({ 0, 0 }, { pool.step() })
    local a, b = pool.add("a", owner), pool.add("b", owner)
    pool.add("c", owner)
    assert.same({ 0, 3 }, { pool.step() })
    core_pool.finish(b, "B")
    core_pool.finish(a, "A")
    assert.same({ 2, 1 }, { pool.step() })
    assert.same({ 0, 1 }, { pool.step() })
  end)

  it("does not count what was not taken", function()
    core_pool.add = function()
      return nil, { code = "invalid_request" }
    end
    local id, err = pool.add("a", new_owner())
    assert.same({ nil, "invalid_request" }, { id, err.code })
    assert.same({ 0, 0 }, { pool.step() })
  end)

  it("is not made before something is to be sent, nor a second time", function()
    pool.step()
    pool.add("a", new_owner())
    pool.add("b", new_owner())
    assert.same({ { "a", "b" }, {} }, { core_pool.requests, next_pool.requests })
  end)

  it("that cannot be made is an error, not a transfer", function()
    pool = pools.load("purchases.net.pool", {})
    local id, err = pool.add("a", new_owner())
    assert.same({ nil, "no_memory" }, { id, err.code })
    assert.same({ 0, 0 }, { pool.step() })
  end)

  it("tells nobody of what was cancelled", function()
    local owner = new_owner()
    local a = pool.add("a", owner)
    pool.cancel(a)
    assert.same({ { a }, { 0, 0 } }, { core_pool.cancelled, { pool.step() } })
    core_pool.finish(a, "A")
    assert.same({ 1, 0 }, { pool.step() })
    assert.same({}, owner.told)
  end)

  it("cancels what nobody waits for any more, when it has looked on for a while", function()
    local kept = new_owner()
    pool.add("a", new_owner())
    pool.add("b", kept)
    collectgarbage()
    collectgarbage()
    for _ = 1, 99 do
      pool.step()
    end
    assert.same({}, core_pool.cancelled)
    assert.same({ 0, 1 }, { pool.step() })
    assert.same({ 1 }, core_pool.cancelled)
    core_pool.finish(2, "B")
    pool.step()
    assert.same({ { 2, "B" } }, kept.told)
  end)

  it("lets what nobody waits for end by itself, too", function()
    pool.add("a", new_owner())
    collectgarbage()
    collectgarbage()
    core_pool.finish(1, "A")
    assert.same({ 1, 0 }, { pool.step() })
    assert.same({}, core_pool.cancelled)
  end)

  it("polls as it is told to, even where nothing was sent", function()
    local polled
    local function poll(...)
      polled = { ... }
    end
    pool.poll(poll, 0.25)
    assert.same({ core_pool, 0.25 }, polled)
    pool.add("a", new_owner())
    pool.poll(poll, 0.5)
    assert.same({ core_pool, 0.5 }, polled)
  end)

  for _, reason in ipairs { "forked", "closed" } do
    it("that is of no more use when it steps ends all that was in flight: " .. reason, function()
      local one, other = new_owner(), new_owner()
      local a, b = pool.add("a", one), pool.add("b", other)
      core_pool.broken = reason
      assert.same({ 0, 0 }, { pool.step() })
      for owner, id in pairs { [one] = a, [other] = b } do
        local told = owner.told[1]
        assert.same({ id, nil, "transport", reason, "maybe" },
          { told[1], told[2], told[3].kind, told[3].code, told[3].sent })
        assert.equal(1, #owner.told)
      end
      assert.same({ 0, 0 }, { pool.step() })
    end)

    it("that is of no more use for a new transfer makes way for another: " .. reason, function()
      local one, other = new_owner(), new_owner()
      pool.add("a", one)
      core_pool.broken = reason
      local b = pool.add("b", other)
      assert.same({ { "b" }, reason, "maybe" }, { next_pool.requests, one.told[1][3].code, one.told[1][3].sent })
      assert.same({ 0, 1 }, { pool.step() })
      next_pool.finish(b, "B")
      pool.step()
      assert.same({ { { b, "B" } }, 1 }, { other.told, #one.told })
    end)
  end
end)
