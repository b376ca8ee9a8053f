--- A purchase as a search shows it: in another shape than it was sent in.
-- The page's example is the model. What a purchase did not say is null there, and 0 among the prices and
-- points. `branch` is null or `{"id", "name"}`, where the id is what a search takes as `branch_id`.
-- @module purchases.sandbox.woowup.view

local book = require "purchases.sandbox.woowup.book"
local json = require "purchases.sandbox.json"
local tree = require "purchases.sandbox.tree"
local tree_text = require "purchases.sandbox.tree_text"

local M = {}

local function shown(value, otherwise)
  if value == nil then
    return otherwise == nil and json.null or otherwise
  end
  return tree_text(value)
end

local function where_given(value)
  return value ~= nil and tree_text(value) or nil
end

local function items(purchase)
  local list = {}
  for i, given in ipairs(purchase.purchase_detail) do
    list[i] = json.object("product_id", given.sku, "product_name", shown(given.product_name),
      "quantity", shown(given.quantity), "price", shown(given.unit_price),
      "custom_attributes", where_given(given.custom_attributes))
  end
  return json.object("items", json.array(list))
end

local function prices(given)
  return json.object("total", shown(given.total), "gross", shown(given.gross, 0),
    "discount", shown(given.discount, 0), "shipping", shown(given.shipping, 0), "tax", shown(given.tax, 0),
    "cost", shown(given.cost, 0))
end

local function one_payment(given)
  return json.object("type", shown(given.type, "other"), "brand", shown(given.brand), "name", shown(given.bank))
end

local function payment(given)
  if given == nil or tree.kind(given) == "object" then
    return one_payment(given or {})
  end
  local list = {}
  for i, one in ipairs(given) do
    list[i] = one_payment(one)
  end
  return json.array(list)
end

--- The instant of a purchase, in seconds since 1970: by what it says itself, else when it arrived.
function M.instant(record)
  return record.createtime or math.floor(record.created)
end

local function in_utc(instant)
  return os.date("!%Y-%m-%d %H:%M:%S", instant)
end

--- One purchase.
function M.purchase(record)
  local purchase, branch = book.contents(record), record.branch_name
  return json.object(
    "service_uid", shown(purchase.service_uid), "document", shown(purchase.document),
    "email", shown(purchase.email), "invoice_number", record.invoice_number, "channel", shown(purchase.channel),
    "purchase_detail", items(purchase), "prices", prices(purchase.prices), "points", shown(purchase.points, 0),
    "downloadtime", in_utc(math.floor(record.created)),
    "createtime", in_utc(M.instant(record)), "custom_attributes", where_given(purchase.custom_attributes),
    "cancel_transaction_id", json.null,
    "branch", branch and json.object("id", book.branch_id(branch), "name", branch) or json.null,
    "payment", payment(purchase.payment), "purchase_operator", shown(purchase.seller),
    "pickup_store", json.null, "promotions", json.null)
end

return M
