-- No job holds up the event loop of its nginx worker: what takes long is done in slices, between which the worker
-- goes on with everything else. All that is tested is inside nginx, so only one of the Luas runs it.
if not rawget(_G, "jit") then
  return
end

local common = require "spec.support.common"
local nginx = require "spec.support.nginx"

local LONGEST = common.soon(0.01) -- seconds

local NOTE = ("n"):rep(1000)
local GOOD = '{"email":"a@example.com","invoice_number":"%d","points":0,"branch_name":"Centro",'
  .. '"purchase_detail":[{"sku":"ab1","product_name":"A","quantity":1,"unit_price":10}],'
  .. '"prices":{"gross":10,"total":10},"custom_attributes":{"note":"' .. NOTE .. '"}}\n'
local UNFIT = '{"email":"nobody","invoice_number":"%d","points":"x","prices":{"total":"y"},'
  .. '"purchase_detail":[{"sku":1},{}],"createtime":1,"branch_name":"' .. NOTE .. '"}\n'

describe("an nginx worker whose job", function()
  local upstream, worker, files

  setup(function()
    files = {}
    local function location(code)
      return "content_by_lua_block { ngx.req.read_body() " .. code .. " }"
    end
    upstream = nginx.start {
      locations = {
        ["/"] = location [[
          ngx.sleep(0.2)
          ngx.print '{"payload":[],"message":"ok","code":"ok"}'
        ]],
        ["/api"] = location [[
          local rows = ('{"datetime":"2025-10-01 00:00","purchase_percentage":0.25,"sale_percentage":0.75},'):rep(2000)
          local models = {}
          for i = 1, tonumber(ngx.var.uri:match "(%d+)/get$") do
            models[i] = ('{"idmodel":%d,"value":{"MD":[%s{}]}}'):format(i, rows)
          end
          ngx.print('{"id":"1","strategy_output":[', table.concat(models, ","), '],"status":"completed"}')
        ]],
      },
    }
    worker = nginx.start {}
  end)
  teardown(function()
    worker:stop()
    upstream:stop()
    for _, name in ipairs(files) do
      os.remove(name)
    end
  end)

  -- A file of these texts, each so many times; "%d" stands for a number that counts up.
  local function write(...)
    local name, number = os.tmpname(), 0
    local file = assert(io.open(name, "w"))
    files[#files + 1] = name
    for _, part in ipairs { ... } do
      local count, text = part[1], part[2]
      if text:find "%d" then
        for _ = 1, count do
          number = number + 1
          file:write((text:gsub("%%d", number)))
        end
      else
        file:write(text:rep(count))
      end
    end
    file:close()
    return name
  end

  -- Runs the job of creating what is in a file.
  local function create(file, opts)
    return worker:run("content", [[
      local url, file, opts = ...
      local client = require("purchases").woowup.new { api_key = "k", base_url = url, rate = 1e6 }
      if opts.stop then
        opts.stop = nil
        opts.on_progress = function() return false end
      end
      local function work()
        local report, err = client:create_all(file, opts)
        return report or error(tostring(err))
      end
      local longest, report = require("spec.support.heartbeat").beside(work)
      return longest, report.accepted, report.rejected, report.pending
    ]], ("http://127.0.0.1:%d"):format(upstream.port), file, opts or {})
  end

  local function holds_up(what, expected, file, opts)
    local longest, accepted, rejected, pending = create(file, opts)
    assert.same(expected, { accepted, rejected, pending })
    assert.is_true(longest < LONGEST, ("%s held it up for %d ms"):format(what, longest * 1000))
    assert.is_nil(worker:trouble())
  end

  it("refuses all that is in a file", function()
    holds_up("what is unfit", { 0, 15000, 0 }, write { 15000, UNFIT })
  end)

  it("refuses all rows of a CSV file", function()
    local map = { purchase = { invoice_number = "No", createtime = { column = "Date", date = "%d/%m/%Y" } } }
    holds_up("CSV", { 0, 30000, 0 }, write({ 1, "No,Date\n" }, { 30000, "%d,31/31/2025\n" }), { map = map })
  end)

  it("gathers rows of a CSV file by their keys", function()
    local map = { group = "No", purchase = { invoice_number = "No" } }
    holds_up("CSV", { 0, 200000, 0 }, write({ 1, "No,N\n" }, { 200000, "%d,1\n" }), { map = map })
  end)

  it("begins late in a file", function()
    local file = write({ 20000, (GOOD:gsub("%%d", "7")) }, { 100, GOOD })
    holds_up("what was passed over", { 100, 0, 0 }, file, { from_line = 20001 })
  end)

  it("begins late in a CSV file", function()
    local map = { purchase = { invoice_number = "No" } }
    local file = write({ 1, "No,N\n" }, { 50100, "%d,1\n" })
    holds_up("what was passed over", { 0, 100, 0 }, file, { map = map, from_line = 50002 })
  end)

  it("counts what it leaves", function()
    local file = write({ 800, GOOD }, { 200000, (GOOD:gsub("%%d", "7")) })
    local longest, accepted, rejected, pending = create(file, { stop = true })
    assert.same({ 0, 0, 200800 }, { accepted % 100, rejected, accepted + pending })
    assert.is_true(accepted >= 100 and accepted <= 800, accepted) -- from one bulk to all that were in flight
    assert.is_true(longest < LONGEST, ("what was counted held it up for %d ms"):format(longest * 1000))
    assert.is_nil(worker:trouble())
  end)

  it("refuses purchases with many faults each", function()
    local item = '{"sku":1,"product_name":2,"quantity":"x","unit_price":"y","brand":3}'
    local purchase = ('{"purchase_detail":[%s]}\n'):format(item .. ("," .. item):rep(300))
    holds_up("what is unfit", { 0, 300, 0 }, write { 300, purchase })
  end)

  -- The answer has so many models of 160 KB each.
  local function get(models, opts)
    return worker:run("content", [[
      local url, models, opts = ...
      local client = require("purchases").ravenwits.new { user = "u", token = "t", base_url = url }
      local longest, purchase, err = require("spec.support.heartbeat").beside(function()
        return client:get(models, opts)
      end)
      local output = purchase and purchase.strategy_output
      return longest, output and (output[1] or output).idmodel, err and err.message, err and err.attempts
    ]], ("http://127.0.0.1:%d"):format(upstream.port), models, opts or {})
  end

  it("gets one model out of 35 MB", function()
    local longest, idmodel = get(220, { idmodel = 200 })
    assert.equal(200, idmodel)
    assert.is_true(longest < LONGEST, longest)
    assert.is_nil(worker:trouble())
  end)

  it("gets no more than can be decoded without holding it up", function()
    assert.equal(1, (select(2, get(6))))
    local _, _, why, attempts = get(7)
    assert.same({ "to decode 1.1 MB would hold up the worker: name one model, by idmodel", 1 }, { why, attempts })
  end)

  it("passes over a line without an end", function()
    holds_up("a long line", { 0, 1, 0 }, write { 1, '{"a":"' .. ("b"):rep(5e8) .. '"}' })
  end)
end)
