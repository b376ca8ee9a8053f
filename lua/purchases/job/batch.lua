--- A purchase series as batches: one purchase each.
-- @module purchases.job.batch
local M = {}

local function by_day(series)
  return series:days()
end

local function whole(series)
  local done = false
  return function()
    if not done then
      done = true
      return series
    end
  end
end

local function by_count(series, count)
  local first = 1 - count
  return function()
    first = first + count
    if first <= #series then
      return series:slice(first, math.min(first + count - 1, #series))
    end
  end
end

--- For option checks: "day", "all" or a whole number of rows.
function M.check(size)
  local number = type(size) == "number" and size >= 1 and size % 1 == 0
  if size ~= "day" and size ~= "all" and not number then
    return 'must be "day", "all" or a number of rows'
  end
end

--- Iterates over a series in slices.
-- @tparam purchases.series series
-- @tparam string|number size "day" (delivery days), "all" or a number of rows
-- @treturn function
function M.of(series, size)
  if size == "day" then
    return by_day(series)
  elseif size == "all" then
    return whole(series)
  end
  return by_count(series, size)
end

--- How many batches that makes.
function M.count(series, size)
  if size == "day" then
    return series:day_count()
  elseif size == "all" then
    return 1
  end
  return math.ceil(#series / size)
end

return M
