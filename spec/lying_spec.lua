-- Servers that lie by chance, over http and TLS, under a book of what they carried out: what a job reports is what the
-- book says. In each run at least 20 requests are carried out and not answered.
local faults = require "spec.support.faults"
local lying = require "spec.support.lying"
local nginx = require "spec.support.nginx"
local seeds = require "spec.support.seeds"

local LISTENERS = { "http", "tls_1_2", "tls_1_3" }
local LOST = 20
local IN_NGINX = "return require('spec.support.lying').run((...))"

local chosen = seeds.of("lying", 1)

-- Each seed over all of them, or over one of them.
local function listeners_of(seed)
  return seeds.all and LISTENERS or { LISTENERS[seed % #LISTENERS + 1] }
end

local function where(api, seed, listener, host)
  return {
    run = ("%s-%d-%s-%s"):format(api, seed, listener, host),
    api = api,
    seed = seed,
    lost = LOST,
    url = faults.url(nil, listener),
    control = faults.url(),
    ca_file = faults.ca_file(),
    proxy = seed % 5 == 0 and ("http://127.0.0.1:%d"):format(faults.port "proxy") or nil,
  }
end

describe("under a server that lies,", function()
  setup(faults.start)
  teardown(faults.stop)

  for _, api in ipairs { "ravenwits", "woowup", "curebit" } do
    it("the report of a job of " .. api .. " agrees with the book", function()
      for _, seed in ipairs(chosen) do
        for _, listener in ipairs(listeners_of(seed)) do
          lying.run(where(api, seed, listener, "plain"))
        end
      end
    end)

    -- Where other symbols are loaded: nginx has a TLS library of its own in it.
    it("the report of a job of " .. api .. " in nginx agrees with the book", function()
      local worker = nginx.start { main = "env PATH;" }
      for _, seed in ipairs(chosen) do
        worker:run("content", IN_NGINX, where(api, seed, LISTENERS[seed % 2 + 2], "nginx"))
      end
      assert.is_nil(worker:trouble())
      worker:stop()
    end)
  end
end)
