--- purchases ravenwits submit: a series as purchases, one line or one JSON object about each.
-- @module purchases.cli.submit
local arguments = require "purchases.cli.arguments"
local batch = require "purchases.batch"
local ending = require "purchases.cli.ending"
local interrupt = require "purchases.cli.interrupt"
local output = require "purchases.cli.output"
local progress_bar = require "purchases.cli.progress_bar"
local report = require "purchases.cli.report"
local source = require "purchases.cli.source"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid --idmodel 1 --json]]

local NOTICE = "interrupted: what is in flight will be finished, nothing new is sent; once more ends it at once"

-- Draws; tells the upload to take no new work after Ctrl-C, or when nobody can read of it.
local function watch(draw)
  return function(progress)
    draw(progress)
    return not interrupt.seen() and not output.has_failed()
  end
end

local function catch_interrupts(wipe)
  interrupt.notify(function()
    wipe()
    ending.complain(NOTICE)
  end)
  interrupt.catch()
end

-- The report of a job that never began.
local function not_begun(err, series, args)
  local stops = { [ending.AUTH] = "auth", [ending.UNREACHED] = "unreachable" }
  return {
    accepted = 0,
    rejected = 0,
    unknown = 0,
    pending = batch.count(series, args.batch),
    failures = {},
    stopped = stops[ending.code(err)] or "refused",
    error = err,
  }
end

local function upload(client, series, args)
  local draw, wipe = progress_bar.new()
  local printed = report.new(args, series, wipe)
  local ok, err = client:prepare {} -- logs in, where Ctrl-C may still end it all
  local result
  if ok then
    catch_interrupts(wipe)
    result, err = client:submit_all(series, {
      retailer_id = args.retailer,
      batch = args.batch,
      concurrency = args.concurrency,
      on_progress = watch(draw),
      on_receipt = function(receipt)
        printed:receipt(receipt)
      end,
    })
  end
  return printed:finish(client, result or not_begun(err, series, args))
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
