-- The Curebit provider: its pure functions first, then every call against the sandbox.
local cjson = require "cjson"
local curebit = require "purchases.curebit"
local errors = require "purchases.error"

local CONFIG = { site = "my-shop", api_key = "sandbox-key" }

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

local function refusal(messages)
  return { success = false, error_messages = messages }
end

local REQUESTS = {
  create_all = assert(curebit.create_many(CONFIG, "[{},{}]", 2)),
  set_rewards_status = assert(curebit.set_rewards_status(CONFIG, "A-1", "approved")),
}

describe("a Curebit request", function()
  it("has the method, path and body of the API's page", function()
    for operation, expected in pairs {
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

describe("a Curebit answer", function()
  local GOOD = { create_all = 201, set_rewards_status = 200 }

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
