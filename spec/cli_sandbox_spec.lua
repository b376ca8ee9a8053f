-- `purchases sandbox`: starts, explains itself, answers, and leaves nothing behind.
local cjson = require "cjson"
local command = require "spec.support.command"
local http = require "socket.http"
local socket = require "socket"

local LONG = 60 -- seconds that nothing here takes, even on a slow machine

describe("purchases sandbox", function()
  local directory, children

  before_each(function()
    directory = command.output_of "mktemp -d"
    children = {}
  end)

  -- Those that have ended and that nobody asked after do not count.
  local function processes_of(child)
    return command.output_of("ps -s " .. child.pid .. " -o stat=,pid=,args= | grep -v '^Z'")
  end

  local function files_left()
    return command.output_of("ls -A " .. command.quote(directory))
  end

  after_each(function()
    for _, child in ipairs(children) do
      assert.is_true(child.waited, "a sandbox was left running")
    end
    os.execute("rm -rf " .. command.quote(directory))
  end)

  local function start(arguments, options)
    options = options or {}
    options.env = options.env or {}
    options.env.TMPDIR = directory
    local child = command.start(command.concat({ "sandbox" }, arguments), options)
    children[#children + 1] = child
    return child
  end

  -- Its end, after which nothing is left.
  local function finish(child)
    child.waited = true
    local how = command.wait_until(function()
      return child:has_ended()
    end, LONG)
    local all_gone = command.wait_until(function()
      return processes_of(child) == ""
    end, LONG)
    local result = child:wait(0)
    assert.is_truthy(how, "it did not end")
    assert.is_true(all_gone, "processes are left")
    assert.equal("", files_left())
    assert.is_nil(result.stderr:find("traceback", 1, true))
    return result
  end

  -- A port that is free, and the one after it too.
  local function free_port()
    for _ = 1, 50 do
      local first = assert(socket.bind("127.0.0.1", 0))
      local port = tonumber((select(2, first:getsockname())))
      local second = port < 65535 and socket.bind("127.0.0.1", port + 1)
      first:close()
      if second then
        second:close()
        return port
      end
    end
    error "no two free ports in a row"
  end

  local function url_of(child)
    return assert(child:wait_for("stdout", "The sandbox answers at (%S+)%. In another", LONG), "it did not start")
  end

  local function wait_until_it_answers(url)
    assert(command.wait_until(function()
      return http.request(url .. "/health/")
    end, LONG), "it does not answer")
  end

  -- Runs the lines that it printed for another terminal, and maybe another.
  local function follow(child, another)
    local lines = child:read("stdout"):match "In another terminal:\n\n(.-)\n\n"
    return command.run({ "-ec", lines .. "\n" .. (another or "") }, { program = "sh" })
  end

  for _, name in ipairs { "TERM", "INT", "HUP" } do
    it("does what it prints, until SIG" .. name, function()
      local port = free_port()
      local child = start { "--port", tostring(port) }
      local url = url_of(child)
      assert.equal("http://127.0.0.1:" .. port, url)
      local result = follow(child)
      assert.same({ 0, '{"status":"healthy"}\n', "" }, { result.code, result.stdout, result.stderr })
      local audit = child:read("stdout"):match "What arrived: (%S+)%. Ctrl%-C stops it%.\n$"
      assert.equal(1, cjson.decode((http.request(audit))).counts.requests)
      assert.not_equal("", files_left())
      child:signal(name)
      result = finish(child)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.is_nil((http.request(url .. "/health/")))
    end)
  end

  it("prints what calls to WoowUp and Curebit need", function()
    local child = start { "--port", "0" }
    url_of(child)
    local result = follow(child, "purchases woowup iin 123456")
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.matches("Spar Nord", result.stdout, 1, true)
    result = follow(child, "purchases curebit set-rewards-status 7 approved")
    assert.equal(1, result.code)
    assert.matches("Couldn't find Purchase with order_number = 7", result.stderr, 1, true)
    child:signal "TERM"
    finish(child)
  end)

  it("stops on Ctrl-C, which all of its processes get", function()
    local child = start { "--port", "0" }
    wait_until_it_answers(url_of(child))
    os.execute("kill -INT -" .. child.pid)
    local result = finish(child)
    assert.same({ 0, "" }, { result.code, result.stderr })
  end)

  it("ends nginx and leaves nothing when it is killed", function()
    local child = start { "--port", "0" }
    local url = url_of(child)
    wait_until_it_answers(url)
    child:signal "KILL"
    assert.equal(9, finish(child).signal)
    assert.is_nil((http.request(url .. "/health/")))
  end)

  it("has WoowUp's rate limit, another one, or none", function()
    for limit, expected in pairs { [""] = 140, ["60"] = 60, none = 0 } do
      local child = start(limit == "" and { "--port", "0" } or { "--port", "0", "--rate-limit", limit })
      local url = url_of(child)
      wait_until_it_answers(url)
      assert.equal(expected, cjson.decode((http.request(url .. "/_sandbox/settings"))).rate_limit)
      child:signal "TERM"
      finish(child)
    end
  end)

  it("ends with nginx", function()
    local child = start { "--port", "0" }
    wait_until_it_answers(url_of(child))
    os.execute("pkill -KILL -s " .. child.pid .. " -x nginx")
    assert.not_equal(0, finish(child).code)
  end)

  it("--tls: the command trusts it with what is printed, and not without", function()
    local child = start { "--port", tostring(free_port()), "--tls" }
    local url = url_of(child)
    assert.matches("^https://127%.0%.0%.1:%d+$", url)
    local result = follow(child)
    assert.same({ 0, '{"status":"healthy"}\n', "" }, { result.code, result.stdout, result.stderr })
    result = command.run({ "ravenwits", "health" }, { env = { RAVENWITS_BASE_URL = url } })
    assert.equal(5, result.code)
    assert.matches("certificate", result.stderr, 1, true)
    assert.is_nil(result.stderr:find("attempts", 1, true)) -- that is not tried again
    child:signal "TERM"
    assert.equal(0, finish(child).code)
  end)

  it("says that a port is taken", function()
    local port = free_port() + 1
    local taken = assert(socket.bind("127.0.0.1", port))
    finally(function()
      taken:close()
    end)
    local why = ("purchases: cannot listen on port %d: Address already in use; choose another with --port\n")
      :format(port)
    local result = finish(start { "--port", tostring(port) })
    assert.same({ 1, "", why }, { result.code, result.stdout, result.stderr })
    result = finish(start { "--port", tostring(port - 1), "--tls" })
    assert.same({ 1, "", why }, { result.code, result.stdout, result.stderr })
  end)

  -- The command on a machine that lacks something: what looks for it finds nothing.
  local function without(search)
    return { LUA_INIT = ([[
      local shell = require "purchases.sandbox.shell"
      local run = shell.run
      shell.run = function(line)
        return run((line:gsub(%q, "false")))
      end]]):format((search:gsub("%-", "%%-"))) }
  end

  it("says what to install where there is no nginx", function()
    local env = without "command -v nginx || command -v openresty"
    local result = finish(start({}, { env = env }))
    assert.same({ 1, "", "purchases: the sandbox needs nginx: install nginx and libnginx-mod-http-lua (Debian), "
      .. "or OpenResty\n" }, { result.code, result.stdout, result.stderr })
  end)

  it("says what to install where there is no openssl", function()
    local result = finish(start({ "--port", "0", "--tls" }, { env = without "command -v openssl" }))
    assert.same({ 1, "", "purchases: TLS needs the openssl command: install openssl\n" },
      { result.code, result.stdout, result.stderr })
  end)

  it("does not start where nobody can be told of it", function()
    local result = finish(start({ "--port", "0" }, { stdout = "full" }))
    assert.same({ 1, "purchases: cannot write to standard output: No space left on device\n" },
      { result.code, result.stderr })
  end)

  it("leaves nothing when it is stopped while it gets ready", function()
    local tools = command.output_of "mktemp -d"
    finally(function()
      os.execute("rm -rf " .. command.quote(tools))
    end)
    local slow = ([[#!/bin/sh
: > %s/begun
while [ ! -e %s/told ]; do sleep 0.01; done
PATH=%s exec openssl "$@"
]]):format(tools, tools, os.getenv "PATH")
    command.write_file(tools .. "/openssl", slow)
    os.execute("chmod +x " .. tools .. "/openssl")
    local child = start({ "--port", "0", "--tls" }, { env = { PATH = tools .. ":" .. os.getenv "PATH" } })
    assert(command.wait_until(function()
      return command.contents(tools .. "/begun")
    end, LONG))
    assert.not_equal("", files_left())
    child:signal "TERM"
    command.write_file(tools .. "/told", "")
    assert.equal(1, finish(child).code)
  end)
end)
