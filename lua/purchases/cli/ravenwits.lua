--- purchases ravenwits ...: what its commands share, and the short ones.
-- @module purchases.cli.ravenwits
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local interrupt = require "purchases.cli.interrupt"
local output = require "purchases.cli.output"
local purchases = require "purchases"

local M = {}

local COMMANDS = { "submit", "get", "update" }

local CREDENTIALS = [[
Credentials come from the environment: RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD; or a
token from the first line of --token-file.]]
local ENVIRONMENT = [[
RAVENWITS_BASE_URL points elsewhere, SSL_CERT_FILE names other certificates than the system's.]]
local USER = "RAVENWITS_USER stands in for --user."

-- The client and what it is made of

local function environment(name)
  local value = os.getenv("RAVENWITS_" .. name)
  return value ~= "" and value or nil
end

local function first_line(path)
  local file, why = io.open(path)
  if not file then
    return nil, "cannot read " .. why
  end
  local line
  line, why = file:read "*l"
  file:close()
  line = (line or ""):gsub("%s+$", "")
  if why then
    return nil, ("cannot read %s: %s"):format(path, why)
  elseif line == "" then
    return nil, path .. ": its first line is empty, and should be the token"
  end
  return line
end

-- A credential, refused where it is known by the name that the user gave it.
local function credential(value, name)
  if value and value:find "[%c%s]" then
    return nil, name .. " holds a space or a control character, which no credential does"
  end
  return value
end

local function add_credentials(options, args)
  local why
  options.email, options.password = environment "EMAIL", environment "PASSWORD"
  options.token = environment "TOKEN"
  if args.token_file then
    options.token, why = first_line(args.token_file)
  end
  if not why then
    options.token, why = credential(options.token, args.token_file or "RAVENWITS_TOKEN")
  end
  if not why then
    options.password, why = credential(options.password, "RAVENWITS_PASSWORD")
  end
  return why
end

-- An option of the library, as the user of the command knows it.
local function in_our_words(why)
  why = why:gsub("^ravenwits%.new: option 'base_url'", "RAVENWITS_BASE_URL")
  return (why:gsub(", or set allow_insecure$", ""))
end

--- Makes the client that the arguments and the environment describe, and hands it to `use`.
-- @tab args
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(args, use)
  local options = { user = args.user or environment "USER", base_url = environment "BASE_URL", wait = interrupt.wait }
  local why = not args.is_public and add_credentials(options, args)
  if why then
    return ending.misuse(why)
  elseif args.needs_user and not options.user then
    return ending.misuse "name the user with --user or RAVENWITS_USER"
  end
  local client
  client, why = ending.try(purchases.ravenwits.new, options)
  if not client then
    return ending.misuse(in_our_words(why))
  end
  return use(client)
end

-- Arguments

-- For what becomes a part of a URL.
local function identifier(name)
  return function(text)
    if text == "" or text:find "%c" then
      return nil, name .. " must not be empty, nor hold control characters"
    end
    return text
  end
end

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
  help.define(command, spec.examples, requirements(spec))
  if not spec.is_public then
    command:option("--token-file", "File whose first line is the token.")
  end
  if spec.needs_user then
    command:option("--user", "User identifier."):convert(identifier "--user")
  end
  command:action(function(args)
    args.run, args.needs_user, args.is_public = spec.run, spec.needs_user, spec.is_public
  end)
end

-- The short commands

local function print_result(value, err)
  if not value then
    return ending.fail(err)
  end
  return output.json(value)
end

local function define_health(group)
  M.define_common(group:command("health", "Is the API there?"), {
    run = function(args)
      return M.with_client(args, function(client)
        return print_result(client:health())
      end)
    end,
    is_public = true,
    examples = "Example:\n  purchases ravenwits health",
  })
end

local function login(args)
  if not (environment "EMAIL" and environment "PASSWORD") then
    ending.complain "login needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment"
    return ending.AUTH
  end
  return M.with_client(args, function(client)
    local session, err = client:login()
    return print_result(session and {
      customer_email = session.customer_email,
      customer_name = session.customer_name,
      expires_at = session.expires_at,
    }, err)
  end)
end

local function define_login(group)
  local command = group:command("login", "Try the e-mail and password; the token is not printed.")
  help.define(command, "Example:\n  RAVENWITS_EMAIL=me@example.com purchases ravenwits login",
    "It needs RAVENWITS_EMAIL and RAVENWITS_PASSWORD in the environment.\n" .. ENVIRONMENT)
  command:action(function(args)
    args.run = login
  end)
end

local function define_strategies(group)
  local command = group:command("strategies", "The strategies of a retailer.")
  M.define_common(command, {
    run = function(args)
      return M.with_client(args, function(client)
        return print_result(client:strategies { retailer_id = args.retailer })
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
    require("purchases.cli." .. name).define(group, M)
  end
end

return M
