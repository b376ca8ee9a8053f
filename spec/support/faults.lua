-- Starts and stops the fault server (spec/faults/server.py) and asks it what arrived.
--
--   setup(faults.start) teardown(faults.stop) before_each(faults.reset)
--   faults.url("trickle/interval=0.05")          http://127.0.0.1:PORT/trickle/interval=0.05
--   faults.url("close-on-reuse", "tls")          https on one of its TLS ports; faults.ca_file() goes with it
--   faults.url(nil, "never_accepts")             a port that is wrong before a request is read
--   faults.count("close-on-reuse").requests      how many were read whole
local cjson = require "cjson"
local http = require "socket.http"
local socket = require "socket"

local M = {}

local SERVER = debug.getinfo(1, "S").source:match("^@(.*)support/faults%.lua$") .. "faults/server.py"
local START_TIMEOUT = 60

local running

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read_line(path)
  local file = io.open(path)
  local text = file and file:read("*a")
  if file then file:close() end
  return text and text:match("^(.-)\n")
end

local function wait_for_line(path)
  local deadline = socket.gettime() + START_TIMEOUT
  repeat
    local line = read_line(path)
    if line then return line end
    socket.sleep(0.01)
  until socket.gettime() > deadline
end

-- The pipe is the server's standard input: it ends with us, however we end.
local function spawn(output)
  local command = "exec /usr/bin/python3 " .. quote(SERVER) .. " --with-parent > " .. quote(output)
  return assert(io.popen(command, "w"))
end

local function quit(pipe)
  pipe:write("quit\n")
  pipe:close()
end

function M.start()
  if running then return end
  local output = os.tmpname()
  local pipe = spawn(output)
  local line = wait_for_line(output)
  os.remove(output)
  if not line then
    quit(pipe)
    error("the fault server did not start")
  end
  running = cjson.decode(line)
  running.pipe = pipe
end

-- "quit" beside the closed pipe: another child of ours may still hold the pipe open.
function M.stop()
  if not running then return end
  quit(running.pipe)
  running = nil
end

local function state()
  return assert(running, "the fault server is not running: call faults.start first")
end

-- Lua 5.4 reads JSON's whole numbers as floats, and LuaSocket wants no "80.0".
function M.port(listener)
  listener = listener or "http"
  return math.floor(assert(state().ports[listener], "no such listener: " .. listener))
end

function M.ca_file()
  return state().ca_file
end

function M.pid()
  return math.floor(state().pid)
end

local function scheme(listener)
  return (listener or ""):find("^tls") and "https" or "http"
end

function M.url(scenario, listener)
  local root = ("%s://127.0.0.1:%d"):format(scheme(listener), M.port(listener))
  return scenario and root .. "/" .. scenario:gsub("^/", "") or root
end

local function ask(path)
  http.TIMEOUT = 60
  local body, status = http.request(M.url(path))
  assert(status == 200, "the fault server answers " .. tostring(status))
  return cjson.decode(body)
end

local function escape(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- Of all paths below the scenario, or of all; where = {listener =, digest =} narrows it down.
-- Gives {requests, partial, finished, bytes, connections, accepted, handshakes, authorized, same_body, digests,
-- headers, target}.
function M.count(scenario, where)
  local words = { "path=" .. escape("/" .. (scenario or ""):gsub("^/", "")) }
  for name, value in pairs(where or {}) do
    words[#words + 1] = name .. "=" .. escape(value)
  end
  return ask("_count?" .. table.concat(words, "&"))
end

function M.reset()
  ask("_reset")
end

-- What a lying server carried out, see spec/faults/book.py: {entries = {{key =, id =}, ...}, lost, requests}.
function M.book(run)
  return ask("_book?run=" .. escape(run))
end

function M.scenarios()
  return ask("_scenarios")
end

return M
