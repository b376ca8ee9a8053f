--- Strategy outputs, made up from what was uploaded and from nothing else.
--
-- A row's *level* is where its MW stand between the smallest (0) and the largest (1) of its series;
-- in a flat series it is 0.5. Model `n` of `N` has the *caution* `n / (N + 1)`. Then
--
-- - the day-ahead market MD gets the share `caution + (1 - caution) * level` of the purchase: the
--   higher the need, and the more cautious the model, the more is bought a day before;
-- - what is left is bought in MID1, MID2 and MID3 as 1/2, 1/3 and 1/6 of it, so that the four
--   markets' purchase percentages add up to 1;
-- - nothing is sold in MD; in the others `caution * (1 - level)` of the row's MW goes back to the
--   market, in the same proportions.
--
-- Percentages are fractions from 0 to 1 with four decimals. Of a series of many years, only the first rows get outputs.
-- @module purchases.sandbox.ravenwits.strategy

local floor, format, concat = math.floor, string.format, table.concat

local M = {}

local MARKETS = {
  { name = "MD" },
  { name = "MID1", share = 1 / 2 },
  { name = "MID2", share = 1 / 3 },
  { name = "MID3", share = 1 / 6 },
}

-- Where each row's purchase stands between the least and the most. Halved first, since the difference of the
-- two largest numbers would not be finite; compared with 0 after that, since half of the smallest one is.
local function levels(rows)
  local least, most = math.huge, -math.huge
  for i = 1, #rows do
    least = math.min(least, rows[i].purchase)
    most = math.max(most, rows[i].purchase)
  end
  local span, all = most / 2 - least / 2, {}
  for i = 1, #rows do
    all[i] = span == 0 and 0.5 or (rows[i].purchase / 2 - least / 2) / span
  end
  return all
end

local function rounded(value)
  return floor(value * 10000 + 0.5) / 10000
end

local function percentages(market, caution, at)
  local day_ahead = caution + (1 - caution) * at
  if not market.share then
    return rounded(day_ahead), 0
  end
  return rounded((1 - day_ahead) * market.share), rounded(caution * (1 - at) * market.share)
end

-- A year of quarter-hours with the three models there are by default. Ten years of a hundred would be gigabytes.
local MOST_ROWS, MOST_IN_ALL = 40000, 120000
local MOST_AT_ONCE = 1000 -- rows of a market, before other requests have their turn

--- The rows of a purchase that its outputs are about: the first ones of a long one.
-- @tparam number rows how many it has
-- @tparam number models how many there are
-- @treturn number
function M.covered(rows, models)
  return math.min(rows, MOST_ROWS, math.max(1, floor(MOST_IN_ALL / models)))
end

local ROW = '{"datetime":"%s","purchase_percentage":%.4g,"sale_percentage":%.4g}'

--- The output of one model as JSON: `{"idmodel":N,"value":{"MD":[...],"MID1":[...],...}}`.
-- @tparam table rows as uploaded
-- @tparam number model from 1
-- @tparam number models how many there are
function M.output(rows, model, models)
  local parts, at, caution = {}, levels(rows), model / (models + 1)
  for number, market in ipairs(MARKETS) do
    local texts = {}
    for i = 1, #rows do
      texts[i] = format(ROW, rows[i].datetime, percentages(market, caution, at[i]))
    end
    parts[number] = format('"%s":[%s]', market.name, concat(texts, ","))
    if #rows > MOST_AT_ONCE then
      ngx.sleep(0)
    end
  end
  return format('{"idmodel":%d,"value":{%s}}', model, concat(parts, ","))
end

--- The outputs of all models as one JSON array.
function M.outputs(rows, models)
  local parts = {}
  for model = 1, models do
    parts[model] = M.output(rows, model, models)
  end
  return "[" .. concat(parts, ",") .. "]"
end

return M
