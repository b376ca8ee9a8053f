--- Faults that a test orders, and that strike requests to the API.
-- @module purchases.sandbox.faults

local fault_order = require "purchases.sandbox.fault_order"
local json = require "purchases.sandbox.json"
local store = require "purchases.sandbox.store"

local M = {}

local state = store.section(function()
  return { list = {}, ordered = 0 }
end)

-- A Lehmer generator: all its products are exact in a double. Its first values are thrown away, since
-- small seeds begin with small ones.
local function generator(seed)
  local value = seed % 2147483646 + 1
  local function draw()
    value = value * 48271 % 2147483647
    return value / 2147483647
  end
  for _ = 1, 10 do
    draw()
  end
  return draw
end

local function copy(order)
  local fault = {}
  for name, value in pairs(order) do
    fault[name] = value
  end
  return fault
end

--- Orders a fault.
-- @tparam table order its fields; `body` is a text, or a JSON value to be sent as such
-- @tparam ?string body_text the JSON text of a `body` that is not a string
-- @treturn ?number the fault's id
-- @treturn ?string the complaint
function M.order(order, body_text)
  local complaint = fault_order.problem(order)
  if complaint then
    return nil, complaint
  end
  local all, fault = state(), copy(order)
  if type(order.body) == "table" then
    fault.body = body_text
  end
  -- An answer that was made up replaces the real one, so by default nothing is carried out behind it;
  -- a mere delay or cut lets the request through.
  fault.effect = order.effect or (order.status or order.body) and "none" or "applied"
  fault.left = order.times or (order.rate and math.huge or 1)
  fault.to_skip = order.skip or 0
  fault.draw = order.rate and generator(order.seed or 1)
  fault.id, fault.struck = all.ordered + 1, 0
  all.ordered = fault.id
  all.list[#all.list + 1] = fault
  return fault.id
end

local function matches(fault, request)
  if fault.method and fault.method ~= request.method then
    return false
  end
  local from = 0
  for part in (fault.path or ""):gmatch "[^*]+" do -- the first place of each is as good as any
    local _, last = request.target:find(part, from + 1, true)
    if not last then
      return false
    end
    from = last
  end
  return true
end

local function strikes(fault)
  if fault.left == 0 then
    return false
  elseif fault.to_skip > 0 then
    fault.to_skip = fault.to_skip - 1
    return false
  end
  return not fault.draw or fault.draw() < fault.rate
end

--- The fault that strikes a request, if any: the first ordered that matches it and is due.
function M.strike(request)
  local list = state().list
  for i = 1, #list do
    local fault = list[i]
    if matches(fault, request) and strikes(fault) then
      fault.left = fault.left - 1
      fault.struck = fault.struck + 1
      return fault
    end
  end
end

--- The answer that a struck request gets.
-- @tparam table fault
-- @tparam ?table answer the real one, where the request was carried out
-- @tparam function stock `(status) → body`, the API's own words for a status
function M.disguise(fault, answer, stock)
  local status = fault.status or answer and answer.status or 503
  local body = fault.body or not fault.status and answer and answer.body or stock(status)
  local headers = answer and answer.status == status and copy(answer.headers or {}) or {}
  for name, value in pairs(fault.headers or {}) do
    headers[name] = value
  end
  return { status = status, headers = headers, body = body, cut = fault.cut }
end

--- All ordered faults, for reading.
function M.list()
  local all = {}
  for i, fault in ipairs(state().list) do
    all[i] = json.object("id", fault.id, "method", fault.method, "path", fault.path, "rate", fault.rate,
      "effect", fault.effect, "status", fault.status, "delay", fault.delay, "cut", fault.cut,
      "expire_tokens", fault.expire_tokens, "struck", fault.struck,
      "left", fault.left == math.huge and json.null or fault.left)
  end
  return json.array(all)
end

--- Takes back all faults.
function M.clear()
  state().list = {}
end

return M
