--- purchases ravenwits ...: what its commands share, and the short ones.
-- @module purchases.cli.ravenwits
local account = require "purchases.cli.account"
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"

local M = {}

local COMMANDS = { "submit", "wait", "get", "update" }

local CREDENTIALS = [[
Credentials come from the environment (RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD), or a
token comes from the first line of --token-file.]]
local ENVIRONMENT = [[
RAVENWITS_BASE_URL replaces the API's address, and SSL_CERT_FILE the system's certificates.]]
local USER = "RAVENWITS_USER is the default of --user."

local function new_client(args, spec)
  local options, why = { user = args.user or account.environment "RAVENWITS_USER" }, nil
  if not spec.is_public then
    options.email = account.environment "RAVENWITS_EMAIL"
    options.token, why = account.credential("RAVENWITS_TOKEN", args.token_file, "token")
    if not why then
      options.password, why = account.credential "RAVENWITS_PASSWORD"
    end
  end
  if why then
    return nil, ending.misuse(why)
  elseif spec.needs_user and not options.user then
    return nil, ending.misuse "set the user with --user or RAVENWITS_USER"
  end
  return account.client("ravenwits", options)
end

--- Gives a command its help, what it runs, --token-file and --user.
-- @param command of argparse
-- @tab spec `examples`, `prepare`, `call`: see `purchases.cli.account`; `needs_user`; `is_public`: takes no
-- credentials; `requirements`: takes them from the environment alone
function M.define_command(command, spec)
  local requirements = spec.requirements or spec.is_public and "It needs no credentials."
  account.define(command, {
    examples = spec.examples,
    requirements = (requirements or CREDENTIALS) .. "\n" .. ENVIRONMENT .. (spec.needs_user and "\n" .. USER or ""),
    secret = not requirements and "token",
    prepare = spec.prepare,
    client = function(args)
      return new_client(args, spec)
    end,
    call = spec.call,
  })
  if spec.needs_user then
    command:option("--user", "User identifier."):convert(arguments.identifier "--user")
  end
end

-- Arguments

function M.define_id(command)
  command:argument("id", "Purchase identifier."):convert(arguments.identifier "the id")
end

function M.define_retailer(command)
  command:option("--retailer", "Retailer identifier."):count(1):convert(arguments.identifier "--retailer")
end

function M.define_idmodel(command, description)
  command:option("--idmodel", description):convert(arguments.identifier "--idmodel")
end

local function define_login(group)
  M.define_command(group:command("login", "Tries the e-mail and password without printing the token."), {
    examples = "Example:\n  RAVENWITS_EMAIL=me@example.com purchases ravenwits login",
    requirements = "It needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment.",
    prepare = function()
      if not (account.environment "RAVENWITS_EMAIL" and account.environment "RAVENWITS_PASSWORD") then
        ending.complain "login needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment"
        return nil, ending.AUTH
      end
    end,
    call = function(client)
      local session, err = client:login()
      return output.result(session and {
        customer_email = session.customer_email,
        customer_name = session.customer_name,
        expires_at = session.expires_at,
      }, err)
    end,
  })
end

function M.define(parser)
  local group = help.define_group(parser, "ravenwits", "Uploads energy purchase series and reads strategy outputs.", {
    "Example:\n  purchases ravenwits submit load.csv --user trebolenergia --retailer 123",
    CREDENTIALS .. "\n" .. ENVIRONMENT,
  })
  define_login(group)
  M.define_command(group:command("health", "Checks that the API answers."), {
    is_public = true,
    examples = "Example:\n  purchases ravenwits health",
    call = function(client)
      return output.result(client:health())
    end,
  })
  local strategies = group:command("strategies", "Prints the strategies of a retailer.")
  M.define_command(strategies, {
    needs_user = true,
    examples = "Example:\n  purchases ravenwits strategies --user trebolenergia --retailer 123",
    call = function(client, args)
      return output.result(client:strategies { retailer_id = args.retailer })
    end,
  })
  M.define_retailer(strategies)
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.ravenwits." .. name).define(group, M)
  end
end

return M
