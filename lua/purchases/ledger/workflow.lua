--- Which accepted purchases are still worked on at the API, so that somebody may wait for them after a restart, too.
-- @module purchases.ledger.workflow
local accounts = require "purchases.ledger.accounts"
local store_type = require "purchases.ledger.store"

local M = {}

local UNENDED = [[
  SELECT id, receipt, name, first, last, changed FROM batch
  WHERE account = ]] .. accounts.ID .. [[ AND state = 2 AND receipt IS NOT NULL AND workflow IS NULL ORDER BY id]]
local COLUMNS = 6
local END = "UPDATE batch SET workflow = ?5 WHERE account = " .. accounts.ID .. " AND receipt = ?4"
local END_ONE = "UPDATE batch SET workflow = ?2 WHERE id = ?1 AND receipt = ?3"

--- The accepted purchases of an account whose workflow has not ended, as far as was noted.
-- @tab store
-- @tab about `provider`, `base_url`, `name`: an account, or a table with its fields
-- @treturn table|nil list of `{ id =, receipt =, name =, first =, last =, changed = }`, the oldest first
-- @treturn ?purchases.error
function M.unended(store, about)
  return store_type.try(function()
    local list, rows = store:list(UNENDED, about.provider, about.base_url, about.name)
    local found = {}
    for at = 0, (rows - 1) * COLUMNS, COLUMNS do
      found[#found + 1] = { id = list[at + 1], receipt = list[at + 2], name = list[at + 3] or nil,
        first = list[at + 4] or nil, last = list[at + 5] or nil, changed = list[at + 6] }
    end
    return found
  end)
end

--- Notes that a workflow has ended.
-- @tab store
-- @tab about as for `unended`
-- @string receipt
-- @string status the last one, such as "completed"
-- @int[opt] id of the purchase, as `unended` has it: without it, it is looked for among all of them
-- @treturn true|nil
-- @treturn ?purchases.error
function M.ended(store, about, receipt, status, id)
  return store:transaction(function()
    if id then
      store:run(END_ONE, id, status, receipt)
    else
      store:run(END, about.provider, about.base_url, about.name, receipt, status)
    end
    return true
  end)
end

return M
