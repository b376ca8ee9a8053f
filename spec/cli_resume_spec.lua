-- Uploads of the command line with a ledger: the same command goes on, and waits for workflows after a restart, too.
local cjson = require "cjson"
local command = require "spec.support.command"
local desks = require "spec.support.desk"
local load = require "spec.support.load"
local merge = require("spec.support.common").merge
local purchases = require "purchases"
local sales = require "spec.support.sales"

local UUID = "%x+%-%x+%-%x+%-%x+%-%x+"

describe("an upload of the command line", function()
  local desk = desks.new { queue_seconds = 0, pending_seconds = 3600 }
  local folder = desk.folder
  local sandbox

  setup(function()
    sandbox = desk.sandbox
  end)

  local function run(line, env)
    return desk.run(line, { env = env })
  end

  local function requests()
    return sandbox:counts().requests
  end

  local SUBMIT = "ravenwits submit load.csv --retailer 123 --ledger job.db"

  local function submit(days, arguments)
    folder.write("load.csv", load.csv(96 * days))
    return run(SUBMIT .. " --tz Europe/Madrid " .. (arguments or ""))
  end

  -- Ends the workflow of a purchase.
  local function finish(id, status)
    local client = purchases.ravenwits.new { user = "trebolenergia", token = "sandbox-token", base_url = sandbox.url }
    assert(client:update(id, { status = status, error = status == "failed" and "no prices" or nil, outputs = {
      ["1"] = { data = cjson.empty_array, idmodel = 1, value = cjson.null },
    } }))
  end

  local function ids_of(result)
    local ids = {}
    for id in result.stdout:gmatch("  (" .. UUID .. ")\n") do
      ids[#ids + 1] = id
    end
    return ids
  end

  describe("of a series", function()
    it("goes on with the same command, and says what it skipped", function()
      assert.matches("^ledger: job.db %(new%)\n$", submit(2).stderr)
      local before = requests()
      local result = submit(3)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n1 of 3 purchases accepted, 96 rows, 2 skipped %(accepted by an earlier run%)\n"
        .. "ledger: job.db\n$", result.stdout)
      assert.matches("^2025%-10%-01    96 rows  skipped   " .. UUID, result.stdout)
      assert.equal(before + 1, requests())
    end)

    it("goes on after a kill: what may have arrived is unknown", function()
      folder.write("load.csv", load.csv(288))
      desk.kill(SUBMIT .. " --tz Europe/Madrid --concurrency 1", "submit")
      local result = submit(3)
      assert.equal(1, result.code)
      assert.matches("2 of 3 purchases accepted, 192 rows, 1 unknown\n", result.stdout)
      assert.matches("2025%-10%-01 00:00 to 2025%-10%-01 23:45: unknown: .*ended before the answer was written down",
        result.stderr)
      assert.equal(0, run("ledger settle --ledger job.db --day 2025-10-01 --as accepted --yes").code)
      assert.equal(0, submit(3).code)
    end)

    it("reports a day that was accepted with other content, or sends it anew", function()
      local id = ids_of(submit(1))[1]
      folder.write("load.csv", (load.csv(96):gsub(",1.5\n", ",7.5\n", 1)))
      local result = run(SUBMIT .. " --tz Europe/Madrid")
      assert.equal(1, result.code)
      assert.matches(": rejected: .*was accepted with other content, as " .. id:gsub("%-", "%%-"), result.stderr)
      assert.matches("--on-changed send) sends it anew", result.stderr, 1, true)
      result = run(SUBMIT .. " --tz Europe/Madrid --on-changed send")
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n1 of 1 purchases accepted", "\n" .. result.stdout:match "\n(1 of.*)$")
    end)

    it("sends what was accepted with --again", function()
      submit(1)
      assert.matches("1 of 1 purchases accepted", submit(1, "--again").stdout, 1, true)
      assert.equal(2, requests())
    end)

    it("sends a day again once, where that may have arrived, and has it accepted otherwise", function()
      submit(1)
      desk.kill(SUBMIT .. " --tz Europe/Madrid --again", "submit")
      local result = submit(1, "--again")
      assert.equal(1, result.code)
      assert.matches("1 unknown\n", result.stdout, 1, true)
      assert.equal(0, submit(1).code)
      assert.equal(2, requests())
    end)

    it("prints JSON", function()
      submit(1)
      local printed = cjson.decode(submit(2, "--json").stdout)
      assert.same({ 1, 1, "job.db", true }, { printed.accepted, printed.skipped, printed.ledger,
        printed.receipts[1].skipped })
    end)
  end)

  describe("of sales with a ledger", function()
    local CREATE = "woowup create sales.ndjson --ledger job.db"

    it("goes on with the same command", function()
      folder.write("sales.ndjson", sales.lines(1, 100))
      assert.equal(0, run(CREATE).code)
      folder.write("sales.ndjson", sales.lines(51, 150))
      local before = requests()
      local result = run(CREATE)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal("50 of 100 purchases accepted, 50 skipped (accepted by an earlier run)\nledger: job.db\n",
        result.stdout)
      assert.equal(before + 1, requests())
      local printed = cjson.decode(run(CREATE .. " --json").stdout)
      assert.same({ 0, 100, 0, "job.db" }, { printed.accepted, printed.skipped, printed.rejected, printed.ledger })
    end)

    it("updates what has changed with --on-changed send", function()
      folder.write("sales.ndjson", sales.lines(1, 3))
      run(CREATE)
      folder.write("sales.ndjson", (sales.lines(1, 3):gsub("SKU%-2", "SKU-X")))
      local result = run(CREATE)
      assert.equal(1, result.code)
      assert.matches("0 of 3 purchases accepted, 2 skipped (accepted by an earlier run), 1 rejected\n"
        .. "rejected for: changed 1\n", result.stdout, 1, true)
      result = run(CREATE .. " --on-changed send")
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("^1 of 3 purchases accepted, 2 skipped", result.stdout)
    end)

    it("does with what the API has already what --on-duplicate says", function()
      folder.write("sales.ndjson", sales.lines(1, 3))
      local line = "woowup create sales.ndjson"
      run(line)
      assert.equal(1, run(line).code)
      assert.equal(0, run(line .. " --on-duplicate accept").code)
      folder.write("sales.ndjson", (sales.lines(1, 3):gsub("SKU%-2", "SKU-X")))
      assert.equal(0, run(line .. " --on-duplicate update").code)
      assert.matches("SKU-X", run("woowup find --json --invoice-number " .. sales.invoice(2)).stdout, 1, true)
      assert.matches("must be one of 'report', 'accept'", run("curebit create x --on-duplicate update").stderr, 1, true)
    end)

    it("has no --on-changed at Curebit, which has no update", function()
      local result = run "curebit create sales.ndjson --on-changed send"
      assert.equal(2, result.code)
      assert.matches("unknown option '--on-changed'", result.stderr, 1, true)
    end)
  end)

  describe("finds its ledger", function()
    before_each(function()
      folder.write("load.csv", load.csv(96))
    end)

    local LINE = "ravenwits submit load.csv --retailer 123 --tz Europe/Madrid"

    it("by PURCHASES_LEDGER, and goes without by --no-ledger", function()
      local env = { PURCHASES_LEDGER = "mine.db" }
      assert.matches("ledger: mine.db (new)", run(LINE, env).stderr, 1, true)
      assert.matches("1 skipped", run(LINE, env).stdout, 1, true)
      local result = run(LINE .. " --no-ledger", env)
      assert.matches("1 of 1 purchases accepted", result.stdout, 1, true)
      assert.is_nil(result.stdout:find "ledger")
      result = run(LINE .. " --no-ledger --ledger job.db")
      assert.same({ 2, "purchases: --ledger and --no-ledger exclude each other\n" }, { result.code, result.stderr })
    end)

    it("in the user's state folder, for a server that is not on this machine", function()
      local env = { XDG_STATE_HOME = folder.path .. "/state" }
      local far = merge(env, { RAVENWITS_BASE_URL = "https://nobody.invalid" })
      local place = folder.path .. "/state/purchases/ledger.db"
      local result = run(LINE, far)
      assert.equal(5, result.code)
      assert.matches("ledger: " .. place .. " (new)\n", result.stderr, 1, true)
      local modes = command.output_of("stat -c %a " .. command.quote(place) .. " " .. command.quote(place:match "^.*/"))
      assert.equal("600\n700", modes)
      assert.matches("ledger: " .. place .. "\n", run("ledger status", env).stdout, 1, true)
      assert.is_nil(run(LINE, env).stdout:find "ledger") -- the sandbox forgets
    end)

    it("below HOME, and says where there is neither", function()
      local far = { RAVENWITS_BASE_URL = "https://nobody.invalid" }
      run(LINE, merge(far, { HOME = folder.path .. "/home" }))
      assert.is_truthy(folder.contents "home/.local/state/purchases/ledger.db")
      local result = run(LINE, merge(far, { HOME = "" }))
      assert.equal(6, result.code)
      assert.matches("neither HOME nor XDG_STATE_HOME is set; name one with --ledger PATH, or go without one",
        result.stderr, 1, true)
    end)
  end)

  describe("ends with 6, and sends nothing,", function()
    local function refused(line, words_of_it, env)
      local before = requests()
      local result = run(line, env)
      assert.equal(6, result.code)
      assert.matches(words_of_it, result.stderr, 1, true)
      assert.equal(before, requests())
      return result
    end

    it("where the file is no ledger, or has no folder", function()
      folder.write("load.csv", load.csv(96))
      folder.write("job.db", "somebody's file, and no ledger")
      refused(SUBMIT, "job.db: is not a ledger, and was left as it is")
      refused(SUBMIT .. " --json", "; nothing was sent")
      refused(SUBMIT:gsub("job.db", "load.csv/job.db") .. " --json", "load.csv/job.db: ")
      folder.write("sales.ndjson", sales.lines(1, 2))
      refused("woowup create sales.ndjson --ledger job.db", "go without one (--no-ledger)")
    end)

    it("where the file is newer, or damaged", function()
      submit(1)
      local ledger = assert(purchases.ledger.open(folder.path .. "/job.db"))
      ledger.store:run "PRAGMA user_version = 99"
      ledger:close()
      refused(SUBMIT, "job.db: was written by a newer version of purchases")
      refused("ledger status --ledger job.db", "job.db: was written by a newer version of purchases")
      local text = folder.contents "job.db"
      folder.write("job.db", text:sub(1, 60) .. "\0\0\0\1" .. text:sub(65, 4096) .. ("x"):rep(#text - 4096))
      local result = refused(SUBMIT, "job.db: is damaged")
      assert.is_nil(result.stderr:find "run the same command again")
    end)

    it("where the disk has no room", function()
      folder.write("load.csv", load.csv(192))
      local before = requests()
      local result = desk.run({ "-c", "ulimit -f 200; exec purchases " .. SUBMIT }, { program = "sh" })
      assert.equal(6, result.code)
      assert.matches("0 of 2 purchases accepted, 0 rows, 2 pending\nledger: job.db\n", result.stdout, 1, true)
      assert.matches("job.db: has no room left %(.-%): make some, and run the same command again %(ledger%)\n$",
        result.stderr)
      assert.equal(before, requests())
      assert.matches("2 of 2 purchases accepted", run(SUBMIT).stdout, 1, true)
    end)

    it("where another key was used for the account, unless it is a new one", function()
      folder.write("sales.ndjson", sales.lines(1, 2))
      local line = "woowup create sales.ndjson --ledger job.db"
      assert.equal(0, run(line).code)
      local other = { WOOWUP_API_KEY = "another-woowup-key" }
      refused(line, "take --same-account", other)
      local printed = cjson.decode(refused(line .. " --json", "", other).stdout)
      assert.same({ "ledger", "ledger", "other_key" }, { printed.stopped, printed.error.kind, printed.error.code })
      assert.equal(4, run(line .. " --same-account --again", other).code)
    end)

    it("where another process sends for the account, or waits for it", function()
      folder.write("load.csv", load.csv(96))
      sandbox:fault { path = "submit", delay = 3 }
      local child = desk.start(SUBMIT)
      assert(command.wait_until(function()
        return requests() > 0
      end))
      local result = refused(SUBMIT, "ravenwits trebolenergia/123 is being sent by process")
      assert.matches("process %d+ since %d%d:%d%d %(ledger%); run the same command again when that has ended, or wait "
        .. "for it with %-%-ledger%-wait SECONDS\n$", result.stderr)
      assert.equal("held", cjson.decode(refused(SUBMIT .. " --json", "").stdout).error.code)
      assert.equal(0, run(SUBMIT:gsub("123", "124") .. "").code)
      result = run(SUBMIT .. " --ledger-wait 60")
      assert.equal(0, result.code)
      assert.matches("1 skipped", result.stdout, 1, true)
      assert.equal(0, child:wait().code)
    end)
  end)

  describe("waits", function()
    local WAIT = "ravenwits wait --ledger job.db"

    it("for all whose workflow has not ended, and notes those that have", function()
      local ids = ids_of(submit(3))
      assert.equal(3, #ids)
      finish(ids[1], "completed")
      finish(ids[2], "failed")
      local result = run(WAIT .. " --timeout 0.1")
      assert.equal(1, result.code)
      assert.equal(ids[1] .. "  completed    2025-10-01\n" .. ids[2] .. "  failed       2025-10-02  purchase " .. ids[2]
        .. " failed: no prices\n"
        .. ids[3] .. "  pending      2025-10-03  purchase " .. ids[3]
        .. " is still pending; it did not end in 0.1 seconds\n" .. "1 of 3 purchases completed\n", result.stdout)
      finish(ids[3], "completed")
      result = run(WAIT)
      assert.same({ 0, ids[3] .. "  completed    2025-10-03\n1 of 1 purchases completed\n", "" },
        { result.code, result.stdout, result.stderr })
      local before = requests()
      assert.same({ 0, "0 of 0 purchases completed\n" }, { run(WAIT).code, run(WAIT).stdout })
      assert.equal(before, requests())
    end)

    it("for those of one retailer or account, and for no other user's", function()
      submit(1)
      folder.write("load.csv", load.csv(96))
      assert.equal(0, run((SUBMIT:gsub("123", "124"))).code)
      assert.equal(0, run(SUBMIT .. " --account other").code)
      local now = WAIT .. " --timeout 0 "
      for line, count in pairs { [now] = 2, [now .. "--retailer 124"] = 1, [now .. "--retailer 9"] = 0,
        [now .. "--account other"] = 1, [now .. "--user somebody"] = 0 } do
        assert.matches("\n0 of " .. count .. " purchases completed\n$", "\n" .. run(line).stdout)
      end
    end)

    it("for purchases that are named, with a ledger or without", function()
      local ids = ids_of(submit(2))
      finish(ids[1], "completed")
      local result = run("ravenwits wait " .. ids[1])
      assert.same({ 0, ids[1] .. "  completed\n1 of 1 purchases completed\n" }, { result.code, result.stdout })
      assert.equal(2, cjson.decode(run(WAIT .. " --json --timeout 0").stdout).completed + 1)
      finish(ids[2], "completed")
      assert.equal(0, run(WAIT .. " " .. ids[2]).code)
      assert.equal("0 of 0 purchases completed\n", run(WAIT).stdout)
    end)

    it("and prints JSON", function()
      local ids = ids_of(submit(2))
      finish(ids[1], "completed")
      local printed = cjson.decode(run(WAIT .. " --json --timeout 0").stdout)
      assert.same({ completed = 1, purchases = { { id = ids[1], name = "2025-10-01", status = "completed" },
        printed.purchases[2] } }, printed)
      assert.same({ ids[2], "pending", "not_settled" },
        { printed.purchases[2].id, printed.purchases[2].status, printed.purchases[2].error.code })
    end)

    it("with submit, for what it skips as well, and notes what has ended", function()
      local ids = ids_of(submit(2))
      finish(ids[1], "completed")
      finish(ids[2], "completed")
      local result = submit(2, "--wait")
      assert.equal(0, result.code)
      assert.matches("\n2025%-10%-01  completed\n2025%-10%-02  completed\n$", result.stdout)
      assert.equal("0 of 0 purchases completed\n", run(WAIT).stdout)
    end)

    it("with the exit code of what keeps it from looking", function()
      submit(1)
      assert.equal(4, run(WAIT, { RAVENWITS_TOKEN = "wrong" }).code)
      assert.equal(6, run("ravenwits wait --ledger none.db").code)
      local result = run "ravenwits wait --no-ledger"
      assert.same({ 2, "purchases: --no-ledger needs an ID: without one, the ledger says what there is to wait for\n" },
        { result.code, result.stderr })
      result = run "ravenwits wait --timeout soon"
      assert.same({ 2, "purchases: --timeout must be a number of seconds; see 'purchases ravenwits wait --help'\n" },
        { result.code, result.stderr })
    end)

    it("until Ctrl-C", function()
      local ids = ids_of(submit(1))
      local child = desk.start(WAIT)
      local before = requests()
      assert(command.wait_until(function()
        return requests() > before
      end))
      child:signal "INT"
      local result = child:wait()
      assert.same({ 1, "0 of 1 purchases completed\n" }, { result.code, result.stdout })
      assert.matches("^purchases: .*" .. ids[1]:gsub("%-", "%%-")
        .. " is still %l+; interrupted, no longer waiting for it %(api%)\n$", result.stderr)
    end)
  end)

  describe("of sales", function()
    local CREATE = "woowup create sales.ndjson --ledger job.db"

    local function create(text, arguments)
      folder.write("sales.ndjson", text)
      return run(CREATE .. " " .. (arguments or ""))
    end

    local function line_of(result)
      return result.stdout:match "^[^\n]*"
    end

    it("forgets what is deleted", function()
      create(sales.lines(1, 3))
      local result = run("woowup delete --ledger job.db --invoice-number " .. sales.invoice(2))
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal("1 of 3 purchases accepted, 2 skipped (accepted by an earlier run)",
        line_of(create(sales.lines(1, 3))))
    end)

    it("forgets it in whatever branch, or in the one that is named", function()
      local function in_branch(name, text)
        return (text:gsub('"document"', ('"branch_name": "%s", "document"'):format(name)))
      end
      local all = sales.lines(1, 1) .. in_branch("A", sales.lines(1, 1)) .. in_branch("B", sales.lines(1, 1))
        .. sales.lines(11, 12)
      create(all)
      local delete = "woowup delete --ledger job.db --invoice-number " .. sales.invoice(1)
      assert.equal(0, run(delete .. " --branch-name B").code)
      assert.matches("^1 of 5 purchases accepted, 4 skipped", create(all).stdout)
      assert.equal(0, run(delete).code)
      assert.matches("^1 of 5 purchases accepted, 2 skipped %(accepted by an earlier run%), 2 already existed",
        create(all).stdout)
    end)

    it("keeps what could not be deleted, and needs no ledger", function()
      create(sales.lines(1, 1))
      sandbox:reset()
      assert.equal(1, run("woowup delete --ledger job.db --invoice-number " .. sales.invoice(1)).code)
      assert.matches("1 skipped", create(sales.lines(1, 1)).stdout)
      create(sales.lines(1, 1), "--again")
      assert.equal(0, run("woowup delete --invoice-number " .. sales.invoice(1)).code)
      assert.equal(6, run("woowup delete --ledger sales.ndjson --invoice-number " .. sales.invoice(1)).code)
    end)

    it("says how a period that is deleted is forgotten", function()
      create(sales.lines(1, 2))
      local line = "woowup delete-range --from 2020-01-01T00:00:00Z --to 2030-01-01T00:00:00Z --notify-to a@b.example"
      assert.equal("", run(line).stderr)
      local result = run(line .. " --ledger job.db")
      local command_line = result.stderr:match ": purchases ([^:\n]+)\n$"
      assert.equal(0, run(command_line .. " --yes").code)
      assert.matches("^2 of 2", create(sales.lines(1, 2)).stdout)
    end)
  end)
end)
