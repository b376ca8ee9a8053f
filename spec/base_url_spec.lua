-- Where a client sends to: its options base_url and proxy.
local command = require "spec.support.command"
local common = require "spec.support.common"
local faults = require "spec.support.faults"
local purchases = require "purchases"

local merge = common.merge

local MINE = { user = "u", token = "secret-token" }

local function raised(opts)
  local ok, message = pcall(function()
    local made = purchases.ravenwits.new(opts)
    return made
  end)
  assert.is_false(ok)
  assert.matches("^[^:]*base_url_spec.lua:%d+: ", message)
  return (message:gsub("^.-:%d+: ", ""))
end

describe("a client's options", function()
  it("have a base_url of scheme, host and path", function()
    for _, url in ipairs {
      "https://api.example", "https://api.example:8443", "https://api.example/v1/", "HTTPS://API.example",
      "https://[::1]:8443/a", "http://127.0.0.1:1", "http://127.9.9.9", "http://localhost", "http://LOCALHOST:80/a",
      "http://[::1]",
    } do
      assert.truthy(purchases.ravenwits.new(merge(MINE, { base_url = url })))
    end
    for _, url in ipairs {
      "", "api.example", "ftp://api.example", "https://", "https:///a", "https://user:secret@api.example",
      "https://api.example?a=b", "https://api.example/#a", "https://api.example/a b", "https://api.example/\r\n",
      "https://api.example:0", "https://api.example:65536", "https://api.example:", "https://a:b", "https://[::1",
      "https://::1", "file:///etc/passwd",
    } do
      assert.equal("ravenwits.new: option 'base_url' must be http(s)://host[:port][/path]", raised { base_url = url })
    end
  end)

  it("let no credentials go in the open, unless told", function()
    local warning = "ravenwits.new: option '%s' would carry credentials in the open: "
      .. "use https, or set allow_insecure"
    for _, url in ipairs {
      "http://api.example", "HTTP://api.example", "http://10.0.0.1", "http://localhost.example", "http://128.0.0.1",
      "http://127.0.0.1.example", "http://[::2]", "http://0.0.0.0",
    } do
      assert.equal(warning:format "base_url", raised(merge(MINE, { base_url = url })))
      assert.truthy(purchases.ravenwits.new(merge(MINE, { base_url = url, allow_insecure = true })))
    end
    for _, proxy in ipairs { "http://proxy.example:3128", "proxy.example", "http://u:p@10.0.0.1:1/" } do
      assert.equal(warning:format "proxy", raised(merge(MINE, { base_url = "http://127.0.0.1:1", proxy = proxy })))
      assert.truthy(purchases.ravenwits.new(merge(MINE, { proxy = proxy })))
    end
    local through = { base_url = "http://127.0.0.1:1", proxy = "http://localhost:3128" }
    assert.truthy(purchases.ravenwits.new(merge(MINE, through)))
  end)
end)

-- In a process of its own, whose environment names a proxy.
describe("a proxy that the environment names", function()
  setup(faults.start)
  teardown(faults.stop)
  before_each(faults.reset)

  local PROGRAM = 'local opts = { base_url = arg[1], allow_insecure = arg[2] == "insecure" } '
    .. 'print(require("purchases").ravenwits.new(opts):health())'

  -- How many requests went through the proxy, and how many arrived.
  local function ask(insecure, env)
    local result = command.run({ "-e", PROGRAM:gsub("arg%[(%d)%]", function(i)
      return ("%q"):format(i == "1" and faults.url "good" or insecure and "insecure" or "")
    end) }, { program = command.lua, env = merge({ http_proxy = faults.url(nil, "proxy") }, env or {}) })
    assert.matches("^table: ", result.stdout, nil, result.stderr)
    return { faults.count("", { listener = "proxy" }).requests, faults.count("good").requests }
  end

  it("gets nothing that goes to this machine: whoever listens there would see the credentials", function()
    assert.same({ 0, 1 }, ask(false))
  end)

  it("is used where it may see them, but for the hosts that the environment excepts", function()
    assert.same({ 1, 1 }, ask(true))
    assert.same({ 1, 2 }, ask(true, { no_proxy = "127.0.0.1" }))
  end)
end)
