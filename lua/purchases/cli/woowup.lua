--- purchases woowup ...: what its commands share, and the short ones.
-- @module purchases.cli.woowup
local account = require "purchases.cli.account"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local provider = require "purchases.provider.woowup"

local M = { name = "woowup", provider = provider }

local COMMANDS = { "create", "check", "update", "find", "delete" }

local ENVIRONMENT = [[
The API key comes from the environment, WOOWUP_API_KEY, or from the first line of --token-file.
WOOWUP_BASE_URL points elsewhere, SSL_CERT_FILE names other certificates than the system's.]]

--- Makes the client that the arguments and the environment describe, and hands it to `use`.
-- @tab args
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(args, use)
  local key, code = account.api_key(args, "WOOWUP_API_KEY")
  if not key then
    return code
  end
  return account.with_client(M.name, { api_key = key, concurrency = args.concurrency, rate = args.rate }, use)
end

--- Gives a command what it runs, and its help.
-- @param command of argparse
-- @tab spec `run(args)`, `examples`
function M.define_command(command, spec)
  account.define(command, {
    run = spec.run,
    examples = spec.examples,
    requirements = ENVIRONMENT,
    secret = "API key",
  })
end

-- The short commands

local function define_iin(group)
  local command = group:command("iin", "What is known of a card's bank.")
  M.define_command(command, {
    run = function(args)
      return M.with_client(args, function(client)
        return output.result(client:iin(args.iin))
      end)
    end,
    examples = "Example:\n  purchases woowup iin 123456",
  })
  command:argument("iin", "The first 6 digits of the card's number.")
end

function M.define(parser)
  local group = parser:command(M.name, "Retail sales.")
  help.define(group, "Example:\n  purchases woowup create purchases.ndjson --rejects rejects.ndjson", ENVIRONMENT)
  group:command_target "subcommand"
  group:require_command(true)
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.sales." .. name).define(group, M)
  end
  define_iin(group)
end

return M
