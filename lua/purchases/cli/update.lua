--- purchases ravenwits update
-- @module purchases.cli.update
local ending = require "purchases.cli.ending"
local json = require "purchases.json"

local M = {}

local EXAMPLES = [[
Example:
  purchases ravenwits update 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --status completed --outputs outputs.json]]

local function read_outputs(path)
  local file, why = path == "-" and io.stdin or nil, nil
  if not file then
    file, why = io.open(path, "rb")
  end
  if not file then
    return nil, why
  end
  local text = file:read "*a"
  local ok, err = json.valid(text or "")
  if not ok then
    return nil, ("%s:%d:%d: %s"):format(path, err.line, err.column, err.message)
  end
  local outputs = json.decode(text)
  if type(outputs) ~= "table" then
    return nil, path .. ": outputs must be a JSON object or list"
  end
  return outputs
end

local function run(client, args, outputs)
  local updated, err = client:update(args.id, { outputs = outputs, status = args.status, error = args.error })
  if not updated then
    return ending.fail(err)
  end
  print(json.encode(updated))
  return ending.OK
end

function M.define(group, common)
  local command = group:command("update", "Store a purchase's outputs and status.")
  command:argument("id", "Purchase identifier.")
  command:option("--status", "failed, pending, in_progress or completed."):count(1)
  command:option("--error", "What went wrong, for status failed.")
  command:option("--outputs", "JSON file; '-' is standard input."):count(1)
  command:epilog(EXAMPLES)
  common.define_common(command, function(args)
    local outputs, why = read_outputs(args.outputs)
    if not outputs then
      ending.complain(why)
      return ending.INVALID
    end
    return common.with_client(args, function(client)
      return run(client, args, outputs)
    end)
  end, true)
end

return M
