--- The Curebit API: orders, and what becomes of their rewards.
--
-- Where the API's page is silent, this double has it so:
--
-- - `purchases` comes in a JSON body. Bad ones refuse the whole request, with a complaint for each;
-- - an order number is taken once: another create of it is refused with `Order number N has already been
--   taken`, and with it the whole request; so is one that comes twice in a request. 7 and "7" are one
--   number. An empty list is taken;
-- - the site is looked for before the key is looked at, the status before the order;
-- - an order with a subtotal of 0 has no rewards, and whatever its status is set to, that is the notice;
-- - the same status again is a success. `unrewarded` touches the rewards alone, so it is let through at any
--   time, and does not turn an approved order into one that can be voided, nor the other way round.
--
-- @module purchases.sandbox.curebit

local audit = require "purchases.sandbox.audit"
local json = require "purchases.sandbox.json"
local md5 = require "purchases.sandbox.md5"
local store = require "purchases.sandbox.store"
local validate = require "purchases.sandbox.curebit.validate"

local M = {}

--- The path of every call of this provider begins with this.
M.prefixes = { "/api/v1/sites/" }

-- Order number to what is held of it: `has_rewards` and `audited`, its line in the audit.
local orders = store.section(function()
  return {}
end)

local function success(status, notice)
  return { status = status, body = json.object("success", true, "notice", notice) }
end

local function refusal(status, messages)
  return { status = status, body = json.object("success", false, "error_messages", messages) }
end

local NO_SITE = "An exception occurred. No site found by site_slug: %s"
local NO_ORDER = "Couldn't find Purchase with order_number = %s"
local WRONG_KEY = "Invalid api_key"

local function guarded(action)
  return function(request, params)
    if params.site ~= store.settings.curebit_site then
      return refusal(404, NO_SITE:format(params.site))
    elseif request.query.api_key ~= store.settings.curebit_api_key then
      return refusal(403, WRONG_KEY)
    end
    return action(request, params)
  end
end

-- Creating

local function order_of(purchase)
  local number = purchase.order_number
  return type(number) == "string" and number or number.text
end

local function taken_orders(purchases)
  local seen, messages = {}, {}
  for _, purchase in ipairs(purchases) do
    local order = order_of(purchase)
    if seen[order] or orders()[order] then
      messages[#messages + 1] = ("Order number %s has already been taken"):format(order)
    end
    seen[order] = true
  end
  return messages[1] and messages
end

local function create(request, params)
  local elements, messages = validate.create(request.body)
  messages = messages or taken_orders(elements.values)
  if messages then
    return refusal(400, json.array(messages))
  end
  for i, purchase in ipairs(elements.values) do
    local site, order = params.site, order_of(purchase)
    local line = { provider = "curebit", site = site, order_number = order,
      digest = md5(request.body, elements.first[i], elements.last[i]) }
    orders()[order] = { has_rewards = tonumber(purchase.subtotal.text) ~= 0, audited = line }
    audit.accepted(line, "curebit\n" .. site .. "\n" .. order)
  end
  return success(201)
end

-- Rewards

local OPPOSITE = { approved = "voided", voided = "approved" }
local STATUSES = { approved = true, voided = true, unrewarded = true }

local function set_rewards_status(request, params)
  local status, order = request.query.status, orders()[params.order]
  if not STATUSES[status] then
    return refusal(400, '"status" must be one of approved, voided, unrewarded')
  elseif not order then
    return refusal(400, NO_ORDER:format(params.order))
  elseif not order.has_rewards then
    return success(200, "no rewards")
  elseif order.decided and OPPOSITE[status] == order.decided then
    return refusal(400, ("Purchase is already %s and can not be %s"):format(order.decided, status))
  end
  order.decided = OPPOSITE[status] and status or order.decided
  order.audited.rewards_status = status
  return success(200)
end

--- The calls.
M.routes = {
  { "POST", "/api/v1/sites/:site/purchases/create", guarded(create) },
  { "PUT", "/api/v1/sites/:site/purchases/:order/set_rewards_status", guarded(set_rewards_status) },
}

local STOCK = {
  [400] = "Bad request",
  [403] = WRONG_KEY,
  [404] = "Not found",
  [405] = "Method not allowed",
  [411] = "Content-Length is required",
  [429] = "Too many requests",
  [500] = "Internal server error",
  [502] = "Bad gateway",
  [503] = "Service unavailable",
  [504] = "Gateway timeout",
}

--- The API's words for a status that no call of it gave, such as a fault's.
function M.stock(status)
  return refusal(status, STOCK[status] or "Error " .. status).body
end

--- The answer to a method that a path does not know.
function M.wrong_method(_, allowed)
  return { status = 405, body = M.stock(405), headers = { Allow = allowed } }
end

return M
