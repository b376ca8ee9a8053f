--- purchases woowup ...: what its commands share, and the short one.
-- @module purchases.cli.woowup
local account = require "purchases.cli.account"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local provider = require "purchases.provider.woowup"

local M = { name = "woowup", provider = provider }

local COMMANDS = { "create", "check", "update", "find", "delete" }

local ENVIRONMENT = [[
The API key comes from the environment, WOOWUP_API_KEY, or from the first line of --token-file.
WOOWUP_BASE_URL replaces the API's address, and SSL_CERT_FILE the system's certificates.]]

--- Gives a command its help and what it runs.
-- @param command of argparse
-- @tab spec `examples`, `prepare`, `call`: see `purchases.cli.account`
function M.define_command(command, spec)
  account.define(command, {
    examples = spec.examples,
    requirements = ENVIRONMENT,
    secret = "API key",
    prepare = spec.prepare,
    client = function(args)
      local key, code = account.api_key(args, "WOOWUP_API_KEY")
      if not key then
        return nil, code
      end
      return account.client(M.name, { api_key = key, concurrency = args.concurrency, rate = args.rate })
    end,
    call = spec.call,
  })
end

function M.define(parser)
  local group = help.define_group(parser, M.name, "Uploads, finds and deletes retail sales.",
    { "Example:\n  purchases woowup create purchases.ndjson --rejects rejects.ndjson", ENVIRONMENT })
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.sales." .. name).define(group, M)
  end
  local iin = group:command("iin", "Prints what the API knows about a card and its bank.")
  M.define_command(iin, {
    examples = "Example:\n  purchases woowup iin 123456",
    call = function(client, args)
      local found, err = client:iin(args.iin)
      return output.result(found, err, "payload")
    end,
  })
  iin:argument("iin", "First 6 digits of the card's number.")
end

return M
