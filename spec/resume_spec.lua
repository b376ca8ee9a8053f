-- Jobs that keep a ledger: the same call again sends what is left, and nothing twice.
local common = require "spec.support.common"
local desks = require "spec.support.desk"
local load = require "spec.support.load"
local purchases = require "purchases"
local sales = require "spec.support.sales"
local support = require "spec.support.sandbox"

local merge = common.merge

describe("a job with a ledger", function()
  local desk = desks.new { queue_seconds = 0 }
  local folder = desk.folder
  local sandbox, path

  setup(function()
    sandbox, path = desk.sandbox, folder.path .. "/ledger.db"
  end)

  local function ravenwits(fields)
    return purchases.ravenwits.new(merge({
      user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url, retry = { attempts = 2, base = 0.001 },
      concurrency = 1,
    }, fields or {}))
  end

  local function submit(series, opts, fields)
    return assert(ravenwits(fields):submit_all(series, merge({ retailer_id = "123", ledger = path }, opts or {})))
  end

  local function counts(report)
    return { report.accepted, report.skipped, report.rejected, report.unknown, report.pending }
  end

  local function requests()
    return #sandbox:audit().requests
  end

  describe("of a series", function()
    it("skips what was accepted, without a request, and has its receipts", function()
      local first = submit(load.days(3))
      assert.same({ 3, 0, 0, 0, 0 }, counts(first))
      local before = requests()
      local again = submit(load.days(3))
      assert.same({ 0, 3, 0, 0, 0 }, counts(again))
      assert.equal(before, requests())
      for i, receipt in ipairs(again.receipts) do
        assert.same({ first.receipts[i].id, true, i, 96 }, { receipt.id, receipt.skipped, receipt.index, receipt.rows })
      end
    end)

    it("sends what is new of a longer one, and what a stop left", function()
      submit(load.days(2), { on_receipt = function()
        error("stopped on purpose", 0)
      end })
      local report = submit(load.days(4))
      assert.same({ 3, 1, 0, 0, 0 }, counts(report))
      assert.equal(4, requests())
    end)

    it("sends no day again that may have arrived, unless it is told to", function()
      sandbox:fault { path = "submit", status = 500 }
      assert.same({ 1, 0, 0, 1, 0 }, counts(submit(load.days(2))))
      local report = submit(load.days(2))
      assert.same({ 0, 1, 0, 1, 0 }, counts(report))
      assert.matches("may have arrived with an earlier run", report.failures[1].error.message)
      assert.equal(2, requests())
      assert.same({ 1, 1, 0, 0, 0 }, counts(submit(load.days(2), { on_unknown = "retry" })))
      assert.same({ 0, 2, 0, 0, 0 }, counts(submit(load.days(2))))
    end)

    it("refuses again what was refused, with its old words, until it is another", function()
      sandbox:fault { path = "submit", status = 400 }
      local first = submit(load.days(1))
      assert.same({ 0, 0, 1, 0, 0 }, counts(first))
      local again = submit(load.days(1))
      assert.same({ 0, 0, 1, 0, 0 }, counts(again))
      assert.equal(first.failures[1].error.code, again.failures[1].error.code)
      assert.matches(first.failures[1].error.message, again.failures[1].error.message, 1, true)
      assert.equal(1, requests())
      local other = load.rows(96)
      other[5].purchase = 9
      assert.same({ 1, 0, 0, 0, 0 }, counts(submit(other)))
    end)

    it("refuses a day that was accepted with other content, or sends it where it is told to", function()
      local first = submit(load.days(2))
      local rows = load.rows(192)
      rows[100].purchase = 9
      local report = submit(rows)
      assert.same({ 0, 1, 1, 0, 0 }, counts(report))
      local err = report.failures[1].error
      assert.same({ "ledger", "changed", first.receipts[2].id }, { err.kind, err.code, err.id })
      assert.equal(2, requests())
      assert.same({ 1, 1, 0, 0, 0 }, counts(submit(rows, { on_changed = "send" })))
      assert.same({ 0, 2, 0, 0, 0 }, counts(submit(rows)))
    end)

    it("finds a part of a day that was sent whole changed", function()
      submit(load.days(1))
      local part = load.series(96):slice(57, 96)
      local report = submit(part, { batch = "all" })
      assert.same({ 0, 0, 1, 0, 0 }, counts(report))
      assert.equal("changed", report.failures[1].error.code)
    end)

    it("sends what was accepted with again", function()
      submit(load.days(1))
      assert.same({ 1, 0, 0, 0, 0 }, counts(submit(load.days(1), { again = true })))
      assert.equal(2, requests())
    end)

    it("takes an open ledger, which stays open, and knows accounts by their names", function()
      local ledger = assert(purchases.ledger.open(path))
      assert.same({ 1, 0, 0, 0, 0 }, counts(submit(load.days(1), { ledger = ledger })))
      assert.same({ 0, 1, 0, 0, 0 }, counts(submit(load.days(1), { ledger = ledger })))
      assert.same({ 1, 0, 0, 0, 0 }, counts(submit(load.days(1), { ledger = ledger, account = "other" })))
      ledger:close()
    end)

    it("finds delivery days by their dates, whatever instants these are in their zone", function()
      local series = assert(purchases.series.from(load.rows(288), { tz = "Europe/Madrid" }))
      submit(series)
      local ledger = assert(purchases.ledger.open(path))
      for _, filters in ipairs { { day = "2025-10-02" }, { from = "2025-10-02", to = "2025-10-02" } } do
        local list = ledger:history(filters)
        assert.equal("2025-10-02", list().name)
        assert.is_nil(list())
      end
      ledger:close()
    end)

    it("begins nothing where the ledger cannot be used", function()
      folder.write("ledger.db", "this is no ledger, but somebody's file")
      local report, err = ravenwits():submit_all(load.days(1), { retailer_id = "123", ledger = path })
      assert.is_nil(report)
      assert.same({ "ledger", "foreign", "ravenwits", "submit_all" },
        { err.kind, err.code, err.provider, err.operation })
      assert.equal(0, requests())
    end)
  end)

  describe("of purchases", function()
    local function woowup(fields)
      return purchases.woowup.new(merge({
        api_key = "sandbox-woowup-key", base_url = sandbox.url .. "/apiv3", rate = 1e6,
        retry = { attempts = 2, base = 0.001 }, concurrency = 1,
      }, fields or {}))
    end

    local function texts(first, last)
      local list = {}
      for i = first, last do
        list[#list + 1] = sales.text(i)
      end
      return list
    end

    local function create(source, opts, fields)
      return assert(woowup(fields):create_all(source, merge({ ledger = path, batch = 10 }, opts or {})))
    end

    it("skips those that were accepted, and fills its bulks up with others", function()
      assert.same({ 25, 0, 0, 0, 0 }, counts(create(texts(1, 25))))
      assert.equal(3, requests())
      assert.same({ 0, 25, 0, 0, 0 }, counts(create(texts(1, 25))))
      assert.equal(3, requests())
      local list = {}
      for i = 1, 25 do
        list[#list + 1] = sales.text(i)
        list[#list + 1] = sales.text(100 + i)
      end
      assert.same({ 25, 25, 0, 0, 0 }, counts(create(list)))
      assert.equal(6, requests())
    end)

    it("sends those again that may have arrived, and takes them for its own", function()
      sandbox:fault { path = "bulk", status = 500, effect = "applied", times = 2 }
      local first = create(texts(1, 10))
      assert.same({ 0, 0, 0, 10, 0 }, counts(first))
      assert.same({ 10, 0, 0, 0, 0 }, counts(create(texts(1, 10))))
      assert.same({ 0, 10, 0, 0, 0 }, counts(create(texts(1, 10))))
    end)

    it("rejects those again that were rejected, and those that have changed", function()
      local list = texts(1, 5)
      list[2] = list[2]:gsub('"document": "%d+"', '"document": "unknown"')
      local first = create(list)
      assert.same({ 4, 0, 1, 0, 0 }, counts(first))
      local before = requests()
      list[4] = list[4]:gsub('"total": *[%d.]+', '"total": 77')
      local again = create(list)
      assert.same({ 0, 3, 2, 0, 0 }, counts(again))
      assert.equal(before, requests())
      assert.same({ first.failures[1].error.code, "changed" },
        { again.failures[1].error.code, again.failures[2].error.code })
      assert.same({ 2, 4 }, { again.failures[1].line, again.failures[2].line })
    end)

    it("knows them however they are written", function()

      create(texts(1, 2))
      local other = texts(1, 2)
      other[1] = other[1]:gsub(": ", " :  "):gsub("^{", "{ ")
      assert.same({ 0, 2, 0, 0, 0 }, counts(create(other)))
    end)

    -- A sale with more in it than sales.text has.
    local function grown(number, total)
      return (sales.text(number):gsub('"total": 10.50', '"total": ' .. total))
    end

    -- What the sandbox has of each invoice: how often, and its total.
    local function booked(first, last)
      local list, client = {}, woowup()
      for i = first, last do
        local count = #sandbox:purchases { invoice_number = sales.invoice(i) }
        local found = assert(client:find { invoice_number = sales.invoice(i) })
        list[#list + 1] = ("%d x %g"):format(count, found[1] and found[1].prices.total or 0)
      end
      return table.concat(list, ", ")
    end

    it("updates what has changed where it is told to, each once", function()
      create(texts(1, 3))
      local before = requests()
      local list = texts(1, 4)
      list[2] = grown(2, "20")
      assert.same({ 2, 2, 0, 0, 0 }, counts(create(list, { on_changed = "send" })))
      assert.equal(before + 2, requests())
      assert.same({ 0, 4, 0, 0, 0 }, counts(create(list, { on_changed = "send" })))
      assert.equal(before + 2, requests())
      assert.equal("1 x 10.5, 1 x 20, 1 x 10.5, 1 x 10.5", booked(1, 4))
    end)

    it("creates what was to be updated and is not there", function()
      create(texts(1, 1))
      woowup():delete { invoice_number = sales.invoice(1) }
      local report = create({ grown(1, "30") }, { on_changed = "send" })
      assert.same({ 1, 0, 0, 0, 0 }, counts(report))
      assert.equal("2 x 30", booked(1, 1)) -- the one that was deleted, too
    end)

    it("does with duplicates what it is told to", function()
      create(texts(1, 2), { ledger = path .. "-of-another" })
      local report = create(texts(1, 3))
      assert.same({ 1, 0, 2, 0, 0 }, counts(report))
      assert.equal(2, report.duplicates)
      report = create(texts(1, 3), { ledger = path .. "-new", on_duplicate = "accept" })
      assert.same({ 3, 0, 0, 0, 0 }, counts(report))
      assert.same({ 0, 3, 0, 0, 0 }, counts(create(texts(1, 3), { ledger = path .. "-new" })))
      report = create({ grown(1, "40") }, { ledger = path .. "-third", on_duplicate = "update" })
      assert.same({ 1, 0, 0, 0, 0 }, counts(report))
      assert.equal("1 x 40", booked(1, 1))
    end)

    it("calls a duplicate one again, until it is told what to do with it", function()
      create(texts(1, 4), { ledger = path .. "-of-another" })
      for _ = 1, 2 do
        local report = create(texts(1, 5))
        assert.same({ 4, 4 }, { report.rejected, report.duplicates })
        assert.same({ true, "duplicated_purchase_number" },
          { report.failures[1].duplicate, report.failures[1].error.code })
      end
      local before = requests()
      assert.same({ 1, 0, 0, 0, 0 }, counts(create(texts(1, 1), { on_duplicate = "accept" })))
      assert.same({ 1, 0, 0, 0, 0 }, counts(create(texts(2, 2), { on_duplicate = "update" })))
      assert.same({ 1, 0, 0, 0, 0 }, counts(assert(woowup():update_all(texts(3, 3), { ledger = path }))))
      assert.equal(before + 3, requests())
      assert.same({ 0, 4, 1, 0, 0 }, counts(create(texts(1, 5))))
      assert.equal("1 x 10.5, 1 x 10.5, 1 x 10.5, 1 x 10.5, 1 x 10.5", booked(1, 5))
    end)

    it("goes on from night to night: each order is there once, with its last content", function()
      for night = 0, 2 do
        local list = {}
        for i = 20 * night + 1, 20 * night + 40 do
          list[#list + 1] = i % 7 == 0 and grown(i, 100 * (night + 1)) or sales.text(i)
        end
        local report = create(list, { on_changed = "send" })
        assert.same({ 0, 0, 0 }, { report.rejected, report.unknown, report.pending })
        assert.equal(night == 0 and 0 or 17, report.skipped) -- of twenty, three have grown
      end
      local wanted = {}
      for i = 1, 80 do
        local last = math.min(3, math.ceil(i / 20))
        wanted[i] = i % 7 == 0 and ("1 x %d"):format(100 * last) or "1 x 10.5"
      end
      assert.equal(table.concat(wanted, ", "), booked(1, 80))
    end)

    it("updates all of a source, one request each", function()
      create(texts(1, 3))
      local before = requests()
      local client = woowup()
      local list = { grown(1, "50"), grown(2, "60"), grown(9, "70"), "{" }
      local report = assert(client:update_all(list, { ledger = path }))
      assert.same({ 2, 0, 2, 0, 0 }, counts(report))
      assert.equal(before + 3, requests())
      assert.same({ "inexistent_purchase_number", 3 }, { report.failures[1].error.code, report.failures[1].line })
      assert.same({ 0, 2, 2, 0, 0 }, counts(assert(client:update_all(list, { ledger = path }))))
      report = assert(client:update_all { grown(3, "80") }) -- no ledger
      assert.same({ 1, 0, 0 }, { report.accepted, report.rejected, report.unknown })
    end)

    it("counts what is left of a bulk when it is stopped", function()
      create(texts(1, 5))
      local list = {}
      for i = 1, 5 do
        list[i] = grown(i, "90")
      end
      sandbox:fault { method = "PUT", status = 403, skip = 2 }
      local report = assert(woowup():update_all(list, { ledger = path }))
      assert.same({ 2, 0, 0, 0, 3 }, counts(report))
      assert.equal(3, report.resume)
      sandbox:fault { method = "PUT", status = 403 }
      assert.same({ 0, 2, 0, 0, 3 }, counts(create(list, { on_changed = "send" })))
    end)

    it("lists one of a bulk by its key", function()
      create(texts(1, 20))
      local ledger = assert(purchases.ledger.open(path))
      local list = ledger:export { key = sales.invoice(3) }
      assert.equal(sales.invoice(3), list().key)
      assert.is_nil(list())
      ledger:close()
    end)

    it("knows of no updates at Curebit", function()
      local curebit = purchases.curebit.new { site = "sandbox-shop", api_key = "sandbox-curebit-key",
        base_url = sandbox.url }
      assert.has_error(function()
        curebit:create_all({}, { on_changed = "send" })
      end, 'create_all: curebit knows no updates: on_changed must be "report", on_duplicate "report" or "accept"')
      assert.is_nil(curebit.update_all)
      assert(curebit:create_all({ sales.order(1) }, { ledger = path }))
      local other = sales.order(1):gsub("5.50", "6.50")
      local report = assert(curebit:create_all({ other }, { ledger = path }))
      assert.matches("was accepted with other content (ledger)", tostring(report.failures[1].error), 1, true)
    end)

    it("refuses another key for the same account", function()
      create(texts(1, 1))
      local report, err = woowup({ api_key = "another-key" }):create_all(texts(2, 2), { ledger = path })
      assert.is_nil(report)
      assert.same({ "ledger", "other_key" }, { err.kind, err.code })
    end)
  end)
end)
