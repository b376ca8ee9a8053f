-- `purchases check`: every mistake with its line, the options, where things go, exit codes.
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"

local SPAIN = "examples/data/spain_2025-10.csv"
local SPAIN_OPTIONS = { "--datetime-column", "datetime_utc", "--value-column", "value", "--tz", "Europe/Madrid" }

-- Line by line: what is wrong with it.
local MISTAKES = {
  { "datetime,purchase" },
  { "2025-10-01 00:00,10" },
  { "2025/10/01 00:15,10", "invalid_datetime", 'say date = "%Y/%m/%d %H:%M"' },
  { "2025-02-30 00:30,10", "invalid_datetime", "February 2025 has 28 days" },
  { "2025-10-01 24:00,10", "invalid_datetime", "hours go from 00 to 23" },
  { "2025-10-01 01:00,", "missing_purchase", 'missing required field "purchase"' },
  { "2025-10-01 01:15,12 MW", "invalid_number", "must be a number (in MW unit)" },
  { "2025-10-01 01:30,10" },
  { "2025-10-01 01:30,10", "repeated_datetime", "repeats the item before it" },
  { "2025-10-01 01:15,10", "out_of_order", "is out of order" },
  { "2025-10-01 01:45,10" },
  { "2025-10-01 02:30,10", "gap", "2 items are missing before it" },
  { "2025-10-01 02:37,10", "off_grid", "not on a grid of 15 minutes" },
  { "2025-10-01 02:45,10,99", "invalid_row", "3 fields where the header has 2" },
  { "2025-10-01 03:00,1e999", "invalid_number", "'1e999' is not a number" },
}

local function mistaken_text()
  local lines = {}
  for i, line in ipairs(MISTAKES) do
    lines[i] = line[1] .. "\n"
  end
  return table.concat(lines)
end

local function day_of(rows, step)
  local lines = { "datetime,purchase\n" }
  for i = 0, rows - 1 do
    local minutes = i * step
    lines[#lines + 1] = ("2025-03-%02d %02d:%02d,%d\n"):format(1 + math.floor(minutes / 1440),
      math.floor(minutes / 60) % 24, minutes % 60, i)
  end
  return table.concat(lines)
end

local NOTE = "note: no time zone (--tz) is given: the lengths of days were not checked\n"

describe("purchases check", function()
  local files = {}

  local function file_with(text)
    local name = os.tmpname()
    files[#files + 1] = name
    return command.write_file(name, text)
  end

  after_each(function()
    for _, name in ipairs(files) do
      os.remove(name)
    end
    files = {}
  end)

  local function check(arguments)
    return command.run(command.concat({ "check" }, arguments))
  end

  local function check_text(text, arguments)
    return command.run(command.concat({ "check", "-" }, arguments or {}), { stdin = text })
  end

  -- One line of complaint, nothing else, and this exit code.
  local function assert_complaint(result, code, complaint)
    assert.same({ code, "", "purchases: " .. complaint .. "\n" }, { result.code, result.stdout, result.stderr })
  end

  it("sums up a valid series", function()
    local result = check(command.concat({ SPAIN }, SPAIN_OPTIONS))
    assert.same({
      code = 0,
      stdout = SPAIN .. ": 2,980 rows, 2025-10-01 00:00 to 2025-10-31 23:45, 31 days (2025-10-26 has 100)\n",
      stderr = "",
      terminal = "",
    }, result)
  end)

  it("sums up as one JSON object", function()
    local result = check(command.concat({ SPAIN, "--json" }, SPAIN_OPTIONS))
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.matches("^[^\n]+\n$", result.stdout)
    assert.same({
      file = SPAIN,
      valid = true,
      rows = 2980,
      first = "2025-10-01 00:00",
      last = "2025-10-31 23:45",
      days = 31,
      odd_days = { { date = "2025-10-26", rows = 100 } },
    }, cjson.decode(result.stdout))
  end)

  it("names one day as one, and none as odd by an empty list", function()
    local text = day_of(96, 15)
    assert.equal("-: 96 rows, 2025-03-01 00:00 to 2025-03-01 23:45, 1 day\n", check_text(text).stdout)
    assert.matches('"odd_days":[]', check_text(text, { "--json" }).stdout, 1, true)
  end)

  it("names a day as odd of which the rows have a part, also the first", function()
    local function remark(first, count)
      local lines = { "datetime,purchase" }
      for i = first, first + count - 1 do
        local day, hour = 1 + math.floor(i / 96), math.floor(i / 4) % 24
        lines[#lines + 1] = ("2025-03-%02d %02d:%02d,1"):format(day, hour, i % 4 * 15)
      end
      return check_text(table.concat(lines, "\n")).stdout:match "days? ?(.*)\n$"
    end
    assert.equal("", remark(0, 288))
    assert.equal("(2025-03-02 has 92)", remark(0, 188))
    assert.equal("", remark(0, 92)) -- one day's number of rows is told anyway
    assert.equal("(2025-03-01 has 92)", remark(4, 284))
    assert.equal("(2025-03-01 has 92, 2025-03-02 has 92)", remark(4, 184))
    assert.equal("(2025-03-01 has 1, 2025-03-03 has 1)", remark(95, 98))
  end)

  it("names five odd days at most, and how many more there are", function()
    local lines = { "datetime,purchase\n2025-03-01 00:00,1\n2025-03-01 12:00,1\n" }
    for day = 2, 8 do
      lines[day] = ("2025-03-%02d 00:00,1\n"):format(day)
    end
    local result = check_text(table.concat(lines), { "--step", "none" })
    assert.equal(0, result.code)
    assert.matches("(2025-03-02 has 1, 2025-03-03 has 1, 2025-03-04 has 1, 2025-03-05 has 1, 2025-03-06 has 1, "
      .. "and 2 more)\n", result.stdout, 1, true)
  end)

  describe("with many mistakes", function()
    it("names each with its line", function()
      local name = file_with(mistaken_text())
      local result = check { name }
      assert.same({ 3, "" }, { result.code, result.stdout })
      local total = 0
      for number, line in ipairs(MISTAKES) do
        local found = {}
        for text in result.stderr:gmatch(("%s:%d:%%d+: ([^\n]+)\n"):format(name:gsub("%p", "%%%0"), number)) do
          found[#found + 1] = text
        end
        assert.equal(line[2] and 1 or 0, #found, result.stderr)
        if line[2] then
          total = total + 1
          assert.matches(line[3], found[1], 1, true)
          assert.equal(("[%s]"):format(line[2]), found[1]:match "%S+$")
        end
      end
      assert.equal(11, total)
      local last = ("purchases: %s: 11 problems; nothing was sent\n"):format(name)
      assert.equal(last, result.stderr:sub(-#last))
      assert.equal(12, select(2, result.stderr:gsub("\n", "")))
    end)

    it("names each in one JSON object, and nowhere else", function()
      local name = file_with(mistaken_text())
      local result = check { name, "--json" }
      assert.same({ 3, "" }, { result.code, result.stderr })
      assert.matches("^[^\n]+\n$", result.stdout)
      local found = cjson.decode(result.stdout)
      assert.same({ name, false, "invalid_series", 11 }, { found.file, found.valid, found.code, found.total })
      local by_line = {}
      for _, issue in ipairs(found.issues) do
        assert.is_nil(by_line[issue.line])
        by_line[issue.line] = issue
        assert.equal(issue.line - 2, issue.index)
      end
      for number, line in ipairs(MISTAKES) do
        local issue = by_line[number] or {}
        assert.equal(line[2], issue.code)
        local texts = (issue.message or "") .. " " .. (issue.detail or "")
        assert.matches(line[3] or "", texts, 1, true)
      end
    end)

    it("sends nothing, as the API can tell", function()
      local sandbox = sandboxes.start()
      finally(function()
        sandbox:stop()
      end)
      local name = file_with(mistaken_text())
      local function submit(arguments, stdin)
        local env = { RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token", RAVENWITS_USER = "u" }
        local line = command.concat({ "ravenwits", "submit", "--retailer", "123" }, arguments)
        return command.run(line, { env = env, stdin = stdin })
      end
      assert.same(check { name }, submit { name })
      assert.same(check { name, "--json" }, submit { name, "--json" })
      assert.equal(0, sandbox:audit().counts.requests)
      -- The same way does lead there.
      assert.equal(0, submit({ "-" }, "datetime,purchase\n2025-03-01 00:00,1\n").code)
      assert.equal(1, sandbox:audit().counts.requests)
    end)

    it("prints the first thousand, and counts all", function()
      local lines = {}
      for i = 1, 1500 do -- of one cause each
        lines[i] = ("%04d-01-01 00:00,1\n"):format(1000 + i)
      end
      local result = check_text("datetime,purchase\n" .. table.concat(lines))
      assert.equal(3, result.code)
      assert.equal(1001, select(2, result.stderr:gsub("\n", "")))
      assert.equal("purchases: -: 1,499 problems, the first 1000 of them above; nothing was sent",
        result.stderr:match "([^\n]*)\n$")
    end)

    it("says what has one cause once", function()
      local result = check_text("datetime;purchase\n" .. ("2025-03-01 00:00;1,5\n"):rep(2000))
      assert.matches('-:2:18: 2,000 rows: a decimal comma; say decimal = "," (first at line 2) [invalid_number]\n',
        result.stderr, 1, true)
    end)

    it("calls one problem one", function()
      local result = check_text "datetime,purchase\n2025-03-01 00:00,x\n"
      assert.matches("^%-:2:18: .-\npurchases: %-: 1 problem; nothing was sent\n$", result.stderr)
    end)

    it("lets no control character of the file through to the terminal", function()
      local result = check_text "datetime,purchase\n2025-03-01 00:00,1\27[2J\n"
      assert.equal(3, result.code)
      assert.is_nil((result.stderr:gsub("\n", ""):find "%c"))
    end)
  end)

  describe("options", function()
    it("--step", function()
      assert.equal(0, check_text(day_of(24, 60), { "--step", "60" }).code)
      assert.equal(3, check_text(day_of(24, 60)).code)
      assert.equal(0, check_text(day_of(24, 61), { "--step", "none" }).code)
      assert.equal(3, check_text(day_of(24, 61), { "--step", "1" }).code)
    end)

    it("--step that is none", function()
      for _, step in ipairs { "7", "7.5", "0", "-15", "120", "x", "", "nan", "inf", "NONE" } do
        assert_complaint(check_text("", { "--step=" .. step }), 2, "--step must be 'none' or a whole number of minutes "
          .. "that divides 60; see 'purchases check --help'")
      end
    end)

    it("--tz makes local times of instants, and holds days against the zone", function()
      local utc = "datetime,purchase\n2025-03-29T23:00:00Z,1\n2025-03-29T23:15:00Z,1\n"
      local madrid = { "--tz", "Europe/Madrid", "--step", "none" }
      local result = check_text(utc, madrid)
      assert.equal("-: 2 rows, 2025-03-30 00:00 to 2025-03-30 00:15, 1 day\n", result.stdout)
      result = check_text("datetime,purchase\n2025-03-30 02:30,1\n", madrid)
      assert.matches("[nonexistent_time]", result.stderr, 1, true)
      result = check_text("datetime,purchase\n2025-03-30 00:00,1\n", { "--tz", "Europe/Madrid" })
      assert.matches("[wrong_day_length]", result.stderr, 1, true)
    end)

    it("--tz that is no zone", function()
      assert_complaint(check({ SPAIN, "--tz", "Mars/Base" }), 2, "--tz: unknown time zone Mars/Base")
      assert_complaint(check({ SPAIN, "--tz", "Mars/Base", "--json" }), 2, "--tz: unknown time zone Mars/Base")
      for _, zone in ipairs { "../../etc/passwd", "", "/etc/localtime" } do
        local result = check({ SPAIN, "--tz=" .. zone })
        assert.equal(2, result.code)
        assert.matches("^purchases: %-%-tz: [^\n]+\n$", result.stderr)
      end
    end)

    it("--datetime-column and --value-column", function()
      local text = "when;mw\n2025-03-01 00:00;1,5\n"
      local result = check_text(text:gsub(",5", ".5"), { "--datetime-column", "when", "--value-column", "mw" })
      assert.same({ 0, NOTE }, { result.code, result.stderr })
      assert_complaint(check_text(text, { "--datetime-column", "when" }), 3,
        'standard input: value: no column "purchase"; the columns are "when", "mw"; '
          .. "set the columns with --datetime-column and --value-column; nothing was sent")
    end)

    it("unknown or incomplete", function()
      assert_complaint(check { SPAIN, "--nope" }, 2, "unknown option '--nope'; see 'purchases check --help'")
      assert_complaint(check { SPAIN, "--tz" }, 2, "option '--tz' requires an argument; see 'purchases check --help'")
      assert_complaint(check {}, 2, "missing argument 'file'; see 'purchases check --help'")
      assert_complaint(check { SPAIN, "--json=1" }, 2,
        "option '--json' does not take arguments; see 'purchases check --help'")
    end)
  end)

  describe("sources", function()
    it("standard input, in every format", function()
      local rows = {
        '{"datetime":"2025-03-01 00:00","purchase":1}',
        '{"datetime":"2025-03-01 00:15","purchase":-2.5e1}',
      }
      for _, text in ipairs {
        "datetime,purchase\n2025-03-01 00:00,1\n2025-03-01 00:15,-25\n",
        '{"purchase":[' .. table.concat(rows, ",") .. "]}",
        "[" .. table.concat(rows, ",") .. "]",
        table.concat(rows, "\n") .. "\n",
      } do
        local result = check_text(text)
        assert.same({ 0, "-: 2 rows, 2025-03-01 00:00 to 2025-03-01 00:15, 1 day\n", NOTE },
          { result.code, result.stdout, result.stderr })
      end
    end)

    it("numbers as texts in JSON are no numbers", function()
      local result = check_text '[{"datetime":"2025-03-01 00:00","purchase":"1"}]'
      assert.equal(3, result.code)
      assert.matches('field "purchase" must be a number', result.stderr, 1, true)
    end)

    it("times with an offset, and no zone to write them in", function()
      local result = check_text "datetime,purchase\n2025-03-01 00:00Z,1\n"
      assert.matches("name the zone to write local times in (--tz)", result.stderr, 1, true)
    end)

    it("a missing file, a folder, nothing at all", function()
      assert_complaint(check { "/nowhere/at all.csv" }, 3,
        "cannot read '/nowhere/at all.csv': No such file or directory; nothing was sent")
      assert_complaint(check { "/tmp" }, 3, "cannot read '/tmp': Is a directory; nothing was sent")
      assert_complaint(check_text "", 3, "standard input: contains no purchases; nothing was sent")
      assert_complaint(check { "" }, 3, "cannot read '': No such file or directory; nothing was sent")
    end)

    it("headers and lists without rows", function()
      for _, text in ipairs { "datetime,purchase\n", "[]", '{"purchase":[]}' } do
        local result = check_text(text)
        assert.equal(3, result.code, text)
        assert.matches("^purchases: [^\n]+\n$", result.stderr)
      end
    end)

    it("garbage", function()
      for _, text in ipairs {
        "\0\1\2\3", ("\255\254\0"):rep(1000), "\27ELF\r\0\r\n", "{", '{"purchase":', "\n\n\n", "{}", "null", "12",
      } do
        local result = check_text(text)
        assert.same({ 3, "" }, { result.code, result.stdout })
        assert.is_nil(result.stderr:find("traceback", 1, true), result.stderr)
        assert.matches("nothing was sent\n$", result.stderr)
        result = check_text(text, { "--json" })
        assert.same({ 3, "" }, { result.code, result.stderr })
        assert.is_false(cjson.decode(result.stdout).valid)
      end
    end)

    it("a closed standard input", function()
      local result = command.run({ "-c", "purchases check - <&-" }, { program = "sh" })
      assert.equal(3, result.code)
      assert_complaint(result, 3, "cannot read standard input: Bad file descriptor; nothing was sent")
    end)
  end)

  describe("a result that cannot be written", function()
    local reasons = { full = "No space left on device", broken = "Broken pipe", closed = "Bad file descriptor" }
    for kind, why in pairs(reasons) do
      it("is no success: " .. kind, function()
        for _, arguments in ipairs { { "check", "-" }, { "check", "-", "--json" } } do
          arguments = command.concat(arguments, { "--tz", "Europe/Madrid" })
          local result = command.run(arguments, { stdin = day_of(96, 15), stdout = kind })
          assert.equal("purchases: cannot write to standard output: " .. why .. "\n", result.stderr)
          assert.equal(1, result.code)
        end
      end)
    end
  end)
end)
