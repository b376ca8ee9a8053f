--- purchases ravenwits get
-- @module purchases.cli.ravenwits.get
local answer_text = require "purchases.cli.answer_text"
local await = require "purchases.cli.ravenwits.await"
local csv = require "purchases.cli.ravenwits.csv"
local ending = require "purchases.cli.ending"
local output = require "purchases.cli.output"
local provider = require "purchases.provider.ravenwits"
local purchases = require "purchases"

local M = {}

local EXAMPLES = [[
Examples:
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --wait
  purchases ravenwits get 550e8400-e29b-41d4-a716-446655440000 --user trebolenergia --idmodel 1 --format csv]]

local function give_up(why)
  ending.complain(why)
  return ending.INCOMPLETE
end

local function print_purchase(purchase, args)
  if args.idmodel and not purchase.strategy_output and purchase.status ~= "completed" then
    return give_up(("purchase %s is %s: there is no output yet; --wait waits for it"):format(purchase.id,
      purchase.status))
  elseif args.idmodel then
    local model, err = purchases.ravenwits.output(purchase, args.idmodel)
    if not model then
      return give_up(tostring(err))
    end
    purchase.strategy_output = model
  end
  if args.format == "json" and args.idmodel then
    local text = answer_text.of(purchase)
    return output.json(purchase, text and provider.narrow(text, args.idmodel))
  elseif args.format == "json" then
    return output.result(purchase)
  end
  local text, why = csv.of(purchase)
  if not text then
    return give_up(why)
  end
  output.write(text)
  return ending.OK
end

local function get(client, args)
  local found = {}
  if args.wait then
    found = await.one(client, args.id)
  else
    found.purchase, found.err = client:get(args.id, { idmodel = args.idmodel })
  end
  if found.purchase then
    return print_purchase(found.purchase, args)
  elseif found.seen and args.format == "json" then
    output.result(found.seen)
  end
  return ending.fail(found.err)
end

function M.define(group, api)
  local command = group:command("get", "Prints a purchase and its strategy output.")
  api.define_command(command, { needs_user = true, examples = EXAMPLES, call = get })
  api.define_id(command)
  command:flag("--wait", "Waits until its workflow has ended.")
  api.define_idmodel(command, "Prints only this model's output.")
  command:option("--format", "json or csv.", "json"):choices { "json", "csv" }
end

return M
