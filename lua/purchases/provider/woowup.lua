--- WoowUp: retail sales, one purchase to an invoice.
--
-- Pure: every call makes a request of its arguments, with a function that reads the answer. Nothing is sent from
-- here, and no file is read. Paths, fields and wordings are those of the API's page (purchases).
-- @module purchases.provider.woowup
local answer = require "purchases.provider.answer"
local instant = require "purchases.provider.instant"
local json = require "purchases.json"
local options = require "purchases.options"
local purchase_text = require "purchases.provider.purchase"
local requests = require "purchases.provider.request"
local url = require "purchases.provider.url"

local invalid, request = requests.invalid, requests.new

local M = {
  name = "woowup",
  base_url = "https://api.woowup.com/apiv3",
  schema_name = "woowup", -- of one purchase
  key = "invoice_number", -- what tells purchases apart
  key_within = "branch_name", -- two branches may have an invoice of the same number
  duplicate_code = "duplicated_purchase_number", -- of an error that says that the API has the purchase already
  max_purchase = 256 * 1024, -- bytes of one purchase
  needs = { "createtime" }, -- what a map makes must not be empty: without it the API takes the time at which it comes
  lists = { payment = {}, purchase_detail = { category = {}, variations = {}, specifications = {} } },
}

--- Options of a client beyond the common ones. The rate is what the API allows, in requests a minute.
M.options = {
  api_key = { "string", required = true },
  rate = { "number", default = 140, check = options.positive },
}

--- The calls that become a client's methods.
M.calls = { "create", "update", "find", "iin", "delete", "delete_range" }

--- The options that tell an account from others: a rate holds for an account.
M.account = { "api_key" }

--- What a ledger tells keys of one account by; never stored as it is.
function M.secret(config)
  return config.api_key
end

--- The account's name in a ledger: a key opens one account, and nothing of it can be told.
function M.account_name()
  return ""
end

--- The client's credentials, to be checked and blotted out.
function M.credentials(config)
  return { config.api_key }
end

--- The credentials of a request: headers that carry the API key as it is, without base64 and without a user.
function M.authorize(config)
  return { Authorization = "Basic " .. config.api_key }
end

-- Codes that are about what a purchase says, with whatever status.
local ABOUT_DATA = {
  bad_request = true,
  user_not_found = true,
  inexistent_purchase_number = true,
  [M.duplicate_code] = true,
}

--- Tells whether an error is about the data of some purchase in the request, so that the others are worth sending
-- apart.
function M.is_about_data(err)
  return err.kind == "api" and err.final == true
end

--- Tells whether an error says that the API has the purchase already.
function M.is_duplicate(err)
  return err.kind == "api" and err.final == true and err.code == M.duplicate_code
end

-- The envelope is {payload: [] or {errors: [...]}, message, code, time}.
local function refusal(response)
  local body = answer.envelope(response)
  local messages = answer.texts(type(body.payload) == "table" and body.payload.errors)
  local code = type(body.code) == "string" and body.code:match "^%l[%l%d_]*$"
  local err = answer.refusal(response, {
    messages = messages[1] and messages or answer.texts(body.message),
    code = code,
    auth = response.status == 403,
    own = code and code ~= "internal_error",
    about_data = ABOUT_DATA[code],
  })
  err.duplicate = M.is_duplicate(err)
  return answer.too_large(err)
end

-- Reads the payload of an answer that is a success. `is_promised(payload)` tells whether it has the right shape.
local function read_payload(response, is_promised)
  local body, err = answer.expect(response, 200, refusal, is_promised ~= nil, 201)
  if not body then
    return nil, err
  elseif body.code ~= "ok" then
    return nil, answer.protocol(response, 'the code of the answer is not "ok"')
  end
  local payload = type(body.payload) == "table" and body.payload or {}
  if is_promised and not is_promised(payload) then
    return nil, answer.protocol(response, "the answer's payload is not what was asked for")
  end
  return payload
end

-- A repeat that is told of a duplicate has succeeded before only if it has a single purchase: of many, one may be
-- another's.
local function recognise_create(count)
  return function(err)
    return count == 1 and err.duplicate and { duplicate = true } or nil
  end
end

-- The JSON text of one purchase that may be sent.
local function text_of(config, given, what)
  local text, err = purchase_text.encode(given, what, 4, M.lists)
  if not text then
    return nil, err
  end
  return purchase_text.check(M, config.schema, text)
end

--- Creates a purchase.
-- @tab config
-- @tparam table|string purchase as the page has it, or its JSON text
function M.create(config, purchase)
  local text, err = text_of(config, purchase, "create")
  if not text then
    return nil, err
  end
  return request {
    operation = "create",
    method = "POST",
    template = "/purchases",
    body = text,
    repeatable = true,
    repeated = recognise_create(1),
    read = read_payload,
  }
end

--- Updates a purchase.
-- @tab _
-- @string text one purchase that was checked, sent as it stands
function M.update_text(_, text)
  return request {
    operation = "update",
    method = "PUT",
    template = "/purchases",
    body = text,
    repeatable = true,
    read = read_payload,
  }
end

--- Updates a purchase. It is given whole.
-- @tab config
-- @tparam table|string purchase as for `create`
function M.update(config, purchase)
  local text, err = text_of(config, purchase, "update")
  return text and M.update_text(config, text), err
end

--- Tells whether an error says that there is no purchase that could be updated.
function M.is_absent(err)
  return err.kind == "api" and err.final == true and err.code == "inexistent_purchase_number"
end

--- Creates many purchases.
-- @tab _
-- @string body a JSON array of purchases that were checked, sent as it stands
-- @int count of purchases in it
function M.create_many(_, body, count)
  return request {
    operation = "create_all",
    method = "POST",
    template = "/purchases/bulk",
    body = body,
    repeatable = true,
    repeated = recognise_create(count),
    read = read_payload,
  }
end

local SEARCHED = { "invoice_number", "service_uid", "branch_name", "branch_id" }
local FIND = {}
for _, name in ipairs(SEARCHED) do
  FIND[name] = { "string|number" }
end

local function is_list_of_objects(payload)
  for _, element in ipairs(payload) do
    if type(element) ~= "table" then
      return false
    end
  end
  return payload[1] ~= nil or next(payload) == nil
end

local function remove_nulls(value)
  for _, field in pairs(answer.without_nulls(value)) do
    if type(field) == "table" then
      remove_nulls(field)
    end
  end
end

--- Searches purchases. By invoice number, the API returns only the first one that was created.
function M.find(_, opts)
  opts = options.check(opts, FIND, "find", 3)
  if opts.branch_id ~= nil and opts.invoice_number == nil then
    return nil, invalid("invalid_search", "branch_id is used only together with invoice_number", "branch_id")
  end
  local query = {}
  for _, name in ipairs(SEARCHED) do
    if opts[name] ~= nil then
      query[#query + 1] = ("%s={%s}"):format(name, name)
    end
  end
  return request {
    operation = "find",
    method = "GET",
    template = "/purchases" .. (query[1] and "?" .. table.concat(query, "&") or ""),
    values = opts,
    repeatable = true,
    read = function(response)
      local purchases, err = read_payload(response, is_list_of_objects)
      -- A purchase as in a request: without nulls, its items as a list, which answers wrap in an object.
      for _, purchase in ipairs(purchases or {}) do
        remove_nulls(purchase)
        local detail = purchase.purchase_detail
        purchase.purchase_detail = type(detail) == "table" and detail.items or detail
      end
      return purchases, err
    end,
  }
end

--- Asks what is known of a card's bank, by the card's first six digits. A number that lost leading zeros is refused.
function M.iin(_, iin)
  local text = type(iin) == "number" and iin % 1 == 0 and ("%.0f"):format(iin) or iin
  local digits = type(text) == "string" and text:match "^%d%d%d%d%d%d$"
  if not digits then
    return nil, invalid("invalid_iin", "an IIN is exactly 6 digits: the first six of a card's number", "iin")
  end
  return request {
    operation = "iin",
    method = "GET",
    template = "/purchases/iin/{iin}",
    values = { iin = digits },
    repeatable = true,
    read = function(response)
      return read_payload(response, function(payload)
        return payload[1] == nil and next(payload) ~= nil
      end)
    end,
  }
end

local DELETE = {
  invoice_number = { "string|number", required = true },
  branch_name = { "string|number" },
}

-- The identifiers of a body as texts; or nil, and why one cannot be sent.
local function texts_of(opts, names)
  local body = {}
  for _, name in ipairs(names) do
    local err
    if opts[name] ~= nil then
      body[name], err = url.text(opts[name], name)
      if err then
        return nil, err
      end
    end
  end
  return body
end

--- Deletes one purchase.
function M.delete(_, opts)
  opts = options.check(opts, DELETE, "delete", 3)
  local body, err = texts_of(opts, { "invoice_number", "branch_name" })
  if not body then
    return nil, err
  end
  return request {
    operation = "delete",
    method = "DELETE",
    template = "/purchases",
    body = json.encode(body),
    repeatable = true,
    repeated = function(refused)
      return refused.status == 404 and refused.message == "purchase not found" and { absent = true } or nil
    end,
    read = read_payload,
  }
end

local RANGE = {
  from = { "string" },
  to = { "string" },
  tz = { "string" },
  branch_name = { "string|number" },
  notify_to = { "string", required = true },
}

-- An error of a range that the API would refuse or, where half of it is missing, delete too much of.
local function check_range(opts)
  if not opts.notify_to:find "^[^%s%c@]+@[^%s%c@]+%.[^%s%c@.]+$" then
    return invalid("invalid_email", "notify_to must be an e-mail address", "notify_to")
  elseif opts.from == nil and opts.to == nil and opts.branch_name == nil then
    return invalid("invalid_range", "Failed matching any of the provided schemas: give branch_name, or from and to")
  elseif (opts.from == nil) ~= (opts.to == nil) then
    return invalid("invalid_range", "from and to go together", opts.from and "to" or "from")
  end
  return instant.check_zone(opts.tz)
end

-- Adds the range in UTC, as the API takes it.
local function add_times(body, opts)
  local err
  for _, name in ipairs { "from", "to" } do
    if opts[name]:find "^%d%d%d%d%-%d%d%-%d%d$" then
      local message = '%s: a date alone is no time: write "%s 00:00:00", or another time of that day'
      return nil, invalid("invalid_datetime", message:format(name, opts[name]), name)
    end
    body[name], err = instant.utc(opts[name], opts.tz or "UTC", name)
    if err then
      err.message = name .. ": " .. err.message
      return nil, err
    end
  end
  if body.from > body.to then
    return nil, invalid("invalid_range", ("from, %s in UTC, is after to, %s"):format(body.from, body.to), "from")
  end
  return body
end

--- Deletes the purchases of a branch, of a range of time, or both; the API does so later, and sends an e-mail.
function M.delete_range(_, opts)
  opts = options.check(opts, RANGE, "delete_range", 3)
  local err = check_range(opts)
  local body
  if not err then
    body, err = texts_of(opts, { "branch_name", "notify_to" })
  end
  if body and opts.from then
    body, err = add_times(body, opts)
  end
  if not body then
    return nil, err
  end
  return request {
    operation = "delete_range",
    method = "DELETE",
    template = "/purchases/bulk",
    body = json.encode(body),
    repeatable = true,
    read = function(response)
      return read_payload(response, function(payload)
        return type(payload.request_id) == "string" and payload.request_id ~= ""
      end)
    end,
  }
end

--- Jobs: many requests from one source.
M.jobs = {
  create_all = { kind = "bulk" },
  update_all = { kind = "bulk", updates = true },
}

return M
