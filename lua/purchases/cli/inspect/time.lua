--- Times as people write them, and the letters of strptime that read them.
-- @module purchases.cli.inspect.time
local M = {}

local MONTHS = {}
for month in ("jan feb mar apr may jun jul aug sep oct nov dec"):gmatch "%a+" do
  MONTHS[month] = true
end

-- Words of dates that no letter reads, and those beside them.
local WEEKDAYS, OTHER_MONTHS, FILLERS = {}, {}, {}
for list, words in pairs {
  [WEEKDAYS] = "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday "
    .. "lun mié mie jue vie sáb sab dom lunes martes miércoles miercoles jueves viernes sábado sabado domingo",
  [OTHER_MONTHS] = "january february march april june july august september october november december "
    .. "ene abr ago sept set dic enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre "
    .. "noviembre diciembre",
  [FILLERS] = "de del of at the a las am pm m p st nd rd th h hs hrs t utc gmt cet cest",
} do
  for word in words:gmatch "%S+" do
    list[word] = true
  end
end

-- The ways to write a date: a pattern of three parts and what stands between them, and what the parts may be: each
-- reading has a letter for every one.
local DATES = {
  { "^(%d%d%d%d)([-/.])(%d%d?)(%2)(%d%d?)()", { "Ymd" } },
  { "^(%d%d?)([-/.])(%d%d?)(%2)(%d%d%d%d)()", { "dmY", "mdY" } },
  { "^(%d%d?)([-/.])(%d%d?)(%2)(%d%d)()", { "dmy", "mdy", "ymd" } },
  { "^(%d%d?)([-/. ]?)(%a%a%a)(%2)(%d%d%d%d)()", { "dbY" } },
  { "^(%d%d?)([-/. ]?)(%a%a%a)(%2)(%d%d)()", { "dby" } },
  { "^(%d%d%d%d)([-/. ]?)(%a%a%a)(%2)(%d%d?)()", { "Ybd" } },
  { "^(%a%a%a)([-/. ])(%d%d?)(%2)(%d%d%d%d)()", { "bdY" } },
  { "^(%a%a%a)( )(%d%d?)(, ?)(%d%d%d%d)()", { "bdY" } },
}

local ZONES = {
  { "^ ?[+-]%d%d:?%d%d$", "%z" }, { "^Z$", "%z" }, { "^ ?[+-]%d%d$", "%z" }, { "^ ?UTC$", "%Z" }, { "^ ?GMT$", "%Z" },
  { "^ ?%u%u%u%u?$", "%Z" },
}

-- A part of a date as a number; of a month's name 1.
local function number_of(part)
  return tonumber(part) or MONTHS[part:lower()] and 1
end

local function read_date(cell)
  for _, date in ipairs(DATES) do
    local first, before, second, behind, third, stop = cell:match(date[1])
    local values = first and { number_of(first), number_of(second), number_of(third) }
    if values and values[3] and values[2] and values[1] and not cell:find("^%d", stop) then
      local formats = {}
      for i, reading in ipairs(date[2]) do
        formats[i] = ("%%%s%s%%%s%s%%%s"):format(reading:sub(1, 1), before, reading:sub(2, 2), behind,
          reading:sub(3, 3))
      end
      return { readings = date[2], formats = formats, values = values, date_to = stop - 1 }
    end
  end
  local year, month, day = cell:match "^(%d%d%d%d)(%d%d)(%d%d)"
  if year then
    return { readings = { "Ymd" }, formats = { "%Y%m%d" }, values = { tonumber(year), tonumber(month), tonumber(day) },
      date_to = 8, is_compact = true }
  end
end

-- What follows the minutes or seconds: half of the day, an offset, or what is passed over. Returns letters, and those
-- of the offset; nil where it cannot be read.
local function read_rest(rest)
  local half = rest:match "^( ?)[AaPp]%.? ?[Mm]"
  local letters = ""
  if half then
    letters, rest = half .. "%p", rest:gsub("^ ?[AaPp]%.? ?[Mm]%.?", "")
  end
  if rest == "" then
    return letters
  end
  for _, zone in ipairs(ZONES) do
    if rest:find(zone[1]) then
      return letters .. rest:match "^ ?" .. zone[2], zone[2]
    end
  end
  if rest:find "^%w" or rest:find "^ *[+-]%d" then
    return nil
  end
  return letters .. rest:match "^ ?" .. "%*"
end

-- Reads a time of day that begins at a place. Adds to what was found; returns false where it is none.
local function read_clock(found, cell, at)
  local hour, mark, minute, stop = cell:match("^(%d%d?)([:.h])(%d%d)()", at)
  local second
  if hour and (mark == ":" or at > 1) then
    second = cell:match("^" .. mark:gsub("%p", "%%%0") .. "(%d%d)", stop)
  elseif found.is_compact then
    hour, minute, second, stop = cell:match("^(%d%d)(%d%d)(%d?%d?)()", at)
    second, mark = second ~= "" and second or nil, ""
    if not hour or cell:sub(stop):find "^%d" or second and #second < 2 then
      return false
    end
    stop = second and stop - 2 or stop
  elseif at > 1 and cell:find("^%d%d?$", at) then
    mark, minute, stop = "", nil, #cell + 1
  else
    return false
  end
  local letters = "%H" .. (minute and mark .. "%M" or "")
  if second then
    letters, stop = letters .. mark .. "%S", stop + #mark + 2
  end
  found.clock_from, found.clock_to = at, stop - 1
  local point, digits = cell:match("^([.,])(%d+)", stop)
  if second and point then
    letters, stop = letters .. point .. "%f", stop + 1 + #digits
  end
  local rest, offset = read_rest(cell:sub(stop))
  if not rest then
    return false
  end
  found.is_halved = rest:find("%p", 1, true) ~= nil
  found.tail, found.offset = (found.is_halved and letters:gsub("%%H", "%%I") or letters) .. rest, offset
  return true
end

-- Blanks that are none in ASCII, and several as one: between its letters a format takes any.
local function squeeze(cell)
  if cell:find "[\128-\255]" then
    cell = cell:gsub("\194\160", " "):gsub("\226\128\175", " ")
  end
  return cell:find("  ", 1, true) and cell:gsub("  +", " ") or cell
end

-- Tells how a cell is written. Returns `readings`, `formats` (of the date), `values`, `date_to`; `clock_from`,
-- `clock_to`, `tail`, `offset`, `is_halved`.
local function discover(cell)
  local found = read_date(cell)
  if not found then
    found = { readings = {}, formats = {}, values = {}, date_to = 0 }
    return cell:find "^%d" and read_clock(found, cell, 1) and found or nil
  end
  local rest = cell:sub(found.date_to + 1)
  if rest == "" then
    return found
  end
  local gap = rest:match "^[ T]" or rest:match "^, ?" or found.is_compact and ""
  if not gap or not read_clock(found, cell, found.date_to + 1 + #gap) then
    return nil
  end
  found.tail = gap .. found.tail
  return found
end

-- The minutes of a time of day; nil where there is none such.
local function minutes_of(clock, is_halved)
  local hour, minute, second = clock:match "^(%d%d?)[:.h]?(%d?%d?)[:.h]?(%d?%d?)$"
  hour, minute, second = tonumber(hour), tonumber(minute) or 0, tonumber(second) or 0
  local is_last = hour == 24 and minute == 0 and second == 0
  if minute > 59 or second > 59 or (is_halved and (hour < 1 or hour > 12) or hour > 23 and not is_last) then
    return nil
  end
  return hour * 60 + minute
end

local MOST = { d = 31, m = 12 }

-- Does a reading of the date fit its values? Of digits alone only years that are likely are one.
local function fits(reading, found)
  for i = 1, 3 do
    local most, value = MOST[reading:sub(i, i)], found.values[i]
    if most and (value > most or value == 0) then
      return false
    end
  end
  return not found.is_compact or found.values[1] >= 1900 and found.values[1] <= 2100
end

--- Why no letter reads a cell that looks like a date.
-- @treturn ?string
function M.unreadable(cell)
  if #cell > 60 or not cell:find "%d" then
    return nil
  end
  local why
  for word in cell:gmatch "[%a\128-\255]+" do
    word = word:lower()
    if WEEKDAYS[word] then
      why = "no letter reads the name of a weekday"
    elseif OTHER_MONTHS[word] then
      why = why or "%b reads Jan, Feb, Mar and so on, and no letter reads another name of a month"
    elseif not (FILLERS[word] or MONTHS[word]) then
      return nil
    end
  end
  return why
end

local Times = {}
Times.__index = Times

--- The times of a column.
function M.new()
  return setmetatable({ forms = {}, by_format = {} }, Times)
end

-- Leaves of the readings that fitted so far those that fit this date, too; false where none does.
local function narrow(alive, found)
  local left, any = {}, false
  for i, reading in ipairs(found.readings) do
    left[i] = alive[i] and fits(reading, found)
    any = any or left[i]
  end
  for i in ipairs(any and alive or {}) do
    alive[i] = left[i]
  end
  return any
end

-- Takes a time of day that was not there before.
function Times:note_clock(minutes)
  self.clocks = (self.clocks or 0) + 1
  self.has_24 = self.has_24 or minutes == 1440
  self.first_minutes = self.first_minutes or minutes
  if self.before and not self.step and minutes > self.before then
    self.step = minutes - self.before
  end
  self.before = minutes
end

--- Tells where date and time of day stand in all cells with this one's shape: the same but for their digits.
-- @treturn ?table for `judge`; nil: they are no times
function Times:parts(cell)
  local squeezed = squeeze(cell)
  local found = discover(squeezed)
  if not found then
    return nil
  end
  local tail = found.tail or ""
  local form = self.by_format[(found.formats[1] or "") .. tail]
  if not form then
    form = { formats = {}, alive = {}, count = 0, has_date = found.date_to > 0, has_clock = found.tail ~= nil,
      offset = found.offset }
    for i = 1, math.max(#found.formats, 1) do
      form.formats[i], form.alive[i] = (found.formats[i] or "") .. tail, true
    end
    self.by_format[form.formats[1]] = form
  end
  return { form = form, date_to = found.date_to, clock_from = found.clock_from, clock_to = found.clock_to,
    is_halved = found.is_halved, is_squeezed = squeezed ~= cell, dates = {}, clocks = {} }
end

--- Judges a cell: its date and its time of day, each of them once.
-- @tab parts of its shape
-- @string cell
-- @tab budget `left`: how many parts may be kept yet
-- @treturn ?table nil: it is no time; its form: `count`, which is the caller's to count
function Times:judge(parts, cell, budget)
  if not parts then
    return nil
  end
  local squeezed, form = parts.is_squeezed and squeeze(cell) or cell, parts.form
  local date = squeezed:sub(1, parts.date_to)
  local clock = parts.clock_from and squeezed:sub(parts.clock_from, parts.clock_to) or ""
  local is_date, minutes = parts.dates[date], parts.clocks[clock]
  if is_date == nil then
    is_date = date == "" or narrow(form.alive, read_date(date))
    if budget.left > 0 then
      parts.dates[date], budget.left = is_date, budget.left - 1
    end
  end
  if minutes == nil then
    minutes = clock == "" and 0 or minutes_of(clock, parts.is_halved) or false
    if minutes and clock ~= "" then
      self:note_clock(minutes)
    end
    if budget.left > 0 then
      parts.clocks[clock], budget.left = minutes, budget.left - 1
    end
  end
  if not (is_date and minutes) then
    return nil
  elseif not form.is_there then
    form.is_there, self.forms[#self.forms + 1] = true, form
  end
  self.first = self.first or cell
  return form
end

--- The form of a cell by itself: see `Times:formats`; nil: it is no time.
function M.form_of(cell)
  local times = M.new()
  return times:judge(times:parts(cell), cell, { left = 0 })
end

--- Takes the last of them, for `last_minutes`.
function Times:finish(latest)
  self.latest = latest
  local squeezed = squeeze(latest)
  local found = discover(squeezed)
  if found and found.tail then
    self.last_minutes = minutes_of(squeezed:sub(found.clock_from, found.clock_to), found.is_halved)
  end
  table.sort(self.forms, function(a, b)
    return a.count > b.count or a.count == b.count and a.formats[1] < b.formats[1]
  end)
end

--- The letters that read all of them: a list of readings for each form that there is, that of most cells first.
-- @treturn {{string,...},...}
-- @treturn ?table the form of most cells: `has_date`, `has_clock`, `offset`
function Times:formats()
  local list = {}
  for at, form in ipairs(self.forms) do
    local formats = {}
    for i, format in ipairs(form.formats) do
      formats[#formats + 1] = form.alive[i] and format or nil
    end
    list[at] = formats
  end
  return list, self.forms[1]
end

--- Has every one of them an offset?
function Times:have_offsets()
  for _, form in ipairs(self.forms) do
    if not form.offset then
      return false
    end
  end
  return self.forms[1] ~= nil
end

return M
