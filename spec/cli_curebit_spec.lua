-- `purchases curebit`: every command with its success and its failures, exit codes, and no credentials.
local api_command = require "spec.support.api_command"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"

local complains, json_of = api_command.complains, api_command.json_of
local SECRETS = { "sandbox-curebit-key", "wrong-secret" }
local MISSING = "there is no API key; set CUREBIT_API_KEY or --token-file"

describe("purchases curebit", function()
  local sandbox, curebit

  setup(function()
    sandbox = sandboxes.start()
    curebit = api_command.new("curebit", {
      CUREBIT_BASE_URL = sandbox.url,
      CUREBIT_API_KEY = "sandbox-curebit-key",
      CUREBIT_SITE = "sandbox-shop",
    }, SECRETS)
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function run(arguments, options)
    return curebit.run(arguments, options)
  end

  local function with(env)
    return { env = env }
  end

  local PURCHASE = '{"email":"a@example.com","subtotal":%s,"order_number":"%s","order_date":"2026-03-01 10:00:00"}'

  -- Orders that the sandbox has, put there without the command.
  local function create(order, subtotal)
    local body = ('{"purchases":[' .. PURCHASE .. "]}"):format(subtotal or "10.5", order)
    assert.equal(201, (sandbox:call("POST", "/api/v1/sites/sandbox-shop/purchases/create?api_key=sandbox-curebit-key",
      { body = body })))
  end

  local function requests()
    return sandbox:audit().counts.requests
  end

  describe("set-rewards-status", function()
    it("approves, voids, unrewards", function()
      create "A/1"
      create "A2"
      assert.same({ success = true }, json_of(run { "set-rewards-status", "A/1", "approved" }))
      assert.same({ success = true }, json_of(run { "set-rewards-status", "A2", "voided" }))
      assert.same({ success = true }, json_of(run { "set-rewards-status", "A2", "unrewarded" }))
      assert.equal("approved", sandbox:audit().purchases[1].rewards_status)
    end)

    it("passes on what the API has to say of it", function()
      create("A1", "0")
      assert.same({ success = true, notice = "no rewards" }, json_of(run { "set-rewards-status", "A1", "approved" }))
    end)

    it("tells what is refused", function()
      create "A1"
      run { "set-rewards-status", "A1", "approved" }
      complains(1, "curebit set_rewards_status: Purchase is already approved and can not be voided (api, status 400)",
        run { "set-rewards-status", "A1", "voided" })
      complains(1, "curebit set_rewards_status: Couldn't find Purchase with order_number = nope (api, status 400)",
        run { "set-rewards-status", "nope", "voided" })
      complains(1, "curebit set_rewards_status: An exception occurred. No site found by site_slug: elsewhere "
        .. "(api, status 404)", run { "set-rewards-status", "A1", "voided", "--site", "elsewhere" })
    end)

    it("takes no other status, and no empty order", function()
      local before = requests()
      complains(2, "argument 'status' must be one of 'approved', 'voided', 'unrewarded'; "
        .. "see 'purchases curebit set-rewards-status --help'", run { "set-rewards-status", "A1", "paid" })
      complains(2, "the order number must not be empty or contain control characters; "
        .. "see 'purchases curebit set-rewards-status --help'", run { "set-rewards-status", "", "voided" })
      assert.equal(before, requests())
    end)
  end)

  describe("create and check", function()
    local folder

    before_each(function()
      folder = command.output_of "mktemp -d"
    end)
    after_each(function()
      os.execute("rm -rf " .. folder)
    end)

    local function file_with(text, name)
      return command.write_file(folder .. "/" .. (name or "in.ndjson"), text)
    end

    local function here(arguments, options)
      options = options or {}
      options.directory = folder
      return run(arguments, options)
    end

    -- Lines of orders A1 to A`count`; `other` has those that are to differ.
    local function lines(count, other)
      local list = {}
      for i = 1, count do
        list[i] = other and other[i] or PURCHASE:format("10.5", "A" .. i)
      end
      return table.concat(list, "\n") .. "\n"
    end

    local BAD = PURCHASE:format("null", "A42")
    local BAD_LINE = "in.ndjson:42:37: /subtotal must be a number, not null [type]\n"

    it("one bad purchase holds back no other", function()
      file_with(lines(100, { [42] = BAD }))
      local result = here({ "check", "in.ndjson" }, with { CUREBIT_API_KEY = false, CUREBIT_SITE = false })
      assert.same({ 3, "in.ndjson: 100 purchases, 99 valid, 1 invalid\n", BAD_LINE },
        { result.code, result.stdout, result.stderr })
      assert.equal(0, requests())
      result = here { "create", "in.ndjson", "--rejects", "out" }
      assert.same({ 1, "99 of 100 purchases accepted, 1 rejected\nrejected for: type 1\n", BAD_LINE
        .. "purchases: rejected purchases and reasons are in out, out.reasons\n" },
        { result.code, result.stdout, result.stderr })
      assert.equal(99, sandbox:audit().counts.purchases)
      file_with(command.contents(folder .. "/out"):gsub("null", "0.5"), "out")
      assert.equal(0, here({ "create", "out" }).code)
      assert.equal(100, sandbox:audit().counts.distinct)
    end)

    it("a second run creates nothing, and says so", function()
      file_with(lines(5))
      assert.equal(0, here({ "create", "in.ndjson" }).code)
      local report = json_of(here { "create", "in.ndjson", "--json" })
      assert.same({ 0, 5, 5 }, { report.accepted, report.rejected, report.duplicates })
      assert.same({ 1, "A1", true, "duplicated_order_number" }, { report.failures[1].line, report.failures[1].key,
        report.failures[1].duplicate, report.failures[1].error.code })
      assert.equal(5, sandbox:audit().counts.purchases)
    end)

    it("tells why it does not know what became of some, and goes on with them", function()
      file_with(lines(30))
      sandbox:fault { path = "create", status = 201, body = "<html>", effect = "applied", skip = 1, times = 5 }
      local result = here { "create", "in.ndjson", "--batch", "10", "--concurrency", "1" }
      assert.same({ 1, "20 of 30 purchases accepted, 10 unknown\n" }, { result.code, result.stdout })
      assert.matches("^purchases: 10 unknown: curebit create_all: the server answers 201 to POST [^\n]*/create[^\n ]*, "
        .. "and not as the API does %(expected a JSON object, [^\n]* 5 attempts%)\n"
        .. "purchases: to go on, run the same command again with %-%-from%-line 11: [^\n]*\n$", result.stderr)
      result = here { "create", "in.ndjson", "--from-line", "11" }
      assert.equal("0 of 20 purchases accepted, 20 already existed\n", result.stdout)
    end)

    it("wrong key, wrong site, nobody there", function()
      file_with(lines(2))
      local result = here({ "create", "in.ndjson" }, with { CUREBIT_API_KEY = "wrong-secret" })
      assert.same({ 4, "0 of 2 purchases accepted, 2 pending\n" }, { result.code, result.stdout })
      assert.matches("purchases: curebit create_all: Invalid api_key (auth, status 403)\n", result.stderr, 1, true)
      result = here { "create", "in.ndjson", "--site", "elsewhere" }
      assert.same({ 1, "0 of 2 purchases accepted, 2 pending\n" }, { result.code, result.stdout })
      assert.matches("No site found by site_slug: elsewhere", result.stderr, 1, true)
      complains(2, "set the site with --site or CUREBIT_SITE",
        here({ "create", "in.ndjson" }, with { CUREBIT_SITE = false }))
      result = here({ "create", "in.ndjson" }, with { CUREBIT_BASE_URL = "http://127.0.0.1:1" })
      assert.same({ 5, "0 of 2 purchases accepted, 2 pending\n" }, { result.code, result.stdout })
    end)
  end)

  describe("credentials", function()
    local COMMAND = { "set-rewards-status", "A1", "approved" }

    it("that are wrong", function()
      complains(4, "curebit set_rewards_status: Invalid api_key (auth, status 403)",
        run(COMMAND, with { CUREBIT_API_KEY = "wrong-secret" }))
    end)

    it("that are missing, or none", function()
      local before = requests()
      complains(4, MISSING, run(COMMAND, with { CUREBIT_API_KEY = false }))
      complains(4, MISSING, run(COMMAND, with { CUREBIT_API_KEY = "" }))
      complains(2, "CUREBIT_API_KEY must not contain spaces or control characters",
        run(COMMAND, with { CUREBIT_API_KEY = "wrong-secret and more" }))
      complains(2, "set the site with --site or CUREBIT_SITE", run(COMMAND, with { CUREBIT_SITE = false }))
      assert.equal(before, requests())
    end)

    it("from --token-file, which goes before the environment", function()
      create "A1"
      local name = command.write_file(os.tmpname(), "sandbox-curebit-key\n")
      local result = run(command.concat(COMMAND, { "--token-file", name }), with { CUREBIT_API_KEY = "wrong-secret" })
      assert.same({ success = true }, json_of(result))
      command.write_file(name, "\n")
      complains(2, name .. ": the first line is empty, expected the API key",
        run(command.concat(COMMAND, { "--token-file", name })))
      os.remove(name)
      complains(2, ("cannot read '%s': No such file or directory"):format(name),
        run(command.concat(COMMAND, { "--token-file", name })))
    end)
  end)

  it("goes to no other host in the open", function()
    complains(2, "CUREBIT_BASE_URL would carry credentials in the open: use https",
      run({ "set-rewards-status", "A1", "approved" }, with { CUREBIT_BASE_URL = "http://example.com" }))
  end)
end)
