-- A ledger on a bad disk, and beside others: what is not on the disk is not sent, and what is known is not lost.
local command = require "spec.support.command"
local ledger = require "purchases.ledger"
local ledgers = require "spec.support.ledgers"
local sqlite = require "purchases.sqlite"

local SHOP = ledgers.SHOP

describe("a ledger", function()
  local folder, path

  before_each(function()
    folder = ledgers.folder()
    path = folder .. "/job.db"
  end)
  after_each(function()
    ledgers.remove(folder)
  end)

  -- What the ledger has in each state.
  local function counts()
    local opened = assert(ledger.open(path))
    local status = assert(opened:status())[1]
    opened:close()
    return status and status.counts
  end

  describe("on a full disk", function()
    -- Grants some, and then has the disk full when their answers come and others are to be sent.
    local FILL = [[
      local opened = assert(ledger.open(path))
      local account = assert(opened:account(ledgers.SHOP))
      local sent = { ledgers.bulk { "a" }, ledgers.bulk { "b" }, ledgers.bulk { "c" } }
      assert(account:commit({}, sent))
      FULL()
      local next_one = ledgers.bulk { "d" }
      local ok, err = account:commit({ ledgers.accepted(sent[1]), ledgers.ended(sent[2], "rejected") }, { next_one })
      print(ok, err.code, err.message, next_one.id)
      print((account:commit({ ledgers.accepted(sent[3]) }, {}))) -- what was in flight comes in later
      print((io.open(path .. "-reserve")))
      account:close()
      opened:close()
    ]]

    local function said_of(reason)
      return ("nil\tdisk_full\t%s: has no room left (%s): make some, and run the same command again\tnil\ntrue\nnil")
        :format(path, reason)
    end

    it("writes down the answers that it has, and grants nothing", function()
      local env = { LD_PRELOAD = ledgers.bad_disk(folder), DISK_FULL = folder .. "/full" }
      local script = FILL:gsub("FULL%(%)", [[
        os.execute("ln " .. path .. "-reserve " .. os.getenv "DISK_FULL")
        local remove = opened.store.sqlite.place.remove
        opened.store.sqlite.place.remove = function(name)
          remove(name)
          os.remove(os.getenv "DISK_FULL")
        end
      ]])
      assert.equal(said_of "database or disk is full", ledgers.run(script, path, env))
      assert.same({ accepted = 2, rejected = 1 }, counts())
      local opened = assert(ledger.open(path))
      assert(opened:account(SHOP)):close()
      opened:close()
      assert.equal("1048576", command.output_of("stat -c %s " .. path .. "-reserve"))
    end)

    local function in_tmpfs(size, script)
      if command.output_of "unshare -rm true && echo yes" ~= "yes" then
        pending "nobody may mount anything here"
      end
      local file = command.write_file(folder .. "/script.lua", [[
        local ledger, ledgers, path = require "purchases.ledger", require "spec.support.ledgers", ...
      ]] .. script)
      return command.output_of(("cd %s && unshare -rm sh -c 'mount -t tmpfs -o size=%s none %s/disk && exec %s %s %s'")
        :format(command.root, size, folder, command.lua, file, path))
    end

    it("does so on a real one", function()
      os.execute("mkdir " .. folder .. "/disk")
      path = folder .. "/disk/job.db"
      local said = in_tmpfs("1400k", FILL:gsub("FULL%(%)", [[
        local file = io.open(path .. "-filler", "w")
        file:setvbuf "no"
        while file:write(("x"):rep(4096)) do end
        file:close()
      ]]) .. [[
        opened = assert(ledger.open(path))
        print(opened:status()[1].counts.accepted)
      ]])
      assert.equal(said_of "database or disk is full" .. "\n2", said)
    end)

    it("begins nothing where there is no room for the reserve", function()
      os.execute("mkdir " .. folder .. "/disk")
      path = folder .. "/disk/job.db"
      assert.equal(("nil\tdisk_full\t%s: has no room left (No space left on device): make some, and run the same "
        .. "command again\nnil"):format(path), in_tmpfs("1m", [[
        local opened = assert(ledger.open(path))
        local account, err = opened:account(ledgers.SHOP)
        print(account, err.code, err.message)
        print((io.open(path .. "-reserve")))
      ]]))
    end)

    it("is as good as full where files may not grow", function()
      local script = command.write_file(folder .. "/script.lua", [[
        local ledger, ledgers, path = require "purchases.ledger", require "spec.support.ledgers", ...
        require("purchases.core").system.begin_command(false)
        local opened = assert(ledger.open(path))
        local account = assert(opened:account(ledgers.SHOP))
        local count, ok, err = 0, nil, nil
        repeat
          local record = ledgers.bulk { ("%d %s"):format(count, ("x"):rep(5000)) }
          ok, err = account:commit({}, { record })
          count = count + 1
        until not ok or count == 1000
        print(err.code, count < 1000)
        opened:close()
      ]])
      assert.equal("disk_full\ttrue", command.output_of(("cd %s && bash -c 'ulimit -f 1200; exec %s %s %s'"):format(
        command.root, command.lua, script, path)))
    end)
  end)

  describe("on a disk that fails to sync", function()
    local function run(script)
      return ledgers.run([[
        local opened = assert(ledger.open(path))
        local account = assert(opened:account(ledgers.SHOP))
        local function fail()
          io.open(os.getenv "DISK_FAILS", "w"):close()
        end
      ]] .. script, path, { LD_PRELOAD = ledgers.bad_disk(folder), DISK_FAILS = folder .. "/fails" })
    end

    it("is given up, even where the disk seems well again", function()
      assert.equal(("nil\tio_error\t%s: was given up, for its disk failed (disk I/O error): nothing more is sent; see "
        .. "to the disk before you run the same command again"):format(path) .. ("\nnil\tio_error"):rep(3),
        run [[
          local record = ledgers.bulk { "a" }
          assert(account:commit({}, { record }))
          fail()
          local ok, err = account:commit({ ledgers.accepted(record) }, { ledgers.bulk { "b" } })
          print(ok, err.code, err.message)
          os.remove(os.getenv "DISK_FAILS")
          ok, err = account:commit({ ledgers.accepted(record) }, {})
          print(ok, err.code)
          ok, err = account:known({ "a" }, { "12345678" })
          print(ok, err.code)
          ok, err = opened:status()
          print(ok, err.code)
          opened:close()
        ]])
      assert(#command.contents(path .. "-wal") > 0) -- closing it wrote nothing either
      os.remove(folder .. "/fails")
      local left = counts()
      assert.is_true((left.pending or left.accepted) == 1)
    end)

    it("is given up when its log cannot be moved into the file, with what is in the log", function()
      assert.equal("true\nnil\tio_error", run [[
        local query = opened.store:query "COMMIT"
        opened.store.queries.COMMIT = { run = function()
          local committed = assert(query:run())
          fail()
          opened.store.db:checkpoint(0)
          return committed
        end }
        local record = ledgers.bulk { "a" }
        print((account:commit({}, { record })))
        local ok, err = account:commit({ ledgers.accepted(record) }, {})
        print(ok, err.code)
        opened:close()
      ]])
      os.remove(folder .. "/fails")
      assert.same({ pending = 1 }, counts())
    end)
  end)

  describe("beside others", function()
    it("waits for whoever writes, and not for ever", function()
      local opened = assert(ledger.open(path, { busy_timeout = 0.1 }))
      local account = assert(opened:account(SHOP))
      local other = assert(sqlite.open(path, 0))
      assert(other:execute "BEGIN IMMEDIATE")
      local record = ledgers.bulk { "a" }
      local ok, err = account:commit({}, { record })
      assert.is_nil(ok)
      assert.same({ "busy", path .. ": was held by another process for too long (database is locked): run the same "
        .. "command again when that has ended" }, { err.code, err.message })
      assert.is_nil(record.id)
      assert(other:execute "COMMIT")
      other:close()
      assert(account:commit({}, { record }))
      opened:close()
    end)

    it("is held up by no reader, however long it reads", function()
      local opened = assert(ledger.open(path, { busy_timeout = 0.1 }))
      local account = assert(opened:account(SHOP))
      ledgers.accept(account, ledgers.bulk { "a" })
      local child = ledgers.start([[
        local db = assert(require("purchases.sqlite").open(path, 0))
        assert(db:execute "BEGIN; SELECT * FROM batch")
        print "ready"
        wait()
        local query = assert(db:prepare "SELECT count(*) FROM batch")
        print(query:list()[1])
      ]], path)
      assert(child:wait_for("stdout", "ready"), child:read "stderr")
      for i = 1, 300 do
        ledgers.accept(account, ledgers.bulk { ("%d %s"):format(i, ("x"):rep(3000)) })
        assert(opened.store.db:checkpoint(0))
      end
      assert.equal(301, opened:status()[1].counts.accepted)
      command.write_file(path .. "-go", "")
      assert.equal("ready\n1\n", child:wait().stdout)
      opened:close()
    end)

    it("is of no use to a forked child, which harms nothing", function()
      local said = ledgers.run([[
        local has_ffi, ffi = pcall(require, "ffi")
        if not has_ffi then
          return print "none"
        end
        ffi.cdef "int fork(void); int waitpid(int, int *, int); void _exit(int);"
        local opened = assert(ledger.open(path))
        local account = assert(opened:account(ledgers.SHOP))
        local record = ledgers.bulk { "a" }
        assert(account:commit({}, { record }))
        local child = ffi.C.fork()
        if child == 0 then
          local ok, err = account:commit({ ledgers.accepted(record) }, {})
          print(ok, err.code, err.message)
          ok, err = opened:status()
          print(ok, err.code)
          opened:close()
          local other = assert(ledger.open(path))
          print(select(2, other:account(ledgers.SHOP)).code)
          other:close()
          io.stdout:flush()
          ffi.C._exit(0)
        end
        ffi.C.waitpid(child, nil, 0)
        assert(account:commit({ ledgers.accepted(record) }, {}))
        print(opened:status()[1].counts.accepted, opened:status()[1].holder.pid ~= nil)
        opened:close()
      ]], path)
      assert.equal(command.lua == "luajit" and ("nil\tforked\t%s: belongs to the process that opened it: open it anew "
        .. "after a fork\nnil\tforked\nheld\n1\ttrue"):format(path) or "none", said)
    end)
  end)

  it("keeps all that a killed process was told is written", function()
    for i = 1, 20 do
      local child = ledgers.start([[
        local account = assert(ledger.open(path):account(ledgers.SHOP))
        for i = 1, 1e9 do
          ledgers.accept(account, ledgers.bulk { os.getenv "RUN" .. " " .. i })
          print(i)
        end
      ]], path, { RUN = i })
      assert(child:wait_for("stdout", ("%d\n"):format(i * 3)), child:read "stderr")
      child:signal "KILL"
      local told = tonumber(child:wait().stdout:match "(%d+)\n[^\n]*$")
      local opened = assert(ledger.open(path))
      local account = assert(opened:account(SHOP))
      local keys, digests = {}, {}
      for j = 1, told do
        keys[j], digests[j] = i .. " " .. j, ledgers.digest()
      end
      local states = assert(account:known(keys, digests))
      for j = 1, told do
        assert.equal("accepted", states[j])
      end
      opened:close()
    end
  end)
end)
