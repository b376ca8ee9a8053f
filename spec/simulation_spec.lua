-- The loop, the client, the retries and the providers over a virtual network and a virtual clock: every rule of
-- spec/simulation/rules.lua holds, whatever the network does.
local runs = require "spec.simulation.run"
local world_type = require "spec.simulation.world"

local SEEDS = 200 -- for each API; make check takes 20,000

local function first_broken(count)
  local world = world_type.new()
  for seed = 0, count - 1 do
    if runs.once(world, seed) then
      return seed
    end
  end
end

local function story_of(seed)
  local story = {}
  runs.once(world_type.new(), seed, story)
  return table.concat(story, "\n")
end

describe("the simulation", function()
  it("breaks no rule", function()
    local seed = first_broken(SEEDS * #runs.APIS)
    assert(not seed, seed and ("\n%s\nSEED=%d make simulation tells this story again"):format(story_of(seed), seed))
  end)

  it("tells the same story of a seed each time", function()
    for seed = 0, 29 do
      local story = story_of(seed)
      assert.matches("\n", story)
      assert.equal(story, story_of(seed))
    end
  end)

  it("leaves the library as it is", function()
    local clock, purchases = require "purchases.clock", require "purchases"
    local core = require "purchases.core"
    runs.once(world_type.new(), 1)
    assert.equal(purchases, require "purchases")
    assert.equal(clock, require "purchases.clock")
    assert.equal(core, require "purchases.core")
    assert.equal(core.system.monotonic, clock.monotonic)
  end)
end)
