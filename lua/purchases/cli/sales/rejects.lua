--- The files that rejected purchases go to.
--
-- FILE has them as they came, one a line, so that it can be mended and sent again as it is. FILE.reasons tells
-- what is wrong with each, in the form that editors jump from: `FILE:LINE:COL: message [code] (SOURCE:LINE)`.
-- Lines of CSV that made no purchase go to FILE.csv, under their header. FILE.duplicates names the purchases that
-- the API has already, which leave nothing to mend. No file is left that stayed empty.
-- @module purchases.cli.sales.rejects
local issue = require "purchases.cli.issue"
local purchase_file = require "purchases.cli.sales.purchase_file"

local M = {}

local Rejects = {}
Rejects.__index = Rejects

local ENDINGS = { "", ".csv", ".reasons", ".duplicates" }

--- Makes the files, which must not exist.
-- @string path
-- @string source the name of the file that the purchases come from, for the reasons
-- @treturn table|nil
-- @treturn ?string why not; no file is left behind then
function M.open(path, source)
  local self = setmetatable({ path = path, source = source, files = {} }, Rejects)
  for _, ending in ipairs(ENDINGS) do
    local name = path .. ending
    local there = io.open(name)
    local file, why
    if there then
      there:close()
      why = name .. " is there already: move it away, or name another --rejects"
    else
      file, why = io.open(name, "wb")
      why = not file and "cannot write " .. why
    end
    if why then
      self:close()
      return nil, why
    end
    file:setvbuf "no" -- what is rejected is there, whatever happens next; and compiled Lua loses errors of a flush
    self.files[ending] = { file = file, path = name, lines = 0 }
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

-- Where a place of a purchase's own text is, in characters, once that text stands in one line.
local function column_in(purchase, one)
  local start, column = 1, one.column or 1
  if one.line == purchase.line and purchase.column then
    column = column - purchase.column + 1
  end
  for _ = purchase.line + 1, one.line or purchase.line do
    start = (purchase.text:find("\n", start, true) or 0) + 1
  end
  return #purchase.text:sub(1, start - 1):gsub("[\128-\191]", "") + column
end

-- Writes what is wrong, with its place in the file where the purchase is to be mended, if it is in one.
function Rejects:write_reasons(purchase, target)
  for _, one in ipairs(purchase_file.issues(purchase)) do
    local placed = { line = one.line, column = one.column, field = one.field, message = one.message,
      detail = one.detail, code = one.code }
    local path, from = self.source, ""
    if target then
      local line = one.line or purchase.line
      path, from = target.path, (" (%s:%d)"):format(self.source, line)
      placed.line = target.lines + 1
      if purchase.header then
        placed.line = placed.line + line - purchase.line
      else
        placed.column = column_in(purchase, one)
      end
    end
    self:write(".reasons", issue.line(path, placed) .. from)
  end
end

--- Takes a purchase that was rejected.
-- @tab purchase as `on_reject` gets it
function Rejects:add(purchase)
  if purchase.duplicate then
    return self:write(".duplicates", ("%s:%d: %s"):format(self.source, purchase.line, tostring(purchase.key)))
  end
  local ending
  if purchase.text and not purchase.cut then -- of others there is too much to be mended, or nothing
    ending = purchase.header and ".csv" or ""
  end
  local target = self.files[ending]
  if ending == ".csv" and target.lines == 0 then
    self:write(ending, purchase.header)
  end
  self:write_reasons(purchase, target)
  if target then
    self:write(ending, ending == "" and purchase.text:gsub("[\r\n]", " ") or purchase.text)
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
