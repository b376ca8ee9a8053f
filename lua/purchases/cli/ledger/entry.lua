--- What a ledger has, as people and as machines read it.
-- @module purchases.cli.ledger.entry
local json = require "purchases.json"
local providers = { ravenwits = require "purchases.provider.ravenwits", woowup = require "purchases.provider.woowup",
  curebit = require "purchases.provider.curebit" }

local M = {}

--- A time of a ledger's, in milliseconds since 1970, on this machine's clock.
function M.time(milliseconds)
  return os.date("%Y-%m-%d %H:%M", math.floor(milliseconds / 1000))
end

--- The same for machines, in UTC.
-- @treturn ?string nil for nil
function M.instant(milliseconds)
  return milliseconds and os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(milliseconds / 1000))
end

--- Whose it is: "ravenwits trebolenergia/123", with the address where it is not the API's own.
-- @tab entry `provider`, `base_url`, `account`
function M.account(entry)
  local label = entry.account == "" and entry.provider or entry.provider .. " " .. entry.account
  local provider = providers[entry.provider]
  if not provider or provider.base_url ~= entry.base_url then
    label = label .. " at " .. entry.base_url
  end
  return label
end

--- The operation of a command: "submit" for submit_all.
function M.operation(entry)
  return (entry.operation:gsub("_all$", ""))
end

-- What the ledger keeps as it is.
local KEPT = {
  "id", "provider", "base_url", "account", "state", "newest", "superseded_by", "maybe", "count", "attempts", "receipt",
  "workflow", "code", "message", "name", "first", "last", "source", "host", "pid",
}

--- An entry for JSON. A key that stands within a branch is two texts.
-- @tab entry of `ledger:history` or `ledger:export`
-- @treturn table
function M.plain(entry)
  local plain = { operation = M.operation(entry), changed = M.instant(entry.changed), began = M.instant(entry.since) }
  for _, name in ipairs(KEPT) do
    plain[name] = entry[name]
  end
  if entry.key then
    plain.key, plain.branch = entry.key:match "^(%Z*)%z?(.*)$"
    plain.branch = plain.branch ~= "" and plain.branch or nil
    plain.count = nil -- that of its bulk
  end
  plain.body = entry.body and json.text(entry.body)
  return plain
end

return M
