--- purchases check: checks a purchase series.
-- @module purchases.cli.check
local arguments = require "purchases.cli.arguments"
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
  purchases check consumption.csv --map datadis --day 2025-11-11 --print 4
  zcat load.json.gz | purchases check - --json]]

local DAY_MINUTES = 24 * 60

-- How many rows a day of 24 hours has: no day's own rows can tell, for any may be cut. Rows are a step apart, unless
-- clocks change between two of them.
local function usual_length(series)
  local step, last
  for hour, minute in series:encode(1, math.min(3, #series)):gmatch '"%d+%-%d+%-%d+ (%d%d):(%d%d)"' do
    local now = hour * 60 + minute
    local apart = last and (now - last) % DAY_MINUTES or 0
    step = apart > 0 and (not step or apart < step) and apart or step
    last = now
  end
  return step and DAY_MINUTES / step or 1
end

-- Of several days those of another length, such as those on which clocks change, or of which the rows have a part. Of a
-- single one the number of rows is told anyway.
local function find_odd_days(series)
  local usual, odd = usual_length(series), {}
  if series:day_count() == 1 then
    return odd
  end
  for day in series:days() do
    if #day ~= usual then
      odd[#odd + 1] = { date = day:date(), rows = #day }
    end
  end
  return odd
end

local MOST_DAYS = 5 -- that are named

local function line_of(args, series, odd)
  local remarks = {}
  for i = 1, math.min(#odd, MOST_DAYS) do
    remarks[i] = ("%s has %d"):format(odd[i].date, odd[i].rows)
  end
  if #odd > MOST_DAYS then
    remarks[#remarks + 1] = ("and %d more"):format(#odd - MOST_DAYS)
  end
  local remark = #odd > 0 and (" (%s)"):format(table.concat(remarks, ", ")) or ""
  return ("%s: %s, %s to %s, %s%s"):format(args.file[2] and series_file.name(args) or args.file[1],
    text.count(#series, "row"), series:first(), series:last(), text.count(series:day_count(), "day"), remark)
end

-- Prints rows as they would be sent, each on a line.
local function print_rows(series, count)
  local slice = 1000
  for first = 1, math.min(count, #series), slice do
    local body = series:encode(first, math.min(first + slice - 1, count, #series))
    output.write((body:match "%[(.*)%]":gsub("},{", "}\n{")), "\n")
  end
end

local function run(args)
  local series, notes = series_file.read(args)
  if not series then
    return notes
  end
  local odd = find_odd_days(series)
  if args.print then
    print_rows(series, args.print)
  end
  if args.json then
    return output.summary(args.print, {
      file = series_file.files(args),
      valid = true,
      rows = #series,
      first = series:first(),
      last = series:last(),
      days = series:day_count(),
      odd_days = json.list(odd),
      notes = notes[1] and notes or nil,
    })
  end
  return output.summary(args.print, line_of(args, series, odd))
end

function M.define(parser)
  local command = parser:command("check", "Checks a purchase series and sends nothing.")
  help.define(command, { EXAMPLES, arguments.PRINT }, run)
  series_file.define(command)
  arguments.define_print(command, "rows")
  command:flag("--json", "Prints one JSON object.")
end

return M
