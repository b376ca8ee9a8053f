--- purchases maps: lists the maps that come along, or prints one.
-- @module purchases.cli.maps
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local maps = require "purchases.source.maps"
local output = require "purchases.cli.output"

local M = {}

local EXAMPLES = [[
Examples:
  purchases maps
  purchases maps datadis
  purchases maps shopify --for woowup]]

local HABITS = "--map takes the name of one, or a file: print one to begin a file of your own from."

local function print_list(heading, list)
  output.write(heading, "\n")
  for _, entry in ipairs(list) do
    output.write(("  %-16s%s\n"):format(entry[1], entry[2]))
  end
end

local function run(args)
  if not args.name then
    if args["for"] then
      return ending.misuse "--for is for the map of a shop: name one"
    end
    print_list("Series:", maps.SERIES)
    print_list("Sales, --for woowup or curebit:", maps.SALES)
    return ending.OK
  end
  local api = args["for"]
  if maps.is_of_sales(args.name) and not api then
    api = "woowup"
    ending.say "note: this is the map for WoowUp; --for curebit prints that for Curebit"
  end
  local text, why = maps.text(args.name, api)
  if not text then
    return ending.misuse(("there is no map '%s' to print: %s"):format(args.name, why))
  end
  output.write(text)
  return ending.OK
end

function M.define(parser)
  local command = parser:command("maps", "Lists the maps that come along, or prints one.")
  help.define(command, { EXAMPLES, HABITS }, run)
  command:argument("name", "Name of a map."):args "?"
  command:option("--for", "API whose purchases the map of a shop makes."):choices { "woowup", "curebit" }
end

return M
