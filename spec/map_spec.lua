-- Maps: how the cells of CSV become the fields of purchases.
local errors = require "purchases.error"
local maps = require "purchases.source.map"
local sales = require "spec.support.sales"
local source = require "purchases.source"
local sources = require "spec.support.sources"

local cell, csv, rules, values = sources.cell, sources.csv, sources.rules, sources.values

describe("a map", function()
  teardown(sales.remove_files)

  it("converts numbers exactly, or refuses them", function()
    local number = { column = "a", number = true }
    assert.equal(-12.5, cell("-12.50", number))
    assert.equal(1234.5, cell('"1234,5"', number, { decimal = "," }))
    assert.equal(0, cell("0", number))
    for _, wrong in ipairs { "1e5", "0x10", "+1", ".5", "5.", "1.2.3", "nan", "inf", "1 000", "12a",
      "12345678901234567" } do
      local value, err = cell(wrong, number)
      assert.same({ nil, "invalid_cell", 2, "a" }, { value, err.code, err.line, err.issues[1].field }, wrong)
    end
    assert.is_nil(cell('"1.5"', number, { decimal = "," }))
  end)

  it("sums without the errors of binary fractions", function()
    local map = { group = "k", purchase = { v = { sum = { "n", "p" } } } }
    local rows = { "k,n,p" }
    for i = 2, 101 do
      rows[i] = "A,3,0.1"
    end
    assert.equal('{"v":30}', csv(table.concat(rows, "\n"), map)[1][2])
    assert.equal('{"v":0.3}', csv("k,n,p\nA,1,0.1\nA,1,0.20\n", map)[1][2])
    local _, refused = csv("k,n,p\nA,1,\n", map)
    assert.equal("invalid_cell", refused[1].error.code)
    _, refused = csv("k,n,p\nA,99999999,99999999.99\n", map)
    assert.matches("more digits than a number keeps", refused[1].error.message)
  end)

  it("converts dates, or refuses them", function()
    local date = { column = "a", date = "dd/mm/yyyy HH:MM" }
    assert.equal("2010-12-01 08:26:00", cell("01/12/2010 08:26", date))
    assert.equal("2010-12-01 00:00:00", cell("2010.12.01", { column = "a", date = "yyyy.mm.dd" }))
    for _, wrong in ipairs { "31/02/2010 08:26", "1/12/2010 08:26", "01/12/2010", "01/12/2010 24:00",
      "29/02/2011 08:26", "x" } do
      local value, err = cell(wrong, date)
      assert.same({ nil, "invalid_cell" }, { value, err.code }, wrong)
    end
    local london = { column = "a", date = "dd/mm/yyyy HH:MM", tz = "Europe/London" }
    assert.equal("2010-07-01 07:26:00", cell("01/07/2010 08:26", london))
    for text, readings in pairs {
      ["28/03/2010 01:30"] = { "2010-03-28T00:30:00Z", "2010-03-28T01:30:00Z" }, -- a gap
      ["31/10/2010 01:30"] = { "2010-10-31T00:30:00Z", "2010-10-31T01:30:00Z" }, -- an overlap
    } do
      local _, err = cell(text, london)
      assert.same({ "invalid_cell", 2, "a" }, { err.code, err.line, err.issues[1].field })
      assert.matches(readings[1], err.message, 1, true)
      assert.matches(readings[2], err.message, 1, true)
    end
    local seconds = { column = "a", date = "dd/mm/yyyy HH:MM:SS" }
    assert.equal("invalid_cell", select(2, cell("31/12/2016 23:59:60", seconds)).code)
  end)

  it("knows constants, objects, functions and empty cells", function()
    assert.equal("web", cell("x", { constant = "web" }))
    assert.equal(true, cell("x", { constant = true }))
    assert.same({ b = "x", c = "x" }, cell("x", { b = "a", c = { column = "a", number = false } }))
    assert.equal("<x>", cell("x", function(row)
      return "<" .. row.a .. ">"
    end))
    local _, err = cell("x", function(row)
      return row.none.such
    end)
    assert.equal("invalid_cell", err.code)
    assert.equal("{}", csv('a,b\n"",x\n', { purchase = { v = "a" } })[1][2])
  end)

  it("is UTF-8 unless it is told otherwise", function()
    assert.equal("£ÿ", cell("\163\255", "a", { encoding = "latin1" }))
    assert.equal("£", cell("£", "a"))
    local _, err = cell("\163", "a")
    assert.equal("not_encodable", err.code)
    assert.equal("invalid UTF-8 (is the map's encoding right?)", err.message)
  end)

  local function refused(map, text)
    local opened, err = source.open(sales.file(text or "a,b\n1,2\n"), rules { map = map })
    assert.is_nil(opened)
    assert.is_true(errors.is(err))
    return err
  end

  it("from a file, which sees nothing but itself", function()
    local path = sales.file 'return { purchase = { id = "a", s = function() return ("x"):rep(2) end } }'
    assert.same({ { id = "1", s = "xx" } }, values((csv("a\n1\n", path))))
    for _, name in ipairs { "os", "io", "require", "string", "_G", "print" } do -- nothing of which is there
      local text = ("return { purchase = { id = 'a', v = { constant = %s and 'there' or 'not there' } } }"):format(name)
      assert.same({ { id = "1", v = "not there" } }, values((csv("a\n1\n", sales.file(text)))), name)
    end
    for _, text in ipairs { "return os.getenv 'HOME'", "return 7", "return {", "error 'x'", "\27Lua" } do
      assert.equal("invalid_map", refused(sales.file(text)).code, text)
    end
    assert.matches("cannot be used: .*No such file", refused("/nowhere/map.lua").message)
  end)

  it("that does not fit is refused before anything is read", function()
    local cases = {
      missing_column = { { purchase = { id = "c" } }, { group = "c", purchase = { id = "a" } },
        { purchase = { v = { sum = { "c" } } } } },
      invalid_map = { {}, { purchase = { id = 7 } }, { purchase = { id = { column = "a", numbr = true } } },
        { purchase = { id = { column = "a", date = "dd/mm" } } }, { purchase = {}, items = "x" }, { purchse = {} },
        { purchase = {}, encoding = "utf16" }, { purchase = { id = { column = "a", number = true, date = "x" } } },
        { purchase = { id = { constant = {} } } } },
    }
    for code, unfit in pairs(cases) do
      for i, map in ipairs(unfit) do
        local err = refused(map)
        assert.equal(code, err.code, tostring(i) .. ": " .. tostring(err))
        assert.is_nil(err.message:find("%.lua:%d"), err.message)
      end
    end
    assert.matches("it has: a, b%)", refused({ purchase = { id = "c" } }).message)
    local long = refused({ purchase = { id = "c" } }, ("a"):rep(5000) .. "\n").message
    assert.equal(300 + 3, #long:match "it has: ([^)]*)")
    assert.equal("missing_column", refused({ purchase = { id = "a" } }, "").code)
    assert.matches("twice", refused({ purchase = { id = "a" } }, "a,a\n1,2\n").message)
  end)

  it("names the first column that is missing in every run, by the fields' names", function()
    local purchase, first = {}, "~"
    for name in ("qwertyuiopsdfghjklzxcvnm"):gmatch "." do
      purchase[name], first = "no " .. name, name < first and name or first
      assert.matches("'no " .. first .. "'", refused({ purchase = purchase }).message, 1, true)
      assert.matches("'no " .. first .. "'", refused({ purchase = { nested = purchase } }).message, 1, true)
    end
  end)

  it("is complete with its defaults, and leaves the caller's table as it was", function()
    local given = { purchase = { id = "a" } }
    local map = assert(maps.load(given))
    assert.same({ "utf8", "." }, { map.encoding, map.decimal })
    assert.same({ purchase = { id = "a" } }, given)
  end)

  it("fits a header: as many cells, the key of a row, and what is made of rows", function()
    local map = assert(maps.load { group = "k", purchase = { n = function(row, rows)
      return row.k .. #rows .. rows[2]["a b"]
    end }, items = "list", item = { v = "a b" } })
    local fitted = assert(maps.fit(map, { "k", "a b" }))
    local rows = { { "A", 'x""y' }, { "A", "" } }
    assert.same({ 2, "A" }, { fitted.width, fitted.key(rows[1]) })
    assert.same({ n = "A2", list = { { v = 'x"y' }, {} } }, fitted.make(rows))
    assert.is_nil(assert(maps.fit(assert(maps.load { purchase = { id = "k" } }), { "k" })).key)
  end)

  it("tells which cell it could not convert", function()
    local map = assert(maps.load { decimal = ",", purchase = { p = { sum = { "n", "m" } },
      d = { column = "d", date = "yyyy-mm-dd" } } })
    local fitted = assert(maps.fit(map, { "n", "m", "d" }))
    local row, seen = { "1,5", "2.5", "2025-02-30" }, {}
    assert.same({}, fitted.make({ row }, function(...)
      seen[#seen + 1] = { ... }
    end))
    table.sort(seen, function(a, b)
      return a[2] < b[2]
    end)
    assert.same({ { row, "d", "'2025-02-30' is not a date as yyyy-mm-dd" }, { row, "m", "'2.5' is not a number" } },
      seen)
  end)
end)
