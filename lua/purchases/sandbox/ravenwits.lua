--- The Ravenwits API: its calls, its words, its purchases that move on by themselves.
-- @module purchases.sandbox.ravenwits

local accounts = require "purchases.sandbox.ravenwits.accounts"
local audit = require "purchases.sandbox.audit"
local json = require "purchases.sandbox.json"
local random = require "purchases.sandbox.random"
local store = require "purchases.sandbox.store"
local strategy = require "purchases.sandbox.ravenwits.strategy"
local validate = require "purchases.sandbox.ravenwits.validate"

local M = {}

--- The path of every call of this provider begins with one of these.
M.prefixes = { "/health/", "/api/v0/" }

local purchases = store.section(function()
  return {}
end)

local function iso(time)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(time))
end

-- Answers

local function ok(body, status)
  return { status = status or 200, body = body }
end

local function refusal(status, message)
  return { status = status, body = json.object("error", message) }
end

local function is_newer()
  return store.settings.ravenwits_version == 2
end

local function unauthorized(message)
  local answer = { status = is_newer() and 403 or 401, body = json.object("detail", message) }
  answer.headers = not is_newer() and { ["WWW-Authenticate"] = "Bearer" } or nil
  return answer
end

local NO_CREDENTIALS = "Authentication credentials were not provided."
local NO_USER = 'Missing required URL parameter "user".'
local NO_USER_OF_STRATEGIES = "Missing 'user' parameter in URL path."
local NO_RETAILER = "Missing 'retailer_id' parameter in query string."
local NO_PURCHASE = "Purchase not found."

-- Authentication

local function login(request)
  if is_newer() then -- it knows keys alone
    return refusal(404, "Not found.")
  end
  local email, password = validate.credentials(request.body)
  if not email then
    return refusal(400, "Both 'email' and 'password' are required.")
  end
  local account = accounts.by_email(email)
  if not account then
    return refusal(401, "Invalid credentials; email not found.")
  elseif account.password ~= password then
    return refusal(401, "Invalid credentials; incorrect password.")
  elseif not account.customer then
    return refusal(401, "Account not configured. Please contact support.")
  end
  local token, expires = accounts.issue_token(account)
  return ok(json.object("token", token, "expires_at", iso(expires),
    "customer_name", account.customer, "customer_email", email))
end

-- The customer a request speaks for, or nil and the refusal.
local function customer_of(request)
  local token = (request.authorization or ""):match "^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(.*)$"
  if not token or token == "" then
    return nil, unauthorized(NO_CREDENTIALS)
  end
  local customer, expires = accounts.customer_of(token)
  if not customer then
    return nil, unauthorized "Invalid token."
  elseif expires <= ngx.now() then
    return nil, unauthorized "Token has expired."
  end
  return customer
end

local function authenticated(action)
  return function(request, params)
    local customer, answer = customer_of(request)
    return customer and action(request, params, customer) or answer
  end
end

-- Purchases

-- Status and error as they are now: an update's for good, else what the workflow has come to.
local function progress(purchase)
  if purchase.update then
    return purchase.update.status, purchase.update.error
  end
  local plan, elapsed = purchase.plan, ngx.now() - purchase.created
  if plan.workflow == "never_starts" or elapsed < plan.pending_seconds then
    return "pending", ""
  elseif elapsed < plan.pending_seconds + plan.in_progress_seconds then
    return "in_progress", ""
  elseif plan.workflow == "fails" then
    return "failed", "Workflow execution failed."
  end
  return "completed", ""
end

-- The part of a submission that outputs are made of, as JSON.
local function kept_rows(rows, body)
  local covered = strategy.covered(#rows, store.settings.models)
  if covered == #rows then
    return body
  end
  local first = {}
  for i = 1, covered do
    first[i] = { datetime = rows[i].datetime, purchase = rows[i].purchase }
  end
  return json.encode { purchase = first }
end

local function keep(rows, request, params, customer)
  local digest = ngx.md5(request.body)
  local settings = store.settings
  local purchase = {
    id = random.uuid(),
    user = params.user,
    customer = customer,
    retailer_id = request.query.retailer_id,
    rows = #rows,
    body = kept_rows(rows, request.body),
    created = ngx.now(),
    plan = { -- which later settings do not change
      workflow = settings.workflow,
      pending_seconds = settings.pending_seconds,
      in_progress_seconds = settings.in_progress_seconds,
      models = settings.models,
    },
  }
  purchases()[purchase.id] = purchase
  audit.accepted({
    id = purchase.id,
    provider = "ravenwits",
    user = purchase.user,
    customer = purchase.customer,
    retailer_id = purchase.retailer_id,
    rows = #rows,
    first = rows[1] and rows[1].datetime,
    last = rows[1] and rows[#rows].datetime,
    digest = digest,
  }, table.concat({ "ravenwits", purchase.user, purchase.retailer_id, digest }, "\n"))
  return purchase
end

local CREATED = "CustomerPurchase created successfully with ID: %s for user: %s and retailer: %s"

local function is_missing(value)
  return value == nil or value == ""
end

local function submit(request, params, customer)
  if is_missing(params.user) then
    return refusal(400, NO_USER)
  elseif is_missing(request.query.retailer_id) then
    return refusal(400, NO_RETAILER)
  end
  local rows, problem = validate.submission(request.body)
  if not rows then
    return refusal(400, problem)
  end
  local purchase = keep(rows, request, params, customer)
  return ok(json.object("id", purchase.id, "status", "pending", "created_at", iso(purchase.created),
    "rows_uploaded", purchase.rows, "error", json.null,
    "message", CREATED:format(purchase.id, purchase.user, purchase.retailer_id)), 201)
end

local function owned(params, customer)
  local purchase = purchases()[params.id:lower()]
  if purchase and purchase.customer == customer and purchase.user == params.user then
    return purchase
  end
  return nil, refusal(404, NO_PURCHASE)
end

local function update(request, params, customer)
  local purchase, answer = owned(params, customer)
  if not purchase then
    return answer
  end
  local change, problem = validate.update(request.body)
  if not change then
    return refusal(400, problem)
  end
  purchase.update = change
  return ok(json.object("id", purchase.id, "status", change.status, "error", change.error,
    "outputs", json.raw(change.outputs), "updated_at", iso(ngx.now()),
    "message", ("CustomerPurchase %s updated successfully"):format(purchase.id)))
end

-- Strategy outputs

-- 1, "1" and 1.0 are one model; nil for what is not a plain decimal number.
local function model_number(value)
  local text = tostring(value)
  return text:find "^%-?%d+%.?%d*$" and tonumber(text) or nil
end

local function is_model(value, wanted)
  if type(value) ~= "table" or value.idmodel == nil then
    return false
  end
  local number = model_number(wanted)
  return number and number == model_number(value.idmodel) or value.idmodel == wanted
end

-- The one model within stored outputs, as JSON text: an element of the list, or the object itself.
local function stored_model(outputs, wanted)
  local candidates = json.is_array(outputs) and json.elements(outputs) or { outputs }
  for _, text in ipairs(candidates) do
    if is_model(json.decode(text), wanted) then
      return text
    end
  end
end

local function strategy_output(purchase, status, wanted)
  if purchase.update then
    local outputs = purchase.update.outputs
    return wanted and stored_model(outputs, wanted) or not wanted and outputs or nil
  elseif status ~= "completed" then
    return nil
  end
  local rows, models = json.decode(purchase.body).purchase, purchase.plan.models
  if not wanted then
    return strategy.outputs(rows, models)
  end
  local number = model_number(wanted)
  if number and number % 1 == 0 and number >= 1 and number <= models then
    return strategy.output(rows, number, models)
  end
end

local function get(request, params, customer)
  local purchase, answer = owned(params, customer)
  if not purchase then
    return answer
  end
  local status, message = progress(purchase)
  local wanted = request.query.idmodel
  wanted = wanted ~= "" and wanted or nil
  local output = strategy_output(purchase, status, wanted)
  if not output and wanted and is_newer() and (purchase.update or status == "completed") then
    output = json.encode(json.object("error", ("idmodel %s not found in strategy_output"):format(wanted)))
  end
  return ok(json.object("id", purchase.id, "status", status, "error", message,
    "created_at", iso(purchase.created), "strategy_output", output and json.raw(output) or json.null))
end

local function strategies(request, params)
  if is_missing(params.user) then
    return refusal(400, NO_USER_OF_STRATEGIES)
  elseif is_missing(request.query.idretailer) then
    return refusal(400, NO_RETAILER)
  end
  local list = {}
  for model = 1, store.settings.models do
    list[model] = json.object("idmodel", model, "name", "Model " .. model)
  end
  return ok(json.object("user", params.user, "idretailer", request.query.idretailer,
    "strategies", json.array(list)))
end

--- The calls. `failure` is what the API says when it breaks down in that call.
M.routes = {
  { "GET", "/health/", function()
    return ok(json.object("status", "healthy"))
  end },
  { "POST", "/api/v0/auth/login/", login },
  { "GET", "/api/v0/strategies/:user", authenticated(strategies),
    failure = "Internal server error while retrieving strategies." },
  { "POST", "/api/v0/user/:user/submit-purchase", authenticated(submit),
    failure = "Internal server error while creating purchase." },
  { "PUT", "/api/v0/user/:user/purchase/:id/update", authenticated(update) },
  { "GET", "/api/v0/user/:user/purchase/:id/get", authenticated(get) },
}

local STOCK = {
  [400] = "Bad request.",
  [401] = NO_CREDENTIALS,
  [403] = NO_CREDENTIALS,
  [404] = "Not found.",
  [411] = "Content-Length is required.",
  [413] = "Request body is too large.",
  [429] = "Request was throttled.",
  [500] = "Internal server error.",
  [502] = "Bad gateway.",
  [503] = "Service unavailable.",
  [504] = "Gateway timeout.",
}

--- The API's words for a status that no call of it gave, such as a fault's.
-- @tparam number status
-- @tparam ?table route the call, where there is one
function M.stock(status, route)
  local message = status == 500 and route and route.failure or STOCK[status] or "Error " .. status .. "."
  return json.object((status == 401 or status == 403) and "detail" or "error", message)
end

--- The answer to a method that a path does not know.
function M.wrong_method(method, allowed)
  local answer = refusal(405, ('Method "%s" not allowed.'):format(method))
  answer.headers = { Allow = allowed }
  return answer
end

M.expire_tokens = accounts.expire_tokens

return M
