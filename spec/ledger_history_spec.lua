-- What a ledger tells: status, history, export, and whose workflow has not ended.
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"

local SHOP, CUSTOMER = ledgers.SHOP, ledgers.CUSTOMER
local bulk, day, ended = ledgers.bulk, ledgers.day, ledgers.ended

describe("a ledger", function()
  local folder, path, opened, shop, customer

  before_each(function()
    folder = ledgers.folder()
    path = folder .. "/job.db"
    opened = assert(ledger.open(path))
    shop = assert(opened:account(SHOP, { source = "july.csv", operation = "create" }))
    customer = assert(opened:account(CUSTOMER, { source = "load.csv", operation = "submit" }))
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  -- What a list gives, as texts.
  local function collect(next_entry, describe_entry)
    local texts = {}
    for entry in assert(next_entry) do
      texts[#texts + 1] = describe_entry(entry)
    end
    return texts
  end

  it("counts purchases by account and state", function()
    assert.same({}, opened:status())
    local first, second = bulk { "a", "b" }, bulk { "c" }
    assert(shop:commit({}, { first, second, bulk { "d" } }))
    assert(shop:commit({ ledgers.accepted(first), ended(second, "pending", { due = 12345 }) }, {}))
    ledgers.accept(customer, day "2026-07-01")
    local status = assert(opened:status())
    assert.same({ "ravenwits", "woowup" }, { status[1].provider, status[2].provider })
    assert.same({ accepted = 2, pending = 1, sending = 1 }, status[2].counts)
    assert.same({ SHOP.base_url, "shop", 12345, 0.2, shop.pid },
      { status[2].base_url, status[2].account, status[2].due, status[2].rate, status[2].holder.pid })
    assert(math.abs(status[2].oldest_pending / 1000 - os.time()) < 60)
    assert(math.abs(status[2].holder.since / 1000 - os.time()) < 60)
    assert.same({ accepted = 1 }, status[1].counts)
    shop:close()
    status = opened:status { account = "shop" }
    assert.equal(1, #status)
    assert.same({ accepted = 2, pending = 2 }, status[1].counts)
    assert.is_nil(status[1].holder)
  end)

  it("tells what was sent when, by what, from where", function()
    local first, second, third = day "2026-07-01", day "2026-07-02", day("2026-07-01", "new")
    ledgers.accept(customer, first, second)
    ledgers.accept(customer, third)
    assert(shop:commit({}, { bulk { "a", "b" } }))
    local entries = collect(opened:history(), function(entry)
      return ("%s %s %s %s %s %s %s"):format(entry.provider, entry.operation, entry.source, entry.name, entry.state,
        entry.receipt, entry.newest)
    end)
    assert.same({
      "ravenwits submit load.csv 2026-07-01 accepted id of 2026-07-01 false",
      "ravenwits submit load.csv 2026-07-02 accepted id of 2026-07-02 true",
      "ravenwits submit load.csv 2026-07-01 accepted id of 2026-07-01 true",
      "woowup create july.csv nil sending nil false",
    }, entries)
    local entry = opened:history { from = "2026-07-02", to = "2026-07-02" }()
    assert.same({ "2026-07-02 00:00", "2026-07-02 23:45", 1, 1, second.id, CUSTOMER.base_url, CUSTOMER.name },
      { entry.first, entry.last, entry.count, entry.attempts, entry.id, entry.base_url, entry.account })
    assert.equal(third.id, opened:history()().superseded_by)
    assert.is_nil(opened:history { key = "c" }())
    assert.equal(2, opened:history { key = "b" }().count)
  end)

  it("reads a long history in pieces", function()
    local records = {}
    for i = 1, 1200 do
      records[i] = bulk { ("%05d"):format(i) }
    end
    ledgers.accept(shop, (table.unpack or unpack)(records))
    local count, last = 0, 0
    for entry in opened:history() do
      count = count + 1
      assert(entry.id > last)
      last = entry.id
      if count % 500 == 250 then
        assert(opened.store:execute "BEGIN IMMEDIATE; COMMIT") -- nothing is open between two entries
      end
    end
    assert.equal(1200, count)
    assert.equal(1200, #collect(opened:export(), function(entry)
      return entry.key
    end))
  end)

  it("says when a history cannot be read to its end", function()
    ledgers.accept(shop, bulk { "a" })
    local next_entry = assert(opened:history())
    opened.store:execute "ALTER TABLE batch RENAME TO elsewhere"
    local entry, err = next_entry()
    assert.is_nil(entry)
    assert.equal("database_error", err.code)
    assert.same({ nil, nil }, { next_entry() })
  end)

  it("exports purchase by purchase, with what bodies it has", function()
    local accepted, rejected = bulk { "b", "a\0Palermo" }, bulk { "c" }
    assert(shop:commit({}, { accepted, rejected }))
    assert(shop:commit({ ledgers.accepted(accepted), ended(rejected, "rejected", { code = "bad" }) }, {}))
    opened.store:run("UPDATE batch SET body = CAST(?1 AS BLOB) WHERE code = 'bad'", '{"invoice_number":"c"}')
    ledgers.accept(customer, day "2026-07-01")
    local function describe_entry(entry)
      return ("%s %s %s %s %s"):format(entry.account, entry.key or entry.name, entry.state, entry.code, entry.body)
    end
    assert.same({ "acme/123 2026-07-01 accepted nil nil", "shop a\0Palermo accepted nil nil", "shop b accepted nil nil",
      'shop c rejected bad {"invoice_number":"c"}' }, collect(opened:export(), describe_entry))
    assert.same({ 'shop c rejected bad {"invoice_number":"c"}' },
      collect(opened:export { state = "rejected" }, describe_entry))
    assert.same({ "acme/123 2026-07-01 accepted nil nil" },
      collect(opened:export { provider = "ravenwits" }, describe_entry))
  end)

  it("knows whose workflow has not ended", function()
    local first, second, third = day "2026-07-01", day "2026-07-02", day "2026-07-03"
    ledgers.accept(customer, first, second)
    assert(customer:commit({}, { third }))
    local list = assert(opened:unended(CUSTOMER))
    assert.equal(2, #list)
    assert.same({ "id of 2026-07-01", "id of 2026-07-02" }, { list[1].receipt, list[2].receipt })
    assert.same({ first.id, "2026-07-01", "2026-07-01 00:00", "2026-07-01 23:45" },
      { list[1].id, list[1].name, list[1].first, list[1].last })
    assert(customer:workflow_ended("id of 2026-07-01", "completed"))
    customer:close()
    list = assert(opened:unended(CUSTOMER))
    assert.same({ second.id, nil }, { list[1].id, list[2] })
    assert(opened:workflow_ended(CUSTOMER, "id of 2026-07-02", "failed", second.id))
    assert.same({}, opened:unended(CUSTOMER))
    assert.same({}, opened:unended(SHOP))
    assert.same({ "completed", "failed", "nil" }, collect(opened:history(), function(entry)
      return tostring(entry.workflow)
    end))
  end)
end)
