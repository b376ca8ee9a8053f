--- The `purchases` command: parses arguments, runs one command, says how it ended.
-- @module purchases.cli
local argparse = require "argparse"
local version = require "purchases.version"

local M = {}

local COMMANDS = { "check", "ravenwits", "sandbox" }
local USAGE = 2

local EXIT_CODES = [[
Exit codes: 0 all accepted; 1 something rejected, unknown or pending; 2 wrong usage; 3 input invalid,
nothing sent; 4 authentication; 5 nobody reached.]]

local function build()
  local parser = argparse("purchases", "Purchase data to APIs: checked before a byte is sent.")
  parser:epilog(EXIT_CODES)
  parser:command_target "command"
  parser:require_command(true)
  parser:flag("--version", "Print the version."):action(function()
    print("purchases " .. version)
    os.exit(0)
  end)
  parser:add_complete()
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli." .. name).define(parser)
  end
  return parser
end

local function run(parser, arguments)
  local ok, args = parser:pparse(arguments)
  if not ok then
    io.stderr:write("purchases: ", args, "\nTry 'purchases --help'.\n")
    return USAGE
  end
  return args.run(args)
end

--- Runs the command line.
-- @tparam {string,...} arguments
-- @treturn int exit code
function M.main(arguments)
  return run(build(), arguments)
end

return M
