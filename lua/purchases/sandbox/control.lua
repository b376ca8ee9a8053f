--- The sandbox's own calls, in JSON and without credentials: for programs of this machine, and for no web page.
--
--     GET    /_sandbox/audit[?since=N]   {requests, purchases, counts}; requests after the Nth
--     GET    /_sandbox/counts            those of the audit alone: fast, however much arrived
--     GET    /_sandbox/purchases[?F=V]   {purchases}; only those whose field F is V, such as invoice_number
--     POST   /_sandbox/reset             forgets all that happened; settings as at the start
--     GET    /_sandbox/settings          those in force
--     POST   /_sandbox/settings          changes the ones given, all or none
--     GET    /_sandbox/faults            {faults}: those ordered, how often they struck, what is left
--     POST   /_sandbox/faults            orders one, see `purchases.sandbox.fault_order`
--     DELETE /_sandbox/faults            takes all back
--
-- @module purchases.sandbox.control

local audit = require "purchases.sandbox.audit"
local faults = require "purchases.sandbox.faults"
local json = require "purchases.sandbox.json"
local store = require "purchases.sandbox.store"

local M = {}

local function ok(body)
  return { status = 200, body = body }
end

local function refusal(status, message)
  return { status = status, body = json.object("error", message) }
end

local function read_audit(request)
  local since = request.query.since
  if since and not since:find "^%d+$" then
    return refusal(400, "'since' must be a whole number.")
  end
  return ok(audit.report(tonumber(since)))
end

local function read_settings()
  return ok(store.settings)
end

local function change_settings(request)
  local given = json.decode(request.body)
  if given == nil or not json.is_object(request.body) then
    return refusal(400, "Settings must be a JSON object.")
  end
  local changed, complaint = store.change(given)
  if not changed then
    return refusal(400, complaint)
  end
  return read_settings()
end

local function order_fault(request)
  local order = json.decode(request.body)
  if order == nil or not json.is_object(request.body) then
    return refusal(400, "A fault must be a JSON object.")
  end
  local id, complaint = faults.order(order, json.members(request.body).body)
  if not id then
    return refusal(400, complaint)
  end
  return { status = 201, body = json.object("id", id) }
end

local function read_faults()
  return ok(json.object("faults", faults.list()))
end

local CALLS = {
  audit = { GET = read_audit },
  counts = {
    GET = function()
      return ok(audit.counts())
    end,
  },
  purchases = {
    GET = function(request)
      return ok(json.object("purchases", audit.purchases(request.query)))
    end,
  },
  reset = {
    POST = function()
      store.reset()
      return ok(json.object("reset", true))
    end,
  },
  settings = { GET = read_settings, POST = change_settings },
  faults = {
    GET = read_faults,
    POST = order_fault,
    DELETE = function()
      faults.clear()
      return read_faults()
    end,
  },
}

local LOOPBACK = { ["127.0.0.1"] = true, localhost = true, ["[::1]"] = true }

-- Browsers name the page that a request comes from, and a page's own name does not become loopback by where it leads.
local function stranger(request)
  local host = (request.host or ""):lower():gsub(":%d+$", "")
  if request.origin then
    return "Refused: web pages (the header 'Origin') may not call /_sandbox."
  end
  return not LOOPBACK[host] and "Refused: the header 'Host' must be localhost, 127.0.0.1 or [::1]." or nil
end

--- Answers a request to `/_sandbox/...`.
function M.answer(request)
  local call, why = CALLS[request.segments[2]], stranger(request)
  if why then
    return refusal(403, why)
  elseif not call or request.segments[3] then
    return refusal(404, "Not found.")
  elseif not call[request.method] then
    return refusal(405, "Method not allowed.")
  elseif not request.body then
    return refusal(411, "Content-Length is required.")
  end
  return call[request.method](request)
end

return M
