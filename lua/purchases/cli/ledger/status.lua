--- purchases ledger status: how many purchases are in which state.
-- @module purchases.cli.ledger.status
local ending = require "purchases.cli.ending"
local entry_text = require "purchases.cli.ledger.entry"
local filters = require "purchases.cli.ledger.filters"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local stream = require "purchases.cli.ledger.stream"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ledger status
  purchases ledger status --account trebolenergia/123 --json]]

-- What somebody has to see to comes first.
local STATES = { "unknown", "rejected", "pending", "sending", "accepted" }

local function lines_of(found)
  local lines, width = {}, 0
  for _, account in ipairs(found) do
    account.label = entry_text.account(account)
    width = math.max(width, #account.label)
  end
  for _, state in ipairs(STATES) do
    for _, account in ipairs(found) do
      local count = account.counts[state]
      if count then
        local oldest = state == "pending" and "  the oldest since " .. entry_text.time(account.oldest_pending) or ""
        lines[#lines + 1] = ("%-8s  %-" .. width .. "s  %12s%s"):format(state, account.label, text.thousands(count),
          oldest)
      end
    end
  end
  for _, account in ipairs(found) do
    if account.holder then
      local who = account.holder.pid and ("process %d since %s"):format(account.holder.pid,
        entry_text.time(account.holder.since)) or "another process"
      local rate = account.rate >= 1 and (", %s a minute"):format(text.thousands(math.floor(account.rate))) or ""
      lines[#lines + 1] = ("%s is being sent by %s%s"):format(account.label, who, rate)
    end
  end
  return lines
end

local function plain(account)
  local holder = account.holder
  return {
    provider = account.provider,
    base_url = account.base_url,
    account = account.account,
    counts = account.counts,
    accepted_per_minute = account.rate,
    oldest_pending = entry_text.instant(account.oldest_pending),
    due = entry_text.instant(account.due),
    holder = holder and { pid = holder.pid, since = entry_text.instant(holder.since) },
  }
end

local function run(args)
  local ledger, meant, code = stream.open(args)
  if not ledger then
    return code
  end
  local found, err = ledger:status(meant)
  ledger:close()
  if not found then
    return ending.fail(err)
  elseif args.json then
    local accounts = {}
    for i, account in ipairs(found) do
      accounts[i] = plain(account)
    end
    return output.json { ledger = printable.escape(ledger.path), accounts = json.list(accounts) }
  end
  output.write("ledger: ", printable.line(ledger.path), "\n")
  for _, line in ipairs(lines_of(found)) do
    output.write(printable.line(line), "\n")
  end
  return ending.OK
end

function M.define(group)
  local command = group:command("status", "Counts purchases by state, what is unknown first.")
  help.define(command, { EXAMPLES }, run)
  filters.define(command, filters.OF_PURCHASES)
  stream.define(command)
end

return M
