--- The sandbox's memory for audits: the requests that arrived, and what became of them.
-- Credentials never get in here: a token or key leaves nothing but a fingerprint under a key that
-- nobody knows and that each start makes anew.
-- @module purchases.sandbox.audit

local json = require "purchases.sandbox.json"
local random = require "purchases.sandbox.random"
local store = require "purchases.sandbox.store"

local M = {}

local LONGEST_PATH = 2048
local SECRETS = { api_key = true, apikey = true, token = true, access_token = true, password = true }

local state = store.section(function()
  return { requests = {}, purchases = {}, keys = {}, received = {} }
end)

local secret

local function fingerprint(credentials)
  if credentials then
    secret = secret or random.hex(16)
    return (ngx.hmac_sha1(secret, credentials):sub(1, 4):gsub(".", function(c)
      return ("%02x"):format(c:byte())
    end))
  end
end

local function without_secrets(target)
  local path, query = target:match "^([^?]*)%??(.*)$"
  query = query:gsub("[^&]+", function(pair)
    local name = pair:match "^[^=]*"
    return SECRETS[ngx.unescape_uri(name):lower()] and name .. "=***" or pair
  end)
  local shown = query == "" and path or path .. "?" .. query
  return (shown:sub(1, LONGEST_PATH):gsub("[%c\128-\255]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- Notes a request to the API as it arrives.
-- @treturn table the entry; `status`, `fault` and `user` are filled in by those who know them
function M.arrived(request)
  local requests = state().requests
  local entry = {
    n = #requests + 1,
    time = ngx.now(),
    method = request.method,
    path = without_secrets(request.target),
    bytes = request.body and #request.body or 0,
    credentials = fingerprint(request.authorization or request.query.api_key),
  }
  requests[entry.n] = entry
  return entry
end

--- Notes a purchase that was accepted.
-- @tparam table purchase what an audit shows of it, as plain values: `id`, `provider`, `rows` and more
-- @tparam string key what makes two purchases the same for an audit
function M.accepted(purchase, key)
  local all = state()
  local n = #all.purchases + 1
  all.purchases[n], all.keys[n] = purchase, key
  all.received[key] = (all.received[key] or 0) + 1
end

local function has_all(purchase, fields)
  for name, value in pairs(fields) do
    if tostring(purchase[name]) ~= value then
      return false
    end
  end
  return true
end

local function counts(all)
  local statuses, faults, rows, distinct, repeated = {}, 0, 0, 0, 0
  for _, entry in ipairs(all.requests) do
    local status = tostring(entry.status or "pending")
    statuses[status] = (statuses[status] or 0) + 1
    faults = faults + (entry.fault and 1 or 0)
  end
  for _, purchase in ipairs(all.purchases) do
    rows = rows + (purchase.rows or 0)
  end
  for _, received in pairs(all.received) do
    distinct = distinct + 1
    repeated = repeated + (received > 1 and 1 or 0)
  end
  return json.object("requests", #all.requests, "statuses", statuses, "faults", faults,
    "purchases", #all.purchases, "distinct", distinct, "repeated", repeated, "rows", rows)
end

--- Counts what arrived: requests, their statuses, faults, purchases, how many of them are distinct, how many
-- of those came more than once, and rows.
function M.counts()
  return counts(state())
end

--- The purchases that were accepted, each with `received`: how often.
-- @tparam ?table fields only those with these values, by name, as texts
function M.purchases(fields)
  local all, lines = state(), {}
  for i, purchase in ipairs(all.purchases) do
    purchase.received = all.received[all.keys[i]]
    if has_all(purchase, fields or {}) then
      lines[#lines + 1] = purchase
    end
  end
  return json.array(lines)
end

--- The audit.
-- @tparam ?number since leaves out the requests up to this one
function M.report(since)
  local all, lines = state(), {}
  for i = (since or 0) + 1, #all.requests do
    local entry = all.requests[i]
    lines[#lines + 1] = json.object("n", entry.n, "time", entry.time, "method", entry.method, "path", entry.path,
      "status", entry.status or json.null, "fault", entry.fault, "bytes", entry.bytes,
      "user", entry.user, "credentials", entry.credentials)
  end
  return json.object("requests", json.array(lines), "purchases", M.purchases(), "counts", counts(all))
end

return M
