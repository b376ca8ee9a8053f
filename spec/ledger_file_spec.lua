-- The file of a ledger: made, opened, brought up to date, and refused.
local command = require "spec.support.command"
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"
local migrations = require "purchases.ledger.migrations"
local sqlite = require "purchases.sqlite"

local SHOP = ledgers.SHOP

describe("the file of a ledger", function()
  local folder, path

  before_each(function()
    folder = ledgers.folder()
    path = folder .. "/state/purchases/job.db"
  end)
  after_each(function()
    ledgers.remove(folder)
  end)

  local function mode(name)
    return command.output_of("stat -c %a " .. command.quote(name))
  end

  -- Runs SQL in a file of SQLite's, which is made where it is not there.
  local function execute(sql)
    os.execute(("mkdir -p %s; touch %s"):format(command.quote(path:match "^(.*)/"), command.quote(path)))
    local db = assert(sqlite.open(path, 0))
    assert(db:execute(sql))
    db:close()
  end

  local function refused(code, ...)
    local opened, err = ledger.open(path, { busy_timeout = 0.1 })
    assert.is_nil(opened)
    assert.same({ "ledger", code }, { err.kind, err.code })
    assert.equal(path .. ": ", err.message:sub(1, #path + 2))
    for _, words in ipairs { ... } do
      assert(err.message:find(words, 1, true), err.message)
    end
    return err
  end

  -- The same, and the file is byte for byte what it was.
  local function refused_untouched(code, ...)
    local before = command.contents(path)
    refused(code, ...)
    assert.equal(before, command.contents(path))
  end

  it("is made for its owner alone, with its folder", function()
    local opened = assert(ledger.open(path))
    assert.is_true(opened.is_new)
    assert.equal(path, opened.path)
    local account = assert(opened:account(SHOP))
    for _, name in ipairs { "", "-lock", "-reserve", "-wal", "-shm" } do
      assert.equal("600", mode(path .. name))
    end
    for _, name in ipairs { "/state", "/state/purchases" } do
      assert.equal("700", mode(folder .. name))
    end
    account:close()
    opened:close()
    opened:close()
    assert.is_nil(command.contents(path .. "-wal"))
  end)

  it("is there with all that was in it when it is opened again", function()
    local opened = assert(ledger.open(path))
    local account = assert(opened:account(SHOP))
    ledgers.accept(account, ledgers.bulk { "a", "b" })
    opened:close()
    opened = assert(ledger.open(path))
    assert.is_false(opened.is_new)
    assert.equal("accepted 2", ledgers.states(opened))
    opened:close()
  end)

  describe("has a log that", function()
    local opened, account

    before_each(function()
      opened = assert(ledger.open(path))
      account = assert(opened:account(SHOP))
    end)
    after_each(function()
      opened:close()
    end)

    local function size(ending)
      return tonumber(command.output_of("stat -c %s " .. path .. ending))
    end

    -- Accepts a bulk of some 120 pages.
    local function fill(i)
      local keys = {}
      for j = 1, 100 do
        keys[j] = ("%d %d %s"):format(j, i, ("x"):rep(3500))
      end
      ledgers.accept(account, ledgers.bulk(keys))
    end

    it("is synced with every commit, and stays short", function()
      local db = opened.store
      assert.same({ "wal", 2, 67108864 }, { db:list("PRAGMA journal_mode")[1], db:list("PRAGMA synchronous")[1],
        db:list("PRAGMA journal_size_limit")[1] })
      local longest = 0
      for i = 1, 60 do
        fill(i)
        longest = math.max(longest, size "-wal")
      end
      assert(longest < 40 * 2 ^ 20, longest)
    end)

    it("is moved into the file by whatever makes it long", function()
      for i = 1, 17 do
        fill(i)
      end
      assert(size "" < 2 ^ 20)
      assert.equal(1700, opened:forget())
      assert(size "" > 2 ^ 20)
    end)
  end)

  it("is the same by whatever link it is named", function()
    local opened = assert(ledger.open(path))
    os.execute(("ln -s %s %s/link.db && ln -s %s %s/folder"):format(path, folder, path:match "^(.*)/", folder))
    local account = assert(opened:account(SHOP))
    for _, name in ipairs { "/link.db", "/folder/job.db" } do
      local other = assert(ledger.open(folder .. name))
      assert.equal("held", select(2, other:account(SHOP)).code)
      other:close()
    end
    account:close()
    opened:close()
  end)

  it("takes the place of an empty file", function()
    os.execute("mkdir -p " .. path:match "^(.*)/" .. "; touch " .. path)
    local opened = assert(ledger.open(path))
    assert.is_true(opened.is_new)
    assert.equal("600", mode(path))
    opened:close()
  end)

  it("begins anew where it was deleted, whatever was left beside it", function()
    ledgers.kill([[
      local account = assert(ledger.open(path):account(ledgers.SHOP))
      ledgers.accept(account, ledgers.bulk { "a" })
      print "ready"
      wait()
    ]], path)
    assert(#command.contents(path .. "-wal") > 0)
    os.remove(path)
    command.write_file(path .. "-new", "half of it")
    local opened = assert(ledger.open(path))
    assert.equal("", ledgers.states(opened))
    assert.is_nil(command.contents(path .. "-new"))
    opened:close()
  end)

  it("is refused where it is none", function()
    os.execute("mkdir -p " .. path:match "^(.*)/")
    for _, text in ipairs { "invoice;total\n1;2\n", "x", ("x"):rep(10000) } do
      command.write_file(path, text)
      refused_untouched("foreign", "is not a ledger", "--ledger PATH", "--no-ledger")
    end
    os.remove(path)
    execute "CREATE TABLE batch (id); INSERT INTO batch VALUES (1)"
    refused_untouched "foreign"
    execute "PRAGMA journal_mode = WAL; PRAGMA application_id = 7"
    refused_untouched "foreign"
    os.execute(("rm %s; mkdir %s"):format(path, path))
    refused "foreign"
  end)

  it("is refused where a newer version has written it", function()
    ledger.open(path):close()
    execute(("PRAGMA user_version = %d"):format(#migrations + 1))
    refused_untouched("newer", "version " .. #migrations + 1, "--ledger PATH", "--no-ledger")
    -- and where that stands in its log alone
    execute "PRAGMA user_version = 1"
    ledgers.kill([[
      local db = require("purchases.sqlite").open(path, 0)
      assert(db:execute "PRAGMA user_version = 99")
      print "ready"
      wait()
    ]], path)
    refused_untouched("newer", "version 99")
  end)

  describe("of an older version", function()
    local added

    local function add(sql)
      added = added + 1
      table.insert(migrations, sql)
    end

    before_each(function()
      added = 0
      local opened = assert(ledger.open(path))
      ledgers.accept(assert(opened:account(SHOP)), ledgers.bulk { "a" })
      opened:close()
    end)
    after_each(function()
      for _ = 1, added do
        table.remove(migrations)
      end
    end)

    it("is brought up to this one", function()
      add "ALTER TABLE batch ADD COLUMN colour TEXT; UPDATE batch SET colour = 'red'"
      add "CREATE TABLE later (id)"
      local opened = assert(ledger.open(path))
      assert.same({ "red" }, (opened.store:list "SELECT colour FROM batch"))
      assert.same({ #migrations }, (opened.store:list "PRAGMA user_version"))
      opened:close()
      opened = assert(ledger.open(path))
      assert.equal("accepted 1", ledgers.states(opened))
      opened:close()
    end)

    it("stays what it was where that fails", function()
      local version = #migrations
      add "CREATE TABLE good (id)"
      add "CREATE TABLE half (id); INSERT INTO nowhere VALUES (1)"
      refused("database_error", "nowhere")
      table.remove(migrations)
      added = added - 1
      local opened = assert(ledger.open(path))
      assert.same({ version + 1 }, (opened.store:list "PRAGMA user_version"))
      assert.same({ 1 }, (opened.store:list "SELECT count(*) FROM sqlite_master WHERE name IN ('good', 'half')"))
      opened:close()
    end)
  end)

  describe("that nobody closed", function()
    local KILLED = [[
      local opened = assert(ledger.open(path))
      local account = assert(opened:account(ledgers.SHOP))
      for i = 1, 50 do
        ledgers.accept(account, ledgers.bulk { ("key %d %s"):format(i, ("x"):rep(1000)) })
      end
      opened.store.db:checkpoint(0)
      ledgers.accept(account, ledgers.bulk { "last" })
      print "ready"
      wait()
    ]]

    it("is what it was", function()
      ledgers.kill(KILLED, path)
      local opened = assert(ledger.open(path))
      assert.equal(51, opened:status()[1].counts.accepted)
      opened:close()
    end)

    -- Overwrites pages in the middle, which the header says nothing of, nor the log.
    local function damage()
      local file = assert(io.open(path, "r+b"))
      file:seek("set", 8 * 4096)
      file:write(("\255"):rep(4 * 4096))
      file:close()
    end

    it("is refused where it is damaged", function()
      ledgers.kill(KILLED, path)
      damage()
      local log = command.contents(path .. "-wal")
      refused_untouched("damaged", "restore a copy", "--ledger PATH", "--no-ledger")
      assert.equal(log, command.contents(path .. "-wal"))
    end)

    it("is refused where damage shows later", function()
      ledgers.kill(KILLED, path)
      ledger.open(path):close() -- from now on it was closed well
      damage()
      local opened = assert(ledger.open(path))
      local keys, digests = {}, {}
      for i = 1, 50 do
        keys[i], digests[i] = ("key %d %s"):format(i, ("x"):rep(1000)), ledgers.digest()
      end
      local states, err = assert(opened:account(SHOP)):known(keys, digests)
      assert.is_nil(states)
      assert.same({ "ledger", "damaged" }, { err.kind, err.code })
      opened:close()
    end)
  end)

  it("is refused on file systems that are not local", function()
    local disk = ledgers.bad_disk(folder)
    for kind, name in pairs { ["6969"] = "NFS", FF534D42 = "SMB", ["65735546"] = "FUSE", ["1021997"] = "9p" } do
      local said = ledgers.run([[
        local opened, err = ledger.open(path)
        print(opened, err.code, err.message)
      ]], path, { LD_PRELOAD = disk, DISK_TYPE = kind })
      assert.equal(("nil\tnetwork_file_system\t%s: is on %s, where a ledger is not safe: keep it on a local disk; "
        .. "name another ledger (--ledger PATH), or go without one (--no-ledger)"):format(path, name), said)
    end
    local local_disk = { LD_PRELOAD = disk, DISK_TYPE = "EF53" }
    assert.equal("true", ledgers.run("print(ledger.open(path).is_new)", path, local_disk))
  end)

  it("is refused where nothing can be written", function()
    for _, name in ipairs { "/proc/job.db", "/proc/self/fd/nowhere/job.db" } do
      path = name
      refused("read_only", "cannot be opened or written", "--ledger PATH", "--no-ledger")
    end
    path = command.write_file(folder .. "/file", "") .. "/job.db"
    refused "read_only"
  end)

  it("is refused in a folder that may only be read", function()
    if command.output_of "unshare -rm true && echo yes" ~= "yes" then
      pending "nobody may mount anything here"
    end
    ledger.open(path):close()
    local script = command.write_file(folder .. "/read.lua", [[
      local opened, err = require("purchases.ledger").open(...)
      print(opened, err.code)
    ]])
    assert.equal("nil\tread_only", command.output_of(([[
      cd %s && unshare -rm sh -c 'mount --bind %s %s && mount -o remount,ro,bind %s && exec %s %s %s']]):format(
      command.root, folder, folder, folder, command.lua, script, path)))
  end)

  it("is refused to an nginx worker", function()
    package.loaded.ngx = { sleep = true, timer = true }
    local _, err = ledger.open(path)
    package.loaded.ngx = nil
    assert.equal("in_nginx", err.code)
    for _, way in ipairs { "command beside nginx", "run_worker_thread", "without a ledger" } do
      assert(err.message:find(way, 1, true), err.message)
    end
    assert.is_nil(command.contents(path))
  end)

  it("is refused where the library was built without SQLite", function()
    assert.equal(("nil\tnot_built\t%s: no ledger can be kept: this build has no purchases.sqlite; install SQLite "
      .. "(Debian: libsqlite3-dev) and build again, or go without one (--no-ledger)"):format(path), ledgers.run([[
      package.preload["purchases.sqlite"] = function()
        error "not found"
      end
      local opened, err = ledger.open(path)
      print(opened, err.code, err.message)
    ]], path))
  end)

  it("waits for whoever makes it, and no longer than it is told", function()
    path = folder .. "/job.db"
    local lock = assert(sqlite.lock(path .. "-lock"))
    assert(lock:take(0, false, 0))
    refused("busy", "another process")
    lock:close()
    ledger.open(path):close()
  end)

  it("is opened by several at once, new as it is", function()
    local children = {}
    for i = 1, 6 do
      children[i] = ledgers.start([[
        local opened = assert(ledger.open(path))
        print(opened.is_new)
        opened:close()
      ]], path)
    end
    local count = 0
    for _, child in ipairs(children) do
      local result = child:wait()
      assert.same({ 0, "" }, { result.code, result.stderr })
      count = count + (result.stdout == "true\n" and 1 or 0)
    end
    assert.equal(1, count)
  end)

  it("is named by a text alone", function()
    for _, wrong in ipairs { 7, "", "a\0b" } do
      assert.has_error(function()
        ledger.open(wrong)
      end, "ledger.open: the path must be a text without NUL")
    end
    assert.has_error(function()
      ledger.open(path, { busy = 1 })
    end, "ledger.open: unknown option 'busy' (there are: busy_timeout)")
  end)
end)
