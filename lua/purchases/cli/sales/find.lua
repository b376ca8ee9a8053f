--- purchases woowup find
-- @module purchases.cli.sales.find
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases woowup find --invoice-number FAC-000085643
  purchases woowup find --service-uid 4711 --branch-name "Palermo I" --json]]

local FIELDS = { "invoice_number", "service_uid", "branch_name", "branch_id" }

local function query_of(args)
  local query = {}
  for _, name in ipairs(FIELDS) do
    query[name] = args[name]
  end
  if next(query) == nil then
    return nil, ending.misuse "--invoice-number, --service-uid or --branch-name is required"
  elseif args.branch_id and not args.invoice_number then
    return nil, ending.misuse "--branch-id requires --invoice-number"
  end
  return query
end

local function shown(value)
  if type(value) == "number" then
    return json.encode(value)
  end
  return type(value) == "string" and value or "-"
end

local function purchase_line(purchase)
  local items = type(purchase.purchase_detail) == "table" and #purchase.purchase_detail or 0
  local prices = type(purchase.prices) == "table" and purchase.prices or {}
  local customer = purchase.service_uid or purchase.email or purchase.document or purchase.telephone
  local branch = purchase.branch or purchase.branch_name
  if type(branch) == "table" then
    branch = branch.name or branch
  end
  return printable.line(("%s  %s  %s  total %s  customer %s  branch %s"):format(shown(purchase.invoice_number),
    shown(purchase.createtime), text.count(items, "item"), shown(prices.total), shown(customer), shown(branch)))
end

local function find(client, args, query)
  local found, err = client:find(query)
  if not found then
    return ending.fail(err)
  elseif args.json then
    return output.json { purchases = json.list(found) }
  end
  for _, purchase in ipairs(found) do
    output.write(purchase_line(purchase), "\n")
  end
  return ending.OK
end

function M.define(group, api)
  local command = group:command("find", "Finds purchases and prints a line about each, or all of them as JSON.")
  api.define_command(command, { examples = EXAMPLES, prepare = query_of, call = find })
  for _, name in ipairs(FIELDS) do
    local option = "--" .. name:gsub("_", "-")
    local what = name:gsub("_", " "):gsub("^%l", string.upper):gsub(" uid", " UID"):gsub(" id", " id")
    command:option(option, what .. "."):convert(arguments.identifier(option))
  end
  command:flag("--json", "Prints one JSON object.")
end

return M
