local core = require "purchases.core"
local errors = require "purchases.error"

describe("an error", function()
  it("is one line for people", function()
    local err = errors.new { kind = "api", code = "http_404", message = "Purchase not found.", status = 404 }
    assert.equal("Purchase not found. (api, status 404)", tostring(err))
    err.provider = "ravenwits"
    assert.equal("ravenwits: Purchase not found. (api, status 404)", tostring(err))
    err.operation = "get"
    assert.equal("ravenwits get: Purchase not found. (api, status 404)", tostring(err))
  end)

  it("tells what may have arrived, and how often it was tried", function()
    local err = errors.new { kind = "transport", code = "timeout", message = "timed out", sent = "maybe", attempts = 1 }
    assert.equal("timed out (transport, it may have arrived)", tostring(err))
    err.sent = "yes" -- and the answer was cut
    assert.equal("timed out (transport, it may have arrived)", tostring(err))
    local refused = errors.new { kind = "api", status = 400, sent = "yes", message = "no" }
    assert.equal("no (api, status 400)", tostring(refused))
    err.method = "GET"
    assert.equal("timed out (transport)", tostring(err))
    err.sent, err.attempts, err.method = "no", 5, "POST"
    assert.equal("timed out (transport, 5 attempts)", tostring(err))
  end)

  it("names the first line and counts the rest", function()
    local err = errors.new {
      kind = "validation", code = "invalid_series", message = "not a number", total = 12,
      issues = { { line = 7, message = "not a number" } },
    }
    assert.equal("line 7: not a number (validation, 12 problems)", tostring(err))
    err.total, err.line = 1, 3
    assert.equal("line 3: not a number (validation)", tostring(err))
  end)

  it("shows no control characters and no credentials", function()
    local err = errors.new { kind = "api", code = "x", message = "a\r\nb\0c\27[31m api_key=geheim Bearer geheim" }
    assert.equal("a b\\u0000c\\u001b[31m api_key=*** Bearer *** (api)", tostring(err))
  end)

  it("is of the same type from C and from Lua", function()
    local _, from_c = core.json.valid "{"
    assert.is_true(errors.is(from_c))
    assert.is_true(errors.is(errors.new {}))
    assert.equal(getmetatable(from_c), getmetatable(errors.new {}))
    assert.equal("purchases.error", getmetatable(from_c).__name)
    assert.matches("^line %d+: .* %(validation%)$", tostring(from_c))
  end)

  it("is told from other values", function()
    for _, value in ipairs { "text", {}, 1, io.stdout, setmetatable({}, {}) } do
      assert.is_false(errors.is(value))
    end
    assert.is_false(errors.is(nil))
  end)

  it("can be shown even without a message", function()
    assert.equal("nil ()", tostring(errors.new {}))
  end)
end)
