--- What operators do to a ledger. A purchase that is on its way in a process that lives is never touched.
-- @module purchases.ledger.change
local choose = require "purchases.ledger.choose"
local commit = require "purchases.ledger.commit"
local filters_type = require "purchases.ledger.filters"
local store_type = require "purchases.ledger.store"

local M = {}

local ENDED = "3, 4" -- rejected, unknown
local PAGE = 1000 -- batches changed in one transaction

--- Has what was rejected or is unknown sent again by the next run.
-- @tab store
-- @tab[opt] filters see `purchases.ledger.filters`
-- @bool[opt] is_trial tells only how many there are
-- @treturn int|nil purchases
-- @treturn ?purchases.error
function M.retry(store, filters, is_trial)
  return choose.each(store, {
    filters = filters_type.check(filters, "ledger:retry"),
    is_trial = is_trial,
    states = ENDED,
    beside = ENDED,
    change = function(account)
      store:run([[
        UPDATE batch SET state = 0, maybe = ?1 AND state = 4, due = NULL, changed = ?2
        WHERE id IN (SELECT id FROM chosen)]], account.keyed, store.sqlite.now())
    end,
  })
end

local function accept(store, account)
  local list, rows = store:list "SELECT id, name, digest FROM batch WHERE id IN (SELECT id FROM chosen) ORDER BY id"
  store:run([[
    UPDATE batch SET state = 2, code = NULL, message = NULL, changed = ?1
    WHERE id IN (SELECT id FROM chosen)]], store.sqlite.now())
  for at = 1, rows * 3, 3 do
    local id, name, digest = list[at], list[at + 1], list[at + 2]
    if name then
      local is_update = account.keyed and digest
      commit.replace_old(store, account, { id = id, name = name, supersedes = true, keys = { name },
        digests = { digest }, held = is_update and { 1 } or nil })
    end
  end
end

--- Notes of what was rejected or is unknown that the API has it: somebody has looked.
-- @string as "accepted"
function M.settle(store, filters, as, is_trial)
  if as ~= "accepted" then
    error('ledger:settle: settles as "accepted" alone', 3)
  end
  return choose.each(store, {
    filters = filters_type.check(filters, "ledger:settle"),
    is_trial = is_trial,
    states = ENDED,
    beside = ENDED,
    change = function(account)
      accept(store, account)
    end,
  })
end

--- Forgets purchases: whatever the API has of them, the next run sends them.
function M.forget(store, filters, is_trial)
  return choose.each(store, {
    filters = filters_type.check(filters, "ledger:forget"),
    is_trial = is_trial,
    states = "0, 1, 2, 3, 4",
    beside = "2, 3, 4",
    finish = function(account)
      return choose.delete(store, account)
    end,
  })
end

-- Takes bodies and messages, a page at a time.
local function clear_texts(store, before)
  return store:run(([[
    UPDATE batch SET body = NULL, message = NULL WHERE id IN (
      SELECT id FROM batch WHERE state IN (2, 3) AND changed < ?1 AND (body IS NOT NULL OR message IS NOT NULL)
      LIMIT %d)]]):format(PAGE), before)
end

local function choose_old(store, account, before)
  return choose.choose(store, "b.account = ? AND b.state = 2 AND b.changed < ?", account, before)
end

local function delete_runs(store, before)
  return store:run([[
    DELETE FROM run WHERE since < ?1 AND ended IS NOT NULL
      AND id NOT IN (SELECT run FROM batch WHERE run IS NOT NULL)]], before)
end

--- Takes what is old: the bodies and messages of all that was accepted or rejected, which may hold names and addresses,
-- and all of keyed purchases that were accepted. A series' name, digest and receipt stay for ever, or an old command
-- would send its day again.
-- @tab store
-- @number seconds how old it is
-- @treturn int|nil how many purchases were deleted
-- @treturn ?purchases.error
function M.prune(store, seconds)
  local before, deleted = store.sqlite.now() - math.floor(seconds * 1000), 0
  local changes, err
  repeat
    changes, err = store:transaction(clear_texts, store, before)
  until changes ~= PAGE
  local list, rows
  if changes then
    list, rows = store_type.try(store.list, store, "SELECT id FROM account WHERE keyed")
    err = not list and rows or nil
  end
  for i = 1, list and rows or 0 do
    local account = { id = list[i], keyed = true }
    local count, ok
    count, err = store:transaction(choose_old, store, account.id, before)
    if count then
      ok, err = choose.delete(store, account)
    end
    if not ok then
      return nil, err
    end
    deleted = deleted + count
  end
  if err then
    return nil, err
  end
  changes, err = store:transaction(delete_runs, store, before)
  return changes and deleted, err
end

return M
