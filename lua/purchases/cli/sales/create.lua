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
Every purchase is checked by itself: what is fit is sent, what is not is rejected, with its line and a JSON
Pointer. --rejects FILE keeps what was rejected as it came, one purchase a line: mend it, and create from it.
FILE.reasons tells what is wrong with each line of it. Lines of CSV that made no purchase go to FILE.csv, to be
mended likewise and sent with the same --map. FILE.duplicates names the purchases that the API has already.

After Ctrl-C or a failure, run the same command again, with the --from-line that it prints: what stands before
that is settled, and nothing is created twice.]]

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
      sums:add(purchase)
    end,
    on_progress = function(progress)
      return on_progress(progress) and not (kept and kept.failure)
    end,
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
  local command = group:command("create", "Create what a file holds, but for what is not fit.")
  api.define_command(command, { examples = EXAMPLES:gsub("%%s", api.name) .. "\n\n" .. HABITS, call = create })
  purchase_file.define(command)
  command:option("--batch", "Purchases in a request.", "100", arguments.whole("--batch", 1, MOST_IN_BULK))
  arguments.define_concurrency(command)
  command:option("--rate", "Requests a minute.", nil, read_rate)
  command:option("--from-line", "Line of the file to begin at.", "1", arguments.whole("--from-line", 1, 2 ^ 53))
  command:option("--rejects", "New file for what is rejected.")
  command:flag("--json", "Print one JSON object.")
end

return M
