-- Measures: a worker that makes 200 uploads, 16 in flight, again and again, while its other pages are asked for.
-- usage: luajit bench/worker/job.lua PORT module|blocking|subrequests|kept [JOBS]
package.path = "bench/worker/?.lua;" .. package.path
local cjson = require "cjson"
local probes = require "probe"
local socket = require "socket"

local port, way, jobs = tonumber(arg[1]), arg[2], tonumber(arg[3] or 10)
local UPLOADS = 200

local function run_job(probe)
  local job = assert(socket.connect("127.0.0.1", port))
  assert(job:send(("GET /job/%s HTTP/1.0\r\n\r\n"):format(way)))
  probe:run_beside(job)
  local result = cjson.decode((job:receive("*a"):match "\r\n\r\n(.*)"))
  job:close()
  assert(result.accepted == UPLOADS, "not all were accepted")
  return result
end

run_job(probes.new(port)) -- opens the connections
local probe, cpu, wall = probes.new(port), 0, 0
for _ = 1, jobs do
  local result = run_job(probe)
  cpu, wall = cpu + result.cpu, wall + result.wall
end
print(cjson.encode {
  p50 = probe:quantile(0.5),
  p99 = probe:quantile(0.99),
  max = probe:quantile(1),
  cpu_ms = cpu / jobs * 1000,
  rate = jobs * UPLOADS / wall,
})
