--- purchases woowup create, purchases curebit create: purchases from a file, in bulks.
-- @module purchases.cli.sales.create
local arguments = require "purchases.cli.arguments"
local ending = require "purchases.cli.ending"
local job_report = require "purchases.cli.report"
local ledger_file = require "purchases.cli.ledger_file"
local progress_bar = require "purchases.cli.progress_bar"
local purchase_file = require "purchases.cli.sales.purchase_file"
local rejects = require "purchases.cli.sales.rejects"
local summary = require "purchases.cli.sales.summary"
local uploading = require "purchases.cli.uploading"

local M = {}

local EXAMPLES = [[
Examples:
  purchases %s create purchases.ndjson --rejects rejects.ndjson
  purchases %s create sales.csv --map map.lua --json]]

local HABITS = [[
Each purchase is checked on its own: valid ones are sent, others are rejected with their line and a JSON Pointer.
--rejects FILE keeps rejected purchases as they came, one per line: correct them there and run create on FILE.
FILE.reasons says what is wrong with each line of FILE. CSV lines that make no purchase go to FILE.csv; correct them
and run create on it with the same --map. Of a FILE.csv and a --map it is the other way: CSV lines go to FILE.csv
itself, other purchases to FILE.csv.ndjson. FILE.duplicates lists the purchases that already exist. Of several FILEs
the second one's are FILE.2, and so on.

]] .. ledger_file.HABITS .. [[

Without a ledger, run it again with the --from-line that it prints: what is before that line is done.]]

-- Opens the files of rejects: those of the second FILE and further ones have its number in their name.
local function open_rejects(args)
  local kept = {}
  local is_csv = args.map and args.rejects and args.rejects:lower():find "%.csv$" ~= nil
  for i, path in ipairs(args.rejects and args.file or {}) do
    local why
    args.path = path
    kept[i], why = rejects.open(i == 1 and args.rejects or args.rejects .. "." .. i, purchase_file.name(args), is_csv)
    if why then
      for _, opened in ipairs(kept) do
        opened:close()
      end
      return nil, why
    end
  end
  return kept
end

-- Is it standard input, or a pipe, of which what was read is gone?
local function is_pipe(path)
  local file = path ~= "-" and io.open(path, "rb")
  local is_one = path == "-" or file and not file:seek "end"
  if file then
    file:close()
  end
  return is_one
end

-- Says what is wrong with one of several files as a whole, before anything of another one is sent; what is wrong with
-- the first, on its own, when it is read. Returns nil where nothing is wrong.
local function find_wrong(args, provider)
  local before, wrong
  for i, path in ipairs(args.file[2] and args.file or {}) do
    args.path = path
    if args.map and is_pipe(path) then
      wrong = purchase_file.name(args) .. ": of several FILEs, a map has to read each twice; make a file of it"
      break
    end
    local source, err
    if path ~= "-" then
      source, err = purchase_file.open(args, provider, path, before)
    end
    if before then
      before:close()
    end
    before = source
    if err then
      wrong = i > 1 and purchase_file.describe(args, err) or nil
      break
    end
  end
  if before then
    before:close()
  end
  return wrong
end

local SUMS = { "accepted", "rejected", "unknown", "pending", "skipped", "duplicates", "left_out" }

-- Adds the report of one file to that of those before it.
local function add(report, of_file, path)
  for _, name in ipairs(SUMS) do
    report[name] = (report[name] or of_file[name]) and (report[name] or 0) + (of_file[name] or 0)
  end
  for _, failure in ipairs(of_file.failures) do
    failure.file = path
    report.failures[#report.failures + 1] = failure
  end
  for _, name in ipairs { "unread", "stopped", "error", "resume" } do
    report[name] = of_file[name]
  end
end

local function create(client, args)
  if args.file[2] and args.from_line > 1 then
    return ending.misuse "--from-line is for one FILE"
  end
  local wrong = find_wrong(args, client.provider)
  if wrong then
    ending.complain(wrong, "; nothing was sent")
    return ending.INVALID
  end
  local ledger, code = ledger_file.open(args, client)
  if ledger == nil then
    return code
  end
  local kept, why = open_rejects(args)
  if not kept then
    return ending.misuse(why, "; nothing was sent")
  end
  local draw, wipe = progress_bar.new()
  local sums, on_progress = summary.new(args, wipe, kept), uploading.begin(draw, wipe)
  local opts = ledger_file.options(args, ledger, purchase_file.options(args))
  opts.from_line, opts.batch, opts.concurrency = args.from_line, args.batch, args.concurrency
  opts.on_progress, opts.on_duplicate = on_progress, args.on_duplicate
  function opts.on_reject(purchase)
    return sums:add(purchase)
  end
  local report
  for i, path in ipairs(args.file) do
    sums:begin(i)
    local of_file, err = client:create_all(path, opts)
    of_file = of_file or job_report.not_begun(err, 0)
    if report then
      add(report, of_file, path)
    else
      report = of_file
    end
    if report.stopped then
      report.unread = report.unread or i < #args.file
      break
    end
  end
  report.ledger = ledger and ledger.path or nil
  return sums:finish(report)
end

local MOST_IN_BULK = 10000

local function read_rate(text)
  local number = tonumber(text)
  if number and number > 0 and number < math.huge then
    return number
  end
  return nil, "--rate must be a number above 0"
end

--- @param group of argparse
-- @tab api `name`, `define_command`
function M.define(group, api)
  local command = group:command("create", "Uploads the valid purchases in a file.")
  api.define_command(command, { examples = EXAMPLES:gsub("%%s", api.name) .. "\n\n" .. HABITS, call = create })
  purchase_file.define(command)
  command:option("--batch", "Purchases per request.", "100", arguments.whole("--batch", 1, MOST_IN_BULK))
  arguments.define_concurrency(command)
  ledger_file.define(command, api.name == "woowup")
  local choices = api.provider.update_text and { "report", "accept", "update" } or { "report", "accept" }
  command:option("--on-duplicate", "What the API has already: " .. table.concat(choices, ", ") .. ".", "report")
    :choices(choices)
  command:option("--rate", "Requests per minute.", nil, read_rate)
  command:option("--from-line", "Line of the file to start at.", "1", arguments.whole("--from-line", 1, 2 ^ 53))
  command:option("--rejects", "New file for rejected purchases.")
  command:flag("--json", "Prints one JSON object.")
end

return M
