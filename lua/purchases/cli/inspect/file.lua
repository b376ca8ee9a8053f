--- What a file is that nobody has described: its encoding, its layout, its columns.
-- @module purchases.cli.inspect.file
local bytes = require "purchases.cli.inspect.bytes"
local column = require "purchases.cli.inspect.column"
local core = require "purchases.core"
local json_reader = require "purchases.cli.inspect.json"
local layout = require "purchases.cli.inspect.layout"
local maps = require "purchases.map"

local M = {}

local MOST_LISTS = 20
local MOST_COLUMNS = 2000
local MOST_KEPT = 400000 -- cells and shapes of cells, of all columns together

-- Lines that do not have the width of the others, or cannot be read.
local function note_refused(found, line, message)
  found.refused = found.refused or { count = 0, line = line, message = column.valid(message) }
  found.refused.count = found.refused.count + 1
end

local function open_as(path, form)
  local map, err = maps.compile(form, "series")
  if not map then
    return nil, err
  end
  return core.rows.open(path, map.native)
end

local function open_rows(found, path)
  local form = { encoding = found.encoding, delimiter = found.delimiter, skip = found.skip }
  if not (found.mark or found.encoding ~= "utf8") then
    form.encoding = nil
  end
  if found.header == false then
    form.header = false
  elseif not found.usual then
    form.header = found.header
  end
  form.skip = form.header == false and found.skip > 0 and found.skip or nil
  return open_as(path, form)
end

local function read_csv(found, file)
  local plan = layout.find(file.head, file.is_cut)
  found.format = "csv"
  found.delimiter, found.sep, found.header, found.skip = plan.delimiter, plan.sep, plan.header, plan.skip
  found.usual, found.tells, found.too_many = plan.usual, plan.tells, plan.too_many
  local rows, err = open_rows(found, file.path)
  if not rows then
    found.problem = err.message
    return
  end
  local names
  local columns, budget = found.columns, { left = MOST_KEPT }
  names, err = rows:header()
  if err then
    found.problem = err.message
    rows:close()
    return
  end
  for i = 1, math.min(#names, MOST_COLUMNS) do
    columns[i] = column.new(names[i], i, budget)
  end
  found.untold = #names > MOST_COLUMNS and #names - MOST_COLUMNS or nil
  local row, line = rows:next()
  while row or line do
    if row then
      for i = #columns + 1, math.min(#row, MOST_COLUMNS) do
        columns[i] = column.new(nil, i, budget)
      end
      for i = 1, #columns do
        columns[i]:add(row[i] or "", line)
      end
      found.rows = found.rows + 1
    else
      note_refused(found, line.line, line.message)
      if line.code ~= "invalid_csv" then
        break -- the file cannot be read on
      end
    end
    row, line = rows:next()
  end
  rows:close()
  for _, one in ipairs(columns) do
    one:finish(found.rows)
  end
  local last = columns[#columns]
  while last and last.filled == 0 and (last.name or "") == "" do -- a delimiter at the ends of the lines
    columns[#columns] = nil
    last = columns[#columns]
  end
end

-- The keys of an object in the order of its text, as far as that is easily told.
local function keys_in_order(value, text)
  local keys, places = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
    places[key] = text:find('"' .. key .. '"', 1, true) or math.huge
  end
  table.sort(keys, function(a, b)
    if places[a] ~= places[b] then
      return places[a] < places[b]
    end
    return a < b
  end)
  return keys
end

local function add_object(list, value, text, line)
  list.rows = list.rows + 1
  local first_keys = list.rows == 1 and keys_in_order(value, text)
  for _, key in ipairs(first_keys or {}) do
    list.columns[#list.columns + 1] = column.new(key, #list.columns + 1, list.budget)
    list.by_name[key] = list.columns[#list.columns]
  end
  for key, cell in pairs(value) do
    local one = list.by_name[key]
    if not one and #list.columns < MOST_COLUMNS then
      one = column.new(key, #list.columns + 1, list.budget)
      list.columns[one.index], list.by_name[key] = one, one
    end
    if one then
      one:add_value(cell, line)
    end
  end
end

local function read_json(found, file)
  local handle = assert(io.open(file.path, "rb"))
  if found.mark then
    handle:seek("set", 3)
  end
  local lists, budget = {}, { left = MOST_KEPT }
  local lines = json_reader.read(handle, function(pointer, value, text, line)
    pointer = column.valid(pointer or "")
    local list = lists[pointer]
    if not list and #lists < MOST_LISTS then
      list = { pointer = pointer, rows = 0, columns = {}, by_name = {}, budget = budget }
      lists[#lists + 1], lists[pointer] = list, list
    end
    if type(value) ~= "table" then
      note_refused(found, line, "is not JSON")
    elseif list then
      add_object(list, value, text, line)
    end
  end)
  handle:close()
  found.format = lines and "ndjson" or "json"
  local longest
  for _, list in ipairs(lists) do
    longest = longest and longest.rows >= list.rows and longest or list
  end
  if longest then
    found.list, found.rows, found.columns = not lines and longest.pointer or nil, longest.rows, longest.columns
    for _, one in ipairs(found.columns) do
      one:finish(found.rows)
    end
  end
  if #lists > 1 then
    found.lists = {}
    for i, list in ipairs(lists) do
      found.lists[i] = { pointer = list.pointer, rows = list.rows }
    end
  end
end

-- The decimal sign that the columns show, if they agree on one; numbers of JSON show none.
local function decimal_of(columns)
  local sign
  for _, one in ipairs(columns) do
    local readings = one:kind() == "number" and not one.values and one.numbers:readings() or {}
    if #readings == 1 and readings[1].decimal then
      if sign and sign ~= readings[1].decimal then
        return nil
      end
      sign = readings[1].decimal
    end
  end
  return sign
end

--- Looks at a file, to its end, in bounded memory.
-- @string path "-" is standard input
-- @treturn table|nil `format`: "csv", "json", "ndjson"; `encoding`, `mark`, `is_ascii`; `delimiter`, `sep`, `header`,
-- `skip`, `usual`; `list`, `lists`; `rows`, `refused`, `columns`; `untold`: how many more of these there are;
-- `decimal`; `problem`: why there is no more to tell
-- @treturn ?string why it cannot be read
function M.describe(path)
  local file, why = bytes.open(path)
  if not file then
    return nil, why
  end
  local found = { encoding = file.encoding, mark = file.mark, is_ascii = file.is_ascii, rows = 0, columns = {} }
  local rows, err = open_as(file.path, { encoding = file.encoding ~= "utf8" and file.encoding or nil })
  if rows then
    rows:close()
  end
  if file.head == "" then
    found.problem = "is empty"
  elseif not rows and err.code ~= "file_unreadable" then
    found.problem = err.message
  elseif file.belied then
    found.problem = "begins with the mark of UTF-8 and is something else behind it"
  elseif file.halves then
    found.problem = "is UTF-8 but for half characters (of surrogate pairs): write it anew in UTF-8"
  elseif file.undefined then
    found.problem = "is neither UTF-8 nor Windows-1252: it has bytes that are no characters in either; find out "
      .. "what it is in, and write it anew in UTF-8"
  elseif file.head:find "^%s*[%[{]" and file.encoding == "utf16" then
    found.problem = "is JSON in UTF-16, into which this does not look: write it in UTF-8"
  elseif file.head:find "^%s*[%[{]" then
    read_json(found, file)
  else
    read_csv(found, file)
  end
  file.close()
  found.decimal = decimal_of(found.columns)
  return found
end

return M
