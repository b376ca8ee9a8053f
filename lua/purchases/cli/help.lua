--- Texts that are printed instead of doing anything: help, version, completion.
-- @module purchases.cli.help
local ending = require "purchases.cli.ending"
local output = require "purchases.cli.output"

local M = {}

--- Prints a text and ends the program.
function M.leave(text)
  output.write(text, "\n")
  os.exit(output.finish(ending.OK), true)
end

--- Gives a command its --help, with examples or whatever else belongs below the options.
-- @param command of argparse
-- @string ... paragraphs
function M.define(command, ...)
  command:epilog(table.concat({ ... }, "\n\n"))
  command:add_help {
    action = function()
      M.leave(command:get_help())
    end,
  }
end

return M
