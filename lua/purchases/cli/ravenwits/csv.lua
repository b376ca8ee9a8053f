--- A purchase's strategy output as CSV: one line per model, market and quarter-hour.
-- @module purchases.cli.ravenwits.csv
local json = require "purchases.json"

local M = {}

local HEADER = "idmodel,market,datetime,purchase_percentage,sale_percentage\n"
local UNFIT = "strategy_output is not a list of models with markets; --format json prints it"

local function field(value)
  if value == nil or value == json.null then
    return ""
  elseif type(value) == "number" then
    return json.encode(value)
  end
  local text = tostring(value)
  return text:find '[,"\r\n]' and '"' .. text:gsub('"', '""') .. '"' or text
end

-- Raises where a value is not of the type it should be.
local function expect(value, wanted)
  if type(value) ~= wanted then
    error(UNFIT, 0)
  end
  return value
end

local function add_model(lines, model)
  local markets = expect(expect(model, "table").value, "table")
  local names = {}
  for name in pairs(markets) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    expect(name, "string")
    for _, row in ipairs(expect(markets[name], "table")) do
      local datetime = expect(expect(row, "table").datetime, "string")
      local fields = { field(model.idmodel), field(name), field(datetime), field(row.purchase_percentage),
        field(row.sale_percentage) }
      lines[#lines + 1] = table.concat(fields, ",") .. "\n"
    end
  end
end

local function build(strategy_output)
  expect(strategy_output, "table")
  local models = strategy_output.idmodel ~= nil and { strategy_output } or strategy_output
  if models[1] == nil and next(models) ~= nil then
    error(UNFIT, 0)
  end
  local lines = { HEADER }
  for _, model in ipairs(models) do
    add_model(lines, model)
  end
  return table.concat(lines)
end

--- @tab purchase
-- @treturn string|nil
-- @treturn ?string why it cannot be written so
function M.of(purchase)
  local ok, text = false, "there is no strategy_output"
  if purchase.strategy_output ~= nil then
    ok, text = pcall(build, purchase.strategy_output)
  end
  if ok then
    return text
  end
  return nil, ("purchase %s is %s: %s"):format(tostring(purchase.id), purchase.status, text)
end

return M
