-- Maps against an independent, plain implementation in Python (spec/peer/map_peer.py), which was written after their
-- description: over files made up by chance, both make the same purchases and the same series, byte for byte of their
-- values, or both refuse.
--
--   SEED=7 busted spec/map_differential_spec.lua              that seed alone; what differs is printed with its number
--   python3 spec/peer/map_peer.py show 7 12 file.csv          the map of its case 12, and its file
local cjson = require "cjson"
local purchases = require "purchases"
local seeds = require "spec.support.seeds"
local sources = require "spec.support.sources"
local mapped = require "spec.support.mapped"

local COUNT = 500 -- of each seed; Python needs the time
local PEER = "/usr/bin/python3 -B spec/peer/map_peer.py "

local load_text = rawget(_G, "loadstring") or load

-- What a file of sales gives: each purchase with its line, and those refused; or why all of it is refused.
local function sales(path, map)
  local ok, good, refused, failure = pcall(sources.read, path, { map = map, batch = 3 })
  if not ok or failure then
    return { error = tostring(ok and failure or good), sent = ok and #good > 0 and good or nil }
  end
  local reasons = {}
  for i, record in ipairs(refused) do
    reasons[i] = ("%s: %s"):format(tostring(record.line), tostring(record.error))
  end
  return { sent = good, refused = #reasons > 0 and reasons or nil }
end

local function series(path, map)
  local made, err = purchases.series.read(path, map)
  if not made then
    return { error = mapped.words(err):sub(1, 500) }
  end
  return { rows = mapped.rows(made) }
end

local KINDS = { sales = sales, series = series }

-- Runs the cases of a file, each of which has the lengths of its two parts in front.
local function run_cases(cases, results)
  local path = os.tmpname()
  for lengths in function() return cases:read "*l" end do
    local of_map, of_file = lengths:match "^(%d+) (%d+)$"
    local case = assert(load_text(cases:read(tonumber(of_map))))()
    local bytes = of_file == "0" and "" or cases:read(tonumber(of_file))
    cases:read "*l"
    local file = assert(io.open(path, "wb"))
    file:write(bytes)
    file:close()
    results:write(cjson.encode(KINDS[case.kind](path, case.map)), "\n")
  end
  os.remove(path)
end

local function shell(command)
  local pipe = assert(io.popen(PEER .. command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- What differs in the cases of a seed, and how many the peer accepts, refuses, or takes in part.
local function compare(seed)
  local made, path = os.tmpname(), os.tmpname()
  shell(("cases %d %d > %s"):format(seed, COUNT, made))
  local cases, results = assert(io.open(made, "rb")), assert(io.open(path, "wb"))
  run_cases(cases, results)
  cases:close()
  results:close()
  local text = shell(("compare %d %d %s"):format(seed, COUNT, path))
  os.remove(made)
  os.remove(path)
  local differences, tally = text:match "^(.-)({[^\n]*})\n$"
  return assert(differences, text), cjson.decode(tally)
end

describe("a map", function()
  it("makes of a file what a plain implementation makes of it", function()
    for _, seed in ipairs(seeds.of("map_differential", 1)) do
      local differences, tally = compare(seed)
      assert.equal("", differences, ("seed %d: %d of %d differ"):format(seed, tally.different, COUNT))
      assert.is_true(tally.accepted > COUNT / 2 and tally.refused + tally.partly > COUNT / 10, cjson.encode(tally))
    end
  end)
end)
