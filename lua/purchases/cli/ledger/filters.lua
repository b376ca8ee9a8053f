--- Options that say which entries of a ledger are meant.
-- @module purchases.cli.ledger.filters
local ending = require "purchases.cli.ending"

local M = {}

local SECONDS = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

--- Reads a duration such as 90d, in seconds.
-- @treturn ?number nil where it is none
function M.duration(text)
  local number, unit = text:match "^(%d+)([smhdw])$"
  return number and tonumber(number) * SECONDS[unit]
end

local function read_day(name)
  return function(text)
    if text:find "^%d%d%d%d%-%d%d%-%d%d$" then
      return text
    end
    return nil, name .. " must be a day such as 2026-03-29"
  end
end

-- Milliseconds since 1970.
local function read_since(text)
  local ago = M.duration(text)
  if ago then
    return (os.time() - ago) * 1000
  end
  local year, month, day, hour, minute = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d) ?(%d?%d?):?(%d?%d?)$"
  local time = year and os.time { year = year, month = month, day = day, hour = tonumber(hour) or 0,
    min = tonumber(minute) or 0 }
  if time and (#text == 10 or #text == 16) and os.date("%Y-%m-%d %H:%M", time):sub(1, #text) == text then
    return time * 1000
  end
  return nil, "--since must be a time such as '2026-03-29 14:00', a day, or a duration such as 2h or 7d"
end

local OPTIONS = {
  provider = function(command)
    command:option("--provider", "ravenwits, woowup or curebit."):choices { "ravenwits", "woowup", "curebit" }
  end,
  account = function(command)
    command:option("--account", "Name of the account, as 'ledger status' has it.")
  end,
  state = function(command)
    command:option("--state", "pending, sending, accepted, rejected or unknown.")
      :choices { "pending", "sending", "accepted", "rejected", "unknown" }
  end,
  key = function(command)
    command:option("--key", "Invoice or order number.")
    command:option("--branch-name", "Branch of the --key.")
  end,
  day = function(command)
    command:option("--day", "Delivery day.", nil, read_day "--day")
  end,
  from = function(command)
    command:option("--from", "First delivery day.", nil, read_day "--from")
  end,
  to = function(command)
    command:option("--to", "Last delivery day.", nil, read_day "--to")
  end,
  code = function(command)
    command:option("--code", "Code of what went wrong.")
  end,
  since = function(command)
    command:option("--since", "What has changed since then: a time, a day, or so long ago (2h, 7d).", nil, read_since)
  end,
}

--- The options of commands that mean purchases by what became of them.
M.OF_PURCHASES = { "provider", "account", "state", "key", "day", "code", "since" }

--- Adds options to a command.
-- @param command of argparse
-- @tparam {string,...} names
function M.define(command, names)
  for _, name in ipairs(names) do
    OPTIONS[name](command)
  end
end

--- The filters of a ledger that the options say.
-- @tab args
-- @treturn table|nil
-- @treturn ?int exit code; the complaint is printed
function M.of(args)
  local key = args.key
  if args.branch_name and not key then
    return nil, ending.misuse "--branch-name is that of a --key"
  elseif args.branch_name then
    key = key .. "\0" .. args.branch_name
  end
  return { provider = args.provider, account = args.account, state = args.state, key = key, day = args.day,
    from = args.from, to = args.to, code = args.code, since = args.since }
end

return M
