--- purchases woowup update
-- @module purchases.cli.sales.update
local ending = require "purchases.cli.ending"
local json_file = require "purchases.cli.json_file"
local output = require "purchases.cli.output"
local record_source = require "purchases.cli.sales.purchase_file"

local M = {}

local function complain_of_file(args, err)
  record_source.print(args, { error = err }, #err.issues)
  ending.complain(record_source.name(args), ": not fit to be sent; nothing was sent")
  return ending.INVALID
end

local function update(client, args, text)
  local done, err = client:update(text)
  if err and err.kind == "validation" then
    return complain_of_file(args, err)
  end
  return output.result(done and { updated = true }, err)
end

local function run(args, api)
  local text, why = json_file.text(args.file)
  if not text then
    ending.complain(why, "; nothing was sent")
    return ending.INVALID
  end
  return api.with_client(args, function(client)
    return update(client, args, text)
  end)
end

function M.define(group, api)
  local command = group:command("update", "Update a purchase, which is given whole.")
  api.define_command(command, {
    run = function(args)
      return run(args, api)
    end,
    examples = "Example:\n  purchases woowup update purchase.json",
  })
  command:argument("file", "One purchase as JSON; '-' is standard input.")
end

return M
