--- purchases curebit ...: what its commands share, and the short one.
-- @module purchases.cli.curebit
local account = require "purchases.cli.account"
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local provider = require "purchases.provider.curebit"

local M = { name = "curebit", provider = provider }

local COMMANDS = { "create", "check" }

local ENVIRONMENT = [[
The API key comes from the environment, CUREBIT_API_KEY, or from the first line of --token-file.
CUREBIT_SITE is the default of --site. CUREBIT_BASE_URL replaces the API's address, and SSL_CERT_FILE the
system's certificates.]]

--- Gives a command its help, what it runs, and --site.
-- @param command of argparse
-- @tab spec `examples`, `prepare`, `call`: see `purchases.cli.account`
function M.define_command(command, spec)
  account.define(command, {
    examples = spec.examples,
    requirements = ENVIRONMENT,
    secret = "API key",
    prepare = spec.prepare,
    client = function(args)
      local site = args.site or account.environment "CUREBIT_SITE"
      if not site then
        return nil, ending.misuse "set the site with --site or CUREBIT_SITE"
      end
      local key, code = account.api_key(args, "CUREBIT_API_KEY")
      if not key then
        return nil, code
      end
      local options = { api_key = key, site = site, concurrency = args.concurrency, rate = args.rate }
      return account.client(M.name, options)
    end,
    call = spec.call,
  })
  command:option("--site", "The site's slug."):convert(arguments.identifier "--site")
end

function M.define(parser)
  local group = help.define_group(parser, M.name, "Uploads shop orders and sets their referral rewards.",
    { "Example:\n  purchases curebit create orders.ndjson --site my-shop --rejects rejects.ndjson", ENVIRONMENT })
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.sales." .. name).define(group, M)
  end
  local rewards = group:command("set-rewards-status", "Approves or voids the rewards of an order.")
  M.define_command(rewards, {
    examples = "Example:\n  purchases curebit set-rewards-status 10025 approved --site my-shop",
    call = function(client, args)
      return output.result(client:set_rewards_status(args.order, args.status))
    end,
  })
  rewards:argument("order", "Order number."):convert(arguments.identifier "the order number")
  rewards:argument("status", "approved, voided or unrewarded."):choices { "approved", "voided", "unrewarded" }
end

return M
