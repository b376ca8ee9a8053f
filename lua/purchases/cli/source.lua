--- The arguments that say how to read a purchase series, and its reading.
-- @module purchases.cli.source
local ending = require "purchases.cli.ending"
local series = require "purchases.series"

local M = {}

local function step(text)
  if text == "none" then
    return false
  end
  local minutes = tonumber(text)
  if not minutes or minutes < 1 or 60 % minutes ~= 0 then
    return nil, "--step must be 'none' or a number of minutes that divides 60"
  end
  return minutes
end

--- Adds the arguments to a command.
function M.define(command)
  command:argument("file", "CSV, JSON or NDJSON; '-' is standard input.")
  command:option("--tz", "Time zone, such as Europe/Madrid: instants become its local time, and the days' lengths are checked.")
  command:option("--step", "Minutes between rows, or 'none'.", "15", step)
  command:option("--datetime-column", "Column or key of the time.", "datetime")
  command:option("--value-column", "Column or key of the value in MW.", "purchase")
end

--- Reads the series that the arguments name.
-- @treturn purchases.series|nil
-- @treturn ?purchases.error
function M.read(args)
  return series.read(args.file, {
    datetime = args.datetime_column,
    value = args.value_column,
    tz = args.tz,
    step = args.step,
  })
end

local function issue_line(file, issue)
  local place = file
  if issue.line then
    place = ("%s:%d:%d"):format(file, issue.line, issue.column)
  end
  local detail = issue.detail and (" (%s)"):format(issue.detail) or ""
  return ("%s: %s%s [%s]\n"):format(place, issue.message, detail, issue.code)
end

--- Prints every issue that was kept, and how many there are.
-- @treturn int exit code
function M.complain(args, err)
  for _, issue in ipairs(err.issues) do
    io.stderr:write(issue_line(args.file, issue))
  end
  local more = err.total > #err.issues and (", the first %d of them above"):format(#err.issues) or ""
  ending.complain(("%s: %d problem%s%s; nothing was sent"):format(args.file, err.total, err.total == 1 and "" or "s", more))
  return ending.INVALID
end

return M
