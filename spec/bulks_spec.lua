-- Purchases in bulks, of WoowUp and Curebit, against the sandbox and the fault server: what lands, what is
-- refused, and what is said of it.
local cjson = require "cjson"
local common = require "spec.support.common"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local purchases = require "purchases"
local sales = require "spec.support.sales"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

describe("create_all", function()
  local sandbox

  setup(function()
    faults.start()
    sandbox = support.start { queue_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
    faults.stop()
    sales.remove_files()
  end)
  before_each(function()
    faults.reset()
    sandbox:reset()
  end)

  local function woowup(fields)
    return purchases.woowup.new(merge({
      api_key = "sandbox-woowup-key", base_url = sandbox.url .. "/apiv3", rate = 1e6,
      retry = { attempts = 3, base = 0.001 },
    }, fields or {}))
  end

  local function curebit(fields)
    return purchases.curebit.new(merge({
      site = "sandbox-shop", api_key = "sandbox-curebit-key", base_url = sandbox.url,
      retry = { attempts = 3, base = 0.001 },
    }, fields or {}))
  end

  local function fault(order)
    sandbox:fault(merge({ path = "bulk" }, order))
  end

  local function counts(report)
    return { report.accepted, report.rejected, report.unknown, report.pending, report.duplicates }
  end

  -- What on_reject got is what the report counts.
  local function create_all(client, source, opts)
    local rejects = {}
    local report, err = client:create_all(source, merge({
      on_reject = function(failure)
        rejects[#rejects + 1] = failure
      end,
    }, opts or {}))
    assert(report, tostring(err))
    if not report.stopped then
      assert.equal(report.rejected + report.unknown, #rejects)
    end
    return report, rejects
  end

  -- The invoices that the sandbox holds; each must have come once.
  local function held()
    local found = {}
    for _, purchase in ipairs(sandbox:purchases()) do
      assert.equal(1, purchase.received)
      found[#found + 1] = purchase.invoice_number or purchase.order_number
    end
    table.sort(found)
    return found
  end

  local function bulks()
    local sizes = {}
    for _, request in ipairs(sandbox:audit().requests) do
      sizes[#sizes + 1] = request.bytes
    end
    return sizes
  end

  local function invoices(first, last, but)
    local list = {}
    for i = first, last do
      if i ~= but then
        list[#list + 1] = sales.invoice(i)
      end
    end
    return list
  end

  describe("takes purchases", function()
    it("from a file, in bulks, as the bytes that stand there", function()
      local path = sales.file(sales.lines(1, 250))
      local report = create_all(woowup(), path)
      assert.same({ 250, 0, 0, 0, 0 }, counts(report))
      assert.same({}, report.failures)
      assert.is_nil(report.stopped or report.error or report.resume)
      assert.same(invoices(1, 250), held())
      assert.equal(3, #bulks())
      local digests = {}
      for _, purchase in ipairs(sandbox:purchases()) do
        digests[purchase.invoice_number] = purchase.digest
      end
      assert.equal(sales.digest(sales.text(77)), digests[sales.invoice(77)])
    end)

    it("from an array, a list and a function", function()
      assert.equal(7, create_all(woowup(), sales.file("[" .. table.concat(sales.texts(1, 7), ",\n") .. "]")).accepted)
      local list = sales.texts(8, 10)
      list[2] = sales.purchase(9)
      assert.equal(3, create_all(woowup(), list).accepted)
      local next_one = 10
      local report = create_all(woowup(), function()
        next_one = next_one + 1
        return next_one <= 40 and sales.purchase(next_one) or nil
      end, { batch = 7 })
      assert.same({ 30, 0, 0, 0, 0 }, counts(report))
      assert.same(invoices(1, 40), held())
    end)

    it("for Curebit, wrapped or not", function()
      local path = sales.file('{"purchases":[' .. table.concat(sales.orders(1, 30), ",") .. "]}")
      assert.equal(30, create_all(curebit(), path, { batch = 8 }).accepted)
      assert.equal(4, #bulks())
      assert.equal(30, sandbox:counts().distinct)
    end)

    it("of which there are none", function()
      for _, source in ipairs { sales.file "", sales.file "[]", {}, function() end } do
        assert.same({ 0, 0, 0, 0, 0 }, counts(create_all(woowup(), source)))
      end
      assert.equal(0, #bulks())
    end)

    it("in requests of no more bytes than it is told", function()
      local report = create_all(woowup(), sales.file(sales.lines(1, 60)), { batch_bytes = 2000 })
      assert.equal(60, report.accepted)
      for _, bytes in ipairs(bulks()) do
        assert.is_true(bytes <= 2000, bytes)
      end
      assert.is_true(#bulks() > 4)
    end)

    it("and counts them as they come", function()
      local last, receipts = nil, {}
      create_all(woowup { concurrency = 1 }, sales.file(sales.lines(1, 25)), {
        batch = 10,
        on_receipt = function(receipt)
          receipts[#receipts + 1] = { receipt.first, receipt.last, receipt.rows }
        end,
        on_progress = function(progress)
          last = progress
        end,
      })
      assert.same({ { 1, 10, 10 }, { 11, 20, 10 }, { 21, 25, 5 } }, receipts)
      assert.same({ 25, 25, nil }, { last.done, last.accepted, last.total })
      assert.matches("^25 purchases, 0 in flight, ", tostring(last))
    end)
  end)

  describe("refuses, and names with line and pointer,", function()
    it("one bad purchase in a hundred, before it is sent", function()
      local lines = sales.texts(1, 100)
      lines[42] = lines[42]:gsub('"quantity": 1', '"quantity": 1.5')
      local report, rejects = create_all(woowup(), sales.file(table.concat(lines, "\n")))
      assert.same({ 99, 1, 0, 0, 0 }, counts(report))
      assert.same(invoices(1, 100, 42), held())
      local failure = report.failures[1]
      assert.same({ 42, sales.invoice(42), "rejected", "validation", "/purchase_detail/0/quantity", 42 },
        { failure.line, failure.key, failure.outcome, failure.error.kind, failure.error.issues[1].field,
          failure.error.issues[1].line })
      assert.equal(lines[42], rejects[1].text)
      assert.is_nil(failure.text)
    end)

    it("one that only the server refuses: the others land", function()
      local lines = sales.texts(1, 100)
      lines[42] = lines[42]:gsub('"document": "%d+"', '"document": "unknown"')
      local report, rejects = create_all(woowup { concurrency = 1 }, sales.file(table.concat(lines, "\n")))
      assert.same({ 99, 1, 0, 0, 0 }, counts(report))
      assert.same(invoices(1, 100, 42), held())
      assert.same({ 42, sales.invoice(42), "user_not_found", lines[42] },
        { rejects[1].line, rejects[1].key, rejects[1].error.code, rejects[1].text })
      assert.is_true(#bulks() <= 1 + 2 * 7, #bulks())
    end)

    it("one that the server finds malformed although our checks let it through: the others land", function()
      local complaints = { "no such thing", "nor that" }
      fault { status = 400, times = 8, -- 100, 50, 25, 13, 7, 4, 2, and the first alone
        body = { code = "bad_request", message = "bad request", payload = { errors = complaints } } }
      local report, rejects = create_all(woowup { concurrency = 1 }, sales.file(sales.lines(1, 100)))
      assert.same({ 99, 1, 0, 0, 0 }, counts(report))
      assert.same(invoices(2, 100), held())
      assert.same({ 1, sales.invoice(1), "rejected", "bad_request", complaints, sales.text(1) },
        { rejects[1].line, rejects[1].key, rejects[1].outcome, rejects[1].error.code, rejects[1].error.messages,
          rejects[1].text })
    end)

    it("an order that only Curebit refuses: the others land", function()
      create_all(curebit(), sales.orders(42, 42))
      local path = sales.file(table.concat(sales.orders(1, 100), "\n"))
      local report, rejects = create_all(curebit { concurrency = 1 }, path)
      assert.same({ 99, 1, 0, 0, 1 }, counts(report))
      assert.same({ 42, 42, "duplicated_order_number", sales.order(42) },
        { rejects[1].line, rejects[1].key, rejects[1].error.code, rejects[1].text })
      assert.equal(100, #held())
    end)

    it("what is too long, is no JSON, or cannot be a purchase", function()
      local long = sales.text(2):gsub('"SKU', '"' .. ("x"):rep(262144) .. "SKU")
      local text = table.concat({ sales.text(1), long, "{", "7", '{"invoice_number":"a\0"}', sales.text(6) }, "\n")
      local report = create_all(woowup(), sales.file(text))
      assert.same({ 2, 4, 0, 0, 0 }, counts(report))
      local codes = {}
      for i, failure in ipairs(report.failures) do
        assert.equal(i + 1, failure.line)
        codes[i] = failure.error.code
      end
      assert.same({ "too_large", "invalid_json", "schema_mismatch", "invalid_json" }, codes)
      assert.equal(sales.invoice(2), report.failures[1].key)
    end)

    it("what a stricter schema of the caller's refuses, beside the API's own", function()
      local strict = '{"properties":{"invoice_number":{"pattern":"[02468]$"}}}'
      for _, schema in ipairs { strict, assert(purchases.schema.compile(strict)) } do
        sandbox:reset()
        if type(schema) == "string" then
          schema = sales.file(schema)
        end
        local lines = sales.texts(1, 10)
        lines[10] = "{}"
        local report = create_all(woowup(), sales.file(table.concat(lines, "\n")), { schema = schema })
        assert.same({ 4, 6, 0, 0, 0 }, counts(report))
        assert.equal("/invoice_number", report.failures[1].error.issues[1].field)
      end
    end)

    it("but keeps no more than 1,000 of them, and tells the caller of all", function()
      local lines = {}
      for i = 1, 1500 do
        lines[i] = "{}"
      end
      local report, rejects = create_all(woowup(), lines)
      assert.same({ 0, 1500, 0, 0, 0 }, counts(report))
      assert.same({ 1000, 1500, 1500 }, { #report.failures, #rejects, rejects[1500].line })
    end)

    it("what a list or function has that is no purchase", function()
      local report = create_all(woowup(), { sales.purchase(1), 7, { f = print }, "x", sales.purchase(5) })
      assert.same({ 2, 3, 0, 0, 0 }, counts(report))
      assert.same({ 2, 3, 4 },
        { report.failures[1].line, report.failures[2].line, report.failures[3].line })
    end)
  end)

  describe("where an invoice comes twice", function()
    it("never has both in flight, and reports the second as a duplicate", function()
      local lines = sales.texts(1, 20)
      lines[11] = sales.text(3)
      fault { delay = 0.1, times = 100 }
      local report = create_all(woowup(), sales.file(table.concat(lines, "\n")), { batch = 5 })
      assert.same({ 19, 1, 0, 0, 1 }, counts(report))
      assert.same({ 11, sales.invoice(3), "duplicated_purchase_number", true },
        { report.failures[1].line, report.failures[1].key, report.failures[1].error.code,
          report.failures[1].duplicate })
      assert.equal(19, #held())
    end)

    it("sends both at once where they are of two branches, from a map, too", function()
      local path = sales.file "shop,no,item\nPalermo I,7,MUG\nPalermo I,7,BOWL\n001,7,MUG\n001,8,MUG\n"
      local map = {
        group = { "no", "shop" },
        purchase = { invoice_number = "no", branch_name = "shop", document = { constant = "1" },
          prices = { total = { constant = 1 } } },
        items = "purchase_detail",
        item = { sku = "item", quantity = { constant = 1 }, unit_price = { constant = 1 } },
      }
      assert.same({ 3, 0, 0, 0, 0 }, counts(create_all(woowup(), path, { map = map })))
      assert.equal(1, #bulks())
      assert.same({ "7", "7", "8" }, held())
      assert.same({ 0, 3, 0, 0, 3 }, counts(create_all(woowup(), path, { map = map })))
    end)

    it("sends the second when the first was refused", function()
      local lines = { sales.text(1), (sales.text(2):gsub('"document": "%d+"', '"document": "unknown"')), sales.text(2) }
      local report = create_all(woowup(), lines)
      assert.same({ 2, 1, 0, 0, 0 }, counts(report))
      assert.equal(2, report.failures[1].line)
      assert.same(invoices(1, 2), held())
    end)

    it("is done with however many there are", function()
      local lines = {}
      for i = 1, 60 do
        lines[i] = sales.text(1 + i % 2)
      end
      for _, source in ipairs { sales.file(table.concat(lines, "\n")), lines } do
        sandbox:reset()
        assert.same({ 2, 58, 0, 0, 58 }, counts(create_all(woowup(), source)))
      end
    end)

    it("as when it is run again: nothing new is sent", function()
      local path = sales.file(sales.lines(1, 150))
      create_all(woowup(), path)
      local before = #bulks()
      assert.same({ 0, 150, 0, 0, 150 }, counts(create_all(woowup { concurrency = 1 }, path)))
      assert.equal(150, #held())
      assert.is_true(#bulks() - before < 1.25 * 150, #bulks()) -- most of them are soon asked for one by one
      local orders = sales.file(table.concat(sales.orders(1, 30), "\n"))
      create_all(curebit(), orders)
      assert.same({ 0, 30, 0, 0, 30 }, counts(create_all(curebit(), orders)))
    end)
  end)

  describe("after an attempt that may have arrived", function()
    it("takes a duplicate for a success", function()
      fault { status = 500, effect = "applied", times = 2 }
      local report = create_all(woowup { concurrency = 1 }, sales.file(sales.lines(1, 30)), { batch = 10 })
      assert.same({ 30, 0, 0, 0, 0 }, counts(report))
      assert.same(invoices(1, 30), held())
    end)

    it("tells its own from those that were there before", function()
      create_all(woowup(), sales.texts(5, 5))
      fault { status = 500, effect = "none" }
      local report = create_all(woowup { concurrency = 1 }, sales.texts(1, 9))
      assert.same(invoices(1, 9), held())
      assert.same({ 9, 0, 0, 0, 0 }, counts(report)) -- nobody can tell whose the fifth is
    end)

    it("has the same of a connection that breaks", function()
      local report = create_all(woowup { base_url = faults.url "close-after-body" }, sales.texts(1, 30), { batch = 10 })
      assert.same({ 0, 0, 30, 0, 0 }, counts(report))
      assert.equal("maybe", report.failures[1].error.sent)
      assert.equal(9, faults.count("close-after-body").requests)
    end)

    it("keeps open what the repeat is told nothing about (fault 34)", function()
      for _, status in ipairs { 301, 308, 400, 401, 403, 404, 405, 407, 408, 409, 413, 421, 425, 429 } do
        for client, source in pairs {
          [woowup { concurrency = 1 }] = sales.texts(1, 1), [curebit { concurrency = 1 }] = sales.orders(1, 1),
        } do
          sandbox:reset()
          sandbox:fault { status = 500, effect = "applied" }
          sandbox:fault { status = status, body = "<html>", times = 100 }
          local report = create_all(client, source)
          assert.same({ 0, 0, 1, 0, 0 }, counts(report), status)
          sandbox:clear_faults()
          assert.equal(1, #sandbox:audit().purchases)
        end
      end
    end)

    it("asks until it knows", function()
      fault { status = 500, effect = "applied" }
      for _, status in ipairs { 301, 404, 408, 421, 400 } do
        fault { status = status, body = "<html>" }
      end
      local report = create_all(woowup { concurrency = 1, retry = { attempts = 7, base = 0.001 } }, sales.texts(1, 1))
      assert.same({ 1, 0, 0, 0, 0 }, counts(report))
      assert.same(invoices(1, 1), held())
    end)

    it("takes words that it does not know for no verdict, where they may tell of a duplicate (fault 42)", function()
      local words = { success = false, error_messages = { "Order 1 exists" } }
      sandbox:fault { path = "create", status = 500, effect = "applied" }
      sandbox:fault { path = "create", status = 400, body = words }
      local report = create_all(curebit { concurrency = 1 }, sales.orders(1, 1))
      assert.same({ 0, 0, 1, 0, 0 }, counts(report))
      assert.equal("Order 1 exists", report.failures[1].error.message)
      sandbox:fault { path = "create", status = 400, body = words }
      assert.same({ 0, 1, 0, 0, 0 }, counts(create_all(curebit { concurrency = 1 }, sales.orders(2, 2))))
    end)

    it("stops where all that follows would meet the same", function()
      fault { status = 500, effect = "applied" }
      fault { status = 404, body = "<html>", times = 100 }
      local report = create_all(woowup { concurrency = 1 }, sales.texts(1, 30), { batch = 10 })
      assert.same({ 0, 0, 10, 20, 0 }, counts(report))
      assert.same({ "refused", 404 }, { report.stopped, report.error.status })
      assert.equal(3, #bulks())
    end)

    it("reports what stays in doubt", function()
      fault { status = 503, times = 3 }
      local report, rejects = create_all(woowup { concurrency = 1 }, sales.texts(1, 20), { batch = 10 })
      assert.same({ 10, 0, 10, 0, 0 }, counts(report))
      assert.same({ "unknown", 1, sales.text(1) }, { rejects[1].outcome, rejects[1].line, rejects[1].text })
    end)
  end)

  describe("that is turned away", function()
    it("waits as long as it is told, for everybody", function()
      fault { status = 429, headers = { ["Retry-After"] = "1" } }
      local took = elapsed(function()
        local report = create_all(woowup { concurrency = 2 }, sales.texts(1, 80), { batch = 10 })
        assert.same({ 80, 0, 0, 0, 0 }, counts(report))
      end)
      assert.is_true(took >= 1 and took < soon(5), took)
      local requests, meanwhile = sandbox:audit().requests, 0
      for i = 2, #requests do
        meanwhile = meanwhile + (requests[i].time < requests[1].time + 0.9 and 1 or 0)
      end
      assert.is_true(meanwhile <= 1)
    end)

    it("stops, and all that is left stays pending", function()
      local client = woowup { api_key = "wrong", concurrency = 2 }
      for _, source in ipairs { sales.file(sales.lines(1, 95)), sales.texts(1, 95) } do
        local report, rejects = create_all(client, source, { batch = 10 })
        assert.same({ 0, 0, 0, 95, 0 }, counts(report))
        assert.same({ "auth", "auth", 1 }, { report.stopped, report.error.kind, report.resume })
        assert.is_true(#rejects == 10 or #rejects == 20)
        assert.equal("pending", rejects[1].outcome)
        assert.is_nil(report.unread)
      end
      local report = create_all(client, function()
        return sales.text(1)
      end, { batch = 10 })
      assert.is_true(report.unread)
    end)

    it("stops, and loses none of those that waited for others with their invoice", function()
      local lines = sales.texts(1, 30)
      for i = 5, 25, 5 do
        lines[i] = sales.text(1)
      end
      for _, source in ipairs { sales.file(table.concat(lines, "\n")), lines } do
        local report, rejects = create_all(woowup { api_key = "wrong", concurrency = 1 }, source, { batch = 10 })
        assert.same({ 0, 0, 0, 30, 0 }, counts(report))
        local seen = {}
        for _, failure in ipairs(rejects) do
          assert.is_nil(seen[failure.line])
          seen[failure.line] = true
        end
        assert.equal(1, report.resume)
      end
    end)

    it("stops at a proxy that refuses, which gets no key", function()
      for _, name in ipairs { "proxy_407", "proxy_403" } do
        for client, source in pairs {
          [woowup { base_url = faults.url "good", proxy = faults.url(nil, name) }] = sales.texts(1, 30),
          [curebit { base_url = faults.url "good", proxy = faults.url(nil, name) }] = sales.orders(1, 30),
        } do
          local report = create_all(client, source, { batch = 10 })
          assert.same({ 0, 0, 0, 30, 0 }, counts(report))
          assert.same({ "unreachable", "proxy_refused" }, { report.stopped, report.error.code })
          local seen = faults.count("", { listener = name })
          assert.equal(0, seen.authorized)
          assert.not_matches("sandbox%-curebit%-key", seen.target)
        end
      end
      assert.equal(0, faults.count("good").requests)
    end)

    it("stops at an answer that is about no purchase", function()
      local report = create_all(curebit { site = "no-such-shop" }, sales.orders(1, 30), { batch = 10 })
      assert.same({ 0, 0, 0, 30, 0 }, counts(report))
      assert.same({ "refused", 404 }, { report.stopped, report.error.status })
    end)

    it("stops at a wrong address, and rejects nothing (fault 36)", function()
      for _, status in ipairs { 301, 400, 404, 405, 410 } do
        sandbox:reset()
        fault { status = status, body = "<h1>No such page</h1>", times = 100 }
        local report = create_all(woowup { concurrency = 1 }, sales.texts(1, 30), { batch = 10 })
        assert.same({ 0, 0, 0, 30, 0 }, counts(report))
        assert.same({ "refused", status }, { report.stopped, report.error.status })
        assert.matches(("POST %s/apiv3/purchases/bulk"):format(sandbox.url), report.error.message, 1, true)
        assert.matches(": No such page$", report.error.message)
        assert.equal(2, #bulks()) -- the first may have been a stray answer
      end
    end)

    it("is not stopped by a stray answer", function()
      for _, status in ipairs { 301, 307, 404, 405, 408, 421, 425 } do
        sandbox:reset()
        fault { status = status, body = "<html>", skip = 1 } -- two might meet the same bulk, and stop the job
        local report = create_all(woowup { concurrency = 2 }, sales.texts(1, 60), { batch = 10 })
        assert.same({ 60, 0, 0, 0, 0 }, counts(report), status)
        assert.same(invoices(1, 60), held())
      end
    end)

    it("stops when its caller says so, and finishes what is in flight", function()
      fault { delay = 0.1, times = 100 }
      local report = create_all(woowup { concurrency = 2 }, sales.file(sales.lines(1, 100)), {
        batch = 10,
        on_progress = function(progress)
          return progress.done == 0
        end,
      })
      assert.equal("interrupted", report.stopped)
      assert.equal(100, report.accepted + report.pending)
      assert.same(invoices(1, report.accepted), held())
      assert.equal(report.accepted + 1, report.resume)
    end)

    it("goes on from where it stopped, and asks for nothing twice", function()
      for _, source in ipairs { sales.file(sales.lines(1, 100)), sales.texts(1, 100) } do
        sandbox:reset()
        fault { delay = 0.1, times = 4 }
        local function stop(progress)
          return progress.done < 20
        end
        local client = woowup { concurrency = 2 }
        local report = create_all(client, source, { batch = 10, on_progress = stop })
        assert.same({ report.accepted + 1, "interrupted", nil }, { report.resume, report.stopped, report.error })
        local rest = create_all(client, source, { batch = 10, from_line = report.resume })
        assert.same({ 100 - report.accepted, 0, 0, 0, 0 }, counts(rest))
        assert.same({ invoices(1, 100), 10 }, { held(), #bulks() })
      end
    end)

    it("goes on from what is in doubt, and from what waited for others", function()
      fault { status = 503, skip = 2 }
      local path = sales.file(sales.lines(1, 60))
      local once = woowup { concurrency = 1, retry = { attempts = 1 } }
      local report = create_all(once, path, { batch = 10 })
      assert.same({ 50, 0, 10, 0, 0 }, counts(report))
      assert.same({ 21, nil }, { report.resume, report.stopped })
      assert.same({ 10, 30, 0, 0, 30 }, counts(create_all(once, path, { batch = 10, from_line = 21 })))
      local lines = sales.texts(101, 130)
      lines[7] = sales.text(101)
      fault { delay = 0.1, times = 2 }
      report = create_all(once, lines, { batch = 10, on_progress = function(progress)
        return progress.done < 10
      end })
      assert.same({ "interrupted", 7 }, { report.stopped, report.resume }) -- the seventh waited for the first
    end)

    it("of CSV goes on at the first line of an invoice, of which none is torn apart", function()
      local rows = { "No,Sku,N,Price,Doc" }
      for i = 1, 20 do
        rows[#rows + 1] = ("FAC-%d,SKU-1,1,2.50,%d\nFAC-%d,SKU-2,1,2.50,%d"):format(i, 1000 + i, i, 1000 + i)
      end
      local path = sales.file(table.concat(rows, "\n"))
      local map = {
        group = "No",
        purchase = { invoice_number = "No", document = "Doc", prices = { total = { sum_product = { "N", "Price" } } } },
        items = "purchase_detail",
        item = {
          sku = "Sku",
          quantity = { column = "N", number = true },
          unit_price = { column = "Price", number = true },
        },
      }
      fault { delay = 0.1, times = 2 }
      local function stop(progress)
        return progress.done < 6
      end
      local report = create_all(woowup { concurrency = 1 }, path, { map = map, batch = 3, on_progress = stop })
      assert.same({ "interrupted", 20 - report.accepted }, { report.stopped, report.pending })
      assert.equal(2 * report.accepted + 2, report.resume) -- a header, and two lines each
      local rest = create_all(woowup(), path, { map = map, batch = 3, from_line = report.resume })
      assert.same({ 20 - report.accepted, 0, 0, 0, 0 }, counts(rest))
      assert.equal(20, #held())
      -- Nothing was sent yet; the first line of the second invoice has told where the first one ends.
      path = sales.file((table.concat(rows, "\n"):gsub("2.50", "free", 1)))
      report = create_all(woowup(), path, { map = map, batch = 1, on_reject = function()
        error "disk full"
      end })
      assert.same({ 1, 0, 19, 4 }, { report.rejected, report.accepted, report.pending, report.resume })
    end)

    it("has no error when its caller stopped it while bulks were divided", function()
      create_all(woowup(), sales.texts(1, 40))
      fault { delay = 0.1, times = 3 }
      local report = create_all(woowup { concurrency = 1 }, sales.texts(1, 40), { batch = 20, on_progress = function()
        return #bulks() < 3
      end })
      assert.same({ 40, "interrupted", nil }, { report.rejected + report.pending, report.stopped, report.error })
    end)

    it("has nothing to go on with when all has an outcome", function()
      assert.is_nil(create_all(woowup(), sales.texts(1, 3)).resume)
      local report = create_all(woowup(), sales.texts(1, 3), { from_line = 4 })
      assert.same({ { 0, 0, 0, 0, 0 } }, { counts(report), report.resume })
    end)

    it("leaves in doubt what may have arrived with a bulk that was divided, when it stops", function()
      local statuses, sent = { 503, 400, 400 }, 0
      local client = woowup {
        transport = {
          request = function()
            sent = sent + 1
            local body = '{"payload":{"errors":["no"]},"message":"no","code":"bad_request","time":"1"}'
            return { status = statuses[sent], body = sent > 1 and body or "" }
          end,
        },
      }
      local report = client:create_all(sales.texts(1, 2), {
        on_reject = function()
          error "disk full"
        end,
      })
      assert.same({ 0, 1, 1, 0, 0 }, counts(report))
      assert.same({ "callback", 3 }, { report.stopped, sent })
    end)

    it("stops when a purchase that was refused cannot be noted", function()
      local report = woowup():create_all({ "{}", sales.text(2) }, {
        on_reject = function()
          error "disk full"
        end,
      })
      assert.same({ "callback", 1 }, { report.stopped, report.rejected })
      assert.equal(2, report.rejected + report.accepted + report.pending)
    end)
  end)

  describe("is not fooled", function()
    for _, scenario in ipairs { "html", "empty", "cut-json", "wrong-shape", "cut-headers", "cut-body",
      "length-too-long", "chunk-garbage", "chunk-huge", "chunked-chunked", "reset-mid-upload", "reset-after-body" } do
      it("by " .. scenario .. ": nothing is accepted, all of it is in doubt", function()
        local report = create_all(woowup { base_url = faults.url(scenario), timeout = 5 }, sales.texts(1, 20),
          { batch = 10 })
        assert.same({ 0, 0, 20, 0, 0 }, counts(report), scenario)
        assert.same({ "unknown", 3 }, { report.failures[1].outcome, report.failures[1].error.attempts })
      end)
    end

    it("by a success that is none", function()
      local body = { payload = {}, message = "ok", code = "internal_error" }
      fault { status = 200, body = body, times = 100 }
      assert.same({ 0, 0, 5, 0, 0 }, counts(create_all(woowup(), sales.texts(1, 5))))
      sandbox:fault { path = "create", status = 201, body = { success = false }, times = 100 }
      assert.same({ 0, 0, 5, 0, 0 }, counts(create_all(curebit(), sales.orders(1, 5))))
    end)

    it("by a redirect, which is not followed", function()
      fault { status = 307, headers = { Location = "http://elsewhere.example/" }, times = 100 }
      local report = create_all(woowup(), sales.texts(1, 20), { batch = 10 })
      assert.same({ 0, 0, 0, 20, 0 }, counts(report))
      assert.same({ "refused", "redirect" }, { report.stopped, report.error.code })
    end)

    it("by texts that only look like purchases", function()
      local function with(total)
        return (sales.text(1):gsub("10%.50", total))
      end
      local lines = {
        with "NaN", with "Infinity", with '"10.50"', with "1e", with "010", with("[" .. ("["):rep(100000)),
        (sales.text(1):gsub('"document"', '"prices": {}, "document"')),
        (sales.text(1):gsub("SKU%-1", "\\ud800")), (sales.text(1):gsub("SKU%-1", "\195(")),
        (sales.text(1):gsub("SKU%-1", "\0")), sales.text(1) .. "}", "\239\187\191" .. sales.text(1),
      }
      local report = create_all(woowup(), sales.file(sales.text(2) .. "\r\n" .. table.concat(lines, "\r\n")))
      assert.same({ 1, #lines, 0, 0, 0 }, counts(report))
      local codes = {}
      for i, failure in ipairs(report.failures) do
        local issues = failure.error.issues
        codes[i] = issues[#issues].code
        assert.same({ i + 1, i + 1 }, { failure.line, issues[#issues].line })
      end
      assert.same({ "invalid_json", "invalid_json", "type", "invalid_json", "invalid_json", "too_deep", "duplicate_key",
        "invalid_json", "invalid_utf8", "invalid_json", "invalid_json", "invalid_json" }, codes)
    end)

    it("by dates that no calendar or clock has", function()
      local dates = { "2014-02-29 12:00:00", "2014-03-13 24:00:00", "2016-12-31 23:59:60", "2014-03-13 12:49",
        "2014-03-13T12:49:54+99:00", "today" }
      local orders = {}
      for i, date in ipairs(dates) do
        orders[i] = sales.order(i):gsub("2014%-03%-13 12:49:54", date)
      end
      local report = create_all(curebit(), sales.file(table.concat(orders, "\n")))
      assert.same({ 0, #dates, 0, 0, 0 }, counts(report))
      for i, failure in ipairs(report.failures) do
        local issue = failure.error.issues[1]
        assert.same({ i, "/order_date", "pattern" }, { issue.line, issue.field, issue.code })
      end
    end)

    it("by tables that no JSON can hold", function()
      local list = {}
      for i, total in ipairs { 0 / 0, 1 / 0, -1 / 0 } do
        list[i] = sales.purchase(i)
        list[i].prices.total = total
      end
      assert.same({ 0, 3, 0, 0, 0 }, counts(create_all(woowup(), list)))
    end)

    it("by what editors do to a file", function()
      local report = create_all(woowup(), sales.file("\239\187\191" .. table.concat(sales.texts(1, 3), "\r\n")))
      assert.same({ 3, 0, 0, 0, 0 }, counts(report)) -- a byte order mark, CRLF, and no line end at the end
      local latin1 = sales.text(5):gsub("SKU%-5", "\241")
      report = create_all(woowup(), sales.file(sales.text(4) .. "\n" .. latin1 .. "\n" .. sales.text(6):sub(1, -9)))
      assert.same({ 1, 2, 0, 0, 0 }, counts(report))
      assert.same({ 2, "invalid_utf8", 3, "invalid_json" }, { report.failures[1].line, report.failures[1].error.code,
        report.failures[2].line, report.failures[2].error.code })
    end)

    it("and sends every digit as it is", function()
      local odd = { "0.1", "-0", "9007199254740993", "1e400", "1E-7", "123456789012345678901234567890.10" }
      local lines, digests = {}, {}
      for i, number in ipairs(odd) do
        lines[i] = (sales.text(i):gsub("10%.50", number))
      end
      assert.equal(#odd, create_all(woowup(), sales.file(table.concat(lines, "\n"))).accepted)
      for _, purchase in ipairs(sandbox:purchases()) do
        digests[purchase.invoice_number] = purchase.digest
      end
      for i, line in ipairs(lines) do
        assert.equal(sales.digest(line), digests[sales.invoice(i)])
      end
    end)
  end)

  describe("from a source that fails", function()
    it("sends what was whole, and says where it stopped", function()
      local report = create_all(woowup(), sales.file("[" .. table.concat(sales.texts(1, 5), ",\n") .. ","))
      assert.same({ 5, 0, 0, 0, 0 }, counts(report))
      assert.same({ "input", "invalid_json", 5 }, { report.stopped, report.error.code, report.error.line })
      assert.is_true(report.unread)
    end)

    it("refuses the invoice that a line which is too long may belong to, and goes on", function()
      local map = { group = "No", purchase = { invoice_number = "No", prices = { total = { sum = "N" } } },
        items = "purchase_detail", item = { sku = "No" } }
      local path = sales.file("No,N\nA,1\nB,1\nB,2\nB,\"" .. ("x"):rep(12 * 1024 * 1024) .. "\nC,1\n")
      local report, rejects = create_all(woowup(), path, { map = map })
      assert.same({ 0, 3, 0, 0, 0 }, counts(report)) -- A is no purchase yet
      assert.same({ 2, 3, 6 }, { rejects[1].line, rejects[2].line, rejects[3].line })
      for i = 2, 3 do
        assert.same({ "invalid_csv", 5 }, { rejects[i].error.code, rejects[i].error.line })
      end
      assert.same({ true, nil }, { rejects[2].cut, rejects[3].cut })
      assert.same({ nil, nil, nil }, { report.stopped, report.resume, report.unread })
    end)

    it("has a report when a function raises", function()
      local count = 0
      local reason = {}
      local report = create_all(woowup(), function()
        count = count + 1
        if count == 4 then
          error(reason)
        end
        return sales.text(count)
      end)
      assert.same({ 3, 0, 0, 0, 0 }, counts(report))
      assert.same({ "input", "callback_failed", reason, 4, true },
        { report.stopped, report.error.code, report.error.cause, report.resume, report.unread })
    end)

    it("does not begin", function()
      local client = woowup()
      local cases = {
        file_unreadable = { "/nowhere/at/all" },
        invalid_map = { sales.file "a\n1\n", { map = {} } },
        missing_column = { sales.file "a\n1\n", { map = { purchase = { invoice_number = "b" } } } },
      }
      for code, arguments in pairs(cases) do
        local report, err = client:create_all(arguments[1], arguments[2])
        assert.same({ nil, code, "woowup" }, { report, err.code, err.provider })
        assert.is_true(errors.is(err))
      end
      local report, err = client:create_all({}, { schema = sales.file '{"type":"x"}' })
      assert.same({ nil, "invalid_schema" }, { report, err.code })
      report, err = client:create_all(sales.file "a,b\n1,2\n")
      assert.same({ "input", "invalid_json" }, { report.stopped, report.error.code })
      assert.is_nil(err)
    end)

    it("or of the wrong kind raises at the caller's line", function()
      for _, wrong in ipairs { { 7 }, { {}, { batch = 0 } }, { {}, { unknown = 1 } }, { {}, { schema = 7 } } } do
        local ok, err = pcall(function()
          woowup():create_all(wrong[1], wrong[2])
        end)
        assert.is_false(ok)
        assert.matches("bulks_spec.lua:%d+: create_all: ", err)
      end
    end)
  end)

  it("has its key in nothing that it tells, whoever repeats it", function()
    local key, told = "s3cret/k+y", {}
    local function tell(value)
      if type(value) == "table" and not told[value] then
        told[value] = true
        for name, field in pairs(value) do
          tell(name)
          tell(field)
        end
      end
      assert.not_matches("s3cret", tostring(value), 1, true)
    end
    local body = [[{"payload":{"errors":["s3cret\/k+y"]},"message":"","code":"x","error_messages":["s3cret%2Fk%2By"]}]]
    local headers = { ["X-Request-Id"] = key, Location = "/?api_key=" .. key }
    local function on_progress(progress)
      tell(progress)
    end
    for i, status in ipairs { 200, 302, 400, 403, 500 } do
      for client, source in pairs {
        [woowup { api_key = key }] = sales.texts(i, i), [curebit { api_key = key }] = sales.orders(i, i),
      } do
        sandbox:fault { status = status, times = 3, headers = headers, body = body }
        tell(assert(client:create_all(source, { on_reject = tell, on_progress = on_progress })))
        sandbox:clear_faults()
      end
    end
  end)

  it("keeps its client's rate", function()
    local took = elapsed(function()
      create_all(woowup { rate = 60 / 0.05 }, sales.texts(1, 7), { batch = 1 })
    end)
    assert.is_true(took >= 0.29 and took < soon(2), took)
  end)

  it("is understood by the sandbox as what it is", function()
    create_all(woowup(), { sales.text(1) })
    local status, body = sandbox:call("GET", "/apiv3/purchases?invoice_number=" .. sales.invoice(1),
      { headers = { authorization = "Basic sandbox-woowup-key" } })
    assert.equal(200, status)
    assert.equal(sales.invoice(1), cjson.decode(body).payload[1].invoice_number)
  end)
end)
