--- Defines commands with their help, and prints texts in place of running one: help, version, completion.
-- @module purchases.cli.help
local ending = require "purchases.cli.ending"
local output = require "purchases.cli.output"

local M = {}

--- Prints a text and ends the program.
function M.leave(text)
  output.write(text, "\n")
  os.exit(output.finish(ending.OK), true)
end

--- Gives a command its --help, and what it runs.
-- @param command of argparse
-- @tparam {string,...} paragraphs below the options: examples and whatever else belongs there
-- @tparam[opt] function run `run(args)` → exit code
function M.define(command, paragraphs, run)
  command:epilog(table.concat(paragraphs, "\n\n"))
  command:add_help {
    description = "Prints this help.",
    action = function()
      M.leave(command:get_help())
    end,
  }
  if run then
    command:action(function(args)
      args.run = run
    end)
  end
end

--- Adds a command that has commands of its own.
-- @param parser of argparse
-- @string name
-- @string description
-- @tparam {string,...} paragraphs as for `define`
-- @return the group, of argparse
function M.define_group(parser, name, description, paragraphs)
  local group = parser:command(name, description)
  M.define(group, paragraphs)
  group:command_target "subcommand"
  group:require_command(true)
  return group
end

return M
