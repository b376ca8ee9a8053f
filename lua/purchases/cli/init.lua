--- The `purchases` command: parses arguments, runs one command, returns its exit code.
-- @module purchases.cli
local argparse = require "argparse"
local core = require "purchases.core"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local version = require "purchases.version"

local M = {}

local COMMANDS = { "check", "inspect", "maps", "ravenwits", "woowup", "curebit", "history", "ledger",
  "sandbox" }

local EXIT_CODES = [[
Exit codes: 0 all accepted; 1 something rejected, unknown or pending; 2 wrong usage; 3 input invalid,
nothing sent; 4 authentication; 5 nobody reached; 6 the ledger cannot be used.]]

local EXAMPLES = [[
Examples:
  purchases check load.csv --tz Europe/Madrid
  purchases ravenwits submit --help]]

local function build()
  local parser = argparse("purchases", "Checks purchase data and uploads it to the APIs that it is meant for.")
  parser:add_help(false)
  help.define(parser, { EXAMPLES, EXIT_CODES })
  parser:command_target "command"
  parser:require_command(true)
  parser:flag("--version", "Prints the version."):action(function()
    help.leave("purchases " .. version)
  end)
  local completion = parser:option("--completion", "Prints the completion script of a shell.")
  completion:choices { "bash", "zsh", "fish" }
  completion:action(function(_, _, shell)
    help.leave(parser["get_" .. shell .. "_complete"](parser))
  end)
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli." .. name).define(parser)
  end
  -- argparse would exit: this raises which command was used wrongly, and how.
  parser.error = function(command, message)
    message = message:gsub("\nDid you mean (.*)$", " (did you mean %1)")
    error({ misuse = message, command = command:get_usage():match "^Usage: ([%w -]*%w)" }, 0)
  end
  return parser
end

--- Runs the command line.
-- @tparam {string,...} arguments
-- @bool[opt] ignores_interrupts was SIGINT ignored before the interpreter took it?
-- @treturn int exit code
function M.main(arguments, ignores_interrupts)
  if not core.system.begin_command(ignores_interrupts) then
    return ending.INCOMPLETE -- nobody would hear what becomes of it
  end
  local parser = build()
  local ok, args = pcall(parser.parse, parser, arguments)
  if ok then
    return output.finish(args.run(args))
  elseif type(args) == "table" and args.misuse then
    return output.finish(ending.misuse(("%s; see '%s --help'"):format(args.misuse, args.command)))
  end
  error(args, 0)
end

return M
