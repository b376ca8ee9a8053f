-- Sources of purchases for specs, read to their end.
local cjson = require "cjson"
local errors = require "purchases.error"
local sales = require "spec.support.sales"
local schema = require "purchases.schema"
local source = require "purchases.source"

local M = {}

local ANY = assert(schema.compile '{"type":"object"}')

--- Rules that let any object through, with more of them or others.
function M.rules(more)
  local all = { schema = ANY, key = "id", max_purchase = 262144, batch = 100, batch_bytes = 1048576,
    from_line = 1 }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

--- All of a source: the texts that are fine and those refused, each by its line, and what ended it.
function M.read(given, more)
  local opened, err = source.open(given, M.rules(more))
  assert(opened, tostring(err))
  local good, refused, bulks = {}, {}, 0
  while true do
    local bulk, what = opened:next()
    if not bulk then
      opened:close()
      return good, refused, what, bulks
    end
    bulks = bulks + 1
    for i = 1, #bulk do
      local text, line = bulk:purchase(i)
      good[#good + 1] = { line, text }
    end
    for _, purchase in ipairs(what) do
      assert(errors.is(purchase.error), "no error of the library's")
      refused[#refused + 1] = purchase
    end
    if #bulk > 0 then
      bulk:release(1, #bulk)
    end
    bulk:close()
  end
end

function M.values(good)
  local list = {}
  for i, one in ipairs(good) do
    list[i] = cjson.decode(one[2])
  end
  return list
end

function M.csv(text, map)
  return M.read(sales.file(text), { map = map })
end

--- The value that a rule makes of a file's only cell; or nil, err.
function M.cell(text, rule, more)
  local map = { purchase = { v = rule } }
  for name, value in pairs(more or {}) do
    map[name] = value
  end
  local good, refused = M.csv("a\n" .. text .. "\n", map)
  if good[1] then
    return cjson.decode(good[1][2]).v
  end
  return nil, refused[1].error
end

return M
