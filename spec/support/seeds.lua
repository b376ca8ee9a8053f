-- The seeds of a spec that leaves something to chance: some that are always the same, and one that is new each time,
-- all of which it prints.
--
--   for _, seed in ipairs(seeds.of("bulks_chance", 3)) do ... end
--
-- SEED=7 in the environment takes that one alone, which is how to see again what a seed has found; PURCHASES_SEEDS=50
-- takes that many, as `make soak` does.
local socket = require "socket"

local M = {}

--- Those to take.
-- @string name of what takes them
-- @int fixed how many are the same each time: 1, 2, ...
function M.of(name, fixed)
  local one, all = tonumber(os.getenv "SEED"), tonumber(os.getenv "PURCHASES_SEEDS")
  local list = {}
  for seed = 1, one and 0 or all or fixed do
    list[seed] = seed
  end
  if one or not all then
    list[#list + 1] = one or math.floor(socket.gettime() * 1e6) % 1000000000
  end
  print(("-- seeds of %s: %s"):format(name, all and not one and "1 to " .. all or table.concat(list, " ")))
  return list
end

return M
