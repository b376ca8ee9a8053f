-- `purchases inspect`: what it tells of files that nobody has described.
local cjson = require "cjson"
local columns = require "purchases.cli.inspect.column"
local command = require "spec.support.command"
local describe_file = require("purchases.cli.inspect.file").describe
local json = require "purchases.json"
local known = require "purchases.cli.inspect.known"
local maps = require "purchases.source.maps"
local sales = require "purchases.cli.inspect.sales"
local seeds = require "spec.support.seeds"
local series = require "purchases.cli.inspect.series"
local summary = require "purchases.cli.inspect.summary"

-- Looks at a text; returns the result as a table.
local function inspect(text, code)
  local result = command.run({ "inspect", "-", "--json" }, { stdin = text })
  assert.same({ code or 0, "" }, { result.code, result.stderr })
  return cjson.decode(result.stdout)
end

local function has(list, wanted)
  for _, line in ipairs(list) do
    if line:find(wanted, 1, true) then
      return
    end
  end
  error(("%q is not in:\n%s"):format(wanted, table.concat(list, "\n")), 2)
end

local function kinds_of(found)
  local kinds = {}
  for i, column in ipairs(found.columns) do
    kinds[i] = column.kind
  end
  return kinds
end

-- Rows of a day, `count` of them, each made by `write(i, value)`.
local function rows(count, write)
  local list = {}
  for i = 1, count do
    list[i] = write(i, ("%d,%d"):format(10 + i % 7, i % 8 * 125))
  end
  return table.concat(list, "\n") .. "\n"
end

local OMIE = "OMIE - Mercado de electricidad;Fecha Emisi\243n :10/11/2025 - 13:10;;11/11/2025;Vol\250menes;;;;\n\n"
  .. "Fecha;Periodo;Precio (EUR/MWh);Potencia total de compra (MW);\n"
  .. rows(96, function(i, value)
    return ("11/11/2025;%d;31,5;%s;"):format(i, value)
  end)

describe("purchases inspect", function()
  describe("tells the encoding:", function()
    it("UTF-8, with and without a mark, and ASCII", function()
      local plain = inspect "name,n\nCaf\195\169,1\n"
      assert.same({ "utf8", false, false }, { plain.encoding, plain.mark, plain.is_ascii })
      assert.same({ "utf8", true }, { inspect("\239\187\191a,b\n1,2\n").encoding,
        inspect("\239\187\191a,b\n1,2\n").mark })
      assert.is_true(inspect("a,b\n1,2\n").is_ascii)
    end)

    it("Windows-1252, wherever in the file it shows", function()
      local found = inspect("name,n\n" .. ("Cafe,1\n"):rep(50000) .. "Caf\233 \150 10 \128,1\n")
      assert.equal("windows-1252", found.encoding)
      assert.equal(50001, found.rows)
      has(found.series, 'say encoding = "latin1" (--encoding latin1)')
      assert.equal("Caf\195\169 \226\130\172", inspect("name,n\nCaf\233 \128,1\n").columns[1].examples[1])
    end)

    it("characters that a block's end divides", function()
      for shift = 0, 3 do
        local text = "name,n\n" .. ("x"):rep(65536 - 9 - shift) .. "\226\130\172,1\n"
        assert.equal("utf8", inspect(text).encoding)
      end
    end)

    it("UTF-16, with its mark and without one", function()
      local function wide(text)
        return (text:gsub(".", "%0\0"))
      end
      local found = inspect("\255\254" .. wide "datetime\tpurchase\r\n2025-11-11 00:00\t10.5\r\n")
      assert.same({ "utf16", true, "\t", 1 }, { found.encoding, found.mark, found.delimiter, found.rows })
      assert.same({ "time", "number" }, kinds_of(found))
      found = inspect(wide "datetime,purchase\n2025-11-11 00:00,10.5\n")
      assert.same({ "utf16", false }, { found.encoding, found.mark })
      has(found.series, 'UTF-16 without a mark: say encoding = "utf16"')
    end)

    it("none", function()
      assert.matches("neither UTF%-8 nor Windows%-1252", inspect("a,b\n\129\141,1\n", 3).problem)
      assert.matches("half characters", inspect("a,b\nx\237\160\189\237\176\128,1\n", 3).problem)
      assert.equal("windows-1252", inspect("a,b\nx\224\128\175,1\n").encoding)
      assert.equal("windows-1252", inspect("a,b\nx\226\195\169\130\172,1\n").encoding)
      assert.matches("begins with the mark of UTF%-8", inspect("\239\187\191a,b\n\233,1\n", 3).problem)
    end)
  end)

  describe("tells the layout:", function()
    it("the delimiter, whatever else stands in the fields", function()
      assert.equal(";", inspect("when;mw\n11/11/2025 0:00;1,5\n11/11/2025 0:15;2,5\n").delimiter)
      assert.equal("\t", inspect("a\tb\n1,5\t2,5\n3,5\t4,5\n").delimiter)
      assert.equal("|", inspect("a|b\n1|2\n3|4\n").delimiter)
      assert.equal("^", inspect("a^b\n1^2\n3^4\n").delimiter)
      assert.equal("|", inspect("n|v\n1|1,5\n2|2,5\n3|3\n").delimiter)
      assert.equal(",", inspect("n,v|w\n1,1|5\n2,2|5\n").delimiter)
      assert.equal(",", inspect('"a|b","c;d"\n"1;2","3|4"\n').delimiter)
      assert.is_nil(inspect("a\n1\n2\n").delimiter)
    end)

    it("a line that says it", function()
      local found = inspect "sep=;\r\ndatetime;purchase\r\n2025-11-11 00:00;1\r\n"
      assert.same({ ";", ";", 2, 1 }, { found.delimiter, found.sep, found.header, found.rows })
    end)

    it("lines before the header", function()
      local found = inspect(OMIE)
      assert.same({ 3, 96, ";", "windows-1252" }, { found.header, found.rows, found.delimiter, found.encoding })
      assert.same({ "time", "number", "number", "number" }, kinds_of(found))
      has(found.series, "say header = 3")
    end)

    it("no header, and lines before the rows", function()
      local found = inspect("PDBC;\n" .. rows(24, function(i)
        return ("2025;10;26;%d;%d.5;"):format(i, i)
      end) .. "*\n")
      assert.same({ false, 1, 24 }, { found.header, found.skip, found.rows })
      has(found.series, "say header = false, skip = 1")
      has(found.series, 'say datetime = { column = { 1, 2, 3 }, date = "%Y %m %d", period = 4 }')
      found = inspect "CENTRO,2017-01-02,1030,.50\nCENTRO,2017-01-03,1031,.00\n"
      assert.same({ false, 0, 2 }, { found.header, found.skip, found.rows })
    end)

    it("a header with a field less than the rows, and empty lines at the end", function()
      local found = inspect "when;mw\n2025/10/26 00:00;1;\n2025/10/26 01:00;2;\n;;\n;;\n"
      assert.same({ 1, 2 }, { found.header, found.rows })
      assert.same({ "time", "number" }, kinds_of(found))
    end)

    it("names and fields of several lines", function()
      local found = inspect('Listado\n"Importe\ntotal";Fecha;"No\n\nta"\n'
        .. '1,5;13/11/2025;"a\nb;""c"""\n2,5;13/11/2025;d\n')
      assert.same({ 2, 2, ";" }, { found.header, found.rows, found.delimiter })
      assert.same({ "number", "time", "text" }, kinds_of(found))
      assert.equal('a b;"c"', (found.columns[3].examples[1]:gsub("%s", " ")))
    end)

    it("a quote that nobody closes, before the header", function()
      local found = inspect('LISTADO "VENTAS\nn;v\n1;2,5\n2;3,5\n')
      assert.same({ 2, 2, ";" }, { found.header, found.rows, found.delimiter })
      found = inspect('n;tv;v\n1;40" flat;2,5\n2;50" flat;3,5\n3;60";4,5\n')
      assert.same({ 1, 3, ";" }, { found.header, found.rows, found.delimiter })
    end)

    it("a decimal comma between commas", function()
      local found = inspect "datetime,purchase\n2025-11-11 00:00,1,5\n2025-11-11 00:15,2,5\n"
      assert.equal(1, #found.series)
      has(found.series, "every row has more fields than the header, as decimal commas between commas make them")
    end)

    it("a delimiter that the core would not find", function()
      local found = inspect "11/11/2025 00:00;1,5\n13/11/2025 00:15;2,5\n"
      has(found.series, "say delimiter = \";\" (--delimiter ';')")
      has(inspect("a^b\n1^2\n3^4\n").sales, "say delimiter = \"^\" (--delimiter '^')")
      for _, text in ipairs { "a;b\n1,5;2\n", "a|b\n1|2\n", "sep=;\na,b;c\n1;2\n", 'a;"b,c,d"\n1;2\n' } do
        assert.is_nil(table.concat(inspect(text).sales):find("delimiter", 1, true), text)
      end
    end)

    it("columns up to a number, and how many there are behind", function()
      local names, cells = {}, {}
      for i = 1, 2002 do
        names[i], cells[i] = "c" .. i .. "x", i % 2
      end
      local text = table.concat(names, ",") .. "\n" .. table.concat(cells, ",") .. "\n"
      local found = inspect(text)
      assert.same({ 2000, 2 }, { #found.columns, found.untold })
      assert.matches("\n *%.%.%.  2 columns more\n", command.run({ "inspect", "-" }, { stdin = text }).stdout)
    end)

    it("rows that cannot be read", function()
      local found = inspect "a,b\n1,2\n3\n4,5\n"
      assert.same({ 2, { count = 1, line = 3, message = "1 field where the header has 2" } },
        { found.rows, found.refused })
      has(found.sales, "1 row cannot be read (line 3: 1 field where the header has 2)")
    end)

    it("JSON: its list and its keys", function()
      local found = inspect [[{"indicator": {"name": "x { [ \" ] }", "values": [
        {"value": 10.5, "datetime": "2025-10-26T00:00:00.000+02:00", "geo_id": 8741},
        {"value": null, "datetime": "2025-10-26T00:15:00.000+02:00", "geo_id": 8741}]}}]]
      assert.same({ "json", "/indicator/values", 2 }, { found.format, found.list, found.rows })
      assert.same({ "number", "time", "number" }, kinds_of(found))
      assert.same({ "value", 1, 1 }, { found.columns[1].name, found.columns[1].filled, found.columns[1].empty })
      assert.equal("esios", found.map)
    end)

    it("JSON: the longest of several lists, and lines", function()
      local found = inspect '{"geos": [{"id": 1}], "a/b": [{"x": 1}, {"x": 2, "y": "z"}]}'
      assert.same({ "/a~1b", 2, 2 }, { found.list, found.rows, #found.lists })
      assert.same({ 1, 1 }, { found.columns[2].filled, found.columns[2].empty })
      found = inspect '{"invoice_number":"1","purchase_detail":[{"sku":"A1"}]}\n{"invoice_number":"2"}\n'
      assert.same({ "ndjson", 2 }, { found.format, found.rows })
      assert.same({ "number", "object" }, kinds_of(found))
      assert.same({ "json", "" }, { inspect('[{"a":1}]').format, inspect('[{"a":1}]').list })
    end)

    it("JSON: the lines of what it names, however far behind", function()
      local objects = {}
      for i = 1, 5000 do -- 65,536 bytes are read at once
        objects[i] = ('{"when": "2025-11-11 %02d:00",\n"n": %d}'):format(i % 24, i)
      end
      objects[4000] = '{"when": "noon",\n"n": 4000}'
      for before, delimiter in pairs { ["\n\n"] = "", ['{"a":\n\n['] = ",", ["\n\n["] = "," } do
        local found = inspect(before .. table.concat(objects, delimiter .. ("\n"):rep(99)))
        assert.same({ 5000, { count = 1, line = 399903, cell = "noon" } }, { found.rows, found.columns[1].others })
      end
    end)
  end)

  describe("tells a column's kind:", function()
    local function column(...)
      local list = { "a" }
      for _, cell in ipairs { ... } do
        list[#list + 1] = cell
      end
      return inspect(table.concat(list, "\n") .. "\n").columns[1]
    end

    it("times and the letters that read them", function()
      for format, cells in pairs {
        ["%Y-%m-%d %H:%M"] = { "2025-11-11 00:00", "2025-11-11 00:15" },
        ["%Y-%m-%dT%H:%M:%S.%f%z"] = { "2025-10-26T00:00:00.000+02:00" },
        ["%Y-%m-%dT%H:%M:%S%z"] = { "2025-10-26T00:00:00Z", "2025-10-26T00:15:00Z" },
        ["%d/%m/%Y %H:%M"] = { "01/11/2025 0:00", "13/11/2025 0:15" },
        ["%m/%d/%Y %I:%M %p"] = { "11/1/2025 9:00 AM", "11/13/2025 10:00 PM" },
        ["%d.%m.%Y %H:%M %*"] = { "26.10.2025 00:00 - 26.10.2025 00:15" },
        ["%Y-%m-%d %H:%M:%S %z"] = { "2024-01-15 14:30:05 -0500" },
        ["%d-%b-%Y %H:%M"] = { "26-Oct-2025 00:00" },
        ["%b %d, %Y %I:%M %p"] = { "Jul 1, 2025 12:30 AM", "Dec 31, 2025 1:05\226\128\175PM" },
        ["%d%b%Y"] = { "26OCT2025" },
        ["%d/%m/%Y %I:%M %p"] = { "31/10/2025 1:05 p. m.", "1/10/2025 1:05 a.\194\160m." },
        ["%d/%m/%Y %H.%M"] = { "31/10/2025 1.05" },
        ["%d/%m/%Y %H"] = { "31/10/2025 1" },
        ["%d/%m/%y"] = { "26/10/25", "31/12/99" },
        ["%Y%m%d %H:%M"] = { "20251026 00:00" },
        ["%Y-%m-%d %H:%M %Z"] = { "2025-10-26 00:00 CEST", "2025-10-26 02:00 CET" },
        ["%H:%M"] = { "01:00", "24:00" },
      } do
        local found = inspect('a\n"' .. table.concat(cells, '"\n"') .. '"\n').columns[1]
        assert.same({ "time", { format } }, { found.kind, found.formats })
      end
    end)

    it("times that no letter reads, and why", function()
      for cell, why in pairs {
        ["Tue 01 Jul 2025 10:00"] = "no letter reads the name of a weekday",
        ["mi\195\169rcoles, 2 de julio de 2025"] = "no letter reads the name of a weekday",
        ["July 1, 2025"] = "%b reads Jan, Feb, Mar and so on, and no letter reads another name of a month",
        ["01-ago-2025"] = "%b reads Jan, Feb, Mar and so on, and no letter reads another name of a month",
      } do
        local found = inspect('a;b\n"' .. cell .. '";1\n"' .. cell:gsub("1", "2") .. '";2\n')
        assert.same({ "text", why }, { found.columns[1].kind, found.columns[1].unreadable })
        has(found.series, "looks like times: " .. why)
        has(found.sales, "looks like times: " .. why)
      end
      for _, cell in ipairs { "12 Main St", "Julia 5 de 7", "3 de 4" } do
        assert.is_nil(column(cell).unreadable)
      end
      local found = inspect "Fecha;MW\n45972,000000000;0,5\n45972,010416667;0,5\n"
      has(found.series, '"Fecha" looks like days as a spreadsheet counts them (45972 is 2025-11-11)')
      has(inspect("id,created_at\n1,1751328000\n2,1751338000\n").sales,
        '"created_at" looks like seconds since 1970 (1751328000 is 2025-07-01 00:00 in UTC)')
      has(inspect("id,ts_date\n1,1751328000123\n").sales, "looks like milliseconds since 1970")
      for _, text in ipairs { "amount,b\n45972,1\n", "day,b\n15,1\n", "date,b\n2025,1\n" } do
        assert.is_nil(table.concat(inspect(text).series):find("looks like", 1, true))
      end
    end)

    it("times that can be read in two ways, and are not guessed", function()
      local found = column("03/04/2025", "05/06/2025")
      assert.same({ "%d/%m/%Y", "%m/%d/%Y" }, found.formats)
      assert.equal("it cannot be known which is the day and which the month", found.unknown)
      assert.equal("it cannot be known whether these are dates or numbers", column("20251026", "20251027").unknown)
    end)

    it("times of several forms, and cells that are none", function()
      local found = column("13/11/2025", "13/11/2025 0:15", "13/11/2025 0:30")
      assert.same({ "time", { "%d/%m/%Y %H:%M" }, { "%d/%m/%Y" } }, { found.kind, found.formats, found.other_formats })
      local cells = {}
      for i = 1, 20 do
        cells[i] = ("2025-11-11 %02d:00"):format(i)
      end
      cells[5] = "mañana"
      found = inspect("a\n" .. table.concat(cells, "\n") .. "\n").columns[1]
      assert.same({ "time", { count = 1, line = 6, cell = "mañana" } }, { found.kind, found.others })
    end)

    it("numbers with their signs and range", function()
      for _, case in ipairs {
        { { "1", "-2", "+30" }, nil, nil, -2, 30 },
        { { "1.5", "1234.25" }, ".", nil, 1.5, 1234.25 },
        { { "1,5", ",25" }, ",", nil, 0.25, 1.5 },
        { { "1.234,50", "0,25" }, ",", ".", 0.25, 1234.5 },
        { { "1,234.50", "12" }, ".", ",", 12, 1234.5 },
        { { "1 234,5", "1\194\160234\226\128\175567,5" }, ",", " ", 1234.5, 1234567.5 },
        { { "1'234.5", "1\226\128\153000.5" }, ".", "'", 1000.5, 1234.5 },
        { { "0,123", "1,234" }, ",", nil, 0.123, 1.234 },
        { { "$8.00", "-$3.50", "($1,036.00)" }, ".", ",", -1036, 8 },
        { { "10,5 €", "-1,25 €" }, ",", nil, -1.25, 10.5 },
        { { "1e3", "2.5E-1" }, ".", nil, 0.25, 1000 },
      } do
        local text = "n\n"
        for _, cell in ipairs(case[1]) do
          text = text .. '"' .. cell .. '"\n'
        end
        local found = inspect(text).columns[1]
        assert.same({ "number", case[2], case[3], case[4], case[5] },
          { found.kind, found.decimal, found.thousands, found.min, found.max }, text)
      end
      assert.equal("€", column("10.5 €").currency)
      local found = inspect "id,total\n1,$1.5\n2,€2.5\n3,$3.5\n"
      assert.equal("'$' in 2, '€' in 1", found.columns[2].several)
      has(found.sales, "\"total\" has several currencies, '$' in 2, '€' in 1: a map reads one, and refuses")
      found = inspect "datetime,load\n2025-11-11 00:00,1.5 kWh\n2025-11-11 00:15,2 kWh\n"
      has(found.series, 'say unit = "kWh"')
    end)

    it("numbers that can be read in two ways, unless another column tells", function()
      local found = inspect "datetime;b\n2025-11-11 00:00;1.234\n2025-11-11 00:15;2.345\n"
      assert.same({ { decimal = ".", min = 1.234, max = 2.345 }, { thousands = ".", min = 1234, max = 2345 } },
        found.columns[2].readings)
      assert.matches("it cannot be known whether a point is of a decimal or of thousands", found.columns[2].unknown)
      has(found.series, "it cannot be known")
      found = inspect "a;b\n1.234;5,5\n2.345;6,5\n"
      assert.same({ ".", 1234, 2345 }, { found.columns[1].thousands, found.columns[1].min, found.columns[1].max })
      assert.is_nil(found.columns[1].unknown)
    end)

    it("numbers of JSON, which have one reading", function()
      local found = inspect '[{"a":1.234,"b":"1.234"},{"a":2.345,"b":"2.345"}]'
      assert.same({ 1.234, 2.345 }, { found.columns[1].min, found.columns[1].max })
      assert.is_nil(found.columns[1].unknown)
      assert.is_string(found.columns[2].unknown)
    end)

    it("no numbers", function()
      for _, cell in ipairs { "--5", "1e", "0x10", "1.2.3", "5 kg", "inf", "1,2,3" } do
        assert.equal("text", inspect('a;b\n"' .. cell .. '";x\n').columns[1].kind, cell)
      end
      has(inspect("a;b\n(5);2.5\n").sales, "'(5)' is below zero only where there is a currency")
    end)

    it("texts, e-mail addresses, and nothing", function()
      local found = inspect "a,b,c,d\nx,ann@example.com,,12 Main St\ny,bob@example.com,,\n"
      assert.same({ "text", "text", "empty", "text" }, kinds_of(found))
      assert.is_true(found.columns[2].emails)
      assert.same({ { "x", "y" }, 1 }, { found.columns[1].examples, found.columns[4].empty })
    end)

    it("numbers where some cells say that there is none", function()
      local found = inspect "d,v\n2025-11-11 00:00,1.5\n2025-11-11 00:15,-\n2025-11-11 00:30,2.5\n"
      assert.same({ "number", { "-" } }, { found.columns[2].kind, found.columns[2].nulls })
      has(found.series, 'say null = { "-" }')
    end)

    it("numbers of which a spreadsheet has cut the digits", function()
      has(inspect("order,email\n1.23457E+12,a@b.cd\n").sales, "'1.23457E+12': a spreadsheet has cut its digits")
    end)
  end)

  describe("says what stands in the way of a series:", function()
    it("nothing but its zone", function()
      local found = inspect "datetime,purchase\n2025-11-11 00:00,1.5\n2025-11-11 00:15,2.5\n"
      assert.same({ "local times: say their zone (--tz Europe/Madrid), or the days' lengths are not checked" },
        found.series)
      found = inspect "datetime,purchase\n2025-11-11 00:00Z,1.5\n"
      has(found.series, "instants: say the zone that they are sent in")
    end)

    it("what a map has to say", function()
      local found = inspect(OMIE)
      has(found.series, 'say datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Periodo" }')
      has(found.series, 'say value = "Potencia total de compra (MW)"')
      has(found.series, 'say decimal = "," (--decimal ,)')
      found = inspect "fecha;hora;consumo_kWh\n2025/11/11;01:00;1,5\n2025/11/11;02:00;2,5\n2025/11/11;24:00;2,5\n"
      has(found.series, 'say datetime = { column = { "fecha", "hora" }, date = "%Y/%m/%d %H:%M" }')
      has(found.series, 'say label = "end" (--label end)')
      has(found.series, "say resolution = 60 (--resolution 60)")
      has(found.series, '"consumo_kWh" is not in MW: say unit = "kWh" (--unit kWh)')
      found = inspect "datetime_utc,value\n2025-11-11 00:00:00,1.5\n"
      has(found.series, '"datetime_utc" is named for UTC: say datetime = { column = "datetime_utc", tz = "UTC" }')
    end)

    it("a row a day", function()
      local head, row = { "CUPS", "FECHA" }, { "ES", "26/10/2025" }
      for hour = 1, 25 do
        head[#head + 1], row[#row + 1] = ("H%02d"):format(hour), hour .. ",5"
      end
      local found = inspect(table.concat(head, ";") .. "\n" .. table.concat(row, ";") .. "\n")
      has(found.series, 'say datetime = { column = "FECHA", date = "%d/%m/%Y" }, value = { from = "H01", to = "H25" }')
      has(found.series, 'say decimal = ","')
      has(found.series, "say resolution = 60")
      local text = table.concat(head, ";") .. ";note\n" .. table.concat(row, ";") .. ";x\n"
      assert.matches("\n3%-27  H01 %.%.%. H25  25 columns, the first: number decimal ',', 1.5  |  1,5\n  28  note ",
        command.run({ "inspect", "-" }, { stdin = text }).stdout)
    end)

    it("periods that are counted, as numbers or as H1Q1", function()
      has(inspect("day,H,v\n2025-11-11,H1Q1,1.5\n2025-11-11,H1Q2,1.5\n").series,
        'say datetime = { column = "day", date = "%Y-%m-%d", period = "H" }')
      local found = inspect("day,H,v\n2025-11-11,H1,1.5\n2025-11-11,H2,1.5\n")
      has(found.series, "say resolution = 60")
      assert.equal("periods of a day", found.columns[2].text)
    end)

    it("units in the columns' names", function()
      for name, unit in pairs { consumptionKWh = "kWh", ["carga-GW"] = "GW", ["consumo [kWh]"] = "kWh", Wh = "Wh",
        ["Energia (MWh)"] = "MWh", AE_kWh = "kWh", ["Potencia kW"] = "kW" } do
        has(inspect("datetime," .. name .. "\n2025-11-11 00:00,1\n").series, ('say unit = "%s"'):format(unit))
      end
      for _, name in ipairs { "Gewhatt", "Whole", "kwarg", "backward" } do
        has(inspect("datetime," .. name .. "\n2025-11-11 00:00,1\n").series, "no name says the unit")
      end
      assert.equal(2, #inspect("datetime,load_MW\n2025-11-11 00:00,1\n").series)
    end)

    it("prices, dates alone, and no times", function()
      has(inspect("datetime,Precio (EUR/MWh)\n2025-11-11 00:00,1.5\n").series, "the numbers are prices")
      has(inspect("day,v\n2025-11-11,1.5\n").series, "dates without a time of day")
      has(inspect("a,b\n1,2\n").series, "there is no column of times")
      has(inspect("a,b\n").series, "there are no rows")
    end)

    it("the ends of intervals", function()
      local text = "datetime,purchase\n"
      for i = 1, 96 do
        text = text .. ("2025-11-%d %02d:%02d,1.5\n"):format(i == 96 and 12 or 11, math.floor(i / 4) % 24, i % 4 * 15)
      end
      has(inspect(text).series, 'say label = "end"')
    end)
  end)

  describe("says what stands in the way of sales:", function()
    it("how each date is read, in all of its readings", function()
      local said = inspect "n,date\n1,2025-11-11 09:05:00Z\n".sales
      has(said, '"date": say date = "%Y-%m-%d %H:%M:%S%z"')
      assert.is_nil(table.concat(said):find("--date", 1, true)) -- which is an option of series
      has(inspect "n,day\n1,11/11/12\n".sales, 'say date = "%d/%m/%y" or "%m/%d/%y" or "%y/%m/%d"')
      has(inspect "n,day,at\n1,11/12/2025,9:05 AM\n".sales,
        'say date = "%d/%m/%Y %I:%M %p" or "%m/%d/%Y %I:%M %p"')
    end)

    it("columns that a map cannot tell apart, or not read by one sign", function()
      has(inspect "Order,Name,Total,Name\n1,Ann,5,Mug\n".sales,
        '"Name" names columns 2 and 4: name them by their numbers')
      has(inspect "n;total;shipping\n1;1,50;3.99\n".sales,
        "\"total\" has numbers with ',', \"shipping\" with '.': a map has one decimal sign for all")
    end)

    it("cells that are no amounts, but not numbers with letters", function()
      local text = { "n,email,total" }
      for i = 1, 30 do
        text[i + 1] = (i == 9 and "C" or "") .. 1000 + i .. ",a@example.com," .. (i == 12 and "free" or "1.50")
      end
      local said = table.concat(inspect(table.concat(text, "\n")).sales, "\n")
      assert.matches([["total": 1 cell is no number (line 13: 'free')]], said, 1, true)
      assert.is_nil(said:find("C1009", 1, true))
    end)

    it("nothing a map could change in JSON", function()
      assert.same({ "JSON is taken as the API has it, without a map: purchases woowup check FILE says what is wrong" },
        inspect('{"a":[{"n":1,"total":"1,50"}],"b":[{"n":1}]}').sales)
    end)
  end)

  it("names the map that comes along for a file", function()
    assert.same({ "omie", "series" }, { inspect(OMIE).map, inspect(OMIE).map_for })
    local result = command.run({ "inspect", "-" }, { stdin = OMIE })
    assert.matches("map: 'omie' comes along for files of this form: purchases check FILE --map omie\n", result.stdout,
      1, true)
    for _, entry in ipairs(maps.SALES) do
      local file = command.contents(command.root .. "/spec/data/maps/" .. entry[1] .. ".csv")
      assert.same({ entry[1], "sales" }, { inspect(file).map, inspect(file).map_for })
      assert.is_nil(inspect((file:gsub("Email", "E-mail", 1))).map)
    end
    for file, name in pairs { ["datadis.csv"] = "datadis", ["e-distribucion.csv"] = "e-distribucion",
      ["entsoe.csv"] = "entsoe", ["esios.json"] = "esios", ["omie.csv"] = "omie", ["simel-f5d.0"] = "simel-f5d" } do
      local found = inspect(command.contents(command.root .. "/spec/data/maps/" .. file))
      assert.same({ name, "series" }, { found.map, found.map_for })
    end
    assert.is_nil(inspect("a,b\n1,2\n").map)
  end)

  describe("says what is no text:", function()
    for name, case in pairs {
      ["an Excel workbook"] = { "PK\3\4" .. ("\0"):rep(22) .. "\19\0\0\0[Content_Types].xml", "Excel" },
      ["gzip"] = { "\31\139\8\0\0\0\0\0\0\3", "gzip" },
      ["a PDF"] = { "%PDF-1.4\n", "PDF" },
      ["nothing"] = { "", "is empty" },
    } do
      it(name, function()
        assert.matches(case[2], inspect(case[1], 3).problem, 1, true)
        local result = command.run({ "inspect", "-" }, { stdin = case[1] })
        assert.same({ 3, "" }, { result.code, result.stdout })
        assert.matches("^purchases: standard input: [^\n]*" .. case[2] .. "[^\n]*\n$", result.stderr)
      end)
    end
  end)

  it("says what cannot be read", function()
    for path, why in pairs { ["/nowhere"] = "No such file or directory", ["/tmp"] = "Is a directory" } do
      local result = command.run { "inspect", path }
      assert.same({ 3, "", ("purchases: cannot read '%s': %s\n"):format(path, why) },
        { result.code, result.stdout, result.stderr })
    end
  end)

  it("tells the same of cells that are judged once for all alike, and of those that are judged one by one", function()
    local function number(write)
      return function()
        return write(math.random(0, 9) == 0 and math.random(0, 99) or math.random(0, 999999))
      end
    end
    local function time(format)
      return function()
        local far = math.random(1, 3) == 1
        return os.date("!" .. format, far and math.random(0, 2e9) or 1.7e9 + math.random(0, 400) * 900)
      end
    end
    local KINDS = {}
    for i, write in ipairs { "%d", "-%d", "%.1f", "$%d", "%d EUR", "0,%d", "%d,125", "%de3", "1.%03d",
      "0.%03d", "202%05d", "A-%d", "H%d", "%d Main St", "u%d@example.com", "  %d", "%d " } do
      KINDS[i] = number(function(value)
        return write:format(value)
      end)
    end
    for _, format in ipairs { "%Y-%m-%d %H:%M", "%d/%m/%Y", "%m/%d/%y %I:%M %p", "%b %d, %Y", "%H:%M", "%Y%m%d",
      "%Y%m%d%H%M", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y  %H:%M", "%d/%m/%Y 24:00", "%M/%m/%Y" } do
      KINDS[#KINDS + 1] = time(format)
    end
    for _, word in ipairs { "", "-", "n/e", "Ann", " ", "\195\161" } do
      KINDS[#KINDS + 1] = function()
        return word
      end
    end
    for _, seed in ipairs(seeds.of("inspect_columns", 20)) do
      math.randomseed(seed)
      local few, much = columns.new("a", 1, { left = 0 }), columns.new("a", 1, { left = 1e6 })
      local kinds = { KINDS[math.random(#KINDS)], KINDS[math.random(#KINDS)], KINDS[math.random(#KINDS)] }
      for line = 1, 3000 do
        local kind = kinds[line < 2900 and math.random(10) > 1 and 1 or math.random(3)]
        local cell = kind()
        few:add(cell, line)
        much:add(cell, line)
      end
      few:finish(3000)
      much:finish(3000)
      few, much = summary.column(few), summary.column(much)
      few.step, few.ends, much.step, much.ends = nil, nil, nil, nil -- of times in no order there is none
      assert.same(few, much, "seed " .. seed)
    end
  end)

  it("tells of any JSON which objects it has", function()
    local PIECES = { "\\\\", "\\\"", "{", "}", "[", "]", ",", ":", "a", " ", "\\u00e1", "\\n" }
    local name = os.tmpname()
    for _, seed in ipairs(seeds.of("inspect_json", 3)) do
      math.randomseed(seed)
      local objects = {}
      for i = 1, 3000 do
        local text = {}
        for at = 1, math.random(0, 60) do
          text[at] = PIECES[math.random(#PIECES)]
        end
        objects[i] = ('{"n":%d,"text":"%s","o":{"x":"%s"}}'):format(i, table.concat(text), table.concat(text))
      end
      for before, between in pairs { [""] = "\n", ["["] = ",\n", ['{"a":{"b":['] = "," } do
        command.write_file(name, before .. table.concat(objects, between))
        local found = assert(describe_file(name))
        assert.same({ 3000, "n", 1, 3000 },
          { found.rows, found.columns[1].name, found.columns[1].numbers:readings()[1].min,
            found.columns[1].numbers:readings()[1].max }, "seed " .. seed)
        assert.is_nil(found.refused)
      end
    end
    os.remove(name)
  end)

  it("finds the day that is written in another way, wherever it stands", function()
    local lines = { "datetime;purchase" }
    for i = 0, 20000 do
      lines[#lines + 1] = os.date("!%d/%m/%Y %H:%M", 1.7e9 + i * 900) .. ";" .. i .. ",5"
    end
    lines[#lines + 1] = "2026-01-02 10:00;1,5"
    lines[#lines + 1] = "31/31/2026 10:00;2.345,5"
    local found = inspect(table.concat(lines, "\n"))
    assert.same({ { "%d/%m/%Y %H:%M" }, { "%Y-%m-%d %H:%M" }, { count = 1, line = 20004, cell = "31/31/2026 10:00" } },
      { found.columns[1].formats, found.columns[1].other_formats, found.columns[1].others })
    assert.same({ ",", ".", 20000.5 }, { found.columns[2].decimal, found.columns[2].thousands, found.columns[2].max })
  end)

  it("tells something of any bytes", function()
    local PIECES = { ",", ";", "\t", "|", "\n", "\r\n", '"', '""', "1,5", "1.234", "2025-11-11 00:00", "03/04/2025",
      "H1Q1", "{", "}", "[", "]", ":", '"a"', "null", "-", "n/e", "\255\254", "\0", "\239\187\191", "Caf\195\169",
      "\233", "\129", "sep=;", "$5", "(5)", "1e5", "x", " ", "*", "24:00", "kWh", "=\"1\"", "20251026", "Z", "+02:00",
      "\\", "a@b.cd" }
    local name = os.tmpname()
    for _, seed in ipairs(seeds.of("inspect", 1)) do
      math.randomseed(seed)
      for _ = 1, 300 do
        local text = {}
        for i = 1, math.random(0, 120) do
          text[i] = PIECES[math.random(#PIECES)]
        end
        command.write_file(name, table.concat(text))
        local found = assert(describe_file(name))
        for i, column in ipairs(found.columns) do
          found.columns[i] = summary.column(column, found.decimal)
        end
        found.map, found.series, found.sales = known.find(found), series.advice(found), sales.advice(found)
        assert.is_string(json.encode(found))
      end
    end
    os.remove(name)
  end)

  it("reads a pipe that has a name", function()
    local script = "mkfifo $1 && { printf 'datetime;purchase\\n2025-11-11 00:00;1,5\\n' > $1 & "
      .. "purchases inspect $1 --json; rm $1; }"
    local name = os.tmpname()
    os.remove(name)
    local result = command.run({ "-c", script, "sh", name }, { program = "sh" })
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.equal(1, cjson.decode(result.stdout).rows)
  end)

  it("prints a line for each column, and nothing raw", function()
    local result = command.run({ "inspect", "-" }, { stdin = "when;\27[2Jmw\n13/11/2025 0:00;\27[31m\n" })
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.matches("^standard input: CSV, utf8 %(ASCII%), delimiter ';', header on line 1, 1 row\n"
      .. "   1  when         time %%d/%%m/%%Y %%H:%%M  |  13/11/2025 0:00\n"
      .. "   2  \\u001b%[2Jmw  text  |  \\u001b%[31m\n", result.stdout)
    assert.is_nil(result.stdout:find("\27", 1, true))
  end)

  it("reads a file of any size in the same memory", function()
    local path = os.tmpname()
    -- The most that a process takes which looks at so many rows, in KB.
    local function peak_of(count)
      local file = assert(io.open(path, "wb"))
      file:write "datetime,purchase\n"
      for i = 0, count - 1 do
        file:write(("2025-11-11 %02d:%02d,%d.5\n"):format(math.floor(i / 4) % 24, i % 4 * 15, i))
      end
      file:close()
      local result = command.run({ "-", path }, { program = command.lua, stdin = [[
        local found = require("purchases.cli.inspect.file").describe(...)
        io.write(found.rows, "\n", assert(io.open "/proc/self/status"):read "*a")]] })
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal(tostring(count), result.stdout:match "^%d+")
      return tonumber(result.stdout:match "VmHWM:%s*(%d+)")
    end
    local few, many = peak_of(1000), peak_of(100000)
    os.remove(path)
    assert.is_true(many - few < 8192, ("%d KB, and of a hundred times as many rows %d"):format(few, many))
  end)

  local SHARED = command.root .. "/../shared/data"
  local is_there = io.open(SHARED .. "/README.md")
  local describe_shared = is_there and describe or pending
  if is_there then
    is_there:close()
  end

  -- Of each file its encoding, delimiter, header and rows, and of its columns what is worth looking at.
  local FILES = {
    ["energy/a1_pdbc_20251026.1"] = { "utf8", ";", false, 100, { [5] = "decimal '.', 10 to 22" } },
    ["energy/a2_omie_periodo.csv"] = { "windows-1252", ";", 3, 96, { [4] = "decimal ','" }, "omie" },
    ["energy/b1_esios_api.json"] = { "utf8", nil, nil, 100, { [2] = "%Y-%m-%dT%H:%M:%S.%f%z" }, "esios" },
    ["energy/c1_datadis_2400.csv"] = { "utf8", ";", 1, 24, { [2] = "%Y/%m/%d", [3] = "%H:%M" }, "datadis" },
    ["energy/c2_datadis_h25.csv"] = { "utf8", ";", 1, 25, { [2] = "%d/%m/%Y", [3] = "1 to 25" } },
    ["energy/d1_ide_wh.csv"] = { "utf8", ";", 1, 25, { [2] = "%Y/%m/%d %H:%M", [4] = "10000 to 21625" } },
    ["energy/e1_edistribucion_23.csv"] = { "utf8", ";", 1, 23, { [4] = "decimal ','" }, "e-distribucion" },
    ["energy/f1_f5d.0"] = { "utf8", ";", false, 25, { [2] = "%Y/%m/%d %H:%M" }, "simel-f5d" },
    ["energy/f4_reganecuqh"] = { "utf8", ";", false, 100, { [1] = "%d/%m/%Y %H:%M:%S" } },
    ["energy/g1_entsoe_old.csv"] = { "utf8", ",", 1, 100, { [1] = "%d.%m.%Y %H:%M %*", [3] = "'-' in 1" }, "entsoe" },
    ["energy/i1_excel_utf16.txt"] = { "utf16", "\t", 1, 96, { [1] = "%Y-%m-%d %H:%M" } },
    ["energy/i2_excel_es.csv"] = { "utf8", ";", 1, 96, { [1] = "it cannot be known which is the day" } },
    ["energy/i5_sep_line.csv"] = { "utf8", ";", 2, 96, { [2] = "decimal '.'" } },
    ["energy/i10_empty_tail.csv"] = { "utf8", ";", 1, 96, { [2] = "decimal '.'" } },
    ["energy/i16_padded.csv"] = { "utf8", ";", 1, 96, { [2] = "decimal '.'" } },
    ["energy/k1_end_labels.csv"] = { "utf8", ",", 1, 96, { [1] = "%Y-%m-%d %H:%M" } },
    ["energy/k3_end_labels_autumn.csv"] = { "utf8", ",", 1, 100, { [1] = "%Y-%m-%d %H:%M" } },
    ["energy/l1_kwh.csv"] = { "utf8", ",", 1, 96, { [2] = "2500 to 5500" } },
    ["energy/m1_overlap_same.csv"] = { "utf8", ",", 1, 104, { [1] = "%Y-%m-%d %H:%M" } },
    ["energy/n5_spring_96.csv"] = { "utf8", ",", 1, 96, { [1] = "%Y-%m-%d %H:%M" } },
    ["energy/n6_utc_naive.csv"] = { "utf8", ",", 1, 96, { [1] = "%Y-%m-%d %H:%M:%S" } },
    ["omie/PrecioMD_OMIE_20200329.txt"] = { "windows-1252", ";", 3, 10, { [2] = "decimal ','" } },
    ["omie/PrecioMD_OMIE_20223010.txt"] = { "utf8", ";", 3, 10, { [26] = "decimal ','" } },
    ["omie/marginalpdbc_20260329.1"] = { "utf8", ";", false, 92, { [4] = "1 to 92" } },
    ["shops/01_shopify/in.csv"] = { "utf8", ",", 1, 3, { [11] = "%Y-%m-%d %H:%M:%S %z" }, "shopify" },
    ["shops/02_shopify_emptyname/in.csv"] = { "utf8", ",", 1, 4, { [1] = "2 empty" } },
    ["shops/04_tiendanube/in.csv"] = { "windows-1252", ";", 1, 3, { [9] = "decimal ',', thousands '.'" },
      "tiendanube" },
    ["shops/05_tiendanube_clean/in.csv"] = { "windows-1252", ";", 1, 3, { [3] = "%d/%m/%Y %H:%M:%S" },
      "tiendanube" },
    ["shops/07_ventas_noheader/in.csv"] = { "utf8", ",", false, 4, { [2] = "%Y-%m-%d", [10] = "0" } },
    ["shops/10_square/in.csv"] = { "utf8", ",", 1, 3,
      { [8] = "decimal '.', thousands ',', -8 to 1036, currency '$'" } },
    ["shops/13_sci_ids/in.csv"] = { "utf8", ",", 1, 3, { [1] = "1234570000000 to 1234580000000" } },
    ["shops/14_cp1252/in.csv"] = { "windows-1252", ",", 1, 1, { [6] = "10" } },
    ["shops/16_sepline/in.csv"] = { "utf8", ";", 2, 1, { [6] = "10" } },
    ["shops/34_interleaved/in.csv"] = { "utf8", ",", 1, 3, { [1] = "3001 to 3002" } },
    ["shops/36_tz_typo/in.csv"] = { "utf8", ",", 1, 2, { [2] = "%Y-%m-%d %H:%M:%S" } },
    ["shops/38_sum_trap/in.csv"] = { "utf8", ",", 1, 2, { [4] = "decimal '.', 10 to 58.9" } },
    ["shops/39_line_total_as_order/in.csv"] = { "utf8", ",", 1, 2, { [5] = "decimal '.', 5 to 20" } },
    ["online_retail.csv"] = { "windows-1252", ",", 1, 39529, { [5] = "%d/%m/%Y %H:%M" } },
    ["ree_esios541_15min.csv"] = { "utf8", ",", 1, 47536, { [2] = "%Y-%m-%d %H:%M:%S%z" }, "esios" },
  }

  describe_shared("describes rightly", function()
    for name, wanted in pairs(FILES) do
      it(name, function()
        local result = command.run { "inspect", SHARED .. "/" .. name, "--json" }
        assert.same({ 0, "" }, { result.code, result.stderr })
        local found = cjson.decode(result.stdout)
        assert.same({ wanted[1], wanted[2], wanted[3], wanted[4], wanted[6] },
          { found.encoding, found.delimiter, found.header, found.rows, found.map })
        for number, text in pairs(wanted[5]) do
          assert.matches(text, found.columns[number].text, 1, true)
        end
      end)
    end
  end)
end)
