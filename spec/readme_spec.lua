-- What the README shows and says holds: its examples run, its options and exit codes are the program's.
local cjson = require "cjson"
local command = require "spec.support.command"
local http = require "socket.http"
local nginx = require "spec.support.nginx"
local purchases = require "purchases"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"

local README = command.contents(command.root .. "/README.md")
local VERSION = rawget(_G, "jit") and "5.1" or "5.4"
local BUILD = command.path:match "^(.*)/[^/]+/bin/purchases$"

-- The code blocks of a language under a heading, or of all of the README.
local function blocks(language, heading)
  local text, list = README, {}
  if heading then
    text = (README .. "\n## "):match("\n## " .. heading .. "\n(.-)\n## ")
  end
  for block in text:gmatch("```" .. language .. "\n(.-)```") do
    list[#list + 1] = block
  end
  return list
end

local function shell(script, options)
  options = options or {}
  options.program = "sh"
  options.directory = options.directory or command.root
  return command.run({ "-ec", script }, options)
end

-- What `make` needs to know of the build under test.
local function build_environment(values)
  values = values or {}
  values.BUILD, values.LUA_VERSION = BUILD, VERSION
  return values
end

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

  local EXAMPLE = blocks("lua")[1]

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
      assert.equal('2\tPurchase item at index 0: field "purchase" must be a number (in MW unit).\tfound one\n'
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

  it("has Lua that compiles", function()
    for _, block in ipairs(blocks "lua") do
      assert.is_truthy((loadstring or load)(block))
    end
  end)

  it("shows the days of a series and its body", function()
    local block = blocks("lua", "Purchase series")[1]
    local printed = {}
    local rows = {}
    for i = 0, 95 do
      rows[#rows + 1] = { datetime = ("2025-10-01 %02d:%02d"):format(math.floor(i / 4), i % 4 * 15), purchase = i }
    end
    local series = assert(purchases.series.from(rows))
    local chunk = assert((loadstring or load)("local series, print = ...; " .. block .. "\nreturn body"))
    local body = chunk(series, function(...)
      printed[#printed + 1] = { ... }
    end)
    assert.same({ { "2025-10-01", 96 } }, printed)
    assert.equal('{"purchase":[{"datetime":"2025-10-01 00:00","purchase":0}', body:sub(1, 57))
  end)

  describe("Try it", function()
    -- The README's line, for the port and the Lua at hand.
    local function at_hand(line, url)
      return (line:gsub("http://127%.0%.0%.1:8080", url):gsub("^lua5%.4 ", command.lua .. " "))
    end

    it("has commands that do what they say, in the order given", function()
      local terminals = blocks("sh", "Try it")
      assert.equal(2, #terminals)
      local free = assert(socket.bind("127.0.0.1", 0))
      local port = select(2, free:getsockname())
      free:close()
      local url = "http://127.0.0.1:" .. port
      assert.matches("\npurchases sandbox\n$", terminals[1])
      local start = terminals[1]:gsub("purchases sandbox\n$", "exec purchases sandbox --port " .. port)
      local first = command.start({ "-ec", start },
        { program = "sh", directory = command.root, env = build_environment() })
      assert.is_truthy(first:wait_for("stdout", "Ctrl%-C stops it", 10))
      local seen, settings = {}, ""
      for line in terminals[2]:gmatch "[^\n]+" do
        line = at_hand(line, url)
        if line:find "^eval " or line:find "^export " then
          settings = settings .. line .. "\n"
        else
          local result = shell(settings .. line, { env = build_environment() })
          assert.same({ 0, "" }, { result.code, result.stderr }, line)
          seen[line:match "^purchases ravenwits (%S+)" or line:match "^(%S+ ?[%w/.]*)"] = result.stdout
        end
      end
      local audit = at_hand(README:match "`(curl http[^`]+)`", url)
      local counts = cjson.decode(shell((audit:gsub("^curl", "curl -s"))).stdout).counts
      first:signal "TERM"
      assert.equal(0, first:wait().code)
      assert.matches("2,980 rows", seen["purchases check"], 1, true)
      assert.matches("healthy", seen.health, 1, true)
      assert.matches("idmodel", seen.strategies, 1, true)
      assert.matches("31 of 31 purchases accepted, 2,980 rows", seen.submit, 1, true)
      assert.equal(31, select(2, seen.submit:gsub("completed  MD purchase share", "")))
      assert.matches("\n31\t0\t0\t0\n96\n$", seen[command.lua .. " examples/submit.lua"])
      assert.same({ 62, 31 }, { counts.purchases, counts.distinct })
    end)
  end)

  describe("Command line", function()
    local lines = {}
    for line in blocks("", "Command line")[1]:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end

    local function options_in(text)
      local found = {}
      for option in text:gmatch "%-%-[%l-]+" do
        found[option] = true
      end
      return found
    end

    local GROUPS = { ravenwits = true, woowup = true, curebit = true }

    -- The commands that a line is about: "purchases ravenwits login | health | strategies --retailer R".
    local function commands_of(line)
      local head, rest = line:match "^purchases (%l+) ?(.*)$"
      if not GROUPS[head] then
        return { { head, rest } }
      end
      local list = {}
      for part in (rest .. " | "):gmatch "(.-) | " do
        list[#list + 1] = { head .. " " .. part:match "^[%l-]+", part }
      end
      return list
    end

    local function help_of(name)
      return shell("purchases " .. name .. " --help").stdout
    end

    -- Said elsewhere in the README, for all commands.
    local COMMON = { ["--help"] = true, ["--token-file"] = true, ["--user"] = true }
    local READING = { "--tz", "--step", "--datetime-column", "--value-column" }

    it("names every command and option there is, and no other", function()
      local named = {}
      for _, line in ipairs(lines) do
        for _, entry in ipairs(commands_of(line)) do
          local name, rest = entry[1], entry[2]
          named[name] = true
          local help = options_in(help_of(name):match "\nOptions:\n(.*)$":gsub("\n\n.*$", ""))
          local said = options_in(rest)
          for option in pairs(said) do
            assert.is_true(help[option], name .. " has no " .. option)
          end
          if name == "ravenwits submit" then
            for _, option in ipairs(READING) do
              said[option] = true -- as under check
            end
          end
          for option in pairs(help) do
            assert.is_true(said[option] or COMMON[option], ("%s %s is not in the README"):format(name, option))
          end
        end
      end
      for _, group in ipairs { "", "ravenwits", "woowup", "curebit" } do
        for name in help_of(group):match "\nCommands:\n(.-)\n\n":gmatch "\n?%s%s%s(%l[%l-]+)" do
          local full = group == "" and name or group .. " " .. name
          assert.is_true(named[full] or GROUPS[full], full .. " is not in the README")
        end
      end
    end)

    it("takes the values it names", function()
      local result = shell "purchases --completion bash && purchases --completion zsh && purchases --completion fish"
      assert.equal(0, result.code)
      for command_name, variables in pairs {
        ["ravenwits submit"] = { "RAVENWITS_TOKEN", "RAVENWITS_EMAIL", "RAVENWITS_PASSWORD", "RAVENWITS_USER",
          "RAVENWITS_BASE_URL", "SSL_CERT_FILE" },
        ["woowup find"] = { "WOOWUP_API_KEY", "WOOWUP_BASE_URL", "SSL_CERT_FILE" },
        ["curebit set-rewards-status"] = { "CUREBIT_API_KEY", "CUREBIT_SITE", "CUREBIT_BASE_URL", "SSL_CERT_FILE" },
      } do
        for _, variable in ipairs(variables) do
          assert.matches("`" .. variable .. "`", README, 1, true)
          assert.matches(variable, help_of(command_name), 1, true)
        end
      end
    end)

    it("lists the exit codes as the program does", function()
      local said = {}
      for code, meaning in README:match "| exit code | |\n|[-|]+\n(.-)\n\n":gmatch "| (%d) | ([^|\n]+) |" do
        said[#said + 1] = code .. " " .. meaning
      end
      local help = help_of(""):match "\nExit codes: (.*)%.\n":gsub("\n", " ")
      assert.equal(help, table.concat(said, "; "))
    end)
  end)

  describe("names the options of a client, and no other,", function()
    local RAVENWITS = { user = true, token = true, email = true, password = true }

    -- The words of a text that a pattern finds, as a set.
    local function set_of(text, pattern)
      local words = {}
      for word in text:gmatch(pattern) do
        words[word] = true
      end
      return words
    end

    local function taken_by(provider)
      local _, message = pcall(purchases[provider].new, { nonsense = true })
      return set_of(message:match "there are: ([^)]+)%)", "[%w_]+")
    end

    local function said_of(provider, pattern)
      local text = README:match(("`purchases%%.%s%%.new%%(opts%%)` takes "):format(provider) .. pattern)
      return set_of(text, "`([%l_]+)`")
    end

    it("of Ravenwits", function()
      assert.same(taken_by "ravenwits", said_of("ravenwits", "(.-) An unknown option is an error"))
    end)

    for _, provider in ipairs { "woowup", "curebit" } do
      it("of " .. provider, function()
        local said = said_of(provider, "(.-),? and what every client takes")
        for option in pairs(taken_by "ravenwits") do
          said[option] = not RAVENWITS[option] or nil
        end
        assert.same(taken_by(provider), said)
      end)
    end
  end)

  describe("example of", function()
    local FILES = { ["Many purchases"] = "retail" }

    local function example(heading, env)
      local block = blocks("lua", heading)[1]
      local name = FILES[heading] or heading:lower()
      local file = command.contents(("%s/examples/%s.lua"):format(command.root, name))
      assert.equal(block, (file:gsub("^%-%-[^\n]*\n", "")))
      return command.run({ "examples/" .. name .. ".lua" },
        { program = command.lua, directory = command.root, env = env })
    end

    it("WoowUp runs, and says what a second run finds", function()
      local env = { WOOWUP_BASE_URL = sandbox.url .. "/apiv3", WOOWUP_API_KEY = "sandbox-woowup-key" }
      local result = example("WoowUp", env)
      assert.same({ 0, "", "1899\n" }, { result.code, result.stderr, (result.stdout:gsub("%.0\n", "\n")) })
      result = example("WoowUp", env)
      assert.same({ 1, "woowup create: Duplicated purchase number (api, status 500)\n" },
        { result.code, result.stdout })
      assert.equal(1, sandbox:audit().counts.purchases)
    end)

    it("many purchases runs, and says what a second run finds", function()
      local env = { WOOWUP_BASE_URL = sandbox.url .. "/apiv3", WOOWUP_API_KEY = "sandbox-woowup-key" }
      local result = example("Many purchases", env)
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n7\t6\t0\t0\t0\n$", result.stdout)
      assert.equal(6, select(2, result.stdout:gsub("\trejected\t", "")))
      assert.matches("\n0\t13\t0\t0\t7\n$", example("Many purchases", env).stdout)
      assert.equal(7, sandbox:audit().counts.purchases)
    end)

    it("Curebit runs, and says what a second run finds", function()
      local env = { CUREBIT_BASE_URL = sandbox.url, CUREBIT_SITE = "sandbox-shop",
        CUREBIT_API_KEY = "sandbox-curebit-key" }
      local result = example("Curebit", env)
      assert.same({ 0, "", "approved\n" }, { result.code, result.stderr, result.stdout })
      result = example("Curebit", env)
      assert.same({ 1, "curebit create: Order number 1 has already been taken (api, status 400)\n" },
        { result.code, result.stdout })
      assert.equal(2, sandbox:audit().counts.purchases)
    end)
  end)

  it("shows a map that makes purchases", function()
    local map = assert((loadstring or load)(blocks("lua", "Many purchases")[2]))()
    local csv = command.write_file(os.tmpname(), "Invoice;Date;Points;Quantity;Price;Customer;Code;Name\n"
      .. "7;01/07/2026 10:30;5;2;0,35;9;AB1;Caf\233\n7;01/07/2026 10:30;;1;1,1;9;AB2;Tea\n")
    local client = purchases.woowup.new { api_key = "sandbox-woowup-key", base_url = sandbox.url .. "/apiv3" }
    local report = assert(client:create_all(csv, { map = map }))
    os.remove(csv)
    assert.same({ 1, 0 }, { report.accepted, report.rejected })
    local sale = assert(client:find { invoice_number = "7" })[1]
    assert.same({ "2026-07-01 09:30:00", "web", 5, 1.8, "9@example.com" },
      { sale.createtime, sale.channel, sale.points, sale.prices.total, sale.email })
    assert.same({ "Caf\195\169", 2 },
      { sale.purchase_detail[1].product_name, sale.purchase_detail[1].quantity })
    assert.equal("Tea", sale.purchase_detail[2].product_name)
  end)

  describe("Inside OpenResty", function()
    local api, worker, directory

    -- The locations of the README's nginx.conf, by name.
    local function locations()
      local found = {}
      for name, body in blocks("nginx", "Inside OpenResty")[1]:gmatch "location (= /%l+) (%b{})" do
        found[name] = body:sub(2, -2)
      end
      return found
    end

    setup(function()
      api = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
      directory = command.output_of "mktemp -d"
      command.write_file(directory .. "/uploads.lua", blocks("lua", "Inside OpenResty")[1])
      local path = package.path
      package.path = path .. ";" .. directory .. "/?.lua"
      worker = nginx.start {
        locations = locations(),
        main = blocks("nginx", "Inside OpenResty")[1]:match "^(.-)\nhttp {",
        env = { RAVENWITS_TOKEN = sandboxes.TOKEN, RAVENWITS_BASE_URL = api.url },
      }
      package.path = path
    end)
    teardown(function()
      worker:stop()
      api:stop()
      os.execute("rm -rf -- " .. command.quote(directory))
    end)

    local function url(path)
      return ("http://127.0.0.1:%d%s"):format(worker.port, path)
    end

    it("shows a location that takes a series, and uploads it in the background", function()
      local answer, status = http.request(url "/submit", "[]")
      assert.same({ 422, "There are no purchase items. (validation)\n" }, { status, answer })
      answer, status = http.request(url "/submit", require("spec.support.load").series(96):encode())
      assert.same({ 202, "accepted for upload\n" }, { status, answer })
      assert.is_truthy(nginx.wait_until(function()
        return api:audit().counts.purchases == 1
      end, 5))
      assert.is_nil(worker:trouble())
    end)

    it("shows a location that makes calls side by side", function()
      local client = purchases.ravenwits.new { user = "trebolenergia", token = sandboxes.TOKEN, base_url = api.url }
      local ids = {}
      for i = 1, 3 do
        ids[i] = "id=" .. assert(client:submit(require("spec.support.load").series(i), { retailer_id = "1" })).id
      end
      api:fault { path = "/get", delay = 0.5, times = 3 }
      local began = socket.gettime()
      assert.equal("completed\ncompleted\ncompleted\n", (http.request(url("/statuses?" .. table.concat(ids, "&")))))
      assert.is_true(socket.gettime() - began < 1.4)
      assert.matches("^ravenwits get: .*not found", (http.request(url "/statuses?id=none")):lower())
      assert.is_nil(worker:trouble())
    end)
  end)

  it("links to what there is", function()
    for target in README:gmatch "%]%(([^)]+)%)" do
      if target:find "^#" then
        assert.matches("\n## " .. target:sub(2):gsub("-", " ") .. "\n", README:lower(), 1, true)
      elseif not target:find "^https?:" then
        assert.is_truthy(command.contents(command.root .. "/" .. target), target .. " is missing")
      end
    end
  end)
end)

describe("examples/demo.sh", function()
  local function demo(port)
    return shell("exec examples/demo.sh", { env = build_environment { PORT = tostring(port) } })
  end

  it("does the main job, and stops its sandbox", function()
    local free = assert(socket.bind("127.0.0.1", 0))
    local port = select(2, free:getsockname())
    free:close()
    local result = demo(port)
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.matches("2,980 rows, 2025-10-01 00:00 to 2025-10-31 23:45, 31 days (2025-10-26 has 100)", result.stdout,
      1, true)
    assert.matches("\n31 of 31 purchases accepted, 2,980 rows\n", result.stdout, 1, true)
    assert.matches("\n2025-10-26   100 rows  accepted  ", result.stdout, 1, true)
    local charts = 0
    for bars in result.stdout:gmatch "\n2025%-10%-%d%d  completed  MD purchase share (%S+)" do
      charts = charts + 1
      assert.equal(24 * #"▁", #bars)
    end
    assert.equal(31, charts)
    for _, sums in ipairs {
      "\n7 of 13 purchases accepted, 6 rejected\nrejected for: anyOf 3, pattern 2, invalid_csv 1\n",
      "\n0 of 13 purchases accepted, 7 already existed, 6 rejected\n",
      "\n9 of 13 purchases accepted, 4 rejected\nrejected for: required 3, invalid_csv 1\n",
      "\n0 of 13 purchases accepted, 9 already existed, 4 rejected\n",
    } do
      assert.matches(sums, result.stdout, 1, true)
    end
    assert.is_nil((http.request(("http://127.0.0.1:%d/health/"):format(port))))
  end)

  it("says that the port is taken, and leaves alone whoever has it", function()
    local other = sandboxes.start()
    finally(function()
      other:stop()
    end)
    local port = other.url:match "%d+$"
    local result = demo(port)
    assert.equal(1, result.code)
    assert.equal(("purchases: cannot listen on port %s: Address already in use; name another with --port\n"
      .. "The sandbox did not start. On another port: PORT=8090 make demo\n"):format(port), result.stderr)
    assert.equal(0, other:audit().counts.requests)
  end)
end)
