--- purchases inspect: looks at a file that nobody has described.
-- @module purchases.cli.inspect
local advice = require "purchases.cli.inspect.advice"
local ending = require "purchases.cli.ending"
local file = require "purchases.cli.inspect.file"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local summary = require "purchases.cli.inspect.summary"
local text = require "purchases.cli.text"

local M = {}

local EXAMPLES = [[
Examples:
  purchases inspect export.csv
  zcat export.csv.gz | purchases inspect - --json]]

local HABITS = [[
It tells the encoding, the delimiter, the line of the header, and for each column what its cells are: times with the
letters that read them, numbers with their decimal sign and range, texts. It says where two readings fit all of them,
and what stands in the way of a series or of sales: what a map, or an option, has to say. It sends nothing.]]

local DELIMITERS = { ["\t"] = "tab" }
local FORMATS = { csv = "CSV", json = "JSON", ndjson = "NDJSON" }

local function layout_of(found)
  local parts = { FORMATS[found.format], found.encoding .. (found.mark and " with a mark" or "")
    .. (found.is_ascii and " (ASCII)" or "") }
  if found.format == "csv" then
    parts[#parts + 1] = found.delimiter and ("delimiter %s"):format(DELIMITERS[found.delimiter]
      or "'" .. found.delimiter .. "'") .. (found.sep and ", as its first line says" or "") or "one column"
    parts[#parts + 1] = found.header and "header on line " .. found.header
      or "no header" .. (found.skip > 0 and (", %s before the rows"):format(text.count(found.skip, "line")) or "")
  elseif found.list then
    parts[#parts + 1] = ("list at '%s'"):format(found.list)
  end
  parts[#parts + 1] = text.count(found.rows, "row")
  return table.concat(parts, ", ")
end

-- What a text takes in a terminal, as far as its characters are one wide each.
local function width_of(shown)
  return #shown:gsub("[\128-\191]", "")
end

local WIDEST = 40

local function print_columns(found)
  local names, widest = {}, 0
  for i, column in ipairs(found.columns) do
    names[i] = printable.line(column.name or "")
    widest = math.min(math.max(widest, width_of(names[i])), WIDEST)
  end
  for i, column in ipairs(found.columns) do
    local shown = { column.kind }
    if column.text ~= "" then
      shown[#shown + 1] = column.text
    end
    local examples = #column.examples > 0 and "  |  " .. table.concat(column.examples, "  |  ") or ""
    output.write(("%4d  %s%s  %s\n"):format(i, names[i], (" "):rep(widest - width_of(names[i])),
      printable.line(table.concat(shown, " ") .. examples)))
  end
end

local function print_advice(about, list)
  for _, line in ipairs(list) do
    output.write(about, ": ", printable.line(line), "\n")
  end
  if #list == 0 then
    output.write(about, ": nothing stands in the way\n")
  end
end

local function run(args)
  local found, why = file.describe(args.file)
  local name = args.file == "-" and "standard input" or args.file
  if not found then
    ending.complain(("cannot read %s: %s"):format(args.file == "-" and name or "'" .. name .. "'", why))
    return ending.INVALID
  end
  for i, column in ipairs(found.columns) do
    found.columns[i] = summary.column(column, found.decimal)
  end
  found.file, found.series, found.sales = args.file, advice.series(found), advice.sales(found)
  found.map, found.map_for = advice.map(found)
  local code = found.problem and ending.INVALID or ending.OK
  if args.json then
    found.columns, found.series, found.sales = json.list(found.columns), json.list(found.series),
      json.list(found.sales)
    found.usual = nil
    output.json(found)
    return code
  elseif found.problem then
    ending.complain(name, ": ", found.problem)
    return code
  end
  output.write(printable.line(name), ": ", layout_of(found), "\n")
  print_columns(found)
  if found.lists then
    for _, list in ipairs(found.lists) do
      output.write(("list '%s': %s\n"):format(printable.line(list.pointer), text.count(list.rows, "row")))
    end
  end
  if found.map then
    output.write(("map: '%s' comes along for files of this form: %s --map %s\n"):format(found.map,
      found.map_for == "sales" and "purchases woowup check FILE" or "purchases check FILE", found.map))
  end
  print_advice("series", found.series)
  print_advice("sales", found.sales)
  return code
end

function M.define(parser)
  local command = parser:command("inspect", "Looks at a file that nobody has described.")
  help.define(command, { EXAMPLES, HABITS }, run)
  command:argument("file", "CSV, JSON or NDJSON; '-' is standard input.")
  command:flag("--json", "Prints one JSON object.")
end

return M
