-- Sources of purchases, without anything being sent: what is read from files, lists and functions.
local core = require "purchases.core"
local sales = require "spec.support.sales"
local schema = require "purchases.schema"
local source = require "purchases.source"
local sources = require "spec.support.sources"

local read, rules = sources.read, sources.rules

describe("a source of purchases", function()
  teardown(sales.remove_files)

  describe("that is a file", function()
    it("hands out bulks, in turn, whose parts are bodies", function()
      local opened = assert(source.open(sales.file('{"id":1}\n{"id":2}\n{"id":3}\n'), rules { batch = 2 }))
      local bulk = opened:next()
      assert.same({ 2, '[{"id":1},{"id":2}]', '[{"id":2}]', '[{"id":1}]' },
        { #bulk, bulk:body(1, 2), bulk:body(2, 2), bulk:body(1, 1) })
      assert.same({ '{"id":2}', 2, 1, "2" }, { bulk:purchase(2) })
      for _, wrong in ipairs { { 0, 1 }, { 1, 3 }, { 2, 1 } } do
        assert.error_matches(function()
          bulk:body(wrong[1], wrong[2])
        end, "to 'body' (no such purchase)", 1, true)
      end
      assert.equal(3, opened:line())
      assert.equal(1, opened:count())
      assert.is_nil(opened:next())
    end)

    it("refuses with the places in the file", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local good, refused = read(sales.file '[\n{"id":1},\n{"id":2,\n  "n":"x"}]', { extra_schema = strict })
      assert.same({ { 2, '{"id":1}' } }, good)
      local issue = refused[1].error.issues[1]
      assert.same({ 3, 2, "/n", 4, 7 }, { refused[1].line, refused[1].key, issue.field, issue.line, issue.column })
      assert.equal('{"id":2,\n  "n":"x"}', refused[1].text)
      assert.matches("^line 4, /n: ", tostring(refused[1].error))
    end)

    it("names the key of what it refuses, wherever that can be read", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local texts = { '{"id":"\\u0061","n":"x"}', '{"id":5,"n":}', '{"n":1,"id"', '[]', '{"id":[],"n":""}',
        '{"id":-1.50,"x":"' .. ("x"):rep(40) .. '"}' }
      local _, refused = read(sales.file(table.concat(texts, "\n")), { extra_schema = strict, max_purchase = 40 })
      local keys, codes = {}, {}
      for i, one in ipairs(refused) do
        assert.same({ i, texts[i] }, { one.line, one.text })
        keys[i], codes[i] = one.key or "none", one.error.code
      end
      assert.same({ "a", 5, "none", "none", "none", -1.5 }, keys)
      assert.same({ "schema_mismatch", "invalid_json", "invalid_json", "schema_mismatch", "schema_mismatch",
        "too_large" }, codes)
      assert.equal("59 bytes, and a purchase may have 40", refused[6].error.message)
      assert.same({ { index = 0, line = 6, column = 1, count = 1, code = "too_large",
        message = refused[6].error.message } },
        refused[6].error.issues)
    end)

    it("keeps the beginning of a line that is too long to be kept", function()
      local good, refused = read(sales.file('{"id":7,"x":"' .. ("x"):rep(9 * 2 ^ 20) .. '"}\n{"id":8}'))
      assert.same({ { 2, '{"id":8}' } }, good)
      assert.same({ 1, 7, "too_large", true, 1000 },
        { refused[1].line, refused[1].key, refused[1].error.code, refused[1].cut, #refused[1].text })
    end)

    it("begins at the line that it is told", function()
      for text, lines in pairs {
        ['{"id":1}\n{"id":\n\n{"id":3}\n{"id":4}'] = { 4, 5 },
        ['[{"id":1},{"id":2},\n{},\n{"id":3},\n{"id":4}]'] = { 3, 4 },
        ['{"id":1} {"id":\n2}\n{\n"id":3}\n'] = { 3 },
      } do
        local good, refused, err = read(sales.file(text), { from_line = 3 })
        assert.same({ #lines, 0, nil }, { #good, #refused, err }, text)
        for i, line in ipairs(lines) do
          assert.equal(line, good[i][1])
        end
      end
      local _, _, err = read(sales.file '[{"id":1},\n7 7]', { from_line = 9 })
      assert.equal("invalid_json", err.code)
    end)

    it("tells columns of the file where several stand in a line", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local path = sales.file '[{"id":"ñ"},{"id":2,"n":"x"}, {"id":3,\n"n":"x"},{"id":}]'
      local _, refused = read(path, { extra_schema = strict })
      local places = {}
      for i, one in ipairs(refused) do
        local issue = one.error.issues[1]
        places[i] = { one.line, one.column, issue.line, issue.column }
      end
      assert.same({ { 1, 13, 1, 25 }, { 1, 31, 2, 5 }, { 2, 10, 2, 16 } }, places)
      local _, _, err = read(sales.file '[{"id":1},\n{"id":2} 7]')
      assert.same({ 2, 10 }, { err.line, err.column })
    end)

    it("says what it is not", function()
      local _, _, err = read(sales.file "id,n\n1,2\n")
      assert.same({ "validation", "invalid_json", 1 }, { err.kind, err.code, err.line })
      assert.matches("CSV needs a map", err.message)
      local opened
      opened, err = source.open("/nowhere", rules())
      assert.same({ nil, "file_unreadable", "/nowhere" }, { opened, err.code, err.file })
      opened, err = source.open("/tmp", rules())
      assert.same({ nil, "file_unreadable" }, { opened, err.code })
    end)

    it("keeps apart what a member tells apart that its key is one within", function()
      local text = '{"id":7,"at":"a"}\n{"id":"7","at":"b"}\n{"at":"\\u0061","id":"\\u0037"}\n{"id":7}\n{"n":1}\n{"n":1}'
      local opened = assert(source.open(sales.file(text), rules { key_within = "at" }))
      local bulk = opened:next()
      assert.same({ "7\0a", "7\0b", "7", false, false }, bulk:keys())
      assert.same({ 2, 4 }, { bulk:line(2), bulk:line(3) })
      bulk:release(1, 1)
      assert.same({ "7\0a" }, opened:next():keys())
      bulk = assert(source.open(sales.file(text), rules())):next()
      assert.same({ "7", false, false }, bulk:keys())
    end)

    it("has a digest for each purchase, whoever wrote it", function()
      local bulk = assert(source.open(sales.file '{"id":7,"n":[1.50]}\n{ "n": [15e-1], "id": 8 }', rules())):next()
      local other = assert(source.open({ { n = { 1.5 }, id = 8 } }, rules())):next()
      assert.same({ core.json.digest '{"id":7,"n":[1.5]}', other:digests()[1] }, bulk:digests())
      assert.same({ 8, 8 }, { #bulk:digests()[1], #bulk:digests()[2] })
      bulk:close()
      assert.same({ {}, {} }, { bulk:keys(), bulk:digests() })
    end)

    it("outlives its reader's closing without harm", function()
      local opened = assert(source.open(sales.file '{"id":1}', rules()))
      local bulk = opened:next()
      opened:close()
      opened:close()
      assert.equal("[{\"id\":1}]", bulk:body(1, 1))
      bulk:release(1, 1)
      bulk:close()
      bulk:close()
      assert.equal(0, #bulk)
      assert.error_matches(function()
        opened:next()
      end, "(reader is closed)", 1, true)
    end)
  end)

  describe("whose bulks lose purchases", function()
    local COUNT = 1000

    -- As text or row: every seventh is refused, and every tenth has the key of the one before it.
    local function id_of(number)
      return number % 10 == 0 and number - 1 or number
    end
    local function text_of(number)
      return ('{"id":"%d"%s}'):format(id_of(number), number % 7 == 0 and ',"n":"x"' or "")
    end

    local function each_text()
      local number = 0
      return function()
        number = number + 1
        return number <= COUNT and text_of(number) or nil
      end
    end

    local function list()
      local all = {}
      for text in each_text() do
        all[#all + 1] = text
      end
      return all
    end

    local function rows()
      local lines = { "id,n" }
      for number = 1, COUNT do
        lines[#lines + 1] = ("%d,%s"):format(id_of(number), number % 7 == 0 and "x" or "")
      end
      return sales.file(table.concat(lines, "\n"))
    end

    local MAP = { purchase = { id = "id", n = "n" } }
    local CALLS = { purchase = {
      id = function(row)
        return row.id
      end,
      n = "n",
    } }

    -- Drops of each bulk all whose numbers are not wanted, and fills it up, until nothing more comes; then lets it go.
    -- Returns the lines that were wanted, bulk by bulk, and those dropped and refused, as sets.
    local function clean(opened, is_wanted)
      local bulks, dropped, refused = {}, {}, {}
      local first = opened.calls and 2 or 1 -- of a file, behind its header
      local function note(what)
        for _, one in ipairs(what) do
          assert.is_nil(refused[one.line])
          refused[one.line] = true
        end
      end
      local bulk, what = opened:next()
      while bulk do
        note(what)
        repeat
          local kept, seen = {}, #bulk
          for i = 1, #bulk do
            local number = bulk:line(i) - first + 1
            assert.equal(tostring(id_of(number)), bulk:keys()[i])
            if is_wanted(number) then
              kept[#kept + 1] = i
            else
              assert.is_nil(dropped[number])
              dropped[number] = true
            end
          end
          bulk:keep(kept)
          assert.equal(#kept, #bulk)
          local same, more = opened:next(nil, bulk)
          assert.equal(same and bulk, same)
          note(more or {})
        until not same or #bulk == #kept and not more[1] and #kept == seen
        local lines = {}
        for i = 1, #bulk do
          lines[i] = bulk:line(i) - first + 1
          assert.equal(bulk:purchase(i), bulk:body(i, i):sub(2, -2))
        end
        if lines[1] then
          bulks[#bulks + 1] = lines
          bulk:release(1, #bulk)
        end
        bulk:close()
        bulk, what = opened:next()
      end
      assert.is_nil(what)
      return bulks, dropped, refused
    end

    for name, given in pairs {
      ["a file"] = { function()
        return sales.file(table.concat(list(), "\n"))
      end },
      ["an array"] = { function()
        return sales.file("[" .. table.concat(list(), ",\n") .. "]")
      end },
      ["a list"] = { list },
      ["a function"] = { each_text },
      ["a map"] = { rows, MAP },
      ["a map with functions"] = { rows, CALLS },
    } do
      it("fills them up again, from " .. name, function()
        local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
        for wanted_of, bulks_wanted in pairs { [100] = 1, [2] = 5, [1] = 9 } do
          local opened = assert(source.open(given[1](), rules { extra_schema = strict, map = given[2] }))
          local function is_wanted(number)
            return number % wanted_of == 1 % wanted_of
          end
          local bulks, dropped, refused = clean(opened, is_wanted)
          local seen, count = {}, 0
          for i, lines in ipairs(bulks) do
            for _, number in ipairs(lines) do
              assert.is_true(is_wanted(number) and not seen[number])
              seen[number], count = true, count + 1
            end
            assert.is_true(#lines == 100 or i >= bulks_wanted, ("%d of %d has %d"):format(i, #bulks, #lines))
          end
          for number = 1, COUNT do
            local where = number % 7 == 0 and refused or is_wanted(number) and seen or dropped
            assert.is_true(where[number + (where == refused and given[2] and 1 or 0)], number)
          end
          opened:close()
        end
      end)
    end

    it("holds their limit of bytes", function()
      local opened = assert(source.open(list(), rules { batch_bytes = 60 }))
      local bulk = opened:next()
      assert.equal(56, #bulk:body(1, #bulk))
      bulk:keep { 2 }
      assert.equal(bulk, (opened:next(nil, bulk)))
      assert.same({ 4, 2, 6, 7, 8 }, { #bulk, bulk:line(1), bulk:line(2), bulk:line(3), bulk:line(4) })
      assert.equal(53, #bulk:body(1, #bulk)) -- the next one is of 10 bytes
    end)

    it("takes indexes that ascend, and nothing else", function()
      local bulk = assert(source.open(list(), rules())):next()
      for _, wrong in ipairs { { 2, 1 }, { 1, 1 }, { 0 }, { 101 }, { "x" }, { 0 / 0 } } do
        assert.error_matches(function()
          bulk:keep(wrong)
        end, "bad argument #1 to 'keep'")
      end
      assert.error(function()
        bulk:keep(1)
      end)
      assert.equal(100, #bulk)
      bulk:keep {}
      assert.same({ 0, {} }, { #bulk, bulk:keys() })
    end)

    it("lets them be kept when the reader is closed", function()
      local opened = assert(source.open(list(), rules()))
      local bulk = opened:next()
      opened:close()
      bulk:keep { 2 }
      assert.equal('[{"id":"2"}]', bulk:body(1, 1))
    end)
  end)

  describe("that is a list or a function", function()
    it("takes tables and texts", function()
      local good = read { { id = 1 }, '{ "id": 2 }' }
      assert.same({ { 1, '{"id":1}' }, { 2, '{ "id": 2 }' } }, good)
      local count = 0
      local many, _, err, bulks = read(function()
        count = count + 1
        return count <= 250 and { id = count } or nil
      end)
      assert.same({ 250, 3, nil }, { #many, bulks, err })
    end)

    it("begins where it is told", function()
      local list = { '{"id":1}', "{", { id = 3 }, 7, { id = 5 } }
      local good, refused = read(list, { from_line = 3 })
      assert.same({ 3, 5, 4, 1 }, { good[1][1], good[2][1], refused[1].line, #refused })
      assert.equal(0, #read(list, { from_line = 6 }))
    end)

    it("tells what is wrong by the purchase's number, and no column", function()
      local strict = assert(schema.compile '{"properties":{"n":{"type":"number"}}}')
      local _, refused = read({ { id = 1 }, '{"id":2,\n"n":"x"}', '{"id":3,\n}', true }, { schema = strict })
      for i, one in ipairs(refused) do
        assert.same({ i + 1, nil, i + 1, nil }, { one.line, one.column, one.error.line, one.error.column })
        for _, issue in ipairs(one.error.issues or {}) do
          assert.same({ i + 1, nil }, { issue.line, issue.column })
        end
      end
      assert.same({ "/n", "invalid_json" }, { refused[1].error.issues[1].field, refused[2].error.code })
      assert.same({ "not_encodable", "a purchase is a table or a JSON text, not a boolean" },
        { refused[3].error.code, refused[3].error.message })
    end)

    it("is cut into bulks by bytes, and loses nothing", function()
      local list = {}
      for i = 1, 50 do
        list[i] = ('{"id":%d}'):format(i)
      end
      local good, _, _, bulks = read(list, { batch_bytes = 40 })
      assert.equal(50, #good)
      assert.is_true(bulks >= 12)
      for i, record in ipairs(good) do
        assert.same({ i, list[i] }, record)
      end
    end)

    it("may fail in the middle", function()
      for _, failing in ipairs {
        function()
          error "broken"
        end,
        function()
          return nil, "broken"
        end,
      } do
        local count = 0
        local good, _, err = read(function()
          count = count + 1
          if count == 3 then
            return failing()
          end
          return { id = count }
        end)
        assert.same({ 2, "callback_failed" }, { #good, err.code })
        assert.matches("raised after 2 purchases: .*broken$", err.message)
      end
    end)
  end)
end)
