-- In other people's programs: what they set, take away or run the library in, before they load it and afterwards.
local command = require "spec.support.command"
local support = require "spec.support.sandbox"

local LOCALES = command.root .. "/build/locale"

-- What a program prints that begins with a `client`, a `series` of two rows, and `purchases`.
local PRELUDE = [[
local purchases = require "purchases"
local options = { user = "trebolenergia", token = "sandbox-token", base_url = os.getenv "URL" }
]]

describe("in a host", function()
  local sandbox

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
    assert(command.output_of("make -s -C " .. command.quote(command.root) .. " build/locale/de_DE.UTF-8") == "")
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function run(text, lua, tzdir)
    local name = os.tmpname()
    command.write_file(name, text)
    local result = command.run({ name }, { program = lua or command.lua, directory = command.root,
      env = { URL = sandbox.url, LOCPATH = LOCALES, TZDIR = tzdir } })
    os.remove(name)
    assert.equal("", result.stderr)
    assert.equal(0, result.code)
    return result.stdout
  end

  -- Makes a number's text as the C library would.
  local COMMA = [[assert(os.setlocale "de_DE.UTF-8")
assert((("%.1f"):format(1.5) == "1,5") == not package.loaded.jit)
]]

  local EVERYTHING = [[
local core, json = require "purchases.core", require "purchases.json"
local value = json.decode '{"a":[1,2,3],"b":1.5,"c":-2.5e-3}'
print(#value.a, value.b == 3 / 2, value.c == -25 / 10000, json.encode { 1.5, 0.001, 3, 1e300 })
local rows = {}
for hour = 0, 23 do
  rows[#rows + 1] = { datetime = ("2025-10-01 %02d:00"):format(hour), purchase = hour + 0.25 }
end
local series = assert(purchases.series.from(rows, { step = 60 }))
print(#series:encode(), series:encode():sub(1, 66))
local csv = assert(purchases.series.decode '{"purchase":[{"datetime":"2025-10-01 00:00","purchase":1.75}]}')
print(csv:encode())
local client = purchases.ravenwits.new(options)
local report = assert(client:submit_all(series, { retailer_id = 12.5, batch = 1 }))
print(report.accepted, report.unknown)
local receipt = report.receipts[1]
print(receipt.rows_uploaded, assert(client:wait(receipt.id)).status)
local model = assert(purchases.ravenwits.output(assert(client:get(receipt.id)), 1))
print(model.idmodel, type(model.value.MD[1].purchase_percentage))
print(assert(client:update(receipt.id, { status = "completed",
  outputs = { { idmodel = 1, value = { MD = { { datetime = "2025-10-01 00:00", purchase_percentage = 0.5,
    sale_percentage = 1.25 } } } } } })).status)
local name = os.tmpname()
local file = io.open(name, "w")
file:write("number;price;weight\n7;1234,50;0,250\n7;0,5;2\n")
file:close()
local shop = purchases.curebit.new { site = "sandbox-shop", api_key = "any-key", base_url = options.base_url,
  transport = { request = function(request)
    print(request.body)
    return { status = 201, headers = { ["RETRY-AFTER"] = 1.5, LOCATION = "x" }, body = '{"success":true}' }
  end } }
local job = assert(shop:create_all(name, { map = {
  delimiter = ";", decimal = ",", group = "number", items = "items",
  purchase = { email = { constant = "a@example.com" }, order_number = "number",
    order_date = { constant = "2025-10-01 00:00:00" }, subtotal = { sum_product = { "price", "weight" } } },
  item = { price = { column = "price", number = true }, quantity = { column = "weight", number = true } },
} }))
os.remove(name)
print(job.accepted, job.failures[1] and job.failures[1].error)
]]

  it("the locale has no say, whenever it is set", function()
    local expected = run(PRELUDE .. EVERYTHING)
    assert.matches("3\ttrue\ttrue\t[1.5,0.001,3,1e+300]\n", expected, 1, true)
    assert.matches("\n24\t0\n1\tcompleted\n1\tnumber\ncompleted\n", expected, 1, true)
    assert.matches('"items":[{"price":1234.5,"quantity":0.25},{"price":0.5,"quantity":2}]', expected, 1, true)
    assert.matches('"subtotal":309.625', expected, 1, true)
    local back = COMMA .. PRELUDE .. 'require "purchases.json".decode "[1.5]" assert(os.setlocale "C")\n'
    for _, lua in ipairs { command.lua, rawget(_G, "jit") and "lua5.1" } do
      assert.equal(expected, run(COMMA .. PRELUDE .. EVERYTHING, lua))
      assert.equal(expected, run(PRELUDE .. COMMA .. EVERYTHING, lua))
      assert.equal(expected, run(back .. EVERYTHING, lua))
    end
    for _, request in ipairs(sandbox:audit().requests) do
      assert.matches("retailer_id=12.5", request.method == "POST" and request.path or "retailer_id=12.5", 1, true)
    end
  end)

  local SUBMIT = [[
local client = purchases.ravenwits.new(options)
local series = assert(purchases.series.from { { datetime = "2025-10-01 00:00", purchase = 1 } })
local receipt = assert(client:submit(series, { retailer_id = "1" }))
print(receipt.rows_uploaded, assert(client:wait(receipt.id)).status)
print(client:submit_all(series, { retailer_id = "1" }).accepted)
print(select(2, purchases.woowup.new({ api_key = "any-key" }):create {}).kind)
]]
  local SUBMITTED = "1\tcompleted\n1\nvalidation\n"

  it("a global that is not declared may be an error", function()
    local strict = [[
local print = print
setmetatable(_G, {
  __index = function(_, name) error("undeclared global " .. tostring(name), 2) end,
  __newindex = function(_, name) error("undeclared global " .. tostring(name), 2) end,
})
]]
    assert.equal(SUBMITTED, run(strict .. PRELUDE .. SUBMIT))
    assert.equal(SUBMITTED, run(PRELUDE .. strict .. SUBMIT))
    local map = [[
      local curebit = purchases.curebit.new { site = "s", api_key = "any-key" }
      print(curebit:create_all("-", { map = "%s" }))]]
    local name = command.write_file(os.tmpname(), "return {}")
    local output = run(strict .. PRELUDE .. map:format(name))
    assert.matches("^nil\t[^\n]+purchase: expected a table of rules by name %(validation%)\n$", output)
    os.remove(name)
  end)

  it("io and os may be taken away: what needs no file works", function()
    local take = "local getenv = os.getenv io, os = nil, nil package.loaded.os = nil\n"
    local url = PRELUDE:gsub("os%.getenv", "getenv")
    assert.equal(SUBMITTED, run(take .. url .. SUBMIT))
    assert.equal(SUBMITTED, run(PRELUDE .. "io, os = nil, nil\n" .. SUBMIT))
    local without = SUBMIT:gsub("print%(select[^\n]+", "")
    assert.equal("1\tcompleted\n1\n", run(take .. "package.loaded.io = nil\n" .. url .. without))
  end)

  it("what is the caller's may yield", function()
    local code = [[
local json = require "purchases.json"
options.transport = { request = function(request)
  coroutine.yield "transport"
  return { status = 200, headers = {}, body = '{"code":"ok","payload":[]}' }
end }
options = { api_key = "any-key", transport = options.transport, rate = 6000, retry = { attempts = 1 } }
local given = 0
local function source()
  coroutine.yield "source"
  given = given + 1
  return given <= 2 and json.encode { invoice_number = tostring(given), email = "a@example.com", points = 1,
    purchase_detail = { { sku = "AB", product_name = "x", quantity = 1, unit_price = 1 } },
    prices = { cost = 1, shipping = 0, gross = 1, tax = 0, discount = 0, total = 1 } } or nil
end
local thread = coroutine.create(function()
  local client = purchases.woowup.new(options)
  print(#assert(client:find { invoice_number = "1" }))
  local report = assert(client:create_all(source, { batch = 1, on_progress = function()
    coroutine.yield "callback"
  end }))
  print(report.accepted, report.failures[1] and report.failures[1].error)
  return "end"
end)
local seen = {}
repeat
  local ok, why = coroutine.resume(thread)
  assert(ok, why)
  seen[why] = (seen[why] or 0) + 1
until why == "end"
print(seen.transport, seen.source, seen.callback > 0)
print(select(2, purchases.woowup.new(options):find { invoice_number = "1" }).code)
]]
    local expected = "0\n2\tnil\n3\t3\ttrue\ntransport_raised\n"
    assert.equal(expected, run(PRELUDE .. code))
    if rawget(_G, "jit") then
      assert.equal(expected, run(PRELUDE .. code, "lua5.1"))
    end
  end)

  it("TZDIR names the time zones, and their absence is told from a wrong name", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    local code = 'print(require("purchases").datetime.to_utc("2025-07-01 12:00", "Europe/Nowhere"))'
    local function message(tzdir)
      return run(code, nil, tzdir):match "^nil\t(.*) %(validation%)\n$"
    end
    assert.equal("unknown time zone Europe/Nowhere", message())
    assert.equal("Europe/Nowhere: there are no time zones in TZDIR, " .. folder, message(folder))
    assert.equal("Europe/Nowhere: there are no time zones in TZDIR, /nowhere", message "/nowhere")
    assert(os.execute(("cd %s && mkdir Europe && cp /usr/share/zoneinfo/Asia/Tokyo Europe/Nowhere"):format(folder)))
    assert.equal("2025-07-01T03:00:00Z\n", run(code, nil, folder))
    code = code:gsub("Nowhere", "Madrid")
    assert.equal("unknown time zone Europe/Madrid", message(folder))
    os.execute("rm -r " .. folder)
  end)
end)
