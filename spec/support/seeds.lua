-- The seeds of a spec that leaves something to chance: some that are always the same, and one that is new each time,
-- all of which it prints.
--
--   for _, seed in ipairs(seeds.of("lying", 3)) do ... end        1, 2, 3, and a new one
--   math.randomseed(seeds.one "sandbox bodies")                   a new one
--
-- SEED=7 in the environment takes that one alone, which is how to see again what a seed has found. PURCHASES_SEEDS=50
-- takes 1 to 50 and a new one, as `make soak` does.
local socket = require "socket"

local M = {}

local given = tonumber(os.getenv "SEED")

--- How many fixed seeds each spec is to take, nil where each decides by itself.
M.all = not given and tonumber(os.getenv "PURCHASES_SEEDS") or nil

local function new_seed()
  return given or math.floor(socket.gettime() * 1e6) % 1000000000
end

--- Those to take.
-- @string name of what takes them
-- @int fixed how many are the same each time
function M.of(name, fixed)
  local list, count = {}, given and 0 or M.all or fixed
  for seed = 1, count do
    list[seed] = seed
  end
  list[#list + 1] = new_seed()
  local same = count > 1 and "1 to " .. count .. ", " or count == 1 and "1, " or ""
  print(("-- seeds of %s: %s%d"):format(name, same, list[#list]))
  return list
end

--- A single one, new each time.
function M.one(name)
  local seed = new_seed()
  print(("-- seed of %s: %d"):format(name, seed))
  return seed
end

return M
