-- Starts a sandbox of its own for a spec, on free ports, and talks to it by LuaSocket.
--
--   local sandbox = require("spec.support.sandbox").start { tls = true, workflow = "fails" }
--   sandbox.url, sandbox.tls_url, sandbox.ca_file
--   sandbox:call("GET", "/health/")              status, body text, headers; see below
--   sandbox:fault { path = "submit", status = 503 }
--   sandbox:settings { models = 100 }            also returns those in force
--   sandbox:audit()                              decoded; sandbox:audit(n) leaves out requests up to n
--   sandbox:counts()                             of the audit alone: quick, however much arrived
--   sandbox:purchases { invoice_number = "7" }   those accepted that have these fields; all without
--   sandbox:reset()  sandbox:clear_faults()  sandbox:log()  sandbox:stop()
--
-- There is no rate limit unless one is set. Everything but `tls`, `directory` and `nginx` is a setting of the sandbox;
-- `nginx` replaces lines of its configuration: { keepalive_requests = 5 }.
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"
local url = require "socket.url"

-- Behind whatever is installed, so that the specs also run without any set-up.
package.path = package.path .. ";./lua/?.lua;./lua/?/init.lua"

local prepare = require("purchases.sandbox").prepare
local shell = require "purchases.sandbox.shell"

local START_TIMEOUT = 15

local Sandbox = {}
Sandbox.__index = Sandbox

local M = { TOKEN = "sandbox-token", OTHER_TOKEN = "other-token" }

-- The shell waits for a line or for the end of its input, so nginx ends with us, however we end.
local GUARD = [[
%s 2>%s &
nginx=$!
trap 'exit 1' INT TERM
trap 'kill "$nginx" 2>/dev/null; wait "$nginx"; rm -rf -- %s' EXIT
read -r _
]]

local function spawn(ready, log)
  local directory = shell.quote(ready.directory)
  return assert(io.popen(GUARD:format(ready.command, shell.quote(log), directory), "w"))
end

local function contents(name)
  local file = io.open(name, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

local function wait_until_ready(self)
  local deadline = socket.gettime() + START_TIMEOUT
  repeat
    if self:call("GET", "/_sandbox/settings") == 200 then
      return self
    end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  local log = self:log()
  self:stop()
  error("the sandbox did not start:\n" .. log)
end

local function options_of(given)
  local options = { port = 0, settings = { rate_limit = 0 } }
  for name, value in pairs(given or {}) do
    if name == "tls" or name == "directory" then
      options[name] = value
    elseif name ~= "nginx" then
      options.settings[name] = value
    end
  end
  return options
end

local function change_configuration(directory, lines)
  local name = directory .. "/nginx.conf"
  local text = contents(name)
  for directive, value in pairs(lines) do
    local count
    text, count = text:gsub("\n(%s*" .. directive .. " )[^;\n]*;", "\n%1" .. value .. ";")
    assert(count == 1, directive)
  end
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

function M.start(given)
  local self = setmetatable(assert(prepare(options_of(given))), Sandbox)
  change_configuration(self.directory, given and given.nginx or {})
  self.log_file = self.directory .. "/error.log"
  self.pipe = spawn(self, self.log_file)
  return wait_until_ready(self)
end

function Sandbox:stop()
  if self.pipe then
    self.pipe:write("quit\n")
    self.pipe:close()
    self.pipe = nil
  end
end

--- What nginx wrote to its error log.
function Sandbox:log()
  return contents(self.log_file)
end

local function headers_of(options)
  local headers = {}
  for name, value in pairs(options.headers or {}) do
    headers[name] = value
  end
  if options.token then
    headers.authorization = "Bearer " .. options.token
  end
  headers["content-length"] = options.body and #options.body or nil
  return headers
end

--- One request: options `body` (text), `token` and `headers`.
-- Returns status, body text, headers; or nil and why there was no whole answer.
function Sandbox:call(method, path, options)
  options = options or {}
  local chunks = {}
  local ok, status, headers = http.request {
    url = self.url .. path,
    method = method,
    headers = headers_of(options),
    source = options.body and ltn12.source.string(options.body),
    sink = ltn12.sink.table(chunks),
    redirect = false,
  }
  if not ok then
    return nil, status
  end
  return status, table.concat(chunks), headers
end

-- Its own calls: what they refuse is a mistake in a spec.
local function control(self, method, path, value)
  local status, body = self:call(method, "/_sandbox/" .. path, { body = value and cjson.encode(value) })
  if not status or status >= 300 then
    error("sandbox " .. path .. ": " .. tostring(body), 3)
  end
  return cjson.decode(body)
end

function Sandbox:reset()
  return control(self, "POST", "reset")
end

function Sandbox:fault(order)
  return control(self, "POST", "faults", order).id
end

function Sandbox:faults()
  return control(self, "GET", "faults").faults
end

function Sandbox:clear_faults()
  return control(self, "DELETE", "faults")
end

function Sandbox:settings(values)
  return control(self, values and "POST" or "GET", "settings", values)
end

function Sandbox:counts()
  return control(self, "GET", "counts")
end

function Sandbox:purchases(fields)
  local query = {}
  for name, value in pairs(fields or {}) do
    query[#query + 1] = name .. "=" .. url.escape(value)
  end
  return control(self, "GET", "purchases?" .. table.concat(query, "&")).purchases
end

function Sandbox:audit(since)
  return control(self, "GET", "audit" .. (since and "?since=" .. since or ""))
end

--- Its requests, those with this in their path where one is given, as their statuses.
function Sandbox:statuses(path)
  local list = {}
  for _, request in ipairs(self:audit().requests) do
    if request.path:find(path or "", 1, true) then
      list[#list + 1] = math.floor(request.status)
    end
  end
  return list
end

return M
