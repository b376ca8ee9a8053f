-- Inside each of several nginx workers: single calls and a job of one WoowUp account, side by side.
--
-- Each worker waits for an order under "load" in ngx.shared.results, and leaves what came of it under "worker N":
-- `{ accepted =, failed = { [what] = count } }`. The order: `options` of the client, `shared` (do all workers keep the
-- rate together?), `seconds`, `every` (seconds between two calls of a worker), `job` (is there one, too?).
local cjson = require "cjson"

local M = {}

local PURCHASE = '{"email":"a@example.com","invoice_number":"%s","points":0,"branch_name":"Centro",'
  .. '"purchase_detail":[{"sku":"ab1","product_name":"A","quantity":1,"unit_price":10}],'
  .. '"prices":{"gross":10,"total":10}}'

local function note(result, value, err)
  if value or err.code == "not_found" then -- an answer as good as any
    result.accepted = result.accepted + 1
    return
  end
  local what = ("%s, sent %s: %s"):format(err.code, tostring(err.sent), err.message)
  result.failed[what] = (result.failed[what] or 0) + 1
end

-- Sends one purchase after the other, as fast as it may.
local function run_job(client, till, result)
  local number = 0
  local report = assert(client:create_all(function()
    number = number + 1
    return ngx.now() < till and PURCHASE:format(("W%d-%d-%d"):format(ngx.worker.id(), till, number)) or nil
  end, { batch = 1 }))
  result.accepted = result.accepted + report.accepted
  for _, failure in ipairs(report.failures) do
    note(result, nil, failure.error)
  end
end

local function run(order)
  local result = { accepted = 0, failed = {} }
  if order.shared then
    order.options.rate_store = ngx.shared.rates
  end
  local client = require("purchases").woowup.new(order.options)
  local threads, till = {}, ngx.now() + order.seconds
  if order.job then
    threads[1] = ngx.thread.spawn(run_job, client, till, result)
  end
  while ngx.now() < till do
    threads[#threads + 1] = ngx.thread.spawn(function()
      note(result, client:find { invoice_number = "none" })
    end)
    ngx.sleep(order.every)
  end
  for _, thread in ipairs(threads) do
    assert(ngx.thread.wait(thread))
  end
  return result
end

--- Begins to wait for orders: for init_worker_by_lua.
function M.begin()
  local results, last = ngx.shared.results, nil
  assert(ngx.timer.at(0, function()
    while not ngx.worker.exiting() do
      local order = results:get "load"
      if order and order ~= last then
        last = order
        local ok, result = pcall(run, cjson.decode(order))
        results:set("worker " .. ngx.worker.id(),
          cjson.encode { n = 1, values = { ok and result or tostring(result) } })
      end
      ngx.sleep(0.01)
    end
  end))
end

return M
