-- The charts of the example application draw the values that they are given.
package.path = package.path .. ";./examples/openresty/?.lua"

local chart = require "chart"

local function times_of(count)
  local times = {}
  for i = 0, count - 1 do
    times[i + 1] = ("2025-10-%02d %02d:%02d"):format(1 + math.floor(i / 96), math.floor(i / 4) % 24, i % 4 * 15)
  end
  return times
end

local function values_of(count, value)
  local values = {}
  for i = 1, count do
    values[i] = value(i)
  end
  return values
end

local function all(svg, pattern)
  local found = {}
  for match in svg:gmatch(pattern) do
    found[#found + 1] = match
  end
  return found
end

-- The places of a line: x and y of each.
local function places(svg, class)
  local xs, ys = {}, {}
  for x, y in svg:match('class="' .. class .. '" points="([^"]*)"'):gmatch "([^ ,]+),([^ ]+)" do
    xs[#xs + 1], ys[#ys + 1] = tonumber(x), tonumber(y)
  end
  return xs, ys
end

local function is_within(svg)
  for _, word in ipairs { "nan", "inf" } do
    assert.is_nil(svg:lower():find("[\", -]" .. word), svg)
  end
  for x, y in svg:gmatch "([%d.-]+),([%d.-]+)" do
    assert.is_true(tonumber(x) >= 0 and tonumber(x) <= 900 and tonumber(y) >= 0 and tonumber(y) <= 300, x .. "," .. y)
  end
end

-- XML enough to be taken by a browser: every tag is closed, in turn.
local function is_well_formed(svg)
  local open = {}
  for close, name, rest in svg:gmatch "<(/?)(%l+)([^>]*)>" do
    if close == "/" then
      assert.equal(table.remove(open), name)
    elseif rest:sub(-1) ~= "/" then
      open[#open + 1] = name
    end
  end
  assert.same({}, open)
end

describe("a chart of a series", function()
  it("has a place for each row, from left to right, higher for more", function()
    local svg = chart.series(times_of(96), values_of(96, function(i)
      return i
    end))
    local xs, ys = places(svg, "line")
    assert.same({ 96, 96 }, { #xs, #ys })
    for i = 2, 96 do
      assert.is_true(xs[i] > xs[i - 1] and ys[i] < ys[i - 1])
    end
    is_within(svg)
    is_well_formed(svg)
  end)

  it("has a mark with a text for each row, where there is room", function()
    local function marks(count)
      return all(chart.series(times_of(count), values_of(count, math.sin)), "<title>([^<]*)</title><rect")
    end
    local texts = marks(100)
    assert.same({ 100, 0 }, { #texts, #marks(201) })
    assert.equal("2025-10-01 00:15: 0.909297 MW", texts[2])
  end)

  it("is no longer than can be seen, and keeps the least and the most", function()
    local svg = chart.series(times_of(2900), values_of(2900, function(i)
      return i == 1234 and 50 or i == 2345 and -50 or i % 7
    end))
    local xs, ys = places(svg, "line")
    assert.is_true(#xs <= 850 and #xs >= 800)
    local highest, lowest = 1, 1
    for i = 2, #xs do
      assert.is_true(xs[i] > xs[i - 1])
      highest, lowest = ys[i] < ys[highest] and i or highest, ys[i] > ys[lowest] and i or lowest
    end
    assert.is_true(math.abs(xs[highest] - (64 + 1233 / 2899 * 820)) < 0.01)
    assert.is_true(math.abs(xs[lowest] - (64 + 2344 / 2899 * 820)) < 0.01)
    is_within(svg)
  end)

  it("says in words what it shows", function()
    local svg = chart.series(times_of(4), { 3, -1.5, 2, 7 })
    assert.matches("4 values from 2025-10-01 00:00 to 2025-10-01 00:45, between -1.5 and 7 MW.", svg, 1, true)
    assert.matches('role="img" aria-labelledby="series-title series-text"', svg, 1, true)
  end)

  it("has round numbers beside it, which hold all values", function()
    local ticks = all(chart.series(times_of(4), { 3, -1.5, 2, 7 }), 'text%-anchor="end"[^>]*>([^<]+)<')
    assert.same({ "-2", "0", "2", "4", "6", "8" }, ticks)
  end)

  it("has hours below a day, and days below more", function()
    local function below(count)
      return all(chart.series(times_of(count), values_of(count, math.sin)), 'text%-anchor="middle"[^>]*>([^<]+)<')
    end
    assert.same({ "00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00" }, below(96))
    assert.same({ "Oct 1", "Oct 2", "Oct 3" }, below(3 * 96))
    local days = below(22 * 96)
    assert.same({ 8, "Oct 1", "Oct 4", "Oct 22" }, { #days, days[1], days[2], days[8] })
  end)

  for what, values in pairs {
    ["one row"] = { 5 },
    ["all the same"] = { 5, 5, 5, 5 },
    ["nothing but zeros"] = { 0, 0, 0 },
    ["the largest numbers there are"] = { -1.7e308, 1.7e308, 0 },
    ["the smallest ones"] = { 5e-324, 0, 1e-320 },
    ["large ones that differ by little"] = { 1e16, 1e16 + 2, 1e16 + 4 },
  } do
    it("can be drawn of " .. what, function()
      local svg = chart.series(times_of(#values), values)
      is_within(svg)
      is_well_formed(svg)
      assert.is_true(#all(svg, 'text%-anchor="end"') <= 12)
    end)
  end
end)

describe("a chart of shares", function()
  local markets = {
    { name = "MD", shares = { 0.5, 0.25, 1 } },
    { name = "MID<1>", shares = { 0.5, 0.5 } },
  }

  it("lays the markets upon each other", function()
    local svg = chart.shares(times_of(3), markets)
    local _, first = places(svg, "market market%-1")
    local _, second = places(svg, "market market%-2")
    assert.same({ 6, 6 }, { #first, #second })
    for i = 1, 3 do
      assert.equal(first[i], second[7 - i]) -- what ends below begins above
    end
    assert.equal(16, second[1]) -- 100 %
    assert.equal(second[3], second[4]) -- no share is none
    is_within(svg)
    is_well_formed(svg)
  end)

  it("is no longer than can be seen, and lays means upon each other", function()
    local svg = chart.shares(times_of(2900), {
      { name = "MD", shares = values_of(2900, function(i) return i % 2 end) },
      { name = "MID1", shares = values_of(2900, function(i) return 1 - i % 2 end) },
    })
    local xs, ys = places(svg, "market market%-2")
    assert.is_true(#xs <= 850)
    assert.equal(16, ys[1])
    is_within(svg)
    is_well_formed(svg)
  end)

  it("goes to 100 %, and beyond where the shares do", function()
    local function highest(share)
      local svg = chart.shares(times_of(1), { { name = "MD", shares = { share } } })
      local ticks = all(svg, 'text%-anchor="end"[^>]*>([^<]+)<')
      return ticks[#ticks]
    end
    assert.same({ "100 %", "100 %", "200 %" }, { highest(0.2), highest(1.0001), highest(1.9) })
  end)

  it("says what each market has, whatever its name", function()
    local svg = chart.shares(times_of(3), markets)
    assert.matches("2025-10-01 00:15\nMD 25 %\nMID&lt;1&gt; 50 %", svg, 1, true)
    assert.is_nil(svg:find("<1>", 1, true))
  end)

  it("may be of no market", function()
    is_within(chart.shares(times_of(3), {}))
  end)
end)
