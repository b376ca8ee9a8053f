-- Four workers of an nginx that share one account: with `rate_store` they keep its rate, and a pause that the server
-- asks for, together. All that is tested is inside nginx, so only one of the Luas runs it.
--
-- PURCHASES_RATE_SECONDS=60: for so long, and with the limit that the API documents.
if not rawget(_G, "jit") then
  return
end

local nginx = require "spec.support.nginx"
local socket = require "socket"
local support = require "spec.support.sandbox"

local SECONDS = tonumber(os.getenv "PURCHASES_RATE_SECONDS" or 4)
local LIMIT, RATE = 600, 540 -- requests a minute: the sandbox's, and a client's
if SECONDS >= 60 then
  LIMIT, RATE = 140, 120
end
local WORKERS = 4

describe("workers of one account", function()
  local sandbox, server

  setup(function()
    sandbox = support.start { rate_limit = LIMIT }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    server = nginx.start {
      workers = WORKERS,
      http = [[
        lua_shared_dict rates 1m;
        init_worker_by_lua_block { require("spec.support.rate_load").begin() }
      ]],
    }
  end)
  after_each(function()
    server:stop()
  end)

  local KEY = "sandbox-woowup-key"

  -- The sandbox lets many requests through at first, which hides much. Returns the number of the last one.
  local function drain()
    for _ = 1, 2 * LIMIT do
      local status = sandbox:call("GET", "/apiv3/purchases?invoice_number=none",
        { headers = { authorization = "Basic " .. KEY } })
      if status == 429 then
        break
      end
    end
    socket.sleep(300 / LIMIT) -- until it lets five through again
    local requests = sandbox:audit().requests
    assert.equal(429, requests[#requests].status)
    return #requests
  end

  -- What came of an order, in all workers, how many requests the sandbox got, and how many of them it refused.
  local function load(order)
    local before = drain()
    order.options.api_key, order.options.base_url = KEY, sandbox.url .. "/apiv3"
    server:run("content", "ngx.shared.results:set('load', (...))", require("cjson").encode(order))
    local all = { accepted = 0, failed = {} }
    for id = 0, WORKERS - 1 do
      local result = server:result(("worker %d"):format(id), SECONDS + 60)
      assert.is_table(result, result)
      all.accepted = all.accepted + result.accepted
      for what, count in pairs(result.failed) do
        all.failed[what] = (all.failed[what] or 0) + count
      end
    end
    local sent, refused = 0, 0
    for _, request in ipairs(sandbox:audit(before).requests) do
      sent, refused = sent + 1, refused + (request.status == 429 and 1 or 0)
    end
    assert.is_nil(server:trouble())
    return all, sent, refused
  end

  local POSSIBLE = SECONDS * RATE / 60

  -- Half of the turns are asked for by single calls; the jobs take what is left.
  it("keep its rate together, jobs and single calls, and nothing fails", function()
    local all, sent, refused = load {
      options = { rate = RATE }, shared = true, seconds = SECONDS, every = WORKERS * 120 / RATE, job = true,
    }
    assert.same({ {}, all.accepted, 0 }, { all.failed, sent, refused })
    assert.is_true(sent > 0.7 * POSSIBLE and sent <= POSSIBLE + 2 * WORKERS + 1, sent)
  end)

  it("send no more than it allows, and say what waited for its turn in vain", function()
    local all, sent, refused = load {
      options = { rate = RATE, timeout = SECONDS / 4 }, shared = true, seconds = SECONDS, every = 60 / RATE,
    }
    assert.same({ all.accepted, 0 }, { sent, refused })
    assert.is_true(sent > 0.7 * POSSIBLE and sent <= 1.25 * POSSIBLE + 2 * WORKERS + 1, sent)
    local surplus = 0
    for what, count in pairs(all.failed) do
      assert.equal(("timeout, sent no: the call waited for its turn, which comes too late for it: "
        .. "%d requests a minute may start"):format(RATE), what)
      surplus = surplus + count
    end
    assert.is_true(surplus > POSSIBLE, surplus)
  end)

  it("wait together when the server wants a pause, of which it was one that heard", function()
    if SECONDS >= 60 then -- so long a storm is more than a client's budget of retries
      return
    end
    local all, sent, refused = load {
      options = { rate = 1e6, retry = { attempts = 100, base = 0.001 } },
      shared = true, seconds = SECONDS, every = 1, job = true,
    }
    assert.same({}, all.failed)
    assert.equal(all.accepted, sent - refused)
    -- Who refuses says "in 1 second", and until then nobody asks: those who were under way are refused with the first.
    assert.is_true(refused <= (SECONDS + 2) * 9 * WORKERS, refused)
  end)

  it("are told of the option where they do not have it", function()
    local all = load { options = { rate = RATE, retry = { attempts = 1 } }, seconds = 1, every = 0.02 }
    local told = 0
    for what in pairs(all.failed) do
      told = told + (what:find("(each worker of this server counts for itself: see the option rate_store)", 1, true)
        and 1 or 0)
    end
    assert.is_true(told > 0)
  end)
end)

describe("the option rate_store", function()
  it("is a shared dict", function()
    for _, value in ipairs { {}, { get = 1 }, { get = print, set = print } } do
      assert.has_error(function()
        require("purchases").woowup.new { api_key = "k", rate_store = value }
      end, "woowup.new: option 'rate_store' must be a shared dict of nginx: ngx.shared.NAME, with "
        .. "`lua_shared_dict NAME 1m;` in nginx.conf")
    end
  end)

  it("shows no credential, and keeps accounts apart", function()
    local server = nginx.start { http = "lua_shared_dict rates 1m;" }
    finally(function()
      server:stop()
    end)
    local keys = server:run("content", [[
      local purchases, store = require "purchases", ngx.shared.rates
      for _, key in ipairs { "secret-key", "another-secret" } do
        local turns = purchases.woowup.new { api_key = key, rate_store = store }.sender.turns
        local now = purchases.monotonic()
        assert(turns:claim(now, now + 60) == now)
        turns:hold(now + 60)
      end
      return table.concat(store:get_keys(), " ")
    ]])
    assert.is_nil(keys:find("secret", 1, true))
    assert.equal(2, select(2, keys:gsub(":held", "")))
  end)
end)
