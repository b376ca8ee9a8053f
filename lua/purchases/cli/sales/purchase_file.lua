--- The file of purchases that a command reads one after another: its arguments, and complaints about it.
-- @module purchases.cli.sales.purchase_file
local bulks = require "purchases.job.bulks"
local map_options = require "purchases.cli.map_options"
local options = require "purchases.options"
local series_file = require "purchases.cli.series_file"
local text = require "purchases.cli.text"

local M = {}

--- Adds the arguments to a command.
function M.define(command)
  command:argument("file", "NDJSON, a JSON array, {\"purchases\": [...]}, or CSV with --map; '-' is standard input.")
    :args "+"
  map_options.define(command)
  command:option("--tz", "Time zone of dates without an offset, where the map names none for them.")
  command:option("--schema", "JSON Schema of your own that purchases must also match.")
end

--- What a job is told of the file.
-- @treturn table `map`, `schema`, and what takes precedence over the map
function M.options(args)
  local opts = map_options.of(args)
  opts.map, opts.schema = args.map, args.schema
  return opts
end

--- Opens one of the files, and reads it as far as is needed to know that nothing is wrong with all of it.
-- @tab args
-- @tab provider
-- @string path
-- @tab[opt] before the source of the file before it, still open
-- @treturn table|nil see `purchases.source`
-- @treturn ?purchases.error
function M.open(args, provider, path, before)
  local opts = options.check(M.options(args), bulks.OPTIONS, "check", 1)
  local source, err = bulks.source(provider, path, opts)
  if not source then
    return nil, err
  end
  local ready
  ready, err = source:join(path, before)
  if ready then
    ready, err = source:prepare()
  end
  if not ready then
    source:close()
    return nil, err
  end
  return source
end

--- What a file is called in messages: the one that is read now, or all of them.
function M.name(args)
  local path = args.path or args.file
  if type(path) == "table" then
    return series_file.name(args)
  end
  return path == "-" and "standard input" or path
end

--- How many rows a map left out, behind a comma; nothing where it left none out.
function M.left_out(count)
  return count > 0 and (", %s left out"):format(text.count(count, "row")) or ""
end

--- The reason why a file could not be read, or not to its end, in one line.
function M.describe(args, err)
  local message = err.message
  local option, rest = map_options.blamed(args, message:gsub("^the map '.-' cannot be used: ", ""))
  if option then
    return ("--%s: %s"):format(option, rest)
  end
  local place = ""
  -- Some messages name the file, map or schema that they are about.
  if not message:find "^the map " and (not message:find "^cannot read " or message:find "^cannot read on") then
    place = err.file == "-" and "standard input" or err.file or M.name(args)
    place = err.line and ("%s:%d:%d: "):format(place, err.line, err.column or 1) or place .. ": "
  end
  local advice = ""
  if message:find('no column "', 1, true) then
    advice = "; the map must name columns as the header does"
  elseif message:find("CSV needs a map", 1, true) then
    advice = "; set one with --map"
  elseif message:find("unknown time zone Zone/of_the_shop", 1, true) then
    advice = "; say the shop's with --tz, such as --tz America/Argentina/Buenos_Aires"
  end
  return place .. message .. advice
end

--- Lists what is wrong with a purchase: an issue each, or one for each message of the API.
-- @tab purchase that was rejected: `line`, `column`, `error`
-- @treturn {table,...} `line`, `column`, `field`, `message`, `code`
function M.issues(purchase)
  local err = purchase.error
  if err.issues and err.issues[1] then
    return err.issues
  end
  local list = {}
  for i, message in ipairs(err.messages and err.messages[1] and err.messages or { err.message }) do
    list[i] = { line = purchase.line, column = purchase.column, message = message, code = err.code }
  end
  return list
end

return M
