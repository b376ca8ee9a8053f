-- Ledgers in a folder of their own, other processes that use them, and what is written into them.
--
--   local folder = ledgers.folder()  ledgers.remove(folder)
--   ledgers.run(script, path, env)      what a process that runs the script prints
--   ledgers.start(script, path, env)    one that goes on, see spec/support/command.lua
--   ledgers.bad_disk(folder)            a library for LD_PRELOAD, see spec/support/disk.c
--   ledgers.bulk(keys, digest)  ledgers.day(date, digest)      records
--   ledgers.accepted(record, receipt)  ledgers.ended(record, state, fields)
--
-- A script has `ledger`, `ledgers` and the `path`; it says that it has come so far by printing, and `wait()` has it
-- wait until there is a file `PATH-go`.
local command = require "spec.support.command"
local common = require "spec.support.common"

local M = {}

M.SHOP = { provider = "woowup", base_url = "https://api.woowup.com/apiv3", name = "shop", keyed = true }
M.CUSTOMER = { provider = "ravenwits", base_url = "https://api.ravenwits.com", name = "acme/123", keyed = false }

local BEGINNING = [[
  local ledger, ledgers, path = require "purchases.ledger", require "spec.support.ledgers", ...
  io.stdout:setvbuf "no"
  local function wait()
    assert(ledgers.wait_until(function()
      local file = io.open(path .. "-go")
      return file and file:close()
    end))
  end
]]

function M.folder()
  return command.output_of "mktemp -d"
end

function M.remove(folder)
  os.execute("rm -rf " .. command.quote(folder))
end

local scripts = 0

local function script_file(script, path)
  scripts = scripts + 1
  local name = ("%s/script-%d.lua"):format(path:match "^(.*)/", scripts)
  os.execute("mkdir -p " .. command.quote(path:match "^(.*)/"))
  return command.write_file(name, BEGINNING .. script)
end

function M.start(script, path, env)
  local preload = "LD_PRELOAD=" .. (env and env.LD_PRELOAD or "") -- for that process alone
  return command.start({ preload, command.lua, script_file(script, path), path },
    { program = "env", directory = command.root, env = common.merge(env or {}, { LD_PRELOAD = false }) })
end

--- Waits for its end, and returns what it printed, without the last line's end.
function M.run(script, path, env)
  local result = M.start(script, path, env):wait()
  assert(result.code == 0, result.stderr .. result.stdout)
  return (result.stdout:gsub("\n$", ""))
end

--- Starts a process, and kills it once it has said "ready".
function M.kill(script, path, env)
  local child = M.start(script, path, env)
  assert(child:wait_for("stdout", "ready"), child:read "stderr")
  child:signal "KILL"
  child:wait()
end

function M.bad_disk(folder)
  local library = folder .. "/disk.so"
  command.output_of(("cc -shared -fPIC -o %s %s/spec/support/disk.c"):format(library, command.root))
  return library
end

local function digest_of(text)
  return (tostring(text or "same") .. "........"):sub(1, 8)
end

M.digest = digest_of
M.wait_until = common.wait_until

function M.bulk(keys, digest)
  local record = { count = #keys, operation = "create", keys = keys, digests = {} }
  for i = 1, #keys do
    record.digests[i] = digest_of(digest)
  end
  return record
end

function M.day(date, digest)
  return { name = date, first = date .. " 00:00", last = date .. " 23:45", count = 1, digest = digest_of(digest),
    operation = "submit" }
end

function M.ended(record, state, fields)
  return common.merge(fields or {}, { record = record, state = state })
end

function M.accepted(record, receipt)
  return M.ended(record, "accepted", { receipt = receipt })
end

--- Writes down records as sent and accepted.
function M.accept(account, ...)
  local ended = {}
  for i, record in ipairs { ... } do
    ended[i] = M.accepted(record, record.name and "id of " .. record.name)
  end
  assert(account:commit({}, { ... }))
  assert(account:commit(ended, {}))
end

--- The states of an account's batches and how many purchases each has, the oldest first: "accepted 3, unknown 1".
function M.states(opened, filters)
  local words = {}
  for entry in assert(opened:history(filters)) do
    words[#words + 1] = ("%s%s %d"):format(entry.state, entry.maybe and entry.state == "pending" and " maybe" or "",
      entry.count)
  end
  return table.concat(words, ", ")
end

return M
