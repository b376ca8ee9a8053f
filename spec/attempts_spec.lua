-- A call over its attempts: what a lost answer, and then a duplicate, make of it.
local errors = require "purchases.error"
local attempts_type = require "purchases.call.attempts"
local purchases = require "purchases"

local DUPLICATE = { kind = "api", code = "duplicate", message = "m", status = 500, final = true, duplicate = true }
local REFUSED = { kind = "api", code = "http_429", message = "m", status = 429 }
local FAILED = { kind = "api", code = "http_500", message = "m", status = 500 }
local WRONG = { kind = "api", code = "wrong", message = "m", status = 400 }

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
  repeat
    attempts:start(0)
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
