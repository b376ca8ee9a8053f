--- purchases ravenwits submit: a series as purchases, one line or one JSON object about each.
-- @module purchases.cli.submit
local core = require "purchases.core"
local ending = require "purchases.cli.ending"
local progress_bar = require "purchases.cli.progress_bar"
local report = require "purchases.cli.report"
local source = require "purchases.cli.source"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid --wait --idmodel 1 --json]]

-- Draws, and tells the upload to take no new work after Ctrl-C.
local function watch(draw)
  return function(progress)
    draw(progress)
    return core.system.interrupts() == 0
  end
end

local function upload(client, series, args)
  local draw, wipe = progress_bar.new()
  local printer = report.new(args, wipe)
  core.system.catch_interrupts()
  local result, err = client:submit_all(series, {
    retailer_id = args.retailer,
    batch = args.batch,
    concurrency = args.concurrency,
    on_progress = watch(draw),
    on_receipt = printer.receipt,
  })
  wipe()
  if not result then
    return ending.fail(err)
  end
  return printer.finish(client, result, #series)
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

local function batch(text)
  local number = tonumber(text)
  if text == "day" or text == "all" then
    return text
  elseif number and number >= 1 and number % 1 == 0 then
    return math.floor(number)
  end
  return nil, "--batch must be day, all or a number of rows"
end

local function concurrency(text)
  local number = tonumber(text)
  if number and number >= 1 and number % 1 == 0 then
    return number
  end
  return nil, "--concurrency must be a whole number from 1"
end

function M.define(group, common)
  local command = group:command("submit", "Check a purchase series and upload it.")
  source.define(command)
  command:option("--retailer", "Retailer identifier."):count(1)
  command:option("--batch", "Rows of one purchase: day (delivery days), all or a number.", "day", batch)
  command:option("--concurrency", "Requests in flight.", "8", concurrency)
  command:flag("--wait", "Wait until the workflows have ended.")
  command:option("--idmodel", "Print this model's output; implies --wait.")
  command:flag("--json", "Print one JSON object.")
  command:epilog(EXAMPLES)
  common.define_common(command, function(args)
    args.wait = args.wait or args.idmodel ~= nil
    return run(args, common)
  end, true)
end

return M
