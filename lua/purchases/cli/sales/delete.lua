--- purchases woowup delete, delete-range
-- @module purchases.cli.sales.delete
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local ledger_file = require "purchases.cli.ledger_file"
local output = require "purchases.cli.output"

local M = {}

local RANGE_EXAMPLES = [[
Examples:
  purchases woowup delete-range --from "2026-03-01 00:00" --to "2026-03-01 23:59:59" \
    --tz America/Argentina/Buenos_Aires --notify-to me@example.com
  purchases woowup delete-range --branch-name "Palermo I" --notify-to me@example.com]]

local function has_offset(time)
  return time:find "Z$" or time:find "%d%d:%d%d[^-]*[+-]%d%d:?%d%d$"
end

-- Refuses what would delete something else than was meant, or nothing.
local function range_of(args)
  if not (args.from or args.to or args.branch_name) then
    return nil, ending.misuse "--from and --to, or --branch-name, or all of them are required"
  elseif not args.from ~= not args.to then
    return nil, ending.misuse "--from and --to must be given together"
  elseif args.from and not args.tz and not (has_offset(args.from) and has_offset(args.to)) then
    return nil, ending.misuse("set the time zone of --from and --to with --tz, such as UTC or "
      .. "America/Argentina/Buenos_Aires")
  end
  return {
    from = args.from,
    to = args.to,
    tz = args.tz,
    branch_name = args.branch_name,
    notify_to = args.notify_to,
  }
end

-- The account that both commands work for.
local function account_of(client, args)
  local provider = client.provider
  return {
    provider = provider.name,
    base_url = client.options.base_url,
    name = args.account or provider.account_name(client.options, {}),
  }
end

-- Forgets a purchase that was deleted. Without a branch that is whichever had the number: all are forgotten, since the
-- API refuses those that are still there when they are sent again, and one that is not would never be sent.
local function forget(ledger, about, args)
  local keys, err = { args.branch_name and args.invoice_number .. "\0" .. args.branch_name }, nil
  if not keys[1] then
    keys, err = ledger:keys(about, args.invoice_number)
  end
  for _, key in ipairs(keys or {}) do
    local count
    count, err = ledger:forget { provider = about.provider, base_url = about.base_url, account = about.name, key = key }
    if not count then
      break
    end
  end
  return not err, err
end

local function delete(client, args)
  local ledger, code = ledger_file.existing_of(args, client)
  if ledger == nil then
    return code
  end
  local done, err = client:delete { invoice_number = args.invoice_number, branch_name = args.branch_name }
  code = output.result(done and { invoice_number = args.invoice_number, deleted = true }, err)
  if ledger then
    local ok, why = true, nil
    if done then
      ok, why = forget(ledger, account_of(client, args), args)
    end
    ledger:close()
    if not ok then
      ending.complain(ending.describe(why), "; the purchase was deleted, and the ledger still has it")
      return ending.INCOMPLETE
    end
  end
  return code
end

local function shell_word(word)
  return word:find "[^%w%-_./:@]" and "'" .. word:gsub("'", "'\\''") .. "'" or word
end

-- Says how the ledger forgets what was deleted: it does not know the times of purchases, and the API deletes later.
local function advise(client, args)
  local ledger = ledger_file.existing_of(args, client)
  if not ledger then
    return
  end
  local words = { "purchases ledger forget --provider woowup" }
  if args.account then
    words[#words + 1] = "--account " .. shell_word(args.account)
  end
  if args.ledger then
    words[#words + 1] = "--ledger " .. shell_word(args.ledger)
  end
  ending.say("the ledger still has what is deleted, and create skips it. Once the e-mail has come, forget all sales (",
    "those that are still there are refused as duplicates): ", table.concat(words, " "))
  ledger:close()
end

local function delete_range(client, args, query)
  local deleted, err = client:delete_range(query)
  if err and err.code == "unknown_zone" then
    return ending.misuse("--tz: ", err.message)
  end
  local code = output.result(deleted, err, "payload")
  if deleted then
    advise(client, args)
  end
  return code
end

-- Says whose ledger has the purchases.
local function define_ledger(command)
  ledger_file.define_choice(command)
  command:option("--account", "Name of the account in the ledger.")
end

function M.define(group, api)
  local one = group:command("delete", "Deletes one purchase.")
  api.define_command(one, {
    examples = "Example:\n  purchases woowup delete --invoice-number FAC-000085643",
    call = delete,
  })
  one:option("--invoice-number", "Invoice number."):count(1):convert(arguments.identifier "--invoice-number")
  one:option("--branch-name", "Branch."):convert(arguments.identifier "--branch-name")
  define_ledger(one)
  local range = group:command("delete-range", "Deletes the purchases of a period, of a branch, or both.")
  api.define_command(range, {
    examples = RANGE_EXAMPLES,
    prepare = range_of,
    call = delete_range,
  })
  range:option("--from", "First moment: YYYY-MM-DD HH:MM[:SS], or ISO 8601 with an offset.")
  range:option("--to", "Last moment.")
  range:option("--tz", "Time zone of --from and --to, unless they have an offset.")
  range:option("--branch-name", "Deletes only purchases of this branch."):convert(arguments.identifier "--branch-name")
  range:option("--notify-to", "E-mail address that is notified when it is done."):count(1)
  define_ledger(range)
end

return M
