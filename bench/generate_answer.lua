-- A Ravenwits answer to measure with: 100 models, four markets each, 96 rows per market: 3.1 MB of JSON.
-- usage: lua bench/generate_answer.lua [MODELS] > FILE
local MARKETS = { "MD", "MID1", "MID2", "MID3" }
local ROW = '{"datetime":"2024-01-15 %02d:%02d","purchase_percentage":%s,"sale_percentage":%s}'

local seed = 1
local function share()
  seed = seed * 16807 % 2147483647
  return seed % 1001
end

local function decimal(thousandths)
  return ("%d.%03d"):format((thousandths - thousandths % 1000) / 1000, thousandths % 1000)
end

local function market(name)
  local rows = {}
  for minutes = 0, 1425, 15 do
    local bought = share()
    rows[#rows + 1] = ROW:format((minutes - minutes % 60) / 60, minutes % 60, decimal(bought), decimal(1000 - bought))
  end
  return ('"%s":[%s]'):format(name, table.concat(rows, ","))
end

local function model(id)
  local markets = {}
  for i, name in ipairs(MARKETS) do markets[i] = market(name) end
  return ('{"idmodel":%d,"value":{%s}}'):format(id, table.concat(markets, ","))
end

local models = {}
for id = 1, tonumber(arg[1] or 100) do models[id] = model(id) end
io.write('{"id":"6f1c1b1e-3f0a-4a51-9d0a-2b8f5a0c7e11","status":"completed","error":"",',
  '"created_at":"2024-01-15T14:30:00Z","strategy_output":[', table.concat(models, ","), "]}")
