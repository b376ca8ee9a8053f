--- Writes rejected purchases into files.
--
-- FILE has them as they came, one per line, so that it can be corrected and sent again. FILE.reasons says what is
-- wrong with each, in the form that editors jump from: `FILE:LINE:COL: message [code] (INPUT:LINE)`. CSV lines that
-- made no purchase go to FILE.csv, in their encoding and behind all that stands before the first of them, so that the
-- same map reads it; where FILE is to be CSV, they go to FILE, and what is JSON goes to FILE.ndjson. FILE.duplicates
-- lists the purchases that already exist at the API. Empty files are removed.
-- @module purchases.cli.sales.rejects
local core = require "purchases.core"
local issue = require "purchases.cli.issue"
local json = require "purchases.json"
local printable = require "purchases.printable"
local purchase_file = require "purchases.cli.sales.purchase_file"

local M = {}

local Rejects = {}
Rejects.__index = Rejects

local REASONS, DUPLICATES = { "reasons", ".reasons" }, { "duplicates", ".duplicates" }
local FILES = { { "json", "" }, { "csv", ".csv" }, REASONS, DUPLICATES }
local FILES_OF_CSV = { { "csv", "" }, { "json", ".ndjson" }, REASONS, DUPLICATES }

--- Makes the files, which must not exist.
-- @string path
-- @string input the name of the file that the purchases come from, for the reasons
-- @bool is_csv is `path` to be the file of the CSV lines?
-- @treturn table|nil `failure`: why they cannot be written, if so; then `lacking`: how many purchases are not in them,
-- and `lost`: the first line of these; once closed, `listed`: the file of duplicates, the last of those left
-- @treturn ?string why not; then no file is left behind
function M.open(path, input, is_csv)
  local self = setmetatable({ path = path, input = input, files = {}, lacking = 0 }, Rejects)
  for i, made in ipairs(is_csv and FILES_OF_CSV or FILES) do
    local name = path .. made[2]
    local file, why, exists = core.system.create(name)
    if not file then
      self:close()
      return nil, exists and name .. " already exists; move it away or choose another --rejects"
        or ("cannot write %s: %s"):format(name, why)
    end
    local target = { kind = made[1], file = file, path = name, lines = 0 }
    self.files[i], self.files[target.kind] = target, target
  end
  return self
end

-- Writes a line, or remembers why it could not; nothing more after that.
function Rejects:write(kind, line)
  local target = self.files[kind]
  local ok, why = true, nil
  if not self.failure then
    local text = line .. "\n"
    ok, why = target.file:write(target.encoding and core.map.encode(text, target.encoding) or text)
  end
  if not ok then
    self.failure = ("cannot write %s: %s"):format(target.path, why)
  elseif not self.failure then
    target.lines = target.lines + select(2, line:gsub("\n", "\n")) + 1
  end
end

-- Returns the column, in characters, of an issue's place once the purchase's text stands in one line.
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

-- Writes what is wrong with a purchase, with the place in the file where it can be corrected, if it is in one.
function Rejects:write_reasons(purchase, target)
  for _, one in ipairs(purchase_file.issues(purchase)) do
    local placed = { line = one.line, column = one.column, field = one.field, message = one.message,
      detail = one.detail, code = one.code }
    local path, from = self.input, ""
    if target then
      local line = one.line or purchase.line
      path, from = target.path, (" (%s:%d)"):format(self.input, line)
      placed.line = target.lines + 1
      if purchase.header then
        placed.line = placed.line + line - purchase.line
      else
        placed.column = column_in(purchase, one)
      end
    end
    self:write("reasons", issue.line(path, placed) .. from)
  end
end

function Rejects:keep(purchase)
  if purchase.duplicate then
    return self:write("duplicates", printable.escape(("%s:%d: %s"):format(self.input, purchase.line,
      tostring(purchase.key))))
  end
  local kind
  if purchase.text and not purchase.cut then -- others are too long to be kept, or have no text
    kind = purchase.header and "csv" or "json"
  end
  local target = self.files[kind]
  local mark = ""
  if kind == "csv" and target.lines == 0 then
    target.encoding = purchase.encoding
    if json.without_mark(purchase.header) ~= "" then
      self:write(kind, purchase.header)
    else
      mark = purchase.header
    end
  end
  self:write_reasons(purchase, target)
  if target then
    self:write(kind, kind == "json" and purchase.text:gsub("[\r\n]", " ") or mark .. purchase.text)
  end
end

--- Takes a purchase that was rejected.
-- @tab purchase as `on_reject` gets it
-- @treturn boolean is it in the files?
function Rejects:add(purchase)
  self:keep(purchase)
  if self.failure then
    self.lacking = self.lacking + 1
    self.lost = math.min(self.lost or purchase.line, purchase.line)
  end
  return not self.failure
end

--- Closes the files and removes the empty ones.
-- @treturn {string,...} the paths of the others
function Rejects:close()
  local left = {}
  for _, target in ipairs(self.files) do
    local ok, why = target.file:close()
    if not ok then
      self.failure = self.failure or ("cannot write %s: %s"):format(target.path, why)
    end
    if target.lines == 0 then
      os.remove(target.path)
    else
      left[#left + 1] = target.path
      self.listed = target.kind == "duplicates" and target.path or nil
    end
  end
  return left
end

return M
