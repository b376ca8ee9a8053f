--- purchases ravenwits update
-- @module purchases.cli.ravenwits.update
local ending = require "purchases.cli.ending"
local json_file = require "purchases.cli.json_file"
local output = require "purchases.cli.output"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits update 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia \
    --status completed --outputs outputs.json
  purchases ravenwits update 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia \
    --status failed --error "no prices for MD" --outputs - < outputs.json]]

local function update(client, args, outputs)
  local updated, err = client:update(args.id, { outputs = outputs, status = args.status, error = args.error })
  if not updated then
    return ending.fail(err)
  end
  return output.json(updated)
end

local function run(args, common)
  if args.status == "failed" and (args.error or "") == "" then
    return ending.misuse "--status failed needs --error, which says what went wrong"
  end
  local outputs, why = json_file.read(args.outputs)
  if not outputs then
    ending.complain(why, "; nothing was sent")
    return ending.INVALID
  end
  return common.with_client(args, function(client)
    return update(client, args, outputs)
  end)
end

function M.define(group, common)
  local command = group:command("update", "Store a purchase's outputs and status.")
  common.define_common(command, {
    run = function(args)
      return run(args, common)
    end,
    needs_user = true,
    examples = EXAMPLES,
  })
  common.define_id(command)
  local status = command:option("--status", "failed, pending, in_progress or completed."):count(1)
  status:choices { "failed", "pending", "in_progress", "completed" }
  command:option("--error", "What went wrong, for status failed.")
  command:option("--outputs", "JSON file; '-' is standard input."):count(1)
end

return M
