-- Measures: what it costs to read a file and send it in bodies of 100 lines, unseen, through our HTTP engine:
-- libcurl and the kernel, and nearly nothing else.
-- usage: lua5.4|luajit bench/ours/send_bodies.lua FILE LINES URL
package.path = "bench/peers/?.lua;" .. package.path
local core = require "purchases.core"
local measure = require "measure"

local path, expected, url = arg[1], tonumber(arg[2]), arg[3]
local IN_FLIGHT, BLOCK = 16, 100000 -- bytes of about 100 lines

local headers = { ["Content-Type"] = "application/json" }

local function add(pool, body)
  assert(pool:add { method = "POST", url = url, headers = headers, body = body, timeout = 60 })
end

local function take_all(pool)
  local taken = 0
  local id, response = pool:take()
  while id do
    taken = taken + 1
    measure.expect("a status", 200, response and response.status)
    id, response = pool:take()
  end
  return taken
end

local started = measure.start()
local pool, file = assert(core.http.new()), assert(io.open(path, "rb"))
local running, bytes = 0, 0
local body = file:read(BLOCK)
while body or running > 0 do
  while body and running < IN_FLIGHT do
    add(pool, body)
    running, bytes = running + 1, bytes + #body
    body = file:read(BLOCK)
  end
  pool:step()
  local taken = take_all(pool)
  running = running - taken
  if taken == 0 then
    pool:poll(1)
  end
end
measure.finish(started, expected, bytes)
