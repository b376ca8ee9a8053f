--- What became of purchases that were to be created: complaints as they come, sums at the end.
-- @module purchases.cli.sales.summary
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local record_source = require "purchases.cli.sales.purchase_file"
local text = require "purchases.cli.text"

local M = {}

local MOST_LINES = 20 -- of complaint that are printed as they come
local MOST_DOUBTS = 5 -- reasons that are printed at the end

local Report = {}
Report.__index = Report

--- @tab args `file`, `json`, `group`: the API's group of commands
-- @tparam function wipe clears the progress bar
-- @tab[opt] rejects see `purchases.cli.rejects`
function M.new(args, wipe, rejects)
  return setmetatable({
    args = args,
    wipe = wipe,
    rejects = rejects,
    room = MOST_LINES,
    unfit = 0,
    codes = {},
    doubts = {}, -- reasons, in turn, and how many purchases each left in doubt
  }, Report)
end

function Report:count(record)
  local issues = record.error.issues
  local code = issues and issues[1] and issues[1].code or record.error.code
  self.codes[code] = (self.codes[code] or 0) + 1
  self.unfit = self.unfit + (record.error.kind == "validation" and 1 or 0)
end

function Report:complain(record)
  if self.args.json or self.room == 0 then
    return
  end
  self.wipe()
  self.room = self.room - record_source.print(self.args, record, self.room)
  if self.room == 0 then
    ending.complain("there may be more, which is only counted", self.rejects and "" or "; --rejects FILE keeps it all")
  end
end

function Report:doubt(err)
  local why, doubts = ending.describe(err), self.doubts
  doubts[#doubts + 1] = not doubts[why] and why or nil
  doubts[why] = (doubts[why] or 0) + 1
end

--- Takes a purchase that was not accepted.
function Report:reject(record)
  if record.outcome == "unknown" then
    return self:doubt(record.error)
  elseif record.outcome ~= "rejected" then
    return
  end
  if not record.duplicate then
    self:count(record)
    self:complain(record)
  end
  if self.rejects then
    self.rejects:add(record)
  end
end

-- The sums

local function total_of(result)
  return result.accepted + result.rejected + result.unknown + result.pending
end

local function counts_line(result)
  local there = result.duplicates or 0
  local parts = {
    { there, "there already" }, { result.rejected - there, "rejected" }, { result.unknown, "unknown" },
    { result.pending, "pending" },
  }
  local line = ("%s of %s purchases accepted"):format(text.thousands(result.accepted),
    text.thousands(total_of(result)))
  for _, part in ipairs(parts) do
    if part[1] > 0 then
      line = ("%s, %s %s"):format(line, text.thousands(part[1]), part[2])
    end
  end
  return line .. (result.unread and ", the rest of the input unread" or "")
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

-- Where and how to go on.
local function again(report, result)
  local with = {}
  if result.resume and result.resume > 1 then
    with[1] = ("--from-line %d"):format(result.resume)
  end
  if report.left and report.left[1] then
    with[#with + 1] = "another --rejects"
  end
  return ("to go on, run the same command again%s: what arrived already is not created twice, but answered as there")
    :format(with[1] and " with " .. table.concat(with, " and ") or "")
end

local function is_left(result)
  return result.unknown > 0 or result.pending > 0 or result.unread and result.stopped ~= "input"
end

function Report:explain(err, result)
  local line = result.stopped == "input" and record_source.describe(self.args, err) or ending.describe(err)
  ending.complain(line, total_of(result) == 0 and "; nothing was sent" or "")
end

local function print_advice(report, result)
  if result.error then
    report:explain(result.error, result)
  end
  for i = 1, math.min(#report.doubts, MOST_DOUBTS) do
    local why = report.doubts[i]
    ending.complain(("%s in doubt: %s"):format(text.thousands(report.doubts[why]), why))
  end
  if is_left(result) then
    ending.complain(again(report, result))
  end
  if report.left and report.left[1] then
    ending.complain("what was rejected, and why: ", table.concat(report.left, ", "))
  end
end

function Report:print(result)
  if total_of(result) == 0 and result.error then
    return self:explain(result.error, result)
  end
  output.write(counts_line(result), "\n")
  if next(self.codes) then
    output.write(codes_line(self.codes), "\n")
  end
  if not output.flush() then
    io.stderr:write(counts_line(result), "\n")
  end
  print_advice(self, result)
end

local function plain_failures(failures)
  local list = {}
  for i, failure in ipairs(failures) do
    list[i] = {
      line = failure.line,
      column = failure.column,
      key = failure.key,
      outcome = failure.outcome,
      duplicate = failure.duplicate,
      error = plain.error(failure.error),
    }
  end
  return json.list(list)
end

function Report:print_json(result)
  output.json {
    accepted = result.accepted,
    rejected = result.rejected,
    duplicates = result.duplicates or 0,
    unknown = result.unknown,
    pending = result.pending,
    unread = result.unread,
    failures = plain_failures(result.failures),
    stopped = result.stopped,
    resume = result.resume,
    error = plain.error(result.error),
    rejects = self.left and self.left[1] and self.left or nil,
  }
  if not output.flush() then
    io.stderr:write(counts_line(result), "\n")
  end
end

local function exit_code(report, result)
  local total = total_of(result)
  local nothing_sent = result.accepted + result.unknown == 0 and result.rejected == report.unfit
  if result.stopped == "auth" then
    return ending.AUTH
  elseif result.stopped == "unreachable" and nothing_sent then
    return ending.UNREACHED
  elseif nothing_sent and (result.stopped == "input" or result.pending == 0) then
    return ending.INVALID
  end
  return result.accepted == total and not result.stopped and ending.OK or ending.INCOMPLETE
end

-- What could not be written is said, whatever else happened.
function Report:close_rejects()
  if self.rejects then
    self.left = self.rejects:close()
    if self.rejects.failure then
      ending.complain(self.rejects.failure, "; stopped, for what is rejected would be lost")
    end
  end
end

--- Prints how it ended.
-- @tab result as `create_all` returns it
-- @treturn int exit code
function Report:finish(result)
  self.wipe()
  self:close_rejects()
  if total_of(result) == 0 and not result.error and not result.stopped and not self.args.json then
    ending.complain(record_source.name(self.args), ": there are no purchases in it; nothing was sent")
  elseif self.args.json then
    self:print_json(result)
  else
    self:print(result)
  end
  return exit_code(self, result)
end

return M
