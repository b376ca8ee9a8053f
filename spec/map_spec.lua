-- Maps: how the cells of CSV become the fields of purchases. (The rules themselves are tested in spec/c/test_map.c.)
local errors = require "purchases.error"
local map_type = require "purchases.map"
local maps = require "purchases.source.map"
local sales = require "spec.support.sales"
local source = require "purchases.source"
local sources = require "spec.support.sources"

local cell, csv, read, rules, values = sources.cell, sources.csv, sources.read, sources.rules, sources.values

describe("a map", function()
  teardown(sales.remove_files)

  -- The JSON that a rule makes of a file's only cell, or of no cell nothing.
  local function json_of(text, rule, more)
    local map = map_type.merge({ purchase = { v = rule } }, more)
    local good, refused = csv("a\n" .. text .. "\n", map)
    return good[1] and good[1][2]:match '^{"v":(.*)}$', refused[1] and refused[1].error
  end

  it("keeps every digit of a number, and writes it plainly", function()
    local number = { column = "a", number = true }
    for text, json in pairs { ["-12.50"] = "-12.5", ["1.00"] = "1", [".50"] = "0.5", ["1e3"] = "1000",
      ["-0.00"] = "0", [" 007 "] = "7", ["12345678901234567890.123456789"] = "12345678901234567890.123456789" } do
      assert.equal(json, json_of(text, number), text)
    end
    assert.equal("1234.5", json_of('"1.234,50"', number, { decimal = ",", thousands = "." }))
    assert.equal("-5.13", json_of("(5.125)", { column = "a", number = true, currency = "$", round = 2 }))
    for _, wrong in ipairs { "0x10", "1.2.3", "nan", "inf", "1 000", "12a", '"1,5"' } do
      local value, err = json_of(wrong, number)
      assert.same({ nil, "invalid_cell", 2, "a" }, { value, err.code, err.line, err.issues[1].field }, wrong)
    end
    local _, err = json_of('"1,5"', number)
    assert.equal([[a: '1,5' is not a number: a decimal comma; say decimal = ","]], err.message)
  end)

  it("adds rows up to the last digit, each row's product too", function()
    local map = { group = "k", purchase = { v = { sum_product = { "n", "p" } }, s = { sum = "p" },
      a = { add = { "n", "p" }, round = 0 } } }
    local rows = { "k,n,p" }
    for i = 2, 101 do
      rows[i] = "A,3,0.1"
    end
    assert.equal('{"a":310,"s":10,"v":30}', csv(table.concat(rows, "\n"), map)[1][2])
    assert.equal('{"a":199999999999,"s":100000000000.01,"v":9999999999900999998999.9899999999}',
      csv("k,n,p\nA,99999999998.99999999,100000000000.01\nA,,\n", map)[1][2])
    local _, refused = csv("k,n,p\nA,1,\n", map)
    assert.equal("invalid_cell", refused[1].error.code)
    assert.equal("{}", csv("k,n,p\nA,,\n", map)[1][2])
    map = { group = "k", purchase = { p = { sum_product = { "n" } }, s = { sum = "p" } } } -- with quotes to be undone
    assert.equal('{"p":6,"s":27}', csv("k,n,p\n" .. ('A,="2",="9"\n'):rep(3), map)[1][2])
  end)

  it("converts times to UTC, or refuses them", function()
    local date = { column = "a", date = "%d/%m/%Y %H:%M" }
    assert.equal("2010-12-01 08:26:00", cell("01/12/2010 08:26", date))
    assert.equal("2010-12-01 08:26:00", cell("1/12/2010 8:26", date))
    assert.equal("2010-12-01 00:00:00", cell("2010.12.01", { column = "a", date = "%Y.%m.%d" }))
    assert.equal("2024-01-15 19:30:00", cell("2024-01-15 14:30 -0500", { column = "a", date = "%Y-%m-%d %H:%M %z" }))
    for _, wrong in ipairs { "31/02/2010 08:26", "01/12/2010", "01/12/2010 24:00", "29/02/2011 08:26", "x" } do
      local value, err = cell(wrong, date)
      assert.same({ nil, "invalid_cell" }, { value, err.code }, wrong)
    end
    local london = { column = "a", date = "%d/%m/%Y %H:%M", tz = "Europe/London" }
    assert.equal("2010-07-01 07:26:00", cell("01/07/2010 08:26", london))
    for _, text in ipairs { "28/03/2010 01:30", "31/10/2010 01:30" } do -- a gap, an overlap
      local _, err = cell(text, london)
      assert.same({ "invalid_cell", 2, "a" }, { err.code, err.line, err.issues[1].field })
    end
    assert.equal("2010-07-01 07:26:00", cell("01/07/2010 08:26", date, { tz = "Europe/London" }))
  end)

  it("knows constants, objects, other texts, defaults and empty cells", function()
    assert.equal("web", cell("x", { constant = "web" }))
    assert.equal(true, cell("x", { constant = true }))
    assert.same({ b = "x", c = "x" }, cell("x", { b = "a", c = { column = "a" } }))
    assert.equal("{}", csv('a,b\n"",x\n', { purchase = { v = "a", o = { n = { p = "a" } } } })[1][2])
    local male = { column = "a", values = { M = "male" }, default = "other" }
    assert.same({ "male", "other" }, { cell("M", male), cell("-", male, { null = { "-" } }) })
    assert.equal("invalid_cell", select(2, cell("W", male)).code)
    local good = csv("k,a\n1,\n1,M\n2,\n2,\n", { group = "k", purchase = { s = male, n = { sum = "k" } } })
    assert.same({ { s = "male", n = 2 }, { s = "other", n = 4 } }, values(good))
  end)

  it("writes members by their names, the list among them", function()
    local map = { purchase = { b = "a", z = "a", ["a\"\n"] = "a" }, items = "m", item = { y = "a", x = { q = "a" } } }
    assert.equal('{"a\\"\\n":"é\\u0001","b":"é\\u0001","m":[{"x":{"q":"é\\u0001"},"y":"é\\u0001"}],"z":"é\\u0001"}',
      csv("a\né\1\n", map)[1][2])
    map.items = "zz"
    assert.matches('"z":"x","zz":%[{"x"', csv("a\nx\n", map)[1][2])
    assert.equal('{"m":[{}]}', csv("a,b\n,1\n", { purchase = { b = "a" }, items = "m", item = { c = "a" } })[1][2])
  end)

  it("is UTF-8 unless it is told otherwise", function()
    assert.equal("£ÿ", cell("\163\255", "a", { encoding = "latin1" }))
    assert.equal("–€", cell("\150\128", "a", { encoding = "windows-1252" }))
    assert.equal("£", cell("£", "a"))
    local _, err = cell("\163", "a")
    assert.same({ "invalid_cell", 2 }, { err.code, err.line })
    assert.matches("encoding", err.message)
  end)

  describe("with functions", function()
    it("gives them the row and all rows, whose cells are read when they are asked for", function()
      local seen
      local map = {
        group = "k",
        purchase = {
          id = "k",
          n = function(row, rows)
            seen = { row, rows[2] }
            return row.k .. #rows .. rows[2]["a b"] .. row[2] .. tostring(next(row))
          end,
          o = { none = function() end },
        },
        items = "list",
        item = { v = "a b", of = function(row, rows)
          return { row["a b"], #rows, rows[1] == row }
        end },
      }
      local good, refused = csv('k,a b\nA,"x""y"\nA,\nB,1\nB,2\n', map)
      assert.same({}, refused)
      assert.same({ { 2, '{"id":"A","list":[{"of":["x\\"y",2,true],"v":"x\\"y"},{"of":["",2,false]}],'
        .. '"n":"A2x\\"ynil"}' } }, { good[1] })
      assert.same({ { 4, '{"id":"B","list":[{"of":["1",2,true],"v":"1"},{"of":["2",2,false],"v":"2"}],'
        .. '"n":"B221nil"}' } }, { good[2] })
      assert.has_error(function()
        return seen[1].k
      end, "a row can be read only while its function runs")
    end)

    it("refuses a purchase of which one asks for a column that is not there, by name or number", function()
      local NONE = 'no column "%s"; the columns are "k", "a b"'
      for given, name in pairs { none = "none", [9] = "9" } do
        local good, refused = csv("k,a b\nA,1\n", { purchase = { id = "k", n = function(row)
          return row[given]
        end } })
        assert.same({ 0, "invalid_cell" }, { #good, refused[1].error.code })
        assert.matches(NONE:format(name), refused[1].error.message, 1, true)
      end
      local _, refused = csv("A,1\n", { header = false, purchase = { id = 1, n = function(row)
        return (row[2] or "") .. row.k
      end } })
      assert.matches('no column "k", for there is no header: name columns by number', refused[1].error.message, 1, true)
    end)

    it("refuses a purchase of which one raises, or makes what JSON cannot hold", function()
      local map = { group = "k", purchase = { id = "k", s = { f = function(row)
        if row.k == "A" then
          error("no A", 0)
        elseif row.k == "B" then
          return print
        end
        return 1
      end } }, items = "i", item = { g = function(row)
        return row.n and ("x"):rep(row.n)
      end } }
      local good, refused = csv("k,n\nA,1\nA,2\nB,1\nC,1\nC,z\nD,2\n", map)
      assert.same({ { 7, '{"id":"D","i":[{"g":"xx"}],"s":{"f":1}}' } }, { { good[1][1], (good[1][2]:gsub(
        '^{"i":(.*),"id":"D",', '{"id":"D","i":%1,')) } })
      assert.same({ 2, "invalid_cell", "purchase.s.f", "A,1\nA,2", "A" }, { refused[1].line, refused[1].error.code,
        refused[1].error.issues[1].field, refused[1].text, refused[1].key })
      assert.equal("purchase.s.f: its function raised: no A", refused[1].error.message)
      assert.same({ "not_encodable", 4 }, { refused[2].error.code, refused[2].line })
      assert.same({ "invalid_cell", "item.g", 6, 5 }, { refused[3].error.code, refused[3].error.issues[1].field,
        refused[3].error.line, refused[3].line })
    end)

    it("costs no more for an item of a long purchase than for one of a short one", function()
      local function seconds(groups, each)
        local rows = { "k,a,b" }
        for i = 1, groups do
          rows[#rows + 1] = (("%d,1,2\n"):format(i)):rep(each, "")
        end
        local path = sales.file(table.concat(rows, "\n"))
        local start = os.clock()
        local map = { group = "k", purchase = { id = "k" }, items = "i", item = { v = function(row, all)
          return row.a .. all[1].b
        end } }
        local good = read(path, { batch_bytes = 2 ^ 22, max_purchase = 2 ^ 22, map = map })
        assert.equal(groups, #good)
        return os.clock() - start
      end
      local short, long = seconds(4000, 2), seconds(1, 8000)
      assert.is_true(long < 4 * short + 0.2, ("%.3f s and %.3f s"):format(short, long))
    end)

    it("reads rows that are too many for any purchase", function()
      local good, refused = csv("k,a\n" .. ("A," .. ("x"):rep(1000) .. "\n"):rep(4300) .. "B,1\n",
        { group = "k", purchase = { id = "k", f = function() return 1 end } })
      assert.same({ 1, "too_large", true }, { #good, refused[1].error.code, refused[1].cut })
    end)
  end)

  local function refused(map, text)
    local opened, err = source.open(sales.file(text or "a,b\n1,2\n"), rules { map = map })
    assert.is_nil(opened)
    assert.is_true(errors.is(err))
    return err
  end

  it("from a file sees copies of string, table and math, and nothing of the program's own", function()
    local path = sales.file [[
      string.rep = function() return "mine" end
      table.insert, math.floor = nil, nil
      return { purchase = { id = "a", s = function(row) return string.rep(row.a, 2) .. ("x"):rep(2) end,
        t = function(row) return type(select(2, ipairs { tonumber(row.a) })) .. tostring(pairs) end } }]]
    assert.matches('{"id":"1","s":"minexx","t":"tablefunction', csv("a\n1\n", path)[1][2])
    assert.equal("xx", string.rep("x", 2))
    assert.is_function(table.insert)
    for _, name in ipairs { "os", "io", "require", "_G", "print", "load", "loadstring", "dofile", "setfenv", "debug",
      "getmetatable", "setmetatable", "rawset", "pcall", "coroutine", "package" } do
      local text = ("return { purchase = { id = 'a', v = { constant = %s and 'there' or 'not there' } } }"):format(name)
      assert.same({ { id = "1", v = "not there" } }, values((csv("a\n1\n", sales.file(text)))), name)
    end
    for _, text in ipairs { "return os.getenv 'HOME'", "return 7", "return {", "error 'x'", "\27Lua" } do
      assert.equal("invalid_map", refused(sales.file(text)).code, text)
    end
    assert.matches("cannot be used: .*No such file", refused("/nowhere/map.lua").message)
    assert.matches("cannot be used: purchase.id: unknown key 'numbr'", refused(sales.file
      "return { purchase = { id = { column = 'a', numbr = true } } }").message)
    assert.matches("cannot be used: purchase.id: unknown key 'colum'; did you mean 'column'%?", refused(sales.file
      "return { purchase = { id = { colum = 'a' } } }").message)
    assert.equal('{"ad":"1","and":"1","colour":"1","num":"1"}',
      json_of("1", { num = "a", ["and"] = "a", ad = "a", colour = "a" }))
  end)

  it("by its name comes with the program", function()
    local map = assert(maps.load("shopify", { tz = "UTC" }, "woowup"))
    assert.same({ "table", "UTC" }, { type(map.purchase), map.tz })
    local err = select(2, maps.load("shopfy", nil, "woowup"))
    assert.equal("invalid_map", err.code)
    assert.matches("shopify", err.message)
  end)

  it("that does not fit is refused before anything is read", function()
    local cases = {
      missing_column = { { purchase = { id = "c" } }, { group = "c", purchase = { id = "a" } },
        { purchase = { v = { sum = "c" } } }, { purchase = { id = 3 } },
        { where = { c = "1" }, purchase = { id = "a" } } },
      invalid_map = { {}, { purchase = { id = true } }, { purchase = { id = { column = "a", numbr = true } } },
        { purchase = { id = { column = "a", date = "dd/mm" } } }, { purchase = {}, items = "x" }, { purchse = {} },
        { purchase = {}, encoding = "utf7" }, { purchase = { id = { column = "a", number = true, date = "%Y" } } },
        { purchase = { id = { constant = {} } } }, { purchase = { id = { sum = { "a", "b" } } } },
        { purchase = { id = print, [print] = "a" } },
        { purchase = { id = { column = "a", date = "%Y", tz = "Mars/X" } } } },
    }
    for code, unfit in pairs(cases) do
      for i, map in ipairs(unfit) do
        local err = refused(map)
        assert.equal(code, err.code, tostring(i) .. ": " .. tostring(err))
        assert.is_nil(err.message:find("%.lua:%d"), err.message)
      end
    end
    assert.matches('"a", "b"', refused({ purchase = { id = "c" } }).message)
    assert.equal("missing_column", refused({ purchase = { id = "a" } }, "").code)
    assert.matches("2 times", refused({ purchase = { id = "a" } }, "a,a\n1,2\n").message)
  end)

  it("leaves the caller's table as it was", function()
    local given = { purchase = { id = "a", f = function() end } }
    assert(source.open(sales.file "a\n1\n", rules { map = given, over = { encoding = "latin1" } })):close()
    assert.same({ "purchase", nil }, { next(given) == "purchase" and "purchase", given.encoding })
    assert.is_function(given.purchase.f)
  end)
end)
