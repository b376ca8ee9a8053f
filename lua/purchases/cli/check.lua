--- purchases check: is a purchase series fit to be sent?
-- @module purchases.cli.check
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local source = require "purchases.cli.source"
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
  return {
    file = args.file,
    valid = true,
    rows = #series,
    first = series:first(),
    last = series:last(),
    days = series:day_count(),
    odd_days = odd_days(series),
  }
end

local function print_summary(result)
  local odd = {}
  for i, day in ipairs(result.odd_days) do
    odd[i] = ("%s has %d"):format(day.date, day.rows)
  end
  local remark = #odd > 0 and (" (%s)"):format(table.concat(odd, ", ", 1, math.min(#odd, 5))) or ""
  print(("%s: %s rows, %s to %s, %s days%s"):format(result.file, text.thousands(result.rows), result.first, result.last, text.thousands(result.days), remark))
end

local function run(args)
  local series, err = source.read(args)
  if series then
    local result = summary(args, series)
    result.odd_days = #result.odd_days > 0 and result.odd_days or json.empty_list
    if args.json then
      print(json.encode(result))
    else
      print_summary(result)
    end
    return ending.OK
  end
  if args.json then
    print(json.encode { file = args.file, valid = false, code = err.code, message = err.message, total = err.total, issues = err.issues })
    return ending.INVALID
  end
  return source.complain(args, err)
end

function M.define(parser)
  local command = parser:command("check", "Check a purchase series; send nothing.")
  command:epilog(EXAMPLES)
  source.define(command)
  command:flag("--json", "Print one JSON object.")
  command:action(function(args)
    args.run = run
  end)
end

return M
