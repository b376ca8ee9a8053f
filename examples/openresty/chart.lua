--- Draws charts as SVG: a series in MW, and the share of each market. Colours and fonts are in the style sheet.
local M = {}

local WIDTH, HEIGHT = 900, 300
local LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 36
local MOST_POINTS = 200 -- with a mark and a tip each; a pointer could not hit more

local SMALLEST, LARGEST = 1e-290, 1e290 -- differences of numbers in between are exact enough

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- Escapes a text for HTML and SVG.
function M.escape(text)
  return (tostring(text):gsub("[&<>\"']", ESCAPES))
end

--- Writes a number with at most six significant digits.
function M.number(value)
  return (("%.6g"):format(value))
end

-- 1, 2 or 5 times a power of ten: the step of about five ticks over a range.
local function nice_step(span)
  local power = 10 ^ math.floor(math.log10(span / 5))
  for _, factor in ipairs { 1, 2, 5 } do
    if span / (factor * power) <= 6 then
      return factor * power
    end
  end
  return 10 * power
end

-- The ends of an axis that holds all values, and the step of its ticks.
local function axis(least, most)
  if most - least < SMALLEST then
    local margin = math.max(math.abs(least) / 10, 1)
    least, most = least - margin, most + margin
  end
  local step = nice_step(most - least)
  return { low = math.floor(least / step) * step, high = math.ceil(most / step) * step, step = step }
end

local function x_of(index, count)
  local place = count == 1 and 0.5 or (index - 1) / (count - 1)
  return LEFT + place * (WIDTH - LEFT - RIGHT)
end

local function y_of(value, scale)
  return HEIGHT - BOTTOM - (value - scale.low) / (scale.high - scale.low) * (HEIGHT - TOP - BOTTOM)
end

local COLUMNS = 425 -- a chart of more points than two in each of them would look the same

-- Calls a function with the first and last index of each column that `count` values are divided into.
local function each_column(count, call)
  for column = 1, COLUMNS do
    call(math.floor((column - 1) * count / COLUMNS) + 1, math.floor(column * count / COLUMNS))
  end
end

-- The indices that a line goes through: all, or of each column the least and the most.
local function outline(values)
  local indices, count = {}, #values
  if count <= 2 * COLUMNS then
    for i = 1, count do
      indices[i] = i
    end
    return indices
  end
  each_column(count, function(first, last)
    local least, most = first, first
    for i = first + 1, last do
      least = values[i] < values[least] and i or least
      most = values[i] > values[most] and i or most
    end
    indices[#indices + 1] = math.min(least, most)
    indices[#indices + 1] = least ~= most and math.max(least, most) or nil
  end)
  return indices
end

-- Times and markets with no more values than can be told apart: each the mean of its column.
local function thinned(times, markets)
  if #times <= 2 * COLUMNS then
    return times, markets
  end
  local few_times, few = {}, {}
  for m, market in ipairs(markets) do
    local means = {}
    each_column(#times, function(first, last)
      local sum = 0
      for i = first, last do
        sum = sum + (market.shares[i] or 0)
      end
      means[#means + 1] = sum / (last - first + 1)
    end)
    few[m] = { name = market.name, shares = means }
  end
  each_column(#times, function(first)
    few_times[#few_times + 1] = times[first]
  end)
  return few_times, few
end

local function put(parts, format, ...)
  parts[#parts + 1] = format:format(...)
end

local function draw_value_axis(parts, scale, label)
  for i = 0, math.floor((scale.high - scale.low) / scale.step + 0.5) do
    local value = scale.low + i * scale.step
    local y = y_of(value, scale)
    put(parts, '<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>', LEFT, WIDTH - RIGHT, y, y)
    put(parts, '<text class="tick" text-anchor="end" x="%d" y="%.1f">%s</text>', LEFT - 8, y + 4, label(value))
  end
end

-- Index and text of the ticks below one day: every three hours.
local function hour_ticks(times)
  local ticks = {}
  for i, time in ipairs(times) do
    local hour, minute = time:match "(%d%d):(%d%d)"
    if minute == "00" and tonumber(hour) % 3 == 0 then
      ticks[#ticks + 1] = { i, hour .. ":00" }
    end
  end
  return ticks
end

-- Index and text of the ticks below many days: at most ten of them.
local function day_ticks(times)
  local days, ticks, day = {}, {}, "?"
  for i, time in ipairs(times) do
    if not time:find(day, 1, true) then
      day = time:sub(1, 10)
      local month, number = time:match "^%d+%-(%d%d)%-(%d%d)"
      days[#days + 1] = { i, MONTHS[tonumber(month)] .. " " .. tonumber(number) }
    end
  end
  for i = 1, #days, math.ceil(#days / 10) do
    ticks[#ticks + 1] = days[i]
  end
  return ticks
end

local function draw_time_axis(parts, times)
  local y = HEIGHT - BOTTOM
  put(parts, '<line class="axis" x1="%d" x2="%d" y1="%d" y2="%d"/>', LEFT, WIDTH - RIGHT, y, y)
  local is_one_day = times[1]:sub(1, 10) == times[#times]:sub(1, 10)
  for _, tick in ipairs(is_one_day and hour_ticks(times) or day_ticks(times)) do
    local x = x_of(tick[1], #times)
    put(parts, '<line class="axis" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>', x, x, y, y + 5)
    put(parts, '<text class="tick" text-anchor="middle" x="%.1f" y="%d">%s</text>', x, y + 22, tick[2])
  end
end

-- Draws a strip for each time, which shows the text `tip(i)` and a mark at `y(i)`; nothing where there are too many.
local function draw_points(parts, times, tip, y)
  local count = #times
  if count > MOST_POINTS then
    return
  end
  local width = (WIDTH - LEFT - RIGHT) / math.max(count - 1, 1)
  for i = 1, count do
    local x = x_of(i, count)
    put(parts, '<g class="point"><title>%s</title><rect x="%.2f" y="%d" width="%.2f" height="%d"/>',
      M.escape(tip(i)), x - width / 2, TOP, width, HEIGHT - TOP - BOTTOM)
    put(parts, '<circle cx="%.2f" cy="%.2f" r="4"/></g>', x, y(i))
  end
end

local function begin(id, title, description)
  local parts = {}
  put(parts, '<svg class="chart" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-text">', WIDTH, HEIGHT,
    id, id)
  put(parts, '<title id="%s-title">%s</title><desc id="%s-text">%s</desc>', id, M.escape(title), id,
    M.escape(description))
  return parts
end

--- Draws a series as a line.
-- @tab times list of "YYYY-MM-DD HH:MM", at least one
-- @tab values MW, one for each time
-- @treturn string
function M.series(times, values)
  local least, most = values[1], values[1]
  for _, value in ipairs(values) do
    least, most = math.min(least, value), math.max(most, value)
  end
  local shrink = math.max(-least, most) > LARGEST and 1e-20 or 1
  local scale = axis(least * shrink, most * shrink)
  local function y(i)
    return y_of(values[i] * shrink, scale)
  end
  local parts = begin("series", "Purchase in MW", ("%d values from %s to %s, between %s and %s MW."):format(#times,
    times[1], times[#times], M.number(least), M.number(most)))
  draw_value_axis(parts, scale, function(value)
    value = value / shrink
    return math.abs(value) < math.huge and M.number(value) or ""
  end)
  draw_time_axis(parts, times)
  local points = {}
  for at, i in ipairs(outline(values)) do
    points[at] = ("%.2f,%.2f"):format(x_of(i, #times), y(i))
  end
  put(parts, '<polyline class="line" points="%s"/>', table.concat(points, " "))
  draw_points(parts, times, function(i)
    return ("%s: %s MW"):format(times[i], M.number(values[i]))
  end, y)
  return table.concat(parts, "\n") .. "\n</svg>"
end

local function percent(value)
  return ("%.4g %%"):format(value * 100)
end

local ROUNDING = 0.01 -- shares that add up to at most this much over 1 are drawn as 1

-- For each market and time, the sum of the shares up to and including that market; and the largest sum.
local function stack(times, markets)
  local sums, most = { [0] = {} }, 1
  for i = 1, #times do
    sums[0][i] = 0
  end
  for m, market in ipairs(markets) do
    sums[m] = {}
    for i = 1, #times do
      sums[m][i] = sums[m - 1][i] + (market.shares[i] or 0)
      most = math.max(most, sums[m][i])
    end
  end
  return sums, most > 1 + ROUNDING and most or 1
end

local function area(times, below, above, scale)
  local points, count = {}, #times
  for i = 1, count do
    points[i] = ("%.2f,%.2f"):format(x_of(i, count), y_of(above[i], scale))
    points[2 * count + 1 - i] = ("%.2f,%.2f"):format(x_of(i, count), y_of(below[i], scale))
  end
  return table.concat(points, " ")
end

--- Draws the shares of the markets, one on top of the other.
-- @tab times as for `series`
-- @tab markets list of `{ name =, shares = }`: parts of 1 by the index of their time; a missing one counts as 0
-- @treturn string
function M.shares(times, markets)
  times, markets = thinned(times, markets)
  local sums, most = stack(times, markets)
  local scale, names = axis(0, most), {}
  for m, market in ipairs(markets) do
    names[m] = market.name
  end
  local parts = begin("shares", "Share of each market", "Shares of " .. table.concat(names, ", ") .. " over time.")
  for m in ipairs(markets) do
    put(parts, '<polygon class="market market-%d" points="%s"/>', m, area(times, sums[m - 1], sums[m], scale))
  end
  draw_value_axis(parts, scale, percent)
  draw_time_axis(parts, times)
  draw_points(parts, times, function(i)
    local texts = { times[i] }
    for _, market in ipairs(markets) do
      texts[#texts + 1] = market.name .. " " .. percent(market.shares[i] or 0)
    end
    return table.concat(texts, "\n")
  end, function(i)
    return y_of(sums[1] and sums[1][i] or 0, scale)
  end)
  return table.concat(parts, "\n") .. "\n</svg>"
end

return M
