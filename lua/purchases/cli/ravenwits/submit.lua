--- purchases ravenwits submit: a series as purchases, one line or one JSON object about each.
-- @module purchases.cli.ravenwits.submit
local arguments = require "purchases.cli.arguments"
local batch = require "purchases.job.batch"
local progress_bar = require "purchases.cli.progress_bar"
local report = require "purchases.cli.ravenwits.report"
local source = require "purchases.cli.series_file"
local uploading = require "purchases.cli.uploading"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid --idmodel 1 --json]]

local function upload(client, series, args)
  local draw, wipe = progress_bar.new()
  local printed = report.new(args, series, wipe)
  local ok, err = client:prepare {} -- logs in, where Ctrl-C may still end it all
  local result
  if ok then
    uploading.catch_interrupts(wipe)
    result, err = client:submit_all(series, {
      retailer_id = args.retailer,
      batch = args.batch,
      concurrency = args.concurrency,
      on_progress = uploading.watch(draw),
      on_receipt = function(receipt)
        printed:receipt(receipt)
      end,
    })
  end
  return printed:finish(client, result or uploading.not_begun(err, batch.count(series, args.batch)))
end

local function run(args, common)
  local series, err = source.read(args)
  if not series then
    return source.complain(args, err)
  end
  return common.with_client(args, function(client)
    return upload(client, series, args)
  end)
end

local function read_batch(text)
  local number = tonumber(text)
  if text == "day" or text == "all" then
    return text
  elseif number and number >= 1 and number % 1 == 0 then
    return math.floor(number)
  end
  return nil, "--batch must be day, all or a number of rows"
end

function M.define(group, common)
  local command = group:command("submit", "Check a purchase series and upload it.")
  common.define_common(command, {
    run = function(args)
      args.wait = args.wait or args.idmodel ~= nil
      return run(args, common)
    end,
    needs_user = true,
    examples = EXAMPLES,
  })
  source.define(command)
  common.define_retailer(command)
  command:option("--batch", "Rows of one purchase: day (delivery days), all or a number.", "day", read_batch)
  arguments.define_concurrency(command)
  command:flag("--wait", "Wait until the workflows have ended.")
  common.define_idmodel(command, "Print this model's output; implies --wait.")
  command:flag("--json", "Print one JSON object.")
end

return M
