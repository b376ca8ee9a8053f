--- One purchase as JSON text: the bytes that are checked are the bytes that are sent.
-- @module purchases.provider.purchase
local core = require "purchases.core"
local json = require "purchases.json"
local requests = require "purchases.provider.request"

local M = {}

--- A copy of a purchase in which the lists of its schema are lists where they are empty, too: a bare `{}` would be
-- written as an object.
-- @tab purchase
-- @tab lists their names, each with those of its elements' lists
-- @treturn table
function M.with_lists(purchase, lists)
  local copy = {}
  for name, field in pairs(purchase) do
    copy[name] = field
    if lists[name] and type(field) == "table" then
      local list = {}
      for i, element in pairs(field) do
        list[i] = type(element) == "table" and M.with_lists(element, lists[name]) or element
      end
      copy[name] = json.list(list)
    end
  end
  return copy
end

--- The JSON text of a purchase; any other type is misuse.
-- @tparam table|string given a JSON text stays as it is
-- @string what the call, for the message
-- @int level as for `error`
-- @tab[opt] lists as for `with_lists`
-- @treturn string|nil
-- @treturn ?purchases.error of what JSON cannot hold
function M.encode(given, what, level, lists)
  if type(given) == "string" then
    return given
  elseif type(given) ~= "table" then
    error(("%s: expected a purchase as a table or a JSON text, got %s"):format(what, type(given)), level + 1)
  end
  local text, why, field = json.encode(M.with_lists(given, lists or {}))
  if not text then
    return nil, requests.invalid("invalid_json", "the purchase cannot be sent: " .. why, field)
  end
  return text
end

--- Checks a purchase.
-- @tab provider `name`, and `max_purchase` where there is a limit
-- @tparam purchases.schema schema of one purchase
-- @string text
-- @treturn string|nil the text
-- @treturn ?purchases.error what the API would refuse
function M.check(provider, schema, text)
  local most = provider.max_purchase
  if most and #text > most then
    local message = ("the purchase has %d bytes of JSON, %s takes %d at most"):format(#text, provider.name, most)
    return nil, requests.invalid("too_large", message)
  end
  local ok, err = schema:check(text)
  return ok and text, err
end

--- The value of a purchase's own member.
-- @string text
-- @string name
-- @treturn string|nil as it stands there, quotes and escapes included
-- @treturn ?int its first byte
-- @treturn ?int its last byte
function M.member(text, name)
  local first, last = core.json.find_member(text, name)
  if first then
    return text:sub(first, last), first, last
  end
end

return M
