-- Requests as the providers make them.
local errors = require "purchases.error"
local outcome = require "spec.support.outcome"
local requests = require "purchases.provider.request"

local refused = outcome.refused

describe("a request", function()
  it("has the path that its template and values make", function()
    local fields = { method = "GET", template = "/user/{user}/{id}?a={id}", values = { user = "a/b", id = 7 } }
    local request = assert(requests.new(fields))
    assert.equal(fields, request)
    assert.same({ "GET", "/user/a%2Fb/7?a=7" }, { request.method, request.path })
    assert.equal("/health/", requests.new({ template = "/health/" }).path)
  end)

  it("keeps the path that it is given", function()
    assert.equal("/a/{b}", requests.new({ path = "/a/{b}", template = "/c/{b}" }).path)
  end)

  it("is not made of values that cannot stand in a path", function()
    for _, bad in ipairs { "", "a\nb", "..", 2 ^ 60, {}, false } do
      local err = refused(requests.new { template = "/purchase/{id}", values = { id = bad } })
      assert.same({ "invalid_identifier", true }, { err.code, err.message:find("id ", 1, true) == 1 })
    end
    assert.equal("invalid_identifier", refused(requests.new { template = "/purchase/{id}" }).code)
  end)
end)

describe("what is not fit to be sent", function()
  it("is an error of one issue", function()
    local err = requests.invalid("invalid_iin", "an IIN has 6 digits", "iin")
    assert.is_true(errors.is(err))
    assert.same({ "validation", "invalid_iin", "an IIN has 6 digits", 1, 1 },
      { err.kind, err.code, err.message, err.total, #err.issues })
    assert.same({ index = 0, field = "iin", code = "invalid_iin", message = "an IIN has 6 digits" }, err.issues[1])
  end)
end)
