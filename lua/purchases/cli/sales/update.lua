--- purchases woowup update
-- @module purchases.cli.sales.update
local ending = require "purchases.cli.ending"
local issue = require "purchases.cli.issue"
local json_file = require "purchases.cli.json_file"
local output = require "purchases.cli.output"
local purchase_file = require "purchases.cli.sales.purchase_file"

local M = {}

function M.define(group, api)
  local command = group:command("update", "Replaces a purchase with the one in a file.")
  api.define_command(command, {
    examples = "Example:\n  purchases woowup update purchase.json",
    prepare = function(args)
      local text, why = json_file.text(args.file)
      if not text then
        ending.complain(why, "; nothing was sent")
        return nil, ending.INVALID
      end
      return text
    end,
    call = function(client, args, text)
      local done, err = client:update(text)
      if err and err.kind == "validation" then
        for _, one in ipairs(err.issues) do
          issue.print(purchase_file.name(args), one)
        end
        ending.complain(purchase_file.name(args), ": is not valid; nothing was sent")
        return ending.INVALID
      end
      return output.result(done and { updated = true }, err)
    end,
  })
  command:argument("file", "One purchase as JSON; '-' is standard input.")
end

return M
