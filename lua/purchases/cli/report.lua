--- Prints what became of an upload, as it comes: for people a line per purchase, for machines one JSON
-- object. Keeps nothing but the ids it has to wait for.
-- @module purchases.cli.report
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local purchases = require "purchases"
local text = require "purchases.cli.text"

local M = {}

local CHART_WIDTH = 24 -- one bar an hour

local function market_chart(model)
  local rows = model.value and model.value.MD
  if not rows or #rows == 0 then
    return "no output for MD"
  end
  local shares = {}
  for i, row in ipairs(rows) do
    shares[i] = row.purchase_percentage
  end
  return "MD purchase share " .. text.sparkline(shares, math.min(CHART_WIDTH, #shares))
end

-- One purchase after its workflow: its status, or why it has none.
local function await(client, id, idmodel)
  local purchase, err = client:wait(id)
  local model
  if purchase and idmodel then
    model, err = purchases.ravenwits.output(purchase, idmodel)
  end
  return purchase, model, err
end

local function await_all(client, waiting, idmodel, show)
  local good = true
  for _, receipt in ipairs(waiting) do
    local purchase, model, err = await(client, receipt.id, idmodel)
    good = good and not err
    show(receipt, purchase, model, err)
  end
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

local function by_index(a, b)
  return a.index < b.index
end

-- For people

local function print_failures(result)
  for _, failure in ipairs(result.failures) do
    if failure.outcome ~= "pending" then -- those share what stopped the job
      io.stderr:write(("%s to %s: %s: %s\n"):format(failure.first, failure.last, failure.outcome, tostring(failure.error)))
    end
  end
  if result.error then
    ending.complain(tostring(result.error))
  end
end

local function print_counts(result, rows)
  local total = result.accepted + result.rejected + result.unknown + result.pending
  local line = ("%d of %d purchases accepted, %s rows"):format(result.accepted, total, text.thousands(rows))
  for _, name in ipairs { "rejected", "unknown", "pending" } do
    if result[name] > 0 then
      line = line .. (", %d %s"):format(result[name], name)
    end
  end
  print(line)
end

local ADVICE = {
  unknown = "unknown: it may have arrived; look at the API before sending these rows again",
  pending = "pending: not sent; to resume, submit the rows from %s on",
}

local function print_advice(result, resume)
  if result.unknown > 0 then
    ending.complain(ADVICE.unknown)
  end
  if result.pending > 0 and resume then
    ending.complain(ADVICE.pending:format(resume))
  end
end

local function show_purchase(receipt, purchase, model, err)
  local line = purchase and purchase.status or tostring(err)
  if purchase and err then
    line = line .. "  " .. err.message
  end
  print(("%s  %s  %s"):format(receipt.first:sub(1, 10), line, model and market_chart(model) or ""))
end

local function for_people(args, wipe)
  local rows, waiting = 0, {}
  local M_people = {}

  function M_people.receipt(receipt)
    wipe()
    rows = rows + receipt.rows
    print(("%s  %4d rows  accepted  %s"):format(receipt.first:sub(1, 10), receipt.rows, receipt.id))
    if args.wait then
      waiting[#waiting + 1] = receipt
    end
  end

  function M_people.finish(client, result)
    print_failures(result)
    print_counts(result, rows)
    print_advice(result, result.resume)
    table.sort(waiting, by_index)
    local settled = await_all(client, waiting, args.idmodel, show_purchase)
    return exit_code(result, settled)
  end

  return M_people
end

-- For machines

local function plain_error(err)
  return {
    kind = err.kind,
    code = err.code,
    message = err.message,
    status = err.status,
    sent = err.sent,
    attempts = err.attempts,
    request_id = err.request_id,
  }
end

local function plain_failures(result)
  local list = {}
  for i, failure in ipairs(result.failures) do
    list[i] = { index = failure.index, first = failure.first, last = failure.last, rows = failure.rows, outcome = failure.outcome, error = plain_error(failure.error) }
  end
  return #list > 0 and list or json.empty_list
end

local function counter(start)
  local separator = start
  return function(value)
    io.write(separator, json.encode(value))
    separator = ","
  end
end

local function write_members(members)
  for _, name in ipairs { "accepted", "rejected", "unknown", "pending", "failures", "stopped", "resume", "error" } do
    if members[name] ~= nil then
      io.write((',"%s":'):format(name), json.encode(members[name]))
    end
  end
end

local function write_purchases(client, waiting, idmodel)
  io.write ',"purchases":['
  local write = counter ""
  local settled = await_all(client, waiting, idmodel, function(receipt, purchase, model, err)
    write {
      id = receipt.id,
      index = receipt.index,
      first = receipt.first,
      status = purchase and purchase.status,
      output = model,
      error = err and plain_error(err),
    }
  end)
  io.write "]"
  return settled
end

local function for_machines(args)
  local waiting, settled = {}, true
  local M_machines = {}
  local write = counter '{"receipts":['
  local begun = false

  function M_machines.receipt(receipt)
    begun = true
    write(receipt)
    if args.wait then
      waiting[#waiting + 1] = { id = receipt.id, index = receipt.index, first = receipt.first }
    end
  end

  function M_machines.finish(client, result)
    io.write(begun and "]" or '{"receipts":[]')
    write_members {
      accepted = result.accepted,
      rejected = result.rejected,
      unknown = result.unknown,
      pending = result.pending,
      failures = plain_failures(result),
      stopped = result.stopped,
      resume = result.resume,
      error = result.error and plain_error(result.error),
    }
    if args.wait then
      table.sort(waiting, by_index)
      settled = write_purchases(client, waiting, args.idmodel)
    end
    io.write "}\n"
    return exit_code(result, settled)
  end

  return M_machines
end

--- @tab args `json`, `wait`, `idmodel`
-- @tparam function wipe clears the progress bar
-- @treturn table `receipt(receipt)`, and `finish(client, result)` → exit code
function M.new(args, wipe)
  return args.json and for_machines(args) or for_people(args, wipe)
end

return M
