-- `purchases ledger`: what operators see in a ledger, and what they change.
local cjson = require "cjson"
local command = require "spec.support.command"
local desks = require "spec.support.desk"
local load = require "spec.support.load"
local purchases = require "purchases"
local sales = require "spec.support.sales"

local TYPES_INTO_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"

describe("purchases ledger", function()
  local desk = desks.new({ queue_seconds = 0 }, { PURCHASES_LEDGER = "job.db" })
  local folder, run = desk.folder, desk.run
  local sandbox

  setup(function()
    sandbox = desk.sandbox
  end)

  local function prints(line)
    local result = run(line)
    assert.same({ 0, "" }, { result.code, result.stderr })
    return result.stdout
  end

  local function submit(days, arguments)
    folder.write("load.csv", load.csv(96 * days))
    return run("ravenwits submit load.csv --retailer 123 --tz Europe/Madrid --concurrency 1 " .. (arguments or ""))
  end

  local function create(first, last)
    folder.write("sales.ndjson", sales.lines(first, last))
    return run "woowup create sales.ndjson"
  end

  local function counts()
    local all = {}
    for _, account in ipairs(cjson.decode(prints "ledger status --json").accounts) do
      all[account.provider] = account.counts
    end
    return all
  end

  -- A day that may have arrived, and two that have.
  local function leave_unknown()
    sandbox:fault { path = "submit", status = 500 }
    assert.equal(1, submit(3).code)
  end

  -- Leaves what a process was sending when it was killed; `look` is called before.
  local function kill_while_sending(path, source, line, look)
    folder.write("source", source)
    desk.kill(line .. " source", path, look)
  end

  describe("status", function()
    it("counts purchases by state, what is unknown first", function()
      assert.equal(0, create(1, 1234).code)
      leave_unknown()
      local ravenwits = "ravenwits trebolenergia/123 at " .. sandbox.url
      local woowup = "woowup at " .. sandbox.url .. "/apiv3"
      local width = math.max(#ravenwits, #woowup)
      local line = "%-8s  %-" .. width .. "s  %12s\n"
      assert.equal("ledger: job.db\n" .. line:format("unknown", ravenwits, "1")
        .. line:format("accepted", ravenwits, "2") .. line:format("accepted", woowup, "1,234"), prints "ledger status")
      assert.equal("ledger: job.db\n" .. line:gsub(width, #woowup):format("accepted", woowup, "1,234"),
        prints "ledger status --provider woowup")
    end)

    it("tells since when the oldest is pending, and who is sending", function()
      kill_while_sending("submit", load.csv(96), "ravenwits submit --retailer 123", function()
        assert.matches("\nravenwits trebolenergia/123 at %S+ is being sent by process %d+ since "
          .. os.date "%Y%%-%m%%-%d" .. " %d%d:%d%d\n$", prints "ledger status")
        local status = cjson.decode(prints "ledger status --json").accounts[1]
        assert.same({ { sending = 1 }, "number" }, { status.counts, type(status.holder.pid) })
        assert.matches("^%d+%-%d+%-%d+T%d+:%d+:%d+Z$", status.holder.since)
        for _, action in ipairs { "forget --day 2025-10-01", "retry", "settle --as accepted --state sending" } do
          assert.matches("^0 purchases ", prints("ledger " .. action .. " --yes"))
        end
      end)
      assert.same({ ravenwits = { unknown = 1 } }, counts())
    end)

    it("names the oldest that is pending", function()
      kill_while_sending("bulk", sales.lines(1, 5), "woowup create")
      assert.matches("\npending +woowup at %S+ +5  the oldest since " .. os.date "%Y", prints "ledger status")
      local oldest = cjson.decode(prints "ledger status --json").accounts[1].oldest_pending
      assert.matches("^%d+%-%d+%-%d+T", oldest)
    end)
  end)

  describe("retry", function()
    it("has what is unknown sent by the next run", function()
      leave_unknown()
      assert.equal("1 purchase retried\n", prints "ledger retry --state unknown --yes")
      assert.same({ ravenwits = { pending = 1, accepted = 2 } }, counts())
      assert.equal(0, submit(3).code)
      assert.same({ ravenwits = { accepted = 3 } }, counts())
    end)

    it("takes filters, and prints JSON", function()
      leave_unknown()
      for _, line in ipairs { "--day 2025-10-02", "--provider woowup", "--code nope", "--account trebolenergia/9" } do
        assert.same({ ledger = "job.db", retried = 0 }, cjson.decode(prints("ledger retry --json --yes " .. line)))
      end
      assert.equal(1, cjson.decode(prints "ledger retry --json --yes --since 1h --day 2025-10-01").retried)
    end)
  end)

  describe("settle", function()
    it("has what somebody has found at the API count as accepted", function()
      leave_unknown()
      assert.equal("1 purchase settled\n", prints "ledger settle --day 2025-10-01 --as accepted --yes")
      local requests = sandbox:counts().requests
      assert.equal(0, submit(3).code)
      assert.equal(requests, sandbox:counts().requests)
    end)

    it("wants to know as what, and which", function()
      leave_unknown()
      local result = run "ledger settle --day 2025-10-01 --yes"
      assert.same({ 2, "purchases: missing option '--as'; see 'purchases ledger settle --help'\n" },
        { result.code, result.stderr })
      result = run "ledger settle --as accepted --yes"
      assert.same({ 2, "purchases: say which purchases are meant; see 'purchases ledger settle --help'\n" },
        { result.code, result.stderr })
      assert.same({ ravenwits = { unknown = 1, accepted = 2 } }, counts())
    end)
  end)

  describe("forget", function()
    local FORGET = "ledger forget --provider woowup --key " .. sales.invoice(3)
    local PLAN = "purchases: would forget 1 purchase of job.db: the next run sends what is forgotten, whatever the API "
      .. "has of it"

    it("forgets one of a bulk, by its key", function()
      create(1, 5)
      assert.equal("1 purchase forgotten\n", prints(FORGET .. " --yes"))
      assert.same({ woowup = { accepted = 4 } }, counts())
      assert.matches("4 skipped %(accepted by an earlier run%), 1 already existed", create(1, 5).stdout)
    end)

    it("changes nothing without --yes where there is no terminal", function()
      create(1, 5)
      local result = run(FORGET)
      assert.same({ 2, "", PLAN .. "; there is no terminal to ask on, and nothing was changed: --yes does it\n" },
        { result.code, result.stdout, result.stderr })
      assert.same({ woowup = { accepted = 5 } }, counts())
    end)

    it("asks on a terminal", function()
      create(1, 5)
      local function answered(text)
        local arguments = { "-c", TYPES_INTO_TERMINAL, command.path }
        return run(command.concat(arguments, desks.words(FORGET)), { program = "python3", stdin = text })
      end
      for _, text in ipairs { "n\n", "\n", "yesterday\n" } do
        local result = answered(text)
        assert.equal(1, result.code)
        assert.matches(PLAN:gsub("^purchases: ", "") .. ". Do it? [y/N]", result.stdout, 1, true)
        assert.matches("purchases: nothing was changed", result.stdout, 1, true)
      end
      assert.same({ woowup = { accepted = 5 } }, counts())
      local result = answered "y\n"
      assert.equal(0, result.code)
      assert.matches("1 purchase forgotten", result.stdout, 1, true)
      assert.same({ woowup = { accepted = 4 } }, counts())
    end)

    it("forgets a purchase of a branch", function()
      folder.write("sales.ndjson", (sales.lines(1, 2):gsub('"document"', '"branch_name": "Palermo", "document"')))
      assert.equal(0, run("woowup create sales.ndjson").code)
      assert.equal("0 purchases forgotten\n", prints(FORGET:gsub("3$", "1") .. " --yes"))
      assert.equal("1 purchase forgotten\n", prints(FORGET:gsub("3$", "1") .. " --branch-name Palermo --yes"))
    end)

    it("does nothing by itself", function()
      create(1, 5)
      assert.equal(2, run("ledger forget --yes").code)
      assert.same({ woowup = { accepted = 5 } }, counts())
    end)
  end)

  describe("export", function()
    it("has a line per purchase, with what went wrong", function()
      create(1, 3)
      leave_unknown()
      local lines = {}
      for line in prints("ledger export --provider ravenwits --state unknown"):gmatch "[^\n]+" do
        lines[#lines + 1] = line
      end
      assert.equal(1, #lines)
      assert.matches("^unknown   2025%-10%-01 +ravenwits trebolenergia/123 at %S+  [%d-]+ [%d:]+  http_500  Internal",
        lines[1])
    end)

    it("prints JSON: keys, branches, and bodies where they are kept", function()
      local third = sales.text(3):gsub("^{", '{ "branch_name": "Palermo",')
      folder.write("sales.ndjson", sales.lines(1, 2) .. third .. "\n")
      assert.equal(0, run("woowup create sales.ndjson").code)
      local ledger = assert(purchases.ledger.open(folder.path .. "/job.db"))
      ledger.store:run("UPDATE batch SET body = '[1]'")
      ledger:close()
      local list = cjson.decode(prints "ledger export --state accepted --json").purchases
      assert.equal(3, #list)
      assert.same({ sales.invoice(1), sales.invoice(2), sales.invoice(3) }, { list[1].key, list[2].key, list[3].key })
      assert.same({ nil, "Palermo", "accepted", "create" },
        { list[1].branch, list[3].branch, list[1].state, list[1].operation })
      assert.same({ 1 }, list[1].body)
      assert.matches("accepted  " .. sales.invoice(3) .. " (Palermo)  ",
        prints("ledger export --branch-name Palermo --key " .. sales.invoice(3)), 1, true)
    end)
  end)

  it("prune takes what is old", function()
    create(1, 5)
    submit(1)
    assert.equal("0 purchases taken out of job.db\n", prints "ledger prune --older-than 1d")
    assert.same({ ledger = "job.db", pruned = 5 }, cjson.decode(prints "ledger prune --older-than 0s --json"))
    assert.same({ ravenwits = { accepted = 1 } }, counts())
  end)

  it("names what is wrong with options", function()
    create(1, 1)
    for line, complaint in pairs {
      ["forget --branch-name Palermo --yes"] = "--branch-name is that of a --key",
      ["status --branch-name Palermo"] = "--branch-name is that of a --key",
      ["export --branch-name Palermo"] = "--branch-name is that of a --key",
      ["prune --older-than soon"] = "--older-than must be a duration such as 90d; see 'purchases ledger prune --help'",
      ["status --since 2026-02-30"] = "--since must be a time such as '2026-03-29 14:00', a day, or a duration such as "
        .. "2h or 7d; see 'purchases ledger status --help'",
      ["status --day 2.10.2025"] = "--day must be a day such as 2026-03-29; see 'purchases ledger status --help'",
    } do
      local result = run("ledger " .. line)
      assert.same({ 2, "", "purchases: " .. complaint .. "\n" }, { result.code, result.stdout, result.stderr })
    end
    assert.matches("accepted", prints("ledger status --since " .. os.date "%Y-%m-%d"), 1, true)
    assert.equal("ledger: job.db\n", prints "ledger status --since 2100-01-01")
  end)

  it("ends with 6 where there is no ledger, and makes none", function()
    local complaint = "purchases: job.db: there is no ledger; name one with --ledger PATH, or PURCHASES_LEDGER\n"
    for _, line in ipairs { "status", "retry --yes", "forget --key 1 --yes", "export", "prune --older-than 1d" } do
      local result = run("ledger " .. line)
      assert.same({ 6, "", complaint }, { result.code, result.stdout, result.stderr })
    end
    assert.is_nil(folder.contents "job.db")
  end)
end)
