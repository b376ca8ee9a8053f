--- purchases inspect: looks at a file that nobody has described.
-- @module purchases.cli.inspect
local ending = require "purchases.cli.ending"
local file = require "purchases.cli.inspect.file"
local help = require "purchases.cli.help"
local json = require "purchases.json"
local known = require "purchases.cli.inspect.known"
local output = require "purchases.cli.output"
local printable = require "purchases.printable"
local sales = require "purchases.cli.inspect.sales"
local series = require "purchases.cli.inspect.series"
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

-- A line of a column, or of several that are the intervals of a day: what is told is of the first.
local function line_of(found, first, last)
  local column, name = found.columns[first], found.columns[first].name or ""
  local shown = { number = tostring(first), name = name, text = column.kind }
  if column.text ~= "" then
    shown.text = shown.text .. " " .. column.text
  end
  if last > first then
    shown.number = ("%d-%d"):format(first, last)
    shown.name = name ~= "" and ("%s ... %s"):format(name, found.columns[last].name) or ""
    shown.text = ("%d columns, the first: %s"):format(last - first + 1, shown.text)
  end
  shown.name = printable.line(shown.name)
  if #column.examples > 0 then
    shown.text = shown.text .. "  |  " .. table.concat(column.examples, "  |  ")
  end
  return shown
end

local function print_columns(found)
  local lines, widest = {}, 0
  local first, last = series.intervals(found)
  local at = 1
  while at <= #found.columns do
    local to = at == first and last or at
    local line = line_of(found, at, to)
    lines[#lines + 1], widest, at = line, math.min(math.max(widest, width_of(line.name)), WIDEST), to + 1
  end
  for _, line in ipairs(lines) do
    output.write(("%4s  %s%s  %s\n"):format(line.number, line.name, (" "):rep(widest - width_of(line.name)),
      printable.line(line.text)))
  end
  if found.untold then
    output.write(("%4s  %s more\n"):format("...", text.count(found.untold, "column")))
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
  found.file, found.series, found.sales = args.file, series.advice(found), sales.advice(found)
  found.map, found.map_for = known.find(found)
  local code = found.problem and ending.INVALID or ending.OK
  if args.json then
    found.columns, found.series, found.sales = json.list(found.columns), json.list(found.series),
      json.list(found.sales)
    found.usual, found.tells = nil, nil
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
