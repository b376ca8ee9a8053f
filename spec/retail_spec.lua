-- A shop's real file, mapped and sent to both APIs: every invoice is accepted or refused with a reason, and the
-- sandbox agrees. The excerpt comes with the project; the whole of it stands beside it where it is developed.
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local EXCERPT = "examples/data/online_retail.csv"
local WOOWUP, CUREBIT = "examples/data/retail_woowup.lua", "examples/data/retail_curebit.lua"

local function exists(path)
  local file = io.open(path)
  return file and file:close() and path
end

local WHOLE = exists "../shared/data/online_retail.csv" or exists "../../shared/data/online_retail.csv"

-- Its invoice numbers, by another way than ours.
local function invoices_of(path)
  local found, count = {}, 0
  for line in io.lines(path) do
    local number = line:match "^([^,]+),"
    if number ~= "InvoiceNo" and not found[number] then
      found[number], count = true, count + 1
    end
  end
  return found, count
end

describe("the retail file", function()
  local sandbox, woowup, curebit

  setup(function()
    sandbox = support.start { queue_seconds = 0 }
    woowup = purchases.woowup.new {
      api_key = "sandbox-woowup-key", base_url = sandbox.url .. "/apiv3", rate = 1e6,
    }
    curebit = purchases.curebit.new {
      site = "sandbox-shop", api_key = "sandbox-curebit-key", base_url = sandbox.url,
    }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  -- Every invoice ends in one way: sent and held by the sandbox, or refused and held by nobody.
  local function send(client, path, map)
    local left, count = invoices_of(path)
    local reasons = {}
    local report = assert(client:create_all(path, {
      map = map,
      on_reject = function(record)
        assert.equal("rejected", record.outcome)
        assert.is_true(left[record.key], record.key)
        left[record.key] = nil
        local issue = record.error.issues and record.error.issues[1]
        reasons[#reasons + 1] = issue and issue.code or record.error.code
      end,
    }))
    assert.is_nil(report.stopped)
    assert.same({ count, 0, 0 }, { report.accepted + report.rejected, report.unknown, report.pending })
    assert.equal(report.rejected, #reasons)
    return report, left, reasons
  end

  local function is_held(left, accepted)
    local counts = sandbox:counts()
    assert.same({ accepted, 0 }, { counts.distinct, counts.repeated })
    for _, purchase in ipairs(sandbox:purchases()) do
      local number = purchase.invoice_number or purchase.order_number
      assert.is_true(left[number], number)
      left[number] = nil
    end
    assert.is_nil(next(left))
  end

  local function sends_nothing_new(client, path, map, first)
    local again = send(client, path, map)
    assert.same({ 0, first.accepted }, { again.accepted, again.duplicates })
    assert.equal(first.accepted, sandbox:counts().distinct)
  end

  it("in its excerpt, to WoowUp", function()
    local report, left, reasons = send(woowup, EXCERPT, WOOWUP)
    is_held(left, report.accepted)
    table.sort(reasons)
    assert.same({ 7, { "anyOf", "anyOf", "anyOf", "invalid_csv", "pattern", "pattern" } }, { report.accepted, reasons })
    for _, failure in ipairs(report.failures) do
      if failure.error.issues[1].code == "invalid_csv" then
        assert.same({ "539650", "3 fields where the header has 8" }, { failure.key, failure.error.message })
      end
    end
    sends_nothing_new(woowup, EXCERPT, WOOWUP, report)
  end)

  it("in its excerpt, as WoowUp is to see it", function()
    send(woowup, EXCERPT, WOOWUP)
    local sale = assert(woowup:find { invoice_number = "536365" })[1]
    assert.same({ "17850", "2010-12-01 08:26:00", "web", 7, 139.12 },
      { sale.service_uid, sale.createtime, sale.channel, #sale.purchase_detail, sale.prices.total })
    local item = sale.purchase_detail[1]
    assert.same({ "WHITE HANGING HEART T-LIGHT HOLDER", 6 }, { item.product_name, item.quantity })
    assert.is_true(assert(woowup:find { invoice_number = "C536383" })[1].prices.total < 0)
  end)

  it("in its excerpt, to Curebit", function()
    local report, left, reasons = send(curebit, EXCERPT, CUREBIT)
    is_held(left, report.accepted)
    table.sort(reasons)
    assert.same({ 9, { "invalid_csv", "required", "required", "required" } }, { report.accepted, reasons })
    sends_nothing_new(curebit, EXCERPT, CUREBIT, report)
  end)

  for _, case in ipairs { { "WoowUp", WOOWUP, 1592 }, { "Curebit", CUREBIT, 1623 } } do
    local name = "as a whole, to " .. case[1]
    if not WHOLE then
      pending(name .. ": online_retail.csv is not there")
    else
      it(name, function()
        local client = case[1] == "WoowUp" and woowup or curebit
        local report, left = send(client, WHOLE, case[2])
        assert.same({ case[3], 1893 - case[3] }, { report.accepted, report.rejected })
        is_held(left, report.accepted)
        sends_nothing_new(client, WHOLE, case[2], report)
      end)
    end
  end
end)
