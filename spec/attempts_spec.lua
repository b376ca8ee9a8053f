-- A call over its attempts: what a lost answer, and then a duplicate, make of it.
local errors = require "purchases.error"
local answer = require "purchases.provider.answer"
local attempts_type = require "purchases.call.attempts"
local purchases = require "purchases"

local DUPLICATE = { kind = "api", code = "duplicate", message = "m", status = 500, final = true, duplicate = true }
local REFUSED = { kind = "api", code = "http_429", message = "m", status = 429 }
local FAILED = { kind = "api", code = "http_500", message = "m", status = 500 }
local WRONG = { kind = "api", code = "wrong", message = "m", status = 400, final = true }
local ASTRAY = { kind = "api", code = "http_404", message = "m", status = 404, body = "<html><b>No</b>\n such page" }
local AUTH = { kind = "auth", code = "http_403", message = "m", status = 403 }

local function copy(fields)
  local all = {}
  for name, value in pairs(fields) do
    all[name] = value
  end
  return errors.new(all)
end

local function client(attempts)
  return purchases.woowup.new { api_key = "k", retry = { attempts = attempts or 5, base = 0.001 } }
end

-- A call whose attempts end with these errors, and then with a success. `fields` are its request's.
local function call(endings, fields, opts)
  local turn = 0
  local request = {
    operation = "create",
    method = "POST",
    path = "/",
    repeatable = true,
    read = function()
      turn = turn + 1
      if endings[turn] then
        return nil, copy(endings[turn])
      end
      return { created = true }
    end,
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  local attempts = attempts_type.new(client().sender, request, opts or {})
  attempts.fresh_ones = {}
  repeat
    attempts.fresh_ones[turn + 1] = attempts:start(0).fresh_connection or false
    local verdict = attempts:finish({ status = 200, headers = {}, body = "" }, nil, 0)
  until verdict == "done"
  return attempts
end

local function known(err)
  return err.duplicate and { duplicate = true } or nil
end

describe("a call with a natural key", function()
  local KEYED = { repeated = known }

  it("that is told of a duplicate after a lost answer has succeeded", function()
    local attempts = call({ FAILED, DUPLICATE }, KEYED)
    assert.same({ { duplicate = true }, 2 }, { attempts.value, attempts.count })
    assert.is_nil(attempts.err)
    assert.same({ duplicate = true }, call({ FAILED, REFUSED, DUPLICATE }, KEYED).value)
  end)

  it("that is told of a duplicate at once, or after a refusal, is in conflict", function()
    for _, endings in ipairs { { DUPLICATE }, { REFUSED, DUPLICATE } } do
      local attempts = call(endings, KEYED)
      assert.is_nil(attempts.value)
      assert.same({ "duplicate", "rejected", false, #endings },
        { attempts.err.code, attempts.err.outcome, attempts.err.retryable, attempts.count })
    end
  end)

  it("that is told of something else after a lost answer is rejected for that", function()
    local err = call({ FAILED, WRONG }, KEYED).err
    assert.same({ "wrong", "rejected" }, { err.code, err.outcome })
  end)

  it("carries what an earlier call may have brought", function()
    local attempts = call({ DUPLICATE }, KEYED, { maybe = true })
    assert.same({ { duplicate = true }, 1 }, { attempts.value, attempts.count })
    assert.is_true(attempts.maybe)
    assert.is_false(call({}, KEYED).maybe)
  end)

  it("is in doubt where a duplicate does not tell whose it is", function()
    local err = call({ FAILED, DUPLICATE }, { repeated = function() end }).err
    assert.same({ "duplicate", "unknown", "maybe", false }, { err.code, err.outcome, err.sent, err.retryable })
  end)
end)

describe("once an attempt may have arrived", function()
  it("no later answer makes it less than unknown (fault 34)", function()
    local function status(code)
      return { kind = "api", code = "http_" .. code, message = "m", status = code }
    end
    local redirect = { kind = "protocol", code = "redirect", message = "m", status = 301 }
    for _, later in ipairs { ASTRAY, AUTH, status(400), status(405), status(408), status(421), status(425), status(429),
      status(409), redirect } do
      for _, fields in ipairs { { repeated = known }, { repeatable = false } } do
        local attempts = call({ FAILED, later, later, later, later, later }, fields, { on_unknown = "retry" })
        assert.same({ "unknown", "maybe" }, { attempts.err.outcome, attempts.err.sent }, later.code)
        assert.equal(later == AUTH and 2 or 5, attempts.count)
      end
    end
  end)

  it("it is repeated until an answer tells of it", function()
    local attempts = call({ FAILED, ASTRAY, ASTRAY, ASTRAY, DUPLICATE }, { repeated = known })
    assert.same({ { duplicate = true }, 5 }, { attempts.value, attempts.count })
    assert.same({ created = true }, call({ FAILED, ASTRAY, ASTRAY }, { repeated = known }).value)
  end)

  it("the API's verdict on the data stands, but one that may tell of a duplicate does not (fault 42)", function()
    assert.equal("rejected", call({ FAILED, WRONG }).err.outcome)
    local vague = { kind = "api", code = "http_400", message = "taken", status = 400, final = true, ambiguous = true }
    assert.equal("rejected", call({ vague }).err.outcome)
    local err = call({ FAILED, vague }).err
    assert.same({ "unknown", "taken", false }, { err.outcome, err.message, err.retryable })
  end)
end)

describe("an answer that is not about the call", function()
  it("may be a stray one: what can be repeated is, once, on a new connection", function()
    local attempts = call { ASTRAY }
    assert.same({ { created = true }, { false, true } }, { attempts.value, attempts.fresh_ones })
    attempts = call { ASTRAY, ASTRAY }
    assert.same({ 2, "pending", false }, { attempts.count, attempts.err.outcome, attempts.err.retryable })
    assert.equal(5, call({ ASTRAY, REFUSED, ASTRAY, REFUSED, ASTRAY, REFUSED }).count)
    attempts = call({ ASTRAY }, { repeatable = false })
    assert.same({ 1, "pending", false }, { attempts.count, attempts.err.outcome, attempts.err.retryable })
  end)

  it("is named with its address, its status and its first words", function()
    local err = call { ASTRAY, ASTRAY }.err
    assert.equal("the server answers 404 to POST https://api.woowup.com/apiv3/, and not as the API does; "
      .. "check base_url: No such page", err.message)
    assert.equal("https://api.woowup.com/apiv3/", err.url)
    local long = copy(ASTRAY)
    long.body = ("w\195\182rd "):rep(1000)
    local message = call({ long }, { repeatable = false }).err.message
    assert.matches(": w\195\182rd [^%z]*w\195\182rd %.%.%.$", message)
    assert.is_true(#message < 250)
  end)

  it("is named so where it has a status of a success, and may be another server's", function()
    local page = { status = 200, headers = {}, body = "<html><b>Welcome</b>\n to nginx!" }
    for method, remark in pairs { GET = "", POST = ", it may have arrived" } do
      for status, expected in pairs { [200] = "expected a JSON object, got a text that is not JSON: .*",
        [201] = "expected status 201, got 200" } do
        local _, foreign = answer.expect(page, status)
        local err = call({ foreign }, { method = method, repeatable = false }).err
        assert.same({ "protocol", "unexpected_answer", "unknown", 1, "https://api.woowup.com/apiv3/" },
          { err.kind, err.code, err.outcome, err.attempts, err.url })
        assert.matches("^woowup create: the server answers 200 to " .. method .. " https://api.woowup.com/apiv3/, "
          .. "and not as the API does %(" .. expected .. "%); check base_url: Welcome to nginx! "
          .. "%(protocol, status 200" .. remark .. "%)$", tostring(err))
      end
    end
  end)

  it("is 'not found' to a call, in the API's own words, and says nothing of an item of a job", function()
    local absent = copy(ASTRAY)
    absent.own = true
    local err = call({ absent }).err
    assert.same({ 1, "rejected", "m" }, { err.attempts, err.outcome, err.message })
    err = call({ absent }, { general = true }).err
    assert.same({ 1, "rejected", "the server answers 404 to POST https://api.woowup.com/apiv3/; check base_url: m" },
      { err.attempts, err.outcome, err.message })
    err = call({ absent, absent }, {}, { in_job = true }).err
    assert.same({ 2, "pending", "m" }, { err.attempts, err.outcome, err.message })
    assert.equal("unknown", call({ FAILED, absent, absent, absent, absent }).err.outcome)
    assert.equal("rejected", call({ FAILED, absent }, { method = "GET" }).err.outcome)
  end)
end)

describe("a refusal for now", function()
  it("is repeated, whatever the call, on a new connection", function()
    for _, fields in ipairs {
      { status = 429 }, { status = 421 }, { status = 425 }, { status = 408, unfinished = true },
    } do
      local refused = copy(fields)
      refused.kind, refused.code, refused.message = "api", "later", "m"
      local attempts = call({ refused, refused }, { repeatable = false })
      assert.same({ { created = true }, { false, true, true } }, { attempts.value, attempts.fresh_ones })
      local err = call({ refused, refused, refused, refused, refused }, { repeatable = false }).err
      assert.same({ "pending", true, 5 }, { err.outcome, err.retryable, err.attempts })
    end
  end)

  it("says in the end how long the server wants one to wait, however long that is", function()
    for text, pause in pairs { ["86400"] = " (the server wants a pause of 86400 s)", ["0"] = "", soon = "",
      [("9"):rep(20)] = " (the server wants a pause of 100000000000000000000 s)" } do
      local attempts = attempts_type.new(client(1).sender, { operation = "create", method = "POST", path = "/",
        read = function()
          return nil, copy(REFUSED)
        end }, {})
      attempts:start(0)
      assert.equal("done", (attempts:finish({ status = 429, headers = { ["retry-after"] = text }, body = "" }, nil, 0)))
      assert.equal("m" .. pause, attempts.err.message)
    end
  end)

  it("is none where the whole body had arrived: 408 leaves it open", function()
    local late = { kind = "api", code = "http_408", message = "m", status = 408 }
    local err = call({ late }, { repeatable = false }).err
    assert.same({ "unknown", 1 }, { err.outcome, err.attempts })
    assert.same({ created = true }, call({ late }).value)
  end)
end)
