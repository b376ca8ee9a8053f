--- purchases curebit ...: what its commands share, and the short one.
-- @module purchases.cli.curebit
local account = require "purchases.cli.account"
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local provider = require "purchases.provider.curebit"

local M = { name = "curebit", provider = provider }

local ENVIRONMENT = [[
The API key comes from the environment, CUREBIT_API_KEY, or from the first line of --token-file.
CUREBIT_SITE stands in for --site. CUREBIT_BASE_URL points elsewhere, SSL_CERT_FILE names other certificates
than the system's.]]

--- Makes the client that the arguments and the environment describe, and hands it to `use`.
-- @tab args
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(args, use)
  local site = args.site or account.environment "CUREBIT_SITE"
  if not site then
    return ending.misuse "name the site with --site or CUREBIT_SITE"
  end
  local key, code = account.api_key(args, "CUREBIT_API_KEY")
  if not key then
    return code
  end
  local options = { api_key = key, site = site, concurrency = args.concurrency, rate = args.rate }
  return account.with_client(M.name, options, use)
end

--- Gives a command what it runs, its help, and --site.
-- @param command of argparse
-- @tab spec `run(args)`, `examples`
function M.define_command(command, spec)
  account.define(command, {
    run = spec.run,
    examples = spec.examples,
    requirements = ENVIRONMENT,
    secret = "API key",
  })
  command:option("--site", "The site's slug."):convert(arguments.identifier "--site")
end

local function set_rewards_status(args)
  return M.with_client(args, function(client)
    return output.result(client:set_rewards_status(args.order, args.status))
  end)
end

local function define_rewards(group)
  local command = group:command("set-rewards-status", "Approve or void the rewards of an order.")
  M.define_command(command, {
    run = set_rewards_status,
    examples = "Example:\n  purchases curebit set-rewards-status 10025 approved --site my-shop",
  })
  command:argument("order", "Order number."):convert(arguments.identifier "the order number")
  command:argument("status", "approved, voided or unrewarded."):choices { "approved", "voided", "unrewarded" }
end

function M.define(parser)
  local group = parser:command(M.name, "Shop orders, for referral rewards.")
  help.define(group, "Example:\n  purchases curebit create orders.ndjson --site my-shop --rejects rejects.ndjson",
    ENVIRONMENT)
  group:command_target "subcommand"
  group:require_command(true)
  for _, name in ipairs { "create", "check" } do
    require("purchases.cli.sales." .. name).define(group, M)
  end
  define_rewards(group)
end

return M
