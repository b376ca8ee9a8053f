--- purchases check: is a purchase series fit to be sent?
-- @module purchases.cli.check
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local source = require "purchases.cli.series_file"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases check load.csv --tz Europe/Madrid
  purchases check esios.csv --datetime-column datetime_utc --value-column value --tz Europe/Madrid
  zcat load.json.gz | purchases check - --json]]

-- Days of another length than the first full one, such as those on which clocks change.
local function odd_days(series)
  local usual, odd = nil, {}
  for day in series:days() do
    usual = usual or #day
    if #day ~= usual then
      odd[#odd + 1] = { date = day:date(), rows = #day }
    end
  end
  return odd
end

local function summary(args, series)
  local odd = odd_days(series)
  return {
    file = args.file,
    valid = true,
    rows = #series,
    first = series:first(),
    last = series:last(),
    days = series:day_count(),
    odd_days = json.list(odd),
  }
end

local MOST_DAYS = 5 -- that are named

local function remark(days)
  local parts = {}
  for i, day in ipairs(days) do
    if i > MOST_DAYS then
      parts[i] = ("and %d more"):format(#days - MOST_DAYS)
      break
    end
    parts[i] = ("%s has %d"):format(day.date, day.rows)
  end
  return #parts > 0 and (" (%s)"):format(table.concat(parts, ", ")) or ""
end

local function print_summary(result)
  output.write(("%s: %s rows, %s to %s, %s day%s%s\n"):format(result.file, text.thousands(result.rows), result.first,
    result.last, text.thousands(result.days), result.days == 1 and "" or "s", remark(result.odd_days)))
end

local function run(args)
  local series, err = source.read(args)
  if not series then
    return source.complain(args, err)
  elseif args.json then
    return output.json(summary(args, series))
  end
  print_summary(summary(args, series))
  return ending.OK
end

function M.define(parser)
  local command = parser:command("check", "Check a purchase series; send nothing.")
  help.define(command, EXAMPLES)
  source.define(command)
  command:flag("--json", "Print one JSON object.")
  command:action(function(args)
    args.run = run
  end)
end

return M
