--- Prints an upload for machines: one JSON object, written as it comes.
-- @module purchases.cli.ravenwits.json_printer
local answer_text = require "purchases.cli.answer_text"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"

local M = {}

local MEMBERS = {
  "accepted", "skipped", "rejected", "unknown", "pending", "failures", "stopped", "resume", "error", "ledger", "notes",
}
local RECEIPT = { "id", "index", "first", "last", "rows", "status", "skipped" }
local FAILURE = { "index", "first", "last", "rows", "outcome" }

-- A value as JSON, or a poorer one in its place.
local function encoded(value, poorer)
  local text, why = json.encode(value)
  return text or assert(json.encode(poorer(why)))
end

local function plain_purchase(receipt, found, idmodel)
  local output_text = found.model and answer_text.model(found.purchase, idmodel)
  return {
    id = receipt.id,
    index = receipt.index,
    first = receipt.first,
    status = found.seen and found.seen.status or receipt.status,
    output = output_text and json.text(output_text) or found.model,
    error = plain.error(found.err),
  }
end

--- @tab args `wait`, `idmodel`, `notes`
-- @treturn table as in `purchases.cli.ravenwits.text_printer`
function M.new(args)
  local printer = {}
  local before_receipt, before_purchase = '{"receipts":[', ""

  function printer.receipt(receipt)
    local text = encoded(receipt, function()
      local poorer = {}
      for _, name in ipairs(RECEIPT) do
        poorer[name] = receipt[name]
      end
      return poorer
    end)
    output.write(before_receipt, text)
    before_receipt = ","
  end

  function printer.report(report)
    output.write(before_receipt == "," and "]" or '{"receipts":[]')
    local values = {
      accepted = report.accepted,
      skipped = report.skipped,
      rejected = report.rejected,
      unknown = report.unknown,
      pending = report.pending,
      failures = plain.failures(report.failures, FAILURE),
      stopped = report.stopped,
      resume = #report.resume > 0 and report.resume or nil,
      error = plain.error(report.error),
      ledger = report.ledger,
      notes = args.notes[1] and args.notes or nil,
    }
    for _, name in ipairs(MEMBERS) do
      if values[name] ~= nil then
        output.write((',"%s":'):format(name), encoded(values[name], function(why)
          return "cannot be written as JSON: " .. why
        end))
      end
    end
    output.write(args.wait and ',"purchases":[' or "")
    output.flush()
  end

  function printer.purchase(receipt, found)
    local text = encoded(plain_purchase(receipt, found, args.idmodel), function(why)
      found.model, found.err = nil, { code = "invalid_output", message = why }
      return plain_purchase(receipt, found)
    end)
    output.write(before_purchase, text)
    before_purchase = ","
  end

  function printer.finish()
    output.write(args.wait and "]}\n" or "}\n")
  end

  return printer
end

return M
