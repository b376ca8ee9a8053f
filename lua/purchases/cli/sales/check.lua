--- purchases woowup check, purchases curebit check: checks purchases from a file.
-- @module purchases.cli.sales.check
local bulks = require "purchases.job.bulks"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local options = require "purchases.options"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local purchase_file = require "purchases.cli.sales.purchase_file"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases %s check purchases.ndjson
  zcat sales.csv.gz | purchases %s check - --map map.lua --json]]
local NEEDS = "It needs no credentials and sends nothing."

local MOST_LINES = 1000 -- of complaint

-- Reads to the end, or to where it cannot be read on.
local function read(source, args, sums)
  local bulk, refused = source:next()
  while bulk do
    sums.good = sums.good + #bulk
    for _, purchase in ipairs(refused) do
      local room = MOST_LINES - #sums.issues
      local issues = purchase_file.issues(purchase)
      sums.bad, sums.total = sums.bad + 1, sums.total + #issues
      for i = 1, math.min(#issues, room) do
        sums.issues[#sums.issues + 1] = issues[i]
      end
      if not args.json then
        purchase_file.print(args, purchase, room)
      end
    end
    if #bulk > 0 then
      bulk:release(1, #bulk)
    end
    bulk:close()
    bulk, refused = source:next()
  end
  sums.error = refused
  source:close()
end

local function check(args, api)
  local opts = options.check({ map = args.map, schema = args.schema }, bulks.OPTIONS, "check", 1)
  local source, err = bulks.source(api.provider, args.file, opts)
  local sums = { good = 0, bad = 0, total = 0, issues = {}, error = err } -- total: of the issues
  if source then
    read(source, args, sums)
  elseif not args.json then
    ending.complain(purchase_file.describe(args, err), "; nothing was sent")
    return ending.INVALID
  end
  local valid = not sums.error and sums.bad == 0 and sums.good > 0
  if args.json then
    output.json {
      file = args.file,
      valid = valid,
      purchases = sums.good + sums.bad,
      good = sums.good,
      bad = sums.bad,
      total = sums.total,
      issues = json.list(sums.issues),
      error = plain.error(sums.error),
    }
    return valid and ending.OK or ending.INVALID
  end
  local name = purchase_file.name(args)
  if sums.total > MOST_LINES then
    ending.complain(("%s: %s, the first %d of them above"):format(name, text.count(sums.total, "problem"), MOST_LINES))
  end
  if sums.error then
    ending.complain(purchase_file.describe(args, sums.error))
  elseif sums.good + sums.bad == 0 then
    ending.complain(name, ": contains no purchases")
  end
  if sums.good + sums.bad > 0 then
    output.write(("%s: %s, %s valid, %s invalid\n"):format(name, text.count(sums.good + sums.bad, "purchase"),
      text.thousands(sums.good), text.thousands(sums.bad)))
  end
  return valid and ending.OK or ending.INVALID
end

--- @param group of argparse
-- @tab api `name`, `provider`
function M.define(group, api)
  local command = group:command("check", "Checks the purchases in a file and sends nothing.")
  help.define(command, { (EXAMPLES:gsub("%%s", api.name)), NEEDS }, function(args)
    return check(args, api)
  end)
  purchase_file.define(command)
  command:flag("--json", "Prints one JSON object.")
end

return M
