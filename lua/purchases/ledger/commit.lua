--- What a round of the loop writes down, in one transaction: how attempts have ended, and which are about to be made.
-- Nothing of it counts before it is on the disk, and all of it may be written twice.
--
-- A record is the loop's own table for a batch; its `id` is the ledger's, and so are `held` and `supersedes`.
-- @module purchases.ledger.commit
local fault = require "purchases.ledger.fault"
local file = require "purchases.ledger.file"
local lookup = require "purchases.ledger.lookup"
local state = require "purchases.ledger.state"

local M = {}

local LONGEST = 1024 -- bytes of a message

local INSERT = [[
  INSERT INTO batch (account, name, first, last, count, digest, operation, run, state, maybe, attempts, changed)
  VALUES (?1, ?2, ?3, ?4, ?5, CAST(?6 AS BLOB), ?7, ?8, ?9, ?10, ?11, ?12)]]
local GRANT = [[
  UPDATE batch SET state = 1, attempts = attempts + 1, maybe = maybe OR ?2 OR state = 4, run = ?3, changed = ?4
  WHERE id = ?1 AND state <> 2 AND state <> 3]]
-- Without keys, what may have arrived is never plain pending, whatever the attempts after that were told.
local SETTLE = {
  [true] = [[
    UPDATE batch SET state = ?2, maybe = maybe OR ?3, receipt = ?4, code = ?5, message = ?6, due = ?7, changed = ?8
    WHERE id = ?1 AND state <> 2]],
  [false] = [[
    UPDATE batch SET state = CASE WHEN ?2 = 0 AND (maybe OR ?3) THEN 4 ELSE ?2 END, maybe = maybe OR ?3, receipt = ?4,
      code = ?5, message = ?6, due = ?7, changed = ?8
    WHERE id = ?1 AND state <> 2]],
}
local OF_NAME = "SELECT state FROM batch WHERE account = ?1 AND name = ?2 AND superseded_by IS NULL"
local SUPERSEDE = [[
  UPDATE batch SET superseded_by = ?3 WHERE account = ?1 AND name = ?2 AND superseded_by IS NULL AND id <> ?3 AND ]]
local ADD_KEY = [[
  INSERT INTO purchase (account, key, digest, batch) VALUES (?1, CAST(?2 AS BLOB), CAST(?3 AS BLOB), ?4)
  ON CONFLICT DO NOTHING]]
local FIND_KEY = [[
  SELECT b.id, b.state FROM purchase p JOIN batch b ON b.id = p.batch
  WHERE p.account = ?1 AND p.key = CAST(?2 AS BLOB)]]
local MOVE_KEY = [[
  UPDATE purchase SET batch = ?3, digest = CAST(?4 AS BLOB) WHERE account = ?1 AND key = CAST(?2 AS BLOB)]]
local MOVE_PART = "UPDATE purchase SET batch = ?3 WHERE account = ?1 AND key = CAST(?2 AS BLOB) AND batch = ?4"

-- Cuts a text between two characters.
local function clip(text)
  if not text or #text <= LONGEST then
    return text
  end
  local cut = text:sub(1, LONGEST)
  return text:find("^[\128-\191]", LONGEST + 1) and cut:gsub("[\192-\255][\128-\191]*$", "") or cut
end

local Writer = {} -- one commit
Writer.__index = Writer

-- Takes purchases out of a batch; where none is left it goes, but for an accepted one, which history keeps.
function Writer:leave(batch, count)
  local store = self.store
  store:run("UPDATE batch SET count = count - ?2 WHERE id = ?1", batch, count)
  store:run("DELETE FROM batch WHERE id = ?1 AND count <= 0 AND state <> 2", batch)
end

-- Notes that a purchase which the ledger has is in this batch now. One that was accepted stays what it is until this
-- batch is accepted, too: as long, the API has the old one.
function Writer:take_over(record, i)
  local store, account, key = self.store, self.account.id, record.keys[i]
  local row = store:list(FIND_KEY, account, key)
  if row[2] == state.accepted then
    record.held = record.held or {}
    record.held[#record.held + 1] = i
    if record.count == 1 then -- is known by its key until then
      store:run("UPDATE batch SET name = ?2, digest = CAST(?3 AS BLOB) WHERE id = ?1", record.id, key,
        record.digests[i])
      store:run(SUPERSEDE .. "state IN (0, 3)", account, key, record.id)
    end
  elseif not row[1] then
    error(fault.new(store.path, "gone", "a purchase of number " .. record.id), 0)
  elseif row[1] ~= record.id then
    store:run(MOVE_KEY, account, key, record.id, record.digests[i])
    self:leave(row[1], 1)
  end
end

function Writer:add_keys(record)
  local add, account, id, digests = self.store:query(ADD_KEY), self.account.id, record.id, record.digests
  for i, key in ipairs(record.keys) do
    local changes, err = add:run(account, key, digests[i], id)
    if changes == 0 then
      self:take_over(record, i)
    elseif not changes then
      self.store:raise(err)
    end
  end
end

-- What was not accepted under this name is no longer what counts; what was accepted is, until this batch is.
function Writer:take_name(record)
  local store, account = self.store, self.account.id
  record.supersedes = false
  if lookup.is_new(self.account, record) then
    return
  end
  local states, count = store:list(OF_NAME, account, record.name)
  if count > 1 then -- itself, and others
    store:run(SUPERSEDE .. "state IN (0, 3)", account, record.name, record.id)
  end
  for i = 1, count do
    record.supersedes = record.supersedes or states[i] == state.accepted
  end
end

function Writer:insert(record, its_state, maybe)
  local store, account = self.store, self.account
  store:run(INSERT, account.id, record.name, record.first, record.last, record.count, record.digest, record.operation,
    account.run, its_state, maybe or false, its_state == state.sending and 1 or 0, self.now)
  record.id = store.db:last_id()
  self.made[#self.made + 1] = record
  if record.name then
    self:take_name(record)
  end
end

function Writer:grant(record)
  if not record.id then
    self:insert(record, state.sending, record.maybe)
    if record.keys then
      self:add_keys(record)
    end
  elseif self.store:run(GRANT, record.id, record.maybe or false, self.account.run, self.now) == 0 then
    error(fault.new(self.store.path, "gone", "number " .. record.id), 0)
  elseif record.supersedes == nil then -- an earlier run has made it
    record.supersedes = record.name ~= nil
  end
end

-- The API has it now: what it had before under the same name or keys is the past.
function Writer:replace_old(record)
  local store, account = self.store, self.account.id
  if record.supersedes then
    store:run(SUPERSEDE .. "state = 2", account, record.name, record.id)
  end
  for _, i in ipairs(record.held or {}) do
    local key = record.keys[i]
    local old = store:list(FIND_KEY, account, key)[1]
    if old and old ~= record.id then
      store:run(MOVE_KEY, account, key, record.id, record.digests[i])
      self:leave(old, 1)
      store:run("UPDATE batch SET superseded_by = ?2 WHERE id = ?1 AND count <= 0", old, record.id)
    end
  end
end

-- Makes a batch of some of a batch's purchases.
function Writer:split(parent, part, its_state, maybe)
  local store, account = self.store, self.account.id
  self:insert(part, its_state, maybe)
  for i, key in ipairs(part.keys or {}) do
    if store:run(MOVE_PART, account, key, part.id, parent.id) == 0 then
      self:take_over(part, i)
    end
  end
  self:leave(parent.id, part.count)
end

-- Parts are batches of their own, to be sent, which may have done what the whole may have done.
function Writer:divide(entry)
  local parent = entry.record
  local maybe = self.store:list("SELECT maybe FROM batch WHERE id = ?1", parent.id)[1] == 1
  for _, part in ipairs(entry.parts) do
    if not part.id then
      self:split(parent, part, state.pending, maybe or entry.maybe)
    end
  end
end

function Writer:write_end(record, entry)
  if not record.id then -- was not granted, since that commit failed
    assert(entry.state == "pending", "a batch has ended that was never granted")
    return
  end
  local its_state, maybe = state[entry.state], entry.maybe or false
  if self.account.keyed and its_state == state.unknown then
    its_state, maybe = state.pending, true -- it may go out again
  end
  self.store:run(SETTLE[self.account.keyed], record.id, its_state, maybe, entry.receipt, entry.code,
    clip(entry.message), entry.due, self.now)
  if its_state == state.accepted then
    self:replace_old(record)
  end
end

-- Makes a batch of a purchase that fared otherwise than the others of its bulk.
function Writer:settle_alone(record, purchase)
  local index = purchase.index
  local part = { count = 1, operation = record.operation, keys = { record.keys[index] },
    digests = { record.digests[index] } }
  self:split(record, part, state.sending, false)
  self:write_end(part, purchase)
  for at, held in ipairs(record.held or {}) do
    if held == index then
      table.remove(record.held, at)
      break
    end
  end
end

function Writer:settle(entry)
  if entry.state == "divided" then
    return self:divide(entry)
  end
  for _, purchase in ipairs(entry.purchases or {}) do
    self:settle_alone(entry.record, purchase)
  end
  self:write_end(entry.record, entry)
end

local function write(self, ended, ready)
  for _, entry in ipairs(ended) do
    self:settle(entry)
  end
  for _, record in ipairs(ready) do
    self:grant(record)
  end
  return true
end

-- One transaction. What the records learned from it they forget where it comes to nothing.
local function attempt(account, ended, ready)
  local store = account.store
  local self = setmetatable({ account = account, store = store, now = store.sqlite.now(), made = {} }, Writer)
  local ok, err = store:transaction(write, self, ended, ready)
  for _, record in ipairs(ok and {} or self.made) do
    record.id, record.held, record.supersedes = nil, nil, nil
  end
  return ok, err
end

--- Notes, in a transaction, that a batch was accepted in the place of others.
-- @tab store
-- @tab account with its `id`
-- @tab record `id`, `name`, `supersedes`; `keys`, `digests`, and in `held` the indices of those accepted before
function M.replace_old(store, account, record)
  setmetatable({ store = store, account = account }, Writer):replace_old(record)
end

--- Writes down, durably and in one transaction, which attempts have ended and which are about to be made.
-- @tab account
-- @tab ended list of `{ record =, state =, ... }`; `state` is "accepted" (with `receipt`), "rejected" (`code`,
-- `message`), "pending" (`due`, `maybe`, `code`, `message`), "unknown", or "divided" (`parts`, a list of records);
-- `purchases` has those of a bulk that fared otherwise, as `{ index =, state =, ... }` with the index of its key
-- @tab ready list of records: `{ name =, first =, last =, count =, digest =, operation =, keys =, digests =, maybe = }`
-- @treturn true|nil nil: nothing of `ready` may be sent. Of a full disk, `ended` is written down all the same where the
-- room that was kept free for it is enough
-- @treturn ?purchases.error
function M.commit(account, ended, ready)
  if not ended[1] and not ready[1] then
    return true
  end
  local store = account.store
  local ok, err = attempt(account, ended, ready)
  if err and err.code == "disk_full" then
    file.release(store)
    if ended[1] then
      local settled, again = attempt(account, ended, {})
      err = settled and err or again
    end
  end
  return ok, err
end

return M
