--- purchases woowup check, purchases curebit check: are purchases fit to be sent?
-- @module purchases.cli.sales.check
local create_all = require "purchases.job.bulks"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local options = require "purchases.options"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local record_source = require "purchases.cli.sales.purchase_file"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases %s check purchases.ndjson
  zcat sales.csv.gz | purchases %s check - --map map.lua --json]]
local NEEDS = "It needs no credentials, and sends nothing."

local MOST_LINES = 1000 -- of complaint

local Check = {}
Check.__index = Check

function Check:refuse(record)
  self.bad = self.bad + 1
  local room = MOST_LINES - #self.issues
  for i, one in ipairs(record_source.issues(record)) do
    self.total = self.total + 1
    if i <= room then
      self.issues[#self.issues + 1] = one
    end
  end
  if not self.args.json then
    record_source.print(self.args, record, room)
  end
end

-- Reads to the end, or to where it cannot be read on.
function Check:read(source)
  local bulk, refused = source:next()
  while bulk do
    self.good = self.good + #bulk
    for _, record in ipairs(refused) do
      self:refuse(record)
    end
    if #bulk > 0 then
      bulk:release(1, #bulk)
    end
    bulk:close()
    bulk, refused = source:next()
  end
  self.error = refused
  source:close()
end

local function count(number, noun)
  return ("%s %s%s"):format(text.thousands(number), noun, number == 1 and "" or "s")
end

function Check:print_summary()
  local name = record_source.name(self.args)
  if self.total > MOST_LINES then
    ending.complain(("%s: %s, the first %d of them above"):format(name, count(self.total, "problem"), MOST_LINES))
  end
  if self.error then
    ending.complain(record_source.describe(self.args, self.error))
  elseif self.good + self.bad == 0 then
    ending.complain(name, ": there are no purchases in it")
  end
  output.write(("%s: %s, %s fit to be sent, %s not\n"):format(name, count(self.good + self.bad, "purchase"),
    text.thousands(self.good), text.thousands(self.bad)))
end

function Check:finish()
  local valid = not self.error and self.bad == 0 and self.good > 0
  if self.args.json then
    output.json {
      file = self.args.file,
      valid = valid,
      purchases = self.good + self.bad,
      good = self.good,
      bad = self.bad,
      total = self.total,
      issues = json.list(self.issues),
      error = plain.error(self.error),
    }
  else
    self:print_summary()
  end
  return valid and ending.OK or ending.INVALID
end

local function run(args, api)
  local opts = options.check({ map = args.map, schema = args.schema }, create_all.OPTIONS, "check", 1)
  local source, err = create_all.source(api.provider, args.file, opts)
  local check = setmetatable({ args = args, good = 0, bad = 0, total = 0, issues = {}, error = err }, Check)
  if source then
    check:read(source)
  elseif not args.json then
    return record_source.complain(args, err)
  end
  return check:finish()
end

--- @param group of argparse
-- @tab api `name`, `provider`
function M.define(group, api)
  local command = group:command("check", "Check purchases; send nothing.")
  help.define(command, (EXAMPLES:gsub("%%s", api.name)), NEEDS)
  record_source.define(command)
  command:flag("--json", "Print one JSON object.")
  command:action(function(args)
    args.run = function()
      return run(args, api)
    end
  end)
end

return M
