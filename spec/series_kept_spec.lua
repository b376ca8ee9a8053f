-- What is checked is what is sent: a file is read again when it is sent, whatever happened to it.
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

describe("a file that changes after it was checked", function()
  it("is noticed wherever a digit is another one", function()
    for _, row in ipairs { 1, 2, 95, 5000, 9999, ROWS - 1, ROWS } do
      local path = file_of(csv)
      local read = assert(series.read(path))
      overwrite(path, with_byte(csv, digit_of(row), csv:byte(digit_of(row)) == 49 and "2" or "1"))
      expect_changed(read:encode())
      expect_changed(read:encode(row, row))
      overwrite(path, csv)
      assert.equal(whole, read:encode())
    end
  end)

  it("is noticed if what one row loses another one gets", function()
    local path = file_of(csv)
    local read = assert(series.read(path))
    local one, other = digit_of(1000), digit_of(1001)
    overwrite(path, with_byte(with_byte(csv, one, csv:sub(other, other)), other, csv:sub(one, one)))
    expect_changed(read:encode())
    expect_changed(read:encode(1000, 1000))
  end)

  it("is noticed if it is shorter, by however much", function()
    for _, length in ipairs { 0, 1, 18, 100, 131071, 131072, 131073, #csv - 25, #csv - 1 } do
      local path = file_of(csv)
      local read = assert(series.read(path))
      overwrite(path, csv:sub(1, length))
      expect_changed(read:encode())
      expect_changed(read:encode(ROWS, ROWS))
      assert.equal(ROWS, #read)
    end
  end)

  it("is noticed by the rows that it concerns, before and after others went out", function()
    local path = file_of(csv)
    local read = assert(series.read(path))
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
      local read = assert(series.read(path))
      overwrite(path, (text:gsub("%.5\n$", ".6\n")))
      expect_changed(read:encode())
      overwrite(path, "")
      expect_changed(read:encode())
    end
  end)

  it("may grow: what was not checked is not sent", function()
    for _, count in ipairs { 96, ROWS } do
      local path = file_of(csv_of(some(count)))
      local read = assert(series.read(path))
      overwrite(path, csv_of(some(count + 1)))
      assert.equal(body_of(some(count)), read:encode())
      assert.equal(count, #read)
    end
  end)

  it("may be replaced or removed: the one that was checked is sent", function()
    local path, other = file_of(csv), file_of(csv_of(some(10)))
    local read = assert(series.read(path))
    assert(os.rename(other, path))
    assert.equal(whole, read:encode())
    assert(os.remove(path))
    assert.equal(whole, read:encode())
    assert.equal(part(7, 7), read:encode(7, 7))
  end)

  it("may be written again as it was", function()
    local path = file_of(csv)
    local read = assert(series.read(path))
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
    local read = assert(series.read(path, { step = false }))
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
      local read = assert(series.read(path))
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
