local core = require "purchases.core"
local datetime = require "purchases.datetime"
local purchases = require "purchases"

local function count_and_keep(...)
  return select("#", ...), ...
end

-- Calls a function that must fail the way everything here fails: exactly nil and an error.
local function refusal(convert, ...)
  local count, result, err = count_and_keep(convert(...))
  assert.equal(2, count)
  assert.is_nil(result)
  assert.equal(core.error, getmetatable(err))
  assert.equal("validation", err.kind)
  return err
end

-- Misuse must point at the line of the call, which is the one below `function()`. (The calls end in
-- `, nil` because a tail call leaves no line behind.)
local function expect_raise(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  local line = debug.getinfo(call, "S").linedefined + 1
  assert.equal(("spec/datetime_spec.lua:%d: "):format(line), raised:match("^[^ ]+:%d+: "))
  assert.matches(message, raised, 1, true)
end

describe("to_utc", function()
  it("reads a local time", function()
    assert.equal("2025-10-26T10:00:00Z", datetime.to_utc("2025-10-26 11:00", "Europe/Madrid"))
    assert.equal("2025-07-01T09:00:59Z", datetime.to_utc("2025-07-01T11:00:59", "Europe/Madrid"))
    assert.equal("2025-06-30T18:00:00Z", datetime.to_utc("2025-06-30 15:00", "America/Argentina/Buenos_Aires"))
  end)

  it("takes a text with an offset for what it says, whatever the zone", function()
    assert.equal("2025-10-26T00:30:00Z", datetime.to_utc("2025-10-26 02:30+02:00", "Europe/Madrid"))
    assert.equal("2025-10-26T01:30:00Z", datetime.to_utc("2025-10-26T02:30+01", "Asia/Tokyo"))
    assert.equal("2026-03-29T02:30:00Z", datetime.to_utc("2026-03-29T02:30:00.000Z", "Europe/Madrid"))
  end)

  it("keeps a zone for as long as it may be asked for", function()
    for _ = 1, 3 do
      assert.equal("2025-07-01T09:00:00Z", datetime.to_utc("2025-07-01 11:00", "Europe/Madrid"))
      collectgarbage()
    end
  end)

  it("names both readings of a time that happens twice", function()
    local err = refusal(datetime.to_utc, "2025-10-26 02:30", "Europe/Madrid")
    assert.equal("ambiguous_time", err.code)
    assert.same({ "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z" }, err.candidates)
    assert.equal("2025-10-26 02:30 happens twice in Europe/Madrid: 2025-10-26T00:30:00Z or "
      .. "2025-10-26T01:30:00Z; give it with an offset", err.message)
  end)

  it("names both readings of a time that does not exist, earlier first", function()
    local err = refusal(datetime.to_utc, "2026-03-29T02:30:00", "Europe/Madrid")
    assert.equal("nonexistent_time", err.code)
    assert.same({ "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z" }, err.candidates)
    assert.equal("2026-03-29T02:30:00 does not exist in Europe/Madrid: 2026-03-29T00:30:00Z or "
      .. "2026-03-29T01:30:00Z; give it with an offset", err.message)
  end)

  it("says what is wrong with a text, and where", function()
    local err = refusal(datetime.to_utc, "2025-02-29 10:00", "Europe/Madrid")
    assert.equal("invalid_datetime", err.code)
    assert.equal("2025-02-29: February 2025 has 28 days", err.message)
    assert.equal(9, err.position)
  end)

  it("checks the zone even where the text does without", function()
    assert.equal("unknown_zone", refusal(datetime.to_utc, "2025-10-26T00:30Z", "Europe/Madird").code)
  end)

  it("stays within the years that can be written", function()
    assert.equal("0001-01-01T00:00:00Z", datetime.to_utc("0001-01-01 01:00+01:00", "UTC"))
    assert.equal("9999-12-31T23:59:59Z", datetime.to_utc("9999-12-31 22:59:59-01:00", "UTC"))
    assert.equal("invalid_datetime", refusal(datetime.to_utc, "0001-01-01 00:59:59+01:00", "UTC").code)
    assert.equal("invalid_datetime", refusal(datetime.to_utc, "9999-12-31 23:00-01:00", "UTC").code)
    assert.equal("invalid_datetime", refusal(datetime.to_utc, "0001-01-01 00:00", "Asia/Tokyo").code)
  end)

  it("raises at the caller's line for other types", function()
    expect_raise("string expected, got number", function()
      return datetime.to_utc(20251026, "Europe/Madrid"), nil
    end)
    expect_raise("#2", function()
      return datetime.to_utc("2025-10-26 02:30"), nil
    end)
    expect_raise("#2", function()
      return datetime.to_utc("not a time", 1), nil
    end)
  end)
end)

describe("to_local", function()
  it("reads an instant", function()
    assert.same({ "2025-10-26 02:30:00", 7200 }, { datetime.to_local("2025-10-26T00:30:00Z", "Europe/Madrid") })
    assert.same({ "2025-10-26 02:30:00", 3600 }, { datetime.to_local("2025-10-26T01:30:00Z", "Europe/Madrid") })
    assert.same({ "2025-10-25 19:30:00", -18000 }, { datetime.to_local("2025-10-26 02:30+02", "America/Bogota") })
    assert.same({ "1970-01-01 05:30:00", 19800 }, { datetime.to_local("1970-01-01 00:00Z", "Asia/Kolkata") })
  end)

  it("refuses a naive time", function()
    local err = refusal(datetime.to_local, "2025-10-26 02:30", "Europe/Madrid")
    assert.equal("invalid_datetime", err.code)
    assert.equal("2025-10-26 02:30: an instant needs Z or an offset", err.message)
    assert.equal(17, err.position)
  end)

  it("stays within the years that can be written", function()
    assert.equal("invalid_datetime", refusal(datetime.to_local, "9999-12-31T23:59Z", "Asia/Tokyo").code)
    assert.equal("invalid_datetime", refusal(datetime.to_local, "0001-01-01T00:00Z", "America/Bogota").code)
  end)

  it("raises at the caller's line for other types", function()
    expect_raise("#1", function()
      return datetime.to_local(nil, "Europe/Madrid"), nil
    end)
    expect_raise("#2", function()
      return datetime.to_local("2025-10-26T00:30:00Z", {}), nil
    end)
  end)
end)

describe("parse", function()
  it("counts civil seconds and leaves the offset beside them", function()
    assert.same({ 1761445800 }, { datetime.parse("2025-10-26 02:30") })
    assert.same({ 1761445800, 7200 }, { datetime.parse("2025-10-26T02:30:00+02:00") })
    assert.same({ 1761445800, 0 }, { datetime.parse("2025-10-26T02:30:00.000Z") })
    assert.same({ -62135596800 }, { datetime.parse("0001-01-01 00:00") })
    assert.same({ 253402300799, -1800 }, { datetime.parse("9999-12-31 23:59:59-00:30") })
  end)

  it("gives whole numbers", function()
    assert.equal("1761445800", tostring((datetime.parse("2025-10-26 02:30"))))
  end)

  it("takes nothing that is nearly right", function()
    local refused = {
      { "2025-10-26 24:00", 12, "hour 24: hours go from 00 to 23" },
      { "2025-10-26 23:59:60", 18, "second 60: seconds go from 00 to 59" },
      { "2025-02-29 00:00", 9, "2025-02-29: February 2025 has 28 days" },
      { "0000-01-01 00:00", 1, "year 0000: years go from 0001 to 9999" },
      { "2025-10-26 2:30", 13, "expected 2 digits for the hour, got ':'" },
      { "2025-10-26t02:30", 11, "expected ' ' or 'T' after the date, got 't'" },
      { "2025-10-26 02:30 ", 17, "expected nothing after the time, got ' '" },
      { "2025-10-26 02:30\0", 17, "expected nothing after the time, got byte 0x00" },
      { "2025-10-26 02:30:00.5", 21, "expected 1 to 9 zeros in the fraction of a second, got '5'" },
      { "26/10/2025 02:30", 3, "expected 4 digits for the year, got '/'" },
      { "", 1, "expected 4 digits for the year, got the end" },
    }
    for _, case in ipairs(refused) do
      local err = refusal(datetime.parse, case[1])
      assert.same({ "invalid_datetime", case[2], case[3] }, { err.code, err.position, err.message })
    end
  end)

  it("raises at the caller's line for other types", function()
    expect_raise("string expected, got number", function()
      return datetime.parse(2025), nil
    end)
  end)
end)

describe("format", function()
  it("undoes parse", function()
    local texts = { "2025-10-26 02:30:15", "1969-12-31 23:59:59", "0001-01-01 00:00:00", "9999-12-31 23:59:59" }
    for _, text in ipairs(texts) do
      assert.equal(text, datetime.format(datetime.parse(text)))
    end
  end)

  it("raises at the caller's line for what is no time", function()
    expect_raise("number expected, got string", function()
      return datetime.format("1761445800"), nil
    end)
    expect_raise("whole seconds expected", function()
      return datetime.format(0.5), nil
    end)
    for _, seconds in ipairs { -62135596801, 253402300800, 0 / 0, 1 / 0, -1 / 0, 2 ^ 63 } do
      expect_raise("years 0001 to 9999", function()
        return datetime.format(seconds), nil
      end)
    end
  end)
end)

describe("difference", function()
  it("is the seconds from the second time to the first", function()
    assert.equal(900, datetime.difference("2025-10-26 02:45", "2025-10-26 02:30"))
    assert.equal(-86400, datetime.difference("2024-02-28 00:00", "2024-02-29 00:00"))
    assert.equal(3600, datetime.difference("2025-10-26 02:30+01", "2025-10-26 02:30+02"))
    assert.equal(0, datetime.difference("2025-10-26T00:30Z", "2025-10-26 02:30+02:00"))
    assert.equal(315537897599, datetime.difference("9999-12-31 23:59:59", "0001-01-01 00:00:00"))
  end)

  it("does not exist between an instant and a naive time", function()
    local err = refusal(datetime.difference, "2025-10-26 02:30Z", "2025-10-26 02:30")
    assert.equal("invalid_datetime", err.code)
    assert.equal("invalid_datetime", refusal(datetime.difference, "2025-10-26 02:30", "2025-10-26 02:30Z").code)
  end)

  it("needs two times", function()
    assert.equal("invalid_datetime", refusal(datetime.difference, "2025-10-26 02:30", "now").code)
    expect_raise("#2", function()
      return datetime.difference("2025-10-26 02:30"), nil
    end)
  end)
end)

describe("purchases.datetime", function()
  it("is that module, and has these functions alone", function()
    assert.equal(datetime, purchases.datetime)
    local names = {}
    for name in pairs(datetime) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "day_length", "difference", "format", "parse", "to_local", "to_utc" }, names)
  end)
end)
