--- The files that rejected purchases go to.
--
-- FILE has them as they came, one a line, so that it can be mended and sent again as it is. FILE.reasons tells
-- what is wrong with each, in the form that editors jump from: `FILE:LINE:COL: message [code] (SOURCE:LINE)`.
-- Lines of CSV that made no purchase go to FILE.csv, under their header. FILE.duplicates names the purchases that
-- the API has already, which leave nothing to mend. No file is left that stayed empty.
-- @module purchases.cli.sales.rejects
local issue = require "purchases.cli.issue"
local record_source = require "purchases.cli.sales.purchase_file"

local M = {}

local Rejects = {}
Rejects.__index = Rejects

local ENDINGS = { "", ".csv", ".reasons", ".duplicates" }

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

-- Files that came to be before something failed are not left behind.
function Rejects:open(ending)
  local path = self.path .. ending
  if exists(path) then
    return nil, path .. " is there already: move it away, or name another --rejects"
  end
  local file, why = io.open(path, "wb")
  if not file then
    return nil, "cannot write " .. why
  end
  file:setvbuf "no" -- what is rejected is there, whatever happens next; and compiled Lua loses errors of a flush
  self.files[ending] = { file = file, path = path, lines = 0 }
  return true
end

--- Makes the files, which must not exist.
-- @string path
-- @string source what the purchases come from, for the reasons
-- @treturn table|nil
-- @treturn ?string
function M.open(path, source)
  local self = setmetatable({ path = path, source = source, files = {}, count = 0 }, Rejects)
  for _, ending in ipairs(ENDINGS) do
    local ok, why = self:open(ending)
    if not ok then
      self:close()
      return nil, why
    end
  end
  return self
end

-- Writes a line; remembers why that was not possible.
function Rejects:write(ending, line)
  local target = self.files[ending]
  local ok, why = target.file:write(line .. "\n")
  self.failure = self.failure or not ok and ("cannot write %s: %s"):format(target.path, why) or nil
  target.lines = target.lines + select(2, line:gsub("\n", "\n")) + 1
end

local function characters(text)
  return #text:gsub("[\128-\191]", "")
end

-- Where a place of a purchase's own text is, once that stands in one line.
local function column_in(record, one)
  local start, column = 1, one.column or 1
  if one.line == record.line and record.column then
    column = column - record.column + 1
  end
  for _ = record.line + 1, one.line or record.line do
    start = (record.text:find("\n", start, true) or 0) + 1
  end
  return characters(record.text:sub(1, start - 1)) + column
end

-- The place of an issue in the file where its purchase is to be mended.
local function place_in(target, record, one)
  local first = target.lines + 1
  if record.header then
    return first + (one.line or record.line) - record.line, one.column
  end
  return first, column_in(record, one)
end

function Rejects:write_reasons(record, target)
  for _, one in ipairs(record_source.issues(record)) do
    local path, from = self.source, ""
    local placed = { field = one.field, message = one.message, detail = one.detail, code = one.code }
    if target then
      path, from = target.path, (" (%s:%d)"):format(self.source, one.line or record.line)
      placed.line, placed.column = place_in(target, record, one)
    else
      placed.line, placed.column = one.line, one.column
    end
    self:write(".reasons", issue.line(path, placed) .. from)
  end
end

-- Which file a purchase can be mended in; nil: there is too much of it, or nothing.
local function home_of(record)
  if record.cut or not record.text then
    return nil
  end
  return record.header and ".csv" or ""
end

--- Takes a purchase that was rejected.
-- @tab record as `on_reject` gets it
function Rejects:add(record)
  if record.duplicate then
    return self:write(".duplicates", ("%s:%d: %s"):format(self.source, record.line, tostring(record.key)))
  end
  local ending = home_of(record)
  local target = self.files[ending]
  if ending == ".csv" and target.lines == 0 then
    self:write(ending, record.header)
  end
  self:write_reasons(record, target)
  if target then
    self:write(ending, ending == "" and record.text:gsub("[\r\n]", " ") or record.text)
    self.count = self.count + 1
  end
end

--- Closes the files; takes away those that are empty.
-- @treturn {string,...} the paths of the others
function Rejects:close()
  local left = {}
  for _, ending in ipairs(ENDINGS) do
    local target = self.files[ending]
    local ok, why = true, nil
    if target then
      ok, why = target.file:close()
    end
    if not ok then
      self.failure = self.failure or ("cannot write %s: %s"):format(target.path, why)
    end
    if target and target.lines == 0 then
      os.remove(target.path)
    elseif target then
      left[#left + 1] = target.path
    end
  end
  return left
end

return M
