--- Purchases out of the rows of a CSV file, as a map says.
-- @module purchases.source.csv
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"
local mapping = require "purchases.source.map"

local M = {}

local MOST_ISSUES = 1000

local Purchases = {}
Purchases.__index = Purchases

-- What is wrong with a purchase, collected while it is made.
local function new_complaints()
  local issues = { total = 0 }
  return issues, function(line, field, code, message)
    issues.total = issues.total + 1
    if issues.total <= MOST_ISSUES then
      issues[issues.total] = { index = 0, line = line, field = field, code = code, message = message }
    end
  end
end

local function error_of(issues)
  local total = issues.total
  issues.total = nil
  return error_type.new {
    kind = "validation",
    code = issues[1].code,
    message = issues[1].message,
    line = issues[1].line,
    issues = issues,
    total = total,
  }
end

-- The next row with its line, or what keeps one from being read: { line =, error =, [0] = text }.
function Purchases:read_row()
  local row, line = self.rows:next()
  if row then
    row.line = line
    if #row ~= self.width then
      row.error = ("%d fields where the header has %d"):format(#row, self.width)
    end
    return row
  elseif line == nil then
    return nil
  elseif not line.text then
    return nil, line
  end
  return { line = line.line, error = line.message, cut = line.cut, [0] = line.text }
end

-- A row's key; nil where it cannot be told.
function Purchases:key_of(row)
  if row.error and #row == 0 then
    return nil
  end
  local known, key = pcall(self.key, row)
  return known and key or nil
end

-- The row that comes next, which may have been read already.
function Purchases:take_row()
  local row, err = self.ahead, nil
  self.ahead = nil
  if not row then
    row, err = self:read_row()
  end
  return row, err
end

-- Adds the rows that follow and have the same key. Of a row that cannot be read nobody knows to which purchase it
-- belongs: to the one before it or to the one behind it, so it stands with both.
function Purchases:add_rows(group, key)
  local row, err = self:read_row()
  while row do
    local of_row = self:key_of(row)
    if of_row and key and of_row ~= key then
      self.ahead = row
      return key
    end
    key = key or of_row
    group[#group + 1] = row
    self.stray = of_row == nil and row or nil
    row, err = self:read_row()
  end
  return key, err
end

-- Rows that belong together, and their key. Where reading fails among them, the first one stays what comes next.
function Purchases:read_group()
  local row, err = self:take_row()
  if not row then
    return nil, err
  end
  local group, key = self.stray and { self.stray, row } or { row }, nil
  self.stray = nil
  if self.key then
    key, err = self:add_rows(group, self:key_of(row))
  end
  if err then
    self.ahead = group[1]
    return nil, err
  end
  return group, key
end

-- The JSON of a purchase; `before`: the line where its key stood already.
function Purchases:make(group, key, before)
  local issues, complain = new_complaints()
  for _, row in ipairs(group) do
    if row.error then
      complain(row.line, nil, "invalid_csv", row.error)
    end
  end
  if before then
    complain(group[1].line, self.group, "invoice_returns",
      ("%s %s stands at line %d already: its lines must follow one another"):format(self.group, key, before))
  end
  if issues.total > 0 then
    return nil, error_of(issues)
  end
  local purchase = self.fitted.make(group, function(row, field, why)
    complain(row.line, field, "invalid_cell", field .. ": " .. why)
  end)
  if issues.total > 0 then
    return nil, error_of(issues)
  end
  local text, why = json.encode(purchase)
  if not text then
    complain(group[1].line, nil, "not_encodable", tostring(why) .. " (is the map's encoding right?)")
    return nil, error_of(issues)
  end
  return text
end

-- The lines of a group as they came, and whether one of them is not whole.
local function text_of(group)
  local lines, cut = {}, nil
  for i, row in ipairs(group) do
    lines[i], cut = row[0], cut or row.cut
  end
  return table.concat(lines, "\n"), cut
end

--- The next purchase.
-- @treturn table|nil `line`, and `text`, its JSON; or `error` and, in `text`, its lines as they came
-- @treturn ?purchases.error why the file cannot be read on
function Purchases:next()
  local group, key = self:read_group()
  if not group then
    return nil, key
  end
  local before, failure
  if key then
    before, failure = self.keys:note(key, group[1].line)
  end
  if failure then
    self.ahead, failure.line = group[1], group[1].line
    return nil, failure
  end
  local text, err = self:make(group, key, before)
  local cut
  if err then
    text, cut = text_of(group)
  end
  return {
    line = group[1].line,
    text = text,
    cut = cut,
    error = err,
    key = key,
    header = err and self.header, -- without it, the lines say nothing
  }
end

--- The line from which on nothing was read.
function Purchases:line()
  return self.ahead and self.ahead.line or self.rows:line()
end

--- Reads to the end.
-- @treturn number|nil how many purchases were left; nil where nobody can tell without waiting for somebody
function Purchases:count()
  local count = 0
  if self.rows:size() == 0 then
    return nil
  end
  while true do
    local group, err = self:read_group()
    if not group then
      return not err and count or nil
    end
    count = count + 1
  end
end

function Purchases:close()
  self.rows:close()
  self.keys:close()
end

--- Opens a file.
-- @string path "-" is standard input
-- @tparam table|string map see `purchases.mapping`
-- @treturn table|nil
-- @treturn ?purchases.error
function M.open(path, map)
  local rows, header, err
  map, err = mapping.load(map)
  if map then
    rows, err = core.rows.open(path, map.delimiter)
  end
  if rows then
    header, err = rows:next()
    if header == nil and err == nil then
      err = error_type.new { kind = "validation", code = "missing_column", message = "the file is empty", line = 1 }
    end
  end
  local fitted
  if header then
    fitted, err = mapping.fit(map, header)
  end
  if not fitted then
    return nil, err
  end
  return setmetatable({
    rows = rows,
    keys = core.bulks.new_key_file(), -- of the purchases so far, where rows are grouped
    fitted = fitted,
    width = fitted.width,
    key = fitted.key,
    group = map.group,
    header = header[0],
  }, Purchases)
end

return M
