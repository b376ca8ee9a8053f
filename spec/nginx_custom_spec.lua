-- A client whose requests go through nginx's cosockets: the example's adapter, in a real worker. lua-resty-http
-- itself is used where it is installed; elsewhere a stand-in with its interface.
local common = require "spec.support.common"
local faults = require "spec.support.faults"
local nginx = require "spec.support.nginx"
local support = require "spec.support.sandbox"

-- Only for the worker.
local function start_worker()
  local path = package.path
  package.path = path .. ";./examples/openresty/?.lua;./spec/support/?.lua"
  local worker = nginx.start { ignore = { "connect%(%) failed", "lua tcp socket" } }
  package.path = path
  return worker
end

local PRELUDE = [[
  local opts = ...
  local purchases, load = require "purchases", require "spec.support.load"
  opts.transport = require "resty_http"
  local client = purchases.ravenwits.new(opts)
  local function submit()
    return client:submit(load.series(2), { retailer_id = "1" })
  end
]]

describe("a transport over cosockets", function()
  local sandbox, worker

  setup(function()
    faults.start()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
    worker = start_worker()
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

  local function run(where, code, fields)
    local opts = { user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url,
      retry = { attempts = 2, base = 0.001 } }
    return worker:run(where, PRELUDE .. code, common.merge(opts, fields or {}))
  end

  for _, where in ipairs { "content", "access", "timer" } do
    it("carries calls made in " .. where, function()
      assert.equal("completed", run(where, "return assert(client:wait(assert(submit()).id)).status"))
      assert.equal(1, sandbox:audit().purchases[1].received)
    end)

    it("carries a job made in " .. where .. ", with several requests in flight", function()
      assert.equal(12, run(where, [[
        return assert(client:submit_all(load.series(24), { retailer_id = "1", batch = 2, concurrency = 4 })).accepted
      ]], { base_url = faults.url "delay/interval=0.2" }))
      local count = faults.count "delay"
      assert.same({ 12, 4 }, { count.requests, count.connections })
    end)
  end

  it("keeps nothing of the threads of a job that has ended", function()
    local left = run("timer", [[
      local threads, carry = setmetatable({}, { __mode = "k" }), opts.transport.request
      client.options.transport = {
        request = function(...)
          threads[coroutine.running()] = true
          return carry(...)
        end,
      }
      assert(client:submit_all(load.series(200), { retailer_id = "1", batch = 2, concurrency = 4 }))
      collectgarbage()
      collectgarbage()
      local left = 0
      for _ in pairs(threads) do
        left = left + 1
      end
      return left
    ]])
    assert.is_true(left <= 4, left)
  end)

  it("is not asked where nobody may wait", function()
    worker:run("log", [[
      local name, opts = ...
      opts.transport = { request = function() error "asked" end }
      local _, err = require("purchases").ravenwits.new(opts):health()
      return err.message, err.sent
    ]], "log", { base_url = sandbox.url, token = support.TOKEN })
    assert.same({ "cannot wait in phase log; use ngx.timer.at", "no" }, { worker:result "log" })
  end)

  it("tells what was not sent from what may have arrived", function()
    local CODE = [[
      local _, err = submit()
      return err.code, err.sent, err.outcome, err.attempts
    ]]
    local at = { base_url = faults.url(nil, "refused") }
    assert.same({ "cannot_connect", "no", "pending", 2 }, { run("content", CODE, at) })
    at = { base_url = faults.url "close-after-body" }
    assert.same({ "connection_lost", "maybe", "unknown", 1 }, { run("content", CODE, at) })
    at = { base_url = faults.url "hang", timeout = 0.3 }
    assert.same({ "timeout", "maybe", "unknown", 1 }, { run("content", CODE, at) })
    assert.same({ "invalid_request", "no", "pending", 1 }, { run("content", CODE, { ca_file = "some.pem" }) })
  end)
end)
