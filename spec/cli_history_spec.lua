-- `purchases history`: what was sent when, from which source, and what became of it.
local command = require "spec.support.command"
local cjson = require "cjson"
local desks = require "spec.support.desk"
local load = require "spec.support.load"
local sales = require "spec.support.sales"

describe("purchases history", function()
  local desk = desks.new({ queue_seconds = 0 }, { PURCHASES_LEDGER = "job.db" })
  local folder, run = desk.folder, desk.run
  local sandbox

  setup(function()
    sandbox = desk.sandbox
  end)

  local function submit(days, arguments)
    folder.write("load.csv", type(days) == "string" and days or load.csv(96 * days))
    local result = run("ravenwits submit load.csv --retailer 123 --tz Europe/Madrid " .. (arguments or ""))
    return result.code, result.stdout:match "accepted  (%S+)"
  end

  local function lines(line)
    local result = run(line)
    assert.same({ 0, "" }, { result.code, result.stderr })
    local list = {}
    for found in result.stdout:gmatch "([^\n]+)\n" do
      list[#list + 1] = found
    end
    return list
  end

  it("has a line per delivery day, with the time, the account, the id and the source", function()
    local _, id = submit(2)
    local found = lines "history"
    assert.equal(2, #found)
    local time, rest = found[1]:match "^(%d%d%d%d%-%d%d%-%d%d %d%d:%d%d)  (.*)$"
    assert.equal(os.date "%Y-%m-%d", time:sub(1, 10))
    assert.equal(("accepted ravenwits trebolenergia/123 at %s submit 2025-10-01 %s newest load.csv")
      :format(sandbox.url, id), (rest:gsub(" +", " ")))
  end)

  it("marks the newest purchase of a day", function()
    local _, old = submit(1)
    local _, new = submit((load.csv(96):gsub("1%.5", "7.5", 1)), "--on-changed send")
    local found = lines "history"
    assert.equal(old .. "  replaced  load.csv", found[1]:match "%x+%-%x+%-%x+%-%x+%-%x+ .*$")
    assert.equal(new .. "  newest    load.csv", found[2]:match "%x+%-%x+%-%x+%-%x+%-%x+ .*$")
  end)

  it("lists bulks of sales, and what was rejected, beside it", function()
    folder.write("sales.ndjson", sales.lines(1, 150))
    assert.equal(0, run("woowup create sales.ndjson").code)
    sandbox:fault { path = "submit", status = 400 }
    assert.equal(1, (submit(1)))
    local found = lines "history"
    assert.equal(3, #found)
    assert.matches("accepted  woowup at %S+  create  100 purchases +%-  +newest    sales%.ndjson$", found[1])
    assert.matches("rejected  ravenwits trebolenergia/123 at %S+ +submit  2025%-10%-01  +%-  +%S+ +load%.csv$",
      found[3])
  end)

  it("takes a source, a provider, an account and days", function()
    submit(3)
    folder.write("sales.ndjson", sales.lines(1, 5))
    run "woowup create sales.ndjson"
    for line, count in pairs {
      ["history load.csv"] = 3,
      ["history sales.ndjson"] = 1,
      ["history ales.ndjson"] = 0,
      ["history --provider woowup"] = 1,
      ["history --account trebolenergia/123"] = 3,
      ["history --account trebolenergia"] = 0,
      ["history --from 2025-10-02"] = 2,
      ["history --from 2025-10-02 --to 2025-10-02"] = 1,
    } do
      assert.equal(count, #lines(line), line)
    end
  end)

  it("finds a source by the end of its path, and each of several", function()
    folder.write("a.csv", load.csv(96))
    folder.write("b.csv", (load.csv(192):gsub("2025%-10%-01[^\n]*\n", "")))
    assert.equal(0, run("ravenwits submit " .. folder.path .. "/a.csv b.csv --retailer 123 --tz Europe/Madrid").code)
    assert.same({ 2, 2, 0 }, { #lines "history a.csv", #lines "history b.csv", #lines "history c.csv" })
  end)

  it("prints one JSON object", function()
    local _, id = submit(1)
    local printed = cjson.decode(lines("history --json")[1])
    assert.equal("job.db", printed.ledger)
    local entry = printed.entries[1]
    assert.same({ "ravenwits", sandbox.url, "trebolenergia/123", "submit", "load.csv" },
      { entry.provider, entry.base_url, entry.account, entry.operation, entry.source })
    assert.same({ "2025-10-01", "accepted", id, true, 1 },
      { entry.name, entry.state, entry.receipt, entry.newest, entry.attempts })
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", entry.changed)
    assert.same({}, cjson.decode(lines("history other --json")[1]).entries)
  end)

  it("prints nothing that moves a terminal, from whatever source", function()
    local name = "l\27[2J\255.csv"
    folder.write(name, load.csv(96))
    run { "ravenwits", "submit", name, "--retailer", "123" }
    assert.matches("l\\u001b[2J\\xff.csv", lines("history")[1], 1, true)
    assert.matches("\\xff.csv", cjson.decode(lines("history --json")[1]).entries[1].source, 1, true)
  end)

  it("makes no ledger where there is none", function()
    local result = run "history"
    assert.same({ 6, "", "purchases: job.db: there is no ledger; name one with --ledger PATH, or PURCHASES_LEDGER\n" },
      { result.code, result.stdout, result.stderr })
    assert.is_nil(folder.contents "job.db")
  end)

  it("refuses what is no ledger, and days that are none", function()
    folder.write("job.db", "somebody's file, and no ledger")
    local result = run "history"
    assert.equal(6, result.code)
    assert.matches("job.db: is not a ledger", result.stderr, 1, true)
    result = run "history --from 1.10.2025"
    assert.same({ 2, "purchases: --from must be a day such as 2026-03-29; see 'purchases history --help'\n" },
      { result.code, result.stderr })
    assert.equal("somebody's file, and no ledger", command.contents(folder.path .. "/job.db"))
  end)
end)
