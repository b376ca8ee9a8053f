-- One purchase as JSON text.
local outcome = require "spec.support.outcome"
local purchase = require "purchases.provider.purchase"
local schema = require "purchases.schema"

local refused = outcome.refused

describe("a purchase", function()
  it("that is a text stays as it is", function()
    local text = ' {"b":1.50, "a":"\\u00e9"}\n'
    assert.equal(text, purchase.encode(text, "create", 1))
  end)

  it("that is a table becomes JSON, or says why it cannot", function()
    assert.equal('{"a":[1],"b":0.1}', purchase.encode({ b = 0.1, a = { 1 } }, "create", 1))
    local err = refused(purchase.encode({ a = 0 / 0 }, "create", 1))
    assert.equal("invalid_json", err.code)
    assert.equal("/a", err.issues[1].field)
    assert.matches("^the purchase cannot be sent: JSON has no number for ", err.message)
  end)

  it("that is anything else raises, at the level that is asked for", function()
    local function call(level)
      local text = purchase.encode(7, "create", level)
      return text
    end
    local _, here = pcall(call, 1)
    assert.matches("^[^:]*purchase_spec.lua:%d+: create: expected a purchase as a table or a JSON text, got number$",
      here)
    local _, above = pcall(function()
      local text = call(2)
      return text
    end)
    assert.not_equal(here, above)
    assert.matches("^[^:]*purchase_spec.lua:%d+: create: ", above)
  end)

  it("must be what its schema says, and no longer than its API takes", function()
    local strict = assert(schema.compile '{"required":["id"]}')
    assert.equal('{"id":1}', purchase.check({ name = "api" }, strict, '{"id":1}'))
    assert.equal("schema_mismatch", refused(purchase.check({ name = "api" }, strict, "{}")).code)
    assert.equal('{"id":1}', purchase.check({ name = "api", max_purchase = 8 }, strict, '{"id":1}'))
    local err = refused(purchase.check({ name = "api", max_purchase = 7 }, strict, '{"id":1}'))
    assert.same({ "too_large", "the purchase has 8 bytes of JSON, api takes 7 at most" }, { err.code, err.message })
  end)

  it("has members, as they stand there", function()
    local text = '{"a":{"id":1}, "id" : "x\\u00e9" ,"n":1.0}'
    local value, first, last = purchase.member(text, "id")
    assert.same({ '"x\\u00e9"', value }, { value, text:sub(first, last) })
    assert.equal("1.0", (purchase.member(text, "n")))
    assert.is_nil((purchase.member(text, "x")))
  end)
end)
