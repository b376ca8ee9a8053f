-- Commands whose ledger cannot be used, or fails them on the way: exit code 6, and nothing lost or sent twice.
local cjson = require "cjson"
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local kills = require "spec.support.kills"
local sandboxes = require "spec.support.sandbox"

describe("a command whose ledger", function()
  local folder = folders.new()
  local sandbox

  setup(function()
    sandbox = sandboxes.start { queue_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)

  local NO_ROOM = "disk/job.db: has no room left (database or disk is full): make some, and run the same command again"

  -- Runs a script of sh, in which "$@" is the command, and disk/ a disk of its own.
  local function in_shell(place, size, script)
    if command.output_of "unshare -rm true && echo yes" ~= "yes" then
      pending "nobody may mount anything here"
    end
    folder.write("script", ("set -eu\nmkdir disk\nmount -t tmpfs -o size=%dk none disk\n"):format(size) .. script)
    place.ledger = "disk/job.db"
    return place:start({ program = "unshare", launcher = { "-rm", "sh", "script", command.path } }):wait()
  end

  -- The reserve takes 1,024 KB of the disk, the ledger and its log what is left.
  for name, size in pairs { ravenwits = 1150, woowup = 1250 } do
    it("has no more room says what became of each, and goes on when there is some: " .. name, function()
      local job = kills.JOBS[name]
      local place = kills.place(folder, sandbox, job)
      local result = in_shell(place, size, [[
        "$@" > first || echo "$?" > code
        mount -o remount,size=64m disk
        exec "$@"
      ]])
      local first, last = cjson.decode(folder.contents "first"), cjson.decode(result.stdout)
      assert.same({ "6\n", "ledger", "disk_full", NO_ROOM },
        { folder.contents "code", first.error.kind, first.error.code, first.error.message })
      assert(first.accepted > 0 and first.pending > 0)
      assert.same({ job.count, 0 }, { first.accepted + first.pending, first.unknown })
      assert.same({ 0, first.pending, first.accepted }, { result.code, last.accepted, last.skipped })
      place:check(last, 0)
    end)
  end

  it("is in a folder that is read-only begins nothing", function()
    local place = kills.place(folder, sandbox, kills.JOBS.woowup)
    local result = in_shell(place, 2000, 'mount -o remount,ro disk\nexec "$@"')
    assert.same({ 6, "" }, { result.code, result.stdout })
    assert.matches("^purchases: disk/job%.db: [^\n]*; nothing was sent\n$", result.stderr)
    assert.equal(0, place:requests())
  end)

  for name, job in pairs(kills.JOBS) do
    it("another process uses for the same account names that, and sends nothing: " .. name, function()
      local place = kills.place(folder, sandbox, job)
      sandbox:clear_faults()
      sandbox:fault { path = job.path, delay = 1 }
      local first = place:start { concurrency = 1 }
      command.wait_until(function()
        return place:requests() > 0
      end)
      local second = place:start():wait()
      assert.same({ 6, 1 }, { second.code, place:requests() })
      local err = cjson.decode(second.stdout).error
      assert.equal("held", err.code)
      assert.matches((" is being sent by process %s since %%d%%d:%%d%%d$"):format(first.pid), err.message)
      assert.equal(0, first:wait().code)
      assert.equal(job.count, place:finish(0).skipped)
    end)
  end
end)
