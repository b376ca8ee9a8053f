--- Issues of the input, one line each, in the form that editors know: `FILE:LINE:COL: message [code]`.
-- @module purchases.cli.issue
local ending = require "purchases.cli.ending"
local printable = require "purchases.printable"

local M = {}

--- @string file
-- @tab issue `line`, `column`, `field`, `message`, `detail`, `code`; of several rows also `summary`, in place of both
-- @treturn string
function M.line(file, issue)
  local place = issue.line and ("%s:%d:%d"):format(file, issue.line, issue.column or 1) or file
  local field = issue.field
  local pointer = type(field) == "string" and field:sub(1, 1) == "/" and field .. " " or "" -- a JSON Pointer
  local detail = issue.detail and (" (%s)"):format(issue.detail) or ""
  local words = issue.summary or issue.message .. detail
  return printable.line(("%s: %s%s [%s]"):format(place, pointer, words, issue.code))
end

--- Prints one on standard error.
function M.print(file, issue)
  ending.say(M.line(file, issue))
end

return M
