--- Prints an upload for people: a line per purchase, complaints on standard error.
-- @module purchases.cli.ravenwits.text_printer
local ending = require "purchases.cli.ending"
local job_report = require "purchases.cli.report"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local resume = require "purchases.cli.ravenwits.resume"
local text = require "purchases.cli.text"

local M = {}

local CHART_WIDTH = 24 -- one bar an hour

-- A purchase in one word: its day, or its first row where a day has several.
local function name_of(receipt, batch)
  return batch == "day" and receipt.first:sub(1, 10) or receipt.first
end

--- @tab receipt
-- @tparam string|number batch how the rows were divided
-- @treturn string
function M.receipt_line(receipt, batch)
  return ("%s  %4d %s  %s  %s"):format(name_of(receipt, batch), receipt.rows,
    receipt.rows == 1 and "row " or "rows", receipt.skipped and "skipped " or "accepted", receipt.id)
end

-- The market MD of a model, whatever it is.
local function market_chart(model)
  local rows = type(model.value) == "table" and model.value.MD
  local shares = {}
  for i, row in ipairs(type(rows) == "table" and rows or {}) do
    local share = type(row) == "table" and row.purchase_percentage
    if type(share) ~= "number" then
      shares = {}
      break
    end
    shares[i] = math.max(0, math.min(1, share))
  end
  if #shares == 0 then
    return "no shares for MD"
  end
  return "MD purchase share " .. text.sparkline(shares, math.min(CHART_WIDTH, #shares))
end

--- Prints what was not accepted, how much was, and where to go on.
-- @tab report with `rows`: how many were accepted; `resume`: see `purchases.cli.ravenwits.resume`; `ledger`: its path,
-- where there is one
function M.report(report)
  if report.error and report.error.code == "missing_credentials" then
    return ending.complain(ending.describe(report.error))
  end
  for _, failure in ipairs(report.failures) do
    if failure.outcome ~= "pending" then -- those share what stopped the job
      ending.say(("%s to %s: %s: %s"):format(failure.first, failure.last, failure.outcome, tostring(failure.error)))
    end
  end
  if report.error then
    ending.complain(ending.describe(report.error))
  end
  local line = job_report.line(report, { text.count(report.rows, "row") }, {
    { report.rejected, "rejected" }, { report.unknown, "unknown" }, { report.pending, "pending" },
  })
  output.write(line, "\n")
  output.rescue(line)
  if report.ledger then
    output.write("ledger: ", report.ledger, "\n")
  end
  if report.unknown > 0 then
    ending.complain "unknown: they may have arrived; check the API before sending these rows again"
  end
  if report.stopped == "ledger" then
    return -- which has said what to do
  elseif report.pending > 0 and report.ledger then
    ending.complain "pending: not sent; to go on, run the same command again"
  elseif report.pending == job_report.total(report) then
    ending.complain "pending: none was accepted; to resume, submit the whole file again"
  elseif report.pending > 0 then
    ending.complain("pending: not sent; to resume, submit ", resume.text(report.resume))
  end
end

--- @tab args `batch`
-- @treturn table `receipt(receipt)`, `report(report)`, `purchase(receipt, found)`, `finish()`, in that order
function M.new(args)
  local printer, ended, given_up = { report = M.report }, 0, 0

  function printer.receipt(receipt)
    output.write(M.receipt_line(receipt, args.batch), "\n")
  end

  function printer.purchase(receipt, found)
    if found.interrupted or found.skipped then
      given_up = given_up + 1
      return
    end
    ended = ended + 1
    local line = ("%s  %s"):format(name_of(receipt, args.batch), found.seen and found.seen.status or "not known")
    if found.err then
      line = line .. "  " .. printable.line(found.err.message)
    elseif found.model then
      line = line .. "  " .. market_chart(found.model)
    end
    output.write(line, "\n")
    output.flush()
  end

  function printer.finish()
    if given_up > 0 then
      ending.complain(("stopped waiting after %d of %d purchases; 'purchases ravenwits get ID' prints one")
        :format(ended, ended + given_up))
    end
  end

  return printer
end

return M
