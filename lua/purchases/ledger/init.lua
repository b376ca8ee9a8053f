--- The ledger: what earlier runs have sent, and what became of it. On one machine it is a file of SQLite's.
-- @module purchases.ledger
local account_type = require "purchases.ledger.account"
local change = require "purchases.ledger.change"
local file = require "purchases.ledger.file"
local history = require "purchases.ledger.history"
local keys = require "purchases.ledger.keys"
local options = require "purchases.options"
local status = require "purchases.ledger.status"
local workflow = require "purchases.ledger.workflow"

local M = {}

local Ledger = {}
local LEDGER = { __index = Ledger, __name = "purchases.ledger" }

local OPTIONS = { busy_timeout = { "number", default = 10, check = options.positive } }

local ACCOUNT = {
  provider = { "string", required = true },
  base_url = { "string", required = true },
  name = { "string", default = "" },
  keyed = { "boolean", required = true },
  secret = { "string" },
  same_account = { "boolean" },
}

local RUN = { source = { "string" }, operation = { "string" } }

--- Opens a ledger, and makes it where there is none: a file with mode 0600, in a folder that is made with mode 0700.
-- @string path
-- @tab[opt] opts `busy_timeout`: seconds to wait for other processes that use it, 10 by default
-- @treturn purchases.ledger|nil with `path`, and `is_new`
-- @treturn ?purchases.error kind "ledger"; its message names the file and the ways out. Codes: `foreign`, `newer`,
-- `damaged`, `read_only`, `disk_full`, `network_file_system`, `busy`, `io_error`, `in_nginx`, `not_built`
function M.open(path, opts)
  if type(path) ~= "string" or path == "" or path:find "%z" then
    error("ledger.open: the path must be a text without NUL", 2)
  end
  opts = options.check(opts, OPTIONS, "ledger.open", 2)
  local store, err = file.open(path, opts.busy_timeout)
  if not store then
    return nil, err
  end
  local accounts = setmetatable({}, { __mode = "k" }) -- as far as anybody holds them: one lets go of its lock by itself
  return setmetatable({ store = store, path = path, is_new = store.is_new, accounts = accounts }, LEDGER)
end

--- Takes the lock of an account, which one process at a time may send for, and begins a run. What a process left behind
-- that ended while it was sending is pending again where the API has keys, with the mark that it may have arrived;
-- elsewhere it is unknown.
-- @tab about `provider`, `base_url`, `name` ("" by default), `keyed`; `secret`, the credential, of which a fingerprint
-- is kept: another one is refused, unless it is the `same_account`
-- @tab[opt] run `source`, `operation`: what is sent, for the history
-- @number[opt=0] seconds to wait for another process that sends for the account
-- @treturn table|nil see `purchases.ledger.account`
-- @treturn ?purchases.error codes `held` (with `pid` and `since`), `other_key`, and those of `commit`
function Ledger:account(about, run, seconds)
  about = options.check(about, ACCOUNT, "ledger:account", 2)
  run = options.check(run, RUN, "ledger:account", 2)
  local account, err = account_type.open(self.store, about, run, seconds)
  if account then
    self.accounts[account] = true
  end
  return account, err
end

function Ledger:status(filters)
  return status.status(self.store, filters)
end

function Ledger:history(filters)
  return history.history(self.store, filters)
end

function Ledger:export(filters)
  return history.export(self.store, filters)
end

function Ledger:retry(filters, is_trial)
  return change.retry(self.store, filters, is_trial)
end

function Ledger:settle(filters, as, is_trial)
  return change.settle(self.store, filters, as, is_trial)
end

function Ledger:forget(filters, is_trial)
  return change.forget(self.store, filters, is_trial)
end

function Ledger:keys(about, number)
  return keys.of(self.store, about, number)
end

function Ledger:prune(seconds)
  return change.prune(self.store, seconds)
end

function Ledger:unended(about)
  return workflow.unended(self.store, about)
end

function Ledger:workflow_ended(about, receipt, state, id)
  return workflow.ended(self.store, about, receipt, state, id)
end

--- Closes the ledger, and the accounts that are open; may be called again.
function Ledger:close()
  for account in pairs(self.accounts) do
    account:close()
  end
  self.store:close()
  self.store.lock:close()
end

return M
