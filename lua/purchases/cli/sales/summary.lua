--- Prints what becomes of the purchases of `create`: complaints as they come, sums at the end.
-- @module purchases.cli.sales.summary
local causes = require "purchases.cli.sales.causes"
local ending = require "purchases.cli.ending"
local issue = require "purchases.cli.issue"
local job_report = require "purchases.cli.report"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local purchase_file = require "purchases.cli.sales.purchase_file"
local text = require "purchases.cli.text"

local M = {}

local MOST_CAUSES = 20 -- that are told, the first of each as it comes
local MOST_DOUBTS = 5 -- reasons that are printed at the end
local FAILURE = { "line", "column", "key", "outcome", "duplicate" }

local Summary = {}
Summary.__index = Summary

--- @tab args `file`, `json`
-- @tparam function wipe clears the progress bar
-- @tparam {table,...} rejects for each file, if they are kept: see `purchases.cli.sales.rejects`
function M.new(args, wipe, rejects)
  return setmetatable({
    args = args,
    wipe = wipe,
    all_rejects = rejects,
    kept = {}, -- the files that these left behind:
    corrigible = {}, -- those of rejected purchases, and
    listed = {}, -- of duplicates
    causes = causes.new(MOST_CAUSES),
    unfit = 0, -- purchases that were rejected here, before anything was sent
    codes = {}, -- how many purchases each code rejected
    doubts = {}, -- reasons, in turn, and how many purchases each left in doubt
  }, Summary)
end

--- Goes on to a file, by its number.
function Summary:begin(at)
  self.args.path, self.rejects = self.args.file[at], self.all_rejects[at]
end

--- Takes a purchase that was not accepted.
-- @tab purchase as `on_reject` gets it
-- @treturn ?boolean false where it is lost, since the files of `rejects` cannot take it
function Summary:add(purchase)
  local err = purchase.error
  if purchase.outcome == "unknown" then
    local why, doubts = ending.describe(err), self.doubts
    doubts[#doubts + 1] = not doubts[why] and why or nil
    doubts[why] = (doubts[why] or 0) + 1
    return
  elseif purchase.outcome ~= "rejected" then
    return
  end
  if not purchase.duplicate then
    local code = err.issues and err.issues[1] and err.issues[1].code or err.code
    self.codes[code] = (self.codes[code] or 0) + 1
    self.unfit = self.unfit + (err.kind == "validation" and 1 or 0)
    self:complain(purchase)
  end
  return not self.rejects or self.rejects:add(purchase)
end

-- Prints what is wrong with it, where nothing of the kind was before: how often it is so, is said at the end.
function Summary:complain(purchase)
  local name, before = purchase_file.name(self.args), self.causes.untold
  for _, one in ipairs(self.args.json and {} or purchase_file.issues(purchase)) do
    if self.causes:take(name, one) then
      self.wipe()
      issue.print(name, one)
    end
  end
  if before == 0 and self.causes.untold > 0 then
    self.wipe()
    ending.complain("further problems are only counted", self.rejects and "" or "; --rejects FILE keeps them all")
  end
end

local function counts_line(report)
  local duplicates = report.duplicates or 0
  local left_out = report.left_out or 0
  local line = job_report.line(report, {}, {
    { duplicates, "already existed" }, { report.rejected - duplicates, "rejected" }, { report.unknown, "unknown" },
    { report.pending, "pending" },
    { left_out, left_out == 1 and "row left out" or "rows left out" },
  })
  return line .. (report.unread and ", the rest of the input was not read" or "")
end

-- "rejected for: pattern 12, anyOf 3", the most frequent first.
local function codes_line(codes)
  local names, parts = {}, {}
  for name in pairs(codes) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    return codes[a] > codes[b] or codes[a] == codes[b] and a < b
  end)
  for i, name in ipairs(names) do
    parts[i] = name .. " " .. text.thousands(codes[name])
  end
  return "rejected for: " .. table.concat(parts, ", ")
end

function Summary:explain(report)
  local err = report.error
  local line = report.stopped == "input" and purchase_file.describe(self.args, err) or ending.describe(err)
  ending.complain(line, job_report.total(report) == 0 and "; nothing was sent" or "")
end

-- Says what stopped it, what is in doubt, and how to go on.
function Summary:advise(report)
  if report.error then
    self:explain(report)
  end
  for i = 1, math.min(#self.doubts, MOST_DOUBTS) do
    local why = self.doubts[i]
    ending.complain(("%s unknown: %s"):format(text.thousands(self.doubts[why]), why))
  end
  local is_left = report.unknown > 0 or report.pending > 0 or report.unread and report.stopped ~= "input"
  local is_told = report.stopped == "ledger" and not self.kept[1] -- by the error
  if is_left and not is_told or self.has_lost then
    local with = {}
    if not report.ledger and report.resume and report.resume > 1 then
      with[1] = ("--from-line %d"):format(report.resume)
    end
    if self.kept[1] then
      with[#with + 1] = "another --rejects"
    end
    local several = self.args.file[2] ~= nil
    ending.complain("to go on, run the same command again", several and " for " .. purchase_file.name(self.args) or "",
      with[1] and " with " or "", table.concat(with, " and "), several and ", then for the files behind it" or "",
      ": nothing is created twice")
  end
  local rejected = table.concat(self.corrigible, ", ")
  local duplicates = self.listed[1] and table.concat(self.listed, ", ")
  if rejected ~= "" then
    ending.complain("rejected purchases and reasons are in ", rejected)
  end
  if duplicates then
    ending.complain("duplicates are listed in ", duplicates)
  end
end

function Summary:print(report)
  if job_report.total(report) == 0 and report.error then
    return self:explain(report)
  elseif job_report.total(report) == 0 and not report.stopped then
    local left_out = purchase_file.left_out(report.left_out or 0)
    return ending.complain(purchase_file.name(self.args), ": contains no purchases", left_out, "; nothing was sent")
  end
  output.write(counts_line(report), "\n")
  if next(self.codes) then
    output.write(codes_line(self.codes), "\n")
  end
  if report.ledger then
    output.write("ledger: ", report.ledger, "\n")
  end
  output.rescue(counts_line(report))
  self:advise(report)
end

function Summary:print_json(report)
  output.json {
    accepted = report.accepted,
    skipped = report.skipped,
    rejected = report.rejected,
    duplicates = report.duplicates or 0,
    unknown = report.unknown,
    pending = report.pending,
    unread = report.unread,
    left_out = report.left_out,
    failures = plain.failures(report.failures, FAILURE),
    stopped = report.stopped,
    resume = report.resume,
    error = plain.error(report.error),
    ledger = report.ledger,
    rejects = self.kept[1] and self.kept or nil,
  }
  output.rescue(counts_line(report))
end

-- Closes the rejects of a file.
function Summary:close(rejects, report)
  local left = rejects:close()
  for i, path in ipairs(left) do
    local list = i == #left and rejects.listed and self.listed or self.corrigible
    list[#list + 1], self.kept[#self.kept + 1] = path, path
  end
  if rejects.failure then
    ending.complain(rejects.failure, "; stopped, and the files lack ", text.count(rejects.lacking, "rejected purchase"))
  end
  if rejects.lost then -- to go on behind it would leave it out for good
    report.resume, self.has_lost = math.min(report.resume or math.huge, rejects.lost), true
  end
end

--- Prints how it ended.
-- @tab report as `create_all` returns it
-- @treturn int exit code
function Summary:finish(report)
  self.wipe()
  self.causes:print(2)
  for _, rejects in ipairs(self.all_rejects) do
    self:close(rejects, report)
  end
  if self.args.json then
    self:print_json(report)
  else
    self:print(report)
  end
  local done = report.accepted + (report.skipped or 0)
  local nothing_sent = done + report.unknown == 0 and report.rejected == self.unfit
  return job_report.exit_code(report, nothing_sent, done == job_report.total(report) and not report.stopped)
end

return M
