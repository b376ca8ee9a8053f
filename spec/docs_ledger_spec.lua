-- docs/ledger.md holds: its consoles print what they show, and what a ledger says when it cannot be used is what the
-- page explains.
local command = require "spec.support.command"
local desks = require "spec.support.desk"
local load = require "spec.support.load"
local pages = require "spec.support.pages"
local sales = require "spec.support.sales"

local page = pages.open "docs/ledger.md"

describe("docs/ledger.md", function()
  local desk = desks.new({ pending_seconds = 0, in_progress_seconds = 0, queue_seconds = 0 },
    { PURCHASES_LEDGER = "ledger.db" })
  local folder = desk.folder

  before_each(function()
    folder.write("load.csv", load.csv(288))
    folder.write("sales.ndjson", sales.lines(1, 5))
  end)

  local function run(block, env)
    return pages.transcript(block, { directory = folder.path, env = desk.environment(env) })
  end

  local SUBMIT = "ravenwits submit load.csv --retailer 123 --tz Europe/Madrid"

  local function prepare(...)
    return desk.run({ ... }).code
  end

  local function submit()
    return desk.run(SUBMIT).code
  end

  -- Leaves the first day unknown.
  local function kill()
    desk.kill(SUBMIT .. " --concurrency 1", "submit")
  end

  local first, second = page:take("console", "The ledger"), page:take("console", "The ledger")

  it("shows that the same command goes on", function()
    folder.write("load.csv", load.csv(192))
    assert.equal(0, run(first))
    folder.write("load.csv", load.csv(288))
    assert.equal(0, run(second))
  end)

  local history, status = page:take("console", "What was sent"), page:take("console", "What was sent")

  it("shows what was sent", function()
    assert.equal(0, submit())
    assert.equal(0, run(history))
    assert.equal(0, run(status))
  end)

  local UNKNOWN = "unknown: it may have arrived"
  local unknown, settle, retry = page:take("console", UNKNOWN), page:take("console", UNKNOWN),
    page:take("console", UNKNOWN)

  it("shows what to do with what is unknown", function()
    kill()
    assert.equal(1, run(unknown))
    assert.equal(0, run(settle))
    assert.equal(0, submit())
    assert.equal(0, prepare("ledger", "forget", "--day", "2025-10-01", "--yes"))
    kill()
    assert.equal(0, run(retry))
    assert.equal(0, submit())
  end)

  local rejected = page:take("console", "rejected")

  it("shows what to do with what is rejected", function()
    desk.sandbox:fault { path = "submit", status = 400 }
    assert.equal(1, submit())
    assert.equal(0, run(rejected))
    assert.equal(0, submit())
  end)

  local changed = page:take("console", "changed: it was accepted with other content")
  local again = page:take("console", "A workflow failed, or is to run again")
  local wait = page:take("console", "It was killed while it waited for workflows")

  it("shows what to do with what has changed, failed, or not ended", function()
    assert.equal(0, submit())
    folder.write("load.csv", (load.csv(288):gsub(",1.5\n", ",7.5\n", 1)))
    assert.equal(1, submit())
    assert.equal(0, run(changed))
    folder.write("load.csv", load.csv(288))
    assert.equal(0, prepare("ledger", "forget", "--day", "2025-10-03", "--yes"))
    assert.equal(0, run(again))
    assert.equal(0, run(wait))
  end)

  local held = page:take("console", "Another process has the account")

  it("shows who has the account", function()
    desk.kill(SUBMIT, "submit", function()
      assert.equal(6, run(held))
    end)
  end)

  local same, other = page:take("console", "The key is another one"), page:take("console", "The key is another one")
  local lost = page:take("console", "The ledger is lost, or another one was used")
  local forget = page:take("console", "Something was deleted at the API")
  local prune = page:take("console", "It grows")

  it("shows what to do with another key, another ledger, what was deleted, and what is old", function()
    assert.equal(0, prepare("woowup", "create", "sales.ndjson"))
    local key = { WOOWUP_API_KEY = "another-woowup-key" }
    assert.equal(6, desk.run("woowup create sales.ndjson", { env = key }).code)
    assert.equal(0, run(same, key))
    assert.equal(0, run(other))
    assert.equal(0, run(lost))
    assert.equal(0, run(prune))
    assert.equal(0, prepare("ledger", "forget", "--account", "shop-2", "--yes"))
    assert.equal(0, run(forget))
  end)

  it("explains what a ledger says that cannot be used", function()
    local texts = command.contents(command.root .. "/lua/purchases/ledger/fault.lua")
    local count = 0
    for words in page.text:match "| it says |.-\n\n":gmatch "\n| `([^`]+)` |" do
      count = count + 1
      assert.matches(words, texts, 1, true)
    end
    assert.equal(9, count)
  end)

  pages.has_no_more(page)
end)
