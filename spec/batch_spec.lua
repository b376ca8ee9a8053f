local batch = require "purchases.job.batch"
local load = require "spec.support.load"
local series = require "purchases.series"

local function sizes(whole, size)
  local list = {}
  for slice in batch.of(whole, size) do
    list[#list + 1] = #slice
  end
  return list
end

-- What a series holds, whatever it was cut into.
local function contents(body)
  return body:match '^{"purchase":%[(.*)%]}$'
end

local function joined(whole, size)
  local parts = {}
  for slice in batch.of(whole, size) do
    parts[#parts + 1] = contents(slice:encode())
  end
  return table.concat(parts, ",")
end

-- The day on which the clocks go back, and one before and after it: 96, 100 and 96 quarter-hours.
local function autumn()
  local rows = {}
  for i = 0, 96 + 100 + 96 - 1 do
    local minutes = (22 * 60 + i * 15) % 1440
    local day = 24 + math.floor((22 * 60 + i * 15) / 1440)
    rows[#rows + 1] =
      { datetime = ("2025-10-%02dT%02d:%02d:00Z"):format(day, math.floor(minutes / 60), minutes % 60), purchase = i }
  end
  return assert(series.from(rows, { tz = "Europe/Madrid" }))
end

describe("batches", function()
  it("are delivery days, each from its midnight on", function()
    local firsts = {}
    for slice in batch.of(load.series(96 * 2 + 5), "day") do
      firsts[#firsts + 1] = slice:first() .. " " .. #slice
    end
    assert.same({ "2025-10-01 00:00 96", "2025-10-02 00:00 96", "2025-10-03 00:00 5" }, firsts)
  end)

  it("are days as long as the clocks make them", function()
    local whole = autumn()
    assert.same({ 96, 100, 96 }, sizes(whole, "day"))
    assert.equal(3, batch.count(whole, "day"))
  end)

  it("are the series itself", function()
    local whole = load.series(100)
    local slices = batch.of(whole, "all")
    assert.equal(whole, slices())
    assert.is_nil(slices())
    assert.is_nil(slices())
  end)

  it("are so many rows, the last one what is left", function()
    local whole = load.series(10)
    assert.same({ 3, 3, 3, 1 }, sizes(whole, 3))
    assert.same({ 5, 5 }, sizes(whole, 5))
    assert.same({ 10 }, sizes(whole, 10))
    assert.same({ 10 }, sizes(whole, 11))
    assert.same({ 10 }, sizes(whole, 2 ^ 53))
    assert.equal(10, #sizes(whole, 1))
  end)

  it("are so many rows across midnight, too", function()
    local spans = {}
    for slice in batch.of(load.series(150), 90) do
      spans[#spans + 1] = slice:first() .. " to " .. slice:last()
    end
    assert.same({ "2025-10-01 00:00 to 2025-10-01 22:15", "2025-10-01 22:30 to 2025-10-02 13:15" }, spans)
  end)

  it("are all rows, each once and in order, however they are cut", function()
    for _, whole in ipairs { load.series(1), load.series(95), load.series(96), load.series(97), load.days(3) } do
      for _, size in ipairs { "day", "all", 1, 2, 95, 96, 97, 1000 } do
        assert.equal(contents(whole:encode()), joined(whole, size))
        assert.equal(#sizes(whole, size), batch.count(whole, size), #whole .. " rows by " .. size)
      end
    end
  end)

  it("of a slice are its own rows", function()
    local slice = load.days(3):slice(90, 200)
    assert.same({ 7, 96, 8 }, sizes(slice, "day"))
    assert.equal(3, batch.count(slice, "day"))
    assert.same({ 50, 50, 11 }, sizes(slice, 50))
    assert.equal(contents(slice:encode()), joined(slice, "day"))
  end)

  it("leave the series as it was, and know nothing of each other", function()
    local whole = load.days(2)
    local before = whole:encode()
    local one, other = batch.of(whole, 100), batch.of(whole, 100)
    assert.equal(one():encode(), other():encode())
    assert.equal(92, #one())
    assert.equal(92, #other())
    assert.same({ #whole, before }, { 192, whole:encode() })
  end)

  it("live on when nothing else holds the series", function()
    local slices = batch.of(load.days(2), "day")
    collectgarbage()
    collectgarbage()
    local day = slices()
    collectgarbage()
    assert.equal("2025-10-01 23:45", day:last())
    assert.equal("2025-10-02 00:00", slices():first())
  end)

  it("are not made of no rows", function()
    for _, size in ipairs { "day", "all", 2 } do
      local job, err = batch.open({}, {}, load.series(2):slice(1, 0), { batch = size, retailer_id = "1" })
      assert.is_nil(job)
      assert.same({ "validation", "There are no purchase items." }, { err.kind, err.message })
    end
  end)

  it("have a size that is one", function()
    for _, size in ipairs { "day", "all", 1, 96, 1e9 } do
      assert.is_nil(batch.check(size))
    end
    for _, size in ipairs { "days", "", "96", 0, -1, 1.5, 0 / 0 } do
      assert.equal('must be "day", "all" or a number of rows', batch.check(size))
    end
    assert.is_string(batch.check(math.huge))
  end)
end)
