-- The module inside an nginx worker: its calls wait there without holding up the worker's other requests.
local common = require "spec.support.common"
local faults = require "spec.support.faults"
local nginx = require "spec.support.nginx"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

-- What all code begins with: a client of the first argument's options, and a series of as many rows as wanted.
local PRELUDE = [[
  local opts = ...
  local purchases, load = require "purchases", require "spec.support.load"
  local client = purchases.ravenwits.new(opts)
  local function submit(retailer_id)
    return client:submit(load.series(2), { retailer_id = tostring(retailer_id or 1) })
  end
]]

local function with(code)
  return PRELUDE .. code
end

local FIELDS = { user = "trebolenergia", token = support.TOKEN, retry = { attempts = 3, base = 0.001 } }

local LOCATIONS = { ["= /trivial"] = 'content_by_lua_block { ngx.print "ok" }' }

-- A worker that waits in a call answers no one before the call has ended, which takes so many seconds.
local function answers_others(worker, seconds)
  local took = elapsed(function()
    for _ = 1, 20 do
      assert.same({ 200, "ok" }, { worker:get "/trivial" })
    end
  end)
  assert.is_true(took < seconds, took)
end

-- Nothing is left in flight, once what was let go has been collected.
local function is_idle(worker)
  local left = nginx.wait_until(function()
    local count = worker:run("content", [[
      collectgarbage()
      collectgarbage()
      return (select(2, require("purchases.net.pool").step()))
    ]])
    return count == 0
  end, 5)
  assert.is_true(left, "transfers are left in flight")
end

describe("in an nginx worker", function()
  local sandbox, worker

  setup(function()
    faults.start()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
    worker = nginx.start { locations = LOCATIONS, main = "thread_pool others threads=2;" }
  end)
  teardown(function()
    worker:stop()
    sandbox:stop()
    faults.stop()
  end)
  before_each(function()
    faults.reset()
    sandbox:reset()
  end)
  after_each(function()
    assert.is_nil(worker:trouble())
  end)

  -- A client's options, as the code gets them.
  local function at(scenario, fields)
    return merge(FIELDS, { base_url = scenario and faults.url(scenario) or sandbox.url }, fields or {})
  end

  local function run(where, code, ...)
    return worker:run(where, with(code), ...)
  end

  local function begin_all(count, where, code, ...)
    local calls = {}
    for i = 1, count do
      calls[i] = worker:begin(where, with(code), ...)
    end
    return calls
  end

  local function received_once(count)
    local purchases = sandbox:audit().purchases
    assert.equal(count, #purchases)
    for _, purchase in ipairs(purchases) do
      assert.equal(1, purchase.received)
    end
  end

  it("a file is refused as a ledger, with the ways out, and nothing is sent", function()
    assert.same({ true, "ledger", "in_nginx", "the command beside nginx" }, { run("content", [[
      local report, err = client:submit_all(load.series(2), { retailer_id = "1", ledger = os.tmpname() .. "-ledger" })
      return report == nil, err.kind, err.code, err.message:match "the command beside nginx"
    ]], at()) })
    assert.equal(0, #sandbox:audit().requests)
  end)

  for _, where in ipairs { "content", "timer", "access", "rewrite" } do
    describe("a call made in " .. where, function()
      it("is answered", function()
        assert.equal("healthy", run(where, "return assert(client:health()).status", at()))
        assert.same({ 1, 1 }, { sandbox:audit().counts.requests, #sandbox:audit().requests })
      end)

      it("signs in, and goes on", function()
        local opts = at(nil, { email = "demo@example.com", password = "sandbox-password" })
        opts.token = nil
        local token, id = run(where, [[
          local session = assert(client:login())
          return session.token, assert(submit()).id
        ]], opts)
        assert.truthy(token)
        assert.matches("^%x+%-", id)
        received_once(1)
      end)

      it("waits for a purchase's workflow", function()
        sandbox:settings { pending_seconds = 0.2, in_progress_seconds = 0.2 }
        local status, looks = run(where, [[
          local looks = 0
          local purchase = assert(client:wait(assert(submit()).id, { on_progress = function() looks = looks + 1 end }))
          return purchase.status, looks
        ]], at())
        assert.equal("completed", status)
        assert.is_true(looks >= 2)
      end)

      it("passes on the API's refusals", function()
        local code, outcome = run(where, [[
          local _, err = submit()
          return err.kind, err.outcome
        ]], at(nil, { token = "wrong-token" }))
        assert.same({ "auth", "pending" }, { code, outcome })
      end)

      it("is a job with several in flight: each batch arrives once", function()
        local accepted, pending = run(where, [[
          local report = assert(client:submit_all(load.series(60), { retailer_id = "1", batch = 2 }))
          return report.accepted, report.pending
        ]], at(nil, { concurrency = 4 }))
        assert.same({ 30, 0 }, { accepted, pending })
        received_once(30)
      end)

      it("is tried again after a delay", function()
        local took = elapsed(function()
          local attempts, status = run(where, [[
            local _, err = client:health()
            return err.attempts, err.status
          ]], at("status/status=503", { retry = { attempts = 2, base = 0.3 } }))
          assert.same({ 2, 503 }, { attempts, status })
        end)
        assert.equal(2, faults.count("status").requests)
        assert.is_true(took < 5)
      end)

      it("waits as long as the server asks", function()
        sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = "1" } }
        local took = elapsed(run, where, "assert(submit())", at())
        assert.is_true(took >= 1 and took < soon(3), took)
        received_once(1)
      end)

      it("ends at its deadline", function()
        local took = elapsed(function()
          local code, sent = run(where, [[
            local _, err = submit()
            return err.code, err.sent
          ]], at("hang", { timeout = 0.3 }))
          assert.same({ "timeout", "maybe" }, { code, sent })
        end)
        assert.is_true(took >= 0.3 and took < soon(1.5), took)
      end)
    end)
  end

  it("many requests share one pool and its connections", function()
    for _ = 1, 5 do
      for _, call in ipairs(begin_all(8, "content", "return assert(submit()).id", at "delay/interval=0.1")) do
        assert.matches("^%x+%-", call:finish())
      end
    end
    local count = faults.count "delay"
    assert.equal(40, count.requests)
    assert.is_true(count.connections <= 9, count.connections)
  end)

  it("many requests wait at the same time", function()
    for _, call in ipairs(begin_all(30, "content", "return assert(submit()).id", at "delay/interval=2")) do
      call:finish()
    end
    assert.equal(30, faults.count("delay").connections)
  end)

  it("each request gets its own answer, whatever else is in flight", function()
    local code = with [[
      local _, n = ...
      local receipt = assert(client:submit(load.series(2 + n), { retailer_id = tostring(n) }))
      local purchase = assert(client:get(receipt.id))
      return receipt.rows_uploaded, receipt.message:match "retailer: (%d+)$", purchase.id == receipt.id
    ]]
    local calls = {}
    for i = 1, 60 do
      calls[i] = worker:begin(i % 2 == 0 and "content" or "timer", code, at(), i)
    end
    for i, call in ipairs(calls) do
      assert.same({ 2 + i, tostring(i), true }, { call:finish() })
    end
    received_once(60)
  end)

  it("other requests are answered while calls wait", function()
    local calls = begin_all(20, "content", "return select(2, submit()).code", at("hang", { timeout = 2 }))
    answers_others(worker, 1.9)
    for _, call in ipairs(calls) do
      assert.equal("timeout", call:finish())
    end
    is_idle(worker)
  end)

  it("other requests are answered while a call waits for its next attempt", function()
    local opts = at("status/status=503", { retry = { attempts = 2, base = 3, cap = 3 }, timeout = 2 })
    local call = worker:begin("content", with "client.policy.random = function() return 0.3 end client:health()", opts)
    answers_others(worker, 0.8)
    call:finish()
  end)

  it("other requests are answered while a job is under way", function()
    worker:begin("background", [[
      local name, opts = ...
      local client = require("purchases").ravenwits.new(opts)
      local rows = require("spec.support.load").series(1000)
      local report = assert(client:submit_all(rows, { retailer_id = "1", batch = 2 }))
      return report.accepted
    ]], "job", at("delay/interval=0.02")):finish()
    answers_others(worker, 1)
    assert.equal(500, worker:result("job", 20))
  end)

  it("calls of several threads of one request go side by side", function()
    local ids = { run("content", [[
      local threads, ids = {}, {}
      for i = 1, 4 do
        threads[i] = ngx.thread.spawn(function() return assert(submit(i)).id end)
      end
      for i, thread in ipairs(threads) do
        local ok, id = ngx.thread.wait(thread)
        ids[i] = ok and id
      end
      return unpack(ids)
    ]], at "delay/interval=0.5") }
    assert.equal(4, #ids)
    assert.equal(4, faults.count("delay").connections)
  end)

  it("a coroutine of the request's own may make calls, too", function()
    assert.equal("healthy", run("content", [[
      local co = coroutine.wrap(function() return assert(client:health()).status end)
      return co()
    ]], at()))
  end)

  it("one login serves all who ask at the same time", function()
    local opts = at(nil, { email = "demo@example.com", password = "sandbox-password" })
    opts.token = nil
    local ok = run("content", [[
      local threads = {}
      for i = 1, 8 do
        threads[i] = ngx.thread.spawn(function() return assert(submit(i)).id end)
      end
      for _, thread in ipairs(threads) do
        local ok, id = ngx.thread.wait(thread)
        assert(ok, id)
      end
      return true
    ]], opts)
    assert.is_true(ok)
    local logins = 0
    for _, request in ipairs(sandbox:audit().requests) do
      logins = logins + (request.path:find("login", 1, true) and 1 or 0)
    end
    assert.equal(1, logins)
  end)

  for _, phase in ipairs { "log", "header_filter" } do
    it("a call in a phase that cannot wait fails at once, and nothing is sent: " .. phase, function()
      local code = [[
        local name, opts = ...
        local client = require("purchases").ravenwits.new(opts)
        local rows, retailer = require("spec.support.load").series(2), { retailer_id = "1" }
        local _, call = client:health()
        local _, login = client:login()
        local _, watch = client:wait "00000000-0000-4000-8000-000000000000"
        local _, job = client:submit_all(rows, retailer)
        return call.message, call.sent, call.kind, login.message, watch.message, job.message
      ]]
      local opts = at(nil, { email = "demo@example.com", password = "sandbox-password" })
      worker:run(phase, code, phase, opts)
      local why = "cannot wait in phase " .. phase .. "; use ngx.timer.at"
      assert.same({ why, "no", "transport", why, why, why }, { worker:result(phase) })
      assert.equal(0, sandbox:audit().counts.requests)
    end)
  end

  for where, code in pairs {
    ["a gsub callback"] = [[local _ = ("a"):gsub("a", call)]],
    ["a module's top level, in require"] = [[
      package.loaded.module, package.preload.module = nil, call
      require "module"]],
  } do
    it("a call from where nobody can yield fails at once, and nothing is sent: " .. where, function()
      local raised, value, err, job = run("content", [[
        local value, err, job
        local function call()
          value, err = submit()
          job = select(2, client:submit_all(load.series(2), { retailer_id = "1" }))
        end
        local ok, why = pcall(function()
          ]] .. code .. [[
        end)
        return not ok and why, value, err and { err.code, err.sent, err.message }, job and job.code
      ]], at())
      local why = "cannot wait while a module is loaded, or in a callback of string.gsub: nothing can yield there"
      assert.same({ false, nil, { "cannot_wait", "no", why }, "cannot_wait" }, { raised, value, err, job })
      assert.equal(0, sandbox:audit().counts.requests)
    end)
  end

  it("a timer started in log_by_lua may call", function()
    worker:run("log", [[
      local name, opts = ...
      assert(ngx.timer.at(0, function()
        local client = require("purchases").ravenwits.new(opts)
        local receipt = assert(client:submit(require("spec.support.load").series(2), { retailer_id = "1" }))
        ngx.shared.results:set("from log", '{"n":1,"values":["' .. receipt.id .. '"]}')
      end))
    ]], "log", at())
    assert.matches("^%x+%-", (worker:result "from log"))
    received_once(1)
  end)

  it("a wait of the caller's own takes the place of the worker's", function()
    local id, calls = run("content", [[
      local calls = 0
      opts.wait = function(pool, seconds)
        assert(type(seconds) == "number")
        calls = calls + 1
        ngx.sleep(0.01)
      end
      client = purchases.ravenwits.new(opts)
      return assert(submit()).id, calls
    ]], at "delay/interval=0.5")
    assert.matches("^%x+%-", id)
    assert.is_true(calls >= 5 and calls <= 60, calls)
  end)

  it("a wait of the caller's own and the worker's go side by side", function()
    local ids = { run("content", [[
      opts.wait = function() ngx.sleep(0.01) end
      local own = purchases.ravenwits.new(opts)
      local function call(c)
        return assert(c:submit(load.series(2), { retailer_id = "1" })).id
      end
      local threads, ids = {}, {}
      for i = 1, 6 do
        threads[i] = ngx.thread.spawn(call, i % 2 == 0 and own or client)
      end
      for i, thread in ipairs(threads) do
        ids[i] = select(2, assert(ngx.thread.wait(thread)))
      end
      return unpack(ids)
    ]], at "delay/interval=0.3") }
    assert.equal(6, #ids)
    is_idle(worker)
  end)

  it("a thread beside the event loop polls", function()
    local id, yields = run("content", [[
      local ok, id, has_sleep = ngx.run_worker_thread("others", "spec.support.beside", "submit", opts)
      assert(ok, id)
      return id, has_sleep
    ]], at "delay/interval=0.2")
    assert.matches("^%x+%-", id)
    assert.is_false(yields)
    assert.equal(1, faults.count("delay").requests)
  end)
end)
