-- Measures: one model out of a large answer, found without decoding the others: the mean over all of its
-- positions.
-- usage: lua5.4|luajit bench/ours/model.lua FILE [MODELS] [TIMES]
package.path = "bench/peers/?.lua;" .. package.path
local measure = require "measure"
local purchases = require "purchases"

local file = assert(io.open(arg[1], "rb"))
local text = file:read "*a"
file:close()
local models, times = tonumber(arg[2] or 100), tonumber(arg[3] or 20)

local started = measure.start()
local model
for _ = 1, times do
  for wanted = 1, models do
    model = assert(purchases.ravenwits.output(text, wanted))
  end
end
local milliseconds = (os.clock() - started.cpu) * 1e3 / (times * models)

measure.expect("the model", models, model.idmodel)
measure.expect("its rows", 96, #model.value.MD)
measure.finish(started, times * models, #text * times * models, ('"ms":%.3f'):format(milliseconds))
