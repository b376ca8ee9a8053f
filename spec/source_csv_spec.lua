-- Purchases out of the rows of a CSV file.
local core = require "purchases.core"
local purchases_of = require "purchases.source.csv"
local sales = require "spec.support.sales"
local schema = require "purchases.schema"
local source = require "purchases.source"
local sources = require "spec.support.sources"

local csv, read, rules, values = sources.csv, sources.read, sources.rules, sources.values

local function nothing() end

describe("a file of CSV", function()
  teardown(sales.remove_files)

  local INVOICES = {
    group = "No",
    purchase = { id = "No", total = { sum = { "N", "Price" } } },
    items = "items",
    item = { name = "Name", n = { column = "N", number = true } },
  }

  it("has an item for every row, and a purchase for rows that belong together", function()
    local good, refused = csv('No,Name,N,Price\nA,x,2,1.10\nA,"y ""z""",1,0.05\nB,v,-3,2.5\n', INVOICES)
    assert.same({}, refused)
    assert.same({ { 2, '{"id":"A","items":[{"n":2,"name":"x"},{"n":1,"name":"y \\"z\\""}],"total":2.25}' },
      { 4, '{"id":"B","items":[{"n":-3,"name":"v"}],"total":-7.5}' } }, good)
  end)

  it("has a purchase for every row where nothing groups them", function()
    local good = csv("a\n1\n2\n", { purchase = { id = "a" } })
    assert.same({ { id = "1" }, { id = "2" } }, values(good))
  end)

  it("is found with its delimiter, BOM and line ends", function()
    for _, text in ipairs { "No;Name;N;Price\nA;x;1;2\n", "\239\187\191No\tName\tN\tPrice\r\nA\tx\t1\t2\r\n",
      "No,Name,N,Price\nA,x,1,2" } do
      assert.same({ { id = "A", total = 2, items = { { n = 1, name = "x" } } } }, values((csv(text, INVOICES))))
    end
    local map = { delimiter = ";", purchase = { v = "c," } } -- where commas are in the majority
    assert.same({ { v = "3" } }, values((csv("a,b;c,\n1,2;3\n", map))))
  end)

  it("tells what is refused in the order of the file, with its header where it made no purchase", function()
    local wants_n = assert(schema.compile '{"required":["n"]}')
    local _, refused = read(sales.file "n,m\n,1\n2,1\nx,1\n", { schema = wants_n,
      map = { purchase = { n = { column = "n", number = true }, m = "m" } } })
    assert.same({ 2, 4, "invalid_cell", "x,1", "n,m" },
      { refused[1].line, refused[2].line, refused[2].error.code, refused[2].text, refused[2].header })
    assert.is_nil(refused[1].header)
  end)

  it("refuses a purchase of which a line cannot be read, and its neighbours where nobody knows whose it is",
    function()
      local text = 'No,Name,N,Price\nA,x,1,1\nA,y,1\nB,x,1,1\nC,x,1,1\n"C"",x,1,1\nD,x,1,1\nE,x,1,1\n'
      local good, refused = csv(text, INVOICES)
      assert.same({ { 4, '{"id":"B","items":[{"n":1,"name":"x"}],"total":1}' },
        { 8, '{"id":"E","items":[{"n":1,"name":"x"}],"total":1}' } }, good)
      assert.same({ "A,x,1,1\nA,y,1", 2, 3 }, { refused[1].text, refused[1].line, refused[1].error.line })
      assert.same({ "C,x,1,1\n\"C\"\",x,1,1", "C" }, { refused[2].text, refused[2].key })
      assert.same({ "\"C\"\",x,1,1\nD,x,1,1", "D" }, { refused[3].text, refused[3].key })
      assert.equal("invalid_csv", refused[3].error.code)
    end)

  it("refuses an invoice that comes back, and names both lines", function()
    local good, refused = csv("No,Name,N,Price\nA,x,1,1\nB,x,1,1\nA,y,1,1\n", INVOICES)
    assert.same({ 2, 1 }, { #good, #refused })
    assert.same({ "invoice_returns", 4, "A" }, { refused[1].error.code, refused[1].error.line, refused[1].key })
    assert.matches("stands at line 2 already", refused[1].error.message)
  end)

  it("begins at the line that it is told, and knows what came before", function()
    local good, refused = read(sales.file "No,Name,N,Price\nA,x,1,1\nA,y,1\nB,x,1,1\nC,x,1,1\nA,x,1,1\n",
      { map = INVOICES, from_line = 4 })
    assert.same({ 2, 4, 5, 1, 6 }, { #good, good[1][1], good[2][1], #refused, refused[1].line })
    assert.equal("invoice_returns", refused[1].error.code)
  end)

  it("knows what is left", function()
    local opened = assert(source.open(sales.file "No,Name,N,Price\nA,x,1,1\nA,y,1,1\nB,x,1,1\nC,x,1,1\n",
      rules { map = INVOICES, batch = 1 }))
    opened:next()
    assert.same({ 4, 2 }, { opened:line(), opened:count() })
    local path = sales.file 'a\n1\n"2\n2"\n3\n4\n'
    opened = assert(source.open(path, rules { map = { purchase = { id = "a" } }, batch = 2 }))
    opened:next()
    assert.same({ 5, 2 }, { opened:line(), opened:count() })
  end)

  it("may have a field of many lines, and refuses a line that is too long for itself", function()
    local long = ("x"):rep(749999) .. "\n" .. ("x"):rep(750000)
    local endless = ("y"):rep(12 * 2 ^ 20)
    local good, refused, err = read(sales.file('a,b\n1,"' .. long .. '"\n2,' .. endless .. '\n3,"z"\n'),
      { map = { purchase = { id = "a", text = "b" } }, max_purchase = 2 ^ 22, batch_bytes = 2 ^ 22 })
    assert.same({ 2, 5, 1 }, { good[1][1], good[2][1], #refused })
    assert.same({ { id = "1", text = long }, { id = "3", text = "z" } }, values(good))
    assert.same({ 4, "invalid_csv", "a row of more than 4 MiB", true, nil },
      { refused[1].line, refused[1].error.code, refused[1].error.message, refused[1].cut, err })
  end)

  it("ends in the middle of a quote", function()
    local good, refused = csv('No,Name,N,Price\nA,x,1,1\nB,"x,1,1\nB,y,1,1\n', INVOICES)
    assert.equal(0, #good)
    assert.is_true(#refused >= 1)
  end)

  it("tells of a purchase all that is wrong with it, up to a thousand times", function()
    local map = { group = "k", purchase = { id = "k" }, items = "items",
      item = { n = { column = "n", number = true } } }
    local _, refused = csv("k,n\n" .. ("A,x\n"):rep(1200), map)
    local err = refused[1].error
    assert.same({ 1, 1200, 1000, 2 }, { #refused, err.total, #err.issues, err.line })
    assert.same({ index = 0, line = 1001, field = "n", code = "invalid_cell", message = "n: 'x' is not a number" },
      err.issues[1000])
  end)

  it("cannot be counted where it flows, but elsewhere", function()
    local path = sales.file "a\n1\n2\n"
    local opened = assert(purchases_of.open(path, { purchase = { id = "a" } }))
    opened:next(nothing)
    assert.same({ 3, 1 }, { opened:line(), opened:count(nothing) })
    assert.is_nil(opened:next(nothing))
    opened:close()
    opened:close()
    opened = assert(purchases_of.open("/proc/self/status", { delimiter = ";", purchase = {} })) -- tells no size
    assert.is_nil(opened:count())
    opened:close()
  end)

  describe("that cannot be read on", function()
    local open = core.rows.open
    local failure = { line = 5, message = "cannot read on: Input/output error" }
    local closed

    before_each(function()
      closed = false
      local rows = { { "A", [0] = "A" }, { "B", [0] = "B" }, { "B", [0] = "B" } }
      local at = 0
      core.rows.open = function() -- luacheck: ignore 122
        return {
          header = function()
            return { "No", [0] = "No\n" }
          end,
          next = function()
            at = at + 1
            if rows[at] then
              return rows[at], at + 1
            end
            return nil, failure
          end,
          line = function()
            return 5
          end,
          size = function()
            return 100
          end,
          close = function()
            closed = true
          end,
        }
      end
    end)

    after_each(function()
      core.rows.open = open -- luacheck: ignore 122
    end)

    it("leaves the purchase whose rows it has not seen to the end", function()
      local opened = assert(source.open("-", rules { map = { group = "No", purchase = { id = "No" } } }))
      local bulk, refused = opened:next()
      assert.same({ '[{"id":"A"}]', {} }, { bulk:body(1, #bulk), refused })
      assert.equal(3, opened:line())
      assert.is_nil(opened:count())
      bulk:release(1, #bulk)
      bulk:close()
      local bulk_behind, err = opened:next()
      assert.same({ nil, failure }, { bulk_behind, err })
      opened:close()
      assert.is_true(closed)
    end)
  end)
end)
