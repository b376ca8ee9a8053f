-- Measures: the worker's CPU for requests that each make one call.
-- usage: luajit bench/worker/calls.lua PORT PATH IN_FLIGHT SECONDS
local cjson = require "cjson"
local socket = require "socket"
local http = require "socket.http"

local port, path, in_flight, seconds = arg[1], arg[2], arg[3], tonumber(arg[4])
local url = "http://127.0.0.1:" .. port

local function worker_cpu()
  return tonumber((assert(http.request(url .. "/cpu"))))
end

assert((http.request(url .. path)) == "ok\n", "the call failed")
local cpu, wall = worker_cpu(), socket.gettime()
local pipe = assert(io.popen(("wrk -t1 -c%s -d%d --timeout 30s %s%s"):format(in_flight, seconds, url, path)))
local text = pipe:read "*a"
pipe:close()
local count = tonumber(text:match "(%d+) requests in")
assert(count and count > 0 and not text:find "Non%-2xx", text)
wall, cpu = socket.gettime() - wall, worker_cpu() - cpu
print(cjson.encode { us = cpu / count * 1e6, share = cpu / wall * 100, count = count })
