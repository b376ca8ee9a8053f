--- Checks purchases as the Curebit API does.
-- Written from the API's page alone and on purpose neither from the library's checks nor with a schema
-- engine, so that the two check each other.
-- @module purchases.sandbox.curebit.validate

local is_email = require "purchases.sandbox.email"
local rules = require "purchases.sandbox.rules"
local tree = require "purchases.sandbox.tree"

local M = {}

-- In UTC, or with zone information: `YYYY-MM-DD HH:MM:SS`, in between a blank or a `T`, then nothing, `Z`
-- or an offset; a `T` may have a fraction of the second behind it.
local function is_order_date(value)
  local date, rest = value:match "^(%d%d%d%d%-%d%d%-%d%d)[ T](.*)$"
  local time, zone = (rest or ""):match "^(%d%d:%d%d:%d%d)(.*)$"
  if not time or not rules.is_date(date) or not rules.is_time(time) then
    return false
  end
  zone = zone:gsub("^%.%d+", "")
  local hour, minute = zone:match "^ ?[+-](%d%d):?(%d%d)$"
  return zone == "" or zone == "Z" or hour ~= nil and tonumber(hour) <= 23 and tonumber(minute) <= 59
end

local order_date = rules.text_that(is_order_date,
  "Value is neither YYYY-MM-DD HH:MM:SS in UTC nor a timestamp with a time zone.")

local ITEM = rules.object_of({}, {
  "price", rules.number, "quantity", rules.number, "product_id", rules.text_or_integer,
})

local PURCHASE = rules.object_of({ "email", "subtotal", "order_number", "order_date" }, {
  "email", rules.text_that(is_email, "Value is not an e-mail address."),
  "subtotal", rules.number,
  "order_number", rules.key,
  "order_date", order_date,
  "items", rules.list_of(ITEM),
})

--- Checks one purchase's JSON text.
-- @treturn ?boolean true
-- @treturn ?string the first problem
function M.purchase(text)
  local value, invalid = tree.read(text)
  if value == nil then
    return nil, "Invalid JSON: " .. invalid
  end
  local problem = PURCHASE(value)
  if problem then
    return nil, (problem:gsub("^: ", "")) -- that of a whole purchase has no place before it
  end
  return true
end

--- Checks the body of a create.
-- @treturn ?table the purchases and their places, as `purchases.sandbox.tree.elements` gives them
-- @treturn ?{string,...} the API's complaints, one for each bad purchase
function M.create(body)
  local elements, invalid = tree.member_elements(body, "purchases")
  if elements == nil then
    return nil, { "Invalid JSON: " .. invalid }
  elseif not elements then
    return nil, { '"purchases" must be an array of objects' }
  end
  local problems = {}
  for i, purchase in ipairs(elements.values) do
    local problem = PURCHASE(purchase)
    if problem then
      problems[#problems + 1] = "/purchases/" .. i - 1 .. problem
    end
  end
  if problems[1] then
    return nil, problems
  end
  return elements
end

return M
