local support = require "spec.support.rows"
local series = require "purchases.series"

local unpack = table.unpack or unpack -- luacheck: ignore unpack
local body, clock, expect_places, item = support.body, support.clock, support.expect_places, support.item
local places, read_csv, refusal = support.places, support.read_csv, support.refusal

after_each(support.remove_files)

describe("order (fault 21)", function()
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
    expect_one({ 0, 15, 30, 600, 60 }, "3 5:1 datetime out_of_order", message, "it lies after the item below it",
      { step = false })
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
    local message = "Purchase item at index %d: %s missing before it (step %d minutes)."
    expect_one({ 0, 30, 45 }, "1 3:1 datetime gap", message:format(1, "1 item is", 15))
    expect_one({ 0, 15, 1440 }, "2 4:1 datetime gap", message:format(2, "94 items are", 15))
    expect_one({ 0, 60, 240 }, "2 4:1 datetime gap", message:format(2, "2 items are", 60), nil, { step = 60 })
    expect_places({ "1 3:1 datetime gap", "3 5:1 datetime gap" }, issues_of { 0, 30, 45, 75 })
  end)

  it("tells how where all rows are as far apart, but not as the step says", function()
    local hint = "All rows are %d minutes apart: give step = %d, or resolution = %d to make rows of %d minutes of them"
    for apart, steps in pairs { [30] = { 1, 10, 15 }, [60] = { 15, 30 }, [20] = { 5 } } do
      for _, step in ipairs(steps) do
        for _, count in ipairs { 2, 3, 50 } do
          local minutes = {}
          for i = 1, count do
            minutes[i] = apart * i
          end
          local err = issues_of(minutes, { step = step })
          assert.equal(count - 1, err.total)
          assert.matches(hint:format(apart, apart, apart, step), err.message, 1, true)
          assert.equal(err.message, err.issues[1].message)
          minutes[count + 1] = minutes[count] + step
          assert.not_matches("All rows", issues_of(minutes, { step = step }).message)
        end
      end
    end
    assert.not_matches("All rows", issues_of({ 0, 45, 90 }).message) -- divides no hour
    assert.not_matches("All rows", issues_of({ 0, 1440, 2880 }).message)
  end)

  it("resamples nothing (fault 22)", function()
    local err = issues_of { 0, 15, 30, 45, 60, 120, 180 }
    expect_places({ "5 7:1 datetime gap", "6 8:1 datetime gap" }, err)
    err = issues_of({ 0, 60, 120, 135, 150, 180 }, { step = 60 })
    expect_places({ "3 5:1 datetime off_grid x2" }, err)
    assert.equal('2 rows: field "datetime" is not on a grid of 60 minutes (first at line 5)', err.message)
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
    for i = 1, 6000 do
      if i % 3 ~= 0 then
        rows[#rows + 1] = clock(15 * (i - 1)) .. (i > 4500 and ",x\n" or ",1\n")
      end
    end
    local err = refusal(read_csv("datetime,purchase\n" .. table.concat(rows)))
    -- Each gap is one; the numbers are one, too, and come too late.
    assert.equal(1999 + 1000, err.total)
    assert.equal(1000, #err.issues)
    assert.same({ "2 4:1 datetime gap", "4 6:1 datetime gap" }, { unpack(places(err), 1, 2) })
    assert.same({ 2000, "gap" }, { err.issues[1000].index, err.issues[1000].code })
    assert.equal("line 4: " .. err.message .. " (validation, 2999 problems)", tostring(err))
  end)
end)

describe("a time zone (fault 21)", function()
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
    { "Atlantic/Canary", "2025-10-26", nil, { 60, 120 }, 100 },
    { "Atlantic/Canary", "2026-03-29", { 60, 120 }, nil, 92 },
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
    local times = { "2025-10-25T18:15Z", "2025-10-25T14:30-04:00" }
    local read = assert(read_times(times, { tz = "Asia/Kathmandu", step = false }))
    assert.equal(body_of { "2025-10-26 00:00", "2025-10-26 00:15" }, read:encode())
  end)

  local MADRID = { tz = "Europe/Madrid" }

  local function expect_clock_change(times, options, place, message, detail)
    local err = refusal(read_times(times, options))
    assert.equal(place, places(err)[1])
    assert.equal(message, err.message)
    assert.equal(detail, err.issues[1].detail)
    return err
  end

  it("refuses local times that its clocks skip", function()
    local message = "Purchase item at index 0: 2026-03-29 02:15 does not exist in Europe/Madrid."
    local detail = "its clocks go from 2026-03-29 02:00 to 03:00: leave the rows of that hour out, or give times with "
      .. "an offset"
    local place = "0 2:1 datetime nonexistent_time"
    expect_clock_change({ "2026-03-29 02:15" }, MADRID, place, message, detail)
    expect_clock_change({ "2026-03-29 02:15" }, { tz = "Europe/Madrid", step = false }, place, message, detail)
    -- In the day of 92, the four rows that a day of 96 has more, and nothing else.
    local err = refusal(read_times(times_of("2026-03-29"), MADRID))
    assert.same({ "8 10:1 datetime nonexistent_time x4" }, places(err))
    assert.equal("4 rows: 2026-03-29 02:00 does not exist in Europe/Madrid: " .. detail .. " (first at line 10)",
      err.message)
    assert.equal(1, #assert(read_times({ "2026-03-29 02:15" }, { tz = "Europe/Lisbon", step = false })))
    -- Whoever left out the row that ends at 02:00 would lose a real hour.
    expect_clock_change({ "2026-03-29 02:00" }, { tz = "Europe/Madrid", label = "end", step = 60 },
      place, "Purchase item at index 0: 2026-03-29 02:00 does not exist in Europe/Madrid.",
      "its clocks go from 2026-03-29 02:00 to 03:00: the interval before that ends at the latter, and no other in "
        .. "that hour: name it so, or give times with an offset")
  end)

  it("refuses local times that its clocks show twice, unless the rows before prove which is meant", function()
    local message = "Purchase item at index 0: 2025-10-26 02:30 happens twice in Europe/Madrid."
    local detail = "either 2025-10-26T00:30:00Z or 2025-10-26T01:30:00Z: give it with an offset"
    local place = "0 2:1 datetime ambiguous_time"
    local err = refusal(read_times({ "2025-10-26 02:30", "2025-10-26 02:45" }, MADRID))
    expect_places({ place .. " x2" }, err)
    assert.equal("2 rows: 2025-10-26 02:30 happens twice in Europe/Madrid: " .. detail .. " (first at line 2)",
      err.message)
    expect_clock_change({ "2025-10-26 02:30" }, MADRID, place, message, detail)
    expect_clock_change({ "2025-10-26 02:30" }, { tz = "Europe/Madrid", step = false }, place, message, detail)
    local early = { "2025-10-26T02:30+02:00", "2025-10-26 02:45" }
    local late = { "2025-10-26T02:30+01:00", "2025-10-26 02:45" }
    for _, times in ipairs { early, late } do -- nothing but that the day is not whole
      expect_places({ "0 2:1 datetime wrong_day_length" }, refusal(read_times(times, MADRID)))
    end
    local no_step = { tz = "Europe/Madrid", step = false }
    assert.equal(body_of { "2025-10-26 02:30", "2025-10-26 02:45" }, assert(read_times(late, no_step)):encode())
    -- Without a step either 02:45 may come now.
    expect_places({ "1 3:1 datetime ambiguous_time" }, refusal(read_times(early, no_step)))
  end)

  it("knows which of the two is meant behind a row that cannot be read", function()
    local times = times_of("2025-10-26")
    table.insert(times, 13, "2025-10-26 02:00") -- the hour comes twice
    table.insert(times, 14, "2025-10-26 02:15")
    table.insert(times, 15, "2025-10-26 02:30")
    table.insert(times, 16, "2025-10-26 02:45")
    assert.equal(100, #assert(read_times(times, MADRID)))
    for row = 5, 8 do
      local time = times[row]
      times[row] = "2025-10-26"
      local place = ("%d %d:1 datetime invalid_datetime"):format(row - 1, row + 1)
      expect_places({ place }, refusal(read_times(times, MADRID)))
      times[row] = time
    end
  end)

  it("misses the hour that its clocks show twice", function()
    local err = refusal(read_times(times_of("2025-10-26"), MADRID))
    expect_places({ "12 14:1 datetime gap" }, err)
    assert.equal("Purchase item at index 12: 4 items are missing before it (step 15 minutes).", err.message)
    assert.equal("that day has 100 in Europe/Madrid", err.issues[1].detail)
    err = refusal(read_times(times_of("2025-10-25", nil, { 120, 180 }), MADRID))
    assert.equal("12 14:1 datetime repeated_datetime x4", places(err)[1])
  end)

  it("has its two hours mixed as one fault, with offsets and without", function()
    local words = "2025-10-26 02:00 happens twice in Europe/Madrid: its two hours are mixed, row by row: put all rows "
      .. "of the first before those of the second (first at line %d)"
    for step, wanted in pairs { [15] = { "9 11:1 datetime ambiguous_time x8", 11 },
      [30] = { "5 7:1 datetime ambiguous_time x4", 7 } } do
      local times, labelled, offsets = {}, {}, {}
      for minute = 0, 1440 - step, step do
        local time = ("2025-10-26 %02d:%02d"):format(math.floor(minute / 60), minute % 60)
        times[#times + 1] = time
        offsets[#offsets + 1] = time .. (minute < 180 and "+02:00" or "+01:00")
        labelled[#labelled + 1] = time .. ",1,V"
        if minute >= 120 and minute < 180 then
          times[#times + 1] = time
          offsets[#offsets + 1] = time .. "+01:00"
          labelled[#labelled + 1] = time .. ",1,I"
        end
      end
      local err = refusal(read_times(times, { tz = "Europe/Madrid", step = step }))
      expect_places({ wanted[1] }, err)
      assert.matches(words:format(wanted[2]), err.message, 1, true)
      err = refusal(read_times(times, { tz = "Europe/Madrid", step = step, label = "end" }))
      assert.equal(wanted[1], places(err)[2]) -- behind the first label's day
      err = refusal(read_csv("datetime,purchase,f\n" .. table.concat(labelled, "\n"), { tz = "Europe/Madrid",
        step = step, datetime = { column = "datetime", dst = { column = "f", is = "V" } } }))
      assert.matches(words:format(wanted[2] - 1), err.message, 1, true)
      assert.equal(1, #err.issues)
      err = refusal(read_times(offsets, { tz = "Europe/Madrid", step = step }))
      assert.same({ 1, "out_of_order", 60 / step - 1 }, { #err.issues, err.issues[1].code, err.total })
    end
    -- What else is wrong with the rows is told, too, and counted right.
    local times = times_of "2025-10-26"
    for row = 12, 9, -1 do
      table.insert(times, row, times[row])
    end
    table.insert(times, 50, times[49])
    table.remove(times, 30)
    table.insert(times, 3, times[2])
    expect_places({ "2 4:1 datetime repeated_datetime x2", "10 12:1 datetime ambiguous_time x8",
      "30 32:1 datetime gap" }, refusal(read_times(times, MADRID)))
  end)

  it("misses rows once: between two of them as a gap, at the ends as a day's length", function()
    local all = {}
    for _, date in ipairs { "2025-10-25", "2025-10-26", "2025-10-27" } do
      for _, time in ipairs(times_of(date, nil, date == "2025-10-26" and { 120, 180 } or nil)) do
        all[#all + 1] = time
      end
    end
    for _, one in ipairs {
      { 41, 50, "40 42:1 datetime gap" }, -- within a day
      { 91, 100, "90 92:1 datetime gap" }, -- over midnight
      { 97, 196, "96 98:1 datetime gap" }, -- a whole day
      { 61, 80, "60 62:1 datetime gap", 131, 131, "110 112:1 datetime gap" },
      { 2, 2, "1 3:1 datetime gap", 291, 291, "289 291:1 datetime gap" },
      { 1, 1, "0 2:1 datetime wrong_day_length" }, { 292, 292, "196 198:1 datetime wrong_day_length" },
      { 1, 2, "0 2:1 datetime wrong_day_length", 10, 11, "7 9:1 datetime gap" },
    } do
      local times, wanted = {}, { one[3], one[6] }
      for i, time in ipairs(all) do
        if not (i >= one[1] and i <= one[2] or one[4] and i >= one[4] and i <= one[5]) then
          times[#times + 1] = time
        end
      end
      expect_places(wanted, refusal(read_times(times, MADRID)))
    end
  end)

  it("knows how long a day must be", function()
    local times = times_of "2025-10-25"
    times[#times] = nil
    local err = refusal(read_times(times, MADRID))
    expect_places({ "0 2:1 datetime wrong_day_length" }, err)
    local message = "Purchase items of 2025-10-25: 95, but that day has 96 in Europe/Madrid (step 15 minutes)."
    assert.equal(message, err.message)
    assert.equal(95, #assert(read_times(times)))
    assert.equal(95, #assert(read_times(times, { tz = "Europe/Madrid", step = false })))
    err = refusal(read_times({ "2026-03-29 00:00", "2026-03-29 01:00" }, { tz = "Europe/Madrid", step = 60 }))
    assert.matches("2026%-03%-29: 2, but that day has 23 in", err.message)
    err = refusal(read_times({ "2025-10-26 00:00" }, { tz = "Europe/Madrid", step = 30 }))
    assert.matches("2025%-10%-26: 1, but that day has 50 in", err.message)
  end)

  it("must be one", function()
    for _, call in ipairs {
      function(options) return read_times({ "2025-10-25 00:00" }, options) end,
      function(options) return series.decode("[]", options) end,
      function(options) return series.from({}, options) end,
    } do
      for _, name in ipairs { "Europe/Nowhere", "", "../Europe/Madrid", "/etc/passwd", "Europe/Madrid\0x" } do
        local err = refusal(call { tz = name })
        assert.same({ "unknown_zone", nil }, { err.code, err.issues })
      end
    end
  end)
end)
