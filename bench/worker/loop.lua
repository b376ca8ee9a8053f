-- What the measured worker does while a heartbeat of its own tells how long its event loop is held up: jobs that have
-- much to read, check, pass over, count or decode, and little to send.
-- luacheck: globals ngx upstream_port
local cjson = require "cjson"
local purchases = require "purchases"

local M = {}

local UPSTREAM = "http://127.0.0.1:" .. upstream_port
local DATED = { purchase = { invoice_number = "No", createtime = { column = "Date", date = "%d/%m/%Y" } } }
local PLAIN = { purchase = { invoice_number = "No" } }

local function create(file, opts)
  local client = purchases.woowup.new { api_key = "k", base_url = UPSTREAM .. "/woowup", rate = 1e6 }
  return assert(client:create_all(file, opts))
end

local JOBS = {
  idle = function()
    ngx.sleep(2)
  end,
  unfit = function(file)
    assert(create(file).accepted == 0)
  end,
  csv = function(file)
    assert(create(file, { map = DATED }).accepted == 0)
  end,
  from_line = function(file)
    assert(create(file, { map = PLAIN, from_line = 530000 }).accepted == 0)
  end,
  count = function(file)
    local report = create(file, {
      on_progress = function()
        return false
      end,
    })
    assert(report.pending > 90000)
  end,
  get = function()
    local client = purchases.ravenwits.new { user = "u", token = "t", base_url = UPSTREAM .. "/models" }
    assert(assert(client:get("1", { idmodel = 200 })).strategy_output.idmodel == 200)
  end,
}

--- Answers with the longest time between two beats, and the most of the processor's time, in milliseconds.
function M.run()
  local longest, most, is_over, last, last_cpu = 0, 0, false, purchases.monotonic(), os.clock()
  assert(ngx.timer.at(0, function()
    while not is_over do
      ngx.sleep(0.001)
      local now, cpu = purchases.monotonic(), os.clock()
      longest, most = math.max(longest, now - last), math.max(most, cpu - last_cpu)
      last, last_cpu = now, cpu
    end
  end))
  ngx.sleep(0.05)
  longest, most = 0, 0
  JOBS[ngx.var.arg_job](ngx.var.arg_file)
  ngx.sleep(0.05) -- so that a beat that came late is counted, too
  is_over = true
  ngx.say(cjson.encode { longest = longest * 1000, cpu = most * 1000 })
end

return M
