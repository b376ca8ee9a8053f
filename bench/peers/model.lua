-- Measures: one model out of a large answer (bench/generate_answer.lua), all of it decoded with lua-cjson.
-- usage: lua5.4|luajit bench/peers/model.lua FILE [IDMODEL] [TIMES]
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cjson = require "cjson"
local measure = require "measure"

local file = assert(io.open(arg[1], "rb"))
local text = file:read("*a")
file:close()
local wanted, times = tonumber(arg[2] or 50), tonumber(arg[3] or 20)

local function find(answer)
  for _, model in ipairs(answer.strategy_output) do
    if model.idmodel == wanted then return model end
  end
end

local started = measure.start()
local model
for _ = 1, times do
  model = find(cjson.decode(text))
end
local milliseconds = (os.clock() - started.cpu) * 1e3 / times

measure.expect("the model", wanted, model and model.idmodel)
measure.expect("its rows", 96, #model.value.MD)
measure.finish(started, times, #text * times, ('"ms":%.3f'):format(milliseconds))
