--- The accounts of a ledger, and who sends for them.
-- @module purchases.ledger.accounts
local M = {}

--- The id of an account in SQL, whose first parameters are its `provider`, `base_url` and `name`.
M.ID = "(SELECT id FROM account WHERE provider = ?1 AND base_url = ?2 AND name = ?3)"

--- All accounts. Nothing here takes a lock.
-- @tab store
-- @treturn table list of `{ id =, provider =, base_url =, name =, keyed =, holder = { pid =, since = } }`; without a
-- `holder` nobody sends for it
-- @treturn table the ids of those that somebody sends for
function M.list(store)
  local list, count = store:list [[
    SELECT id, provider, base_url, name, keyed FROM account ORDER BY provider, base_url, name]]
  local accounts, sending = {}, {}
  for at = 0, (count - 1) * 5, 5 do
    local id = list[at + 1]
    local is_held = store.lock:is_held(id)
    accounts[#accounts + 1] = { id = id, provider = list[at + 2], base_url = list[at + 3], name = list[at + 4],
      keyed = list[at + 5] == 1, holder = is_held and M.holder(store.lock, id) or nil }
    sending[#sending + 1] = is_held and id or nil
  end
  return accounts, sending
end

--- Who holds the lock of an account, as the note in it says.
-- @treturn table `pid`, and `since` in milliseconds since 1970; empty where it could not be noted yet
function M.holder(lock, id)
  local pid, since = lock:read(id):match "^(%d+) (%d+)$"
  return { pid = tonumber(pid), since = tonumber(since) }
end

--- Notes that one holds it.
-- @treturn true|nil
-- @treturn ?purchases.error
function M.sign(lock, id, pid, since)
  return lock:write(id, ("%d %d"):format(pid, since))
end

return M
