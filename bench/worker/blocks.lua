-- Measures: how long a job holds up the event loop of its worker, and the worker's other pages.
-- usage: luajit bench/worker/blocks.lua PORT idle|unfit|csv|from_line|count|get [FILE]
package.path = "bench/worker/?.lua;" .. package.path
local cjson = require "cjson"
local probes = require "probe"
local socket = require "socket"

local port, name, given = tonumber(arg[1]), arg[2], arg[3]

-- A file of one line, and of another one many times; nil: the job has none, or was given one.
local MADE = {
  unfit = { "", 50000, '{"email":"nobody","points":"x","prices":{"total":"y"},"purchase_detail":[{"sku":1},{}],"note":"'
    .. ("n"):rep(880) .. '"}\n' },
  csv = { "No,Date\n", 530000, "7,31/31/2025\n" },
  from_line = { "No,Date\n", 530000, "7,31/12/2025\n" },
}

local function make()
  local made = MADE[name]
  if not made then
    return given or "none"
  end
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(made[1], made[3]:rep(made[2]))
  file:close()
  return path
end

local path = make()
local job = assert(socket.connect("127.0.0.1", port))
local probe = probes.new(port)
assert(job:send(("GET /loop?job=%s&file=%s HTTP/1.0\r\n\r\n"):format(name, path)))
probe:run_beside(job)
local head, body = assert(job:receive "*a"):match "^(.-)\r\n\r\n(.*)"
if MADE[name] then
  os.remove(path)
end
assert(head:find "^HTTP/1.1 200", head)
local result = cjson.decode(body)
result.p99, result.max = probe:quantile(0.99), probe:quantile(1)
print(cjson.encode(result))
