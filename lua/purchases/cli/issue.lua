--- What is wrong with input, one line each, in the form that editors know: `FILE:LINE:COL: message [code]`.
-- @module purchases.cli.issue
local text = require "purchases.cli.text"

local M = {}

-- A field that is a JSON Pointer goes before what is said of it.
local function subject(issue)
  local field = issue.field
  return type(field) == "string" and field:sub(1, 1) == "/" and field .. " " or ""
end

--- @string file
-- @tab issue `line`, `column`, `field`, `message`, `detail`, `code`
function M.line(file, issue)
  local place = issue.line and ("%s:%d:%d"):format(file, issue.line, issue.column or 1) or file
  local detail = issue.detail and (" (%s)"):format(issue.detail) or ""
  return text.one_line(("%s: %s%s%s [%s]"):format(place, subject(issue), issue.message, detail, issue.code))
end

--- Prints one on standard error.
function M.print(file, issue)
  io.stderr:write(M.line(file, issue), "\n")
end

return M
