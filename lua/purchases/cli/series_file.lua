--- The files of a purchase series: the arguments that say how to read them, and their reading.
-- @module purchases.cli.series_file
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local issue = require "purchases.cli.issue"
local json = require "purchases.json"
local map_options = require "purchases.cli.map_options"
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
  command:argument("file", "CSV, JSON or NDJSON; '-' is standard input. Several are one series, in their order.")
    :args "+"
  command:option("--tz", "Time zone, such as Europe/Madrid: instants become its local time, and days must be complete.")
  command:option("--step", "Minutes between rows, or 'none'; 15 unless told.", nil, read_step)
  command:option("--datetime-column", "Column of the time, by its name or number, or key; 'datetime' unless told.",
    nil, map_options.column "--datetime-column")
  command:option("--value-column", "Column of the value, by its name or number, or key; 'purchase' unless told.",
    nil, map_options.column "--value-column")
  map_options.define(command)
  command:option("--date", "Form of the times, in the letters of strptime: '%d/%m/%Y %H:%M'.")
  command:option("--unit", "Unit of the values: MW, kW, GW, MWh, kWh, Wh or GWh.")
  command:option("--label", "What a time names of its interval."):choices { "start", "end" }
  command:option("--resolution", "Minutes of the file's rows, where they are longer than the step.", nil,
    arguments.whole("--resolution", 1, 60))
  command:option("--from", "First delivery day, or time, that is taken.")
  command:option("--to", "Last delivery day, or the time before which rows are taken.")
  command:option("--day", "Delivery day that is taken: --from and --to in one.")
end

--- How the files are called in messages.
function M.name(args)
  local names = {}
  for i, file in ipairs(args.file) do
    names[i] = file == "-" and "standard input" or file
  end
  return table.concat(names, ", ")
end

local MOST_ISSUES = 1000 -- that an error lists
local ADVICE = "; set the columns with --datetime-column and --value-column"
local NUMBERED = "; digits alone are a column's number, not its name"

-- Complains of the rows, or of the file as a whole.
local function complain(args, err)
  local first = err.issues and err.issues[1]
  local name = M.name(args)
  if first and (err.total > 1 or first.line and first.code ~= "missing_column") then
    for _, one in ipairs(err.issues) do
      issue.print(one.file or args.file[1], one)
    end
    local more = ""
    if #err.issues >= MOST_ISSUES and err.total > #err.issues then
      more = (", the first %d of them above"):format(#err.issues)
    end
    ending.complain(#args.file == 1 and args.file[1] or name, ": ", text.count(err.total, "problem"), more,
      "; nothing was sent")
    return
  end
  local message = first and first.message or err.message
  local place = first and first.file or name
  if message:find "^the map '" then
    place = "" -- it could not be loaded, and the message says so
  elseif err.code == "invalid_map" or err.code == "unknown_zone" then
    place = args.map and ("the map '%s' cannot be used: "):format(args.map) or ""
    message = message:gsub("^map: ", "")
  else
    place = message:find(place, 1, true) and "" or place .. ": "
  end
  local advice = message:find "no column [\"']" and ADVICE or message:find "no column %d" and NUMBERED or ""
  ending.complain(place, message, advice, "; nothing was sent")
end

-- The rows that --from, --to and --day leave of it.
local function select_rows(args, whole)
  local from, to = args.day or args.from, args.day or args.to
  if not (from or to) then
    return whole
  end
  local part, err = whole:between(from, to)
  if not part then
    return nil, ending.misuse(args.day and "--day" or args.from and args.to and "--from, --to" or args.from and "--from"
      or "--to", ": ", err.message)
  elseif #part == 0 then
    ending.complain(("%s: has no rows from %s to %s; nothing was sent"):format(M.name(args), from or whole:first(),
      to or whole:last()))
    return nil, ending.INVALID
  end
  return part
end

--- The file of a result: one name, or a list of several.
function M.files(args)
  return args.file[2] and json.list(args.file) or args.file[1]
end

--- Reads the series that the arguments name.
-- @treturn[1] purchases.series
-- @treturn[1] {string,...} its notes, which are printed unless they go into a JSON object
-- @treturn[2] nil
-- @treturn[2] int exit code; everything that is wrong with the series is printed
function M.read(args)
  if args.day and (args.from or args.to) then
    return nil, ending.misuse "--day stands for --from and --to: give it alone"
  end
  local read, map, err
  map, err = map_options.of_series(args)
  if map then
    read, err = series.read(args.file[2] and args.file or args.file[1], map)
  end
  for _, one in ipairs(err and err.issues or {}) do -- the option goes by another name here
    one.detail = one.detail and one.detail:gsub("%(tz%)$", "(--tz)")
  end
  if read then
    local notes = read:notes()
    for i, note in ipairs(notes) do
      notes[i] = note:gsub("%(tz%)", "(--tz)")
      if not args.json then
        ending.say("note: ", notes[i])
      end
    end
    local part, code = select_rows(args, read)
    return part, part and notes or code
  elseif err.code == "unknown_zone" and args.tz then
    return nil, ending.misuse("--tz: ", err.message)
  end
  local option, why = map_options.blamed(args, err.message)
  if option then
    return nil, ending.misuse("--", option, ": ", why)
  elseif args.json then
    output.json {
      file = M.files(args),
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
