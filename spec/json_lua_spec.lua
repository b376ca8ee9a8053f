local cjson = require "cjson"
local json = require "purchases.json"

local function pack(...)
  return { n = select("#", ...), ... }
end

-- The type of a number, which is the same for all of them in Lua 5.1.
local kind_of = math.type or function()
  return "integer"
end

describe("encoding JSON", function()
  local function encoded(value)
    local text, why = json.encode(value)
    assert.is_nil(why)
    return text
  end

  local function refusal(value)
    local text, why = json.encode(value)
    assert.is_nil(text)
    return why
  end

  it("writes values", function()
    for text, value in pairs {
      ["true"] = true, ["false"] = false, ["null"] = json.null, ['""'] = "", ['"a\\"b\\\\c"'] = 'a"b\\c',
      ['"\\u0000\\u001f"'] = "\0\31", ['"\226\130\172"'] = "\226\130\172",
      ["[]"] = json.empty_list, ["{}"] = {}, ["[1,2]"] = { 1, 2 }, ["[[],{}]"] = { json.empty_list, {} },
      ["[null]"] = { json.null },
    } do
      assert.equal(text, encoded(value))
    end
  end)

  it("writes numbers in their shortest form, digit for digit", function()
    for text, value in pairs {
      ["1"] = 1.0, ["-3"] = -3, ["0.1"] = 0.1, ["1.5"] = 1.5, ["9007199254740991"] = 2 ^ 53 - 1,
      ["0.30000000000000004"] = 0.1 + 0.2,
    } do
      assert.equal(text, encoded(value))
    end
    for _, value in ipairs { 1e300, 5e-324, 1e21, 1e-7, 123456.789, -0.000001 } do
      assert.equal(value, cjson.decode("[" .. encoded(value) .. "]")[1])
    end
  end)

  it("sorts names, so that equal values are equal texts", function()
    assert.equal('{"a":1,"b":{"x":[],"y":2},"c":3}', encoded { c = 3, a = 1, b = { y = 2, x = json.empty_list } })
  end)

  it("refuses what JSON cannot hold", function()
    assert.matches("^JSON has no number for ", refusal(0 / 0))
    assert.matches("^JSON has no number for ", refusal { math.huge })
    assert.matches("^JSON has no number for ", refusal { a = -math.huge })
    assert.equal("JSON cannot hold a function", refusal { a = print })
    assert.equal("JSON cannot hold a nil", refusal(nil))
    assert.equal("JSON cannot hold a thread", refusal(coroutine.create(function() end)))
    assert.equal("invalid UTF-8", refusal "\255")
    assert.equal("invalid UTF-8", refusal { ["\255"] = 1 })
  end)

  it("loses nothing in silence: no names beside a list, no gaps in one", function()
    assert.equal("a JSON list has neither names nor gaps", refusal { 1, 2, total = 2 })
    assert.equal("a JSON list has neither names nor gaps", refusal { 1, [3] = 3 })
    assert.equal("a JSON object's names must be strings", refusal { [2] = 2 })
    assert.equal("a JSON object's names must be strings", refusal { a = 1, [true] = 2 })
  end)

  it("ends where a table holds itself", function()
    local loop = {}
    loop[1] = loop
    assert.same({ n = 3, nil, "a table contains itself", "/0" }, pack(json.encode(loop)))
    loop = { a = {} }
    loop.a["b/~"] = { 1, loop }
    assert.same({ n = 3, nil, "a table contains itself", "/a/b~1~0/1" }, pack(json.encode(loop)))
    local twice = { 1 }
    assert.equal("[[1],[1]]", encoded { twice, twice })
  end)

  it("ends where tables are nested too deeply, without a path of the program", function()
    local deep = {}
    for _ = 1, 100000 do
      deep = { deep }
    end
    assert.equal("tables are nested too deeply", refusal(deep))
  end)

  it("says where the value stands", function()
    assert.same({ n = 3, nil, "JSON cannot hold a function", "/a/1" }, pack(json.encode { a = { 1, print } }))
    assert.same({ n = 3, nil, "invalid UTF-8", "/a" }, pack(json.encode { a = { ["\255"] = 1 } }))
  end)

  it("keeps the bytes of JSON that is a text", function()
    assert.equal('{"a":[1, 9007199254740993]}', encoded { a = json.text "[1, 9007199254740993]" })
  end)

  it("leaves the table as it is", function()
    local value = { b = { 1 }, a = "x" }
    encoded(value)
    assert.same({ b = { 1 }, a = "x" }, value)
  end)
end)

describe("decoding JSON", function()
  it("reads values", function()
    assert.same({ a = { 1, 2.5, "x", true, json.null } }, json.decode '{"a":[1,2.5,"x",true,null]}')
    assert.equal("text", json.decode '"text"')
    assert.equal(cjson.null, json.null)
  end)

  it("says what is wrong", function()
    local texts = { "", "{", "<html>", '{"a":1', "[1,]", "nul", '{"a":NaN}', "[Infinity]", "[-inf]", "[0x10]" }
    for _, text in ipairs(texts) do
      local value, why = json.decode(text)
      assert.is_nil(value, text)
      assert.is_string(why)
      assert.not_matches("%.lua", why)
    end
  end)

  it("ends with a text that is nested too deeply", function()
    local value, why = json.decode(("["):rep(100000))
    assert.is_nil(value)
    assert.is_string(why)
  end)

  it("takes nothing but a text", function()
    assert.is_nil((json.decode(nil)))
    assert.is_nil((json.decode {}))
  end)

  it("goes back and forth", function()
    local text = '{"a":[1,2.5,"x",true,null,{"b":[]}]}'
    assert.equal(text, json.encode(json.decode(text)))
    assert.equal("[{},[]]", json.encode(json.decode "[{},[ ]]"))
  end)

  it("gives whole numbers as integers, where this Lua has them", function()
    for text, value in pairs { ["1"] = 1, ["-3"] = -3, ["0"] = 0, ["9007199254740992"] = 2 ^ 53 } do
      local decoded = json.decode(text)
      assert.equal(value, decoded)
      assert.equal("integer", kind_of(decoded))
    end
    assert.equal("1", tostring(json.decode '{"idmodel":1}'.idmodel))
    assert.equal(-math.huge, 1 / json.decode "-0")
    assert.equal(1.5e3, json.decode "1.5E3")
    assert.equal(100, json.decode "1e2")
  end)

  it("keeps the digits of whole numbers that this Lua cannot hold, unless they may be rounded", function()
    local most = math.type and "9223372036854775808" or "9007199254740993"
    for _, text in ipairs { most, "-" .. most:gsub("8$", "9"), "12345678901234567000", ("1"):rep(400) } do
      assert.equal(text, json.decode(text))
    end
    assert.equal(12345678901234567000, json.decode("12345678901234567000", { nearest = true }))
    if math.type then
      assert.equal(math.mininteger, json.decode "-9223372036854775808")
      assert.equal(9007199254740993, json.decode "9007199254740993")
    end
  end)

  it("refuses a number that no double is near to", function()
    local value, why = json.decode "[1e400]"
    assert.is_nil(value)
    assert.equal("1e400 is too large for a number at byte 2", why)
    assert.equal(0, json.decode "1e-400")
  end)

  it("passes over the mark before a text", function()
    assert.same({ 1 }, json.decode "\239\187\191[1]")
    assert.is_nil((json.decode "\239\187[1]"))
  end)

  it("reads no more than what fits in the memory that it may take", function()
    local text = "[" .. ("{},"):rep(1000) .. "{}]"
    assert.equal(1001, #json.decode(text, { memory = 200000 }))
    assert.same({ n = 3, nil, "its values take more memory than is allowed at byte 155", "too_large" },
      pack(json.decode(text, { memory = 5000 })))
    local texts = "[" .. ('"abcdefgh",'):rep(1000) .. "1]"
    assert.equal(1001, #json.decode(texts, { memory = 200000 }))
    assert.equal("too_large", (select(3, json.decode(texts, { memory = 50000 }))))
  end)
end)

describe("json.valid", function()
  it("is the core's", function()
    assert.is_true(json.valid '{"a":1}')
    local _, err = json.valid '{"a":1,"a":2}'
    assert.same({ "validation", "duplicate_key" }, { err.kind, err.code })
  end)
end)
