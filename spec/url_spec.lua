local url = require "purchases.provider.url"

local function refusal(value, err)
  assert.is_nil(value)
  assert.same({ "validation", "invalid_identifier", 1 }, { err.kind, err.code, err.total })
  return err.message
end

describe("an identifier in a URL", function()
  it("keeps RFC 3986's unreserved characters and no others", function()
    local kept = {}
    for byte = 32, 255 do
      local char = string.char(byte)
      local text = byte == 127 and "" or url.encode("x" .. char, "id")
      if text == "x" .. char then
        kept[#kept + 1] = char
      elseif byte ~= 127 then
        assert.equal(("x%%%02X"):format(byte), text)
      end
    end
    assert.equal("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~", table.concat(kept))
  end)

  it("stays in its segment", function()
    assert.equal("..%2F..%2Fadmin", url.encode("../../admin", "id"))
    assert.equal("a%252Fb%3Fc%23d%26e%3D%40%3A%5C", url.encode("a%2Fb?c#d&e=@:\\", "id"))
    assert.equal("%E2%82%AC%20x", url.encode("\226\130\172 x", "id"))
    assert.equal("...", url.encode("...", "id"))
    assert.equal("id must not be '.' or '..'", refusal(url.encode(".", "id")))
    assert.equal("id must not be '.' or '..'", refusal(url.encode("..", "id")))
  end)

  it("is refused when it is empty or holds a control character", function()
    for _, value in ipairs { "", false, {} } do
      assert.equal("user must be a text that is not empty", refusal(url.encode(value, "user")))
    end
    assert.equal("user must be a text that is not empty", refusal(url.encode(nil, "user")))
    for byte = 0, 31 do
      assert.equal("user must not hold control characters", refusal(url.encode("a" .. string.char(byte), "user")))
    end
    assert.equal("user must not hold control characters", refusal(url.encode("\127", "user")))
  end)

  it("may be a number, in all its digits", function()
    for text, number in pairs {
      ["0"] = 0, ["123"] = 123, ["1"] = 1.0, ["-5"] = -5, ["1.5"] = 1.5, ["1000000000000000"] = 1e15,
      ["1234567890123456"] = 1234567890123456, ["9007199254740992"] = 2 ^ 53,
    } do
      assert.equal(text, url.encode(number, "id"))
    end
  end)

  it("is no number that cannot be told from its neighbours", function()
    for _, number in ipairs { 2 ^ 53 + 2, -2 ^ 60, 1e300, math.huge, -math.huge, 0 / 0 } do
      assert.equal("id is too large for a number: write it as a text", refusal(url.encode(number, "id")))
    end
  end)

  it("goes into its place of a template", function()
    assert.equal("/user/a%20b/purchase/7/get?x=%26",
      url.expand("/user/{user}/purchase/{id}/get?x={x}", { user = "a b", id = 7, x = "&" }))
    assert.equal("/health/", url.expand("/health/", {}))
    assert.equal("/%7Bid%7D/", url.expand("/{user}/", { user = "{id}", id = "no" }))
    assert.equal("/%251/", url.expand("/{user}/", { user = "%1" }))
  end)

  it("is missing from a template by name", function()
    assert.equal("id must be a text that is not empty", refusal(url.expand("/{user}/{id}", { user = "u" })))
    assert.equal("user must not hold control characters",
      refusal(url.expand("/{user}/{id}", { user = "\r", id = "" })))
  end)
end)
