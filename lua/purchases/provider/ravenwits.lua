--- Ravenwits: purchase series and the strategy outputs that come back per `idmodel`.
--
-- Pure: every call makes a request of its arguments, with a function that reads the answer. Nothing is sent from
-- here, and no file is read. Paths, fields and wordings are those of the API's pages (submit, update, purchases).
-- @module purchases.provider.ravenwits
local answer = require "purchases.provider.answer"
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"
local options = require "purchases.options"
local requests = require "purchases.provider.request"
local series_type = require "purchases.series"

local invalid, request = requests.invalid, requests.new

local M = {
  name = "ravenwits",
  base_url = "https://api.ravenwits.com",
}

local STATUSES = { pending = true, in_progress = true, completed = true, failed = true }

--- Options of a client beyond the common ones.
M.options = {
  user = { "string" },
  token = { "string" },
  email = { "string" },
  password = { "string" },
}

--- The calls that become a client's methods.
M.calls = { "health", "strategies", "submit", "get", "update" }

--- The options that tell an account from others: a rate holds for an account.
M.account = { "user", "email" }

--- The account's name in a ledger.
function M.account_name(config, opts)
  return ("%s/%s"):format(config.user or "", opts.retailer_id)
end

--- The client's credentials, to be checked and blotted out.
function M.credentials(config)
  return { config.token, config.password }
end

--- The credentials of a request: headers that carry the session's token.
function M.authorize(_, token)
  return { Authorization = "Bearer " .. token }
end

-- The error bodies are {"error": "..."} and, where the credentials are meant, {"detail": "..."}.
local function refusal(response)
  local body, messages = answer.envelope(response), {}
  for _, name in ipairs { "error", "detail" } do
    if type(body[name]) == "string" then
      messages[#messages + 1] = body[name]
    end
  end
  return answer.refusal(response, {
    messages = messages,
    auth = response.status == 403 and type(body) == "table" and type(body.detail) == "string",
    own = type(body) == "table" and type(body.error) == "string",
  })
end

-- Reads an answer whose status must be `status`.
local function expect(response, status, asked)
  return answer.expect(response, status, refusal, asked)
end

--- Signs in with the client's e-mail and password.
function M.login(config)
  if not (config.email and config.password) then
    return nil, invalid("missing_credentials", "Both 'email' and 'password' are required.", "email")
  end
  return request {
    operation = "login",
    method = "POST",
    template = "/api/v0/auth/login/",
    general = true,
    body = json.encode { email = config.email, password = config.password },
    repeatable = true,
    public = true,
    read = function(response)
      local session, err = expect(response, 200)
      if session and (type(session.token) ~= "string" or session.token:find "[%c%s]" or session.token == "") then
        err = answer.protocol(response, "the answer to login holds no token that can be used")
        err.code = "unusable_token"
        return nil, err
      end
      return session, err
    end,
  }
end

--- Asks whether the API is there.
function M.health()
  return request {
    operation = "health",
    method = "GET",
    template = "/health/",
    general = true,
    repeatable = true,
    public = true,
    read = function(response)
      local health, err = expect(response, 200)
      if health and health.status ~= "healthy" then
        return nil, answer.protocol(response, "the API does not call itself healthy")
      end
      return health, err
    end,
  }
end

local STRATEGIES = { retailer_id = { "string|number", required = true } }

--- Asks for the strategies of a retailer.
function M.strategies(config, opts)
  opts = options.check(opts, STRATEGIES, "strategies", 3)
  return request {
    operation = "strategies",
    method = "GET",
    template = "/api/v0/strategies/{user}?idretailer={retailer_id}",
    general = true,
    values = { user = config.user, retailer_id = opts.retailer_id },
    repeatable = true,
    read = function(response)
      return expect(response, 200, true)
    end,
  }
end

-- An error of a purchase that the API has, and could not work on.
local function failed(purchase, response)
  local why = type(purchase.error) == "string" and purchase.error or nil
  return error_type.new {
    kind = "api",
    code = "purchase_failed",
    message = ("purchase %s failed: %s"):format(tostring(purchase.id), why or "the API does not say why"),
    messages = { why },
    status = response and response.status or 200,
    sent = response and "yes" or nil,
    id = purchase.id,
  }
end

local function read_receipt(response, rows)
  local receipt, err = expect(response, 201)
  if not receipt then
    return nil, err
  end
  local id = type(receipt.id) == "string" and receipt.id or ""
  if not id:find "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$" then
    return nil, answer.protocol(response, "the receipt's id is not a UUID")
  end
  if receipt.rows_uploaded ~= rows then
    local counted = tostring(receipt.rows_uploaded):gsub("%.0$", "") -- to some JSON decoders, all numbers are floats
    return nil, answer.protocol(response, ("%d rows were sent, the receipt counts %s"):format(rows, counted))
  end
  if not STATUSES[receipt.status] then
    return nil, answer.protocol(response, "the receipt has no known status")
  elseif receipt.status == "failed" then
    return nil, failed(receipt, response)
  end
  receipt.rows_uploaded = rows -- an integer, which it is not to every JSON decoder
  return answer.without_nulls(receipt)
end

--- Submits a series or a slice of one. It is not repeatable: every submit makes a new purchase.
-- @tab config
-- @tparam purchases.series slice
-- @tparam string|number retailer_id
-- @string[opt] path as an earlier submit to the same retailer had it, which saves making it
-- @treturn table|nil
-- @treturn ?purchases.error
function M.submit_slice(config, slice, retailer_id, path)
  local body, err = slice:encode()
  if not body then
    return nil, err
  end
  local rows = #slice
  return request {
    operation = "submit",
    method = "POST",
    template = "/api/v0/user/{user}/submit-purchase?retailer_id={retailer_id}",
    general = true,
    values = not path and { user = config.user, retailer_id = retailer_id },
    path = path,
    body = body,
    repeatable = false,
    read = function(response)
      return read_receipt(response, rows)
    end,
  }
end

local SUBMIT = {
  retailer_id = { "string|number", required = true },
  tz = series_type.OF_ROWS.tz,
  step = series_type.OF_ROWS.step,
}

--- Submits a series (or rows, which are checked first, as `tz` and `step` say) as one purchase.
function M.submit(config, given, opts)
  opts = options.check(opts, SUBMIT, "submit", 3)
  local series, err = series_type.of(given, opts, "submit", 4)
  if not series then
    return nil, err
  end
  return M.submit_slice(config, series, opts.retailer_id)
end

local GET = { idmodel = { "string|number" } }

--- The text of a purchase in which the outputs are those of one model alone, so that the others need not be decoded;
-- the same text where that model is not in it.
-- @treturn string
-- @treturn boolean whether it is in it
function M.narrow(text, idmodel)
  text = json.without_mark(text)
  local model, first, last = core.json.find_model(text, idmodel), nil, nil
  if model then
    first, last = core.json.find_member(text, "strategy_output")
  end
  if not last then
    return text, false
  end
  return text:sub(1, first - 1) .. model .. text:sub(last + 1), true
end

-- Reads a purchase, but not one whose decoding would hold up this process for longer than it may. One model that was
-- asked for by its id is decoded, however long it is.
local function read_purchase(response, idmodel, most_decoded)
  local is_narrow = false
  if response.status == 200 and idmodel then
    response = { status = 200, headers = response.headers, body = response.body }
    response.body, is_narrow = M.narrow(response.body, idmodel)
  end
  if response.status == 200 and not is_narrow and #response.body > most_decoded then
    local message = "to decode %.1f MB would hold up the worker: name one model, by idmodel"
    return nil, invalid("answer_too_large", message:format(#response.body / 1e6), "idmodel")
  end
  local purchase, err = expect(response, 200, true)
  if purchase and not STATUSES[purchase.status] then
    return nil, answer.protocol(response, "the purchase has no known status")
  end
  return purchase and answer.without_nulls(purchase), err
end

--- Retrieves a purchase; with `idmodel`, only that model's output.
-- @tab config `most_decoded`: bytes of an answer
function M.get(config, id, opts)
  opts = options.check(opts, GET, "get", 3)
  local filter = opts.idmodel and "?idmodel={idmodel}" or ""
  return request {
    operation = "get",
    method = "GET",
    template = "/api/v0/user/{user}/purchase/{id}/get" .. filter,
    values = { user = config.user, id = id, idmodel = opts.idmodel },
    repeatable = true,
    read = function(response)
      return read_purchase(response, opts.idmodel, config.most_decoded or math.huge)
    end,
  }
end

--- Tells whether the workflow of a purchase has come to its end.
-- @tab purchase
-- @treturn boolean
-- @treturn ?purchases.error of a workflow that failed
function M.settled(purchase)
  if purchase.status == "completed" then
    return true
  elseif purchase.status == "failed" then
    return true, failed(purchase)
  end
  return false
end

--- Jobs: many requests from one source.
M.jobs = {
  submit_all = { kind = "series", options = SUBMIT },
}

local UPDATE = {
  outputs = { "table|string", required = true },
  status = { "string", required = true },
  error = { "string" },
}

-- The field of an output's row that is wrong, and why.
local function check_row(row, where)
  if type(row) ~= "table" then
    return where, "must be an object"
  end
  local time = row.datetime
  local has_shape = type(time) == "string" and time:find "^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d$"
  if not has_shape or not core.datetime.parse(time) then
    return where .. ".datetime", 'must be a time as "YYYY-MM-DD HH:MM"'
  end
  for _, name in ipairs { "purchase_percentage", "sale_percentage" } do
    local percentage = row[name]
    if type(percentage) ~= "number" or percentage ~= percentage or math.abs(percentage) == math.huge then
      return where .. "." .. name, "must be a finite number"
    end
  end
end

-- The field of the outputs that is wrong, and why. A list of models is checked; any other object is let through, as the
-- API does.
local function check_outputs(outputs)
  for i, model in ipairs(outputs) do
    local where = ("outputs[%d]"):format(i - 1)
    if type(model) ~= "table" or model.idmodel == nil then
      return where .. ".idmodel", "is missing"
    elseif type(model.value) ~= "table" then
      return where .. ".value", "must be an object of markets"
    end
    for market, rows in pairs(model.value) do
      local of_market = where .. ".value." .. tostring(market)
      if type(rows) ~= "table" then
        return of_market, "must be a list"
      end
      for k, row in ipairs(rows) do
        local field, why = check_row(row, ("%s[%d]"):format(of_market, k - 1))
        if field then
          return field, why
        end
      end
    end
  end
end

-- A copy; `convert`, if any, makes its fields.
local function copy_of(fields, convert)
  local copy = {}
  for name, field in pairs(fields) do
    copy[name] = convert and convert(field) or field
  end
  return copy
end

-- A copy in which a market without rows is an empty list: a bare {} would be sent as an object.
local function with_lists(outputs)
  if outputs[1] == nil then
    return outputs -- no list of models, or one that says that it is an empty list
  end
  local copy = copy_of(outputs)
  for i, model in ipairs(outputs) do
    copy[i] = copy_of(model)
    copy[i].value = copy_of(model.value, json.list)
  end
  return copy
end

-- Says what is wrong with outputs given as a JSON text, which is sent as it is.
local function check_text(text)
  local ok, err = json.valid(text)
  if not ok then
    return "outputs", ("are not JSON: %s at line %d, column %d"):format(err.message, err.line, err.column)
  end
  local outputs, why = json.decode(text, { nearest = true })
  if type(outputs) ~= "table" then
    return "outputs", why or "must be a JSON object or list"
  end
  return check_outputs(outputs)
end

--- Stores a purchase's outputs and status.
function M.update(config, id, opts)
  opts = options.check(opts, UPDATE, "update", 3)
  local outputs, field, why = opts.outputs
  if not STATUSES[opts.status] then
    field, why = "status", "must be one of failed, pending, in_progress, completed"
  elseif opts.status == "failed" and (opts.error or "") == "" then
    field, why = "error", 'must say what went wrong when status is "failed"'
  else
    field, why = (type(outputs) == "string" and check_text or check_outputs)(outputs)
  end
  if field then
    return nil, invalid("invalid_update", ("%s %s"):format(field, why), field)
  end
  local text = outputs
  if type(outputs) == "table" then
    text, why, field = json.encode(with_lists(outputs))
  end
  if not text then
    field = "outputs" .. (field or "")
    return nil, invalid("invalid_update", ("%s cannot be sent: %s"):format(field, why), field)
  end
  return request {
    operation = "update",
    method = "PUT",
    template = "/api/v0/user/{user}/purchase/{id}/update",
    values = { user = config.user, id = id },
    body = json.encode { outputs = json.text(text), status = opts.status, error = opts.error or "" },
    repeatable = true,
    read = function(response)
      local updated, err = expect(response, 200, true) -- it may repeat the outputs
      if updated and tostring(updated.id):lower() ~= tostring(id):lower() then
        return nil, answer.protocol(response, "the answer does not name the purchase that was updated")
      end
      return updated and answer.without_nulls(updated), err
    end,
  }
end

local EXACT = 2 ^ 53 -- from here on two ids may be the same float

-- An id that is a decimal number as a number; nil for any other id.
local function number_of(id)
  local number = tostring(id):find "^%-?%d[%d.eE+-]*$" and tonumber(id)
  return number and math.abs(number) < EXACT and number or nil
end

-- Compares two ids: 1, "1" and 1.0 are the same idmodel.
local function same_id(a, b)
  if a == nil or b == nil then
    return false
  end
  local number = number_of(a)
  return number ~= nil and number == number_of(b) or tostring(a) == tostring(b)
end

--- Takes one model's output out of a purchase.
-- @tparam table|string purchase as `get` and `wait` return it, or the answer's JSON text, of which only
-- that model is decoded
-- @tparam number|string idmodel
-- @treturn table|nil `{ idmodel =, value = { MD = {...}, ... } }`
-- @treturn ?purchases.error code "not_found"
function M.output(purchase, idmodel)
  if type(purchase) ~= "table" and type(purchase) ~= "string" then
    error("output: expected a purchase or its JSON text, got " .. type(purchase), 2)
  elseif type(idmodel) ~= "number" and type(idmodel) ~= "string" then
    error("output: expected an idmodel as a number or a text, got " .. type(idmodel), 2)
  elseif type(purchase) == "string" then
    local slice, err = core.json.find_model(json.without_mark(purchase), idmodel)
    if slice then
      return json.decode(slice)
    elseif err.code == "not_found" then -- the same error, whether the purchase came decoded or as a text
      err.kind, err.messages = "api", {}
    end
    return nil, err
  end
  local output = purchase.strategy_output
  if type(output) == "table" and same_id(output.idmodel, idmodel) then
    return output
  end
  for _, model in ipairs(type(output) == "table" and output or {}) do
    if type(model) == "table" and same_id(model.idmodel, idmodel) then
      return model
    end
  end
  return nil, error_type.new {
    kind = "api",
    code = "not_found",
    message = ("no model with idmodel %s in strategy_output"):format(tostring(idmodel)),
    messages = {},
  }
end

return M
