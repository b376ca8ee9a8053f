-- Where a client sends to: its options base_url and proxy.
local common = require "spec.support.common"
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
