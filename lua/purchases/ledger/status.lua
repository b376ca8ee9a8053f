--- How much there is in which state, for whom. Nothing here takes a lock.
-- @module purchases.ledger.status
local accounts_type = require "purchases.ledger.accounts"
local filters_type = require "purchases.ledger.filters"
local state = require "purchases.ledger.state"

local M = {}

local unpack = table.unpack or unpack

local RATE_MINUTES = 10 -- the rate is the mean of so many

local COUNTS = [[
  SELECT a.id, %s AS state, sum(b.count), min(b.changed), min(b.due),
    sum(CASE WHEN b.state = 2 AND b.changed >= ? THEN b.count ELSE 0 END)
  FROM batch b JOIN account a ON a.id = b.account WHERE b.superseded_by IS NULL AND %s GROUP BY 1, 2]]
local COLUMNS = 6

local function count(store, filters)
  local accounts, sending = accounts_type.list(store)
  local condition, values = filters_type.condition(filters, sending)
  local list, rows = store:list(COUNTS:format(filters_type.state(sending), condition),
    store.sqlite.now() - RATE_MINUTES * 60000, unpack(values))
  local by_id, found = {}, {}
  for at = 0, (rows - 1) * COLUMNS, COLUMNS do
    local id, its_state = list[at + 1], list[at + 2]
    local entry = by_id[id] or { counts = {}, rate = 0 }
    by_id[id] = entry
    entry.counts[state.name(its_state)] = list[at + 3]
    entry.rate = entry.rate + list[at + 6] / RATE_MINUTES
    if its_state == state.pending then
      entry.oldest_pending, entry.due = list[at + 4], list[at + 5] or nil
    end
  end
  for _, account in ipairs(accounts) do
    local entry = by_id[account.id]
    if entry then
      entry.provider, entry.base_url, entry.account = account.provider, account.base_url, account.name
      entry.holder = account.holder
      found[#found + 1] = entry
    end
  end
  return found
end

--- Counts purchases by account and state.
-- @tab store
-- @tab[opt] filters see `purchases.ledger.filters`
-- @treturn table|nil list of `{ provider =, base_url =, account =, counts = { accepted = ... }, rate =,
-- oldest_pending =, due =, holder = { pid =, since = } }`, with the states that there are; `rate` is how many were
-- accepted a minute in the last ten; times are milliseconds since 1970; `holder` is the process that sends
-- @treturn ?purchases.error
function M.status(store, filters)
  return store:reading(count, store, filters_type.check(filters, "ledger:status"))
end

return M
