-- A series once it is there, and the rows of Lua tables that one may come from.
local core = require "purchases.core"
local seeds = require "spec.support.seeds"
local support = require "spec.support.rows"
local series = require "purchases.series"

local body, body_of, clock, csv_of = support.body, support.body_of, support.clock, support.csv_of
local expect_places, expect_raise = support.expect_places, support.expect_raise
local item, lines, read_csv, refusal = support.item, support.lines, support.read_csv, support.refusal
local rows_of, some, table_of = support.rows_of, support.some, support.table_of

local is_jit = rawget(_G, "jit") ~= nil
local unpack = table.unpack or unpack -- luacheck: ignore unpack

after_each(support.remove_files)

-- A series of so many rows from every source, by what it reads when it is encoded.
local function sources(count)
  local rows = some(count)
  local general = "note,datetime,purchase\n" .. table.concat(lines(rows, '"a\n",%d,%n'), "\n")
  return {
    ["plain CSV"] = function(options) return assert(read_csv(csv_of(rows), options)) end,
    ["other CSV"] = function(options) return assert(read_csv(general, options)) end,
    ["JSON"] = function(options) return assert(series.decode(body_of(rows), options)) end,
    ["a table"] = function(options) return assert(series.from(table_of(rows), options)) end,
  }
end

local function each_source(count, test)
  for name, make in pairs(sources(count)) do
    for _, options in ipairs { {}, { step = false }, { tz = "UTC", step = false } } do
      test(make(options), name)
    end
  end
end

local function part(first, last)
  local list, rows = {}, some(last)
  for i = first, last do
    list[#list + 1] = rows[i]
  end
  return body_of(list)
end

describe("a series", function()
  it("knows how many rows it has, the first, the last, and its date", function()
    each_source(100, function(read)
      assert.equal(100, #read)
      assert.equal("2025-01-01 00:00", read:first())
      assert.equal("2025-01-02 00:45", read:last())
      assert.equal("2025-01-01", read:date())
      assert.equal(2, read:day_count())
      assert.equal("purchases.series: 100 rows", tostring(read))
    end)
  end)

  it("has a digest, which is that of its body, whoever wrote it", function()
    each_source(200, function(read, name)
      for _, range in ipairs { { 1, 200 }, { 1, 96 }, { 97, 100 }, { 200, 200 }, { 5, 4 } } do
        local slice = read:slice(range[1], range[2])
        assert.equal(core.json.digest(slice:encode()), slice:digest(), name)
      end
      for day in read:days() do
        assert.equal(core.json.digest(day:encode()), day:digest(), name)
      end
    end)
    local one = assert(read_csv("datetime,purchase\n2025-01-01 00:00,1.50\n2025-01-01 00:15,0.1000\n"))
    local other = assert(series.from { { datetime = "2025-01-01T00:00", purchase = 1.5 },
      { datetime = "2025-01-01 00:15:00", purchase = 0.1 } })
    assert.equal(one:digest(), other:digest())
    assert.not_equal(one:digest(), one:slice(1, 1):digest())
    assert.not_equal(one:slice(2, 2):digest(), assert(read_csv "datetime,purchase\n2025-01-01 00:15,0.11\n"):digest())
  end)

  it("knows the first and the last minute of its intervals", function()
    local function span(text, options)
      return { assert(read_csv("datetime,purchase\n" .. text, options)):span() }
    end
    local hour = "2025-01-01 00:00,1\n2025-01-01 01:00,1\n"
    assert.same({ "2025-01-01 00:00", "2025-01-01 01:59" }, span(hour, { step = 60 }))
    assert.same({ "2024-12-31 23:00", "2025-01-01 00:59" }, span(hour, { step = 60, label = "end" }))
    assert.same({ "2024-12-31 23:00", "2025-01-01 00:59" },
      span(hour, { step = 60, label = "end", send_label = "end" }))
    assert.same({ "2025-01-01 00:00", "2025-01-01 01:59" }, span(hour, { step = 15, resolution = 60 }))
    assert.same({ "2025-01-01 00:00", "2025-01-01 01:00" }, span(hour, { step = false }))
    local zoned = "2025-07-01T00:07+02:00,1\n2025-07-01T00:09+02:00,1\n"
    assert.same({ "2025-06-30T22:07Z", "2025-06-30T22:09Z" }, span(zoned, { tz = "Europe/Madrid", step = false }))
    assert.same({}, { assert(read_csv("datetime,purchase\n" .. hour, { step = 60 })):slice(2, 1):span() })
  end)

  it("tells the two quarter-hours of an hour that comes twice apart by its span, whatever the grid", function()
    local rows = {}
    for quarter = 0, 99 do -- Madrid's 100 quarter-hours of 2025-10-26, from 2025-10-25T22:00Z on
      local minute = 22 * 60 + quarter * 15
      rows[#rows + 1] = { ("2025-10-%dT%02d:%02dZ"):format(25 + math.floor(minute / 1440),
        math.floor(minute / 60) % 24, minute % 60), "5" }
    end
    for _, options in ipairs { { tz = "Europe/Madrid" }, { tz = "Europe/Madrid", step = false } } do
      local read = assert(read_csv(csv_of(rows), options))
      local first, second = read:slice(9, 12), read:slice(13, 16)
      assert.same({ "2025-10-26 02:00", "2025-10-26 02:45" }, { first:first(), second:last() })
      assert.same({ first:encode(), first:digest() }, { second:encode(), second:digest() })
      local last_minutes = options.step == false and { "00:45", "01:45" } or { "00:59", "01:59" }
      assert.same({ "2025-10-26T00:00Z", ("2025-10-26T%sZ"):format(last_minutes[1]) }, { first:span() })
      assert.same({ "2025-10-26T01:00Z", ("2025-10-26T%sZ"):format(last_minutes[2]) }, { second:span() })
    end
  end)

  it("is encoded whole or in part, in any order, as often as wanted", function()
    each_source(200, function(read, name)
      local whole = part(1, 200)
      assert.equal(whole, read:encode())
      for _, range in ipairs {
        { 1, 200 }, { 1, 1 }, { 200, 200 }, { 96, 97 }, { 97, 192 }, { 150, 160 }, { 2, 199 }, { 193, 200 }, { 1, 96 },
      } do
        assert.equal(part(range[1], range[2]), read:encode(range[1], range[2]), name)
      end
      assert.equal(part(42, 200), read:encode(42))
      assert.equal(part(1, 7), read:encode(nil, 7))
      assert.equal(whole, read:encode())
    end)
  end)

  it("is encoded in every part of it", function()
    each_source(8, function(read)
      for first = 1, 8 do
        for last = first, 8 do
          assert.equal(part(first, last), read:encode(first, last))
          assert.equal(part(first, last), read:slice(first, last):encode())
        end
      end
    end)
  end)

  it("is cut into slices, and those into slices", function()
    each_source(200, function(read)
      local slice = read:slice(50, 150)
      assert.same({ 101, clock(49 * 15), clock(149 * 15), "2025-01-01" },
        { #slice, slice:first(), slice:last(), slice:date() })
      assert.equal(part(50, 150), slice:encode())
      assert.equal(part(51, 52), slice:encode(2, 3))
      local inner = slice:slice(48, 101)
      assert.equal(part(97, 150), inner:encode())
      assert.same({ "2025-01-02", 1 }, { inner:date(), inner:day_count() })
      assert.equal(part(50, 150), slice:slice():encode())
      assert.equal(part(60, 150), slice:slice(11):encode())
    end)
  end)

  it("may be cut into nothing", function()
    each_source(3, function(read)
      for _, empty in ipairs {
        read:slice(4), read:slice(2, 1), read:slice(3, 0), read:slice(2 ^ 50), read:slice(4, -9),
      } do
        assert.equal(0, #empty)
        assert.equal(0, select("#", empty:first()))
        assert.equal(0, select("#", empty:last()))
        assert.equal(0, select("#", empty:date()))
        assert.equal(0, empty:day_count())
        assert.is_nil(empty:days()())
        assert.equal(body {}, empty:encode())
        assert.equal(0, #empty:slice())
      end
      assert.equal(body {}, read:encode(4))
      assert.equal(body {}, read:encode(2 ^ 52))
      assert.equal(part(1, 3), read:encode())
    end)
  end)

  it("goes through its days", function()
    each_source(200, function(read)
      local days = {}
      for day in read:days() do
        days[#days + 1] = { day:date(), #day, day:first(), day:last() }
      end
      assert.same({
        { "2025-01-01", 96, clock(0), clock(95 * 15) }, { "2025-01-02", 96, clock(1440), clock(191 * 15) },
        { "2025-01-03", 8, clock(2880), clock(199 * 15) },
      }, days)
    end)
  end)

  it("goes through the days of a slice, of which the first and the last may be cut", function()
    each_source(300, function(read)
      local slice, days = read:slice(90, 200), {}
      for day in slice:days() do
        days[#days + 1] = { day:date(), #day, day:encode() }
      end
      assert.same({
        { "2025-01-01", 7, part(90, 96) }, { "2025-01-02", 96, part(97, 192) }, { "2025-01-03", 8, part(193, 200) },
      }, days)
      assert.equal(3, slice:day_count())
      local next_day = slice:days()
      for _ = 1, 3 do
        next_day()
      end
      assert.is_nil(next_day())
      assert.is_nil(next_day())
    end)
  end)

  it("lives as long as a slice or a loop over its days does", function()
    each_source(200, function(read)
      local slice, next_day = read:slice(97, 192), read:days()
      read = nil -- luacheck: ignore read
      collectgarbage()
      collectgarbage()
      assert.equal(part(1, 96), next_day():encode())
      assert.equal(part(97, 192), slice:encode())
      collectgarbage()
      assert.equal(part(97, 192), next_day():encode())
    end)
  end)

  it("is of no use after it was closed, but its slices are", function()
    each_source(100, function(read)
      local slice, next_day, close = read:slice(1, 2), read:days(), getmetatable(read).__gc
      close(read)
      close(read)
      for _, name in ipairs { "encode", "first", "last", "date", "slice", "days", "day_count" } do
        assert.error_matches(function() read[name](read) end, "(series is closed)", 1, true)
      end
      assert.error_matches(function() return #read end, "(series is closed)", 1, true)
      assert.has_error(next_day, "series is closed")
      assert.equal(part(1, 2), slice:encode())
    end)
  end)

  it("is of one kind, whether it has one day or more", function()
    local day, days = assert(series.from(table_of(some(3)))), assert(series.from(table_of(some(100))))
    for _, read in ipairs { day, days } do
      assert.equal(part(1, 3), read.encode(day))
      assert.equal(part(2, 3), read.encode(day, 2))
      assert.equal(part(1, 100), read.encode(days))
      assert.equal(2, read.day_count(days))
      assert.equal(part(1, 3), read.days(day)():encode())
      assert.equal(3, getmetatable(read).__len(day))
      assert.equal("purchases.series: 100 rows", getmetatable(read).__tostring(days))
      assert.equal("purchases.series", getmetatable(read).__name)
      for _, other in ipairs { false, 1, "x", {}, setmetatable({}, getmetatable(day)), io.stdout } do
        assert.error_matches(function() read.encode(other) end, "(purchases.series expected, got ", 1, true)
      end
    end
  end)

  it("of one day is of no use after it was closed, but its slices are", function()
    local day = assert(series.from(table_of(some(3))))
    local slice, next_day, close = day:slice(1, 2), day:days(), getmetatable(day).__close
    close(day)
    close(day)
    assert.has_error(next_day, "series is closed")
    assert.has_error(function() day:encode() end, "calling 'encode' on bad self (series is closed)")
    assert.error_matches(function() return #day end, "(series is closed)", 1, true)
    collectgarbage()
    assert.equal(part(1, 2), slice:encode())
    assert.equal(part(2, 2), slice:encode(2, 2))
  end)

  if not is_jit and _VERSION ~= "Lua 5.1" then
    it("is closed at the end of its block", function()
      local closed = assert(load [[
        local read = ...
        do local mine <close> = read end
        return pcall(read.encode, read)
      ]])
      assert.is_false((closed(sources(1).JSON())))
    end)
  end
end)

describe("misuse of a series", function()
  local read

  before_each(function()
    read = sources(3).JSON()
  end)

  it("raises at the line of the call", function()
    expect_raise("rows are counted from 1", function()
      return read:encode(0), nil
    end)
    expect_raise("beyond the last row", function()
      return read:encode(1, 4), nil
    end)
    expect_raise("rows are counted from 1", function()
      return read:slice(-1, 2), nil
    end)
    expect_raise("beyond the last row", function()
      return read:slice(4, 4), nil
    end)
    expect_raise("number expected, got string", function()
      return read:encode "x", nil
    end)
    expect_raise("number expected, got table", function()
      return read:slice(1, {}), nil
    end)
    expect_raise("number has no integer representation", function()
      return read:encode(1.5), nil
    end)
    expect_raise("number has no integer representation", function()
      return read:encode(1, 0 / 0), nil
    end)
    expect_raise("number has no integer representation", function()
      return read:slice(1, 2.5), nil
    end)
    expect_raise("purchases.series", function()
      return read.encode(), nil
    end)
    expect_raise("purchases.series", function()
      return read.first {}, nil
    end)
    expect_raise("purchases.series", function()
      return read.days(io.stdout), nil
    end)
  end)

  it("raises where an argument is of the wrong type", function()
    expect_raise("series.read: expected a string, got nil", function()
      return series.read(), nil
    end)
    expect_raise("series.read: expected a string, got number", function()
      return series.read(1), nil
    end)
    expect_raise("series.decode: expected a string, got table", function()
      return series.decode {}, nil
    end)
    expect_raise("series.from: expected a table, got string", function()
      return series.from "[]", nil
    end)
  end)

  it("raises where an option is unknown or wrong", function()
    expect_raise("series.read: unknown option 'zone' (there are: datetime, decimal, delimiter, ", function()
      return series.read("/nowhere", { zone = "UTC" }), nil
    end)
    expect_raise("series.decode: unknown option '1'", function()
      return series.decode("[]", { "UTC" }), nil
    end)
    expect_raise("series.from: unknown option 'Step'", function()
      return series.from({}, { Step = 15 }), nil
    end)
    expect_raise("series.decode: options must be a table, not string", function()
      return series.decode("[]", "UTC"), nil
    end)
    expect_raise("option 'tz' must be a string, not number", function()
      return series.decode("[]", { tz = 1 }), nil
    end)
    expect_raise("option 'datetime' must be a string or number or table, not boolean", function()
      return series.from({}, { datetime = true }), nil
    end)
    expect_raise("option 'value' must be a string or number or table, not boolean", function()
      return series.from({}, { value = false }), nil
    end)
    expect_raise("option 'step' must be a number or boolean, not string", function()
      return series.from({}, { step = "15" }), nil
    end)
    expect_raise("series.read: a path must not hold a NUL byte", function()
      return series.read "/etc/hostname\0.csv", nil
    end)
    for _, name in ipairs { "datetime", "value" } do
      expect_raise(("option '%s' must not hold a NUL byte"):format(name), function()
        return series.from({}, { [name] = "purchase\0" }), nil
      end)
    end
    for _, step in ipairs { 0, -15, 7, 1.5, 61, 120, true, 0 / 0, 1 / 0, -1 / 0 } do
      expect_raise("option 'step' must be false or a whole number of minutes that divides 60", function()
        return series.from({}, { step = step }), nil
      end)
    end
  end)

  it("leaves the options as they were", function()
    local options = { tz = "UTC", step = false }
    assert(series.from(table_of(some(3)), options))
    assert.same({ tz = "UTC", step = false }, options)
    assert.equal(3, #assert(series.from(table_of(some(3)), setmetatable({}, {
      __newindex = function() error "changed" end,
    }))))
  end)
end)

describe("a Lua table", function()
  local THREE = body_of(rows_of("1", "2", "3"))
  local STRAY = "rows are counted from 1, without a hole"

  local function three()
    return table_of(rows_of(1, 2, 3))
  end

  it("is a list of rows, or has one as purchase", function()
    assert.equal(THREE, assert(series.from(three())):encode())
    assert.equal(THREE, assert(series.from { purchase = three() }):encode())
    assert.equal(THREE, assert(series.from { purchase = three(), retailer = "x" }):encode())
  end)

  it("may have other keys, and so may its rows", function()
    local rows = three()
    rows.n, rows.note, rows[true], rows["2"] = 3, {}, 1, { datetime = clock(30), purchase = 9 }
    rows[2].note, rows[2][1], rows[2][false] = "x", 7, {}
    assert.equal(THREE, assert(series.from(rows)):encode())
    rows = three()
    rows["4"] = { datetime = clock(45), purchase = 9 } -- no number: no row
    assert.equal(THREE, assert(series.from(rows)):encode())
  end)

  it("must have rows", function()
    for _, rows in ipairs {
      {}, { purchase = {} }, { purchase = 5 }, { rows = {} }, { ["1"] = {} }, { datetime = clock(0), purchase = 1 },
    } do
      expect_places({ "0 - empty_series" }, refusal(series.from(rows)))
    end
  end)

  it("must have no holes, wherever", function()
    for count = 2, 200, 33 do
      for hole = 1, count - 1 do
        local rows = table_of(some(count))
        rows[hole] = nil
        local err = refusal(series.from(rows))
        local issue = err.issues[1]
        assert.equal("invalid_row", issue.code)
        -- Lua takes either end of the list for its length.
        if issue.detail == STRAY then
          assert.equal(hole - 1, issue.index)
        else
          assert.same({ hole - 1, "it is not a table" }, { issue.index, issue.detail })
        end
      end
    end
  end)

  it("has its other issues told beside a hole", function()
    local rows = { unpack(table_of(some(5))) }
    rows[3], rows[4].purchase = nil, "x"
    -- Lua takes either end of the list for its length.
    local rest = #rows == 5 and "3 purchase invalid_number" or nil
    expect_places({ "2 - invalid_row", rest }, refusal(series.from(rows)))
  end)

  it("must have no rows beside those from 1 on", function()
    for _, key in ipairs { 0, -1, 1.5, 2 ^ 53, -2 ^ 53, 1e300, 1 / 0, 5 } do
      local rows = three()
      rows[key] = { datetime = clock(45), purchase = 4 }
      local err = refusal(series.from(rows))
      assert.same({ "invalid_row", STRAY }, { err.issues[#err.issues].code, err.issues[#err.issues].detail })
      expect_places({ "3 - invalid_row" }, err)
    end
  end)

  it("must have none however long it is, and however it came about", function()
    local function literal(count)
      return { unpack(table_of(some(count))) }
    end
    local function backwards(count)
      local rows, filled = table_of(some(count)), {}
      for i = count, 1, -1 do
        filled[i] = rows[i]
      end
      return filled
    end
    local function shortened(count)
      local rows = table_of(some(count + 40))
      for i = count + 40, count + 1, -1 do
        rows[i] = nil
      end
      return rows
    end
    local function reused(count)
      local filled = {}
      for i = 1, 2 * count do
        filled["x" .. i] = i
      end
      for key in pairs(filled) do
        filled[key] = nil
      end
      for i, row in ipairs(table_of(some(count))) do
        filled[i] = row
      end
      return filled
    end
    for _, make in ipairs { literal, backwards, shortened, reused } do
      for _, count in ipairs { 1, 2, 8, 63, 64, 70, 96, 100, 126, 127, 128 } do
        assert.equal(body_of(some(count)), assert(series.from(make(count))):encode())
        for _, key in ipairs { 0, -1, 1.5, count + 2, count + 30, 255, 1000, 2 ^ 53, -2 ^ 53, 1 / 0 } do
          local rows = make(count)
          rows[key] = rows[1]
          local codes = {}
          for _, issue in ipairs(refusal(series.from(rows)).issues) do
            codes[issue.code] = true
          end
          assert.is_true(codes.invalid_row)
        end
      end
    end
  end)

  it("is told from one with a hole or more rows, at random", function()
    local rows, refused = table_of(some(400)), 0
    math.randomseed(seeds.one "series_methods")
    for _ = 1, 3000 do
      local count, filled = math.random(140), math.random() < 0.2 and { x = 1, y = 2, z = 3 } or {}
      local from, to, by = 1, count + math.random(0, 40), 1
      if math.random() < 0.3 then
        from, to, by = to, from, -1
      end
      for i = from, to, by do
        filled[i] = rows[i]
      end
      for i = math.max(from, to), count + 1, -1 do
        filled[i] = nil
      end
      local stray = count + 1 + math.random(200)
      local hole = math.random() < 0.3 and math.random(count)
      filled[stray] = math.random() < 0.3 and rows[1] or nil
      if hole then
        filled[hole] = nil
      end
      local made, err = series.from(filled)
      if filled[stray] or hole and hole < count then
        assert.equal("validation", err and err.kind)
        refused = refused + 1
      else
        assert.equal(hole and count - 1 or count, made and #made or 0)
      end
    end
    assert.is_true(refused > 500)
  end)

  it("may have been filled in any order", function()
    local wanted = body_of(some(300))
    local rows, filled = table_of(some(300)), {}
    for i = 300, 1, -1 do
      filled[i] = rows[i]
    end
    assert.equal(wanted, assert(series.from(filled)):encode())
    filled = { x = 1, y = 2, z = 3 }
    for i = 0, 299 do
      filled[1 + i * 7 % 300] = rows[1 + i * 7 % 300]
    end
    assert.equal(wanted, assert(series.from(filled)):encode())
  end)

  it("has its issues wherever a row is wrong, and only there", function()
    for row = 1, 200 do
      local rows = table_of(some(200))
      rows[row].purchase = "1"
      expect_places({ ("%d purchase invalid_number"):format(row - 1) }, refusal(series.from(rows)))
      rows[row] = row
      local err = refusal(series.from(rows))
      expect_places({ ("%d - invalid_row"):format(row - 1) }, err)
      assert.equal("it is not a table", err.issues[1].detail)
    end
  end)

  it("counts for what it holds itself, not for what its metatable says", function()
    local row = setmetatable({ purchase = 2 }, { __index = { datetime = clock(15) } })
    expect_places({ "1 datetime missing_datetime" },
      refusal(series.from { { datetime = clock(0), purchase = 1 }, row }))
    local proxy = setmetatable({}, { __index = three(), __len = function() return 3 end })
    expect_places({ "0 - empty_series" }, refusal(series.from(proxy)))
    local odd = setmetatable(three(), {
      __len = function() return 1 end, __pairs = error, __ipairs = error, __index = error, __newindex = error,
      __call = error, __tostring = error, __eq = error,
    })
    assert.equal(THREE, assert(series.from(odd)):encode())
  end)

  it("may have items that its metatable gives", function()
    local given = setmetatable({}, { __index = { purchase = three() } })
    assert.equal(THREE, assert(series.from(given)):encode())
  end)

  it("may be changed by its own metatable, as long as it comes out right", function()
    local rows = setmetatable({}, {
      __index = function(self, key)
        if key == 1 then
          for i, row in ipairs(three()) do
            rawset(self, i, row)
          end
        end
      end,
    })
    assert.equal(THREE, assert(series.from(rows)):encode())
    local raising = setmetatable({}, { __index = function() error("no such row", 0) end })
    assert.has_error(function() series.from(raising) end, "no such row")
  end)

  it("may be changed by a finalizer in between", function()
    local rows = table_of(some(2000))
    local newproxy = rawget(_G, "newproxy")
    local guard = newproxy and newproxy(true) or setmetatable({}, { __gc = false })
    getmetatable(guard).__gc = function()
      for i = #rows, 1, -1 do
        rows[i] = nil
      end
    end
    guard = nil -- luacheck: ignore guard
    local read, err = series.from(rows)
    assert.is_true(read ~= nil and read:encode() == body_of(some(2000)) or err ~= nil)
    collectgarbage()
  end)

  it("is left as it was, and may be changed afterwards", function()
    local function frozen(row)
      return setmetatable(row, { __newindex = function() error "changed" end })
    end
    local rows, copy = three(), three()
    for _, row in ipairs(rows) do
      frozen(row)
    end
    local read = assert(series.from(frozen(rows)))
    for i, row in ipairs(rows) do
      assert.same(copy[i], { datetime = rawget(row, "datetime"), purchase = rawget(row, "purchase") })
    end
    assert.equal(3, #rows)
    rows[1].purchase, rows[2].datetime, rows[3] = 99, "x", nil
    collectgarbage()
    assert.equal(THREE, read:encode())
  end)

  it("may have the same row in several lists", function()
    local shared = { datetime = clock(0), purchase = 1 }
    local one, other = assert(series.from { shared }), assert(series.from { shared })
    assert.equal(body { item(clock(0), "1") }, one:encode())
    assert.equal(one:encode(), other:encode())
    expect_places({ "1 datetime repeated_datetime" }, refusal(series.from { shared, shared }))
  end)
end)
