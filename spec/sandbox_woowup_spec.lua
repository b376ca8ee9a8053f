-- The WoowUp double: every call, every refusal in its own words.
local bodies = require "spec.support.bodies"
local cjson = require "cjson"
local common = require "spec.support.common"
local seeds = require "spec.support.seeds"
local shell = require "purchases.sandbox.shell"
local socket = require "socket"
local support = require "spec.support.sandbox"
local validate = require "purchases.sandbox.woowup.validate"

local merge = common.merge

local KEY = "sandbox-woowup-key"
local OK = '{"payload":[],"message":"ok","code":"ok"}'
local DUPLICATE = '{"payload":[],"message":"Duplicated purchase number","code":"duplicated_purchase_number"}'
local NO_USER = '{"payload":[],"message":"User not found","code":"user_not_found"}'
local NO_PURCHASE = '{"payload":{"errors":["purchase not found"]},"message":"purchase not found","code":"not_found"}'
local NO_BRANCH = '{"payload":{"errors":["branch not found"]},"message":"branch not found","code":"not_found"}'
local FORBIDDEN = '{"payload":[],"message":"forbidden: authentication failed","code":"forbidden"}'

-- A purchase as JSON: `members` is what it has besides the least, or instead of it; false leaves out.
local function purchase(invoice, members)
  local all = { invoice_number = invoice, document = "123", prices = { total = 10.5 },
    purchase_detail = { { sku = "A1", quantity = 1, unit_price = 10.5 } } }
  for name, value in pairs(members or {}) do
    all[name] = value or nil
  end
  return cjson.encode(all)
end

local function bulk(...)
  return "[" .. table.concat({ ... }, ",") .. "]"
end

local function complaints(...)
  return cjson.encode { ... }:gsub("\\/", "/")
end

describe("the WoowUp sandbox", function()
  local sandbox

  setup(function()
    sandbox = support.start { queue_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  -- Status, body without the time that it took, headers.
  local function call(method, path, body, key)
    local status, answer, headers = sandbox:call(method, "/apiv3/purchases" .. path,
      { body = body, headers = { authorization = "Basic " .. (key or KEY) } })
    local plain, count = answer:gsub(',"time":"%d+ms"}$', "}")
    assert.equal(1, count, answer)
    return status, (plain:gsub("\\/", "/")), headers
  end

  local function create(body)
    return call("POST", "", body)
  end

  local function create_many(...)
    return call("POST", "/bulk", bulk(...))
  end

  -- `expected` is the whole body but for the time, byte for byte.
  local function answers(expected_status, expected, status, body)
    assert.equal(expected, body)
    assert.equal(expected_status, status)
  end

  local function refuses(expected, status, body)
    answers(400, ('{"payload":{"errors":%s},"message":"bad request","code":"bad_request"}'):format(expected),
      status, body)
  end

  local function search(query)
    local status, body = call("GET", query)
    return status == 200 and cjson.decode(body).payload or status, body
  end

  -- The invoice numbers that a search finds.
  local function found(query)
    local numbers = {}
    local list = search(query)
    for i, one in ipairs(type(list) == "table" and list or {}) do
      numbers[i] = one.invoice_number
    end
    return table.concat(numbers, " ")
  end

  describe("authentication", function()
    local CALLS = {
      { "POST", "", purchase "1" }, { "POST", "/bulk", "[]" }, { "PUT", "", purchase "1" },
      { "GET", "?invoice_number=1" }, { "GET", "/iin/123456" }, { "DELETE", "", "{}" }, { "DELETE", "/bulk", "{}" },
    }

    it("is needed by every call", function()
      for _, c in ipairs(CALLS) do
        answers(403, FORBIDDEN, call(c[1], c[2], c[3], "wrong"))
        answers(403, FORBIDDEN, call(c[1], c[2], c[3], ""))
      end
      assert.equal(0, sandbox:counts().purchases)
    end)

    it("takes the raw key, however the scheme is written, and nothing else", function()
      local function with(authorization)
        return (sandbox:call("GET", "/apiv3/purchases/iin/123456", { headers = { authorization = authorization } }))
      end
      assert.equal(200, with("basic " .. KEY))
      for _, wrong in ipairs { KEY, "Bearer " .. KEY, "Basic c2FuZGJveC13b293dXAta2V5", "Basic" } do
        assert.equal(403, with(wrong))
      end
      assert.equal(403, (sandbox:call("GET", "/apiv3/purchases/iin/123456")))
    end)

    it("takes the key of its setting", function()
      sandbox:settings { woowup_api_key = "another" }
      assert.equal(403, (create(purchase "1")))
      assert.equal(200, (call("POST", "", purchase "1", "another")))
    end)
  end)

  describe("create", function()
    it("takes a purchase", function()
      answers(200, OK, create(purchase "F-1"))
      assert.equal("F-1", found "?invoice_number=F-1")
    end)

    it("says what is wrong with one", function()
      for body, problem in pairs {
        ["{"] = "Invalid JSON: no name at byte 2",
        [""] = "Invalid JSON: no value at byte 1",
        ["[]"] = "Value is not an object.",
        ["false"] = "Value is not an object.",
        ["{}"] = "Failed matching any of the provided schemas.",
        [purchase("1", { prices = { tax = 1 } })] = '/prices: Required properties missing: ["total"]',
        [purchase("1", { purchase_detail = { { sku = "-", quantity = 1, unit_price = 1 } } })]
          = "/purchase_detail/0/sku: Value does not match the pattern ^[^-][a-zA-Z0-9_%-]+$.",
      } do
        refuses(complaints(problem), create(body))
      end
      assert.equal(0, sandbox:counts().purchases)
    end)

    it("takes 262,144 bytes and not one more", function()
      local function of_size(size)
        local body = purchase("1", { metadata = { filling = "@" } })
        return (body:gsub("@", ("x"):rep(size - #body + 1)))
      end
      assert.equal(262145, #of_size(262145))
      refuses(complaints "Maximum size of data sent is 256KB", create(of_size(262145)))
      answers(200, OK, create(of_size(262144)))
    end)

    it("knows a number once for each branch and once for none, as text or not", function()
      for _, members in ipairs { {}, { branch_name = "A" }, { branch_name = "B" }, { branch_name = "" } } do
        answers(200, OK, create(purchase("7", members)))
        answers(500, DUPLICATE, create(purchase("7", members)))
        answers(500, DUPLICATE, create(purchase(7, members)))
      end
    end)

    it("knows the digits of any number", function()
      local function numbered(digits)
        return (purchase(1):gsub('"invoice_number":1', '"invoice_number":' .. digits))
      end
      answers(200, OK, create(numbered "123456789012345678901"))
      answers(200, OK, create(numbered "123456789012345678902"))
      answers(500, DUPLICATE, create(numbered '"123456789012345678902"'))
      refuses(complaints "/invoice_number: Value is neither a string nor an integer.", create(numbered "1.0"))
    end)

    it("wants a number that tells purchases apart, and somebody who bought", function()
      for _, number in ipairs { "", "7\n", "\0", "a\127" } do
        refuses(complaints "/invoice_number: Value is empty or has control characters.", create(purchase(number)))
      end
      refuses(complaints "Failed matching any of the provided schemas.", create(purchase("1", { document = "" })))
      answers(200, OK, create(purchase("1", { document = "", email = "a@b.c" })))
    end)

    it("misses customers whose identifier says so", function()
      for _, name in ipairs { "service_uid", "email", "document", "telephone" } do
        answers(500, NO_USER, create(purchase("1", merge({ document = false }, { [name] = "unknown-1" }))))
      end
      answers(200, OK, create(purchase("1", { document = "unknown", service_uid = "known" })))
      sandbox:settings { unknown_user = "" }
      answers(200, OK, create(purchase("2", { document = "unknown" })))
    end)
  end)

  describe("create many", function()
    it("takes all of them", function()
      answers(200, OK, create_many(purchase "1", purchase "2", purchase "3"))
      answers(200, OK, create_many())
      assert.equal("1 2 3", found "")
    end)

    it("takes none where one is bad, and names each bad one", function()
      refuses(complaints("/1: Failed matching any of the provided schemas.", "/3/document: Value is not a string."),
        create_many(purchase "1", "{}", purchase "2", purchase("3", { document = 5 })))
      refuses(complaints "Value is not an array.", call("POST", "/bulk", purchase "1"))
      refuses(complaints "Invalid JSON: neither a comma nor an end at byte 3", call("POST", "/bulk", "[1"))
      assert.equal(404, (search ""))
    end)

    it("takes none where one is taken, twice in it, or of an unknown user", function()
      create(purchase "1")
      answers(500, DUPLICATE, create_many(purchase "2", purchase "1"))
      answers(500, DUPLICATE, create_many(purchase "2", purchase "3", purchase(2)))
      answers(500, NO_USER, create_many(purchase "1", purchase("2", { document = "unknown" })))
      assert.equal("1", found "")
      answers(200, OK, create_many(purchase "2", purchase("2", { branch_name = "A" })))
    end)

    it("holds the size rule for each purchase, without what stands around it", function()
      local function of_size(invoice, size)
        local body = purchase(invoice, { metadata = { filling = "@" } })
        return (body:gsub("@", ("x"):rep(size - #body + 1)))
      end
      refuses(complaints "/1: Maximum size of data sent is 256KB",
        create_many(purchase "1", of_size("2", 262145), of_size("3", 262144)))
      answers(200, OK, create_many(of_size("1", 262144) .. "  ", "  " .. of_size("2", 262144)))
    end)

    it("takes a hundred of the largest", function()
      local list = {}
      for i = 1, 100 do
        list[i] = purchase("F-" .. i, { metadata = { filling = ("x"):rep(261900) } })
      end
      answers(200, OK, create_many(unpack and unpack(list) or table.unpack(list)))
    end)
  end)

  describe("update", function()
    local function update(body)
      return call("PUT", "", body)
    end

    it("replaces what a purchase says", function()
      create(purchase("1", { service_uid = "a", branch_name = "A" }))
      answers(200, OK, update(purchase("1", { service_uid = "b", points = 7 })))
      assert.equal(7, search("?invoice_number=1")[1].points)
      assert.same({ "", "1" }, { found "?service_uid=a", found "?service_uid=b" })
    end)

    it("keeps to the branch that it names", function()
      create_many(purchase("1", { branch_name = "A" }), purchase("1", { branch_name = "B" }))
      update(purchase("1", { branch_name = "B", points = 7 }))
      assert.same({ 0, 7 }, { search("?invoice_number=1")[1].points,
        search("?invoice_number=1&branch_name=B")[1].points })
    end)

    it("wants a purchase that is there, of a known user, and well formed", function()
      local inexistent = '{"payload":[],"message":"Purchase number inexistent","code":"inexistent_purchase_number"}'
      answers(500, inexistent, update(purchase "1"))
      create(purchase "1")
      answers(500, inexistent, update(purchase("1", { branch_name = "A" })))
      answers(500, NO_USER, update(purchase("1", { document = "unknown" })))
      refuses(complaints "Failed matching any of the provided schemas.", update "{}")
      refuses(complaints "Maximum size of data sent is 256KB", update(purchase("1", { url = ("x"):rep(262144) })))
    end)
  end)

  describe("search", function()
    it("shows a purchase in the shape of the page's example", function()
      create(purchase("F-1", {
        service_uid = "12345", email = "email@example.com", points = 24, channel = "web", branch_name = "Norte",
        purchase_detail = { { sku = "543V", product_name = "Manta", quantity = 2, unit_price = 999.5,
          custom_attributes = { code = "X" } } },
        prices = { total = 1999, tax = 5 }, createtime = "2017-03-23 14:35:22",
        payment = { type = "credit", brand = "Visa", bank = "Bank" }, custom_attributes = { last = "2017" },
        seller = { name = "S", email = "s@example.com" },
      }))
      local shown = search("?invoice_number=F-1")[1]
      assert.matches("^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d$", shown.downloadtime)
      shown.downloadtime = nil
      local null = cjson.null
      assert.same({
        service_uid = "12345", document = "123", email = "email@example.com", invoice_number = "F-1",
        channel = "web", purchase_detail = { items = { { product_id = "543V", product_name = "Manta", quantity = 2,
          price = 999.5, custom_attributes = { code = "X" } } } },
        prices = { total = 1999, gross = 0, discount = 0, shipping = 0, tax = 5, cost = 0 }, points = 24,
        createtime = "2017-03-23 14:35:22", custom_attributes = { last = "2017" }, cancel_transaction_id = null,
        branch = { id = 3, name = "Norte" }, payment = { type = "credit", brand = "Visa", name = "Bank" },
        purchase_operator = { name = "S", email = "s@example.com" }, pickup_store = null, promotions = null,
      }, shown)
    end)

    it("shows null for what was not said", function()
      create(purchase "F-1")
      local shown = search("?invoice_number=F-1")[1]
      local null = cjson.null
      assert.same({ null, null, null, { type = "other", brand = null, name = null }, null, shown.downloadtime },
        { shown.service_uid, shown.channel, shown.branch, shown.payment, shown.purchase_operator, shown.createtime })
      assert.is_nil(shown.custom_attributes)
    end)

    it("shows the digits that came", function()
      create((purchase("1"):gsub("10%.5", "1e400")))
      local _, body = search "?invoice_number=1"
      assert.truthy(body:find('"price":1e400', 1, true))
    end)

    it("shows several payments as several", function()
      create(purchase("1", { payment = { { type = "cash", total = 1 }, { type = "debit", total = 2 } } }))
      assert.same({ "cash", "debit" }, { search("?invoice_number=1")[1].payment[1].type,
        search("?invoice_number=1")[1].payment[2].type })
    end)

    it("finds by invoice number only the first one created", function()
      create_many(purchase("1", { branch_name = "A" }), purchase("1", { branch_name = "B" }), purchase "1")
      local list = search "?invoice_number=1"
      assert.same({ 1, "A" }, { #list, list[1].branch.name })
      assert.equal("B", search("?invoice_number=1&branch_name=B")[1].branch.name)
    end)

    it("finds by the number of the branch, together with an invoice number", function()
      create_many(purchase("1", { branch_name = "A" }), purchase("1", { branch_name = "B" }))
      local id = search("?invoice_number=1&branch_name=B")[1].branch.id
      assert.equal("B", search("?invoice_number=1&branch_id=" .. id)[1].branch.name)
      for _, wrong in ipairs { "99", "x", "1", id .. "&branch_name=A" } do
        answers(404, NO_PURCHASE, call("GET", "?invoice_number=1&branch_id=" .. wrong))
      end
      refuses(complaints '"branch_id" is only used together with "invoice_number"', call("GET", "?branch_id=" .. id))
    end)

    it("finds by customer and branch all that agree", function()
      create_many(purchase("1", { service_uid = "a b", branch_name = "A" }),
        purchase("2", { service_uid = "a b", branch_name = "B" }), purchase("3", { branch_name = "A" }))
      assert.same({ "1 2", "1 3", "1", "", "1 2 3" }, { found "?service_uid=a%20b", found "?branch_name=A",
        found "?service_uid=a+b&branch_name=A", found "?service_uid=a+b&invoice_number=3", found "?service_uid=" })
    end)

    it("says so where there is none", function()
      answers(404, NO_PURCHASE, call("GET", "?invoice_number=1"))
    end)
  end)

  it("knows the cards of a few banks", function()
    answers(200, '{"payload":{"scheme":"visa","brand":"Visa/Dankort","type":"debit","prepaid":"","country":"DK",'
      .. '"bank":{"name":"Spar Nord","logo":"","url":"www.sparnord.dk","phone":"","city":""}},'
      .. '"message":"ok","code":"ok"}', call("GET", "/iin/123456"))
    for _, digits in ipairs { "999999", "12345", "x" } do
      answers(404, '{"payload":{"errors":["IIN not found"]},"message":"IIN not found","code":"not_found"}',
        call("GET", "/iin/" .. digits))
    end
  end)

  describe("delete", function()
    local function delete(members)
      return call("DELETE", "", type(members) == "string" and members or cjson.encode(members))
    end

    it("removes a purchase, whose number is free again", function()
      create_many(purchase "1", purchase "2")
      answers(200, OK, delete { invoice_number = "1" })
      assert.equal("2", found "")
      answers(200, OK, create(purchase "1"))
      answers(200, OK, delete { invoice_number = 1 })
      assert.equal("2", found "")
    end)

    it("removes the first one created, or that of the branch", function()
      create_many(purchase("1", { branch_name = "A" }), purchase("1", { branch_name = "B" }),
        purchase("1", { branch_name = "C" }))
      answers(200, OK, delete { invoice_number = "1", branch_name = "B" })
      answers(200, OK, delete { invoice_number = "1" })
      assert.equal("C", search("?invoice_number=1")[1].branch.name)
    end)

    it("tells the missing number, branch and purchase apart", function()
      refuses([==[["Required properties missing: [\"invoice_number\"]"]]==], delete "{}")
      refuses(complaints "Value is not an object.", delete "[]")
      refuses(complaints "/branch_name: Value is not a string.", delete { invoice_number = "1", branch_name = 5 })
      answers(404, NO_PURCHASE, delete { invoice_number = "1" })
      answers(404, NO_BRANCH, delete { invoice_number = "1", branch_name = "nowhere" })
      answers(404, NO_PURCHASE, delete { invoice_number = "1", branch_name = "001" })
      sandbox:settings { branches = "nowhere,else" }
      answers(404, NO_PURCHASE, delete { invoice_number = "1", branch_name = "else" })
    end)
  end)

  describe("delete many", function()
    local function delete(members)
      return call("DELETE", "/bulk", type(members) == "string" and members or cjson.encode(members))
    end

    local function deletes(members)
      members.notify_to = "test@email.com"
      local status, body = delete(members)
      assert.equal(200, status, body)
      assert.matches('^{"payload":{"request_id":"%x+"},"message":"ok","code":"ok"}$', body)
      return found ""
    end

    before_each(function()
      create_many(purchase("1", { branch_name = "A", createtime = "2019-08-01 05:00:00" }),
        purchase("2", { branch_name = "B", createtime = "2019-08-15T12:00:00Z" }),
        purchase("3", { branch_name = "A", createtime = "2019-09-01 04:59:59" }),
        purchase("4", { branch_name = "B", createtime = "2019-09-01 05:00:00" }))
    end)

    it("removes what lies within both ends", function()
      assert.equal("1 4", deletes { from = "2019-08-01 05:00:01", to = "2019-09-01 04:59:59" })
      assert.equal("4", deletes { from = "2019-08-01 05:00:00", to = "2019-08-01 05:00:00" })
    end)

    it("removes by branch, within a period or at all", function()
      assert.equal("2 3 4", deletes { branch_name = "A", from = "2019-07-01", to = "2019-08-02" })
      assert.equal("2 4", deletes { branch_name = "A" })
      assert.equal("2", deletes { branch_name = "B", from = "2019-09-01" })
    end)

    it("takes purchases that do not say when they were made by their arrival", function()
      create(purchase "5")
      assert.equal("1 2 3 4", deletes { from = "2020-01-01", to = "2999-12-31" })
    end)

    it("goes by instants, whatever their zone", function()
      create_many(purchase("5", { createtime = "2021-03-01T00:30:00+02:00" }),
        purchase("6", { createtime = "2021-02-28 19:30:00.25-0300" }),
        purchase("7", { createtime = "2021-03-01T00:00Z" }))
      local times = {}
      for i = 5, 7 do
        times[i - 4] = search("?invoice_number=" .. i)[1].createtime
      end
      assert.same({ "2021-02-28 22:30:00", "2021-02-28 22:30:00", "2021-03-01 00:00:00" }, times)
      assert.equal("1 2 3 4 7", deletes { from = "2021-02-28 22:30:00", to = "2021-02-28 23:59:59" })
    end)

    it("wants a branch, or both ends", function()
      local expected = complaints "Failed matching any of the provided schemas."
      for _, body in ipairs { "{}", '{"from":"2019-08-01"}', '{"to":"2019-08-01","notify_to":"a@example.com"}' } do
        refuses(expected, delete(body))
      end
      refuses(complaints "Value is not an object.", delete "[]")
      refuses(complaints "/branch_name: Value is not a string.", delete '{"branch_name":5}')
    end)

    it("wants dates of the calendar in one format", function()
      for _, wrong in ipairs { "2019-8-1", "2019-02-30", "2019-08-01 24:00:00", "2019-08-01T05:00:00", "now",
        "2019-08-01 05:00", "2019-08-01  05:00:00" } do
        refuses(complaints "/from: Value does not match the format YYYY-MM-DD hh:mm:ss.",
          delete { from = wrong, to = "2019-08-02", notify_to = "test@email.com" })
      end
    end)

    it("wants somebody to notify", function()
      local expected = '{"payload":[],"message":"Invalid email to notify","code":"invalid_email"}'
      for _, wrong in ipairs { "", "x", "a@", "@b", "a b@c", 5, false } do
        answers(400, expected, delete { branch_name = "A", notify_to = wrong })
      end
      answers(400, expected, delete { branch_name = "A" })
      assert.equal("1 2 3 4", found "")
    end)

    it("misses unknown branches", function()
      answers(404, NO_BRANCH, delete { branch_name = "nowhere", notify_to = "a@example.com" })
    end)
  end)

  describe("the queue", function()
    it("keeps a purchase from sight, but not its number from being taken", function()
      sandbox:settings { queue_seconds = 1000 }
      answers(200, OK, create(purchase "1"))
      answers(404, NO_PURCHASE, call("GET", "?invoice_number=1"))
      answers(404, NO_PURCHASE, call("GET", ""))
      answers(404, NO_PURCHASE, call("DELETE", "", '{"invoice_number":"1"}'))
      assert.equal(500, (call("PUT", "", purchase "1")))
      answers(500, DUPLICATE, create(purchase "1"))
    end)

    it("lets go of purchases and of updates after its time", function()
      create(purchase "1")
      sandbox:settings { queue_seconds = 1.5 }
      create(purchase "2")
      call("PUT", "", purchase("1", { points = 7 }))
      assert.same({ "1", 0 }, { found "", search("?invoice_number=1")[1].points })
      assert.is_truthy(common.wait_until(function()
        return found "" == "1 2" and search("?invoice_number=1")[1].points == 7
      end))
    end)
  end)

  describe("the rate limit", function()
    it("lets so many through, then says how long to wait", function()
      sandbox:settings { rate_limit = 3 }
      for i = 1, 3 do
        assert.equal(200, (create(purchase(i))))
      end
      local status, body, headers = create(purchase "4")
      answers(429, [[{"payload":[],"message":"API's requests-per-second limit exceeded","code":"too_many_requests"}]],
        status, body)
      assert.equal("20", headers["retry-after"])
      assert.matches('"code":"too_many_request"', select(2, call("PUT", "", purchase "1")), 1, true)
      assert.equal(3, sandbox:counts().purchases)
    end)

    it("fills up again", function()
      sandbox:settings { rate_limit = 60 }
      local calls, status = 0
      repeat
        calls, status = calls + 1, (call("GET", "/iin/123456"))
      until status ~= 200
      assert.equal(429, status)
      assert.is_true(calls > 60, calls)
      assert.is_truthy(common.wait_until(function()
        return call("GET", "/iin/123456") == 200
      end))
    end)

    it("does not count those who may not come in", function()
      sandbox:settings { rate_limit = 1 }
      assert.equal(403, (call("GET", "/iin/123456", nil, "wrong")))
      assert.equal(200, (call("GET", "/iin/123456")))
    end)
  end)

  describe("audit", function()
    it("tells what arrived, by its bytes, and how often", function()
      local first, second = purchase("1", { branch_name = "A" }), purchase "2"
      create_many(first, " " .. second .. " ")
      create(second)
      call("DELETE", "", '{"invoice_number":"2"}')
      create(second)
      local _, md5 = shell.run("printf %s " .. shell.quote(first) .. " | md5sum | cut -d' ' -f1")
      assert.same({ { provider = "woowup", invoice_number = "1", branch_name = "A", digest = md5, received = 1 } },
        sandbox:purchases { invoice_number = "1", provider = "woowup" })
      local seconds = sandbox:purchases { invoice_number = "2" }
      assert.same({ 2, 2, 2, seconds[1].digest },
        { #seconds, seconds[1].received, seconds[2].received, seconds[2].digest })
      assert.equal(3, #sandbox:purchases())
      assert.same({}, sandbox:purchases { provider = "curebit" })
      assert.same({ 4, 3, 2, 1, { ["200"] = 3, ["500"] = 1 } }, { sandbox:counts().requests, sandbox:counts().purchases,
        sandbox:counts().distinct, sandbox:counts().repeated, sandbox:counts().statuses })
    end)

    it("shows no key", function()
      create(purchase "1")
      local _, text = sandbox:call("GET", "/_sandbox/audit")
      assert.is_nil(text:find(KEY, 1, true))
    end)

    it("is quick about many", function()
      local list = {}
      for i = 1, 10000 do
        list[i] = purchase(i)
      end
      local text = "[" .. table.concat(list, ",") .. "]"
      answers(200, OK, call("POST", "/bulk", text))
      local began = socket.gettime()
      assert.equal(10000, sandbox:counts().purchases)
      assert.equal(1, #sandbox:purchases { invoice_number = "9999" })
      assert.is_true(socket.gettime() - began < common.soon(1))
    end)
  end)

  describe("faults", function()
    it("replace an answer in the words of the API", function()
      for status, expected in pairs {
        [400] = '{"payload":[],"message":"bad request","code":"bad_request"}',
        [403] = FORBIDDEN,
        [404] = '{"payload":[],"message":"not found","code":"not_found"}',
        [429] = [[{"payload":[],"message":"API's requests-per-second limit exceeded","code":"too_many_requests"}]],
        [500] = '{"payload":[],"message":"","code":"internal_error"}',
        [503] = '{"payload":[],"message":"service unavailable","code":"service_unavailable"}',
      } do
        sandbox:fault { path = "/purchases", status = status, headers = { ["Retry-After"] = "5" } }
        local got, body, headers = create(purchase "1")
        answers(status, expected, got, body)
        assert.equal("5", headers["retry-after"])
      end
      assert.equal(0, sandbox:counts().purchases)
      sandbox:fault { method = "PUT", status = 429 }
      assert.matches('"too_many_request"', select(2, call("PUT", "", purchase "1")), 1, true)
    end)

    it("replace the answer behind a create that was carried out", function()
      sandbox:fault { path = "bulk", status = 500, effect = "applied" }
      answers(500, '{"payload":[],"message":"","code":"internal_error"}', create_many(purchase "1", purchase "2"))
      assert.equal("1 2", found "")
      answers(500, DUPLICATE, create_many(purchase "1", purchase "2"))
      assert.same({ 2, 0 }, { sandbox:counts().purchases, sandbox:counts().repeated })
    end)
  end)

  it("knows no other path or method, and says so in its envelope", function()
    local status, body, headers = call("PATCH", "", "{}")
    answers(405, '{"payload":[],"message":"method not allowed","code":"method_not_allowed"}', status, body)
    assert.equal("POST, PUT, GET, DELETE", headers.allow)
    answers(404, '{"payload":[],"message":"not found","code":"not_found"}', call("GET", "/nowhere"))
  end)

  it("answers whatever comes, and shows all that it took", function()
    local make, taken = bodies.generator(seeds.one "sandbox_woowup").woowup, 0
    local OUTCOMES = { ok = 200, bad_request = 400, duplicated_purchase_number = 500 }
    for _ = 1, 400 do
      local text = make()
      local status, body = create(text)
      assert.equal(OUTCOMES[cjson.decode(body).code], status)
      assert.equal(validate.purchase(text) == nil, status == 400)
      taken = taken + (status == 200 and 1 or 0)
    end
    assert.is_true(taken > 5)
    assert.equal(taken, #search "")
  end)

  it("has logged no failure of its own in all this", function()
    assert.is_nil(sandbox:log():find("sandbox: ", 1, true), sandbox:log())
  end)
end)

describe("the WoowUp double's rules", function()
  local LEAST = '"invoice_number":1,"purchase_detail":[],"prices":{"total":1}'

  local function with(members)
    return validate.purchase('{"document":"1",' .. LEAST .. (members and "," .. members or "") .. "}")
  end

  local function with_item(members)
    return validate.purchase('{"document":"1","invoice_number":1,"prices":{"total":1},"purchase_detail":['
      .. '{"sku":"A1","quantity":1,"unit_price":1}, {' .. members .. "}]}")
  end

  local ITEM = '"sku":"A1","quantity":1,"unit_price":1,'

  it("take the page's own example", function()
    assert.is_true(validate.purchase [[{"document": "123456789", "points": 24, "invoice_number": "FAC-000085643",
      "channel": "web", "purchase_detail": [{"sku": "2907362", "product_name": "Heladera Patrick",
      "category": [{ "id": "a", "name": "Electrodomésticos"}, "Linea blanca"], "quantity": 1, "unit_price": 1999.00,
      "variations": [{"name": "Volumen", "value": "100 lts"}], "stock": 10, "available": true,
      "specifications": [{"name": "Alto", "value": "143.3 cm"}], "manufacturer_warranty_date": "2018-12-31 23:59:59",
      "with_extension_warranty": true, "custom_attributes": {"millas": 300}}],
      "prices": {"cost": 800.00, "shipping": 120.00, "gross": 1800.00, "tax": 199, "discount": 100, "total": 1899},
      "payment":{"type":"credit", "brand":"Visa", "bank": "Example Bank", "total": 1899.00, "installments": 12,
      "card_first_digits": "123456"}, "branch_name": "Palermo I",
      "seller":{"name": "Seller Relles", "email": "seller@email.com", "external_id": "0001"},
      "createtime": "2017-03-23 14:35:22", "custom_attributes": {"fecha_max_cambio": "2017-03-26"}}]])
  end)

  it("want one of four identifiers, and three more members", function()
    for _, name in ipairs { "service_uid", "email", "document", "telephone" } do
      assert.is_true(validate.purchase('{"' .. name .. '":"1",' .. LEAST .. "}"))
    end
    local none = { nil, "Failed matching any of the provided schemas." }
    assert.same(none, { validate.purchase('{"document":"",' .. LEAST .. "}") })
    assert.same(none, { validate.purchase("{" .. LEAST .. "}") })
    for _, name in ipairs { "invoice_number", "purchase_detail", "prices" } do
      assert.same(none, { validate.purchase('{"document":"1",' .. LEAST:gsub(name, "x") .. "}") })
    end
  end)

  it("know the type of every member", function()
    for _, name in ipairs { "service_uid", "email", "telephone", "branch_name", "createtime", "approvedtime",
      "channel" } do
      assert.same({ nil, "/" .. name .. ": Value is not a string." }, { with('"' .. name .. '":null') })
    end
    for _, name in ipairs { "seller", "metadata", "custom_attributes", "payment" } do
      assert.same({ nil, "/" .. name .. ": Value is not an object." }, { with('"' .. name .. '":"x"') })
    end
    for _, name in ipairs { "metadata", "custom_attributes" } do
      assert.is_true(with('"' .. name .. '":{"x":[null]}'))
      assert.is_nil((with('"' .. name .. '":[]')))
    end
    assert.is_true(with '"anything":null')
  end)

  it("know the channels", function()
    for _, name in ipairs { "web", "telephone", "in-store", "corporate", "direct", "other" } do
      assert.is_true(with('"channel":"' .. name .. '"'))
    end
    assert.same({ nil, "/channel: Value is not one of: web, telephone, in-store, corporate, direct, other" },
      { with '"channel":"Web"' })
  end)

  it("want whole points, however they are written", function()
    for _, points in ipairs { "0", "-3", "24", "24.0", "2.50e1", "-0.0", "100e-2", "1e400", "0e-9", "0.0" } do
      assert.is_true(with('"points":' .. points), points)
    end
    for _, points in ipairs { "24.5", "1e-1", "25e-1", "100e-3", "1e-400", "0.99999999999999999999" } do
      assert.same({ nil, "/points: Number is not a multiple of 1." }, { with('"points":' .. points) }, points)
    end
    assert.same({ nil, "/points: Value is not a number." }, { with '"points":"1"' })
  end)

  it("a time of creation names an instant", function()
    local function is_sound(createtime)
      return (validate.purchase(purchase("1", { createtime = createtime })))
    end
    for _, sound in ipairs { "2019-08-01 05:00:00", "2020-02-29T23:59:59Z", "2020-02-29 23:59Z", "0001-01-01 00:00:00",
      "2019-08-01T05:00:00.123+05:30", "2019-08-01T05:00-0300", "9999-12-31 23:59:59" } do
      assert.is_true(is_sound(sound), sound)
    end
    for _, wrong in ipairs { "yesterday", "", "2019-08-01", "2019-02-29 00:00:00", "2019-08-01 24:00:00",
      "2019-08-01T05:00:00", "2019-08-01 05:00", "2019-08-01 05:00:00 ", "2019-08-01T05:00:00+24:00",
      "2019-08-01T05:00:00 Z", "01/08/2019 05:00:00", "2019-08-01 05:00:60", "2019-08-01T05:00:00.Z" } do
      assert.is_nil(is_sound(wrong), wrong)
    end
  end)

  it("know an item's members", function()
    for _, name in ipairs { "sku", "quantity", "unit_price" } do
      local item = (ITEM:gsub('"' .. name .. '"', '"x"') .. '"y":1')
      assert.same({ nil, ('/purchase_detail/1: Required properties missing: ["%s"]'):format(name) },
        { with_item(item) })
    end
    for _, name in ipairs { "base_name", "product_name", "brand", "description", "url", "image_url", "thumbnail_url",
      "manufacturer_warranty_date", "extension_warranty_date" } do
      assert.is_true(with_item(ITEM .. '"' .. name .. '":""'))
      assert.same({ nil, "/purchase_detail/1/" .. name .. ": Value is not a string." },
        { with_item(ITEM .. '"' .. name .. '":1') })
    end
    for _, name in ipairs { "available", "with_extension_warranty" } do
      assert.is_true(with_item(ITEM .. '"' .. name .. '":false'))
      assert.is_nil((with_item(ITEM .. '"' .. name .. '":0')))
    end
    assert.is_true(with_item(ITEM .. '"stock":1.5,"custom_attributes":{}'))
    assert.is_nil((with_item(ITEM .. '"stock":"1"')))
    assert.is_nil((with_item(ITEM .. '"custom_attributes":[]')))
    assert.is_true(with_item '"sku":"A1","quantity":-1,"unit_price":-1.5e3')
    assert.is_nil((with_item '"sku":"A1","quantity":1.0,"unit_price":1'))
    assert.is_nil((with_item '"sku":"A1","quantity":1e2,"unit_price":1'))
    assert.is_nil((with '"purchase_detail":{}'))
  end)

  it("know what a stock code looks like", function()
    local function sku(value)
      return with_item('"sku":"' .. value .. '","quantity":1,"unit_price":1')
    end
    for _, value in ipairs { "A1", "00", "é1", "😀_", " a", "%%", "a-", "\\u00e9-%_z" } do
      assert.is_true(sku(value), value)
    end
    for _, value in ipairs { "", "A", "-A", "A ", "Aé", "A\\n", "AB\\n", "A.1" } do
      assert.is_nil((sku(value)), value)
    end
  end)

  it("know categories, variations and specifications", function()
    assert.is_true(with_item(ITEM .. '"category":["a",{"id":"1","name":"b","url":"","image_url":""}]'))
    for _, wrong in ipairs { '"a"', "[1]", "[null]", '[{"id":"1"}]', '[{"id":1,"name":"b"}]', "[[]]",
      '[{"id":"1","name":"b","url":1}]' } do
      assert.is_nil((with_item(ITEM .. '"category":' .. wrong)), wrong)
    end
    for _, name in ipairs { "variations", "specifications" } do
      assert.is_true(with_item(ITEM .. '"' .. name .. '":[{"name":"a","value":"b"}]'))
      for _, wrong in ipairs { "{}", '[{"name":"a"}]', '[{"name":"a","value":1}]', '["a"]' } do
        assert.is_nil((with_item(ITEM .. '"' .. name .. '":' .. wrong)), wrong)
      end
    end
  end)

  it("know prices", function()
    local function priced(members)
      return validate.purchase('{"document":"1","invoice_number":1,"purchase_detail":[],"prices":{' .. members .. "}}")
    end
    for _, name in ipairs { "cost", "shipping", "gross", "tax", "discount" } do
      assert.same({ nil, ("/prices/%s: Value is not a number."):format(name) },
        { priced('"total":1,"' .. name .. '":""') })
      assert.is_true(priced('"total":1,"' .. name .. '":-0.5e1'))
    end
    assert.same({ nil, "/prices/total: Value is not a number." }, { priced '"total":"1"' })
    assert.same({ nil, '/prices: Required properties missing: ["total"]' }, { priced '"cost":1' })
  end)

  it("know one payment or several", function()
    for _, right in ipairs { '{"type":"credit"}', '{"type":"debit","total":1.5,"installments":3,"brand":"","bank":"",'
      .. '"card_first_digits":"012345"}', "[]", '[{"type":"cash","total":1},{"type":"other","total":2}]' } do
      assert.is_true(with('"payment":' .. right), right)
    end
    for _, wrong in ipairs { "{}", '{"type":"Credit"}', '[{"type":"cash"}]', '{"type":"cash","total":"1"}', "null",
      '{"type":"cash","installments":1.5}', '{"type":"cash","card_first_digits":"12345"}', '"cash"', "[[]]",
      '{"type":"cash","card_first_digits":"1234567"}', '{"type":"cash","card_first_digits":"12345\\n"}' } do
      assert.is_nil((with('"payment":' .. wrong)), wrong)
    end
  end)

  it("know sellers", function()
    local function seller(email)
      return with('"seller":{"name":"","external_id":"","email":' .. cjson.encode(email) .. "}")
    end
    for _, email in ipairs { "a.b+c@example-1.com", '"a b\\"@"@b', "a@[192.0.2.1]", "ñ@é.es", ("a"):rep(64) .. "@b",
      "a@" .. ("b"):rep(63) } do
      assert.is_true(seller(email), email)
    end
    for _, email in ipairs { "", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", ".a@b", "a..b@c", "a@b..c", "a@b_c",
      "a@-b", "a@b-", '"a@b', '"a"b@c', '"a\n"@b', "a@[]", "a@[b", ("a"):rep(65) .. "@b", "a@" .. ("b"):rep(64),
      "a@" .. ("b."):rep(130) .. "c" } do
      assert.same({ nil, "/seller/email: Value does not match the format email." }, { seller(email) }, email)
    end
    assert.is_nil((with '"seller":{"name":""}'))
    assert.is_nil((with '"seller":{"email":"a@b"}'))
  end)

  it("want JSON as RFC 8259 has it, a name once and not too many levels", function()
    for _, text in ipairs { "\239\187\191{}", '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":+1}',
      '{"a":NaN}', '{"a":"\t"}', '{"a":"\\x"}', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"a":"\192\128"}',
      '{"a":1,"a":1}', '{"a":1,"\\u0061":1}', "{} {}", "{}\0", ("["):rep(100000), '{"a"}', "nulll" } do
      local ok, problem = validate.purchase(text)
      assert.is_nil(ok)
      assert.matches("^Invalid JSON: ", problem)
    end
    local function deep(levels)
      return with('"metadata":{"x":' .. ("["):rep(levels - 2) .. ("]"):rep(levels - 2) .. "}")
    end
    assert.is_true(deep(512))
    assert.matches("^Invalid JSON: too many levels at byte 6%d%d$", select(2, deep(513)))
    assert.is_true(with '"metadata":{"\\u0000\\ud83d\\ude00":"\127","":-0.0e-0}')
  end)
end)
