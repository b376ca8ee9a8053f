--- purchases ravenwits ...: what its commands share, and the short ones.
-- @module purchases.cli.ravenwits
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local purchases = require "purchases"

local M = {}

local COMMANDS = { "submit", "get", "update" }

local ENVIRONMENT = [[
Credentials come from the environment: RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD; or a
token from the first line of --token-file. RAVENWITS_BASE_URL points elsewhere, RAVENWITS_USER stands in
for --user, SSL_CERT_FILE for the system's certificates.]]

local function environment(name)
  local value = os.getenv("RAVENWITS_" .. name)
  return value ~= "" and value or nil
end

local function first_line(path)
  local file, why = io.open(path)
  if not file then
    return nil, why
  end
  local line = file:read "*l"
  file:close()
  return line or "", nil
end

local function client_options(args)
  local options = {
    user = args.user or environment "USER",
    token = environment "TOKEN",
    email = environment "EMAIL",
    password = environment "PASSWORD",
    base_url = environment "BASE_URL",
  }
  if args.token_file then
    local token, why = first_line(args.token_file)
    if not token then
      return nil, why
    end
    options.token = (token:gsub("%s+$", ""))
  end
  return options
end

--- Makes the client the arguments and the environment describe, and hands it to `use`.
-- @tab args
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(args, use)
  local options, why = client_options(args)
  if not options then
    return ending.misuse("cannot read the token: " .. why)
  end
  if args.needs_user and not options.user then
    return ending.misuse "name the user with --user or RAVENWITS_USER"
  end
  local client
  client, why = ending.try(purchases.ravenwits.new, options)
  if not client then
    return ending.misuse(why)
  end
  return use(client)
end

--- Adds the arguments that every command needs, and what it runs.
function M.define_common(command, run, needs_user)
  command:option("--token-file", "File whose first line is the token.")
  if needs_user then
    command:option("--user", "User identifier.")
  end
  command:epilog((command._epilog and command._epilog .. "\n\n" or "") .. ENVIRONMENT)
  command:action(function(args)
    args.run, args.needs_user = run, needs_user
  end)
end

local function print_result(value, err)
  if not value then
    return ending.fail(err)
  end
  print(json.encode(value))
  return ending.OK
end

local function login(args)
  return M.with_client(args, function(client)
    local session, err = client:login()
    if session then
      session.token = nil -- known to the client; not for screens and logs
    end
    return print_result(session, err)
  end)
end

local function health(args)
  return M.with_client(args, function(client)
    return print_result(client:health())
  end)
end

local function strategies(args)
  return M.with_client(args, function(client)
    return print_result(client:strategies { retailer_id = args.retailer })
  end)
end

function M.define(parser)
  local group = parser:command("ravenwits", "Energy purchase series and strategy outputs.")
  group:command_target "subcommand"
  group:require_command(true)
  M.define_common(group:command("login", "Try the e-mail and password; the token is not printed."), login)
  M.define_common(group:command("health", "Is the API there?"), health)
  local command = group:command("strategies", "The strategies of a retailer.")
  command:option("--retailer", "Retailer identifier."):count(1)
  M.define_common(command, strategies, true)
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli." .. name).define(group, M)
  end
end

return M
