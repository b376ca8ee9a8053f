-- What a pool does after a while, and what no answer shows: in processes of their own, whose clock can be put
-- ahead, or whose options for libcurl are written down.
local common = require "spec.support.common"
local faults = require "spec.support.faults"
local shell = require "purchases.sandbox.shell"

local HERE = debug.getinfo(1, "S").source:match "^@(.-)[^/]*$"

-- What each of them begins with.
local BEGINNING = [[
  local core, common = require "purchases.core", require "spec.support.common"
  local pool = assert(core.http.new())
  local urls = { ... }
  local function request(url, ca_file)
    return { method = "GET", url = url, timeout = 1000, connect_timeout = 1000, proxy = "", ca_file = ca_file }
  end
  local function perform(...)
    local wanted = assert(pool:add(request(...)))
    while true do
      assert(pool:step())
      local id, response, err = pool:take()
      if id == wanted then
        return response and response.status or err.code
      end
      pool:poll(1)
    end
  end
  local function put_clock_ahead()
    assert(io.open(os.getenv "CLOCK_AHEAD", "w")):close()
  end
]]

-- Connections of ours to the server at a URL that it has closed and we have not.
local CLOSE_WAIT = [[
  local port = ("%04X"):format(tonumber(urls[1]:match ":(%d+)/"))
  local function left_open()
    local count = 0
    for line in io.lines "/proc/net/tcp" do
      local remote, state = line:match "^%s*%d+: %x+:%x+ %x+:(%x+) (%x+)"
      count = count + (remote == port and state == "08" and 1 or 0)
    end
    return count
  end
]]

describe("a pool", function()
  local directory

  setup(function()
    faults.start()
    directory = select(2, assert(shell.run "mktemp -d"))
    for _, name in ipairs { "clock", "options" } do
      local compile = "cc -D_GNU_SOURCE -shared -fPIC -o %s/%s.so %ssupport/%s.c -Wl,--no-as-needed -lcurl"
      assert(shell.run(compile:format(directory, name, HERE, name)))
    end
  end)
  teardown(function()
    shell.run("rm -rf " .. shell.quote(directory))
    faults.stop()
  end)
  before_each(faults.reset)

  -- What such a process writes, with that library.
  local function output_of(library, script, ...)
    local file = assert(io.open(directory .. "/script.lua", "w"))
    file:write(BEGINNING .. script)
    file:close()
    os.remove(directory .. "/ahead")
    local command = "https_proxy=https://127.0.0.1:1 CLOCK_AHEAD=%s/ahead "
      .. "LD_PRELOAD='%s %s/%s.so' %s %s/script.lua %s 2>&1"
    local lua = rawget(_G, "jit") and "luajit" or "lua5.4"
    return (select(2, assert(shell.run(command:format(directory, common.sanitizer(), directory, library, lua, directory,
      table.concat({ ... }, " "))))))
  end

  for _, call in ipairs { "pool:step()", "perform(urls[2])" } do
    it("keeps no connection that was closed long ago: " .. call, function()
      assert.equal("200 1 0", output_of("clock", CLOSE_WAIT .. [[
        local status = perform(urls[1])
        local before = common.wait_until(function()
          return left_open() == 1 and 1
        end)
        pool:step()
        assert(left_open() == 1)
        put_clock_ahead()
        ]] .. call .. [[
        io.write(status, " ", before, " ", left_open())
      ]], faults.url "close-when-idle/interval=0/health/", faults.url "good/health/"))
    end)
  end

  it("uses none that nothing was sent on for a minute, even while others are in flight", function()
    assert.equal("200 200", output_of("clock", [[
      pool:add(request(urls[2]))
      local before = perform(urls[1])
      put_clock_ahead()
      io.write(before, " ", perform(urls[1]))
    ]], faults.url "good/health/", faults.url "hang/health/"))
    assert.equal(2, faults.count("good").connections)
  end)

  it("has libcurl leave signals alone, and speak nothing but HTTP", function()
    local output = output_of("options", "io.stderr:write(perform(urls[1]))", faults.url "good/health/")
    assert.equal("NOSIGNAL 1\nPROTOCOLS http,https\nFORBID_REUSE 0\n200", output)
  end)

  it("keeps no connection through a proxy over TLS, under which it cannot see what is left to be read", function()
    local output = output_of("options", [[
      for _, proxy in ipairs { "http://127.0.0.1:1", "https://127.0.0.1:1", "environment" } do
        local made = request("http://127.0.0.1:1/")
        made.proxy = proxy ~= "environment" and proxy or nil
        pool:add(made)
        pool:close()
        pool = assert(core.http.new())
      end
    ]])
    local seen = {}
    for value in output:gmatch "FORBID_REUSE (%d)" do
      seen[#seen + 1] = value
    end
    assert.same({ "0", "1", "1" }, seen)
  end)

  it("sees that a bundle of certificates was replaced, within minutes, even while others are in flight", function()
    local bundle, right = directory .. "/bundle.pem", faults.ca_file()
    shell.run(("cp %s %s"):format(right:gsub("ca%.pem$", "tls_self_signed.pem"), bundle))
    assert.equal("certificate 200", output_of("clock", [[
      pool:add(request(urls[2]))
      local bundle, right = urls[3], urls[4]
      local before = perform(urls[1], bundle)
      assert(os.execute("cp " .. right .. " " .. bundle))
      put_clock_ahead()
      io.write(before, " ", perform(urls[1], bundle))
    ]], faults.url("good/health/", "tls"), faults.url "hang/health/", bundle, right))
  end)
end)
