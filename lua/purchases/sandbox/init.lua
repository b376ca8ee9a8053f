--- The sandbox: a double of the purchase APIs on this machine, made of nginx and Lua.
--
-- This module only gets it ready. Whoever called it runs the command that it returns, and removes the
-- folder when nginx has stopped:
--
--     local ready = assert(require("purchases.sandbox").prepare { port = 8080 })
--     os.execute(ready.command)      -- in the foreground, until a signal ends it
--     os.execute("rm -r " .. ready.directory)
--
-- @module purchases.sandbox

local certificate = require "purchases.sandbox.certificate"
local conf = require "purchases.sandbox.conf"
local nginx = require "purchases.sandbox.nginx"
local search_path = require "purchases.sandbox.search_path"
local settings = require "purchases.sandbox.settings"
local shell = require "purchases.sandbox.shell"

local M = {}

local OPTIONS = { port = true, tls = true, tls_port = true, directory = true, settings = true }

-- Ports

local function is_port(value)
  return type(value) == "number" and value % 1 == 0 and value >= 0 and value <= 65535
end

-- Bound all at once, so that they differ, and let go for nginx to take.
local function free_ports(n)
  local ok, socket = pcall(require, "socket")
  if not ok then
    return nil, "port 0 needs lua-socket; name a port"
  end
  local servers, ports = {}, {}
  for i = 1, n do
    servers[i] = assert(socket.bind("127.0.0.1", 0))
    ports[i] = tonumber((select(2, servers[i]:getsockname())))
  end
  for _, server in ipairs(servers) do
    server:close()
  end
  return ports
end

local function choose_ports(options)
  local port = options.port or 8080
  local tls_port = options.tls_port or (port == 0 and 0 or port + 1)
  if not is_port(port) or options.tls and not is_port(tls_port) then
    return nil, "a port is a whole number from 0 to 65535"
  elseif port ~= 0 and port == tls_port then
    return nil, "HTTP and HTTPS need a port each"
  end
  local free, err = {}, nil
  if port == 0 or options.tls and tls_port == 0 then
    free, err = free_ports(2)
  end
  if not free then
    return nil, err
  end
  -- Whole, since 8080.0 is a number, but no port in a URL.
  return { math.floor(port ~= 0 and port or free[1]), math.floor(tls_port ~= 0 and tls_port or free[2] or 0) }
end

-- The folder and what lies in it

local function make_directory(wanted)
  local command = 'mktemp -d "${TMPDIR:-/tmp}/purchases-sandbox.XXXXXX"'
  if wanted then
    local quoted = shell.quote(wanted)
    command = ("mkdir -p -- %s && chmod 700 -- %s && cd -- %s && pwd"):format(quoted, quoted, quoted)
  end
  local ok, output = shell.run(command)
  if not ok then
    return nil, "no folder for the sandbox: " .. output
  end
  return output
end

local function fill_directory(directory, options)
  if options.tls then
    local ok, err = certificate.make(directory)
    if not ok then
      return nil, err
    end
  end
  local file, err = io.open(directory .. "/nginx.conf", "w")
  if not file then
    return nil, err
  end
  file:write(conf.text(options))
  return file:close()
end

-- What the options come to on this machine: what `conf.text` takes.
local function collect(options)
  local given = options.settings or {}
  local ok, err = settings.check(given)
  if not ok then
    return nil, err
  end
  local ports, program
  ports, err = choose_ports(options)
  if ports then
    program, err = nginx.find(options.tls)
  end
  if not program then
    return nil, err
  end
  local _, here = shell.run "pwd"
  local _, id = shell.run "id -u"
  local _, group = shell.run "id -gn"
  return {
    port = ports[1], tls_port = ports[2], tls = options.tls, settings = given, nginx = program,
    -- nginx as root would otherwise run its worker as a user who cannot look into the private folder.
    user = id == "0" and "root " .. group or nil,
    path = search_path.sources(here), cpath = search_path.libraries(here),
  }
end

--- Gets the sandbox ready to run.
-- @tparam ?table options
-- @tparam[opt=8080] ?number options.port for HTTP, on 127.0.0.1; 0 takes a free one
-- @tparam[opt=false] ?boolean options.tls also serve HTTPS, with HTTP/2
-- @tparam ?number options.tls_port for HTTPS; default: the port after `port`
-- @tparam ?string options.directory for its files, made if needed and closed to others; default: a fresh one
-- @tparam ?table options.settings what it starts with, see `purchases.sandbox.settings`
-- @treturn ?table `argv` (the program first) and `command` (the same for a shell), `url`, `tls_url`,
--   `ca_file` (the authority to trust for `tls_url`), `directory`
-- @treturn ?string what is wrong or missing, in one line
function M.prepare(options)
  options = options or {}
  for name in pairs(options) do
    if not OPTIONS[name] then
      error(("unknown option '%s'"):format(tostring(name)), 2)
    end
  end
  local plan, err = collect(options)
  if not plan then
    return nil, err
  elseif not search_path.finds_application(plan.path) then
    return nil, "nginx cannot be told where the sandbox's Lua files are; put them into a folder with a plain name"
  end
  local directory, ok
  directory, err = make_directory(options.directory)
  if not directory then
    return nil, err
  end
  ok, err = fill_directory(directory, plan)
  if not ok then
    if not options.directory then
      shell.run("rm -rf -- " .. shell.quote(directory))
    end
    return nil, err
  end
  local argv = { plan.nginx.file, "-p", directory, "-c", "nginx.conf", "-e", "stderr" }
  return {
    argv = argv,
    command = shell.command(argv),
    directory = directory,
    url = "http://127.0.0.1:" .. plan.port,
    tls_url = plan.tls and "https://127.0.0.1:" .. plan.tls_port or nil,
    ca_file = plan.tls and directory .. "/ca.pem" or nil,
  }
end

return M
