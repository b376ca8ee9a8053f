-- What a command runs before anything else, by LUA_INIT, so that it kills itself at one place, the COUNT-th time that
-- it comes there:
--
--   KILL_AT=before_grant COUNT=3       a request is about to be written down
--           after_grant                it is written down, and nothing of it is sent
--           after_start                its first bytes may be on their way
--           before_settle              an answer is there, and is not written down
--           after_settle               it is written down, and nobody has been told
--           in_checkpoint              half a page of the log is in the file: DISK_KILLS and LD_PRELOAD, see disk.c
local commit_type = require "purchases.ledger.commit"
local upload = require "purchases.job.upload"

local place, left = os.getenv "KILL_AT", tonumber(os.getenv "COUNT")

-- The shell's parent is this process.
local function pass(name, happens)
  if name == place and happens then
    left = left - 1
    if left == 0 then
      os.execute "kill -KILL $PPID"
    end
  end
end

local function has_accepted(ended)
  for _, entry in ipairs(ended) do
    if entry.state == "accepted" then
      return true
    end
  end
  return false
end

-- Moves the log into the file, on a disk that fails it.
local function move_log(store)
  io.open(os.getenv "DISK_KILLS", "w"):close()
  store:list "PRAGMA wal_checkpoint(PASSIVE)"
end

local commit = commit_type.commit

function commit_type.commit(account, ended, ready)
  local grants, settles = ready[1] ~= nil, has_accepted(ended)
  pass("before_grant", grants)
  pass("before_settle", settles)
  local ok, err = commit(account, ended, ready)
  pass("after_grant", grants)
  pass("after_settle", settles)
  if place == "in_checkpoint" and grants then
    left = left - 1
    if left == 0 then
      move_log(account.store)
    end
  end
  return ok, err
end

local run = upload.run

function upload.run(sender, ...)
  local make = sender.inbox
  function sender.inbox(self, most)
    local inbox = make(self, most)
    local add = inbox.add
    function inbox.add(...)
      local id, err = add(...)
      pass("after_start", id)
      return id, err
    end
    return inbox
  end
  return run(sender, ...)
end
