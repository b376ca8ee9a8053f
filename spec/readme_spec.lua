-- What the README shows holds: its examples run, its commands print what stands below them.
local cjson = require "cjson"
local command = require "spec.support.command"
local http = require "socket.http"
local pages = require "spec.support.pages"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"

local page = pages.open "README.md"

describe("the README", function()
  local sandbox

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local EXAMPLE = page:take("lua", "purchases")

  local function run_example(text, env)
    local name = os.tmpname()
    command.write_file(name, text)
    env = env or { RAVENWITS_TOKEN = sandboxes.TOKEN }
    env.RAVENWITS_BASE_URL = sandbox.url
    local result = command.run({ name }, { program = command.lua, directory = command.root, env = env })
    os.remove(name)
    return result
  end

  describe("first example", function()
    it("is examples/submit.lua", function()
      local file = command.contents(command.root .. "/examples/submit.lua")
      assert.equal(EXAMPLE, (file:gsub("^%-%-[^\n]*\n", "")))
    end)

    it("runs", function()
      local result = run_example(EXAMPLE)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n31 of 31 purchases, 0 in flight, [^\n]+\n31\t0\t0\t0\n96\n$", "\n" .. result.stdout)
      local counts = sandbox:audit().counts
      assert.same({ 31, 31, 2980 }, { counts.purchases, counts.distinct, counts.rows })
    end)

    it("says what is wrong with the data, and sends nothing", function()
      local name = command.write_file(os.tmpname(), "datetime_utc,value\n2025-10-01T00:00:00Z,one\n")
      local result = run_example((EXAMPLE:gsub("examples/data/[%w_-]+%.csv", name)))
      os.remove(name)
      assert.same({ 3, "" }, { result.code, result.stderr })
      assert.equal('2\tPurchase item at index 0: field "purchase" must be a number (in MW unit).\t'
        .. "'one' is not a number: where it stands for nothing, say null = { \"one\" }\n"
        .. "2\tPurchase items of 2025-10-01: 1, but that day has 96 in Europe/Madrid (step 15 minutes).\t\n",
        result.stdout)
      assert.equal(0, sandbox:audit().counts.requests)
    end)

    it("ends well where nothing was accepted", function()
      sandbox:fault { path = "/submit", status = 422, times = 31 }
      local result = run_example(EXAMPLE)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n0\t31\t0\t0\n$", result.stdout)
    end)

    it("says why nothing could start", function()
      local result = run_example(EXAMPLE, {})
      assert.same({ 1, "ravenwits: there is neither a token nor an e-mail and password to get one with (auth)\n" },
        { result.code, result.stdout })
    end)
  end)

  describe("Try it", function()
    local directory

    setup(function()
      directory = command.output_of "mktemp -d"
      os.execute(("ln -s %s/examples %s"):format(command.quote(command.root), command.quote(directory)))
    end)
    teardown(function()
      os.execute("rm -rf -- " .. command.quote(directory))
    end)

    -- The reader's line, for the port and the Lua at hand.
    local function at_hand(text)
      return (text:gsub("http://127%.0%.0%.1:8080", sandbox.url):gsub("lua5%.4 ", command.lua .. " "))
    end

    local first, second = page:take("sh", "Try it"), page:take("sh", "Try it")

    -- What the second terminal has exported by then.
    local function environment()
      local env = {}
      for name, value in at_hand(second):gmatch "([%u_]+)=(%S+)" do
        env[name] = value
      end
      return env
    end

    it("starts a sandbox in one terminal", function()
      local free = assert(socket.bind("127.0.0.1", 0))
      local port = select(2, free:getsockname())
      free:close()
      local script = first:gsub("purchases sandbox\n$", "exec purchases sandbox --port " .. port)
      local child = command.start({ "-ec", script },
        { program = "sh", directory = command.root, env = pages.build() })
      assert.is_truthy(child:wait_for("stdout", "Ctrl%-C stops it"))
      assert.is_truthy(command.wait_until(function()
        return http.request(("http://127.0.0.1:%d/health/"):format(port))
      end))
      child:signal "TERM"
      assert.equal(0, child:wait().code)
    end)

    it("points the other terminal at it", function()
      local result = pages.shell(at_hand(second))
      assert.same({ 0, '{"status":"healthy"}\n', "" }, { result.code, result.stdout, result.stderr })
    end)

    local shown = {}
    for i = 1, 3 do
      shown[i] = page:take("console", "The first series")
    end

    it("looks at a series, checks and submits it", function()
      for _, console in ipairs(shown) do
        assert.equal(0, pages.transcript(console, { directory = directory, env = environment() }))
      end
      local counts = sandbox:audit().counts
      assert.same({ 2, 2, 192 }, { counts.purchases, counts.distinct, counts.rows })
    end)

    local program = page:take("sh", "The first series")

    it("does the same from Lua", function()
      local result = pages.shell(at_hand(program), { env = environment() })
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.equal(31, sandbox:audit().counts.purchases)
    end)

    local create, audit = page:take("console", "The first sales"), page:take("sh", "The first sales")

    it("creates a shop's sales", function()
      assert.equal(1, pages.transcript(create, { directory = directory, env = environment() }))
      local result = pages.shell(at_hand(audit):gsub("^curl", "curl -s"), {})
      assert.equal(3, cjson.decode(result.stdout).counts.purchases)
    end)
  end)

  local beginning = page:take("sh", "purchases")

  it("begins with commands that exist", function()
    for target in beginning:gmatch "\n?make (%S+)" do
      assert.equal(0, pages.shell("make -n " .. target).code, target)
    end
  end)

  local unknown = page:take_installation "Install"

  it("installs by lines that spec/install_spec.lua runs", function()
    assert.same({}, unknown)
  end)

  pages.has_no_more(page)
end)
