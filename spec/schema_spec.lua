local common = require "spec.support.common"
local cases = require "spec.support.schema_cases"
local core = require "purchases.core"
local purchases = require "purchases"
local schema = purchases.schema

local function compile(text)
  return assert(schema.compile(text))
end

-- What fails must fail the way everything here fails: exactly nil and an error.
local function refusal(...)
  assert.equal(2, select("#", ...))
  local result, err = ...
  assert.is_nil(result)
  assert.equal(core.error, getmetatable(err))
  assert.equal("validation", err.kind)
  assert.is_nil(tostring(err):find "\n")
  return err
end

local function issues_of(json_schema, document)
  return refusal(compile(json_schema):check(document)).issues
end

-- The issues as "line:column field code: message".
local function report(json_schema, document)
  local list = {}
  for i, issue in ipairs(issues_of(json_schema, document)) do
    assert.equal(0, issue.index)
    list[i] = ("%d:%d %s %s: %s"):format(issue.line, issue.column, issue.field or "-", issue.code, issue.message)
  end
  return list
end

describe("A schema's keywords:", function()
  for _, case in ipairs(cases) do
    local title, json_schema, good, bad = case[1], case[2], case[3], case[4]
    it(title, function()
      local compiled = compile(json_schema)
      for _, document in ipairs(good) do
        local ok, err = compiled:check(document)
        assert.is_true(ok, document .. ": " .. tostring(err))
      end
      for _, document in ipairs(bad) do
        local ok, err = compiled:check(document)
        assert.is_nil(ok, document .. " was let through")
        assert.equal("schema_mismatch", err.code)
        assert.is_true(err.total >= 1 and err.total == #err.issues)
        assert.equal(err.issues[1].message, err.message)
      end
    end)
  end
end)

describe("A schema", function()
  -- schema, where (line and column of it are told, too), what the message says
  local refused = {
    { '{"not":{}}', 'keyword "not" is not supported, at /not' },
    { '{"properties":{"a/~":{"dependencies":{}}}}',
      'keyword "dependencies" is not supported, at /properties/a~1~0/dependencies' },
    { '{"items":[{},{"patternProperties":{}}]}',
      'keyword "patternProperties" is not supported, at /items/1/patternProperties' },
    { '{"uniqueItems":true}', '"uniqueItems"' }, { '{"minProperties":1}', '"minProperties"' },
    { '{"maxProperties":1}', '"maxProperties"' }, { '{"additionalItems":false}', '"additionalItems"' },
    { '{"const":1}', '"const"' }, { '{"if":{}}', '"if"' }, { '{"Type":"string"}', '"Type"' },
    { '{"definitions":{"unused":{"not":{}}}}', "at /definitions/unused/not" },
    { '{"type":"float"}', '"type" must be' },
    { '{"type":"date"}', '"type" must be' },
    { '{"type":1}', '"type" must be' },
    { '{"type":[]}', '"type" must name at least one' },
    { '{"type":["string","string"]}', '"type" has "string" twice, at /type/1' },
    { '{"type":["string",1]}', "at /type/1" }, { '{"type":"any"}', '"type" must be' },
    { '{"enum":[]}', '"enum" must have' }, { '{"enum":1}', '"enum" must be a list' },
    { '{"required":[]}', '"required" must have at least one' },
    { '{"required":true}', '"required" must be a list of names' },
    { '{"required":[1]}', '"required" must be a list of names, at /required/0' },
    { '{"required":["a","\\u0061"]}', "twice, at /required/1" },
    { '{"properties":[]}', '"properties" must be' },
    { '{"properties":{"a":1}}', "a schema must be an object, at /properties/a" },
    { '{"additionalProperties":1}', '"additionalProperties" must be true, false or a schema' },
    { '{"items":1}', "a schema must be an object, at /items" }, { '{"items":[]}', "at least one schema" },
    { '{"items":[1]}', "a schema must be an object, at /items/0" }, { '{"items":true}', "at /items" },
    { '{"minItems":-1}', '"minItems" must be a whole number' },
    { '{"maxItems":1.5}', '"maxItems" must be a whole number' },
    { '{"minLength":1.0}', '"minLength" must be a whole number' },
    { '{"maxLength":"1"}', '"maxLength" must be a whole number' },
    { '{"pattern":1}', '"pattern" must be' },
    { '{"pattern":"a("}', '"pattern" is not a regular expression: missing closing parenthesis' },
    { '{"pattern":"[z-a]"}', "not a regular expression" }, { '{"pattern":"\\\\C"}', "not a regular expression" },
    { '{"format":"ipv4"}', '"format" must be email, date-time or uri, not "ipv4"' },
    { '{"format":1}', '"format" must be' },
    { '{"minimum":"1"}', '"minimum" must be a number' }, { '{"maximum":null}', '"maximum" must be a number' },
    { '{"exclusiveMinimum":true}', '"exclusiveMinimum" needs a "minimum"' },
    { '{"exclusiveMaximum":5}', '"exclusiveMaximum" must be true or false' },
    { '{"maximum":1,"exclusiveMinimum":true}', '"exclusiveMinimum" needs a "minimum"' },
    { '{"multipleOf":0}', '"multipleOf" must be more than 0' },
    { '{"multipleOf":-2}', '"multipleOf" must be more than 0' },
    { '{"multipleOf":1234567890123456789}', "18 digits" }, { '{"multipleOf":"1"}', '"multipleOf" must be' },
    { '{"anyOf":[]}', "at least one schema, at /anyOf" }, { '{"oneOf":{}}', '"oneOf" must be a list' },
    { '{"allOf":[1]}', "a schema must be an object, at /allOf/0" },
    { '{"definitions":[]}', '"definitions" must be' }, { '{"definitions":{"a":[]}}', "at /definitions/a" },
    { '{"$schema":1}', '"$schema" must be a string' },
    { '{"title":1}', '"title" must be' },
    { '{"id":{}}', '"id" must be' },
    { "[]", "a schema must be an object" }, { "true", "a schema must be an object" },
    -- references
    { '{"$ref":"#/definitions/a"}', '"$ref" leads nowhere, at /$ref' }, { '{"$ref":1}', '"$ref" must be a string' },
    { '{"$ref":"other.json#"}', '"$ref" must lead to a place in this document' },
    { '{"$ref":"http://json-schema.org/draft-04/schema#"}', "in this document" }, { '{"$ref":""}', "in this document" },
    { '{"$ref":"#a"}', "leads nowhere" },
    { '{"definitions":{"a":{}},"allOf":[{"$ref":"#/definitions/~2a"}]}', "leads nowhere" },
    { '{"items":[{}],"allOf":[{"$ref":"#/items/00"}]}', "leads nowhere" },
    { '{"items":[{}],"allOf":[{"$ref":"#/items/1"}]}', "leads nowhere" },
    { '{"allOf":[{"$ref":"#/definitions/%2"}]}', "leads nowhere" },
    { '{"allOf":[{"$ref":"#/title"}],"title":"x"}', "a schema must be an object" },
    { '{"$ref":"#"}', '"$ref" leads back to itself' },
    { '{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}',
      '"$ref" leads back to itself' },
    { '{"allOf":[{"$ref":"#"}]}', "lead back to themselves" },
    { '{"definitions":{"a":{"anyOf":[{"type":"null"},{"oneOf":[{"$ref":"#/definitions/a"}]}]}}}',
      "lead back to themselves, or" },
    { '{"allOf":[' .. ('{"allOf":['):rep(40) .. "{}" .. ("]}"):rep(40) .. "]}", "more than 32 deep" },
  }

  for _, case in ipairs(refused) do
    it("is refused: " .. (#case[1] < 80 and case[1] or case[1]:sub(1, 77) .. "..."), function()
      local err = refusal(schema.compile(case[1]))
      assert.equal("invalid_schema", err.code)
      assert.matches(case[2]:gsub(", or$", ""), err.message, 1, true)
      assert.equal(1, err.line)
      assert.equal(err.position, err.column)
    end)
  end

  it("that is no JSON is refused as such", function()
    local err = refusal(schema.compile '{"type":\n"string"')
    assert.same({ "invalid_json", 2, 9 }, { err.code, err.line, err.column })
    assert.equal("duplicate_key", refusal(schema.compile '{"type":"string","type":"null"}').code)
  end)

  it("has at most 256 names with rules in one object, and a mebibyte of text", function()
    local names = {}
    for i = 1, 256 do
      names[i] = ('"n%d":{"type":"integer"}'):format(i)
    end
    local compiled = compile('{"properties":{' .. table.concat(names, ",") .. "}}")
    assert.is_true(compiled:check '{"n1":1,"n256":2,"n257":"3"}')
    assert.equal("/n256", refusal(compiled:check '{"n256":"2"}').issues[1].field)
    names[257] = '"more":{}'
    local err = refusal(schema.compile('{"properties":{' .. table.concat(names, ",") .. "}}"))
    assert.matches("at most 256 names", err.message)
    assert.equal("too_large", refusal(schema.compile('{"title":"' .. ("x"):rep(1048576) .. '"}')).code)
  end)

  it("wants a string, and so do its checks", function()
    assert.error_matches(function() schema.compile(nil) end, "(string expected, got nil)", 1, true)
    assert.error_matches(function() schema.compile {} end, "(string expected, got table)", 1, true)
    assert.error_matches(function() compile("{}"):check(nil) end, "(string expected, got nil)", 1, true)
    assert.error_matches(function() compile("{}"):check(12) end, "(string expected, got number)", 1, true)
    assert.error_matches(function() compile("{}").check({}, "1") end, "(purchases.schema expected, got table)", 1, true)
  end)
end)

describe("What a schema refuses", function()
  it("is told in full, each with its JSON Pointer, line, column, code and what is allowed", function()
    assert.same({
      "2:8 /a/0/b~1c type: must be an integer or null, not the string \"x\"",
      "2:19 /a/0/d~0 enum: must be one of 1,\"two\", not 2",
      "3:1 /a/1 required: \"b/c\" is missing",
      "3:1 /a/1 required: \"d~\" is missing",
      "1:1  required: \"e\" is missing",
    }, report([[{"required":["e"],"properties":{"a":{"items":{"required":["b/c","d~"],"properties":{
      "b/c":{"type":["integer","null"]},"d~":{"enum":[1,"two"]}}}}}}]], '{"a":[\n{"b/c":"x","d~":  2},\n{}]}'))
  end)

  it("has columns that count characters", function()
    assert.same({ '1:11 /é minLength: must have at least 3 characters, has 2' },
      report('{"properties":{"é":{"minLength":3}}}', '{ "é"  :  "éé"}'))
  end)

  it("says what would have been right", function()
    assert.same({ '1:1  minimum: must be at least 5, not 3' }, report('{"minimum":5}', "3"))
    assert.same({ '1:1  exclusiveMinimum: must be more than 5, not 5.0' },
      report('{"minimum":5,"exclusiveMinimum":true}', "5.0"))
    assert.same({ '1:1  minimum: must be more than 5, not 4' }, report('{"minimum":5,"exclusiveMinimum":true}', "4"))
    assert.same({ '1:1  maximum: must be at most -1e3, not 0' }, report('{"maximum":-1e3}', "0"))
    assert.same({ '1:1  exclusiveMaximum: must be less than 7, not 7' },
      report('{"maximum":7,"exclusiveMaximum":true}', "7"))
    assert.same({ '1:1  multipleOf: must be a multiple of 0.01, not 0.001' }, report('{"multipleOf":0.01}', "0.001"))
    assert.same({ '1:1  maxLength: must have at most 1 character, has 2' }, report('{"maxLength":1}', '"ab"'))
    assert.same({ '1:1  minItems: must have at least 2 items, has 1' }, report('{"minItems":2}', "[1]"))
    assert.same({ '1:1  maxItems: must have at most 0 items, has 1' }, report('{"maxItems":0}', "[1]"))
    assert.same({ '1:1  pattern: must match the pattern ^[0-9]{6}$, which "12" does not' },
      report('{"pattern":"^[0-9]{6}$"}', '"12"'))
    assert.same({ '1:1  pattern: must match its pattern (six digits), which "12" does not' },
      report('{"pattern":"^[0-9]{6}$","description":"six digits"}', '"12"'))
    assert.same({ '1:1  format: must be an e-mail address, such as name@example.com, not "x"' },
      report('{"format":"email"}', '"x"'))
    assert.same({ '1:2 /x additionalProperties: is not allowed here; "a", "b" are' },
      report('{"properties":{"a":{},"b":{}},"additionalProperties":false}', '{"x":{"y":[1]}}'))
    assert.same({ '1:1  type: must be an integer, not 1.0' }, report('{"type":"integer"}', "1.0"))
    assert.same({ '1:1  type: must be an array, a boolean or null, not an object' },
      report('{"type":["null","array","boolean"]}', '{"a":1}'))
    assert.same({ '1:1  type: must be a number, not the string "12"' }, report('{"type":["integer","number"]}', '"12"'))
  end)

  it("names the alternatives", function()
    local woowup_like = [[{"anyOf":[{"required":["service_uid","invoice_number","prices"]},
      {"required":["email","invoice_number","prices"]},{"required":["document","invoice_number","prices"]}]}]]
    assert.same({ '1:1  anyOf: must have "prices" and one of "service_uid", "email", "document"' },
      report(woowup_like, '{"invoice_number":1}'))
    assert.same({ '1:1  anyOf: must have one of "service_uid", "email", "document"' },
      report(woowup_like, '{"invoice_number":1,"prices":1}'))
    assert.same({ '1:1  anyOf: must have "invoice_number", "prices"' }, report(woowup_like, '{"email":1}'))
    assert.same({ '1:1  anyOf: must have one of "branch", "from" and "to" together' },
      report('{"anyOf":[{"required":["branch"]},{"required":["from","to"]}]}', '{"from":1}'))
    assert.same({ '1:1  oneOf: must have only one of "a", "b", has 2' },
      report('{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}]}', '{"a":1,"b":1}'))
    assert.same({ '1:1  oneOf: must be an array or an object, not 3' },
      report('{"oneOf":[{"type":"object"},{"type":"array"}]}', "3"))
    assert.same({ '1:6 /a oneOf: must fit exactly one of 3 alternatives, fits (1) and (3)' },
      report('{"properties":{"a":{"oneOf":[{"minimum":1},{"type":"null"},{"maximum":9}]}}}', '{"a":5}'))
    assert.same({ '1:2 /0 anyOf: fits none of 3 alternatives: (1) must be a string, not an object; (2) "a" is missing; '
      .. "(3) /b/0 must be at least 3, not 1" },
      report('{"items":{"anyOf":[{"type":"string"},{"required":["b","a"],"type":"object"},'
        .. '{"properties":{"b":{"items":{"minimum":3}}},"type":"object"}]}}', '[{"b":[1]},{"b":[]}]'))
  end)

  it("is told inside the branch that a value's type leads to", function()
    assert.same({ '1:2 /0 required: "id" is missing', '1:13 /1/id type: must be a string, not 1' },
      report('{"items":{"oneOf":[{"type":"string"},{"type":"object","required":["id"],'
        .. '"properties":{"id":{"type":"string"}}}]}}',
        '[{}, {"id": 1}]'))
  end)

  it("is told for what is inside allOf as for what is outside", function()
    assert.same({ '1:6 /a minimum: must be at least 3, not 1', '1:6 /a multipleOf: must be a multiple of 2, not 1' },
      report('{"properties":{"a":{"allOf":[{"minimum":3},{"multipleOf":2}]}}}', '{"a":1}'))
  end)

  it("is counted in full, and kept up to a thousand", function()
    local err = refusal(compile('{"items":{"type":"string"}}'):check("[" .. ("1,"):rep(2000) .. "1]"))
    assert.equal(2001, err.total)
    assert.equal(1000, #err.issues)
    assert.equal("/999", err.issues[1000].field)
  end)

  it("has a pointer without end cut between characters", function()
    local name = ("é"):rep(3000)
    local issue = issues_of('{"additionalProperties":{"type":"string"}}', '{"' .. name .. '":1}')[1]
    assert.equal("/" .. ("é"):rep(1999), issue.field)
  end)
end)

describe("A check", function()
  it("is one of JSON, too", function()
    for document, code in pairs {
      ['{"a":1,"a":2}'] = "duplicate_key", ['{"b":1,"\\u0062":2}'] = "duplicate_key",
      ['{"a":1,"\\u0061":2}'] = "duplicate_key",
      ['{"c":{"x":1,"x":2}}'] = "duplicate_key", ['["\255"]'] = "invalid_utf8", ['{"a\255":1}'] = "invalid_utf8",
      ['["\\ud800"]'] = "invalid_json", ["[1,]"] = "invalid_json", ["{} {}"] = "invalid_json", [""] = "invalid_json",
      ['{"a":01}'] = "invalid_json", ['{"a" 1}'] = "invalid_json", ['{"a":1'] = "invalid_json",
      ['{"a":nul}'] = "invalid_json",
      [("["):rep(513) .. ("]"):rep(513)] = "too_deep",
      [("["):rep(100000)] = "too_deep", [('{"a":'):rep(100000)] = "too_deep",
    } do
      for _, json_schema in ipairs { "{}", '{"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}}',
        '{"additionalProperties":{"$ref":"#"},"items":{"$ref":"#"}}' } do
        local err = refusal(compile(json_schema):check(document))
        local _, plain = purchases.json.valid(document)
        assert.equal(code, err.code)
        assert.same({ plain.position, plain.line, plain.column, plain.message },
          { err.position, err.line, err.column, err.message })
        local last = err.issues[#err.issues]
        assert.same({ code, plain.line, plain.column, plain.message },
          { last.code, last.line, last.column, last.message })
      end
    end
  end)

  it("keeps the issues that came before the text stopped being JSON", function()
    local err = refusal(compile('{"items":{"type":"string"}}'):check "[1,\n2,")
    assert.equal("invalid_json", err.code)
    assert.same({ "type", "type", "invalid_json" }, { err.issues[1].code, err.issues[2].code, err.issues[3].code })
    assert.equal(3, err.total)
    assert.same({ 2, 3 }, { err.line, err.column })
  end)

  it("refuses a string that a pattern takes too long on, whatever stands around it", function()
    local document = '"' .. ("a"):rep(60) .. 'b"'
    local slow = '{"pattern":"^(a+)+$"}'
    local anywhere =
      { slow, '{"anyOf":[' .. slow .. ',{"type":"string"}]}', '{"oneOf":[{"minLength":1},' .. slow .. "]}" }
    for _, json_schema in ipairs(anywhere) do
      local err = refusal(compile(json_schema):check(document))
      assert.equal("pattern_limit", err.issues[1].code)
    end
  end)

  it("takes no longer for many strings that a pattern takes long on", function()
    local hard = '"' .. ("a"):rep(60) .. 'b"'
    local compiled = compile '{"items":{"pattern":"^(a+)+$"}}'
    local seconds = common.elapsed(function()
      local err = refusal(compiled:check("[" .. (hard .. ","):rep(2000) .. hard .. "]"))
      assert.same({ "pattern_limit", 2001 }, { err.issues[1000].code, err.total })
    end)
    assert.is_true(seconds < common.soon(0.1), seconds)
    -- The next document has as much as any other, and what takes no longer than it should is free.
    local fair = '"' .. ("a"):rep(12) .. 'b"'
    local err = refusal(compiled:check("[" .. fair .. "]"))
    assert.equal("pattern", err.issues[1].code)
    assert.is_true(compiled:check("[" .. ('"' .. ("a"):rep(100) .. '",'):rep(20000) .. '"a"]'))
  end)

  it("refuses a document whose alternatives multiply", function()
    local json_schema = '{"anyOf":[{"type":"null"},{"properties":{"a":{"$ref":"#"}}},'
      .. '{"properties":{"a":{"$ref":"#"},"b":{"type":"null"}}}]}'
    assert.is_true(compile(json_schema):check('{"a":{"a":{"a":null}}}'))
    local deep = ('{"a":'):rep(60) .. '1' .. ("}"):rep(60)
    assert.is_true(compile(json_schema):check(deep))
    local doubling = '{"allOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]}'
    assert.is_true(compile(doubling):check(('{"a":'):rep(8) .. '1' .. ("}"):rep(8)))
    local err = refusal(compile(doubling):check(deep))
    assert.equal("too_complex", err.issues[1].code)
    assert.equal(1, err.total)
  end)

  -- Names are looked for first where they stood the last time, by their first bytes.
  it("finds names in any order and of any length, and tells those that come twice", function()
    local properties, members, room = {}, {}, '"room":"' .. ("x"):rep(50) .. '"'
    for i, length in ipairs { 1, 13, 14, 15, 29, 30, 31, 40 } do
      local name = ("n"):rep(length - 1) .. i
      properties[i] = ('"%s":{"type":"integer"}'):format(name)
      members[i] = ('"%s":%d'):format(name, i)
    end
    local compiled = compile('{"properties":{' .. table.concat(properties, ",") .. "}}")
    for shift = 0, 7 do
      local list = {}
      for i = 1, 8 do
        list[i] = members[(i * (shift % 2 == 0 and 3 or 5) + shift) % 8 + 1]
      end
      local text = "{" .. table.concat(list, ",")
      assert.is_true(compiled:check(text .. "," .. room .. "}"))
      assert.is_true(compiled:check(text:gsub(":", " : "):gsub(",", "\n,\t") .. "}"))
      assert.is_nil(compiled:check((text:gsub('":%d,', '":"1",', 1)) .. "," .. room .. "}"))
      for i = 1, 8 do
        local err = refusal(compiled:check(text .. "," .. list[i] .. "," .. room .. "}"))
        assert.same({ "duplicate_key", #text + 2 }, { err.code, err.position })
        local first = text:gsub("{", "{" .. list[i] .. ",")
        assert.equal("duplicate_key", refusal(compiled:check(first .. "," .. room .. "}")).code)
      end
    end
  end)

  it("tells a name from one that differs by its last byte, and sees what follows it", function()
    local room = ("x"):rep(50)
    for length = 1, 40 do
      local name = ("ñ"):rep(length % 3) .. ("n"):rep(length)
      local compiled = compile(('{"additionalProperties":false,"properties":{"%s":{},"room":{}}}'):format(name))
      local text = ('{"%s":1,"room":"%s"}'):format(name, room)
      for _ = 1, 2 do -- the second time the name is the one that came last
        assert.is_true(compiled:check(text))
        assert.is_true(compiled:check(('{"%s":1}'):format(name)))
        assert.equal("additionalProperties", refusal(compiled:check((text:gsub('n"', 'm"', 1)))).issues[1].code)
        assert.is_true(compiled:check(text))
        assert.equal("invalid_json", refusal(compiled:check((text:gsub('":', '" ', 1)))).code)
      end
    end
  end)

  it("takes no beginning or end of a name for the name", function()
    local compiled = compile '{"properties":{"abc":{"type":"null"},"a\\"b":{"type":"null"},"a\\\\b":{"type":"null"}}}'
    local room = ',"room":"' .. ("x"):rep(50) .. '"}'
    for _, name in ipairs { "ab", "abcd", "bc", "a", "a\\b", "a\\u0008" } do
      assert.is_true(compiled:check('{"abc":null' .. room))
      assert.is_true(compiled:check('{"' .. name .. '":1' .. room), name)
    end
    assert.is_nil(compiled:check('{"a\\"b":1' .. room))
    assert.is_nil(compiled:check('{"a\\\\b":1' .. room))
  end)

  it("serves again and again, whatever the documents before were", function()
    local compiled = compile('{"type":"object","properties":{"a":{"items":{"type":"integer"}}}}')
    for _ = 1, 3 do
      assert.is_nil(compiled:check '{"x":{"a":[')
      assert.is_nil(compiled:check '{"a":[1,"2"]}')
      assert.is_true(compiled:check '{"a":[1,2],"x":1,"y":2}')
    end
  end)
end)
