--- Rows that are days: the columns that count the intervals of one.
-- @module purchases.cli.inspect.wide
local M = {}

-- Minutes of an interval, by how many of them a day may have: with an hour less, as usual, with an hour more.
local MINUTES = { [23] = 60, [24] = 60, [25] = 60, [46] = 30, [48] = 30, [50] = 30, [92] = 15, [96] = 15, [100] = 15 }

local DAY = 1440

-- What a name counts: what it has beside its number, the number, and whether that is of minutes.
local function counter_of(name)
  local hour, minute = name:match "^(%d%d?)[:.h](%d%d)"
  if not hour then
    hour, minute = name:match "^(%d%d)(%d%d)$"
  end
  if hour and tonumber(hour) <= 24 and tonumber(minute) < 60 then
    return "clock", tonumber(hour) * 60 + tonumber(minute), true
  end
  local before, behind, quarter
  before, hour, quarter = name:match "^(%D*)(%d+) ?[Qq](%d)$"
  if before then
    return before .. "Q", (tonumber(hour) - 1) * 4 + tonumber(quarter)
  end
  before, hour, behind = name:match "^(.-)(%d+)(%D*)$"
  if before then
    return before .. "\0" .. behind, tonumber(hour)
  end
end

-- Minutes of an interval where columns count so many; nil: they are no day's.
local function minutes_of(run)
  local minutes = MINUTES[run.count]
  local step = run.is_clock and minutes or 1
  return minutes and run.step == step and run.begins <= step and minutes or nil
end

--- Finds names that count the intervals of a day, next to each other: 0 to 23, H01 to H25, 00:15 to 24:00, H1Q1 to
-- H24Q4.
-- @tparam {string|false,...} names false: this column cannot be one of them
-- @treturn ?int the first
-- @treturn ?int the last
-- @treturn ?int minutes of an interval
function M.find(names)
  local best, run
  for i = 1, #names + 1 do
    local key, count, is_clock = counter_of(names[i] or "")
    if run and is_clock and count == 0 and run.last + (run.step or 0) == DAY then
      count = DAY -- the end of the day
    end
    local step = run and key == run.key and count - run.last
    if step and step > 0 and (run.step == nil or run.step == step) then
      run.step, run.last, run.count = step, count, run.count + 1
    else
      local minutes = run and minutes_of(run)
      best = minutes and (not best or run.count > best.count) and run or best
      run = key and { key = key, first = i, begins = count, last = count, count = 1, is_clock = is_clock }
    end
  end
  if best then
    return best.first, best.first + best.count - 1, minutes_of(best)
  end
end

--- How many minutes an interval has where a day has so many.
-- @treturn ?int nil: no day has
function M.minutes(count)
  return MINUTES[count]
end

return M
