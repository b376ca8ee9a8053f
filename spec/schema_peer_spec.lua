local purchase_texts = require "spec.support.purchase_texts"
local schema = require("purchases").schema
local seeds = require "spec.support.seeds"

local COUNT = 5000 -- of each seed; Python needs the time

local function write(path, texts)
  local file = assert(io.open(path, "wb"))
  assert(file:write(table.concat(texts, "\n"), "\n"))
  assert(file:close())
end

local function peer_verdicts(texts)
  local path = os.tmpname()
  write(path, texts)
  local output = assert(io.popen("/usr/bin/python3 spec/schema_peer.py lua/purchases/schema/woowup.json " .. path))
  local verdicts = output:read "*a"
  output:close()
  os.remove(path)
  assert.equal(#texts, #verdicts)
  return verdicts
end

-- What our check and Python's make differently of the texts of a seed; how many are good.
local function compare(seed)
  local next_text, texts, differences, good = purchase_texts.generator(seed), {}, {}, 0
  for i = 1, COUNT do
    texts[i] = next_text()
  end
  local verdicts = peer_verdicts(texts)
  for i, text in ipairs(texts) do
    local ok, err = schema.woowup:check(text)
    good = good + (ok and 1 or 0)
    if (ok and "1" or "0") ~= verdicts:sub(i, i) then
      differences[#differences + 1] = ("%s: %s"):format(ok and "let through" or tostring(err), text)
    end
  end
  return differences, good
end

describe("WoowUp's schema", function()
  it("agrees with Python's jsonschema on purchases, good and bad", function()
    for _, seed in ipairs(seeds.of("schema_peer", 1)) do
      local differences, good = compare(seed)
      assert.equal("", table.concat(differences, "\n", 1, math.min(#differences, 10)), "seed " .. seed)
      assert.is_true(good > COUNT / 4 and good < COUNT * 3 / 4, good .. " of seed " .. seed .. " are good")
    end
  end)
end)
