--- purchases woowup delete, delete-range
-- @module purchases.cli.sales.delete
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
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

function M.define(group, api)
  local one = group:command("delete", "Deletes one purchase.")
  api.define_command(one, {
    examples = "Example:\n  purchases woowup delete --invoice-number FAC-000085643",
    call = function(client, args)
      local done, err = client:delete { invoice_number = args.invoice_number, branch_name = args.branch_name }
      return output.result(done and { invoice_number = args.invoice_number, deleted = true }, err)
    end,
  })
  one:option("--invoice-number", "Invoice number."):count(1):convert(arguments.identifier "--invoice-number")
  one:option("--branch-name", "Branch."):convert(arguments.identifier "--branch-name")
  local range = group:command("delete-range", "Deletes the purchases of a period, of a branch, or both.")
  api.define_command(range, {
    examples = RANGE_EXAMPLES,
    prepare = range_of,
    call = function(client, _, query)
      local deleted, err = client:delete_range(query)
      if err and err.code == "unknown_zone" then
        return ending.misuse("--tz: ", err.message)
      end
      return output.result(deleted, err, "payload")
    end,
  })
  range:option("--from", "First moment: YYYY-MM-DD HH:MM[:SS], or ISO 8601 with an offset.")
  range:option("--to", "Last moment.")
  range:option("--tz", "Time zone of --from and --to, unless they have an offset.")
  range:option("--branch-name", "Deletes only purchases of this branch."):convert(arguments.identifier "--branch-name")
  range:option("--notify-to", "E-mail address that is notified when it is done."):count(1)
end

return M
