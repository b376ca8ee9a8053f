-- `purchases ravenwits`: every command with its success and its failures, exit codes, and no credentials.
local api_command = require "spec.support.api_command"
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"
local support = require "spec.support.ravenwits_command"

local assert_complaint, json_of = api_command.complains, api_command.json_of
local UUID = "%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x"
local UNKNOWN_ID = "550e8400-e29b-41d4-a716-446655440000"
local DAY = support.csv(1)
local MISSING = "ravenwits: there is neither a token nor an e-mail and password to get one with (auth); "
  .. "set RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD, or --token-file"
local PASSWORD = { RAVENWITS_TOKEN = false, RAVENWITS_EMAIL = "demo@example.com",
  RAVENWITS_PASSWORD = "sandbox-password" }

describe("purchases ravenwits", function()
  local sandbox, ravenwits

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
    ravenwits = support.new(sandbox)
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function run(arguments, options)
    return ravenwits.run(arguments, options)
  end

  local function submit(...)
    return ravenwits.submit(...)
  end

  local files = {}

  after_each(function()
    for _, name in ipairs(files) do
      os.remove(name)
    end
    files = {}
  end)

  local function file_with(text)
    local name = os.tmpname()
    files[#files + 1] = name
    return command.write_file(name, text)
  end

  -- What a command makes of an answer that the sandbox would not give.
  local function answered(status, body, arguments, stdin, receive)
    local server = assert(socket.bind("127.0.0.1", 0))
    local url = "http://127.0.0.1:" .. select(2, server:getsockname())
    local child = ravenwits.start(arguments, { stdin = stdin, env = { RAVENWITS_BASE_URL = url } })
    server:settimeout(60)
    local connection = assert(server:accept())
    connection:settimeout(60)
    local length, line = 0
    repeat
      line = assert(connection:receive())
      length = tonumber(line:match "^[Cc]ontent%-[Ll]ength: (%d+)") or length
    until line == ""
    if length > 0 then
      (receive or connection.receive)(connection, length)
    end
    connection:send(("HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s"):format(status, #body, body))
    connection:close()
    server:close()
    return support.check_result(child:wait())
  end

  local function requests()
    return sandbox:audit().counts.requests
  end

  -- A purchase that the sandbox has, and its id.
  local function purchase()
    return json_of(submit(DAY, { "--json" })).receipts[1].id
  end

  describe("login", function()
    it("tells whose account it is, and never the token", function()
      local session = json_of(run({ "login" }, { env = PASSWORD }))
      assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", session.expires_at)
      session.expires_at = nil
      assert.same({ customer_name = "trebolenergia", customer_email = "demo@example.com" }, session)
      -- Whatever else may come along.
      sandbox:fault { path = "login", status = 200, body = { token = "other-token", refresh = "wrong-secret" } }
      assert.equal("{}\n", run({ "login" }, { env = PASSWORD }).stdout)
    end)

    it("with wrong credentials", function()
      local function with(email, password)
        return run({ "login" }, { env = { RAVENWITS_EMAIL = email, RAVENWITS_PASSWORD = password } })
      end
      assert_complaint(4, "ravenwits login: Invalid credentials; incorrect password. (auth, status 401)",
        with("demo@example.com", "wrong-secret"))
      assert_complaint(4, "ravenwits login: Invalid credentials; email not found. (auth, status 401)",
        with("nobody@example.com", "wrong-secret"))
      assert_complaint(4, "ravenwits login: Account not configured. Please contact support. (auth, status 401)",
        with("unconfigured@example.com", "unconfigured-password"))
    end)

    it("without credentials", function()
      local before = requests()
      for _, env in ipairs {
        {}, { RAVENWITS_TOKEN = false }, { RAVENWITS_EMAIL = "demo@example.com" },
        { RAVENWITS_EMAIL = "demo@example.com", RAVENWITS_PASSWORD = "" }, { RAVENWITS_PASSWORD = "wrong-secret" },
      } do
        assert_complaint(4, "login needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment",
          run({ "login" }, { env = env }))
      end
      assert.equal(before, requests())
    end)
  end)

  describe("health", function()
    it("asks, without credentials", function()
      local result = run({ "health" }, { env = { RAVENWITS_TOKEN = "not a token\n", RAVENWITS_USER = false } })
      assert.same({ status = "healthy" }, json_of(result))
      assert.is_nil(sandbox:audit().requests[1].credentials)
    end)

    it("outlasts a short failure, and reports another answer", function()
      sandbox:fault { path = "health", status = 503 }
      assert.equal(0, run({ "health" }).code)
      sandbox:fault { path = "health", status = 404 }
      local complaint = "ravenwits health: the server answers 404 to GET %s/health/; check base_url: Not found. "
        .. "(api, status 404)"
      assert_complaint(1, complaint:format(sandbox.url), run { "health" })
    end)
  end)

  describe("strategies", function()
    it("of a retailer", function()
      local found = json_of(run { "strategies", "--retailer", "12/3" })
      assert.same({ "trebolenergia", "12/3", 3 }, { found.user, found.idretailer, #found.strategies })
    end)

    it("failures", function()
      assert_complaint(4, "ravenwits strategies: Invalid token. (auth, status 401)",
        run({ "strategies", "--retailer", "1" }, { env = { RAVENWITS_TOKEN = "wrong-secret" } }))
      assert_complaint(4, MISSING, run({ "strategies", "--retailer", "1" }, { env = { RAVENWITS_TOKEN = false } }))
      assert_complaint(4, MISSING, run({ "strategies", "--retailer", "1" }, { env = { RAVENWITS_TOKEN = "" } }))
      assert_complaint(2, "missing option '--retailer'; see 'purchases ravenwits strategies --help'",
        run { "strategies" })
      assert_complaint(2, "--retailer must not be empty or contain control characters; "
        .. "see 'purchases ravenwits strategies --help'", run { "strategies", "--retailer", "" })
      assert_complaint(2, "set the user with --user or RAVENWITS_USER",
        run({ "strategies", "--retailer", "1" }, { env = { RAVENWITS_USER = false } }))
      sandbox:fault { path = "strategies", status = 400, body = { error = "No such retailer." } }
      assert_complaint(1, "ravenwits strategies: No such retailer. (api, status 400)",
        run { "strategies", "--retailer", "1" })
    end)

    it("--user goes before RAVENWITS_USER", function()
      local env = { env = { RAVENWITS_USER = "someone" } }
      assert.equal("someone", json_of(run({ "strategies", "--retailer", "1" }, env)).user)
      assert.equal("else", json_of(run({ "strategies", "--retailer", "1", "--user", "else" }, env)).user)
    end)
  end)

  describe("submit", function()
    it("prints a line about each purchase, and a sum", function()
      local result = submit(support.csv(3))
      assert.same({ 0, "" }, { result.code, result.stderr })
      local ids = {}
      for day, id in result.stdout:gmatch("2025%-10%-(%d%d)    96 rows  accepted  (" .. UUID .. ")\n") do
        ids[id] = day
      end
      assert.equal("3 of 3 purchases accepted, 288 rows", result.stdout:match "([^\n]*)\n$")
      assert.equal(4, select(2, result.stdout:gsub("\n", "")))
      local audit = sandbox:audit()
      assert.same({ 3, 3, 288 }, { audit.counts.purchases, audit.counts.distinct, audit.counts.rows })
      for _, arrived in ipairs(audit.purchases) do
        assert.equal(arrived.first:sub(9, 10), ids[arrived.id])
        assert.same({ "trebolenergia", "123" }, { arrived.user, arrived.retailer_id })
      end
    end)

    it("prints one JSON object", function()
      local report = json_of(submit(support.csv(2), { "--json" }))
      assert.same({ 2, 0, 0, 0, {} },
        { report.accepted, report.rejected, report.unknown, report.pending, report.failures })
      table.sort(report.receipts, function(a, b)
        return a.index < b.index
      end)
      local second = report.receipts[2]
      assert.same({ 2, "2025-10-02 00:00", "2025-10-02 23:45", 96, 96, "pending" },
        { second.index, second.first, second.last, second.rows, second.rows_uploaded, second.status })
      assert.matches("^" .. UUID .. "$", second.id)
      assert.is_nil(report.purchases)
      assert.is_nil(report.resume)
    end)

    it("cuts the rows as --batch says", function()
      local function sizes(batch)
        sandbox:reset()
        assert.equal(0, submit(support.csv(2), { "--batch", batch }).code)
        local all = {}
        for i, arrived in ipairs(sandbox:audit().purchases) do
          all[i] = arrived.rows
        end
        table.sort(all)
        return all
      end
      assert.same({ 96, 96 }, sizes "day")
      assert.same({ 192 }, sizes "all")
      assert.same({ 42, 50, 50, 50 }, sizes "50")
      assert.same({ 192 }, sizes "1e9")
      local result = submit(DAY, { "--batch", "48" })
      assert.matches("2025-10-01 12:00    48 rows  accepted  ", result.stdout, 1, true)
    end)

    it("keeps --concurrency requests in flight", function()
      -- The time between the first request and the last, each of which the sandbox keeps for half a second.
      local function spread(concurrency)
        sandbox:reset()
        sandbox:fault { path = "submit", delay = 0.5, times = 4 }
        assert.equal(0, submit(DAY, { "--batch", "24", "--concurrency", concurrency }).code)
        local arrived = sandbox:audit().requests
        assert.equal(4, #arrived)
        return arrived[4].time - arrived[1].time
      end
      assert.is_true(spread "1" > 1.4)
      assert.is_true(spread "4" < 0.5)
    end)

    it("--wait waits for the workflows", function()
      sandbox:settings { pending_seconds = 0.1, in_progress_seconds = 0.1 }
      local result = submit(support.csv(2), { "--wait" })
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal("2 of 2 purchases accepted, 192 rows\n2025-10-01  completed\n2025-10-02  completed\n",
        result.stdout:match "[^\n]*\n[^\n]*\n[^\n]*\n$")
      local report = json_of(submit(support.csv(2), { "--wait", "--json" }))
      assert.same({ 1, "2025-10-01 00:00", "completed" },
        { report.purchases[1].index, report.purchases[1].first, report.purchases[1].status })
      assert.same({ 2, report.receipts[2].index + report.receipts[1].index - 1 }, { #report.purchases, 2 })
    end)

    it("--wait tells which workflow failed", function()
      sandbox:settings { workflow = "fails" }
      local result = submit(DAY, { "--wait" })
      assert.same({ 1, "" }, { result.code, result.stderr })
      assert.matches("\n2025%-10%-01  failed  purchase " .. UUID .. " failed: Workflow execution failed.\n$",
        result.stdout)
      local report = json_of(submit(DAY, { "--wait", "--json" }))
      assert.same({ 1, "failed", "purchase_failed" },
        { report.accepted, report.purchases[1].status, report.purchases[1].error.code })
    end)

    it("--idmodel shows that model's output", function()
      local result = submit(support.csv(2), { "--idmodel", "2" })
      assert.same({ 0, "" }, { result.code, result.stderr })
      for _, day in ipairs { "2025-10-01", "2025-10-02" } do
        local chart = result.stdout:match("\n" .. day:gsub("%-", "%%-") .. "  completed  MD purchase share (%S+)\n")
        assert.equal(24 * #"▁", #chart)
      end
      local report = json_of(submit(DAY, { "--idmodel", "2", "--json" }))
      local output = report.purchases[1].output
      assert.same({ 2, 96 }, { output.idmodel, #output.value.MD })
      assert.equal("2025-10-01 00:00", output.value.MD[1].datetime)
    end)

    it("--idmodel without output is no success", function()
      local result = submit(DAY, { "--idmodel", "9" })
      assert.same({ 1, "" }, { result.code, result.stderr })
      assert.matches("\n2025-10-01  completed  no model with idmodel 9 in strategy_output\n", result.stdout, 1, true)
      sandbox:settings { models = 1 }
      local report = json_of(submit(DAY, { "--idmodel", "2", "--json" }))
      assert.same({ "completed", "not_found" }, { report.purchases[1].status, report.purchases[1].error.code })
      assert.equal(2, submit(DAY, { "--idmodel", "" }).code)
    end)

    it("shows outputs that are not as promised without falling over them", function()
      for _, output in ipairs {
        '{"idmodel":1}', '{"idmodel":1,"value":null}', '{"idmodel":1,"value":{"MD":[]}}',
        '{"idmodel":1,"value":{"MD":"none"}}', '{"idmodel":1,"value":{"MD":[1,2]}}',
        '{"idmodel":1,"value":{"MD":[{"purchase_percentage":"0.5"}]}}', '{"idmodel":1,"value":"text"}',
      } do
        sandbox:fault { path = "/get", status = 200,
          body = cjson.decode('{"id":"x","status":"completed","error":"","strategy_output":' .. output .. "}") }
        local result = submit(DAY, { "--idmodel", "1" })
        assert.equal(0, result.code, output)
        assert.matches("\n2025-10-01  completed  no shares for MD\n", result.stdout, 1, true)
      end
      sandbox:fault { path = "/get", status = 200, body = '{"id":"x","status":"completed","strategy_output":'
        .. '{"idmodel":1,"value":{"MD":[{"purchase_percentage":1e308},{"purchase_percentage":-7}]}}}' }
      assert.matches("MD purchase share █▁\n", submit(DAY, { "--idmodel", "1" }).stdout, 1, true)
    end)

    it("keeps a receipt whose message is not UTF-8", function()
      local result = answered(201, '{"id":"' .. UNKNOWN_ID .. '","status":"pending","created_at":"",'
        .. '"rows_uploaded":96,"error":null,"message":"\255"}', { "submit", "-", "--retailer", "1", "--json" }, DAY)
      local receipt = json_of(result).receipts[1]
      assert.same({ UNKNOWN_ID, 1, "2025-10-01 00:00", 96, "pending" },
        { receipt.id, receipt.index, receipt.first, receipt.rows, receipt.status })
      assert.equal(0, result.code)
    end)

    it("rejected: the others land", function()
      sandbox:fault { path = "submit", status = 400, body = { error = "No such retailer." }, skip = 1 }
      local result = submit(support.csv(4), { "--concurrency", "1" })
      assert.equal(1, result.code)
      assert.equal("3 of 4 purchases accepted, 288 rows, 1 rejected", result.stdout:match "([^\n]*)\n$")
      assert.equal("2025-10-02 00:00 to 2025-10-02 23:45: rejected: ravenwits submit: No such retailer. "
        .. "(api, status 400)\n", result.stderr)
      sandbox:fault { path = "submit", status = 400, body = { error = "No such retailer." }, skip = 1 }
      local report = json_of(submit(support.csv(4), { "--concurrency", "1", "--json" }))
      local failure = report.failures[1]
      assert.same({ 3, 1, 0, 0, 1 }, { report.accepted, report.rejected, report.unknown, report.pending,
        #report.failures })
      assert.same({ 2, "2025-10-02 00:00", "2025-10-02 23:45", 96, "rejected", "api", 400, "No such retailer." },
        { failure.index, failure.first, failure.last, failure.rows, failure.outcome, failure.error.kind,
          failure.error.status, failure.error.message })
    end)

    for effect, arrived in pairs { none = 3, applied = 4 } do
      it("unknown: not sent again, effect " .. effect, function()
        sandbox:fault { path = "submit", status = 503, effect = effect, skip = 1 }
        local result = submit(support.csv(4), { "--concurrency", "1" })
        assert.equal(1, result.code)
        assert.equal("3 of 4 purchases accepted, 288 rows, 1 unknown", result.stdout:match "([^\n]*)\n$")
        assert.matches("^2025%-10%-02 00:00 to 2025%-10%-02 23:45: unknown: [^\n]+\npurchases: unknown: they may have "
          .. "arrived; check the API before sending these rows again\n$", result.stderr)
        local counts = sandbox:audit().counts
        assert.same({ 4, arrived, arrived }, { counts.requests, counts.purchases, counts.distinct })
      end)
    end

    it("pending: a token that runs out stops it, and what is left is named", function()
      sandbox:fault { path = "submit", expire_tokens = true, skip = 2, times = 9 }
      local result = submit(support.csv(5), { "--concurrency", "1" })
      assert.equal(4, result.code)
      assert.equal("2 of 5 purchases accepted, 192 rows, 3 pending", result.stdout:match "([^\n]*)\n$")
      assert.equal("purchases: ravenwits submit: Token has expired. (auth, status 401)\n"
        .. "purchases: pending: not sent; to resume, submit rows 193 to 480 (2025-10-03 00:00 to 2025-10-05 23:45)\n",
        result.stderr)
      sandbox:reset()
      sandbox:fault { path = "submit", expire_tokens = true, skip = 2, times = 9 }
      local report = json_of(submit(support.csv(5), { "--concurrency", "1", "--json" }))
      assert.same({ 2, 3, "auth", "auth" }, { report.accepted, report.pending, report.stopped, report.error.kind })
      assert.same({ { row = 193, rows = 288, first = "2025-10-03 00:00", last = "2025-10-05 23:45" } }, report.resume)
    end)

    it("with e-mail and password logs in, and once more when the token runs out", function()
      sandbox:fault { path = "submit", expire_tokens = true, skip = 2 }
      local result = submit(support.csv(5), { "--concurrency", "2" }, { env = PASSWORD })
      assert.same({ 0, "" }, { result.code, result.stderr })
      local audit, logins = sandbox:audit(), 0
      for _, request in ipairs(audit.requests) do
        logins = logins + (request.path:find "login" and 1 or 0)
      end
      assert.same({ 2, 5, 5 }, { logins, audit.counts.purchases, audit.counts.distinct })
    end)

    it("where nothing could start says so, to machines too", function()
      local env = { env = { RAVENWITS_TOKEN = false } }
      local result = submit(support.csv(2), {}, env)
      assert_complaint(4, MISSING, result)
      result = submit(support.csv(2), { "--json" }, env)
      assert.equal(4, result.code)
      local report = json_of(result)
      assert.same({ {}, 0, 2, "auth", "missing_credentials" },
        { report.receipts, report.accepted, report.pending, report.stopped, report.error.code })
      result = submit(support.csv(2), { "--json", "--wait" }, { env = { RAVENWITS_TOKEN = false,
        RAVENWITS_EMAIL = "demo@example.com", RAVENWITS_PASSWORD = "wrong-secret" } })
      assert.equal(4, result.code)
      assert.same({}, json_of(result).purchases)
      assert.equal(0, sandbox:audit().counts.purchases)
    end)

    it("a token that ends while it waits ends the waiting at once", function()
      sandbox:fault { path = "/get", status = 401, times = 9 }
      local result = submit(support.csv(5), { "--wait" })
      assert.equal(1, result.code)
      assert.matches("5 of 5 purchases accepted", result.stdout, 1, true)
      assert.matches("\n2025%-10%-01  not known  Authentication [^\n]+\n$", result.stdout)
      assert.equal("purchases: stopped waiting after 1 of 5 purchases; 'purchases ravenwits get ID' prints one\n",
        result.stderr)
      assert.equal(6, requests())
    end)
  end)

  describe("get", function()
    it("prints the purchase as JSON", function()
      local id = purchase()
      local found = json_of(run { "get", id })
      assert.same({ id, "completed", 3 }, { found.id, found.status, #found.strategy_output })
      found = json_of(run { "get", id, "--idmodel", "2" })
      assert.same({ 2, 96 }, { found.strategy_output.idmodel, #found.strategy_output.value.MD })
    end)

    it("prints the output as CSV", function()
      local id = purchase()
      local result = run { "get", id, "--format", "csv" }
      assert.same({ 0, "" }, { result.code, result.stderr })
      local _, _, first = result.stdout:find "^idmodel,market,datetime,purchase_percentage,sale_percentage\n([^\n]+)\n"
      assert.matches("^1,MD,2025%-10%-01 00:00,0%.%d+,[%d.]+$", first)
      local counts = {}
      for model, market in result.stdout:gmatch "(%d+),(%u+%d?),[%d-]+ [%d:]+,[%d.]+,[%d.]+\n" do
        counts[model .. market] = (counts[model .. market] or 0) + 1
      end
      assert.same({ 96, 96, 96 }, { counts["1MD"], counts["2MD"], counts["3MD"] })
      local one = run { "get", id, "--format", "csv", "--idmodel", "3", "--wait" }
      assert.is_nil(one.stdout:find "\n[12],")
      assert.matches("\n3,MD,", one.stdout, 1, true)
    end)

    it("prints the API's own bytes", function()
      local function got(body, ...)
        local result = answered(200, body, { "get", "x", ... })
        assert.same({ 0, "" }, { result.code, result.stderr })
        return result.stdout
      end
      local models = '{"idmodel" : 2,"value":{}},{"seed":9007199254740993 , "idmodel":1.0,"value":{"MD": [ ]}}'
      local before, after = '{ "status":"completed","id":"x", "error":null,"strategy_output": ', ', "z":[ ],"a": 1.50 }'
      local body = before .. "[" .. models .. "]" .. after
      assert.equal(body .. "\n", got("\239\187\191" .. body .. "\r\n"))
      assert.equal(before .. '{"seed":9007199254740993 , "idmodel":1.0,"value":{"MD": [ ]}}' .. after .. "\n",
        got(body, "--idmodel", "1"))
      sandbox:fault { path = "/get", status = 200, body = body }
      local result = submit(DAY, { "--idmodel", "1", "--json" })
      assert.matches('"output":{"seed":9007199254740993 , "idmodel":1.0,"value":{"MD": [ ]}},', result.stdout, 1, true)
    end)

    it("quotes CSV where it must, and leaves out what is not there", function()
      sandbox:fault { path = "/get", status = 200, body = '{"id":"x","status":"completed","strategy_output":'
        .. '{"idmodel":"a,\\"b\\"","value":{"MD":[{"datetime":"2025-10-01 00:00","purchase_percentage":null}]}}}' }
      assert.matches('\n"a,""b""",MD,2025-10-01 00:00,,\n', run({ "get", "x", "--format", "csv" }).stdout, 1, true)
    end)

    it("--wait waits", function()
      sandbox:settings { workflow = "never_starts" }
      local id = purchase()
      assert.equal("pending", json_of(run { "get", id }).status)
      local before = requests()
      local child = ravenwits.start { "get", id, "--wait" }
      assert.is_truthy(command.wait_until(function()
        return requests() > before
      end))
      assert.is_nil(child:has_ended())
      assert.equal(0, run({ "update", id, "--status", "completed", "--outputs", "-" }, { stdin = "[]" }).code)
      assert.equal("completed", json_of(support.check_result(child:wait())).status)
    end)

    it("what has no output yet", function()
      sandbox:settings { workflow = "never_starts" }
      local id = purchase()
      assert_complaint(1, ("purchase %s is pending: there is no output yet; --wait waits for it"):format(id),
        run { "get", id, "--idmodel", "1" })
      assert_complaint(1, ("purchase %s is pending: there is no strategy_output"):format(id),
        run { "get", id, "--format", "csv" })
    end)

    it("what failed", function()
      sandbox:settings { workflow = "fails" }
      local id = purchase()
      assert.equal("failed", json_of(run { "get", id }).status)
      local result = run { "get", id, "--wait" }
      assert.equal(1, result.code)
      local message = "purchases: ravenwits wait: purchase %s failed: Workflow execution failed. (api, status 200)\n"
      assert.equal(message:format(id), result.stderr)
      assert.equal("failed", cjson.decode(result.stdout).status)
      -- Into one pipe, what was found goes before the complaint about it.
      local script = ("purchases ravenwits get %s --wait 2>&1 | cat"):format(id)
      local both = command.run({ "-c", script }, { program = "sh", env = { RAVENWITS_BASE_URL = sandbox.url,
        RAVENWITS_TOKEN = "sandbox-token", RAVENWITS_USER = "trebolenergia" } })
      assert.equal(result.stdout .. result.stderr, both.stdout)
    end)

    it("models and purchases that there are not", function()
      local id = purchase()
      for _, wait in ipairs { "--format=json", "--wait" } do
        assert_complaint(1, "no model with idmodel 9 in strategy_output (api)",
          run { "get", id, "--idmodel", "9", wait })
        assert_complaint(1, "ravenwits get: Purchase not found. (api, status 404)", run { "get", UNKNOWN_ID, wait })
      end
      assert_complaint(1, "ravenwits get: Purchase not found. (api, status 404)", run { "get", id, "--user", "other" })
    end)

    it("ids that are none", function()
      local why = "the id must not be empty or contain control characters; see 'purchases ravenwits get --help'"
      assert_complaint(2, why, run { "get", "" })
      assert_complaint(2, why, run { "get", "a\nb" })
      assert_complaint(2, "missing argument 'id'; see 'purchases ravenwits get --help'", run { "get" })
      assert_complaint(3, "ravenwits get: id must not be '.' or '..' (validation)", run { "get", ".." })
      run { "get", "../../../health/?x#y" }
      assert.matches("/purchase/..%2F..%2F..%2Fhealth%2F%3Fx%23y/get", sandbox:audit().requests[1].path, 1, true)
    end)

    it("outputs that no CSV can show", function()
      for _, output in ipairs { '"text"', "[1]", '{"a":1}', '[{"idmodel":1}]', '[{"idmodel":1,"value":{"MD":1}}]',
        '[{"idmodel":1,"value":{"MD":[1]}}]', '[{"idmodel":1,"value":{"MD":[{}]}}]', '[{"idmodel":1,"value":[[]]}]' } do
        sandbox:fault { path = "/get", status = 200,
          body = '{"id":"x","status":"completed","strategy_output":' .. output .. "}" }
        assert_complaint(1, "purchase x is completed: strategy_output is not a list of models with markets; "
          .. "--format json prints it", run { "get", "x", "--format", "csv" })
      end
    end)

    it("answers that are not UTF-8 as Latin-1", function()
      local result = answered(200, '{"id":"x","status":"completed","error":"\255"}', { "get", "x" })
      assert.same({ 0, '{"error":"\195\191","id":"x","status":"completed"}\n' }, { result.code, result.stdout })
    end)

    it("formats that are none", function()
      assert_complaint(2, "argument for option '--format' must be one of 'json', 'csv'; "
        .. "see 'purchases ravenwits get --help'", run { "get", UNKNOWN_ID, "--format", "xml" })
    end)
  end)

  describe("update", function()
    local OUTPUTS = '[ {"idmodel": 1, "value": {"MD": [{"datetime": "2025-10-01 00:00", '
      .. '"purchase_percentage": 0.1, "sale_percentage": 1}], "MID1": [ ], "MID2": []}} ]'
    local function stored(id)
      local _, body = sandbox:call("GET", "/api/v0/user/trebolenergia/purchase/" .. id .. "/get",
        { token = sandboxes.TOKEN })
      return body:match '"strategy_output":(.*)}$'
    end

    it("stores outputs from a file, an empty list as an empty list", function()
      local id = purchase()
      local updated = json_of(run { "update", id, "--status", "completed", "--outputs", file_with(OUTPUTS) })
      assert.same({ id, "completed" }, { updated.id, updated.status })
      assert.equal(OUTPUTS, stored(id))
    end)

    it("stores outputs from standard input", function()
      local id = purchase()
      local result = run({ "update", id, "--status", "in_progress", "--outputs", "-" }, { stdin = OUTPUTS })
      assert.equal("in_progress", json_of(result).status)
      assert.equal(OUTPUTS, stored(id))
      for _, text in ipairs { "[]", "{}", '{"a":"[]\\"[ ]","b":[[],{}],"c":null}' } do
        assert.equal(0, run({ "update", id, "--status", "pending", "--outputs", "-" }, { stdin = text }).code)
        assert.equal(text, stored(id))
      end
    end)

    it("sends the bytes of the outputs as they are", function()
      local text = ' [{"idmodel": 1, "value": {"MD": []}, "seed": 12345678901234567000, "b": [ ], "x": 1.50}]\n'
      local body
      local function receive(connection, length)
        body = connection:receive(length)
      end
      local result = answered(200, '{"id":"x","status":"pending"}',
        { "update", "x", "--status", "pending", "--error", "none", "--outputs", "-" }, "\239\187\191" .. text, receive)
      assert.equal(0, result.code, result.stderr)
      assert.equal('{"error":"none","outputs":' .. text .. ',"status":"pending"}', body)
    end)

    it("stores why it failed", function()
      local id = purchase()
      local result = run({ "update", id, "--status", "failed", "--error", "no prices", "--outputs", "-" },
        { stdin = "[]" })
      assert.same({ "failed", "no prices" }, { json_of(result).status, json_of(result).error })
      local why = "--status failed needs --error, which says what went wrong"
      assert_complaint(2, why, run { "update", id, "--status", "failed", "--outputs", "-" })
      assert_complaint(2, why, run { "update", id, "--status", "failed", "--error", "", "--outputs", "-" })
    end)

    it("names line and column of what is no JSON", function()
      local function refused(text)
        return run({ "update", UNKNOWN_ID, "--status", "completed", "--outputs", "-" }, { stdin = text })
      end
      local result = refused '{\n  "a": [1,\n  2,]}'
      assert.equal(3, result.code)
      assert.matches("^purchases: %-:3:5: [^\n]+; nothing was sent\n$", result.stderr)
      assert.matches("^purchases: %-:1:1: ", refused("").stderr)
      assert_complaint(3, "-: expected a JSON object or list; nothing was sent", refused "12")
      assert_complaint(3, "-: expected a JSON object or list; nothing was sent", refused "null")
      result = refused '[{"idmodel":1,"value":{"MD":[{"datetime":"2025-10-01T00:00"}]}}]'
      assert_complaint(3, "ravenwits update: outputs[0].value.MD[0].datetime must be a time as \"YYYY-MM-DD HH:MM\" "
        .. "(validation)", result)
      assert.equal(0, requests())
    end)

    it("files that are none", function()
      local function refused(name)
        return run { "update", UNKNOWN_ID, "--status", "completed", "--outputs", name }
      end
      assert_complaint(3, "cannot read '/nowhere.json': No such file or directory; nothing was sent",
        refused "/nowhere.json")
      assert_complaint(3, "cannot read '/tmp': Is a directory; nothing was sent", refused "/tmp")
    end)

    it("usage", function()
      local see = "; see 'purchases ravenwits update --help'"
      assert_complaint(2, "argument for option '--status' must be one of 'failed', 'pending', 'in_progress', "
        .. "'completed'" .. see, run { "update", UNKNOWN_ID, "--status", "done", "--outputs", "-" })
      assert_complaint(2, "missing option '--outputs'" .. see, run { "update", UNKNOWN_ID, "--status", "pending" })
      assert_complaint(2, "missing option '--status'" .. see, run { "update", UNKNOWN_ID, "--outputs", "-" })
    end)

    it("a purchase that there is not", function()
      assert_complaint(1, "ravenwits update: Purchase not found. (api, status 404)",
        run({ "update", UNKNOWN_ID, "--status", "completed", "--outputs", "-" }, { stdin = "[]" }))
    end)
  end)

  describe("credentials", function()
    local STRATEGIES = { "strategies", "--retailer", "1" }

    it("from a file, with or without a line's end", function()
      for _, text in ipairs { "other-token", "other-token\n", "other-token\r\n", "other-token  \nand a remark\n" } do
        local result = run({ "strategies", "--retailer", "1", "--token-file", file_with(text) })
        assert.equal(0, result.code, text)
      end
      local seen = sandbox:audit().requests
      assert.equal(seen[1].credentials, seen[4].credentials)
      run(STRATEGIES)
      assert.not_equal(seen[1].credentials, sandbox:audit().requests[5].credentials)
    end)

    it("from a file that has none", function()
      local function with(name)
        return run({ "strategies", "--retailer", "1", "--token-file", name })
      end
      local empty, blank, broken = file_with "", file_with " \n", file_with "other-token wrong-secret\n"
      assert_complaint(2, empty .. ": the first line is empty, expected the token", with(empty))
      assert_complaint(2, blank .. ": the first line is empty, expected the token", with(blank))
      assert_complaint(2, broken .. " must not contain spaces or control characters", with(broken))
      assert_complaint(2, "cannot read '/nowhere': No such file or directory", with "/nowhere")
      assert_complaint(2, "cannot read '/tmp': Is a directory", with "/tmp")
    end)

    it("that cannot be any", function()
      for _, token in ipairs {
        "other-token\nwrong-secret", "other-token\r", "wrong-secret other-token", "\twrong-secret",
      } do
        assert_complaint(2, "RAVENWITS_TOKEN must not contain spaces or control characters",
          run(STRATEGIES, { env = { RAVENWITS_TOKEN = token } }))
      end
      assert_complaint(2, "RAVENWITS_PASSWORD must not contain spaces or control characters",
        run({ "login" }, { env = { RAVENWITS_EMAIL = "demo@example.com", RAVENWITS_PASSWORD = "wrong-secret\n" } }))
      assert.equal(0, requests())
    end)

    it("are blotted out where the server repeats them", function()
      local echo = { error = "no customer for Bearer sandbox-token", detail = "sandbox-token" }
      for _, arguments in ipairs { STRATEGIES, { "get", UNKNOWN_ID }, { "get", UNKNOWN_ID, "--wait" } } do
        sandbox:fault { status = 400, body = echo }
        local result = run(arguments)
        assert.equal(1, result.code)
        assert.matches("no customer for Bearer ***", result.stderr, 1, true)
      end
      sandbox:fault { status = 400, body = echo, times = 2 }
      assert.matches("Bearer ***", submit(DAY).stderr, 1, true)
      assert.matches("Bearer ***", submit(DAY, { "--json" }).stdout, 1, true)
      sandbox:fault { status = 401, body = { detail = "no sandbox-password" } }
      assert.matches("no ***", run({ "login" }, { env = PASSWORD }).stderr, 1, true)
    end)

    it("are not among the arguments that others can read", function()
      local id = purchase()
      sandbox:fault { delay = 10, times = 9 }
      for _, arguments in ipairs {
        { "login" }, STRATEGIES, { "get", id }, { "submit", "-", "--retailer", "1" },
        { "update", id, "--status", "pending", "--outputs", "-" },
      } do
        local before = requests()
        local stdin = arguments[1] == "submit" and DAY or "[]"
        local env = arguments[1] == "login" and PASSWORD or nil
        local child = ravenwits.start(arguments, { stdin = stdin, env = env })
        assert.is_truthy(command.wait_until(function()
          return requests() > before
        end))
        local line = command.contents(("/proc/%s/cmdline"):format(child.pid))
        assert.equal("ravenwits\0" .. table.concat(arguments, "\0"), line:match "ravenwits.*":sub(1, -2))
        assert.is_nil(line:find "sandbox%-%a+")
        child:signal "KILL"
        support.check_result(child:wait())
      end
    end)

    it("are refused as arguments, and not repeated", function()
      for _, option in ipairs { "--token", "--password", "--api-key" } do
        for _, words in ipairs { { option .. "=wrong-secret" }, { option, "wrong-secret" } } do
          assert_complaint(2, ("unknown option '%s'; see 'purchases ravenwits strategies --help'"):format(option),
            run(command.concat(STRATEGIES, words)))
        end
      end
    end)
  end)

  describe("the base URL", function()
    local function health(url)
      return run({ "health" }, { env = { RAVENWITS_BASE_URL = url } })
    end

    it("that is none", function()
      for _, url in ipairs { "api.example.com", "ftp://127.0.0.1", "https://", "https://u:wrong-secret@127.0.0.1",
        "http://127.0.0.1/?q", "https://127.0.0.1/\nX: y" } do
        assert_complaint(2, "RAVENWITS_BASE_URL must be http(s)://host[:port][/path]", health(url))
      end
    end)

    it("without TLS", function()
      assert_complaint(2, "RAVENWITS_BASE_URL would carry credentials in the open: use https",
        health "http://api.example.com")
    end)

    it("with a path, or a slash at its end", function()
      assert.equal(0, health(sandbox.url .. "/").code)
      assert.equal(1, health(sandbox.url .. "/elsewhere/").code)
      assert.equal("/elsewhere/health/", sandbox:audit().requests[2].path)
    end)
  end)

  -- Long enough for LuaJIT to have compiled what writes.
  it("loses no receipt when the disk fills up meanwhile", function()
    local name, out = file_with(support.csv(6)), os.tmpname()
    local script = ("(trap '' XFSZ; ulimit -f 16; exec purchases ravenwits submit %s --retailer 1 --batch 1 >%s) 2>&1")
      :format(name, out)
    local result = command.run({ "-c", script .. " | cat" }, { program = "sh", env = {
      RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token", RAVENWITS_USER = "trebolenergia" } })
    local said = command.contents(out) .. result.stdout
    os.remove(out)
    assert.matches("\npurchases: cannot write to standard output: File too large\n$", said)
    local accepted = tonumber(said:match "(%d+) of 576 purchases accepted")
    assert.equal(accepted, sandbox:audit().counts.purchases)
    local whole = select(2, said:gsub("accepted  " .. UUID .. "\n", ""))
    assert.is_true(whole >= accepted - 1, whole .. " of " .. accepted) -- one may stand in two halves
  end)

  -- Several tries take seconds: they are made side by side.
  it("nobody reached: exit code 5; no answer that is one: exit code 1", function()
    local closed = sandboxes.start()
    closed:stop()
    sandbox:fault { path = "login", status = 200, body = "<html>", times = 99 }
    local login = ravenwits.start({ "login" }, { env = PASSWORD })
    local children = {
      ravenwits.start({ "health" }, { env = { RAVENWITS_BASE_URL = closed.url } }),
      ravenwits.start({ "health" }, { env = { RAVENWITS_BASE_URL = "https://x.invalid" } }),
      ravenwits.start_submit(support.csv(2), {}, { env = { RAVENWITS_BASE_URL = closed.url } }),
      ravenwits.start_submit(support.csv(2), { "--json" }, { env = support.merge(PASSWORD,
        { RAVENWITS_BASE_URL = closed.url }) }),
    }
    local results = {}
    for i, child in ipairs(children) do
      results[i] = support.check_result(child:wait())
      assert.equal(5, results[i].code)
    end
    for i, host in ipairs { "127%.0%.0%.1", "x%.invalid" } do
      assert.matches("^purchases: ravenwits health: [^\n]*" .. host .. "[^\n]*%(transport, 5 attempts%)\n$",
        results[i].stderr)
    end
    assert.equal("0 of 2 purchases accepted, 0 rows, 2 pending\n", results[3].stdout)
    assert.equal("purchases: pending: none was accepted; to resume, submit the whole file again",
      results[3].stderr:match "([^\n]*)\n$")
    local report = json_of(results[4])
    assert.same({ 2, "unreachable", "no" }, { report.pending, report.stopped, report.error.sent })
    local result = support.check_result(login:wait())
    assert.equal(1, result.code)
    assert.matches("^purchases: ravenwits login: the server answers 200 to POST http://[^\n]+/api/v0/auth/login/, "
      .. "and not as the API does %(expected a JSON object[^\n]+%); check base_url[^\n]*\n$", result.stderr)
  end)

  describe("a result that cannot be written", function()
    local WHY = "purchases: cannot write to standard output: "
    local REASONS = { full = "No space left on device", broken = "Broken pipe", closed = "Bad file descriptor" }

    it("is no success", function()
      local id = purchase()
      for kind, why in pairs(REASONS) do
        for _, arguments in ipairs { { "health" }, { "strategies", "--retailer", "1" }, { "get", id },
          { "get", id, "--format", "csv" } } do
          local result = run(arguments, { stdout = kind })
          assert.same({ 1, WHY .. why .. "\n" }, { result.code, result.stderr })
        end
      end
    end)

    it("stops a submit, and what was accepted is still told", function()
      for kind, why in pairs(REASONS) do
        for _, form in ipairs { { "--wait" }, { "--json", "--wait" } } do
          sandbox:reset()
          sandbox:fault { path = "submit", delay = 0.12, times = 99 }
          local result = submit(support.csv(9), command.concat({ "--concurrency", "2" }, form), { stdout = kind })
          assert.equal(1, result.code)
          local accepted, rows, pending, resume = result.stderr:match(
            "\n(%d+) of 9 purchases accepted, (%d+) rows, (%d+) pending\n"
              .. "purchases: pending: not sent; to resume, submit rows (%d+) to 864 [^\n]+\n"
              .. "[^\n]*" .. why .. "\n$")
          local audit = sandbox:audit()
          assert.same({ audit.counts.purchases, audit.counts.rows }, { tonumber(accepted), tonumber(rows) })
          assert.same({ 9, audit.counts.rows + 1 }, { accepted + pending, tonumber(resume) })
          assert.is_true(audit.counts.purchases < 9)
          for _, arrived in ipairs(audit.purchases) do
            assert.matches("accepted  " .. arrived.id, result.stderr, 1, true)
          end
        end
      end
    end)

    it("leaves a reader of the first line with it", function()
      local env = { RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token", RAVENWITS_USER = "u" }
      local line = "{ purchases ravenwits submit - --retailer 1 --concurrency 1; echo $? >&2; } | head -n 1"
      sandbox:fault { path = "submit", delay = 0.1, times = 99 }
      local result = command.run({ "-c", line }, { program = "sh", env = env, stdin = support.csv(9) })
      assert.matches("^2025%-10%-01    96 rows  accepted  " .. UUID .. "\n$", result.stdout)
      assert.matches("Broken pipe\n1\n$", result.stderr)
      assert.is_true(sandbox:audit().counts.purchases < 9)
    end)
  end)
end)
