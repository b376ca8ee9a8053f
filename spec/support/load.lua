-- Purchase series made up for specs: quarter-hours from 2025-10-01 00:00 on, each row with a MW of its own.
--
--   load.rows(4)      a list of rows, as purchases.series.from takes them
--   load.series(4)    a checked series of four rows; load.days(31) one of whole days (96 rows each)
--   load.csv(4)       the same as a CSV text
local series = require "purchases.series"

local M = {}

local FIRST = 1759276800 -- 2025-10-01 00:00, in seconds since 1970

local function datetime(row)
  return os.date("!%Y-%m-%d %H:%M", FIRST + row * 900)
end

function M.rows(count)
  local rows = {}
  for i = 1, count do
    rows[i] = { datetime = datetime(i - 1), purchase = i + 0.5 }
  end
  return rows
end

function M.series(count)
  return assert(series.from(M.rows(count)))
end

function M.days(count)
  return M.series(96 * count)
end

function M.csv(count)
  local lines = { "datetime,purchase" }
  for i, row in ipairs(M.rows(count)) do
    lines[i + 1] = row.datetime .. "," .. row.purchase
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
