--- The arguments that say where purchases come from, for the commands that take one after another, and what
-- is said when they cannot be read.
-- @module purchases.cli.sales.purchase_file
local ending = require "purchases.cli.ending"
local issue = require "purchases.cli.issue"
local text = require "purchases.cli.text"

local M = {}

--- Adds the arguments to a command.
function M.define(command)
  command:argument("file", "NDJSON, a JSON array, {\"purchases\": [...]}, or CSV with --map; '-' is standard input.")
  command:option("--map", "Lua file that says how CSV columns make purchases.")
  command:option("--schema", "JSON Schema of your own, to be passed as well.")
end

--- What a file is called in messages.
function M.name(args)
  return args.file == "-" and "standard input" or args.file
end

-- What to do, where the library cannot know how it was called.
local function advice(err)
  if err.message:find("no column '", 1, true) then
    return "; the map names columns as the header does"
  elseif err.message:find("CSV needs a map", 1, true) then
    return "; name one with --map"
  end
  return ""
end

-- Does the message itself name the file, map or schema that it is about?
local function names_file(message)
  return message:find "^the map " or message:find "^cannot read " and not message:find "^cannot read on"
end

local function place_of(args, err)
  if names_file(err.message) then
    return ""
  end
  local file = err.file == "-" and "standard input" or err.file or M.name(args)
  if not err.line then
    return file .. ": "
  end
  return ("%s:%d:%d: "):format(file, err.line, err.column or 1)
end

--- The reason why a file could not be read, or not to its end, in one line.
function M.describe(args, err)
  return text.one_line(place_of(args, err) .. err.message .. advice(err))
end

--- Complains of what is wrong with the file as a whole, before anything was sent.
-- @treturn int exit code
function M.complain(args, err)
  ending.complain(M.describe(args, err), "; nothing was sent")
  return ending.INVALID
end

--- What is wrong with a purchase: an issue each, or one for each message of the API.
-- @tab record `line`, `column`, `error`
-- @treturn {table,...} `line`, `column`, `field`, `message`, `code`
function M.issues(record)
  local err = record.error
  if err.issues and err.issues[1] then
    return err.issues
  end
  local list = {}
  for i, message in ipairs(err.messages and err.messages[1] and err.messages or { err.message }) do
    list[i] = { line = record.line, column = record.column, message = message, code = err.code }
  end
  return list
end

--- Prints what is wrong with a purchase, a line each.
-- @int most lines that may be printed
-- @treturn int how many were
function M.print(args, record, most)
  local issues = M.issues(record)
  local count = math.min(#issues, most)
  for i = 1, count do
    issue.print(M.name(args), issues[i])
  end
  return count
end

return M
