--- What an account's earlier runs have done with purchases that are about to be sent.
-- @module purchases.ledger.lookup
local state = require "purchases.ledger.state"
local store_type = require "purchases.ledger.store"

local M = {}

local NARROW = 4 -- a range of keys that has so many times more purchases than are asked for is not read

local RANGE = [[
  SELECT key, digest, batch FROM purchase
  WHERE account = ?1 AND key >= CAST(?2 AS BLOB) AND key <= CAST(?3 AS BLOB) LIMIT ?4]]
local POINT = "SELECT digest, batch FROM purchase WHERE account = ?1 AND key = CAST(?2 AS BLOB)"
local BATCH = "SELECT state, maybe, code, message FROM batch WHERE id = ?1"
local REJECTED_UPDATE = [[
  SELECT code, message FROM batch b
  WHERE account = ?1 AND name = ?2 AND state = 3 AND superseded_by IS NULL AND digest = CAST(?3 AS BLOB)]]

-- The digests and the batches of purchases, by key: in one scan where they stand close together, which ascending files
-- make them, else one by one.
local function find(store, account, keys)
  local known, batches, most = {}, {}, NARROW * #keys
  local least, greatest = store.sqlite.bounds(keys)
  local list, count = store:list(RANGE, account, least, greatest, most)
  if count < most then
    for i = 1, count * 3, 3 do
      known[list[i]], batches[list[i]] = list[i + 1], list[i + 2]
    end
    return known, batches
  end
  for _, key in ipairs(keys) do
    local row = store:list(POINT, account, key)
    known[key], batches[key] = row[1], row[2]
  end
  return known, batches
end

-- What the state of its batch means for a purchase, of which `is_same` says whether its content is the same.
local function judge(batch, is_same)
  local its_state, maybe = batch[1], batch[2] == 1
  if its_state == state.accepted then
    return is_same and "accepted" or "changed"
  elseif its_state == state.rejected then
    return is_same and "rejected" or nil
  elseif maybe then
    return is_same and "maybe" or "maybe changed"
  end
end

local function look_up(account, keys, digests)
  local store, states, rejections, batches = account.store, {}, {}, {}
  local known, numbers = find(store, account.id, keys)
  for i, key in ipairs(keys) do
    local number = numbers[key]
    local batch = number and (batches[number] or store:list(BATCH, number))
    if batch then
      batches[number] = batch
      states[i] = judge(batch, known[key] == digests[i])
    end
    if states[i] == "changed" then
      local refused = store:list(REJECTED_UPDATE, account.id, key, digests[i])
      states[i] = refused[1] ~= nil and "rejected" or "changed"
      batch = { nil, nil, refused[1], refused[2] }
    end
    if states[i] == "rejected" then
      rejections[i] = { code = batch[3] or nil, message = batch[4] or nil }
    end
  end
  return states, rejections
end

--- What is known of purchases.
-- @tab account
-- @tab keys
-- @tab digests of 8 bytes
-- @treturn table|nil by index: nil, it is to be sent; "accepted"; "rejected", with the same content; "maybe": it may
-- have arrived; "maybe changed": it may have, with other content; "changed": it was accepted with other content
-- @treturn table|purchases.error by index of what is rejected: `{ code =, message = }`
function M.known(account, keys, digests)
  if not keys[1] then
    return {}, {}
  end
  return account.store:reading(look_up, account, keys, digests)
end

local OF_NAME = [[
  SELECT id, state, maybe, digest, receipt, code, message FROM batch
  WHERE account = ?1 AND name = ?2 AND superseded_by IS NULL ORDER BY id DESC]]
local COLUMNS = 7

-- The greatest name and the latest time of an account's batches; over how many midnights the longest goes, for no other
-- can reach into a time from further away; and how many have times that cannot be read.
local EXTREMES = [[
  SELECT max(name), max(last), ifnull(max(CAST(julianday(last) - julianday(first) AS INTEGER) + 1), 0),
    ifnull(sum(julianday(last) - julianday(first) IS NULL), 0)
  FROM batch WHERE account = ?1 AND name IS NOT NULL]]
-- Those that overlap a time begin near it, and their names say when, be it as days or in another zone than the times.
local OVERLAP = [[
  SELECT id FROM batch WHERE account = ?1 AND state = 2 AND superseded_by IS NULL AND name <> ?5
    AND first <= ?3 AND last >= ?2
    AND name >= ifnull(strftime('%Y-%m-%d', ?2, '-2 days', '-' || ?4 || ' days'), '')
    AND name <= ifnull(strftime('%Y-%m-%d', ?3, '+3 days'), '~') LIMIT 1]]

-- Most jobs send what comes after all that was sent: that nothing is known of it is told without a look at the file.
local function extremes(account)
  local found = account.extremes
  if not found then
    local row = account.store:list(EXTREMES, account.id)
    found = { name = row[1] or nil, last = row[2] or nil, longest = row[4] == 0 and row[3] }
    account.extremes = found
  end
  return found
end

local function is_beyond(account, text, greatest)
  return not greatest or account.store.sqlite.precedes(greatest, text)
end

-- At least as many midnights as there are between two times; false where they cannot be read.
local function midnights(first, last)
  if first:sub(1, 10) == last:sub(1, 10) then
    return 0
  end
  local year, month, day = first:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)"
  local last_year, last_month, last_day = last:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)"
  return year and last_year and (last_year - year) * 372 + (last_month - month) * 31 + math.max(last_day - day, 0)
end

--- Notes a new batch of an account.
-- @treturn bool there is no other of its name
function M.is_new(account, record)
  local known, name, last = extremes(account), record.name, record.last
  local is_new = is_beyond(account, name, known.name)
  known.name = is_new and name or known.name
  if last then
    known.last = is_beyond(account, last, known.last) and last or known.last
    local count = midnights(record.first, last)
    known.longest = known.longest and count and math.max(known.longest, count)
  end
  return is_new
end

-- The accepted batch of another name that this one overlaps, if there is one.
local function find_overlap(account, name, first, last)
  local known = extremes(account)
  return not is_beyond(account, first, known.last)
    and account.store:list(OVERLAP, account.id, first, last, known.longest or nil, name)[1]
end

local function describe(account, id)
  local row = account.store:list("SELECT name, first, last, receipt FROM batch WHERE id = ?1", id)
  return { id = id, name = row[1] or nil, first = row[2] or nil, last = row[3] or nil, receipt = row[4] or nil }
end

local function look_up_batch(account, name, digest, first, last, is_again)
  local list, count = nil, 0
  if not is_beyond(account, name, extremes(account).name) then
    list, count = account.store:list(OF_NAME, account.id, name)
  end
  local found, accepted = {}, nil
  for at = (count - 1) * COLUMNS, 0, -COLUMNS do -- the newest has the last word
    local is_same, its_state = list[at + 4] == digest, list[at + 2]
    local is_settled = found.is_same and found.state == "accepted" and not is_again
    if not is_settled and (is_same or its_state == state.unknown and not found.is_same) then
      found = { id = is_same and list[at + 1] or nil, state = state.name(its_state), is_same = is_same,
        maybe = list[at + 3] == 1, receipt = list[at + 5] or nil, code = list[at + 6] or nil,
        message = list[at + 7] or nil }
    end
    accepted = its_state == state.accepted and not is_same and list[at + 1] or accepted
  end
  if not (found.is_same and found.state == "accepted") then
    local old = accepted or first and find_overlap(account, name, first, last)
    found.changed = old and describe(account, old) or nil
  end
  return found
end

--- What is known of a batch of a series.
-- @tab account
-- @string name
-- @string digest
-- @string first times that sort as texts do, such as `2026-03-29 00:00`; the name begins with the date of the first or
-- one beside it
-- @string last
-- @bool[opt] is_again what was accepted is to be sent again: what counts is what became of that last. Otherwise what
-- was accepted once is accepted
-- @treturn table|nil `{ id =, state =, is_same =, maybe =, receipt =, code =, message =, changed = }`. Without a
-- `state` nothing is known of it. One that may have arrived with other content is "unknown", and not `is_same`; it has
-- no `id`. `changed` is `{ id =, name =, first =, last =, receipt = }` of what was accepted with other content for the
-- same time or a part of it
-- @treturn ?purchases.error
function M.batch(account, name, digest, first, last, is_again)
  return store_type.try(look_up_batch, account, name, digest, first, last, is_again)
end

return M
