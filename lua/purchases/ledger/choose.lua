--- Which batches an operator means, chosen under the lock of their account, or beside the process that holds it.
-- @module purchases.ledger.choose
local accounts_type = require "purchases.ledger.accounts"
local account_type = require "purchases.ledger.account"
local fault = require "purchases.ledger.fault"
local filters_type = require "purchases.ledger.filters"
local store_type = require "purchases.ledger.store"

local M = {}

local unpack = table.unpack or unpack

local PAGE = 1000 -- purchases deleted in one transaction

-- Takes one purchase out of its bulk, to be a batch that fares by itself.
local function set_apart(store, account, key, states)
  local id = store:list(([[
    SELECT b.id FROM purchase p JOIN batch b ON b.id = p.batch
    WHERE p.account = ?1 AND p.key = CAST(?2 AS BLOB) AND b.count > 1 AND b.state IN (%s)]]):format(states), account,
    key)[1]
  if not id then
    return
  end
  store:run([[
    INSERT INTO batch (account, count, operation, run, state, maybe, attempts, due, receipt, code, message, changed)
    SELECT account, 1, operation, run, state, maybe, attempts, due, receipt, code, message, changed
    FROM batch WHERE id = ?1]], id)
  store:run("UPDATE purchase SET batch = ?3 WHERE account = ?1 AND key = CAST(?2 AS BLOB)", account, key,
    store.db:last_id())
  store:run("UPDATE batch SET count = count - 1 WHERE id = ?1", id)
end

--- Notes in a table of this connection's, `chosen (id)`, which batches a condition holds for. In a transaction.
-- @tab store
-- @string condition on batches `b` and accounts `a`
-- @param ... its parameters
-- @treturn int how many purchases they have
function M.choose(store, condition, ...)
  store:execute "CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY); DELETE FROM chosen"
  store:run("INSERT INTO chosen SELECT b.id FROM batch b JOIN account a ON a.id = b.account WHERE " .. condition, ...)
  return (store:list("SELECT ifnull(sum(count), 0) FROM batch WHERE id IN (SELECT id FROM chosen)"))[1]
end

local function choose_filtered(store, account, filters, states)
  if filters.key then
    set_apart(store, account.id, filters.key, states)
  end
  local condition, values = filters_type.condition(filters, {})
  return M.choose(store, ("b.account = ? AND b.state IN (%s) AND %s"):format(states, condition), account.id,
    unpack(values))
end

local function delete_page(store, account, after)
  local list, rows = store:list(([[
    SELECT key, batch IN (SELECT id FROM chosen) FROM purchase
    WHERE account = ?1 AND key > CAST(?2 AS BLOB) ORDER BY key LIMIT %d]]):format(PAGE), account, after)
  for at = 1, rows * 2, 2 do
    if list[at + 1] == 1 then
      store:run("DELETE FROM purchase WHERE account = ?1 AND key = CAST(?2 AS BLOB)", account, list[at])
    end
  end
  return rows == PAGE and list[rows * 2 - 1] or false
end

-- Goes through all purchases of the account: there is no index of them by batch, which each would pay for.
local function delete_purchases(store, account)
  local last = ""
  while last do
    local err
    last, err = store:transaction(delete_page, store, account, last)
    if err then
      return nil, err
    end
  end
  return true
end

local function delete_batches(store)
  store:run "UPDATE batch SET superseded_by = NULL WHERE superseded_by IN (SELECT id FROM chosen)"
  store:run "DELETE FROM batch WHERE id IN (SELECT id FROM chosen)"
  return true
end

--- Deletes what was chosen of an account, in pieces: the purchases, and then the batches, which do no harm without
-- them.
-- @treturn true|nil
-- @treturn ?purchases.error
function M.delete(store, account)
  if account.keyed then
    local ok, err = delete_purchases(store, account.id)
    if not ok then
      return nil, err
    end
  end
  return store:transaction(delete_batches, store)
end

-- Chooses in one account. Of one that somebody sends for, what is pending or sending is theirs.
local function in_account(store, account, is_held, action)
  return store:transaction(function()
    if action.is_trial then
      store:execute "SAVEPOINT trial"
    end
    if not is_held then
      account_type.recover(store, account.id, account.keyed)
    end
    local count = choose_filtered(store, account, action.filters, is_held and action.beside or action.states)
    if action.is_trial then
      store:execute "ROLLBACK TO trial"
    elseif action.change then
      action.change(account)
    end
    return count
  end)
end

-- Chooses with the account's lock, or beside whoever has it.
local function with_lock(store, account, action)
  local lock, err = store.sqlite.lock(store.place .. "-lock")
  if not lock then
    return nil, fault.of(store.path, err)
  end
  local taken, other = lock:take(account.id, false, 0)
  local count
  if taken or other.code == "busy" then
    count, err = in_account(store, account, not taken, action)
  else
    err = fault.of(store.path, other)
  end
  if count and action.finish and not action.is_trial then
    local ok
    ok, err = action.finish(account)
    count = ok and count
  end
  lock:close()
  return count, err
end

local function is_meant(filters, account)
  return (filters.provider or account.provider) == account.provider
    and (filters.base_url or account.base_url) == account.base_url
    and (filters.account or account.name) == account.name
end

--- Chooses in every account that the filters mean.
-- @tab store
-- @tab action `filters`; `states` to choose from, and `beside`, those where somebody sends, as SQL; `change(account)`,
-- called in the transaction that chooses; `finish(account)` → true | nil, err, called after it; `is_trial`: nothing is
-- changed
-- @treturn int|nil how many purchases were chosen
-- @treturn ?purchases.error
function M.each(store, action)
  local accounts, err = store_type.try(accounts_type.list, store)
  if not accounts then
    return nil, err
  end
  local total = 0
  for _, account in ipairs(accounts) do
    if is_meant(action.filters, account) then
      local count
      count, err = with_lock(store, account, action)
      if not count then
        return nil, err
      end
      total = total + count
    end
  end
  return total
end

return M
