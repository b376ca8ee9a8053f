-- `purchases curebit`: every command with its success and its failures, exit codes, and no credentials.
local api_command = require "spec.support.api_command"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"

local complains, json_of = api_command.complains, api_command.json_of
local SECRETS = { "sandbox-curebit-key", "wrong-secret" }
local MISSING = "there is no API key; set CUREBIT_API_KEY, or name a --token-file"

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
      complains(2, "the order number must not be empty, nor hold control characters; "
        .. "see 'purchases curebit set-rewards-status --help'", run { "set-rewards-status", "", "voided" })
      assert.equal(before, requests())
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
      complains(2, "CUREBIT_API_KEY holds a space or a control character, which no credential does",
        run(COMMAND, with { CUREBIT_API_KEY = "wrong-secret and more" }))
      complains(2, "name the site with --site or CUREBIT_SITE", run(COMMAND, with { CUREBIT_SITE = false }))
      assert.equal(before, requests())
    end)

    it("from --token-file, which goes before the environment", function()
      create "A1"
      local name = command.write_file(os.tmpname(), "sandbox-curebit-key\n")
      local result = run(command.concat(COMMAND, { "--token-file", name }), with { CUREBIT_API_KEY = "wrong-secret" })
      assert.same({ success = true }, json_of(result))
      command.write_file(name, "\n")
      complains(2, name .. ": its first line is empty, and should be the API key",
        run(command.concat(COMMAND, { "--token-file", name })))
      os.remove(name)
      complains(2, ("cannot read %s: No such file or directory"):format(name),
        run(command.concat(COMMAND, { "--token-file", name })))
    end)
  end)

  it("reaches nobody", function()
    local result = run({ "set-rewards-status", "A1", "approved" }, with { CUREBIT_BASE_URL = "http://127.0.0.1:1" })
    assert.same({ 5, "" }, { result.code, result.stdout })
    assert.matches("^purchases: curebit set_rewards_status: [^\n]+\n$", result.stderr)
  end)

  it("goes to no other host in the open", function()
    complains(2, "CUREBIT_BASE_URL would carry credentials in the open: use https",
      run({ "set-rewards-status", "A1", "approved" }, with { CUREBIT_BASE_URL = "http://example.com" }))
  end)
end)
