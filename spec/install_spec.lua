-- Installing as the pages say: into an empty folder, tried from / with nothing else in the environment, and removed
-- without a trace.
local command = require "spec.support.command"
local purchases = require "purchases"

local BUILD = command.path:match "^(.*)/[^/]+/bin/purchases$"
local SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
local LUA = { ["5.1"] = "luajit", ["5.4"] = "lua5.4" }
local VERSION = purchases._VERSION
local IS_ROOT = command.output_of "id -u" == "0"

local quote = command.quote

-- The lines in the shell blocks of README and docs that match a pattern.
local function lines_of_pages(pattern)
  local lines = {}
  for page in command.output_of(("cd %s && ls README.md docs/*.md 2>/dev/null"):format(quote(command.root)))
    :gmatch "%S+" do
    for block in command.contents(command.root .. "/" .. page):gmatch "```sh\n(.-)```" do
      for line in block:gmatch "[^\n]+" do
        if line:find(pattern) then
          lines[#lines + 1] = line
        end
      end
    end
  end
  return lines
end

describe("installing", function()
  local folder, prefix, number = nil, nil, 0

  setup(function()
    folder = command.output_of "mktemp -d"
    os.execute("chmod 755 " .. quote(folder))
    command.write_file(folder .. "/july.csv", "datetime,purchase\n2026-07-01 00:00,1\n2026-07-01 00:15,2.5\n")
  end)
  teardown(function()
    os.execute("rm -rf " .. quote(folder))
  end)
  before_each(function()
    number = number + 1
    prefix = ("%s/prefix %d"):format(folder, number)
  end)

  -- Runs a script in the checkout, for which only the build under test is there.
  local function shell(script, options)
    options = options or {}
    local env = { LUA_PATH = false, LUA_CPATH = false, PATH = SYSTEM_PATH, HOME = folder, BUILD = BUILD }
    for name, value in pairs(options.env or {}) do
      env[name] = value
    end
    return command.run({ "-ec", script }, { program = "sh", env = env,
      directory = options.directory or command.root })
  end

  local function succeed(script, options)
    local result = shell(script, options)
    assert.same({ 0, "" }, { result.code, result.stderr }, script .. "\n" .. result.stdout)
    return result.stdout
  end

  local function listing(of)
    return command.output_of(("find %s 2>/dev/null | sort"):format(quote(of)))
  end

  local function make(words)
    return ("make -s %s PREFIX=%s"):format(words, quote(prefix))
  end

  -- Tries a command from /, without an environment.
  local function assert_starts(path)
    local env = { LUA_PATH = false, LUA_CPATH = false, HOME = false, PATH = SYSTEM_PATH }
    local result = command.run({ "--version" }, { program = path, directory = "/", env = env })
    assert.same({ 0, ("purchases %s\n"):format(VERSION), "" }, { result.code, result.stdout, result.stderr })
    result = command.run({ "check", folder .. "/july.csv" }, { program = path, directory = "/", env = env })
    assert.same({ 0, "note: no time zone (--tz) is given: the lengths of days were not checked\n" },
      { result.code, result.stderr })
    assert.matches("2 rows, 2026-07-01 00:00 to 2026-07-01 00:15", result.stdout, 1, true)
    result = command.run({ "maps", "datadis" }, { program = path, directory = "/", env = env })
    assert.same({ 0, "" }, { result.code, result.stderr })
  end

  local function assert_requires(lua, preparation)
    local lines = ('local purchases = require "purchases"; print(purchases._VERSION); '
      .. "assert(purchases.ledger.open %q):close()"):format(prefix .. "-ledger.db")
    assert.equal(VERSION .. "\n", succeed(("%s\ncd /\n%s -e %s"):format(preparation, lua, quote(lines))))
  end

  local function commands_in(bin)
    local found = {}
    for name in command.output_of(("ls %s 2>/dev/null"):format(quote(bin))):gmatch "[^\n]+" do
      found[#found + 1] = name
    end
    return found
  end

  describe("with make", function()
    for _, line in ipairs(lines_of_pages "^s?u?d?o? ?make install") do
      it("works as the pages say: " .. line, function()
        local script = line:gsub("^sudo ", ""):gsub("/usr/local", (prefix:gsub(" ", "\\%0"))):gsub("%s*#.*", "")
        local version = line:match "LUA_VERSION=(%S+)" or "5.4"
        local env = { HOME = prefix, PREFIX = prefix }
        succeed(("mkdir -p %s/openresty/site/lualib"):format(quote(prefix)))
        local before = listing(prefix)
        local said = succeed(script, { env = env })
        local share = assert(listing(prefix):match "([^\n]+)/purchases/init%.lua\n")
        if line:find "make install%-lib" then
          local lib = assert((listing(prefix) .. "\n"):match "([^\n]+)/purchases/core%.so\n")
          assert_requires(LUA[version],
            ("export LUA_PATH='%s/?.lua;%s/?/init.lua' LUA_CPATH='%s/?.so;;'"):format(share, share, lib))
        else
          local bin = listing(prefix):match "([^\n]+)/purchases\n"
          assert.same({ "purchases", "purchases-" .. version }, commands_in(bin))
          assert_starts(bin .. "/purchases")
          assert_starts(bin .. "/purchases-" .. version)
          assert_requires(LUA[version], assert(said:match "\n(export LUA_PATH=[^\n]+)\n"))
        end
        succeed((script:gsub("make install%S*", "make uninstall")), { env = env })
        assert.equal(before, listing(prefix))
      end)
    end

    it("says nothing of paths where Lua looks by itself", function()
      local paths = ("%s/share/lua/5.4/?.lua;%s/lib/lua/5.4/?.so"):format(prefix, prefix)
      local lua = command.write_file(folder .. "/lua", ("#!/bin/sh\necho '%s'\n"):format(paths))
      succeed("chmod +x " .. lua)
      assert.is_nil(succeed(make("install LUA=" .. lua)):find "export")
    end)

    it("keeps the empty folders that a system begins with", function()
      succeed(("mkdir -p %s/usr/local && cd %s/usr/local && mkdir bin lib share"):format(quote(prefix), quote(prefix)))
      local before = listing(prefix)
      for _, action in ipairs { "install", "uninstall" } do
        succeed(("make -s %s DESTDIR=%s"):format(action, quote(prefix)))
      end
      assert.equal(before, listing(prefix))
    end)

    it("leaves no trace when it is uninstalled, of any version", function()
      succeed(make "install")
      succeed(make "install LUA_VERSION=5.1")
      assert.same({ "purchases", "purchases-5.1", "purchases-5.4" }, commands_in(prefix .. "/bin"))
      succeed(make "uninstall LUA_VERSION=5.1")
      assert.equal("", listing(prefix))
    end)

    it("gives `purchases` to the version that is first", function()
      for _, version in ipairs { "5.4", "5.1", "5.4" } do
        succeed(make("install LUA_VERSION=" .. version))
        assert_starts(prefix .. "/bin/purchases")
        assert_starts(prefix .. "/bin/purchases-" .. version)
        assert.equal("purchases-5.4", command.output_of(("readlink %s/bin/purchases"):format(quote(prefix))))
      end
    end)

    it("takes `purchases` over from its own former self, and from nobody", function()
      local bin = prefix .. "/bin"
      local former = "#!/usr/bin/env lua5.4\nos.exit(require(\"purchases.cli\").main(arg), true)\n"
      local function install_over(text)
        succeed(("rm -rf %s && mkdir -p %s"):format(quote(bin), quote(bin)))
        command.write_file(bin .. "/purchases", text)
        succeed(make "install-bin")
        return command.contents(bin .. "/purchases") == text
      end
      assert.is_false(install_over(former))
      assert.is_true(install_over((former:gsub("lua5.4", "luajit"))))
      assert.is_true(install_over "#!/bin/sh\necho of another\n")
      succeed(make "uninstall")
      assert.same({ "purchases" }, commands_in(bin))
      succeed(("ln -sf purchases-5.3 %s/purchases"):format(quote(bin)))
      succeed(make "install")
      assert_starts(bin .. "/purchases")
    end)

    it("does not write where the files are staged into the command", function()
      local stage = prefix .. "/stage"
      succeed(("make -s install PREFIX=/opt/tool DESTDIR=%s"):format(quote(stage)))
      assert.equal("", command.output_of(("grep -rlF %s %s"):format(quote(stage), quote(stage))))
      local text = command.contents(stage .. "/opt/tool/bin/purchases")
      assert.matches("/opt/tool/share/lua/5.4/?.lua;", text, 1, true)
      assert.matches("/opt/tool/lib/lua/5.4/?.so;", text, 1, true)
      succeed(("make -s uninstall PREFIX=/opt/tool DESTDIR=%s"):format(quote(stage)))
      assert.equal("", command.output_of(("find %s -type f -o -type l -o -name tool"):format(quote(stage))))
    end)

    it("knows a prefix that is relative, and the folders of the module and the command", function()
      local relative = command.output_of(("realpath -m --relative-to=%s %s")
        :format(quote(command.root), quote(prefix)))
      local options = ("PREFIX=%s BINDIR=%s"):format(quote(relative), quote(prefix .. "/programs"))
      succeed("make -s install " .. options)
      assert_starts(prefix .. "/programs/purchases")
      succeed("make -s uninstall " .. options)
      assert.equal("", listing(prefix))
    end)

    it("lets everyone read, whatever the umask", function()
      succeed("umask 077; " .. make "install")
      assert.equal("", command.output_of(("find %s -type d ! -perm 755 -o -type f ! -perm -444"):format(quote(prefix))))
      assert.equal("", command.output_of(("find %s/bin -type f ! -perm 755"):format(quote(prefix))))
    end)

    it("removes what a former version had and this one has not", function()
      local modules = prefix .. "/share/lua/5.4/purchases"
      succeed(("mkdir -p %s/old && touch %s/old/module.lua %s/gone.lua"):format(quote(modules), quote(modules),
        quote(modules)))
      succeed(make "install")
      assert.equal("", command.output_of(("diff -r %s %s/lua/purchases"):format(quote(modules), quote(command.root))))
    end)

    it("leaves what is LuaRocks' or another's", function()
      succeed(("mkdir -p %s && cd %s && mkdir -p lib/luarocks/rocks-5.3/purchases share/lua/5.3/purchases bin " ..
        "lib/lua/5.3/purchases lib/lua/5.4 && touch share/lua/5.3/purchases/init.lua bin/purchases-other " ..
        "lib/lua/5.4/other.so")
        :format(quote(prefix), quote(prefix)))
      local before = listing(prefix)
      succeed(make "install")
      local said = succeed(make "uninstall")
      assert.matches("Left what LuaRocks has installed for Lua 5.3: luarocks [^\n]* remove purchases\n", said)
      assert.equal(1, select(2, said:gsub("Left", "")), said)
      assert.equal(before, listing(prefix))
      succeed(("mkdir -p %s/lib/luarocks/rocks-5.4/purchases"):format(quote(prefix)))
      before = listing(prefix)
      local result = shell(make "install")
      assert.equal(2, result.code)
      assert.equal("LuaRocks has installed purchases there; first: luarocks --lua-version 5.4 remove purchases",
        result.stderr:match "^[^\n]*")
      assert.equal(before, listing(prefix))
    end)
  end)

  -- Runs a script as one who is not root.
  local function as_user(script, options)
    if IS_ROOT then
      script = ("exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -ec %s"):format(quote(script))
    end
    return shell(script, options)
  end

  it("says where one may not write, before anything is compiled", function()
    succeed(("mkdir -p %s && chmod 555 %s"):format(quote(prefix), quote(prefix)))
    local result = as_user(make "install", { env = { BUILD = folder .. "/none" } })
    assert.equal(("You may not write in %s: install as root, with sudo, or elsewhere (PREFIX=\"$HOME/.local\")\n")
      :format(prefix), result.stderr:match "^[^\n]*\n")
    assert.equal("", listing(folder .. "/none"))
  end)

  describe("with LuaRocks", function()
    local checkout

    -- A checkout of its own, for LuaRocks builds in it. What is the same for every Lua is built already.
    setup(function()
      checkout = folder .. "/checkout"
      succeed(("mkdir -p %s/build/rock && cp -a Makefile *.rockspec bin lua src tools %s && cp -a %s/core %s/build/rock"
        ):format(quote(checkout), quote(checkout), quote(BUILD), quote(checkout)))
      succeed("tools/deps build", { directory = checkout })
    end)

    for _, line in ipairs(lines_of_pages "^s?u?d?o? ?luarocks.* make") do
      it("works as the pages say: " .. line, function()
        local home, is_local = prefix .. "/home", line:find "%-%-local"
        prefix = is_local and home .. "/.luarocks" or prefix .. "/usr/local"
        local config = command.write_file(folder .. "/config.lua", ("rocks_trees = { %q }\n"):format(prefix))
        succeed(("mkdir -p %s %s"):format(quote(home), is_local and "" or quote(prefix)))
        if IS_ROOT and is_local then
          succeed(("chown -R 65534:65534 %s %s"):format(quote(home), quote(checkout)))
        end
        local options = { directory = checkout, env = { HOME = home, LUAROCKS_CONFIG = config, MAKEFLAGS = "-j2" } }
        local before = listing(prefix)
        local function run(script)
          local result = (is_local and as_user or shell)(script, options)
          assert.equal(0, result.code, result.stdout .. result.stderr)
          return result.stdout
        end

        line = line:gsub("^sudo ", ""):gsub("#.*", "")
        run(line)
        local version = line:match "%-%-lua%-version[ =](%S+)" or "5.4"
        assert.same({ "purchases", "purchases-" .. version }, commands_in(prefix .. "/bin"))
        assert_starts(prefix .. "/bin/purchases")
        assert_starts(prefix .. "/bin/purchases-" .. version)
        assert_requires(LUA[version], run("luarocks --lua-version " .. version .. " path"))
        assert.equal("", listing(checkout .. "/lua_modules"):match "\n(.*)" or "")
        run((line:gsub("%f[%w]make%f[%W]", "remove purchases")))
        local after = listing(prefix):gsub("\n[^\n]*/lib/luarocks/?[^\n]*", ""):gsub("\n[^\n]*/lib$", "")
        assert.equal(before == "" and prefix or before, after)
      end)
    end

    it("gives `purchases` to the version that is first", function()
      local config = command.write_file(folder .. "/config.lua", ("rocks_trees = { %q }\n"):format(prefix))
      local options = { directory = checkout, env = { LUAROCKS_CONFIG = config } }
      succeed(("mkdir -p %s"):format(quote(prefix)))
      for _, version in ipairs { "5.4", "5.1" } do
        local result = shell("luarocks --lua-version " .. version .. " make", options)
        assert.equal(0, result.code, result.stderr)
      end
      assert.same({ "purchases", "purchases-5.1", "purchases-5.4" }, commands_in(prefix .. "/bin"))
      assert.matches("lua5.4", command.contents(prefix .. "/bin/purchases"), 1, true)
      assert.equal(0, shell("luarocks --lua-version 5.1 remove purchases", options).code)
      assert_starts(prefix .. "/bin/purchases")
    end)
  end)

  describe("says what is missing before anything is compiled:", function()
    local CURL = "libcurl (7.68 or later) with curl/curl.h. Type: make deps, or apt-get install libcurl4-openssl-dev"
    local PCRE = "PCRE2 with pcre2.h. Type: make deps, or apt-get install libpcre2-dev"
    local CASES = {
      ["a compiler"] = { "CC=/nowhere/cc",
        "the C compiler '/nowhere/cc' (CC names it). Type: make deps, or apt-get install gcc libc6-dev" },
      ["a compiler that works"] = { "CC=false",
        "a C compiler and C library that can build a library ('false' cannot)."
          .. " Type: make deps, or apt-get install gcc libc6-dev" },
      ["libraries"] = { "CC='cc -nostdinc'", CURL, PCRE },
      ["pkg-config, where a library is not found without it"] = { "CC='cc -nostdinc' PKG_CONFIG=/nowhere", CURL, PCRE,
        "pkg-config, which knows the folders of libraries. Type: make deps, or apt-get install pkg-config" },
      ["the headers of Lua"] = { "LUA_INCDIR=/nowhere", "lua.h of Lua 5.4 in /nowhere (LUA_INCDIR names its folder)."
        .. " Type: make deps, or apt-get install liblua5.4-dev" },
      ["the headers of LuaJIT"] = { "LUA_VERSION=5.1 LUA_INCDIR=/nowhere",
        "lua.h of Lua 5.1 in /nowhere (LUA_INCDIR names its folder)."
          .. " Type: make deps, or apt-get install libluajit2-5.1-dev" },
      ["the headers of this Lua, where there are another's"] = { "LUA_VERSION=5.3 LUA_INCDIR=/usr/include/lua5.4",
        "lua.h of Lua 5.3 in /usr/include/lua5.4 (LUA_INCDIR names its folder). Type: apt-get install liblua5.3-dev" },
    }
    for name, case in pairs(CASES) do
      it(name, function()
        local build = ("%s/build-%d"):format(folder, number)
        local result = shell("make -s " .. case[1], { env = { BUILD = build } })
        assert.equal(2, result.code)
        local said = {}
        for line in result.stderr:gmatch "[^\n]+" do
          said[#said + 1] = line:match "^Missing: (.*)" or not line:find "^make" and line or nil
        end
        assert.same({ (table.unpack or unpack)(case, 2) }, said)
        assert.equal("", command.output_of(("find %s -name '*.o' 2>/dev/null"):format(build)))
      end)
    end

    it("nothing, once all was there", function()
      assert.equal("", succeed "make -s all")
    end)

    it("what only a ledger needs, without which all else is built", function()
      local build = ("%s/build-%d"):format(folder, number)
      local result = shell("make -n all HAS_SQLITE=", { env = { BUILD = build } })
      assert.same({ 0, false }, { result.code, result.stdout:find("sqlite.so", 1, true) ~= nil })
      assert.truthy(result.stdout:find("/purchases/core.so", 1, true))
      result = shell("make -s HAS_SQLITE= $BUILD/5.4/.needs", { env = { BUILD = build } })
      assert.same({ 0, "Without SQLite (3.24 or later) with sqlite3.h there is no ledger: apt-get install "
        .. "libsqlite3-dev\n" }, { result.code, result.stderr })
      result = shell("make -n all HAS_SQLITE=yes", { env = { BUILD = build } })
      assert.truthy(result.stdout:find("/purchases/sqlite.so", 1, true))
    end)
  end)

  describe("make deps", function()
    -- Programs in place of Debian's: one package of each job is missing.
    local function deps(jobs, programs)
      succeed(("mkdir -p %s/tools && cp tools/deps %s/tools"):format(quote(prefix), quote(prefix)))
      programs["dpkg-query"] = "case $* in *nginx | *valgrind) ;; "
        .. "*Status*) echo install ok installed ;; *) echo 1.2-3 ;; esac"
      for name, text in pairs(programs) do
        command.write_file(("%s/%s"):format(prefix, name), "#!/bin/sh\n" .. text .. "\n")
      end
      succeed(("cd %s && chmod +x * && for tool in cat dirname env grep id mkdir sed sh tail; do "
        .. "[ -e $tool ] || ln -s $(command -v $tool) .; done"):format(quote(prefix)))
      return shell("exec tools/deps " .. jobs, { directory = prefix, env = { PATH = prefix } })
    end

    it("says in one line what it installs, and for what", function()
      local result = deps("demo check", { ["apt-get"] = 'echo "$@" >> apt', id = "echo 0" })
      assert.same({ 0, "", "Installing for demo: nginx; for check: valgrind\n" },
        { result.code, result.stdout, result.stderr })
      assert.equal("update -qq\ninstall -y -qq --no-install-recommends nginx valgrind\n",
        command.contents(prefix .. "/apt"))
      assert.matches('argparse = "1.2-1"', command.contents(prefix .. "/.luarocks/config-5.4.lua"), 1, true)
    end)

    it("says what root must type where one is not root and there is no sudo", function()
      local result = deps("demo", { ["apt-get"] = "exit 1", id = "echo 1000" })
      assert.same({ 1, "", "tools/deps: neither root nor sudo; as root: apt-get install nginx\n" },
        { result.code, result.stdout, result.stderr })
    end)

    it("says in one line that there is no network", function()
      local result = deps("demo", { id = "echo 0", ["apt-get"] =
        "echo 'W: Some index files failed' >&2; echo 'E: Failed to fetch http://debian/nginx.deb' >&2; exit 100" })
      assert.same({ 1, "", "Installing for demo: nginx\n" ..
        "tools/deps: apt-get cannot install them (is there a network?): E: Failed to fetch http://debian/nginx.deb\n" },
        { result.code, result.stdout, result.stderr })
    end)
  end)

  it("brings a library that the compiler and the loader have hardened", function()
    local library = quote(assert(package.searchpath("purchases.core", package.cpath)))
    local head = command.output_of("readelf -lWd " .. library)
    assert.matches("GNU_RELRO", head)
    assert.matches("BIND_NOW", head)
    assert.matches("Flags: NOW NODELETE", head)
    local symbols = command.output_of("readelf -sW --dyn-syms " .. library)
    assert.matches("__stack_chk_fail", symbols)
    assert.is_truthy(symbols:find "__snprintf_chk" or symbols:find "__asan_init")
  end)

  it("is not needed: make env points Lua and the command at the built tree, from any folder", function()
    assert.matches('eval "$(make -s env)"', command.contents(command.root .. "/README.md"), 1, true)
    for version, lua in pairs(LUA) do
      local env = { LUA_VERSION = version }
      local script = 'eval "$(make -s env)"; cd /; purchases --version; exec %s -e %s'
      assert.equal(("purchases %s\n%s\n"):format(VERSION, VERSION),
        succeed(script:format(lua, quote 'print(require("purchases")._VERSION)'), { env = env }))
      assert.matches("/" .. version .. "/?.so;", succeed("make -s env LUA_VERSION=" .. version), 1, true)
      assert.equal(("purchases %s\n"):format(VERSION),
        succeed(('eval "$(make -s -C %s env)"; purchases --version'):format(quote(command.root)),
          { directory = "/", env = env }))
    end
  end)
end)
