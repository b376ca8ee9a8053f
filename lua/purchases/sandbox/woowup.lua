--- The WoowUp API: its calls, its words, its purchases that wait in a queue.
--
-- Where the API's page is silent, this double has it so:
--
-- - a purchase is known by its invoice number and its `branch_name`, or by having none; 7 and "7" are one
--   number. A number is taken from the moment of its create on, and free again after a delete;
-- - a bulk is taken or refused as a whole: for bad purchases (400, a complaint for each), for unknown
--   users, for numbers that are taken or twice in it, in this order; an empty one is taken;
-- - an update without a `branch_name` is for the first purchase with that number, as is a delete;
-- - an update to a purchase that is still in the queue finds none;
-- - a search finds what agrees with all that it names, everything if it names nothing, and one that finds
--   nothing is answered 404. `branch_id` without `invoice_number` is refused. The id of a branch is its number
--   in the order in which branches became known; those of the setting `branches` are the first;
-- - a customer is unknown if the identifier that comes first of service_uid, email, document and telephone
--   begins with the setting `unknown_user`;
-- - `from` and `to` of a delete of many hold for the instant of `createtime`,
--   both included; a date without a time is its midnight; one that is left out beside a branch sets no bound.
--
-- @module purchases.sandbox.woowup

local audit = require "purchases.sandbox.audit"
local book = require "purchases.sandbox.woowup.book"
local json = require "purchases.sandbox.json"
local md5 = require "purchases.sandbox.md5"
local random = require "purchases.sandbox.random"
local rate_limit = require "purchases.sandbox.rate_limit"
local rules = require "purchases.sandbox.rules"
local spool = require "purchases.sandbox.spool"
local store = require "purchases.sandbox.store"
local validate = require "purchases.sandbox.woowup.validate"
local view = require "purchases.sandbox.woowup.view"

local M = {}

--- The path of every call of this provider begins with this.
M.prefixes = { "/apiv3/" }

-- Answers

local function envelope(payload, message, code)
  local milliseconds = math.max(0, math.floor((ngx.now() - ngx.req.start_time()) * 1000))
  return json.object("payload", payload, "message", message, "code", code, "time", milliseconds .. "ms")
end

local function ok(payload)
  return { status = 200, body = envelope(payload or json.array {}, "ok", "ok") }
end

local function refusal(status, code, message, errors)
  local payload = errors and json.object("errors", json.array(errors)) or json.array {}
  return { status = status, body = envelope(payload, message, code) }
end

local function bad_request(errors)
  return refusal(400, "bad_request", "bad request", errors)
end

local function not_found(what)
  return refusal(404, "not_found", what, { what })
end

local NO_PURCHASE, NO_BRANCH = "purchase not found", "branch not found"

local function no_user()
  return refusal(500, "user_not_found", "User not found")
end

local function too_many(method)
  return refusal(429, method == "PUT" and "too_many_request" or "too_many_requests",
    "API's requests-per-second limit exceeded")
end

-- Checks that come before every call

local function guarded(action)
  return function(request, params)
    local key = (request.authorization or ""):match "^[Bb][Aa][Ss][Ii][Cc]%s+(.*)$"
    if key ~= store.settings.woowup_api_key then
      return refusal(403, "forbidden", "forbidden: authentication failed")
    end
    local seconds = rate_limit.refusal("woowup", store.settings.rate_limit)
    if seconds then
      local answer = too_many(request.method)
      answer.headers = { ["Retry-After"] = seconds }
      return answer
    end
    return action(request, params)
  end
end

-- Creating

local function is_of_unknown_user(purchase)
  local customer = purchase.service_uid or purchase.email or purchase.document or purchase.telephone
  local unknown = store.settings.unknown_user
  return unknown ~= "" and customer:sub(1, #unknown) == unknown
end

local function key_of(invoice, branch)
  return table.concat({ "woowup", invoice, branch }, "\n")
end

-- Why purchases that are well formed by themselves are refused, or nil.
local function conflict(purchases)
  local seen = {}
  for _, purchase in ipairs(purchases) do
    if is_of_unknown_user(purchase) then
      return no_user()
    end
  end
  for _, purchase in ipairs(purchases) do
    local invoice, branch = book.invoice_of(purchase), purchase.branch_name
    local key = key_of(invoice, branch)
    if seen[key] or book.is_taken(invoice, branch) then
      return refusal(500, "duplicated_purchase_number", "Duplicated purchase number")
    end
    seen[key] = true
  end
end

local function creating(check)
  return function(request)
    local body = request.body
    local elements, errors = check(body)
    local answer = errors and bad_request(errors) or conflict(elements.values)
    if answer then
      return answer
    end
    local at = spool.write(body)
    for i, purchase in ipairs(elements.values) do
      local first, last = elements.first[i], elements.last[i]
      local record = book.add(purchase, at + first - 1, last - first + 1)
      local invoice, branch = record.invoice_number, record.branch_name
      audit.accepted({ provider = "woowup", invoice_number = invoice, branch_name = branch,
        digest = md5(body, first, last) }, key_of(invoice, branch))
    end
    return ok()
  end
end

local function update(request)
  local elements, errors = validate.one(request.body)
  if errors then
    return bad_request(errors)
  end
  local purchase = elements.values[1]
  if is_of_unknown_user(purchase) then
    return no_user()
  end
  local record = book.find(book.invoice_of(purchase), purchase.branch_name)
  if not record then
    return refusal(500, "inexistent_purchase_number", "Purchase number inexistent")
  end
  book.update(record, purchase, spool.write(request.body), #request.body)
  return ok()
end

-- Searching

local function filled(value)
  return value ~= "" and value or nil
end

local function found(invoice, service_uid, branch)
  local function matches(record)
    return (service_uid == nil or record.service_uid == service_uid)
      and (branch == nil or record.branch_name == branch)
  end
  if not invoice then
    return book.select(matches)
  end
  local record = book.find(invoice, branch)
  return { record and matches(record) and record or nil }
end

-- The name of the branch that a search is for, nil for any, or false where it can be in none.
local function wanted_branch(query)
  local name, id = filled(query.branch_name), filled(query.branch_id)
  if not id then
    return name
  end
  local named = book.branch_name(tonumber(id))
  return named and (name or named) == named and named or false
end

local function search(request)
  local query = request.query
  if filled(query.branch_id) and not filled(query.invoice_number) then
    return bad_request { '"branch_id" is only used together with "invoice_number"' }
  end
  local branch = wanted_branch(query)
  local records = branch == false and {} or found(filled(query.invoice_number), filled(query.service_uid), branch)
  local list = {}
  for i, record in ipairs(records) do
    list[i] = view.purchase(record)
  end
  return list[1] and ok(json.array(list)) or not_found(NO_PURCHASE)
end

-- Cards, by their first six digits. The first is the page's example.

local function bank(name, url)
  return json.object("name", name, "logo", "", "url", url, "phone", "", "city", "")
end

local function card(scheme, brand, kind, country, of)
  return json.object("scheme", scheme, "brand", brand, "type", kind, "prepaid", "", "country", country, "bank", of)
end

local CARDS = {
  ["123456"] = card("visa", "Visa/Dankort", "debit", "DK", bank("Spar Nord", "www.sparnord.dk")),
  ["400000"] = card("visa", "Visa/Classic", "credit", "AR", bank("Example Bank", "www.example.com")),
  ["510000"] = card("mastercard", "Mastercard/Standard", "credit", "ES", bank("Example Bank", "www.example.com")),
}

local function iin(_, params)
  local known = CARDS[params.digits]
  return known and ok(known) or not_found "IIN not found"
end

-- Deleting

local function delete(request)
  local deletion, problem = validate.deletion(request.body)
  if problem then
    return bad_request { problem }
  end
  local branch = deletion.branch_name
  if branch and not book.branch_id(branch) then
    return not_found(NO_BRANCH)
  end
  local record = book.find(book.invoice_of(deletion), branch)
  if not record then
    return not_found(NO_PURCHASE)
  end
  book.remove(record)
  return ok()
end

local function instant_of(text)
  return text and rules.instant(#text == 10 and text .. " 00:00:00" or text)
end

local function within(range)
  local from, to = instant_of(range.from), instant_of(range.to)
  return function(record)
    local at = view.instant(record)
    return (range.branch_name == nil or record.branch_name == range.branch_name)
      and (from == nil or from <= at) and (to == nil or at <= to)
  end
end

local function delete_many(request)
  local range, problem = validate.range_deletion(request.body)
  if problem then
    return bad_request { problem }
  elseif not validate.is_address(range.notify_to) then
    return refusal(400, "invalid_email", "Invalid email to notify")
  elseif range.branch_name and not book.branch_id(range.branch_name) then
    return not_found(NO_BRANCH)
  end
  for _, record in ipairs(book.select(within(range))) do
    book.remove(record)
  end
  return ok(json.object("request_id", random.hex(16)))
end

--- The calls.
M.routes = {
  { "POST", "/apiv3/purchases", guarded(creating(validate.one)) },
  { "PUT", "/apiv3/purchases", guarded(update) },
  { "GET", "/apiv3/purchases", guarded(search) },
  { "DELETE", "/apiv3/purchases", guarded(delete) },
  { "POST", "/apiv3/purchases/bulk", guarded(creating(validate.bulk)) },
  { "DELETE", "/apiv3/purchases/bulk", guarded(delete_many) },
  { "GET", "/apiv3/purchases/iin/:digits", guarded(iin) },
}

local STOCK = {
  [400] = { "bad_request", "bad request" },
  [403] = { "forbidden", "forbidden: authentication failed" },
  [404] = { "not_found", "not found" },
  [405] = { "method_not_allowed", "method not allowed" },
  [411] = { "length_required", "Content-Length is required" },
  [502] = { "bad_gateway", "bad gateway" },
  [503] = { "service_unavailable", "service unavailable" },
  [504] = { "gateway_timeout", "gateway timeout" },
}

--- The API's words for a status that no call of it gave, such as a fault's.
-- @tparam number status
-- @tparam ?table route the call, where there is one
function M.stock(status, route)
  if status == 429 then
    return too_many(route and route[1]).body
  end
  local words = STOCK[status] or { "internal_error", "" }
  return refusal(status, words[1], words[2]).body
end

--- The answer to a method that a path does not know.
function M.wrong_method(_, allowed)
  return { status = 405, body = M.stock(405), headers = { Allow = allowed } }
end

return M
