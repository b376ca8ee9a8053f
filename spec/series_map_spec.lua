-- A series through a map: the file as people have it, and what is said where it cannot be read.
local seeds = require "spec.support.seeds"
local series = require "purchases.series"
local support = require "spec.support.rows"

local unpack = table.unpack or unpack -- luacheck: ignore unpack
local body, item, expect_places, expect_raise = support.body, support.item, support.expect_places, support.expect_raise
local file_of, places, read_csv, refusal = support.file_of, support.places, support.read_csv, support.refusal

local MADRID = "Europe/Madrid"

after_each(support.remove_files)

-- So many local times of a date, each so many minutes after the last; `skipped` minutes are left out and `doubled` ones
-- come again.
local function times(date, step, options)
  local list = {}
  local function add(from, to)
    for minute = from, to - step, step do
      list[#list + 1] = ("%s %02d:%02d"):format(date, math.floor(minute / 60), minute % 60)
    end
  end
  options = options or {}
  local gap, twice = options.skipped, options.doubled
  add(0, gap and gap[1] or twice and twice[2] or 1440)
  if gap or twice then
    add(gap and gap[2] or twice[1], 1440)
  end
  return list
end

-- Lines of a file: a header, and for each time what `line(time, number)` makes of it.
local function text_of(header, list, line)
  local lines = { header }
  for i, time in ipairs(list) do
    lines[#lines + 1] = line(time, i)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function plain(time, i)
  return time .. "," .. i
end

local function with(options, more)
  local all = {}
  for _, from in ipairs { options, more } do
    for name, value in pairs(from) do
      all[name] = value
    end
  end
  return all
end

local function ends(read)
  return { #read, read:first(), read:last(), read:date() }
end

describe("a label", function()
  local text = "datetime,purchase\n"
  for i = 1, 96 do
    local minute = i * 15 % 1440
    text = text .. ("2025-11-%d %02d:%02d,%d\n"):format(i < 96 and 11 or 12, math.floor(minute / 60), minute % 60, i)
  end
  local options = { tz = MADRID, label = "end" }

  it("may name where an interval ends: the delivery day of 00:00 is the day before", function()
    local read = assert(read_csv(text, options))
    assert.same({ 96, "2025-11-11 00:15", "2025-11-12 00:00", "2025-11-11" }, ends(read))
    assert.equal(1, read:day_count())
    for day in read:days() do
      assert.same({ 96, "2025-11-11 00:15", "2025-11-12 00:00", "2025-11-11" }, ends(day))
    end
    assert.equal(body { item("2025-11-11 00:15", "1"), item("2025-11-11 00:30", "2") }, read:encode(1, 2))
    assert.equal(body { item("2025-11-12 00:00", "96") }, read:encode(96, 96))
    assert.equal("2025-11-11 01:00", read:slice(4, 5):first())
  end)

  it("is named where another one would make whole days, in one line", function()
    local err = refusal(read_csv(text, { tz = MADRID }))
    expect_places({ "0 2:1 datetime wrong_day_length x2" }, err)
    assert.equal('Purchase items are of whole days if times name where an interval ends: say label = "end".',
      err.message)
    err = refusal(read_csv(text_of("datetime,purchase", times("2025-11-11", 15), plain), options))
    expect_places({ "0 2:1 datetime wrong_day_length x2" }, err)
    assert.matches('where an interval starts: say label = "start"', err.message, 1, true)
  end)

  it("may be sent as the other", function()
    local read = assert(read_csv(text, with(options, { send_label = "start" })))
    assert.same({ 96, "2025-11-11 00:00", "2025-11-11 23:45", "2025-11-11" }, ends(read))
    read = assert(read_csv(text_of("datetime,purchase", times("2025-11-11", 15), plain),
      { tz = MADRID, send_label = "end" }))
    assert.same({ 96, "2025-11-11 00:15", "2025-11-12 00:00", "2025-11-11" }, ends(read))
    assert.equal(body { item("2025-11-12 00:00", "96") }, read:encode(96))
  end)

  it("may be 24:00", function()
    local list = {}
    for hour = 1, 24 do
      list[hour] = ("2025-11-11 %02d:00"):format(hour)
    end
    local read = assert(read_csv(text_of("datetime,purchase", list, plain), with(options, { step = 60 })))
    assert.same({ 24, "2025-11-11 01:00", "2025-11-12 00:00", "2025-11-11" }, ends(read))
  end)

  it("needs a grid", function()
    local err = refusal(read_csv(text, { label = "end", step = false }))
    assert.equal("invalid_map", err.code)
    assert.matches("^label: ", err.message)
  end)

  it("knows the hour that clocks show twice, and the one that they skip", function()
    local list = times("2025-10-26", 15, { doubled = { 120, 180 } })
    table.remove(list, 1)
    list[#list + 1] = "2025-10-27 00:00"
    local read = assert(read_csv(text_of("datetime,purchase", list, plain), options))
    assert.same({ 100, "2025-10-26 00:15", "2025-10-27 00:00", "2025-10-26" }, ends(read))
    list = times("2026-03-29", 15, { skipped = { 120, 180 } })
    table.remove(list, 1)
    list[#list + 1] = "2026-03-30 00:00"
    read = assert(read_csv(text_of("datetime,purchase", list, plain), options))
    assert.same({ 92, 1 }, { #read, read:day_count() })
  end)

  it("is that of many days", function()
    local list = {}
    for day = 1, 9 do
      for _, time in ipairs(times("2025-11-0" .. day, 15)) do
        list[#list + 1] = time
      end
    end
    table.remove(list, 1)
    list[#list + 1] = "2025-11-10 00:00"
    for _, header in ipairs { "datetime,purchase", "datetime,purchase,note" } do
      local read = assert(read_csv(text_of(header, list, function(time, i)
        return time .. "," .. i .. (header:find "note" and ",x" or "")
      end), options))
      assert.equal(9, read:day_count())
      for day in read:days() do
        assert.equal(96, #day)
        assert.equal(day:date() .. " 00:15", day:first())
      end
    end
  end)
end)

describe("a resolution", function()
  it("makes rows of the step of each row, of the same power", function()
    local text = text_of("datetime,purchase", times("2025-11-11", 60), plain)
    local read = assert(read_csv(text, { tz = MADRID, resolution = 60 }))
    assert.same({ 96, "2025-11-11 00:00", "2025-11-11 23:45", "2025-11-11" }, ends(read))
    assert.equal(body {
      item("2025-11-11 00:45", "1"), item("2025-11-11 01:00", "2"), item("2025-11-11 01:15", "2"),
    }, read:encode(4, 6))
    text = text_of("datetime,purchase", times("2025-11-11", 30), plain)
    read = assert(read_csv(text, { resolution = 30, step = 10 }))
    assert.same({ 144, "2025-11-11 00:00", "2025-11-11 23:50", "2025-11-11" }, ends(read))
  end)

  it("ends a row where its label says", function()
    local list = {}
    for hour = 1, 24 do
      list[hour] = ("2025-11-11 %02d:00"):format(hour)
    end
    local options = { tz = MADRID, resolution = 60, label = "end", value = { column = "kwh", unit = "kWh" } }
    local read = assert(read_csv(text_of("datetime,kwh", list, plain), options))
    assert.same({ 96, "2025-11-11 00:15", "2025-11-12 00:00", "2025-11-11" }, ends(read))
    assert.equal(body {
      item("2025-11-11 00:15", "0.001"), item("2025-11-11 00:30", "0.001"), item("2025-11-11 00:45", "0.001"),
      item("2025-11-11 01:00", "0.001"), item("2025-11-11 01:15", "0.002"),
    }, read:encode(1, 5))
  end)

  it("counts days in its own rows", function()
    local list = times("2025-11-11", 60)
    list[#list] = nil
    local err = refusal(read_csv(text_of("datetime,purchase", list, plain), { tz = MADRID, resolution = 60 }))
    expect_places({ "0 2:1 datetime wrong_day_length" }, err)
    assert.equal("Purchase items of 2025-11-11: 23, but that day has 24 in Europe/Madrid (step 60 minutes).",
      err.message)
  end)

  it("is named where rows are half-hours among quarter-hours, in one line", function()
    local list = {}
    for day = 1, 9 do
      for _, time in ipairs(times("2025-11-0" .. day, 30)) do
        list[#list + 1] = time
      end
    end
    local err = refusal(read_csv(text_of("datetime,purchase", list, plain), { tz = MADRID }))
    expect_places({ "1 3:1 datetime gap x431" }, err)
    assert.matches("All rows are 30 minutes apart: give step = 30, or resolution = 30", err.message, 1, true)
  end)
end)

describe("the time of a row", function()
  it("may be counted, or be flagged in the hour that comes twice", function()
    local lines = { "date;period;mw" }
    for period = 1, 100 do
      lines[period + 1] = ("26/10/2025;%d;%d"):format(period, period)
    end
    local counted = { tz = MADRID, datetime = { column = "date", date = "%d/%m/%Y", period = "period" }, value = "mw" }
    local read = assert(read_csv(table.concat(lines, "\n"), counted))
    assert.same({ 100, "2025-10-26 00:00", "2025-10-26 23:45", "2025-10-26" }, ends(read))
    lines[102] = "26/10/2025;101;1"
    local refused = refusal(read_csv(table.concat(lines, "\n"), counted))
    assert.equal("100 102:12 datetime invalid_datetime", places(refused)[1])

    local list = times("2025-10-26", 60, { doubled = { 120, 180 } })
    local flagged = { tz = MADRID, step = 60, datetime = { column = "datetime", dst = { column = "first", is = "1" } } }
    local text = text_of("datetime,purchase,first", list, function(time, i)
      return ("%s,%d,%s"):format(time, i, i == 3 and "1" or "0")
    end)
    assert.equal(25, #assert(read_csv(text, flagged)))
  end)

  it("is what the order of the rows shows it to be, and only then what `overlap` says", function()
    local list = times("2025-10-26", 15, { doubled = { 120, 180 } })
    local items = {}
    for i, time in ipairs(list) do
      items[i] = ('{"datetime":"%s","purchase":%d}'):format(time, i)
    end
    for _, overlap in ipairs { "first", "second" } do
      local options = { tz = MADRID, datetime = { column = "datetime", date = "%Y-%m-%d %H:%M", overlap = overlap } }
      assert.equal(100, #assert(read_csv(text_of("datetime,purchase", list, plain), options)))
      assert.equal(100, #assert(series.decode("[" .. table.concat(items, ",") .. "]", options)))
      local quoted = text_of("datetime,purchase", list, function(time, i)
        return ('"%s",%d'):format(time, i)
      end)
      assert.equal(100, #assert(read_csv(quoted, options)))
      options.datetime.tz = MADRID
      local alone = assert(read_csv("datetime,purchase\n2025-10-26 02:30,1\n", with(options, { tz = "UTC" })))
      assert.equal(overlap == "first" and "2025-10-26 00:30" or "2025-10-26 01:30", alone:first())
    end
  end)

  it("is told wrong by `dst` in both of two hours, and that is one fault", function()
    local list = {}
    for _, date in ipairs { "2024-10-26", "2024-10-27", "2024-10-28" } do
      local options = date == "2024-10-27" and { doubled = { 120, 180 } } or nil
      for _, time in ipairs(times(date, 15, options)) do
        list[#list + 1] = time
      end
    end
    local function cell(i, after)
      return i <= 108 and "V" or after
    end
    local function read(is, after, label)
      return read_csv(text_of("datetime,purchase,flag", list, function(time, i)
        return ("%s,%d,%s"):format(time, i, cell(i, after))
      end), { tz = MADRID, label = label, datetime = { column = "datetime", dst = { column = "flag", is = is } } })
    end
    assert.equal(292, #assert(read("V", "I")))
    local wanted = '8 rows: 2024-10-27 02:00 happens twice in Europe/Madrid: dst: column "flag" holds "V" in %s '
      .. "(first at line 106)"
    for _, is in ipairs { "1", "I", { "I", "V" } } do
      local err = refusal(read(is, "I"))
      expect_places({ "104 106:1 datetime ambiguous_time x8" }, err)
      assert.equal(wanted:format 'the first hour and "I" in the second: say is = "V"', err.message)
    end
    assert.equal(wanted:format "both hours: it does not tell them apart", refusal(read("1", "V")).message)
    assert.equal("104 106:1 datetime ambiguous_time x8", places(refusal(read("1", "I", "end")))[2])

    local items = {}
    for i, time in ipairs(list) do
      items[i] = ('{"datetime":"%s","purchase":%d,"flag":"%s"}'):format(time, i, cell(i, "I"))
    end
    for last = 112, 113 do -- the rows may end with the hour
      local err = refusal(series.decode("[" .. table.concat(items, ",\n", 97, last) .. "]", { tz = MADRID,
        datetime = { column = "datetime", dst = { column = "flag", is = "1" } } }))
      assert.equal("8 9:13 datetime ambiguous_time x8", places(err)[1])
    end
  end)

  it("is told wrong by `dst` beside what else is wrong with the rows", function()
    local options = { tz = MADRID, step = 60, datetime = { column = "datetime", dst = { column = 3, is = "1" } } }
    local list = times("2024-10-27", 60, { doubled = { 120, 180 } })
    local text = text_of("datetime,purchase,flag", list, function(time, i)
      return ("%s,%d,0"):format(time, i)
    end)
    local worse = text:gsub("00:00,1,0", "%0\n2024-10-27 00:00,1,0"):gsub("01:00,2", "01:00,x")
      :gsub("[^\n]*04:00,6,0\n", "")
    expect_places({ "1 3:1 datetime repeated_datetime", "2 4:18 purchase invalid_number",
      "3 5:1 datetime ambiguous_time x2", "6 8:1 datetime gap" }, refusal(read_csv(worse, options)))
    local single = text:gsub("2024%-10%-27 02:00,3,0\n", "") -- an hour that is missing is just that
    expect_places({ "2 4:1 datetime gap" }, refusal(read_csv(single, options)))
  end)

  it("may be of another zone than the series", function()
    local options = { tz = MADRID, datetime = { column = "datetime_utc", tz = "UTC" }, value = "purchase" }
    local text = text_of("datetime_utc,purchase", times("2025-11-11", 15), plain)
    local read = assert(read_csv(text, options))
    assert.same({ 96, "2025-11-11 01:00", "2025-11-12 00:45", "2025-11-11" }, ends(read))
    assert.matches("not whole", read:notes()[1])
    local err = refusal(read_csv(text, { tz = MADRID, datetime = "datetime_utc" }))
    assert.same({ "invalid_map", 2 }, { err.code, err.line })
    err = refusal(read_csv(text, { datetime = options.datetime }))
    assert.matches("^96 rows: it has an offset: name the zone to write local times in", err.message)
  end)

  it("that does not exist is no row where nothing else is in it", function()
    local text = text_of("datetime,purchase", times("2026-03-29", 15), function(time, i)
      return time .. "," .. (time:find " 02:" and "" or i)
    end)
    local read = assert(read_csv(text, { tz = MADRID }))
    assert.same({ 92, "2026-03-29 00:00", "2026-03-29 23:45", "2026-03-29" }, ends(read))
    local items = {}
    for i, time in ipairs(times("2026-03-29", 15)) do
      items[i] = ('{"datetime":"%s","purchase":%s}'):format(time, time:find " 02:" and "null" or i)
    end
    local list = "[" .. table.concat(items, ",") .. "]"
    assert.equal(92, #assert(series.decode(list, { tz = MADRID })))
    assert.equal(92, #assert(series.decode((list:gsub("null", '""')), { tz = MADRID })))
    local err = refusal(read_csv(text))
    expect_places({ "8 10:18 purchase missing_purchase x4" }, err)
    assert.equal('4 rows: missing required field "purchase" (first at line 10)', err.message)
  end)
end)

describe("a row that is a day", function()
  local function wide(cells)
    return "date;H1;H2;H3;H4;H5;H6;H7;H8;H9;H10;H11;H12;H13;H14;H15;H16;H17;H18;H19;H20;H21;H22;H23;H24;H25\n"
      .. table.concat(cells, "\n") .. "\n"
  end

  local function day(date, from, to)
    local cells = { date }
    for hour = from, to do
      cells[#cells + 1] = tostring(hour)
    end
    for _ = #cells, 25 do
      cells[#cells + 1] = ""
    end
    return table.concat(cells, ";")
  end

  local options = { tz = MADRID, resolution = 60, value = { from = "H1", to = "H25" },
    datetime = { column = "date", date = "%d/%m/%Y" } }

  it("is as many rows as it has hours", function()
    local read = assert(read_csv(wide { day("25/10/2025", 1, 24), day("26/10/2025", 1, 25), day("27/10/2025", 1, 24) },
      options))
    assert.same({ 292, "2025-10-25 00:00", "2025-10-27 23:45", "2025-10-25" }, ends(read))
    assert.equal(3, read:day_count())
    local err = refusal(read_csv(wide { day("25/10/2025", 1, 25) }, options))
    assert.equal(2, err.issues[1].line)
    err = refusal(read_csv(wide { (day("25/10/2025", 1, 24):gsub(";7;", ";x;")) }, options))
    expect_places({ "6 2:24 purchase invalid_number" }, err)
  end)
end)

describe("rows", function()
  local text = text_of("datetime,area,purchase", times("2025-11-11", 15), function(time, i)
    return ("%s,1,%d\n%s,2,%d"):format(time, i, time, -i)
  end)

  it("may be chosen, and those left out are told", function()
    for _, choice in ipairs { { where = { area = "2" } }, { unless = { area = { "1", "3" } } } } do
      local read = assert(read_csv(text, with({ tz = MADRID }, choice)))
      assert.equal(body { item("2025-11-11 00:00", "-1"), item("2025-11-11 00:15", "-2") }, read:encode(1, 2))
      assert.same({ "96 rows were left out, as where or unless says" }, read:notes())
    end
    local read = assert(read_csv(text .. "TOTAL,9\n", { tz = MADRID, where = { area = "1" } }))
    assert.equal(96, #read)
    local torn = text .. '2025-11-11 00:00,"=""3""",1,1\n'
    assert.equal(96, #assert(read_csv(torn, { tz = MADRID, unless = { area = { "2", "3" } } })))
    local err = refusal(read_csv(text, { where = { area = "3" } }))
    assert.equal("all rows, 192, were left out, as where or unless says", err.issues[1].detail)
  end)

  it("of one time are told apart by no column that merely counts rows", function()
    local list = times("2025-11-11", 15)
    -- Lines with a number of their own and one of the area; `order` is that of the rows: by time, or by area.
    local function lines_of(areas, by_time, line)
      local lines = {}
      for outer = 1, by_time and #list or areas do
        for inner = 1, by_time and areas or #list do
          local time, area = by_time and outer or inner, by_time and inner or outer
          lines[#lines + 1] = line(#lines + 1, list[time], area)
        end
      end
      return lines
    end
    local function row(number, time, area)
      return ("%d,%s,%d,1"):format(number, time, area)
    end
    local function item_of(number, time, area)
      return ('{"n":%d,"datetime":"%s","area":%d,"purchase":1}'):format(number, time, area)
    end
    for _, by_time in ipairs { true, false } do
      for areas = 2, 3 do
        for of_area = 0, 1 do
          local header = of_area == 1 and "n,datetime,area,purchase\n" or "n,datetime,x,purchase\n"
          local csv = header .. table.concat(lines_of(areas, by_time, function(number, time, area)
            return row(number, time, area * of_area)
          end), "\n")
          local json = "[" .. table.concat(lines_of(areas, by_time, function(number, time, area)
            return item_of(number, time, area * of_area)
          end), ",\n") .. "]"
          local options = { tz = MADRID }
          for _, err in ipairs { refusal(read_csv(csv, options)), refusal(series.decode(json, options)) } do
            if of_area == 1 then
              assert.matches('column "area" tells them apart', err.message, 1, true)
              assert.equal(1, #err.issues)
            else
              assert.is_nil(err.message:find "tells them apart")
            end
          end
        end
      end
    end
  end)

  it("of one time that another column tells apart name that column", function()
    local err = refusal(read_csv(text, { tz = MADRID }))
    expect_places({ "1 3:1 datetime repeated_datetime x96" }, err)
    local words = 'column "%s" tells them apart; say which rows, as where = { ["%s"] = "1" }'
    assert.matches(words:format("area", "area"), err.message, 1, true)
    local blocks = text_of("datetime,area,purchase", times("2025-11-11", 15), function(time, i)
      return time .. ",1," .. i
    end)
    for area = 2, 3 do
      for i, time in ipairs(times("2025-11-11", 15)) do
        blocks = blocks .. time .. "," .. area .. "," .. i .. "\n"
      end
    end
    err = refusal(read_csv(blocks, { tz = MADRID }))
    expect_places({ "96 98:1 datetime repeated_datetime x192" }, err)
    assert.matches('column "area" tells them apart', err.message, 1, true)
    local items = {}
    for _, time in ipairs(times("2025-11-11", 15)) do
      for geo = 1, 2 do
        items[#items + 1] = ('{"purchase":%d.5,"geo":%d,"datetime":"%s"}'):format(geo, geo, time)
      end
    end
    err = refusal(series.decode("[" .. table.concat(items, ",") .. "]", { tz = MADRID }))
    assert.matches(words:format("geo", "geo"), err.message, 1, true)
  end)
end)

describe("one cause", function()
  it("is one line: a decimal comma", function()
    local list = times("2025-11-11", 15)
    local text = text_of("datetime;purchase", list, function(time, i)
      return ("%s;%d,%s"):format(time, i, i % 2 == 0 and "5" or "250")
    end)
    local err = refusal(read_csv(text, { tz = MADRID }))
    expect_places({ "0 2:18 purchase invalid_number x96" }, err)
    assert.equal('96 rows: a decimal comma; say decimal = "," (first at line 2)', err.message)
    assert.equal(96, #assert(read_csv(text, { tz = MADRID, decimal = "," })))
    err = refusal(read_csv((text:gsub(";", ",")), { tz = MADRID }))
    expect_places({ "0 2:1 - invalid_row x96" }, err)
    assert.matches("^96 rows: 3 fields where the header has 2: a decimal comma between commas", err.message)
  end)

  it("has its number of rows told in thousands", function()
    local lines = { "datetime;purchase" }
    for i = 1, 12345 do
      lines[i + 1] = support.clock(15 * i) .. ";1,5"
    end
    assert.equal('12,345 rows: a decimal comma; say decimal = "," (first at line 2)',
      refusal(read_csv(table.concat(lines, "\n"))).message)
  end)

  it("is one line: empty values, texts for them, dates", function()
    local list = times("2025-11-11", 15)
    local function read(cell, options)
      return read_csv(text_of("datetime,purchase", list, function(time, i)
        return time .. "," .. (i % 4 == 1 and cell or i)
      end), with({ tz = MADRID }, options or {}))
    end
    assert.equal('24 rows: missing required field "purchase" (first at line 2)', refusal(read "").message)
    local err = refusal(read "n/e")
    expect_places({ "0 2:18 purchase invalid_number x24" }, err)
    assert.equal("24 rows: 'n/e' is not a number: where it stands for nothing, say null = { \"n/e\" } "
      .. "(first at line 2)", err.message)
    expect_places({ "0 2:18 purchase missing_purchase x24" }, refusal(read("n/e", { null = { "n/e" } })))
    expect_places({ "0 2:18 purchase missing_purchase x24" }, refusal(read("n/e", { null = "n/e" })))
    local text = text_of("datetime,purchase", list, function(time, i)
      return time:gsub("(%d+)-(%d+)-(%d+)", "%3/%2/%1") .. "," .. i
    end)
    expect_places({ "0 2:1 datetime invalid_datetime x96" }, refusal(read_csv(text)))
  end)

  it("is one line: a reversed file", function()
    local list = times("2025-10-26", 15, { doubled = { 120, 180 } })
    local reversed = {}
    for i, time in ipairs(list) do
      reversed[#list + 1 - i] = time
    end
    local err = refusal(read_csv(text_of("datetime,purchase", reversed, plain), { tz = MADRID }))
    assert.same({ 1, "out_of_order" }, { #err.issues, err.issues[1].code })
    assert.equal("Purchase items are in reverse, the latest first: sort the file by time.", err.message)
  end)

  it("is one line: two exports that overlap", function()
    local list = times("2025-11-11", 15)
    local joined = { unpack(list, 1, 60) }
    for i = 53, 96 do
      joined[#joined + 1] = list[i]
    end
    local err = refusal(read_csv(text_of("datetime,purchase", joined, plain), { tz = MADRID }))
    expect_places({ "60 62:1 datetime repeated_datetime x8" }, err)
    assert.matches("8 rows repeat times that came before", err.message)
  end)

  it("is not one with another: gaps stay apart", function()
    local list = times("2025-11-11", 15)
    table.remove(list, 70)
    table.remove(list, 30)
    local err = refusal(read_csv(text_of("datetime,purchase", list, plain)))
    expect_places({ "29 31:1 datetime gap", "68 70:1 datetime gap" }, err)
  end)
end)

describe("a JSON document", function()
  local rows = '[{"datetime":"2025-01-01 00:00","purchase":1},{"datetime":"2025-01-01 00:15","purchase":2.5}]'
  local wanted = body { item("2025-01-01 00:00", "1"), item("2025-01-01 00:15", "2.5") }

  it("has its rows in the only list that has the column of the time", function()
    for _, text in ipairs {
      '{"indicator":{"values":%s}}', '{"indicator":{"geos":[{"id":1}],"values":%s},"x":[1,{"y":2}]}',
      '{"included":[{"type":"x","attributes":{"values":%s}}]}', '{\n"a":[[]],\n"b":{"c":%s}\n}\n',
    } do
      local document = text:gsub("%%s", rows)
      assert.equal(wanted, assert(series.decode(document)):encode())
      assert.equal(wanted, assert(read_csv(document)):encode())
    end
    local err = refusal(series.decode('{"a":{"b":' .. rows .. '},"c":[{"d":' .. rows .. "}]}"))
    assert.equal("invalid_map", err.code)
    assert.matches('"/a/b", "/c/0/d"', err.message, 1, true)
  end)

  it("has its rows where `list` points to", function()
    local document = '{"a/b":{"~":[{"x":[5,{"d":' .. rows .. '}]}]},"values":' .. rows .. "}"
    assert.equal(wanted, assert(series.decode(document, { list = "/a~1b/~0/0/x/1/d" })):encode())
    assert.equal(wanted, assert(series.decode(document, { list = "/values" })):encode())
    assert.equal(wanted, assert(series.decode(rows, { list = "" })):encode())
    for _, list in ipairs { "/value", "/a~1b", "/a~1b/~0/1", "/values/0", "/values/x" } do
      local err = refusal(series.decode(document, { list = list }))
      assert.same({ "invalid_map", ('list: there is no list at "%s"'):format(list) }, { err.code, err.message })
    end
  end)

  it("none of whose rows has a column that the map names is refused once, with the keys that there are", function()
    local items = {}
    for i, time in ipairs(times("2025-11-11", 15)) do
      items[i] = ('{"time":"%s","geo":[1,{"x":1}],"MW":%d}'):format(time, i)
    end
    local list = "[" .. table.concat(items, ",\n") .. "]"
    local nested = '{"a":[1,2],"b":[{"id":1}],"c":{"values":' .. list .. '},"d":[{"id":1},{"id":2}]}'
    local good = { datetime = "time", value = "MW", tz = MADRID }
    for _, text in ipairs { list, table.concat(items, "\n"), '{"purchase":' .. list .. "}", nested } do
      assert.equal(96, #assert(series.decode(text, good)))
      for path, over in pairs {
        ["value: no \"mw\""] = { value = "mw" },
        ["value.column: no \"mw\""] = { value = { column = "mw", unit = "kW" } },
        ["unless: no \"area\""] = { unless = { area = "1" } }, ["where: no \"area\""] = { where = { area = "1" } },
        ["value: no \"purchase\""] = { value = "purchase" },
      } do
        local err = refusal(series.decode(text, with(good, over)))
        assert.equal(path .. ' in any of 96 rows; the keys are "time", "geo", "MW"', err.message)
        assert.same({ "missing_column", 1, 1, 1 }, { err.code, err.line, #err.issues, err.total })
      end
      assert.equal('value: no column 3: objects of JSON have no numbers for columns; the keys are "time", "geo", "MW"',
        refusal(series.decode(text, with(good, { value = 3 }))).message)
      local joined = { column = { "time", "hour" }, date = "%Y-%m-%d %H:%M" }
      assert.equal(text == nested
          and 'datetime.column: no list of objects that have "hour"; the keys in the longest are "time", "geo", "MW"'
        or 'datetime.column: no "hour" in any of 96 rows; the keys are "time", "geo", "MW"',
        refusal(series.decode(text, with(good, { datetime = joined }))).message)
      -- A column of which only the night in autumn knows may be left out in the others.
      assert.equal(96, #assert(series.decode(text, with(good, { datetime = { column = "time",
        dst = { column = "flag", is = "1" } } }))))
    end
    local err = refusal(series.decode(nested, { datetime = "Time", value = "MW" }))
    assert.same({ "missing_column", 1 }, { err.code, err.line })
    assert.equal('datetime: no list of objects that have "Time"; the keys in the longest are "time", "geo", "MW"',
      err.message)
    -- One row that has it is enough, and without a map the API's own words are told.
    items[7] = items[7]:gsub("}$", ',"mw":7}')
    expect_places({ "0 1:2 purchase missing_purchase x95" },
      refusal(series.decode("[" .. table.concat(items, ",\n") .. "]", with(good, { value = "mw" }))))
    assert.equal("missing_datetime", refusal(series.decode(list)).issues[1].code)
    -- What is wrong with the files before is told all the same.
    local files = { file_of("time,MW,area\n2025-11-10 00:00,x,2\n"), file_of(list) }
    err = refusal(series.read(files, with(good, { unless = { area = "1" } })))
    assert.same({ { files[1], "invalid_number" }, { files[2], "missing_column" } },
      { { err.issues[1].file, err.issues[1].code }, { err.issues[2].file, err.issues[2].code } })
  end)

  it("goes through the rules of a map, as rows of a table do", function()
    local map = { tz = MADRID, step = 60, datetime = { column = { "date", "hour" }, date = "%d/%m/%Y %H" },
      value = { column = "v", unit = "kW" }, decimal = "," }
    local items, list = {}, {}
    for hour = 0, 23 do
      items[hour + 1] = ('{"date":"11\\/11\\/2025","hour":%d,"v":"%d,5"}'):format(hour, hour)
      list[hour + 1] = { date = "11/11/2025", hour = hour, v = ("%d,5"):format(hour) }
    end
    for _, read in ipairs {
      assert(series.decode("[" .. table.concat(items, ",") .. "]", map)),
      assert(series.decode(table.concat(items, "\n"), map)), assert(series.from(list, map)),
    } do
      assert.equal(24, #read)
      assert.equal(body { item("2025-11-11 23:00", "0.0235") }, read:encode(24))
    end
    map.decimal, map.value.unit = nil, "MW"
    for i, row in ipairs(list) do
      row.v = tostring(i)
    end
    assert.equal(24, #assert(series.from(list, map)))
    map.value = "v" -- nothing says how a text is to be read
    expect_places({ "0 purchase invalid_number x24" }, refusal(series.from(list, map)))
    expect_places({ "0 1:38 purchase invalid_number x24" },
      refusal(series.decode("[" .. table.concat(items, ",") .. "]", map)))
    map.value = { column = "v", unit = "MW" }
    list[3].v = true
    expect_places({ "2 purchase invalid_number" }, refusal(series.from(list, map)))
  end)
end)

describe("between()", function()
  local text = "datetime,purchase\n"
  for day = 25, 27 do
    local list = times("2025-10-" .. day, 15, day == 26 and { doubled = { 120, 180 } } or nil)
    text = text .. text_of("", list, plain):sub(2)
  end
  local read

  before_each(function()
    read = assert(read_csv(text, { tz = MADRID }))
  end)

  it("takes delivery days, both included", function()
    assert.equal(100, #read:between("2025-10-26", "2025-10-26"))
    assert.equal(196, #read:between("2025-10-26", "2025-10-27"))
    assert.equal(292, #read:between("2024-01-01", "2026-01-01"))
    assert.equal(196, #read:between("2025-10-26"))
    assert.equal(96, #read:between(nil, "2025-10-25"))
    assert.equal(0, #read:between("2025-10-28", "2025-10-30"))
    assert.equal(0, #read:between("2025-10-27", "2025-10-25"))
    assert.equal("2025-10-27 00:00", read:between("2025-10-26", "2025-10-27"):between("2025-10-27"):first())
  end)

  it("takes times, the first included, the last not, by the labels that are sent", function()
    assert.same({ 4, "2025-10-25 01:00", "2025-10-25 01:45", "2025-10-25" },
      ends(read:between("2025-10-25 01:00", "2025-10-25 02:00")))
    assert.equal(4, #read:between("2025-10-26T02:00+02:00", "2025-10-26T02:00+01:00"))
    local err = refusal(read:between("2025-10-26 02:00", nil))
    assert.equal("ambiguous_time", err.code)
    assert.equal("invalid_datetime", refusal(read:between("26/10/2025")).code)
    local list = { unpack(times("2025-11-11", 15), 2) }
    list[96] = "2025-11-12 00:00"
    local by_end = assert(read_csv(text_of("datetime,purchase", list, plain), { tz = MADRID, label = "end" }))
    assert.equal(96, #by_end:between("2025-11-11", "2025-11-11"))
    assert.equal("2025-11-11 00:30", by_end:between("2025-11-11 00:30"):first())
    assert.equal("2025-11-11 23:45", by_end:between(nil, "2025-11-12 00:00"):last())
  end)

  it("is for series without a grid or a zone, too", function()
    local irregular = assert(read_csv("datetime,purchase\n2025-01-01 00:00,1\n2025-01-01 07:13,2\n2025-01-02 00:01,3\n",
      { step = false }))
    assert.equal(2, #irregular:between("2025-01-01", "2025-01-01"))
    assert.equal("2025-01-01 07:13", irregular:between("2025-01-01 00:01"):first())
    assert.equal("invalid_datetime", refusal(irregular:between("2025-01-01 00:01Z")).code)
  end)

  it("knows instants without a grid, too", function()
    local list = { "2025-10-26T02:30+02:00", "2025-10-26T02:10+01:00", "2025-10-26T02:30+01:00",
      "2025-10-26T03:00+01:00" }
    local irregular = assert(read_csv(text_of("datetime,purchase", list, plain), { tz = MADRID, step = false }))
    assert.same({ 3, "2025-10-26 02:10", "2025-10-26 03:00", "2025-10-26" },
      ends(irregular:between("2025-10-26T01:00Z")))
    assert.equal(1, #irregular:between(nil, "2025-10-26T02:00+01:00"))
    assert.equal("ambiguous_time", refusal(irregular:between("2025-10-26 02:10")).code)
  end)

  it("wants texts", function()
    expect_raise("string expected, got number", function()
      return read:between(20251026), nil
    end)
  end)
end)

describe("several files", function()
  it("are one series, in their order", function()
    local csv, json = {}, {}
    for day = 1, 2 do
      csv[day] = file_of(text_of("datetime,purchase", times("2025-11-0" .. day, 15), plain))
      json[day] = file_of(assert(series.read(csv[day])):encode())
    end
    for _, paths in ipairs { csv, json, { csv[1], json[2] }, { json[1], csv[2] } } do
      local read = assert(series.read(paths, { tz = MADRID }))
      assert.same({ 192, "2025-11-01 00:00", "2025-11-02 23:45", "2025-11-01" }, ends(read))
    end
    assert.same({ paths = csv }, { paths = { csv[1], csv[2] } })
  end)

  it("have their issues told by file", function()
    local good = file_of(text_of("datetime,purchase", times("2025-11-01", 15), plain))
    local bad = file_of("datetime,purchase\n2025-11-02 00:00,x\n")
    local err = refusal(series.read({ good, bad }, { tz = MADRID }))
    assert.same({ bad, bad, 2 }, { err.file, err.issues[1].file, err.issues[1].line })
    local json = file_of('[{"datetime":"2025-10-31 00:15",\n"purchase":1},\n',
      '{"datetime":"2025-10-31 00:30","purchase":2}]')
    err = refusal(series.read({ json, good }, { tz = MADRID }))
    expect_places({ "0 1:14 datetime wrong_day_length", "2 2:1 datetime gap" }, err)
    assert.same({ json, good }, { err.issues[1].file, err.issues[2].file })
    err = refusal(series.read({ good, "/nowhere" }))
    assert.same({ "file_unreadable", "/nowhere" }, { err.code, err.file })
    expect_raise("series.read: no path is given", function()
      return series.read {}, nil
    end)
  end)
end)

describe("the options", function()
  it("are a map, and take precedence over one", function()
    local text = text_of("when;mw", times("2025-11-11", 15), function(time, i)
      return time .. ";" .. i
    end)
    local map = { datetime = "when", value = "mw", tz = "Europe/Nowhere" }
    assert.equal(96, #assert(read_csv(text, { map = map, tz = MADRID })))
    assert.same({ datetime = "when", value = "mw", tz = "Europe/Nowhere" }, map)
    assert.equal("unknown_zone", refusal(read_csv(text, { map = map })).code)
    local err = refusal(read_csv(text, { map = { datetme = "when" } }))
    assert.equal("invalid_map", err.code)
    assert.matches("datetme", err.message)
  end)

  it("are compiled once where they are simple, however many there are", function()
    local rows = { { when = "2025-01-01 00:00", mw = 1 } }
    for i = 1, 250 do
      rows[1]["mw" .. i] = i
      for _ = 1, 2 do
        local read = assert(series.from(rows, { datetime = "when", value = "mw" .. i, tz = i % 2 == 0 and "UTC" or nil,
          step = false }))
        assert.equal(body { item("2025-01-01 00:00", tostring(i)) }, read:encode())
      end
    end
  end)

  it("tell in a note that days were not checked", function()
    local text = text_of("datetime,purchase", times("2025-11-11", 15), plain)
    assert.matches("days were not checked", assert(read_csv(text)):notes()[1])
    assert.same({}, assert(read_csv(text, { tz = MADRID })):notes())
  end)
end)

-- Rows that are known at sight must come out as they do the long way, which `round` is the way to.
describe("rows known at sight", function()
  local random = math.random

  local function number(decimal)
    local text = tostring(random(0, 10 ^ random(0, 7)))
    if random(3) > 1 then
      text = text .. decimal .. tostring(random(0, 10 ^ random(1, 4))):rep(1)
    end
    local odd = random(60)
    return odd == 1 and "-" .. text or odd == 2 and " " .. text or odd == 3 and '"' .. text .. '"'
      or odd == 4 and "0" .. text or odd == 5 and decimal .. "5" or odd == 6 and "-0" or text
  end

  local function broken(line, delimiter)
    local odd = random(40)
    return odd == 1 and line .. delimiter or odd == 2 and (line:gsub("%d", "x", 1))
      or odd == 3 and line .. delimiter .. "x" or odd == 4 and "" or line
  end

  it("come out as all others do", function()
    math.randomseed(seeds.one "series_map")
    local accepted = 0
    for _ = 1, 400 do
      local decimal, delimiter = random(2) == 1 and "," or ".", ({ ";", "\t", "|" })[random(3)]
      local step, resolution, label = 15, ({ 15, 30, 60 })[random(3)], random(2) == 1 and "end" or "start"
      local columns, position, lines = random(2, 5), random(2, 5), {}
      if position > columns then
        position = columns
      end
      local is_broken = random(3) == 1
      for day = 25, 27 do
        local list = times("2025-10-" .. day, resolution, day == 26 and { doubled = { 120, 180 } } or nil)
        for _, time in ipairs(list) do
          local hour, minute = time:match " (%d+):(%d+)"
          local date = ("%02d/10/2025 %s:%s"):format(day, hour, minute)
          local fields = { date }
          for column = 2, columns do
            fields[column] = column == position and number(decimal) or "x"
          end
          local line = table.concat(fields, delimiter)
          lines[#lines + 1] = is_broken and broken(line, delimiter) or line
        end
      end
      if label == "end" then -- each row's label is the next one's start
        for i = 1, #lines do
          local later = lines[i + 1] and lines[i + 1]:match "^[^;\t|]*" or "28/10/2025 00:00"
          lines[i] = lines[i]:gsub("^[^;\t|]*", later)
        end
      end
      local header = { "t" }
      for column = 2, columns do
        header[column] = column == position and "v" or "c" .. column
      end
      local line_end = random(2) == 1 and "\n" or "\r\n"
      local text = table.concat(header, delimiter) .. line_end .. table.concat(lines, line_end) .. line_end
      local map = { tz = MADRID, step = step, resolution = resolution, label = label, decimal = decimal,
        datetime = { column = "t", date = "%d/%m/%Y %H:%M" }, value = { column = "v", unit = "kWh" } }
      local path = file_of(text)
      local read, err = series.read(path, map)
      map.value.round = 12
      local other, why = series.read(path, map)
      assert.same(read and read:encode() or err.message, other and other:encode() or why.message)
      assert.same(err and places(err), why and places(why))
      accepted = accepted + (read and 1 or 0)
    end
    assert.is_true(accepted > 100 and accepted < 399)
  end)
end)
