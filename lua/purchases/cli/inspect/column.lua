--- A column of a file: what its cells are, told from all of them, in memory that does not grow with them.
--
-- Cells that differ in their digits alone are of one kind: what is judged is each shape of them once, and of the others
-- only what may differ, which are the least and the greatest number, and dates and times of day that were not there.
-- @module purchases.cli.inspect.column
local json = require "purchases.json"
local number = require "purchases.cli.inspect.number"
local printable = require "purchases.printable"
local time = require "purchases.cli.inspect.time"

local M = {}

local Column = {}
Column.__index = Column

local NULLS = {}
for word in ("- -- --- . \226\128\147 \226\128\148 n/e N/E n/a N/A n.a. N.A. NA n/d N/D n.d. N.D. s/d S/D ND NULL "
  .. "null (null) Null None nan NaN #N/A #N/D #VALUE! #VALOR! \194\161VALOR! #\194\161VALOR! #REF! #\194\161REF! "
  .. "#DIV/0! #\194\161DIV/0!"):gmatch "%S+" do
  NULLS[word] = true
end

local LONGEST = 60 -- bytes of an example
local MOST_NULLS = 10
local MOST_KNOWN = 4096 -- cells of a column that are known as they are
local MOST_SHAPES = 4096
local MOST_WORDED = 1000 -- cells that are looked at for the words of a date

--- A text as it is, or, where it is no UTF-8, with what is none escaped.
function M.valid(text)
  return json.encode(text) and text or printable.escape(text)
end

--- @tparam ?string name
-- @int index from 1
-- @tab budget `left`: how many more cells, shapes and parts of times all columns of a file may keep
function M.new(name, index, budget)
  local self = setmetatable({
    name = name and M.valid(name),
    index = index,
    budget = budget,
    examples = {},
    nulls = {},
    numbers = number.new(),
    times = time.new(),
    odd = {}, -- of each kind, the first cell that is none: { cell, line }
    known = {}, -- groups by their cells
    known_count = 0,
    shapes = {}, -- groups by their shapes
    shape_count = 0,
    groups = {}, -- of cells that are alike: `count`, and what all of them are
    words = 0, -- texts that were looked at for a date's words, which all had them
  }, Column)
  self.nothing, self.text, self.email = self:group "nothing", self:group "text", self:group "email"
  return self
end

-- The group of a name, with what its cells are where it is new.
function Column:group(name, is)
  local group = self.groups[name]
  if not group then
    group = is or {}
    group.count = 0
    self.groups[name], self.groups[#self.groups + 1] = group, group
  end
  return group
end

-- Cuts a text between two characters.
local function clip(text)
  if #text > LONGEST then
    text = text:sub(1, LONGEST):gsub("[\192-\255][\128-\191]*$", "") .. "..."
  end
  return text:find "[\128-\255]" and M.valid(text) or text
end

function Column:note_example(cell)
  if not self.examples[2] and self.examples[1] ~= clip(cell) then
    self.examples[#self.examples + 1] = clip(cell)
  end
end

-- Remembers the first cell that is no number, and the first that is no time.
function Column:note_odd(group, cell, line)
  if not group.is_number then
    self.odd.number = self.odd.number or { cell = clip(cell:match "^%s*(.-)%s*$"), line = line }
  end
  if not group.form then
    self.odd.time = self.odd.time or { cell = clip(cell:match "^%s*(.-)%s*$"), line = line }
  end
end

-- The group of a word that says that there is nothing.
function Column:null(word)
  if not self.nulls[word] and #self.nulls < MOST_NULLS then
    self.nulls[#self.nulls + 1], self.nulls[word] = word, true
  end
  return self:group("null", { is_null = true })
end

function Column:text_group(cell)
  if cell:find("@", 1, true) and cell:find "^[^@%s]+@[^@%s]+%.[^@%s]+$" then
    return self.email
  end
  if self.words < MOST_WORDED then
    local why = time.unreadable(cell)
    self.words, self.unreadable = why and self.words + 1 or MOST_WORDED, why and (self.unreadable or why)
  end
  return self.text
end

-- Tells what all cells of a shape are by one of them: of texts their `group`, of others how to judge each.
function Column:new_shape(cell)
  local shape = {}
  local is_text = cell:find "%a%a%a%a" and not cell:find "^%d+[-/.:]%d" -- no currency has four letters
  if is_text or #cell > LONGEST or cell:find("@", 1, true) then
    shape.group = self:text_group(cell)
    return shape
  end
  local is_numeric = cell:find "^[+-]?[%d.,]+$"
  -- A cell is rarely both: 20251026 or 10.11.12 may be.
  local may_be_both = is_numeric and (cell:find "^%d%d%d%d%d%d%d%d+$" or cell:find "^%d+%.%d%d?%.%d+$")
  shape.parts = (not is_numeric or may_be_both) and self.times:parts(cell) or nil
  if is_numeric or not shape.parts then
    shape.is_number, shape.currency = self.numbers:add(cell)
    shape.least, shape.greatest = cell, cell
    self.dash = self.dash or shape.is_number and number.has_dash(cell) and cell
    shape.is_each = cell:find "%d[eE][+-]?%d" ~= nil
    shape.digit = cell:find "%d[., '\128-\255]" and cell:find "%d" -- the first, if that may be thousands
    shape.has_zero = shape.digit and cell:byte(shape.digit) == 48
  end
  shape.is_period = cell:find "^H%d%d?$" or cell:find "^H%d%d?Q%d$"
  if not (shape.is_number or shape.parts or shape.is_period) then
    shape.group = self:text_group(cell)
  end
  shape.length, shape.pattern = #cell, "^" .. cell:gsub("%p", "%%%0"):gsub("%d", "%%d") .. "$"
  if shape.digit then
    shape.pattern = shape.pattern:gsub("%%d", shape.has_zero and "0" or "[1-9]", 1)
  end
  return shape
end

-- The shape of a cell by its name, if it is known: the cell with all digits as 0. A number that begins with 0, and one
-- that does not, are two shapes: nobody writes 0,123 for 123.
function Column:shape_of(cell, name)
  local shape = self.shapes[name]
  if shape and shape.digit and (cell:byte(shape.digit) == 48) ~= shape.has_zero then
    shape.twin = shape.twin or self:new_shape(cell)
    return shape.twin
  end
  return shape
end

-- The group of a cell by its shape.
function Column:group_in(shape, cell)
  if shape.is_number then
    if shape.is_each then
      self.numbers:add(cell)
    elseif cell < shape.least then
      shape.least = cell
    elseif cell > shape.greatest then
      shape.greatest = cell
    end
  end
  local form = shape.parts and self.times:judge(shape.parts, cell, self.budget)
  if form then
    shape.times = shape.times or self:group((shape.is_number and "number " or "time ") .. form.formats[1],
      { form = form, is_number = shape.is_number })
    return shape.times
  end
  shape.others = shape.others or self:group((shape.is_number and "number in " or "other ")
    .. (shape.currency or shape.is_period and "period" or ""),
    { is_number = shape.is_number, currency = shape.currency, is_period = shape.is_period })
  return shape.others
end

-- The group of a cell that has no known shape.
function Column:group_of(cell, name)
  local text = cell:match "^%s*(.-)%s*$"
  if text == "" then
    return self.nothing
  elseif NULLS[text] then
    return self:null(text)
  elseif not text:find "%d" then
    return self:text_group(text)
  elseif text ~= cell then
    name = text:gsub("%d", "0")
  end
  local shape = self:shape_of(text, name)
  if not shape then
    shape = self:new_shape(text)
    if self.shape_count < MOST_SHAPES and self.budget.left > 0 then
      self.shape_count, self.budget.left = self.shape_count + 1, self.budget.left - 1
      self.shapes[name], self.shapes[self.shape_count] = shape, shape
    end
  end
  return shape.group or self:group_in(shape, text)
end

--- Takes a cell.
-- @string cell in UTF-8
-- @int line
function Column:add(cell, line)
  local group = self.known[cell]
  if not group then
    local shape = self.last -- of most columns one shape goes on for a while, and to find it again is cheap
    if not (shape and #cell == shape.length and cell:find(shape.pattern)) then
      local name = cell:gsub("%d", "0")
      shape = self:shape_of(cell, name)
      group = not shape and self:group_of(cell, name)
      self.last = shape and shape.length and shape or self.last
    end
    group = group or shape.group or self:group_in(shape, cell)
    if group.count == 0 and not group.is_null and group ~= self.nothing then
      self:note_odd(group, cell, line)
    end
    if not self.examples[2] and group ~= self.nothing then
      self:note_example(cell:match "^%s*(.-)%s*$")
    end
    if self.known_count < MOST_KNOWN and self.budget.left > 0 then
      self.known[cell], self.known_count, self.budget.left = group, self.known_count + 1, self.budget.left - 1
    end
  end
  group.count = group.count + 1
  if group.form then
    self.latest = cell
  end
end

--- Takes a value of JSON.
function Column:add_value(value, line)
  if type(value) == "number" then
    self.values = self.values or self:group("value", { is_number = true })
    self.values.count = self.values.count + 1
    if not self.examples[2] then
      self:note_example(("%.14g"):format(value))
    end
    self.numbers:add_value(value)
    self.odd.time = self.odd.time or { cell = ("%.14g"):format(value), line = line }
  elseif type(value) == "table" then
    self.tables = (self.tables or 0) + 1
  elseif type(value) == "string" or type(value) == "boolean" then
    self:add(tostring(value), line)
  else
    self.nothing.count = self.nothing.count + 1
  end
end

local MOSTLY = 0.9 -- so many of one kind, and the others are the exception

--- Sums up: sets `filled`, `empty`, `null_count`, `number_count`, `time_count`, `emails`, `periods`; `currencies`: what
-- stands beside numbers, units, too, and in how many cells.
-- @int rows of the file: what has no cell is empty
function Column:finish(rows)
  local sums = { filled = self.tables or 0, null_count = 0, number_count = 0, time_count = 0, periods = 0 }
  local currencies = {}
  for _, group in ipairs(self.groups) do
    local count = group.count
    sums.filled = sums.filled + (group == self.nothing and 0 or count)
    sums.null_count = sums.null_count + (group.is_null and count or 0)
    sums.number_count = sums.number_count + (group.is_number and count or 0)
    sums.periods = sums.periods + (group.is_period and count or 0)
    if group.form then
      sums.time_count, group.form.count = sums.time_count + count, group.form.count + count
    end
    local sign = group.currency
    if sign and count > 0 then
      currencies[#currencies + 1] = not currencies[sign] and sign or nil
      currencies[sign] = (currencies[sign] or 0) + count
    end
  end
  for name, value in pairs(sums) do
    self[name] = value
  end
  for _, one in ipairs(self.shapes) do
    for _, shape in ipairs { one, one.twin } do
      if shape.is_number then
        self.numbers:add(shape.least)
        self.numbers:add(shape.greatest)
      end
    end
  end
  if self.latest then
    self.times:finish(self.latest:match "^%s*(.-)%s*$")
  end
  if self.text.count + self.time_count < self.filled * MOSTLY then
    self.unreadable = nil
  end
  self.empty, self.emails, self.currencies = rows - self.filled, self.email.count, currencies
end

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
  local numbers, times = self.number_count, self.time_count
  if times >= numbers and times >= values * MOSTLY then
    return "time", values - times
  elseif numbers >= values * MOSTLY then
    return "number", values - numbers
  end
  return "text"
end

return M
