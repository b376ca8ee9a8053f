-- The loop, the client, the retries and the providers over a virtual network and a virtual clock: every rule of
-- spec/simulation/rules.lua holds, whatever the network does, and a break of one rule is found.
local breaks = require "spec.simulation.breaks"
local ledgers = require "spec.simulation.ledger"
local runs = require "spec.simulation.run"
local seeds = require "spec.support.seeds"
local world_type = require "spec.simulation.world"

local SEEDS = 100 -- for each API, from the first one on, and from a new one; make check takes 20,000
local MOST = 2000 -- seeds within which a break is found

-- Carries out the runs of so many seeds, from `first` on, until a rule does not hold that has these words in it; the
-- seed, and the rule.
local function first_broken(change, first, count, words)
  local world = world_type.new(change)
  for seed = first, first + count - 1 do
    local why = runs.once(world, seed)
    if why and why:find(words, 1, true) then
      return seed, why
    elseif why then
      world = world_type.new(change) -- something may be left of that run
    end
  end
end

local function story_of(seed, change)
  local story = {}
  runs.once(world_type.new(change), seed, story)
  return table.concat(story, "\n")
end

describe("the simulation", function()
  teardown(ledgers.remove)

  it("breaks no rule", function()
    local count = SEEDS * #runs.APIS
    local seed = first_broken(nil, 0, count, "") or first_broken(nil, seeds.one "simulation", count, "")
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
    runs.once(world_type.new(breaks[1]), 1)
    assert.equal(purchases, require "purchases")
    assert.equal(clock, require "purchases.clock")
    assert.equal(core, require "purchases.core")
    assert.equal(core.system.monotonic, clock.monotonic)
  end)

  it("refuses a break that no longer fits the code", function()
    for _, from in ipairs { "what nobody has written", "local" } do
      assert.error_matches(function()
        world_type.new { module = "purchases.call.retry", from = from, to = "" }
      end, "purchases/call/retry%.lua holds .*" .. from)
    end
  end)
end)

describe("the simulation finds", function()
  teardown(ledgers.remove)

  it("18 breaks", function()
    assert.equal(18, #breaks)
  end)

  for _, change in ipairs(breaks) do
    it("that " .. change.name, function()
      assert(first_broken(change, 0, MOST, change.rule), "not within " .. MOST .. " seeds")
    end)
  end
end)
