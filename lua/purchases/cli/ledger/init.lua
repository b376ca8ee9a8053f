--- purchases ledger ...: looks into a ledger, and changes what is written there.
-- @module purchases.cli.ledger
local help = require "purchases.cli.help"

local M = {}

local COMMANDS = { "status", "change", "export", "prune" }

local HABITS = [[
A ledger has what was sent, and what became of it: --ledger PATH, else PURCHASES_LEDGER, else purchases/ledger.db in
the user's state folder.]]

function M.define(parser)
  local group = help.define_group(parser, "ledger", "Looks into a ledger, and changes what is written there.",
    { "Examples:\n  purchases ledger status\n  purchases ledger retry --state unknown --day 2025-10-02", HABITS })
  for _, name in ipairs(COMMANDS) do
    require("purchases.cli.ledger." .. name).define(group)
  end
end

return M
