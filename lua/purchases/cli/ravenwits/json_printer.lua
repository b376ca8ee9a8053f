--- An upload's report for machines: one JSON object, written as it comes.
-- @module purchases.cli.ravenwits.json_printer
local json = require "purchases.json"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"

local M = {}

local function plain_failures(failures)
  local list = {}
  for i, failure in ipairs(failures) do
    list[i] = {
      index = failure.index,
      first = failure.first,
      last = failure.last,
      rows = failure.rows,
      outcome = failure.outcome,
      error = plain.error(failure.error),
    }
  end
  return list
end

-- What was checked of a receipt, for those that hold what JSON cannot.
local function bare_receipt(receipt)
  return {
    id = receipt.id,
    index = receipt.index,
    first = receipt.first,
    last = receipt.last,
    rows = receipt.rows,
    status = receipt.status,
  }
end

-- A value as JSON, or a poorer one in its place.
local function encoded(value, poorer)
  local text, why = json.encode(value)
  return text or assert(json.encode(poorer(why)))
end

local function writer(start)
  local separator = start
  return function(text)
    output.write(separator, text)
    separator = ","
  end
end

local function write_members(members)
  for _, name in ipairs { "accepted", "rejected", "unknown", "pending", "failures", "stopped", "resume", "error" } do
    if members[name] ~= nil then
      local text = encoded(members[name], function(why)
        return "cannot be written as JSON: " .. why
      end)
      output.write((',"%s":'):format(name), text)
    end
  end
end

local function settled_purchase(receipt, result)
  return {
    id = receipt.id,
    index = receipt.index,
    first = receipt.first,
    status = result.seen and result.seen.status or receipt.status,
    output = result.model,
    error = plain.error(result.err),
  }
end

local function members_of(result)
  return {
    accepted = result.accepted,
    rejected = result.rejected,
    unknown = result.unknown,
    pending = result.pending,
    failures = json.list(plain_failures(result.failures)),
    stopped = result.stopped,
    resume = #result.resume > 0 and result.resume or nil,
    error = plain.error(result.error),
  }
end

--- @tab args `wait`
-- @treturn table as in `purchases.cli.report_people`
function M.new(args)
  local printer = {}
  local write_receipt, begun = writer '{"receipts":[', false
  local write_purchase = writer ""

  function printer.receipt(receipt)
    begun = true
    write_receipt(encoded(receipt, function()
      return bare_receipt(receipt)
    end))
  end

  function printer.counts(result)
    output.write(begun and "]" or '{"receipts":[]')
    write_members(members_of(result))
    output.write(args.wait and ',"purchases":[' or "")
    output.flush()
  end

  function printer.purchase(receipt, result)
    write_purchase(encoded(settled_purchase(receipt, result), function(why)
      result.model, result.err = nil, { code = "invalid_output", message = why }
      return settled_purchase(receipt, result)
    end))
  end

  function printer.finish()
    output.write(args.wait and "]}\n" or "}\n")
  end

  return printer
end

return M
