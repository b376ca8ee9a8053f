-- Writes powers.c: the leading 128 bits of every power of ten that a double can need.
--
--   lua src/number/powers.lua > src/number/powers.c
--
-- Exact integer arithmetic on limbs of 24 bits, lowest first, in any Lua.

local LIMB = 2 ^ 24
local LEAST, GREATEST = -342, 324 -- PUR_POWER_LEAST and PUR_POWER_GREATEST
local DIGITS = 32 -- hexadecimal ones: 128 bits

local function multiply(number, factor)
  local carry = 0
  for i = 1, #number do
    local value = number[i] * factor + carry
    number[i] = value % LIMB
    carry = math.floor(value / LIMB)
  end
  if carry > 0 then
    number[#number + 1] = carry
  end
end

-- Rounds down, so that dividing by ten again and again rounds down the whole.
local function divide(number, divisor)
  local rest = 0
  for i = #number, 1, -1 do
    local value = rest * LIMB + number[i]
    number[i] = math.floor(value / divisor)
    rest = value % divisor
  end
  if number[#number] == 0 then
    number[#number] = nil
  end
end

local function hexadecimal(number)
  local limbs = {}
  for i = #number, 1, -1 do
    limbs[#limbs + 1] = ("%06x"):format(number[i])
  end
  return (table.concat(limbs):gsub("^0+", ""))
end

-- Doubles a copy until the first bit of its first digit is set; what follows the 128 bits is cut off.
local function leading(number)
  local copy = {}
  for i = 1, #number do
    copy[i] = number[i]
  end
  while tonumber(hexadecimal(copy):sub(1, 1), 16) < 8 do
    multiply(copy, 2)
  end
  local digits = hexadecimal(copy):sub(1, DIGITS)
  return digits .. ("0"):rep(DIGITS - #digits)
end

local powers = {}

local power = { 1 }
for exponent = 0, GREATEST do
  powers[exponent] = leading(power)
  multiply(power, 10)
end

-- 10^-n as 2^1320 / 10^n: 2^1320 keeps more than 128 bits even over 10^342.
power = {}
for i = 1, 1320 / 24 do
  power[i] = 0
end
power[#power + 1] = 1
for exponent = -1, LEAST, -1 do
  divide(power, 10)
  powers[exponent] = leading(power)
end

print("/* Written by powers.lua: change that, not this. */")
print('#include "number/powers.h"\n')
print("const pur_power pur_powers[PUR_POWER_GREATEST - PUR_POWER_LEAST + 1] = {")
for exponent = LEAST, GREATEST do
  local digits = powers[exponent]
  print(("    {0x%su, 0x%su}, /* 1e%d */"):format(digits:sub(1, 16), digits:sub(17), exponent))
end
print("};")
