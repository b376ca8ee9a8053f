--- Maps from where they are kept: a table, a Lua file that returns one, or one that comes with the program.
--
-- A map file is code. It sees `tonumber tostring ipairs pairs type select error` and copies of `string`, `table` and
-- `math`, and nothing of the program's own.
-- @module purchases.source.map
local error_type = require "purchases.error"
local maps = require "purchases.source.maps"
local merge = require("purchases.map").merge
local text_file = require "purchases.source.text_file"

local M = {}

local setfenv = rawget(_G, "setfenv") -- a host may make it an error to ask for what is not there

-- Makes what a map file sees, anew for each, so that none changes what another one sees.
local function environment()
  local env = { tonumber = tonumber, tostring = tostring, ipairs = ipairs, pairs = pairs, type = type, select = select,
    error = error }
  for name, library in pairs { string = string, table = table, math = math } do
    env[name] = merge(library)
  end
  return env
end

-- Runs a text that returns a map. Returns the map, or nil and why there is none.
local function run(text, path)
  local chunk, why
  if text:byte() == 27 then
    return nil, "it is not text"
  elseif setfenv then
    chunk, why = loadstring(text, "@" .. path) -- luacheck: ignore 113
    chunk = chunk and setfenv(chunk, environment())
  else
    chunk, why = load(text, "@" .. path, "t", environment())
  end
  if not chunk then
    return nil, why
  end
  local ok, map = pcall(chunk)
  if not ok or type(map) ~= "table" then
    return nil, ok and "it does not return a table" or error_type.text_of(map)
  end
  return map
end

-- Reads the map of that name or path. Returns its text and where it stands, or nil and why there is none.
local function read(given, api)
  if maps.is_name(given) then
    return maps.text(given, api)
  end
  local text, why = text_file.read(given)
  return text, text and given or why
end

--- Takes a map as it is, reads it from a file, or takes one that comes with the program.
-- @tparam table|string given a path, or a name: without "/", and not ending in ".lua"
-- @tab[opt] over keys that take precedence over the map's
-- @string[opt] api "woowup" or "curebit", for maps that come with the program; nil: of a series
-- @treturn table|nil
-- @treturn ?purchases.error code "invalid_map"
function M.load(given, over, api)
  if type(given) == "table" then
    return merge(given, over)
  end
  local text, where = read(given, api)
  local map, why = nil, where
  if text then
    map, why = run(text, where)
  end
  if map then
    return merge(map, over)
  end
  return nil, error_type.new {
    kind = "validation",
    code = "invalid_map",
    message = why:find "^the map '" and why or ("the map '%s' cannot be used: %s"):format(given, why),
  }
end

return M
