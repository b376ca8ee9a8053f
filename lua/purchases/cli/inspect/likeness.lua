--- Columns that look like times and that no letter of strptime reads.
-- @module purchases.cli.inspect.likeness
local M = {}

local NAMES = { "fecha", "date", "day", "d\195\173a", "dia", "hora", "hour", "time", "datum", "when", "creat", "epoch",
  "unix", "_at", "alta", "momento" }

-- Is a column named as one of times?
local function is_named(name)
  name = (name or ""):lower()
  for _, word in ipairs(NAMES) do
    if name:find(word, 1, true) then
      return true
    end
  end
  return false
end

local DAY = 86400
local EPOCH = 25569 -- 1970-01-01, as spreadsheets count days
local FROM, TO = 20454, 73050 -- 1956 to 2099: what is below may be an amount, or a year

--- @tab column plain, of numbers
-- @bool is_only are there no times in the file?
-- @treturn ?string what it looks like; nil: like numbers
-- @treturn ?string what to do
function M.of_number(column, is_only)
  local least, most = column.min, column.max
  local is_time = is_named(column.name) or is_only and column.number == 1 and column.decimal ~= nil
  if not least or not is_time or column.currency then
    return nil
  elseif least >= FROM and most <= TO then
    return ("days as a spreadsheet counts them (%d is %s), which no letter reads"):format(least,
      os.date("!%Y-%m-%d", math.floor(least - EPOCH) * DAY)),
      "give the column a date's format in the spreadsheet, such as yyyy-mm-dd hh:mm, and save it as CSV again"
  end
  local scale = least >= 1e12 and 1000 or 1
  if not column.decimal and least >= 1e9 * scale and most < 4e9 * scale then
    return ("%s since 1970 (%.0f is %s in UTC), which no letter reads"):format(scale == 1 and "seconds"
      or "milliseconds", least, os.date("!%Y-%m-%d %H:%M", math.floor(least / scale))),
      "have the times written as YYYY-MM-DD HH:MM"
  end
end

return M
