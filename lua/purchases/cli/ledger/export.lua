--- purchases ledger export: every purchase by itself.
-- @module purchases.cli.ledger.export
local entry_text = require "purchases.cli.ledger.entry"
local filters = require "purchases.cli.ledger.filters"
local help = require "purchases.cli.help"
local printable = require "purchases.printable"
local stream = require "purchases.cli.ledger.stream"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ledger export --state rejected
  purchases ledger export --state unknown --account trebolenergia/123 --json]]

local HABITS = [[
Each line is one purchase: its state, its number or delivery day, the account, when it changed last, the API's id or
the code of what went wrong, and why. With --json, its body is there as well where the ledger keeps it.]]

local function line_of(entry)
  local plain = entry_text.plain(entry)
  local name = (plain.key or plain.name or "-") .. (plain.branch and (" (%s)"):format(plain.branch) or "")
  local line = ("%-8s  %-24s  %s  %s  %s  %s"):format(entry.state, name, entry_text.account(entry),
    entry_text.time(entry.changed), entry.receipt or entry.code or "-", entry.message or "")
  return printable.line((line:gsub(" +$", "")))
end

local function run(args)
  return stream.print(args, "purchases", "export", line_of)
end

function M.define(group)
  local command = group:command("export", "Prints every purchase by itself.")
  help.define(command, { EXAMPLES, HABITS }, run)
  filters.define(command, filters.OF_PURCHASES)
  stream.define(command)
end

return M
