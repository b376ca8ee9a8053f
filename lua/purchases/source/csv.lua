--- Purchases out of the rows of a CSV file, as a map says.
-- @module purchases.source.csv
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"
local maps = require "purchases.source.map"

local M = {}

local MOST_ISSUES = 1000

local Purchases = {}
Purchases.__index = Purchases

-- Reads the next row: its cells, its `line`, its text at [0]; a row that cannot be read has an `error`, and `cut`
-- where the text is only its beginning.
function Purchases:read_row()
  local row, line = self.rows:next()
  if row then
    row.line = line
    return row
  elseif line == nil then
    return nil
  elseif not line.text then
    return nil, line
  end
  return { line = line.line, error = line.message, cut = line.cut, [0] = line.text }
end

-- A row's key; nil where nobody can tell.
function Purchases:key_of(row)
  if row.error and #row == 0 then
    return nil
  end
  local known, key = pcall(self.key, row)
  return known and key or nil
end

-- Reads the rows that belong together, and their key. A row whose key nobody can tell may belong to the purchase
-- before it or to the one behind it, so it stands with both: it is the `stray` of the next group. Where reading
-- fails, the first row of the group stays what comes next.
function Purchases:read_group(breathe)
  local row, err = self.ahead, nil
  self.ahead = nil
  if not row then
    row, err = self:read_row()
  end
  if not row then
    return nil, err
  end
  local group = self.stray and { self.stray, row } or { row }
  self.stray = nil
  if not self.key then
    return group
  end
  local key = self:key_of(row)
  row, err = self:read_row()
  while row do
    breathe() -- there may be any number of rows
    local of_row = self:key_of(row)
    if of_row and key and of_row ~= key then
      self.ahead = row
      return group, key
    end
    key = key or of_row
    group[#group + 1] = row
    self.stray = of_row == nil and row or nil
    row, err = self:read_row()
  end
  if err then
    self.ahead = group[1]
    return nil, err
  end
  return group, key
end

-- The JSON of a purchase; or nil and all that is wrong with it. `before`: the line where its key stood already.
function Purchases:make(group, key, before)
  local issues, total = {}, 0
  local function complain(line, field, code, message)
    total = total + 1
    if total <= MOST_ISSUES then
      issues[total] = { index = 0, line = line, field = field, code = code, message = message }
    end
  end
  for _, row in ipairs(group) do
    if row.error then
      complain(row.line, nil, "invalid_csv", row.error)
    end
  end
  if before then
    complain(group[1].line, self.group, "invoice_returns",
      ("%s %s stands at line %d already: its lines must follow one another"):format(self.group, key, before))
  end
  local purchase, text, why, where
  if total == 0 then
    purchase = self.fitted.make(group, function(row, field, message)
      complain(row.line, field, "invalid_cell", field .. ": " .. message)
    end)
  end
  if total == 0 then
    text, why, where = json.encode(purchase)
    if text then
      return text
    end
    complain(group[1].line, where, "not_encodable", why .. " (is the map's encoding right?)")
  end
  return nil, error_type.new {
    kind = "validation",
    code = issues[1].code,
    message = issues[1].message,
    line = issues[1].line,
    issues = issues,
    total = total,
  }
end

--- Reads the next purchase.
-- @tparam function breathe see `purchases.source`
-- @treturn table|nil `line`, and `text`, its JSON; or `error`, and in `text` its lines as they came
-- @treturn ?purchases.error why the file cannot be read on
function Purchases:next(breathe)
  local group, key = self:read_group(breathe)
  if not group then
    return nil, key
  end
  local first, before, failure = group[1], nil, nil
  if key then
    before, failure = self.keys:note(key, first.line)
  end
  if failure then
    self.ahead, failure.line = first, first.line
    return nil, failure
  end
  local text, err = self:make(group, key, before)
  if text then
    return { line = first.line, text = text, key = key }
  end
  local lines, cut = {}, nil
  for i, row in ipairs(group) do
    lines[i], cut = row[0], cut or row.cut
  end
  return {
    line = first.line,
    text = table.concat(lines, "\n"),
    cut = cut,
    error = err,
    key = key,
    header = self.header, -- without it, the lines say nothing
  }
end

--- The line from which on nothing was read.
function Purchases:line()
  return self.ahead and self.ahead.line or self.rows:line()
end

--- Reads to the end.
-- @treturn number|nil how many purchases were left; nil where nobody can tell without waiting for somebody
function Purchases:count(breathe)
  local count = 0
  if self.rows:size() == 0 then
    return nil
  end
  while true do
    local group, err = self:read_group(breathe)
    breathe()
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
-- @tparam table|string map see `purchases.source.map`
-- @treturn table|nil
-- @treturn ?purchases.error
function M.open(path, map)
  local rows, header, fitted, err
  map, err = maps.load(map)
  if map then
    rows, err = core.rows.open(path, { delimiter = map.delimiter })
  end
  if rows then
    header, err = rows:header()
  end
  if header then
    fitted, err = maps.fit(map, header)
  end
  if not fitted then
    return nil, err
  end
  return setmetatable({
    rows = rows,
    keys = core.bulks.new_key_file(), -- of the purchases so far, where rows are grouped
    fitted = fitted,
    key = fitted.key,
    group = map.group,
    header = header[0]:gsub("\r?\n$", ""),
  }, Purchases)
end

return M
