-- What is checked is what is sent, whatever happens to the file: a long one, or one without a grid, is read
-- again when it is sent; of any other its numbers are kept, and of a Lua table its body.
local support = require "spec.support.rows"
local series = require "purchases.series"

local body_of, csv_of, file_of, overwrite = support.body_of, support.csv_of, support.file_of, support.overwrite
local lines, refusal, some = support.lines, support.refusal, support.some

local ROWS = 20000 -- several windows of the file
local rows = some(ROWS)
local csv = csv_of(rows)
local whole = body_of(rows)

after_each(support.remove_files)

local function expect_changed(...)
  local err = refusal(...)
  assert.equal("file_changed", err.code)
  assert.equal("the file was changed after it was checked; check it again", err.message)
end

local function part(from, to)
  local list = {}
  for i = from, to do
    list[#list + 1] = rows[i]
  end
  return body_of(list)
end

-- Another byte at a place counted from 1.
local function with_byte(text, at, byte)
  return text:sub(1, at - 1) .. byte .. text:sub(at + 1)
end

-- The place of a row's last digit but one, behind which ".5" is all that comes.
local function digit_of(row)
  local text = rows[row][1] .. "," .. rows[row][2]
  return (assert(csv:find("\n" .. text .. "\n", 1, true)) + #text - 2)
end

local function read_twice(path)
  return series.read(path, { step = false })
end

describe("a file that changes after it was checked", function()
  it("is noticed wherever a digit is another one", function()
    for _, row in ipairs { 1, 2, 95, 5000, 9999, ROWS - 1, ROWS } do
      local path = file_of(csv)
      local read = assert(read_twice(path))
      overwrite(path, with_byte(csv, digit_of(row), csv:byte(digit_of(row)) == 49 and "2" or "1"))
      expect_changed(read:encode())
      expect_changed(read:encode(row, row))
      overwrite(path, csv)
      assert.equal(whole, read:encode())
    end
  end)

  it("is noticed if what one row loses another one gets", function()
    local path = file_of(csv)
    local read = assert(read_twice(path))
    local one, other = digit_of(1000), digit_of(1001)
    overwrite(path, with_byte(with_byte(csv, one, csv:sub(other, other)), other, csv:sub(one, one)))
    expect_changed(read:encode())
    expect_changed(read:encode(1000, 1000))
  end)

  it("is noticed if it is shorter, by however much", function()
    for _, length in ipairs { 0, 1, 18, 100, 131071, 131072, 131073, #csv - 25, #csv - 1 } do
      local path = file_of(csv)
      local read = assert(read_twice(path))
      overwrite(path, csv:sub(1, length))
      expect_changed(read:encode())
      expect_changed(read:encode(ROWS, ROWS))
      assert.equal(ROWS, #read)
    end
  end)

  it("is noticed by the rows that it concerns, before and after others went out", function()
    local path = file_of(csv)
    local read = assert(read_twice(path))
    assert.equal(part(1, 96), read:encode(1, 96))
    overwrite(path, with_byte(csv, digit_of(ROWS), "x"))
    assert.equal(part(97, 192), read:encode(97, 192))
    expect_changed(read:encode(ROWS - 95, ROWS))
    assert.equal(part(193, 288), read:encode(193, 288))
    expect_changed(read:encode(ROWS - 95, ROWS))
  end)

  it("is noticed if it has one block or a part of one", function()
    for _, count in ipairs { 1, 2, 96 } do
      local text = csv_of(some(count))
      local path = file_of(text)
      local read = assert(read_twice(path))
      overwrite(path, (text:gsub("%.5\n$", ".6\n")))
      expect_changed(read:encode())
      overwrite(path, "")
      expect_changed(read:encode())
    end
  end)

  it("may grow: what was not checked is not sent", function()
    for _, count in ipairs { 96, ROWS } do
      local path = file_of(csv_of(some(count)))
      local read = assert(read_twice(path))
      overwrite(path, csv_of(some(count + 1)))
      assert.equal(body_of(some(count)), read:encode())
      assert.equal(count, #read)
    end
  end)

  it("may be replaced or removed: the one that was checked is sent", function()
    local path, other = file_of(csv), file_of(csv_of(some(10)))
    local read = assert(read_twice(path))
    assert(os.rename(other, path))
    assert.equal(whole, read:encode())
    assert(os.remove(path))
    assert.equal(whole, read:encode())
    assert.equal(part(7, 7), read:encode(7, 7))
  end)

  it("may be written again as it was", function()
    local path = file_of(csv)
    local read = assert(read_twice(path))
    overwrite(path, csv)
    assert.equal(whole, read:encode())
  end)

  it("does not matter if it is JSON, whose rows are kept", function()
    local path = file_of(body_of(some(1000)))
    local read = assert(series.read(path))
    overwrite(path, "x")
    assert.equal(body_of(some(1000)), read:encode())
  end)

  it("is noticed by times that must be read again, too", function()
    local path = file_of(csv)
    local read = assert(read_twice(path))
    overwrite(path, with_byte(csv, digit_of(ROWS), "x"))
    expect_changed(read:last())
    expect_changed(read:slice(ROWS, ROWS):first())
    expect_changed(read:slice(ROWS, ROWS):date())
    assert.equal(rows[1][1], read:first())
  end)

  it("never gives other bytes, whatever is done to it", function()
    local quoted = 'datetime,"note",purchase\n' .. table.concat(lines(some(2000), '%d,"a\n""b""",%n\n'))
    local wanted, random = body_of(some(2000)), math.random
    for round = 1, 200 do
      local path = file_of(quoted)
      local read = assert(read_twice(path))
      local from = random(#quoted)
      local to = math.min(#quoted, from + random(0, 40))
      local cuts = { quoted:sub(from, to):reverse(), "", ("\n"):rep(to - from + 1), quoted:sub(from, to) .. "0" }
      local text = quoted:sub(1, from - 1) .. cuts[round % 4 + 1] .. quoted:sub(to + 1)
      overwrite(path, text)
      local encoded, err = read:encode()
      if text:sub(1, #quoted) == quoted then
        assert.equal(wanted, encoded)
      else
        assert.is_nil(encoded)
        assert.equal("file_changed", err.code)
      end
      support.remove_files()
    end
  end)
end)

describe("a file that is read once", function()
  it("may change in any way: what was checked is sent", function()
    for _, count in ipairs { 1, 96, 97, ROWS } do
      local text, wanted = csv_of(some(count)), body_of(some(count))
      for _, other in ipairs { "", "x", text .. text, (text:gsub("%.5\n", ".6\n")) } do
        local path = file_of(text)
        local read = assert(series.read(path))
        overwrite(path, other)
        assert.is_true(wanted == read:encode())
        assert.equal(count, #read)
      end
    end
  end)

  it("keeps the digits of numbers of any length", function()
    local rows_of = {}
    for i, length in ipairs { 1, 14, 15, 16, 17, 253, 254, 255, 256, 257, 5000 } do
      local time = ("2025-01-01 %02d:%02d"):format(math.floor((i - 1) / 4), (i - 1) % 4 * 15)
      rows_of[i] = { time, length == 1 and "7" or "0." .. ("123456789"):rep(600):sub(1, length - 2) }
    end
    local read = assert(series.read(file_of(csv_of(rows_of))))
    assert.equal(body_of(rows_of), read:encode())
    for i = 1, #rows_of do
      assert.equal(body_of { rows_of[i] }, read:encode(i, i))
    end
  end)
end)

describe("a file too long to be read once", function()
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

  local function body_of_day(day)
    return (body_of(one_day):gsub("%%s", date(day)))
  end

  it("is read again, and what was changed is noticed", function()
    local text = long_csv()
    assert.is_true(#text > 32 * 1024 * 1024)
    local path = file_of(text)
    local read = assert(series.read(path))
    assert.equal(DAYS * 96, #read)
    overwrite(path, text:sub(1, -4), "6\n")
    for _, day in ipairs { 1, 2, 7000, 1, DAYS - 20 } do
      assert.equal(body_of_day(day), read:encode(day * 96 - 95, day * 96))
    end
    expect_changed(read:encode(DAYS * 96 - 95, DAYS * 96))
    overwrite(path, text)
    assert.equal(body_of_day(DAYS), read:encode(DAYS * 96 - 95, DAYS * 96))
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
end)
