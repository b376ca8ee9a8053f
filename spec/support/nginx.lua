-- Starts an nginx of a spec's own, whose worker runs Lua that the spec sends it, with the module as built for
-- nginx.
--
--   local worker = require("spec.support.nginx").start { locations = { ["= /trivial"] = "return 200 ok;" } }
--   worker:run("content", [[return require "purchases" ~= nil, ...]], "a")     what it returns
--   local call = worker:begin("timer", code, ...)   call:finish()   call:abort()   several at once
--   worker:get("/trivial")                          status, body; or worker:open, which gives such a call
--   worker:result("name")                           what code in the background left under that name
--   worker:reload()  worker:quit()  worker:stop()  worker:pid()  worker:resident()  worker:log()  worker:trouble()
--
-- Where code runs: see spec/support/worker.lua. Options: `workers` (how many), `locations` (name to what is in it),
-- `main` and `http` (lines of the configuration), `env` (its environment's), `ignore` (patterns of what may be in the
-- error log).
local cjson = require "cjson"
local common = require "spec.support.common"
local socket = require "socket"

-- Behind whatever is installed, so that the specs also run without any set-up.
package.path = package.path .. ";./lua/?.lua;./lua/?/init.lua"

local programs = require "purchases.sandbox.nginx"
local search_path = require "purchases.sandbox.search_path"
local shell = require "purchases.sandbox.shell"

local ANSWER_TIMEOUT = 60

local M = {}

local CONFIGURATION = [[
daemon off;
worker_processes {{workers}};
worker_shutdown_timeout 30s;
pid nginx.pid;
error_log error.log notice;
{{modules}}
{{main}}

events {
  worker_connections 4096;
}

http {
  access_log off;
  client_body_temp_path client_body;
{{temporary}}
  client_max_body_size 8m;
  client_body_buffer_size 8m;
  client_body_in_single_buffer on;
  lua_check_client_abort on;
  lua_package_path "{{path}};;";
  lua_package_cpath "{{cpath}};;";
  lua_shared_dict results 8m;
{{http}}

  server {
    listen 127.0.0.1:{{port}} backlog=4096;
    location = /content { content_by_lua_block { require("spec.support.worker").content() } }
    location = /timer { content_by_lua_block { require("spec.support.worker").timer() } }
    location = /background { content_by_lua_block { require("spec.support.worker").background() } }
    location = /access { access_by_lua_block { require("spec.support.worker").content() } }
    location = /rewrite { rewrite_by_lua_block { require("spec.support.worker").content() } }
    location = /log {
      content_by_lua_block { require("spec.support.worker").keep() }
      log_by_lua_block { require("spec.support.worker").later() }
    }
    location = /header_filter {
      content_by_lua_block { require("spec.support.worker").keep() }
      header_filter_by_lua_block { require("spec.support.worker").later() }
    }
{{locations}}
  }
}
]]

local function fill(template, values)
  return (template:gsub("{{([%w_]+)}}", function(name)
    return assert(values[name], name)
  end))
end

local function free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local port = select(2, server:getsockname())
  server:close()
  return math.floor(tonumber(port))
end

local function lines_of(list, format)
  local lines = {}
  for i, value in ipairs(list) do
    lines[i] = format:gsub("%%s", (value:gsub("%%", "%%%%")))
  end
  return table.concat(lines, "\n")
end

local function temporary_folders(program)
  local names = {}
  for _, name in ipairs { "proxy", "fastcgi", "uwsgi", "scgi" } do
    names[#names + 1] = program.has["http_" .. name] and name or nil
  end
  return lines_of(names, "  %s_temp_path %s;")
end

-- The worker reads what belongs to whoever runs the spec.
local function user()
  local _, id = shell.run "id -u"
  local _, group = shell.run "id -gn"
  return id == "0" and ("user root %s;\n"):format(group) or ""
end

local function locations_of(given)
  local lines = {}
  for name, text in pairs(given or {}) do
    lines[#lines + 1] = ("    location %s { %s }"):format(name, text)
  end
  return table.concat(lines, "\n")
end

local function configuration(program, port, given)
  local _, here = shell.run "pwd"
  return fill(CONFIGURATION, {
    port = port,
    modules = lines_of(program.modules, 'load_module "%s";'),
    temporary = temporary_folders(program),
    path = search_path.sources(here),
    cpath = search_path.libraries(here),
    main = user() .. (given.main or ""),
    workers = given.workers or 1,
    http = given.http or "",
    locations = locations_of(given.locations),
  })
end

local function write_file(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

local function contents(name)
  local file = io.open(name, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

-- The shell waits for a line or for the end of its input, so nginx ends with us, however we end.
local GUARD = [[
cd %s
%s %s -p . -c nginx.conf -e error.log 2>stderr.log &
nginx=$!
trap 'exit 1' INT TERM
trap 'kill "$nginx" 2>/dev/null; wait "$nginx"; cd /; rm -rf -- %s' EXIT
read -r _
]]

local function environment(given)
  local words = {}
  for name, value in pairs(given or {}) do
    words[#words + 1] = name .. "=" .. shell.quote(value)
  end
  return table.concat(words, " ")
end

M.wait_until = common.wait_until

--- Waits until a process has ended; false when it takes too long.
function M.has_ended(pid, seconds)
  return M.wait_until(function()
    return not shell.run(("kill -0 %d"):format(pid))
  end, seconds) or false
end

local Worker = {}
Worker.__index = Worker

local function wait_until_ready(self)
  local ready = M.wait_until(function()
    local connection = socket.connect("127.0.0.1", self.port)
    return connection and connection:close()
  end)
  if ready then
    return self
  end
  local log = self:log()
  self:stop()
  error("nginx did not start:\n" .. log)
end

--- Starts one.
function M.start(given)
  given = given or {}
  local program = assert(programs.find(false))
  local _, directory = shell.run 'mktemp -d "${TMPDIR:-/tmp}/purchases-nginx.XXXXXX"'
  local self = setmetatable({ directory = directory, port = free_port(), given = given }, Worker)
  write_file(directory .. "/nginx.conf", configuration(program, self.port, given))
  local quoted = shell.quote(directory)
  self.pipe = assert(io.popen(GUARD:format(quoted, environment(given.env), program.file, quoted), "w"))
  return wait_until_ready(self)
end

--- Ends it at once.
function Worker:stop()
  if self.pipe then
    self.pipe:write "quit\n"
    self.pipe:close()
    self.pipe = nil
  end
end

--- What nginx wrote to its error log.
function Worker:log()
  return contents(self.directory .. "/error.log") .. contents(self.directory .. "/stderr.log")
end

local function is_expected(line, patterns)
  for _, pattern in ipairs(patterns or {}) do
    if line:find(pattern) then
      return true
    end
  end
  return false
end

--- The first line of the log that tells of trouble.
function Worker:trouble()
  for line in self:log():gmatch "[^\n]+" do
    local level = line:match "%[(%l+)%]"
    local harmless = level == "notice" or level == "info" or level == "warn" or not level
    if not harmless and not is_expected(line, self.given.ignore) then
      return line
    end
  end
end

--- The process number of the master.
function Worker:master()
  return math.floor(tonumber((contents(self.directory .. "/nginx.pid"):match "%d+")))
end

--- The process number of the worker that answers.
function Worker:pid()
  return math.floor(self:run("content", "return ngx.worker.pid()"))
end

--- The KiB of memory that the worker has from the system.
function Worker:resident()
  local status = contents(("/proc/%d/status"):format(self:pid()))
  return tonumber(status:match "VmRSS:%s*(%d+)")
end

local function signal(self, name)
  local ok, output = shell.run(("kill -%s %d"):format(name, self:master()))
  assert(ok, output)
end

--- A new worker takes over; the old one ends what it has begun.
function Worker:reload()
  signal(self, "HUP")
end

--- Ends it when what was begun has ended.
function Worker:quit()
  signal(self, "QUIT")
end

local Call = {}
Call.__index = Call

local REQUEST = "%s %s HTTP/1.0\r\nHost: spec\r\nContent-Length: %d\r\n\r\n%s"

local function open(self, method, path, body)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(ANSWER_TIMEOUT)
  assert(connection:send(REQUEST:format(method, path, #body, body)))
  return setmetatable({ connection = connection }, Call)
end

--- Begins to run code; the further values are its arguments.
function Worker:begin(where, code, ...)
  local job = { code = code, arguments = { ... }, n = select("#", ...) }
  return open(self, "POST", "/" .. where, cjson.encode(job))
end

--- The answer as it is: status and body.
function Call:answer()
  local text = assert(self.connection:receive "*a")
  self.connection:close()
  local status, body = text:match "^HTTP/%d%.%d (%d+).-\r\n\r\n(.*)$"
  return tonumber(status), body
end

local function decode(body)
  local result = cjson.decode(body)
  if result.raised then
    error(result.raised, 3)
  end
  local values = result.values
  for i = 1, result.n do
    if values[i] == cjson.null then
      values[i] = nil
    end
  end
  return (table.unpack or unpack)(values, 1, math.floor(result.n)) -- luacheck: ignore unpack
end

--- What the code returned; raises what it raised.
function Call:finish()
  local status, body = self:answer()
  assert(status == 200, body)
  return decode(body)
end

--- Goes away without waiting for the answer.
function Call:abort()
  self.connection:close()
end

--- Begins a request.
function Worker:open(path)
  return open(self, "GET", path, "")
end

--- Runs code and waits for what it returns.
function Worker:run(where, code, ...)
  return self:begin(where, code, ...):finish()
end

--- One request.
function Worker:get(path)
  return self:open(path):answer()
end

--- What code that nobody waits for has returned, once it did.
function Worker:result(name, seconds)
  local body = M.wait_until(function()
    return (self:run("content", "return ngx.shared.results:get((...))", name))
  end, seconds)
  assert(body, "nothing came of " .. name)
  return decode(body)
end

return M
