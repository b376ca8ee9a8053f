--- Checks bodies as the Ravenwits API does, and names the first problem in the API's own words.
-- Written from the API's pages alone and on purpose not from the library's checks, so that the two
-- check each other.
-- @module purchases.sandbox.ravenwits.validate

local json = require "purchases.sandbox.json"
local rules = require "purchases.sandbox.rules"

local M = {}

local STATUSES = { failed = true, pending = true, in_progress = true, completed = true }

local INVALID_JSON = "Invalid JSON body."
local NOT_AN_OBJECT = "Request body must be a JSON object."
local NOT_AN_ARRAY = 'Field "purchase" must be an array of objects.'
local NO_FIELD = 'Purchase item at index %d is missing required field "%s".'
local BAD_DATETIME = "Purchase item at index %d: invalid datetime format. "
  .. 'Expected "YYYY-MM-DD HH:MM" (e.g., "2024-01-15 14:30").'
local BAD_NUMBER = 'Purchase item at index %d: field "purchase" must be a number (in MW unit).'

--- Whether a text is `YYYY-MM-DD HH:MM` and names a minute of the calendar (years 0001 to 9999).
function M.is_datetime(text)
  if type(text) ~= "string" or #text ~= 16 then
    return false
  end
  local year, month, day, hour, minute = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d) (%d%d):(%d%d)$"
  if not year then
    return false
  end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  return year >= 1 and day >= 1 and day <= rules.days_of(year, month)
    and tonumber(hour) <= 23 and tonumber(minute) <= 59
end

-- Decoding makes {} and [] alike: an item without members is looked up in the text.
local function is_object(item, text, index)
  if type(item) ~= "table" or item[1] ~= nil then
    return false
  elseif item.datetime ~= nil then
    return true
  end
  return next(item) ~= nil or json.is_object(json.elements(json.members(text).purchase)[index + 1])
end

local function items_problem(items, text)
  for i = 1, #items do
    local item, index = items[i], i - 1
    if not is_object(item, text, index) then
      return NOT_AN_ARRAY
    elseif item.datetime == nil then
      return NO_FIELD:format(index, "datetime")
    elseif item.purchase == nil then
      return NO_FIELD:format(index, "purchase")
    elseif not M.is_datetime(item.datetime) then
      return BAD_DATETIME:format(index)
    elseif type(item.purchase) ~= "number" or item.purchase - item.purchase ~= 0 then -- infinite
      return BAD_NUMBER:format(index)
    end
  end
end

-- A body that is a JSON object, decoded; or nil and the problem.
local function object(text)
  local body = json.decode(text)
  if body == nil then
    return nil, INVALID_JSON
  elseif not json.is_object(text) then
    return nil, NOT_AN_OBJECT
  end
  return body
end

--- Checks the body of a submit.
-- @treturn ?table the rows, each with `datetime` and `purchase`
-- @treturn ?string the API's complaint
function M.submission(text)
  local body, problem = object(text)
  if not body then
    return nil, problem
  end
  local items = body.purchase
  if items == nil then
    return nil, 'Missing required field "purchase".'
  elseif type(items) ~= "table" or items[1] == nil and not json.is_array(json.members(text).purchase) then
    return nil, NOT_AN_ARRAY
  end
  problem = items_problem(items, text)
  if problem then
    return nil, problem
  end
  return items
end

local function update_problem(body)
  local message = body.error
  if body.outputs == nil then
    return 'Missing required field "outputs".'
  elseif type(body.outputs) ~= "table" then
    return 'Field "outputs" must be an object.'
  elseif body.status == nil then
    return 'Missing required field "status".'
  elseif not STATUSES[body.status] then
    return 'Field "status" must be one of "failed", "pending", "in_progress", "completed".'
  elseif message ~= nil and message ~= json.null and type(message) ~= "string" then
    return 'Field "error" must be a string.'
  elseif body.status == "failed" and (type(message) ~= "string" or message == "") then
    return 'Field "error" is required when "status" is "failed".'
  end
end

--- Checks the body of an update.
-- @treturn ?table `status`, `error` (text, empty for none) and `outputs` (JSON text as it came)
-- @treturn ?string the API's complaint
function M.update(text)
  local body, problem = object(text)
  problem = problem or update_problem(body)
  if problem then
    return nil, problem
  end
  local message = type(body.error) == "string" and body.error or ""
  return { status = body.status, error = message, outputs = json.members(text).outputs }
end

--- The credentials of a login; nil where one is missing.
function M.credentials(text)
  local body = object(text)
  local function filled(value)
    return type(value) == "string" and value ~= ""
  end
  if body and filled(body.email) and filled(body.password) then
    return body.email, body.password
  end
end

return M
