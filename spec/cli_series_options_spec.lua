-- How `purchases check` and `purchases ravenwits submit` are told how a series is read.
local cjson = require "cjson"
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local load = require "spec.support.load"
local pages = require "spec.support.pages"
local sandboxes = require "spec.support.sandbox"

local unpack = rawget(_G, "unpack") or table.unpack

local NOTE = "note: no time zone (--tz) is given: the lengths of days were not checked\n"

describe("the options of a series", function()
  local folder = folders.new()
  local write = folder.write

  local function check(...)
    return folder.run(command.concat({ "check" }, { ... }))
  end

  -- The first rows that would be sent.
  local function first_of(...)
    local result = check(...)
    assert.equal(0, result.code, result.stderr)
    return result.stdout
  end

  local function row(datetime, value)
    return ('{"datetime":"%s","purchase":%s}\n'):format(datetime, value)
  end

  local function refuses(code, complaint, ...)
    local result = check(...)
    assert.same({ code, "" }, { result.code, result.stdout })
    assert.matches(complaint, result.stderr, 1, true)
  end

  describe("say what is simple:", function()
    setup(function()
      write("excel.csv", "Fecha;Energ\237a (kWh)\n01/07/2026 1:00;2500,5\n01/07/2026 2:00;1000\n")
      write("plain.csv", load.csv(192))
    end)

    local READ = { "excel.csv", "--datetime-column", "Fecha", "--value-column", "Energía (kWh)", "--date",
      "%d/%m/%Y %H:%M", "--decimal", ",", "--unit", "kWh", "--label", "end", "--resolution", "60", "--encoding",
      "latin1", "--delimiter", ";", "--print", "5" }

    it("all of them", function()
      assert.equal(row("2026-07-01 00:15", "2.5005") .. row("2026-07-01 00:30", "2.5005")
        .. row("2026-07-01 00:45", "2.5005") .. row("2026-07-01 01:00", "2.5005") .. row("2026-07-01 01:15", "1"),
        first_of(unpack(READ)))
    end)

    it("before what the map says", function()
      write("map.lua", [[return { encoding = "utf8", delimiter = ",", decimal = ".", label = "start", resolution = 30,
        datetime = { column = "x", date = "%Y", tz = "UTC" }, value = { column = "y", unit = "MW" } }]])
      local result = first_of(unpack(command.concat(READ,
        { "--map", "./map.lua", "--tz", "Europe/Madrid" })))
      assert.equal(row("2026-07-01 02:15", "2.5005"), result:match "^[^\n]*\n")
    end)

    it("beside what the map says", function()
      write("consumption.csv", "fecha;hora;consumo_kWh\n2026/07/01;00:15;10,0\n2026/07/01;00:30;4,4\n")
      local result = check("consumption.csv", "--map", "datadis", "--resolution", "15", "--tz", "Europe/Lisbon",
        "--step", "15", "--print", "2")
      assert.matches("[wrong_day_length]", result.stderr, 1, true)
      write("map.lua", [[return { datetime = { column = { "fecha", "hora" }, date = "%d" }, value = "consumo_kWh",
        label = "end" }]])
      assert.equal(row("2026-07-01 00:15", "0.04"), first_of("consumption.csv", "--map", "./map.lua", "--date",
        "%Y/%m/%d %H:%M", "--unit", "kWh", "--decimal", ",", "--print", "1"))
    end)

    it("columns by their numbers, with a header and without one", function()
      write("bare.csv", "A;2026-07-01 00:00;1.5\nA;2026-07-01 00:15;2\n")
      write("bare.lua", "return { header = false }")
      assert.equal(row("2026-07-01 00:00", "1.5"), first_of("bare.csv", "--map", "./bare.lua", "--datetime-column", "2",
        "--value-column", "3", "--print", "1"))
      write("years.csv", "day,2025,2026\n2026-07-01 00:00,1,2\n")
      assert.equal(row("2026-07-01 00:00", "2"), first_of("years.csv", "--datetime-column", "1", "--value-column", "3",
        "--date", "%Y-%m-%d %H:%M", "--unit", "MW", "--print", "1"))
      refuses(3, 'value: no column 2026; the columns are "day", "2025", "2026"; digits alone are a column\'s number, '
        .. "not its name; nothing was sent", "years.csv", "--datetime-column", "day", "--value-column", "2026")
      for _, word in ipairs { "0", "", "100001" } do
        refuses(2, "--value-column must be the name of a column, or its number, from 1", "years.csv", "--value-column",
          word)
      end
    end)

    it("and count one row as one", function()
      write("one.csv", "datetime,purchase\n2026-07-01 00:00,1\n")
      assert.equal("one.csv: 1 row, 2026-07-01 00:00 to 2026-07-01 00:00, 1 day\n", check("one.csv").stdout)
    end)

    it("and are named where they are wrong", function()
      for _, case in ipairs {
        { "--tz: unknown time zone Europe/Madri", "--tz", "Europe/Madri" },
        { "--date: ", "--date", "%q" },
        { "--unit: expected MW, kW", "--unit", "kVA" },
        { "--resolution: ", "--resolution", "50" },
        { "--resolution must be a whole number", "--resolution", "1.5" },
        { "--resolution must be a whole number from 1 to 60", "--resolution", "90" },
        { "--encoding: ", "--encoding", "latin9" },
        { "--delimiter must be one character, or 'tab'", "--delimiter", ";;" },
        { "--decimal must be . or ,", "--decimal", ";" },
        { "--label' must be one of", "--label", "middle" },
        { "--print must be a whole number", "--print", "0" },
        { "--day: ", "--day", "2025-10-0x" },
        { "--from: ", "--from", "yesterday" },
        { "--day stands for --from and --to: give it alone", "--day", "2025-10-01", "--to", "2025-10-01" },
      } do
        refuses(2, case[1], "plain.csv", unpack(case, 2))
      end
    end)
  end)

  describe("name a map:", function()
    it("that cannot be used", function()
      write("shop.lua", 'return { group = "x" }')
      write("zone.lua", 'return { tz = "Europe/Lodnon" }')
      for map, why in pairs {
        nope = "the map 'nope' cannot be used: it does not come along; there are datadis, ",
        shopify = "the map 'shopify' cannot be used: it is of sales; ",
        ["./no.lua"] = "the map './no.lua' cannot be used: No such file or directory",
        ["./shop.lua"] = "the map './shop.lua' cannot be used: unknown key 'group'",
        ["./zone.lua"] = "the map './zone.lua' cannot be used: unknown time zone Europe/Lodnon; nothing was sent",
      } do
        refuses(3, "purchases: " .. why, "plain.csv", "--map", map)
      end
    end)
  end)

  describe("take several files", function()
    it("as one series, in their order", function()
      write("one.csv", load.csv(96))
      write("all.csv", load.csv(192))
      local lines = {}
      for line in load.csv(192):gmatch "[^\n]+" do
        lines[#lines + 1] = line
      end
      write("two.csv", lines[1] .. "\n" .. table.concat(lines, "\n", 98) .. "\n")
      local result = check("one.csv", "two.csv", "--tz", "Europe/Madrid")
      assert.same({ 0, "one.csv, two.csv: 192 rows, 2025-10-01 00:00 to 2025-10-02 23:45, 2 days\n", "" },
        { result.code, result.stdout, result.stderr })
      result = check("one.csv", "two.csv", "--tz", "Europe/Madrid", "--json")
      assert.same({ "one.csv", "two.csv" }, cjson.decode(result.stdout).file)
      assert.equal(first_of("all.csv", "--print", "192"):match "^.*}\n",
        first_of("one.csv", "two.csv", "--print", "192"):match "^.*}\n")
    end)

    it("and name the one that is wrong", function()
      write("two.csv", "datetime,purchase\n2025-10-02 00:00,x\n")
      local result = check("one.csv", "two.csv")
      assert.equal(3, result.code)
      assert.matches("^two%.csv:2:18: [^\n]+ %[invalid_number%]\n"
        .. "purchases: one%.csv, two%.csv: 1 problem; nothing was sent\n$", result.stderr)
      result = check("two.csv", "one.csv", "--json")
      assert.equal("two.csv", cjson.decode(result.stdout).issues[1].file)
      refuses(3, "cannot read 'none.csv': No such file or directory", "one.csv", "none.csv")
    end)
  end)

  describe("take a part:", function()
    setup(function()
      write("load.csv", load.csv(288))
    end)

    it("delivery days, both included, and times, the second one excluded", function()
      for _, case in ipairs {
        { "192 rows, 2025-10-01 00:00 to 2025-10-02 23:45, 2 days", "--from", "2025-10-01", "--to", "2025-10-02" },
        { "192 rows, 2025-10-02 00:00 to 2025-10-03 23:45, 2 days", "--from", "2025-10-02" },
        { "96 rows, 2025-10-01 00:00 to 2025-10-01 23:45, 1 day", "--to", "2025-10-01" },
        { "96 rows, 2025-10-02 00:00 to 2025-10-02 23:45, 1 day", "--day", "2025-10-02" },
        { "4 rows, 2025-10-02 10:00 to 2025-10-02 10:45, 1 day", "--from", "2025-10-02 10:00", "--to",
          "2025-10-02 11:00" },
      } do
        local result = check("load.csv", "--tz", "Europe/Madrid", unpack(case, 2))
        assert.same({ 0, "load.csv: " .. case[1] .. "\n", "" }, { result.code, result.stdout, result.stderr })
      end
      refuses(3, "load.csv: has no rows from 2025-10-04 to 2025-10-04; nothing was sent", "load.csv", "--day",
        "2025-10-04")
    end)

    it("which alone is sent", function()
      local sandbox = sandboxes.start {}
      finally(function()
        sandbox:stop()
      end)
      local result = folder.run({ "ravenwits", "submit", "load.csv", "--retailer", "1", "--day", "2025-10-02" },
        { env = pages.environment(sandbox) })
      assert.same({ 0, NOTE }, { result.code, result.stderr })
      assert.matches("^2025%-10%-02    96 rows  accepted  [^\n]*\n1 of 1 purchases accepted, 96 rows\n$", result.stdout)
      result = folder.run({ "ravenwits", "submit", "load.csv", "--retailer", "1", "--day", "2025-10-02", "--json" },
        { env = pages.environment(sandbox) })
      assert.same({ NOTE:match "note: (.*)\n" }, cjson.decode(result.stdout).notes)
      assert.equal("", result.stderr)
      result = folder.run({ "ravenwits", "submit", "load.csv", "--retailer", "1", "--from", "2025-10-02 10:00", "--to",
        "2025-10-02 10:15" }, { env = pages.environment(sandbox) })
      assert.matches("^2025%-10%-02     1 row   accepted  [^\n]*\n1 of 1 purchases accepted, 1 row\n$", result.stdout)
    end)
  end)

  it("print rows on standard output alone", function()
    write("load.csv", load.csv(3000))
    local result = check("load.csv", "--print", "5000")
    assert.equal(3000, select(2, result.stdout:gsub("\n", "")))
    for line in result.stdout:gmatch "[^\n]+" do
      assert.is_string(cjson.decode(line).datetime)
    end
    assert.matches("^" .. NOTE:gsub("%p", "%%%0") .. "load%.csv: 3,000 rows, ", result.stderr)
    result = check("load.csv", "--print", "1", "--json")
    assert.is_string(cjson.decode(result.stdout).datetime)
    assert.equal(3000, cjson.decode(result.stderr).rows)
    assert.same({ NOTE:match "note: (.*)\n" }, cjson.decode(result.stderr).notes)
  end)

  it("tell of rows that a map leaves out", function()
    write("two.csv", "datetime,purchase,point\n2025-10-01 00:00,1,A\n2025-10-01 00:00,2,B\n")
    write("map.lua", 'return { where = { point = "A" } }')
    local result = check("two.csv", "--map", "./map.lua")
    assert.equal(0, result.code)
    assert.matches("note: 1 row was left out", result.stderr, 1, true)
  end)
end)
