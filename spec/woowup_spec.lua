-- The WoowUp provider: its pure functions first, then every call against the sandbox.
local cjson = require "cjson"
local common = require "spec.support.common"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local json = require "purchases.json"
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local support = require "spec.support.sandbox"
local woowup = require "purchases.provider.woowup"

local merge = common.merge
local read, refused = outcome.read, outcome.refused

local CONFIG = { api_key = "sandbox-key", schema = purchases.schema.woowup }

local function ok(payload)
  return { payload = payload, message = "ok", code = "ok", time = "1ms" }
end

local function refusal(code, message, list)
  return { payload = list and { errors = list } or cjson.empty_array, message = message, code = code, time = "1ms" }
end

-- A purchase with one item.
local function sale(invoice, fields)
  return merge({
    invoice_number = invoice,
    service_uid = "12345",
    purchase_detail = { { sku = "2907362", quantity = 1, unit_price = 1999 } },
    prices = { total = 1999 },
    createtime = "2019-08-15 12:00:00",
  }, fields or {})
end

local RANGE = { from = "2019-08-01 05:00:00", to = "2019-09-01 04:59:59", notify_to = "a@b.example" }

local REQUESTS = {
  create = assert(woowup.create(CONFIG, sale "F-1")),
  update = assert(woowup.update(CONFIG, sale "F-1")),
  create_all = assert(woowup.create_many(CONFIG, "[{},{}]", 2)),
  find = assert(woowup.find(CONFIG, { invoice_number = "F-1" })),
  iin = assert(woowup.iin(CONFIG, "123456")),
  delete = assert(woowup.delete(CONFIG, { invoice_number = "F-1" })),
  delete_range = assert(woowup.delete_range(CONFIG, RANGE)),
}

describe("a WoowUp request", function()
  it("has the method, path and body of the API's page", function()
    for operation, expected in pairs {
      create = { "POST", "/purchases", json.encode(sale "F-1") },
      update = { "PUT", "/purchases", json.encode(sale "F-1") },
      create_all = { "POST", "/purchases/bulk", "[{},{}]" },
      find = { "GET", "/purchases?invoice_number=F-1" },
      iin = { "GET", "/purchases/iin/123456" },
      delete = { "DELETE", "/purchases", '{"invoice_number":"F-1"}' },
      delete_range = { "DELETE", "/purchases/bulk",
        '{"from":"2019-08-01 05:00:00","notify_to":"a@b.example","to":"2019-09-01 04:59:59"}' },
    } do
      local request = REQUESTS[operation]
      assert.same({ operation, expected[1], expected[2], expected[3] },
        { request.operation, request.method, request.path, request.body })
      assert.is_true(request.repeatable)
      assert.is_nil(request.public)
    end
  end)

  it("has an empty list where its schema has a list, as JSON decoders leave one", function()
    local given = cjson.decode(json.encode(sale "F-1"))
    given.payment, given.purchase_detail, given.custom_attributes = {}, { given.purchase_detail[1] }, {}
    given.purchase_detail[1].category, given.purchase_detail[1].variations = {}, {}
    for _, body in ipairs {
      assert(woowup.create(CONFIG, given)).body, assert(woowup.update(CONFIG, given)).body,
    } do
      for _, part in ipairs { '"payment":[]', '"category":[]', '"variations":[]', '"custom_attributes":{}' } do
        assert.matches(part, body, 1, true)
      end
    end
    assert.same({}, given.payment)
    assert.is_nil(getmetatable(given.payment))
    given.purchase_detail = {}
    assert.matches('"purchase_detail":[]', assert(woowup.create(CONFIG, given)).body, 1, true)
  end)

  it("says when in UTC, or with a zone, and is refused with words where it says neither", function()
    for _, time in ipairs { "2017-03-23 14:35:22", "2017-03-23T14:35:22Z", "2017-03-23T14:35-03:00",
      "2017-03-23 14:35:22.5+0000" } do
      assert.truthy(woowup.create(CONFIG, sale("F-1", { createtime = time })))
    end
    for _, time in ipairs { "yesterday", "", "2017-03-23", "2017-03-23T14:35:22", "23/03/2017 14:35:22",
      "2017-02-29 14:35:22", "2017-03-23 24:00:00" } do
      local err = refused(woowup.create(CONFIG, sale("F-1", { createtime = time })))
      assert.same({ "validation", "/createtime" }, { err.kind, err.issues[1].field })
      assert.equal("must match its pattern (YYYY-MM-DD HH:MM:SS in UTC, or ISO 8601 with a zone: "
        .. ('2017-03-23T14:35:22-03:00), which "%s" does not'):format(time), err.message)
    end
  end)

  it("carries the key as it is", function()
    assert.same({ Authorization = "Basic sandbox-key" }, woowup.authorize(CONFIG))
  end)

  it("searches by what it is given, encoded, in one order", function()
    local all = { branch_id = 7, branch_name = "Palermo I", service_uid = "a/b&c", invoice_number = "F#1" }
    assert.equal("/purchases?invoice_number=F%231&service_uid=a%2Fb%26c&branch_name=Palermo%20I&branch_id=7",
      woowup.find(CONFIG, all).path)
    assert.equal("/purchases", woowup.find(CONFIG).path)
    local err = refused(woowup.find(CONFIG, { branch_id = 7, branch_name = "Palermo I" }))
    assert.same({ "validation", "invalid_search", "branch_id" }, { err.kind, err.code, err.issues[1].field })
  end)

  it("is not made of what no identifier is", function()
    for _, bad in ipairs { "", "a\r\nX: y", "a\0b", "\127", 0 / 0, 2 ^ 60 } do
      for _, name in ipairs { "invoice_number", "service_uid", "branch_name" } do
        assert.equal("invalid_identifier", refused(woowup.find(CONFIG, { [name] = bad })).code)
      end
      assert.equal("invalid_identifier", refused(woowup.delete(CONFIG, { invoice_number = bad })).code)
      assert.equal("invalid_identifier",
        refused(woowup.delete(CONFIG, { invoice_number = "F-1", branch_name = bad })).code)
      assert.equal("invalid_identifier",
        refused(woowup.delete_range(CONFIG, { branch_name = bad, notify_to = "a@b.example" })).code)
    end
  end)

  it("takes an IIN of exactly six digits", function()
    assert.equal("/purchases/iin/012345", woowup.iin(CONFIG, "012345").path)
    assert.equal("/purchases/iin/123456", woowup.iin(CONFIG, 123456).path)
    for _, bad in ipairs { "", "12345", "1234567", "12345a", " 23456", "123456\n", 12345, 123456.5, 1e6, 0 / 0, {} } do
      assert.equal("invalid_iin", refused(woowup.iin(CONFIG, bad)).code)
    end
    assert.equal("invalid_iin", refused(woowup.iin(CONFIG, nil)).code)
  end)
end)

-- What looks like JSON, as a member's value.
local ODD = {
  NaN = "invalid_json",
  ["1e"] = "invalid_json",
  ['"\\ud800"'] = "invalid_json",
  ['"\0"'] = "invalid_json",
  ['"\195("'] = "invalid_utf8",
  ['{"a":1,"a":2}'] = "duplicate_key",
  [("["):rep(100000)] = "too_deep",
}

describe("a WoowUp purchase", function()
  it("that comes as JSON is sent as it came", function()
    local text = ' { "invoice_number":7, "email" : "a@b.example","purchase_detail":[],\n"prices":{"total":1.50e1}}\n'
    assert.equal(text, woowup.create(CONFIG, text).body)
    assert.equal(text, woowup.update(CONFIG, text).body)
  end)

  it("that comes as a table is left as it was", function()
    local given = sale "F-1"
    assert(woowup.create(CONFIG, given))
    assert.same(sale "F-1", given)
  end)

  it("is checked, all of it, before it is sent", function()
    for _, call in ipairs { woowup.create, woowup.update } do
      local err = refused(call(CONFIG, sale("F-1", { channel = "mail", prices = { total = "1" } })))
      assert.same({ "validation", 2 }, { err.kind, err.total })
      local fields = { err.issues[1].field, err.issues[2].field }
      table.sort(fields)
      assert.same({ "/channel", "/prices/total" }, fields)
      assert.equal("validation", refused(call(CONFIG, '{"invoice_number":')).kind)
      for odd, code in pairs(ODD) do
        err = refused(call(CONFIG, '{"invoice_number":"F-1",\n"x":' .. odd .. "}"))
        assert.same({ "validation", code, 2 }, { err.kind, err.code, err.line })
      end
      assert.equal("validation", refused(call(CONFIG, "")).kind)
      assert.equal("invalid_json", refused(call(CONFIG, sale("F-1", { points = 0 / 0 }))).code)
    end
  end)

  it("has 262,144 bytes at most", function()
    local function of(size)
      local head, tail = json.encode(sale "F-1"):sub(1, -2) .. ',"metadata":{"a":"', '"}}'
      return head .. ("x"):rep(size - #head - #tail) .. tail
    end
    assert.equal(262144, #woowup.create(CONFIG, of(262144)).body)
    local err = refused(woowup.create(CONFIG, of(262145)))
    assert.same({ "validation", "too_large" }, { err.kind, err.code })
    assert.matches("262145 bytes", err.message, 1, true)
    assert.equal("too_large", refused(woowup.update(CONFIG, of(262145))).code)
  end)

  it("of another type is misuse, told at the caller's line", function()
    local c = purchases.woowup.new { api_key = "k" }
    for _, name in ipairs { "create", "update" } do
      for _, bad in ipairs { 1, true, print } do
        local _, message = pcall(function()
          local value = c[name](c, bad)
          return value
        end)
        local expected = "^[^:]*woowup_spec.lua:%d+: " .. name
          .. ": expected a purchase as a table or a JSON text, got %l+$"
        assert.matches(expected, message)
      end
    end
  end)
end)

describe("a WoowUp range to delete", function()
  local function range(fields)
    fields.notify_to = fields.notify_to or "a@b.example"
    return woowup.delete_range(CONFIG, fields)
  end

  local function times(from, to, tz)
    local body = cjson.decode(assert(range { from = from, to = to, tz = tz }).body)
    return { body.from, body.to }
  end

  it("is in UTC where no zone is named", function()
    assert.same({ "2019-08-01 05:00:00", "2019-09-01 04:59:00" }, times("2019-08-01 05:00:00", "2019-09-01 04:59"))
  end)

  it("is turned into UTC from a zone's local time, and from an offset whatever the zone", function()
    assert.same({ "2019-08-01 05:00:00", "2019-09-01 04:59:59" },
      times("2019-08-01 00:00:00", "2019-08-31 23:59:59", "America/Bogota"))
    -- The page's example says 16:00, and errs.
    assert.same({ "2019-08-22 18:00:00", "2019-08-22 18:00:00" },
      times("2019-08-22 15:00", "2019-08-22 15:00", "America/Argentina/Buenos_Aires"))
    assert.same({ "2019-08-22 18:00:00", "2019-08-22 19:00:00" },
      times("2019-08-22T15:00:00-03:00", "2019-08-22T19:00:00Z", "Europe/Madrid"))
  end)

  it("is refused where the clock leaves it open, and both readings are named", function()
    for text, code in pairs { ["2025-10-26 02:30"] = "ambiguous_time", ["2026-03-29 02:30"] = "nonexistent_time" } do
      local err = refused(range { from = text, to = "2027-01-01 00:00", tz = "Europe/Madrid" })
      assert.same({ "validation", code, "from", 2 }, { err.kind, err.code, err.issues[1].field, #err.candidates })
      for _, candidate in ipairs(err.candidates) do
        assert.matches(candidate, err.message, 1, true)
      end
      assert.equal("to", refused(range { from = "2025-01-01 00:00", to = text, tz = "Europe/Madrid" }).issues[1].field)
    end
  end)

  it("has times and a zone that there are", function()
    for _, text in ipairs { "2019-07-01", "", "2019-02-29 00:00", "2019-07-01 24:00", "2019-06-30 23:59:60" } do
      assert.equal("invalid_datetime", refused(range { from = text, to = "2027-01-01 00:00" }).code)
    end
    local err = refused(range { from = RANGE.from, to = RANGE.to, tz = "Europe/Madird" })
    assert.same({ "unknown_zone", "unknown time zone Europe/Madird", "tz" },
      { err.code, err.message, err.issues[1].field })
  end)

  it("is whole, and begins before it ends", function()
    assert.truthy(range { branch_name = "Palermo I" })
    assert.truthy(range { branch_name = "Palermo I", from = RANGE.from, to = RANGE.from })
    assert.matches("^Failed matching any of the provided schemas", refused(range {}).message)
    for _, fields in ipairs { { from = RANGE.from }, { to = RANGE.to }, { branch_name = "a", from = RANGE.from },
      { from = RANGE.to, to = RANGE.from }, { from = "2019-08-22T15:00:00-03:00", to = "2019-08-22 17:59:59" } } do
      assert.equal("invalid_range", refused(range(fields)).code)
    end
  end)

  it("has times, of which a date alone is none", function()
    for name, given in pairs { from = { "2025-10-26", "2025-10-27 00:00:00" },
      to = { "2025-10-26 00:00:00", "2025-10-27" } } do
      local err = refused(range { from = given[1], to = given[2] })
      assert.same({ "invalid_datetime", name }, { err.code, err.issues[1].field })
      assert.matches('^' .. name .. ': a date alone is no time: write "2025%-10%-2[67] 00:00:00"', err.message)
    end
  end)

  it("is confirmed to an e-mail address", function()
    for _, good in ipairs { "a@b.example", "first.last+tag@mail.example.com" } do
      assert.truthy(range { branch_name = "a", notify_to = good })
    end
    for _, bad in ipairs { "", "a", "a@b", "@b.example", "a@", "a b@c.example", "a@b@c.example", "a@b.example\r\n" } do
      assert.equal("invalid_email", refused(range { branch_name = "a", notify_to = bad }).code)
    end
  end)
end)

describe("a WoowUp answer", function()
  local PAYLOADS = {
    create = cjson.empty_array,
    update = cjson.empty_array,
    create_all = cjson.empty_array,
    find = { { invoice_number = "F-1" } },
    iin = { scheme = "visa", bank = { name = "Spar Nord" } },
    delete = cjson.empty_array,
    delete_range = { request_id = "XXX" },
  }

  for operation, request in pairs(REQUESTS) do
    it("is its payload: " .. operation, function()
      local payload = PAYLOADS[operation]
      for _, status in ipairs { 200, 201 } do
        assert.same(payload ~= cjson.empty_array and payload or {}, assert(read(request, status, ok(payload))))
      end
    end)

    it("of another success, or one that nobody can read, is no success: " .. operation, function()
      for _, case in ipairs {
        { 202, ok(PAYLOADS[operation]) }, { 204, "" }, { 200, "" }, { 200, "<html>" }, { 200, "null" }, { 200, '"ok"' },
        { 200, "[]" }, { 200, '{"payload":[],"code":"o' }, { 200, "{}" }, { 200, { payload = PAYLOADS[operation] } },
        { 200, refusal("internal_error", "") }, { 200, refusal("duplicated_purchase_number", "Duplicated") },
        { 200, { payload = PAYLOADS[operation], code = cjson.null } },
      } do
        local err = refused(read(request, case[1], case[2]))
        assert.same({ "protocol", "unexpected_answer", case[1] }, { err.kind, err.code, err.status })
      end
    end)

    it("that refuses has the API's code and words: " .. operation, function()
      for _, case in ipairs {
        { 400, "bad_request", "bad request", { "Required properties missing: [\"invoice_number\"]", "second" } },
        { 400, "invalid_email", "Invalid email to notify" },
        { 403, "forbidden", "forbidden: authentication failed" },
        { 404, "not_found", "purchase not found", { "purchase not found" } },
        { 429, "too_many_requests", "Too many requests" },
        { 429, "too_many_request", "Too many requests" },
        { 500, "user_not_found", "User not found" },
      } do
        local err = refused(read(request, case[1], refusal(case[2], case[3], case[4])))
        local messages = case[4] or { case[3] }
        assert.same({ case[1] == 403 and "auth" or "api", case[2], case[1], messages[1], messages, "r-1" },
          { err.kind, err.code, err.status, err.message, err.messages, err.request_id })
      end
    end)
  end

  it("that refuses without words still says what it was", function()
    for _, body in ipairs { "", "<html>Bad gateway</html>", "[]", "null", '{"payload":{"errors":[1]},"code":7}',
      '{"code":"not a code","message":""}' } do
      local err = refused(read(REQUESTS.find, 502, body))
      assert.same({ "api", "http_502", "the server answered 502", {} },
        { err.kind, err.code, err.message, err.messages })
    end
    assert.same({ "internal_error", "the server answered 500" }, (function()
      local err = refused(read(REQUESTS.find, 500, refusal("internal_error", "")))
      return { err.code, err.message }
    end)())
  end)

  it("is no success with a payload of another shape", function()
    for operation, payloads in pairs {
      find = { { a = 1 }, { "text" }, { { invoice_number = "F-1" }, 1 } },
      iin = { cjson.empty_array, { 1 }, "text", cjson.null },
      delete_range = { cjson.empty_array, { request_id = 1 }, { request_id = "" } },
    } do
      for _, payload in ipairs(payloads) do
        assert.equal("protocol", refused(read(REQUESTS[operation], 200, ok(payload))).kind)
      end
    end
  end)

  it("to a search has purchases alike: items in a list, and no nulls", function()
    local items = { { sku = "a", custom_attributes = { x = cjson.null, y = 1 } }, { sku = "b" } }
    local found = assert(read(REQUESTS.find, 200, ok {
      { invoice_number = "1", purchase_detail = { items = items }, channel = cjson.null,
        payment = { type = "other", brand = cjson.null } },
      { invoice_number = "2", purchase_detail = items },
      { invoice_number = "3", purchase_detail = cjson.null },
    }))
    local plain = { { sku = "a", custom_attributes = { y = 1 } }, { sku = "b" } }
    assert.same({
      { invoice_number = "1", purchase_detail = plain, payment = { type = "other" } },
      { invoice_number = "2", purchase_detail = plain },
      { invoice_number = "3" },
    }, found)
  end)
end)

describe("a WoowUp error", function()
  local function of(status, body)
    return refused(read(REQUESTS.create_all, status, body))
  end

  it("is about the data of a purchase, or not", function()
    for _, case in ipairs {
      { true, 400, refusal("bad_request", "bad request") },
      { true, 500, refusal("user_not_found", "User not found") },
      { true, 500, refusal("duplicated_purchase_number", "Duplicated purchase number") },
      { true, 500, refusal("inexistent_purchase_number", "Purchase number inexistent") },
      { true, 413, "<html>" },
      { false, 400, "<html>" },
      { false, 403, refusal("forbidden", "forbidden: authentication failed") },
      { false, 404, "<html>" },
      { false, 429, refusal("too_many_requests", "") },
      { false, 500, refusal("internal_error", "") },
      { false, 503, "" },
      { false, 200, refusal("bad_request", "") },
    } do
      local err = of(case[2], case[3])
      assert.equal(case[1], woowup.is_about_data(err))
      assert.equal(case[1] or nil, err.final or nil)
    end
    assert.is_false(woowup.is_about_data(errors.new { kind = "transport", code = "timeout", message = "m" }))
  end)

  it("is a duplicate, or not", function()
    assert.is_true(woowup.is_duplicate(of(500, refusal("duplicated_purchase_number", ""))))
    assert.is_false(woowup.is_duplicate(of(500, refusal("user_not_found", ""))))
    assert.is_false(woowup.is_duplicate(errors.new { kind = "transport", code = "timeout", message = "m" }))
  end)

  it("of a repeat tells a creation's success for one purchase only", function()
    local duplicate = of(500, refusal("duplicated_purchase_number", "Duplicated purchase number"))
    local other = of(500, refusal("user_not_found", "User not found"))
    local one = woowup.create_many(CONFIG, "[{}]", 1)
    assert.same({ duplicate = true }, one.repeated(duplicate))
    assert.is_nil(one.repeated(other))
    assert.is_nil(REQUESTS.create_all.repeated(duplicate))
  end)

  it("of a repeat tells that what was to be deleted is not there", function()
    local function repeated(message)
      return REQUESTS.delete.repeated(refused(read(REQUESTS.delete, 404, refusal("not_found", message, { message }))))
    end
    assert.same({ absent = true }, repeated "purchase not found")
    assert.is_nil(repeated "branch not found")
  end)
end)

-- A client that does not wait for its turn.
local function client(url, fields)
  return purchases.woowup.new(merge({
    api_key = "sandbox-woowup-key", base_url = url, rate = 1e9, timeout = 10, retry = { attempts = 3, base = 0.001 },
  }, fields or {}))
end

describe("a WoowUp client's options", function()
  it("have the documented rate where no other is given", function()
    assert.equal(140, purchases.woowup.new({ api_key = "k" }).options.rate)
    assert.equal(7, purchases.woowup.new({ api_key = "k", rate = 7 }).options.rate)
    assert.equal("purchases.client: woowup at https://api.woowup.com/apiv3",
      tostring(purchases.woowup.new { api_key = "k" }))
  end)

  it("hold a key that can stand in a header", function()
    for _, bad in ipairs { "", "a b", "a\r\nX: b", "a\0b", "\127" } do
      assert.error_matches(function()
        purchases.woowup.new { api_key = bad }
      end, "a credential is empty or holds a space or a control character", 1, true)
    end
    assert.error_matches(function()
      purchases.woowup.new {}
    end, "option 'api_key' is missing", 1, true)
  end)
end)

local function bulk(...)
  local texts = {}
  for i, purchase in ipairs { ... } do
    texts[i] = type(purchase) == "table" and json.encode(purchase) or purchase
  end
  return woowup.create_many(CONFIG, "[" .. table.concat(texts, ",") .. "]", #texts)
end

-- Every call, with arguments that the sandbox takes when it holds F-1.
local CALLS = {
  create = function(c) return c:create(sale "F-9") end,
  create_all = function(c) return c:call(bulk(sale "F-8", sale "F-9")) end,
  update = function(c) return c:update(sale "F-1") end,
  find = function(c) return c:find { invoice_number = "F-1" } end,
  iin = function(c) return c:iin "123456" end,
  delete = function(c) return c:delete { invoice_number = "F-1" } end,
  delete_range = function(c) return c:delete_range(RANGE) end,
}

describe("WoowUp", function()
  local sandbox

  setup(function()
    faults.start()
    sandbox = support.start()
  end)
  teardown(function()
    sandbox:stop()
    faults.stop()
  end)
  before_each(function()
    faults.reset()
    sandbox:reset()
    sandbox:settings { queue_seconds = 0, rate_limit = 0 }
  end)

  local function made(fields)
    return client(sandbox.url .. "/apiv3", fields)
  end

  local function broken(scenario, fields)
    return client(faults.url(scenario), fields)
  end

  local function error_of(value, err)
    refused(value, err)
    assert.equal("woowup", err.provider)
    return { err.kind, err.code, err.status, err.message }
  end

  local function held()
    return #sandbox:audit().purchases
  end

  local FORBIDDEN = { "auth", "forbidden", 403, "forbidden: authentication failed" }
  local DUPLICATE = { "api", "duplicated_purchase_number", 500, "Duplicated purchase number" }
  local UNKNOWN = { "api", "user_not_found", 500, "User not found" }
  local NO_PURCHASE = { "api", "not_found", 404, "purchase not found" }
  local NO_BRANCH = { "api", "not_found", 404, "branch not found" }

  describe("takes", function()
    it("a purchase to create", function()
      assert.same({}, assert(made():create(sale "F-1")))
      assert.same({}, assert(made():create(json.encode(sale(2, { email = "a@b.example" })))))
      assert.equal(2, held())
    end)

    it("purchases to create by the bulk", function()
      assert.same({}, assert(made():call(bulk(sale "F-1", sale "F-2", sale(3)))))
      assert.equal(3, held())
    end)

    it("a purchase to update", function()
      local c = made()
      assert(c:create(sale "F-1"))
      assert.same({}, assert(c:update(sale("F-1", { points = 24 }))))
      assert.equal(24, assert(c:find { invoice_number = "F-1" })[1].points)
    end)

    it("searches", function()
      local c = made()
      assert(c:create(sale("F-1", { branch_name = "001" })))
      assert(c:create(sale("F-2", { service_uid = "a b&c", branch_name = "Palermo I" })))
      for _, case in ipairs {
        { { invoice_number = "F-2" }, "F-2" }, { { service_uid = "a b&c" }, "F-2" },
        { { branch_name = "001" }, "F-1" }, { { invoice_number = "F-1", branch_name = "001" }, "F-1" },
        { { invoice_number = "F-2", branch_id = 2 }, "F-2" },
      } do
        local found = assert(c:find(case[1]))
        assert.same({ 1, case[2] }, { #found, found[1].invoice_number })
        assert.equal(1, #found[1].purchase_detail)
        assert.equal("2907362", found[1].purchase_detail[1].product_id)
        assert.is_nil(found[1].channel)
      end
      assert.equal(2, #assert(c:find {}))
    end)

    it("six digits of a card", function()
      local card = assert(made():iin "123456")
      assert.same({ "visa", "debit", "DK", "Spar Nord" }, { card.scheme, card.type, card.country, card.bank.name })
    end)

    it("a purchase to delete", function()
      local c = made()
      assert(c:create(sale("F-1", { branch_name = "001" })))
      assert(c:create(sale "F-2"))
      assert.same({}, assert(c:delete { invoice_number = "F-1", branch_name = "001" }))
      assert.same({}, assert(c:delete { invoice_number = "F-2" }))
      assert.same(NO_PURCHASE, error_of(c:find { invoice_number = "F-1" }))
    end)

    it("a branch or a range to delete", function()
      local c = made()
      assert(c:create(sale("F-1", { branch_name = "001" })))
      assert(c:create(sale("F-2", { createtime = "2019-08-01 04:59:59" })))
      assert(c:create(sale("F-3", { createtime = "2019-08-01 05:00:00" })))
      assert.is_string(assert(c:delete_range { branch_name = "001", notify_to = "a@b.example" }).request_id)
      assert.is_string(assert(c:delete_range {
        from = "2019-08-01 00:00:00", to = "2019-08-31 23:59:59", tz = "America/Bogota", notify_to = "a@b.example",
      }).request_id)
      for invoice, there in pairs { ["F-1"] = false, ["F-2"] = true, ["F-3"] = false } do
        assert.equal(there, c:find { invoice_number = invoice } ~= nil)
      end
    end)
  end)

  describe("refuses", function()
    it("whoever has another key, whatever is asked", function()
      local c = made { api_key = "another-key" }
      for _, call in pairs(CALLS) do
        local value, err = call(c)
        assert.same(FORBIDDEN, error_of(value, err))
        assert.same({ 1, "pending" }, { err.attempts, err.outcome })
      end
      assert.equal(0, held())
    end)

    it("more requests a minute than it lets through", function()
      for name, call in pairs(CALLS) do
        sandbox:reset()
        sandbox:settings { rate_limit = 1 }
        local c = made()
        c:iin "123456"
        local value, err = call(c)
        local code = name == "update" and "too_many_request" or "too_many_requests"
        assert.same({ "api", code, 429, "API's requests-per-second limit exceeded (the server wants a pause of 60 s)" },
          error_of(value, err))
        assert.same({ 1, "pending", true }, { err.attempts, err.outcome, err.retryable })
      end
    end)

    it("when it breaks down, whatever is asked", function()
      for _, call in pairs(CALLS) do
        sandbox:fault { status = 500, times = 3 }
        local value, err = call(made())
        assert.same({ "api", "internal_error", 500, "the server answered 500" }, error_of(value, err))
        assert.same({ 3, "unknown", true }, { err.attempts, err.outcome, err.retryable })
      end
    end)

    it("what is malformed", function()
      for _, call in pairs(CALLS) do
        sandbox:fault { status = 400 }
        local value, err = call(made())
        assert.same({ "api", "bad_request", 400, "bad request" }, error_of(value, err))
        assert.same({ 1, "rejected", false }, { err.attempts, err.outcome, err.retryable })
      end
      local err = refused(made():call(bulk(sale "F-1", {})))
      assert.same({ "api", "bad_request", 400 }, { err.kind, err.code, err.status })
      assert.matches("^/1: Failed matching any of the provided schemas", err.message)
    end)

    it("a purchase of an unknown customer", function()
      local c = made()
      assert.same(UNKNOWN, error_of(c:create(sale("F-1", { service_uid = "unknown-1" }))))
      assert.same(UNKNOWN, error_of(c:call(bulk(sale "F-1", sale("F-2", { service_uid = "unknown-1" })))))
      assert.equal(0, held())
      assert(c:create(sale "F-1"))
      assert.same(UNKNOWN, error_of(c:update(sale("F-1", { service_uid = "unknown-1" }))))
    end)

    it("a purchase that it has, once and for all", function()
      local c = made()
      assert(c:create(sale "F-1"))
      local value, err = c:create(sale "F-1")
      assert.same(DUPLICATE, error_of(value, err))
      assert.same({ 1, "rejected", false, true },
        { err.attempts, err.outcome, err.retryable, woowup.is_duplicate(err) })
      assert.same(DUPLICATE, error_of(c:call(bulk(sale "F-1"))))
      assert.same(DUPLICATE, error_of(c:call(bulk(sale "F-2", sale "F-1"))))
      assert.same({ 200, 500, 500, 500 }, sandbox:statuses())
      assert.equal(1, held())
    end)

    it("to update, find or delete what it has not", function()
      local c = made()
      assert.same({ "api", "inexistent_purchase_number", 500, "Purchase number inexistent" },
        error_of(c:update(sale "F-1")))
      assert.same(NO_PURCHASE, error_of(c:find { invoice_number = "F-1" }))
      assert.same({ "api", "not_found", 404, "IIN not found" }, error_of(c:iin "999999"))
      assert.same(NO_PURCHASE, error_of(c:delete { invoice_number = "F-1" }))
      assert.same(NO_BRANCH, error_of(c:delete { invoice_number = "F-1", branch_name = "nowhere" }))
      assert.same(NO_BRANCH, error_of(c:delete_range { branch_name = "nowhere", notify_to = "a@b.example" }))
      assert.same({ 500, 404, 404, 404, 404, 404 }, sandbox:statuses())
    end)

    it("what no call of ours would send", function()
      for _, case in ipairs {
        { "create", "{}", "bad_request", "Failed matching any of the provided schemas." },
        { "update", "{}", "bad_request", "Failed matching any of the provided schemas." },
        { "delete", "{}", "bad_request", 'Required properties missing: ["invoice_number"]' },
        { "delete_range", '{"notify_to":"a@b.example"}', "bad_request",
          "Failed matching any of the provided schemas." },
        { "delete_range", '{"branch_name":"001","notify_to":"nobody"}', "invalid_email", "Invalid email to notify" },
      } do
        local value, err = made():call(merge(REQUESTS[case[1]], { body = case[2] }))
        error_of(value, err)
        assert.same({ "api", case[3], 400, "rejected" }, { err.kind, err.code, err.status, err.outcome })
        assert.matches(case[4], err.message, 1, true)
      end
      local value, err = made():call(merge(REQUESTS.find, { path = "/purchases?branch_id=1" }))
      assert.same({ "api", "bad_request", 400, '"branch_id" is only used together with "invoice_number"' },
        error_of(value, err))
    end)

    it("an update for a number that is taken, once and for all", function()
      sandbox:fault { method = "PUT", status = 500, body = refusal(DUPLICATE[2], DUPLICATE[4]), times = 2 }
      local value, err = made():update(sale "F-1")
      assert.same(DUPLICATE, error_of(value, err))
      assert.same({ 1, "rejected", false }, { err.attempts, err.outcome, err.retryable })
    end)
  end)

  describe("fault", function()
    it("12: after a 429 the server's time counts, and then the call goes through", function()
      for _, call in pairs(CALLS) do
        sandbox:reset()
        sandbox:settings { queue_seconds = 0 }
        assert(made():create(sale "F-1"))
        sandbox:fault { status = 429, times = 2 }
        assert(call(made()))
        assert.same({ 200, 429, 429, 200 }, sandbox:statuses())
      end
      sandbox:fault { status = 429, headers = { ["Retry-After"] = "1" } }
      local took = common.elapsed(function()
        assert(made():create(sale "F-2"))
      end)
      assert.is_true(took > 0.99, took)
    end)

    it("12: a time that is past, garbage or missing means soon, and one that is far away is told at once", function()
      for _, when in ipairs { "Fri, 01 Mar 2019 00:00:00 GMT", "soon", "-1", "", false } do
        sandbox:reset()
        sandbox:fault { status = 429, headers = { ["Retry-After"] = when or nil } }
        assert(made():create(sale "F-1"))
        assert.same({ 429, 200 }, sandbox:statuses())
      end
      sandbox:reset()
      sandbox:fault { status = 429, headers = { ["Retry-After"] = "315360000" }, times = 9 }
      local err = refused(made():create(sale "F-1"))
      assert.same({ "api", 429, 1, "pending" }, { err.kind, err.status, err.attempts, err.outcome })
      sandbox:clear_faults()
      local soon = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2)
      sandbox:fault { status = 429, headers = { ["Retry-After"] = soon } }
      local took = common.elapsed(function()
        assert(made():create(sale "F-1"))
      end)
      assert.is_true(took > 0.9 and took < 5, took)
    end)

    for _, status in ipairs { 500, 503, 504 } do
      it("13, " .. status .. " and then success: one effect", function()
        for effect, expected in pairs { none = {}, applied = { duplicate = true } } do
          sandbox:reset()
          sandbox:settings { queue_seconds = 0 }
          sandbox:fault { status = status, effect = effect }
          assert.same(expected, assert(made():create(sale "F-1")))
          assert.equal(1, held())
          sandbox:fault { status = status, effect = effect, times = 2 }
          assert(made():update(sale "F-1"))
          sandbox:fault { status = status, effect = effect }
          assert.equal(1, #assert(made():find { invoice_number = "F-1" }))
          sandbox:fault { status = status, effect = effect }
          expected = effect == "applied" and { absent = true } or {}
          assert.same(expected, assert(made():delete { invoice_number = "F-1" }))
          sandbox:fault { status = status, effect = effect }
          assert(made():delete_range(RANGE))
        end
      end)
    end

    it("13, in a bulk: a duplicate after an attempt that may have arrived leaves it open", function()
      sandbox:fault { status = 503, effect = "applied" }
      local err = refused(made():call(bulk(sale "F-1", sale "F-2")))
      assert.same({ "duplicated_purchase_number", "unknown", 2, false, true },
        { err.code, err.outcome, err.attempts, err.retryable, woowup.is_about_data(err) })
      assert.equal(2, held())
    end)

    it("2: a create on a connection that dies is not repeated unseen", function()
      for _, scenario in ipairs { "close-on-reuse", "reset-on-reuse" } do
        local c = broken(scenario, { retry = { attempts = 1 } })
        assert(c:create(sale "F-1"))
        local err = refused(c:create(sale "F-2"))
        assert.same({ "transport", "maybe", "unknown", 1 }, { err.kind, err.sent, err.outcome, err.attempts })
        assert.same({ 2, 1 }, { faults.count(scenario).requests, faults.count(scenario).same_body })
      end
    end)

    it("3 and 5: half an answer, one of the wrong length, garbage for chunks: in doubt, and no success", function()
      for _, scenario in ipairs { "cut-headers", "cut-body", "length-too-long", "length-too-short",
        "length-twice-different", "chunk-garbage", "chunk-huge", "chunk-unfinished", "chunked-chunked" } do
        for _, call in pairs(CALLS) do
          local err = refused(call(broken(scenario, { retry = { attempts = 1 } })))
          assert.same({ "unknown", true }, { err.outcome, err.kind == "transport" or err.kind == "protocol" })
        end
        local seen = faults.count(scenario)
        assert.equal(seen.requests, seen.connections) -- none of them was used again
      end
    end)

    it("11: a proxy that refuses is told from the API, and gets no key", function()
      for _, name in ipairs { "proxy_407", "proxy_403" } do
        local err = refused(broken("good", { proxy = faults.url(nil, name) }):create(sale "F-1"))
        assert.same({ "transport", "proxy_refused", "no", "pending", 1 },
          { err.kind, err.code, err.sent, err.outcome, err.attempts })
        assert.equal(0, faults.count("", { listener = name }).authorized)
      end
      assert.equal(0, faults.count("good").requests)
    end)

    it("16: an answer that is none is never taken for a success", function()
      for _, scenario in ipairs { "html", "empty", "no-content", "cut-json", "cut-body", "length-too-long" } do
        for _, call in pairs(CALLS) do
          local err = refused(call(broken(scenario)))
          assert.is_true(err.kind == "protocol" or err.kind == "transport")
          assert.same({ 3, "unknown" }, { err.attempts, err.outcome })
        end
      end
      sandbox:fault { status = 200, body = refusal("internal_error", ""), times = 3 }
      assert.equal("protocol", refused(made():create(sale "F-1")).kind)
    end)

    it("17: a duplicate answer is a success after our own unfinished attempt, and only then", function()
      sandbox:fault { status = 444, effect = "applied" } -- nginx closes the connection without an answer
      assert.same({ duplicate = true }, assert(made():create(sale "F-1")))
      sandbox:fault { status = 429 }
      assert.same(DUPLICATE, error_of(made():create(sale "F-1")))
      sandbox:fault { status = 503 }
      assert.same(UNKNOWN, error_of(made():create(sale("F-2", { service_uid = "unknown-1" }))))
      assert.equal(1, held())
    end)

    it("28: what would change a header, the path or the query is refused or encoded", function()
      local c = broken "good"
      for _, bad in ipairs { "", "a\r\nX-Forged: yes", "a\nb", "a\0b", "\127" } do
        for _, call in ipairs {
          function() return c:find { invoice_number = bad } end,
          function() return c:find { service_uid = bad } end,
          function() return c:find { branch_name = bad } end,
          function() return c:iin(bad) end,
          function() return c:delete { invoice_number = bad } end,
          function() return c:delete_range { branch_name = bad, notify_to = "a@b.example" } end,
        } do
          assert.equal("validation", refused(call()).kind)
        end
      end
      assert.same({ 0, 0 }, { faults.count("good").requests, faults.count("good").connections })
      assert(c:find { invoice_number = "../x?y=z&a#b%2F" })
      assert.equal("/good/purchases?invoice_number=..%2Fx%3Fy%3Dz%26a%23b%252F", faults.count("good").target)
      assert.equal("Basic sandbox-woowup-key", faults.count("good").headers.authorization)
    end)

    it("29: the key is in no error, not even as a code", function()
      sandbox:fault { status = 400, body = refusal("s3cretkey", "no") }
      assert.equal("***", refused(made({ api_key = "s3cretkey" }):create(sale "F-1")).code)
      local key = "s3cret/k+y"
      local spelled = { key, "s3cret%2Fk%2By", "s3cret\\/k+y" }
      for _, status in ipairs { 200, 302, 400, 403, 500 } do
        for _, secret in ipairs(spelled) do
          sandbox:fault {
            status = status, times = 3, headers = { ["X-Request-Id"] = key, Location = "https://e.example/?k=" .. key },
            body = ('{"payload":{"errors":["Basic %s"]},"message":"%s","code":"a"}'):format(secret, secret),
          }
          local err = refused(made({ api_key = key }):create(sale "F-1"))
          for _, field in pairs(merge(err, { text = tostring(err), first = (err.messages or {})[1] })) do
            assert.not_matches("s3cret", tostring(field), 1, true)
          end
          sandbox:clear_faults()
        end
      end
    end)
  end)
end)
