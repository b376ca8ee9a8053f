--- purchases ravenwits get
-- @module purchases.cli.ravenwits.get
local await = require "purchases.cli.ravenwits.await"
local csv = require "purchases.cli.ravenwits.csv"
local ending = require "purchases.cli.ending"
local output = require "purchases.cli.output"
local purchases = require "purchases"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --wait
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --idmodel 1 --format csv]]

-- The purchase with only the model that was asked for.
local function narrow(purchase, idmodel)
  if not idmodel then
    return purchase
  elseif not purchase.strategy_output and purchase.status ~= "completed" then
    return nil, ("purchase %s is %s: there is no output yet, --wait waits for it"):format(purchase.id, purchase.status)
  end
  local model, err = purchases.ravenwits.output(purchase, idmodel)
  if not model then
    return nil, tostring(err)
  end
  purchase.strategy_output = model
  return purchase
end

local function print_csv(purchase)
  local text, why = csv.of(purchase)
  if not text then
    ending.complain(why)
    return ending.INCOMPLETE
  end
  output.write(text)
  return ending.OK
end

local function show(purchase, args)
  local narrowed, why = narrow(purchase, args.idmodel)
  if not narrowed then
    ending.complain(why)
    return ending.INCOMPLETE
  end
  return args.format == "csv" and print_csv(narrowed) or output.json(narrowed)
end

-- Nothing more will come: what is known is shown.
local function give_up(result, args)
  if result.seen and args.format == "json" then
    output.json(result.seen)
  end
  return ending.fail(result.err)
end

local function run(client, args)
  local result
  if args.wait then
    result = await.one(client, args.id)
  else
    result = {}
    result.purchase, result.err = client:get(args.id, { idmodel = args.idmodel })
  end
  if result.purchase then
    return show(result.purchase, args)
  end
  return give_up(result, args)
end

function M.define(group, common)
  local command = group:command("get", "Print a purchase and its strategy output.")
  common.define_common(command, {
    run = function(args)
      return common.with_client(args, function(client)
        return run(client, args)
      end)
    end,
    needs_user = true,
    examples = EXAMPLES,
  })
  common.define_id(command)
  command:flag("--wait", "Wait until its workflow has ended.")
  common.define_idmodel(command, "Only this model's output.")
  command:option("--format", "json or csv.", "json"):choices { "json", "csv" }
end

return M
