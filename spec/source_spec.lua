-- Sources of purchases, without anything being sent: what is read from files, CSV, lists and functions.
local cjson = require "cjson"
local errors = require "purchases.error"
local sales = require "spec.support.sales"
local schema = require "purchases.schema"
local source = require "purchases.source"

local ANY = assert(schema.compile '{"type":"object"}')

local function rules(more)
  local all = { schema = ANY, key = "id", max_purchase = 262144, batch = 100, batch_bytes = 1048576,
    from_line = 1 }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

-- All of a source: the texts that are fine and those refused, each by its line, and what ended it.
local function read(given, more)
  local opened, err = source.open(given, rules(more))
  assert(opened, tostring(err))
  local good, refused, bulks = {}, {}, 0
  while true do
    local bulk, what = opened:next()
    if not bulk then
      opened:close()
      return good, refused, what, bulks
    end
    bulks = bulks + 1
    for i = 1, #bulk do
      local text, line = bulk:purchase(i)
      good[#good + 1] = { line, text }
    end
    for _, record in ipairs(what) do
      assert.is_true(errors.is(record.error))
      refused[#refused + 1] = record
    end
    if #bulk > 0 then
      bulk:release(1, #bulk)
    end
    bulk:close()
  end
end

local function values(good)
  local list = {}
  for i, record in ipairs(good) do
    list[i] = cjson.decode(record[2])
  end
  return list
end

describe("a source of purchases", function()
  teardown(sales.remove_files)

  local function csv(text, map)
    return read(sales.file(text), { map = map })
  end

  -- The one purchase of a header and a row with one cell.
  local function cell(text, rule, more)
    local map = { purchase = { v = rule } }
    for name, value in pairs(more or {}) do
      map[name] = value
    end
    local good, refused = csv("a\n" .. text .. "\n", map)
    if good[1] then
      return cjson.decode(good[1][2]).v
    end
    return nil, refused[1].error
  end

  describe("that is a file", function()
    it("hands out bulks, in turn, whose parts are bodies", function()
      local opened = assert(source.open(sales.file('{"id":1}\n{"id":2}\n{"id":3}\n'), rules { batch = 2 }))
      local bulk = opened:next()
      assert.same({ 2, '[{"id":1},{"id":2}]', '[{"id":2}]', '[{"id":1}]' },
        { #bulk, bulk:body(1, 2), bulk:body(2, 2), bulk:body(1, 1) })
      assert.same({ '{"id":2}', 2, 1, "2" }, { bulk:purchase(2) })
      for _, wrong in ipairs { { 0, 1 }, { 1, 3 }, { 2, 1 } } do
        assert.has_error(function()
          bulk:body(wrong[1], wrong[2])
        end)
      end
      assert.equal(3, opened:line())
      assert.equal(1, opened:count())
      assert.is_nil(opened:next())
    end)

    it("refuses with the places in the file", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local good, refused = read(sales.file '[\n{"id":1},\n{"id":2,\n  "n":"x"}]', { extra_schema = strict })
      assert.same({ { 2, '{"id":1}' } }, good)
      local issue = refused[1].error.issues[1]
      assert.same({ 3, 2, "/n", 4, 7 }, { refused[1].line, refused[1].key, issue.field, issue.line, issue.column })
      assert.equal('{"id":2,\n  "n":"x"}', refused[1].text)
      assert.matches("^line 4, /n: ", tostring(refused[1].error))
    end)

    it("begins at the line that it is told", function()
      for text, lines in pairs {
        ['{"id":1}\n{"id":\n\n{"id":3}\n{"id":4}'] = { 4, 5 },
        ['[{"id":1},{"id":2},\n{},\n{"id":3},\n{"id":4}]'] = { 3, 4 },
        ['{"id":1} {"id":\n2}\n{\n"id":3}\n'] = { 3 },
      } do
        local good, refused, err = read(sales.file(text), { from_line = 3 })
        assert.same({ #lines, 0, nil }, { #good, #refused, err }, text)
        for i, line in ipairs(lines) do
          assert.equal(line, good[i][1])
        end
      end
      local _, _, err = read(sales.file '[{"id":1},\n7 7]', { from_line = 9 })
      assert.equal("invalid_json", err.code)
    end)

    it("tells columns of the file where several stand in a line", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local path = sales.file '[{"id":"ñ"},{"id":2,"n":"x"}, {"id":3,\n"n":"x"},{"id":}]'
      local _, refused = read(path, { extra_schema = strict })
      local places = {}
      for i, one in ipairs(refused) do
        local issue = one.error.issues[1]
        places[i] = { one.line, one.column, issue.line, issue.column }
      end
      assert.same({ { 1, 13, 1, 25 }, { 1, 31, 2, 5 }, { 2, 10, 2, 16 } }, places)
      local _, _, err = read(sales.file '[{"id":1},\n{"id":2} 7]')
      assert.same({ 2, 10 }, { err.line, err.column })
    end)

    it("says what it is not", function()
      local _, _, err = read(sales.file "id,n\n1,2\n")
      assert.same({ "validation", "invalid_json", 1 }, { err.kind, err.code, err.line })
      assert.matches("CSV needs a map", err.message)
      local opened
      opened, err = source.open("/nowhere", rules())
      assert.same({ nil, "file_unreadable", "/nowhere" }, { opened, err.code, err.file })
      opened, err = source.open("/tmp", rules())
      assert.same({ nil, "file_unreadable" }, { opened, err.code })
    end)

    it("outlives its reader's closing without harm", function()
      local opened = assert(source.open(sales.file '{"id":1}', rules()))
      local bulk = opened:next()
      opened:close()
      opened:close()
      assert.equal("[{\"id\":1}]", bulk:body(1, 1))
      bulk:release(1, 1)
      bulk:close()
      bulk:close()
      assert.equal(0, #bulk)
      assert.has_error(function()
        opened:next()
      end)
    end)
  end)

  describe("that is a list or a function", function()
    it("takes tables and texts", function()
      local good = read { { id = 1 }, '{ "id": 2 }' }
      assert.same({ { 1, '{"id":1}' }, { 2, '{ "id": 2 }' } }, good)
      local count = 0
      local many, _, err, bulks = read(function()
        count = count + 1
        return count <= 250 and { id = count } or nil
      end)
      assert.same({ 250, 3, nil }, { #many, bulks, err })
    end)

    it("begins where it is told", function()
      local list = { '{"id":1}', "{", { id = 3 }, 7, { id = 5 } }
      local good, refused = read(list, { from_line = 3 })
      assert.same({ 3, 5, 4, 1 }, { good[1][1], good[2][1], refused[1].line, #refused })
      assert.equal(0, #read(list, { from_line = 6 }))
    end)

    it("is cut into bulks by bytes, and loses nothing", function()
      local list = {}
      for i = 1, 50 do
        list[i] = ('{"id":%d}'):format(i)
      end
      local good, _, _, bulks = read(list, { batch_bytes = 40 })
      assert.equal(50, #good)
      assert.is_true(bulks >= 12)
      for i, record in ipairs(good) do
        assert.same({ i, list[i] }, record)
      end
    end)

    it("may fail in the middle", function()
      for _, failing in ipairs {
        function()
          error "broken"
        end,
        function()
          return nil, "broken"
        end,
      } do
        local count = 0
        local good, _, err = read(function()
          count = count + 1
          if count == 3 then
            return failing()
          end
          return { id = count }
        end)
        assert.same({ 2, "callback_failed" }, { #good, err.code })
        assert.matches("raised after 2 purchases: .*broken$", err.message)
      end
    end)
  end)

  describe("that is CSV", function()
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

    it("tells what is refused in the order of the file, with its header where it made no purchase", function()
      local wants_n = assert(schema.compile '{"required":["n"]}')
      local _, refused = read(sales.file "n,m\n,1\n2,1\nx,1\n", { schema = wants_n,
        map = { purchase = { n = { column = "n", number = true }, m = "m" } } })
      assert.same({ 2, 4, "invalid_cell", "x,1", "n,m" },
        { refused[1].line, refused[2].line, refused[2].error.code, refused[2].text, refused[2].header })
      assert.is_nil(refused[1].header)
    end)

    it("is UTF-8 unless it is told otherwise", function()
      assert.equal("£ÿ", cell("\163\255", "a", { encoding = "latin1" }))
      assert.equal("£", cell("£", "a"))
      local _, err = cell("\163", "a")
      assert.equal("not_encodable", err.code)
      assert.equal("invalid UTF-8 (is the map's encoding right?)", err.message)
    end)

    it("refuses a purchase of which a line cannot be read, and its neighbours where nobody knows whose it is",
      function()
        local text = 'No,Name,N,Price\nA,x,1,1\nA,y,1\nB,x,1,1\nC,x,1,1\nC",x,1,1\nD,x,1,1\nE,x,1,1\n'
        local good, refused = csv(text, INVOICES)
        assert.same({ { 4, '{"id":"B","items":[{"n":1,"name":"x"}],"total":1}' },
          { 8, '{"id":"E","items":[{"n":1,"name":"x"}],"total":1}' } }, good)
        assert.same({ "A,x,1,1\nA,y,1", 2, 3 }, { refused[1].text, refused[1].line, refused[1].error.line })
        assert.same({ "C,x,1,1\nC\",x,1,1", "C" }, { refused[2].text, refused[2].key })
        assert.same({ "C\",x,1,1\nD,x,1,1", "D" }, { refused[3].text, refused[3].key })
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
  end)

  describe("with a map", function()
    local function refused(map, text)
      local opened, err = source.open(sales.file(text or "a,b\n1,2\n"), rules { map = map })
      assert.is_nil(opened)
      assert.is_true(errors.is(err))
      return err
    end

    it("from a file, which sees nothing but itself", function()
      local path = sales.file 'return { purchase = { id = "a", s = function() return ("x"):rep(2) end } }'
      assert.same({ { id = "1", s = "xx" } }, values((csv("a\n1\n", path))))
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
      for code, maps in pairs(cases) do
        for i, map in ipairs(maps) do
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
  end)
end)
