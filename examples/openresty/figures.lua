--- Draws the figures of a job's page, as HTML, piece by piece: other requests have their turn in between.
local chart = require "chart"
local cjson = require "cjson.safe"

local M = {}

local escape = chart.escape
local MOST_ROWS = 400 -- in a page's table of values
local DAYS_AT_ONCE = 10 -- that are read before others have their turn

local function others_turn()
  ngx.sleep(0)
end

local function values_table(times, values)
  if #times > MOST_ROWS then
    return ""
  end
  local rows = {}
  for i = 1, #times do
    rows[i] = ("<tr><td>%s</td><td>%s</td></tr>"):format(escape(times[i]), chart.number(values[i]))
  end
  return '<details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Values">'
    .. '<table><thead><tr><th scope="col">Time</th><th scope="col">MW</th></tr></thead><tbody>'
    .. table.concat(rows) .. "</tbody></table></div></details>"
end

local function legend(markets)
  local items = {}
  for i, market in ipairs(markets) do
    items[i] = ('<li><i class="market-%d"></i>%s</li>'):format(i, escape(market.name))
  end
  return '<ul class="legend">' .. table.concat(items) .. "</ul>"
end

-- On a narrow screen a chart scrolls sideways, so that it stays readable.
local function plot(label, svg)
  return ('<div class="plot" tabindex="0" role="region" aria-label="%s">%s</div>'):format(label, svg)
end

local function figure(title, ...)
  return ("<section class=\"card\"><h2>%s</h2>%s</section>"):format(title, table.concat { ... })
end

--- Draws a series.
-- @tparam purchases.series series
-- @treturn string
function M.series(series)
  local times, values, days = {}, {}, 0
  for day in series:days() do
    for _, row in ipairs(cjson.decode(day:encode()).purchase) do
      times[#times + 1], values[#values + 1] = row.datetime, row.purchase
    end
    days = days + 1
    if days % DAYS_AT_ONCE == 0 then
      others_turn()
    end
  end
  return #times == 0 and "" or figure("Purchase in MW", plot("Chart of the purchase", chart.series(times, values)),
    values_table(times, values))
end

-- A key for each row: its time, and a number that tells apart a time that the clocks showed twice.
local function keys_of(rows)
  local seen, keys = {}, {}
  for i, row in ipairs(rows) do
    local time = tostring(row.datetime)
    seen[time] = (seen[time] or 0) + 1
    keys[i] = time .. "#" .. seen[time]
  end
  return keys
end

-- The shares of a market by the index of `keys`.
local function shares_at(keys, rows)
  local by_key, shares = {}, {}
  for i, key in ipairs(keys_of(rows)) do
    by_key[key] = tonumber(rows[i].purchase_percentage)
  end
  for i, key in ipairs(keys) do
    shares[i] = by_key[key]
  end
  return shares
end

--- Draws a strategy output over the times of its first market by name.
-- @tab output rows by the names of the markets
-- @treturn string
function M.output(output)
  local markets = {}
  for name, rows in pairs(output) do
    if type(rows) == "table" and type(rows[1]) == "table" then
      markets[#markets + 1] = { name = name, rows = rows }
    end
  end
  if #markets == 0 then
    return ""
  end
  table.sort(markets, function(a, b)
    return a.name < b.name
  end)
  local keys, times = keys_of(markets[1].rows), {}
  for i, row in ipairs(markets[1].rows) do
    times[i] = tostring(row.datetime)
  end
  for _, market in ipairs(markets) do
    others_turn()
    market.shares = shares_at(keys, market.rows)
  end
  return figure("Strategy: share of each market", legend(markets),
    plot("Chart of the shares", chart.shares(times, markets)))
end

return M
