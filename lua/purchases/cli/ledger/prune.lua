--- purchases ledger prune: takes what is old out of a ledger.
-- @module purchases.cli.ledger.prune
local ending = require "purchases.cli.ending"
local filters = require "purchases.cli.ledger.filters"
local help = require "purchases.cli.help"
local ledger_file = require "purchases.cli.ledger_file"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local stream = require "purchases.cli.ledger.stream"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = "Example:\n  purchases ledger prune --older-than 90d"

local HABITS = [[
It takes the texts of all that was accepted or rejected, which may hold names and addresses, and sales that were
accepted: the API refuses these itself when they are sent again. Of a series, the day, the digest and the id stay, or an
old command would send its day again.]]

local function read_age(age)
  local seconds = filters.duration(age)
  if seconds then
    return seconds
  end
  return nil, "--older-than must be a duration such as 90d"
end

local function run(args)
  local ledger, code = ledger_file.existing(args)
  if not ledger then
    return code
  end
  local count, err = ledger:prune(args.older_than)
  ledger:close()
  if not count then
    return ending.fail(err)
  elseif args.json then
    return output.json { ledger = printable.escape(ledger.path), pruned = count }
  end
  output.write(text.count(count, "purchase"), " taken out of ", printable.line(ledger.path), "\n")
  return ending.OK
end

function M.define(group)
  local command = group:command("prune", "Takes what is old out of a ledger.")
  help.define(command, { EXAMPLES, HABITS }, run)
  command:option("--older-than", "How long ago it changed last: 90d, 12w."):count(1):convert(read_age)
  stream.define(command)
end

return M
