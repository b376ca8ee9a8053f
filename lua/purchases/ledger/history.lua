--- What was sent when, entry by entry. Nothing here takes a lock, and all is read in pieces, so that a long list holds
-- up nobody who sends.
-- @module purchases.ledger.history
local accounts_type = require "purchases.ledger.accounts"
local filters_type = require "purchases.ledger.filters"
local state = require "purchases.ledger.state"
local store_type = require "purchases.ledger.store"

local M = {}

local unpack = table.unpack or unpack

local PAGE = 500 -- entries in one piece

-- What an entry has, and where it comes from.
local FIELDS = {
  { "id", "b.id" }, { "provider", "a.provider" }, { "base_url", "a.base_url" }, { "account", "a.name" },
  { "operation", "b.operation" }, { "name", "b.name" }, { "first", "b.first" }, { "last", "b.last" },
  { "count", "b.count" }, { "attempts", "b.attempts" }, { "receipt", "b.receipt" }, { "code", "b.code" },
  { "message", "b.message" }, { "changed", "b.changed" }, { "superseded_by", "b.superseded_by" },
  { "workflow", "b.workflow" }, { "run", "r.id" }, { "source", "r.source" }, { "host", "r.host" }, { "pid", "r.pid" },
  { "since", "r.since" }, { "maybe", "b.maybe OR b.state = 1" }, { "body", "b.body" },
}
local WIDTH = #FIELDS + 2 -- with the state and the key

local function columns()
  local list = {}
  for i, field in ipairs(FIELDS) do
    list[i] = field[2]
  end
  return table.concat(list, ", ")
end

-- Batches are listed by id, keyed purchases in the order of their keys: so the next piece is found at once.
local BATCHES = ([[
  SELECT %s, %%s, NULL FROM batch b JOIN account a ON a.id = b.account LEFT JOIN run r ON r.id = b.run
  WHERE b.id > ? AND %%s ORDER BY b.id LIMIT %d]]):format(columns(), PAGE)
local PURCHASES = ([[
  SELECT %s, %%s, p.key FROM purchase p JOIN batch b ON b.id = p.batch JOIN account a ON a.id = b.account
    LEFT JOIN run r ON r.id = b.run
  WHERE p.account = ? AND p.key > CAST(? AS BLOB) AND %%s ORDER BY p.key LIMIT %d]]):format(columns(), PAGE)

local function entries_of(list, rows)
  local entries = {}
  for row = 0, rows - 1 do
    local at, entry = row * WIDTH, {}
    for i, field in ipairs(FIELDS) do
      entry[field[1]] = list[at + i] or nil
    end
    entry.maybe = entry.maybe == 1
    entry.state = state.name(list[at + WIDTH - 1])
    entry.key = list[at + WIDTH] or nil
    entry.newest = entry.state == "accepted" and not entry.superseded_by
    entries[row + 1] = entry
  end
  return entries
end

-- A function that returns the next entry; nil at the end, or nil and an error. `read(after)` returns a piece.
local function iterate(read, field, first)
  local page, at, after = {}, 0, first
  return function()
    at = at + 1
    if at > #page and after ~= nil then
      local err
      page, err = store_type.try(read, after)
      if not page then
        page, after = {}, nil
        return nil, err
      end
      at, after = 1, page[PAGE] and page[PAGE][field]
    end
    return page[at]
  end
end

local function batches(store, filters)
  local _, sending = accounts_type.list(store)
  local condition, values = filters_type.condition(filters, sending)
  local sql = BATCHES:format(filters_type.state(sending), condition)
  return iterate(function(after)
    return entries_of(store:list(sql, after, unpack(values)))
  end, "id", 0)
end

local function purchases(store, account, filters)
  local _, sending = accounts_type.list(store)
  local condition, values = filters_type.condition(filters, sending)
  if filters.key then -- which others of its bulk do not have
    condition = condition .. " AND p.key = CAST(? AS BLOB)"
    values[#values + 1] = filters.key
  end
  local sql = PURCHASES:format(filters_type.state(sending), condition)
  return iterate(function(after)
    return entries_of(store:list(sql, account, after, unpack(values)))
  end, "key", "")
end

--- Lists batches, the oldest first.
-- @tab store
-- @tab[opt] filters see `purchases.ledger.filters`
-- @treturn function|nil returns the next entry: `{ id =, provider =, base_url =, account =, operation =, source =, host
-- =, pid =, run =, since =, name =, first =, last =, count =, state =, maybe =, attempts =, receipt =, code =, message
-- =, changed =, superseded_by =, newest =, workflow = }`; nil at the end, or nil and an error. `newest`: the API has
-- taken nothing later in its place
-- @treturn ?purchases.error
function M.history(store, filters)
  return store_type.try(batches, store, filters_type.check(filters, "ledger:history"))
end

-- The filters for one account alone; nil where they mean others.
local function narrow(filters, account)
  local own = { provider = account.provider, base_url = account.base_url, account = account.name }
  for name, value in pairs(filters) do
    if own[name] ~= nil and own[name] ~= value then
      return nil
    end
    own[name] = value
  end
  return own
end

local function export(store, filters)
  local parts = {}
  for _, account in ipairs((accounts_type.list(store))) do
    local own = narrow(filters, account)
    if own then
      parts[#parts + 1] = account.keyed and purchases(store, account.id, own) or batches(store, own)
    end
  end
  return function()
    while parts[1] do
      local entry, err = parts[1]()
      if entry or err then
        return entry, err
      end
      table.remove(parts, 1)
    end
  end
end

--- Lists every purchase by itself: as `history`, with its `key` where its API has one, and its `body` where that is
-- kept.
function M.export(store, filters)
  return store_type.try(export, store, filters_type.check(filters, "ledger:export"))
end

return M
