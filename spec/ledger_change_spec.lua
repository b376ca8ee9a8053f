-- What operators do: retry, settle, forget, prune.
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"

local SHOP, CUSTOMER = ledgers.SHOP, ledgers.CUSTOMER
local bulk, day, digest, ended = ledgers.bulk, ledgers.day, ledgers.digest, ledgers.ended

describe("a ledger's operator", function()
  local folder, path, opened, shop, customer

  local function next_run()
    shop, customer = assert(opened:account(SHOP)), assert(opened:account(CUSTOMER))
  end

  local function end_run()
    shop:close()
    customer:close()
  end

  -- Some in each state: of the shop a and b accepted, c and d rejected, e pending; of the customer 1 July accepted,
  -- 2 July rejected, 3 July unknown, 4 July pending.
  before_each(function()
    folder = ledgers.folder()
    path = folder .. "/job.db"
    opened = assert(ledger.open(path))
    next_run()
    local accepted, rejected, pending = bulk { "a", "b" }, bulk { "c", "d" }, bulk { "e" }
    assert(shop:commit({}, { accepted, rejected, pending }))
    assert(shop:commit({ ledgers.accepted(accepted), ended(rejected, "rejected", { code = "bad", message = "Ana" }),
      ended(pending, "pending") }, {}))
    local days, ends = {}, {}
    for i, state in ipairs { "accepted", "rejected", "unknown", "pending" } do
      days[i] = day("2026-07-0" .. i)
      local receipt = state == "accepted" and "r-1" or nil
      ends[i] = ended(days[i], state, { receipt = receipt, code = state, message = "text" })
    end
    assert(customer:commit({}, days))
    assert(customer:commit(ends, {}))
    end_run()
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  local SHOP_STATES, CUSTOMER_STATES = "accepted 2, rejected 2, pending 1",
    "accepted 1, rejected 1, unknown 1, pending 1"

  local function expect(shop_states, customer_states)
    assert.same({ shop_states, customer_states },
      { ledgers.states(opened, { account = "shop" }), ledgers.states(opened, { account = CUSTOMER.name }) })
  end

  local function known(...)
    local keys, digests = { ... }, {}
    for i = 1, #keys do
      digests[i] = digest()
    end
    next_run()
    local states = assert(shop:known(keys, digests))
    end_run()
    for i = 1, #keys do
      states[i] = states[i] or "new"
    end
    return table.concat(states, " ")
  end

  local function find(date)
    next_run()
    local found = assert(customer:batch(date, digest(), date .. " 00:00", date .. " 23:45"))
    end_run()
    return found
  end

  it("has what was rejected or is unknown sent again", function()
    assert.equal(4, opened:retry())
    expect("accepted 2, pending 2, pending 1", "accepted 1, pending 1, pending 1, pending 1")
    assert.equal("accepted accepted new new new", known("a", "b", "c", "d", "e"))
    assert.equal("pending", find("2026-07-03").state)
    assert.equal(0, opened:retry())
  end)

  it("means by filters what they say", function()
    local filters = {
      { { state = "unknown" }, 1 },
      { { state = "rejected" }, 3 },
      { { account = "shop" }, 2 },
      { { provider = "ravenwits" }, 2 },
      { { base_url = "https://nowhere.example" }, 0 },
      { { code = "bad" }, 2 },
      { { key = "c" }, 1 },
      { { key = "a" }, 0 },
      { { key = "nothing" }, 0 },
      { { day = "2026-07-03" }, 1 },
      { { from = "2026-07-02", to = "2026-07-02" }, 1 },
      { { from = "2026-07-04" }, 0 },
      { { since = opened.store.sqlite.now() + 60000 }, 0 },
      { { since = opened.store.sqlite.now() - 60000 }, 4 },
      { { operation = "submit" }, 2 },
      { { state = "accepted" }, 0 },
    }
    for _, case in ipairs(filters) do
      assert.equal(case[2], opened:retry(case[1], true))
    end
    expect(SHOP_STATES, CUSTOMER_STATES)
    assert.equal(1, opened:retry { key = "c" })
    expect("accepted 2, rejected 1, pending 1, pending 1", CUSTOMER_STATES)
    assert.equal("new rejected", known("c", "d"))
    assert.has_error(function()
      opened:retry { state = "lost" }
    end, "ledger:retry: option 'state' names no state: lost")
    assert.has_error(function()
      opened:retry { day = "July" }
    end, "ledger:retry: option 'day' must be a day such as 2026-03-29")
  end)

  it("settles as accepted what somebody has found at the API", function()
    assert.equal(1, opened:settle({ key = "c" }, "accepted", true))
    expect(SHOP_STATES, CUSTOMER_STATES)
    assert.equal(1, opened:settle({ key = "c" }, "accepted"))
    assert.equal(1, opened:settle({ state = "unknown" }, "accepted"))
    assert.equal("accepted rejected", known("c", "d"))
    assert.equal("accepted", find("2026-07-03").state)
    assert.has_error(function()
      opened:settle({}, "rejected")
    end, 'ledger:settle: settles as "accepted" alone')
  end)

  it("settles an update in the place of what it was one of", function()
    next_run()
    local update = bulk({ "a" }, "new")
    update.digest = update.digests[1]
    assert(shop:commit({}, { update }))
    assert(shop:commit({ ended(update, "rejected") }, {}))
    end_run()
    assert.equal(1, opened:settle({ state = "rejected", key = "a" }, "accepted"))
    next_run()
    assert.same({ "accepted", "accepted" }, (shop:known({ "a", "b" }, { digest "new", digest() })))
    assert.same({ "changed" }, (shop:known({ "a" }, { digest() })))
    end_run()
  end)

  it("settles a day in the place of the day that it is", function()
    next_run()
    assert(customer:commit({}, { day("2026-07-01", "new") }))
    end_run()
    next_run()
    end_run()
    assert.equal(1, opened:settle({ day = "2026-07-01" }, "accepted"))
    local newest = {}
    for entry in opened:history { day = "2026-07-01" } do
      newest[#newest + 1] = entry.newest
    end
    assert.same({ false, true }, newest)
  end)

  it("forgets what the API has no more", function()
    assert.equal(1, opened:forget({ key = "a" }, true))
    assert.equal(1, opened:forget { key = "a" })
    expect("accepted 1, rejected 2, pending 1", CUSTOMER_STATES)
    assert.equal("new accepted rejected", known("a", "b", "c"))
    assert.equal(1, opened:forget { day = "2026-07-01" })
    assert.is_nil(find("2026-07-01").state)
    assert.equal(3, opened:forget { account = CUSTOMER.name })
    assert.equal(4, opened:forget {})
    expect("", "")
    assert.equal("new new new", known("a", "b", "c"))
    assert.same({ 0 }, (opened.store:list "SELECT count(*) FROM purchase"))
  end)

  it("forgets more than it deletes at once", function()
    next_run()
    local keys = {}
    for i = 1, 2500 do
      keys[i] = ("%05d"):format(i)
    end
    ledgers.accept(shop, bulk(keys))
    end_run()
    assert.equal(2502, opened:forget { state = "accepted", account = "shop" })
    expect("rejected 2, pending 1", CUSTOMER_STATES)
    assert.same({ 3 }, (opened.store:list "SELECT count(*) FROM purchase"))
  end)

  it("has the older purchase of a day count again when the newer one is forgotten", function()
    next_run()
    ledgers.accept(customer, day("2026-07-01", "new"))
    end_run()
    assert.equal("id of 2026-07-01", find("2026-07-01").changed.receipt)
    assert.equal(1, opened:forget { receipt = "id of 2026-07-01" })
    assert.same({ "accepted", "r-1" }, { find("2026-07-01").state, find("2026-07-01").receipt })
  end)

  it("touches nothing that a living process has on its way", function()
    local child = ledgers.start([[
      local account = assert(ledger.open(path):account(ledgers.SHOP))
      local held, sent = ledgers.bulk { "held", "held too" }, ledgers.bulk { "sent" }
      assert(account:commit({}, { held, sent }))
      assert(account:commit({ ledgers.ended(held, "pending") }, {}))
      print "ready"
      wait()
      ledgers.accept(account, held)
      assert(account:commit({ ledgers.accepted(sent) }, {}))
    ]], path)
    assert(child:wait_for("stdout", "ready"), child:read "stderr")
    assert.equal(2, opened:retry { account = "shop" })
    assert.equal(0, opened:settle({ account = "shop" }, "accepted"))
    for _, key in ipairs { "held", "sent" } do
      assert.equal(0, opened:forget { key = key })
    end
    assert.equal(2, opened:forget { account = "shop" }) -- what it has accepted
    expect("pending 2, pending 1, pending 2, sending 1", CUSTOMER_STATES)
    assert(io.open(path .. "-go", "w")):close()
    local result = child:wait()
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.equal("accepted accepted accepted", known("held", "held too", "sent"))
  end)

  it("looks after what a killed process left", function()
    ledgers.kill([[
      local opened = assert(ledger.open(path))
      assert(opened:account(ledgers.SHOP):commit({}, { ledgers.bulk { "x" } }))
      assert(opened:account(ledgers.CUSTOMER):commit({}, { ledgers.day "2026-07-05" }))
      print "ready"
      wait()
    ]], path)
    assert.equal(1, opened:settle({ day = "2026-07-05", state = "unknown" }, "accepted"))
    assert.equal(1, opened:forget { key = "x" })
    expect(SHOP_STATES, CUSTOMER_STATES .. ", accepted 1")
  end)

  it("prunes what is old: texts, and keyed purchases that were accepted", function()
    local sqlite = opened.store.sqlite
    local now = sqlite.now
    finally(function()
      sqlite.now = now
    end)
    function sqlite.now()
      return now() + 3600 * 1000
    end
    next_run()
    ledgers.accept(shop, bulk { "late" })
    end_run()
    assert.equal(0, opened:prune(7200))
    assert.equal(2, opened:prune(1800))
    assert.equal("new new rejected accepted", known("a", "b", "c", "late"))
    assert.same({ "accepted", "r-1" }, { find("2026-07-01").state, find("2026-07-01").receipt })
    expect("rejected 2, pending 1, accepted 1", CUSTOMER_STATES)
    local texts = {}
    for entry in opened:history() do
      texts[#texts + 1] = entry.message and entry.state or nil
    end
    assert.same({ "unknown", "pending" }, texts)
    assert.equal(0, opened:prune(1800))
    local runs = opened.store:list("SELECT count(*) FROM run WHERE id NOT IN (SELECT run FROM batch) AND since < ?1",
      now() + 1000)
    assert.equal(0, runs[1])
  end)
end)
