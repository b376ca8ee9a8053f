--- purchases ravenwits wait: until the workflows of accepted purchases have ended, after a restart, too.
-- @module purchases.cli.ravenwits.wait
local arguments = require "purchases.cli.arguments"
local await = require "purchases.cli.ravenwits.await"
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local ledger_file = require "purchases.cli.ledger_file"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local printable = require "purchases.printable"
local workflows = require "purchases.cli.ravenwits.workflows"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits wait --user trebolenergia
  purchases ravenwits wait 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --timeout 60]]

local HABITS = [[
Without an ID it waits for all purchases of the user that the ledger has as accepted, and whose workflow has not ended
as far as it knows: --retailer takes those of one retailer, --account those of an account that has a name. A workflow
that has ended is noted in the ledger, and is not waited for again.]]

-- What is to be waited for, see `workflows.unended`; nil and an exit code where nobody knows.
local function wanted(args, ledger, accounts)
  if args.id[1] then
    local list = {}
    for i, id in ipairs(args.id) do
      list[i] = { id = id }
    end
    return list
  end
  local list, err = workflows.unended(ledger, accounts)
  if not list then
    return nil, ending.fail(err)
  end
  return list
end

local function print_line(receipt, found)
  local status = found.seen and found.seen.status or "not known"
  local message = found.err and found.err.message or ""
  local line = ("%s  %-11s  %s  %s"):format(receipt.id, status, receipt.name or "", message)
  output.write(printable.line((line:gsub(" +$", ""))), "\n")
  output.flush()
end

local function plain_of(receipt, found)
  return {
    id = receipt.id,
    name = receipt.name,
    status = found.seen and found.seen.status,
    error = plain.error(found.err),
  }
end

-- The exit code: that of what kept it from looking, where anything did.
local function code_of(found)
  local kind = found.err and found.err.kind
  if not found.err then
    return ending.OK
  end
  return (kind == "auth" or kind == "transport") and ending.code(found.err) or ending.INCOMPLETE
end

local function wait_for(client, args, ledger)
  local accounts, err = workflows.accounts(ledger, client, args)
  if not accounts then
    return ending.fail(err)
  end
  local list, code = wanted(args, ledger, accounts)
  if not list then
    return code
  end
  code = ending.OK
  local ended, plains, given_up = 0, {}, nil
  await.all(client, list, function(receipt, found)
    code = math.max(code, code_of(found))
    if not workflows.note(ledger, accounts, receipt, found) then
      code = math.max(code, ending.INCOMPLETE)
    end
    ended = ended + (found.purchase and 1 or 0)
    if args.json then
      plains[#plains + 1] = plain_of(receipt, found)
    elseif found.skipped or found.interrupted then
      given_up = given_up or found.err
    else
      print_line(receipt, found)
    end
  end, args.timeout)
  if given_up then
    ending.fail(given_up)
  end
  if args.json then
    output.json { completed = ended, purchases = json.list(plains) }
  else
    output.write(("%d of %d purchases completed\n"):format(ended, #list))
  end
  return code
end

local function run(client, args)
  local ledger, code
  if args.id[1] then
    ledger, code = ledger_file.existing_of(args, client)
  elseif args.no_ledger then
    return ending.misuse "--no-ledger needs an ID: without one, the ledger says what there is to wait for"
  else
    ledger, code = ledger_file.existing(args)
  end
  if ledger == nil then
    return code
  end
  code = wait_for(client, args, ledger)
  if ledger then
    ledger:close()
  end
  return code
end

function M.define(group, api)
  local command = group:command("wait", "Waits until workflows have ended.")
  api.define_command(command, { needs_user = true, examples = EXAMPLES .. "\n\n" .. HABITS, call = run })
  command:argument("id", "Purchase identifier."):args "*":convert(arguments.identifier "the id")
  command:option("--retailer", "Retailer identifier."):convert(arguments.identifier "--retailer")
  command:option("--account", "Name of the account in the ledger.")
  command:option("--timeout", "Seconds to wait at most; without it, 600 in which no workflow ends.", nil,
    arguments.seconds "--timeout")
  ledger_file.define_choice(command)
  command:flag("--json", "Prints one JSON object.")
end

return M
