local common = require "spec.support.common"
local redact = require "purchases.redact"

local TOKEN = "tok/en+with=odd&chars%2F\"x\\y"

describe("redacting", function()
  it("blots out a secret wherever and however often it stands", function()
    assert.equal("***", redact.text("geheim", { "geheim" }))
    assert.equal("a***b***c", redact.text("ageheimbgeheimc", { "geheim" }))
    assert.equal("nothing", redact.text("nothing", { "geheim" }))
    assert.equal("nothing", redact.text "nothing")
  end)

  it("takes a secret as a text, not as a pattern", function()
    assert.equal("*** a+b ab", redact.text("a.*b%d a+b ab", { "a.*b%d" }))
    assert.equal("%1 ***", redact.text("%1 (x[y]", { "(x[y]" }))
  end)

  it("knows how secrets are spelled in URLs and in JSON", function()
    local secrets = { TOKEN }
    for _, spelling in ipairs {
      TOKEN,
      "tok%2Fen%2Bwith%3Dodd%26chars%252F%22x%5Cy",
      "tok%2fen%2bwith%3dodd%26chars%252F%22x%5cy",
      'tok/en+with=odd&chars%2F\\"x\\\\y',
      'tok\\/en+with=odd&chars%2F\\"x\\\\y',
      "tok/en+with=odd&amp;chars%2F&quot;x\\y",
    } do
      assert.equal("<***>", redact.text("<" .. spelling .. ">", secrets))
    end
  end)

  it("knows how secrets are spelled in pages (fault 40)", function()
    local secrets = { "a<b>&\"c\"'d'/+e" }
    for _, spelling in ipairs {
      "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;/+e", "a&lt;b&gt;&amp;&quot;c&quot;&#x27;d&#x27;/+e",
      "a&lt;b&gt;&amp;&quot;c&quot;&#039;d&#039;/+e", "a&lt;b&gt;&amp;&#34;c&#34;&#39;d&#39;/+e",
      "a&lt;b&gt;&amp;&quot;c&quot;&apos;d&apos;/+e", "a&lt;b&gt;&amp;\"c\"'d'/+e",
      "a%3Cb%3E%26%22c%22%27d%27%2F%2Be", "a%3cb%3e%26%22c%22%27d%27%2f%2be", "a%3Cb%3E%26%22c%22'd'%2F%2Be",
      "a%3Cb%3E&%22c%22%27d%27/+e", 'a\\u003cb\\u003e\\u0026"c"\'d\'/+e',
      "a\\u003Cb\\u003E\\u0026\\u0022c\\u0022\\u0027d\\u0027/\\u002Be",
    } do
      assert.equal("<***>", redact.text("<" .. spelling .. ">", secrets))
    end
  end)

  it("leaves nothing of a secret that begins with another one", function()
    assert.equal("*** ***", redact.text("geheim-lang geheim", { "geheim", "geheim-lang" }))
    assert.equal("*** ***", redact.text("geheim-lang geheim", { "geheim-lang", "geheim" }))
  end)

  it("leaves what is too short to be a secret", function()
    assert.equal("abc of abc", redact.text("abc of abc", { "abc" }))
  end)

  it("leaves the list of secrets as it is", function()
    local secrets = { "short", "much longer" }
    redact.text("text", secrets)
    assert.same({ "short", "much longer" }, secrets)
  end)

  it("blots out what stands where credentials do, without knowing it", function()
    for text, expected in pairs {
      ["GET /p?api_key=abc123&x=1"] = "GET /p?api_key=***&x=1",
      ["/p?x=1&API_KEY=abc123"] = "/p?x=1&API_KEY=***",
      ["api_key=abc123 and more"] = "api_key=*** and more",
      ["api_key="] = "api_key=***",
      ["Authorization: Bearer abc.def"] = "Authorization: Bearer ***",
      ["authorization: bearer abc.def, x"] = "authorization: bearer ***, x",
      ['{"Authorization":"Basic YWJj"}'] = '{"Authorization":"Basic ***"}',
      ['{"password": "abc", "email":"a"}'] = '{"password": "***", "email":"a"}',
      ['{"token":"abc"}'] = '{"token":"***"}',
      ["http://user:pass@host/x"] = "http://***@host/x",
      ["https://host/x@y"] = "https://host/x@y",
    } do
      assert.equal(expected, redact.text(text))
    end
  end)

  it("covers every text of an error", function()
    local err = {
      message = "geheim in the message",
      body = '{"error":"geheim"}',
      request_id = "id-geheim",
      messages = { "first geheim", "second", 3 },
      issues = { { message = "row 1: geheim", field = "a" } },
      status = 400,
    }
    redact.error(err, { "geheim" })
    assert.same({
      message = "*** in the message",
      body = '{"error":"***"}',
      request_id = "id-***",
      messages = { "first ***", "second", "3" },
      issues = { { message = "row 1: ***", field = "a" } },
      status = 400,
    }, err)
  end)

  it("cuts a long body, but no secret in two", function()
    for before = 1985, 2001 do
      local err = { body = ("x"):rep(before) .. "a long secret indeed" .. ("y"):rep(5000) }
      redact.error(err, { "a long secret indeed" })
      assert.equal(2000, #err.body)
      assert.not_matches("long", err.body)
    end
    local short = { body = "as it is" }
    redact.error(short)
    assert.equal("as it is", short.body)
  end)

  it("cuts long texts, too, and leaves no part of a secret at their end", function()
    local secret = "a long secret indeed"
    for before = 15980, 16001 do
      local text = ("x"):rep(before) .. secret .. ("y"):rep(5000)
      local err = { message = text, messages = { text, "short" } }
      redact.error(err, { secret })
      assert.same({ 4000, 4000, "short" }, { #err.message, #err.messages[1], err.messages[2] })
    end
    -- What is blotted out gets shorter, so that what stood at the end of what is searched comes into sight.
    local err = { message = (secret .. " "):rep(1000) }
    redact.error(err, { secret })
    assert.matches("^[* ]+$", err.message)
  end)

  it("cuts no character in two", function()
    local err = { message = ("\226\130\172"):rep(2000) }
    redact.error(err)
    assert.equal(("\226\130\172"):rep(1333), err.message)
  end)

  it("takes no longer for a message of 60 MB than for what is kept of it", function()
    local message = ("api_key Bearer x://"):rep(3e6)
    assert.is_true(common.elapsed(redact.error, { message = message, body = message }, { TOKEN }) < common.soon(0.05))
  end)

  it("takes an error without texts", function()
    local err = { status = 500, body = false }
    redact.error(err, { "geheim" })
    assert.same({ status = 500, body = false }, err)
  end)
end)
