-- What is checked is what is kept and what is sent, whatever happens to the file or the table afterwards, and with
-- the digits it was written with.
local support = require "spec.support.rows"
local series = require "purchases.series"

local body_of, csv_of, file_of, overwrite = support.body_of, support.csv_of, support.file_of, support.overwrite
local some = support.some

local ROWS = 20000 -- several windows of the file

after_each(support.remove_files)

describe("a file that was read", function()
  for _, step in ipairs { 15, false } do
    it("may change in any way: what was checked is sent, with step = " .. tostring(step), function()
      for _, count in ipairs { 1, 96, 97, ROWS } do
        local text, wanted = csv_of(some(count)), body_of(some(count))
        for _, other in ipairs { "", "x", text .. text, (text:gsub("%.5\n", ".6\n")) } do
          local path = file_of(text)
          local read = assert(series.read(path, { step = step }))
          overwrite(path, other)
          assert.is_true(wanted == read:encode())
          assert.equal(count, #read)
          assert.equal(some(count)[count][1], read:last())
        end
      end
    end)
  end

  it("may be replaced or removed: the one that was checked is sent", function()
    local rows = some(1000)
    local path, other = file_of(csv_of(rows)), file_of(csv_of(some(10)))
    local read = assert(series.read(path))
    assert(os.rename(other, path))
    assert.equal(body_of(rows), read:encode())
    assert(os.remove(path))
    assert.equal(body_of { rows[7] }, read:encode(7, 7))
  end)

  it("may change if it is JSON, too", function()
    local path = file_of(body_of(some(1000)))
    local read = assert(series.read(path))
    overwrite(path, "x")
    assert.equal(body_of(some(1000)), read:encode())
  end)
end)

describe("numbers", function()
  -- Each of the texts is the number of a row, in CSV and in JSON.
  -- Or, where `sent` has it, what is sent in its place.
  local function expect_kept(numbers, options, sent)
    local rows, wanted = {}, {}
    for i, number in ipairs(numbers) do
      wanted[i] = { ("2025-01-01 %02d:%02d"):format(math.floor((i - 1) / 4), (i - 1) % 4 * 15),
        sent and sent[number] or number }
      rows[i] = { ("2025-01-01 %02d:%02d"):format(math.floor((i - 1) / 4), (i - 1) % 4 * 15), number }
    end
    for _, text in ipairs { csv_of(rows), body_of(rows) } do
      local read = assert(series.read(file_of(text), options))
      assert.equal(body_of(wanted), read:encode())
      for i, row in ipairs(wanted) do
        assert.equal(body_of { row }, read:encode(i, i))
      end
    end
  end

  it("keep their digits at any length", function()
    local numbers = {}
    for i, length in ipairs { 1, 14, 15, 16, 17, 253, 254, 255, 256, 257, 5000 } do
      numbers[i] = length == 1 and "7" or "0." .. ("123456789"):rep(600):sub(1, length - 2)
    end
    expect_kept(numbers)
    expect_kept(numbers, { step = false })
  end)

  it("keep their digits beside others that have more places, or none, or an exponent", function()
    local numbers = {
      "12", "12.3", "12.34", "-12.345", "999999999999999999", "0.000000000001", "-0", "1e3", "1.50E-7", "0.1",
      "123456789012345678", "123456.789012345678", "0", "-7", "12345678901234567890", "0.0000000000001",
    }
    local sent = { ["-0"] = "0", ["1e3"] = "1000", ["1.50E-7"] = "0.00000015" }
    expect_kept(numbers, nil, sent)
    for i = 1, #numbers do
      table.insert(numbers, table.remove(numbers, i))
      expect_kept(numbers, nil, sent)
    end
  end)
end)

describe("a long file", function()
  local DAYS = 14600
  local one_day = {}
  for i = 0, 95 do
    one_day[i + 1] = { ("%%s %02d:%02d"):format(math.floor(i / 4), i % 4 * 15), ("%d.25"):format(100000 + i) }
  end
  local lines_of_day = csv_of(one_day):gsub("^[^\n]*\n", "")

  local function date(day)
    return os.date("!%Y-%m-%d", day * 86400)
  end

  local function long_csv()
    local days = { "datetime,purchase\n" }
    for day = 1, DAYS do
      days[day + 1] = lines_of_day:gsub("%%s", date(day))
    end
    return table.concat(days)
  end

  it("of forty years is a series like any other", function()
    local path = file_of(long_csv())
    local read = assert(series.read(path))
    assert.same({ DAYS * 96, DAYS }, { #read, read:day_count() })
    overwrite(path, "x")
    for _, day in ipairs { 1, 2, 7000, 1, DAYS - 20, DAYS } do
      assert.equal((body_of(one_day):gsub("%%s", date(day))), read:encode(day * 96 - 95, day * 96))
    end
  end)
end)

describe("a Lua table", function()
  it("may be as large as a year", function()
    local year = some(35040)
    local read = assert(series.from(support.table_of(year)))
    assert.same({ 35040, 365, "2025-12-31 23:45" }, { #read, read:day_count(), read:last() })
    assert.equal(body_of(year), read:encode())
    assert.equal(read:encode(), assert(series.read(file_of(read:encode()))):encode())
  end)

  it("may change once it was read", function()
    local rows = { { datetime = "2025-01-01 00:00", purchase = 1.25 }, { datetime = "2025-01-01 00:15", purchase = 2 } }
    local read = assert(series.from(rows))
    rows[1].purchase, rows[2] = 7, nil
    assert.equal(body_of { { "2025-01-01 00:00", "1.25" }, { "2025-01-01 00:15", "2" } }, read:encode())
  end)
end)
