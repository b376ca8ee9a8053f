-- Inside an nginx worker: one client and one series for all its requests, as an application would have them.
local load = require "spec.support.load"
local purchases = require "purchases"

local M = {}

local function client_at(path, fields)
  local opts = { user = "u", base_url = os.getenv "UPSTREAM" .. path, retry = { attempts = 1 } }
  for name, value in pairs(fields) do
    opts[name] = value
  end
  return purchases.ravenwits.new(opts)
end

local TOKEN = { token = "secret-token" }
local clients = {
  [""] = client_at("", TOKEN),
  ["/hang"] = client_at("/hang", { token = TOKEN.token, concurrency = 100 }),
  login = client_at("", { email = "demo@example.com", password = "secret-password" }),
}
local day = load.series(96)

local function submit(client)
  local receipt, err = client:submit(day, { retailer_id = "1" })
  return receipt and receipt.id or tostring(err)
end

--- The id of a purchase, or why there is none.
-- @string[opt] path below the upstream's root
function M.submit(path)
  return submit(clients[path or ""])
end

--- The same, by a client that has to sign in first.
function M.sign_in()
  return submit(clients.login)
end

return M
