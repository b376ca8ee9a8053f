--- purchases woowup check, purchases curebit check: checks purchases from a file.
-- @module purchases.cli.sales.check
local arguments = require "purchases.cli.arguments"
local causes = require "purchases.cli.sales.causes"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local purchase_file = require "purchases.cli.sales.purchase_file"
local series_file = require "purchases.cli.series_file"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases %s check purchases.ndjson
  purchases %s check orders.csv --map shopify --print 3
  zcat sales.csv.gz | purchases %s check - --map map.lua --json]]
local NEEDS = "It needs no credentials and sends nothing. " .. arguments.PRINT

local MOST = 1000 -- issues that are listed, and causes that are told

-- Prints the first purchases of a bulk as they would be sent, as far as more are wanted.
local function print_purchases(bulk, args, sums)
  for i = 1, math.min(#bulk, (args.print or 0) - sums.printed) do
    output.write(bulk:purchase(i):gsub("[\r\n]+", " "), "\n")
    sums.printed = sums.printed + 1
  end
end

-- Reads to the end, or to where it cannot be read on.
local function read(source, args, sums)
  local bulk, refused = source:next()
  while bulk do
    sums.good = sums.good + #bulk
    for _, purchase in ipairs(refused) do
      local room = MOST - #sums.issues
      local issues = purchase_file.issues(purchase)
      sums.bad, sums.total = sums.bad + 1, sums.total + #issues
      for i = 1, math.min(#issues, room) do
        sums.issues[#sums.issues + 1] = issues[i]
        issues[i].file = args.file[2] and args.path or nil
      end
      for _, one in ipairs(args.json and {} or issues) do
        sums.causes:take(purchase_file.name(args), one)
      end
    end
    print_purchases(bulk, args, sums)
    if #bulk > 0 then
      bulk:release(1, #bulk)
    end
    bulk:close()
    bulk, refused = source:next()
  end
  sums.left_out = sums.left_out + (source.left_out and source:left_out() or 0)
  return refused
end

-- Reads the files, one after another, to the end or to the first that cannot be read. Returns false where nothing could
-- be read, and a line has said so.
local function read_all(args, api, sums)
  local before
  for _, path in ipairs(args.file) do
    args.path = path
    local source, err = purchase_file.open(args, api.provider, path, before)
    if before then
      before:close()
    end
    before = source
    if source then
      err = read(source, args, sums)
    end
    if err then
      sums.error = err
      break
    end
  end
  if before then
    before:close()
  end
  if not sums.error then
    args.path = nil
  end
  return before ~= nil or sums.good + sums.bad > 0
end

local function line_of(args, sums)
  args.path = nil
  return ("%s: %s, %s valid, %s invalid%s"):format(purchase_file.name(args),
    text.count(sums.good + sums.bad, "purchase"), text.thousands(sums.good), text.thousands(sums.bad),
    purchase_file.left_out(sums.left_out))
end

local function check(args, api)
  local sums = { good = 0, bad = 0, total = 0, issues = {}, left_out = 0, printed = 0, causes = causes.new(MOST) }
  local was_read = read_all(args, api, sums)
  sums.causes:print(1)
  if not was_read and not args.json then
    ending.complain(purchase_file.describe(args, sums.error), "; nothing was sent")
    return ending.INVALID
  end
  local valid = not sums.error and sums.bad == 0 and sums.good > 0
  if args.json then
    output.summary(args.print, {
      file = series_file.files(args),
      valid = valid,
      purchases = sums.good + sums.bad,
      good = sums.good,
      bad = sums.bad,
      left_out = sums.left_out > 0 and sums.left_out or nil,
      total = sums.total,
      issues = json.list(sums.issues),
      error = plain.error(sums.error),
    })
    return valid and ending.OK or ending.INVALID
  end
  local name = purchase_file.name(args)
  if sums.causes.untold > 0 then
    ending.complain(("%s: %s; %s of them, of further causes, not above"):format(name, text.count(sums.total, "problem"),
      text.thousands(sums.causes.untold)))
  end
  if sums.error then
    ending.complain(purchase_file.describe(args, sums.error))
  elseif sums.good + sums.bad == 0 then
    ending.complain(name, ": contains no purchases", purchase_file.left_out(sums.left_out))
  end
  if sums.good + sums.bad > 0 then
    output.summary(args.print, line_of(args, sums))
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
  arguments.define_print(command, "purchases")
  command:flag("--json", "Prints one JSON object.")
end

return M
