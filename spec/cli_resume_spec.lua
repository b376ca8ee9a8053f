-- Uploads of the command line with a ledger: the same command goes on, and waits for workflows after a restart, too.
local cjson = require "cjson"
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local load = require "spec.support.load"
local merge = require("spec.support.common").merge
local pages = require "spec.support.pages"
local purchases = require "purchases"
local sandboxes = require "spec.support.sandbox"

local UUID = "%x+%-%x+%-%x+%-%x+%-%x+"

describe("an upload of the command line", function()
  local sandbox
  local folder = folders.new()

  setup(function()
    sandbox = sandboxes.start { queue_seconds = 0, pending_seconds = 3600 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
    folder.empty()
  end)

  local function words(line)
    local arguments = {}
    for word in line:gmatch "%S+" do
      arguments[#arguments + 1] = word
    end
    return arguments
  end

  local function run(line, env)
    return folder.run(words(line), { env = merge(pages.environment(sandbox), env or {}) })
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
      local result = run "ravenwits wait --timeout soon"
      assert.same({ 2, "purchases: --timeout must be a number of seconds; see 'purchases ravenwits wait --help'\n" },
        { result.code, result.stderr })
    end)

    it("until Ctrl-C", function()
      local ids = ids_of(submit(1))
      local child = command.start(words(WAIT), { directory = folder.path, env = pages.environment(sandbox) })
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
end)
