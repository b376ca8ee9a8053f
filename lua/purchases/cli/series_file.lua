--- The file of a purchase series: the arguments that say how to read it, and its reading.
-- @module purchases.cli.series_file
local ending = require "purchases.cli.ending"
local issue = require "purchases.cli.issue"
local output = require "purchases.cli.output"
local series = require "purchases.series"
local text = require "purchases.cli.text"

local M = {}

local function read_step(word)
  if word == "none" then
    return false
  end
  local minutes = tonumber(word)
  if not minutes or minutes < 1 or minutes % 1 ~= 0 or 60 % minutes ~= 0 then
    return nil, "--step must be 'none' or a whole number of minutes that divides 60"
  end
  return math.floor(minutes)
end

--- Adds the arguments to a command.
function M.define(command)
  command:argument("file", "CSV, JSON or NDJSON; '-' is standard input.")
  command:option("--tz", "Time zone, such as Europe/Madrid: instants become its local time, and days must be complete.")
  command:option("--step", "Minutes between rows, or 'none'.", "15", read_step)
  command:option("--datetime-column", "Column or key of the time.", "datetime")
  command:option("--value-column", "Column or key of the value in MW.", "purchase")
end

local ADVICE = "; set the columns with --datetime-column and --value-column"

-- Complains of the rows, or of the file as a whole.
local function complain(args, err)
  local first = err.issues and err.issues[1]
  if first and (err.total > 1 or first.line and first.code ~= "missing_column") then
    for _, one in ipairs(err.issues) do
      issue.print(args.file, one)
    end
    local more = err.total > #err.issues and (", the first %d of them above"):format(#err.issues) or ""
    ending.complain(args.file, ": ", text.count(err.total, "problem"), more, "; nothing was sent")
    return
  end
  local name = args.file == "-" and "standard input" or args.file
  local message = first and first.message or err.message
  local place = message:find(name, 1, true) and "" or name .. ": "
  local advice = message:find "^no column" and ADVICE or ""
  ending.complain(place, message, advice, "; nothing was sent")
end

--- Reads the series that the arguments name.
-- @treturn[1] purchases.series
-- @treturn[2] nil
-- @treturn[2] int exit code; everything that is wrong with the series is printed
function M.read(args)
  local read, err = series.read(args.file, {
    datetime = args.datetime_column,
    value = args.value_column,
    tz = args.tz,
    step = args.step,
  })
  for _, one in ipairs(err and err.issues or {}) do -- the option goes by another name here
    one.detail = one.detail and one.detail:gsub("%(tz%)$", "(--tz)")
  end
  if read then
    return read
  elseif err.code == "unknown_zone" then
    return nil, ending.misuse("--tz: ", err.message)
  elseif args.json then
    output.json {
      file = args.file,
      valid = false,
      code = err.code,
      message = err.message,
      total = err.total,
      issues = err.issues,
    }
  else
    complain(args, err)
  end
  return nil, ending.INVALID
end

return M
