--- The application inside nginx: every request goes through here.
-- @module purchases.sandbox.app

local audit = require "purchases.sandbox.audit"
local control = require "purchases.sandbox.control"
local faults = require "purchases.sandbox.faults"
local json = require "purchases.sandbox.json"
local request = require "purchases.sandbox.request"
local router = require "purchases.sandbox.router"
local store = require "purchases.sandbox.store"

local M = {}

-- nginx closes the connection without a word.
local SILENCE = 444

local function perform(asked, provider, route, found)
  if not asked.body then
    return { status = 411, body = provider.stock(411, route) }
  elseif route then
    return route[3](asked, found)
  elseif #found > 0 then
    return provider.wrong_method(asked.method, table.concat(found, ", "))
  end
  return { status = 404, body = provider.stock(404) }
end

local function answer_call(asked)
  local entry = audit.arrived(asked)
  asked.entry = entry
  local provider, route, found = router.find(asked)
  entry.user = route and found.user
  local fault, answer = faults.strike(asked), nil
  if fault and fault.expire_tokens then
    router.expire_tokens()
  end
  if not fault or fault.effect == "applied" then
    answer = perform(asked, provider, route, found)
  end
  if fault then
    entry.fault = fault.id
    if fault.delay then
      ngx.sleep(fault.delay)
    end
    answer = faults.disguise(fault, answer, function(status)
      return provider.stock(status, route)
    end)
  end
  entry.status = answer.status
  return answer
end

local function send(answer)
  if answer.status == SILENCE then
    return ngx.exit(SILENCE)
  end
  local body = type(answer.body) == "string" and answer.body or json.encode(answer.body)
  ngx.status = answer.status
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Content-Length"] = #body
  for name, value in pairs(answer.headers or {}) do
    ngx.header[name] = value
  end
  if answer.cut then -- half an answer is promised whole, so it must not be compressed on its way
    ngx.req.clear_header "Accept-Encoding"
  end
  if answer.cut and answer.cut < #body then
    ngx.print(body:sub(1, answer.cut))
    ngx.flush(true)
    return ngx.exit(SILENCE)
  end
  ngx.print(body)
end

--- Begins with the given settings; called once, before any request.
function M.start(settings)
  store.start(settings)
end

--- Answers one request.
function M.handle()
  local asked = request.read()
  local ok, answer = pcall(asked.segments[1] == "_sandbox" and control.answer or answer_call, asked)
  if not ok then
    ngx.log(ngx.ERR, "sandbox: ", answer)
    if asked.entry then
      asked.entry.status = 500
    end
    answer = { status = 500, body = json.object("error", "The sandbox itself failed; see its log.") }
  end
  send(answer)
end

--- Answers for nginx what it refused by itself, such as a body that is too large.
function M.refuse()
  local asked = request.head()
  local status = tonumber(ngx.var.status) or 400
  if asked.segments[1] ~= "_sandbox" then
    audit.arrived(asked).status = status
  end
  send { status = status, body = json.object("error", "Refused by the server: " .. status .. ".") }
end

return M
