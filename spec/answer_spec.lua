-- What the providers share in reading answers.
local answer = require "purchases.provider.answer"
local json = require "purchases.json"
local outcome = require "spec.support.outcome"

local refused = outcome.refused

local function response(status, body, headers)
  return { status = status, body = body or "", headers = headers or {} }
end

-- A refusal that says so.
local function refusal(given)
  return answer.refusal(given, { messages = { "refused" } })
end

describe("an answer", function()
  it("whose body is a JSON object or list is that table", function()
    assert.same({ a = { 1, 2 } }, answer.decode(response(200, '{"a":[1,2]}')))
    assert.same({ 1, 2 }, answer.decode(response(200, "[1,2]")))
  end)

  it("whose body is anything else is not what the API promises", function()
    for body, found in pairs {
      [""] = "an empty answer", ["7"] = "another value", ['"ok"'] = "another value", ["null"] = "another value",
      ["<html>"] = "a text that is not JSON: ", ['{"a":'] = "a text that is not JSON: ",
    } do
      local err = refused(answer.decode(response(200, body)))
      assert.same({ "protocol", "unexpected_answer", 200, body }, { err.kind, err.code, err.status, err.body })
      assert.matches("^expected a JSON object, got " .. found, err.message)
    end
  end)

  it("whose body is not UTF-8 is Latin-1", function()
    assert.same({ error = "Sesi\195\179n \195\191 \194\128" },
      answer.decode(response(400, '{"error":"Sesi\243n \255 \128"}')))
    refused(answer.decode(response(400, '{"error":\243}')))
  end)

  it("that nobody asked for is not read where it is too large for what it should be", function()
    local body = '{"a":[' .. ("{},"):rep(400000) .. "{}]}"
    collectgarbage()
    local before = collectgarbage "count"
    local err = refused(answer.decode(response(201, body)))
    assert.same({ "protocol", "answer_too_large", 201, 65536 }, { err.kind, err.code, err.status, #err.body })
    assert.equal("the answer has 1200010 bytes, which is too much for what it should be", err.message)
    assert.is_true(collectgarbage "count" - before < 1000)
    assert.same({}, answer.envelope(response(400, body)))
    assert.equal(400001, #answer.decode(response(200, body), true).a)
    assert.equal(1, #answer.decode(response(201, '{"a":[{}],"b":"' .. ("x"):rep(1e6) .. '"}')).a)
  end)

  it("takes no more memory as a table than is allowed, even if it was asked for", function()
    local err = refused(answer.decode(response(200, "[" .. ("[],"):rep(3000000) .. "[]]"), true))
    assert.same({ "protocol", "answer_too_large" }, { err.kind, err.code })
    assert.equal("the answer has 9000004 bytes, too many to be read as a table", err.message)
  end)

  it("has the status that was promised, or is an error", function()
    assert.same({ id = 1 }, answer.expect(response(201, '{"id":1}'), 201, refusal))
    local err = refused(answer.expect(response(200, '{"id":1}'), 201, refusal))
    assert.same({ "protocol", "expected status 201, got 200" }, { err.kind, err.message })
    err = refused(answer.expect(response(400, '{"id":1}'), 201, refusal))
    assert.same({ "api", "refused", 400 }, { err.kind, err.message, err.status })
  end)

  it("is never a success because it can be read", function()
    for _, status in ipairs { 100, 200, 202, 204, 299, 300, 400, 401, 500, 503 } do
      refused(answer.expect(response(status, '{"id":1}'), 201, refusal))
    end
  end)
end)

describe("a refusal", function()
  it("has the API's own messages, the first of which is the error's", function()
    local err = answer.refusal(response(400, "body", { ["x-request-id"] = "r-1" }), {
      messages = { "no such retailer", "nor that" }, code = "bad_request",
    })
    assert.same({ "api", "bad_request", "no such retailer", { "no such retailer", "nor that" }, 400, "body", "r-1" },
      { err.kind, err.code, err.message, err.messages, err.status, err.body, err.request_id })
  end)

  it("without messages says what the server answered", function()
    local err = answer.refusal(response(503), { messages = {} })
    assert.same({ "api", "http_503", "the server answered 503", {} }, { err.kind, err.code, err.message, err.messages })
    assert.is_nil(err.request_id)
  end)

  it("keeps no more of messages and body than an error needs", function()
    local many = {}
    for i = 1, 5000 do
      many[i] = "message " .. i
    end
    local err = answer.refusal(response(400, ("x"):rep(1e7)), { messages = many })
    assert.equal(1000, #err.messages)
    assert.equal(65536, #err.body)
    err = answer.refusal(response(400), { messages = { ("x"):rep(6e7), ("y"):rep(6e7), ("z"):rep(6e7) } })
    assert.same({ 16000, 16000, 16000 }, { #err.messages[1], #err.messages[2], #err.messages[3] })
    many = {}
    for i = 1, 100 do
      many[i] = ("x"):rep(5000)
    end
    err = answer.refusal(response(400), { messages = many })
    assert.equal(65536, #table.concat(err.messages))
  end)

  it("is about the credentials with 401, and where the provider knows it", function()
    assert.equal("auth", answer.refusal(response(401), { messages = {} }).kind)
    assert.equal("auth", answer.refusal(response(403), { messages = {}, auth = true }).kind)
    assert.equal("api", answer.refusal(response(403), { messages = {} }).kind)
  end)
end)

describe("the texts of a field", function()
  it("are the field, or its elements; what says nothing is left out", function()
    assert.same({ "a" }, answer.texts "a")
    assert.same({ "a", "b" }, answer.texts { "a", "b" })
    assert.same({ "a", "b" }, answer.texts { "", "a", 7, {}, "b", false })
    for _, nothing in ipairs { "", 7, true, {}, json.null } do
      assert.same({}, answer.texts(nothing))
    end
    assert.same({}, answer.texts(nil))
  end)
end)

describe("a redirect", function()
  local function message(location)
    local err = answer.redirect(response(302, "", { location = location }))
    assert.same({ "protocol", "redirect", 302 }, { err.kind, err.code, err.status })
    return err.message:match "^the server redirects (.*), which is not followed; check base_url$"
  end

  it("names the host that it leads to, and no credentials", function()
    assert.equal("to elsewhere.example", message "https://elsewhere.example/a?b")
    assert.equal("to elsewhere.example:8443", message "https://user:secret@elsewhere.example:8443")
    assert.equal("to elsewhere.example", message "//elsewhere.example/a")
    for _, location in ipairs { "/a", "a", "", "?b=https://elsewhere.example" } do
      assert.equal("on the same host", message(location))
    end
    assert.equal("on the same host", message(nil))
  end)
end)

describe("the nulls of an answer", function()
  it("are removed from its own fields alone", function()
    local value = json.decode '{"a":null,"b":{"c":null},"d":1}'
    assert.equal(value, answer.without_nulls(value))
    assert.same({ b = { c = json.null }, d = 1 }, value)
  end)
end)
