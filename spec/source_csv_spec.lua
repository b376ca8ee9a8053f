-- Purchases out of the rows of a CSV file.
local core = require "purchases.core"
local sales = require "spec.support.sales"
local schema = require "purchases.schema"
local source = require "purchases.source"
local sources = require "spec.support.sources"

local csv, read, rules, values = sources.csv, sources.read, sources.rules, sources.values

describe("a file of CSV", function()
  teardown(sales.remove_files)

  local INVOICES = {
    group = "No",
    purchase = { id = "No", total = { sum_product = { "N", "Price" } } },
    items = "items",
    item = { name = "Name", n = { column = "N", number = true } },
  }

  it("has an item for every row, and a purchase for rows that belong together", function()
    local good, refused = csv('No,Name,N,Price\nA,x,2,1.10\nA,"y ""z""",1,0.05\nB,v,-3,2.5\n', INVOICES)
    assert.same({}, refused)
    assert.same({ { 2, '{"id":"A","items":[{"n":2,"name":"x"},{"n":1,"name":"y \\"z\\""}],"total":2.25}' },
      { 4, '{"id":"B","items":[{"n":-3,"name":"v"}],"total":-7.5}' } }, good)
  end)

  it("keeps purchases apart wherever the blocks end that it is read in", function()
    local lines = { ("No,%s\n"):format(("x"):rep(60)) } -- 64 bytes each, as divide a block
    for i = 1, 5000 do
      lines[i + 1] = ("%s,%s\n"):format(i < 1024 and "A" or "B", ("x"):rep(61))
    end
    local map = { group = "No", purchase = { id = "No" }, items = "items", item = { n = { constant = 1 } } }
    local sizes = {}
    for i, purchase in ipairs(values((csv(table.concat(lines), map)))) do
      sizes[i] = purchase.id .. #purchase.items
    end
    assert.same({ "A1023", "B3977" }, sizes)
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
      assert.same({ "D,x,1,1", "D", 7, "invalid_csv", 6 },
        { refused[3].text, refused[3].key, refused[3].line, refused[3].error.code, refused[3].error.line })
      assert.matches("nobody can tell whose row it is: the purchase at line 5 is refused, too",
        refused[2].error.issues[1].message, 1, true)
      assert.matches("the purchase at line 7 is refused, too", refused[3].error.issues[1].message, 1, true)
    end)

  it("refuses a line that cannot be read before the first purchase by itself, and that purchase, too",
    function()
      local STRAY = '"A"",x,1,1\n'
      for _, before in ipairs { STRAY, STRAY .. STRAY, ",x,1,1\n" .. STRAY } do
        local good, refused = csv("No,Name,N,Price\n" .. before .. "A,x,1,1\nB,x,1,1\n", INVOICES)
        local last = 2 + select(2, before:gsub("\n", ""))
        assert.same({ 1, 2 }, { #good, #refused })
        assert.same({ before:sub(1, -2), nil, 2 }, { refused[1].text, refused[1].key, refused[1].line })
        assert.same({ "A,x,1,1", "A", last }, { refused[2].text, refused[2].key, refused[2].line })
        assert.is_nil(refused[1].error.issues[1].message:find("refused, too", 1, true))
        assert.matches(("the purchase at line %d is refused, too"):format(last), refused[2].error.issues[1].message,
          1, true)
      end
    end)

  it("refuses a purchase whose rows stand apart once, with all its rows, and names the lines", function()
    local good, refused = csv("No,Name,N,Price\nA,x,1,1\nB,x,1,1\nA,y,1,1\nC,x,1,1\nA,z,1,1\nA,z,1,1\n", INVOICES)
    assert.same({ 2, 3, 5, 1 }, { #good, good[1][1], good[2][1], #refused })
    assert.same({ "invoice_returns", 2, "A", 2, "A,x,1,1\nA,y,1,1\nA,z,1,1\nA,z,1,1" },
      { refused[1].error.code, refused[1].error.line, refused[1].key, refused[1].line, refused[1].text })
    assert.equal("No A stands at lines 2, 4 and 6: its rows must follow one another; sort the file by No",
      refused[1].error.message)
    local parts = { "No,Name,N,Price" }
    for i = 1, 20 do
      parts[i + 1] = (i % 2 == 0 and "B" or "A") .. ",x,1,1"
    end
    good, refused = csv(table.concat(parts, "\n"), INVOICES)
    assert.same({ 0, 2 }, { #good, #refused })
    assert.matches("^No B stands at lines 3, 5, 7, 9, 11 and 5 more:", refused[2].error.message)
  end)

  it("refuses a row without a key, and the purchase before it, unless it goes on", function()
    local text = "No,Name,N,Price\n,o,1,1\nA,x,1,1\n ,y,1,1\nB,x,1,1\nC,x,1,1\n"
    local good, refused = csv(text, INVOICES)
    assert.same({ 5, 6 }, { good[1][1], good[2][1] })
    assert.same({ 2, ",o,1,1", nil, 3, "A,x,1,1\n ,y,1,1", "A", "empty_group", 4, 1 },
      { refused[1].line, refused[1].text, refused[1].key, refused[2].line, refused[2].text, refused[2].key,
        refused[2].error.code, refused[2].error.line, refused[2].error.issues[1].column })
    assert.matches('^No is empty: whose row is it%? Say blank = "continues"', refused[2].error.message)
    local map = { blank = "continues" }
    for name, value in pairs(INVOICES) do
      map[name] = value
    end
    good, refused = csv(text, map)
    assert.same({ 3, 1, 2 }, { #good, #refused, refused[1].line })
    assert.equal('{"id":"A","items":[{"n":1,"name":"x"},{"n":1,"name":"y"}],"total":2}', good[1][2])
    good, refused = csv("No,Name,N,Price\nA,x,1,1\n\"B\"\",x,1,1\n,y,1,1\nC,x,1,1\n", map) -- B's, not A's
    assert.same({ {}, 2, "A,x,1,1\n\"B\"\",x,1,1\n,y,1,1" }, { good, #refused, refused[1].text })
  end)

  it("groups rows by several columns", function()
    local map = { group = { "Shop", 2 }, purchase = { id = "No", shop = "Shop" } }
    local good, refused = csv("Shop,No\nx,1\nx, 1 \ny,1\ny,2\nx,2\ny,1\n", map)
    assert.same({ { 2, '{"id":"1","shop":"x"}' }, { 5, '{"id":"2","shop":"y"}' }, { 6, '{"id":"2","shop":"x"}' } },
      good)
    assert.same({ 4, "y 1" }, { refused[1].line, refused[1].key })
    map.blank = "continues"
    good, refused = csv("Shop,No\nx,1\nx,\n,1\ny,\n", map) -- the last one says y
    assert.same({ {}, 2, "empty_group" }, { good, refused[1].line, refused[1].error.code })
    assert.equal("x,1\nx,\n,1\ny,", refused[1].text)
  end)

  it("names the column of several that is empty, and all of them where rows stand apart", function()
    local map = { group = { "No", "Shop" }, purchase = { id = "No" } }
    local _, refused = csv("No,Shop\nA,1\nA,\nB,2\nC,3\nB,2\n", map)
    assert.matches("^Shop is empty: whose row is it", refused[1].error.issues[1].message)
    assert.same({ 3, 3 }, { refused[1].error.issues[1].line, refused[1].error.issues[1].column })
    assert.equal("No and Shop B 2 stands at lines 4 and 6: its rows must follow one another; sort the file by No and "
      .. "Shop", refused[2].error.issues[1].message)
  end)

  it("shows a key of several columns with its parts where it stands in two files", function()
    local map = { group = { "No", "Shop" }, purchase = { id = "No" } }
    local first = assert(source.open(sales.file "No,Shop\nA,1\nB,Añil\n", rules { map = map }))
    local second = assert(source.open(sales.file "No,Shop\nA,2\nB,Añil\n", rules { map = map }))
    assert(first:join "a.csv")
    assert(second:join("b.csv", first))
    assert(first:prepare())
    local _, err = second:prepare()
    assert.equal("No and Shop B Añil stands here at line 3 and in a.csv at line 3: the rows of a purchase must stand "
      .. "in one file", err.message)
    first:close()
    second:close()
  end)

  it("refuses rows of a purchase that do not say the same, with both lines and both values", function()
    local map = { group = "k", purchase = { id = "k", e = "e", d = { column = "d", date = "%d/%m/%Y" } } }
    local good, refused = csv("k,e,d\nA,,\nA,x,1/2/2025\nA,x,01/02/2025\nA,,\nB,x,\nB,y,\nB,z,\nC,x,\n", map)
    assert.same({ { 2, '{"d":"2025-02-01 00:00:00","e":"x","id":"A"}' }, { 9, '{"e":"x","id":"C"}' } }, good)
    assert.same({ 1, "B,x,\nB,y,\nB,z,", 1 }, { #refused, refused[1].text, refused[1].error.total })
    assert.same({ index = 0, line = 7, column = 3, field = "e", code = "rows_disagree", count = 1,
      message = "e: 'x' on line 6, 'y' on line 7: rows of one purchase must agree" }, refused[1].error.issues[1])
    map.purchase.e = { column = "e", first = true }
    good, refused = csv("k,e,d\nB,x,\nB,y,\nC,,\nC,x,\n", map)
    assert.same({ { { 2, '{"e":"x","id":"B"}' }, { 4, '{"id":"C"}' } }, {} }, { good, refused })
  end)

  it("is refused as a whole where a number differs within a purchase", function()
    local map = { group = "k", purchase = { id = "k", p = { t = { column = "n", number = true } },
      d = { column = "d", number = true } } }
    local good, refused, err, _ = csv("k,n,d\nA,10.0,1\nA,10.00,1\nB,5,\nB,6.50,1\nB,7,2\nC,1,1\n", map)
    assert.same({ {}, {}, "invalid_map", 2 }, { good, refused, err.code, #err.issues })
    assert.equal("d: d differs within 1 of 3 purchases (first: lines 5 and 6): sum it, or say first = true "
      .. "(1 on line 5, 2 on line 6)", err.message)
    assert.equal("p.t: n differs within 1 of 3 purchases (first: lines 4 and 5): sum it, or say first = true "
      .. "(5 on line 4, 6.50 on line 5)", err.issues[2].message)
    assert.same({ 5, 3 }, { err.issues[2].line, err.issues[2].column })
    map.purchase.d, map.purchase.p.t.first = nil, true
    good = csv("k,n,d\nA,10.0,1\nA,10.00,1\nB,5,\nB,6.50,1\nB,7,2\nC,1,1\n", map)
    assert.equal('{"id":"B","p":{"t":5}}', good[2][2])
    local rows = { "k,n" }
    for i = 1, 1234 do
      rows[#rows + 1] = ("%d,1\n%d,2"):format(i, i)
    end
    map.purchase.p.t.first = nil
    _, _, err = csv(table.concat(rows, "\n"), map)
    assert.matches("p.t: n differs within 1,234 of 1,234 purchases", err.message, 1, true)
  end)

  it("leaves rows out, and what the rows above say stands for an empty cell", function()
    local text = "No,Name,N,Price,State\nA,x,1,1,paid\nA,y,1,1,\nB,x,1,1,open\nB,y,1,1,\nA,z,1,1,paid\nB,y,1\n"
    local map = { where = { State = { "paid", "done" } } }
    for name, value in pairs(INVOICES) do
      map[name] = value
    end
    local opened = assert(source.open(sales.file(text), rules { map = map }))
    local bulk, refused = opened:next()
    assert.same({ '[{"id":"A","items":[{"n":1,"name":"x"},{"n":1,"name":"y"},{"n":1,"name":"z"}],"total":3}]', 3, {} },
      { bulk:body(1, #bulk), opened:left_out(), refused })
    opened:close()
    local good = csv("a,b\n1,x\n2,y\n3,\n", { unless = { b = "y" }, purchase = { id = "a" } })
    assert.same({ { id = "1" }, { id = "3" } }, values(good))
    good, refused = csv("k,s,n\nA,yes,1\nA,,2\nTotal\nB,yes,1\n\"A\"x,yes,1\n", { group = 1, where = { [2] = "yes" },
      purchase = { id = "k", n = { sum = "n" } } }) -- what is too short is left out, what is no row is not
    assert.same({ { id = "A", n = 3 }, 1, 5 }, { values(good)[1], #refused, refused[1].line })
    good = csv("k,2,n\nA,no,1\nB,yes,1\n", { where = { [2] = "yes", [3] = { "1" } }, purchase = { id = 1 } })
    assert.same({ { 3, '{"id":"B"}' } }, good)
    good = csv("3,2,1\nA,no,1\nB,yes,1\n", { unless = { [1] = "A" }, where = { [3] = "1" }, purchase = { id = 1 } })
    assert.same({ { 3, '{"id":"B"}' } }, good)
    good, refused = csv("s,k,n\nyes,A,1\n,A,2\nyes\nyes,B,1\n", { group = 2, where = { s = "yes" }, blank = "continues",
      purchase = { id = "k" } })
    assert.same({ {}, 2 }, { good, #refused })
  end)

  it("begins at the line that it is told, and knows what came before", function()
    local good, refused = read(sales.file "No,Name,N,Price\nA,x,1,1\nA,y,1\nB,x,1,1\nC,x,1,1\nA,x,1,1\nD,x,1\n",
      { map = INVOICES, from_line = 4 })
    assert.same({ 2, 4, 5, 1, 7 }, { #good, good[1][1], good[2][1], #refused, refused[1].line })
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
    assert.same({ index = 0, line = 1001, field = "n", code = "invalid_cell", count = 1, column = 3,
      message = "n: 'x' is not a number: where it stands for nothing, say null = { \"x\" }" },
      err.issues[1000])
  end)

  it("says where in the file a cell stands, as an editor counts", function()
    local _, refused = csv('title\n\nk,"n\nm"\nA,"two\nlines"\n"Ñandú, ""x""", "x"\nÑ,"1\nx"\n',
      { header = 3, purchase = { id = "k", n = { column = 2, number = true } } })
    assert.same({ 3, { 5, 4 } }, { #refused, { refused[1].error.line, refused[1].error.issues[1].column } })
    assert.same({ 8, 4 }, { refused[3].error.line, refused[3].error.issues[1].column })
  end)

  it("names the encoding where a header is no text", function()
    local path = sales.file "N\250mero,a\n1,2\n"
    local opened, err = source.open(path, rules { map = { purchase = { id = "N\195\186mero" } } })
    assert.is_nil(opened)
    assert.equal('purchase.id: no column "N\195\186mero"; the header has bytes that are no text; say encoding = '
      .. '"windows-1252", or what it is in', err.message)
  end)

  it("is known in its encoding", function()
    local map = { encoding = "utf16", purchase = { id = "a", n = { column = "n", number = true } } }
    local utf16 = ("sep=;\r\na;n\r\nN~;1\r\nE~;x\r\n"):gsub(".~?", function(character)
      return ({ ["N~"] = "\241\0", ["E~"] = "\172\32" })[character] or character .. "\0"
    end)
    local good, refused = csv("\255\254" .. utf16, map)
    assert.same({ { 3, '{"id":"ñ","n":1}' } }, good)
    assert.same({ 4, "€;x", "\239\187\191sep=;\r\na;n", "\172\32;\0" },
      { refused[1].line, refused[1].text, refused[1].header, core.map.encode("€;", refused[1].encoding) })
  end)

  it("may come through a pipe, which is read twice all the same", function()
    local path = sales.file("No,Name,N,Price\n" .. ("A,x,1,1\nB,x,1,1\n"):rep(20000) .. "C,x,1,1\n")
    local fifo = os.tmpname()
    os.remove(fifo)
    assert(os.execute(("mkfifo '%s' && (cat '%s' > '%s' &)"):format(fifo, path, fifo)))
    local good, refused = read(fifo, { map = INVOICES })
    os.remove(fifo)
    assert.same({ { { 40002, '{"id":"C","items":[{"n":1,"name":"x"}],"total":1}' } }, 2 }, { good, #refused })
  end)

  it("yields again and again while it is read, also where everything is left out", function()
    local path = sales.file("k,n,s\n" .. ("A,1,no\nB,1,no\n"):rep(100000))
    for group, least in pairs { k = 6, [false] = 3 } do
      local opened, calls = assert(source.open(path, rules { map = { group = group or nil, where = { s = "yes" },
        purchase = { id = "k" } } })), 0
      assert.is_nil(opened:next(function()
        calls = calls + 1
      end))
      assert.is_true(calls > least, tostring(calls))
      assert.equal(200000, opened:left_out())
      opened:close()
    end
  end)

  it("counts what is left, also before the first reading is over", function()
    local path = sales.file("k,n\n" .. ("A,1\nB,1\n"):rep(100000) .. "C,1\nD,1")
    local opened = assert(source.open(path, rules { map = { group = "k", purchase = { id = "k" } } }))
    assert.same({ 1, 4 }, { opened:line(), opened:count() })
    opened:close()
    opened = assert(source.open(path, rules { map = { group = "k", purchase = { id = "k" } }, batch = 1 }))
    local bulk = opened:next()
    assert.same({ 3, 0, 3 }, { opened:line(), #bulk, opened:count() }) -- A is refused
    bulk:close()
    opened:close()
  end)
end)
