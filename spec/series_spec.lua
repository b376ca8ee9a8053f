local core = require "purchases.core"
local seeds = require "spec.support.seeds"
local support = require "spec.support.rows"
local series = require "purchases.series"

local unpack = table.unpack or unpack -- luacheck: ignore unpack
local JSON_ROW, body, clock = support.JSON_ROW, support.body, support.clock
local expect_places, item, lines, places = support.expect_places, support.item, support.lines, support.places
local read_csv, read_text, refusal = support.read_csv, support.read_text, support.refusal
local rows_of, table_of, texts = support.rows_of, support.table_of, support.texts

local FORMAT = 'invalid datetime format. Expected "YYYY-MM-DD HH:MM" (e.g., "2024-01-15 14:30").'

after_each(support.remove_files)

describe("a number (fault 18)", function()
  local accepted = {
    { "0", "0" }, { "-0", "0" }, { "0.0", "0" }, { "-0.000", "0" }, { "1", "1" }, { "-1", "-1" },
    { "12.500", "12.5" }, { "12.0", "12" }, { "12.05", "12.05" }, { "100", "100" },
    { "1200.00", "1200" }, { "0.1", "0.1" }, { "0.10", "0.1" }, { "0.001", "0.001" },
    { "-0.50", "-0.5" }, { "123456789.12345", "123456789.12345" },
    { "12345678901234.5", "12345678901234.5" }, { "1234567890123.50", "1234567890123.5" },
    { "9007199254740993", "9007199254740993" }, { "9007199254740993.00", "9007199254740993" },
    { "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827" },
    { "123456789012345678901234567890", "123456789012345678901234567890" },
    { "1e5", "100000" }, { "1E+5", "100000" }, { "1.50e2", "150" }, { "1.0E-2", "0.01" },
    { "1e21", "1000000000000000000000" }, { "-2.5e-20", "-0.000000000000000000025" },
    { "1e-400", "1e-400" }, { "1.7976931348623157e308", "1.7976931348623157e308" },
    { "-1e308", "-1e308" }, { "0e0", "0" }, { ("9"):rep(300), ("9"):rep(300) },
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
    assert.matches("^" .. detail, err.issues[1].detail)
  end

  local function quoted(text)
    return "'" .. text:gsub("%p", "%%%0") .. "' is not a number"
  end

  it("is read where it is written as people write it", function()
    local cases = {
      { " 1", "1" }, { "1 ", "1" }, { "+1.5", "1.5" }, { ".5", "0.5" }, { "-.50", "-0.5" }, { "007.5", "7.5" },
    }
    for _, case in ipairs(cases) do
      local read = assert(read_csv("datetime,purchase\n2025-01-01 00:00," .. case[1] .. "\n"))
      assert.equal(body { item(clock(0), case[2]) }, read:encode())
    end
  end)

  local refused = {
    "NaN", "nan", "inf", "Infinity", "-inf", "1e400", "-1e400", "1.7976931348623159e308",
    "1e99999999999999999999", "0x10", "0X1P3", "1_000", "1 000",
    "-", "--1", "1-", "1e", "1e+", "1e5.5", "1.5.2", "1f",
    "true", "null", "'1'", "1'000.5", "1;5",
  }

  it("is refused in CSV if it is none, or no double is near to it", function()
    local make = texts[1][4]
    for _, text in ipairs(refused) do
      expect_refused(make(rows_of("1", text, "2")), "1 3:18 purchase invalid_number", quoted(text))
    end
  end)

  it("is told to have a decimal comma", function()
    for _, rows in ipairs { 'datetime,purchase\n%s,"1"\n%s,"1,5"\n', "datetime;purchase\n%s;1\n%s;1,5\n" } do
      local column = rows:find('"', 1, true) and 19 or 18
      expect_refused(
        read_text(rows:format(clock(0), clock(15))),
        ("1 3:%d purchase invalid_number"):format(column),
        quoted "1,5" .. ': a decimal comma; say decimal = ","$'
      )
    end
    local err = refusal(read_csv("datetime,purchase\n2025-01-01 00:00,1,5\n"))
    expect_places({ "0 2:1 - invalid_row" }, err)
    assert.equal("Purchase item at index 0 cannot be read.", err.message)
    assert.matches("^3 fields where the header has 2: a decimal comma between commas", err.issues[1].detail)
  end)

  it("is shown in an issue as text that any program can show", function()
    local cases = {
      { "12\226\130\172", "'12\226\130\172' is" }, { "12\233", "'12%?' is" }, { "1\0002", "'1%?2' is" },
      { "\27[31m1", "'%?%[31m1' is" }, { ("\195\169"):rep(40), "'" .. ("\195\169"):rep(30) },
    }
    for _, case in ipairs(cases) do
      local err = refusal(read_csv("datetime,purchase\n2025-01-01 00:00," .. case[1] .. "\n"))
      assert.matches("^" .. case[2], err.issues[1].detail)
      assert.is_string(core.json.write_string(err.issues[1].detail))
    end
  end)

  it("is refused in JSON if it is another value", function()
    for i = 2, #texts do
      local _, before, _, make = unpack(texts[i])
      for _, value in ipairs { '"1"', '"12.5"', "true", "false", "null", "[]", "{}", "[1]", '{"a":1}' } do
        local read = make(rows_of("1", value, "2"))
        local place = ("1 %d:43 purchase invalid_number"):format(before + 2)
        expect_refused(read, place, "found " .. (value:match "^[%[{]" or value):gsub("%p", "%%%0"))
      end
      expect_refused(make(rows_of("1", "1e400", "2")), ("1 %d:43 purchase invalid_number"):format(before + 2),
        quoted "1e400")
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
      { 0, "0" }, { -0.0, "0" }, { 12, "12" }, { 12.0, "12" }, { 12.5, "12.5" }, { 0.1, "0.1" },
      { 0.1 + 0.2, "0.30000000000000004" }, { 2 ^ 53, "9007199254740992" }, { 1e21, "1000000000000000000000" },
      { 1e-7, "0.0000001" }, { -1e300, "-1e+300" }, { 5e-324, "5e-324" }, { 1 / 3, "0.3333333333333333" },
    }
    for _, case in ipairs(cases) do
      local made = assert(series.from { { datetime = clock(0), purchase = case[1] } })
      assert.equal(body { item(clock(0), case[2]) }, made:encode())
    end
    local zero = 0
    local made = assert(series.from { { datetime = clock(0), purchase = -1 / (1 / zero) } })
    assert.equal(body { item(clock(0), "0") }, made:encode())
  end)

  it("of a Lua table survives whatever double it is", function()
    local rows, random = {}, math.random
    math.randomseed(seeds.one "series")
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
    local cases = {
      { "1", 'found "1"' }, { "12,5", 'found "12,5"' }, { "", 'found ""' },
      { "1\0002", 'found "1?2"' }, { ("x"):rep(1000), 'found "' .. ("x"):rep(62) }, { true, "found a boolean" },
      { false, "found a boolean" }, { {}, "found a table" }, { print, "found a function" }, { 0 / 0, "found nan" },
      { -(0 / 0), "found nan" }, { math.huge, "found inf" }, { -math.huge, "found -inf" },
    }
    for _, case in ipairs(cases) do
      local err = refusal(series.from(table_of(rows_of(1, case[1], 2))))
      expect_places({ "1 purchase invalid_number" }, err)
      assert.equal('Purchase item at index 1: field "purchase" must be a number (in MW unit).', err.message)
      assert.equal(case[2], err.issues[1].detail)
    end
  end)

  it("of a Lua table keeps its digits where it is an integer that no double is", function()
    if not math.type then
      return -- no integers
    end
    local big, rows, items = math.tointeger(2 ^ 53), {}, {}
    local values = {
      big + 1, -big - 1, 1, big, -big, 123456789012345678, 999999999999999999, 1000000000000000000, 12.5, big * 2,
      math.tointeger(2 ^ 60), math.maxinteger, math.maxinteger - 1, math.mininteger, math.mininteger + 1, 0.001,
    }
    for i, value in ipairs(values) do
      local written = math.type(value) == "integer" and ("%d"):format(value) or tostring(value)
      rows[i], items[i] = { datetime = clock(15 * (i - 1)), purchase = value }, item(clock(15 * (i - 1)), written)
      assert.equal(body { item(clock(0), written) },
        assert(series.from { { datetime = clock(0), purchase = value } }):encode())
    end
    assert.equal(body(items), assert(series.from(rows)):encode())
  end)
end)

describe("a datetime (fault 22)", function()
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
    "01/01/2025 00:15", "2025-01-01", "00:15", "2025-01-01  00:15",
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
      local rows = table_of(rows_of(1, 2, 3))
      rows[2].datetime = text
      expect_places({ "1 datetime invalid_datetime" }, refusal(series.from(rows)))
    end
  end)

  it("says what is wrong with it", function()
    local function detail(text)
      return refusal(read_csv("datetime,purchase\n" .. text .. ",1\n")).issues[1].detail
    end
    assert.matches("2025-02-29: February 2025 has 28 days", detail "2025-02-29 00:15", 1, true)
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
      assert.equal(1, err.total)
      assert.matches("^1 %d:%d+ datetime off_grid$", places(err)[1])
      assert.equal('Purchase item at index 1: field "datetime" is not on a grid of 15 minutes.', err.message)
    end
    local err = refusal(series.from({ { datetime = clock(15), purchase = 1 } }, { step = 30 }))
    expect_places({ "0 datetime off_grid" }, err)
  end)
end)

describe("a missing field", function()
  local function expect_missing(err, field)
    local issue = err.issues[1]
    assert.same({ 1, 1, field, "missing_" .. field }, { err.total, issue.index, issue.field, issue.code })
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
      local quoted = line:gsub(",", field == "datetime" and '"",' or ',""')
      expect_missing(refusal(read_csv("datetime,purchase\n2025-01-01 00:00,1\n" .. quoted)), field)
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
