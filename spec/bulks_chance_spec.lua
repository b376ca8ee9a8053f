-- create_all over sources and faults made up by chance: every purchase has one outcome, which is true, and going on
-- from where the report says brings in all the others, once each.
local purchases = require "purchases"
local sales = require "spec.support.sales"
local seeds = require "spec.support.seeds"
local support = require "spec.support.sandbox"

local chosen = seeds.of("bulks_chance", 40)
local random = math.random

local WOOWUP = {
  path = "bulk",
  key = sales.invoice,
  text = sales.text,
  bad = { '"total"', '"totl"' },
  refused = { '"document": "%d+"', '"document": "unknown"' },
  client = function(sandbox, opts)
    opts.api_key, opts.base_url = "sandbox-woowup-key", sandbox.url .. "/apiv3"
    return purchases.woowup.new(opts)
  end,
}
local CUREBIT = {
  path = "create",
  key = tostring,
  text = sales.order,
  bad = { '"subtotal"', '"total"' },
  client = function(sandbox, opts)
    opts.site, opts.api_key, opts.base_url = "sandbox-shop", "sandbox-curebit-key", sandbox.url
    return purchases.curebit.new(opts)
  end,
}

-- A purchase that is good, or that we (or WoowUp) refuse; some have another's number.
local function new_purchase(api, number, count)
  local id, kind = random(20) == 1 and random(count) or number, random(100)
  local text = api.text(id)
  if kind <= 2 then
    return { id = id, text = "{" }
  elseif kind <= 6 then
    return { id = id, text = (text:gsub(api.bad[1], api.bad[2])) }
  elseif kind <= 9 and api.refused then
    return { id = id, text = (text:gsub(api.refused[1], api.refused[2])) }
  end
  return { id = id, text = text, key = api.key(id) }
end

local function some_purchases(api)
  local count, list, texts = random(120), {}, {}
  local first = {}
  for i = 1, count do
    local one = new_purchase(api, i, count)
    local other = first[one.id]
    if other then
      one.is_duplicate, other.is_duplicate = true, true
    end
    first[one.id] = other or one
    list[i], texts[i] = one, one.text
  end
  return list, texts
end

-- A file, a list, or a function; a function anew for each job.
local function sources(texts)
  local form = random(3)
  local path = form == 1 and sales.file(table.concat(texts, "\n"))
  return function()
    local at = 0
    return path or form == 2 and texts or function()
      at = at + 1
      return texts[at]
    end
  end
end

local STATUSES = { 429, 444, 500, 502, 503, 504 }

local function order_faults(sandbox, api)
  for _ = 1, random(0, 3) do
    local status = STATUSES[random(#STATUSES)]
    sandbox:fault {
      path = api.path,
      status = status,
      effect = status ~= 429 and random(2) == 1 and "applied" or "none",
      rate = random() / 2,
      seed = random(1000),
      delay = random(4) == 1 and 0.01 or nil,
    }
  end
end

describe("create_all, by chance,", function()
  local sandbox

  setup(function()
    sandbox = support.start { queue_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
    sales.remove_files()
  end)

  -- What the sandbox holds, each of which must have come once.
  local function held()
    local keys = {}
    for _, purchase in ipairs(sandbox:purchases()) do
      local key = purchase.invoice_number or purchase.order_number
      assert(purchase.received == 1 and not keys[key], key .. " was created twice")
      keys[key] = true
    end
    return keys
  end

  -- A job, and its purchases by line with what was said of them.
  local function run(client, source, opts)
    local said, counts = {}, { rejected = 0, unknown = 0, pending = 0, duplicates = 0 }
    function opts.on_reject(rejected)
      assert(not said[rejected.line], "told twice of line " .. rejected.line)
      said[rejected.line] = rejected
      counts[rejected.outcome] = counts[rejected.outcome] + 1
      counts.duplicates = counts.duplicates + (rejected.duplicate and 1 or 0)
    end
    local report = assert(client:create_all(source, opts))
    assert.same({ counts.rejected, counts.unknown, counts.duplicates },
      { report.rejected, report.unknown, report.duplicates })
    return report, said
  end

  local function check_one(one, told, there)
    if not told then
      assert(one.key and there[one.key], "accepted, and not there")
    elseif told.duplicate then
      assert(one.is_duplicate and there[one.key], "a duplicate of nothing, or of itself")
    elseif told.outcome == "rejected" then
      assert(not one.key, "good, and rejected: " .. tostring(told.error))
    end
    assert(not told or told.text == one.text, "another text")
  end

  -- What the report says has ended: all before its `resume`, and what it tells of behind that.
  local function check(list, report, said)
    local there, ended = held(), (report.resume or #list + 1) - 1
    assert.equal(#list, report.accepted + report.rejected + report.unknown + report.pending)
    for i, one in ipairs(list) do
      local told = said[i]
      assert(i > ended or not told or told.outcome == "rejected", "not rejected, and before resume")
      if told or i <= ended then
        check_one(one, told, there)
      end
    end
  end

  local function check_all(list)
    local expected = {}
    for _, one in ipairs(list) do
      if one.key then
        expected[one.key] = true
      end
    end
    assert.same(expected, held())
  end

  local function job(api)
    local list, texts = some_purchases(api)
    local source, limit = sources(texts), random(3) == 1 and random(#list) or math.huge
    local client = api.client(sandbox,
      { retry = { attempts = random(4), base = 0.0005 }, concurrency = random(6), rate = 1e7, timeout = 10 })
    local batch = random(30)
    order_faults(sandbox, api)
    local report, said = run(client, source(), { batch = batch, on_progress = function(progress)
      return progress.done < limit
    end })
    if report.unread then
      report.pending = #list - report.accepted - report.rejected - report.unknown
    end
    check(list, report, said)
    sandbox:clear_faults()
    if report.resume then
      local rest = run(client, source(), { batch = batch, from_line = report.resume })
      assert.same({ #list - report.resume + 1, 0 }, { rest.accepted + rest.rejected, rest.unknown + rest.pending })
    end
    check_all(list)
  end

  for name, api in pairs { WoowUp = WOOWUP, Curebit = CUREBIT } do
    it("loses nothing at " .. name .. ", and creates nothing twice", function()
      for _, seed in ipairs(chosen) do
        math.randomseed(seed)
        sandbox:reset()
        local ok, why = pcall(job, api)
        assert(ok, ("seed %d: %s"):format(seed, tostring(why)))
      end
    end)
  end
end)
