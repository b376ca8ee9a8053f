--- purchases ledger retry, settle, forget: what an operator decides about purchases, once asked whether it is meant.
-- @module purchases.cli.ledger.change
local ending = require "purchases.cli.ending"
local filters = require "purchases.cli.ledger.filters"
local help = require "purchases.cli.help"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local stream = require "purchases.cli.ledger.stream"
local text = require "purchases.cli.text"

local M = {}

local ACTIONS = {
  {
    name = "retry",
    done = "retried",
    summary = "Has what was rejected or is unknown sent again by the next run.",
    examples = "Examples:\n  purchases ledger retry --state rejected --code invalid_retailer\n"
      .. "  purchases ledger retry --day 2025-10-02 --yes",
    plan = "would send %s of %s again with the next run; what is unknown may then be there twice",
  },
  {
    name = "settle",
    done = "settled",
    needs_filter = true,
    summary = "Notes of what was rejected or is unknown that the API has it: somebody has looked.",
    examples = "Example:\n  purchases ledger settle --day 2025-10-02 --as accepted",
    plan = "would count %s of %s as accepted, which no run sends again",
  },
  {
    name = "forget",
    done = "forgotten",
    needs_filter = true,
    summary = "Forgets purchases, which the next run then sends, whatever the API has of them.",
    examples = "Examples:\n  purchases ledger forget --provider woowup --key FAC-000085643\n"
      .. "  purchases ledger forget --account trebolenergia/123 --day 2025-10-02",
    plan = "would forget %s of %s: the next run sends what is forgotten, whatever the API has of it",
  },
}

local HABITS = [[
It says what it would do and asks, on a terminal, or does it with --yes. What a process is sending is never touched.]]

-- Asks on the terminal of this process, whatever its input and output are. Returns nil where there is none.
local function ask(plan)
  local terminal = io.open("/dev/tty", "r")
  if not terminal then
    return nil
  end
  ending.say(plan, ". Do it? [y/N]")
  local answer = terminal:read "*l" or ""
  terminal:close()
  return answer:lower() == "y" or answer:lower() == "yes"
end

-- Is it meant? Else the exit code.
local function confirm(args, plan)
  if args.yes then
    return nil
  end
  local answer = ask(plan)
  if answer == nil then
    return ending.misuse(plan, "; there is no terminal to ask on, and nothing was changed: --yes does it")
  elseif not answer then
    ending.complain "nothing was changed"
    return ending.INCOMPLETE
  end
end

local function change(action, args)
  local ledger, meant, code = stream.open(args)
  if not ledger then
    return code
  elseif action.needs_filter and not next(meant) then
    ledger:close()
    return ending.misuse(("say which purchases are meant; see 'purchases ledger %s --help'"):format(action.name))
  end
  local function call(is_trial)
    if action.name == "settle" then
      return ledger:settle(meant, args.as, is_trial)
    end
    return ledger[action.name](ledger, meant, is_trial)
  end
  local count, err = call(true)
  if count and count > 0 then
    code = confirm(args, action.plan:format(text.count(count, "purchase"), printable.line(ledger.path)))
    if not code then
      count, err = call(false)
    end
  end
  ledger:close()
  if not count then
    return ending.fail(err)
  elseif code then
    return code
  elseif args.json then
    return output.json { ledger = printable.escape(ledger.path), [action.done] = count }
  end
  output.write(text.count(count, "purchase"), " ", action.done, "\n")
  return ending.OK
end

function M.define(group)
  for _, action in ipairs(ACTIONS) do
    local command = group:command(action.name, action.summary)
    help.define(command, { action.examples, HABITS }, function(args)
      return change(action, args)
    end)
    if action.name == "settle" then
      command:option("--as", "What it counts as: accepted."):count(1):choices { "accepted" }
    end
    filters.define(command, filters.OF_PURCHASES)
    command:flag("--yes", "Does it without asking.")
    stream.define(command)
  end
end

return M
