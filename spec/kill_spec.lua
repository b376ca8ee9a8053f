-- Commands that keep a ledger and are killed: run again, they lose nothing and send nothing twice.
--
-- PURCHASES_KILLS=300 kills so many for each API, as `make soak` does.
local folder_type = require "spec.support.folder"
local kills = require "spec.support.kills"
local seeds = require "spec.support.seeds"
local support = require "spec.support.sandbox"

local COUNT = tonumber(os.getenv "PURCHASES_KILLS") or 6
local ENOUGH = 50 -- of them the share that falls between says something

describe("a command that is killed", function()
  local folder = folder_type.new()
  local sandbox

  setup(function()
    sandbox = support.start { queue_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)

  -- A command that is killed once or twice at some moment, and then run until it ends.
  -- @treturn int kills
  -- @treturn int those that fell between the first grant and the last settle
  local function run(job, most)
    local place = kills.place(folder, sandbox, job)
    local count, between = math.random(math.min(2, most)), 0
    for _ = 1, count do
      local left = math.max(1, job.batches - place.requests_before)
      if place:kill_after(place:start(), math.random(left), math.random() * 0.02) then
        between = between + 1
      end
    end
    place:finish()
    return count, between
  end

  for _, name in ipairs { "ravenwits", "woowup", "curebit" } do
    it("at any moment sends each purchase once to " .. name, function()
      math.randomseed(seeds.one("kills of " .. name))
      local count, between = 0, 0
      while count < COUNT do
        local more, fell = run(kills.JOBS[name], COUNT - count)
        count, between = count + more, between + fell
      end
      print(("-- kills of %s: %d, %d of them between the first grant and the last settle"):format(name, count, between))
      assert(count < ENOUGH or between >= 0.8 * count)
    end)
  end
end)
