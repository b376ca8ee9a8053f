-- Starts the example application by its own run.sh, on a free port, and talks to it.
--
--   local app = require("spec.support.openresty").start { base_url = sandbox.url, token = "..." }
--   app:call("POST", "/series?retailer_id=1", { body =, accept = "text/html", type = })   status, body, headers
--   app:json(...)        status, decoded body
--   app:job(id)          waits until the job has come to its end, and returns it; app:job(id, "pending") until it
--                        is in that state
--   app:signal "HUP"     to nginx;  app:log()  app:trouble(expected)  app:interrupt()  app:stop()
local cjson = require "cjson"
local command = require "spec.support.command"
local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

local PATIENCE = 30 -- seconds

local M = {}

local App = {}
App.__index = App

--- A port that nobody listens on.
function M.free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return math.floor(tonumber(port))
end

function M.start(options)
  options = options or {}
  local directory = command.output_of 'mktemp -d "${TMPDIR:-/tmp}/purchases-app.XXXXXX"'
  local port, sandbox_port = M.free_port(), M.free_port()
  local self = setmetatable({
    directory = directory,
    url = "http://127.0.0.1:" .. port,
    sandbox_url = "http://127.0.0.1:" .. sandbox_port,
  }, App)
  self.child = command.start({}, {
    program = command.root .. "/examples/openresty/run.sh",
    env = { PORT = port, SANDBOX_PORT = sandbox_port, TMPDIR = directory, RAVENWITS_USER = "trebolenergia",
      RAVENWITS_BASE_URL = options.base_url, RAVENWITS_TOKEN = options.token },
  })
  if not self.child:wait_for("stdout", "Ctrl%-C stops it", PATIENCE) then
    local log = self:log()
    self:stop()
    error("the application did not start:\n" .. log)
  end
  return self
end

--- What nginx wrote to its log.
function App:log()
  return self.child:read "stderr"
end

--- The first line of the log that tells of trouble, other than what is expected.
function App:trouble(expected)
  for line in self:log():gmatch "[^\n]+" do
    local level = line:match "%[(%l+)%]"
    local harmless = not level or level == "notice" or level == "info" or level == "warn"
    if not harmless and not (expected and line:find(expected)) then
      return line
    end
  end
end

--- As Ctrl-C in its terminal; returns what became of it.
function App:interrupt()
  self.child:signal "INT"
  local result = self.child:wait()
  self.child = nil
  return result
end

function App:stop()
  if self.child then
    self:interrupt()
  end
  os.execute("rm -rf -- " .. command.quote(self.directory))
end

--- A signal for nginx's master.
function App:signal(name)
  local pid = command.output_of(("cat %s/purchases-openresty.*/nginx.pid"):format(command.quote(self.directory)))
  assert(os.execute(("kill -%s %s"):format(name, pid)))
end

function App:call(method, path, options)
  options = options or {}
  local chunks = {}
  http.TIMEOUT = PATIENCE
  local ok, status, headers = http.request {
    url = self.url .. path,
    method = method,
    headers = { Accept = options.accept, ["Content-Type"] = options.type,
      ["Content-Length"] = options.body and #options.body },
    source = options.body and ltn12.source.string(options.body),
    sink = ltn12.sink.table(chunks),
    redirect = false,
  }
  assert(ok, status)
  return status, table.concat(chunks), headers
end

function App:json(...)
  local status, body = self:call(...)
  return status, cjson.decode(body)
end

--- Waits until a job is in a state; without one, until it has come to its end.
function App:job(id, state)
  local job
  local reached = command.wait_until(function()
    local _, now = self:json("GET", "/jobs/" .. id)
    job = now
    return state and job.state == state or not state and job.final
  end, PATIENCE)
  assert(reached, "the job is still " .. tostring(job.state))
  return job
end

return M
