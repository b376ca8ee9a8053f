-- Purchase rows as people read and check them in plain Lua: a pattern, the calendar, the step of 15 minutes.
local M = {}

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local DATETIME = "^(%d%d%d%d%-%d%d%-%d%d) (%d%d):(%d%d)$"
local LINE = "^((%d%d%d%d%-%d%d%-%d%d) (%d%d):(%d%d)),(%-?%d+%.?%d*)$"

local function days_in(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or DAYS[month]
end

-- Days since 0000-03-01, so that the leap day comes last.
local function day_number(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day
end

local function parse_date(date)
  local year, month, day = tonumber(date:sub(1, 4)), tonumber(date:sub(6, 7)), tonumber(date:sub(9, 10))
  local last = days_in(year, month)
  if not last or day < 1 or day > last then error("no such date: " .. date, 0) end
  return day_number(year, month, day)
end

-- Rows come in days: the calendar is asked once per date.
local last_date, last_day

local function minutes(date, hour, minute)
  if date ~= last_date then last_date, last_day = date, parse_date(date) end
  local h, m = tonumber(hour), tonumber(minute)
  if h > 23 or m > 59 then error("no such time: " .. hour .. ":" .. minute, 0) end
  if m % 15 ~= 0 then error("not a quarter-hour: " .. hour .. ":" .. minute, 0) end
  return last_day * 1440 + h * 60 + m
end

local function check_step(before, now)
  if before and now - before ~= 15 then error("rows are not 15 minutes apart", 0) end
  return now
end

local function check_number(value)
  if type(value) ~= "number" or value ~= value or value == math.huge or value == -math.huge then
    error("not a finite number: " .. tostring(value), 0)
  end
  return value
end

-- No row may be lost in silence beside those from 1 to #rows.
local function check_list(rows)
  local count = 0
  for _ in next, rows do count = count + 1 end
  if count ~= #rows then error("rows are counted from 1, without a hole", 0) end
end

-- Checks a table of {datetime =, purchase =} rows.
function M.check(rows)
  local before
  check_list(rows)
  for i = 1, #rows do
    local row = rows[i]
    local datetime = row.datetime
    if type(datetime) ~= "string" then error("no datetime", 0) end
    local date, hour, minute = datetime:match(DATETIME)
    if not date then error("invalid datetime: " .. datetime, 0) end
    before = check_step(before, minutes(date, hour, minute))
    check_number(row.purchase)
  end
end

-- Iterates over a CSV file in tables of `size` checked rows.
function M.batches(path, size)
  local lines, before = io.lines(path), nil
  if lines() ~= "datetime,purchase" then error("unknown header", 0) end
  return function()
    local rows = {}
    for i = 1, size do
      local line = lines and lines()
      if not line then lines = nil break end
      local datetime, date, hour, minute, value = line:match(LINE)
      if not datetime then error("invalid line: " .. line, 0) end
      before = check_step(before, minutes(date, hour, minute))
      rows[i] = { datetime = datetime, purchase = check_number(tonumber(value)) }
    end
    return rows[1] and rows
  end
end

-- `count` tables of `size` rows, all of them different quarter-hours from 1970-01-01 on.
function M.make(count, size)
  local tables, seed = {}, 1
  local day, offset = os.time({ year = 1970, month = 1, day = 2, hour = 12 }), 0
  for t = 1, count do
    local rows = {}
    for i = 1, size do
      seed = seed * 16807 % 2147483647
      local date = os.date("%Y-%m-%d", day + math.floor(offset / 96) * 86400)
      local of_day = offset % 96 * 15
      rows[i] = { datetime = ("%s %02d:%02d"):format(date, math.floor(of_day / 60), of_day % 60),
        purchase = seed % 100000 / 1000 }
      offset = offset + 1
    end
    tables[t] = rows
  end
  return tables
end

return M
