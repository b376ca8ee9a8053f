--- purchases check: checks a purchase series.
-- @module purchases.cli.check
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local series_file = require "purchases.cli.series_file"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases check load.csv --tz Europe/Madrid
  purchases check esios.csv --datetime-column datetime_utc --value-column value --tz Europe/Madrid
  zcat load.json.gz | purchases check - --json]]

-- Days of another length than the first full one, such as those on which clocks change.
local function find_odd_days(series)
  local usual, odd = nil, {}
  for day in series:days() do
    usual = usual or #day
    if #day ~= usual then
      odd[#odd + 1] = { date = day:date(), rows = #day }
    end
  end
  return odd
end

local MOST_DAYS = 5 -- that are named

local function run(args)
  local series, code = series_file.read(args)
  if not series then
    return code
  end
  local odd = find_odd_days(series)
  if args.json then
    return output.json {
      file = args.file,
      valid = true,
      rows = #series,
      first = series:first(),
      last = series:last(),
      days = series:day_count(),
      odd_days = json.list(odd),
    }
  end
  local remarks = {}
  for i = 1, math.min(#odd, MOST_DAYS) do
    remarks[i] = ("%s has %d"):format(odd[i].date, odd[i].rows)
  end
  if #odd > MOST_DAYS then
    remarks[#remarks + 1] = ("and %d more"):format(#odd - MOST_DAYS)
  end
  local remark = #odd > 0 and (" (%s)"):format(table.concat(remarks, ", ")) or ""
  output.write(("%s: %s rows, %s to %s, %s%s\n"):format(args.file, text.thousands(#series), series:first(),
    series:last(), text.count(series:day_count(), "day"), remark))
  return ending.OK
end

function M.define(parser)
  local command = parser:command("check", "Checks a purchase series and sends nothing.")
  help.define(command, { EXAMPLES }, run)
  series_file.define(command)
  command:flag("--json", "Prints one JSON object.")
end

return M
