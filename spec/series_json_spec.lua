local support = require "spec.support.rows"
local series = require "purchases.series"

local JSON_ROW, body, body_of, clock = support.JSON_ROW, support.body, support.body_of, support.clock
local expect_places, file_of, item, lines = support.expect_places, support.file_of, support.item, support.lines
local places, read_csv, refusal, rows_of = support.places, support.read_csv, support.refusal, support.rows_of
local some = support.some

after_each(support.remove_files)

local ROW = item(clock(0), "1")
local ONE = body { ROW }
local TWO = body_of(rows_of("1", "2"))

local function refused(text, options)
  return refusal(series.decode(text, options))
end

-- What stops the reading has its place in the error, and is the last of the issues.
local function expect_stop(text, code, line, column, message)
  for _, err in ipairs { refused(text), refusal(read_csv(text)) } do
    assert.same({ code, line, column }, { err.code, err.line, err.column })
    local last = err.issues[#err.issues]
    assert.same({ code, line, column, err.message }, { last.code, last.line, last.column, last.message })
    assert.equal(err.total, #err.issues)
    assert.matches(message or "^expected ", err.message)
    assert.matches("^line " .. line .. ": ", tostring(err))
  end
end

describe("a JSON text", function()
  it("is a document with its items, an array of them, or one item a line", function()
    local items = lines(rows_of("1", "2"), JSON_ROW)
    for _, text in ipairs {
      '{"purchase":[' .. table.concat(items, ",") .. "]}",
      ' \r\n\t{ "purchase" : [ ' .. table.concat(items, " ,\n ") .. " ] } \n\n",
      "[" .. table.concat(items, ",") .. "]",
      "\n[\n" .. table.concat(items, "\n,") .. "]\n",
      table.concat(items, "\n"),
      table.concat(items, "\r\n") .. "\r\n",
      "\n \t\n" .. table.concat(items, "\n\n\r\n") .. "\n\n",
      " " .. items[1] .. " \n\t" .. items[2],
    } do
      assert.equal(TWO, assert(series.decode(text)):encode())
      assert.equal(TWO, assert(read_csv(text)):encode())
      assert.equal(TWO, assert(read_csv("\239\187\191" .. text)):encode()) -- some programs write the mark
    end
  end)

  it("is a document wherever its items are, whatever is beside them", function()
    for _, text in ipairs {
      '{"retailer":"x","purchase":[%s]}', '{"purchase":[%s],"retailer":{"purchase":[1]}}',
      '{"a":[[{"b":[]}],null,true,-1e5],"purchase":[%s],"purchases":[]}', '{"":0,"p\\u0075rchase":[%s]}',
      '{"meta":{"purchase":[{"datetime":"x"}]},"purchase":[%s]}',
      '{"a":"purchase","b":["purchase",[]],"purchase":[%s]}',
      '{\n"a"\n:\n"\\n"\n,\n"purchase"\n:\n[\n%s\n]\n}',
    } do
      assert.equal(ONE, assert(series.decode((text:gsub("%%s", ROW)))):encode())
    end
  end)

  it("has items under that name, whatever the names in the items", function()
    local options = { datetime = "purchase", value = "MW" }
    local text = '{"purchase":"2025-01-01 00:00","MW":1}'
    assert.equal(ONE, assert(series.decode('{"purchase":[' .. text .. "]}", options)):encode())
    assert.equal(ONE, assert(series.decode("[" .. text .. "]", options)):encode())
    assert.equal(ONE, assert(series.decode(text, options)):encode())
  end)

  it("may have other members in its items, of which no row is made", function()
    for _, more in ipairs {
      '"x":1', '"x":[1,{"purchase":2}]', '"x":{"datetime":[],"purchase":{}}', '"Purchase":"1"',
    } do
      for _, text in ipairs {
        '{%s,"datetime":"2025-01-01 00:00","purchase":1}', '{"datetime":"2025-01-01 00:00",%s,"purchase":1}',
        '{"datetime":"2025-01-01 00:00","purchase":1,%s}',
      } do
        local row = text:format(more)
        assert.equal(ONE, assert(series.decode("[" .. row .. "]")):encode())
        assert.equal(ONE, assert(series.decode(row)):encode())
      end
    end
  end)

  it("may be larger than a window of its file", function()
    local rows = some(20000)
    local wanted = body_of(rows)
    for _, text in ipairs { wanted, "[" .. table.concat(lines(rows, JSON_ROW), ",\n") .. "]" } do
      assert.equal(wanted, assert(series.read(file_of(text))):encode())
    end
    assert.equal(wanted, assert(series.read(file_of(table.concat(lines(rows, JSON_ROW), "\n")))):encode())
  end)

  it("is refused as a row if it is something else", function()
    for _, text in ipairs { "5", '"x"', "null", "true", "-" } do
      local err = refused(text)
      if text == "-" then
        assert.equal("invalid_json", err.code)
      else
        expect_places({ "0 1:1 - invalid_row" }, err)
        assert.equal("it is not an object", err.issues[1].detail)
      end
    end
  end)

  it("is told in the API's words if it is an object without items", function()
    for _, text in ipairs {
      "{}", '{"a":1}', '{"meta":{"purchase":[{}]}}', '{"Purchase":[1]}', '{\n  "rows": [\n    {}\n  ]\n}\n',
      "{}\n\n", '{\n"datetime":"2025-01-01 00:00"\n}\n' .. ROW,
    } do
      local err = refused(text)
      expect_places({ "0 1:1 - invalid_series" }, err)
      assert.equal('Missing required field "purchase".', err.message)
    end
    for _, value in ipairs { "{}", '"x"', "null", "5", '{"purchase":[]}', "\n5" } do
      local err = refused(' {"purchase":' .. value .. "}")
      expect_places({ "0 1:2 - invalid_series" }, err)
      assert.equal('Field "purchase" must be an array of objects.', err.message)
    end
  end)

  it("is a row if it has a datetime, or others follow", function()
    expect_places({ "0 1:1 purchase missing_purchase" }, refused '{"datetime":"2025-01-01 00:00"}')
    expect_places({ "0 1:1 datetime missing_datetime" }, refused('{"purchase":5}\n' .. ROW))
    assert.equal(1, #assert(series.decode(ROW)))
  end)

  it("must have rows", function()
    for _, text in ipairs { "[]", " [ ] ", '{"purchase":[]}', '{"a":[1],"purchase":[ ]}' } do
      expect_places({ "0 - empty_series" }, refused(text))
      expect_places({ "0 - empty_series" }, refusal(read_csv(text)))
    end
  end)

  it("must have objects for items", function()
    for _, text in ipairs { "[\n%s,\n 5, \"x\",\n[{}], null]", '{"purchase":[\n%s,\n 5, "x",\n[{}], null]}' } do
      local err = refused(text:format(ROW))
      expect_places({ "1 3:2 - invalid_row x4" }, err)
      assert.equal("4 rows: it is not an object (first at line 3)", err.message)
    end
    local err = refused(ROW .. "\n[1]\n\n 5\n{}\n")
    expect_places({
      "1 2:1 - invalid_row x2", "3 5:1 datetime missing_datetime", "3 5:1 purchase missing_purchase",
    }, err)
  end)

  it("has its issues where they are, in characters", function()
    -- 9 characters, 15 bytes
    local member = '"\195\169\226\130\172":"\240\159\152\128",'
    local places_of = { "0 1:%d datetime invalid_datetime", "0 2:12 purchase invalid_number" }
    local rest = '"datetime":"x",\n"purchase":"1"}]'
    expect_places({ places_of[1]:format(35), places_of[2] }, refused('{"purchase":[{' .. member .. rest .. "}"))
    expect_places({ places_of[1]:format(23), places_of[2] }, refused("[{" .. member .. rest))
    expect_places({ "0 2:22 datetime invalid_datetime", "0 2:43 purchase invalid_number" },
      refused("\n{" .. member .. '"datetime":"x","\195\169":1,"purchase":"1"}'))
    expect_places({ "0 1:15 - invalid_row" }, refused("{" .. member .. '"x":+1}'))
  end)

  it("has the issues that show only at its end where they are", function()
    local first, last = ROW, item(clock(45), "1")
    for text, places_wanted in pairs {
      ["[" .. first .. ",\n" .. last .. "]"] = { "0 1:14", "1 2:13" },
      ['{"purchase":[\n' .. first .. ",\n\n " .. last .. "]}"] = { "0 2:13", "1 4:14" },
      [first .. "\n" .. last] = { "0 1:13", "1 2:13" },
    } do
      local short, gap = places_wanted[1] .. " datetime wrong_day_length", places_wanted[2] .. " datetime gap"
      expect_places({ gap }, refused(text))
      expect_places({ short, gap }, refused(text, { tz = "UTC" }))
      expect_places({ short, gap }, refusal(read_csv(text, { tz = "UTC" })))
    end
  end)
end)

describe("malformed JSON", function()
  it("stops the reading where it is", function()
    expect_stop("[" .. ROW, "invalid_json", 1, #ROW + 2)
    expect_stop('{"purchase":[' .. ROW .. "]", "invalid_json", 1, #ONE)
    expect_stop("[" .. ROW .. ",]", "invalid_json", 1, #ROW + 3)
    expect_stop("[\n" .. ROW .. "\n" .. ROW .. "]", "invalid_json", 3, 1)
    expect_stop("[{'datetime':1}]", "invalid_json", 1, 3)
    expect_stop('[{"datetime":"2025-01-01 00:00","purchase":1.}]', "invalid_json", 1, 46)
    expect_stop('{"purchase":[' .. ROW .. ',\n{"datetime":"\t"}]}', "invalid_json", 2, 14)
  end)

  it("is what follows the document", function()
    for _, text in ipairs { "[" .. ROW .. "]", ONE } do
      for _, rest in ipairs { " x", "\n\n]", " " .. text, ",", "\0", "\n{}", "\239\187\191" } do
        local line = rest:find "\n\n" and 3 or rest:find "\n" and 2 or 1
        local column = line > 1 and 1 or #text + (rest:find "^ " and 2 or 1)
        expect_stop(text .. rest, "invalid_json", line, column)
      end
    end
  end)

  it("is reported behind what is wrong with the rows before", function()
    local err = refused('[{"datetime":"x","purchase":1},5,\n' .. ROW .. ",\n{")
    assert.equal("invalid_json", err.code)
    assert.same({ "0 1:14 datetime invalid_datetime", "1 1:32 - invalid_row", "3 3:2 - invalid_json" }, places(err))
  end)

  it("costs one line of NDJSON, and no other", function()
    local text = table.concat({
      ROW, '{"datetime":"2025-01-01 00:15","purchase":', item(clock(30), "1"), item(clock(45), "1") .. " x",
      item(clock(60), "1"), item(clock(75), "1") .. item(clock(90), "1"), item(clock(90), "x"), item(clock(105), '"1"'),
    }, "\n")
    for _, err in ipairs { refused(text), refusal(read_csv(text)) } do
      expect_places({
        "1 2:43 - invalid_row", "3 4:46 - invalid_row", "5 6:45 - invalid_row", "6 7:43 - invalid_row",
        "7 8:43 purchase invalid_number",
      }, err)
      assert.equal("Purchase item at index 1 cannot be read.", err.message)
      assert.equal("expected nothing after the document, got 'x'", err.issues[2].detail)
    end
  end)

  it("is a text without anything", function()
    for _, text in ipairs { "", " ", "\n\n" } do
      assert.equal("invalid_json", refused(text).code)
    end
  end)

  it("is refused where a name comes twice (fault 19)", function()
    expect_stop('[{"datetime":"x","datetime":"x"}]', "duplicate_key", 1, 18)
    expect_stop('[{"purchase":1,"purch\\u0061se":1}]', "duplicate_key", 1, 16)
    expect_stop("[" .. ROW:sub(1, -2) .. ',"x":1,\n"x":1}]', "duplicate_key", 2, 1)
    expect_stop('{"purchase":[' .. ROW .. '],"purchase":[]}', "duplicate_key", 1, #ONE + 1)
    expect_stop('{"purchase":[' .. ROW .. '],"x":{"y":1,"y":1}}', "duplicate_key", 1, #ONE + 12)
    expect_places({ "1 2:45 - invalid_row" }, refused(ROW .. "\n" .. ROW:sub(1, -2) .. ',"datetime":1}'))
  end)

  it("is refused where it is too deep (fault 19)", function()
    for _, open in ipairs { "[", '{"a":' } do
      local deep = open:rep(100000)
      expect_stop("[" .. ROW:sub(1, -2) .. ',"x":' .. deep, "too_deep", 1, #ROW + 6 + 510 * #open)
      expect_stop('{"purchase":[' .. ROW .. '],"x":' .. deep, "too_deep", 1, #ONE + 5 + 511 * #open)
      expect_places({ ("0 1:%d - invalid_row"):format(#ROW + 5 + 511 * #open) },
        refused(ROW:sub(1, -2) .. ',"x":' .. deep))
    end
    expect_stop(("["):rep(100000), "too_deep", 1, 513)
    expect_stop('{"purchase":' .. ("["):rep(100000), "too_deep", 1, 524)
    expect_places({ "0 1:2561 - invalid_row" }, refused(('{"a":'):rep(100000)))
    local most = ("["):rep(510) .. ("]"):rep(510)
    assert.equal(ONE, assert(series.decode("[" .. ROW:sub(1, -2) .. ',"x":' .. most .. "}]")):encode())
  end)

  it("is refused where no text is (fault 19)", function()
    local cases = {
      { "\0", "invalid_json" }, { "\31", "invalid_json" }, { "\n", "invalid_json" }, { "\\x41", "invalid_json" },
      { "\\ud800", "invalid_json" }, { "\\udc00", "invalid_json" }, { "\\ud800\\u0041", "invalid_json" },
      { "\233", "invalid_utf8" }, { "\192\128", "invalid_utf8" }, { "\237\160\128", "invalid_utf8" },
      { "\244\144\128\128", "invalid_utf8" }, { "\226\130", "invalid_utf8" },
    }
    for _, case in ipairs(cases) do
      local bytes, code = case[1], case[2]
      for _, text in ipairs {
        '[{"datetime":"%s"}]', '[{"%s":1}]', '{"purchase":[{"x":"%s"}]}', '{"purchase":[],"x":"%s"}',
      } do
        local before = text:find("%s", 1, true) - 1
        expect_stop((text:gsub("%%s", function() return bytes end)), code, 1, before + 1, ".")
      end
      local text = ROW .. '\n{"datetime":"' .. bytes .. '"}'
      assert.matches("^1 2:14 %- invalid_row", places(refused(text))[1])
    end
  end)
end)
