--- Times as people write them, and the letters of strptime that read them.
-- @module purchases.cli.inspect.time
local M = {}

local MONTHS = {}
for month in ("jan feb mar apr may jun jul aug sep oct nov dec"):gmatch "%a+" do
  MONTHS[month] = true
end

local function escape(text)
  return (text:gsub("%p", "%%%0"))
end

-- The ways to begin a date: a pattern with captures, and what these may be: each reading a letter for every capture.
local DATES = {
  { "^(%d%d%d%d)([-/.])(%d%d?)%2(%d%d?)()", { "Ymd" } },
  { "^(%d%d?)([-/.])(%d%d?)%2(%d%d%d%d)()", { "dmY", "mdY" } },
  { "^(%d%d?)([-/.])(%d%d?)%2(%d%d)()", { "dmy", "mdy", "ymd" } },
  { "^(%d%d?)([-/ ])(%a%a%a)%2(%d%d%d%d)()", { "dbY" } },
  { "^(%d%d?)([-/ ])(%a%a%a)%2(%d%d)()", { "dby" } },
}

-- What may stand behind a date, in order: a pattern, its letters; each but the first may be missing.
local ZONES = {
  { "^ ?[+-]%d%d:?%d%d$", "%z" }, { "^Z$", "%z" }, { "^ ?[+-]%d%d$", "%z" }, { "^ ?UTC$", "%Z" }, { "^ ?GMT$", "%Z" },
  { "^ ?%u%u%u%u?$", "%Z" },
}

-- Reads what follows the date, or a time of a day alone. Adds to a form; returns false for what is none.
local function read_clock(form, rest)
  local clock = rest:match "^%d%d?:%d%d"
  if not clock then
    return false
  end
  form.hour, form.clock = #form.roles + 1, true
  form.pattern, form.tail = form.pattern .. "(%d%d?):(%d%d)", form.tail .. "%H:%M"
  form.roles[#form.roles + 1], form.roles[#form.roles + 2] = "H", "M"
  rest = rest:sub(#clock + 1)
  local second = rest:match "^:%d%d"
  if second then
    form.pattern, form.tail = form.pattern .. ":(%d%d)", form.tail .. ":%S"
    form.roles[#form.roles + 1] = "S"
    rest = rest:sub(#second + 1)
    local mark = rest:match "^([.,])%d+"
    if mark then
      form.pattern, form.tail = form.pattern .. escape(mark) .. "%d+", form.tail .. mark .. "%f"
      rest = rest:gsub("^[.,]%d+", "")
    end
  end
  local half = rest:match "^( ?)[AaPp][Mm]"
  if half then
    form.pattern, form.tail = form.pattern .. half .. "[AaPp][Mm]", form.tail:gsub("%%H", "%%I") .. half .. "%p"
    rest = rest:sub(#half + 3)
  end
  if rest == "" then
    form.pattern = form.pattern .. "$"
    return true
  end
  for _, zone in ipairs(ZONES) do
    if rest:find(zone[1]) then
      local blank = rest:sub(1, 1) == " " and " " or ""
      form.pattern, form.tail = form.pattern .. zone[1]:gsub("^%^", ""), form.tail .. blank .. zone[2]
      form.offset = zone[2]
      return true
    end
  end
  if rest:find "^%w" or rest:find "^%s*[+-]%d" then
    return false
  end
  form.pattern, form.tail = form.pattern .. "%D.*$", form.tail .. (rest:find "^ " and " " or "") .. "%*"
  return true
end

local function finish(form)
  for i, reading in ipairs(form.readings) do
    local letters = reading:gsub(".", function(letter)
      return "%" .. letter .. (form.separator or "")
    end)
    letters = form.separator and letters:sub(1, -1 - #form.separator) or letters
    form.formats[i] = letters .. form.tail
  end
  if not form.readings[1] then
    form.formats[1] = form.tail
  end
  return form
end

local function new_form()
  return { pattern = "^", tail = "", roles = {}, readings = {}, formats = {} }
end

local function compact(cell)
  local year, month, day, rest = cell:match "^(%d%d%d%d)(%d%d)(%d%d)(.*)$"
  if not year or tonumber(year) < 1900 or tonumber(year) > 2100 or tonumber(month) > 12 or tonumber(day) > 31
    or month == "00" or day == "00" then
    return nil
  end
  local form = new_form()
  form.readings, form.pattern, form.roles = { "Ymd" }, "^(%d%d%d%d)(%d%d)(%d%d)", { "1", "2", "3" }
  local mark, clock = rest:match "^([ T]?)(%d%d%d%d)$"
  local long_mark, long = rest:match "^([ T]?)(%d%d%d%d%d%d)$"
  if clock or long then
    mark = mark or long_mark
    form.pattern = form.pattern .. mark .. "(%d%d)(%d%d)" .. (long and "(%d%d)" or "") .. "$"
    form.tail, form.clock = mark .. "%H%M" .. (long and "%S" or ""), true
    form.roles = { "1", "2", "3", "H", "M", long and "S" or nil }
  elseif rest == "" then
    form.pattern = form.pattern .. "$"
  else
    mark = rest:match "^[ T]"
    form.pattern, form.tail = form.pattern .. (mark or ""), mark or ""
    if not mark or not read_clock(form, rest:sub(2)) then
      return nil
    end
  end
  return finish(form)
end

local function discover(cell)
  for _, date in ipairs(DATES) do
    local first, separator, second, third, stop = cell:match(date[1])
    if first and not cell:find("^%d", stop) and (not second:find "%a" or MONTHS[second:lower()]) then
      local form = new_form()
      local mark = escape(separator)
      form.readings, form.separator = date[2], separator
      form.roles = { "1", "2", "3" }
      local parts = { #first == 4 and "(%d%d%d%d)" or "(%d%d?)", second:find "%a" and "(%a%a%a)" or "(%d%d?)",
        #third == 4 and "(%d%d%d%d)" or #first == 4 and "(%d%d?)" or "(%d%d)" }
      form.pattern = "^" .. table.concat(parts, mark)
      local rest = cell:sub(stop)
      if rest == "" then
        form.pattern = form.pattern .. "$"
        return finish(form)
      end
      local gap = rest:match "^[ T]" or rest:match "^,? +"
      if not gap then
        return nil
      end
      form.pattern, form.tail = form.pattern .. gap, gap
      return read_clock(form, rest:sub(#gap + 1)) and finish(form) or nil
    end
  end
  local form = new_form()
  if read_clock(form, cell) then
    form.is_clock = true
    return finish(form)
  end
  return compact(cell)
end

local known = {} -- forms by their pattern

--- Finds the form of a cell.
-- @treturn ?table `formats`: the letters that read it, more than one where nobody can know; `clock`: has it a time of
-- day; `is_clock`: has it no date; `offset`: "%z" or "%Z"
function M.find(cell)
  if not cell:find "^%d" then
    return nil
  end
  local form = discover(cell)
  if form then
    known[form.pattern] = known[form.pattern] or form
    return known[form.pattern]
  end
end

local Times = {}
Times.__index = Times

--- The times of a column.
function M.new()
  return setmetatable({ count = 0, forms = {} }, Times)
end

local MOST = { H = 24, M = 59, S = 60, d = 31, m = 12 }

local function check(form, captures)
  for i, role in ipairs(form.roles) do
    local most = MOST[role]
    if most and tonumber(captures[i]) > most then
      return false
    end
  end
  return true
end

-- Does a reading of the date fit the captures?
local function fits(reading, captures)
  for i = 1, 3 do
    local most = MOST[reading:sub(i, i)]
    if most then
      local value = tonumber(captures[i])
      if value and (value > most or value == 0) then
        return false
      end
    end
  end
  return true
end

-- Leaves of the readings that fitted so far those that fit these captures, too; false where none does.
local function note(entry, captures)
  local readings = entry.form.readings
  if not readings[2] then
    return not readings[1] or fits(readings[1], captures)
  end
  local left, any = {}, false
  for i, reading in ipairs(readings) do
    left[i] = entry.alive[i] and fits(reading, captures)
    any = any or left[i]
  end
  entry.alive = any and left or entry.alive
  return any
end

--- Takes a cell.
-- @treturn boolean is it a time?
function Times:add(cell)
  local form = self.last and self.last.form
  local captures = form and { cell:match(form.pattern) }
  if not (captures and captures[1]) then
    form = M.find(cell)
    captures = form and { cell:match(form.pattern) }
    if not (captures and captures[1]) then
      return false
    end
  end
  local entry = self.forms[form.pattern]
  if not entry then
    entry = { form = form, count = 0, alive = {} }
    for i in ipairs(form.readings) do
      entry.alive[i] = true
    end
  end
  if not check(form, captures) or not note(entry, captures) then
    return false
  end
  if not self.forms[form.pattern] then
    self.forms[form.pattern] = entry
    self.forms[#self.forms + 1] = entry
  end
  entry.count, self.last, self.count = entry.count + 1, entry, self.count + 1
  self.first = self.first or cell
  self.latest = cell
  if form.clock and not form.tail:find "%I" then
    local at = #form.roles >= 5 and 4 or 1
    local minutes = tonumber(captures[at]) * 60 + tonumber(captures[at + 1])
    self.has_24 = self.has_24 or minutes == 1440
    self.first_minutes = self.first_minutes or minutes
    if self.last_minutes and not self.step and minutes > self.last_minutes then
      self.step = minutes - self.last_minutes
    end
    self.last_minutes = minutes
  end
  return true
end

--- The letters that read all of them: a list of readings for each form that there is, that of most cells first.
-- @treturn {{string,...},...}
-- @treturn ?table the form of most cells
function Times:formats()
  table.sort(self.forms, function(a, b)
    return a.count > b.count or a.count == b.count and a.form.pattern < b.form.pattern
  end)
  local list = {}
  for at, entry in ipairs(self.forms) do
    local formats = {}
    for i, format in ipairs(entry.form.formats) do
      if entry.alive[i] or not entry.form.readings[1] then
        formats[#formats + 1] = format
      end
    end
    list[at] = formats
  end
  return list, self.forms[1] and self.forms[1].form
end

--- Has every one of them an offset?
function Times:have_offsets()
  for _, entry in ipairs(self.forms) do
    if not entry.form.offset then
      return false
    end
  end
  return self.forms[1] ~= nil
end

return M
