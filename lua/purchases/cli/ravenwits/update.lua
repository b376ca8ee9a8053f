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

function M.define(group, api)
  local command = group:command("update", "Stores the outputs and the status of a purchase.")
  api.define_command(command, {
    needs_user = true,
    examples = EXAMPLES,
    prepare = function(args)
      if args.status == "failed" and (args.error or "") == "" then
        return nil, ending.misuse "--status failed needs --error, which says what went wrong"
      end
      local outputs, why = json_file.json(args.outputs)
      if not outputs then
        ending.complain(why, "; nothing was sent")
        return nil, ending.INVALID
      end
      return outputs
    end,
    call = function(client, args, outputs)
      return output.result(client:update(args.id, { outputs = outputs, status = args.status, error = args.error }))
    end,
  })
  api.define_id(command)
  local status = command:option("--status", "failed, pending, in_progress or completed."):count(1)
  status:choices { "failed", "pending", "in_progress", "completed" }
  command:option("--error", "What went wrong; required for status failed.")
  command:option("--outputs", "JSON file with the outputs; '-' is standard input."):count(1)
end

return M
