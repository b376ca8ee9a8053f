local core = require "purchases.core"
local series = require "purchases.series"

local unpack = table.unpack or unpack -- luacheck: ignore unpack

local files = {}

-- A file with this content, gone after the test.
local function file_of(...)
  local path = os.tmpname()
  files[#files + 1] = path
  local file = assert(io.open(path, "wb"))
  for i = 1, select("#", ...) do
    assert(file:write((select(i, ...))))
  end
  assert(file:close())
  return path
end

local function overwrite(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function remove_files()
  for i = #files, 1, -1 do
    os.remove(files[i])
    files[i] = nil
  end
end

local function read_csv(text, options)
  return series.read(file_of(text), options)
end

local function count_and_keep(...)
  return select("#", ...), ...
end

-- What fails must fail the way everything here fails: exactly nil and an error.
local function refusal(...)
  local count, result, err = count_and_keep(...)
  assert.equal(2, count)
  assert.is_nil(result)
  assert.equal(core.error, getmetatable(err))
  assert.equal("validation", err.kind)
  assert.is_nil(tostring(err):find "\n")
  return err
end

-- The issues as "index line:column field code", sorted by index as they must be.
local function places(err)
  local list, last = {}, -1
  for i, issue in ipairs(err.issues) do
    assert.is_true(issue.index >= last)
    last = issue.index
    local place = issue.line and (" %d:%d"):format(issue.line, issue.column) or ""
    list[i] = ("%d%s %s %s"):format(issue.index, place, issue.field or "-", issue.code)
  end
  assert.equal(math.min(err.total, 1000), #list)
  return list
end

local function expect_places(wanted, err)
  assert.same(wanted, places(err))
  assert.equal("invalid_series", err.code)
  assert.equal(err.issues[1].message, err.message)
end

-- Misuse must point at the line of the call, which is the one below `function()`. (The calls end in
-- `, nil` because a tail call leaves no line behind.)
local function expect_raise(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  local info = debug.getinfo(call, "S")
  local where = ("%s:%d: "):format(info.short_src, info.linedefined + 1)
  assert.equal(where, raised:sub(1, #where))
  assert.matches(message, raised, 1, true)
end

local function item(datetime, number)
  return ('{"datetime":"%s","purchase":%s}'):format(datetime, number)
end

local function body(items)
  return '{"purchase":[' .. table.concat(items, ",") .. "]}"
end

-- A date as days since 2025-01-01 and back, by counting.
local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function date_of(day)
  local year, month = 2025, 1
  while day >= (is_leap(year) and 366 or 365) do
    day = day - (is_leap(year) and 366 or 365)
    year = year + 1
  end
  local lengths = { 31, is_leap(year) and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  while day >= lengths[month] do
    day = day - lengths[month]
    month = month + 1
  end
  return ("%04d-%02d-%02d"):format(year, month, day + 1)
end

-- The clock, so many minutes after 2025-01-01 00:00.
local function clock(minutes)
  local time = minutes % 1440
  return ("%s %02d:%02d"):format(date_of((minutes - time) / 1440), math.floor(time / 60), time % 60)
end

-- Rows as { datetime, number's text }, quarter-hours from midnight on.
local function rows_of(...)
  local rows = {}
  for i = 1, select("#", ...) do
    rows[i] = { clock(15 * (i - 1)), (select(i, ...)) }
  end
  return rows
end

local function lines(rows, pattern)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = (pattern:gsub("%%.", { ["%d"] = row[1], ["%n"] = row[2] }))
  end
  return list
end

local JSON_ROW = '{"datetime":"%d","purchase":%n}'

local function decode_text(text)
  return function(options)
    return series.decode(text, options)
  end
end

local function read_text(text)
  return function(options)
    return read_csv(text, options)
  end
end

-- Every way for rows to come in as text: name, the line before the first row, how to read them.
local texts = {
  { "CSV", 1, false, function(rows)
    return read_text("datetime,purchase\n" .. table.concat(lines(rows, "%d,%n"), "\n") .. "\n")
  end },
  { "a JSON document", 1, true, function(rows)
    return decode_text('{"purchase":[\n' .. table.concat(lines(rows, JSON_ROW), ",\n") .. "\n]}")
  end },
  { "a JSON array", 1, true, function(rows)
    return decode_text("[\n" .. table.concat(lines(rows, JSON_ROW), ",\n") .. "\n]")
  end },
  { "a JSON file", 1, true, function(rows)
    return read_text('{"purchase":[\r\n' .. table.concat(lines(rows, JSON_ROW), ",\r\n") .. "]}")
  end },
  { "NDJSON", 0, true, function(rows)
    return decode_text(table.concat(lines(rows, JSON_ROW), "\n"))
  end },
  { "an NDJSON file", 0, true, function(rows)
    return read_text(table.concat(lines(rows, JSON_ROW), "\n") .. "\n")
  end },
}

local function table_rows(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = { datetime = row[1], purchase = row[2] }
  end
  return list
end

local FORMAT = 'invalid datetime format. Expected "YYYY-MM-DD HH:MM" (e.g., "2024-01-15 14:30").'

after_each(remove_files)

describe("a number", function()
  local accepted = {
    { "0", "0" }, { "-0", "-0" }, { "0.0", "0" }, { "-0.000", "-0" }, { "1", "1" }, { "-1", "-1" },
    { "12.500", "12.5" }, { "12.0", "12" }, { "12.05", "12.05" }, { "100", "100" },
    { "1200.00", "1200" }, { "0.1", "0.1" }, { "0.10", "0.1" }, { "0.001", "0.001" },
    { "-0.50", "-0.5" }, { "123456789.12345", "123456789.12345" },
    { "12345678901234.5", "12345678901234.5" }, { "1234567890123.50", "1234567890123.5" },
    { "9007199254740993", "9007199254740993" }, { "9007199254740993.00", "9007199254740993" },
    { "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827" },
    { "123456789012345678901234567890", "123456789012345678901234567890" },
    { "1e5", "1e5" }, { "1E+5", "1E+5" }, { "1.50e2", "1.50e2" }, { "1.0E-2", "1.0E-2" },
    { "1e-400", "1e-400" }, { "1.7976931348623157e308", "1.7976931348623157e308" },
    { "-1e308", "-1e308" }, { "0e0", "0e0" }, { ("9"):rep(300), ("9"):rep(300) },
    { "1." .. ("0"):rep(5000), "1" }, { "0." .. ("0"):rep(5000) .. "1", "0." .. ("0"):rep(5000) .. "1" },
  }

  for _, source in ipairs(texts) do
    local name, _, _, make = unpack(source)
    it("keeps its digits in " .. name .. ", less zeros that end a fraction", function()
      for _, case in ipairs(accepted) do
        local read = assert(make(rows_of("1", case[1], "2"))())
        assert.equal(
          body { item(clock(0), "1"), item(clock(15), case[2]), item(clock(30), "2") },
          read:encode()
        )
      end
    end)
  end

  local function expect_refused(read, place, detail)
    local err = refusal(read())
    expect_places({ place }, err)
    assert.equal('Purchase item at index 1: field "purchase" must be a number (in MW unit).', err.message)
    assert.equal(detail, err.issues[1].detail)
  end

  local refused = {
    "NaN", "nan", "inf", "Infinity", "-inf", "1e400", "-1e400", "1.7976931348623159e308",
    "1e99999999999999999999", "+1", "+1.5", "01", "-01", "00", "007.5", "0x10", "0X1P3", "1_000", "1 000",
    " 1", "1 ", "1.", ".5", "-.5", "-", "--1", "1-", "1e", "1e+", "1e5.5", "1.5.2", "1f",
    "true", "null", "'1'", "1'000.5", "1;5",
  }

  it("is refused in CSV if JSON would refuse it or no double is near to it", function()
    local make = texts[1][4]
    for _, text in ipairs(refused) do
      expect_refused(make(rows_of("1", text, "2")), "1 3:18 purchase invalid_number", "found " .. text)
    end
  end)

  it("is told to have a point where it has a comma", function()
    for _, rows in ipairs { 'datetime,purchase\n%s,"1"\n%s,"1,5"\n', "datetime;purchase\n%s;1\n%s;1,5\n" } do
      local column = rows:find('"', 1, true) and 19 or 18
      expect_refused(
        read_text(rows:format(clock(0), clock(15))),
        ("1 3:%d purchase invalid_number"):format(column),
        "found 1,5: write decimals with a point"
      )
    end
    local err = refusal(read_csv("datetime,purchase\n2025-01-01 00:00,1,5\n"))
    expect_places({ "0 2:1 - invalid_row" }, err)
    assert.equal("Purchase item at index 0 cannot be read.", err.message)
    assert.equal("3 fields where the header has 2", err.issues[1].detail)
  end)

  it("is shown in an issue as text that any program can show", function()
    local cases = {
      { "12\226\130\172", "found 12\226\130\172" }, { "12\233", "found 12?" }, { "1\0002", "found 1?2" },
      { "\27[31m1", "found ?[31m1" }, { ("\195\169"):rep(40), "found " .. ("\195\169"):rep(31) },
    }
    for _, case in ipairs(cases) do
      local err = refusal(read_csv("datetime,purchase\n2025-01-01 00:00," .. case[1] .. "\n"))
      assert.equal(case[2], err.issues[1].detail)
      assert.is_string(core.json.write_string(err.issues[1].detail))
    end
  end)

  it("is refused in JSON if it is another value", function()
    for i = 2, #texts do
      local _, before, _, make = unpack(texts[i])
      for _, value in ipairs { '"1"', '"12.5"', "true", "false", "null", "[]", "{}", "[1]", '{"a":1}', "1e400" } do
        local read = make(rows_of("1", value, "2"))
        expect_refused(read, ("1 %d:43 purchase invalid_number"):format(before + 2), "found " .. (value:match "^[%[{]" or value))
      end
    end
  end)

  it("is refused, with its place, if it is no JSON", function()
    for _, value in ipairs { "NaN", "Infinity", "-Infinity", "+1", "01", ".5", "1.", "0x10", "1,5", "'1'" } do
      for i = 2, #texts do
        local name, before, _, make = unpack(texts[i])
        local err = refusal(make(rows_of("1", value, "2"))())
        if name:find "NDJSON" then
          assert.equal("invalid_series", err.code)
          assert.same({ 1, 2, "invalid_row" }, { err.issues[1].index, err.issues[1].line, err.issues[1].code })
          assert.equal("Purchase item at index 1 cannot be read.", err.message)
          assert.matches("^expected", err.issues[1].detail)
        else
          assert.equal("invalid_json", err.code)
          assert.equal(before + 2, err.line)
          assert.is_true(err.column >= 43 and err.column <= 46)
          assert.matches("^expected", err.message)
        end
      end
    end
  end)

  it("of a Lua table comes out shortest, and reads back as the very same double", function()
    local cases = {
      { 0, "0" }, { -0.0, "-0" }, { 12, "12" }, { 12.0, "12" }, { 12.5, "12.5" }, { 0.1, "0.1" },
      { 0.1 + 0.2, "0.30000000000000004" }, { 2 ^ 53, "9007199254740992" }, { 1e21, "1e+21" },
      { 1e-7, "1e-7" }, { -1e300, "-1e+300" }, { 5e-324, "5e-324" }, { 1 / 3, "0.3333333333333333" },
    }
    for _, case in ipairs(cases) do
      -- -0.0 is a constant that LuaJIT may have made 0.
      local wanted = case[1] == 0 and 1 / case[1] > 0 and "0" or case[2]
      local made = assert(series.from { { datetime = clock(0), purchase = case[1] } })
      assert.equal(body { item(clock(0), wanted) }, made:encode())
    end
    local zero = 0
    local made = assert(series.from { { datetime = clock(0), purchase = -1 / (1 / zero) } })
    assert.equal(body { item(clock(0), "-0") }, made:encode())
  end)

  it("of a Lua table survives whatever double it is", function()
    local rows, random = {}, math.random
    for i = 1, 2000 do
      local value = (random() - 0.5) * 10 ^ random(-300, 300)
      rows[i] = { datetime = clock(15 * (i - 1)), purchase = i % 2 == 0 and value or random(-10 ^ 6, 10 ^ 6) / 1000 }
    end
    local encoded = assert(series.from(rows)):encode()
    local i = 0
    for number in encoded:gmatch '"purchase":([^[}]+)}' do
      i = i + 1
      assert.equal(rows[i].purchase, tonumber(number) * 1.0) -- a whole one is an integer of Lua 5.4
      assert.is_true(core.json.valid(number))
    end
    assert.equal(#rows, i)
    assert.equal(encoded, assert(series.decode(encoded)):encode())
  end)

  it("of a Lua table is refused if it is none, or not finite", function()
    for _, value in ipairs { "1", "12.5", true, false, {}, 0 / 0, math.huge, -math.huge, print } do
      local err = refusal(series.from(table_rows(rows_of(1, value, 2))))
      expect_places({ "1 purchase invalid_number" }, err)
      assert.equal('Purchase item at index 1: field "purchase" must be a number (in MW unit).', err.message)
    end
  end)

  it("of a Lua table is refused if it is an integer that no double is", function()
    if not math.type then
      return -- no integers
    end
    local function check(value)
      return series.from { { datetime = clock(0), purchase = value } }
    end
    local big = math.tointeger(2 ^ 53)
    for _, value in ipairs { big + 1, -big - 1, math.maxinteger, math.maxinteger - 1 } do
      expect_places({ "0 purchase invalid_number" }, refusal(check(value)))
    end
    for _, value in ipairs { big, -big, big + 2, big * 2, 1 } do
      assert.equal(body { item(clock(0), ("%d"):format(value)) }, assert(check(value)):encode())
    end
  end)
end)

describe("a datetime", function()
  it("is written as the API wants it", function()
    for _, form in ipairs { "T00:15", " 00:15:00", "T00:15:00", "T00:15:00.000", " 00:15" } do
      for _, source in ipairs(texts) do
        local rows = rows_of("1", "2", "3")
        rows[2][1] = "2025-01-01" .. form
        local read = assert(source[4](rows)())
        assert.equal(body(lines(rows_of("1", "2", "3"), JSON_ROW)), read:encode())
      end
    end
  end)

  local wrong = {
    "2025-02-29 00:15", "2025-01-01 24:00", "2025-01-01 23:59:60", "2025-01-01 00:15:30", "2025-13-01 00:15",
    "2025-00-10 00:15", "2025-01-32 00:15", "2025-01-00 00:15", "2025-1-1 00:15", "25-01-01 00:15",
    "01/01/2025 00:15", "2025-01-01", "00:15", "2025-01-01 00:15 ", " 2025-01-01 00:15", "2025-01-01  00:15",
    "2025-01-01 0:15", "2025-01-01 00:60", "2025-01-01 00:15:00.5", "20250101 00:15", "2025-01-01_00:15", "x",
    "0000-01-01 00:15", "10000-01-01 00:15", "-2025-01-01 00:15", "2025-01-01 00-15", "1735689600", "45658.01",
  }

  it("that is no date and time is refused with the API's words", function()
    for _, text in ipairs(wrong) do
      for _, source in ipairs(texts) do
        local rows = rows_of("1", "2", "3")
        rows[2][1] = text
        local err = refusal(source[4](rows)())
        local place = ("1 %d:%d datetime invalid_datetime"):format(source[2] + 2, source[3] and 13 or 1)
        expect_places({ place }, err)
        assert.equal("Purchase item at index 1: " .. FORMAT, err.message)
        assert.is_string(err.issues[1].detail)
      end
      local rows = table_rows(rows_of(1, 2, 3))
      rows[2].datetime = text
      expect_places({ "1 datetime invalid_datetime" }, refusal(series.from(rows)))
    end
  end)

  it("says what is wrong with it", function()
    local function detail(text)
      return refusal(read_csv("datetime,purchase\n" .. text .. ",1\n")).issues[1].detail
    end
    assert.equal("2025-02-29: February 2025 has 28 days", detail "2025-02-29 00:15")
    assert.matches("hour 24", detail "2025-01-01 24:00")
    assert.matches("second 60", detail "2025-01-01 23:59:60")
    assert.equal("its seconds are not 00", detail "2025-01-01 00:15:30")
    assert.matches("0xE9", detail "\233")
  end)

  it("with an offset needs a zone to be written in", function()
    for _, text in ipairs { "2025-01-01 00:15Z", "2025-01-01T00:15:00+01:00", "2025-01-01 00:15-03" } do
      local err = refusal(read_csv("datetime,purchase\n" .. text .. ",1\n"))
      expect_places({ "0 2:1 datetime invalid_datetime" }, err)
      assert.equal("it has an offset: name the zone to write local times in (tz)", err.issues[1].detail)
    end
  end)

  it("of another type is refused", function()
    for _, value in ipairs { "20250101", "true", "null", "[]", '{"a":"2025-01-01 00:15"}' } do
      local err = refusal(series.decode('[{"datetime":' .. value .. ',"purchase":1}]'))
      expect_places({ "0 1:14 datetime invalid_datetime" }, err)
      assert.equal("it is not a text", err.issues[1].detail)
    end
    for _, value in ipairs { 20250101, true, {}, print } do
      local err = refusal(series.from { { datetime = value, purchase = 1 } })
      expect_places({ "0 datetime invalid_datetime" }, err)
    end
  end)

  it("may be escaped in JSON", function()
    local text = '[{"date\\u0074ime":"2025-01-01\\u002000:00","\\u0070urchase":1}]'
    assert.equal(body { item(clock(0), "1") }, assert(series.decode(text)):encode())
    text = '[{"datetime":"2025-01-01\\u000000:00","purchase":1}]'
    expect_places({ "0 1:14 datetime invalid_datetime" }, refusal(series.decode(text)))
  end)

  it("must lie on the grid", function()
    for _, source in ipairs(texts) do
      local rows = rows_of("1", "2", "3")
      rows[2][1] = "2025-01-01 00:07"
      local err = refusal(source[4](rows)())
      assert.same({ 1, 1, "datetime", "off_grid" }, { err.total, err.issues[1].index, err.issues[1].field, err.issues[1].code })
      assert.equal('Purchase item at index 1: field "datetime" is not on a grid of 15 minutes.', err.message)
    end
    assert.equal("off_grid", refusal(series.from({ { datetime = clock(15), purchase = 1 } }, { step = 30 })).issues[1].code)
  end)
end)

describe("a missing field", function()
  local function expect_missing(err, field)
    assert.same({ 1, 1, field, "missing_" .. field }, { err.total, err.issues[1].index, err.issues[1].field, err.issues[1].code })
    assert.equal(('Purchase item at index 1 is missing required field "%s".'):format(field), err.message)
  end

  it("is named with its row", function()
    local good = item(clock(0), "1")
    for _, field in ipairs { "datetime", "purchase" } do
      local other = field == "datetime" and '{"purchase":1}' or '{"datetime":"2025-01-01 00:15"}'
      expect_missing(refusal(series.decode("[" .. good .. "," .. other .. "]")), field)
      expect_missing(refusal(series.decode('{"purchase":[' .. good .. "," .. other .. "]}")), field)
      expect_missing(refusal(series.decode(good .. "\n" .. other)), field)
      local row = field == "datetime" and { purchase = 1 } or { datetime = clock(15) }
      expect_missing(refusal(series.from { { datetime = clock(0), purchase = 1 }, row }), field)
      local line = field == "datetime" and ",1" or "2025-01-01 00:15,"
      for _, rest in ipairs { "", "\n", "\r\n" } do
        expect_missing(refusal(read_csv("datetime,purchase\n2025-01-01 00:00,1\n" .. line .. rest)), field)
      end
      expect_missing(refusal(read_csv('datetime,purchase\n2025-01-01 00:00,1\n' .. line:gsub(",", field == "datetime" and '"",' or ',""'))), field)
    end
  end)

  it("is one issue, and another wrong field is another", function()
    local err = refusal(read_csv("datetime,purchase\n,x\n2025-01-01 00:15,\nx,y\n"))
    expect_places({
      "0 2:1 datetime missing_datetime", "0 2:2 purchase invalid_number", "1 3:18 purchase missing_purchase",
      "2 4:1 datetime invalid_datetime", "2 4:3 purchase invalid_number",
    }, err)
    assert.equal(5, err.total)
  end)

  it("goes by the names that are asked for", function()
    local options = { datetime = "when", value = "MW" }
    local wanted = body { item(clock(0), "1.5") }
    assert.equal(wanted, assert(read_csv("MW,x,when\n1.5,2,2025-01-01 00:00\n", options)):encode())
    assert.equal(wanted, assert(series.decode('[{"MW":1.5,"purchase":2,"when":"2025-01-01 00:00"}]', options)):encode())
    assert.equal(wanted, assert(series.from({ { MW = 1.5, when = "2025-01-01 00:00" } }, options)):encode())
    local err = refusal(series.from({ { MW = 1.5, datetime = "2025-01-01 00:00" } }, options))
    assert.equal('Purchase item at index 0 is missing required field "datetime".', err.message)
  end)
end)

describe("a CSV file", function()
  local two = body { item(clock(0), "1"), item(clock(15), "2") }

  it("may end its lines as it likes, and begin with a byte order mark", function()
    for _, mark in ipairs { "", "\239\187\191" } do
      for _, line_end in ipairs { "\n", "\r\n" } do
        for _, last in ipairs { "", line_end, line_end:rep(5) } do
          local text = mark .. "datetime,purchase" .. line_end .. "2025-01-01 00:00,1" .. line_end
            .. "2025-01-01 00:15,2" .. last
          assert.equal(two, assert(read_csv(text)):encode())
        end
      end
    end
  end)

  it("may have blank lines, which count as lines and not as rows", function()
    local text = "datetime,purchase\n\n2025-01-01 00:00,1\n\r\n\n2025-01-01 00:15,2\n"
    assert.equal(two, assert(read_csv(text)):encode())
    expect_places({ "2 9:18 purchase invalid_number" }, refusal(read_csv(text .. "\n\n2025-01-01 00:30,x\n")))
  end)

  it("may have other delimiters and columns, in any order, in any encoding", function()
    for _, text in ipairs {
      "datetime;purchase\n2025-01-01 00:00;1\n2025-01-01 00:15;2\n",
      "datetime\tpurchase\n2025-01-01 00:00\t1\n2025-01-01 00:15\t2\n",
      "purchase,note,datetime\n1,caf\233,2025-01-01 00:00\n2,,2025-01-01 00:15\n",
      "purchase;a,b;datetime\n1;2,5;2025-01-01 00:00\n2;;2025-01-01 00:15\n",
      "Pen\237nsula,datetime,note,purchase\nx,2025-01-01 00:00,\0,1\n\255,2025-01-01 00:15,\0\0,2",
      "purchase,purchase 2,datetime,x,x\n1,9,2025-01-01 00:00,,\n2,9,2025-01-01 00:15,,\n",
    } do
      assert.equal(two, assert(read_csv(text)):encode())
    end
  end)

  it("may have quoted fields with anything in them", function()
    for _, text in ipairs {
      '"datetime","purchase"\n"2025-01-01 00:00","1"\n2025-01-01 00:15,"2"\n',
      'note,"datetime","purchase"\r\n"a ""b"", c\r\n\nd","2025-01-01 00:00",1\r\n"",2025-01-01 00:15,2',
      'datetime,purchase,"the\nnote"\n2025-01-01 00:00,1,"\n\n"\n2025-01-01 00:15,2,""""\n',
    } do
      assert.equal(two, assert(read_csv(text)):encode())
    end
  end)

  it("counts lines, not rows, behind quoted line breaks", function()
    local text = 'note,datetime,purchase\n"a\nb\r\nc",2025-01-01 00:00,1\nx,2025-01-01 00:15,z\n'
    expect_places({ "1 5:20 purchase invalid_number" }, refusal(read_csv(text)))
    text = '"note\n",datetime,purchase\nx,2025-01-01 00:00,z\n'
    expect_places({ "0 3:20 purchase invalid_number" }, refusal(read_csv(text)))
  end)

  local function expect_row_refused(text, place, detail)
    local err = refusal(read_csv(text))
    assert.equal(place, places(err)[1])
    assert.matches("^Purchase item at index %d+ cannot be read%.$", err.message)
    assert.equal(detail, err.issues[1].detail)
    return err
  end

  it("is refused where quotes are where they must not be", function()
    local start = "datetime,purchase\n2025-01-01 00:00,1\n"
    expect_row_refused(start .. '2025-01-01 00:15,1"2\n', "1 3:19 - invalid_row", "a quote inside an unquoted field")
    expect_row_refused(start .. '2025-01-01 00:15,"1"2\n', "1 3:21 - invalid_row", "text after a closing quote")
    expect_row_refused(start .. '2025-01-01 00:15,"1" \n', "1 3:21 - invalid_row", "text after a closing quote")
    expect_row_refused(start .. '2025-01-01 00:15, "1"\n', "1 3:19 - invalid_row", "a quote inside an unquoted field")
    local err = expect_row_refused(start .. '2025-01-01 00:15,"1\n2025-01-01 00:30,2\n2025-01-01 00:45,x\n',
      "1 3:18 - invalid_row", "a quoted field is never closed")
    assert.same({ "1 3:18 - invalid_row", "3 5:18 purchase invalid_number" }, places(err))
  end)

  it("is refused where a line ends with a carriage return alone", function()
    expect_row_refused("datetime,purchase\n2025-01-01 00:00,1\r2025-01-01 00:15,2\n", "0 2:19 - invalid_row",
      "a carriage return without a line feed")
    local err = refusal(read_csv("datetime,purchase\r2025-01-01 00:00,1\r"))
    assert.same({ "invalid_csv", 1, 18 }, { err.code, err.line, err.column })
  end)

  it("is refused where a row has too few or too many fields", function()
    local start = "datetime,purchase\n2025-01-01 00:00,1\n"
    expect_row_refused(start .. "2025-01-01 00:15\n", "1 3:1 - invalid_row", "1 field where the header has 2")
    expect_row_refused(start .. "2025-01-01 00", "1 3:1 - invalid_row", "1 field where the header has 2")
    expect_row_refused(start .. "2025-01-01 00:15,1,\n", "1 3:1 - invalid_row", "3 fields where the header has 2")
    expect_row_refused(start .. "2025-01-01 00:15;1\n", "1 3:1 - invalid_row", "1 field where the header has 2")
    expect_row_refused(start .. " \n", "1 3:1 - invalid_row", "1 field where the header has 2")
  end)

  it("is refused wherever its last row is cut off, but for the end of a number", function()
    local text = "datetime,purchase\n2025-01-01 00:00,1.25\n2025-01-01 00:15,2.75\n"
    for length = 41, #text - 1 do
      local read, err = read_csv(text:sub(1, length))
      if text:sub(41, length):find ",%d%.?%d*$" and text:sub(length, length) ~= "." then
        assert.equal(2, #read)
      else
        assert.is_nil(read)
        assert.same({ 1, 3 }, { err.issues[1].index, err.issues[1].line })
      end
    end
  end)

  it("must have its two columns, once each", function()
    local function expect_no_column(text, message, options)
      local err = refusal(read_csv(text, options))
      assert.same({ "missing_column", message, 1, 1 }, { err.code, err.message, err.line, err.total })
      assert.equal("missing_column", err.issues[1].code)
    end
    expect_no_column("date,MW\n1,2\n", 'no column "datetime" in the header (it has: date MW)')
    expect_no_column("datetime,MW\n1,2\n", 'no column "purchase" in the header (it has: datetime MW)')
    expect_no_column("Datetime,purchase\n", 'no column "datetime" in the header (it has: Datetime purchase)')
    expect_no_column(" datetime,purchase\n", 'no column "datetime" in the header (it has:  datetime purchase)')
    expect_no_column("datetime,purchase,datetime\n", 'the header has column "datetime" 2 times')
    expect_no_column("datetime,purchase,purchase\n", 'the header has column "purchase" 2 times')
    expect_no_column("2025-01-01 00:00,1\n", 'no column "datetime" in the header (it has: 2025-01-01 00:00 1)')
    expect_no_column("a\233\27,purchase", 'no column "datetime" in the header (it has: a?? purchase)')
    expect_no_column("a,b\n", 'no column "when" in the header (it has: a b)', { datetime = "when" })
    expect_no_column("", "the file is empty")
    expect_no_column("\239\187\191", "the file is empty")
    local err = refusal(read_csv(("name,"):rep(1000) .. "x\n"))
    assert.is_true(#err.message < 250)
    assert.matches("^no column \"datetime\" in the header %(it has: name name", err.message)
  end)

  it("must have a header that is well-formed", function()
    local err = refusal(read_csv('datetime,pur"chase\n'))
    assert.same({ "invalid_csv", "a quote inside an unquoted field", 1, 13, 13 },
      { err.code, err.message, err.line, err.column, err.position })
    err = refusal(read_csv('"datetime,purchase\n2025-01-01 00:00,1\n'))
    assert.same({ "invalid_csv", "a quoted field is never closed", 1, 1 }, { err.code, err.message, err.line, err.column })
  end)

  it("must have rows", function()
    for _, text in ipairs { "datetime,purchase", "datetime,purchase\n", "datetime,purchase\r\n\r\n\n" } do
      local err = refusal(read_csv(text))
      expect_places({ "0 - empty_series" }, err)
      assert.equal("There are no purchase items.", err.message)
    end
  end)

  it("may not have NUL bytes where it counts", function()
    for _, text in ipairs { "2025-01-01 00:00\0,1", "2025-01-01 00:00,1\0", "\0002025-01-01 00:00,1", "2025-01-01\00000:00,1" } do
      assert.equal(1, refusal(read_csv("datetime,purchase\n" .. text .. "\n")).total)
    end
    assert.equal("missing_column", refusal(read_csv "datetime\0,purchase\n2025-01-01 00:00,1\n").code)
  end)

  it("may have long lines, but no endless ones", function()
    local long, most = ("x"):rep(900000), 2 ^ 20 - #"2025-01-01 00:00,1,\n"
    local text = "datetime,purchase,note\n2025-01-01 00:00,1,%s\n2025-01-01 00:15,2,%s\n"
    assert.equal(two, assert(read_csv(text:format(long, long))):encode())
    assert.equal(two, assert(read_csv(text:format(("x"):rep(most), '"' .. ("\n"):rep(most - 2) .. '"'))):encode())
    for _, size in ipairs { most + 1, 2 ^ 20 + 1, 3 * 2 ^ 20 } do
      for _, note in ipairs { ("x"):rep(size), "\0" .. ("\0"):rep(size - 1) } do
        local err = refusal(read_csv(text:format(note, "x") .. "2025-01-01 00:30,y,z\n"))
        expect_places({ "0 2:1 - invalid_row", "2 4:18 purchase invalid_number" }, err)
        assert.equal("a row of more than 1048576 bytes", err.issues[1].detail)
      end
    end
    local err = refusal(read_csv(("x"):rep(3 * 2 ^ 20)))
    assert.same({ "invalid_csv", 1 }, { err.code, err.line })
  end)

  it("does not take what follows a long line for a row, wherever a window ends", function()
    for size = 2 ^ 20, 2 ^ 20 + 2 ^ 18, 2 ^ 13 + 1 do
      local text = "datetime,purchase,note\n2025-01-01 00:00,1," .. ("2025-01-01 00:15,2,"):rep(math.floor(size / 19)) .. "\n"
      expect_places({ "0 2:1 - invalid_row" }, refusal(read_csv(text)))
    end
  end)

  it("is not pulled into memory by a quote that is never closed", function()
    local rows = { '2025-01-01 00:00,"1' }
    for minute = 1, 200000 do
      rows[minute + 1] = clock(minute) .. (minute % 100000 == 0 and ",x" or ",1")
    end
    local err = refusal(read_csv("datetime,purchase\n" .. table.concat(rows, "\n"), { step = 1 }))
    expect_places({
      "0 2:18 - invalid_row", "100000 100002:18 purchase invalid_number", "200000 200002:18 purchase invalid_number",
    }, err)
    assert.equal("a quoted field is never closed", err.issues[1].detail)
  end)
end)

describe("what cannot be opened", function()
  it("is named, with the reason", function()
    local err = refusal(series.read "/nowhere/load.csv")
    assert.same({ "file_unreadable", "cannot read /nowhere/load.csv: No such file or directory", "/nowhere/load.csv" },
      { err.code, err.message, err.file })
    assert.is_nil(err.line)
    err = refusal(series.read "/")
    assert.same({ "file_unreadable", "cannot read /: Is a directory" }, { err.code, err.message })
  end)

  it("may be empty", function()
    assert.equal("the file is empty", refusal(series.read "/dev/null").message)
  end)
end)

describe("standard input", function()
  local lua = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "%d+%.%d+"
  local script = [[
    local read, err = require("purchases.series").read("-")
    io.write(read and read:slice(#read, #read):encode() or tostring(err), " ", read and #read or 0)
  ]]

  -- What the script says, with the shell's words around it.
  local function run(command)
    local program = file_of(script)
    local pipe = assert(io.popen((command:gsub("LUA", lua .. " " .. program))))
    local output = pipe:read "*a"
    pipe:close()
    return output
  end

  local csv = table.concat(lines(rows_of("1", "2", "3"), "%d,%n"), "\n")
  local wanted = body { item(clock(30), "3") } .. " 3"

  it("may be a pipe or a file", function()
    local path = file_of("datetime,purchase\n", csv)
    assert.equal(wanted, run("cat " .. path .. " | LUA"))
    assert.equal(wanted, run("LUA < " .. path))
    local json = file_of('{"purchase":[', table.concat(lines(rows_of("1", "2", "3"), JSON_ROW), ","), "]}")
    assert.equal(wanted, run("cat " .. json .. " | LUA"))
    assert.matches("the file is empty", run "LUA < /dev/null")
    assert.matches("cannot read standard input: ", run "LUA < /")
    assert.matches("cannot read standard input: ", run "LUA <&-")
  end)

  it("may come in pieces, and be larger than a window", function()
    local rows = {}
    for i = 0, 2 ^ 15 do
      rows[i + 1] = ("%04d-01-01 00:00,%d"):format(1 + i % 9999, i)
    end
    local path = file_of("datetime,purchase\n", table.concat(rows, "\n", 1, 9000))
    script = script:gsub('read%("%-"%)', 'read("-", { step = false })')
    assert.matches("9000$", run("{ head -c 100000 " .. path .. "; sleep 0.1; tail -c +100001 " .. path .. "; } | LUA"))
  end)

  it("is read from where it stands", function()
    local path = file_of("a line\n", "datetime,purchase\n", csv)
    local first = lua .. [[ -e 'io.stdin:setvbuf("no") io.read()']]
    assert.matches(wanted, run("{ " .. first .. "; LUA; } < " .. path), 1, true)
  end)
end)

describe("order", function()
  local function csv_of(minutes)
    local rows = {}
    for i, minute in ipairs(minutes) do
      rows[i] = (type(minute) == "number" and clock(minute) or minute) .. ",1\n"
    end
    return "datetime,purchase\n" .. table.concat(rows)
  end

  local function issues_of(minutes, options)
    return refusal(read_csv(csv_of(minutes), options))
  end

  local function expect_one(minutes, place, message, detail, options)
    local err = issues_of(minutes, options)
    expect_places({ place }, err)
    assert.equal(message, err.message)
    assert.equal(detail, err.issues[1].detail)
  end

  -- A day of quarter-hours, one of them changed.
  local function day_with(row, minute)
    local minutes = {}
    for i = 1, 96 do
      minutes[i] = 15 * (i - 1)
    end
    minutes[row] = minute
    return minutes
  end

  it("tells a repeated row", function()
    local message = 'Purchase item at index 2: field "datetime" repeats the item before it.'
    expect_one({ 0, 15, 15, 30, 45 }, "2 4:1 datetime repeated_datetime", message)
    expect_one({ 0, 15, 15, 45, 60 }, "2 4:1 datetime repeated_datetime", message)
    expect_one({ 0, 15, 15 }, "2 4:1 datetime repeated_datetime", message)
    expect_one({ 0, 15, 15, 17 }, "2 4:1 datetime repeated_datetime", message, nil, { step = false })
  end)

  it("tells a row out of order", function()
    local message = 'Purchase item at index 3: field "datetime" is out of order.'
    expect_one({ 0, 15, 30, 0, 60 }, "3 5:1 datetime out_of_order", message, "it lies before the item above it")
    expect_one({ 0, 15, 45, 30, 60, 75 }, "3 5:1 datetime out_of_order", message, "it belongs before the item above it")
    expect_one({ 0, 15, 30, 600, 60 }, "3 5:1 datetime out_of_order", message, "it lies after the item below it")
    expect_one({ 0, 15, 30, 600, 60 }, "3 5:1 datetime out_of_order", message, "it lies after the item below it", { step = false })
  end)

  it("tells one row with a wrong date, whichever, once", function()
    for _, options in ipairs { {}, { tz = "Europe/Madrid" }, { step = false } } do
      for _, date in ipairs { "2024-01-01", "2026-01-01", "2025-01-02", "1999-12-31", "2025-11-01" } do
        for row = 2, 95 do
          local err = issues_of(day_with(row, date .. clock(15 * (row - 1)):sub(11)), options)
          assert.equal(1, err.total)
          assert.same({ row - 1, "out_of_order" }, { err.issues[1].index, err.issues[1].code })
        end
      end
    end
  end)

  it("tells one row that cannot be read, whichever, once", function()
    for _, options in ipairs { {}, { tz = "Europe/Madrid" }, { step = false } } do
      for row = 1, 96 do
        local err = issues_of(day_with(row, "x"), options)
        expect_places({ ("%d %d:1 datetime invalid_datetime"):format(row - 1, row + 1) }, err)
        err = issues_of(day_with(row, "2025-01-01 00:00,1"), options)
        expect_places({ ("%d %d:1 - invalid_row"):format(row - 1, row + 1) }, err)
      end
    end
  end)

  it("tells two rows that changed places, whichever, once", function()
    for _, options in ipairs { {}, { tz = "Europe/Madrid" }, { step = false } } do
      for row = 1, 95 do
        local minutes = day_with(row, 15 * row)
        minutes[row + 1] = 15 * (row - 1)
        assert.equal(1, issues_of(minutes, options).total)
      end
    end
  end)

  it("tells rows that changed places at midnight", function()
    local minutes = {}
    for i = 1, 192 do
      minutes[i] = 15 * (i - 1)
    end
    minutes[96], minutes[97] = minutes[97], minutes[96]
    expect_places({ "96 98:1 datetime out_of_order" }, issues_of(minutes, { tz = "Europe/Madrid" }))
  end)

  it("tells missing rows and how many", function()
    expect_one({ 0, 30, 45 }, "1 3:1 datetime gap", "Purchase item at index 1: 1 item is missing before it (step 15 minutes).")
    expect_one({ 0, 15, 1440 }, "2 4:1 datetime gap", "Purchase item at index 2: 94 items are missing before it (step 15 minutes).")
    expect_one({ 0, 60, 240 }, "2 4:1 datetime gap", "Purchase item at index 2: 2 items are missing before it (step 60 minutes).", nil,
      { step = 60 })
    expect_places({ "1 3:1 datetime gap", "3 5:1 datetime gap" }, issues_of { 0, 30, 45, 75 })
  end)

  it("resamples nothing", function()
    local err = issues_of { 0, 15, 30, 45, 60, 120, 180 }
    expect_places({ "5 7:1 datetime gap", "6 8:1 datetime gap" }, err)
    err = issues_of({ 0, 60, 120, 135, 150, 180 }, { step = 60 })
    expect_places({ "3 5:1 datetime off_grid", "4 6:1 datetime off_grid" }, err)
    err = issues_of({ 0, 30, 60, 75, 90 }, { step = 30 })
    expect_places({ "3 5:1 datetime off_grid" }, err)
  end)

  it("takes other steps, or none", function()
    for _, step in ipairs { 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60 } do
      local minutes = {}
      for i = 1, 100 do
        minutes[i] = step * (i + 1)
      end
      assert.equal(100, #assert(read_csv(csv_of(minutes), { step = step })))
      assert.equal(100, #assert(read_csv(csv_of(minutes), { step = false })))
      minutes[50] = minutes[50] + 60
      assert.equal(1, issues_of(minutes, { step = step }).total)
    end
    local irregular = { 0, 1, 7, 300, 301, 5000 }
    local read = assert(read_csv(csv_of(irregular), { step = false }))
    local items = {}
    for i, minute in ipairs(irregular) do
      items[i] = item(clock(minute), "1")
    end
    assert.equal(body(items), read:encode())
    assert.equal(clock(5000), read:last())
    assert.equal(body { items[4] }, read:encode(4, 4))
  end)

  it("is told for every row of a table, too", function()
    local err = refusal(series.from { { datetime = clock(0), purchase = 1 }, { datetime = clock(0), purchase = 1 }, 7,
      { datetime = clock(90), purchase = 1 } })
    expect_places({ "1 datetime repeated_datetime", "2 - invalid_row", "3 datetime gap" }, err)
    assert.equal("it is not a table", err.issues[2].detail)
  end)

  it("keeps the first thousand issues by row, and counts all", function()
    local rows = {}
    for i = 1, 5000 do
      rows[i] = clock(15 * (i - 1)) .. (i > 500 and ",x\n" or ",1\n")
    end
    table.remove(rows, 300)
    local err = refusal(read_csv("datetime,purchase\n" .. table.concat(rows), { tz = "UTC" }))
    -- The day of the gap, the gap, and the numbers; the last day, which is not whole, comes too late.
    assert.equal(4503, err.total)
    assert.equal(1000, #err.issues)
    assert.same({ "288 290:1 datetime wrong_day_length", "299 301:1 datetime gap", "499 501:18 purchase invalid_number" },
      { unpack(places(err), 1, 3) })
    assert.same({ 499 + 997, "invalid_number" }, { err.issues[1000].index, err.issues[1000].code })
    assert.equal("line 290: " .. err.message .. " (validation, 4503 problems)", tostring(err))
  end)
end)

describe("a time zone", function()
  -- The local times of a day in quarter-hours: minutes in `skipped` are left out, and behind those in
  -- `doubled` they come again.
  local function times_of(date, skipped, doubled)
    local times = {}
    local function add(from, to)
      for minute = from, to - 15, 15 do
        times[#times + 1] = ("%s %02d:%02d"):format(date, math.floor(minute / 60), minute % 60)
      end
    end
    local from, to = unpack(skipped or doubled or { 0, 0 })
    add(0, skipped and from or to)
    add(doubled and from or to, 1440)
    return times
  end

  local function read_times(times, options)
    return read_csv("datetime,purchase\n" .. table.concat(times, ",1\n") .. ",1\n", options)
  end

  local function body_of(times)
    local items = {}
    for i, time in ipairs(times) do
      items[i] = item(time:sub(1, 16), "1")
    end
    return body(items)
  end

  -- zone, date, what its clocks skip or show twice (minutes after midnight), rows
  local days = {
    { "Europe/Madrid", "2025-10-26", nil, { 120, 180 }, 100 }, { "Europe/Madrid", "2026-03-29", { 120, 180 }, nil, 92 },
    { "Europe/Madrid", "2025-10-25", nil, nil, 96 },
    { "Europe/Lisbon", "2025-10-26", nil, { 60, 120 }, 100 }, { "Europe/Lisbon", "2026-03-29", { 60, 120 }, nil, 92 },
    { "Atlantic/Canary", "2025-10-26", nil, { 60, 120 }, 100 }, { "Atlantic/Canary", "2026-03-29", { 60, 120 }, nil, 92 },
    { "America/Havana", "2025-11-02", nil, { 0, 60 }, 100 }, { "America/Havana", "2025-03-09", { 0, 60 }, nil, 92 },
    { "Asia/Beirut", "2025-10-25", nil, { 1380, 1440 }, 100 }, { "Asia/Beirut", "2025-03-30", { 0, 60 }, nil, 92 },
    { "Australia/Lord_Howe", "2025-04-06", nil, { 90, 120 }, 98 },
    { "Australia/Lord_Howe", "2025-10-05", { 120, 150 }, nil, 94 },
    { "Asia/Kathmandu", "2025-06-01", nil, nil, 96 }, { "UTC", "2025-10-26", nil, nil, 96 },
    { "Africa/Monrovia", "1971-06-01", nil, nil, 96 }, -- 44 minutes and 30 seconds west of Greenwich
  }

  local function date_before(date)
    local year, month, day = date:match "(%d+)-(%d+)-(%d+)"
    return ("%s-%s-%02d"):format(year, month, day - 1)
  end

  for _, case in ipairs(days) do
    local zone, date, skipped, doubled, count = unpack(case, 1, 5)
    it(("gives %s %s its %d rows in %s"):format(zone, date, count, "local time"), function()
      local times = times_of(date, skipped, doubled)
      assert.equal(count, #times)
      if doubled and doubled[1] == 0 then -- the day before proves which midnight is meant
        local before = times_of(date_before(date))
        for i = #before, 1, -1 do
          table.insert(times, 1, before[i])
        end
      end
      local read = assert(read_times(times, { tz = zone }))
      assert.equal(body_of(times), read:encode())
      assert.equal(times[#times], read:last())
      local last
      for day in read:days() do
        last = day
      end
      assert.same({ date, count }, { last:date(), #last })
    end)
  end

  it("is the same for local times, offsets and UTC", function()
    local naive = times_of("2025-10-26", nil, { 120, 180 })
    local offset, utc, mixed = {}, {}, {}
    for i, time in ipairs(naive) do
      offset[i] = time:gsub(" ", "T") .. (i <= 12 and "+02:00" or "+01:00")
      local minutes = (i - 1) * 15 - 120
      local date = minutes < 0 and "2025-10-25" or "2025-10-26"
      utc[i] = ("%sT%02d:%02d:00Z"):format(date, math.floor(minutes % 1440 / 60), minutes % 60)
      mixed[i] = ({ time, offset[i], utc[i] })[1 + i * i % 3]
    end
    for _, times in ipairs { naive, offset, utc, mixed } do
      local read = assert(read_times(times, { tz = "Europe/Madrid" }))
      assert.equal(body_of(naive), read:encode())
      assert.same({ 100, 1, "2025-10-26" }, { #read, read:day_count(), read:date() })
      for row = 1, 100, 7 do
        assert.equal(body_of { naive[row] }, read:encode(row, row))
      end
    end
  end)

  it("turns instants into its local time without a grid too", function()
    local read = assert(read_times({ "2025-10-25T18:15Z", "2025-10-25T14:30-04:00" }, { tz = "Asia/Kathmandu", step = false }))
    assert.equal(body_of { "2025-10-26 00:00", "2025-10-26 00:15" }, read:encode())
  end)
end)
