-- How `purchases woowup|curebit check` and `create` are told how a file of sales is read, and take several.
local api_command = require "spec.support.api_command"
local cjson = require "cjson"
local command = require "spec.support.command"
local desks = require "spec.support.desk"

describe("the options of sales", function()
  local sandbox, curebit
  local desk = desks.new {}
  local folder = desk.folder
  local write = folder.write

  setup(function()
    sandbox = desk.sandbox
    curebit = api_command.new("curebit", { CUREBIT_BASE_URL = sandbox.url, CUREBIT_SITE = "sandbox-shop",
      CUREBIT_API_KEY = "sandbox-curebit-key" }, { "sandbox-curebit-key" })
  end)

  local function run(...)
    return curebit.run({ ... }, { directory = folder.path })
  end

  local MAP = [[return { decimal = ".", group = "Orden", purchase = { order_number = "Orden", email = "Correo",
    order_date = { column = "Fecha", date = "%d/%m/%Y %H:%M" }, subtotal = { column = "Total", number = true } } }]]

  -- A file with orders of these numbers; of those above 900 the address is none.
  local function orders(...)
    local lines = { "Orden;Correo;Fecha;Total;D\237a" }
    for _, number in ipairs { ... } do
      lines[#lines + 1] = ("%d;%s;01/07/2026 10:30;12,50;"):format(number, number > 900 and "nobody" or "a@example.com")
    end
    return table.concat(lines, "\n") .. "\n"
  end

  local OPTIONS = { "--map", "./map.lua", "--encoding", "latin1", "--decimal", ",", "--delimiter", ";", "--tz",
    "Europe/Madrid" }

  local function run_with(...)
    return curebit.run(command.concat({ ... }, OPTIONS), { directory = folder.path })
  end

  it("go before what the map says", function()
    write("map.lua", MAP)
    write("a.csv", orders(1))
    local result = run_with("check", "a.csv", "--print", "1")
    assert.same({ 0, "a.csv: 1 purchase, 1 valid, 0 invalid\n" }, { result.code, result.stderr })
    assert.equal('{"email":"a@example.com","order_date":"2026-07-01 08:30:00","order_number":"1","subtotal":12.5}\n',
      result.stdout)
    assert.equal(0, run_with("create", "a.csv").code)
    assert.equal("1", sandbox:purchases()[1].order_number)
  end)

  it("name a map that cannot be used", function()
    write("a.csv", orders(1))
    for map, why in pairs {
      nope = "purchases: the map 'nope' cannot be used: it does not come along; there are shopify, tiendanube",
      omie = "purchases: the map 'omie' cannot be used: it is of a series; ",
      ["./no.lua"] = "purchases: the map './no.lua' cannot be used: No such file or directory",
    } do
      for _, name in ipairs { "check", "create" } do
        local result = run(name, "a.csv", "--map", map)
        assert.same({ 3, "" }, { result.code, result.stdout })
        assert.equal(why, result.stderr:sub(1, #why))
        assert.matches("; nothing was sent\n$", result.stderr)
      end
    end
  end)

  it("are named where they are wrong", function()
    write("map.lua", MAP)
    write("a.csv", orders(1))
    for option, wrong in pairs { tz = "Europe/Madri", encoding = "latin9" } do
      for _, name in ipairs { "check", "create" } do
        local result = run(name, "a.csv", "--map", "./map.lua", "--" .. option, wrong)
        assert.same({ 3, "" }, { result.code, result.stdout })
        assert.matches("^purchases: %-%-" .. option .. ": [^\n]+; nothing was sent\n$", result.stderr)
      end
    end
  end)

  it("print purchases on standard output alone, on a line each", function()
    local order = [[{"email":"a@example.com",%s"order_date":"2026-07-01 08:30:00","order_number":"%d","subtotal":1}]]
    write("a.json", ("[%s,\n%s,{}]"):format(order:format("\n ", 1), order:format("", 2)))
    local result = run("check", "a.json", "--print", "1", "--json")
    assert.equal(3, result.code)
    assert.equal(order:format("  ", 1) .. "\n", (result.stdout:gsub(", +", ",  ")))
    assert.same({ 2, 1 }, { cjson.decode(result.stderr).good, cjson.decode(result.stderr).bad })
    assert.equal(2, select(2, run("check", "a.json", "--print", "9").stdout:gsub("\n", "")))
  end)

  it("tell how many rows a map leaves out", function()
    write("map.lua", MAP:gsub('group = "Orden"', 'group = "Orden", unless = { Orden = { "2", "3" } }'))
    write("a.csv", orders(1, 2, 3))
    local result = run_with("check", "a.csv")
    assert.same({ 0, "a.csv: 1 purchase, 1 valid, 0 invalid, 2 rows left out\n" }, { result.code, result.stdout })
    assert.equal(2, cjson.decode(run_with("check", "a.csv", "--json").stdout).left_out)
    result = run_with("create", "a.csv")
    assert.same({ 0, "1 of 1 purchases accepted, 2 rows left out\n" }, { result.code, result.stdout })
    assert.equal(2, cjson.decode(run_with("create", "a.csv", "--json").stdout).left_out)
    write("map.lua", (MAP:gsub("{ decimal", '{ where = { Orden = "none" }, decimal')))
    assert.equal("purchases: a.csv: contains no purchases, 3 rows left out\n", run_with("check", "a.csv").stderr)
    assert.equal("purchases: a.csv: contains no purchases, 3 rows left out; nothing was sent\n",
      run_with("create", "a.csv").stderr)
  end)

  it("tell what is wrong in the same words once, with how often and where first", function()
    write("map.lua", MAP)
    write("a.csv", orders(1, 901, 902, 2, 903))
    local result = run_with("check", "a.csv")
    assert.same({ 3, "a.csv: 5 purchases, 2 valid, 3 invalid\n" }, { result.code, result.stdout })
    assert.matches('^a%.csv:3:1: /email 3 times: [^\n]+ %[format%]\n$', result.stderr)
    assert.equal(3, #cjson.decode(run_with("check", "a.csv", "--json").stdout).issues)
  end)

  describe("take several files", function()
    before_each(function()
      write("map.lua", MAP)
      write("a.csv", orders(1, 2, 901))
      write("b.csv", orders(3, 902))
      write("c.csv", orders(4))
    end)

    it("as one report", function()
      local result = run_with("check", "a.csv", "b.csv", "c.csv")
      assert.same({ 3, "a.csv, b.csv, c.csv: 6 purchases, 4 valid, 2 invalid\n" }, { result.code, result.stdout })
      assert.matches("^a%.csv:4:1: [^\n]+\nb%.csv:3:1: [^\n]+\n$", result.stderr)
      local found = cjson.decode(run_with("check", "a.csv", "b.csv", "--json").stdout)
      assert.same({ "a.csv", "b.csv" }, found.file)
      assert.same({ "a.csv", "b.csv" }, { found.issues[1].file, found.issues[2].file })
      result = run_with("create", "a.csv", "b.csv", "c.csv")
      assert.same({ 1, "4 of 6 purchases accepted, 2 rejected\nrejected for: format 2\n" },
        { result.code, result.stdout })
      assert.matches("^a%.csv:4:1: [^\n]+\nb%.csv:3:1: [^\n]+\n$", result.stderr)
      result = run_with("create", "a.csv", "b.csv", "c.csv", "--json")
      local report = cjson.decode(result.stdout)
      assert.same({ 0, 6, 4 }, { report.accepted, report.rejected, report.duplicates })
      assert.equal(4, sandbox:audit().counts.purchases)
    end)

    it("each with rejects of its own", function()
      assert.equal(0, run_with("create", "c.csv").code)
      local result = run_with("create", "a.csv", "b.csv", "c.csv", "--rejects", "out")
      assert.equal(1, result.code)
      assert.matches("purchases: rejected purchases and reasons are in out, out.reasons, out.2, out.2.reasons\n"
        .. "purchases: duplicates are listed in out.3.duplicates\n", result.stderr, 1, true)
      assert.matches('"order_number":"901"', folder.contents "out", 1, true)
      assert.matches("^out%.2:1:%d+: [^\n]+ %(b%.csv:3%)\n$", folder.contents "out.2.reasons")
      assert.equal("c.csv:2: 4\n", folder.contents "out.3.duplicates")
    end)

    it("and send nothing where the map is wrong for one", function()
      write("b.csv", (orders(3):gsub("Correo", "Mail")))
      local result = run_with("create", "a.csv", "b.csv")
      assert.same({ 3, "" }, { result.code, result.stdout })
      assert.matches('^purchases: b%.csv: [^\n]*no column "Correo"[^\n]*; nothing was sent\n$', result.stderr)
      assert.equal(0, sandbox:audit().counts.requests)
    end)

    it("and send nothing where an order stands in two of them", function()
      write("b.csv", orders(3, 2, 1))
      local WHY = 'b.csv: Orden 2 stands here at line 3 and in a.csv at line 3 (and 1 more so): the rows of a '
        .. "purchase must stand in one file"
      local result = run_with("create", "a.csv", "c.csv", "b.csv")
      assert.same({ 3, "", "purchases: " .. WHY .. "; nothing was sent\n" },
        { result.code, result.stdout, result.stderr })
      assert.equal(0, sandbox:audit().counts.requests)
      result = run_with("check", "a.csv", "b.csv")
      assert.equal(3, result.code)
      assert.matches("purchases: " .. WHY .. "\n", result.stderr, 1, true)
      result = run_with("check", "a.csv", "a.csv", "--json")
      assert.same({ false, "duplicate_key" },
        { cjson.decode(result.stdout).valid, cjson.decode(result.stdout).error.code })
    end)

    it("and no pipe, of which an order could go on in another one", function()
      local WHY = "standard input: of several FILEs, a map has to read each twice; make a file of it"
      local result = run_with("create", "a.csv", "-")
      assert.same({ 3, "", "purchases: " .. WHY .. "; nothing was sent\n" },
        { result.code, result.stdout, result.stderr })
      assert.equal(0, sandbox:audit().counts.requests)
    end)

    it("and send nothing where one is not there, or --from-line is given", function()
      local result = run_with("create", "a.csv", "none.csv")
      assert.same({ 3, "", "purchases: cannot read 'none.csv': No such file or directory; nothing was sent\n" },
        { result.code, result.stdout, result.stderr })
      result = run_with("create", "a.csv", "b.csv", "--from-line", "2")
      assert.same({ 2, "", "purchases: --from-line is for one FILE\n" }, { result.code, result.stdout, result.stderr })
      assert.equal(0, sandbox:audit().counts.requests)
    end)

    it("and say where to go on when one stops it", function()
      sandbox:fault { path = "create", status = 403, body = { error = "no" }, skip = 1, times = 9 }
      local result = run_with("create", "a.csv", "b.csv", "c.csv")
      assert.equal(4, result.code)
      assert.matches("2 of 5 purchases accepted, 2 rejected, 1 pending, the rest of the input was not read\n",
        result.stdout, 1, true)
      assert.matches("purchases: to go on, run the same command again for b.csv with --from-line 2, "
        .. "then for the files behind it: ",
        result.stderr, 1, true)
    end)
  end)
end)
