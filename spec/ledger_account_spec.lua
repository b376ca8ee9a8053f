-- Who may send for an account, and what is found when it is taken.
local command = require "spec.support.command"
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"
local merge = require("spec.support.common").merge

local SHOP, CUSTOMER = ledgers.SHOP, ledgers.CUSTOMER

describe("an account of a ledger", function()
  local folder, path, opened

  before_each(function()
    folder = ledgers.folder()
    path = folder .. "/job.db"
    opened = assert(ledger.open(path))
  end)
  after_each(function()
    opened:close()
    ledgers.remove(folder)
  end)

  local HOLD = [[
    local account = assert(ledger.open(path):account(ledgers.SHOP))
    print "ready"
    wait()
    account:close()
    wait()
  ]]

  local function hold()
    local child = ledgers.start(HOLD, path)
    assert(child:wait_for("stdout", "ready"), child:read "stderr")
    return child
  end

  it("is one process's at a time, which the refusal names", function()
    local child = hold()
    local account, err = opened:account(SHOP)
    assert.is_nil(account)
    assert.same({ "ledger", "held", tonumber(child.pid) }, { err.kind, err.code, err.pid })
    assert.equal(("%s: woowup shop is being sent by process %s since %s"):format(path, child.pid,
      os.date("%H:%M", math.floor(err.since / 1000))), err.message)
    assert(math.abs(err.since / 1000 - os.time()) < 60)
    assert(opened:account(CUSTOMER)):close() -- others go on side by side
    child:signal "KILL"
    child:wait()
    assert(opened:account(SHOP)):close()
  end)

  it("is named without a name where there is none, and with the day where that is another", function()
    local about = merge(SHOP, { name = "" })
    local account = assert(opened:account(about))
    local lock = opened.store.sqlite.lock(path .. "-lock")
    assert(lock:write(account.id, "4711 1764493920000"))
    assert.equal(path .. ": woowup is being sent by process 4711 since " .. os.date("%Y-%m-%d %H:%M", 1764493920),
      select(2, opened:account(about)).message)
    assert(lock:write(account.id, ""))
    assert.equal(path .. ": woowup is being sent by another process", select(2, opened:account(about)).message)
    account:close()
  end)

  it("is one job's at a time in one process, too", function()
    local account = assert(opened:account(SHOP))
    assert.equal("held", select(2, opened:account(SHOP)).code)
    account:close()
    account:close()
    assert(opened:account(SHOP)):close()
  end)

  it("is let go of by whoever forgets to close it, and is kept by nobody else", function()
    local account = assert(opened:account(SHOP))
    local kept = setmetatable({ account }, { __mode = "v" })
    assert.equal("held", select(2, opened:account(SHOP)).code)
    assert.equal(account, kept[1])
    account = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_nil(kept[1])
    assert(opened:account(SHOP)):close()
  end)

  it("is waited for, as long as one likes", function()
    local child = hold()
    local _, err = opened:account(SHOP, {}, 0.05)
    assert.equal("held", err.code)
    command.write_file(path .. "-go", "")
    local account = assert(opened:account(SHOP, {}, 60))
    account:close()
    child:wait()
  end)

  it("is told apart by its API, its address and its name", function()
    local ids = {}
    for _, other in ipairs { {}, { provider = "curebit" }, { base_url = "http://127.0.0.1:8080" }, { name = "b" } } do
      local account = assert(opened:account(merge(SHOP, other)))
      assert.is_nil(ids[account.id])
      ids[account.id] = true
    end
  end)

  it("is refused to another key, of which it keeps a fingerprint alone", function()
    local about = merge(SHOP, { secret = "the first key" })
    assert(opened:account(SHOP)):close()
    assert(opened:account(about)):close()
    assert(opened:account(about)):close()
    assert(opened:account(SHOP)):close()
    about.secret = "another key"
    local account, err = opened:account(about)
    assert.is_nil(account)
    assert.equal("other_key", err.code)
    assert(err.message:find("woowup shop", 1, true) and err.message:find("--same-account", 1, true)
      and err.message:find("--account NAME", 1, true), err.message)
    assert(opened:account(merge(about, { name = "other" }))):close()
    assert(opened:account(merge(about, { same_account = true }))):close()
    assert(opened:account(about)):close()
    assert.equal("other_key", select(2, opened:account(merge(SHOP, { secret = "the first key" }))).code)
    opened:close()
    for _, ending in ipairs { "", "-wal", "-lock" } do
      local text = command.contents(path .. ending) or ""
      assert.is_nil(text:find("first key", 1, true) or text:find("another key", 1, true))
    end
    local other = assert(ledger.open(folder .. "/other.db"))
    assert(other:account(about))
    local function fingerprint(file)
      local store = assert(ledger.open(file)).store
      return store:list("SELECT key_print FROM account WHERE name = 'shop'")[1]
    end
    assert.are_not.equal(fingerprint(path), fingerprint(folder .. "/other.db"))
    other:close()
  end)

  -- A process that is killed while it sends the first of two.
  local function killed(account, first, second)
    ledgers.kill(([[
      local account = assert(ledger.open(path):account(%s))
      local first, second = %s, %s
      assert(account:commit({}, { first, second }))
      assert(account:commit({ ledgers.accepted(second) }, {}))
      print "ready"
      wait()
    ]]):format(account, first, second), path)
  end

  it("has pending, with the mark that it may have arrived, what a killed process sent by keys", function()
    killed("ledgers.SHOP", 'ledgers.bulk { "a", "b" }', 'ledgers.bulk { "c" }')
    assert.equal("pending maybe 2, accepted 1", ledgers.states(opened))
    local account = assert(opened:account(SHOP))
    assert.equal(1, account.orphans)
    assert.equal("pending maybe 2, accepted 1", ledgers.states(opened))
    assert.same({ "maybe", "maybe", "accepted" },
      (account:known({ "a", "b", "c" }, { ledgers.digest(), ledgers.digest(), ledgers.digest() })))
    account:close()
    account = assert(opened:account(SHOP))
    assert.equal(0, account.orphans)
  end)

  it("has unknown what a killed process sent without keys", function()
    killed("ledgers.CUSTOMER", 'ledgers.day "2026-07-01"', 'ledgers.day "2026-07-02"')
    assert.equal("unknown 1, accepted 1", ledgers.states(opened))
    local account = assert(opened:account(CUSTOMER))
    assert.equal(1, account.orphans)
    local found = assert(account:batch("2026-07-01", ledgers.digest(), "2026-07-01 00:00", "2026-07-01 23:45"))
    assert.same({ "unknown", "killed", true }, { found.state, found.code, found.is_same })
  end)

  it("leaves alone what another account sends", function()
    local child = ledgers.start([[
      local account = assert(ledger.open(path):account(ledgers.SHOP))
      assert(account:commit({}, { ledgers.bulk { "a" } }))
      print "ready"
      wait()
    ]], path)
    assert(child:wait_for("stdout", "ready"), child:read "stderr")
    assert(opened:account(CUSTOMER)):close()
    assert.equal("sending 1", ledgers.states(opened))
    child:signal "KILL"
    child:wait()
    assert.equal("pending maybe 1", ledgers.states(opened))
  end)

  it("shares its ledger with the other accounts' jobs, each of which gets its turn", function()
    local children = {}
    for i = 1, 3 do
      children[i] = ledgers.start([[
        local about = { provider = "woowup", base_url = "u", keyed = true, name = os.getenv "NAME" }
        local account = assert(ledger.open(path):account(about))
        for i = 1, 200 do
          ledgers.accept(account, ledgers.bulk { tostring(i) })
        end
      ]], path, { NAME = i })
    end
    for _, child in ipairs(children) do
      local result = child:wait()
      assert.same({ 0, "" }, { result.code, result.stderr })
    end
    for _, entry in ipairs(opened:status()) do
      assert.equal(200, entry.counts.accepted)
    end
    assert.equal(3, #opened:status())
  end)

  it("writes down its run", function()
    local account = assert(opened:account(SHOP, { source = "july.csv", operation = "create" }))
    ledgers.accept(account, ledgers.bulk { "a" })
    local entry = assert(opened:history())()
    assert.same({ "july.csv", command.output_of "hostname", account.run }, { entry.source, entry.host, entry.run })
    assert(math.abs(entry.since / 1000 - os.time()) < 60)
    local function ended()
      return opened.store:list("SELECT ended FROM run WHERE id = ?1", account.run)[1]
    end
    assert.is_false(ended())
    account:close()
    assert(math.abs(ended() / 1000 - os.time()) < 60)
  end)

  it("goes on where the clock was set back", function()
    local sqlite = opened.store.sqlite
    local now = sqlite.now
    finally(function()
      sqlite.now = now
    end)
    local account = assert(opened:account(SHOP))
    local record, late = ledgers.bulk { "a" }, ledgers.bulk { "b" }
    assert(account:commit({}, { record }))
    function sqlite.now()
      return now() - 1e9
    end
    assert(account:commit({ ledgers.accepted(record) }, { late }))
    assert(account:commit({ ledgers.ended(late, "pending", { due = now() + 1000 }) }, {}))
    assert.equal("accepted 1, pending 1", ledgers.states(opened))
    account:close()
    assert(opened:account(SHOP)):close()
    assert.equal("accepted 1, pending 1", ledgers.states(opened))
  end)

  it("takes no option that it does not know", function()
    assert.has_error(function()
      opened:account(merge(SHOP, { key = "k" }))
    end, "ledger:account: unknown option 'key' (there are: base_url, keyed, name, provider, same_account, secret)")
    assert.has_error(function()
      opened:account { provider = "woowup", base_url = "u" }
    end, "ledger:account: option 'keyed' is missing")
  end)
end)
