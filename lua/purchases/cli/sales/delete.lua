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

local function delete(client, args)
  local done, err = client:delete { invoice_number = args.invoice_number, branch_name = args.branch_name }
  return output.result(done and { invoice_number = args.invoice_number, deleted = true }, err)
end

local function define_delete(group, api)
  local command = group:command("delete", "Delete one purchase.")
  api.define_command(command, {
    run = function(args)
      return api.with_client(args, function(client)
        return delete(client, args)
      end)
    end,
    examples = "Example:\n  purchases woowup delete --invoice-number FAC-000085643",
  })
  command:option("--invoice-number", "Invoice number."):count(1):convert(arguments.identifier "--invoice-number")
  command:option("--branch-name", "Branch."):convert(arguments.identifier "--branch-name")
end

local function has_offset(time)
  return time:find "Z$" or time:find "%d%d:%d%d[^-]*[+-]%d%d:?%d%d$"
end

-- What would delete something else than was meant, or nothing.
local function misuse(args)
  if not (args.from or args.to or args.branch_name) then
    return "name what to delete: --from and --to, --branch-name, or all of them"
  elseif not args.from ~= not args.to then
    return "--from and --to go together"
  elseif args.from and not args.tz and not (has_offset(args.from) and has_offset(args.to)) then
    return "name the zone that --from and --to are in with --tz, such as UTC or America/Argentina/Buenos_Aires"
  end
end

local function delete_range(client, args)
  local result, err = client:delete_range {
    from = args.from,
    to = args.to,
    tz = args.tz,
    branch_name = args.branch_name,
    notify_to = args.notify_to,
  }
  if err and err.code == "unknown_zone" then
    return ending.misuse("--tz: ", err.message)
  end
  return output.result(result, err)
end

local function run_range(args, api)
  local why = misuse(args)
  if why then
    return ending.misuse(why)
  end
  return api.with_client(args, function(client)
    return delete_range(client, args)
  end)
end

local function define_range(group, api)
  local command = group:command("delete-range", "Delete those of a time, of a branch, or of both.")
  api.define_command(command, {
    run = function(args)
      return run_range(args, api)
    end,
    examples = RANGE_EXAMPLES,
  })
  command:option("--from", "First moment: YYYY-MM-DD HH:MM[:SS], or ISO 8601 with an offset.")
  command:option("--to", "Last moment.")
  command:option("--tz", "Time zone of --from and --to, where they have no offset of their own.")
  command:option("--branch-name", "Only this branch."):convert(arguments.identifier "--branch-name")
  command:option("--notify-to", "E-mail address that is told when it is done."):count(1)
end

function M.define(group, api)
  define_delete(group, api)
  define_range(group, api)
end

return M
