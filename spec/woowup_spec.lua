-- The WoowUp provider: its pure functions first, then every call against the sandbox.
local cjson = require "cjson"
local errors = require "purchases.error"
local woowup = require "purchases.woowup"

local CONFIG = { api_key = "sandbox-key" }

-- How a request reads an answer.
local function read(request, status, body)
  local text = type(body) == "string" and body or cjson.encode(body)
  return request.read { status = status, body = text, headers = { ["x-request-id"] = "r-1" } }
end

local function refused(value, err)
  assert.is_nil(value)
  assert.is_true(errors.is(err))
  return err
end

local function ok(payload)
  return { payload = payload, message = "ok", code = "ok", time = "1ms" }
end

local function refusal(code, message, list)
  return { payload = list and { errors = list } or cjson.empty_array, message = message, code = code, time = "1ms" }
end

local RANGE = { from = "2019-08-01 05:00:00", to = "2019-09-01 04:59:59", notify_to = "a@b.example" }

local REQUESTS = {
  create_all = assert(woowup.create_many(CONFIG, "[{},{}]", 2)),
  find = assert(woowup.find(CONFIG, { invoice_number = "F-1" })),
  iin = assert(woowup.iin(CONFIG, "123456")),
  delete = assert(woowup.delete(CONFIG, { invoice_number = "F-1" })),
  delete_range = assert(woowup.delete_range(CONFIG, RANGE)),
}

describe("a WoowUp request", function()
  it("has the method, path and body of the API's page", function()
    for operation, expected in pairs {
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
    for text, code in pairs { ["2019-07-01"] = "invalid_datetime", [""] = "invalid_datetime",
      ["2019-02-29 00:00"] = "invalid_datetime" } do
      assert.equal(code, refused(range { from = text, to = "2027-01-01 00:00" }).code)
    end
    assert.equal("unknown_zone", refused(range { from = RANGE.from, to = RANGE.to, tz = "Europe/Madird" }).code)
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
    create_all = cjson.empty_array,
    find = { { invoice_number = "F-1" } },
    iin = { scheme = "visa", bank = { name = "Spar Nord" } },
    delete = cjson.empty_array,
    delete_range = { request_id = "XXX" },
  }

  for operation, request in pairs(REQUESTS) do
    it("is its payload: " .. operation, function()
      local payload = PAYLOADS[operation]
      assert.same(payload ~= cjson.empty_array and payload or {}, assert(read(request, 200, ok(payload))))
    end)

    it("of another success, or one that nobody can read, is no success: " .. operation, function()
      for _, case in ipairs {
        { 201, ok(PAYLOADS[operation]) }, { 204, "" }, { 200, "" }, { 200, "<html>" }, { 200, "null" }, { 200, '"ok"' },
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
