-- The rows of files as people have them: encodings, delimiters, lines before the header, what is no row, and what is
-- no text at all.
local core = require "purchases.core"
local maps = require "purchases.map"
local rows = require "spec.support.rows"
local source = require "purchases.source"

local file_of, refusal = rows.file_of, rows.refusal

local SHARED = "../shared/data"

local function open(path, form)
  return core.rows.open(path, assert(maps.compile(form or {}, "series")).native)
end

-- The rows of a file as `LINE:CELL|CELL`, and its names.
local function read_file(path, form)
  local file = assert(open(path, form))
  local names, all = assert(file:header()), {}
  local row, line = file:next()
  while row do
    all[#all + 1] = line .. ":" .. table.concat(row, "|")
    row, line = file:next()
  end
  assert.is_nil(line)
  file:close()
  return all, table.concat(names, "|")
end

local function read(text, form)
  return read_file(file_of(text), form)
end

local function utf16(text, is_big)
  return (text:gsub("[%z\1-\127]", is_big and "\0%0" or "%0\0"))
end

describe("a file as people have it", function()
  after_each(rows.remove_files)

  it("tells its encoding by its mark, or is told", function()
    assert.same({ "2:1|\195\177" }, (read "\239\187\191a,b\n1,\195\177\n"))
    local all, names = read("\255\254" .. utf16 "a,b\r\n1,2\r\n")
    assert.same({ "a|b", { "2:1|2" } }, { names, all })
    assert.same({ "2:1|2" }, (read(utf16("a,b\n1,2\n", true), { encoding = "utf16" })))
    for _, name in ipairs { "windows-1252", "latin1" } do
      assert.same({ "2:€|“ñ”" }, (read("a;b\n\128;\147\241\148\n", { encoding = name })))
    end
  end)

  it("is not read in another encoding than its mark's", function()
    local err = refusal(open(file_of "\239\187\191a\n", { encoding = "latin1" }))
    assert.same({ "not_text",
      "has the byte order mark of utf8, and its encoding is said to be windows-1252: do not say it" },
      { err.code, err.message })
  end)

  it("has its header where it is said to be, behind whatever lines", function()
    local text = 'Sales "2025\n;;;\nName ; Total\n1;2\n'
    for _, form in ipairs { { header = 3 }, { header = 3, delimiter = ";" } } do
      assert.same({ { "4:1|2" }, "Name|Total" }, { read(text, form) })
    end
    assert.same({ { "4:1|2" }, "" }, { read(text, { header = false, skip = 3 }) })
    local err = refusal(assert(open(file_of(text .. '3;"x"y\n'), { header = 9 })):header())
    local why = "contains no purchases: it ends before the line that header or skip names"
    assert.same({ "missing_column", why }, { err.code, err.message })
  end)

  it("may say its delimiter in its first line", function()
    assert.same({ { "3:1|2" }, "a,b|c,d" }, { read "sep=|\r\na,b|c,d\r\n1|2\r\n" })
  end)

  it("is refused at the line and column of its text", function()
    local file = assert(open(file_of 'title\na;b\n"x\ny";1\n\241\241;"\n";"z"t\n"1";2\n',
      { encoding = "latin1", header = 2 }))
    assert(file:header())
    assert.same({ "x\ny", "1" }, (file:next()))
    local err = refusal(file:next())
    assert.same({ 6, 6, "text after a closing quote" }, { err.line, err.column, err.message })
    assert.equal("invalid_csv", refusal(file:next()).code) -- the rest of it
    assert.same({ "1", "2" }, (file:next()))
  end)

  describe("that is no text", function()
    local ZIP = "PK\3\4\20\0\0\0\8\0"
    local EXCEL = "is an Excel workbook: save it as CSV (UTF-8)"
    local cases = {
      [ZIP .. "[Content_Types].xml"] = EXCEL,
      [ZIP .. "xl/workbook.xml"] = EXCEL,
      ["\208\207\17\224\161\177\26\225\0\0"] = EXCEL,
      [ZIP .. "sales.csv"] = "is a zip file: unpack it first (unzip -p FILE | ... -)",
      ["\31\139\8\0"] = "is gzip: unpack it first (zcat FILE | ... -)",
      ["<html><table><tr><td>datetime</td>"] =
        "is an HTML page, whatever its name: open it in a spreadsheet and save it as CSV (UTF-8)",
      ['<?xml version="1.0"?>'] = "is XML: get its rows as CSV or JSON",
      ["%PDF-1.4\n"] = "is a PDF: get the table that it shows as CSV",
      [utf16 "datetime,purchase\n"] = 'is UTF-16 without a byte order mark: say encoding = "utf16"',
      [utf16('[{"a":1}]', true)] = 'is UTF-16 without a byte order mark: say encoding = "utf16"',
    }

    local function expect_refused(message, ...)
      local err = refusal(...)
      assert.same({ "not_text", message }, { err.code, err.message })
    end

    it("is named by its first bytes, with what to do", function()
      for bytes, message in pairs(cases) do
        expect_refused(message, open(file_of(bytes)))
        expect_refused(message, rows.read_csv(bytes))
        local opened = assert(source.open(file_of(bytes), {
          schema = assert(require("purchases").schema.compile "{}"),
          key = "id", max_purchase = 1000, batch = 10, batch_bytes = 10000, from_line = 1,
        }))
        expect_refused(message, opened:next())
        opened:close()
      end
    end)
  end)

  local has_shared = io.open(SHARED .. "/energy/README.md")
  local shared_it = has_shared and it or function(name) pending(name .. ": it is not there") end
  if has_shared then
    has_shared:close()
  end

  shared_it("is read from ../shared/data", function()
    local function expect_file(name, form, count, first, last)
      local all = read_file(SHARED .. "/" .. name, form)
      assert.same({ name, count, first, last }, { name, #all, all[1], all[#all] })
    end
    expect_file("energy/a1_pdbc_20251026.1", { header = false, skip = 1 }, 100,
      "2:2025|10|26|1|10.0|10.0|", "101:2025|10|26|100|19.25|19.25|")
    expect_file("energy/a2_omie_periodo.csv", { header = 3, encoding = "latin1" }, 96,
      "4:11/11/2025|1|31,5|10,0|", "99:11/11/2025|96|31,5|12,875|")
    expect_file("energy/d1_ide_wh.csv", nil, 25,
      "2:ES0000000000000000AA0F|2025/10/26 00:00|1|10000|0|", "26:ES0000000000000000AA0F|2025/10/26 23:00|0|11875|0|")
    expect_file("energy/f4_reganecuqh", { header = false, skip = 2 }, 100,
      "3:26/10/2025 00:00:00||UP_X|10.0||1.5||", "102:26/10/2025 23:45:00||UP_X|19.25||1.5||")
    expect_file("energy/i1_excel_utf16.txt", nil, 96, "2:2025-11-11 00:00|10.0",
      "97:2025-11-11 23:45|12.875")
    expect_file("energy/i2_excel_es.csv", nil, 96, "2:11/11/2025 0:00|10,0",
      "97:11/11/2025 23:45|12,875")
    expect_file("energy/i5_sep_line.csv", nil, 96, "3:2025-11-11 00:00|10.0",
      "98:2025-11-11 23:45|12.875")
    expect_file("energy/i10_empty_tail.csv", nil, 96, "2:2025-11-11 00:00|10.0||",
      "97:2025-11-11 23:45|12.875||")
    expect_file("shops/14_cp1252/in.csv", { encoding = "latin1" }, 1,
      "2:1|a@example.com|AA|Café – 10 € “x”|1|10", "2:1|a@example.com|AA|Café – 10 € “x”|1|10")
    local all = read_file(SHARED .. "/shops/04_tiendanube/in.csv", { encoding = "latin1" })
    assert.matches("|01234567|", all[1], 1, true)
    assert.matches("|TN0001|", all[1], 1, true)
    assert.matches('|Remera "Ñandú"', all[1], 1, true)
  end)
end)
