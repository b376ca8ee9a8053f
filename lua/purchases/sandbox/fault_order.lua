--- The fields of an order for a fault.
--
-- Which requests: `method`; `path`, a part of path and query, where `*` stands for anything; `skip`, how many
-- matching ones pass first; `times`, how many are struck (1; without end where there is a `rate`);
-- `rate`, the chance of each from 0 to 1, drawn from `seed`.
--
-- What becomes of them: `effect`, "none" (not carried out; the default where `status` or `body` is
-- given) or "applied" (carried out, then answered as ordered; the default otherwise); `status` (503 where
-- nothing was carried out, else the real one; 444 closes the connection without a word); `headers`;
-- `body`, a text or any JSON object or array (default: the API's own words for the status); `delay`,
-- seconds before the answer; `expire_tokens`; `cut`, how many bytes of the answer's body to send before
-- the connection is closed.
-- @module purchases.sandbox.fault_order

local M = {}

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

local function is_number(least, most)
  return function(value)
    return type(value) == "number" and value >= least and value <= most
  end
end

local function is_whole(least, most)
  local within = is_number(least, most)
  return function(value)
    return within(value) and value % 1 == 0
  end
end

-- These are what `cut` is for: nginx would wait, or say what it does not do.
local FRAMING = { ["content-length"] = true, ["transfer-encoding"] = true, connection = true }

local function are_headers(value)
  if type(value) ~= "table" then
    return false
  end
  for name, content in pairs(value) do
    local is_name = type(name) == "string" and name:find "^[%w!#$%%&'*+.^_`|~-]+$" and not FRAMING[name:lower()]
    if not is_name or type(content) ~= "number" and (type(content) ~= "string" or content:find "%c") then
      return false
    end
  end
  return true
end

-- Each tells whether a field's value is sound.
local CHECKS = {
  method = is_text,
  path = is_text,
  skip = is_whole(0, 1e9),
  times = is_whole(1, 1e9),
  rate = is_number(0, 1),
  seed = is_whole(0, 2 ^ 31),
  effect = function(value)
    return value == "none" or value == "applied"
  end,
  status = is_whole(200, 599),
  headers = are_headers,
  body = function(value)
    return type(value) == "string" or type(value) == "table"
  end,
  delay = is_number(0, 3600),
  expire_tokens = function(value)
    return type(value) == "boolean"
  end,
  cut = is_whole(0, 1e9),
}

--- The complaint about an order, in one line; nil for a sound one.
function M.problem(order)
  if type(order) ~= "table" or order[1] ~= nil then
    return "A fault must be a JSON object."
  end
  for name, value in pairs(order) do
    local sound = CHECKS[name]
    if not sound then
      return ("Unknown fault field '%s'."):format(tostring(name))
    elseif not sound(value) then
      return ("Fault field '%s' is not valid."):format(name)
    end
  end
end

return M
