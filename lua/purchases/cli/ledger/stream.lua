--- Prints what a ledger lists, as it comes: lines for people, one JSON object for machines.
-- @module purchases.cli.ledger.stream
local ending = require "purchases.cli.ending"
local entry_text = require "purchases.cli.ledger.entry"
local filters = require "purchases.cli.ledger.filters"
local json = require "purchases.json"
local ledger_file = require "purchases.cli.ledger_file"
local output = require "purchases.cli.output"
local plain = require "purchases.cli.plain"
local printable = require "purchases.printable"

local M = {}

--- Adds --ledger and --json to a command.
function M.define(command)
  ledger_file.define_place(command)
  command:flag("--json", "Prints one JSON object.")
end

--- Opens the ledger of a command, which is there, and reads what of it is meant.
-- @tab args
-- @treturn table|nil ledger
-- @treturn ?table filters
-- @treturn ?int exit code; the complaint is printed
function M.open(args)
  local meant, code = filters.of(args)
  local ledger
  if meant then
    ledger, code = ledger_file.existing(args)
  end
  return ledger, meant, code
end

-- A file's name may be no UTF-8, and is then escaped.
local function encode(entry)
  local values = entry_text.plain(entry)
  local encoded = json.encode(values)
  if not encoded then
    for name, value in pairs(values) do
      values[name] = type(value) == "string" and printable.escape(value) or value
    end
    encoded = assert(json.encode(values))
  end
  return encoded
end

--- Prints a list.
-- @tab args of the command: `json`, and those of `ledger_file` and `filters`
-- @string member of the JSON object
-- @string method of the ledger that lists
-- @tparam function line_of entry → line
-- @tparam[opt] function is_meant entry → boolean
-- @treturn int exit code
function M.print(args, member, method, line_of, is_meant)
  local ledger, meant, code = M.open(args)
  if not ledger then
    return code
  end
  local next_entry, err = ledger[method](ledger, meant)
  local before = args.json and ('{"ledger":%s,"%s":['):format(json.encode(printable.escape(ledger.path)), member)
  local entry
  repeat
    if next_entry then
      entry, err = next_entry()
    end
    if entry and (not is_meant or is_meant(entry)) then
      if args.json then
        output.write(before, encode(entry))
        before = ","
      else
        output.write(line_of(entry), "\n")
      end
    end
  until not entry or output.has_failed()
  if args.json then
    output.write(before == "," and "" or before, err and ('],"error":' .. json.encode(plain.error(err))) or "]", "}\n")
  end
  ledger:close()
  return err and ending.fail(err) or ending.OK
end

return M
