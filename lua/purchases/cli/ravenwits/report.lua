--- What became of an upload, as it comes and at its end. Keeps nothing but the ids it has to wait for.
-- @module purchases.cli.ravenwits.report
local await = require "purchases.cli.ravenwits.await"
local ending = require "purchases.cli.ending"
local machines = require "purchases.cli.ravenwits.json_printer"
local output = require "purchases.cli.output"
local people = require "purchases.cli.ravenwits.text_printer"
local purchases = require "purchases"
local resume = require "purchases.cli.ravenwits.resume"

local M = {}

local Report = {}
Report.__index = Report

--- @tab args `json`, `wait`, `idmodel`, `batch`
-- @tparam purchases.series series
-- @tparam function wipe clears the progress bar
function M.new(args, series, wipe)
  return setmetatable({
    args = args,
    series = series,
    wipe = wipe,
    printer = args.json and machines.new(args) or people.new(args),
    waiting = {},
    rows = 0,
    last_accepted = 0,
  }, Report)
end

--- Takes a receipt. One that cannot be written where it should is not lost.
function Report:receipt(receipt)
  self.rows = self.rows + receipt.rows
  self.last_accepted = math.max(self.last_accepted, receipt.index)
  if self.args.wait then
    self.waiting[#self.waiting + 1] =
      { id = receipt.id, index = receipt.index, first = receipt.first, status = receipt.status }
  end
  self.wipe()
  self.printer.receipt(receipt)
  if not output.flush() then
    io.stderr:write(people.receipt_line(receipt, self.args.batch), "\n")
  end
end

-- Its status, the model that was asked for, or why it has none.
local function with_model(result, idmodel)
  if result.purchase and idmodel then
    result.model, result.err = purchases.ravenwits.output(result.purchase, idmodel)
  end
  return result
end

local function by_index(a, b)
  return a.index < b.index
end

-- Waits for what was accepted; did all of it come out as it should?
function Report:settle(client)
  local good = true
  table.sort(self.waiting, by_index)
  await.all(client, self.waiting, function(receipt, result)
    result = with_model(result, self.args.idmodel)
    good = good and not result.err
    self.printer.purchase(receipt, result)
  end)
  return good
end

local function exit_code(result, settled)
  local total = result.accepted + result.rejected + result.unknown + result.pending
  if result.stopped == "auth" then
    return ending.AUTH
  elseif result.stopped == "input" then
    return ending.INVALID
  elseif result.stopped == "unreachable" and result.pending == total then
    return ending.UNREACHED
  end
  return result.accepted == total and settled and ending.OK or ending.INCOMPLETE
end

--- Prints how it ended, and waits for the workflows where that was asked for.
-- @tab client
-- @tab result as `submit_all` returns it; `resume` becomes the ranges of pending rows
-- @treturn int exit code
function Report:finish(client, result)
  result.rows, result.last_accepted = self.rows, self.last_accepted
  result.resume = resume.ranges(self.series, self.args.batch, result)
  self.wipe()
  self.printer.counts(result)
  local settled = true
  if self.args.wait and not output.has_failed() then
    settled = self:settle(client)
  end
  self.printer.finish()
  if output.has_failed() and self.args.json then
    people.summary(result, io.stderr)
  end
  return exit_code(result, settled)
end

return M
