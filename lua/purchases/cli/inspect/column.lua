--- A column of a file: what its cells are, told from all of them, in memory that does not grow with them.
-- @module purchases.cli.inspect.column
local json = require "purchases.json"
local number = require "purchases.cli.inspect.number"
local printable = require "purchases.printable"
local time = require "purchases.cli.inspect.time"

local M = {}

local Column = {}
Column.__index = Column

local NULLS = {}
for word in ("- -- . n/e N/E n/a N/A NA n.d. N.D. s/d S/D NULL null None nan NaN #N/A #N/D"):gmatch "%S+" do
  NULLS[word] = true
end

local LONGEST = 60 -- bytes of an example
local MOST_NULLS = 10

--- A text as it is, or, where it is no UTF-8, with what is none escaped.
function M.valid(text)
  return json.encode(text) and text or printable.escape(text)
end

function M.new(name, index)
  return setmetatable({
    name = name and M.valid(name),
    index = index,
    filled = 0,
    empty = 0,
    emails = 0,
    periods = 0,
    examples = {},
    nulls = {},
    null_count = 0,
    numbers = number.new(),
    times = time.new(),
    odd = {}, -- of each kind, the first cell that is none: { cell, line }
  }, Column)
end

-- Cuts a text between two characters.
local function clip(text)
  if #text > LONGEST then
    text = text:sub(1, LONGEST):gsub("[\192-\255][\128-\191]*$", "") .. "..."
  end
  return text:find "[\128-\255]" and M.valid(text) or text
end

local function note_odd(self, kind, cell, line)
  if not self.odd[kind] then
    self.odd[kind] = { cell = clip(cell), line = line }
  end
end

-- Counts a cell. Returns true for one that says that there is nothing.
local function note(self, cell)
  self.filled = self.filled + 1
  if not self.examples[2] and self.examples[1] ~= clip(cell) then
    self.examples[#self.examples + 1] = clip(cell)
  end
  if not NULLS[cell] then
    return false
  end
  self.null_count = self.null_count + 1
  if not self.nulls[cell] and #self.nulls < MOST_NULLS then
    self.nulls[#self.nulls + 1], self.nulls[cell] = cell, true
  end
  return true
end

--- Takes a cell.
-- @string cell in UTF-8
-- @int line
function Column:add(cell, line)
  cell = cell:match "^%s*(.-)%s*$"
  if cell == "" then
    self.empty = self.empty + 1
    return
  elseif note(self, cell) then
    return
  end
  -- A cell is rarely both: 20251026 or 10.11.12 may be.
  local has_digit, is_numeric = cell:find "%d", cell:find "^[+-]?[%d.,]+$"
  local may_be_both = is_numeric and (cell:find "^%d%d%d%d%d%d%d%d+$" or cell:find "^%d+%.%d%d?%.%d+$")
  local is_number = is_numeric and self.numbers:add(cell)
  local is_time = has_digit and (not is_numeric or may_be_both) and self.times:add(cell)
  if has_digit and not is_numeric and not is_time and not cell:find "%a%a%a%a" then -- no currency has four letters
    is_number = self.numbers:add(cell)
  end
  if not is_number then
    note_odd(self, "number", cell, line)
  end
  if not is_time then
    note_odd(self, "time", cell, line)
  end
  self.periods = self.periods + (cell:find "^H%d%d?$" and 1 or cell:find "^H%d%d?Q[1-4]$" and 1 or 0)
  self.emails = self.emails + (cell:find("@", 1, true) and cell:find "^[^@%s]+@[^@%s]+%.[^@%s]+$" and 1 or 0)
end

--- Takes a value of JSON.
function Column:add_value(value, line)
  if type(value) == "number" then
    local text = ("%.14g"):format(value)
    note(self, text)
    self.numbers:add_value(value)
    self.has_values = true
    note_odd(self, "time", text, line)
  elseif type(value) == "table" then
    self.filled, self.tables = self.filled + 1, (self.tables or 0) + 1
  elseif type(value) == "string" or type(value) == "boolean" then
    self:add(tostring(value), line)
  else
    self.empty = self.empty + 1
  end
end

local MOSTLY = 0.9 -- so many of one kind, and the others are the exception

--- What the column holds: "time", "number", "text", "empty", or "object", of JSON.
-- @treturn string
-- @treturn ?int how many of its cells are something else
function Column:kind()
  local values = self.filled - self.null_count
  if self.tables then
    return "object"
  elseif values == 0 then
    return self.filled == 0 and "empty" or "text"
  end
  local numbers, times = self.numbers.count, self.times.count
  if times >= numbers and times >= values * MOSTLY then
    return "time", values - times
  elseif numbers >= values * MOSTLY then
    return "number", values - numbers
  end
  return "text"
end

return M
