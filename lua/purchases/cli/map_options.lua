--- Options that say how a file is read, in the words of a map and before what a map says.
-- @module purchases.cli.map_options
local maps = require "purchases.source.map"

local M = {}

local MOST_COLUMNS = 100000

local function read_delimiter(word)
  if word == "tab" or word == "\\t" then
    return "\t"
  elseif #word ~= 1 then
    return nil, "--delimiter must be one character, or 'tab'"
  end
  return word
end

local function read_decimal(word)
  if word ~= "." and word ~= "," then
    return nil, "--decimal must be . or ,"
  end
  return word
end

--- Makes a converter for a column, which has a name, or a number: digits are one, as without quotes in a map.
function M.column(option)
  return function(word)
    local number = word:find "^%d+$" and tonumber(word)
    if word == "" or number and (number < 1 or number > MOST_COLUMNS) then
      return nil, option .. " must be the name of a column, or its number, from 1"
    end
    return number and math.floor(number) or word
  end
end

--- Adds those that are about any file.
function M.define(command)
  command:option("--map", "Map that says how the file is read: a Lua file, or the name of one that comes along.")
  command:option("--encoding", "utf8, windows-1252 (or latin1), utf16.")
  command:option("--delimiter", "What stands between fields; 'tab' for a tab.", nil, read_delimiter)
  command:option("--decimal", "Decimal sign of numbers, . or ,", nil, read_decimal)
end

--- What they say, as a map says it.
-- @treturn table
function M.of(args)
  return { encoding = args.encoding, delimiter = args.delimiter, decimal = args.decimal, tz = args.tz }
end

-- A rule of a map with other fields; a bare column becomes a table for them.
local function amend(rule, column, fields)
  if column and next(fields) == nil and type(rule) ~= "table" then
    return column
  end
  local copy = {}
  if type(rule) == "table" then
    for name, value in pairs(rule) do
      copy[name] = value
    end
  else
    copy.column = rule
  end
  copy.column = column or copy.column
  for name, value in pairs(fields) do
    copy[name] = value
  end
  return next(copy, next(copy)) == nil and copy.column or copy
end

--- The map of a series that the arguments name, with what else they say.
-- @treturn table|nil options of `purchases.series.read`
-- @treturn ?purchases.error
function M.of_series(args)
  local map, err = maps.load(args.map or {}, M.of(args))
  if not map then
    return nil, err
  end
  if args.step ~= nil then
    map.step = args.step
  end
  map.label, map.resolution = args.label or map.label, args.resolution or map.resolution
  if args.datetime_column or args.date then
    map.datetime = amend(map.datetime or "datetime", args.datetime_column, { date = args.date })
  end
  if args.value_column or args.unit then
    map.value = amend(map.value or "purchase", args.value_column, { unit = args.unit })
  end
  return { map = map }
end

-- How the fields that a map's error names go by on the command line.
local OPTIONS = {
  { "tz", "tz" }, { "step", "step" }, { "label", "label" }, { "resolution", "resolution" }, { "encoding", "encoding" },
  { "delimiter", "delimiter" }, { "decimal", "decimal" }, { "datetime.date", "date" }, { "value.unit", "unit" },
}

--- The option that a map's error is about.
-- @string message without the map's name
-- @treturn ?string nil where it is about the map itself
-- @treturn ?string what is wrong with it
function M.blamed(args, message)
  for _, pair in ipairs(OPTIONS) do
    local path, option = pair[1] .. ": ", pair[2]
    if args[option] ~= nil and message:sub(1, #path) == path then
      return option, message:sub(#path + 1)
    end
  end
end

return M
