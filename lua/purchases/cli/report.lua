--- The report that a job returns, as all commands that upload read it.
-- @module purchases.cli.report
local ending = require "purchases.cli.ending"
local text = require "purchases.cli.text"

local M = {}

local STOPS = {
  [ending.AUTH] = "auth",
  [ending.UNREACHED] = "unreachable",
  [ending.INVALID] = "input",
  [ending.LEDGER] = "ledger",
}

--- The report of a job that never began.
-- @tparam purchases.error err
-- @int pending how many purchases there are
-- @treturn table
function M.not_begun(err, pending)
  return {
    accepted = 0,
    rejected = 0,
    unknown = 0,
    pending = pending,
    failures = {},
    stopped = STOPS[ending.code(err)] or "refused",
    error = err,
  }
end

--- How many purchases it is about.
function M.total(report)
  return report.accepted + (report.skipped or 0) + report.rejected + report.unknown + report.pending
end

--- "3 of 4 purchases accepted, 1 rejected"
-- @tab report
-- @tparam {string,...} remarks go behind what was accepted
-- @tparam {{int,string},...} counts what became of the others; those of none are left out
function M.line(report, remarks, counts)
  local parts = { ("%s of %s purchases accepted"):format(text.thousands(report.accepted),
    text.thousands(M.total(report))) }
  for _, remark in ipairs(remarks) do
    parts[#parts + 1] = remark
  end
  if (report.skipped or 0) > 0 then
    parts[#parts + 1] = text.thousands(report.skipped) .. " skipped (accepted by an earlier run)"
  end
  for _, count in ipairs(counts) do
    if count[1] > 0 then
      parts[#parts + 1] = ("%s %s"):format(text.thousands(count[1]), count[2])
    end
  end
  return table.concat(parts, ", ")
end

--- The exit code of an upload.
-- @tab report
-- @tparam boolean nothing_sent was no purchase sent?
-- @tparam boolean complete did all go as it should?
-- @treturn int
function M.exit_code(report, nothing_sent, complete)
  if report.stopped == "auth" then
    return ending.AUTH
  elseif report.stopped == "ledger" then
    return ending.LEDGER
  elseif nothing_sent and report.stopped == "unreachable" then
    return ending.UNREACHED
  elseif nothing_sent and (report.stopped == "input" or report.pending == 0) then
    return ending.INVALID
  end
  return complete and ending.OK or ending.INCOMPLETE
end

return M
