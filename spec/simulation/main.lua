-- Runs the simulation from the command line: `lua spec/simulation/main.lua COUNT [FIRST]` takes so many seeds for each
-- API, from FIRST on; with a SEED in the environment it tells that one's story.
local ledgers = require "spec.simulation.ledger"
local runs = require "spec.simulation.run"
local world_type = require "spec.simulation.world"

local function tell(seed)
  local story = {}
  local why = runs.once(world_type.new(), seed, story)
  print(table.concat(story, "\n"))
  print(why and "seed " .. seed .. " breaks a rule" or "seed " .. seed .. ": every rule holds")
  return why == nil
end

local function leave(is_fine)
  ledgers.remove()
  os.exit(is_fine)
end

local seed = tonumber(os.getenv "SEED")
if seed then
  leave(tell(seed))
end
local count, first = tonumber(arg[1]) or 200, tonumber(arg[2]) or 0
local world, began = world_type.new(), os.clock()
for i = first, first + count * #runs.APIS - 1 do
  if runs.once(world, i) then
    tell(i)
    leave(false)
  end
end
print(("%d seeds for each API from %d on: every rule holds; %.0f runs a second"):format(count, first,
  count * #runs.APIS / (os.clock() - began)))
leave(true)
