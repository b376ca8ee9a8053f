-- What `purchases inspect` says of a series, put into a map as it stands there, reads the file.
local cjson = require "cjson"
local command = require "spec.support.command"
local folders = require "spec.support.folder"

local MADRID = { "--tz", "Europe/Madrid" }

describe("what purchases inspect says", function()
  local folder = folders.new()

  -- What it says is a map's, less what goes behind it for people.
  local function map_of(found)
    local rules, date, unit = {}, nil, nil
    for _, line in ipairs(found.series) do
      local said = line:match " say (%l+ = .*)$"
      said = said and said:gsub(" %(%-%-.*$", ""):gsub(", or another$", ""):gsub(", and .*$", "")
      if said and said:find "^date = " then
        date = said
      elseif said and said:find "^unit = " then
        unit = said
      else
        rules[#rules + 1] = said
      end
    end
    local text = table.concat(rules, ", ")
    for name, more in pairs { datetime = date, value = unit } do -- a format or a unit belongs into a rule
      local replaced
      text, replaced = text:gsub(name .. ' = ("?[^{",]+"?)', name .. " = { column = %1, " .. more:gsub("%%", "%%%%")
        .. " }")
      if replaced == 0 and not text:find(name .. " = {", 1, true) then
        local unsaid = name == "datetime" and "datetime" or "purchase"
        text = text .. (", %s = { column = %q, %s }"):format(name, unsaid, more)
      end
    end
    return "return { " .. text:gsub("^, ", "") .. " }"
  end

  local function read(path, more)
    local result = folder.run { "inspect", path, "--json" }
    assert.same({ 0, "" }, { result.code, result.stderr })
    local map = map_of(cjson.decode(result.stdout))
    folder.write("map.lua", map)
    return folder.run(command.concat({ "check", path, "--map", "./map.lua" }, more or MADRID)), map
  end

  -- Two days of quarter-hours, 192 rows, each as `write(time, value)` has it; times begin at 1 July 2026, 0:00.
  local function quarters(write, minutes)
    local lines, begin = {}, 1782864000 -- as if it were UTC
    for i = 0, 2880 / (minutes or 15) - 1 do
      lines[#lines + 1] = write(begin + i * (minutes or 15) * 60, i % 90 + 0.5, i)
    end
    return table.concat(lines, "\n") .. "\n"
  end

  -- Two rows that are days: a day, and as many values as there are intervals.
  local function days(header, count, format)
    local lines = { header }
    for day = 0, 1 do
      local cells = { os.date("!" .. format, 1782864000 + day * 86400) }
      for i = 1, count do
        cells[#cells + 1] = i .. ",5"
      end
      lines[#lines + 1] = table.concat(cells, ";")
    end
    return table.concat(lines, "\n") .. "\n"
  end

  local function names(first, last, write)
    local list = {}
    for i = first, last do
      list[#list + 1] = write(i)
    end
    return table.concat(list, ";")
  end

  local function clock(minutes)
    return ("%02d:%02d"):format(math.floor(minutes / 60), minutes % 60)
  end

  local function when(format)
    return function(time, value)
      return os.date("!" .. format, time) .. ";" .. tostring(value):gsub("%.", ",")
    end
  end

  local FORMS = {
    ["hours 0 to 23 as columns"] = days("Dia;" .. names(0, 23, tostring), 24, "%Y-%m-%d"),
    ["hours H01 to H24 as columns"] = days("Dia;" .. names(1, 24, function(i)
      return ("H%02d"):format(i)
    end), 24, "%d.%m.%Y"),
    ["hours with their unit as columns"] = days("Fecha;" .. names(1, 24, function(i)
      return ("Hora %d (kWh)"):format(i)
    end), 24, "%Y/%m/%d"),
    ["25 hours as columns, the last of them empty"] = days("Dia;" .. names(1, 25, function(i)
      return "VAL_" .. i
    end), 24, "%Y%m%d"):gsub("(\n2026[^\n]*)", "%1;"),
    ["half-hours as columns"] = days("Dia;" .. names(0, 47, function(i)
      return clock(i * 30)
    end), 48, "%Y-%m-%d 00:00"),
    ["quarter-hours as columns, named by their ends"] = days("Dia;" .. names(1, 96, function(i)
      return clock(i * 15 % 1440)
    end), 96, "%d-%b-%Y"),
    ["quarter-hours H1Q1 to H24Q4 as columns"] = days("Dia;" .. names(0, 95, function(i)
      return ("H%dQ%d"):format(math.floor(i / 4) + 1, i % 4 + 1)
    end), 96, "%Y-%m-%d"),
    ["hours as columns without a header"] = days("", 24, "%Y-%m-%d"):sub(2),
    ["a year, a month, a day and its hours as columns"] = days("A;M;D;" .. names(1, 24, tostring), 24, "%Y;%m;%d"),
    ["months by their names"] = "when;MW\n" .. quarters(when "%d-%b-%Y %H:%M"),
    ["months by their names first, and halves of days"] = "when;MW\n" .. quarters(when "%b %d, %Y %I:%M %p"),
    ["halves of days as in Spain"] = "when;MW\n" .. quarters(function(time, value)
      return os.date("!%Y/%m/%d %I:%M ", time) .. (os.date("!%p", time) == "AM" and "a. m." or "p. m.") .. ";" .. value
    end),
    ["times with dots, and no header"] = quarters(when "%Y.%m.%d %H.%M"),
    ["compact times"] = "when;MW\n" .. quarters(when "%Y%m%d%H%M"),
    ["seconds and an offset"] = "when;MW\n" .. quarters(when "%Y-%m-%dT%H:%M:%S+02:00"),
    ["a day and an hour that is counted"] = "Dia;Hora;MWh\n" .. quarters(function(time, value, i)
      return os.date("!%Y%m%d;", time) .. i % 24 + 1 .. ";" .. value
    end, 60),
    ["lines before the header, and a bar"] = "Curva\n\nwhen|kW\n" .. quarters(function(time, value)
      return os.date("!%Y-%m-%d %H:%M|", time) .. value
    end),
    ["units behind the numbers"] = "when;carga\n" .. quarters(function(time, value)
      return os.date("!%Y-%m-%d %H:%M;", time) .. value .. " kWh"
    end),
  }

  for form, text in pairs(FORMS) do
    it("reads " .. form, function()
      folder.write("load.csv", text)
      local result, map = read "load.csv"
      assert.same({ 0, "load.csv: 192 rows, 2026-07-01 00:", "" },
        { result.code, result.stdout:sub(1, 34), result.stderr }, map)
      assert.matches(", 2 days\n$", result.stdout)
    end)
  end

  -- What it says of a file, as one text.
  local function said_of(text, name)
    folder.write(name or "load.csv", text)
    return table.concat(cjson.decode(folder.run({ "inspect", name or "load.csv", "--json" }).stdout).series, "\n")
  end

  local function says(wanted, text, name)
    assert.matches(wanted, said_of(text, name), 1, true)
  end

  describe("is plain about", function()
    it("rows that are none of the series", function()
      local body = quarters(when "%Y-%m-%d %H:%M")
      says([['Total'): where such a row is none, leave it out, as in unless = { ["when"] = "Total" }]],
        "when;MW\n" .. body .. "Total;99,5\n")
      local units = "when;Active power\n;kW\n" .. body
      says([[(line 2: 'kW'): where such a row is none, leave it out, as in unless = { ["Active power"] = "kW" }]],
        units)
      says('say unit = "kW"', units)
    end)

    it("rows without a value", function()
      local text = "when;MW\n" .. quarters(when "%Y-%m-%d %H:%M"):gsub(";5,5", ";n/d", 1):gsub(";7,5", ";", 1)
      says('say null = { "n/d" }', text)
      says('"MW": 2 rows have no value, and a series must have one in each', text)
    end)

    it("a minus that is none", function()
      says("the minus of '\226\136\1465.5' is a dash that looks like one", "datetime,purchase\n2026-07-01 00:00,"
        .. "\226\136\1465.5\n2026-07-01 00:15,6\n")
    end)

    it("columns that are days, and columns between those of a day", function()
      local lines = { "Hora;01/07/2026;02/07/2026;13/07/2026" }
      for hour = 0, 23 do
        lines[#lines + 1] = ("%02d:00;%d,5;%d,5;%d,5"):format(hour, hour, hour, hour)
      end
      says('a column is a day, "01/07/2026", "02/07/2026", "13/07/2026": no map reads that; turn rows and columns',
        table.concat(lines, "\n"))
      says('other columns stand between its intervals, "V1" to "V24": no map reads that; take them out',
        "Dia;" .. names(1, 24, function(i)
          return ("V%d;F%d"):format(i, i)
        end) .. "\n2026-07-01;" .. names(1, 24, function(i)
          return i .. ",5;R"
        end) .. "\n")
    end)

    it("lists within lists", function()
      local rows = {}
      for i = 1, 24 do
        rows[i] = ('{"datetime":"2026-07-01T%02d:00:00Z","value":%d.5}'):format(i - 1, i)
      end
      local list = '{"type":"x","attributes":{"a/b":[' .. table.concat(rows, ",") .. "]}}"
      local said = said_of('{"data":1,"included":[' .. list .. "," .. list .. "]}", "load.json")
      local pointer = 'list = "/included/0/attributes/a~1b"'
      assert.matches("several lists of rows: say " .. pointer .. ", or another", said, 1, true)
      folder.write("map.lua", "return { value = 'value', resolution = 60, " .. pointer .. " }")
      assert.equal("load.json: 96 rows, 2026-07-01 00:00 to 2026-07-01 23:45, 1 day\n",
        folder.run({ "check", "load.json", "--map", "./map.lua", "--tz", "UTC" }).stdout)
    end)
  end)

  it("of a day for which there is no column of days", function()
    says('"1" to "24" look like the intervals of a day, but no column says which day',
      names(1, 24, tostring) .. "\n" .. names(2, 25, tostring) .. "\n")
  end)

  local SHARED = command.root .. "/../shared/data/energy/"
  local is_there = io.open(SHARED .. "README.md")
  if is_there then
    is_there:close()
  end

  -- Those that read what the file is as it stands; of the others something is to be done to them.
  for name, rows in pairs { ["a1_pdbc_20251026.1"] = 100, ["a2_omie_periodo.csv"] = 96, ["b1_esios_api.json"] = 100,
    ["c1_datadis_2400.csv"] = 96, ["c2_datadis_h25.csv"] = 100, ["d1_ide_wh.csv"] = 100,
    ["e1_edistribucion_23.csv"] = 92, ["f1_f5d.0"] = 100, ["f4_reganecuqh"] = 100, ["g1_entsoe_old.csv"] = 100,
    ["i1_excel_utf16.txt"] = 96, ["i5_sep_line.csv"] = 96, ["i10_empty_tail.csv"] = 96,
    ["i16_padded.csv"] = 96, ["k1_end_labels.csv"] = 96, ["k3_end_labels_autumn.csv"] = 100, ["l1_kwh.csv"] = 96,
    ["n6_utc_naive.csv"] = 96 } do
    (is_there and it or pending)("reads " .. name, function()
      local result, map = read(SHARED .. name)
      assert.same({ 0, ("%s%s: %d rows"):format(SHARED, name, rows) }, { result.code, result.stdout:match "^[^,]*" },
        map .. result.stderr)
    end)
  end
end)
