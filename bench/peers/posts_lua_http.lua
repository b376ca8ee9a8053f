-- Measures: POSTs of one day by lua-http on cqueues, CONCURRENCY coroutines with a connection kept alive each.
-- usage: luajit bench/peers/posts_lua_http.lua URL COUNT CONCURRENCY
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cqueues = require "cqueues"
local client = require "http.client"
local new_headers = require "http.headers".new
local day = require "day"
local measure = require "measure"

local TIMEOUT = 30
local url, wanted, concurrency = arg[1], tonumber(arg[2]), tonumber(arg[3])
assert(concurrency, "usage: posts_lua_http.lua URL COUNT CONCURRENCY")
local host, port, path = url:match("^http://([^:/]+):(%d+)(/.*)$")

local function request_headers()
  local headers = new_headers()
  headers:append(":method", "POST")
  headers:append(":scheme", "http")
  headers:append(":authority", host .. ":" .. port)
  headers:append(":path", path)
  headers:append("content-length", ("%d"):format(#day.body))
  for name, value in pairs(day.headers) do headers:append(name, value) end
  return headers
end

local function post(connection, headers)
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(headers, false, TIMEOUT))
  assert(stream:write_body_from_string(day.body, TIMEOUT))
  local answer = assert(stream:get_headers(TIMEOUT))
  local body = assert(stream:get_body_as_string(TIMEOUT))
  return answer:get(":status") == "201" and #body > 0
end

local started = measure.start()
local begun, good = 0, 0

local function worker()
  local connection = assert(client.connect({ host = host, port = tonumber(port), version = 1.1 }, TIMEOUT))
  local headers = request_headers()
  while begun < wanted do
    begun = begun + 1
    if post(connection, headers) then good = good + 1 end
  end
  connection:close()
end

local loop = cqueues.new()
for _ = 1, concurrency do loop:wrap(worker) end
assert(loop:loop())

measure.expect("the number of good answers", wanted, good)
measure.finish(started, good, good * #day.body)
