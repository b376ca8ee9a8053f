-- `purchases woowup`: every command with its success and its failures, exit codes, and no credentials.
local api_command = require "spec.support.api_command"
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"

local complains, json_of = api_command.complains, api_command.json_of
local SECRETS = { "sandbox-woowup-key", "wrong-secret" }
local MISSING = "there is no API key; set WOOWUP_API_KEY or --token-file"

describe("purchases woowup", function()
  local sandbox, woowup

  setup(function()
    sandbox = sandboxes.start { queue_seconds = 0 }
    woowup = api_command.new("woowup", {
      WOOWUP_BASE_URL = sandbox.url .. "/apiv3",
      WOOWUP_API_KEY = "sandbox-woowup-key",
    }, SECRETS)
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function run(arguments, options)
    return woowup.run(arguments, options)
  end

  local function with(env)
    return { env = env }
  end

  -- Purchases that the sandbox has, put there without the command.
  local function create(invoice, fields)
    local purchase = {
      invoice_number = invoice,
      service_uid = "u1",
      purchase_detail = { { sku = "S1", quantity = 2, unit_price = 1.5 } },
      prices = { total = 3 },
      createtime = "2026-03-01 15:00:00",
    }
    for name, value in pairs(fields or {}) do
      purchase[name] = value
    end
    assert.equal(200, (sandbox:call("POST", "/apiv3/purchases",
      { body = cjson.encode(purchase), headers = { authorization = "Basic sandbox-woowup-key" } })))
  end

  local function requests()
    return sandbox:audit().counts.requests
  end

  describe("find", function()
    it("prints a line about each purchase", function()
      create "FAC-1"
      create("FAC-2", { branch_name = "Palermo I" })
      local result = run { "find", "--service-uid", "u1" }
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal("FAC-1  2026-03-01 15:00:00  1 item  total 3  customer u1  branch -\n"
        .. "FAC-2  2026-03-01 15:00:00  1 item  total 3  customer u1  branch Palermo I\n", result.stdout)
    end)

    it("prints one JSON object", function()
      create("FAC-2", { branch_name = "Palermo I" })
      for _, arguments in ipairs { { "--invoice-number", "FAC-2", "--branch-id", "2" },
        { "--branch-name", "Palermo I" } } do
        local found = json_of(run(command.concat({ "find", "--json" }, arguments))).purchases
        assert.same({ 1, "FAC-2", 3 }, { #found, found[1].invoice_number, found[1].prices.total })
        assert.equal("S1", found[1].purchase_detail[1].product_id)
      end
    end)

    it("tells what is not there", function()
      complains(1, "woowup find: purchase not found (api, status 404)", run { "find", "--invoice-number", "FAC-9" })
    end)

    it("asks nothing without saying what for", function()
      local before = requests()
      complains(2, "--invoice-number, --service-uid or --branch-name is required", run { "find" })
      complains(2, "--branch-id requires --invoice-number", run { "find", "--branch-id", "1" })
      complains(2, "--invoice-number must not be empty or contain control characters; "
        .. "see 'purchases woowup find --help'", run { "find", "--invoice-number", "" })
      assert.equal(before, requests())
    end)
  end)

  describe("iin", function()
    it("tells what is known of a card", function()
      local card = json_of(run { "iin", "123456" })
      assert.same({ "visa", "Spar Nord" }, { card.scheme, card.bank.name })
    end)

    it("failures", function()
      complains(1, "woowup iin: IIN not found (api, status 404)", run { "iin", "999999" })
      local before = requests()
      complains(3, "woowup iin: an IIN is exactly 6 digits: the first six of a card's number (validation)",
        run { "iin", "12345" })
      assert.equal(before, requests())
    end)
  end)

  describe("delete", function()
    it("deletes one purchase", function()
      create "FAC-1"
      create("FAC-1", { branch_name = "001" })
      assert.same({ invoice_number = "FAC-1", deleted = true },
        json_of(run { "delete", "--invoice-number", "FAC-1", "--branch-name", "001" }))
      assert.same({ invoice_number = "FAC-1", deleted = true }, json_of(run { "delete", "--invoice-number", "FAC-1" }))
      complains(1, "woowup delete: purchase not found (api, status 404)",
        run { "delete", "--invoice-number", "FAC-1" })
      complains(1, "woowup delete: branch not found (api, status 404)",
        run { "delete", "--invoice-number", "FAC-1", "--branch-name", "nowhere" })
    end)
  end)

  describe("delete-range", function()
    local NOTIFY = { "--notify-to", "me@example.com" }

    it("deletes a range of a zone's time", function()
      create("FAC-1", { createtime = "2026-03-01 17:59:59" })
      create("FAC-2", { createtime = "2026-03-01 18:00:00" })
      local result = run(command.concat({ "delete-range", "--from", "2026-03-01 15:00", "--to", "2026-03-01 16:00",
        "--tz", "America/Argentina/Buenos_Aires" }, NOTIFY))
      assert.matches("^%w+$", json_of(result).request_id)
      assert.matches("FAC-1", run({ "find", "--service-uid", "u1" }).stdout, 1, true)
      assert.equal(1, run({ "find", "--invoice-number", "FAC-2" }).code)
    end)

    it("takes times that have an offset", function()
      create("FAC-1", { createtime = "2026-03-01 17:59:59" })
      create("FAC-2", { createtime = "2026-03-01 18:00:00" })
      local result = run(command.concat({ "delete-range", "--from", "2026-03-01T15:00:00-03:00",
        "--to", "2026-03-01T19:00:00Z" }, NOTIFY))
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("^FAC%-1  [^\n]+\n$", run({ "find", "--service-uid", "u1" }).stdout)
    end)

    it("deletes a branch", function()
      create("FAC-1", { branch_name = "001" })
      assert.equal(0, run(command.concat({ "delete-range", "--branch-name", "001" }, NOTIFY)).code)
      assert.equal(1, run({ "find", "--invoice-number", "FAC-1" }).code)
      complains(1, "woowup delete_range: branch not found (api, status 404)",
        run(command.concat({ "delete-range", "--branch-name", "nowhere" }, NOTIFY)))
    end)

    it("sends nothing that is not clear", function()
      local before = requests()
      local function refused(code, complaint, ...)
        complains(code, complaint, run(command.concat(command.concat({ "delete-range" }, { ... }), NOTIFY)))
      end
      refused(2, "--from and --to, or --branch-name, or all of them are required")
      refused(2, "--from and --to must be given together", "--from", "2026-03-01 15:00", "--tz", "UTC")
      refused(2, "set the time zone of --from and --to with --tz, such as UTC or America/Argentina/Buenos_Aires",
        "--from", "2026-03-01 15:00", "--to", "2026-03-01 16:00")
      local result = run(command.concat({ "delete-range", "--from", "2026-03-29 02:30", "--to", "2026-03-29 04:00",
        "--tz", "Europe/Madrid" }, NOTIFY))
      assert.same({ 3, "" }, { result.code, result.stdout })
      assert.matches("^purchases: woowup delete_range: from: [^\n]+\n$", result.stderr)
      result = run(command.concat({ "delete-range", "--from", "2026-03-29 02:30", "--to", "2026-03-29 04:00",
        "--tz", "Europe/Nowhere" }, NOTIFY))
      assert.same({ 2, "" }, { result.code, result.stdout })
      assert.equal("purchases: --tz: unknown time zone Europe/Nowhere\n", result.stderr)
      complains(3, "woowup delete_range: notify_to must be an e-mail address (validation)",
        run { "delete-range", "--branch-name", "001", "--notify-to", "me" })
      assert.equal(before, requests())
    end)
  end)

  local PURCHASE = '{"invoice_number":"F-%d","email":"a@example.com","purchase_detail":'
    .. '[{"sku":"S1","quantity":1,"unit_price":1.5}],"prices":{"total":%s}}'

  describe("update", function()
    it("updates a purchase", function()
      create "F-1"
      local name = command.write_file(os.tmpname(), PURCHASE:format(1, "9"))
      assert.same({ updated = true }, json_of(run { "update", name }))
      os.remove(name)
      assert.equal(9, json_of(run { "find", "--invoice-number", "F-1", "--json" }).purchases[1].prices.total)
    end)

    it("failures", function()
      complains(1, "woowup update: Purchase number inexistent (api, status 500)",
        run({ "update", "-" }, { stdin = PURCHASE:format(7, "9") }))
      local before = requests()
      local result = run({ "update", "-" }, { stdin = PURCHASE:format(42, '"1.5"') })
      assert.same({ 3, "" }, { result.code, result.stdout })
      assert.equal("standard input:1:131: /prices/total must be a number, not the string \"1.5\" [type]\n"
        .. "purchases: standard input: is not valid; nothing was sent\n", result.stderr)
      complains(3, "cannot read 'nowhere': No such file or directory; nothing was sent", run { "update", "nowhere" })
      assert.equal(before, requests())
    end)
  end)

  describe("credentials", function()
    local COMMAND = { "iin", "123456" }

    it("that are wrong", function()
      complains(4, "woowup iin: forbidden: authentication failed (auth, status 403)",
        run(COMMAND, with { WOOWUP_API_KEY = "wrong-secret" }))
    end)

    it("that are missing, or none", function()
      local before = requests()
      complains(4, MISSING, run(COMMAND, with { WOOWUP_API_KEY = false }))
      complains(4, MISSING, run(COMMAND, with { WOOWUP_API_KEY = "" }))
      complains(2, "WOOWUP_API_KEY must not contain spaces or control characters",
        run(COMMAND, with { WOOWUP_API_KEY = "wrong-secret and more" }))
      assert.equal(before, requests())
    end)

    it("from --token-file, which goes before the environment", function()
      local name = command.write_file(os.tmpname(), "sandbox-woowup-key\n")
      local result = run(command.concat(COMMAND, { "--token-file", name }), with { WOOWUP_API_KEY = "wrong-secret" })
      os.remove(name)
      assert.equal("visa", json_of(result).scheme)
    end)
  end)

  it("reaches nobody", function()
    local result = run({ "iin", "123456" }, with { WOOWUP_BASE_URL = "http://127.0.0.1:1" })
    assert.same({ 5, "" }, { result.code, result.stdout })
    assert.matches("^purchases: woowup iin: [^\n]+\n$", result.stderr)
  end)
end)
