-- The Ravenwits provider: its pure functions first, then every call against the sandbox.
local cjson = require "cjson"
local json = require "purchases.json"
local load = require "spec.support.load"
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local ravenwits = require "purchases.provider.ravenwits"
local support = require "spec.support.sandbox"

local read, refused = outcome.read, outcome.refused

local CONFIG = { user = "trebolenergia", email = "demo@example.com", password = "sandbox-password" }
local ID = "00000000-0000-4000-8000-000000000000"
local RECEIPT = { id = ID, status = "pending", created_at = "2025-01-15T14:30:00Z", rows_uploaded = 2,
  error = cjson.null, message = "created" }

local function changed(value, changes)
  local copy = {}
  for name, field in pairs(value) do
    copy[name] = field
  end
  for name, field in pairs(changes) do
    copy[name] = field ~= "none" and field or nil
  end
  return copy
end

local function outputs(fields)
  local row = changed({ datetime = "2025-10-01 00:00", purchase_percentage = 1, sale_percentage = 0 }, fields or {})
  return { { idmodel = 1, value = { MD = { row }, MID1 = {}, MID2 = {}, MID3 = {} } } }
end

local UPDATE = { status = "completed", outputs = outputs() }

local function submit(rows)
  return assert(ravenwits.submit(CONFIG, load.series(rows or 2), { retailer_id = "123" }))
end

local function update(changes)
  return ravenwits.update(CONFIG, ID, changed(UPDATE, changes or {}))
end

-- What the call raises, with the line it blames.
local function raised(call, ...)
  local ok, message = pcall(call, ...)
  assert.is_false(ok)
  return message
end

describe("a Ravenwits request", function()
  local cases = {
    login = { ravenwits.login(CONFIG), "POST", "/api/v0/auth/login/" },
    health = { ravenwits.health(CONFIG), "GET", "/health/" },
    strategies = { ravenwits.strategies(CONFIG, { retailer_id = "123" }), "GET",
      "/api/v0/strategies/trebolenergia?idretailer=123" },
    submit = { submit(), "POST", "/api/v0/user/trebolenergia/submit-purchase?retailer_id=123" },
    get = { ravenwits.get(CONFIG, ID), "GET", "/api/v0/user/trebolenergia/purchase/" .. ID .. "/get" },
    update = { update(), "PUT", "/api/v0/user/trebolenergia/purchase/" .. ID .. "/update" },
  }
  for operation, case in pairs(cases) do
    it("has the method and path of the API's page: " .. operation, function()
      local request = case[1]
      assert.same({ operation, case[2], case[3] }, { request.operation, request.method, request.path })
    end)
  end

  it("carries the token only where it is asked for", function()
    for operation, case in pairs(cases) do
      assert.equal(operation == "login" or operation == "health" or nil, case[1].public)
    end
    assert.same({ Authorization = "Bearer t" }, ravenwits.authorize(CONFIG, "t"))
  end)

  it("may be made again, but for a submit", function()
    for operation, case in pairs(cases) do
      assert.equal(operation ~= "submit", case[1].repeatable)
    end
  end)

  it("has a body where the page has one, and the rows exactly", function()
    assert.equal('{"email":"demo@example.com","password":"sandbox-password"}', cases.login[1].body)
    assert.equal('{"purchase":[{"datetime":"2025-10-01 00:00","purchase":1.5},'
      .. '{"datetime":"2025-10-01 00:15","purchase":2.5}]}', submit().body)
    assert.is_nil(cases.get[1].body or cases.health[1].body or cases.strategies[1].body)
  end)

  it("takes rows as well as a series, and a table is left as it was", function()
    local rows = load.rows(2)
    assert.equal(submit().body, assert(ravenwits.submit(CONFIG, rows, { retailer_id = "123" })).body)
    assert.same(load.rows(2), rows)
  end)

  it("is not made of rows that are wrong", function()
    local rows = load.rows(2)
    rows[2].purchase = "2.5"
    local err = refused(ravenwits.submit(CONFIG, rows, { retailer_id = "123" }))
    assert.equal("validation", err.kind)
    assert.equal('Purchase item at index 1: field "purchase" must be a number (in MW unit).', err.message)
  end)

  it("is not made of no rows, whichever way they come", function()
    local err = refused(ravenwits.submit(CONFIG, {}, { retailer_id = "123" }))
    assert.same({ "validation", "There are no purchase items." }, { err.kind, err.message })
    for _, part in ipairs { load.series(2):slice(1, 0), load.series(2):slice(3, 2) } do
      assert.same(err, refused(ravenwits.submit(CONFIG, part, { retailer_id = "123" })))
    end
  end)

  it("of rows takes their step and their zone, which a series has of its own", function()
    local halves = {
      { datetime = "2024-01-15 14:30", purchase = 12 }, { datetime = "2024-01-15 15:00", purchase = 13 },
    }
    local err = refused(ravenwits.submit(CONFIG, halves, { retailer_id = "123" }))
    assert.equal("Purchase item at index 1: 1 item is missing before it (step 15 minutes). All rows are 30 minutes "
      .. "apart: give step = 30, or resolution = 30 to make rows of 15 minutes of them, or step = false for no grid.",
      err.message)
    for _, step in ipairs { 30, false } do
      assert.matches("2024%-01%-15 15:00", ravenwits.submit(CONFIG, halves, { retailer_id = "123", step = step }).body)
    end
    local day = {} -- of Madrid, in UTC
    for i = 0, 95 do
      local hour = (23 + math.floor(i / 4)) % 24
      day[i + 1] = { purchase = i, datetime = ("2025-01-%d %02d:%02dZ"):format(i < 4 and 14 or 15, hour, i % 4 * 15) }
    end
    local body = assert(ravenwits.submit(CONFIG, day, { retailer_id = "123", tz = "Europe/Madrid" })).body
    assert.matches('^{"purchase":%[{"datetime":"2025%-01%-15 00:00","purchase":0},', body)
    for name, value in pairs { step = 30, tz = "Europe/Madrid" } do
      assert.matches("submit: options 'tz' and 'step' are for rows; a series has its own",
        raised(ravenwits.submit, CONFIG, load.series(2), { retailer_id = "123", [name] = value }))
    end
  end)

  it("has a model in its query where one is wanted, in whole digits", function()
    for given, text in pairs { [1] = "1", ["1"] = "1", ["a/b&c=d"] = "a%2Fb%26c%3Dd", [2 ^ 40] = "1099511627776" } do
      assert.matches("/get?idmodel=" .. text, ravenwits.get(CONFIG, ID, { idmodel = given }).path, 1, true)
    end
  end)

  it("encodes all that callers put into it", function()
    local odd = "a b/../?#%&=+ñ;:@"
    local encoded = "a%20b%2F..%2F%3F%23%25%26%3D%2B%C3%B1%3B%3A%40"
    local config = { user = odd }
    assert.equal("/api/v0/user/" .. encoded .. "/purchase/" .. encoded .. "/get", ravenwits.get(config, odd).path)
    assert.equal("/api/v0/strategies/" .. encoded .. "?idretailer=" .. encoded,
      ravenwits.strategies(config, { retailer_id = odd }).path)
    assert.equal("/api/v0/user/" .. encoded .. "/submit-purchase?retailer_id=" .. encoded,
      ravenwits.submit(config, load.series(1), { retailer_id = odd }).path)
    assert.equal("/api/v0/user/" .. encoded .. "/purchase/" .. encoded .. "/update",
      ravenwits.update(config, odd, UPDATE).path)
  end)

  it("is not made of what no identifier is", function()
    for _, bad in ipairs { "", ".", "..", "a\r\nX: y", "a\0b", "\127", 0 / 0, 2 ^ 60 } do
      local user = type(bad) == "string" and bad or ""
      assert.equal("invalid_identifier", refused(ravenwits.get({ user = user }, ID)).code)
      assert.equal("invalid_identifier", refused(ravenwits.get(CONFIG, bad)).code)
      assert.equal("invalid_identifier", refused(ravenwits.get(CONFIG, ID, { idmodel = bad })).code)
      assert.equal("invalid_identifier", refused(ravenwits.update(CONFIG, bad, UPDATE)).code)
      assert.equal("invalid_identifier", refused(ravenwits.strategies(CONFIG, { retailer_id = bad })).code)
      local err = refused(ravenwits.submit(CONFIG, load.series(1), { retailer_id = bad }))
      assert.same({ "validation", "invalid_identifier" }, { err.kind, err.code })
      assert.matches("^retailer_id ", err.message)
    end
    assert.equal("user must be a text that is not empty", refused(ravenwits.get({}, ID)).message)
    assert.equal("id must be a text that is not empty", refused(ravenwits.get(CONFIG, nil)).message)
  end)

  it("to log in is not made without credentials", function()
    for _, config in ipairs { {}, { email = "a" }, { password = "b" } } do
      local err = refused(ravenwits.login(config))
      assert.same({ "validation", "Both 'email' and 'password' are required." }, { err.kind, err.message })
    end
  end)
end)

describe("a Ravenwits update", function()
  local function complaint(changes)
    local err = refused(update(changes))
    assert.same({ "validation", "invalid_update", 1 }, { err.kind, err.code, err.total })
    assert.equal(err.message:match "^%S+", err.issues[1].field)
    return err.message
  end

  it("says status, outputs, and an error, which may be empty", function()
    assert.equal('{"error":"","outputs":[{"idmodel":1,"value":{"MD":[{"datetime":"2025-10-01 00:00",'
      .. '"purchase_percentage":1,"sale_percentage":0}],"MID1":[],"MID2":[],"MID3":[]}}],"status":"completed"}',
      update().body)
    assert.equal('{"error":"no prices","outputs":{"result":"ok"},"status":"failed"}',
      update({ status = "failed", error = "no prices", outputs = { result = "ok" } }).body)
  end)

  it("has one of four statuses", function()
    for _, status in ipairs { "pending", "in_progress", "completed" } do
      assert.truthy(update { status = status })
    end
    for _, status in ipairs { "", "done", "Completed" } do
      assert.equal("status must be one of failed, pending, in_progress, completed", complaint { status = status })
    end
  end)

  it("that failed says why", function()
    assert.truthy(update { status = "failed", error = "no prices" })
    local expected = 'error must say what went wrong when status is "failed"'
    assert.equal(expected, complaint { status = "failed" })
    assert.equal(expected, complaint { status = "failed", error = "" })
  end)

  it("has models with an id and markets", function()
    assert.equal("outputs[0].idmodel is missing", complaint { outputs = { { value = {} } } })
    assert.equal("outputs[0].idmodel is missing", complaint { outputs = { 1 } })
    assert.equal("outputs[1].value must be an object of markets",
      complaint { outputs = { { idmodel = 1, value = {} }, { idmodel = 2 } } })
    assert.equal("outputs[0].value.MD must be a list", complaint { outputs = { { idmodel = 1, value = { MD = 1 } } } })
    assert.equal("outputs[0].value.MD[1] must be an object",
      complaint { outputs = { { idmodel = 1, value = { MD = { outputs()[1].value.MD[1], "x" } } } } })
  end)

  it("has rows with a time and finite shares", function()
    local time = 'outputs[0].value.MD[0].datetime must be a time as "YYYY-MM-DD HH:MM"'
    for _, datetime in ipairs {
      "none", "", "2025-10-01", "2025-10-01T00:00", "2025-10-01 00:00:00", "2025-13-01 00:00", "2025-02-29 00:00",
      "2025-10-01 24:00", "2025-10-01 00:60", 20251001,
    } do
      assert.equal(time, complaint { outputs = outputs { datetime = datetime } })
    end
    assert.truthy(update { outputs = outputs { datetime = "2024-02-29 23:59" } })
    for _, name in ipairs { "purchase_percentage", "sale_percentage" } do
      local expected = ("outputs[0].value.MD[0].%s must be a finite number"):format(name)
      for _, share in ipairs { "none", "0.5", 0 / 0, math.huge, -math.huge, true } do
        assert.equal(expected, complaint { outputs = outputs { [name] = share } })
      end
      for _, share in ipairs { 0, 0.25, 1 } do
        assert.truthy(update { outputs = outputs { [name] = share } })
      end
    end
  end)

  it("leaves the outputs it was given as they were", function()
    local given = outputs()
    assert(update { outputs = given })
    assert.same(outputs(), given)
    assert.is_nil(getmetatable(given[1].value.MID1))
  end)

  it("may hold markets that nobody knows, and any other object", function()
    assert.truthy(update { outputs = { { idmodel = "a", value = { MID7 = {} } } } })
    assert.equal('{"error":"","outputs":{"detail":{"score":0.95},"result":"ok"},"status":"completed"}',
      update({ outputs = { result = "ok", detail = { score = 0.95 } } }).body)
    assert.equal('{"error":"","outputs":[],"status":"completed"}', update({ outputs = json.empty_list }).body)
  end)

  it("holds what JSON can", function()
    assert.matches("^outputs/score cannot be sent: ", complaint { outputs = { score = 0 / 0 } })
    assert.matches("^outputs/print cannot be sent: ", complaint { outputs = { print = print } })
    assert.matches("^outputs ", complaint { outputs = { [2] = "gap" } })
    assert.matches("^outputs ", complaint { outputs = { { idmodel = 1, value = {} }, name = "no list" } })
  end)

  it("refuses outputs that contain themselves, and says where", function()
    local loop = { score = {} }
    loop.score.again = loop
    local err = refused(update { outputs = loop })
    assert.same({ "outputs/score/again cannot be sent: a table contains itself", "outputs/score/again" },
      { err.message, err.issues[1].field })
  end)

  it("sends outputs that are a JSON text as they are, once they are checked", function()
    local text = ' [{"value": {"MD": [{"datetime": "2025-10-01 00:00", "purchase_percentage": 12345678901234567000, '
      .. '"sale_percentage": 1.50}], "MID1": []}, "idmodel": 1}] '
    assert.equal('{"error":"","outputs":' .. text .. ',"status":"completed"}', update({ outputs = text }).body)
    for given, why in pairs {
      ["{"] = "outputs are not JSON: expected a name in quotes or '}', got the end at line 1, column 2",
      ["1"] = "outputs must be a JSON object or list", ["null"] = "outputs must be a JSON object or list",
      ["[1e400]"] = "outputs 1e400 is too large for a number at byte 2",
      ['[{"idmodel":1}]'] = "outputs[0].value must be an object of markets",
    } do
      assert.equal(why, complaint { outputs = given })
    end
  end)

  it("raises where an option is missing, unknown or of the wrong type", function()
    for _, case in ipairs {
      { { status = "completed" }, "option 'outputs' is missing" },
      { { outputs = {} }, "option 'status' is missing" },
      { { outputs = 1, status = "completed" }, "option 'outputs' must be a table or string, not number" },
      { { outputs = {}, status = "completed", error = 1 }, "option 'error' must be a string, not number" },
      { { outputs = {}, status = "completed", err = "" }, "unknown option 'err'" },
    } do
      assert.matches("update: " .. case[2], raised(ravenwits.update, CONFIG, ID, case[1]), 1, true)
    end
  end)
end)

describe("a Ravenwits answer", function()
  local REQUESTS = {
    login = ravenwits.login(CONFIG),
    health = ravenwits.health(CONFIG),
    strategies = ravenwits.strategies(CONFIG, { retailer_id = "1" }),
    submit = submit(),
    get = ravenwits.get(CONFIG, ID),
    update = update(),
  }
  local GOOD = {
    login = { 200, { token = "t", expires_at = "2025-01-15T14:30:00Z" } },
    health = { 200, { status = "healthy" } },
    strategies = { 200, { { idmodel = 1 } } },
    submit = { 201, RECEIPT },
    get = { 200, { id = ID, status = "completed", error = cjson.null, strategy_output = cjson.null } },
    update = { 200, { id = ID, status = "completed", error = "", message = "updated" } },
  }

  for operation, good in pairs(GOOD) do
    it("is the API's own object, less what is null: " .. operation, function()
      local value = assert(read(REQUESTS[operation], good[1], good[2]))
      for name, field in pairs(good[2]) do
        assert.same(field ~= cjson.null and field or nil, value[name])
      end
    end)

    it("of another success, or one that nobody can read, is no success: " .. operation, function()
      local other = good[1] == 200 and 201 or 200
      for _, case in ipairs {
        { other, good[2] }, { 204, "" }, { good[1], "" }, { good[1], "<html>" }, { good[1], "null" },
        { good[1], "true" }, { good[1], '"text"' }, { good[1], "1" }, { good[1], '{"status":"pen' },
        { good[1], '{"status":NaN}' },
      } do
        local err = refused(read(REQUESTS[operation], case[1], case[2]))
        assert.same({ "protocol", "unexpected_answer", case[1] }, { err.kind, err.code, err.status })
        assert.is_string(err.body)
      end
    end)

    it("that refuses has one kind and one code: " .. operation, function()
      for status, kind in pairs { [400] = "api", [401] = "auth", [403] = "api", [404] = "api", [429] = "api",
        [500] = "api", [503] = "api" } do
        local err = refused(read(REQUESTS[operation], status, { error = "because" }))
        assert.same({ kind, "http_" .. status, status, "because", { "because" }, "r-1" },
          { err.kind, err.code, err.status, err.message, err.messages, err.request_id })
      end
    end)
  end

  local WORDS = {
    login = { [400] = { "Both 'email' and 'password' are required." },
      [401] = { "Invalid credentials; email not found.", "Invalid credentials; incorrect password.",
        "Account not configured. Please contact support." } },
    strategies = { [400] = { "Missing 'retailer_id' parameter in query string." },
      [500] = { "Internal server error while retrieving strategies." } },
    submit = { [400] = { 'Missing required URL parameter "user".', 'Missing required field "purchase".',
        'Field "purchase" must be an array of objects.',
        'Purchase item at index 0 is missing required field "datetime".',
        'Purchase item at index 0 is missing required field "purchase".',
        'Purchase item at index 3: invalid datetime format. Expected "YYYY-MM-DD HH:MM" (e.g., "2024-01-15 14:30").',
        'Purchase item at index 3: field "purchase" must be a number (in MW unit).' },
      [401] = { "Authentication credentials were not provided." },
      [500] = { "Internal server error while creating purchase." } },
    update = { [400] = { 'Missing required field "outputs".' }, [404] = { "Purchase not found." } },
    get = { [404] = { "Purchase not found." } },
  }
  it("is told in the API's own words, whichever envelope they come in", function()
    for operation, statuses in pairs(WORDS) do
      for status, messages in pairs(statuses) do
        for _, message in ipairs(messages) do
          for _, envelope in ipairs { { error = message }, { detail = message }, { error = cjson.null,
            detail = message } } do
            local err = refused(read(REQUESTS[operation], status, envelope))
            assert.same({ message, { message } }, { err.message, err.messages })
          end
        end
      end
    end
  end)

  it("that refuses without words still says what it was", function()
    for _, body in ipairs { "", "<html>Bad gateway</html>", "[]", "{}", "null", '{"error":{"code":1}}' } do
      local err = refused(read(REQUESTS.submit, 502, body))
      assert.same({ "api", "the server answered 502", {}, body }, { err.kind, err.message, err.messages, err.body })
    end
  end)

  local function doubt(operation, changes)
    local good = GOOD[operation]
    local err = refused(read(REQUESTS[operation], good[1], changed(good[2], changes)))
    assert.equal("protocol", err.kind)
    return err.message
  end

  it("to a submit counts the rows that were sent", function()
    assert.equal("2 rows were sent, the receipt counts 1", doubt("submit", { rows_uploaded = 1 }))
    assert.equal("2 rows were sent, the receipt counts nil", doubt("submit", { rows_uploaded = "none" }))
    assert.equal("2 rows were sent, the receipt counts 2", doubt("submit", { rows_uploaded = "2" }))
    assert.equal("integer", (math.type or function() return "integer" end)(
      assert(read(REQUESTS.submit, 201, RECEIPT)).rows_uploaded))
  end)

  it("to a submit has an id by which the purchase can be found, and a status", function()
    for _, id in ipairs { "none", "", "../x", ID .. "0", ID:gsub("-", ""), ID:gsub("0", "g"), 7 } do
      assert.equal("the receipt's id is not a UUID", doubt("submit", { id = id }))
    end
    for _, status in ipairs { "none", "done", 1, {} } do
      assert.equal("the receipt has no known status", doubt("submit", { status = status }))
    end
  end)

  it("to an update may print another status than was sent, which is reported as it came", function()
    local updated = assert(read(REQUESTS.update, 200, changed(GOOD.update[2], { status = "pending" })))
    assert.same({ ID, "pending" }, { updated.id, updated.status })
  end)

  it("to a submit that has failed at once is no success (fault 38)", function()
    local err = refused(read(REQUESTS.submit, 201, changed(RECEIPT, { status = "failed", error = "no workflow" })))
    assert.same({ "api", "purchase_failed", 201, RECEIPT.id, "yes", { "no workflow" } },
      { err.kind, err.code, err.status, err.id, err.sent, err.messages })
    assert.equal(("purchase %s failed: no workflow"):format(RECEIPT.id), err.message)
  end)

  it("of 403 with 'detail' is about the credentials, as a 401 is", function()
    local body = { detail = "Authentication credentials were not provided." }
    assert.equal("auth", refused(read(REQUESTS.submit, 403, body)).kind)
  end)

  it("is a verdict on the data in the API's own envelope alone", function()
    for _, case in ipairs {
      { true, 400, { error = "because" } }, { true, 422, { error = "because" } }, { nil, 400, { detail = "because" } },
      { nil, 400, "<html>" }, { nil, 400, "" }, { nil, 400, { error = cjson.null } },
      { nil, 404, { error = "because" } }, { nil, 408, { error = "because" } }, { nil, 429, { error = "because" } },
      { nil, 500, { error = "because" } },
    } do
      assert.equal(case[1], refused(read(REQUESTS.submit, case[2], case[3])).final)
    end
  end)

  it("to the others says what was asked for", function()
    for _, token in ipairs { "none", "", "a b", "a\nb", 7, {} } do
      assert.equal("the answer to login holds no token that can be used", doubt("login", { token = token }))
    end
    assert.equal("the API does not call itself healthy", doubt("health", { status = "ill" }))
    assert.equal("the purchase has no known status", doubt("get", { status = "unheard of" }))
    for _, id in ipairs { "none", "", ID:gsub("0", "1"), 7 } do
      assert.equal("the answer does not name the purchase that was updated", doubt("update", { id = id }))
    end
  end)

  local ANSWER = { id = ID, status = "completed", strategy_output = {
    { idmodel = 1, value = { MD = {} } }, { idmodel = "b", value = {} },
  } }

  it("to a get that names a model has that model's output alone, even where the API sends all", function()
    for _, idmodel in ipairs { 1, "1", "b" } do
      local purchase = assert(read(ravenwits.get(CONFIG, ID, { idmodel = idmodel }), 200, ANSWER))
      assert.same({ ID, "completed", tostring(idmodel) },
        { purchase.id, purchase.status, (tostring(purchase.strategy_output.idmodel):gsub("%.0", "")) })
    end
    for _, output in ipairs { cjson.null, "none", { error = "idmodel 3 not found in strategy_output" } } do
      local purchase = assert(read(ravenwits.get(CONFIG, ID, { idmodel = 3 }), 200,
        changed(ANSWER, { strategy_output = output })))
      assert.same(type(output) == "table" and output or nil, purchase.strategy_output)
    end
    assert.equal("http_404", refused(read(ravenwits.get(CONFIG, ID, { idmodel = 1 }), 404, { error = "none" })).code)
  end)

  it("to a get is decoded up to a limit, and then not asked for again", function()
    local config = changed(CONFIG, { most_decoded = #cjson.encode(ANSWER) })
    assert(read(ravenwits.get(config, ID), 200, ANSWER))
    config.most_decoded = config.most_decoded - 1
    local err = refused(read(ravenwits.get(config, ID), 200, ANSWER))
    assert.same({ "validation", "answer_too_large", "idmodel" }, { err.kind, err.code, err.issues[1].field })
    assert.equal("to decode 0.0 MB would hold up the worker: name one model, by idmodel", err.message)
    assert(read(ravenwits.get(config, ID, { idmodel = 1 }), 200, ANSWER))
  end)

  it("settles a purchase or does not", function()
    assert.is_false(ravenwits.settled { status = "pending" })
    assert.is_false(ravenwits.settled { status = "in_progress" })
    assert.same({ true }, { ravenwits.settled { status = "completed" } })
    local settled, err = ravenwits.settled { status = "failed", id = ID, error = "no prices" }
    assert.is_true(settled)
    assert.same({ "api", "purchase_failed", { "no prices" } }, { err.kind, err.code, err.messages })
    assert.matches(ID .. " failed: no prices", err.message, 1, true)
  end)
end)

describe("ravenwits.output", function()
  local output = purchases.ravenwits.output
  local ONE = { idmodel = 1, value = { MD = { { datetime = "2025-10-01 00:00" } } } }
  local TWO = { idmodel = "b", value = {} }

  local shapes = {
    ["a list"] = { ONE, TWO },
    ["one model"] = ONE,
  }
  for name, shape in pairs(shapes) do
    local purchase = { id = ID, status = "completed", strategy_output = shape }
    local text = cjson.encode(purchase)

    it("finds a model in " .. name .. ", by number or text", function()
      for _, id in ipairs { 1, "1", 1.0, "1.0" } do
        assert.equal(ONE, output(purchase, id))
        assert.same(ONE, output(text, id))
        assert.same(ONE, output("\239\187\191" .. text, id))
      end
    end)

    it("does not find what is not there in " .. name, function()
      for _, id in ipairs { 2, "2", "one", 1.5, "" } do
        for _, given in ipairs { purchase, text } do
          local err = refused(output(given, id))
          assert.equal("not_found", err.code)
          assert.equal("api", err.kind)
          assert.equal(("no model with idmodel %s in strategy_output"):format(tostring(id)), err.message)
        end
      end
    end)
  end

  it("finds a model whose id is a text", function()
    local purchase = { strategy_output = shapes["a list"] }
    assert.equal(TWO, output(purchase, "b"))
    assert.same("b", output(cjson.encode(purchase), "b").idmodel)
  end)

  it("takes no two ids for one that only look alike as floats", function()
    local purchase = { strategy_output = { { idmodel = "9007199254740993" }, { idmodel = "0x10" } } }
    for _, id in ipairs { "9007199254740992", 16 } do
      assert.equal("not_found", refused(output(purchase, id)).code)
      assert.equal("not_found", refused(output(cjson.encode(purchase), id)).code)
    end
  end)

  it("finds nothing where there is no output", function()
    for _, empty in ipairs { '{"strategy_output":null}', "{}", '{"strategy_output":[]}', '{"strategy_output":"x"}',
      '{"strategy_output":{}}', '{"strategy_output":[null,1,{"value":{}}]}' } do
      assert.equal("not_found", refused(output(empty, 1)).code)
      assert.equal("not_found", refused(output(json.decode(empty), 1)).code)
    end
  end)

  it("says where a text is no JSON", function()
    local err = refused(output('{"strategy_output":[', 1))
    assert.same({ "protocol", 1 }, { err.kind, err.line })
  end)

  it("raises at the caller's line where it is given nothing to look in, or for", function()
    for _, given in ipairs { { nil, 1 }, { 1, 1 }, { {}, nil }, { "{}", nil }, { "{}", {} } } do
      assert.matches("ravenwits_spec.lua:%d+: output: ", raised(function()
        local model = output(given[1], given[2])
        return model
      end))
    end
  end)
end)

describe("a Ravenwits client and the sandbox:", function()
  local sandbox

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0, models = 2 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function client(fields)
    local opts = { user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url, retry = { attempts = 1 } }
    return purchases.ravenwits.new(changed(opts, fields or {}))
  end

  local function with_password(email, password)
    return client { token = "none", email = email, password = password }
  end

  local RETAILER = { retailer_id = "123" }
  local SUBMITTED = load.series(2)
  local CALLS = {
    strategies = function(c) return c:strategies(RETAILER) end,
    submit = function(c) return c:submit(SUBMITTED, RETAILER) end,
    get = function(c) return c:get(ID) end,
    update = function(c) return c:update(ID, UPDATE) end,
    wait = function(c) return c:wait(ID) end,
  }

  -- The error of a call as "kind code status message outcome".
  local function failure(value, err)
    assert.is_nil(value)
    return { err.kind, err.code, err.status, err.message, err.provider .. " " .. err.operation }
  end

  -- What the API says to a request that no call of the client would make.
  local function answer_to(request, changes)
    local value, err = client():call(changed(request, changes))
    assert.same({ nil, "api", "http_400", 400, "rejected" }, { value, err.kind, err.code, err.status, err.outcome })
    return err.message
  end

  it("health", function()
    assert.same({ status = "healthy" }, client({ token = "none", user = "none" }):health())
    sandbox:fault { path = "/health/", status = 503 }
    assert.same({ "api", "http_503", 503, "Service unavailable.", "ravenwits health" }, failure(client():health()))
  end)

  it("login", function()
    local c = with_password("demo@example.com", "sandbox-password")
    local session = assert(c:login())
    assert.same({ "trebolenergia", "demo@example.com" }, { session.customer_name, session.customer_email })
    assert.truthy(CALLS.submit(c))
    assert.equal(1, #sandbox:audit().purchases)
  end)

  it("login that is refused", function()
    for message, c in pairs {
      ["Invalid credentials; email not found."] = with_password("nobody@example.com", "sandbox-password"),
      ["Invalid credentials; incorrect password."] = with_password("demo@example.com", "wrong-password"),
      ["Account not configured. Please contact support."] =
        with_password("unconfigured@example.com", "unconfigured-password"),
    } do
      assert.same({ "auth", "http_401", 401, message, "ravenwits login" }, failure(c:login()))
    end
    assert.equal("Both 'email' and 'password' are required.",
      answer_to(ravenwits.login(CONFIG), { body = '{"email":"demo@example.com"}' }))
  end)

  it("strategies", function()
    local found = assert(client():strategies(RETAILER))
    assert.same({ "trebolenergia", "123", 2 }, { found.user, found.idretailer, #found.strategies })
    assert.equal("Missing 'retailer_id' parameter in query string.",
      answer_to(ravenwits.strategies(CONFIG, RETAILER), { path = "/api/v0/strategies/trebolenergia" }))
    sandbox:fault { path = "strategies", status = 500 }
    assert.same({ "api", "http_500", 500, "Internal server error while retrieving strategies.",
      "ravenwits strategies" }, failure(CALLS.strategies(client())))
  end)

  it("submit", function()
    local receipt = assert(client():submit(load.series(96), RETAILER))
    assert.same({ "pending", 96 }, { receipt.status, receipt.rows_uploaded })
    assert.is_nil(receipt.error)
    local purchase = sandbox:audit().purchases[1]
    assert.same({ receipt.id, 96, "123", "trebolenergia", 1, "2025-10-01 00:00", "2025-10-01 23:45" }, { purchase.id,
      purchase.rows, purchase.retailer_id, purchase.user, purchase.received, purchase.first, purchase.last })
  end)

  it("submit that is refused, in each of the API's wordings", function()
    local function item(row)
      return '{"purchase":[{"datetime":"2025-01-15 14:30","purchase":1},' .. row .. "]}"
    end
    for message, body in pairs {
      ['Missing required field "purchase".'] = "{}",
      ['Field "purchase" must be an array of objects.'] = '{"purchase":7}',
      ['Purchase item at index 1 is missing required field "datetime".'] = item "{}",
      ['Purchase item at index 1 is missing required field "purchase".'] = item '{"datetime":"2025-01-15 14:45"}',
      ['Purchase item at index 1: invalid datetime format. Expected "YYYY-MM-DD HH:MM" (e.g., "2024-01-15 14:30").'] =
        item '{"datetime":"2025-01-15T14:45","purchase":1}',
      ['Purchase item at index 1: field "purchase" must be a number (in MW unit).'] =
        item '{"datetime":"2025-01-15 14:45","purchase":"1"}',
    } do
      assert.equal(message, answer_to(submit(), { body = body }))
    end
    assert.equal('Missing required URL parameter "user".',
      answer_to(submit(), { path = "/api/v0/user//submit-purchase?retailer_id=123" }))
    assert.equal(0, #sandbox:audit().purchases)
  end)

  it("submit that breaks down", function()
    sandbox:fault { path = "submit", status = 500 }
    local message = "Internal server error while creating purchase."
    assert.same({ "api", "http_500", 500, message, "ravenwits submit" }, failure(CALLS.submit(client())))
    assert.equal(0, #sandbox:audit().purchases)
  end)

  it("submit of a user and a retailer with odd names", function()
    local odd = "a/b ?#%&=+ñ"
    assert(client({ user = odd }):submit(SUBMITTED, { retailer_id = odd }))
    local purchase = sandbox:audit().purchases[1]
    assert.same({ odd, odd }, { purchase.user, purchase.retailer_id })
  end)

  it("get and update", function()
    local c = client()
    local id = assert(CALLS.submit(c)).id
    local purchase = assert(c:get(id))
    assert.same({ id, "completed", 2 }, { purchase.id, purchase.status, #purchase.strategy_output })
    assert.equal(2, assert(c:get(id, { idmodel = 2 })).strategy_output.idmodel)
    assert.is_nil(assert(c:get(id, { idmodel = 3 })).strategy_output)
    assert.equal(2, #assert(purchases.ravenwits.output(purchase, "2")).value.MD)
    local answer = assert(c:update(id, { status = "failed", error = "no prices", outputs = outputs() }))
    assert.same({ id, "failed", "no prices" }, { answer.id, answer.status, answer.error })
    purchase = assert(c:get(id))
    assert.same({ "failed", "no prices", 1 }, { purchase.status, purchase.error, purchase.strategy_output[1].idmodel })
    assert.equal("purchase_failed", failure(c:wait(id))[2])
  end)

  it("get and update of what is not there, or another customer's", function()
    local message = "Purchase not found."
    local c = client { token = support.OTHER_TOKEN }
    assert.same({ "api", "http_404", 404, message, "ravenwits get" }, failure(CALLS.get(client())))
    assert.same({ "api", "http_404", 404, message, "ravenwits get" }, failure(CALLS.wait(client())))
    assert.same({ "api", "http_404", 404, message, "ravenwits update" }, failure(CALLS.update(client())))
    local theirs = assert(CALLS.submit(client())).id
    assert.same({ "api", "http_404", 404, message, "ravenwits get" }, failure(c:get(theirs)))
  end)

  it("update that the API refuses", function()
    local id = assert(CALLS.submit(client())).id
    assert.equal('Missing required field "outputs".',
      answer_to(ravenwits.update(CONFIG, id, UPDATE), { body = '{"status":"completed"}' }))
  end)

  it("none without credentials, or with the wrong ones", function()
    for name, call in pairs(CALLS) do
      local operation = "ravenwits " .. (name == "wait" and "get" or name)
      assert.same({ "auth", "http_401", 401, "Invalid token.", operation },
        failure(call(client { token = "unknown-token" })))
      sandbox:fault { path = "/api/", status = 401 }
      assert.same({ "auth", "http_401", 401, "Authentication credentials were not provided.", operation },
        failure(call(client())))
    end
    local before = #sandbox:audit().requests
    for _, call in pairs(CALLS) do
      local value, err = call(client { token = "none" })
      assert.same({ "auth", "missing_credentials", "pending" }, { err.kind, err.code, value or err.outcome })
    end
    assert.equal(before, #sandbox:audit().requests)
  end)

  it("none with arguments that are wrong", function()
    local c = client()
    for _, case in ipairs {
      { "submit: expected a purchase series or a list of rows, got string", c.submit, "load.csv", RETAILER },
      { "submit_all: expected a purchase series or a list of rows, got nil", c.submit_all, nil, RETAILER },
      { "submit: option 'retailer_id' is missing", c.submit, SUBMITTED },
      { "submit: unknown option 'retailer'", c.submit, SUBMITTED, { retailer = "1" } },
      { "submit_all: option 'retailer_id' is missing", c.submit_all, SUBMITTED, {} },
      { "submit_all: option 'batch' must be \"day\", \"all\" or a number of rows", c.submit_all, SUBMITTED,
        { retailer_id = "1", batch = "week" } },
      { "strategies: option 'retailer_id' must be a string or number, not table", c.strategies, { retailer_id = {} } },
      { "get: unknown option 'model'", c.get, ID, { model = 1 } },
      { "get: options must be a table, not number", c.get, ID, 1 },
      { "update: option 'outputs' is missing", c.update, ID, { status = "completed" } },
      { "wait: option 'timeout' must be a finite number above 0", c.wait, ID, { timeout = 0 } },
    } do
      local message = raised(function()
        local value = case[2](c, case[3], case[4])
        return value
      end)
      assert.matches("^[^:]*ravenwits_spec.lua:%d+: ", message)
      assert.matches(case[1], message, 1, true)
    end
    assert.equal(0, #sandbox:audit().requests)
  end)
end)
