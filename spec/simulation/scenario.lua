--- What a run is to be, from its seed: the purchases, the options, the weather, and who disturbs.
local server_type = require "spec.simulation.server"

local M = {}

local function kind_of(random, is_keyed)
  local number = random:number()
  if number < 0.8 then
    return "good"
  elseif not is_keyed then
    return "bad"
  end
  return random:pick { "bad", "bad", "prior", "prior", "unfit", "twin" }
end

-- Items, and the state of each by its key. `prior` was in the book before; a `twin` has the key of another.
local function items_of(random, api, count)
  local items, states, good = {}, {}, {}
  for i = 1, count do
    local item = { index = i, key = api.key(i), kind = kind_of(random, api.is_keyed) }
    if item.kind == "twin" and good[1] then
      item.key = random:pick(good)
      states[item.key].has_twin = true
    else
      item.kind = item.kind == "twin" and "good" or item.kind
      states[item.key] = { item = item, book = 0, is_prior = item.kind == "prior" }
    end
    if item.kind == "good" then
      good[#good + 1] = item.key
    end
    item.text = api.text and api.text(item)
    items[i] = item
  end
  return items, states
end

-- Often fair, often bad in one way, sometimes in all.
local function weather_of(random)
  local kinds = {}
  for i = 1, random:chance(0.2) and #server_type.KINDS or random:from(1, 4) do
    kinds[i] = random:pick(server_type.KINDS)
  end
  return {
    faults = random:pick { 0, 0.1, 0.3, 0.3, 0.6, 0.6, 0.95 },
    kinds = kinds,
    latency = random:pick { 0.01, 0.05, 0.2 },
    login_refused = random:chance(0.1),
    has_other_words = random:chance(0.2),
  }
end

-- Who disturbs a job, and after how many requests.
local function disturbance(random, names)
  local kind = random:pick { "none", "none", "interrupt", "interrupt", "raise", "late", "source" }
  return { kind = kind, name = kind == "interrupt" and names[1] or random:pick(names), at = random:from(0, 6) }
end

-- What wears the retry budget out: a long job of which nearly nothing gets through, and nothing stops it.
local function make_storm(random, drawn)
  drawn.is_job, drawn.disturbance.kind = true, "none"
  drawn.weather.faults = 0.95
  drawn.weather.kinds = { "answer_lost", "cut", "breaks_after", "breaks_before", "arrives_late" }
  drawn.opts.retry.attempts, drawn.opts.concurrency = 5, random:from(1, 8)
  drawn.opts_of_job.batch, drawn.opts_of_job.on_unknown = drawn.opts_of_job.batch and 1, "retry"
end

local PLACES = { "before_send", "after_send", "waiting", "before_commit", "after_commit", "full_disk" }

-- Where a job crashes or finds the disk full, if it does, when it has come there so many times.
local function crash_of(random, probability)
  return random:chance(probability) and { place = random:pick(PLACES), left = random:from(1, 8) } or nil
end

--- The scenario of a run.
-- @tab random
-- @tab api
-- @treturn table
function M.new(random, api)
  local is_storm = random:chance(0.01)
  local items, states = items_of(random, api, is_storm and 60 or random:from(1, 8))
  local drawn = {
    items = items,
    states = states,
    weather = weather_of(random),
    is_job = random:chance(0.75),
    callers = random:from(1, 3),
    can_log_in = not api.is_keyed and random:chance(0.5),
    opts = {
      timeout = random:pick { 1, 5, 60 },
      connect_timeout = random:pick { 0.5, 10 },
      concurrency = random:pick { 1, 1, 2, 3, 4 },
      rate = random:chance(0.3) and random:pick { 30, 140, 6000 } or nil,
      retry = { attempts = random:from(1, 5), base = random:pick { 0.01, 0.5 } },
    },
    opts_of_job = {
      on_unknown = random:chance(0.2) and "retry" or "report",
      batch = api.is_keyed and random:from(1, 8) or nil,
    },
    disturbance = disturbance(random, { "on_progress", api.is_keyed and "on_reject" or "on_receipt" }),
    has_function = api.is_keyed and random:chance(0.5),
  }
  if is_storm then
    make_storm(random, drawn)
  elseif drawn.is_job and random:chance(0.3) then
    drawn.has_ledger, drawn.crash, drawn.second_crash = true, crash_of(random, 0.7), crash_of(random, 0.3)
  end
  return drawn
end

return M
