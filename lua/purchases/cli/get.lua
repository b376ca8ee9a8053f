--- purchases ravenwits get
-- @module purchases.cli.get
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local purchases = require "purchases"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --wait
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --idmodel 1 --format csv]]

local function sorted_names(object)
  local names = {}
  for name in pairs(object) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function print_model_csv(model)
  for _, market in ipairs(sorted_names(model.value)) do
    for _, row in ipairs(model.value[market]) do
      print(("%s,%s,%s,%s,%s"):format(json.encode(model.idmodel), market, row.datetime, json.encode(row.purchase_percentage), json.encode(row.sale_percentage)))
    end
  end
end

local function models_of(purchase)
  local output = purchase.strategy_output
  if type(output) == "table" and output.idmodel then
    return { output }
  end
  return type(output) == "table" and output or {}
end

local function print_csv(purchase)
  print "idmodel,market,datetime,purchase_percentage,sale_percentage"
  for _, model in ipairs(models_of(purchase)) do
    print_model_csv(model)
  end
end

local function fetch(client, args)
  if not args.wait then
    return client:get(args.id, { idmodel = args.idmodel })
  end
  local purchase, err = client:wait(args.id)
  return purchase, err
end

local function show(purchase, args)
  if args.idmodel and purchase.strategy_output then
    local model, err = purchases.ravenwits.output(purchase, args.idmodel)
    if not model then
      return ending.fail(err)
    end
    purchase.strategy_output = model
  end
  if args.format == "csv" then
    print_csv(purchase)
  else
    print(json.encode(purchase))
  end
  return ending.OK
end

function M.define(group, common)
  local command = group:command("get", "Print a purchase and its strategy output.")
  command:argument("id", "Purchase identifier.")
  command:flag("--wait", "Wait until its workflow has ended.")
  command:option("--idmodel", "Only this model's output.")
  command:option("--format", "json or csv.", "json"):choices { "json", "csv" }
  command:epilog(EXAMPLES)
  common.define_common(command, function(args)
    return common.with_client(args, function(client)
      local purchase, err = fetch(client, args)
      return purchase and show(purchase, args) or err and ending.fail(err)
    end)
  end, true)
end

return M
