-- The Curebit double: every call, every refusal in its own words.
local bodies = require "spec.support.bodies"
local cjson = require "cjson"
local seeds = require "spec.support.seeds"
local shell = require "purchases.sandbox.shell"
local support = require "spec.support.sandbox"
local validate = require "purchases.sandbox.curebit.validate"

local KEY = "?api_key=sandbox-curebit-key"
local SHOP = "/api/v1/sites/sandbox-shop/purchases/"
local SUCCESS = '{"success":true}'

local function order(number, subtotal)
  return ('{"email":"customer@mail.com","order_number":%s,"order_date":"2014-03-13 12:49:54","subtotal":%s}')
    :format(number, subtotal or 500)
end

local function list(...)
  return '{"purchases":[' .. table.concat({ ... }, ",") .. "]}"
end

local function failure(messages)
  return (cjson.encode { error_messages = messages }:gsub("^{", '{"success":false,'):gsub("\\/", "/"))
end

describe("the Curebit sandbox", function()
  local sandbox

  setup(function()
    sandbox = support.start()
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function call(method, path, body)
    local status, answer, headers = sandbox:call(method, path, { body = body })
    return status, (answer:gsub("\\/", "/")), headers
  end

  local function create(body, key)
    return call("POST", SHOP .. "create" .. (key or KEY), body)
  end

  local function set(number, status, key)
    return call("PUT", SHOP .. number .. "/set_rewards_status" .. (key or KEY) .. "&status=" .. status)
  end

  -- `expected` is the whole body, byte for byte.
  local function answers(expected_status, expected, status, body)
    assert.equal(expected, body)
    assert.equal(expected_status, status)
  end

  local function accepted()
    return sandbox:counts().purchases
  end

  describe("every call", function()
    it("wants the key of the site", function()
      for _, key in ipairs { "?api_key=wrong", "?api_key=", "?x=1" } do
        answers(403, failure "Invalid api_key", create(list(order(1)), key))
        answers(403, failure "Invalid api_key", set(1, "approved", key))
      end
      assert.equal(0, accepted())
    end)

    it("wants a site that is there, whatever the key", function()
      for _, key in ipairs { KEY, "?api_key=wrong" } do
        local expected = failure "An exception occurred. No site found by site_slug: my shop"
        answers(404, expected, call("POST", "/api/v1/sites/my%20shop/purchases/create" .. key, list(order(1))))
        answers(404, expected, call("PUT", "/api/v1/sites/my%20shop/purchases/1/set_rewards_status" .. key))
      end
    end)

    it("takes the site and the key of its settings", function()
      sandbox:settings { curebit_site = "my-shop", curebit_api_key = "my-key" }
      assert.equal(404, (create(list(order(1)))))
      answers(201, SUCCESS, call("POST", "/api/v1/sites/my-shop/purchases/create?api_key=my-key", list(order(1))))
      assert.equal("my-shop", sandbox:purchases()[1].site)
    end)

    it("shows its key in no audit", function()
      create(list(order(1)))
      local _, text = sandbox:call("GET", "/_sandbox/audit")
      assert.is_nil(text:find("sandbox-curebit-key", 1, true))
    end)
  end)

  describe("create", function()
    it("takes the page's own example, and an empty list", function()
      answers(201, SUCCESS, create [[{"purchases": [
        {"email": "1st_customer@mail.com", "order_number": 1, "order_date": "2014-03-13 12:49:54", "subtotal": 500},
        {"email": "2nd_customer@mail.com", "order_number": 2, "order_date": "2014-03-14 05:49:54", "subtotal": 100,
          "items": [{"price": 25, "quantity": 4, "product_id": "TSHIRT"}]}]}]])
      answers(201, SUCCESS, create(list()))
      assert.equal(2, accepted())
    end)

    it("wants purchases", function()
      for body, problem in pairs {
        ["{}"] = '"purchases" must be an array of objects', ["[]"] = '"purchases" must be an array of objects',
        ['{"purchases":{}}'] = '"purchases" must be an array of objects',
        ['{"purchases":[1,]}'] = "Invalid JSON: no value at byte 17",
        ['{"purchases":[],"purchases":[]}'] = "Invalid JSON: a name that the object already has at byte 17",
        [""] = "Invalid JSON: no value at byte 1",
      } do
        answers(400, failure { problem }, create(body))
      end
    end)

    it("takes none where one is bad, and names each bad one", function()
      answers(400, failure { "/purchases/1: Value is not an object.",
        '/purchases/2: Required properties missing: ["email","subtotal","order_number","order_date"]',
        "/purchases/3/subtotal: Value is not a number." },
        create(list(order(1), "5", "{}", order(3, '"500"'))))
      assert.equal(0, accepted())
    end)

    it("wants a number that tells orders apart", function()
      for _, number in ipairs { '""', '"7\\n"', '"\\u0000"', '"a\127"' } do
        answers(400, failure { "/purchases/0/order_number: Value is empty or has control characters." },
          create(list(order(number))))
      end
      assert.equal(0, accepted())
    end)

    it("takes an order once, and no request with one that is taken", function()
      answers(201, SUCCESS, create(list(order(1))))
      answers(400, failure { "Order number 1 has already been taken" }, create(list(order(2), order(1))))
      answers(400, failure { "Order number 1 has already been taken" }, create(list(order '"1"')))
      answers(400, failure { "Order number 3 has already been taken" }, create(list(order(3), order '"3"')))
      assert.equal(1, accepted())
    end)
  end)

  describe("set_rewards_status", function()
    before_each(function()
      create(list(order(1), order '"a/b c"', order(3, "0.00")))
    end)

    it("sets each status, more than once too", function()
      for _, status in ipairs { "approved", "voided", "unrewarded" } do
        sandbox:reset()
        create(list(order(1)))
        answers(200, SUCCESS, set(1, status))
        answers(200, SUCCESS, set(1, status))
        assert.equal(status, sandbox:purchases({ order_number = "1" })[1].rewards_status)
      end
    end)

    it("turns approved and voided into each other on no way", function()
      set(1, "approved")
      answers(400, failure "Purchase is already approved and can not be voided", set(1, "voided"))
      answers(200, SUCCESS, set(1, "unrewarded"))
      answers(400, failure "Purchase is already approved and can not be voided", set(1, "voided"))
      answers(200, SUCCESS, set(1, "approved"))
      set("a%2Fb%20c", "voided")
      answers(400, failure "Purchase is already voided and can not be approved", set("a%2Fb%20c", "approved"))
      assert.equal("voided", sandbox:purchases({ order_number = "a/b c" })[1].rewards_status)
    end)

    it("notes that an order has no rewards", function()
      for _, status in ipairs { "approved", "voided", "approved" } do
        answers(200, '{"success":true,"notice":"no rewards"}', set(3, status))
      end
    end)

    it("tells a wrong status from an unknown order", function()
      local wrong = failure '"status" must be one of approved, voided, unrewarded'
      for _, status in ipairs { "", "Approved", "paid" } do
        answers(400, wrong, set(1, status))
      end
      answers(400, wrong, call("PUT", SHOP .. "1/set_rewards_status" .. KEY))
      answers(400, failure "Couldn't find Purchase with order_number = 9/9", set("9%2F9", "voided"))
    end)
  end)

  it("keeps books of what arrived, by its bytes", function()
    local one, two = order(1), order(2)
    create('{"x":[{}], "purchases": [ ' .. one .. " , " .. two .. "]}")
    local _, md5 = shell.run("printf %s " .. shell.quote(two) .. " | md5sum | cut -d' ' -f1")
    assert.same({ { provider = "curebit", site = "sandbox-shop", order_number = "2", digest = md5, received = 1 } },
      sandbox:purchases { order_number = "2" })
  end)

  describe("faults", function()
    it("replace an answer in the words of the API", function()
      for status, message in pairs { [403] = "Invalid api_key", [429] = "Too many requests",
        [500] = "Internal server error", [503] = "Service unavailable", [418] = "Error 418" } do
        sandbox:fault { path = "/purchases/create", status = status }
        answers(status, failure(message), create(list(order(1))))
      end
      assert.equal(0, accepted())
    end)

    it("replace the answer behind a create that was carried out", function()
      sandbox:fault { path = "create", status = 502, effect = "applied" }
      answers(502, failure "Bad gateway", create(list(order(1))))
      answers(400, failure { "Order number 1 has already been taken" }, create(list(order(1))))
      assert.equal(1, accepted())
    end)
  end)

  it("knows no other path or method, and says so in its envelope", function()
    local status, body, headers = call("GET", SHOP .. "create" .. KEY)
    answers(405, failure "Method not allowed", status, body)
    assert.equal("POST", headers.allow)
    answers(404, failure "Not found", call("GET", "/api/v1/sites/sandbox-shop" .. KEY))
  end)

  it("answers whatever comes", function()
    local make, seen = bodies.generator(seeds.one "sandbox_curebit").curebit, {}
    for _ = 1, 300 do
      local text = make()
      local status = create(list(text))
      assert.is_true(status == 201 or status == 400, status)
      assert.is_true(status == 400 or validate.purchase(text), text)
      seen[status] = true
    end
    assert.same({ [201] = true, [400] = true }, seen)
  end)

  it("has logged no failure of its own in all this", function()
    assert.is_nil(sandbox:log():find("sandbox: ", 1, true), sandbox:log())
  end)
end)

describe("the Curebit double's rules", function()
  -- A purchase with one member as given.
  local function with(name, value)
    local members = { email = '"a@b.c"', subtotal = "1", order_number = "1", order_date = '"2014-03-13 12:49:54"' }
    members[name] = value
    local parts = {}
    for member, text in pairs(members) do
      parts[#parts + 1] = ('"%s":%s'):format(member, text)
    end
    return validate.purchase("{" .. table.concat(parts, ",") .. "}")
  end

  it("take numbers and texts where they belong", function()
    for _, number in ipairs { "1", '"1"', "-1", "123456789012345678901" } do
      assert.is_true(with("order_number", number))
    end
    for _, wrong in ipairs { "1.0", "1e2", "null", "true", "[]", '""' } do
      assert.is_nil((with("order_number", wrong)))
    end
    assert.is_true(with("subtotal", "-1.5e3"))
    assert.is_nil((with("subtotal", '"1"')))
    assert.is_true(with("anything", "null"))
  end)

  it("want an e-mail address", function()
    for _, wrong in ipairs { '""', '"a"', '"a@"', '"@b"', "1", "null" } do
      assert.is_nil((with("email", wrong)))
    end
  end)

  it("take dates in UTC or with a time zone", function()
    for _, date in ipairs { "2014-03-13 12:49:54", "2014-03-13T12:49:54", "2014-03-13T12:49:54Z",
      "2014-03-13 12:49:54+02:00", "2014-03-13T12:49:54.123-0330", "2016-02-29 00:00:00" } do
      assert.is_true(with("order_date", '"' .. date .. '"'), date)
    end
    for _, date in ipairs { "2014-03-13", "2014-03-13 12:49", "2014-03-13 24:00:00", "2014-02-29 00:00:00", "",
      "2014-03-13 12:49:60", "2014-03-13 12:49:54+24:00", "2014-03-13 12:49:54 CET", "13.03.2014 12:49:54",
      "2014-03-13  12:49:54", "2014-03-13 12:49:54\\n", "0000-01-01 00:00:00", "2014-03-13 12:49:54." } do
      assert.is_nil((with("order_date", '"' .. date .. '"')), date)
    end
    assert.is_nil((with("order_date", "1394714994")))
  end)

  it("know items", function()
    for _, right in ipairs { "[]", "[{}]", '[{"price":1.5,"quantity":1.5,"product_id":"A"}]', '[{"product_id":7}]' } do
      assert.is_true(with("items", right), right)
    end
    for _, wrong in ipairs { "{}", "null", "[1]", '[{"price":"1"}]', '[{"quantity":"1"}]', '[{"product_id":null}]' } do
      assert.is_nil((with("items", wrong)), wrong)
    end
    assert.same({ nil, "/items/1/price: Value is not a number." }, { with("items", '[{},{"price":true}]') })
  end)
end)
