-- PURCHASES_SCHEMA_PEER=100000 makes the comparison as long; Python needs the time.
local purchase_texts = require "spec.support.purchase_texts"
local schema = require("purchases").schema

local COUNT = tonumber(os.getenv "PURCHASES_SCHEMA_PEER" or 10000)

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

describe("WoowUp's schema", function()
  it("agrees with Python's jsonschema on purchases, good and bad", function()
    local next_text, texts, differences, good = purchase_texts.generator(20261121), {}, {}, 0
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
    assert.equal("", table.concat(differences, "\n", 1, math.min(#differences, 10)))
    assert.is_true(good > COUNT / 4 and good < COUNT * 3 / 4, good .. " of them are good")
  end)
end)
