--- purchases ravenwits ...: what its commands share, and the short ones.
-- @module purchases.cli.ravenwits
local account = require "purchases.cli.account"
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"

local M = {}

local COMMANDS = { "submit", "get", "update" }

local CREDENTIALS = [[
Credentials come from the environment: RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD; or a
token from the first line of --token-file.]]
local ENVIRONMENT = [[
RAVENWITS_BASE_URL points elsewhere, SSL_CERT_FILE names other certificates than the system's.]]
local USER = "RAVENWITS_USER stands in for --user."

-- The client and what it is made of

local function add_credentials(options, args)
  local why
  options.email = account.environment "RAVENWITS_EMAIL"
  options.token, why = account.credential("RAVENWITS_TOKEN", args.token_file, "token")
  if not why then
    options.password, why = account.credential "RAVENWITS_PASSWORD"
  end
  return why
end

--- Makes the client that the arguments and the environment describe, and hands it to `use`.
-- @tab args
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(args, use)
  local options = { user = args.user or account.environment "RAVENWITS_USER" }
  local why = not args.is_public and add_credentials(options, args)
  if why then
    return ending.misuse(why)
  elseif args.needs_user and not options.user then
    return ending.misuse "name the user with --user or RAVENWITS_USER"
  end
  return account.with_client("ravenwits", options, use)
end

-- Arguments

local identifier = arguments.identifier

function M.define_id(command)
  command:argument("id", "Purchase identifier."):convert(identifier "the id")
end

function M.define_retailer(command)
  command:option("--retailer", "Retailer identifier."):count(1):convert(identifier "--retailer")
end

function M.define_idmodel(command, description)
  command:option("--idmodel", description):convert(identifier "--idmodel")
end

local function requirements(spec)
  if spec.is_public then
    return "It needs no credentials.\n" .. ENVIRONMENT
  end
  return CREDENTIALS .. "\n" .. ENVIRONMENT .. (spec.needs_user and "\n" .. USER or "")
end

--- Gives a command what it runs, its help, and the arguments that most need.
-- @param command of argparse
-- @tab spec `run(args)`, `examples`, `needs_user`; `is_public`: takes no token
function M.define_common(command, spec)
  account.define(command, {
    run = function(args)
      args.needs_user, args.is_public = spec.needs_user, spec.is_public
      return spec.run(args)
    end,
    examples = spec.examples,
    requirements = requirements(spec),
    secret = not spec.is_public and "token",
  })
  if spec.needs_user then
    command:option("--user", "User identifier."):convert(identifier "--user")
  end
end

-- The short commands

local function define_health(group)
  M.define_common(group:command("health", "Is the API there?"), {
    run = function(args)
      return M.with_client(args, function(client)
        return output.result(client:health())
      end)
    end,
    is_public = true,
    examples = "Example:\n  purchases ravenwits health",
  })
end

local function login(args)
  if not (account.environment "RAVENWITS_EMAIL" and account.environment "RAVENWITS_PASSWORD") then
    ending.complain "login needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment"
    return ending.AUTH
  end
  return M.with_client(args, function(client)
    local session, err = client:login()
    return output.result(session and {
      customer_email = session.customer_email,
      customer_name = session.customer_name,
      expires_at = session.expires_at,
    }, err)
  end)
end

local function define_login(group)
  account.define(group:command("login", "Try the e-mail and password; the token is not printed."), {
    run = login,
    examples = "Example:\n  RAVENWITS_EMAIL=me@example.com purchases ravenwits login",
    requirements = "It needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment.\n" .. ENVIRONMENT,
  })
end

local function define_strategies(group)
  local command = group:command("strategies", "The strategies of a retailer.")
  M.define_common(command, {
    run = function(args)
      return M.with_client(args, function(client)
        return output.result(client:strategies { retailer_id = args.retailer })
      end)
    end,
    needs_user = true,
    examples = "Example:\n  purchases ravenwits strategies --user trebolenergia --retailer 123",
  })
  M.define_retailer(command)
end

function M.define(parser)
  local group = parser:command("ravenwits", "Energy purchase series and strategy outputs.")
  help.define(group, "Example:\n  purchases ravenwits submit load.csv --user trebolenergia --retailer 123",
    CREDENTIALS .. "\n" .. ENVIRONMENT)
  group:command_target "subcommand"
  group:require_command(true)
  define_login(group)
  define_health(group)
  define_strategies(group)
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.ravenwits." .. name).define(group, M)
  end
end

return M
