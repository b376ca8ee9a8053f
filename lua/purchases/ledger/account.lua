--- An account of a ledger, which one process at a time may send for: the lock, and what is found when it is taken.
-- @module purchases.ledger.account
local accounts = require "purchases.ledger.accounts"
local commit = require "purchases.ledger.commit"
local fault = require "purchases.ledger.fault"
local file = require "purchases.ledger.file"
local lookup = require "purchases.ledger.lookup"
local state = require "purchases.ledger.state"
local store_type = require "purchases.ledger.store"
local workflow = require "purchases.ledger.workflow"

local Account = { commit = commit.commit, known = lookup.known, batch = lookup.batch }
Account.__index = Account

local M = {}

local function find(store, about)
  local row = store:list("SELECT id, key_print FROM account WHERE id = " .. accounts.ID, about.provider, about.base_url,
    about.name)
  return row[1], row[2]
end

-- The account's id; one that is not there yet is made.
local function find_or_make(store, about)
  if not find(store, about) then
    store:run("INSERT INTO account (provider, base_url, name, keyed) VALUES (?1, ?2, ?3, ?4)", about.provider,
      about.base_url, about.name, about.keyed)
  end
  return (find(store, about))
end

local function label(about)
  return about.name == "" and about.provider or about.provider .. " " .. about.name
end

-- "since 09:12", with the date where it is another day's.
local function since(store, time)
  return store:list([[
    SELECT strftime(CASE WHEN date(?1 / 1000, 'unixepoch', 'localtime') = date('now', 'localtime')
      THEN '%H:%M' ELSE '%Y-%m-%d %H:%M' END, ?1 / 1000, 'unixepoch', 'localtime')]], time)[1]
end

local function held(store, lock, id, about)
  local holder = accounts.holder(lock, id)
  local who = holder.pid and ("process %d since %s"):format(holder.pid, since(store, holder.since)) or "another process"
  return fault.new(store.path, "held", ("%s is being sent by %s"):format(label(about), who), holder)
end

-- Another key under the same name would send one account's purchases to another one.
local function check_key(store, id, about)
  if not about.secret then
    return
  end
  local salt = store:list("SELECT salt FROM meta")[1]
  local fingerprint = store.sqlite.fingerprint(salt, about.secret)
  local _, known = find(store, about)
  if known and known ~= fingerprint and not about.same_account then
    error(fault.new(store.path, "other_key", label(about)), 0)
  end
  store:run("UPDATE account SET key_print = ?2 WHERE id = ?1", id, fingerprint)
end

--- Looks after orphans, in a transaction. Whoever gets the lock knows that nobody sends: what is `sending` was left by
-- a process that ended before it could write down the answer.
-- @treturn int how many batches there were
function M.recover(store, id, keyed)
  return store:run([[
    UPDATE batch SET state = ?2, maybe = 1, code = 'killed', changed = ?3,
      message = 'the process that sent it ended before the answer was written down'
    WHERE account = ?1 AND state = 1]], id, keyed and state.pending or state.unknown, store.sqlite.now())
end

local function begin(store, self, about, run)
  check_key(store, self.id, about)
  self.orphans = M.recover(store, self.id, about.keyed)
  store:run("INSERT INTO run (account, operation, source, host, pid, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", self.id,
    run.operation, run.source, self.host, self.pid, store.sqlite.now())
  self.run = store.db:last_id()
  return self
end

--- Takes the lock of an account.
-- @tab store
-- @tab about `provider`, `base_url`, `name`, `keyed`, `secret`, `same_account`
-- @tab run `source`, `operation`
-- @number[opt=0] seconds to wait for another process that sends for it
-- @treturn table|nil account
-- @treturn ?purchases.error
function M.open(store, about, run, seconds)
  local reserved, full = file.reserve(store)
  if not reserved then
    return nil, full
  end
  local id, err = store:transaction(find_or_make, store, about)
  if not id then
    return nil, err
  end
  local lock, unopened = store.sqlite.lock(store.place .. "-lock")
  if not lock then
    return nil, fault.of(store.path, unopened)
  end
  local taken, other = lock:take(id, false, seconds or 0)
  if not taken then
    err = other.code == "busy" and held(store, lock, id, about) or fault.of(store.path, other)
    lock:close()
    return nil, err
  end
  local self = setmetatable({ store = store, lock = lock, id = id, keyed = about.keyed, provider = about.provider,
    base_url = about.base_url, name = about.name }, Account)
  self.pid, self.host = store.sqlite.process()
  local opened
  opened, err = store:transaction(begin, store, self, about, run)
  if opened then
    opened, err = accounts.sign(lock, id, self.pid, store.sqlite.now())
    err = err and fault.of(store.path, err)
  end
  if not opened then
    lock:close()
    return nil, err
  end
  return self
end

--- Notes that the workflow of an accepted purchase has ended, see `purchases.ledger.workflow`.
function Account:workflow_ended(receipt, status, id)
  return workflow.ended(self.store, self, receipt, status, id)
end

--- Ends the run and gives up the lock; may be called again. What it leaves as sending is an orphan's.
function Account:close()
  local lock, store = self.lock, self.store
  if not lock then
    return
  end
  self.lock = nil
  if store.sqlite.process() == self.pid then -- a forked child only lets go
    store_type.try(store.run, store, "UPDATE run SET ended = ?2 WHERE id = ?1", self.run, store.sqlite.now())
    lock:write(self.id, "")
  end
  lock:close()
end

return M
