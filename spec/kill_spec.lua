-- Commands that keep a ledger and are killed: run again, they lose nothing and send nothing twice.
--
-- PURCHASES_KILLS=300 kills so many for each API, as `make soak` does.
local command = require "spec.support.command"
local folder_type = require "spec.support.folder"
local kills = require "spec.support.kills"
local ledgers = require "spec.support.ledgers"
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

  -- A command that is killed once or twice at some moment, half of them while other things go wrong, too; and then run
  -- until it ends.
  -- @treturn int kills
  -- @treturn int those that fell between the first grant and the last settle
  local function run(job, most)
    local place = kills.place(folder, sandbox, job)
    if math.random(2) == 1 then
      place:storm(math.random(1000))
    end
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

  -- Where it kills itself, and how many days may then have arrived for all that the ledger knows, with one request in
  -- flight.
  local POINTS = {
    { "before_grant", 1, 0 },
    { "before_grant", 3, 1 }, -- the answer of the one before goes into the same transaction
    { "after_grant", 3, 1 },
    { "after_start", 3, 1 },
    { "before_settle", 30, 1 },
    { "after_settle", 3, 1 },
    { "after_settle", 30, 0 },
    { "in_checkpoint", 3, 1 },
  }

  local JOBS = { kills.JOBS.ravenwits, kills.JOBS.woowup } -- without keys, and with them

  local function kill_at(place, point, count)
    sandbox:clear_faults()
    local result = place:start({ concurrency = 1, env = {
      LUA_INIT = "@" .. command.root .. "/spec/support/kill_at.lua",
      KILL_AT = point,
      COUNT = count,
      DISK_KILLS = folder.path .. "/kills",
      LD_PRELOAD = point == "in_checkpoint" and ledgers.bad_disk(folder.path),
    } }):wait()
    assert.equal(9, result.signal)
  end

  for _, point in ipairs(POINTS) do
    local name, count, doubts = point[1], point[2], point[3]
    it(("%s of request %d sends each purchase once"):format(name:gsub("_", " the ", 1), count), function()
      for _, job in ipairs(JOBS) do
        local place = kills.place(folder, sandbox, job)
        kill_at(place, name, count)
        local report = place:finish(doubts)
        assert.equal(job.is_keyed and 0 or doubts, report.unknown)
      end
    end)
  end

  it("when the last byte is sent, and no answer has come, sends each purchase once", function()
    for _, job in ipairs(JOBS) do
      local place = kills.place(folder, sandbox, job)
      sandbox:clear_faults()
      sandbox:fault { path = job.path, delay = 60, skip = 2 }
      place:kill_after(place:start { concurrency = 1 }, 3, 0)
      local report = place:finish(1)
      assert.equal(job.is_keyed and 0 or 1, report.unknown)
    end
  end)
end)
