--- purchases ravenwits submit: a series as purchases, one line or one JSON object about each.
-- @module purchases.cli.ravenwits.submit
local arguments = require "purchases.cli.arguments"
local await = require "purchases.cli.ravenwits.await"
local batch = require "purchases.job.batch"
local job_report = require "purchases.cli.report"
local json_printer = require "purchases.cli.ravenwits.json_printer"
local ledger_file = require "purchases.cli.ledger_file"
local output = require "purchases.cli.output"
local progress_bar = require "purchases.cli.progress_bar"
local purchases = require "purchases"
local resume = require "purchases.cli.ravenwits.resume"
local series_file = require "purchases.cli.series_file"
local text_printer = require "purchases.cli.ravenwits.text_printer"
local uploading = require "purchases.cli.uploading"
local workflows = require "purchases.cli.ravenwits.workflows"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid
  purchases ravenwits submit load.csv --user trebolenergia --retailer 123 --tz Europe/Madrid --idmodel 1 --json]]

-- Waits for what was accepted, now or earlier, and prints it. Did all of it end as it should?
local function wait_for_workflows(client, args, ledger, receipts, printer)
  local good, accounts = true, { workflows.account(client, args) }
  table.sort(receipts, function(a, b)
    return a.index < b.index
  end)
  await.all(client, receipts, function(receipt, found)
    if found.purchase and args.idmodel then
      found.model, found.err = purchases.ravenwits.output(found.purchase, args.idmodel)
    end
    good = workflows.note(ledger, accounts, receipt, found) and good and not found.err
    printer.purchase(receipt, found)
  end)
  return good
end

local function submit(client, args, series)
  local ledger, code = ledger_file.open(args, client)
  if ledger == nil then
    return code
  end
  local draw, wipe = progress_bar.new()
  local printer = args.json and json_printer.new(args) or text_printer.new(args)
  local rows, last_accepted = 0, 0
  local to_wait_for = {} -- of receipts only what is needed, there may be millions
  local ok, err = client:prepare {} -- logs in, where Ctrl-C may still end it all
  local report
  if ok then
    local on_progress = uploading.begin(draw, wipe)
    report, err = client:submit_all(series, ledger_file.options(args, ledger, {
      retailer_id = args.retailer,
      source = table.concat(args.file, ", "),
      batch = args.batch,
      concurrency = args.concurrency,
      on_progress = on_progress,
      on_receipt = function(receipt)
        rows = rows + (receipt.skipped and 0 or receipt.rows)
        last_accepted = math.max(last_accepted, receipt.index)
        if args.wait then
          to_wait_for[#to_wait_for + 1] =
            { id = receipt.id, index = receipt.index, first = receipt.first, status = receipt.status }
        end
        wipe()
        printer.receipt(receipt)
        output.rescue(text_printer.receipt_line(receipt, args.batch))
      end,
    }))
  end
  report = report or job_report.not_begun(err, batch.count(series, args.batch))
  report.rows, report.ledger = rows, ledger and ledger.path or nil
  report.resume = resume.ranges(series, args.batch, report.failures, last_accepted)
  wipe()
  printer.report(report)
  local good = true
  if args.wait and not output.has_failed() then
    good = wait_for_workflows(client, args, ledger, to_wait_for, printer)
  end
  printer.finish()
  if output.has_failed() and args.json then
    text_printer.report(report)
  end
  local total = job_report.total(report)
  local done = report.accepted + (report.skipped or 0)
  return job_report.exit_code(report, report.pending == total, done == total and good)
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

function M.define(group, api)
  local command = group:command("submit", "Checks a purchase series and uploads it.")
  api.define_command(command, {
    needs_user = true,
    examples = EXAMPLES .. "\n\n" .. ledger_file.HABITS,
    prepare = function(args)
      args.wait = args.wait or args.idmodel ~= nil
      local series, notes = series_file.read(args)
      if not series then
        return nil, notes
      end
      args.notes = notes
      return series
    end,
    call = submit,
  })
  series_file.define(command)
  api.define_retailer(command)
  command:option("--batch", "Rows of each purchase: day (delivery days), all or a number.", "day", read_batch)
  arguments.define_concurrency(command)
  ledger_file.define(command, true)
  command:flag("--wait", "Waits until the workflows have ended.")
  api.define_idmodel(command, "Prints this model's output; implies --wait.")
  command:flag("--json", "Prints one JSON object.")
end

return M
