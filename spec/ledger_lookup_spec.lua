-- What is known of purchases that are about to be sent, however they are ordered.
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"

local day, digest = ledgers.day, ledgers.digest

describe("looking purchases up", function()
  local folder, opened, shop

  before_each(function()
    folder = ledgers.folder()
    opened = assert(ledger.open(folder .. "/job.db"))
    shop = assert(opened:account(ledgers.SHOP))
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  local function accept(keys)
    ledgers.accept(shop, ledgers.bulk(keys))
  end

  -- The keys that are known to be accepted; and how many queries for single ones it took.
  local function look_up(keys)
    local digests, singles, list = {}, 0, opened.store.list
    for i = 1, #keys do
      digests[i] = digest()
    end
    function opened.store.list(store, sql, ...)
      singles = singles + (sql:find("AND key = CAST", 1, true) and 1 or 0)
      return list(store, sql, ...)
    end
    local states = assert(shop:known(keys, digests))
    opened.store.list = nil
    local found = {}
    for i, key in ipairs(keys) do
      found[#found + 1] = states[i] == "accepted" and key or nil
    end
    return table.concat(found, " "), singles
  end

  it("finds none of none", function()
    assert.same({ {}, {} }, { shop:known({}, {}) })
  end)

  it("finds ascending ones in one range, whatever lies between", function()
    accept { "01", "03", "05", "07" }
    assert.same({ "03 05", 0 }, { look_up { "02", "03", "04", "05", "06" } })
    assert.same({ "07 01", 0 }, { look_up { "07", "00", "01" } })
    assert.same({ "", 0 }, { look_up { "08", "09" } })
  end)

  it("finds those that lie far apart one by one", function()
    local keys = {}
    for i = 1, 100 do
      keys[i] = ("%03d"):format(i)
    end
    accept(keys)
    assert.same({ "001 100", 3 }, { look_up { "001", "100", "200" } })
    assert.same({ "099 100", 0 }, { look_up { "099", "100", "101" } })
  end)

  it("finds them as bytes are ordered, whatever the language", function()
    accept { "A", "Z", "a", "z", "É", "\255" }
    assert.same({ "\255 a Z É", 0 }, { look_up { "\255", "a", "Z", "É", "B" } })
    assert.same({ "A Z a z É \255", 0 }, { look_up { "A", "Z", "a", "z", "É", "\255" } })
    assert.same({ "a", 0 }, { look_up { "b", "aa", "a" } })
  end)

  it("finds those of its account alone", function()
    accept { "a" }
    shop:close()
    shop = assert(opened:account { provider = "woowup", base_url = "u", name = "other", keyed = true })
    assert.same({ "", 0 }, { look_up { "a" } })
  end)

  it("sees one state of the file, and locks out nobody", function()
    accept { "a" }
    local ok, err = shop:known({ "a" }, { digest() })
    assert(ok, err)
    assert(opened.store:execute "BEGIN IMMEDIATE; COMMIT") -- nothing was left open
  end)
end)

describe("looking a day up", function()
  local folder, opened, customer

  before_each(function()
    folder = ledgers.folder()
    opened = assert(ledger.open(folder .. "/job.db"))
    customer = assert(opened:account(ledgers.CUSTOMER))
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  local function piece(name, first, last, content)
    local record = day(name, content)
    record.first, record.last = first, last
    return record
  end

  local function find(record)
    return assert(customer:batch(record.name, record.digest, record.first, record.last))
  end

  local function next_run()
    customer:close()
    customer = assert(opened:account(ledgers.CUSTOMER))
  end

  local function changed(record)
    local found = find(record).changed
    return found and found.name
  end

  it("finds none where there is none", function()
    assert.same({}, find(day "2026-07-01"))
    ledgers.accept(customer, day "2026-07-02")
    for _ = 1, 2 do
      assert.same({}, find(day "2026-07-01"))
      assert.same({}, find(day "2026-07-03"))
      next_run()
    end
  end)

  it("finds one that is the same", function()
    local record = day "2026-07-01"
    ledgers.accept(customer, record)
    for _ = 1, 2 do
      assert.same({ id = record.id, state = "accepted", is_same = true, maybe = false, receipt = "id of 2026-07-01" },
        find(day "2026-07-01"))
      next_run()
    end
  end)

  it("finds one that has changed", function()
    local record = day "2026-07-01"
    ledgers.accept(customer, record)
    for _ = 1, 2 do
      assert.same({ changed = { id = record.id, name = "2026-07-01", first = "2026-07-01 00:00",
        last = "2026-07-01 23:45", receipt = "id of 2026-07-01" } }, find(day("2026-07-01", "other")))
      next_run()
    end
  end)

  it("finds what a part of a day overlaps, and what overlaps it", function()
    ledgers.accept(customer, day "2026-07-02")
    ledgers.accept(customer, piece("2026-07-04 06:00", "2026-07-04 06:00", "2026-07-04 08:45"))
    for _ = 1, 2 do
      assert.equal("2026-07-02", changed(piece("2026-07-02 14:00", "2026-07-02 14:00", "2026-07-02 23:45")))
      assert.equal("2026-07-02", changed(piece("2026-07-01", "2026-07-01 00:00", "2026-07-03 23:45")))
      assert.equal("2026-07-02", changed(piece("2026-07-02 23:45", "2026-07-02 23:45", "2026-07-03 00:15")))
      assert.is_nil(changed(piece("2026-07-03", "2026-07-03 00:00", "2026-07-03 23:45")))
      assert.is_nil(changed(piece("2026-07-01", "2026-07-01 00:00", "2026-07-01 23:45")))
      assert.equal("2026-07-04 06:00", changed(day "2026-07-04"))
      assert.equal("2026-07-04 06:00", changed(piece("2026-07-04 08:45", "2026-07-04 08:45", "2026-07-04 08:45")))
      assert.is_nil(changed(piece("2026-07-04 09:00", "2026-07-04 09:00", "2026-07-04 09:00")))
      assert.is_nil(changed(piece("2026-07-04 00:00", "2026-07-04 00:00", "2026-07-04 05:45")))
      next_run()
    end
  end)

  it("finds what is long, however far away it begins", function()
    ledgers.accept(customer, day "2027-12-31")
    ledgers.accept(customer, piece("2026-01-01", "2026-01-01 00:00", "2026-12-31 23:45"))
    ledgers.accept(customer, day "2025-12-31")
    for _ = 1, 2 do
      assert.equal("2026-01-01", changed(day "2026-12-31"))
      assert.equal("2026-01-01", changed(day "2026-01-02"))
      assert.is_nil(changed(day "2027-01-01"))
      next_run()
    end
  end)

  it("finds what reaches over the turn of a year", function()
    ledgers.accept(customer, piece("2025-12-01", "2025-12-01 00:00", "2026-01-01 00:00"))
    ledgers.accept(customer, day "2027-12-31")
    for _ = 1, 2 do
      assert.equal("2025-12-01", changed(piece("2026-01-01 00:00", "2026-01-01 00:00", "2026-01-01 00:00")))
      next_run()
    end
  end)

  it("finds what has no time that it could read", function()
    ledgers.accept(customer, piece("a", "first of March", "second of March"))
    ledgers.accept(customer, day "2026-07-01")
    assert.equal("a", changed(piece("b", "first of March", "first of March")))
    assert.equal("2026-07-01", changed(piece("2026-07-01 12:00", "2026-07-01 12:00", "2026-07-01 12:00")))
    next_run()
    assert.equal("a", changed(piece("b", "first of March", "first of March")))
    assert.equal("2026-07-01", changed(piece("2026-07-01 12:00", "2026-07-01 12:00", "2026-07-01 12:00")))
  end)

  it("finds the hour that comes twice by its instants", function()
    ledgers.accept(customer, piece("2026-10-25T00:00Z", "2026-10-25 02:00", "2026-10-25 02:00", "one"))
    local second = piece("2026-10-25T01:00Z", "2026-10-25 02:00", "2026-10-25 02:00", "two")
    assert.equal("accepted", find(piece("2026-10-25T00:00Z", "2026-10-25 02:00", "2026-10-25 02:00", "one")).state)
    assert.is_nil(find(second).state)
  end)

  it("says of what may have arrived with other content that it is unknown", function()
    local record = day "2026-07-01"
    assert(customer:commit({}, { record }))
    assert(customer:commit({ ledgers.ended(record, "unknown") }, {}))
    local found = find(day("2026-07-01", "other"))
    assert.same({ "unknown", false, nil }, { found.state, found.is_same, found.id })
    assert.is_true(find(day "2026-07-01").is_same)
  end)

  it("looks into the file for nothing where all comes after what is there", function()
    for i = 1, 9 do
      ledgers.accept(customer, day("2026-07-0" .. i))
    end
    next_run()
    find(day "2026-07-10")
    local list, queries = opened.store.list, 0
    function opened.store.list(...)
      queries = queries + 1
      return list(...)
    end
    for i = 10, 31 do
      assert.same({}, find(day("2026-07-" .. i)))
      assert(customer:commit({}, { day("2026-07-" .. i) }))
    end
    opened.store.list = nil
    assert.equal(0, queries)
    assert.equal("sending", find(day "2026-07-31").state)
  end)
end)
