-- A client's own business, whatever the provider: options, credentials, deadlines, retries, logins.
local common = require "spec.support.common"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local load = require "spec.support.load"
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

local ID = "00000000-0000-4000-8000-000000000000"
local RETAILER = { retailer_id = "123" }
local FAST = { attempts = 3, base = 0.001 }
local OUTPUTS = { status = "completed", outputs = { result = "ok" } }

local function raised(opts)
  local ok, message = pcall(function()
    local made = purchases.ravenwits.new(opts)
    return made
  end)
  assert.is_false(ok)
  assert.matches("^[^:]*client_spec.lua:%d+: ", message)
  return (message:gsub("^.-:%d+: ", ""))
end

local function failure(value, err)
  assert.is_nil(value)
  assert.is_true(errors.is(err))
  return err
end

describe("a client's options", function()
  local MINE = { user = "u", token = "secret-token" }

  it("that are unknown or of the wrong type raise at the caller's line", function()
    assert.matches("^ravenwits.new: unknown option 'tokn' %(there are: allow_insecure, base_url, ",
      raised { tokn = "secret" })
    assert.equal("ravenwits.new: options must be a table, not string", raised "secret")
    for name, value in pairs { user = 1, token = 1, email = 1, password = {}, base_url = 1, timeout = "60",
      connect_timeout = true, retry = 3, concurrency = "8", rate = "1", ca_file = 1, proxy = 1, user_agent = 1,
      allow_insecure = "yes", wait = {},
      transport = "curl" } do
      assert.matches("^ravenwits.new: option '" .. name .. "' must be a %l+, not %l+$", raised { [name] = value })
    end
  end)

  it("have values that make sense", function()
    for name, values in pairs {
      timeout = { 0, -1, math.huge, 0 / 0 }, connect_timeout = { 0, -1, math.huge }, rate = { 0, -1, math.huge },
      concurrency = { 0, -1, 1.5, math.huge }, ca_file = { "a\0b" }, proxy = { "a\r\n" }, user_agent = { "a\nX: b" },
    } do
      for _, value in ipairs(values) do
        assert.matches("^ravenwits.new: option '" .. name .. "' must ", raised { [name] = value })
      end
    end
    assert.matches("^retry: option 'attempts' must ", raised { retry = { attempts = 0 } })
    assert.matches("^retry: unknown option 'tries'", raised { retry = { tries = 1 } })
  end)

  it("are the caller's own, and left as they were", function()
    local opts = merge(MINE, { base_url = "HTTP://127.0.0.1:1/", retry = { attempts = 1 } })
    local copy = merge(opts)
    local client = purchases.ravenwits.new(opts)
    assert.same(copy, opts)
    opts.base_url = "https://elsewhere.example"
    assert.matches(" at http://127.0.0.1:1$", tostring(client))
  end)

  it("name the API where no other base_url is given", function()
    assert.equal("purchases.client: ravenwits at https://api.ravenwits.com", tostring(purchases.ravenwits.new(MINE)))
  end)

  it("hold credentials that can stand in a header", function()
    for _, bad in ipairs { "", "a b", "a\r\nX: b", "a\0b", "a\tb", " a", "a\127" } do
      for _, name in ipairs { "token", "password" } do
        local message = raised { [name] = bad }
        assert.equal("ravenwits.new: a credential is empty or holds a space or a control character", message)
      end
    end
  end)
end)

describe("a client", function()
  local sandbox

  setup(function()
    faults.start()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
    faults.stop()
  end)
  before_each(function()
    faults.reset()
    sandbox:reset()
  end)

  local function client(fields)
    local opts = { user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url, retry = FAST }
    return purchases.ravenwits.new(merge(opts, fields or {}))
  end

  local PASSWORD = { email = "demo@example.com", password = "sandbox-password" }

  -- One that signs in by itself.
  local function signing_in(fields)
    local opts = { user = "trebolenergia", base_url = sandbox.url, retry = FAST }
    return purchases.ravenwits.new(merge(opts, PASSWORD, fields or {}))
  end

  local function broken(scenario, fields)
    return client(merge({ base_url = faults.url(scenario) }, fields or {}))
  end

  local function submit(c)
    return c:submit(load.series(2), RETAILER)
  end

  describe("sends", function()
    it("who it is, what it takes and what it brings", function()
      assert(broken("good", { user_agent = "demo/1" }):get(ID))
      local headers = faults.count("good").headers
      assert.same({ "Bearer sandbox-token", "demo/1", "application/json" },
        { headers.authorization, headers["user-agent"], headers.accept })
      assert.is_nil(headers["content-type"])
      assert(submit(broken "good"))
      headers = faults.count("good").headers
      assert.equal("application/json", headers["content-type"])
      assert.matches("^purchases/%d", headers["user-agent"])
    end)

    it("no token where none is needed", function()
      assert(broken("good"):health())
      assert.equal(0, faults.count("good").authorized)
      assert(broken("good", PASSWORD):login())
      assert.equal(0, faults.count("good").authorized)
    end)

    it("all below the path of its base_url", function()
      assert(broken("good/v1//"):health())
      assert.equal("/good/v1/health/", faults.count("good").target)
    end)
  end)

  describe("tries again", function()
    it("what may be carried out twice", function()
      local id = assert(submit(client())).id
      for path, call in pairs {
        ["/health/"] = function(c) return c:health() end,
        ["/strategies/"] = function(c) return c:strategies(RETAILER) end,
        ["/get"] = function(c) return c:get(id) end,
        ["/update"] = function(c) return c:update(id, OUTPUTS) end,
      } do
        sandbox:fault { path = path, status = 503, times = 2 }
        assert(call(client()))
        assert.same({ 503, 503, 200 }, sandbox:statuses(path))
        sandbox:fault { path = path, status = 500, times = 3 }
        assert.equal(3, failure(call(client())).attempts)
        assert.equal(6, #sandbox:statuses(path))
      end
      sandbox:fault { path = "login", status = 502 }
      assert(signing_in():login())
      assert.same({ 502, 200 }, sandbox:statuses "login")
    end)

    it("what was lost on its way", function()
      assert(broken("close-after-body/times=2"):get(ID))
      assert.equal(3, faults.count("close-after-body").requests)
      assert(broken("cut-body/times=1"):update(ID, OUTPUTS))
      local err = failure(broken("reset-after-body"):get(ID))
      assert.same({ "transport", "connection_lost", "maybe", 3, true },
        { err.kind, err.code, err.sent, err.attempts, err.retryable })
    end)

    it("no submit that may have arrived", function()
      for _, status in ipairs { 500, 502, 503, 504 } do
        sandbox:reset()
        sandbox:fault { path = "submit", status = status, effect = "applied" }
        local err = failure(submit(client()))
        assert.same({ "api", status, 1, "unknown", false },
          { err.kind, err.status, err.attempts, err.outcome, err.retryable })
        assert.equal(1, #sandbox:audit().purchases)
      end
    end)

    it("a submit that did not arrive, or was turned away", function()
      sandbox:fault { path = "submit", status = 429, times = 2 }
      assert(submit(client()))
      assert.same({ 429, 429, 201 }, sandbox:statuses "submit")
      local err = failure(submit(broken("good", { base_url = faults.url(nil, "refused") })))
      assert.same({ "cannot_connect", "no", 3, "pending", true },
        { err.code, err.sent, err.attempts, err.outcome, err.retryable })
    end)

    it("TLS that a server does not speak, whose host is named", function()
      local err = failure(submit(client { base_url = sandbox.url:gsub("^http:", "https:") }))
      assert.same({ "tls", "no", 3, "pending", true },
        { err.code, err.sent, err.attempts, err.outcome, err.retryable })
      local host = sandbox.url:match "^http://([^/]*)"
      assert.matches("^cannot begin TLS with " .. host .. " %(does it speak https%?%): [^%z]+$", err.message)
    end)

    it("nothing that was refused for what it is", function()
      for _, status in ipairs { 400, 404, 409, 422 } do
        sandbox:fault { path = "submit", status = status }
        local err = failure(submit(client()))
        assert.same({ 1, "rejected", false }, { err.attempts, err.outcome, err.retryable })
      end
      assert.equal(4, #sandbox:statuses "submit")
    end)

    it("no submit that got an answer that is not about it, and rejects none for that (faults 34 to 36)", function()
      for _, status in ipairs { 301, 302, 307, 308, 400, 402, 403, 404, 405, 407, 409, 410, 422, 451 } do
        sandbox:fault { path = "submit", status = status, body = "<title>Elsewhere</title>" }
        local err = failure(submit(client()))
        assert.same({ 1, "pending", false }, { err.attempts, err.outcome, err.retryable }, status)
        assert.matches("POST " .. sandbox.url .. "/api/v0/user/trebolenergia/submit%-purchase%?retailer_id=%d+",
          err.message)
        assert.matches(": Elsewhere$", err.message)
      end
      assert.equal(0, #sandbox:audit().purchases)
    end)

    it("as often as it was told", function()
      sandbox:fault { path = "/get", status = 503, times = 100 }
      for _, attempts in ipairs { 1, 2, 5 } do
        local err = failure(client({ retry = { attempts = attempts, base = 0.001 } }):get(ID))
        assert.same({ attempts, "http_503" }, { err.attempts, err.code })
      end
      assert.equal(8, #sandbox:statuses "/get")
    end)

    it("not before the time that the server asks for", function()
      sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = "1" } }
      local took = elapsed(function()
        assert(submit(client()))
      end)
      assert.is_true(took >= 0.99 and took < soon(2.5), took)
    end)

    it("not where that time is beyond its own", function()
      sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = "100" } }
      local took = elapsed(function()
        local err = failure(submit(client { timeout = 60 }))
        assert.same({ "http_429", 1, "pending", true }, { err.code, err.attempts, err.outcome, err.retryable })
        assert.matches(" %(the server wants a pause of 100 s%)$", err.message)
      end)
      assert.is_true(took < soon(2))
    end)

    it("no more when its budget is spent", function()
      sandbox:fault { path = "/get", status = 503, times = 1000 }
      local c = client { retry = { attempts = 1000, base = 1e-9, cap = 1e-9 } }
      assert.equal(101, failure(c:get(ID)).attempts)
      assert.equal(1, failure(c:get(ID)).attempts)
    end)
  end)

  describe("keeps its deadline", function()
    it("over all attempts", function()
      local took = elapsed(function()
        local err = failure(broken("hang", { timeout = 0.4 }):get(ID))
        assert.same({ "transport", "timeout", "maybe" }, { err.kind, err.code, err.sent })
      end)
      assert.is_true(took > 0.35 and took < soon(1.5), took)
      assert.equal(1, faults.count("hang").requests) -- there is no time left for another
    end)

    it("with what is left of it for the last attempt, though the server says nothing", function()
      sandbox:fault { path = "/get", status = 503, delay = 1.3 }
      sandbox:fault { path = "/get", delay = 30, times = 10 }
      local took = elapsed(function()
        local err = failure(client({ timeout = 2, retry = { attempts = 10, base = 0.001 } }):get(ID))
        assert.same({ "timeout", 2 }, { err.code, err.attempts })
      end)
      assert.is_true(took > 1.95 and took < 3.2, took) -- a whole time-out for the last one would end after 3.3
    end)

    it("where nobody answers a connection", function()
      local took = elapsed(function()
        local url = faults.url(nil, "full_backlog")
        local err = failure(submit(client { base_url = url, timeout = 0.3, connect_timeout = 60 }))
        assert.same({ "timeout", "no", "connect", "pending" }, { err.code, err.sent, err.phase, err.outcome })
      end)
      assert.is_true(took < soon(1.5))
    end)
  end)

  describe("keeps its rate", function()
    it("between calls", function()
      local c = client { rate = 60 / 0.1 }
      local took = elapsed(function()
        for _ = 1, 4 do
          assert(c:health())
        end
      end)
      assert.is_true(took >= 0.29 and took < soon(1.5), took)
    end)

    it("between attempts", function()
      sandbox:fault { path = "/health/", status = 503, times = 2 }
      local c = client { rate = 60 / 0.1 }
      assert.is_true(elapsed(c.health, c) >= 0.19)
    end)

    it("and says at once where a call's turn comes too late", function()
      local c = client { rate = 1, timeout = 50 }
      assert(c:health())
      local took = elapsed(function()
        local err = failure(submit(c))
        assert.same({ "transport", "timeout", "no", "pending", "submit" },
          { err.kind, err.code, err.sent, err.outcome, err.operation })
      end)
      assert.is_true(took < soon(1))
      assert.equal(1, #sandbox:audit().requests)
    end)
  end)

  describe("never shows its credentials:", function()
    local SECRETS = { "sandbox%-token", "sandbox%-password", "s3cret/t%+ken", "s3cret\\/t", "s3cret%%2[Ff]t" }

    -- Every text in an error, and in its causes.
    local function check(value, seen)
      seen = seen or {}
      if type(value) == "table" and not seen[value] then
        seen[value] = true
        for name, field in pairs(value) do
          check(name, seen)
          check(field, seen)
        end
      end
      for _, secret in ipairs(SECRETS) do
        assert.not_matches(secret, tostring(value))
      end
    end

    it("as a text", function()
      check(tostring(client(PASSWORD)))
    end)

    it("in the error of a server that repeats them", function()
      for _, status in ipairs { 200, 302, 400, 401, 500 } do
        for _, secret in ipairs { "s3cret/t+ken", "s3cret%2Ft%2Bken", "s3cret\\/t+ken" } do
          sandbox:fault {
            path = "submit", status = status, body = '{"error":"not Bearer ' .. secret .. ' \\n or ' .. secret .. '"}',
            headers = { ["X-Request-Id"] = secret, Location = "https://elsewhere.example/?t=" .. secret },
          }
          local err = failure(submit(client { token = "s3cret/t+ken" }))
          check(err)
          assert.is_nil(tostring(err):find "%c")
        end
      end
    end)

    it("in the error of a login", function()
      sandbox:fault { path = "login", status = 401, body = '{"detail":"sandbox-password is wrong"}' }
      local err = failure(submit(signing_in { token = "s3cret/t+ken" }))
      assert.equal("*** is wrong", err.message)
      check(err)
    end)

    it("nor those that a login brought", function()
      sandbox:fault { path = "login", status = 200, body = { token = "s3cret/t+ken" } }
      sandbox:fault { path = "submit", status = 500, body = '{"error":"s3cret/t+ken"}' }
      local err = failure(submit(signing_in()))
      assert.equal("***", err.message)
      check(err)
    end)

    it("in the errors of the transport", function()
      check(failure(submit(broken("good", { base_url = faults.url(nil, "refused") }))))
      check(failure(submit(broken("reset-after-body"))))
      check(failure(submit(broken("sandbox-token", { base_url = faults.url("sandbox-token", "closing") }))))
    end)
  end)
end)
