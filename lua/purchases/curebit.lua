--- Curebit (since renamed Talkable): shop orders, for referral rewards.
--
-- Pure: every call is a request made from its arguments and a reading of the answer; nothing is sent
-- from here. Paths, fields and wordings are those of the API's page (purchases).
-- @module purchases.curebit
local answer = require "purchases.answer"
local json = require "purchases.json"
local requests = require "purchases.request"
local url = require "purchases.url"

local invalid, request = requests.invalid, requests.new

local M = {
  name = "curebit",
  base_url = "https://curebit.com",
  schema_name = "curebit", -- of one purchase
  key = "order_number", -- what tells purchases apart
  max_record = nil, -- the page sets no limit to the bytes of one purchase
}

--- Options of a client beyond the common ones.
M.options = {
  site = { "string", required = true },
  api_key = { "string", required = true },
}

--- The calls that become a client's methods.
M.calls = { "set_rewards_status" }

M.jobs = {}

--- The client's credentials, to be checked and blotted out.
function M.credentials(config)
  return { config.api_key }
end

--- No headers: the API key stands in the query.
function M.authorize(config)
  return {}, "api_key=" .. url.encode(config.api_key, "api_key")
end

local TAKEN = "^Order number (.+) has already been taken"

-- The order numbers that the API says it has already; nil where it says anything else, too.
local function taken_numbers(messages)
  local taken = {}
  for _, message in ipairs(messages) do
    local number = message:match(TAKEN)
    if not number then
      return nil
    end
    taken[number] = true
  end
  return next(taken) and taken or nil
end

--- Is this error about the data of some purchase in the request, so that the others are worth sending apart?
function M.is_about_data(err)
  return err.kind == "api" and (err.status == 400 and err.messages[1] ~= nil or err.status == 413)
end

--- Does it say that the API has the purchases already?
function M.is_duplicate(err)
  return err.kind == "api" and err.duplicate == true
end

-- The envelope is {"success": false, "error_messages": a text or a list of them}.
local function refusal(response)
  local body = json.decode(response.body)
  local messages = answer.texts(type(body) == "table" and body.error_messages)
  local taken = response.status == 400 and taken_numbers(messages) ~= nil
  local err = answer.refusal(response, {
    messages = messages,
    code = taken and "duplicated_order_number",
    auth = response.status == 403,
  })
  err.duplicate = taken
  return err
end

-- Reads an answer that must have this status and say that it is a success.
local function expect(response, status)
  local body, err = answer.expect(response, status, refusal)
  if body and body.success ~= true then
    return nil, answer.protocol(response, "the answer does not say that it is a success")
  end
  return body and answer.without_nulls(body), err
end

local function names_all(taken, keys)
  for _, key in ipairs(keys) do
    if not taken[key] then
      return false
    end
  end
  return true
end

-- Many are known to be there only if each of them is named: the one that is may be another's.
local function recognise_create(count, keys)
  return function(err)
    local taken = err.duplicate and taken_numbers(err.messages)
    if taken and (count == 1 or keys and names_all(taken, keys)) then
      return { success = true, duplicate = true }
    end
  end
end

--- Creates many purchases: a JSON array of checked ones, as it stands.
-- @tab config
-- @string body
-- @int count how many there are in it
-- @tparam[opt] {string,...} keys all their order numbers
function M.create_many(config, body, count, keys)
  return request {
    operation = "create_all",
    method = "POST",
    template = "/api/v1/sites/{site}/purchases/create",
    values = { site = config.site },
    body = '{"purchases":' .. body .. "}",
    repeatable = true,
    repeated = recognise_create(count, keys),
    read = function(response)
      return expect(response, 201)
    end,
  }
end

local STATUSES = { approved = true, voided = true, unrewarded = true }

--- Approves or voids the rewards of an order; approved and voided cannot be turned into each other.
function M.set_rewards_status(config, order_number, status)
  if not STATUSES[status] then
    return nil, invalid("invalid_status", "status must be one of approved, voided, unrewarded", "status")
  end
  return request {
    operation = "set_rewards_status",
    method = "PUT",
    template = "/api/v1/sites/{site}/purchases/{order_number}/set_rewards_status?status={status}",
    values = { site = config.site, order_number = order_number, status = status },
    repeatable = true,
    read = function(response)
      return expect(response, 200)
    end,
  }
end

return M
