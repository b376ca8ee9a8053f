--- Chance from a seed, the same in every Lua (MINSTD: the multiplier and the modulus are Park and Miller's).
local M = {}

local MODULUS, MULTIPLIER = 2147483647, 48271

local Random = {}
Random.__index = Random

function M.new(seed)
  local self = setmetatable({ state = (seed * 7919 + 104729) % (MODULUS - 1) + 1 }, Random)
  for _ = 1, 3 do -- seeds that follow each other begin alike
    self:number()
  end
  return self
end

--- In [0, 1).
function Random:number()
  self.state = self.state * MULTIPLIER % MODULUS
  return (self.state - 1) / (MODULUS - 1)
end

--- A whole number from `first` to `last`.
function Random:from(first, last)
  return first + math.floor(self:number() * (last - first + 1))
end

function Random:chance(probability)
  return self:number() < probability
end

function Random:pick(list)
  return list[self:from(1, #list)]
end

return M
