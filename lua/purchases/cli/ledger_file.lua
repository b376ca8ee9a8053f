--- The ledger of a command: where it is, and what a job is told of it.
-- @module purchases.cli.ledger_file
local account = require "purchases.cli.account"
local arguments = require "purchases.cli.arguments"
local base_url = require "purchases.client.base_url"
local ending = require "purchases.cli.ending"
local purchases = require "purchases"

local M = {}

M.HABITS = [[
What was sent is written down in a ledger (--ledger, else PURCHASES_LEDGER, else purchases/ledger.db in the user's
state folder). Run the same command again after Ctrl-C, a failure or a crash: what was accepted is not sent again.]]

--- Adds --ledger to a command.
function M.define_place(command)
  command:option("--ledger", "File in which it is written down what was sent.")
end

--- Adds --ledger and --no-ledger to a command that can do without one.
function M.define_choice(command)
  M.define_place(command)
  command:flag("--no-ledger", "Goes without a ledger.")
end

--- Adds the options to a command that uploads.
-- @param command of argparse
-- @bool can_send_changed can what was accepted be sent with other content?
function M.define(command, can_send_changed)
  M.define_choice(command)
  command:option("--ledger-wait", "Seconds to wait for another job of this account.", "0",
    arguments.seconds "--ledger-wait")
  command:option("--account", "Name of the account in the ledger.")
  command:flag("--same-account", "The ledger's account has a new key.")
  command:flag("--again", "Sends what was accepted, too.")
  if can_send_changed then
    command:option("--on-changed", "What was accepted with other content: report it, or send it anew.", "report")
      :choices { "report", "send" }
  end
end

-- The path of the user's own ledger, or nil where nobody says where the user's files are.
local function default_path()
  local state, home = account.environment "XDG_STATE_HOME", account.environment "HOME"
  state = state and state:find "^/" and state or home and home .. "/.local/state"
  return state and state .. "/purchases/ledger.db"
end

local NO_PLACE = "there is no place for the ledger: neither HOME nor XDG_STATE_HOME is set; name one with --ledger PATH"

local function refuse(...)
  ending.complain(...)
  return nil, ending.LEDGER
end

-- The path that a command was told.
local function named_path(args)
  return args.ledger or account.environment "PURCHASES_LEDGER"
end

--- Opens the ledger that a command's options say. A server on this machine is a sandbox, which forgets: it has one only
-- where it is named.
-- @tab args
-- @tab client
-- @treturn table|false|nil false: there is none; nil: it cannot be used
-- @treturn ?int exit code; the complaint is printed
function M.open(args, client)
  local path = named_path(args)
  if args.no_ledger then
    if args.ledger then
      return nil, ending.misuse "--ledger and --no-ledger exclude each other"
    end
    return false
  elseif not path and base_url.is_local(client.options.base_url) then
    return false
  end
  path = path or default_path()
  if not path then
    return refuse(NO_PLACE, ", or go without one (--no-ledger); nothing was sent")
  end
  local ledger, err = purchases.ledger.open(path)
  if not ledger then
    return refuse(ending.describe(err), "; nothing was sent")
  end
  if ledger.is_new then
    ending.say("ledger: ", path, " (new)")
  end
  return ledger
end

local NOT_THERE = { [2] = true, [20] = true } -- ENOENT, ENOTDIR

local function exists(path)
  local file, _, number = io.open(path, "rb")
  if file then
    file:close()
  end
  return not NOT_THERE[number]
end

--- Opens a ledger that is there, for a command that looks into it: none is made.
-- @tab args
-- @treturn table|nil
-- @treturn ?int exit code; the complaint is printed
function M.existing(args)
  local path = named_path(args) or default_path()
  if not path then
    return refuse(NO_PLACE)
  elseif not exists(path) then
    return refuse(path, ": there is no ledger; name one with --ledger PATH, or PURCHASES_LEDGER")
  end
  local ledger, err = purchases.ledger.open(path)
  if not ledger then
    return refuse(ending.describe(err))
  end
  return ledger
end

--- Opens the ledger for a command whose uploads it may hold, if there is one.
-- @tab args
-- @tab client
-- @treturn table|false|nil as for `open`
-- @treturn ?int exit code; the complaint is printed
function M.existing_of(args, client)
  local path = named_path(args)
  if not args.no_ledger and (path or not base_url.is_local(client.options.base_url)) then
    path = path or default_path()
    if path and exists(path) then
      return M.existing(args)
    end
  end
  return false
end

--- Adds to the options of a job what the command's say of the ledger.
function M.options(args, ledger, opts)
  opts.ledger = ledger or nil
  opts.ledger_wait, opts.account = args.ledger_wait, args.account
  opts.same_account, opts.again, opts.on_changed = args.same_account, args.again, args.on_changed
  return opts
end

return M
