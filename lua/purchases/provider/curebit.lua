--- Curebit (since renamed Talkable): shop orders, for referral rewards.
--
-- Pure: every call makes a request of its arguments, with a function that reads the answer. Nothing is sent from
-- here, and no file is read. Paths, fields and wordings are those of the API's page (purchases).
-- @module purchases.provider.curebit
local answer = require "purchases.provider.answer"
local core = require "purchases.core"
local error_type = require "purchases.error"
local instant = require "purchases.provider.instant"
local json = require "purchases.json"
local options = require "purchases.options"
local purchase_text = require "purchases.provider.purchase"
local requests = require "purchases.provider.request"
local url = require "purchases.provider.url"

local invalid, request = requests.invalid, requests.new

local M = {
  name = "curebit",
  base_url = "https://curebit.com",
  schema_name = "curebit", -- of one purchase
  key = "order_number", -- what tells purchases apart
  duplicate_code = "duplicated_order_number", -- of an error that says that the API has the purchase already
  lists = { items = {} },
  max_purchase = nil, -- the page sets no limit to the bytes of one purchase
}

--- Options of a client beyond the common ones.
M.options = {
  site = { "string", required = true },
  api_key = { "string", required = true },
}

--- The calls that become a client's methods.
M.calls = { "create", "set_rewards_status" }

--- The options that tell an account from others: a rate holds for an account.
M.account = { "site", "api_key" }

--- What a ledger tells keys of one account by; never stored as it is.
function M.secret(config)
  return config.api_key
end

--- The account's name in a ledger.
function M.account_name(config)
  return config.site
end

--- The client's credentials, to be checked and blotted out.
function M.credentials(config)
  return { config.api_key }
end

--- The credentials of a request: no headers, and the API key as a part of the query.
function M.authorize(config)
  return {}, "api_key=" .. url.encode(config.api_key, "api_key")
end

local TAKEN = "^Order number (.+) has already been taken"

-- The order numbers that the API says it has already, as a set; nil where it says anything else, too.
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

--- Tells whether an error is about the data of some purchase in the request, so that the others are worth sending
-- apart.
function M.is_about_data(err)
  return err.kind == "api" and err.final == true
end

--- Tells whether an error says that the API has the purchases already.
function M.is_duplicate(err)
  return err.kind == "api" and err.duplicate == true
end

-- The envelope is {"success": false, "error_messages": a text or a list of them}.
local function refusal(response)
  local body = answer.envelope(response)
  local messages = answer.texts(body.error_messages)
  local taken = response.status == 400 and body.success == false and taken_numbers(messages) ~= nil
  local err = answer.refusal(response, {
    messages = messages,
    code = taken and M.duplicate_code,
    auth = response.status == 403,
    own = body.success == false and messages[1] ~= nil,
  })
  err.duplicate = taken
  return answer.too_large(err)
end

-- Reads an answer, which must have this status and say that it is a success.
local function expect(response, status)
  local body, err = answer.expect(response, status, refusal)
  if body and body.success ~= true then
    return nil, answer.protocol(response, "the answer does not say that it is a success")
  end
  return body and answer.without_nulls(body), err
end

-- A repeat that is told of duplicates has succeeded before only if each of its purchases is named: a single one may be
-- another's.
local function recognise_create(count, keys)
  return function(err)
    local taken = err.duplicate and taken_numbers(err.messages)
    if not taken or count > 1 and not keys then
      return nil
    end
    for _, key in ipairs(count > 1 and keys or {}) do
      if not taken[key] then
        return nil
      end
    end
    return { success = true, duplicate = true }
  end
end

local function creation(config, operation, body, count, keys)
  return request {
    operation = operation,
    method = "POST",
    template = "/api/v1/sites/{site}/purchases/create",
    values = { site = config.site },
    body = '{"purchases":' .. body .. "}",
    repeatable = true,
    repeated = recognise_create(count, keys),
    read = function(response)
      local created, err = expect(response, 201)
      if err and err.final and not err.duplicate then
        err.ambiguous = true -- in other words than those of the page, this may tell of a duplicate
      end
      return created, err
    end,
  }
end

--- Creates many purchases.
-- @tab config
-- @string body a JSON array of purchases that were checked, sent as it stands
-- @int count of purchases in it
-- @tparam[opt] {string,...} keys all their order numbers, each of them once
function M.create_many(config, body, count, keys)
  return creation(config, "create_all", body, count, keys)
end

local IN_FULL = "^(%d%d%d%d%-%d%d%-%d%d[ T]%d%d:%d%d:%d%d)%.?%d*(.*)$"

--- Writes a purchase's `order_date` in UTC where it is a local time of the zone `tz`, or has no seconds. Without a
-- zone, times are in UTC, as the page says.
-- @string text one purchase, which still has to be checked
-- @string[opt] tz an IANA zone
-- @treturn string|nil
-- @treturn ?purchases.error of a text that is not a time, or a time that a change of the clocks leaves out or repeats,
-- with both readings as `candidates`
function M.prepare(text, tz)
  local value, first, last = purchase_text.member(text, "order_date")
  local date = value and json.decode(value)
  if type(date) ~= "string" then
    return text -- the schema says what is wrong
  end
  local full, zone = date:match(IN_FULL)
  local is_clear = zone == "Z" or zone and zone:find "^ ?[+-]%d%d:?%d%d$" or zone == "" and not tz
  if is_clear and core.datetime.parse(full) then
    return text
  end
  local utc, err = instant.utc(date, tz or "UTC", "/order_date")
  if not utc then
    return nil, err
  end
  return ('%s"%s"%s'):format(text:sub(1, first - 1), utc, text:sub(last + 1))
end

local ISSUES_KEPT = 1000

-- Adds what is wrong with the purchase at this index of a list to what is wrong with the list.
local function add_issues(all, err, index)
  local field = err.issues[1] and err.issues[1].field
  all = all or error_type.new {
    kind = "validation",
    code = err.code,
    message = ("purchase %d%s: %s"):format(index, field and ", " .. field or "", err.message),
    candidates = err.candidates,
    issues = {},
    total = 0,
  }
  for _, issue in ipairs(err.issues) do
    issue.index = index
    all.issues[#all.issues + 1] = #all.issues < ISSUES_KEPT and issue or nil
  end
  all.total = all.total + err.total
  return all
end

-- Refuses an order number that is there twice: the API would refuse both, and a repeat of the request could not be told
-- from its first attempt.
local function check_keys(keys)
  local first = {}
  for i, key in ipairs(keys) do
    if first[key] then
      local err = invalid(M.duplicate_code, ("order_number %s comes twice: purchases %d and %d")
        :format(key, first[key] - 1, i - 1), "/order_number")
      err.issues[1].index = i - 1
      return err
    end
    first[key] = i
  end
end

-- All purchases of a list as they are sent, and their order numbers.
local function texts_of(config, list, tz)
  local texts, keys, wrong = {}, {}, nil
  for i, purchase in ipairs(list) do
    local text, err = purchase_text.encode(purchase, "create", 4, M.lists)
    if text then
      text, err = M.prepare(text, tz)
    end
    if text then
      text, err = purchase_text.check(M, config.schema, text)
    end
    if text then
      local key = purchase_text.member(text, M.key)
      texts[i], keys[i] = text, key:sub(1, 1) == '"' and json.decode(key) or key
    else
      wrong = add_issues(wrong, err, i - 1)
    end
  end
  wrong = wrong or check_keys(keys)
  if wrong then
    return nil, wrong
  end
  return texts, keys
end

local CREATE = { tz = { "string" } }

--- Creates purchases, all of them or none.
-- @tab config
-- @tparam {table|string,...} list as the page has them, or their JSON texts
-- @tab[opt] opts `tz`: an IANA zone, which the order dates without an offset are in
function M.create(config, list, opts)
  opts = options.check(opts, CREATE, "create", 3)
  if type(list) ~= "table" then
    error("create: expected a list of purchases, got " .. type(list), 3)
  elseif list[1] == nil then
    return nil, invalid("no_purchases", "there are no purchases in the list")
  end
  local err = instant.check_zone(opts.tz)
  if err then
    return nil, err
  end
  local texts, keys = texts_of(config, list, opts.tz)
  if not texts then
    return nil, keys
  end
  return creation(config, "create", "[" .. table.concat(texts, ",") .. "]", #texts, keys)
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

--- Jobs: many requests from one source.
M.jobs = {
  create_all = { kind = "bulk" },
}

return M
