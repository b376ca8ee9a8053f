--- Checks purchases and deletes as the WoowUp API does.
-- Written from the API's page alone and on purpose neither from the library's checks nor with a schema
-- engine, so that the two check each other.
--
-- The page's three slips are read as meant: "float" is a number, "date" a string, and single-quoted
-- names are strings. Problems are named by a JSON Pointer and in words like the page's.
-- @module purchases.sandbox.woowup.validate

local is_email = require "purchases.sandbox.email"
local rules = require "purchases.sandbox.rules"
local tree = require "purchases.sandbox.tree"

local M = {}

--- Bytes of JSON that one purchase may have.
M.LARGEST = 262144

local TOO_LARGE = ": Maximum size of data sent is 256KB"
local NO_MATCH = ": Failed matching any of the provided schemas."

local text, number, integer, boolean = rules.text, rules.number, rules.integer, rules.boolean
local object, object_of, list_of = rules.object, rules.object_of, rules.list_of

local function one_of(...)
  local names = {}
  for _, name in ipairs { ... } do
    names[name] = true
  end
  return rules.text_that(function(value)
    return names[value] == true
  end, "Value is not one of: " .. table.concat({ ... }, ", "))
end

-- Exactly, by the digits: whatever the fraction and the exponent say, nothing may be left behind the point.
local function is_whole(literal)
  local fraction, exponent = literal:match "^%-?%d+%.?(%d*)[eE]?([+-]?%d*)$"
  local digits = literal:match "^%-?([%d.]+)":gsub("%.", "")
  local zeros = #digits:match "0*$"
  return zeros == #digits or #fraction - (tonumber(exponent) or 0) <= zeros
end

local function points(value)
  return number(value) or not is_whole(value.text) and ": Number is not a multiple of 1." or nil
end

-- The first character is anything but a hyphen: one or more bytes in UTF-8.
local sku = rules.text_that(function(value)
  return value:find "^[^-][\128-\191]*[%w_%%-]+$" ~= nil
end, "Value does not match the pattern ^[^-][a-zA-Z0-9_%-]+$.")

local six_digits = rules.text_that(function(value)
  return value:find "^%d%d%d%d%d%d$" ~= nil
end, "Value does not match the pattern ^[0-9]{6}$.")

local email = rules.text_that(is_email, "Value does not match the format email.")

local createtime = rules.text_that(function(value)
  return rules.instant(value) ~= nil
end, "Value is neither YYYY-MM-DD hh:mm:ss in UTC nor ISO 8601 with a zone.")

local CATEGORY = object_of({ "id", "name" }, { "id", text, "name", text, "url", text, "image_url", text })
local PAIR = object_of({ "name", "value" }, { "name", text, "value", text })

local function category(value)
  return tree.kind(value) ~= "string" and CATEGORY(value) or nil
end

local ITEM = object_of({ "sku", "quantity", "unit_price" }, {
  "sku", sku, "base_name", text, "product_name", text, "category", list_of(category),
  "quantity", integer, "unit_price", number, "variations", list_of(PAIR), "specifications", list_of(PAIR),
  "brand", text, "description", text, "url", text, "image_url", text, "thumbnail_url", text,
  "stock", number, "available", boolean,
  "manufacturer_warranty_date", text, "extension_warranty_date", text, "with_extension_warranty", boolean,
  "custom_attributes", object,
})

local PRICES = object_of({ "total" }, {
  "cost", number, "shipping", number, "gross", number, "tax", number, "discount", number, "total", number,
})

local PAYMENT_MEMBERS = {
  "type", one_of("credit", "debit", "cash", "mercadopago", "other"), "brand", text, "bank", text,
  "total", number, "installments", integer, "card_first_digits", six_digits,
}
local ONE_PAYMENT = object_of({ "type" }, PAYMENT_MEMBERS)
local PAYMENTS = list_of(object_of({ "type", "total" }, PAYMENT_MEMBERS))

local function payment(value)
  return (tree.kind(value) == "array" and PAYMENTS or ONE_PAYMENT)(value)
end

local SELLER = object_of({ "name", "email" }, { "name", text, "email", email, "external_id", text })

local MEMBERS = object_of({}, {
  "service_uid", text, "email", text, "document", text, "telephone", text, "points", points,
  "invoice_number", rules.key,
  "channel", one_of("web", "telephone", "in-store", "corporate", "direct", "other"),
  "purchase_detail", list_of(ITEM), "prices", PRICES, "payment", payment, "branch_name", text,
  "seller", SELLER, "createtime", createtime, "approvedtime", text, "metadata", object, "custom_attributes", object,
})

local function purchase_problem(value)
  local problem = object(value)
  if problem then
    return problem
  end
  local customer
  for _, name in ipairs { "service_uid", "email", "document", "telephone" } do
    if not rules.is_blank(value[name]) then -- a blank one names nobody
      customer = customer or value[name]
    end
  end
  if customer == nil or value.invoice_number == nil or value.purchase_detail == nil or value.prices == nil then
    return NO_MATCH
  end
  return MEMBERS(value)
end

-- The problem of a whole body starts without a place.
local function shown(problem)
  return (problem:gsub("^: ", ""))
end

local function checked(body, rule)
  local value, invalid = tree.read(body)
  if value == nil then
    return nil, "Invalid JSON: " .. invalid
  end
  local problem = rule(value)
  if problem then
    return nil, shown(problem)
  end
  return value
end

--- Checks a purchase's JSON text against the page's schema; its size does not count here.
-- @treturn ?boolean true
-- @treturn ?string the first problem
function M.purchase(body)
  local value, problem = checked(body, purchase_problem)
  return value and true, problem
end

--- Checks the body of a create or an update.
-- @treturn ?table the purchase and its place, as `purchases.sandbox.tree.elements` gives them
-- @treturn ?{string,...} the API's complaints
function M.one(body)
  if #body > M.LARGEST then
    return nil, { shown(TOO_LARGE) }
  end
  local value, problem = checked(body, purchase_problem)
  if problem then
    return nil, { problem }
  end
  return { values = { value }, first = { 1 }, last = { #body } }
end

--- Checks the body of a create of many.
-- @treturn ?table the purchases and their places, as `purchases.sandbox.tree.elements` gives them
-- @treturn ?{string,...} the API's complaints, one for each bad purchase, led by its index from 0
function M.bulk(body)
  local elements, invalid = tree.elements(body)
  if elements == nil then
    return nil, { "Invalid JSON: " .. invalid }
  elseif not elements then
    return nil, { "Value is not an array." }
  end
  local problems = {}
  for i, value in ipairs(elements.values) do
    local size = elements.last[i] - elements.first[i] + 1
    local problem = size > M.LARGEST and TOO_LARGE or purchase_problem(value)
    if problem then
      problems[#problems + 1] = "/" .. i - 1 .. problem
    end
  end
  if problems[1] then
    return nil, problems
  end
  return elements
end

local DELETION = object_of({ "invoice_number" }, { "invoice_number", rules.text_or_integer, "branch_name", text })

--- Checks the body of a delete.
-- @treturn ?table `invoice_number` and maybe `branch_name`
-- @treturn ?string the API's complaint
function M.deletion(body)
  return checked(body, DELETION)
end

-- The page says `YYYY-MM-DD hh:mm:ss`, its examples also leave the time out.
local instant = rules.text_that(function(value)
  local date, time = value:match "^(%S+) (%S+)$"
  return rules.is_date(date or value) and (not time or rules.is_time(time))
end, "Value does not match the format YYYY-MM-DD hh:mm:ss.")
local RANGE = object_of({}, { "branch_name", text, "from", instant, "to", instant })

local function range_problem(value)
  local wrong = object(value)
  if wrong then
    return wrong
  end
  local is_bound = value.branch_name ~= nil or value.from ~= nil and value.to ~= nil
  return not is_bound and NO_MATCH or RANGE(value)
end

--- Checks the body of a delete of many, except its `notify_to`.
-- @treturn ?table `branch_name`, `from`, `to` (at least the first or the other two) and `notify_to`
-- @treturn ?string the API's complaint
function M.range_deletion(body)
  return checked(body, range_problem)
end

--- Whether a value is an e-mail address to be notified at.
function M.is_address(value)
  return type(value) == "string" and is_email(value)
end

return M
