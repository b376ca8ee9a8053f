local support = require "spec.support.rows"
local series = require "purchases.series"

local JSON_ROW, body, clock = support.JSON_ROW, support.body, support.clock
local expect_places, file_of, item, lines = support.expect_places, support.file_of, support.item, support.lines
local places, read_csv, refusal, rows_of = support.places, support.read_csv, support.refusal, support.rows_of

after_each(support.remove_files)

describe("a CSV file (fault 20)", function()
  local two = body { item(clock(0), "1"), item(clock(15), "2") }

  it("may end its lines as it likes, and begin with a byte order mark", function()
    for _, mark in ipairs { "", "\239\187\191" } do
      for _, line_end in ipairs { "\n", "\r\n" } do
        for _, last in ipairs { "", line_end, line_end:rep(5) } do
          local text = mark .. "datetime,purchase" .. line_end .. "2025-01-01 00:00,1" .. line_end
            .. "2025-01-01 00:15,2" .. last
          assert.equal(two, assert(read_csv(text)):encode())
        end
      end
    end
  end)

  it("may have blank lines, which count as lines and not as rows", function()
    local text = "datetime,purchase\n\n2025-01-01 00:00,1\n\r\n\n2025-01-01 00:15,2\n"
    assert.equal(two, assert(read_csv(text)):encode())
    expect_places({ "2 9:18 purchase invalid_number" }, refusal(read_csv(text .. "\n\n2025-01-01 00:30,x\n")))
  end)

  it("may have other delimiters and columns, in any order, in any encoding", function()
    for _, text in ipairs {
      "datetime;purchase\n2025-01-01 00:00;1\n2025-01-01 00:15;2\n",
      "datetime\tpurchase\n2025-01-01 00:00\t1\n2025-01-01 00:15\t2\n",
      "purchase,note,datetime\n1,caf\233,2025-01-01 00:00\n2,,2025-01-01 00:15\n",
      "purchase;a,b;datetime\n1;2,5;2025-01-01 00:00\n2;;2025-01-01 00:15\n",
      "Pen\237nsula,datetime,note,purchase\nx,2025-01-01 00:00,\0,1\n\255,2025-01-01 00:15,\0\0,2",
      "purchase,purchase 2,datetime,x,x\n1,9,2025-01-01 00:00,,\n2,9,2025-01-01 00:15,,\n",
    } do
      assert.equal(two, assert(read_csv(text)):encode())
    end
  end)

  it("may have quoted fields with anything in them", function()
    for _, text in ipairs {
      '"datetime","purchase"\n"2025-01-01 00:00","1"\n2025-01-01 00:15,"2"\n',
      'note,"datetime","purchase"\r\n"a ""b"", c\r\n\nd","2025-01-01 00:00",1\r\n"",2025-01-01 00:15,2',
      'datetime,purchase,"the\nnote"\n2025-01-01 00:00,1,"\n\n"\n2025-01-01 00:15,2,""""\n',
    } do
      assert.equal(two, assert(read_csv(text)):encode())
    end
  end)

  it("counts lines, not rows, behind quoted line breaks", function()
    local text = 'note,datetime,purchase\n"a\nb\r\nc",2025-01-01 00:00,1\nx,2025-01-01 00:15,z\n'
    expect_places({ "1 5:20 purchase invalid_number" }, refusal(read_csv(text)))
    text = '"note\n",datetime,purchase\nx,2025-01-01 00:00,z\n'
    expect_places({ "0 3:20 purchase invalid_number" }, refusal(read_csv(text)))
  end)

  local function expect_row_refused(text, place, detail)
    local err = refusal(read_csv(text))
    assert.equal(place, places(err)[1])
    assert.matches("^Purchase item at index %d+ cannot be read%.$", err.message)
    assert.equal(detail, err.issues[1].detail)
    return err
  end

  it("is refused where quotes are where they must not be", function()
    local start = "datetime,purchase\n2025-01-01 00:00,1\n"
    expect_row_refused(start .. '2025-01-01 00:15,"1"2\n', "1 3:21 - invalid_row", "text after a closing quote")
    expect_row_refused(start .. '2025-01-01 00:15,"1" \n', "1 3:21 - invalid_row", "text after a closing quote")
    local open = start .. '2025-01-01 00:15,"1\n2025-01-01 00:30,2\n2025-01-01 00:45,x\n'
    local err = expect_row_refused(open, "1 3:18 - invalid_row", "a quoted field is never closed")
    assert.same({ "1 3:18 - invalid_row", "3 5:18 purchase invalid_number" }, places(err))
  end)

  it("takes a quote inside an unquoted field for text", function()
    local start = "datetime,purchase\n2025-01-01 00:00,1\n"
    assert.same({ "1 3:18 purchase invalid_number" }, places(refusal(read_csv(start .. '2025-01-01 00:15,1"2\n'))))
    assert.same({ "1 3:18 purchase invalid_number" }, places(refusal(read_csv(start .. '2025-01-01 00:15, "1"\n'))))
  end)

  it("is refused where a line ends with a carriage return alone", function()
    expect_row_refused("datetime,purchase\n2025-01-01 00:00,1\r2025-01-01 00:15,2\n", "0 2:19 - invalid_row",
      "a carriage return without a line feed")
    local err = refusal(read_csv("datetime,purchase\r2025-01-01 00:00,1\r"))
    assert.same({ "invalid_csv", 1, 18 }, { err.code, err.line, err.column })
  end)

  it("is refused where a row has too few or too many fields", function()
    local start = "datetime,purchase\n2025-01-01 00:00,1\n"
    expect_row_refused(start .. "2025-01-01 00:15\n", "1 3:1 - invalid_row", "1 field where the header has 2")
    expect_row_refused(start .. "2025-01-01 00", "1 3:1 - invalid_row", "1 field where the header has 2")
    expect_row_refused(start .. "2025-01-01 00:15,1,,2\n", "1 3:1 - invalid_row", "4 fields where the header has 2")
    assert.equal(2, #read_csv(start .. "2025-01-01 00:15,1,, \n"))
    expect_row_refused(start .. "2025-01-01 00:15;1\n", "1 3:1 - invalid_row", "1 field where the header has 2")
    assert.equal(1, #read_csv(start .. " , \n \n*\ndatetime,purchase\n"))
  end)

  it("is refused wherever its last row is cut off, but for the end of a number", function()
    local text = "datetime,purchase\n2025-01-01 00:00,1.25\n2025-01-01 00:15,2.75\n"
    for length = 41, #text - 1 do
      local read, err = read_csv(text:sub(1, length))
      if text:sub(41, length):find ",%d%.?%d*$" and text:sub(length, length) ~= "." then
        assert.equal(2, #read)
      else
        assert.is_nil(read)
        assert.same({ 1, 3 }, { err.issues[1].index, err.issues[1].line })
      end
    end
  end)

  it("must have its two columns, once each", function()
    local function expect_no_column(text, words, options)
      local err = refusal(read_csv(text, options))
      assert.same({ "missing_column", 1, 1, "missing_column" },
        { err.code, err.line, err.total, err.issues[1].code })
      for _, word in ipairs(words) do
        assert.matches(word, err.message, 1, true)
      end
    end
    expect_no_column("date,MW\n1,2\n", { "datetime: ", '"datetime"', '"date", "MW"' })
    expect_no_column("datetime,MW\n1,2\n", { "value: ", '"purchase"', '"datetime", "MW"' })
    expect_no_column("Datetime,purchase\n", { '"datetime"', '"Datetime", "purchase"' })
    expect_no_column("datetime,purchase,datetime\n", { '"datetime"', "2 times" })
    expect_no_column("datetime,purchase,purchase\n", { '"purchase"', "2 times" })
    expect_no_column("2025-01-01 00:00,1\n", { '"datetime"', '"2025-01-01 00:00", "1"' })
    expect_no_column("a\233\27,purchase", { '"datetime"', 'say encoding = "windows-1252"' })
    expect_no_column("a,b\n", { '"when"', '"a", "b"' }, { datetime = "when" })
    expect_no_column("", { "contains no purchases" })
    expect_no_column("\239\187\191", { "contains no purchases" })
    local err = refusal(read_csv(("name,"):rep(1000) .. "x\n"))
    assert.is_true(#err.message < 256)
    assert.equal(2, #assert(read_csv " datetime, purchase \n2025-01-01 00:00,1\n2025-01-01 00:15,1\n"))
  end)

  it("must have a header that is well-formed", function()
    local err = refusal(read_csv('"datetime,purchase\n2025-01-01 00:00,1\n'))
    assert.same({ "invalid_csv", "a quoted field is never closed" }, { err.code, err.message })
    assert.same({ 1, 1, 1 }, { err.line, err.column, err.position })
  end)

  it("must have rows", function()
    for _, text in ipairs { "datetime,purchase", "datetime,purchase\n", "datetime,purchase\r\n\r\n\n" } do
      local err = refusal(read_csv(text))
      expect_places({ "0 - empty_series" }, err)
      assert.equal("There are no purchase items.", err.message)
    end
  end)

  it("may not have NUL bytes where it counts", function()
    for _, text in ipairs {
      "2025-01-01 00:00\0,1", "2025-01-01 00:00,1\0", "\0002025-01-01 00:00,1", "2025-01-01\00000:00,1",
    } do
      assert.equal(1, refusal(read_csv("datetime,purchase\n" .. text .. "\n")).total)
    end
    assert.equal("missing_column", refusal(read_csv "datetime\0,purchase\n2025-01-01 00:00,1\n").code)
  end)

  it("may have long lines, but no endless ones", function()
    local long, limit = ("x"):rep(1500000), 2 ^ 22
    local most = limit - #"2025-01-01 00:00,1,\n"
    local text = "datetime,purchase,note\n2025-01-01 00:00,1,%s\n2025-01-01 00:15,2,%s\n"
    assert.equal(two, assert(read_csv(text:format(long, long))):encode())
    assert.equal(two, assert(read_csv(text:format('"' .. long .. '"', '"' .. ("\n"):rep(1500000) .. '"'))):encode())
    assert.equal(two, assert(read_csv(text:format(("x"):rep(most), '"' .. ("\n"):rep(most - 2) .. '"'))):encode())
    for _, size in ipairs { most + 1, limit + 1, 2 * limit } do
      for _, note in ipairs { ("x"):rep(size), "\0" .. ("\0"):rep(size - 1) } do
        local err = refusal(read_csv(text:format(note, "x") .. "2025-01-01 00:30,y,z\n"))
        expect_places({ "0 2:1 - invalid_row", "2 4:18 purchase invalid_number" }, err)
        assert.equal("a row of more than 4 MiB", err.issues[1].detail)
      end
    end
    local err = refusal(read_csv(("x"):rep(2 * limit)))
    assert.same({ "invalid_csv", 1 }, { err.code, err.line })
  end)

  it("does not take what follows a long line for a row, wherever a window ends", function()
    for size = 2 ^ 22, 2 ^ 22 + 2 ^ 16, 2 ^ 13 + 1 do
      local note = ("2025-01-01 00:15,2,"):rep(math.floor(size / 19))
      local err = refusal(read_csv("datetime,purchase,note\n2025-01-01 00:00,1," .. note .. "\n"))
      expect_places({ "0 2:1 - invalid_row" }, err)
    end
  end)

  it("is not pulled into memory by a quote that is never closed", function()
    local rows = { '2025-01-01 00:00,"1' }
    for minute = 1, 400000 do
      rows[minute + 1] = clock(minute) .. (minute % 200000 == 0 and ",x" or ",1")
    end
    local err = refusal(read_csv("datetime,purchase\n" .. table.concat(rows, "\n"), { step = 1 }))
    expect_places({ "0 2:18 - invalid_row", "200000 200002:18 purchase invalid_number x2" }, err)
    assert.equal("a quoted field is never closed", err.issues[1].detail)
  end)
end)

describe("what cannot be opened", function()
  it("is named, with the reason", function()
    local err = refusal(series.read "/nowhere/load.csv")
    assert.same({ "file_unreadable", "/nowhere/load.csv" }, { err.code, err.file })
    assert.equal("cannot read '/nowhere/load.csv': No such file or directory", err.message)
    assert.is_nil(err.line)
    err = refusal(series.read "/")
    assert.same({ "file_unreadable", "cannot read '/': Is a directory" }, { err.code, err.message })
  end)

  it("may be empty", function()
    assert.equal("contains no purchases", refusal(series.read "/dev/null").message)
  end)
end)

describe("standard input", function()
  local lua = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "%d+%.%d+"
  local script = [[
    local read, err = require("purchases.series").read("-")
    io.write(read and read:slice(#read, #read):encode() or tostring(err), " ", read and #read or 0)
  ]]

  -- What the script says, with the shell's words around it.
  local function run(command)
    local program = file_of(script)
    local pipe = assert(io.popen((command:gsub("LUA", lua .. " " .. program))))
    local output = pipe:read "*a"
    pipe:close()
    return output
  end

  local csv = table.concat(lines(rows_of("1", "2", "3"), "%d,%n"), "\n")
  local wanted = body { item(clock(30), "3") } .. " 3"

  it("may be a pipe or a file", function()
    local path = file_of("datetime,purchase\n", csv)
    assert.equal(wanted, run("cat " .. path .. " | LUA"))
    assert.equal(wanted, run("LUA < " .. path))
    local json = file_of('{"purchase":[', table.concat(lines(rows_of("1", "2", "3"), JSON_ROW), ","), "]}")
    assert.equal(wanted, run("cat " .. json .. " | LUA"))
    assert.matches("contains no purchases", run "LUA < /dev/null")
    assert.matches("cannot read standard input: ", run "LUA < /")
    assert.matches("cannot read standard input: ", run "LUA <&-")
  end)

  it("may come in pieces, and be larger than a window", function()
    local rows = {}
    for i = 0, 2 ^ 15 do
      rows[i + 1] = ("%04d-01-01 00:00,%d"):format(1 + i % 9999, i)
    end
    local path = file_of("datetime,purchase\n", table.concat(rows, "\n", 1, 9000))
    script = script:gsub('read%("%-"%)', 'read("-", { step = false })')
    assert.matches("9000$", run("{ head -c 100000 " .. path .. "; sleep 0.1; tail -c +100001 " .. path .. "; } | LUA"))
  end)

  it("is read from where it stands", function()
    local path = file_of("a line\n", "datetime,purchase\n", csv)
    local first = lua .. [[ -e 'io.stdin:setvbuf("no") io.read()']]
    assert.matches(wanted, run("{ " .. first .. "; LUA; } < " .. path), 1, true)
  end)
end)
