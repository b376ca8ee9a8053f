-- More of the forms in which people have series and sales, with made-up values, and the maps that a user would write:
-- what must come of each, or the words with which it is refused.
local mapped = require "spec.support.mapped"
local purchases = require "purchases"
local rows_of = require "spec.support.rows"
local sales_of = require "spec.support.sales"

local series_type = purchases.series

local MADRID = "Europe/Madrid"

-- The hours, or quarter-hours, of a day: { "02", "15", which }, where which is 1 or 2 in an hour that comes twice.
local function intervals(step, skipped, twice)
  local list = {}
  local function add(hour, which)
    for minute = 0, 59, step do
      list[#list + 1] = { ("%02d"):format(hour), ("%02d"):format(minute), which }
    end
  end
  for hour = 0, 23 do
    if hour == twice then
      add(hour, 1)
      add(hour, 2)
    elseif hour ~= skipped then
      add(hour)
    end
  end
  return list
end

-- A file: its first lines, and a line for each interval as `make` has it, from its number, hour, minute, `which`.
local function file_of(head, list, make, tail)
  local lines = {}
  for i, one in ipairs(list) do
    lines[i] = make(i, one[1], one[2], one[3])
  end
  return rows_of.file_of(head, table.concat(lines, "\n"), "\n", tail or "")
end

local function read(path, map)
  local series, err = series_type.read(path, map)
  return assert(series, mapped.words(err))
end

local function expect(series, count, first, last)
  local rows = mapped.rows(series)
  assert.same({ count, first, last }, { #rows, table.concat(rows[1], " "), table.concat(rows[#rows], " ") })
  return rows
end

local function expect_refusal(path, map, ...)
  local series, err = series_type.read(path, map)
  assert.is_nil(series)
  local words = mapped.words(err)
  for _, word in ipairs { ... } do
    assert.is_truthy(words:find(word, 1, true), word .. " is not in: " .. words)
  end
  return err
end

describe("a series as", function()
  after_each(rows_of.remove_files)

  it("e·sios exports it: a semicolon, a time with its offset", function()
    local list = intervals(15, nil, 2)
    local path = file_of("id;name;geoid;geoname;value;datetime\n", list, function(i, hour, minute, which)
      local offset = (tonumber(hour) < 2 or which == 1) and "+02:00" or "+01:00"
      return ('541;"Previsión; P48";8741;Península;%d.5;2025-10-26T%s:%s:00%s'):format(i, hour, minute, offset)
    end)
    local map = { datetime = "datetime", value = "value", tz = MADRID }
    expect(read(path, map), 100, "2025-10-26 00:00 1.5", "2025-10-26 23:45 100.5")
  end)

  it("e·sios answers it for several regions: `where` picks one", function()
    local items = {}
    for i, one in ipairs(intervals(15)) do
      for _, geo in ipairs { 8741, 8742 } do
        items[#items + 1] = ('{"value":%d.0,"datetime":"2025-11-11T%s:%s:00.000+01:00","geo_id":%d,"geo_name":"x"}')
          :format(geo == 8741 and i or 0, one[1], one[2], geo)
      end
    end
    local path = rows_of.file_of('{"indicator":{"id":1,"values":[', table.concat(items, ","), "]}}")
    local map = { datetime = "datetime", value = "value", tz = MADRID, where = { geo_id = "8741" } }
    expect(read(path, map), 96, "2025-11-11 00:00 1", "2025-11-11 23:45 96")
    expect_refusal(path, { datetime = "datetime", value = "value", tz = MADRID }, "geo_id", "where")
  end)

  it("Datadis answers it: dates and hours apart, the unit in a key's name", function()
    local items = {}
    for hour = 1, 24 do
      items[hour] = ('{"cups":"ES0000000000000000AA0F","date":"2025/11/11","time":"%02d:00","consumptionKWh":%d.004,'
        .. '"obtainMethod":"Real"}'):format(hour, hour)
    end
    local path = rows_of.file_of("[", table.concat(items, ",\n"), "]")
    local map = { tz = MADRID, label = "end", resolution = 60, datetime = { column = { "date", "time" },
      date = "%Y/%m/%d %H:%M" }, value = { column = "consumptionKWh", unit = "kWh" } }
    expect(read(path, map), 96, "2025-11-11 00:15 0.001004", "2025-11-12 00:00 0.024004")
    map.value = "consumptionKWh"
    expect_refusal(path, map, "consumptionKWh", "unit")
  end)

  it("a distributor has it in columns: an hour each, 23 to 25 of them", function()
    local head = "CUPS;FECHA"
    for hour = 1, 25 do
      head = head .. (";H%02d"):format(hour)
    end
    local function row(date, count)
      local cells = {}
      for hour = 1, 25 do
        cells[hour] = hour <= count and hour .. ",5" or ""
      end
      return "ES;" .. date .. ";" .. table.concat(cells, ";") .. "\n"
    end
    local map = { decimal = ",", tz = MADRID, resolution = 60, datetime = { column = "FECHA", date = "%d/%m/%Y" },
      value = { from = "H01", to = "H25", unit = "kWh" } }
    local path = rows_of.file_of(head, "\n", row("25/10/2025", 24), row("26/10/2025", 25), row("27/10/2025", 24))
    expect(read(path, map), 96 + 100 + 96, "2025-10-25 00:00 0.0015", "2025-10-27 23:45 0.0245")
    path = rows_of.file_of(head, "\n", row("29/03/2026", 23))
    local rows = expect(read(path, map), 92, "2026-03-29 00:00 0.0015", "2026-03-29 23:45 0.0235")
    assert.equal("2026-03-29 03:00", rows[9][1])
    expect_refusal(rows_of.file_of(head, "\n", row("26/10/2025", 24)), map, "26/10/2025")
    expect_refusal(rows_of.file_of(head, "\n", row("25/10/2025", 25)), map, "25/10/2025")
  end)

  it("a distributor has it where the hour that does not exist is a column that stays empty", function()
    local head, cells = "FECHA", {}
    for hour = 0, 23 do
      head = head .. (";%02d:00"):format(hour)
      cells[hour + 1] = hour == 2 and "" or tostring(hour)
    end
    local path = rows_of.file_of(head, "\n29/03/2026;", table.concat(cells, ";"), "\n")
    local rows = expect(read(path, { tz = MADRID, step = 60, datetime = { column = "FECHA", date = "%d/%m/%Y" },
      value = { from = "00:00", to = "23:00", unit = "MW" } }), 23, "2026-03-29 00:00 0", "2026-03-29 23:00 23")
    assert.same({ { "2026-03-29 01:00", "1" }, { "2026-03-29 03:00", "3" } }, { rows[2], rows[3] })
  end)

  it("P1D files have it: no header, seconds, a flag of summer time, the end of the hour", function()
    local path = file_of("", intervals(60), function(i, hour, _, _)
      local ends = tonumber(hour) + 1
      local date = ends == 24 and "2025/11/12 00" or ("2025/11/11 %02d"):format(ends)
      return ("ES0000000000000000AA0F;11;%s:00:00;0;%d;128;0;128;0;0;"):format(date, 1000 + i)
    end)
    local map = { header = false, tz = MADRID, label = "end", resolution = 60, datetime = { column = 3,
      date = "%Y/%m/%d %H:%M:%S", dst = { column = 4, is = "1" } }, value = { column = 5, unit = "kWh" } }
    expect(read(path, map), 96, "2025-11-11 00:15 1.001", "2025-11-12 00:00 1.024")
  end)

  it("ENTSO-E has it now: both ends of an interval, each with its zone's abbreviation", function()
    local path = file_of('"MTU (CET/CEST)","Area","Day-ahead Total Load Forecast (MW)"\n', intervals(15, nil, 2),
      function(i, hour, minute, which)
        local zone = (tonumber(hour) < 2 or which == 1) and "CEST" or "CET"
        return ('"26/10/2025 %s:%s:00 (%s) - 26/10/2025 00:00:00 (CET)","BZN|ES","%d.25"'):format(hour, minute, zone, i)
      end)
    local map = { datetime = { column = "MTU (CET/CEST)", date = "%d/%m/%Y %H:%M:%S (%Z)%*", tz = MADRID },
      value = "Day-ahead Total Load Forecast (MW)", tz = MADRID }
    expect(read(path, map), 100, "2025-10-26 00:00 1.25", "2025-10-26 23:45 100.25")
    map.datetime.date = "%d/%m/%Y %H:%M:%S%*"
    expect(read(path, map), 100, "2025-10-26 00:00 1.25", "2025-10-26 23:45 100.25")
  end)

  it("Excel writes it in the United States: twelve hours", function()
    local path = file_of("When,Load\r\n", intervals(15), function(i, hour, minute)
      hour = tonumber(hour)
      return ('%d/%d/2025 %d:%s %s,"1,%03d.50"\r'):format(11, 11, (hour + 11) % 12 + 1, minute,
        hour < 12 and "AM" or "PM", i)
    end)
    local map = { tz = MADRID, thousands = ",", value = "Load",
      datetime = { column = "When", date = "%m/%d/%Y %I:%M %p" } }
    expect(read(path, map), 96, "2025-11-11 00:00 1001.5", "2025-11-11 23:45 1096.5")
    map.thousands = nil
    local err = expect_refusal(path, map, "thousands")
    assert.same({ 96, 1 }, { err.total, #err.issues })
  end)

  it("Excel writes it in France and in Switzerland: blanks and apostrophes between thousands", function()
    for mark, sign in pairs { ["\194\160"] = " ", ["\226\128\175"] = " ", [" "] = " ", ["'"] = "'",
      ["\226\128\153"] = "'" } do
      local path = file_of("Date;Puissance (MW)\n", intervals(15), function(_, hour, minute)
        return ("11.11.2025 %s:%s;12%s345%s678,50"):format(hour, minute, mark, mark)
      end)
      local map = { tz = MADRID, thousands = sign, decimal = ",", value = "Puissance (MW)",
        datetime = { column = "Date", date = "%d.%m.%Y %H:%M" } }
      expect(read(path, map), 96, "2025-11-11 00:00 12345678.5", "2025-11-11 23:45 12345678.5")
    end
  end)

  it("an agent's programme has it: H1Q1 to H25Q4, one of several units", function()
    local path = file_of("Date|Unit|Period|Energy\n", intervals(15, nil, 2), function(i)
      local line = ("2025-10-26|%s|H%dQ%d|%d.5\n"):rep(2)
      local hour, quarter = math.floor((i - 1) / 4) + 1, (i - 1) % 4 + 1
      return (line:format("UP_A", hour, quarter, i, "UP_B", hour, quarter, 9):gsub("\n$", ""))
    end)
    local map = { tz = MADRID, where = { Unit = "UP_A" }, value = { column = "Energy", unit = "MWh" },
      datetime = { column = "Date", date = "%Y-%m-%d", period = "Period" } }
    expect(read(path, map), 100, "2025-10-26 00:00 6", "2025-10-26 23:45 402")
    map.where = nil
    expect_refusal(path, map, "Unit", "where")
  end)

  it("Britain has it: settlement periods of half an hour, 46 in spring and 50 in autumn", function()
    for date, count in pairs { ["2026-03-29"] = 46, ["2025-10-26"] = 50, ["2025-11-11"] = 48 } do
      local list = {}
      for i = 1, count do
        list[i] = ("%s,%d,%d.1"):format(date, i, i)
      end
      local path = rows_of.file_of("Settlement Date,Settlement Period,MW\n", table.concat(list, "\n"))
      local map = { tz = "Europe/London", step = 30, value = "MW",
        datetime = { column = "Settlement Date", date = "%Y-%m-%d", period = "Settlement Period" } }
      expect(read(path, map), count, date .. " 00:00 1.1", ("%s 23:30 %d.1"):format(date, count))
      map.step, map.resolution = 15, 30
      expect(read(path, map), 2 * count, date .. " 00:00 1.1", ("%s 23:45 %d.1"):format(date, count))
      local long = rows_of.file_of("Settlement Date,Settlement Period,MW\n", table.concat(list, "\n"),
        ("\n%s,%d,1"):format(date, count + 1))
      expect_refusal(long, map, ("'%d'"):format(count + 1), tostring(count))
    end
  end)

  it("a meter has it: kWh a quarter-hour, instants of UTC", function()
    local path = file_of("timestamp;kWh\n", intervals(15), function(i, hour, minute)
      local utc = (tonumber(hour) + 23) % 24
      return ("2025-11-%02dT%02d:%s:00Z;%d"):format(utc == 23 and 10 or 11, utc, minute, 250 * i)
    end)
    local map = { datetime = "timestamp", value = { column = "kWh", unit = "kWh" }, tz = MADRID }
    expect(read(path, map), 96, "2025-11-11 00:00 1", "2025-11-11 23:45 96")
    expect_refusal(path, { datetime = "timestamp", value = "kWh", tz = MADRID }, "kWh", "unit")
  end)

  it("whoever names a column for UTC must say so where its times have no offset", function()
    for _, name in ipairs { "UTC", "Time (UTC)", "utc_time", "datetimeUTC", "Fecha UTC" } do
      local path = file_of(name .. ";purchase\n", intervals(15), function(i, hour, minute)
        return ("2025-11-11 %s:%s;%d"):format(hour, minute, i)
      end)
      expect_refusal(path, { datetime = name, tz = MADRID }, name, "tz")
      local map = { datetime = { column = name, tz = MADRID }, tz = MADRID }
      expect(read(path, map), 96, "2025-11-11 00:00 1", "2025-11-11 23:45 96")
    end
  end)

  it("a column's name has a unit as a word of its own, or is no unit", function()
    local function refusal(name)
      local path = file_of('datetime;"' .. name .. '"\n', intervals(15), function(_, hour, minute)
        return ("2025-11-11 %s:%s;1"):format(hour, minute)
      end)
      local _, err = series_type.read(path, { tz = MADRID, value = name })
      return err and mapped.words(err)
    end
    for _, name in ipairs { "consumo_kWh", "consumo [kWh]", "Energia (MWh)", "consumptionKWh", "kWh", "AE_kWh", "Wh",
      "Potencia kW", "GWh", "carga-GW" } do
      assert.matches("unit", refusal(name) or name, name)
    end
    for _, name in ipairs { "Precio (EUR/MWh)", "€/MWh", "price_eur/MWh" } do
      assert.matches("price", refusal(name) or name, name)
    end
    for _, name in ipairs { "Power (MW)", "MW", "load_MW", "Demanda", "backward", "kwarg", "Whole", "Gewhatt" } do
      assert.is_nil(refusal(name), name)
    end
  end)

  it("hours of energy on a grid of hours, in every unit", function()
    for unit, text in pairs { MW = "1.5", MWh = "1.5", kW = "1500", kWh = "1500", Wh = "1500000", GW = "0.0015",
      GWh = "1.5e-3" } do
      local path = file_of("t;v\n", intervals(60), function(_, hour)
        return ("2025-11-11 %s:00;%s"):format(hour, text)
      end)
      expect(read(path, { tz = MADRID, step = 60, datetime = "t", value = { column = "v", unit = unit } }), 24,
        "2025-11-11 00:00 1.5", "2025-11-11 23:00 1.5")
    end
  end)

  it("the ends of hours in spring, and 24:00", function()
    local path = file_of("Fecha;Hora;MW\n", intervals(60, 2), function(i, hour)
      local ends = tonumber(hour) == 1 and 3 or tonumber(hour) + 1 -- 2:00 is 3:00
      return ("29/03/2026;%d:00;%d"):format(ends, i)
    end)
    local map = { tz = MADRID, label = "end", resolution = 60, value = "MW",
      datetime = { column = { "Fecha", "Hora" }, date = "%d/%m/%Y %H:%M" } }
    local rows = expect(read(path, map), 92, "2026-03-29 00:15 1", "2026-03-30 00:00 23")
    assert.same({ { "2026-03-29 01:45", "2" }, { "2026-03-29 03:00", "2" } }, { rows[7], rows[8] })
  end)

  it("an hour that does not exist is no row where it is empty", function()
    local path = file_of("datetime;purchase\n", intervals(15), function(i, hour, minute)
      return ("2026-03-29 %s:%s;%s"):format(hour, minute, hour == "02" and "" or i)
    end)
    expect(read(path, { tz = MADRID }), 92, "2026-03-29 00:00 1", "2026-03-29 23:45 96")
    path = file_of("datetime;purchase\n", intervals(15), function(_, hour, minute)
      return ("2026-03-29 %s:%s;0"):format(hour, minute)
    end)
    local err = expect_refusal(path, { tz = MADRID }, "2026-03-29 02:00", "does not exist")
    assert.same({ 1, 10 }, { #err.issues, err.issues[1].line })
  end)

  it("half-hours or hours in a file of quarter-hours name `resolution`", function()
    for minutes in pairs { [30] = true, [60] = true } do
      local path = file_of("datetime;purchase\n", intervals(minutes), function(i, hour, minute)
        return ("2025-11-11 %s:%s;%d"):format(hour, minute, i)
      end)
      expect_refusal(path, { tz = MADRID }, "resolution")
      expect(read(path, { tz = MADRID, resolution = minutes }), 96, "2025-11-11 00:00 1",
        ("2025-11-11 23:45 %d"):format(24 * 60 / minutes))
    end
  end)

  it("a file whose newest row is first is named as that", function()
    local list = intervals(15)
    local path = file_of("datetime;purchase\n", list, function(i)
      local one = list[#list + 1 - i]
      return ("2025-11-11 %s:%s;%d"):format(one[1], one[2], i)
    end)
    local err = expect_refusal(path, { tz = MADRID }, "latest first", "sort")
    assert.equal(1, #err.issues)
  end)

  it("repeated times that another column tells apart name that column", function()
    local path = file_of("datetime;version;purchase\n", intervals(15), function(i, hour, minute)
      return ("2025-11-11 %s:%s;C1;%d\n2025-11-11 %s:%s;C2;%d"):format(hour, minute, i, hour, minute, i)
    end)
    local err = expect_refusal(path, { tz = MADRID }, "version", "where")
    assert.equal(1, #err.issues)
    expect(read(path, { tz = MADRID, where = { version = "C2" } }), 96, "2025-11-11 00:00 1", "2025-11-11 23:45 96")
    expect(read(path, { tz = MADRID, unless = { version = { "C1", "C3" } } }), 96, "2025-11-11 00:00 1",
      "2025-11-11 23:45 96")
  end)

  it("a decimal comma between commas is named as that", function()
    local path = file_of("datetime,purchase\n", intervals(15), function(i, hour, minute)
      return ("2025-11-11 %s:%s,%d,5"):format(hour, minute, i)
    end)
    local err = expect_refusal(path, { tz = MADRID }, "decimal comma", "96 rows")
    assert.same({ 1, 96, 2 }, { #err.issues, err.total, err.issues[1].line })
  end)

  it("a whole column of another kind is one cause", function()
    local path = file_of("datetime,purchase,name\n", intervals(15), function(i, hour, minute)
      return ("11/11/2025 %s:%s,%d,x"):format(hour, minute, i)
    end)
    local err = expect_refusal(path, { tz = MADRID }, "96 rows", "date")
    assert.same({ 1, 96 }, { #err.issues, err.total })
    err = expect_refusal(path, { tz = MADRID, datetime = "time" }, '"datetime"', '"purchase"', '"name"')
    assert.is_true(#(err.issues or {}) <= 1)
  end)

  it("what is no text is named by its first bytes", function()
    for word, bytes in pairs {
      gzip = "\31\139\8\0\0\0\0\0\0\3", zip = "PK\3\4\20\0\0\0\8\0data.csv", PDF = "%PDF-1.4\n",
      Excel = "\208\207\17\224\161\177\26\225" .. ("\0"):rep(600),
      ["UTF-16"] = ("datetime,purchase\n2025-11-11 00:00,1\n"):gsub(".", "%0\0"),
    } do
      expect_refusal(rows_of.file_of(bytes), { tz = MADRID }, word)
      local _, err = mapped.sales("woowup", rows_of.file_of(bytes), { purchase = { invoice_number = 1 } })
      assert.matches(word, tostring(err), 1, true)
    end
  end)

  it("a line of totals is left out, whatever its fields are", function()
    local path = file_of("datetime;purchase\n", intervals(15), function(i, hour, minute)
      return ("2025-11-11 %s:%s;%d"):format(hour, minute, i)
    end, "TOTAL\nTOTAL;4656;MW\n")
    expect(read(path, { tz = MADRID, unless = { datetime = "TOTAL" } }), 96, "2025-11-11 00:00 1",
      "2025-11-11 23:45 96")
    expect(read(path, { tz = MADRID, unless = { [1] = { "TOTAL", "SUM" } } }), 96, "2025-11-11 00:00 1",
      "2025-11-11 23:45 96")
  end)

  local RECEIPT = '{"id":"00000000-0000-4000-8000-000000000000","status":"pending","rows_uploaded":96,'
    .. '"created_at":"2024-01-15T10:00:00Z"}'

  it("the ends of a day's quarter-hours go out as one purchase of 96 rows", function()
    local path = file_of("datetime,purchase\n", intervals(15), function(i)
      local minutes = i * 15
      return i == 96 and "2024-01-16 00:00,96" or ("2024-01-15 %02d:%02d,%d"):format(math.floor(minutes / 60),
        minutes % 60, i)
    end)
    for _, map in ipairs { { label = "end", tz = MADRID }, { label = "end" } } do
      local bodies = {}
      local client = purchases.ravenwits.new { user = "u", token = "t", transport = { request = function(request)
        bodies[#bodies + 1] = request.body
        return { status = 201, headers = { ["content-type"] = "application/json" }, body = RECEIPT }
      end } }
      local report = assert(client:submit_all(read(path, map), { retailer_id = "1", batch = "day" }))
      assert.same({ 1, 1 }, { report.accepted, #bodies })
      assert.equal(96, select(2, bodies[1]:gsub('"datetime"', "")))
      assert.matches('[{"datetime":"2024-01-15 00:15","purchase":1},', bodies[1], 1, true)
      assert.matches('{"datetime":"2024-01-16 00:00","purchase":96}]}', bodies[1], 1, true)
    end
  end)

  it("several files are one series, in the order given", function()
    local paths = {}
    for day = 11, 13 do
      paths[day - 10] = file_of("datetime;purchase\n", intervals(15), function(i, hour, minute)
        return ("2025-11-%d %s:%s;%d"):format(day, hour, minute, i)
      end)
    end
    local series = read(paths, { tz = MADRID })
    expect(series, 288, "2025-11-11 00:00 1", "2025-11-13 23:45 96")
    assert.equal(96, #series:between("2025-11-12", "2025-11-12"))
    expect(series:between("2025-11-12", "2025-11-13"), 192, "2025-11-12 00:00 1", "2025-11-13 23:45 96")
    expect(series:between("2025-11-12 01:00", "2025-11-12 02:00"), 4, "2025-11-12 01:00 5", "2025-11-12 01:45 8")
    assert.same({}, series:notes())
    paths[2] = paths[3]
    expect_refusal(paths, { tz = MADRID }, "96 rows", "overlap")
  end)
end)

-- Sales, each as WoowUp's purchases, or Curebit's.
local ITEMS = "purchase_detail"

local function send(text, map, api)
  local sent, err = mapped.sales(api or "woowup", sales_of.file(text), map)
  return assert(sent, mapped.words(err))
end

local function expect_sent(wanted, sent)
  local why = sent.refused[1] and mapped.words(sent.refused[1].error)
  assert.same(wanted, sent.purchases, why)
end

local function number(column, more)
  local rule = { column = column, number = true }
  for name, value in pairs(more or {}) do
    rule[name] = value
  end
  return rule
end

describe("sales as", function()
  after_each(sales_of.remove_files)

  it("WooCommerce exports them: an order a line for every item", function()
    local sent = send('\239\187\191"Order Number","Order Date","Email (Billing)","Order Total Amount","SKU",'
      .. '"Item Name","Quantity","Item Cost"\n501,"2025-11-02 18:30",ann@example.com,30.00,MUG-1,"Mug, large",2,12.50\n'
      .. '501,"2025-11-02 18:30",ann@example.com,30.0,BOWL-1,Bowl,1,5\n'
      .. '502,"2025-11-02 19:00",bob@example.com,7,CUP-1,"Cup ""S""",1,7.00\n', {
      group = "Order Number", tz = MADRID,
      purchase = { invoice_number = "Order Number", email = "Email (Billing)",
        createtime = { column = "Order Date", date = "%Y-%m-%d %H:%M" },
        prices = { total = number "Order Total Amount" } },
      items = ITEMS, item = { sku = "SKU", product_name = "Item Name", quantity = number "Quantity",
        unit_price = number "Item Cost" } })
    expect_sent({
      { invoice_number = "501", email = "ann@example.com", createtime = "2025-11-02 17:30:00",
        prices = { total = 30 }, purchase_detail = {
          { sku = "MUG-1", product_name = "Mug, large", quantity = 2, unit_price = 12.5 },
          { sku = "BOWL-1", product_name = "Bowl", quantity = 1, unit_price = 5 } } },
      { invoice_number = "502", email = "bob@example.com", createtime = "2025-11-02 18:00:00",
        prices = { total = 7 }, purchase_detail = {
          { sku = "CUP-1", product_name = 'Cup "S"', quantity = 1, unit_price = 7 } } },
    }, sent)
  end)

  it("PrestaShop has them: six decimals, the euro behind the price", function()
    local sent = send("id_order;reference;email;date_add;total_paid;product_reference;product_quantity;unit_price\n"
      .. "7;XKBKNABJK;a@example.com;2025-11-02 18:30:15;25,000000;DEMO_1;2;12,50 €\n", { decimal = ",",
      group = "id_order", purchase = { invoice_number = "reference", email = "email",
        createtime = { column = "date_add", date = "%Y-%m-%d %H:%M:%S", tz = "Europe/Paris" },
        prices = { total = number "total_paid" } },
      items = ITEMS, item = { sku = "product_reference", quantity = number "product_quantity",
        unit_price = number("unit_price", { currency = "€" }) } })
    expect_sent({ { invoice_number = "XKBKNABJK", email = "a@example.com", createtime = "2025-11-02 17:30:15",
      prices = { total = 25 }, purchase_detail = { { sku = "DEMO_1", quantity = 2, unit_price = 12.5 } } } }, sent)
  end)

  it("Magento has them: the month's name, twelve hours, dollars in thousands", function()
    local sent = send('ID,"Purchase Date","Grand Total",Email,SKU,Qty,Price\n'
      .. '000000012,"Nov 2, 2025, 6:05:09 PM","$1,234.50",a@example.com,24-MB01,1.0000,"$1,234.50"\n'
      .. '000000013,"Jan 12, 2026, 12:00:00 AM","$0.00",b@example.com,24-MB02,3,$.00\n', { thousands = ",",
      tz = "America/Chicago", purchase = { invoice_number = "ID", email = "Email",
        createtime = { column = "Purchase Date", date = "%b %d, %Y, %I:%M:%S %p" },
        prices = { total = number("Grand Total", { currency = "$" }) } },
      items = ITEMS, item = { sku = "SKU", quantity = number "Qty",
        unit_price = number("Price", { currency = "$" }) } })
    expect_sent({ { invoice_number = "000000012", email = "a@example.com", createtime = "2025-11-03 00:05:09",
      prices = { total = 1234.5 }, purchase_detail = { { sku = "24-MB01", quantity = 1, unit_price = 1234.5 } } },
      { invoice_number = "000000013", email = "b@example.com", createtime = "2026-01-12 06:00:00",
        prices = { total = 0 }, purchase_detail = { { sku = "24-MB02", quantity = 3, unit_price = 0 } } } }, sent)
  end)

  it("VTEX has them: instants, a document with zeros in front, cancelled ones left out", function()
    local sent = send("Order;Creation Date;Client Document;Email;Status;Total Value;Reference Code;Quantity_SKU;"
      .. "SKU Value\n1-01;2025-11-02 18:30:00Z;00123456789;a@x.example;Faturado;R$ 1.010,00;REF-1;1;1000,00\n"
      .. "1-01;2025-11-02 18:30:00Z;00123456789;a@x.example;;R$ 1.010,00;REF-2;1;10,00\n"
      .. "1-02;2025-11-02 18:31:00Z;00123456780;b@x.example;Cancelado;n/a;;x;\n"
      .. "1-02;2025-11-02 18:31:00Z;00123456780;b@x.example;;n/a;;x;\n"
      .. "1-03;2025-11-02 20:00:00-03:00;;c@x.example;Faturado;R$ 5,00;REF-3;5;1,00\n", {
      decimal = ",", thousands = ".", group = "Order", unless = { Status = { "Cancelado", "Canceled" } },
      purchase = { invoice_number = "Order", document = "Client Document", email = "Email",
        createtime = { column = "Creation Date", date = "%Y-%m-%d %H:%M:%S%z" },
        prices = { total = number("Total Value", { currency = "R$" }) } },
      items = ITEMS, item = { sku = "Reference Code", quantity = number "Quantity_SKU",
        unit_price = number "SKU Value" } })
    expect_sent({ { invoice_number = "1-01", document = "00123456789", email = "a@x.example",
      createtime = "2025-11-02 18:30:00", prices = { total = 1010 }, purchase_detail = {
        { sku = "REF-1", quantity = 1, unit_price = 1000 }, { sku = "REF-2", quantity = 1, unit_price = 10 } } },
      { invoice_number = "1-03", email = "c@x.example", createtime = "2025-11-02 23:00:00", prices = { total = 5 },
        purchase_detail = { { sku = "REF-3", quantity = 5, unit_price = 1 } } } }, sent)
    assert.same({}, sent.refused)
  end)

  it("MercadoLibre has them: lines before the header, a word behind the time", function()
    local sent = send('Ventas;;;;\nEstado al "2 de noviembre;;;;\n# de venta;Fecha de venta;Comprador;SKU;Unidades;'
      .. "Ingresos por productos (ARS)\n2000001;02/11/2025 18:30 hs.;CLI-1;ML-01;2;$ 21.000,50\n"
      .. "2000002;02/11/2025 9:05 hs.;CLI-2;ML-02;1;-$ 100\n", { header = 3, decimal = ",", thousands = ".",
      tz = "America/Argentina/Buenos_Aires", purchase = { invoice_number = "# de venta", service_uid = "Comprador",
        createtime = { column = "Fecha de venta", date = "%d/%m/%Y %H:%M%*" },
        prices = { total = number("Ingresos por productos (ARS)", { currency = "$" }) } },
      items = ITEMS, item = { sku = "SKU", quantity = number "Unidades",
        unit_price = number("Ingresos por productos (ARS)", { currency = "$" }) } })
    expect_sent({ { invoice_number = "2000001", service_uid = "CLI-1", createtime = "2025-11-02 21:30:00",
      prices = { total = 21000.5 }, purchase_detail = { { sku = "ML-01", quantity = 2, unit_price = 21000.5 } } },
      { invoice_number = "2000002", service_uid = "CLI-2", createtime = "2025-11-02 12:05:00",
        prices = { total = -100 }, purchase_detail = { { sku = "ML-02", quantity = 1, unit_price = -100 } } } }, sent)
  end)

  it("Amazon reports them: tabs, ISO 8601, amounts in several columns", function()
    local sent = send("amazon-order-id\tpurchase-date\tbuyer\tsku\tproduct-name\tquantity\titem-price\titem-tax\t"
      .. 'shipping-price\tis-business\n111-1\t2025-11-02T18:30:00+00:00\tB1\tAM-1\t24" screen\t1\t100.10\t21.02\t4.99\t'
      .. "false\n111-1\t2025-11-02T18:30:00+00:00\tB1\tAM-2\tCable\t2\t10\t\t\ttrue\n", {
      group = "amazon-order-id", purchase = { invoice_number = "amazon-order-id", service_uid = "buyer",
        createtime = { column = "purchase-date", date = "%Y-%m-%dT%H:%M:%S%z" },
        prices = { total = { add = { "item-price", "item-tax", "shipping-price" } }, tax = { sum = "item-tax" } } },
      items = ITEMS, item = { sku = "sku", product_name = "product-name", quantity = number "quantity",
        unit_price = number "item-price" } })
    expect_sent({ { invoice_number = "111-1", service_uid = "B1", createtime = "2025-11-02 18:30:00",
      prices = { total = 136.11, tax = 21.02 }, purchase_detail = {
        { sku = "AM-1", product_name = '24" screen', quantity = 1, unit_price = 100.1 },
        { sku = "AM-2", product_name = "Cable", quantity = 2, unit_price = 10 } } } }, sent)
  end)

  it("eBay and Etsy have them: days without a time, years of two digits", function()
    local map = { purchase = { invoice_number = "n", email = "e", createtime = { column = "d", date = "%b-%d-%y" },
      prices = { total = number "t" } }, items = ITEMS, item = { sku = "s", quantity = number "q",
        unit_price = number "t" } }
    local sent = send("n,e,d,t,s,q\n1,a@example.com,Nov-02-25,5,SS,1\n2,a@example.com,Jan-31-70,5,SS,1\n", map)
    assert.same({ "2025-11-02 00:00:00", "1970-01-31 00:00:00" },
      { sent.purchases[1].createtime, sent.purchases[2].createtime })
    map.purchase.createtime.date = "%m/%d/%y"
    sent = send("n,e,d,t,s,q\n1,a@example.com,11/2/25,5,SS,1\n2,a@example.com,13/2/25,5,SS,1\n", map)
    assert.same({ 1, "2025-11-02 00:00:00", 1 }, { #sent.purchases, sent.purchases[1].createtime, #sent.refused })
    assert.matches("d: '13/2/25'", mapped.words(sent.refused[1].error), 1, true)
  end)

  it("PayPal has them: date, time and the zone's abbreviation in three columns", function()
    local map = { tz = "America/Los_Angeles", thousands = ",", purchase = { invoice_number = "Transaction ID",
      email = "From Email Address", createtime = { column = { "Date", "Time", "TimeZone" },
        date = "%m/%d/%Y %H:%M:%S %Z" }, prices = { total = number "Gross" } }, items = ITEMS,
      item = { sku = { constant = "PP-1" }, quantity = { constant = 1 }, unit_price = number "Net" } }
    local sent = send('"Date","Time","TimeZone","Gross","Net","From Email Address","Transaction ID"\n'
      .. '"11/02/2025","01:30:00","PDT","1,010.00","980.10","a@example.com","T1"\n'
      .. '"11/02/2025","01:30:00","PST","-1,010.00","-980.10","a@example.com","T2"\n', map)
    assert.same({ "2025-11-02 08:30:00", "2025-11-02 09:30:00" },
      { sent.purchases[1].createtime, sent.purchases[2].createtime })
    assert.same({ 1010, -1010 }, { sent.purchases[1].prices.total, sent.purchases[2].prices.total })
    assert.equal('"quantity":1,', sent.texts[1]:match '"quantity":[^,]*,')
  end)

  it("a till writes them: returns in parentheses and behind the number, another currency refused", function()
    local map = { purchase = { invoice_number = "n", email = "e",
      prices = { total = number("t", { currency = "€", round = 2 }) } }, items = ITEMS, decimal = ",",
      item = { sku = "s", quantity = { constant = 1 }, unit_price = number("t", { currency = "€" }) } }
    local lines, wanted = { "n;e;s;t" }, {}
    for i, one in ipairs { { "(5,005)", -5.01 }, { "5-", -5 }, { "-€5", -5 }, { "(€ 5,50)", -5.5 }, { "5 €", 5 },
      { "€5", 5 }, { "2,675", 2.68 }, { "-2,675", -2.68 }, { "-0,001", 0 } } do
      lines[i + 1] = ("%d;a@example.com;SS;%s"):format(i, one[1])
      wanted[i] = one[2]
    end
    local sent, totals = send(table.concat(lines, "\n"), map), {}
    for i, purchase in ipairs(sent.purchases) do
      totals[i] = purchase.prices.total
    end
    assert.same(wanted, totals)
    assert.matches('"total":0}', sent.texts[9], 1, true)
    sent = send("n;e;s;t\n1;a@example.com;SS;$5\n2;a@example.com;SS;5 USD\n3;a@example.com;SS;£5\n", map)
    assert.same({ 0, 3 }, { #sent.purchases, #sent.refused })
  end)

  it("an old system prints them: no header, names of the map, a line of totals, the header again", function()
    local map = { header = false, skip = 2, names = { "invoice", "mail", "sku", "qty", "price" }, delimiter = "^",
      unless = { invoice = "TOTAL" }, group = "invoice", purchase = { invoice_number = "invoice", email = "mail",
        prices = { total = { sum_product = { "qty", "price" } } } }, items = ITEMS, item = { sku = "sku",
        quantity = number "qty", unit_price = number "price" } }
    local sent = send('LISTADO "VENTAS\n====\n0001^a@example.com^A1^2^1.25\n0001^a@example.com^A2^1^.5\n^^^^\n*\n'
      .. "TOTAL^3\n0002^b@example.com^A1^3^0.1\n", map)
    expect_sent({ { invoice_number = "0001", email = "a@example.com", prices = { total = 3 }, purchase_detail = {
      { sku = "A1", quantity = 2, unit_price = 1.25 }, { sku = "A2", quantity = 1, unit_price = 0.5 } } },
      { invoice_number = "0002", email = "b@example.com", prices = { total = 0.3 },
        purchase_detail = { { sku = "A1", quantity = 3, unit_price = 0.1 } } } }, sent)
    assert.matches('"total":0.3}', sent.texts[2], 1, true)
  end)

  it("a spreadsheet saves them: what it thinks is a formula, NULL, words for words", function()
    local map = { null = { "NULL", "-" }, group = { "store", "n" }, purchase = { invoice_number = "n", email = "e",
      branch_name = "store", channel = { column = "c", values = { W = "web", S = "in-store" } },
      points = { column = "p", number = true, default = 0 },
      seller = { name = "who", email = { constant = "s@x.example" } },
      prices = { total = { sum = "t" } } }, items = ITEMS, item = { sku = "s", quantity = { constant = 1 },
        unit_price = number "t" } }
    local sent = send('store,n,e,c,p,who,s,t\nN,="001",a@example.com,W,NULL,Ann,="SK-1",1\n'
      .. 'N,"=""001""",a@example.com,W,,Ann,SK-2,2\nS,="001",b@example.com,S,3,Bo,SK-1,-\n'
      .. "S,2,c@example.com,X,3,Bo,SK-1,4\n", map)
    expect_sent({ { invoice_number = "001", email = "a@example.com", branch_name = "N", channel = "web", points = 0,
      seller = { name = "Ann", email = "s@x.example" }, prices = { total = 3 }, purchase_detail = {
        { sku = "SK-1", quantity = 1, unit_price = 1 }, { sku = "SK-2", quantity = 1, unit_price = 2 } } } }, sent)
    assert.equal(2, #sent.refused) -- one without any amount, one of a channel that is not listed
    assert.matches("X", mapped.words(sent.refused[2].error), 1, true)
  end)

  it("functions and numbers of columns make them", function()
    local map = { group = 1, purchase = { invoice_number = 1, email = function(row) return row.mail:lower() end,
      prices = { total = function(_, rows)
        local sum = 0
        for _, one in ipairs(rows) do
          sum = sum + tonumber(one.t)
        end
        return sum
      end } }, items = ITEMS, item = { sku = function(row) return "S-" .. row.s end, quantity = { constant = 1 },
        unit_price = number(4) } }
    local sent = send("n,mail,s,t\n1,A@Example.com,a,1.5\n1,A@Example.com,b,2\n2,B@Example.com,c,x\n", map)
    expect_sent({ { invoice_number = "1", email = "a@example.com", prices = { total = 3.5 }, purchase_detail = {
      { sku = "S-a", quantity = 1, unit_price = 1.5 }, { sku = "S-b", quantity = 1, unit_price = 2 } } } }, sent)
    assert.equal(1, #sent.refused)
  end)

  it("keys that cannot be are refused, and nobody is a customer without a name", function()
    local map = { purchase = { invoice_number = "n", email = "e", createtime = "d", prices = { total = number "t" } },
      items = ITEMS, item = { sku = { constant = "SS" }, quantity = { constant = 1 }, unit_price = number "t" } }
    local sent = send('n,e,d,t\n,a@example.com,2025-11-02 10:00:00,1\n"1\n2",a@example.com,2025-11-02 10:00:00,1\n'
      .. "3,,2025-11-02 10:00:00,1\n4,a@example.com,yesterday,1\n5,a@example.com,2025-11-02 10:00:00,1\n", map)
    assert.same({ 1, 4 }, { #sent.purchases, #sent.refused })
    assert.equal("5", sent.purchases[1].invoice_number)
  end)

  it("WoowUp would book them as of now: a time that is empty is refused", function()
    local function with_time(rule, more)
      local map = { group = "n", purchase = { invoice_number = "n", email = "e", createtime = rule,
        prices = { total = { sum = "t" } }, customer = { birthdate = { column = "b", date = "%d/%m/%Y" } } },
        items = ITEMS, item = { sku = { constant = "SS" }, quantity = { constant = 1 }, unit_price = number "t" } }
      for name, value in pairs(more or {}) do
        map[name] = value
      end
      return map
    end
    local text = "n,e,b,d,t\n1,a@example.com,,02/11/2025,5\n2,a@example.com,,,5\n2,a@example.com,,,5\n"
      .. "3,a@example.com,01/02/1990, ,5\n3,a@example.com,,02/11/2025,5\n4,b@example.com,, ,5\n"
    local date = { column = "d", date = "%d/%m/%Y" }
    local sent = send(text, with_time(date))
    assert.same({ 2, 2 }, { #sent.purchases, #sent.refused })
    assert.same({ "1", "3" }, { sent.purchases[1].invoice_number, sent.purchases[2].invoice_number })
    for i, line in ipairs { 3, 7 } do
      local issue = sent.refused[i].error.issues[1]
      assert.same({ line, 18, "required", "d: is empty, but a purchase needs its createtime" },
        { issue.line, issue.column, issue.code, issue.message })
    end
    assert.equal("2,a@example.com,,,5\n2,a@example.com,,,5", sent.refused[1].text)
    -- By whatever rule, unless it has a default; of a map that has no such field nothing is asked.
    local early = "2025-01-01 00:00:00"
    assert.equal(3, #send(text:gsub("02/11/2025", early), with_time "d").refused) -- of texts a blank counts
    assert.equal(2, #send(text, with_time({ column = { "d", "b" }, date = "%d/%m/%Y", first = true },
      { unless = { b = "01/02/1990" } })).refused)
    sent = send(text, with_time(function(row) return row.d == "02/11/2025" and early or nil end))
    assert.same({ 3, 3, "createtime: is empty, but a purchase needs its createtime" },
      { #sent.refused, sent.refused[1].error.issues[1].line, sent.refused[1].error.issues[1].message })
    date.default, date.tz = "02/07/2025", MADRID -- is read as the cells are
    sent = send(text, with_time(date))
    assert.same({ 4, "2025-07-01 22:00:00" }, { #sent.purchases, sent.purchases[2].createtime })
    assert.equal(4, #send(text, with_time(nil)).purchases)
    -- A map can ask for more.
    sent = send(text, with_time(nil, { required = { "email", "customer" }, purchase = { invoice_number = "n",
      email = "e", customer = "b", prices = { total = { sum = "t" } } } }))
    assert.same({ "3" }, { sent.purchases[1].invoice_number, #sent.purchases > 1 and "more" or nil })
  end)

  it("a column named for UTC has them: its times are not of the zone of all others", function()
    local function with_zone(tz, own, format, column)
      return { tz = tz, purchase = { invoice_number = "n", email = "e", prices = { total = number "t" },
        createtime = { column = column or "created_at (UTC)", date = format or "%Y-%m-%d %H:%M", tz = own } },
        items = ITEMS, item = { sku = { constant = "SS" }, quantity = { constant = 1 }, unit_price = number "t" } }
    end
    local text = "n,e,created_at (UTC),t\n1,a@example.com,2025-11-02 10:00,5\n"
    for _, column in ipairs { "created_at (UTC)", 3 } do
      local sent, err = mapped.sales("woowup", sales_of.file(text), with_zone(MADRID, nil, nil, column))
      assert.is_nil(sent)
      assert.equal("invalid_map", err.code)
      assert.equal('purchase.createtime: column "created_at (UTC)" is named for UTC, but its times have no offset, and '
        .. 'are taken as of Europe/Madrid; say whose they are: tz = "UTC" beside date', err.message)
    end
    assert.equal("2025-11-02 10:00:00", send(text, with_zone()).purchases[1].createtime)
    assert.equal("2025-11-02 10:00:00", send(text, with_zone("Etc/UTC")).purchases[1].createtime)
    assert.equal("2025-11-02 10:00:00", send(text, with_zone(MADRID, "UTC")).purchases[1].createtime)
    assert.equal("2025-11-02 09:00:00", send(text, with_zone(nil, MADRID)).purchases[1].createtime)
    assert.equal("2025-11-02 08:00:00", send(text:gsub("10:00", "10:00+02:00"),
      with_zone(MADRID, nil, "%Y-%m-%d %H:%M%z")).purchases[1].createtime)
  end)

  it("Curebit takes them: a subtotal, items that weigh", function()
    local sent = send("order|when|mail|net|what|kg|price\n9|2025-11-02T10:00:00-05:00|a@example.com|10|P1|0,5|20\n",
      { decimal = ",", purchase = { order_number = "order", email = "mail", subtotal = number "net",
        order_date = { column = "when", date = "%Y-%m-%dT%H:%M:%S%z" } }, items = "items",
        item = { product_id = "what", quantity = number "kg", price = number "price" } }, "curebit")
    expect_sent({ { order_number = "9", email = "a@example.com", subtotal = 10, order_date = "2025-11-02 15:00:00",
      items = { { product_id = "P1", quantity = 0.5, price = 20 } } } }, sent)
  end)
end)

-- A map's fault, and words of its message.
local SALES_FAULTS = {
  { { purchase = { id = { column = "a", date = "%d/%m/%Y", tz = "Europe/Madird" } } }, "purchase.id", "Europe/Madird" },
  { { purchase = { id = "a" }, tz = "CET+1" }, "CET+1" },
  { { purchase = { id = { column = "a", date = "dd/mm/yyyy" } } }, "purchase.id", "%Y" },
  { { purchase = { id = { column = "a", date = "%Y-%m-%dT%H:%M:%S+00:00" } } }, "purchase.id", "%z" },
  { { purchase = { id = { column = "a", date = "%Y-%m-%dT%H:%M:%SZ" } } }, "purchase.id", "%z" },
  { { purchase = { id = { column = "a", date = "%Y-%m-%d 00:00" } } }, "purchase.id", "digit" },
  { { purchase = { id = { column = "a", date = "%Y-%m-%d %H:%M%z", tz = "Europe/Madrid" } } }, "purchase.id", "%z" },
  { { purchase = { id = { column = "a", date = "%d/%m" } } }, "purchase.id", "year" },
  { { purchase = { id = { column = "a", date = "%d/%m/%Y", number = true } } }, "purchase.id", "number" },
  { { purchase = { id = { column = "a", round = 2 } } }, "purchase.id", "number" },
  { { purchase = { id = { column = "a", currency = "$" } } }, "purchase.id", "number" },
  { { purchase = { id = { column = "a", overlap = "first" } } }, "purchase.id", "overlap" },
  { { purchase = { id = { column = "a", numbr = true } } }, "purchase.id", "numbr" },
  { { purchase = { id = { sum = { "a", "b" } } } }, "purchase.id", "add", "sum_product" },
  { { purchase = { id = "a" }, list = "/rows" }, "list", "JSON" },
  { { purchase = { id = "a" }, required = "name" }, "required", "purchase has no field 'name'" },
  { { purchase = { id = "a" }, required = { "id", "name" } }, "required", "purchase has no field 'name'" },
  { { purchase = { id = "a", prices = { total = "b" } }, required = { "prices" } }, "required", "'prices' is a table" },
  { { purchase = { id = "a" }, required = true }, "required", "text" },
  { { purchase = { id = { constant = {} } } }, "purchase.id", "constant" },
  { { purchase = { id = true } }, "purchase.id" },
  { { purchase = { id = 0 } }, "purchase.id" },
  { { purchase = { id = 1.5 } }, "purchase.id" },
  { { purchse = { id = "a" } }, "purchse" },
  { { purchase = { id = "a" }, items = "list" }, "item" },
  { { purchase = { id = "a" }, item = { b = "b" } }, "items" },
  { { purchase = { id = "a" }, encoding = "ebcdic" }, "encoding", "windows-1252" },
  { { purchase = { id = "a" }, delimiter = ";;" }, "delimiter" },
  { { purchase = { id = "a" }, decimal = ";" }, "decimal" },
  { { purchase = { id = "a" }, decimal = ",", thousands = "," }, "thousands" },
  { { purchase = { id = "a" }, thousands = "_" }, "thousands" },
  { { purchase = { id = "a" }, header = 0 }, "header" },
  { { purchase = { id = "a" }, skip = -1 }, "skip" },
  { { purchase = { id = "a" }, blank = "continues" }, "blank", "group" },
  { { purchase = { id = "a" }, group = "a", blank = "goes on" }, "blank", "continues" },
  { { group = "a" }, "purchase" },
  { {}, "purchase" },
}

local SERIES_FAULTS = {
  { { tz = "Europe/Madird" }, "Europe/Madird" },
  { { step = 7 }, "step" },
  { { resolution = 20 }, "resolution" },
  { { label = "middle" }, "label", "start" },
  { { send_label = "both" }, "send_label" },
  { { label = "end", step = false }, "label" },
  { { value = { column = "purchase", unit = "kwh" } }, "unit", "kWh" },
  { { value = { column = "purchase", unit = "MWh" }, step = false }, "unit" },
  { { value = { from = "a" } }, "to" },
  { { datetime = { column = "datetime", date = "%d/%m/%Y", period = "p", dst = { column = "p" } } }, "dst" },
  { { datetme = "x" }, "datetme" },
  { { list = "values" }, "list" },
  { { where = "x" }, "where" },
}

describe("a map that says what cannot be", function()
  after_each(function()
    rows_of.remove_files()
    sales_of.remove_files()
  end)

  it("of sales is refused once, and says which of its fields", function()
    for i, fault in ipairs(SALES_FAULTS) do
      local sent, err = mapped.sales("woowup", sales_of.file "a,b\n1,2\n3,4\n", fault[1])
      assert.is_nil(sent, "case " .. i)
      assert.equal("invalid_map", err.code, ("case %d: %s"):format(i, tostring(err)))
      for word = 2, #fault do
        assert.is_truthy(tostring(err):find(fault[word], 1, true), ("case %d: %s"):format(i, tostring(err)))
      end
    end
  end)

  it("of a series is refused once, and says which of its fields", function()
    for i, fault in ipairs(SERIES_FAULTS) do
      local path = rows_of.file_of "datetime,purchase,p\n2025-11-11 00:00,1,1\n"
      local ok, series, err = pcall(series_type.read, path, fault[1])
      local message = tostring(ok and err or series) -- what is no option at all may raise
      assert.is_true(not ok or series == nil, "case " .. i)
      for word = 2, #fault do
        assert.is_truthy(message:find(fault[word], 1, true), ("case %d: %s"):format(i, message))
      end
    end
  end)

  it("of sales is refused where the file is JSON, in words that say so", function()
    local words = "the file is JSON, but a map of sales reads CSV: leave the map out where the JSON is of purchases as "
      .. "the API takes them, or save its rows as CSV"
    for _, group in ipairs { false, "id" } do
      local map = { group = group or nil, purchase = { id = "id" } }
      for _, text in ipairs { '[{"id":"1"}]', '{"id":"1"}\n{"id":"2"}\n', " [\n\n[1,2]]", '\239\187\191{ "id": 1 }',
        "{}" } do
        local sent, err = mapped.sales("woowup", sales_of.file(text), map)
        assert.is_nil(sent)
        assert.same({ "invalid_map", words }, { err.code, err.message })
      end
      for _, header in ipairs { "[id],b", "{id},b", "[,b" } do -- is CSV all the same
        local _, err = mapped.sales("woowup", sales_of.file(header .. "\n1,2\n"), map)
        assert.equal("missing_column", err.code)
      end
    end
  end)

  it("of a series adds no columns that are named for different units", function()
    local path = rows_of.file_of "datetime,a_kWh,b_MWh,c_kWh,d,e_kW,f_MWh/h,g_MW\n2025-11-11 00:00,1,2,3,4,5,6,7\n"
    local words = 'value: column "%s" is named for %s, but "%s" for %s: one unit holds for all of them'
    for i, one in ipairs {
      { { "a_kWh", "b_MWh" }, "kWh", words:format("a_kWh", "kWh", "b_MWh", "MWh") },
      { { "d", 2, 3 }, "kWh", words:format("a_kWh", "kWh", "b_MWh", "MWh") },
      { { "a_kWh", "e_kW" }, "kWh", words:format("a_kWh", "kWh", "e_kW", "kW") },
      { { "g_MW", "a_kWh" }, nil, words:format("g_MW", "MW", "a_kWh", "kWh") },
      { { "a_kWh", "c_kWh" }, nil, 'value: column "a_kWh" is named for kWh, not MW; say its unit beside add: unit = '
        .. '"kWh"' },
      { { "a_kWh", "d", "c_kWh" }, "kWh" }, { { "g_MW", "d", 7 } },
    } do
      local series, err = series_type.read(path, { value = { add = one[1], unit = one[2] } })
      assert.same({ one[3] == nil, one[3] }, { series ~= nil, err and err.message }, "case " .. i)
      assert.equal(one[3] and "invalid_map", err and err.code)
    end
    -- Of a row that is a day it holds for all columns from the first to the last one.
    path = rows_of.file_of "datetime,H1_kWh,H2_kWh,H2_MWh,H3_kWh\n2025-11-11,1,2,3,4\n"
    expect_refusal(path, { step = 60, value = { from = "H1_kWh", to = "H3_kWh", unit = "kWh" } },
      words:format("H1_kWh", "kWh", "H2_MWh", "MWh"))
  end)

  it("names columns that there are where it names one that there is not", function()
    for _, map in ipairs {
      { purchase = { id = "c" } }, { purchase = { id = { sum = "c" } } }, { purchase = { id = 3 } },
      { purchase = { id = "a" }, group = "c" }, { purchase = { id = "a" }, where = { c = "1" } },
      { purchase = { id = "a" }, unless = { c = "1" } }, { purchase = { id = { add = { "a", "c" } } } },
      { purchase = { id = "a" }, items = "i", item = { x = { column = { "a", "c" } } } },
    } do
      local sent, err = mapped.sales("woowup", sales_of.file 'a,"b, b"\n1,2\n', map)
      assert.is_nil(sent)
      assert.equal("missing_column", err.code, tostring(err))
      assert.is_truthy(tostring(err):find('"a", "b, b"', 1, true), tostring(err))
    end
  end)
end)

describe("a cell that cannot be", function()
  after_each(sales_of.remove_files)

  local function refusal(text, rule, more)
    local map = { purchase = { invoice_number = "n", email = "e", prices = { total = { constant = 1 } },
      custom_attributes = { v = rule } }, items = ITEMS, item = { sku = { constant = "SS" },
        quantity = { constant = 1 }, unit_price = { constant = 1 } }, delimiter = "|" }
    for name, value in pairs(more or {}) do
      map[name] = value
    end
    local sent = send("n|e|v\n1|a@example.com|" .. text .. "\n", map)
    assert.equal(1, #sent.refused + #sent.purchases)
    if sent.refused[1] then
      local issue = sent.refused[1].error.issues[1]
      assert.same({ 2, 17 }, { issue.line, issue.column or 17 }, mapped.words(sent.refused[1].error))
      return mapped.words(sent.refused[1].error)
    end
    return nil, sent.texts[1]:match '"v":(.-)}'
  end

  it("as a date says what its map lacks", function()
    local rule = { column = "v", date = "%Y-%m-%d %H:%M:%S%*", tz = MADRID }
    for text, words in pairs {
      ["2025-10-26 02:30:00"] = { MADRID, 'overlap = "first" or "second"' },
      ["2025-03-30 02:30:00"] = { "2025-03-30" },
      ["2025-11-02 10:00:00 +0100"] = { "%z" }, ["2025-11-02 10:00:00   -05:00"] = { "%z" },
      ["2025-11-02 10:00:00Z"] = { "%z" }, ["2025-11-02 10:00:00 PM"] = { "%p" }, ["2025-02-29 10:00:00"] = {},
      ["2025-11-02"] = {}, ["2025-11-02 24:00:00"] = {}, ["2025-11-02 23:59:60"] = {},
    } do
      local why = refusal(text, rule)
      assert.is_string(why, text)
      for _, word in ipairs(words) do
        assert.is_truthy(why:find(word, 1, true), text .. ": " .. why)
      end
    end
    assert.equal('"2025-11-02 09:00:00"', select(2, refusal("2025-11-02 10:00:00 - 11:00", rule)))
    rule.overlap = "first"
    assert.equal('"2025-10-26 00:30:00"', select(2, refusal("2025-10-26 02:30:00", rule)))
    rule.overlap = "second"
    assert.equal('"2025-10-26 01:30:00"', select(2, refusal("2025-10-26 02:30:00", rule)))
    assert.is_string(refusal("2025-03-30 02:30:00", rule))
  end)

  it("as a number names the key that reads it", function()
    local rule = number "v"
    for text, word in pairs { ["1,5"] = "decimal", ["1,234.5"] = "thousands", ["1.234,5"] = "decimal", ["1 234"] =
      "thousands", ["1'234"] = "thousands", ["$5"] = "currency", ["(5)"] = "", ["5-"] = "", abc = "", ["1.2.3"] = "",
      ["--5"] = "", ["0x10"] = "", inf = "", nan = "", ["1e"] = "", ["5 kg"] = "", ["١"] = "" } do
      local why = refusal(text, rule)
      assert.is_string(why, text)
      assert.is_truthy(why:find(word, 1, true), text .. ": " .. why)
    end
    for _, text in ipairs { "0.500", "-0.125", "012.500", "0.500,25", "0.123.456" } do
      local why = refusal(text, rule, { decimal = ",", thousands = "." })
      assert.is_truthy(why and why:find('decimal = "."', 1, true), text .. ": " .. tostring(why))
    end
    for text, wanted in pairs { [".50"] = "0.5", ["1.00"] = "1", ["1e3"] = "1000", ["-0.00"] = "0", ["007"] = "7",
      ["+5"] = "5", ["  5 "] = "5", ["1E-3"] = "0.001", ["12345678901234567890.123456789012345678900"] =
      "12345678901234567890.1234567890123456789", ["-1.50e2"] = "-150", ["0.0000001"] = "0.0000001",
      ["100"] = "100", ["0"] = "0", ["1e20"] = "100000000000000000000" } do
      assert.equal(wanted, select(2, refusal(text, rule)), text)
    end
  end)
end)
