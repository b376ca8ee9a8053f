-- The Ravenwits double: every call, every refusal in its own words.
local cjson = require "cjson"
local socket = require "socket"
local load = require "spec.support.load"
local support = require "spec.support.sandbox"

local TOKEN, OTHER_TOKEN = support.TOKEN, support.OTHER_TOKEN
local SUBMIT = "/api/v0/user/trebolenergia/submit-purchase?retailer_id=123"
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local ISO = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"
local TWO_ROWS = '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":12.0},'
  .. '{"datetime":"2025-11-11 00:30","purchase":13.5}]}'

describe("the Ravenwits sandbox", function()
  local sandbox

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function call(method, path, body, token)
    return sandbox:call(method, path, { body = body, token = token })
  end

  local function submit(body, path, token)
    return call("POST", path or SUBMIT, body, token or TOKEN)
  end

  local function submitted(body)
    local status, answer = submit(body or TWO_ROWS)
    assert.equal(201, status)
    return cjson.decode(answer)
  end

  local function path_of(id, action, user)
    return ("/api/v0/user/%s/purchase/%s/%s"):format(user or "trebolenergia", id, action)
  end

  local function get(id, query)
    local status, body = call("GET", path_of(id, "get") .. (query or ""), nil, TOKEN)
    assert.equal(200, status)
    return cjson.decode(body), body
  end

  -- `expected` is the whole body, byte for byte.
  local function refuses(expected_status, expected, status, body)
    assert.equal(expected, body)
    assert.equal(expected_status, status)
  end

  describe("health", function()
    it("is healthy, without credentials", function()
      refuses(200, '{"status":"healthy"}', call("GET", "/health/"))
    end)

    it("knows no other method, and says which it knows", function()
      local status, body, headers = call("POST", "/health/", "")
      refuses(405, '{"error":"Method \\"POST\\" not allowed."}', status, body)
      assert.equal("GET", headers.allow)
    end)

    it("needs the slash at the end", function()
      refuses(404, '{"error":"Not found."}', call("GET", "/health"))
    end)
  end)

  describe("login", function()
    local LOGIN = "/api/v0/auth/login/"

    local function login(credentials)
      return call("POST", LOGIN, type(credentials) == "string" and credentials or cjson.encode(credentials))
    end

    local function demo_token()
      local status, body = login { email = "demo@example.com", password = "sandbox-password" }
      assert.equal(200, status)
      return cjson.decode(body)
    end

    it("issues a token that works", function()
      local answer = demo_token()
      assert.equal("trebolenergia", answer.customer_name)
      assert.equal("demo@example.com", answer.customer_email)
      assert.matches(ISO, answer.expires_at)
      assert.equal(201, (submit(TWO_ROWS, nil, answer.token)))
    end)

    it("never issues one token twice", function()
      assert.not_equal(demo_token().token, demo_token().token)
    end)

    it("issues tokens that run out", function()
      sandbox:settings { token_lifetime = 0 }
      refuses(401, '{"detail":"Token has expired."}', submit(TWO_ROWS, nil, demo_token().token))
    end)

    it("wants both email and password", function()
      local expected = [[{"error":"Both 'email' and 'password' are required."}]]
      for _, body in ipairs {
        '{}', '{"email":"demo@example.com"}', '{"password":"x"}', '{"email":"","password":"x"}',
        '{"email":"demo@example.com","password":null}', '{"email":1,"password":2}', '[]', 'email=x', '',
      } do
        refuses(400, expected, login(body))
      end
    end)

    it("tells the unknown email, the wrong password and the unfinished account apart", function()
      refuses(401, '{"error":"Invalid credentials; email not found."}',
        login { email = "nobody@example.com", password = "sandbox-password" })
      refuses(401, '{"error":"Invalid credentials; incorrect password."}',
        login { email = "demo@example.com", password = "wrong" })
      refuses(401, '{"error":"Account not configured. Please contact support."}',
        login { email = "unconfigured@example.com", password = "unconfigured-password" })
    end)
  end)

  it("makes up outputs for the first rows alone of a series of many years", function()
    sandbox:settings { pending_seconds = 0, in_progress_seconds = 0 }
    local body = load.series(45000):encode()
    for models, covered in pairs { [3] = 40000, [100] = 1200 } do
      sandbox:settings { models = models }
      local status, answer = submit(body)
      assert.same({ 201, 45000 }, { status, cjson.decode(answer).rows_uploaded })
      local _, purchase = call("GET", path_of(cjson.decode(answer).id, "get") .. "?idmodel=2", nil, TOKEN)
      local value = cjson.decode(purchase).strategy_output.value
      assert.same({ covered, covered }, { #value.MD, #value.MID3 })
      assert.equal(cjson.decode(body).purchase[covered].datetime, value.MD[covered].datetime)
    end
  end)

  describe("the newer version", function()
    before_each(function()
      sandbox:settings { ravenwits_version = 2, pending_seconds = 0, in_progress_seconds = 0 }
    end)

    it("answers 403 where credentials are missing, and knows no login", function()
      refuses(403, '{"detail":"Authentication credentials were not provided."}', call("POST", SUBMIT, TWO_ROWS))
      refuses(403, '{"detail":"Invalid token."}', submit(TWO_ROWS, nil, "no-such-key"))
      refuses(404, '{"error":"Not found."}', call("POST", "/api/v0/auth/login/", "{}"))
    end)

    it("tells in the output that there is no such model", function()
      local _, body = submit(TWO_ROWS)
      local path = path_of(cjson.decode(body).id, "get")
      local function output(idmodel)
        local status, answer = call("GET", path .. "?idmodel=" .. idmodel, nil, TOKEN)
        assert.equal(200, status)
        return cjson.decode(answer).strategy_output
      end
      assert.equal(1, output("1").idmodel)
      assert.same({ error = "idmodel 99 not found in strategy_output" }, output "99")
      sandbox:settings { ravenwits_version = 1 }
      assert.equal(cjson.null, output "99")
    end)
  end)

  describe("authentication", function()
    local CALLS = {
      { "GET", "/api/v0/strategies/trebolenergia?idretailer=1" },
      { "POST", SUBMIT, TWO_ROWS },
      { "PUT", path_of("00000000-0000-0000-0000-000000000000", "update"), '{"outputs":{},"status":"pending"}' },
      { "GET", path_of("00000000-0000-0000-0000-000000000000", "get") },
    }

    it("is needed by every call that is about a user", function()
      for _, c in ipairs(CALLS) do
        local status, body, headers = call(c[1], c[2], c[3])
        refuses(401, '{"detail":"Authentication credentials were not provided."}', status, body)
        assert.equal("Bearer", headers["www-authenticate"])
        refuses(401, '{"detail":"Invalid token."}', call(c[1], c[2], c[3], "no-such-token"))
      end
    end)

    it("takes bearer tokens only, however the scheme is written", function()
      local function with(authorization)
        return sandbox:call("GET", CALLS[1][2], { headers = { authorization = authorization } })
      end
      local expected = '{"detail":"Authentication credentials were not provided."}'
      refuses(401, expected, with "Basic sandbox-token")
      refuses(401, expected, with "Bearer")
      refuses(401, expected, with "sandbox-token")
      assert.equal(200, (with "bearer sandbox-token"))
    end)

    it("keeps one customer's purchases from another", function()
      local id = submitted().id
      local update = '{"outputs":{},"status":"pending"}'
      refuses(404, '{"error":"Purchase not found."}', call("GET", path_of(id, "get"), nil, OTHER_TOKEN))
      refuses(404, '{"error":"Purchase not found."}', call("PUT", path_of(id, "update"), update, OTHER_TOKEN))
      assert.equal("completed", get(id).status)
    end)
  end)

  describe("strategies", function()
    it("gives an object for a retailer", function()
      local status, body = call("GET", "/api/v0/strategies/trebolenergia?idretailer=123", nil, TOKEN)
      local answer = cjson.decode(body)
      assert.equal(200, status)
      assert.equal("trebolenergia", answer.user)
      assert.equal("123", answer.idretailer)
      assert.equal(3, #answer.strategies)
    end)

    it("misses the retailer", function()
      local expected = [[{"error":"Missing 'retailer_id' parameter in query string."}]]
      refuses(400, expected, call("GET", "/api/v0/strategies/trebolenergia", nil, TOKEN))
      refuses(400, expected, call("GET", "/api/v0/strategies/trebolenergia?idretailer=", nil, TOKEN))
      refuses(400, expected, call("GET", "/api/v0/strategies/trebolenergia?retailer_id=1", nil, TOKEN))
      refuses(400, [[{"error":"Missing 'user' parameter in URL path."}]],
        call("GET", "/api/v0/strategies/?idretailer=1", nil, TOKEN))
    end)

    it("fails in its own words where a test orders it", function()
      sandbox:fault { path = "strategies", status = 500 }
      refuses(500, '{"error":"Internal server error while retrieving strategies."}',
        call("GET", "/api/v0/strategies/trebolenergia?idretailer=1", nil, TOKEN))
    end)
  end)

  describe("submit", function()
    it("answers with a receipt", function()
      local receipt = submitted()
      assert.matches(UUID, receipt.id)
      assert.equal("pending", receipt.status)
      assert.matches(ISO, receipt.created_at)
      assert.equal(2, receipt.rows_uploaded)
      assert.equal(cjson.null, receipt.error)
      assert.equal(("CustomerPurchase created successfully with ID: %s for user: trebolenergia and retailer: 123")
        :format(receipt.id), receipt.message)
    end)

    it("makes a new purchase each time", function()
      assert.not_equal(submitted().id, submitted().id)
    end)

    it("takes what is odd but right", function()
      local function row(datetime, value)
        return ('{"purchase":[{"datetime":"%s","purchase":%s}]}'):format(datetime, value)
      end
      for _, body in ipairs {
        row("2024-02-29 23:59", "-1e-3"), row("2000-02-29 00:00", "0"), row("0001-01-01 00:00", "-0.0"),
        row("9999-12-31 23:59", "1.7976931348623157e308"), row("2025-10-26 02:30", "9007199254740993"),
        '{"purchase":[]}', ' \t\r\n{"purchase":[ ] , "more" : {"\\u00e9\\n":"\195\169"}}\n',
        '{"purchase":"x","purchase":[{"datetime":"2025-11-11 00:15","purchase":1,"note":null}]}',
        '{"p\\u0075rchase":[{"d\\u0061tetime":"2025-11-11 00:1\\u0035","purchase":1}]}',
      } do
        assert.equal(201, (submit(body)), body)
      end
    end)

    it("takes the repeated hour of an autumn day, and 100 quarter-hours", function()
      local rows = {}
      for quarter = 0, 99 do
        local minutes = (quarter < 12 and quarter or quarter - 4) * 15
        rows[#rows + 1] = { purchase = quarter,
          datetime = ("2025-10-26 %02d:%02d"):format(math.floor(minutes / 60), minutes % 60) }
      end
      assert.equal(100, submitted(cjson.encode { purchase = rows }).rows_uploaded)
    end)

    it("misses the user", function()
      refuses(400, [[{"error":"Missing required URL parameter \"user\"."}]],
        submit(TWO_ROWS, "/api/v0/user//submit-purchase?retailer_id=1"))
    end)

    it("misses the retailer", function()
      local expected = [[{"error":"Missing 'retailer_id' parameter in query string."}]]
      refuses(400, expected, submit(TWO_ROWS, "/api/v0/user/trebolenergia/submit-purchase"))
      refuses(400, expected, submit(TWO_ROWS, "/api/v0/user/trebolenergia/submit-purchase?retailer_id="))
    end)

    it("refuses what is not JSON", function()
      for _, body in ipairs {
        "", " ", "{", '{"purchase":[]', '{"purchase":[]}}', '{"purchase":[],}', '{"purchase":[1,]}', "purchase=1",
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":1.}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":01}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":-.5}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":+1}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":0x1}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":NaN}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":Infinity}]}',
        '{"purchase":[{"datetime":"2025-11-11\n00:15","purchase":1}]}', '{"purchase":[],"x":"\\ud800"}',
        '{"purchase":[],"x":"\\x"}', '{"purchase":[],"x":"\255"}', '{"purchase":[],"x":"\237\160\128"}',
        '{"purchase":[],"x":"\192\128"}', '\239\187\191{"purchase":[]}', "{'purchase':[]}", '{"purchase":[]}\0',
        '{"purchase":' .. ("["):rep(100000),
      } do
        refuses(400, '{"error":"Invalid JSON body."}', submit(body))
      end
    end)

    it("refuses what is no object", function()
      for _, body in ipairs { "[]", "1", '"purchase"', "null", "true", '[{"purchase":[]}]' } do
        refuses(400, '{"error":"Request body must be a JSON object."}', submit(body))
      end
    end)

    it("misses the purchase", function()
      refuses(400, [[{"error":"Missing required field \"purchase\"."}]], submit "{}")
      refuses(400, [[{"error":"Missing required field \"purchase\"."}]], submit '{"Purchase":[]}')
    end)

    it("wants an array of objects", function()
      local good = '{"datetime":"2025-11-11 00:15","purchase":1}'
      for _, value in ipairs {
        "{}", "null", '"x"', "1", "true", '{"1":' .. good .. "}", "[1]", "[null]", '["x"]', "[[]]",
        "[[" .. good .. "]]", "[" .. good .. ",[]]", "[" .. good .. ",null]",
      } do
        refuses(400, [[{"error":"Field \"purchase\" must be an array of objects."}]],
          submit('{"purchase":' .. value .. "}"))
      end
    end)

    -- Two good rows before the bad one: the index counts from 0.
    local function with_third(row)
      return (TWO_ROWS:gsub("%]}$", function()
        return "," .. row .. ',{"datetime":"bad","purchase":"bad"}]}'
      end))
    end

    it("misses an item's field, datetime first", function()
      local missing = [[{"error":"Purchase item at index 2 is missing required field \"%s\"."}]]
      refuses(400, missing:format "datetime", submit(with_third '{}'))
      refuses(400, missing:format "datetime", submit(with_third '{"purchase":"x"}'))
      refuses(400, missing:format "purchase", submit(with_third '{"datetime":"bad"}'))
    end)

    local BAD_DATETIMES = {
      '"2025-11-11 0:15"', '"2025-11-11T00:15"', '"2025-11-11 00:15:00"', '"2025-11-11 00:15 "', '" 2025-11-11 00:15"',
      '"2025-11-11"', '""', '"2025-02-29 00:00"', '"1900-02-29 00:00"', '"2024-02-30 00:00"', '"2025-04-31 00:00"',
      '"2025-13-01 00:00"', '"2025-00-01 00:00"', '"2025-01-00 00:00"', '"2025-01-32 00:00"', '"2025-01-01 24:00"',
      '"2025-01-01 00:60"', '"0000-01-01 00:00"', '"2025-01-01 -1:00"', '"2025/01/01 00:00"', '"\\u0660025-01-01 00:0"',
      '"+025-01-01 00:00"', "20250101", "null", "true", '["2025-11-11 00:15"]', "{}",
    }

    it("refuses a datetime that is none", function()
      local expected = [[{"error":"Purchase item at index 2: invalid datetime format. ]]
        .. [[Expected \"YYYY-MM-DD HH:MM\" (e.g., \"2024-01-15 14:30\")."}]]
      for _, datetime in ipairs(BAD_DATETIMES) do
        refuses(400, expected, submit(with_third('{"datetime":' .. datetime .. ',"purchase":"x"}')))
      end
    end)

    it("refuses a number that is none", function()
      local expected = [[{"error":"Purchase item at index 2: field \"purchase\" must be a number (in MW unit)."}]]
      for _, value in ipairs { '"12.0"', "true", "false", "null", "[1]", "{}", "1e400", "-1e400", '""' } do
        refuses(400, expected, submit(with_third('{"datetime":"2025-11-11 00:45","purchase":' .. value .. "}")))
      end
    end)

    it("keeps nothing of what it refuses", function()
      submit(with_third "{}")
      assert.equal(0, sandbox:audit().counts.purchases)
    end)

    it("fails in its own words where a test orders it", function()
      sandbox:fault { path = "submit-purchase", status = 500 }
      refuses(500, '{"error":"Internal server error while creating purchase."}', submit(TWO_ROWS))
    end)

    it("knows one method only", function()
      refuses(405, '{"error":"Method \\"GET\\" not allowed."}', call("GET", SUBMIT, nil, TOKEN))
    end)

    it("keeps an encoded slash within the user", function()
      local status, body = submit(TWO_ROWS, "/api/v0/user/a%2Fb%20c/submit-purchase?retailer_id=x%26y+z")
      assert.equal(201, status)
      assert.matches("for user: a/b c and retailer: x&y z$", cjson.decode(body).message)
      assert.equal(200, (call("GET", path_of(cjson.decode(body).id, "get", "a%2Fb%20c"), nil, TOKEN)))
    end)

    it("takes a body that nginx put into a file", function()
      local rows = {}
      for i = 1, 200000 do
        rows[i] = '{"datetime":"2025-11-11 00:15","purchase":12.345}'
      end
      local body = '{"purchase":[' .. table.concat(rows, ",") .. "]}"
      assert.is_true(#body > 8 * 1024 * 1024)
      assert.equal(200000, submitted(body).rows_uploaded)
    end)
  end)

  describe("progress", function()
    local function statuses(id)
      local seen, deadline = {}, socket.gettime() + 60
      repeat
        local purchase = get(id)
        if purchase.status ~= seen[#seen] then
          seen[#seen + 1] = purchase.status
        end
        assert.equal(purchase.status == "completed", purchase.strategy_output ~= cjson.null)
        socket.sleep(0.01)
      until purchase.status == "completed" or purchase.status == "failed" or socket.gettime() > deadline
      return seen
    end

    it("moves on by itself", function()
      sandbox:settings { pending_seconds = 0.3, in_progress_seconds = 0.3 }
      assert.same({ "pending", "in_progress", "completed" }, statuses(submitted().id))
    end)

    it("fails where that is set, and says so", function()
      sandbox:settings { pending_seconds = 0.3, in_progress_seconds = 0.3, workflow = "fails" }
      local id = submitted().id
      assert.same({ "pending", "in_progress", "failed" }, statuses(id))
      local purchase = get(id)
      assert.equal("Workflow execution failed.", purchase.error)
      assert.equal(cjson.null, purchase.strategy_output)
    end)

    it("never begins where that is set", function()
      sandbox:settings { workflow = "never_starts", pending_seconds = 0, in_progress_seconds = 0 }
      local id = submitted().id
      assert.equal("pending", get(id).status)
    end)

    it("follows the settings of its own submit", function()
      sandbox:settings { workflow = "never_starts" }
      local id = submitted().id
      sandbox:settings { workflow = "ok" }
      assert.equal("pending", get(id).status)
    end)
  end)

  describe("get", function()
    local THREE_ROWS = '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":10},'
      .. '{"datetime":"2025-11-11 00:30","purchase":20},{"datetime":"2025-11-11 00:45","purchase":30}]}'

    it("answers in the documented form", function()
      local receipt = submitted()
      local purchase = get(receipt.id)
      assert.equal(receipt.id, purchase.id)
      assert.equal(receipt.created_at, purchase.created_at)
      assert.equal("completed", purchase.status)
      assert.equal("", purchase.error)
    end)

    -- Worked out by hand: levels 0, 0.5 and 1; model 1 of 3 has the caution 0.25.
    it("computes the outputs as documented", function()
      local output = get(submitted(THREE_ROWS).id).strategy_output
      assert.equal(3, #output)
      local expected = {
        MD = { { 0.25, 0 }, { 0.625, 0 }, { 1, 0 } },
        MID1 = { { 0.375, 0.125 }, { 0.1875, 0.0625 }, { 0, 0 } },
        MID2 = { { 0.25, 0.0833 }, { 0.125, 0.0417 }, { 0, 0 } },
        MID3 = { { 0.125, 0.0417 }, { 0.0625, 0.0208 }, { 0, 0 } },
      }
      assert.equal(1, output[1].idmodel)
      for market, rows in pairs(expected) do
        for i, row in ipairs(rows) do
          local actual = output[1].value[market][i]
          assert.same({ ("2025-11-11 00:%02d"):format(15 * i), row[1], row[2] },
            { actual.datetime, actual.purchase_percentage, actual.sale_percentage })
        end
      end
    end)

    it("covers each row once in each market, within 0 and 1", function()
      for _, body in ipairs {
        TWO_ROWS, '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":-7}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":-1.7e308},'
          .. '{"datetime":"2025-11-11 00:30","purchase":1.7e308}]}',
        '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":5e-324},'
          .. '{"datetime":"2025-11-11 00:30","purchase":0}]}',
      } do
        local rows = cjson.decode(body).purchase
        for _, model in ipairs(get(submitted(body).id).strategy_output) do
          for _, market in ipairs { "MD", "MID1", "MID2", "MID3" } do
            assert.equal(#rows, #model.value[market])
            for i, row in ipairs(model.value[market]) do
              assert.equal(rows[i].datetime, row.datetime)
              assert.is_true(row.purchase_percentage >= 0 and row.purchase_percentage <= 1)
              assert.is_true(row.sale_percentage >= 0 and row.sale_percentage <= 1)
            end
          end
        end
      end
    end)

    it("gives the same outputs each time, and more models where set", function()
      sandbox:settings { models = 100 }
      local id = submitted().id
      local purchase, text = get(id)
      assert.equal(100, #purchase.strategy_output)
      assert.equal(100, purchase.strategy_output[100].idmodel)
      assert.equal(text, (select(2, get(id))))
    end)

    it("filters by model, however the number is written", function()
      local id = submitted(THREE_ROWS).id
      local all = get(id).strategy_output
      for _, query in ipairs { "?idmodel=2", "?idmodel=2.0", "?idmodel=02", "?x=1&idmodel=2" } do
        assert.same(all[2], get(id, query).strategy_output)
      end
      for _, model in ipairs { "4", "0", "-1", "1.5", "x", "0x2" } do
        assert.equal(cjson.null, get(id, "?idmodel=" .. model).strategy_output)
      end
      assert.same(all, get(id, "?idmodel=").strategy_output)
    end)

    it("finds nothing under another id or user", function()
      local id = submitted().id
      for _, path in ipairs {
        path_of("00000000-0000-0000-0000-000000000000", "get"), path_of("x", "get"), path_of("", "get"),
        path_of(id, "get", "someone"), path_of(id, "get", ""),
      } do
        refuses(404, '{"error":"Purchase not found."}', call("GET", path, nil, TOKEN))
      end
      assert.equal(id, get(id:upper()).id)
    end)
  end)

  describe("update", function()
    local function update(id, body)
      return call("PUT", path_of(id, "update"), body, TOKEN)
    end

    it("stores outputs byte for byte, status and error", function()
      local id = submitted().id
      local outputs = '[{"idmodel":1,"value":{"MD":[],"X":{}}},{"idmodel":"7","n":1.50000000000000000001}]'
      local status, body = update(id, '{"status":"failed","error":"no wind","outputs":' .. outputs .. "}")
      assert.equal(200, status)
      local answer = cjson.decode(body)
      assert.same({ id, "failed", "no wind", ("CustomerPurchase %s updated successfully"):format(id) },
        { answer.id, answer.status, answer.error, answer.message })
      assert.matches(ISO, answer.updated_at)
      assert.truthy(body:find('"outputs":' .. outputs, 1, true))
      local purchase, text = get(id)
      assert.same({ "failed", "no wind" }, { purchase.status, purchase.error })
      assert.truthy(text:find('"strategy_output":' .. outputs, 1, true))
      assert.truthy(select(2, get(id, "?idmodel=7")):find('"strategy_output":{"idmodel":"7","n":1.5000', 1, true))
    end)

    it("takes any object for outputs, and filters it as one model", function()
      local id = submitted().id
      assert.equal(200, (update(id, '{"outputs":{"idmodel":5.0,"value":{}},"status":"completed"}')))
      assert.equal(5, get(id, "?idmodel=5").strategy_output.idmodel)
      assert.equal(cjson.null, get(id, "?idmodel=6").strategy_output)
      assert.equal(200, (update(id, '{"outputs":{"result":"ok"},"status":"in_progress","error":null}')))
      assert.equal("ok", get(id).strategy_output.result)
      assert.equal("in_progress", get(id).status)
      assert.equal(cjson.null, get(id, "?idmodel=5").strategy_output)
    end)

    it("takes every status of the four", function()
      local id = submitted().id
      for _, status in ipairs { "pending", "in_progress", "completed" } do
        assert.equal(200, (update(id, '{"outputs":{},"status":"' .. status .. '"}')))
        assert.equal(status, get(id).status)
      end
    end)

    it("refuses what is missing or wrong, one thing at a time", function()
      local id = submitted().id
      local bad_status = [[{"error":"Field \"status\" must be one of \"failed\", \"pending\", \"in_progress\", ]]
        .. [[\"completed\"."}]]
      for _, case in ipairs {
        { '{', '{"error":"Invalid JSON body."}' },
        { '[]', '{"error":"Request body must be a JSON object."}' },
        { '{}', [[{"error":"Missing required field \"outputs\"."}]] },
        { '{"status":"completed"}', [[{"error":"Missing required field \"outputs\"."}]] },
        { '{"outputs":null}', [[{"error":"Field \"outputs\" must be an object."}]] },
        { '{"outputs":"x","status":"completed"}', [[{"error":"Field \"outputs\" must be an object."}]] },
        { '{"outputs":{}}', [[{"error":"Missing required field \"status\"."}]] },
        { '{"outputs":{},"status":"done"}', bad_status },
        { '{"outputs":{},"status":null}', bad_status },
        { '{"outputs":{},"status":["failed"]}', bad_status },
        { '{"outputs":{},"status":"pending","error":1}', [[{"error":"Field \"error\" must be a string."}]] },
        { '{"outputs":{},"status":"failed"}',
          [[{"error":"Field \"error\" is required when \"status\" is \"failed\"."}]] },
        { '{"outputs":{},"status":"failed","error":""}',
          [[{"error":"Field \"error\" is required when \"status\" is \"failed\"."}]] },
      } do
        refuses(400, case[2], update(id, case[1]))
      end
      assert.equal("completed", get(id).status)
    end)

    it("finds no purchase under another id", function()
      refuses(404, '{"error":"Purchase not found."}', update("x", '{"outputs":{},"status":"pending"}'))
    end)
  end)
end)
