--- Complaints on standard error, and exit codes.
-- @module purchases.cli.ending
local printable = require "purchases.printable"

local M = {
  OK = 0,
  INCOMPLETE = 1,
  USAGE = 2,
  INVALID = 3,
  AUTH = 4,
  UNREACHED = 5,
  LEDGER = 6,
}

--- Writes out what stands in standard output before a complaint: `purchases.cli.output` sets it.
function M.flush() end

--- Prints a line on standard error, whatever is in it. All that a command prints there goes through here.
function M.say(...)
  M.flush()
  io.stderr:write(printable.line(table.concat { ... }), "\n")
end

--- Prints a line of complaint.
function M.complain(...)
  M.say("purchases: ", ...)
end

--- Returns the exit code of an error.
function M.code(err)
  if err.kind == "validation" then
    return M.INVALID
  elseif err.kind == "auth" then
    return M.AUTH
  elseif err.kind == "ledger" then
    return M.LEDGER
  elseif err.kind == "transport" and err.sent == "no" then
    return M.UNREACHED
  end
  return M.INCOMPLETE
end

local ADVICE = {
  missing_credentials = "; set RAVENWITS_TOKEN, or RAVENWITS_EMAIL and RAVENWITS_PASSWORD, or --token-file",
  held = "; run the same command again when that has ended, or wait for it with --ledger-wait SECONDS",
}

--- Describes an error in one line, with what to do about it where that is known.
function M.describe(err)
  return tostring(err) .. (ADVICE[err.code] or "")
end

--- Complains about an error; returns its exit code.
function M.fail(err)
  M.complain(M.describe(err))
  return M.code(err)
end

--- Complains about wrong usage; returns its exit code.
function M.misuse(...)
  M.complain(...)
  return M.USAGE
end

return M
