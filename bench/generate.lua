-- A purchase series to measure with: the same bytes for the same number of rows, on every Lua.
-- usage: lua bench/generate.lua ROWS > FILE      (quarter-hours from 1970-01-01 00:00 on, 3 decimals)
local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local year, month, day = 1970, 1, 1

local function days_in_month()
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or DAYS[month]
end

local function next_day()
  day = day + 1
  if day > days_in_month() then day, month = 1, month + 1 end
  if month > 12 then month, year = 1, year + 1 end
end

-- Small enough to be exact in a double, so that LuaJIT and Lua 5.4 agree.
local seed = 1
local function megawatts()
  seed = seed * 16807 % 2147483647
  local thousandths = seed % 100000
  return ("%d.%03d"):format((thousandths - thousandths % 1000) / 1000, thousandths % 1000)
end

local function quarter_hours()
  local times = {}
  for minutes = 0, 1425, 15 do
    times[#times + 1] = (" %02d:%02d,"):format((minutes - minutes % 60) / 60, minutes % 60)
  end
  return times
end

local function write_day(times, rows)
  local date = ("%04d-%02d-%02d"):format(year, month, day)
  local lines = {}
  for i = 1, math.min(rows, #times) do
    lines[i] = date .. times[i] .. megawatts() .. "\n"
  end
  io.write(table.concat(lines))
end

local left = assert(tonumber(arg[1]), "usage: generate.lua ROWS")
local times = quarter_hours()
io.write("datetime,purchase\n")
while left > 0 do
  write_day(times, left)
  left = left - #times
  next_day()
end
