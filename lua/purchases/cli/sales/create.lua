--- purchases woowup create, purchases curebit create: purchases from a file, in bulks.
-- @module purchases.cli.sales.create
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local job_report = require "purchases.cli.report"
local progress_bar = require "purchases.cli.progress_bar"
local purchase_file = require "purchases.cli.sales.purchase_file"
local rejects = require "purchases.cli.sales.rejects"
local summary = require "purchases.cli.sales.summary"
local uploading = require "purchases.cli.uploading"

local M = {}

local EXAMPLES = [[
Examples:
  purchases %s create purchases.ndjson --rejects rejects.ndjson
  purchases %s create sales.csv --map map.lua --json]]

local HABITS = [[
Each purchase is checked on its own: valid ones are sent, others are rejected with their line and a JSON Pointer.
--rejects FILE keeps rejected purchases as they came, one per line: correct them there and run create on FILE.
FILE.reasons says what is wrong with each line of FILE. CSV lines that make no purchase go to FILE.csv; correct them
and run create on it with the same --map. FILE.duplicates lists the purchases that already exist.

After Ctrl-C or a failure, run the same command again with the --from-line that it prints. Everything before that
line is done, and nothing is created twice.]]

local function create(client, args)
  local kept, why
  if args.rejects then
    kept, why = rejects.open(args.rejects, purchase_file.name(args))
  end
  if why then
    return ending.misuse(why, "; nothing was sent")
  end
  local draw, wipe = progress_bar.new()
  local sums, on_progress = summary.new(args, wipe, kept), uploading.begin(draw, wipe)
  local report, err = client:create_all(args.file, {
    map = args.map,
    schema = args.schema,
    from_line = args.from_line,
    batch = args.batch,
    concurrency = args.concurrency,
    on_reject = function(purchase)
      return sums:add(purchase)
    end,
    on_progress = on_progress,
  })
  return sums:finish(report or job_report.not_begun(err, 0))
end

local MOST_IN_BULK = 10000

local function read_rate(text)
  local number = tonumber(text)
  if number and number > 0 and number < math.huge then
    return number
  end
  return nil, "--rate must be a number above 0"
end

--- @param group of argparse
-- @tab api `name`, `define_command`
function M.define(group, api)
  local command = group:command("create", "Uploads the valid purchases in a file.")
  api.define_command(command, { examples = EXAMPLES:gsub("%%s", api.name) .. "\n\n" .. HABITS, call = create })
  purchase_file.define(command)
  command:option("--batch", "Purchases per request.", "100", arguments.whole("--batch", 1, MOST_IN_BULK))
  arguments.define_concurrency(command)
  command:option("--rate", "Requests per minute.", nil, read_rate)
  command:option("--from-line", "Line of the file to start at.", "1", arguments.whole("--from-line", 1, 2 ^ 53))
  command:option("--rejects", "New file for rejected purchases.")
  command:flag("--json", "Prints one JSON object.")
end

return M
