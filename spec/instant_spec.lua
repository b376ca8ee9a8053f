-- Times for APIs that know only UTC.
local instant = require "purchases.provider.instant"
local outcome = require "spec.support.outcome"

local refused = outcome.refused

describe("a time for an API that knows only UTC", function()
  it("is a local time of a zone, converted", function()
    assert.equal("2025-07-01 10:30:00", instant.utc("2025-07-01 12:30", "Europe/Madrid", "from"))
    assert.equal("2025-01-01 11:30:05", instant.utc("2025-01-01T12:30:05", "Europe/Madrid", "from"))
    assert.equal("2025-01-01 12:30:00", instant.utc("2025-01-01 12:30", "UTC", "from"))
  end)

  it("is an instant, whatever the zone", function()
    assert.equal("2025-07-01 12:30:00", instant.utc("2025-07-01T12:30:00Z", "Europe/Madrid", "from"))
    assert.equal("2025-07-01 17:30:00", instant.utc("2025-07-01 12:30-05:00", "Europe/Madrid", "from"))
  end)

  it("that the clocks leave out or repeat is refused with both readings", function()
    for text, expected in pairs {
      ["2025-10-26 02:30"] = { "ambiguous_time", { "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z" } },
      ["2025-03-30 02:30"] = { "nonexistent_time", { "2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z" } },
    } do
      local err = refused(instant.utc(text, "Europe/Madrid", "from"))
      table.sort(err.candidates)
      assert.same({ expected[1], "from", expected[2] }, { err.code, err.issues[1].field, err.candidates })
    end
  end)

  it("is not another text", function()
    local err = refused(instant.utc("yesterday", "UTC", "/order_date"))
    assert.same({ "validation", "invalid_datetime", "/order_date" }, { err.kind, err.code, err.issues[1].field })
    assert.is_nil(err.candidates)
  end)
end)

describe("a zone", function()
  it("may be missing, or is one that there is", function()
    assert.is_nil(instant.check_zone(nil))
    assert.is_nil(instant.check_zone "America/Argentina/Buenos_Aires")
    local err = refused(nil, instant.check_zone "Europe/Madird")
    assert.same({ "unknown_zone", "tz" }, { err.code, err.issues[1].field })
  end)
end)
