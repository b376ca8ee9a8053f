--- Which purchases of one number a ledger has, in whatever branch.
-- @module purchases.ledger.keys
local accounts = require "purchases.ledger.accounts"
local store_type = require "purchases.ledger.store"

local M = {}

local KEYS = "SELECT key FROM purchase WHERE account = " .. accounts.ID .. [[
    AND (key = CAST(?4 AS BLOB) OR key > CAST(?5 AS BLOB) AND key < CAST(?6 AS BLOB)) ORDER BY key]]

--- Lists the keys of a number: by itself, and within each branch.
-- @tab store
-- @tab about `provider`, `base_url`, `name`: an account
-- @string number
-- @treturn {string,...}|nil
-- @treturn ?purchases.error
function M.of(store, about, number)
  local list, err = store_type.try(store.list, store, KEYS, about.provider, about.base_url, about.name, number,
    number .. "\0", number .. "\1")
  return list, not list and err or nil
end

return M
