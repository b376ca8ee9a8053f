-- Asks for a page every millisecond, whether or not the pages before have come, and tells how long each took
-- from the moment it was due: what a user of the worker's other pages would see.
local socket = require "socket"

local M = {}

local EVERY = 0.001 -- seconds
local REQUEST = "GET /trivial HTTP/1.1\r\nHost: probe\r\n\r\n"

local Probe = {}
Probe.__index = Probe

function M.new(port)
  return setmetatable({ port = port, free = {}, busy = {}, times = {}, next = socket.gettime() }, Probe)
end

local function connect(port)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  connection:settimeout(0)
  return connection
end

function Probe:ask()
  local connection = table.remove(self.free) or connect(self.port)
  assert(connection:send(REQUEST))
  self.busy[connection] = self.next
  self.next = self.next + EVERY
end

function Probe:take(connection)
  local _, why, part = connection:receive(65536)
  assert(why ~= "closed" and part ~= "", "the worker closed a connection")
  self.times[#self.times + 1] = socket.gettime() - self.busy[connection]
  self.busy[connection] = nil
  self.free[#self.free + 1] = connection
end

local function readers(probe, job)
  local list = { job }
  for connection in pairs(probe.busy) do
    list[#list + 1] = connection
  end
  return list
end

-- Probes until there is something to be read on `job`.
function Probe:run_beside(job)
  self.next = math.max(self.next, socket.gettime())
  while true do
    local ready = socket.select(readers(self, job), nil, math.max(0, self.next - socket.gettime()))
    for _, connection in ipairs(ready) do
      if connection == job then
        return
      end
      self:take(connection)
    end
    if socket.gettime() >= self.next then
      self:ask()
    end
  end
end

-- The time, in milliseconds, that this share of the pages took at most.
function Probe:quantile(share)
  table.sort(self.times)
  return self.times[math.max(1, math.ceil(#self.times * share))] * 1000
end

return M
