-- `purchases woowup create` and `check`: purchases from files, what becomes of each, and what is kept of those that
-- were rejected. `purchases curebit` has the same commands.
local api_command = require "spec.support.api_command"
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"

local complains, json_of = api_command.complains, api_command.json_of
local SECRETS = { "sandbox-woowup-key", "wrong-secret" }
local MISSING = "there is no API key; set WOOWUP_API_KEY or --token-file"

describe("purchases woowup, from files:", function()
  local sandbox, woowup

  setup(function()
    sandbox = sandboxes.start { queue_seconds = 0 }
    woowup = api_command.new("woowup", {
      WOOWUP_BASE_URL = sandbox.url .. "/apiv3",
      WOOWUP_API_KEY = "sandbox-woowup-key",
    }, SECRETS)
  end)
  teardown(function()
    sandbox:stop()
  end)

  local function with(env)
    return { env = env }
  end

  local function requests()
    return sandbox:audit().counts.requests
  end

  local folder

  before_each(function()
    sandbox:reset()
    folder = command.output_of "mktemp -d"
  end)
  after_each(function()
    os.execute("rm -rf " .. folder)
  end)

  local function path(name)
    return folder .. "/" .. name
  end

  local function file_with(text, name)
    return command.write_file(path(name or "in.ndjson"), text)
  end

  local LINE = '{"invoice_number":"F-%d","email":"%s","purchase_detail":[{"sku":"S1","quantity":1,"unit_price":1.5}],'
    .. '"prices":{"total":%s}}'

  -- Lines of purchases F-1 to F-`count`; `other` has those that are to differ.
  local function lines(count, other)
    local list = {}
    for i = 1, count do
      list[i] = other and other[i] or LINE:format(i, "a@example.com", "1.5")
    end
    return table.concat(list, "\n") .. "\n"
  end

  local BAD = LINE:format(42, "a@example.com", '"1.5"')
  local BAD_LINE = "in.ndjson:42:131: /prices/total must be a number, not the string \"1.5\" [type]\n"

  -- In the folder, so that messages have short names; faster than the API allows.
  local function start_here(arguments, options)
    options = options or {}
    options.directory = folder
    if arguments[1] == "create" then
      arguments = command.concat(arguments, { "--rate", "60000" })
    end
    return woowup.start(arguments, options)
  end

  local function here(arguments, options)
    return api_command.check(start_here(arguments, options):wait(), SECRETS)
  end

  local function arrived()
    local counts = sandbox:audit().counts
    return counts.purchases
  end

  describe("check", function()
    it("tells that all are fit", function()
      file_with(lines(3))
      local result = here({ "check", "in.ndjson" }, with { WOOWUP_API_KEY = false })
      assert.same({ 0, "in.ndjson: 3 purchases, 3 valid, 0 invalid\n", "" },
        { result.code, result.stdout, result.stderr })
      assert.equal("standard input: 1 purchase, 1 valid, 0 invalid\n",
        here({ "check", "-" }, { stdin = lines(1) }).stdout)
    end)

    it("tells every problem with its place, and sends nothing", function()
      local before = requests()
      file_with(lines(50, { [7] = "garbage", [42] = BAD }))
      local result = here { "check", "in.ndjson" }
      assert.same({ 3, "in.ndjson: 50 purchases, 48 valid, 2 invalid\n",
        "in.ndjson:7:1: expected a value, got 'g' [invalid_json]\n" .. BAD_LINE },
        { result.code, result.stdout, result.stderr })
      assert.equal(before, requests())
    end)

    it("prints one JSON object", function()
      file_with(lines(50, { [42] = BAD }))
      local result = here { "check", "in.ndjson", "--json" }
      local report = json_of(result)
      assert.same({ 3, false, 50, 49, 1, 1 },
        { result.code, report.valid, report.purchases, report.good, report.bad, report.total })
      assert.same({ 42, 131, "/prices/total", "type" },
        { report.issues[1].line, report.issues[1].column, report.issues[1].field, report.issues[1].code })
    end)

    it("counts what it no longer prints", function()
      file_with((BAD .. "\n"):rep(1200))
      local result = here { "check", "in.ndjson" }
      assert.matches("^in%.ndjson:1:%d+: /prices/total 1,200 times: [^\n]+\n$", result.stderr)
      local list = {}
      for i = 1, 1200 do
        list[i] = ('{"invoice_number":1,"email":"a@x.example","channel":"x%d","purchase_detail":[],'
          .. '"prices":{"total":1}}\n'):format(i)
      end
      file_with(table.concat(list))
      result = here { "check", "in.ndjson" }
      assert.equal(1001, select(2, result.stderr:gsub("\n", "")))
      assert.matches("in.ndjson: 1,200 problems; 200 of them, of further causes, not above\n$", result.stderr)
    end)

    it("tells once what differs in the wrong value alone, and each text that is none of a list", function()
      local list = {}
      for i = 1, 9 do
        list[i] = LINE:format(i, "a@example.com", '"' .. i .. '"'):gsub('"S1"', i > 7 and '"S/' .. i .. '"' or '"S1"')
      end
      list[10] = LINE:format(10, "a@example.com", "1"):gsub("}$", ',"channel":"x"}')
      list[11] = LINE:format(11, "a@example.com", "1"):gsub("}$", ',"channel":"y"}')
      file_with(table.concat(list, "\n"))
      local places = {}
      for line in here({ "check", "in.ndjson" }).stderr:gmatch "[^\n]+" do
        places[#places + 1] = line:gsub("must.* %[", "[")
      end
      table.sort(places)
      assert.same({ "in.ndjson:10:144: /channel [enum]", "in.ndjson:11:144: /channel [enum]",
        "in.ndjson:1:130: /prices/total 9 times, first here: [type]",
        "in.ndjson:8:75: /purchase_detail/0/sku 2 times, first here: [pattern]" }, places)
      file_with("No,Total\n1,\"1,5\"\n2,\"2,5\"\n3,n\n4,m\n", "in.csv")
      file_with([[return { purchase = { invoice_number = "No", prices = { total = { column = "Total",
        number = true } } } }]], "map.lua")
      local result = here { "check", "in.csv", "--map", "map.lua" }
      assert.matches("^in%.csv:2:4: 2 times, first here: Total: '1,5' is not a number: a decimal comma; [^\n]*\n"
        .. "in%.csv:4:3: Total: 'n' is not a number: [^\n]*\nin%.csv:5:3: Total: 'm' is not a number: [^\n]*\n$",
        result.stderr)
    end)

    it("ends where it cannot keep apart the invoices of a large file", function()
      local rows = { "No,Mail" }
      for i = 2, 120000 do
        rows[i] = i .. ",a@example.com"
      end
      file_with(table.concat(rows, "\n"), "in.csv")
      file_with([[return { group = "No", purchase = { invoice_number = "No", email = "Mail", prices = { total = {
        constant = 1 } } }, items = "purchase_detail", item = { sku = { constant = "S1" },
        quantity = { constant = 1 }, unit_price = { constant = 1 } } }]], "map.lua")
      local script = "trap '' XFSZ; ulimit -f 8; exec purchases woowup check in.csv --map map.lua"
      local result = command.run({ "-c", script }, { program = "sh", directory = folder })
      assert.same({ 3, "",
        "purchases: in.csv: the keys of what was read cannot be kept in a temporary file: File too large; "
          .. "nothing was sent\n" },
        { result.code, result.stdout, result.stderr })
    end)

    it("counts nothing where there is nothing", function()
      file_with "\127ELF and the like"
      complains(3, "in.ndjson:1:1: not JSON: purchases begin with '{' or '[' (CSV needs a map); set one with --map",
        here { "check", "in.ndjson" })
      file_with "[]"
      complains(3, "in.ndjson: contains no purchases", here { "check", "in.ndjson" })
      file_with ""
      complains(3, "in.ndjson: contains no purchases", here { "check", "in.ndjson" })
    end)

    it("takes a schema of one's own", function()
      file_with(lines(2))
      file_with('{"properties":{"channel":{"enum":["web"]}},"required":["channel"]}', "mine.json")
      local result = here { "check", "in.ndjson", "--schema", "mine.json" }
      assert.equal(3, result.code)
      assert.matches('in.ndjson:1:1: 2 times: [^\n]*"channel"[^\n]* %[required%]\n$', result.stderr)
    end)
  end)

  describe("create", function()
    it("creates all there are", function()
      file_with(lines(250))
      local result = here { "create", "in.ndjson" }
      assert.same({ 0, "250 of 250 purchases accepted\n", "" }, { result.code, result.stdout, result.stderr })
      assert.equal(250, arrived())
      assert.equal(3, sandbox:audit().counts.requests)
    end)

    it("one that is not fit holds back no other", function()
      file_with(lines(100, { [42] = BAD }))
      local result = here { "create", "in.ndjson" }
      assert.same({ 1, "99 of 100 purchases accepted, 1 rejected\nrejected for: type 1\n", BAD_LINE },
        { result.code, result.stdout, result.stderr })
      assert.equal(99, arrived())
    end)

    it("one that the API refuses holds back no other", function()
      file_with(lines(100, { [42] = LINE:format(42, "unknown@example.com", 1) }))
      local result = here { "create", "in.ndjson" }
      assert.same({ 1, "99 of 100 purchases accepted, 1 rejected\nrejected for: user_not_found 1\n",
        "in.ndjson:42:1: User not found [user_not_found]\n" }, { result.code, result.stdout, result.stderr })
      assert.equal(99, arrived())
    end)

    it("tells the first of each cause at once, and at the end how many there were", function()
      local bad = {}
      for i = 1, 99 do
        bad[i] = LINE:format(i, "a@example.com", '"' .. i .. '"')
      end
      file_with(lines(200, bad))
      sandbox:fault { path = "bulk", delay = 2, times = 99 }
      local child = start_here { "create", "in.ndjson" }
      local first = "in.ndjson:1:130: /prices/total must be a number, not the string \"1\" [type]\n"
      assert.is_truthy(child:wait_for("stderr", "%[type%]\n"))
      assert.equal(first, child:read "stderr")
      local result = child:wait()
      sandbox:clear_faults()
      assert.equal(first .. "in.ndjson:1:130: /prices/total 99 times, first here: must be a number, not the string "
        .. "\"1\" [type]\n", result.stderr)
      assert.equal("101 of 200 purchases accepted, 99 rejected\nrejected for: type 99\n", result.stdout)
    end)

    it("counts causes that it no longer tells", function()
      local list = {}
      for i = 1, 30 do
        list[i] = LINE:format(i, "a@example.com", "1"):gsub("}$", ',"channel":"x' .. i % 25 .. '"}')
      end
      file_with(table.concat(list, "\n"))
      local result = here { "create", "in.ndjson" }
      assert.equal(20 + 1 + 5, select(2, result.stderr:gsub("\n", "")))
      assert.equal(1, select(2, result.stderr:gsub("purchases: further problems are only counted; "
        .. "%-%-rejects FILE keeps them all\n", "")))
      assert.matches("in%.ndjson:5:143: /channel 2 times: [^\n]*\n$", result.stderr)
    end)

    it("two that are refused here and there are kept, mended, and sent", function()
      local unknown = LINE:format(77, "unknown@example.com", 1)
      file_with(lines(100, { [42] = BAD, [77] = unknown }))
      local result = here { "create", "in.ndjson", "--rejects", "out" }
      assert.same({ 1, "98 of 100 purchases accepted, 2 rejected\nrejected for: type 1, user_not_found 1\n" },
        { result.code, result.stdout })
      assert.equal(BAD .. "\n" .. unknown .. "\n", command.contents(path "out"))
      assert.equal("out:1:131: /prices/total must be a number, not the string \"1.5\" [type] (in.ndjson:42)\n"
        .. "out:2:1: User not found [user_not_found] (in.ndjson:77)\n", command.contents(path "out.reasons"))
      file_with(command.contents(path "out"):gsub('"1.5"', "1.5"):gsub("unknown", "known"), "out")
      result = here { "create", "out", "--rejects", "again" }
      assert.same({ 0, "2 of 2 purchases accepted\n", "" }, { result.code, result.stdout, result.stderr })
      assert.equal(100, arrived())
    end)

    it("tells the column of each where all stand in one line", function()
      local unknown = LINE:format(3, "unknown@example.com", 1)
      file_with("[" .. lines(1):gsub("\n", "") .. "," .. BAD .. "," .. unknown .. "]")
      local result = here { "create", "in.ndjson", "--rejects", "out" }
      local second = 3 + #LINE:format(1, "a@example.com", "1.5")
      local first, last = result.stderr:match "^in.ndjson:1:(%d+): [^\n]*\nin.ndjson:1:(%d+): User not found"
      assert.same({ second + 130, second + #BAD + 1 }, { tonumber(first), tonumber(last) })
      assert.matches("^out:1:131: [^\n]* %(in.ndjson:1%)\nout:2:1: ", command.contents(path "out.reasons"))
    end)

    it("tells all that the API has to say of one", function()
      file_with(lines(1))
      local errors = { "no such thing", "nor that" }
      sandbox:fault { path = "bulk", status = 400, times = 2,
        body = { code = "bad_request", message = "bad request", payload = { errors = errors } } }
      local result = here { "create", "in.ndjson", "--rejects", "out" }
      assert.matches("^in.ndjson:1:1: no such thing %[bad_request%]\nin.ndjson:1:1: nor that %[bad_request%]\n",
        result.stderr)
      assert.equal("out:1:1: no such thing [bad_request] (in.ndjson:1)\n"
        .. "out:1:1: nor that [bad_request] (in.ndjson:1)\n", command.contents(path "out.reasons"))
      local failure = json_of(here { "create", "in.ndjson", "--json" }).failures[1]
      assert.same({ "no such thing", errors }, { failure.error.message, failure.error.messages })
    end)

    it("sends nothing when none is fit, or none is there", function()
      local before = requests()
      file_with(BAD .. "\n")
      local result = here { "create", "in.ndjson" }
      assert.same({ 3, "0 of 1 purchases accepted, 1 rejected\nrejected for: type 1\n" },
        { result.code, result.stdout })
      file_with ""
      complains(3, "in.ndjson: contains no purchases; nothing was sent", here { "create", "in.ndjson" })
      assert.equal(before, requests())
    end)

    it("a second run creates nothing, and says so", function()
      file_with(lines(10))
      assert.equal(0, here({ "create", "in.ndjson" }).code)
      local result = here { "create", "in.ndjson", "--rejects", "rejects.ndjson" }
      assert.same({ 1, "0 of 10 purchases accepted, 10 already existed\n",
        "purchases: duplicates are listed in rejects.ndjson.duplicates\n" },
        { result.code, result.stdout, result.stderr })
      assert.equal(10, arrived())
      local there = {}
      for line in command.contents(path "rejects.ndjson.duplicates"):gmatch "in%.ndjson:(%d+: F%-%d+)\n" do
        there[#there + 1] = line
      end
      table.sort(there) -- bulks may end in any order
      assert.same({ "10: F-10", "1: F-1", "2: F-2", "3: F-3" }, { there[1], there[2], there[3], there[4] })
      assert.equal(10, #there)
      file_with(lines(10) .. BAD)
      result = here { "create", "in.ndjson", "--rejects", "out" }
      assert.equal("purchases: rejected purchases and reasons are in out, out.reasons\n"
        .. "purchases: duplicates are listed in out.duplicates\n", result.stderr:match "[^\n]*\n[^\n]*\n$")
      result = json_of(here { "create", "in.ndjson", "--rejects", "more", "--json" })
      assert.same({ "more", "more.reasons", "more.duplicates" }, result.rejects)
    end)

    it("prints one JSON object", function()
      file_with(lines(100, { [42] = BAD, [43] = LINE:format(43, "unknown@example.com", 1) }))
      local result = here { "create", "in.ndjson", "--json", "--rejects", "out" }
      local report = json_of(result)
      assert.same({ 1, 98, 2, 0, 0, 0 }, { result.code, report.accepted, report.rejected, report.duplicates,
        report.unknown, report.pending })
      local first, second = report.failures[1], report.failures[2]
      assert.same({ 42, "F-42", "rejected", "validation", "/prices/total" },
        { first.line, first.key, first.outcome, first.error.kind, first.error.issues[1].field })
      assert.same({ 43, "F-43", "rejected", "user_not_found", 500 },
        { second.line, second.key, second.outcome, second.error.code, second.error.status })
      assert.same({ "out", "out.reasons" }, report.rejects)
    end)

    it("reads standard input, arrays, and CSV by a map", function()
      assert.equal(0, here({ "create", "-" }, { stdin = lines(2) }).code)
      file_with("[" .. LINE:format(3, "a@example.com", 1) .. ",\n" .. LINE:format(4, "a@example.com", 1) .. "]")
      assert.equal(0, here({ "create", "in.ndjson" }).code)
      file_with("No;Mail;Code;Count;Price\nF-5;a@example.com;S1;2;1,50\nF-5;a@example.com;S2;1;3,00\n", "in.csv")
      file_with([[return { group = "No", decimal = ",", purchase = { invoice_number = "No", email = "Mail",
        prices = { total = { sum_product = { "Count", "Price" } } } }, items = "purchase_detail", item = { sku = "Code",
        quantity = { column = "Count", number = true }, unit_price = { column = "Price", number = true } } }]],
        "map.lua")
      local result = here { "create", "in.csv", "--map", "map.lua" }
      assert.same({ 0, "1 of 1 purchases accepted\n", "" }, { result.code, result.stdout, result.stderr })
      assert.equal(5, arrived())
      assert.matches("2 items  total 6  ", here({ "find", "--invoice-number", "F-5" }).stdout, 1, true)
    end)

    describe("--rejects", function()
      it("keeps what was rejected as it came, with reasons, to be mended and sent again", function()
        local spread = BAD:gsub("%],", "],\n  ")
        file_with("[" .. lines(3, { [2] = spread }):gsub("\n{", ",\n{") .. "]")
        local result = here { "create", "in.ndjson", "--rejects", "out" }
        assert.equal("purchases: rejected purchases and reasons are in out, out.reasons\n",
          result.stderr:match "[^\n]*\n$")
        local kept = command.contents(path "out")
        assert.equal((spread:gsub("\n", " ")) .. "\n", kept)
        local column = kept:find('"1.5"', 1, true)
        assert.equal(("out:1:%d: /prices/total must be a number, not the string \"1.5\" [type] (in.ndjson:3)\n")
          :format(column), command.contents(path "out.reasons"))
        file_with(kept:gsub('"1.5"', "1.5"), "out")
        result = here { "create", "out" }
        assert.same({ 0, "1 of 1 purchases accepted\n", "" }, { result.code, result.stdout, result.stderr })
        assert.equal(3, arrived())
      end)

      it("keeps lines of CSV that made no purchase, under their header", function()
        file_with("No,Mail,Total\nF-1,a@example.com,1\nF-2,a@example.com,one\nF-3,,1\n", "in.csv")
        file_with([[return { purchase = { invoice_number = "No", email = "Mail",
          prices = { total = { column = "Total", number = true } },
          purchase_detail = function() return { { sku = "S1", quantity = 1, unit_price = 1 } } end } }]], "map.lua")
        local result = here { "create", "in.csv", "--map", "map.lua", "--rejects", "out" }
        assert.equal(1, result.code)
        assert.equal("No,Mail,Total\nF-2,a@example.com,one\n", command.contents(path "out.csv"))
        assert.matches('"invoice_number":"F-3"', command.contents(path "out"), 1, true)
        local reasons = command.contents(path "out.reasons")
        assert.matches("out.csv:2:19: Total: 'one' is not a number: where it stands for nothing, say null = "
          .. '{ "one" } [invalid_cell] (in.csv:3)\n', reasons, 1, true)
        assert.matches('out:1:1: must have one of [^\n]* %[anyOf%] %(in.csv:4%)\n', reasons)
        file_with(command.contents(path "out.csv"):gsub("one", "1"), "out.csv")
        assert.equal(0, here({ "create", "out.csv", "--map", "map.lua" }).code)
        assert.equal(2, arrived())
      end)

      it("keeps lines of CSV in the file itself where that is to be CSV", function()
        local csv = "No,Mail,Total\nF-1,a@example.com,1\nF-2,a@example.com,one\nF-3,,1\n"
        file_with(csv, "in.csv")
        file_with([[return { purchase = { invoice_number = "No", email = "Mail",
          prices = { total = { column = "Total", number = true } },
          purchase_detail = function() return { { sku = "S1", quantity = 1, unit_price = 1 } } end } }]], "map.lua")
        local result = here { "create", "in.csv", "in.csv", "--map", "map.lua", "--rejects", "out.CSV" }
        assert.equal(1, result.code)
        assert.matches("purchases: rejected purchases and reasons are in out.CSV, out.CSV.ndjson, out.CSV.reasons, "
          .. "out.CSV.2, out.CSV.2.ndjson, out.CSV.2.reasons\n", result.stderr, 1, true)
        assert.equal("No,Mail,Total\nF-2,a@example.com,one\n", command.contents(path "out.CSV"))
        assert.matches('"invoice_number":"F-3"', command.contents(path "out.CSV.ndjson"), 1, true)
        assert.matches("^out.CSV:2:19: [^\n]*\nout.CSV.ndjson:1:1: [^\n]*\n$",
          command.contents(path "out.CSV.reasons"))
        file_with(lines(1, { LINE:format(1, "a@example.com", "null") }))
        assert.equal(3, here({ "create", "in.ndjson", "--rejects", "json.csv" }).code)
        assert.equal(LINE:format(1, "a@example.com", "null") .. "\n", command.contents(path "json.csv"))
      end)

      it("keeps such lines as their file has them, so that the same map reads them", function()
        local in_latin1 = "A\241o 2025\r\nsep=;\r\nN\250mero;Correo;Total\r\nF-1;\"Jos\233\r\n\";1,5\r\n"
        local map = [[return { encoding = %s, header = %s, decimal = ",", delimiter = ";", purchase = {
          invoice_number = 1, document = 2, prices = { total = { column = 3, number = true } },
          purchase_detail = function() return { { sku = "S1", quantity = 1, unit_price = 1 } } end } }]]
        file_with(map:format("'latin1'", "3"), "latin1.lua")
        file_with(in_latin1 .. "F-2;\"\209\n\150\";uno\r\nF-3;x\r\n", "in.csv")
        assert.equal(1, here({ "create", "in.csv", "--map", "latin1.lua", "--rejects", "out" }).code)
        assert.equal(in_latin1:match "^.-Total" .. "\nF-2;\"\209\n\150\";uno\nF-3;x\n",
          command.contents(path "out.csv"))
        file_with(command.contents(path "out.csv"):gsub("uno", "1"):gsub(";x", ";x;1"), "out.csv")
        assert.equal(0, here({ "create", "out.csv", "--map", "latin1.lua" }).code)
        local utf16 = "\255\254" .. ("F-4;a;1\r\nF-5;N;x\r\n"):gsub(".", "%0\0"):gsub("N%z", "\209\1")
        file_with(map:format("nil", "false"), "utf16.lua")
        file_with(utf16, "in.csv")
        assert.equal(1, here({ "create", "in.csv", "--map", "utf16.lua", "--rejects", "two" }).code)
        assert.equal("\255\254" .. ("F-5;N;x\n"):gsub(".", "%0\0"):gsub("N%z", "\209\1"),
          command.contents(path "two.csv"))
        assert.equal(4, arrived())
      end)

      it("leaves no empty file behind", function()
        file_with(lines(1))
        assert.equal(0, here({ "create", "in.ndjson", "--rejects", "out" }).code)
        assert.equal("in.ndjson", command.output_of("ls " .. folder))
      end)

      it("overwrites nothing, and fails before anything is sent", function()
        local before = requests()
        file_with(lines(1))
        file_with("mine", "out.reasons")
        complains(2, "out.reasons already exists; move it away or choose another --rejects; nothing was sent",
          here { "create", "in.ndjson", "--rejects", "out" })
        assert.equal("in.ndjson\nout.reasons", command.output_of("ls " .. folder))
        complains(2, "in.ndjson already exists; move it away or choose another --rejects; nothing was sent",
          here { "create", "in.ndjson", "--rejects", "in.ndjson" })
        complains(2, "/dev/full already exists; move it away or choose another --rejects; nothing was sent",
          here { "create", "in.ndjson", "--rejects", "/dev/full" })
        complains(2, "cannot write nowhere/out: No such file or directory; nothing was sent",
          here { "create", "in.ndjson", "--rejects", "nowhere/out" })
        assert.equal(before, requests())
      end)

      it("makes new files alone: no link is followed, no pipe waited for", function()
        file_with(lines(1))
        local refusal = " already exists; move it away or choose another --rejects; nothing was sent"
        for name, make in pairs {
          link = "ln -s elsewhere link", pipe = "mkfifo pipe", blind = "echo mine > blind && chmod 200 blind",
          ["a.reasons"] = "ln -s elsewhere a.reasons", ["b.duplicates"] = "mkfifo b.duplicates",
        } do
          os.execute(("cd %s && %s"):format(folder, make))
          complains(2, name .. refusal, here { "create", "in.ndjson", "--rejects", (name:gsub("%..*", "")) })
        end
        assert.equal("a.reasons\nb.duplicates\nblind\nin.ndjson\nlink\npipe", command.output_of("ls " .. folder))
        assert.equal("mine", command.output_of("cat " .. path "blind"))
        assert.equal(0, arrived())
      end)

      it("stops at once when they cannot be written, and says how many are lost", function()
        -- Each good one is in a bulk with a bad one: the first bulk holds 50 of them, at most.
        local list = {}
        for i = 1, 4000, 2 do
          list[i], list[i + 1] = BAD, LINE:format(i, "a@example.com", "1.5")
        end
        file_with(table.concat(list, "\n"))
        local script = "ulimit -f 8; exec purchases woowup create in.ndjson --concurrency 1 --rejects out"
        local result = command.run({ "-c", script }, { program = "sh", directory = folder,
          env = { WOOWUP_BASE_URL = sandbox.url .. "/apiv3", WOOWUP_API_KEY = "sandbox-woowup-key" } })
        assert.equal(1, result.code)
        local lost = result.stderr:match
          "\npurchases: cannot write out[^ ]*: File too large; stopped, and the files lack (%d+) rejected purchases\n"
        local _, kept = command.contents(path "out"):gsub("[^\n]+\n", "")
        assert.equal(BAD .. "\n", command.contents(path "out"):sub(1, #BAD + 1)) -- none is there in part
        assert.equal((BAD .. "\n"):rep(kept), command.contents(path "out"))
        local rejected = result.stdout:match "0 of [%d,]+ purchases accepted, (%d+) rejected, [%d,]+ pending"
        assert.equal(tonumber(rejected), kept + lost)
        assert.equal(0, arrived())
      end)

      it("says to go on at the first purchase that they lack, where others are pending and where none is", function()
        local script = "ulimit -f 8; exec purchases woowup create in.ndjson --concurrency 1 --rejects out"
        for _, case in ipairs { { good = 300, code = 1, script = script }, { good = 0, code = 3, script = script },
          { good = 300, code = 0, script = ("(%s --json) | cat"):format(script) } } do
          file_with((BAD .. "\n"):rep(100) .. lines(case.good))
          local result = command.run({ "-c", case.script }, { program = "sh", directory = folder,
            env = { WOOWUP_BASE_URL = sandbox.url .. "/apiv3", WOOWUP_API_KEY = "sandbox-woowup-key" } })
          local _, kept = command.contents(path "out"):gsub("[^\n]+\n", "")
          assert(kept > 0 and kept < 99, kept)
          if case.code > 0 then
            assert.matches("\npurchases: to go on, run the same command again with --from-line " .. kept + 1
              .. " and another --rejects: ", result.stderr, 1, true)
          else
            assert.equal(kept + 1, cjson.decode(result.stdout).resume)
          end
          assert.equal(case.code, result.code)
          assert.equal(0, arrived())
          os.execute(("rm %s/out*"):format(folder))
        end
      end)
    end)

    it("a result that cannot be written is told elsewhere, and is no success", function()
      local reasons = { full = "No space left on device", broken = "Broken pipe", closed = "Bad file descriptor" }
      for stdout, why in pairs(reasons) do
        file_with((lines(3):gsub("F%-", stdout .. "-")))
        local result = here({ "create", "in.ndjson" }, { stdout = stdout })
        assert.same({ 1, "3 of 3 purchases accepted\npurchases: cannot write to standard output: " .. why .. "\n" },
          { result.code, result.stderr })
        result = here({ "create", "in.ndjson", "--json" }, { stdout = stdout })
        assert.same({ 1, "0 of 3 purchases accepted, 3 already existed\n" },
          { result.code, result.stderr:match "^[^\n]*\n" })
      end
      assert.equal(9, arrived())
    end)

    it("wrong credentials, nobody there", function()
      file_with(lines(250))
      local result = here({ "create", "in.ndjson" }, with { WOOWUP_API_KEY = "wrong-secret" })
      assert.same({ 4, "0 of 250 purchases accepted, 250 pending\n" }, { result.code, result.stdout })
      assert.matches("^purchases: woowup create_all: forbidden: authentication failed [^\n]*\n"
        .. "purchases: to go on, run the same command again[^\n]*\n$", result.stderr)
      complains(4, MISSING, here({ "create", "in.ndjson" }, with { WOOWUP_API_KEY = false }))
    end)

    it("files that cannot be read", function()
      local before = requests()
      file_with "\127ELF and the like"
      complains(3, "in.ndjson:1:1: not JSON: purchases begin with '{' or '[' (CSV needs a map); set one with --map; "
        .. "nothing was sent", here { "create", "in.ndjson" })
      complains(3, "cannot read 'nowhere': No such file or directory; nothing was sent", here { "create", "nowhere" })
      complains(3, "cannot read '.': Is a directory; nothing was sent", here { "create", "." })
      assert.equal("cannot read 'nowhere': No such file or directory",
        cjson.decode(here({ "create", "nowhere", "--json" }).stdout).error.message)
      for name, text in pairs { ["none.lua"] = false, ["syntax.lua"] = "return {", ["column.lua"] =
        'return { purchase = { invoice_number = "Number" } }', ["list.lua"] = "return 7" } do
        if text then
          file_with(text, name)
        end
        file_with("No,Mail\n1,a@example.com\n", "in.csv")
        local result = here { "create", "in.csv", "--map", name }
        assert.same({ 3, "" }, { result.code, result.stdout })
        assert.matches("^purchases: [^\n]+; nothing was sent\n$", result.stderr)
        local named = name == "column.lua" and 'no column "Number"; the columns are "No", "Mail"' or name
        assert.matches(named, result.stderr, 1, true)
      end
      file_with("\127ELF and the like", "in") -- a name that the message holds by chance
      complains(3, "in:1:1: not JSON: purchases begin with '{' or '[' (CSV needs a map); set one with --map; "
        .. "nothing was sent", here { "create", "in" })
      file_with("", "empty.csv")
      complains(3, "empty.csv: contains no purchases; nothing was sent",
        here { "create", "empty.csv", "--map", "column.lua" })
      file_with("return { purchase = {}, wehre = {} }", "typo.lua")
      complains(3, "the map 'typo.lua' cannot be used: unknown key 'wehre'; nothing was sent",
        here { "create", "in.csv", "--map", "typo.lua" })
      complains(3, "the map './' cannot be used: Is a directory; nothing was sent",
        here { "create", "in.csv", "--map", "./" })
      file_with(lines(1))
      for name, why in pairs { ["none.json"] = "No such file or directory", ["."] = "Is a directory" } do
        complains(3, ("cannot read the schema '%s': %s; nothing was sent"):format(name, why),
          here { "create", "in.ndjson", "--schema", name })
      end
      file_with('{"foo":1}', "mine.json")
      complains(3, 'mine.json:1:2: keyword "foo" is not supported, at /foo; nothing was sent',
        here { "create", "in.ndjson", "--schema", "mine.json" })
      assert.equal(before, requests())
    end)

    it("Ctrl-C finishes what is in flight, and the same command goes on from there", function()
      file_with(lines(60, { [1] = BAD }))
      sandbox:fault { path = "purchases", delay = 0.5, times = 100 }
      local child = start_here { "create", "in.ndjson", "--batch", "10", "--concurrency", "2", "--rejects", "out" }
      assert.is_truthy(command.wait_until(function()
        return requests() > 0
      end))
      child:signal "INT"
      local result = api_command.check(child:wait(), SECRETS)
      sandbox:clear_faults()
      assert.equal(1, result.code)
      local accepted, pending = result.stdout:match "^(%d+) of 60 purchases accepted, 1 rejected, (%d+) pending\n"
      assert.equal(59, tonumber(accepted) + tonumber(pending))
      assert.equal(tonumber(accepted), arrived())
      assert.matches("purchases: interrupted: requests in flight are finished", result.stderr, 1, true)
      local line = 60 - pending + 1
      assert.matches(("\npurchases: to go on, run the same command again with --from-line %d and another --rejects: ")
        :format(line), result.stderr, 1, true)
      assert.is_nil(result.stderr:find("stopped", 1, true))
      assert.equal(BAD .. "\n", command.contents(path "out"))
      assert.equal(("%d of %d purchases accepted\n"):format(pending, pending),
        here({ "create", "in.ndjson", "--from-line", line }).stdout)
      result = here { "create", "in.ndjson" }
      assert.equal("0 of 60 purchases accepted, 59 already existed, 1 rejected\nrejected for: type 1\n", result.stdout)
      assert.equal(59, arrived())
    end)

    it("shows the key to nobody who lists processes", function()
      file_with(lines(1))
      sandbox:fault { path = "purchases", delay = 2 }
      local child = start_here { "create", "in.ndjson" }
      assert.is_truthy(command.wait_until(function()
        return requests() > 0
      end))
      local listed = command.output_of "ps -eo args"
      assert.matches("woowup create in.ndjson", listed, 1, true)
      assert.is_nil(listed:find("sandbox-woowup-key", 1, true))
      assert.equal(0, child:wait().code)
    end)
  end)

  it("nobody is reached", function()
    file_with(lines(3))
    local result = here({ "create", "in.ndjson" }, with { WOOWUP_BASE_URL = "http://127.0.0.1:1" })
    assert.same({ 5, "0 of 3 purchases accepted, 3 pending\n" }, { result.code, result.stdout })
    assert.matches("^purchases: woowup create_all: [^\n]+\npurchases: to go on, run the same command again: [^\n]+\n$",
      result.stderr)
  end)
end)
