-- Requests, timers and workers that end in the middle of a call: nothing is left behind, nothing lost in silence.
-- It takes long, and all that is tested is inside nginx, so only one of the Luas runs it.
if not rawget(_G, "jit") then
  return
end

local cjson = require "cjson"
local common = require "spec.support.common"
local nginx = require "spec.support.nginx"
local shell = require "purchases.sandbox.shell"
local socket = require "socket"
local support = require "spec.support.sandbox"

local SUITE = debug.getinfo(1, "S").source:match "^@(.*)nginx_life_spec%.lua$"
local FIELDS = { user = "trebolenergia", token = support.TOKEN, retry = { attempts = 3, base = 0.001 } }

local LOCATIONS = { ["= /trivial"] = 'content_by_lua_block { ngx.print "ok" }' }

-- What is left in flight, and the KiB that the worker's Lua holds, once garbage is collected.
local function state_of(worker)
  return worker:run("content", [[
    collectgarbage()
    collectgarbage()
    local _, left = require("purchases.net.pool").step()
    return left, collectgarbage "count"
  ]])
end

local function is_idle(worker)
  assert.is_truthy(nginx.wait_until(function()
    return state_of(worker) == 0
  end), "transfers are left in flight")
end

describe("killed requests", function()
  local RECEIPT = '{"id":"00000000-0000-4000-8000-000000000000","status":"pending","rows_uploaded":96}'
  local SLOW = [[
    ngx.req.read_body()
    if ngx.var.uri:find "login" then
      ngx.sleep(ngx.shared.results:add("a login", true) and 60 or 0)
      return ngx.print '{"token":"a-new-token"}'
    end
    ngx.sleep(ngx.var.uri:find "hang" and 60 or 0.02)
    ngx.status = 201
    ngx.print ']] .. RECEIPT .. [['
  ]]
  local CALL = [[
    if ngx.var.arg_mine then
      assert(ngx.on_abort(function() ngx.exit(499) end))
    end
    ngx.print(require("spec.support.caller").submit())
  ]]

  local upstream, worker

  setup(function()
    upstream = nginx.start {
      locations = { ["/"] = "content_by_lua_block { " .. SLOW .. " }" },
      http = "keepalive_requests 100000;",
    }
    worker = nginx.start {
      locations = {
        ["= /call"] = "content_by_lua_block { " .. CALL .. " }",
        ["= /hang"] = "content_by_lua_block { ngx.print(require('spec.support.caller').submit '/hang') }",
        ["= /login"] = "content_by_lua_block { ngx.print(require('spec.support.caller').sign_in(ngx.var.args)) }",
        ["= /unwatched"] = "lua_check_client_abort off; content_by_lua_block { " .. CALL .. " }",
      },
      main = "env UPSTREAM;",
      env = { UPSTREAM = ("http://127.0.0.1:%d"):format(upstream.port) },
    }
  end)
  teardown(function()
    worker:stop()
    upstream:stop()
  end)

  -- One in ten goes away before its answer has come; whether the application asked for on_abort or not, and
  -- whether nginx watches for it or not.
  local PATHS = { "/call", "/call?mine=1", "/unwatched" }

  local function make_calls(count, at_once)
    local answered, aborted = 0, 0
    for first = 1, count, at_once do
      local calls = {}
      for i = 1, at_once do
        calls[i] = worker:open(PATHS[math.floor(first / at_once) % #PATHS + 1])
      end
      socket.sleep(0.005)
      for i, call in ipairs(calls) do
        if i % 10 == 0 then
          call:abort()
          aborted = aborted + 1
        else
          local status, body = call:answer()
          assert.same({ 200, "00000000-0000-4000-8000-000000000000" }, { status, body })
          answered = answered + 1
        end
      end
    end
    return answered, aborted
  end

  it("leave no transfer and no memory behind, of 10,000 calls a tenth", function()
    make_calls(1000, 100)
    is_idle(worker)
    local _, before = state_of(worker)
    local resident = worker:resident()
    assert.same({ 8100, 900 }, { make_calls(9000, 100) })
    is_idle(worker)
    local _, after = state_of(worker)
    assert.is_true(after - before < 1024, ("%g KiB more"):format(after - before))
    assert.is_true(worker:resident() - resident < 1024, ("%g KiB more"):format(worker:resident() - resident))
    assert.is_nil(worker:trouble())
  end)

  it("take their transfers with them, which would have gone on for long", function()
    local calls = {}
    for i = 1, 20 do
      calls[i] = worker:open "/hang"
    end
    assert.is_truthy(nginx.wait_until(function()
      return state_of(worker) == 20
    end))
    for _, call in ipairs(calls) do
      call:abort()
    end
    is_idle(worker)
    assert.equal(200, (worker:open("/call"):answer()))
  end)

  it("do not hold up a login that others wait for", function()
    local killed = worker:open "/login?slow"
    assert.is_truthy(nginx.wait_until(function()
      return state_of(worker) == 1
    end))
    killed:abort()
    local others = {} -- who may get the coroutine that was killed: nginx uses them again
    for i = 1, 4 do
      others[i] = worker:open "/hang"
    end
    local calls = {}
    local took = common.elapsed(function()
      for i = 1, 4 do
        calls[i] = worker:open "/login"
      end
      for _, call in ipairs(calls) do
        assert.same({ 200, "00000000-0000-4000-8000-000000000000" }, { call:answer() })
      end
    end)
    assert.is_true(took < 10, took)
    for _, call in ipairs(others) do
      call:abort()
    end
  end)
end)

describe("a worker that is told to end in the middle of a job", function()
  local sandbox, worker, report_file

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
    report_file = os.tmpname()
    worker = nginx.start { locations = LOCATIONS }
  end)
  after_each(function()
    worker:stop()
    os.remove(report_file)
  end)

  local JOB = [[
    local opts, file = ...
    local client = require("purchases").ravenwits.new(opts)
    local report, err = client:submit_all(require("spec.support.load").series(400), { retailer_id = "1", batch = 2 })
    local text = require("cjson").encode(report and {
      accepted = report.accepted, rejected = report.rejected, unknown = report.unknown, pending = report.pending,
      stopped = report.stopped, code = report.error and report.error.code, resume = report.resume,
      exiting = ngx.worker.exiting(),
    } or { error = tostring(err) })
    local handle = assert(io.open(file, "w"))
    handle:write(text)
    handle:close()
  ]]

  local function report()
    local text = nginx.wait_until(function()
      local file = io.open(report_file)
      local text = file:read "*a"
      file:close()
      return text ~= "" and text
    end)
    assert.is_truthy(text, "the job left no report")
    return cjson.decode(text)
  end

  -- All that was accepted has arrived once, and nothing else has.
  local function adds_up(outcome)
    assert.is_nil(outcome.error)
    assert.equal(200, outcome.accepted + outcome.rejected + outcome.unknown + outcome.pending)
    local purchases = sandbox:audit().purchases
    assert.is_true(#purchases >= outcome.accepted and #purchases <= outcome.accepted + outcome.unknown)
    for _, purchase in ipairs(purchases) do
      assert.equal(1, purchase.received)
    end
  end

  local function begin(options, count)
    worker:begin("background", "return (loadstring((...)))(select(2, ...))", JOB,
      common.merge(FIELDS, { base_url = sandbox.url }, options or {}), report_file):finish()
    assert.is_truthy(nginx.wait_until(function()
      return sandbox:counts().purchases >= (count or 10)
    end))
  end

  for _, how in ipairs { "reload", "quit" } do
    it("ends with what is in flight, and says so: " .. how, function()
      sandbox:fault { path = "submit", delay = 0.1, times = 200 }
      local old = worker:pid()
      begin()
      worker[how](worker)
      local outcome = report()
      assert.same({ "interrupted", "worker_exiting", true }, { outcome.stopped, outcome.code, outcome.exiting })
      assert.same({ 0, 0, 200 - outcome.accepted }, { outcome.rejected, outcome.unknown, outcome.pending })
      assert.is_true(outcome.pending > 0 and outcome.resume ~= nil)
      adds_up(outcome)
      assert.is_true(nginx.has_ended(old, 10))
      assert.is_nil(worker:trouble())
      if how == "reload" then
        assert.not_equal(old, worker:pid())
      end
    end)

    it("says what may have arrived: " .. how, function()
      sandbox:fault { path = "submit", delay = 0.03, times = 30 }
      sandbox:fault { path = "submit", delay = 1, status = 502, effect = "applied", times = 200 }
      begin(nil, 30)
      worker[how](worker)
      local outcome = report()
      assert.same({ 30, 0, "interrupted" }, { outcome.accepted, outcome.rejected, outcome.stopped })
      assert.is_true(outcome.unknown > 0 and outcome.unknown <= 8, outcome.unknown)
      adds_up(outcome)
      assert.equal(30 + outcome.unknown, #sandbox:audit().purchases)
    end)
  end

  it("gives up to wait for a workflow", function()
    sandbox:settings { workflow = "never_starts" }
    local old = worker:pid()
    worker:begin("background", "return (loadstring((...)))(select(2, ...))", [[
      local opts, file = ...
      local client = require("purchases").ravenwits.new(opts)
      local receipt = assert(client:submit(require("spec.support.load").series(2), { retailer_id = "1" }))
      local _, err = client:wait(receipt.id)
      local handle = assert(io.open(file, "w"))
      handle:write(require("cjson").encode { code = err.code, message = err.message })
      handle:close()
    ]], common.merge(FIELDS, { base_url = sandbox.url }), report_file):finish()
    assert.is_truthy(nginx.wait_until(function()
      return sandbox:counts().requests > 2
    end))
    worker:reload()
    local outcome = report()
    assert.equal("not_settled", outcome.code)
    assert.matches("and this nginx worker is told to end$", outcome.message)
    assert.is_true(nginx.has_ended(old, 10))
  end)
end)

describe("a call that cannot wait", function()
  it("queues nothing; made from ngx.timer.at in the same place it works", function()
    local sandbox = support.start()
    local worker = nginx.start {}
    finally(function()
      worker:stop()
      sandbox:stop()
    end)
    local opts = common.merge(FIELDS, { base_url = sandbox.url })
    worker:run("log", [[
      local name, opts = ...
      local client = require("purchases").ravenwits.new(opts)
      local series = require("spec.support.load").series(2)
      local _, err = client:submit(series, { retailer_id = "1" })
      local _, queued = require("purchases.net.pool").step()
      assert(ngx.timer.at(0, function()
        local receipt, failure = client:submit(series, { retailer_id = "1" })
        local text = require("cjson").encode { n = 1, values = { receipt and receipt.id or tostring(failure) } }
        ngx.shared.results:set("from the timer", text)
      end))
      return err.message, queued
    ]], "in the log phase", opts)
    assert.same({ "cannot wait in phase log; use ngx.timer.at", 0 }, { worker:result "in the log phase" })
    local id = worker:result "from the timer"
    local purchases = sandbox:audit().purchases
    assert.same({ 1, id, 1 }, { #purchases, purchases[1].id, purchases[1].received })
    assert.is_nil(worker:trouble())
  end)
end)

describe("a resolver that hangs", function()
  it("holds up nobody but who asked for that name", function()
    local library = os.tmpname()
    assert(shell.run(("cc -shared -fPIC -o %s %ssupport/resolver.c"):format(library, SUITE)))
    local worker = nginx.start { locations = LOCATIONS, env = { LD_PRELOAD = library } }
    finally(function()
      worker:stop()
      os.remove(library)
    end)
    local opts = common.merge(FIELDS, { base_url = "https://slow.invalid", timeout = 1 })
    local calls = {}
    for i = 1, 5 do
      calls[i] = worker:begin("content", [[
        local client = require("purchases").ravenwits.new((...))
        local _, err = client:submit(require("spec.support.load").series(2), { retailer_id = "1" })
        return err.code, err.sent, err.phase
      ]], opts)
    end
    local times, till = {}, socket.gettime() + 2 -- a while longer than they wait: to give up must not take long either
    while socket.gettime() < till do
      times[#times + 1] = common.elapsed(function()
        assert.same({ 200, "ok" }, { worker:get "/trivial" })
      end)
      socket.sleep(0.002)
    end
    table.sort(times)
    assert.is_true(times[math.ceil(#times * 0.5)] < common.soon(0.005), times[math.ceil(#times * 0.5)])
    assert.is_true(times[#times] < common.soon(1), times[#times]) -- the resolver hangs for a minute
    for _, call in ipairs(calls) do
      assert.same({ "timeout", "no", "dns" }, { call:finish() })
    end
    assert.is_nil(worker:trouble())
  end)
end)

describe("a worker's connections", function()
  local faults = require "spec.support.faults"
  local worker

  setup(function()
    faults.start()
    worker = nginx.start {}
  end)
  teardown(function()
    worker:stop()
    faults.stop()
  end)

  local function opts_at(scenario, listener)
    return common.merge(FIELDS, { base_url = faults.url(scenario, listener), ca_file = faults.ca_file() })
  end

  -- Those that the server has closed and the worker has not.
  local function left_open()
    local port, count = ("%04X"):format(faults.port()), 0
    for line in io.lines "/proc/net/tcp" do
      local remote, state = line:match "^%s*%d+: %x+:%x+ %x+:(%x+) (%x+)"
      count = count + (remote == port and state == "08" and 1 or 0)
    end
    return count
  end

  it("are closed by a timer when nothing is in flight any more", function()
    worker:run("content", [[
      local client = require("purchases").ravenwits.new((...))
      assert(client:submit(require("spec.support.load").series(2), { retailer_id = "1" }))
    ]], opts_at "close-when-idle/interval=0")
    assert.is_truthy(nginx.wait_until(function()
      return left_open() == 1
    end))
    assert.is_truthy(nginx.wait_until(function()
      return left_open() == 0
    end))
    assert.is_nil(worker:trouble())
  end)

  it("are not used again with bytes that are decrypted already", function()
    for _, listener in ipairs { "tls_1_2", "tls_1_3" } do
      local id, status = worker:run("content", [[
        local opts, other = ...
        local rows = require("spec.support.load").series(2)
        local purchases = require "purchases"
        local receipt = assert(purchases.ravenwits.new(opts):submit(rows, { retailer_id = "1" }))
        local _, err = purchases.ravenwits.new(other):submit(rows, { retailer_id = "1" })
        return receipt.id, err and err.status
      ]], opts_at("left-over-record", listener), opts_at("status/status=400", listener))
      assert.is_nil(id:find "badf00d")
      assert.equal(400, status)
    end
  end)

  it("are no more than a client's concurrency, for single calls too", function()
    local answered = worker:run("content", [[
      local client = require("purchases").ravenwits.new((...))
      local rows, threads, answered = require("spec.support.load").series(2), {}, 0
      for i = 1, 200 do
        threads[i] = ngx.thread.spawn(client.submit, client, rows, { retailer_id = "1" })
      end
      for _, thread in ipairs(threads) do
        local _, receipt = ngx.thread.wait(thread)
        answered = answered + (receipt and 1 or 0)
      end
      return answered
    ]], common.merge(opts_at "delay/interval=0.01", { concurrency = 5 }))
    assert.equal(200, answered)
    assert.equal(5, faults.count("delay").connections)
  end)
end)

describe("a worker that has no timer left", function()
  it("answers calls all the same, and quickly once it has one again", function()
    local sandbox = support.start()
    local worker = nginx.start {
      locations = LOCATIONS, http = "lua_max_running_timers 2;", ignore = { "lua_max_running_timers are not enough" },
    }
    finally(function()
      worker:stop()
      sandbox:stop()
    end)
    local opts = common.merge(FIELDS, { base_url = sandbox.url, timeout = 20 })
    local function submit()
      return worker:run("content", [[
        local client = require("purchases").ravenwits.new((...))
        local receipt, err = client:submit(require("spec.support.load").series(2), { retailer_id = "1" })
        return receipt and receipt.status or tostring(err)
      ]], opts)
    end
    for i = 1, 2 do
      worker:run("background", [[
        while not ngx.shared.results:get "enough" do
          ngx.sleep(0.1)
        end
      ]], "timer " .. i)
    end
    assert.equal("pending", submit())
    worker:run("content", "ngx.shared.results:set('enough', true)")
    worker:result "timer 1"
    worker:result "timer 2"
    assert.is_truthy(nginx.wait_until(function() -- nginx, too, takes one of them for ended
      return worker:run("content", "return ngx.timer.running_count()") < 2
    end))
    local took = common.elapsed(function()
      assert.equal("pending", submit())
    end)
    assert.is_true(took < 1, took)
    is_idle(worker)
    assert.equal(2, #sandbox:audit().purchases)
    assert.is_nil(worker:trouble())
  end)
end)
