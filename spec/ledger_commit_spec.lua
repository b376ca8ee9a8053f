-- What a round writes down: the table of states, bulks that are divided, and what comes in the place of what.
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"

local SHOP, CUSTOMER = ledgers.SHOP, ledgers.CUSTOMER
local accepted, bulk, day, digest, ended = ledgers.accepted, ledgers.bulk, ledgers.day, ledgers.digest, ledgers.ended

describe("a commit", function()
  local folder, opened, shop, customer

  before_each(function()
    folder = ledgers.folder()
    opened = assert(ledger.open(folder .. "/job.db"))
    shop, customer = assert(opened:account(SHOP)), assert(opened:account(CUSTOMER))
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  -- Another run, after whatever this one left.
  local function next_run()
    shop:close()
    customer:close()
    shop, customer = assert(opened:account(SHOP)), assert(opened:account(CUSTOMER))
  end

  local function known(keys, content)
    local digests = {}
    for i = 1, #keys do
      digests[i] = digest(content)
    end
    return assert(shop:known(keys, digests))
  end

  local function find(date, content)
    local record = day(date, content)
    return assert(customer:batch(record.name, record.digest, record.first, record.last))
  end

  local function row(record)
    for entry in assert(opened:history()) do
      if entry.id == record.id then
        return entry
      end
    end
  end

  it("of nothing writes nothing", function()
    local store = opened.store
    function store.transaction()
      error "a transaction"
    end
    assert.is_true(shop:commit({}, {}))
    store.transaction = nil
  end)

  it("grants what is to be sent, attempt after attempt", function()
    local record = bulk { "a", "b" }
    for attempt = 1, 3 do
      assert.is_true(shop:commit({}, { record }))
      assert.same({ "sending", attempt, 2 }, { row(record).state, row(record).attempts, row(record).count })
      assert.is_true(shop:commit({ ended(record, "pending", { due = 5, code = "too_many_requests" }) }, {}))
      assert.same({ "pending", "too_many_requests" }, { row(record).state, row(record).code })
    end
    assert.is_nil(known({ "a" })[1])
  end)

  it("settles and grants in one transaction", function()
    local first, second = bulk { "a" }, bulk { "b" }
    assert(shop:commit({}, { first }))
    second.count = nil
    local ok, err = shop:commit({ accepted(first) }, { second })
    assert.is_nil(ok)
    assert.same({ "ledger", "database_error" }, { err.kind, err.code })
    assert.equal("sending 1", ledgers.states(opened))
    assert.is_nil(second.id)
    second.count = 1
    assert(shop:commit({ accepted(first) }, { second }))
    assert.equal("accepted 1, sending 1", ledgers.states(opened))
  end)

  it("may be repeated", function()
    local first, second = bulk { "a" }, bulk { "b" }
    assert(shop:commit({}, { first }))
    for _ = 1, 2 do
      assert(shop:commit({ accepted(first) }, { second }))
    end
    assert.equal("accepted 1, sending 1", ledgers.states(opened))
    assert(shop:commit({ ended(first, "rejected", { code = "late" }) }, {}))
    assert.equal("accepted 1, sending 1", ledgers.states(opened))
  end)

  -- The table of states. What is written there, as history shows it, and what the next run finds.
  local KEYED = {
    { "accepted", {}, "accepted", "accepted", "accepted" },
    { "rejected", { code = "user_not_found", message = "no such user" }, "rejected", "rejected", "rejected" },
    { "pending", {}, "pending", nil, nil },
    { "pending", { maybe = true }, "pending", "maybe", "maybe" },
    { "unknown", {}, "pending", "maybe", "maybe" },
  }
  for _, case in ipairs(KEYED) do
    local what = case[1] .. (case[2].maybe and " and maybe" or "")
    it("writes down, with keys, what ended as " .. what, function()
      local record = bulk { "a" }
      assert(shop:commit({}, { record }))
      assert(shop:commit({ ended(record, case[1], case[2]) }, {}))
      local written = row(record)
      assert.equal(case[3], written.state)
      assert.same({ case[2].code, case[2].message }, { written.code, written.message })
      assert.equal(case[4], (known({ "a" })[1]))
      next_run()
      local states, rejections = shop:known({ "a" }, { digest() })
      assert.equal(case[5], states[1])
      assert.same(case[1] == "rejected" and { case[2] } or {}, rejections)
    end)
  end

  local UNKEYED = {
    { "accepted", { receipt = "r-1" }, "accepted" },
    { "rejected", { code = "bad_request", message = "no" }, "rejected" },
    { "pending", { due = 7 }, "pending" },
    { "pending", { maybe = true }, "unknown" },
    { "unknown", {}, "unknown" },
  }
  for _, case in ipairs(UNKEYED) do
    local what = case[1] .. (case[2].maybe and " and maybe" or "")
    it("writes down, without keys, what ended as " .. what, function()
      local record = day "2026-07-01"
      assert(customer:commit({}, { record }))
      assert(customer:commit({ ended(record, case[1], case[2]) }, {}))
      for _ = 1, 2 do
        local found = find "2026-07-01"
        assert.same({ case[3], true, case[2].receipt, case[2].code, case[2].message, record.id },
          { found.state, found.is_same, found.receipt, found.code, found.message, found.id })
        next_run()
      end
    end)
  end

  it("has what may have arrived without keys never plain pending again", function()
    local record = day "2026-07-01"
    assert(customer:commit({}, { record }))
    assert(customer:commit({ ended(record, "unknown") }, {}))
    next_run()
    local again = day "2026-07-01" -- as a run that was told to retry sends it
    again.id, again.maybe = find("2026-07-01").id, true
    assert(customer:commit({}, { again }))
    assert(customer:commit({ ended(again, "pending", { due = 1 }) }, {})) -- a 429
    assert.equal("unknown", find("2026-07-01").state)
    assert(customer:commit({}, { again }))
    next_run() -- a kill
    assert.equal("unknown", find("2026-07-01").state)
    assert.equal("unknown 1", ledgers.states(opened))
  end)

  it("takes the late answer of what was unknown", function()
    local first, second = day "2026-07-01", day "2026-07-02"
    assert(customer:commit({}, { first, second }))
    assert(customer:commit({ ended(first, "unknown"), ended(second, "unknown") }, {}))
    assert(customer:commit({ accepted(first, "r"), ended(second, "rejected", { code = "no" }) }, {}))
    assert.equal("accepted 1, rejected 1", ledgers.states(opened))
    assert.equal("r", find("2026-07-01").receipt)
  end)

  it("takes the answer duplicate of what may have arrived as accepted", function()
    local record = bulk { "a" }
    assert(shop:commit({}, { record }))
    assert(shop:commit({ ended(record, "pending", { maybe = true }) }, {}))
    assert.equal("maybe", known({ "a" })[1])
    assert.equal("maybe changed", known({ "a" }, "other")[1])
    assert(shop:commit({}, { record }))
    assert(shop:commit({ accepted(record) }, {}))
    assert.equal("accepted", known({ "a" })[1])
  end)

  it("goes on with purchases that an earlier run left, in whatever bulk they come", function()
    assert(shop:commit({}, { bulk { "a", "b", "c" }, bulk { "d" } }))
    next_run()
    assert.equal("pending maybe 3, pending maybe 1", ledgers.states(opened))
    local record = bulk { "b", "c", "d", "e" }
    record.maybe = true
    assert(shop:commit({}, { record }))
    assert.equal("pending maybe 1, sending 4", ledgers.states(opened))
    assert(shop:commit({ accepted(record) }, {}))
    assert.same({ "maybe", "accepted", "accepted", "accepted", "accepted" }, known { "a", "b", "c", "d", "e" })
  end)

  it("sends what was rejected again when its content changes", function()
    local record = bulk({ "a", "b" }, "old")
    assert(shop:commit({}, { record }))
    assert(shop:commit({ ended(record, "rejected", { code = "bad" }) }, {}))
    assert.same({ "rejected" }, known({ "a" }, "old"))
    assert.same({}, known({ "a" }, "new"))
    local new = bulk({ "a" }, "new")
    assert(shop:commit({}, { new }))
    assert(shop:commit({ accepted(new) }, {}))
    assert.equal("rejected 1, accepted 1", ledgers.states(opened))
    assert.same({ "accepted" }, known({ "a" }, "new"))
    assert.same({ "rejected" }, known({ "b" }, "old"))
  end)

  it("divides a bulk into parts, which inherit its doubt", function()
    for _, maybe in ipairs { false, true } do
      local prefix = tostring(maybe)
      local whole = bulk { prefix .. 1, prefix .. 2, prefix .. 3 }
      local first, second = bulk { prefix .. 1 }, bulk { prefix .. 2, prefix .. 3 }
      assert(shop:commit({}, { whole }))
      assert(shop:commit({ ended(whole, "divided", { maybe = maybe, parts = { first, second } }) }, { first }))
      assert.is_nil(row(whole))
      assert.same({ "sending", 1, maybe }, { row(first).state, row(first).count,
        opened.store:list("SELECT maybe FROM batch WHERE id = ?1", first.id)[1] == 1 })
      assert.same({ "pending", 2, maybe }, { row(second).state, row(second).count, row(second).maybe })
      assert(shop:commit({ ended(first, "rejected", { code = "bad" }) }, { second }))
      assert(shop:commit({ accepted(second) }, {}))
      assert.same({ "rejected", "accepted", "accepted" }, known { prefix .. 1, prefix .. 2, prefix .. 3 })
    end
    assert.equal(2, opened:status()[1].counts.rejected)
    assert.equal(4, opened:status()[1].counts.accepted)
  end)

  it("divides parts of what was in doubt before they were divided", function()
    local whole, part = bulk { "1", "2" }, bulk { "1" }
    assert(shop:commit({}, { whole }))
    assert(shop:commit({ ended(whole, "pending", { maybe = true }) }, {}))
    assert(shop:commit({}, { whole }))
    assert(shop:commit({ ended(whole, "divided", { parts = { part, bulk { "2" } } }) }, {}))
    next_run()
    assert.same({ "maybe", "maybe" }, known { "1", "2" })
    assert.equal("pending maybe 1, pending maybe 1", ledgers.states(opened))
  end)

  it("divides all or nothing", function()
    local whole, first, second = bulk { "1", "2" }, bulk { "1" }, bulk { "2" }
    assert(shop:commit({}, { whole }))
    second.operation = nil
    assert.is_nil(shop:commit({ ended(whole, "divided", { parts = { first, second } }) }, {}))
    assert.same({ nil, nil }, { first.id, second.id })
    assert.equal("sending 2", ledgers.states(opened))
  end)

  it("writes down single purchases of a bulk that fared otherwise", function()
    local record = bulk { "a", "b", "c", "d" }
    assert(shop:commit({}, { record }))
    assert(shop:commit({ ended(record, "accepted", { purchases = {
      { index = 2, state = "rejected", code = "bad", message = "b is bad" },
      { index = 4, state = "pending", maybe = true },
    } }) }, {}))
    assert.same({ "accepted", "rejected", "accepted", "maybe" }, (known { "a", "b", "c", "d" }))
    assert.same({ [2] = { code = "bad", message = "b is bad" } },
      select(2, shop:known({ "a", "b" }, { digest(), digest() })))
    assert.equal("accepted 2, rejected 1, pending maybe 1", ledgers.states(opened))
  end)

  describe("of what was accepted with other content", function()
    before_each(function()
      ledgers.accept(shop, bulk({ "a", "b" }, "old"))
    end)

    local function update(key)
      local record = bulk({ key }, "new")
      record.operation, record.digest = "update", record.digests[1]
      assert(shop:commit({}, { record }))
      return record
    end

    it("keeps it accepted until the update is", function()
      local record = update "a"
      assert.same({ "accepted", "accepted" }, known({ "a", "b" }, "old"))
      assert.same({ "changed" }, known({ "a" }, "new"))
      assert(shop:commit({ accepted(record) }, {}))
      assert.same({ "changed", "accepted" }, known({ "a", "b" }, "old"))
      assert.same({ "accepted" }, known({ "a" }, "new"))
      assert.equal("accepted 1, accepted 1", ledgers.states(opened))
    end)

    it("sends the update again after a kill", function()
      update "a"
      next_run()
      assert.same({ "changed" }, known({ "a" }, "new"))
      assert.same({ "accepted" }, known({ "a" }, "old"))
      assert(shop:commit({ accepted(update "a") }, {}))
      assert.same({ "accepted" }, known({ "a" }, "new"))
      assert.same({ accepted = 2 }, opened:status()[1].counts)
    end)

    it("sends no update again that was rejected", function()
      assert(shop:commit({ ended(update "a", "rejected", { code = "bad" }) }, {}))
      next_run()
      assert.same({ "rejected" }, known({ "a" }, "new"))
      assert.same({ { code = "bad" } }, select(2, shop:known({ "a" }, { digest "new" })))
      assert.same({ "accepted" }, known({ "a" }, "old"))
      assert.same({ "changed" }, known({ "a" }, "newer"))
    end)

    it("knows what came last", function()
      for _ = 1, 2 do
        assert(shop:commit({ accepted(update "a") }, {}))
      end
      assert(shop:commit({ accepted(update "b") }, {}))
      assert.same({ "accepted", "accepted" }, known({ "a", "b" }, "new"))
      assert.same({ accepted = 2 }, opened:status()[1].counts)
      local newest = 0
      for entry in opened:history() do
        newest = newest + (entry.newest and entry.count or 0)
      end
      assert.equal(2, newest)
    end)

    it("sends a whole bulk again", function()
      local record = bulk({ "a", "b", "c" }, "old")
      assert(shop:commit({}, { record }))
      assert(shop:commit({ accepted(record) }, {}))
      assert.same({ "accepted", "accepted", "accepted" }, known({ "a", "b", "c" }, "old"))
      assert.same({ accepted = 3 }, opened:status()[1].counts)
    end)

    it("keeps the old one where a bulk of both is divided", function()
      local whole, first, second = bulk({ "a", "c" }, "new"), bulk({ "a" }, "new"), bulk({ "c" }, "new")
      assert(shop:commit({}, { whole }))
      assert(shop:commit({ ended(whole, "divided", { parts = { first, second } }) }, { first, second }))
      assert.same({ "accepted", nil }, known({ "a", "c" }, "old"))
      assert(shop:commit({ ended(first, "rejected"), accepted(second) }, {}))
      assert.same({ "accepted", "changed" }, known({ "a", "c" }, "old"))
      assert.same({ "rejected", "accepted" }, known({ "a", "c" }, "new"))
    end)
  end)

  it("has the purchase that was accepted last in the place of the day's others", function()
    local function send(content, state, fields)
      local record = day("2026-07-01", content)
      assert(customer:commit({}, { record }))
      assert(customer:commit({ ended(record, state, fields) }, {}))
    end
    send("one", "rejected", { code = "bad" })
    assert.equal("rejected", find("2026-07-01", "one").state)
    send("two", "accepted", { receipt = "r-2" })
    assert.is_nil(find("2026-07-01", "one").state) -- it is long past
    assert.equal("r-2", find("2026-07-01", "one").changed.receipt)
    send("three", "rejected", { code = "bad" })
    local found = find("2026-07-01", "three")
    assert.same({ "rejected", "r-2" }, { found.state, found.changed.receipt })
    assert.equal("accepted", find("2026-07-01", "two").state)
    send("four", "accepted", { receipt = "r-4" })
    assert.equal("r-4", find("2026-07-01", "two").changed.receipt)
    assert.same({ "accepted", "r-4" }, { find("2026-07-01", "four").state, find("2026-07-01", "four").receipt })
    local newest = {}
    for entry in opened:history { account = CUSTOMER.name } do
      newest[#newest + 1] = entry.newest and entry.receipt or nil
    end
    assert.same({ "r-4" }, newest)
  end)

  it("goes on with what an earlier run had in the place of another day's purchase", function()
    ledgers.accept(customer, day("2026-07-01", "one"))
    assert(customer:commit({}, { day("2026-07-01", "two") }))
    local record = day("2026-07-01", "two")
    next_run()
    local found = find("2026-07-01", "two")
    assert.same({ "unknown", "id of 2026-07-01" }, { found.state, found.changed.receipt })
    record.id = found.id
    assert(customer:commit({}, { record }))
    assert(customer:commit({ accepted(record, "r-2") }, {}))
    assert.equal("r-2", find("2026-07-01", "one").changed.receipt)
  end)

  it("keeps at most 1 KB of a message, and no half of a character", function()
    for _, text in ipairs { ("x"):rep(1024), ("x"):rep(2000), "x" .. ("é"):rep(1000), ("é"):rep(1000) } do
      local record = bulk { "a" }
      assert(shop:commit({}, { record }))
      assert(shop:commit({ ended(record, "rejected", { message = text }) }, {}))
      local kept = row(record).message
      assert.equal(text:sub(1, #kept), kept)
      assert(#kept <= 1024 and #kept >= 1023 and not (kept .. "|"):find "[\192-\255]|", #kept)
    end
  end)

  it("keeps keys as they are, with a NUL, and as bytes", function()
    local keys = { "A-1\0Palermo", "A-1\0Recoleta", "A-1", "ñ", "\255\254" }
    ledgers.accept(shop, bulk(keys))
    assert.same({ "accepted", "accepted", "accepted", "accepted", "accepted" }, known(keys))
    assert.same({ nil, nil }, known { "A-1\0", "A-1\0P" })
    local exported = {}
    for entry in opened:export() do
      exported[entry.key] = true
    end
    for _, key in ipairs(keys) do
      assert.is_true(exported[key])
    end
  end)

  it("finds a day accepted that was sent again, whatever became of that", function()
    ledgers.accept(customer, day "2026-07-01")
    for _, state in ipairs { "rejected", "unknown" } do
      local record = day "2026-07-01"
      assert(customer:commit({}, { record }))
      assert(customer:commit({ ended(record, state) }, {}))
      assert.same({ "accepted", "id of 2026-07-01" }, { find("2026-07-01").state, find("2026-07-01").receipt })
      local found = assert(customer:batch(record.name, record.digest, record.first, record.last, true))
      assert.same({ state, record.id }, { found.state, found.id })
    end
  end)

  it("raises where what was never granted has ended, unless it was not sent", function()
    local record = bulk { "a" }
    assert(shop:commit({ ended(record, "pending") }, {}))
    assert.equal("", ledgers.states(opened))
    assert.has_error(function()
      shop:commit({ accepted(record) }, {})
    end)
    assert(shop:commit({}, { record })) -- no transaction was left open
  end)

  it("fails for a purchase without a digest, and grants nothing", function()
    local record = bulk { "a", "b" }
    record.digests[2] = nil
    local ok, err = shop:commit({}, { record })
    assert.is_nil(ok)
    assert.equal("database_error", err.code)
    assert.equal("", ledgers.states(opened))
  end)

  it("fails for a batch that somebody took out of the ledger", function()
    local record = bulk { "a" }
    assert(shop:commit({}, { record }))
    opened.store:run "DELETE FROM batch"
    local ok, err = shop:commit({}, { record })
    assert.is_nil(ok)
    assert.equal("gone", err.code)
  end)
end)
