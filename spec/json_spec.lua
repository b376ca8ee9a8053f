local json = require("purchases.core").json

-- What `nil, err` says.
local function refusal(value, err)
  assert.is_nil(value)
  return { err.kind, err.code, err.position, err.line, err.column }
end

local function hex(text)
  return (text:gsub(".", function(byte)
    return (byte:byte() < 32 or byte:byte() > 126) and ("\\x%02x"):format(byte:byte()) or byte
  end))
end

local function title(text)
  local shown = hex(text)
  return #shown > 60 and shown:sub(1, 57) .. "..." or shown
end

-- U+00E9, U+20AC, U+1F600
local E_ACUTE, EURO, SMILE = "\195\169", "\226\130\172", "\240\159\152\128"

local accepted = {
  -- values at the top
  "null", "true", "false", "0", "-0", "1", '""', "[]", "{}", '"a"',
  -- white space
  " null", "null ", "\t\n\r null\t\n\r ", "[ ]", "{ }", "[ 1 , 2 ]", '{ "a" : 1 , "b" : 2 }',
  "[\n\n1\r\n]",
  -- numbers
  "10", "-1", "-10", "0.0", "-0.0", "1.5", "0.001", "1e5", "1E5", "1e+5", "1e-5", "1E+5", "1E-5",
  "0e0", "0e1",
  "-0e-0", "1.5e10", "123456789012345678901234567890", "1e400", "-1e400", "1e-400",
  "0.00000000000000000001",
  "1e00005", "1.000", "9007199254740993",
  -- strings
  '"\\""', '"\\\\"', '"\\/"', '"/"', '"\\b\\f\\n\\r\\t"', '"\\u0000"', '"\\u0041"', '"\\u00e9"',
  '"\\u00E9"',
  '"\\uFFFF"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\ud800\\udc00"', '"\\udbff\\udfff"',
  '"\\ue000"',
  '"\\ud7ff"', '"\127"', '"' .. E_ACUTE .. EURO .. SMILE .. '"', '"\194\128"', '"\223\191"',
  '"\224\160\128"',
  '"\237\159\191"', '"\238\128\128"', '"\239\191\191"', '"\240\144\128\128"', '"\244\143\191\191"',
  '"\239\187\191"', '"' .. ("a"):rep(100) .. '"', '"' .. E_ACUTE:rep(100) .. '"', '"\\\\\\\\\\""',
  '"[]{},:"', '"null"',
  -- structure
  "[1]", "[1,2,3]", "[[]]", "[[],[]]", "[{}]", "[null,true,false]", "[[[[[[]]]]]]", '{"a":1}',
  '{"a":1,"b":2}',
  '{"":1}', '{"a":{}}', '{"a":[]}', '{"a":{"b":{"c":[1,{"d":2}]}}}', '[{"a":1},{"a":1}]',
  '{"a":{"a":{"a":1}}}',
  '{"a":1,"A":2}', '{"a":{"b":1},"b":2}', '{"a":1,"a ":2}', '{"a":1,"\\u0000a":2,"a\\u0000":3}',
  '{"\\u0000":1,"":2}', '{"' .. E_ACUTE .. '":1,"e\\u0301":2}', '{"a":[{"a":1},{"a":2}],"b":1}',
  ("["):rep(512) .. ("]"):rep(512), ('{"a":'):rep(512) .. "1" .. ("}"):rep(512),
}

-- text, byte position from 1, code (invalid_json), message, line (1), column (the position)
local refused = {
  -- nothing, or not JSON at all
  { "", 1, message = "expected a value, got the end" },
  { " ", 2 }, { "\n", 2, line = 2, column = 1 }, { "nul", 1, message = "expected 'null'" },
  { "nulL", 1 }, { "Null", 1 }, { "tru", 1 },
  { "truE", 1 }, { "True", 1 }, { "fals", 1, message = "expected 'false'" }, { "undefined", 1 },
  { "NaN", 1 }, { "Infinity", 1 },
  { "-Infinity", 2 }, { "'a'", 1 }, { "a", 1 }, { "/* */1", 1 }, { "//\n1", 1 }, { "\\u0031", 1 },
  { "=", 1 }, { "]", 1 }, { "}", 1 }, { ",", 1 }, { ":", 1 },
  { "\0", 1 }, { "1\0", 2 }, { "\0001", 1 }, { "[\0]", 2 }, { "\2551", 1 },
  { "\239\187\1911", 1, message = "expected no byte order mark" }, { "\239\187\191", 1 },
  { "\254\255\0001", 1 }, { " \239\187\1911", 2, message = "expected a value, got byte 0xEF" },
  { "\f1", 1 }, { "\v1", 1 }, { "\194\1601", 1 }, { "1 \194\160", 3 },
  -- what follows the document
  { "nullx", 5, message = "expected nothing after the document, got 'x'" }, { "1 2", 3 }, { "{}{}", 3 },
  { "[]]", 3 }, { '""""', 3 }, { "1,", 2 }, { "true,false", 5 },
  { "1\n2", 3, line = 2, column = 1 },
  -- numbers
  { "+1", 1 }, { "-", 2, message = "expected a digit after '-', got the end" }, { "--1", 2 },
  { "-a", 2 }, { "01", 2, message = "expected no digit after a leading 0, got '1'" },
  { "-01", 3 }, { "00", 2 }, { "012", 2 }, { ".5", 1 }, { "-.5", 2 },
  { "1.", 3, message = "expected a digit after '.', got the end" }, { "1.e5", 3 },
  { "1.a", 3 }, { "1e", 3 },
  { "1e+", 4, message = "expected a digit in the exponent, got the end" }, { "1e-", 4 },
  { "1ea", 3 }, { "1e5.5", 4 }, { "1.2.3", 4 }, { "1.+5", 3 }, { "1.-5", 3 }, { "1e5e5", 4 }, { "0x10", 2 },
  { "1_000", 2 },
  { "1,5", 2 }, { "[1,5", 5 }, { "1f", 2 }, { "0b1", 2 }, { "[-]", 3 }, { "[1.]", 4 },
  { "[0e]", 4 }, { "1 e5", 3 }, { "- 1", 2 },
  -- strings
  { '"', 2, message = "expected '\"' to end a string, got the end" }, { '"a', 3 },
  { '"a\\"', 5 }, { '"\\', 2 }, { '"\\"', 4 }, { '"\\x41"', 2 }, { '"\\a"', 2 }, { '"\\v"', 2 },
  { '"\\0"', 2 }, { '"\\\'"', 2 },
  { '"\\U0041"', 2 }, { '"\\u"', 2 }, { '"\\u1"', 2 }, { '"\\u12"', 2 }, { '"\\u123"', 2 },
  { '"\\u123g"', 2 }, { '"\\u 123"', 2 }, { '"\\u+123"', 2 }, { '"\\u{41}"', 2 }, { '"a\\\nb"', 3 },
  { '"\n"', 2, message = "expected control characters in a string to be escaped, got byte 0x0A" }, { '"\t"', 2 },
  { '"\r"', 2 }, { '"\0"', 2 }, { '"\31"', 2 }, { '"a\0b"', 3 }, { '"0123456789abcdef\n"', 18 },
  { '"\\ud800"', 2, message = "expected a pair of surrogates, got \\ud800 alone" },
  { '"\\udc00"', 2 }, { '"\\udfff"', 2 }, { '"\\ud83d\\ud83d"', 2 }, { '"\\ude00\\ud83d"', 2 },
  { '"\\ud83dx"', 2 }, { '"\\ud83d\\n"', 2 }, { '"\\ud83d\\u0041"', 2 }, { '"\\ud83d\\u"', 2 },
  { '"\\ud83d', 2 }, { '"\\ud83d\\', 2 }, { '"\\ud83d\\ude0', 2 }, { '"\\ud83d ' .. '\\ude00"', 2 },
  -- UTF-8
  { '"\128"', 2, code = "invalid_utf8" }, { '"\191"', 2, code = "invalid_utf8" },
  { '"\192\128"', 2, code = "invalid_utf8" }, { '"\193\191"', 2, code = "invalid_utf8" },
  { '"\224\159\191"', 2, code = "invalid_utf8" },
  { '"\240\143\191\191"', 2, code = "invalid_utf8" },
  { '"\237\160\128"', 2, code = "invalid_utf8" }, { '"\237\191\191"', 2, code = "invalid_utf8" },
  { '"\244\144\128\128"', 2, code = "invalid_utf8" },
  { '"\245\128\128\128"', 2, code = "invalid_utf8" }, { '"\254"', 2, code = "invalid_utf8" },
  { '"\255"', 2, code = "invalid_utf8" },
  { '"\195"', 2, code = "invalid_utf8" }, { '"\226\130"', 2, code = "invalid_utf8" },
  { '"\240\159\152"', 2, code = "invalid_utf8" }, { '"\195', 2, code = "invalid_utf8" },
  { '"\240\159\152', 2, code = "invalid_utf8" },
  { '"\195\195\169"', 2, code = "invalid_utf8" }, { '"caf\233"', 5, code = "invalid_utf8" },
  { '"' .. E_ACUTE .. EURO .. '\200"', 7, code = "invalid_utf8", column = 4 },
  { '{"\233":1}', 3, code = "invalid_utf8" }, { '["\n', 3 },
  { '"' .. ("a"):rep(31) .. '\233"', 33, code = "invalid_utf8" },
  -- arrays
  { "[", 2, message = "expected a value or ']', got the end" },
  { "[1", 3, message = "expected ',' or ']' after an element, got the end" },
  { "[1,", 4, message = "expected a value after ',', got the end" },
  { "[1,]", 4, message = "expected a value after ',', got ']'" }, { "[,]", 2 }, { "[,1]", 2 },
  { "[1,,2]", 4 }, { "[1 2]", 4, message = "expected ',' or ']' after an element, got '2'" }, { "[1:2]", 3 },
  { "[1}", 3 }, { "[}", 2 },
  { "[[]", 4 }, { "[1;2]", 3 }, { '["a":1]', 5 }, { "[\n1,\n2\n3]", 8, line = 4, column = 1 },
  { "[\r\n1,\r\n]", 8, line = 3, column = 1 },
  { "[1,\n" .. '"' .. E_ACUTE .. SMILE .. '" x]', 14, line = 2, column = 6 },
  -- objects
  { "{", 2, message = "expected a name in quotes or '}', got the end" },
  { '{"a"', 5, message = "expected ':' after a name, got the end" },
  { '{"a":', 6, message = "expected a value, got the end" },
  { '{"a":1', 7, message = "expected ',' or '}' after a member, got the end" },
  { '{"a":1,', 8, message = "expected a name in quotes after ',', got the end" },
  { '{"a":1,}', 8, message = "expected a name in quotes after ',', got '}'" },
  { "{,}", 2 }, { "{a:1}", 2, message = "expected a name in quotes or '}', got 'a'" }, { "{'a':1}", 2 },
  { "{1:1}", 2 }, { "{null:1}", 2 }, { '{"a"}', 5 },
  { '{"a" 1}', 6, message = "expected ':' after a name, got '1'" }, { '{"a":}', 6 }, { '{"a"::1}', 6 },
  { '{"a":1 "b":2}', 8, message = "expected ',' or '}' after a member, got '\"'" }, { '{"a":1,,"b":2}', 8 },
  { '{"a":1;"b":2}', 7 }, { '{"a":1]', 7 }, { "{]", 2 }, { '{"a"=1}', 5 }, { '{"a":1,2}', 8 },
  { '{["a"]:1}', 2 }, { '{"a":1}}', 8 }, { '{{}:1}', 2 },
  -- names that come twice
  {
    '{"a":1,"a":2}', 8, code = "duplicate_key",
    message = "expected a name that the object does not have yet",
  },
  { '{"a":1,"b":2,"a":3}', 14, code = "duplicate_key" },
  { '{"":1,"":2}', 7, code = "duplicate_key" },
  { '{"a":1,"\\u0061":2}', 8, code = "duplicate_key" },
  { '{"\\u0061":1,"a":2}', 13, code = "duplicate_key" },
  { '{"\\u0061":1,"\\u0061":2}', 13, code = "duplicate_key" },
  { '{"\\/":1,"/":2}', 9, code = "duplicate_key" },
  { '{"' .. E_ACUTE .. '":1,"\\u00e9":2}', 9, code = "duplicate_key", column = 8 },
  { '{"' .. SMILE .. '":1,"\\ud83d\\ude00":2}', 11, code = "duplicate_key", column = 8 },
  { '{"a":{"b":1,"b":2}}', 13, code = "duplicate_key" },
  { '{"a":{"a":1},"a":2}', 14, code = "duplicate_key" },
  { '{"b":[{"a":1},{"a":1,"a":2}]}', 22, code = "duplicate_key" },
  { '{"a":1,\n "a" :2}', 10, code = "duplicate_key", line = 2, column = 2 },
  { '{"a":1,"a"', 8, code = "duplicate_key" }, { '{"a":1,"\\ud800":2}', 9 },
  -- depth
  {
    ("["):rep(513) .. ("]"):rep(513), 513, code = "too_deep",
    message = "expected at most 512 levels",
  },
  { ("["):rep(100000), 513, code = "too_deep" },
  { ("["):rep(100000) .. ("]"):rep(100000), 513, code = "too_deep" },
  { ('{"a":'):rep(100000), 2561, code = "too_deep" },
  { ('[{"a":'):rep(50000), 1537, code = "too_deep" }, { ("["):rep(512), 513 },
  { ("["):rep(512) .. "}", 513 },
}

describe("json.valid", function()
  for _, text in ipairs(accepted) do
    it("accepts " .. title(text), function()
      assert.is_true(assert(json.valid(text)))
      assert.is_true(assert(json.valid(" [" .. (#text < 600 and text or "1") .. "\n]\r\n")))
    end)
  end

  for _, case in ipairs(refused) do
    it("refuses " .. title(case[1]), function()
      local code, line = case.code or "invalid_json", case.line or 1
      local _, err = json.valid(case[1])
      assert.are.same(
        { "validation", code, case[2], line, case.column or case[2] },
        refusal(json.valid(case[1]))
      )
      assert.are.equal(case.message or err.message, err.message)
    end)
  end

  it("refuses every beginning of a document", function()
    local text = '{"a":[1.5e-3,"\\ud83d\\ude00\\n' .. SMILE .. '",true,{"b":null}],"c":{},"d":-0}'
    assert.is_true(json.valid(text))
    for length = 0, #text - 1 do
      local ok, err = json.valid(text:sub(1, length))
      assert.is_nil(ok)
      assert.is_true(err.position <= length + 1)
    end
  end)

  it("finds a wrong byte wherever it stands in a string", function()
    for length = 0, 70 do
      for _, byte in ipairs { "\n", "\\", "\255", "\0" } do
        local ok, err = json.valid('"' .. ("a"):rep(length) .. byte .. ("x"):rep(40) .. '"')
        assert.is_nil(ok)
        assert.are.equal(length + 2, err.position)
      end
    end
  end)

  it("finds a name that comes twice in an object of any size", function()
    for count = 1, 70 do
      local names = {}
      for i = 1, count do
        names[i] = ('"name%d":%d'):format(i, i)
      end
      local text = "{" .. table.concat(names, ",") .. ","
      assert.is_true(json.valid(text .. '"name":0}'))
      for i = 1, count do
        local ok, err = json.valid(text .. ('"name%d":0}'):format(i))
        assert.is_nil(ok)
        assert.are.equal("duplicate_key", err.code)
        assert.are.equal(#text + 1, err.position)
      end
    end
  end)

  it("takes a string and nothing else", function()
    for _, value in ipairs { 1, true, {}, print } do
      assert.error_matches(function()
        json.valid(value)
      end, "(string expected, got ", 1, true)
    end
    assert.error_matches(function()
      json.valid()
    end, "(string expected, got no value)", 1, true)
  end)
end)

describe("json.write_number", function()
  local cases = {
    { 0, "0" }, { 1, "1" }, { -1, "-1" }, { 12.345, "12.345" }, { -0.5, "-0.5" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1e15, "1000000000000000" }, { 2 ^ 53, "9007199254740992" }, { 1e20, "100000000000000000000" },
    { 1e21, "1e+21" },
    { 1e-6, "0.000001" }, { 1e-7, "1e-7" }, { 123.456e-10, "1.23456e-8" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 5e-324, "5e-324" }, { 1 / 3, "0.3333333333333333" }, { -1e300, "-1e+300" },
    { 100.5, "100.5" }, { 4.35, "4.35" },
  }
  for _, case in ipairs(cases) do
    it("writes " .. case[2], function()
      local text = json.write_number(case[1])
      -- 1e15 is a float in any Lua; Lua 5.4 has integers besides.
      assert.are.equal(case[2], text)
      assert.are.equal(case[1], tonumber(text))
      assert.is_true(json.valid(text))
    end)
  end

  it("keeps the sign of -0", function()
    assert.are.equal("-0", json.write_number(-1 / math.huge))
  end)

  it("writes integers exactly", function()
    if not math.type then
      return
    end
    assert.are.equal("9223372036854775807", json.write_number(math.maxinteger))
    assert.are.equal("-9223372036854775808", json.write_number(math.mininteger))
    assert.are.equal("9007199254740993", json.write_number(math.tointeger(2 ^ 53) + 1))
    assert.are.equal("1", json.write_number(1.0))
  end)

  it("raises at what is no finite number", function()
    for _, value in ipairs { 0 / 0, math.huge, -math.huge, "1", true, {} } do
      assert.error_matches(function()
        json.write_number(value)
      end, "bad argument #1 to 'write_number' (", 1, true)
    end
  end)
end)

describe("json.write_string", function()
  local cases = {
    { "", '""' }, { "a", '"a"' }, { 'say "hi"', '"say \\"hi\\""' }, { "a\\b", '"a\\\\b"' },
    { "a/b", '"a/b"' },
    { "\b\f\n\r\t", '"\\b\\f\\n\\r\\t"' }, { "\0\1\31", '"\\u0000\\u0001\\u001f"' },
    { "\127", '"\127"' },
    { E_ACUTE .. EURO .. SMILE, '"' .. E_ACUTE .. EURO .. SMILE .. '"' },
    { "\226\128\168", '"\226\128\168"' },
    { ("x"):rep(100000) .. "\n", '"' .. ("x"):rep(100000) .. '\\n"' },
  }
  for _, case in ipairs(cases) do
    it("writes " .. title(case[2]), function()
      assert.are.equal(case[2], json.write_string(case[1]))
      assert.is_true(json.valid(case[2]))
    end)
  end

  it("refuses invalid UTF-8 with its position, and goes on with the next string", function()
    assert.are.same(
      { "validation", "invalid_utf8", 5, 2, 2 },
      refusal(json.write_string("a\n" .. E_ACUTE .. "\233t"))
    )
    assert.are.equal('"b"', json.write_string("b"))
  end)

  it("takes a string and nothing else", function()
    assert.error_matches(function()
      json.write_string(1)
    end, "(string expected, got number)", 1, true)
  end)
end)

describe("json.find_model", function()
  local function answer(output)
    return '{"id":"x","error":null,"strategy_output":' .. output .. ',"created_at":"2026-01-01"}'
  end

  local function assert_not_found(text, id, message)
    local model, err = json.find_model(text, id)
    assert.is_nil(model)
    assert.are.same({ "not_found", message }, { err.code, err.message })
  end

  local function assert_lacks(text, id)
    assert_not_found(text, id, ("no model with idmodel %s in strategy_output"):format(id))
  end

  it("finds a model in the list of an answer", function()
    local text = answer(
      '[{"idmodel":1,"value":{"MD":[]}},{"value":{"MD":[1]},"idmodel":2},{"idmodel" : 3}]'
    )
    assert.are.equal('{"idmodel":1,"value":{"MD":[]}}', json.find_model(text, 1))
    assert.are.equal('{"value":{"MD":[1]},"idmodel":2}', json.find_model(text, 2))
    assert.are.equal('{"idmodel" : 3}', json.find_model(text, 3))
    assert_lacks(text, 7)
  end)

  it("takes one model, a bare list, a bare model", function()
    local model = '{"idmodel":7,"value":{"strategy_output":[]}}'
    assert.are.equal(model, json.find_model(answer(model), 7))
    assert.are.equal(model, json.find_model("[ " .. model .. " ]", 7))
    assert.are.equal(model, json.find_model(" " .. model .. "\n", 7))
    assert_lacks(answer(model), 8)
    assert_lacks("[" .. model .. "]", 8)
    assert_lacks(model, 8)
  end)

  it("says when there is no output, or one of another kind", function()
    for _, text in ipairs { answer "null", '{"id":"x","error":null}', "{}", "null" } do
      assert_not_found(text, 1, "strategy_output is empty")
    end
    local others = {
      "[]", "{}", '{"1":{"value":1}}', '[null,1,[{"idmodel":1}]]', '"text"', "1", "true",
    }
    for _, output in ipairs(others) do
      assert_lacks(answer(output), 1)
    end
  end)

  it("holds 1, 1.0, 1e0 and \"1\" for the same id", function()
    local forms = { "1", "1.0", "1e0", "10e-1", '"1"', '"1.0"' }
    for _, written in ipairs(forms) do
      local model = '{"idmodel":' .. written .. "}"
      for _, wanted in ipairs { 1, 1.0, "1", "1.0", "1e0" } do
        assert.are.equal(model, json.find_model('[{"idmodel":2},' .. model .. "]", wanted))
      end
      assert_lacks(answer(model), "one")
    end
    assert.are.equal('{"idmodel":0}', json.find_model('{"idmodel":0}', -0.0))
    assert.are.equal('{"idmodel":0.5}', json.find_model('{"idmodel":0.5}', 0.5))
  end)

  it("tells ids apart that are the same double", function()
    local text = '[{"idmodel":9007199254740992},{"idmodel":9007199254740993}]'
    assert.are.equal('{"idmodel":9007199254740993}', json.find_model(text, "9007199254740993"))
    assert_lacks(text, "9007199254740994")
  end)

  it("finds ids that are texts, escaped or not", function()
    local text = '[{"idmodel":"abc"},{"\\u0069dmodel":"a\\"b"},{"idmodel":"'
      .. E_ACUTE
      .. '"},{"idmodel":""},{"idmodel":"01"}]'
    assert.are.equal('{"idmodel":"abc"}', json.find_model(text, "abc"))
    assert.are.equal('{"\\u0069dmodel":"a\\"b"}', json.find_model(text, 'a"b'))
    assert.are.equal('{"idmodel":"' .. E_ACUTE .. '"}', json.find_model(text, E_ACUTE))
    assert.are.equal('{"idmodel":""}', json.find_model(text, ""))
    assert_lacks(text, "ABC")
    assert_lacks(text, 1)
    assert_not_found(
      text,
      "a" .. E_ACUTE:rep(100),
      "no model with idmodel a" .. E_ACUTE:rep(31) .. " in strategy_output"
    )
  end)

  it("looks at a model's own idmodel only", function()
    local first = '{"value":{"idmodel":2,"MD":[{"idmodel":2}]},"x":"\\"idmodel\\":2","idmodel":1}'
    local second = '{"idmodel":2}'
    assert.are.equal(second, json.find_model(answer("[" .. first .. "," .. second .. "]"), 2))
    assert.are.equal(first, json.find_model(answer("[" .. first .. "," .. second .. "]"), 1))
    assert_lacks('[{"idmodel":[2]},{"idmodel":{"idmodel":2}},{"idmodel":null}]', 2)
    assert_lacks('[{"n":2,"2":2,"idmodel":1}]', 2)
    assert_lacks('{"idmodel":2,"strategy_output":[{"idmodel":1}]}', 2)
  end)

  it("takes the first of two with the same id", function()
    local text = '[{"idmodel":1,"n":1},{"idmodel":1,"n":2}]'
    assert.are.equal('{"idmodel":1,"n":1}', json.find_model(text, 1))
  end)

  it("is not led astray by what strings hold", function()
    local traps = {
      "]}]}]}", "[{[{[{", '\\"]}', '\\\\\\"]}', "\\\\", '\\\\\\\\\\"', "\\u005d\\u007d",
      '{\\"idmodel\\":2}', "|\\\\|", E_ACUTE .. "]" .. SMILE,
    }
    for _, trap in ipairs(traps) do
      for padding = 0, 130 do
        local space = (" "):rep(padding)
        local first = '{"%s%s":["%s%s"],"idmodel":1,"z":"%s"}'
        first = first:format(space, trap, trap, space, trap)
        local text = answer("[" .. first .. ',{"idmodel":2}]')
        assert.are.equal('{"idmodel":2}', json.find_model(text, 2))
        assert.are.equal(first, json.find_model(text, 1))
      end
    end
  end)

  it("counts backslashes over the borders of what it reads at once", function()
    for length = 0, 140 do
      for run = 1, 5 do
        local value = ("a"):rep(length) .. ("\\\\"):rep(run) .. '\\"' .. ("]"):rep(3)
        local text = '[{"v":["' .. value .. '"],"idmodel":1},{"idmodel":2}]'
        assert.are.equal('{"idmodel":2}', json.find_model(text, 2))
      end
    end
  end)

  it("checks the model it found", function()
    local broken = {
      { '[{"idmodel":1,"a":01}]', 20 }, { '[{"idmodel":1,"a":1,"a":2}]', 21, "duplicate_key" },
      { '[{"a":["\233"],"idmodel":1}]', 9, "invalid_utf8" },
      { '[{"idmodel":0},{"idmodel":1,"a":[}]}]', 35 },
      { '[{"idmodel":1,"a":' .. ("["):rep(600) .. ("]"):rep(600) .. "}]", 530, "too_deep" },
    }
    for _, case in ipairs(broken) do
      assert.are.same(
        { "protocol", case[3] or "invalid_json", case[2], 1, case[2] },
        refusal(json.find_model(case[1], 1))
      )
    end
  end)

  it("refuses malformed texts with line and column", function()
    local cases = {
      { "", 1, 1, 1 }, { "{", 2, 1, 2 }, { "[", 2, 1, 2 }, { '{"strategy_output"', 19, 1, 19 },
      { '{"strategy_output":', 20, 1, 20 }, { '{"strategy_output":[', 21, 1, 21 },
      { '{"strategy_output":[{"idmodel":1}', 34, 1, 34 },
      { '{"strategy_output":[{"idmodel":1}]', 35, 1, 35 },
      { '[{"idmodel":1},\n {"idmodel":2,"x":["]}', 39, 2, 23 },
      { '{"strategy_output":[]} x', 24, 1, 24 },
      { "[1 2]", 4, 1, 4 }, { '[{"idmodel":1]', 14, 1, 14 }, { '[{"v":[1},"idmodel":1}]', 9, 1, 9 },
      { '{"a":1,"a":2}', 8, 1, 8, "duplicate_key" }, { "<html>", 1, 1, 1 }, { "nothing", 1, 1, 1 },
    }
    for _, case in ipairs(cases) do
      assert.are.same(
        { "protocol", case[5] or "invalid_json", case[2], case[3], case[4] },
        refusal(json.find_model(case[1], 9))
      )
    end
  end)

  it("never says of a cut answer that a model is not in it", function()
    local text = answer(
      '[{"idmodel":1,"value":{"MD":[{"a":"]}"},{"b":"\\\\\\""}]}},{"value":{"x":[]},"idmodel":2}]'
    )
    for length = 0, #text - 1 do
      local model, err = json.find_model(text:sub(1, length), 3)
      assert.is_nil(model)
      assert.are.equal("invalid_json", err.code)
      assert.is_true(err.position <= length + 1)
    end
    assert_lacks(text, 3)
  end)

  it("takes a string, and a finite number or a string", function()
    local wrong = {
      { 1, 1 }, { "{}" }, { "{}", {} }, { "{}", true }, { "{}", 0 / 0 }, { "{}", math.huge },
    }
    for _, arguments in ipairs(wrong) do
      assert.error_matches(function()
        json.find_model(arguments[1], arguments[2])
      end, "to 'find_model' (", 1, true)
    end
  end)
end)

describe("json.digest", function()
  -- The vectors and the property are in test_digest.c.
  it("has 8 bytes, the highest first", function()
    local digits = json.digest('{"a":1}'):gsub(".", function(byte)
      return ("%02X"):format(byte:byte())
    end)
    assert.equal("FDD7956978C4A521", digits)
  end)

  it("is that of the value", function()
    local other = '{ "b": null, "a": [15e-1, "' .. E_ACUTE .. '"] }'
    assert.equal(json.digest '{"a":[1.50,"\\u00e9"],"b":null}', json.digest(other))
    assert.not_equal(json.digest "1", json.digest '"1"')
  end)

  it("refuses what is no JSON, with its place", function()
    assert.same({ "validation", "invalid_json", 3, 2, 1 }, refusal(json.digest "[\n}"))
    assert.same({ "validation", "invalid_utf8", 2, 1, 2 }, refusal(json.digest '"\233"'))
    assert.has_error(function()
      json.digest(1)
    end)
  end)
end)

describe("json.find_member", function()
  local TEXT = ' {"a":{"b":[1,{"b":2}]},"\\u0062":"x\\"}y" ,"c": 12.5e3 ,"d":null,"e":[]} '

  local function member(text, name)
    local first, last = json.find_member(text, name)
    return first and text:sub(first, last), last
  end

  it("finds an object's own member, however its name is written", function()
    for name, value in pairs { a = '{"b":[1,{"b":2}]}', b = '"x\\"}y"', c = "12.5e3", d = "null", e = "[]" } do
      assert.equal(value, member(TEXT, name))
    end
  end)

  it("finds none where there is none", function()
    for _, text in ipairs { TEXT, "{}", "[]", '["f"]', "1", '"f"', '{"g":{"f":1}}', '{"g":"f"}' } do
      local err = select(2, json.find_member(text, "f"))
      assert.same({ "validation", "not_found" }, { err.kind, err.code })
    end
  end)

  it("looks at nothing behind it", function()
    assert.equal("1", member('{"f":1,', "f"))
    assert.same({ "validation", "invalid_json", 8, 1, 8 }, refusal(json.find_member('{"f":1,', "g")))
  end)

  it("says where a text ends before it", function()
    for _, text in ipairs { "", "{", '{"f"', '{"f":', '{"f":[', '{"f":tru', '{"g":[}' } do
      assert.equal("invalid_json", refusal(json.find_member(text, "f"))[2])
    end
  end)

  it("takes strings and nothing else", function()
    for _, arguments in ipairs { {}, { "{}" }, { 1, "a" }, { "{}", 1 } } do
      assert.error_matches(function()
        json.find_member(arguments[1], arguments[2])
      end, "(string expected, got ", 1, true)
    end
  end)
end)
