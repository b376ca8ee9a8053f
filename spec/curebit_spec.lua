-- The Curebit provider: its pure functions first, then every call against the sandbox.
local cjson = require "cjson"
local common = require "spec.support.common"
local curebit = require "purchases.provider.curebit"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local json = require "purchases.json"
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local merge = common.merge
local read, refused = outcome.read, outcome.refused

local SCHEMA = purchases.schema.curebit
local CONFIG = { site = "my-shop", api_key = "sandbox-key", schema = SCHEMA }

local function refusal(messages)
  return { success = false, error_messages = messages }
end

local function order(number, fields)
  return merge({
    email = "1st_customer@mail.example",
    order_number = number,
    order_date = "2014-03-13 12:49:54",
    subtotal = 500,
    items = { { price = 25, quantity = 4, product_id = "TSHIRT" } },
  }, fields or {})
end

local REQUESTS = {
  create = assert(curebit.create(CONFIG, { order "A-1" })),
  create_all = assert(curebit.create_many(CONFIG, "[{},{}]", 2)),
  set_rewards_status = assert(curebit.set_rewards_status(CONFIG, "A-1", "approved")),
}

describe("a Curebit request", function()
  it("has the method, path and body of the API's page", function()
    for operation, expected in pairs {
      create = { "POST", "/api/v1/sites/my-shop/purchases/create",
        '{"purchases":[' .. json.encode(order "A-1") .. "]}" },
      create_all = { "POST", "/api/v1/sites/my-shop/purchases/create", '{"purchases":[{},{}]}' },
      set_rewards_status = { "PUT", "/api/v1/sites/my-shop/purchases/A-1/set_rewards_status?status=approved" },
    } do
      local request = REQUESTS[operation]
      assert.same({ operation, expected[1], expected[2], expected[3] },
        { request.operation, request.method, request.path, request.body })
      assert.is_true(request.repeatable)
      assert.is_nil(request.public)
    end
  end)

  it("carries the key in its query, encoded, and in no header", function()
    assert.same({ {}, "api_key=sandbox-key" }, { curebit.authorize(CONFIG) })
    assert.same({ {}, "api_key=a%26b%3Dc%2F" }, { curebit.authorize { api_key = "a&b=c/" } })
  end)

  it("encodes all that callers put into it", function()
    local odd, encoded = "a b/../?#%&=", "a%20b%2F..%2F%3F%23%25%26%3D"
    assert.equal("/api/v1/sites/" .. encoded .. "/purchases/" .. encoded .. "/set_rewards_status?status=voided",
      curebit.set_rewards_status({ site = odd }, odd, "voided").path)
    assert.equal("/api/v1/sites/" .. encoded .. "/purchases/create", curebit.create_many({ site = odd }, "[]", 0).path)
    assert.matches("/purchases/1099511627776/", curebit.set_rewards_status(CONFIG, 2 ^ 40, "voided").path, 1, true)
  end)

  it("is not made of what no identifier is", function()
    for _, bad in ipairs { "", ".", "..", "a\r\nX: y", "a\0b", "\127", 0 / 0, 2 ^ 60 } do
      assert.equal("invalid_identifier", refused(curebit.set_rewards_status(CONFIG, bad, "approved")).code)
    end
    assert.equal("invalid_identifier", refused(curebit.set_rewards_status({ site = ".." }, 1, "approved")).code)
    assert.equal("invalid_identifier", refused(curebit.create_many({ site = "" }, "[]", 0)).code)
    assert.equal("invalid_identifier", refused(curebit.create({ site = "a\n", schema = SCHEMA }, { order(1) })).code)
  end)

  it("sets one of three statuses", function()
    for _, status in ipairs { "approved", "voided", "unrewarded" } do
      assert.truthy(curebit.set_rewards_status(CONFIG, 1, status))
    end
    for _, status in ipairs { "", "Approved", "pending", 1 } do
      local err = refused(curebit.set_rewards_status(CONFIG, 1, status))
      assert.same({ "validation", "invalid_status", "status" }, { err.kind, err.code, err.issues[1].field })
    end
    assert.equal("invalid_status", refused(curebit.set_rewards_status(CONFIG, 1)).code)
  end)
end)

describe("Curebit purchases", function()
  local function create(list, opts)
    return curebit.create(CONFIG, list, opts)
  end

  -- The date that is sent for one that is given.
  local function sent(date, tz)
    local request = assert(create({ order(1, { order_date = date }) }, { tz = tz }))
    return cjson.decode(request.body).purchases[1].order_date
  end

  it("that come as JSON are sent as they came", function()
    local texts = {
      ' {"email":"a@b.example", "subtotal":1.50,"order_number":"1","order_date":"2014-03-13 12:49:54"}',
      '{"order_date":"2014-03-13T12:49:54+01:00","email":"a@b.example","subtotal":0e0,"order_number":2,"x":null} ',
    }
    assert.equal('{"purchases":[' .. texts[1] .. "," .. texts[2] .. "]}", create(texts).body)
    assert.equal('{"purchases":[' .. texts[1] .. "," .. texts[2] .. "]}", create(texts, { tz = "Asia/Tokyo" }).body
      :gsub("2014%-03%-13 03:49:54", "2014-03-13 12:49:54"))
  end)

  it("that come as tables are left as they were", function()
    local given = { order(1), order(2) }
    assert(create(given, { tz = "Europe/Madrid" }))
    assert.same({ order(1), order(2) }, given)
  end)

  it("have dates in UTC where there is no zone, or with an offset: as they are", function()
    for _, date in ipairs {
      "2014-03-13 12:49:54", "2014-03-13T12:49:54", "2014-03-13T12:49:54Z", "2014-03-13 12:49:54+01:00",
      "2014-03-13T12:49:54.123Z", "2014-03-13T12:49:54.5-0300",
      "2014-03-13 12:49:54 +0100",
    } do
      assert.equal(date, sent(date))
    end
    assert.equal("2014-03-13T12:49:54.123Z", sent("2014-03-13T12:49:54.123Z", "Europe/Madrid"))
    assert.equal("2014-03-13 12:49:54+05:00", sent("2014-03-13 12:49:54+05:00", "Europe/Madrid"))
  end)

  it("have dates in UTC that were local times, or were not written in full", function()
    assert.equal("2014-03-13 11:49:54", sent("2014-03-13 12:49:54", "Europe/Madrid"))
    assert.equal("2014-07-13 10:49:00", sent("2014-07-13T12:49", "Europe/Madrid"))
    assert.equal("2014-03-13 12:49:00", sent "2014-03-13 12:49")
    assert.equal("2014-03-13 11:49:00", sent "2014-03-13T12:49+01:00")
  end)

  it("have a date whose place in the text is found, whatever stands around it", function()
    local text = '{"items":[{"order_date":"2014-03-13 00:00:00","price":1,"quantity":1,"product_id":"a"}],'
      .. '"email":"a@b.example","order\\u005fdate" : "2014-03-13 12:49\\u003a54" ,"subtotal":1,"order_number":1}'
    local expected = text:gsub('"2014%-03%-13 12:49\\u003a54"', '"2014-03-13 11:49:54"')
    assert.equal('{"purchases":[' .. expected .. "]}", create({ text }, { tz = "Europe/Madrid" }).body)
  end)

  it("are refused where the clock leaves a date open, and both readings are named", function()
    local codes = { ["2025-10-26 02:30:00"] = "ambiguous_time", ["2026-03-29 02:30:00"] = "nonexistent_time" }
    for date, code in pairs(codes) do
      local err = refused(create({ order(1), order(2, { order_date = date }) }, { tz = "Europe/Madrid" }))
      assert.same({ "validation", code, 1, "/order_date", 1, 2 },
        { err.kind, err.code, err.issues[1].index, err.issues[1].field, err.total, #err.candidates })
      for _, candidate in ipairs(err.candidates) do
        assert.matches(candidate, err.message, 1, true)
      end
      assert.equal(date, sent(date))
    end
  end)

  it("are refused with a date that is none, or a zone that there is not", function()
    for _, date in ipairs { "", "today", "2014-03-13", "2014-02-29 12:00:00", "2014-03-13 24:00:00",
      "2014-03-13 23:59:60", "2014-03-13 12:49:54 CET" } do
      local err = refused(create { order(1, { order_date = date }) })
      assert.same({ "invalid_datetime", "/order_date" }, { err.code, err.issues[1].field })
    end
    local err = refused(create({ order(1), order(2) }, { tz = "Europe/Madird" }))
    assert.same({ "unknown_zone", "unknown time zone Europe/Madird", "tz", 1 },
      { err.code, err.message, err.issues[1].field, err.total })
  end)

  it("may hold goods by weight, and no items at all", function()
    local given = order(1, { items = { { price = 25, quantity = 1.5, product_id = "FLOUR" } } })
    assert.matches('"quantity":1.5', create({ given }).body, 1, true)
    assert.matches('"items":[]', create({ order(1, { items = {} }) }).body, 1, true)
  end)

  it("are checked, all of them, before one is sent", function()
    local err = refused(create {
      order(1), order(2, { subtotal = "1" }), '{"email":', order(4, { order_date = 7, email = 1 }), { print = print },
      order(6, { order_date = "today" }),
    })
    assert.equal("validation", err.kind)
    local seen = {}
    for _, issue in ipairs(err.issues) do
      seen[issue.index] = (seen[issue.index] or 0) + 1
    end
    assert.same({ [1] = 1, [2] = 1, [3] = 2, [4] = 1, [5] = 1 }, seen)
    assert.equal(6, err.total)
    assert.matches("^purchase 1, /subtotal: ", err.message)
    assert.equal("/subtotal", err.issues[1].field)
  end)

  it("are refused with the place where a text is no JSON", function()
    for odd, code in pairs {
      NaN = "invalid_json", ["1e"] = "invalid_json", ['"\\ud800"'] = "invalid_json", ['"\0"'] = "invalid_json",
      ['"\195("'] = "invalid_utf8", ['{"a":1,"a":2}'] = "duplicate_key", [("["):rep(100000)] = "too_deep",
    } do
      local err = refused(create { order(1), '{"email":"a@b.example",\n"x":' .. odd .. "}" })
      assert.same({ "validation", code, 1, 2 }, { err.kind, err.code, err.issues[1].index, err.issues[1].line })
    end
  end)

  it("are told of the first thousand problems, and how many there are", function()
    local list = {}
    for i = 1, 1100 do
      list[i] = "{}"
    end
    local err = refused(create(list))
    assert.equal(1000, #err.issues)
    assert.is_true(err.total >= 1100)
  end)

  it("come once each", function()
    local err = refused(create { order(1), order "a", order "1" })
    assert.same({ "duplicated_order_number", 2, "/order_number" },
      { err.code, err.issues[1].index, err.issues[1].field })
    assert.matches("order_number 1 comes twice: purchases 0 and 2", err.message, 1, true)
  end)

  it("are a list with something in it", function()
    assert.equal("no_purchases", refused(create {}).code)
    assert.equal("no_purchases", refused(create(order(1))).code)
    local c = purchases.curebit.new { site = "s", api_key = "k" }
    for _, case in ipairs {
      { "{}", "expected a list of purchases, got string" }, { nil, "expected a list of purchases, got nil" },
      { { 1 }, "expected a purchase as a table or a JSON text, got number" },
      { { order(1) }, "unknown option 'zone' (there are: tz)", { zone = "UTC" } },
    } do
      local _, message = pcall(function()
        local value = c:create(case[1], case[3])
        return value
      end)
      assert.matches("^[^:]*curebit_spec.lua:%d+: create: ", message)
      assert.matches(case[2], message, 1, true)
    end
  end)
end)

describe("a Curebit answer", function()
  local GOOD = { create = 201, create_all = 201, set_rewards_status = 200 }

  for operation, request in pairs(REQUESTS) do
    it("is what the API says, less what is null: " .. operation, function()
      assert.same({ success = true, notice = "no rewards" },
        read(request, GOOD[operation], { success = true, notice = "no rewards", error_messages = cjson.null }))
    end)

    it("of another success, or one that nobody can read, is no success: " .. operation, function()
      local good = GOOD[operation]
      for _, case in ipairs {
        { good == 200 and 201 or 200, { success = true } }, { 204, "" }, { good, "" }, { good, "<html>" },
        { good, "null" }, { good, "true" }, { good, "[]" }, { good, "{}" }, { good, '{"success":tr' },
        { good, { success = false } }, { good, refusal "because" }, { good, { success = "true" } },
        { good, { success = 1 } },
      } do
        local err = refused(read(request, case[1], case[2]))
        assert.same({ "protocol", "unexpected_answer", case[1] }, { err.kind, err.code, err.status })
      end
    end)

    it("that refuses has the API's words, one or many: " .. operation, function()
      for status, kind in pairs { [400] = "api", [401] = "auth", [403] = "auth", [404] = "api", [429] = "api",
        [500] = "api" } do
        for _, messages in ipairs { { "because" }, { "because", "and" } } do
          local err = refused(read(request, status, refusal(messages[2] and messages or messages[1])))
          assert.same({ kind, "http_" .. status, status, "because", messages, "r-1" },
            { err.kind, err.code, err.status, err.message, err.messages, err.request_id })
        end
      end
    end)
  end

  it("that refuses without words still says what it was", function()
    for _, body in ipairs { "", "<html>Bad gateway</html>", "[]", "null", '{"success":false}',
      '{"success":false,"error_messages":{"a":1}}' } do
      local err = refused(read(REQUESTS.create_all, 502, body))
      assert.same({ "api", "http_502", "the server answered 502", {} },
        { err.kind, err.code, err.message, err.messages })
    end
  end)
end)

describe("a Curebit error", function()
  local function of(status, body)
    return refused(read(REQUESTS.create_all, status, body))
  end

  local function taken(...)
    local messages = {}
    for i, number in ipairs { ... } do
      messages[i] = ("Order number %s has already been taken"):format(number)
    end
    return of(400, refusal(messages))
  end

  it("is about the data of a purchase, or not", function()
    for _, case in ipairs {
      { true, 400, refusal "Email is invalid" }, { true, 400, refusal "Order number 1 has already been taken" },
      { true, 413, "<html>" }, { false, 400, "<html>" }, { false, 403, refusal "no" }, { false, 404, refusal "no" },
      { false, 429, refusal "no" }, { false, 500, refusal "no" }, { false, 200, refusal "no" },
    } do
      assert.equal(case[1], curebit.is_about_data(of(case[2], case[3])))
    end
    assert.is_false(curebit.is_about_data(errors.new { kind = "transport", code = "timeout", message = "m" }))
  end)

  it("is a duplicate where it says nothing else", function()
    local err = taken("1", "2")
    assert.same({ true, "duplicated_order_number" }, { curebit.is_duplicate(err), err.code })
    err = of(400, refusal { "Order number 1 has already been taken", "Email is invalid" })
    assert.same({ false, "http_400" }, { curebit.is_duplicate(err), err.code })
    assert.is_false(curebit.is_duplicate(of(500, refusal "Order number 1 has already been taken")))
    assert.is_false(curebit.is_duplicate(errors.new { kind = "transport", code = "timeout", message = "m" }))
  end)

  it("of a repeat tells a creation's success where every order is named", function()
    local function recognised(count, keys, ...)
      return curebit.create_many(CONFIG, "[]", count, keys).repeated(taken(...)) ~= nil
    end
    assert.is_true(recognised(1, nil, "1"))
    assert.is_true(recognised(2, { "1", "a b" }, "a b", "1"))
    assert.is_false(recognised(2, { "1", "2" }, "1"))
    assert.is_false(recognised(2, nil, "1"))
    assert.is_nil(REQUESTS.create_all.repeated(of(400, refusal "Email is invalid")))
  end)
end)

local KEY = "sandbox-curebit-key"

local function client(url, fields)
  return purchases.curebit.new(merge({
    site = "sandbox-shop", api_key = KEY, base_url = url, timeout = 10, retry = { attempts = 3, base = 0.001 },
  }, fields or {}))
end

describe("a Curebit client's options", function()
  it("name the API where no other base_url is given", function()
    assert.equal("purchases.client: curebit at https://curebit.com",
      tostring(purchases.curebit.new { site = "s", api_key = "k" }))
  end)

  it("hold a key that can stand in a URL, and a site", function()
    for _, bad in ipairs { "", "a b", "a\r\nX: b", "a\0b", "\127" } do
      assert.error_matches(function()
        purchases.curebit.new { site = "s", api_key = bad }
      end, "a credential is empty or holds a space or a control character", 1, true)
    end
    assert.error_matches(function()
      purchases.curebit.new { api_key = "k" }
    end, "option 'site' is missing", 1, true)
    assert.error_matches(function()
      purchases.curebit.new { site = "s" }
    end, "option 'api_key' is missing", 1, true)
  end)
end)

describe("Curebit", function()
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
  end)

  local function made(fields)
    return client(sandbox.url, fields)
  end

  local function broken(scenario, fields)
    return client(faults.url(scenario), fields)
  end

  local function error_of(value, err)
    refused(value, err)
    assert.equal("curebit", err.provider)
    return { err.kind, err.code, err.status, err.message }
  end

  local function held()
    return #sandbox:audit().purchases
  end

  local CALLS = {
    create = function(c) return c:create { order "B-1", order(2) } end,
    set_rewards_status = function(c) return c:set_rewards_status("A-1", "approved") end,
  }

  describe("takes", function()
    it("purchases to create", function()
      assert.same({ success = true }, assert(made():create { order "A-1", json.encode(order(2)) }))
      assert.same({ success = true }, assert(made():create { order "A-3" }))
      assert.equal(3, held())
    end)

    it("a status for rewards, and says where there are none", function()
      local c = made()
      assert(c:create { order(1), order(2), order("a/b c", { subtotal = 0 }) })
      for _, status in ipairs { "approved", "approved", "unrewarded" } do
        assert.same({ success = true }, assert(c:set_rewards_status(1, status)))
      end
      assert.same({ success = true }, assert(c:set_rewards_status("2", "voided")))
      assert.same({ success = true, notice = "no rewards" }, assert(c:set_rewards_status("a/b c", "approved")))
    end)
  end)

  describe("refuses", function()
    it("whoever has another key, or another site", function()
      assert(made():create { order "A-1" })
      for _, call in pairs(CALLS) do
        local value, err = call(made { api_key = "another-key" })
        assert.same({ "auth", "http_403", 403, "Invalid api_key" }, error_of(value, err))
        assert.same({ 1, "pending" }, { err.attempts, err.outcome })
        value, err = call(made { site = "no/shop" })
        assert.same({ "api", "http_404", 404, "An exception occurred. No site found by site_slug: no/shop" },
          error_of(value, err))
        assert.same({ 1, "rejected", false }, { err.attempts, err.outcome, curebit.is_about_data(err) })
      end
      assert.equal(1, held())
    end)

    it("a purchase that it has, once and for all", function()
      local c = made()
      assert(c:create { order "A-1" })
      local value, err = c:create { order "A-1" }
      local taken = "Order number A-1 has already been taken"
      assert.same({ "api", "duplicated_order_number", 400, taken }, error_of(value, err))
      assert.same({ 1, "rejected", false, true },
        { err.attempts, err.outcome, err.retryable, curebit.is_duplicate(err) })
      assert.same(taken, error_of(c:create { order "A-2", order "A-1" })[4])
      assert.same({ 201, 400, 400 }, sandbox:statuses())
      assert.equal(1, held())
    end)

    it("purchases that are invalid, all together", function()
      local request = curebit.create_many({ site = "sandbox-shop" }, "[" .. json.encode(order(1)) .. ",{}]", 2)
      local err = refused(made():call(request))
      assert.same({ "api", 400, true }, { err.kind, err.status, curebit.is_about_data(err) })
      assert.equal(0, held())
    end)

    it("the status of an order that it has not, or that was decided the other way", function()
      local c = made()
      assert.same({ "api", "http_400", 400, "Couldn't find Purchase with order_number = A-1" },
        error_of(c:set_rewards_status("A-1", "approved")))
      assert(c:create { order "A-1", order "A-2" })
      assert(c:set_rewards_status("A-1", "approved"))
      assert(c:set_rewards_status("A-2", "voided"))
      for number, status in pairs { ["A-1"] = "voided", ["A-2"] = "approved" } do
        local err = refused(c:set_rewards_status(number, status))
        assert.same({ "api", 400, 1 }, { err.kind, err.status, err.attempts })
      end
      local request = assert(curebit.set_rewards_status({ site = "sandbox-shop" }, "A-1", "approved"))
      assert.same({ "api", "http_400", 400, '"status" must be one of approved, voided, unrewarded' },
        error_of(c:call(merge(request, { path = request.path:gsub("approved$", "paid") }))))
    end)
  end)

  describe("fault", function()
    it("12: after a 429 the server's time counts, and then the call goes through", function()
      for _, call in pairs(CALLS) do
        sandbox:reset()
        assert(made():create { order "A-1" })
        sandbox:fault { status = 429, times = 2 }
        assert(call(made()))
        assert.equal(4, #sandbox:statuses())
      end
      sandbox:fault { status = 429, headers = { ["Retry-After"] = "1" } }
      local took = common.elapsed(function()
        assert(made():create { order "C-1" })
      end)
      assert.is_true(took > 0.99, took)
    end)

    it("12: a time that is past, garbage or missing means soon, and one that is far away is told at once", function()
      for _, when in ipairs { "Fri, 01 Mar 2019 00:00:00 GMT", "soon", "-1", "", false } do
        sandbox:reset()
        sandbox:fault { status = 429, headers = { ["Retry-After"] = when or nil } }
        assert(made():create { order "A-1" })
        assert.same({ 429, 201 }, sandbox:statuses())
      end
      sandbox:reset()
      sandbox:fault { status = 429, headers = { ["Retry-After"] = "315360000" }, times = 9 }
      local err = refused(made():create { order "A-1" })
      assert.same({ "api", 429, 1, "pending" }, { err.kind, err.status, err.attempts, err.outcome })
      sandbox:clear_faults()
      local soon = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2)
      sandbox:fault { status = 429, headers = { ["Retry-After"] = soon } }
      local took = common.elapsed(function()
        assert(made():create { order "A-1" })
      end)
      assert.is_true(took > 0.9 and took < 5, took)
    end)

    for _, status in ipairs { 500, 503, 504 } do
      it("13, " .. status .. " and then success: one effect", function()
        for effect, expected in pairs { none = { success = true }, applied = { success = true, duplicate = true } } do
          sandbox:reset()
          sandbox:fault { status = status, effect = effect }
          assert.same(expected, assert(made():create { order "A-1", order(2) }))
          assert.equal(2, held())
          sandbox:fault { status = status, effect = effect, times = 2 }
          assert.same({ success = true }, assert(made():set_rewards_status("A-1", "approved")))
        end
        sandbox:fault { status = status, times = 3 }
        local err = refused(made():create { order "B-1" })
        assert.same({ "api", status, 3, "unknown" }, { err.kind, err.status, err.attempts, err.outcome })
      end)
    end

    it("2: a create on a connection that dies is not repeated unseen", function()
      for _, scenario in ipairs { "close-on-reuse", "reset-on-reuse" } do
        local c = broken(scenario, { retry = { attempts = 1 } })
        assert(c:create { order(1) })
        local err = refused(c:create { order(2) })
        assert.same({ "transport", "maybe", "unknown", 1 }, { err.kind, err.sent, err.outcome, err.attempts })
        assert.same({ 2, 1 }, { faults.count(scenario).requests, faults.count(scenario).same_body })
      end
    end)

    it("3 and 5: half an answer, one of the wrong length, garbage for chunks: in doubt, and no success", function()
      for _, scenario in ipairs { "cut-headers", "cut-body", "length-too-long", "length-too-short",
        "length-twice-different", "chunk-garbage", "chunk-huge", "chunk-unfinished", "chunked-chunked" } do
        for name, call in pairs(CALLS) do
          local url = ("%s/status=%d"):format(scenario, name == "create" and 201 or 200)
          local err = refused(call(broken(url, { retry = { attempts = 1 } })))
          assert.same({ "unknown", true }, { err.outcome, err.kind == "transport" or err.kind == "protocol" })
        end
        local seen = faults.count(scenario)
        assert.equal(seen.requests, seen.connections) -- none of them was used again
      end
    end)

    it("11: a proxy that refuses is told from the API, and gets no key", function()
      for _, name in ipairs { "proxy_407", "proxy_403" } do
        local err = refused(broken("good", { proxy = faults.url(nil, name) }):create { order(1) })
        assert.same({ "transport", "proxy_refused", "no", "pending", 1 },
          { err.kind, err.code, err.sent, err.outcome, err.attempts })
        assert.not_matches(KEY, faults.count("", { listener = name }).target, 1, true)
      end
      assert.equal(0, faults.count("good").requests)
    end)

    it("16: an answer that is none is never taken for a success", function()
      for _, scenario in ipairs { "html", "empty", "no-content", "cut-json", "cut-body", "length-too-long" } do
        for name, call in pairs(CALLS) do
          local status = name == "create" and 201 or 200
          local err = refused(call(broken(("%s/status=%d"):format(scenario, status))))
          assert.is_true(err.kind == "protocol" or err.kind == "transport")
          assert.same({ 3, "unknown" }, { err.attempts, err.outcome })
        end
      end
      for _, status in ipairs { 200, 201 } do
        sandbox:fault { status = status, body = refusal "because", times = 6 }
        for _, call in pairs(CALLS) do
          assert.equal("protocol", refused(call(made())).kind)
        end
      end
    end)

    it("17: a duplicate answer is a success after our own unfinished attempt, and only then", function()
      sandbox:fault { status = 444, effect = "applied" } -- nginx closes the connection without an answer
      assert.same({ success = true, duplicate = true }, assert(made():create { order(1), order "2" }))
      sandbox:fault { status = 429 }
      assert.equal("duplicated_order_number", refused(made():create { order(1) }).code)
      assert.equal(2, held())
    end)

    it("17: nor is it where another's order is among them", function()
      assert(made():create { order "A-1" })
      sandbox:fault { status = 503 }
      local err = refused(made():create { order "A-1", order "A-2" })
      assert.same({ "duplicated_order_number", "unknown", false }, { err.code, err.outcome, err.retryable })
      assert.equal(1, held())
    end)

    it("28: what would change the path or the query is refused or encoded", function()
      local c = broken "good"
      for _, bad in ipairs { "", ".", "..", "a\r\nX-Forged: yes", "a\nb", "a\0b", "\127" } do
        assert.equal("invalid_identifier", refused(c:set_rewards_status(bad, "approved")).code)
        local of_site = broken("good", { site = bad })
        assert.equal("invalid_identifier", refused(of_site:create { order(1) }).code)
        assert.equal("invalid_identifier", refused(of_site:set_rewards_status(1, "approved")).code)
      end
      assert.same({ 0, 0 }, { faults.count("good").requests, faults.count("good").connections })
      c = broken("good", { site = "../s", api_key = "a&b=c#d/%2F" })
      assert(c:set_rewards_status("x?y=z&a#b%2F", "voided"))
      assert.equal("/good/api/v1/sites/..%2Fs/purchases/x%3Fy%3Dz%26a%23b%252F/set_rewards_status?status=voided"
        .. "&api_key=a%26b%3Dc%23d%2F%252F", faults.count("good").target)
      assert(c:create { order(1) })
      assert.equal("/good/api/v1/sites/..%2Fs/purchases/create?api_key=a%26b%3Dc%23d%2F%252F",
        faults.count("good").target)
      assert.equal(0, faults.count("good").authorized)
    end)

    -- Every text in an error, and in its causes.
    local function check(value, seen)
      if type(value) == "table" and not seen[value] then
        seen[value] = true
        for name, field in pairs(value) do
          check(name, seen)
          check(field, seen)
        end
      end
      assert.not_matches("s3cret", tostring(value), 1, true)
    end

    it("29: the key is in no error, whoever repeats it", function()
      local key = "s3cret/k+y"
      for _, status in ipairs { 200, 302, 400, 403, 500 } do
        for _, secret in ipairs { key, "s3cret%2Fk%2By", "s3cret%2fk%2by", "s3cret\\/k+y" } do
          sandbox:fault {
            status = status, times = 3,
            body = ('{"success":false,"error_messages":["at /x?api_key=%s"]}'):format(secret),
            headers = { ["X-Request-Id"] = key, Location = "https://e.example/?api_key=" .. key },
          }
          check(refused(made({ api_key = key }):create { order(1) }), {})
          sandbox:clear_faults()
        end
      end
      for _, scenario in ipairs { "reset-after-body", "cut-body", "redirect/status=307/to=other" } do
        check(refused(broken(scenario, { api_key = key }):create { order(1) }), {})
      end
      check(refused(client(faults.url(nil, "refused"), { api_key = key }):create { order(1) }), {})
      check(tostring(made { api_key = key }), {})
      assert.equal(0, faults.count("", { listener = "other" }).requests)
    end)
  end)
end)
