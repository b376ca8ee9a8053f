--- The accounts of the Ravenwits double, and their tokens.
-- @module purchases.sandbox.ravenwits.accounts

local random = require "purchases.sandbox.random"
local store = require "purchases.sandbox.store"

local M = {}

-- `token` is a bearer token that needs no login. An account without a customer cannot log in.
local ACCOUNTS = {
  ["demo@example.com"] = { customer = "trebolenergia", password = "sandbox-password", token = "sandbox-token" },
  ["other@example.com"] = { customer = "otraenergia", password = "other-password", token = "other-token" },
  ["unconfigured@example.com"] = { password = "unconfigured-password" },
}

local function standing_tokens()
  local tokens = {}
  for _, account in pairs(ACCOUNTS) do
    if account.token then
      tokens[account.token] = { customer = account.customer, expires = math.huge }
    end
  end
  return tokens
end

local tokens = store.section(standing_tokens)

--- The account of an e-mail address: `customer` (nil where it is not configured) and `password`.
function M.by_email(email)
  return ACCOUNTS[email]
end

--- Issues a token for an account.
-- @treturn string the token
-- @treturn number when it runs out, in seconds of nginx's clock
function M.issue_token(account)
  local token = random.hex(20)
  local expires = ngx.now() + store.settings.token_lifetime
  tokens()[token] = { customer = account.customer, expires = expires }
  return token, expires
end

--- The customer a token belongs to, and when it runs out; nil for an unknown one.
function M.customer_of(token)
  local known = tokens()[token]
  if known then
    return known.customer, known.expires
  end
end

--- Lets every token run out, those that need no login too; a reset brings the latter back.
function M.expire_tokens()
  for _, token in pairs(tokens()) do
    token.expires = 0
  end
end

return M
