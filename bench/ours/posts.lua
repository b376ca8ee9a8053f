-- Measures: POSTs of one day (4.8 KB), many in flight, through the HTTP engine.
-- usage: lua5.4|luajit bench/ours/posts.lua URL REQUESTS CONCURRENCY
package.path = "bench/peers/?.lua;" .. package.path
local core = require "purchases.core"
local day = require "day"
local measure = require "measure"

local url, requests, concurrency = arg[1], tonumber(arg[2]), tonumber(arg[3])
local pool = assert(core.http.new())
local body = day.body
local headers = {
  Accept = "application/json",
  Authorization = "Bearer token",
  ["Content-Type"] = "application/json",
  ["User-Agent"] = "purchases",
}

local function add()
  assert(pool:add { -- as a client does it for plain http
    method = "POST",
    url = url,
    headers = headers,
    body = body,
    timeout = 30,
    connect_timeout = 5,
    proxy = "",
  })
end

local started = measure.start()
local added, good = concurrency, 0
for _ = 1, concurrency do
  add()
end
while good < requests do
  pool:step()
  local id, response, err = pool:take()
  if not id then
    pool:poll(1)
  end
  while id do
    assert(response, err)
    measure.expect("the status", 201, response.status)
    good = good + 1
    if added < requests then
      added = added + 1
      add()
    end
    id, response, err = pool:take()
  end
end

measure.finish(started, good, good * #body)
