--- Which batches are meant: filters as SQL.
-- @module purchases.ledger.filters
local options = require "purchases.options"
local state = require "purchases.ledger.state"

local M = {}

local function is_state(value)
  return type(value) == "string" and not state[value] and "names no state: " .. value or nil
end

-- A day, as texts of times begin with it.
local function is_day(value)
  return not value:find "^%d%d%d%d%-%d%d%-%d%d$" and "must be a day such as 2026-03-29" or nil
end

--- The filters. `account` is an account's name; `key` that of a keyed purchase; `day`, `from` and `to` are days of
-- delivery, the last one included; `since` is milliseconds since 1970.
M.NAMES = {
  provider = { "string" },
  base_url = { "string" },
  account = { "string" },
  state = { "string", check = is_state },
  operation = { "string" },
  code = { "string" },
  key = { "string" },
  receipt = { "string" },
  day = { "string", check = is_day },
  from = { "string", check = is_day },
  to = { "string", check = is_day },
  since = { "number", check = options.positive },
}

-- The first or last day of a batch: that of a delivery day is its name, which the instants of a zone lie outside of.
local DAY = "substr(CASE WHEN length(b.name) = 10 THEN b.name ELSE ifnull(b.%s, b.name) END, 1, 10)"

local CONDITIONS = {
  { "provider", "a.provider = ?" },
  { "base_url", "a.base_url = ?" },
  { "account", "a.name = ?" },
  { "operation", "b.operation = ?" },
  { "code", "b.code = ?" },
  { "receipt", "b.receipt = ?" },
  { "since", "b.changed >= ?" },
  { "day", DAY:format "first" .. " = ?" },
  { "from", DAY:format "last" .. " >= ?" },
  { "to", DAY:format "first" .. " <= ?" },
}

--- SQL for the state of a batch `b` of an account `a`: what nobody sends any more is what it becomes when its account
-- is opened again.
-- @tab sending ids of the accounts that some process sends for
function M.state(sending)
  return ("CASE WHEN b.state = 1 AND a.id NOT IN (%s) THEN CASE WHEN a.keyed THEN 0 ELSE 4 END ELSE b.state END")
    :format(table.concat(sending, ", "))
end

--- A condition in SQL on batches `b` and accounts `a`, and its parameters.
-- @tab filters
-- @tab sending as for `state`
-- @treturn string
-- @treturn table
function M.condition(filters, sending)
  local terms, values = { "1" }, {}
  for _, condition in ipairs(CONDITIONS) do
    local value = filters[condition[1]]
    if value ~= nil then
      terms[#terms + 1] = condition[2]
      values[#values + 1] = value
    end
  end
  if filters.state then
    terms[#terms + 1] = M.state(sending) .. " = ?"
    values[#values + 1] = state[filters.state]
  end
  if filters.key then
    terms[#terms + 1] = [[(b.name = ? AND a.keyed OR b.id IN (SELECT batch FROM purchase
      WHERE account IN (SELECT id FROM account) AND key = CAST(? AS BLOB)))]]
    values[#values + 1], values[#values + 2] = filters.key, filters.key
  end
  return table.concat(terms, " AND "), values
end

--- Checks the filters of a caller.
function M.check(filters, what)
  return options.check(filters, M.NAMES, what, 3)
end

return M
