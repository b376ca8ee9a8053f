--- Numbers and bars as text for people.
-- @module purchases.cli.text
local M = {}

--- 2980 → "2,980"
function M.thousands(number)
  local digits = ("%d"):format(number)
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^,", ""))
end

--- 1200, "problem" → "1,200 problems"
function M.count(number, noun)
  return ("%s %s%s"):format(M.thousands(number), noun, number == 1 and "" or "s")
end

local LEVELS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

--- Draws numbers from 0 to 1 as a bar chart of `width` characters, each the mean of its share.
function M.sparkline(numbers, width)
  local bars = {}
  for i = 1, width do
    local first = math.floor((i - 1) * #numbers / width) + 1
    local last = math.max(first, math.floor(i * #numbers / width))
    local sum = 0
    for j = first, last do
      sum = sum + numbers[j]
    end
    local level = math.floor(sum / (last - first + 1) * #LEVELS) + 1
    bars[i] = LEVELS[math.max(1, math.min(#LEVELS, level))]
  end
  return table.concat(bars)
end

return M
