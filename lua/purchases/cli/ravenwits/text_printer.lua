--- An upload's report for people: a line per purchase, complaints on standard error.
-- @module purchases.cli.ravenwits.text_printer
local ending = require "purchases.cli.ending"
local output = require "purchases.cli.output"
local resume = require "purchases.cli.ravenwits.resume"
local text = require "purchases.cli.text"

local M = {}

local CHART_WIDTH = 24 -- one bar an hour

-- A purchase in one word: its day, or its first row where a day has several.
local function name_of(receipt, batch)
  return batch == "day" and receipt.first:sub(1, 10) or receipt.first
end

--- @tab receipt
-- @tparam string|number batch how the rows were cut
function M.receipt_line(receipt, batch)
  return ("%s  %4d rows  accepted  %s"):format(name_of(receipt, batch), receipt.rows, receipt.id)
end

-- What came of the workflow

local function is_table(value)
  return type(value) == "table"
end

local function shares_of(rows)
  local shares = {}
  for _, row in ipairs(rows) do
    local share = is_table(row) and row.purchase_percentage
    if type(share) ~= "number" then
      return {}
    end
    shares[#shares + 1] = math.max(0, math.min(1, share))
  end
  return shares
end

local function market_chart(model)
  local rows = is_table(model.value) and model.value.MD
  local shares = is_table(rows) and shares_of(rows) or {}
  if #shares == 0 then
    return "no shares for MD"
  end
  return "MD purchase share " .. text.sparkline(shares, math.min(CHART_WIDTH, #shares))
end

local function purchase_line(name, result)
  local line = ("%s  %s"):format(name, result.seen and result.seen.status or "not known")
  if result.err then
    return line .. "  " .. text.one_line(result.err.message)
  end
  return line .. (result.model and "  " .. market_chart(result.model) or "")
end

-- How the upload ended

local function print_failures(failures)
  for _, failure in ipairs(failures) do
    if failure.outcome ~= "pending" then -- those share what stopped the job
      local line = ("%s to %s: %s: %s\n"):format(failure.first, failure.last, failure.outcome, tostring(failure.error))
      io.stderr:write(line)
    end
  end
end

local function total_of(result)
  return result.accepted + result.rejected + result.unknown + result.pending
end

local function counts_line(result)
  local total, rows = total_of(result), text.thousands(result.rows)
  local line = ("%d of %d purchases accepted, %s rows"):format(result.accepted, total, rows)
  for _, name in ipairs { "rejected", "unknown", "pending" } do
    if result[name] > 0 then
      line = line .. (", %d %s"):format(result[name], name)
    end
  end
  return line
end

local function print_advice(result)
  if result.unknown > 0 then
    ending.complain "unknown: it may have arrived; look at the API before sending these rows again"
  end
  if result.pending == total_of(result) then
    ending.complain "pending: none was accepted; to resume, submit it all again"
  elseif result.pending > 0 then
    ending.complain("pending: not sent; to resume, submit ", resume.text(result.resume))
  end
end

--- Prints what was not accepted, how much was, and where to go on.
-- @tab result
-- @tparam file counts where the counts go
function M.summary(result, counts)
  print_failures(result.failures)
  if result.error then
    ending.complain(ending.describe(result.error))
  end
  if counts == io.stderr or not output.write(counts_line(result), "\n") or not output.flush() then
    io.stderr:write(counts_line(result), "\n")
  end
  print_advice(result)
end

--- @tab args `batch`
-- @treturn table `receipt(receipt)`, `counts(result)`, `purchase(receipt, result)`, `finish()`, in that order
function M.new(args)
  local printer, ended, given_up = {}, 0, 0

  function printer.receipt(receipt)
    output.write(M.receipt_line(receipt, args.batch), "\n")
  end

  function printer.counts(result)
    M.summary(result, io.stdout)
  end

  function printer.purchase(receipt, result)
    if result.interrupted or result.skipped then
      given_up = given_up + 1
      return
    end
    ended = ended + 1
    output.write(purchase_line(name_of(receipt, args.batch), result), "\n")
    output.flush()
  end

  function printer.finish()
    if given_up > 0 then
      ending.complain(("stopped waiting after %d of %d purchases; 'purchases ravenwits get ID' shows one")
        :format(ended, ended + given_up))
    end
  end

  return printer
end

return M
