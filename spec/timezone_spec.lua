local datetime = require("purchases.core").datetime

-- A conversion's answer on one line: the time, or the code of the refusal and its candidates.
local function to_utc(text, zone)
  local utc, err = datetime.to_utc(text, zone)
  if utc then return utc end
  return err.code .. " " .. table.concat(err.candidates or { err.message }, " ")
end

describe("every zone of this system", function()
  local zone, names, changes, complete = nil, 0, 0, false
  local differences = {}

  local function compare(what, expected, got)
    if got == expected then return end
    table.insert(differences, ("%s %s: %s, not %s"):format(zone, what, tostring(got), tostring(expected)))
  end

  -- One function for each kind of line that spec/zoneinfo.py prints.
  local facts = {}

  function facts.zone(name, first)
    zone, names = first, names + 1
    compare(name, to_utc("2025-06-15 12:00", first), to_utc("2025-06-15 12:00", name))
  end

  function facts.instant(utc, text, offset)
    local got, got_offset = datetime.to_local(utc, zone)
    compare(utc, text .. " " .. offset, ("%s %s"):format(got, got_offset))
    changes = changes + 1 / 2
  end

  function facts.wall(text, fold0, fold1)
    local expected = fold0
    if fold0 < fold1 then
      expected = ("ambiguous_time %s %s"):format(fold0, fold1)
    elseif fold0 > fold1 then
      expected = ("nonexistent_time %s %s"):format(fold1, fold0)
    end
    compare(text, expected, to_utc(text, zone))
  end

  facts["end"] = function()
    complete = true
  end

  it("agrees with Python's zoneinfo on every change of its clocks from 1900 to 2100", function()
    local output = assert(io.popen("/usr/bin/python3 spec/zoneinfo.py"))
    for line in output:lines() do
      local kind, a, b, c = line:match("^(%w+)\t?([^\t]*)\t?([^\t]*)\t?([^\t]*)$")
      facts[kind](a, b, c)
    end
    output:close()
    assert.equal("", table.concat(differences, "\n", 1, math.min(#differences, 20)))
    assert.is_true(complete)
    assert.is_true(names > 300, names .. " zones")
    assert.is_true(changes > 10000, changes .. " changes")
  end)
end)

describe("a time zone's clock", function()
  it("skips the hour of the spring change and repeats that of the autumn", function()
    assert.equal("nonexistent_time 2026-03-29T00:30:00Z 2026-03-29T01:30:00Z",
      to_utc("2026-03-29 02:30", "Europe/Madrid"))
    assert.equal("ambiguous_time 2025-10-26T00:30:00Z 2025-10-26T01:30:00Z",
      to_utc("2025-10-26 02:30", "Europe/Madrid"))
  end)

  it("does so at 01 where the sun is an hour later", function()
    for _, zone in ipairs { "Europe/Lisbon", "Atlantic/Canary" } do
      assert.equal("nonexistent_time 2026-03-29T00:15:00Z 2026-03-29T01:15:00Z",
        to_utc("2026-03-29 01:15", zone))
      assert.equal("ambiguous_time 2025-10-26T00:15:00Z 2025-10-26T01:15:00Z",
        to_utc("2025-10-26 01:15", zone))
    end
  end)

  it("follows its rule beyond all that is listed", function()
    assert.equal("2500-07-01T10:00:00Z", to_utc("2500-07-01 12:00", "Europe/Madrid"))
    assert.equal("2500-01-01T11:00:00Z", to_utc("2500-01-01 12:00", "Europe/Madrid"))
    assert.equal("9999-07-01T16:00:00Z", to_utc("9999-07-01 12:00", "America/New_York"))
  end)
end)

describe("day_length", function()
  local hours = {
    { "Europe/Madrid", "2025-10-25", 24 },
    { "Europe/Madrid", "2025-10-26", 25 },
    { "Europe/Madrid", "2025-10-27", 24 },
    { "Europe/Madrid", "2026-03-29", 23 },
    { "UTC", "2026-03-29", 24 },
    -- clocks that change at midnight: the day begins at 01:00, or the one before it is longer
    { "Asia/Beirut", "2025-03-29", 24 },
    { "Asia/Beirut", "2025-03-30", 23 },
    { "Asia/Beirut", "2025-10-25", 25 },
    { "Asia/Beirut", "2025-10-26", 24 },
    { "America/Havana", "2025-03-09", 23 },
    { "America/Havana", "2025-11-02", 25 },
    { "America/Santiago", "2025-04-05", 25 },
    { "America/Santiago", "2025-09-07", 23 },
    { "Africa/Cairo", "2025-04-25", 23 },
    { "Africa/Cairo", "2025-10-30", 25 },
    -- half an hour; and a day that was left out to change sides of the date line
    { "Australia/Lord_Howe", "2025-04-06", 24.5 },
    { "Australia/Lord_Howe", "2025-10-05", 23.5 },
    { "Pacific/Apia", "2011-12-29", 24 },
    { "Pacific/Apia", "2011-12-30", 0 },
    { "Pacific/Apia", "2011-12-31", 24 },
    -- by the rule alone
    { "Europe/Madrid", "2500-03-28", 23 },
    { "Europe/Madrid", "2500-10-31", 25 },
  }

  for _, case in ipairs(hours) do
    local zone, date, length = case[1], case[2], case[3]
    it(("is %s hours on %s in %s"):format(length, date, zone), function()
      assert.equal(length * 3600, datetime.day_length(date, zone))
    end)
  end

  it("adds up to all the time there is", function()
    for _, zone in ipairs { "Europe/Madrid", "America/St_Johns", "Asia/Beirut", "Pacific/Apia" } do
      local first, sum = datetime.parse("1980-01-01 00:00"), 0
      for day = 0, 365 * 40 do
        local date = datetime.format(first + day * 86400):sub(1, 10)
        sum = sum + assert(datetime.day_length(date, zone))
      end
      local stop = datetime.format(first + (365 * 40 + 1) * 86400)
      local span = datetime.difference(to_utc(stop, zone), to_utc("1980-01-01 00:00", zone))
      assert.equal(span, sum, zone)
    end
  end)

  it("refuses what is not a date", function()
    local length, err = datetime.day_length("2025-10-26 00:00", "Europe/Madrid")
    assert.is_nil(length)
    assert.equal("invalid_datetime", err.code)
    assert.equal(11, err.position)
  end)
end)

describe("a zone's name", function()
  local function refusal(name)
    local utc, err = datetime.to_utc("2025-06-15 12:00", name)
    assert.is_nil(utc)
    assert.equal("validation", err.kind)
    return err
  end

  it("must be one of the system's", function()
    for _, name in ipairs { "Europe/Madird", "Europe", "europe/madrid ", "CEST-2", "Europe/Madrid/x" } do
      assert.equal("unknown_zone", refusal(name).code, name)
    end
    assert.equal("unknown time zone Europe/Madird", refusal("Europe/Madird").message)
  end)

  it("never leads out of the database", function()
    local names = {
      "", "/", "..", ".", "/usr/share/zoneinfo/Europe/Madrid", "../zoneinfo/Europe/Madrid", "Europe/../UTC",
      "Europe//Madrid", "Europe/Madrid/", "Europe/Madrid\0", "Europe\nMadrid", ("a/"):rep(500) .. "a",
    }
    for _, name in ipairs(names) do
      assert.equal("unknown_zone", refusal(name).code, name)
    end
  end)

  -- Not every system has these files.
  local function refusal_of_file(name)
    local path = "/usr/share/zoneinfo/" .. name
    local file = io.open(path) or pending("needs " .. path)
    file:close()
    return refusal(name)
  end

  it("must lead to a zone without leap seconds", function()
    local err = refusal_of_file("right/Europe/Madrid")
    assert.equal("invalid_zone", err.code)
    assert.matches("leap seconds", err.message)
  end)

  it("must lead to a TZif file", function()
    local err = refusal_of_file("leapseconds")
    assert.equal("invalid_zone", err.code)
    assert.equal("/usr/share/zoneinfo/leapseconds: TZif: expected a header", err.message)
  end)

  it("that failed does so again", function()
    assert.equal(refusal("Europe/Madird").message, refusal("Europe/Madird").message)
  end)
end)
