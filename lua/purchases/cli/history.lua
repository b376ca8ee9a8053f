--- purchases history: what was sent when, from which source, and what became of it.
-- @module purchases.cli.history
local entry_text = require "purchases.cli.ledger.entry"
local filters = require "purchases.cli.ledger.filters"
local help = require "purchases.cli.help"
local ledger_stream = require "purchases.cli.ledger.stream"
local printable = require "purchases.printable"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases history
  purchases history load.csv
  purchases history --provider ravenwits --account trebolenergia/123 --from 2025-10-01 --to 2025-10-31 --json]]

local HABITS = [[
Each line is one purchase of a series, or one bulk of sales: when it changed last, its state, the account, the
operation, the delivery day or the number of purchases, the API's id, and the source. Of all that was accepted for a
day, "newest" is what counts now, and "replaced" what came before. FILE is a source, as the upload was told it.]]

local LINE = "%%s  %%-8s  %%-%ds  %%-6s  %%-16s  %%-36s  %%-8s  %%s"

-- A function that makes a line of an entry, as wide as those before it.
local function new_line_of()
  local width = 0
  return function(entry)
    local account = entry_text.account(entry)
    width = math.max(width, #account)
    local what = entry.first and entry.name or text.count(entry.count, "purchase")
    local mark = entry.state == "accepted" and (entry.newest and "newest" or "replaced") or entry.code or ""
    local line = LINE:format(width):format(entry_text.time(entry.changed), entry.state, account,
      entry_text.operation(entry), what, entry.receipt or "-", mark, entry.source or "")
    return printable.line((line:gsub(" +$", "")))
  end
end

-- Is it the source of an entry, whole or by the end of its path? An upload of several files names all of them.
local function is_from(file, source)
  for part in ((source or "") .. ", "):gmatch "(.-), " do
    if part == file or part:sub(-#file - 1) == "/" .. file then
      return true
    end
  end
  return false
end

local function run(args)
  return ledger_stream.print(args, "entries", "history", new_line_of(), args.file and function(entry)
    return is_from(args.file, entry.source)
  end)
end

function M.define(parser)
  local command = parser:command("history", "Tells what was sent, when, and what became of it.")
  help.define(command, { EXAMPLES, HABITS }, run)
  command:argument("file", "Source of the uploads that are meant."):args "?"
  filters.define(command, { "provider", "account", "from", "to" })
  ledger_stream.define(command)
end

return M
