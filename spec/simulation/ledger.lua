--- The real ledger, for runs that keep one: a file in memory for all runs of a world, in which each has an account of
-- its own. What is durable is noted of each item, and a run may crash before or after a commit takes effect, or
-- find that the disk is full.
local M = {}

local folder

local function make_folder()
  local pipe = io.popen "mktemp -d -p \"$(test -d /dev/shm && echo /dev/shm || echo \"${TMPDIR:-/tmp}\")\""
  folder = pipe:read "*l"
  pipe:close()
end

--- Removes the files of all ledgers.
function M.remove()
  if folder then
    os.execute("rm -rf '" .. folder .. "'")
    folder = nil
  end
end

-- The states of the items in a record.
local function states_of(run, record)
  local list = {}
  for i, key in ipairs(record.keys or { record.first }) do
    list[i] = assert(run.states[key], key)
  end
  return list
end

local ENDS = { accepted = true, rejected = true }

-- Notes what is on the disk: which items are about to be sent, and which have ended.
local function note(run, ended, ready)
  for _, entry in ipairs(ended) do
    for _, state in ipairs(states_of(run, entry.record)) do
      state.granted, state.settled = false, ENDS[entry.state]
    end
  end
  for _, record in ipairs(ready) do
    for _, state in ipairs(states_of(run, record)) do
      state.granted, state.settled = true, false
    end
  end
end

local function watch(run, account)
  local commit = account.commit
  function account.commit(self, ended, ready)
    run:step "before_commit"
    if run:fails_to_commit() then
      return nil, run.world.error.new { kind = "ledger", code = "disk_full", message = "the disk is full" }
    end
    local ok, err = commit(self, ended, ready)
    assert(ok, tostring(err))
    note(run, ended, ready)
    run:step "after_commit"
    return ok
  end
end

local ledgers, accounts = setmetatable({}, { __mode = "k" }), 0

local function ledger_of(world)
  if not ledgers[world] then
    if not folder then
      make_folder()
    end
    accounts = accounts + 1
    ledgers[world] = assert(world.purchases.ledger.open(("%s/%d.db"):format(folder, accounts)))
  end
  return ledgers[world]
end

--- Adds to the options of a run's job a ledger that knows nothing of it.
function M.give(run)
  local ledger = ledger_of(run.world)
  local open = getmetatable(ledger).__index.account
  accounts = accounts + 1
  run.opts_of_job.ledger, run.opts_of_job.account = ledger, "run " .. accounts
  function ledger.account(self, ...)
    local account, err = open(self, ...)
    run.account = assert(account, tostring(err))
    watch(run, account)
    return account
  end
end

--- The process is gone, and with it the lock.
function M.crash(run)
  if run.account then
    run.account:close()
  end
end

return M
