-- Rows of purchase series in every form in which they come, and what is said of those that are refused.
--
--   local rows = require "spec.support.rows"
--   after_each(rows.remove_files)
--   rows.expect_places({ "1 3:18 purchase invalid_number" }, rows.refusal(rows.read_csv(text)))
local assert = require "luassert"
local core = require "purchases.core"
local series = require "purchases.series"

local M = {}

local files = {}

--- A file with this content, gone after the test.
function M.file_of(...)
  local path = os.tmpname()
  files[#files + 1] = path
  M.overwrite(path, ...)
  return path
end

--- Gives a file that content; its inode stays.
function M.overwrite(path, ...)
  local file = assert(io.open(path, "wb"))
  for i = 1, select("#", ...) do
    assert(file:write((select(i, ...))))
  end
  assert(file:close())
end

function M.remove_files()
  for i = #files, 1, -1 do
    os.remove(files[i])
    files[i] = nil
  end
end

function M.read_csv(text, options)
  return series.read(M.file_of(text), options)
end

local function count_and_keep(...)
  return select("#", ...), ...
end

--- What fails must fail the way everything here fails: exactly nil and an error.
function M.refusal(...)
  local count, result, err = count_and_keep(...)
  assert.equal(2, count)
  assert.is_nil(result)
  assert.equal(core.error, getmetatable(err))
  assert.equal("validation", err.kind)
  assert.is_nil(tostring(err):find "\n")
  return err
end

--- The issues as "index line:column field code", sorted by index as they must be, and " x3" of one of three rows.
function M.places(err)
  local list, last, rows = {}, -1, 0
  for i, issue in ipairs(err.issues) do
    assert.is_true(issue.index >= last)
    last = issue.index
    local place = issue.line and (" %d:%d"):format(issue.line, issue.column) or ""
    list[i] = ("%d%s %s %s"):format(issue.index, place, issue.field or "-", issue.code)
      .. (issue.count > 1 and " x" .. issue.count or "")
    rows = rows + issue.count
  end
  assert.is_true(#list == 1000 and rows <= err.total or rows == err.total)
  return list
end

function M.expect_places(wanted, err)
  assert.same(wanted, M.places(err))
  assert.equal("invalid_series", err.code)
  assert.equal(err.issues[1].summary or err.issues[1].message, err.message)
end

--- Misuse must point at the line of the call, which is the one below `function()`. (The calls end in
-- `, nil` because a tail call leaves no line behind.)
function M.expect_raise(message, call)
  local ok, raised = pcall(call)
  assert.is_false(ok)
  local info = debug.getinfo(call, "S")
  local where = ("%s:%d: "):format(info.short_src, info.linedefined + 1)
  assert.equal(where, raised:sub(1, #where))
  assert.matches(message, raised, 1, true)
end

--- One item of a request's body, and the body of some.
function M.item(datetime, number)
  return ('{"datetime":"%s","purchase":%s}'):format(datetime, number)
end

function M.body(items)
  return '{"purchase":[' .. table.concat(items, ",") .. "]}"
end

-- A date as days since 2025-01-01 and back, by counting.
local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function date_of(day)
  local year, month = 2025, 1
  while day >= (is_leap(year) and 366 or 365) do
    day = day - (is_leap(year) and 366 or 365)
    year = year + 1
  end
  local lengths = { 31, is_leap(year) and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  while day >= lengths[month] do
    day = day - lengths[month]
    month = month + 1
  end
  return ("%04d-%02d-%02d"):format(year, month, day + 1)
end

--- The clock, so many minutes after 2025-01-01 00:00.
function M.clock(minutes)
  local time = minutes % 1440
  return ("%s %02d:%02d"):format(date_of((minutes - time) / 1440), math.floor(time / 60), time % 60)
end

--- Rows as { datetime, number's text }, quarter-hours from midnight on.
function M.rows_of(...)
  local rows = {}
  for i = 1, select("#", ...) do
    rows[i] = { M.clock(15 * (i - 1)), (select(i, ...)) }
  end
  return rows
end

--- So many rows with the numbers 1.5, 2.5, ...
function M.some(count)
  local rows = {}
  for i = 1, count do
    rows[i] = { M.clock(15 * (i - 1)), i + 0.5 }
  end
  return rows
end

M.JSON_ROW = '{"datetime":"%d","purchase":%n}'

--- Every row by a pattern in which %d is its datetime and %n its number.
function M.lines(rows, pattern)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = (pattern:gsub("%%.", { ["%d"] = row[1], ["%n"] = row[2] }))
  end
  return list
end

function M.csv_of(rows)
  return "datetime,purchase\n" .. table.concat(M.lines(rows, "%d,%n"), "\n") .. "\n"
end

function M.body_of(rows)
  return M.body(M.lines(rows, M.JSON_ROW))
end

--- As series.from takes them.
function M.table_of(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = { datetime = row[1], purchase = row[2] }
  end
  return list
end

function M.decode_text(text)
  return function(options)
    return series.decode(text, options)
  end
end

function M.read_text(text)
  return function(options)
    return M.read_csv(text, options)
  end
end

--- Every way for rows to come in as text: name, lines before the first row, whether in JSON, how to read them.
M.texts = {
  { "CSV", 1, false, function(rows)
    return M.read_text(M.csv_of(rows))
  end },
  { "a JSON document", 1, true, function(rows)
    return M.decode_text('{"purchase":[\n' .. table.concat(M.lines(rows, M.JSON_ROW), ",\n") .. "\n]}")
  end },
  { "a JSON array", 1, true, function(rows)
    return M.decode_text("[\n" .. table.concat(M.lines(rows, M.JSON_ROW), ",\n") .. "\n]")
  end },
  { "a JSON file", 1, true, function(rows)
    return M.read_text('{"purchase":[\r\n' .. table.concat(M.lines(rows, M.JSON_ROW), ",\r\n") .. "]}")
  end },
  { "NDJSON", 0, true, function(rows)
    return M.decode_text(table.concat(M.lines(rows, M.JSON_ROW), "\n"))
  end },
  { "an NDJSON file", 0, true, function(rows)
    return M.read_text(table.concat(M.lines(rows, M.JSON_ROW), "\n") .. "\n")
  end },
}

return M
