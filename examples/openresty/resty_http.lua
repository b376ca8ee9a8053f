--- Sends a client's requests over nginx's cosockets, by lua-resty-http:
--
--     purchases.ravenwits.new { user = ..., token = ..., transport = require "resty_http" }
--
-- nginx's `resolver` then looks up names, and `lua_ssl_trusted_certificate` names the certificates.
local http = require "resty.http"
local purchases = require "purchases"

local M = {}

local function not_sent(code, phase, why)
  return nil, { sent = "no", code = code, phase = phase, message = why }
end

-- The request may have arrived.
local function lost(client, phase, why)
  client:close()
  return nil, { sent = "maybe", code = why == "timeout" and why or "connection_lost", phase = phase, message = why }
end

local function milliseconds_till(deadline)
  return math.max(1, (deadline - purchases.monotonic()) * 1000)
end

function M.request(req, deadline)
  if req.ca_file or (req.proxy or "") ~= "" then
    return not_sent("invalid_request", nil, "resty_http takes neither ca_file nor proxy: nginx has its own settings")
  end
  local client = http.new()
  local scheme, host, port, path = unpack(assert(client:parse_uri(req.url)))
  client:set_timeout(math.min(req.connect_timeout * 1000, milliseconds_till(deadline)))
  local ok, why = client:connect { scheme = scheme, host = host, port = port, ssl_verify = true }
  if not ok then
    return not_sent(why == "timeout" and why or "cannot_connect", "connect", why)
  end
  client:set_timeout(milliseconds_till(deadline))
  local response, body
  response, why = client:request { method = req.method, path = path, headers = req.headers, body = req.body }
  if not response then
    return lost(client, "receive", why)
  end
  client:set_timeout(milliseconds_till(deadline))
  if response.has_body then
    body, why = response:read_body()
    if not body then
      return lost(client, "receive", why)
    end
  end
  client:set_keepalive()
  return { status = response.status, headers = response.headers, body = body }
end

return M
