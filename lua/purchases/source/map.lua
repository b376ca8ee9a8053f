--- How the columns of a CSV file make purchases.
--
-- A map is a table, or a Lua file that returns one and sees no variables but its own:
--
--    return {
--      encoding = "latin1",             -- or "utf8", the default
--      delimiter = ";",                 -- without it: whichever of , ; tab stands most often in the header
--      decimal = ",",                   -- in numbers; "." unless told
--      group = "Invoice",               -- rows one after another with the same value are one purchase;
--                                       -- without it, every row is one
--      purchase = {                     -- the fields of a purchase, from its first row
--        invoice_number = "Invoice",                                         -- the text of a column
--        createtime = { column = "Date", date = "dd/mm/yyyy HH:MM", tz = "Europe/London" },
--        channel = { constant = "web" },
--        points = { column = "Points", number = true },
--        prices = { total = { sum = { "Quantity", "Price" } } },             -- an object; the exact sum over all
--                                                                            -- rows of the columns' product
--        email = function(row, rows) return row.Customer .. "@example.com" end,
--      },
--      items = "purchase_detail",       -- the list that holds an item for every row
--      item = { sku = "Code", quantity = { column = "Quantity", number = true } },
--    }
--
-- A date becomes "YYYY-MM-DD HH:MM:SS", with `tz` in UTC. An empty cell makes no field. A purchase with a cell that
-- cannot be converted is refused.
-- @module purchases.source.map
local core = require "purchases.core"
local error_type = require "purchases.error"
local json = require "purchases.json"
local options = require "purchases.options"
local text_file = require "purchases.source.text_file"

local M = {}

local function one_of(...)
  local allowed = { ... }
  return function(value)
    for _, one in ipairs(allowed) do
      if value == one then
        return nil
      end
    end
    return ("must be one of '%s'"):format(table.concat(allowed, "', '"))
  end
end

local SPEC = {
  encoding = { "string", default = "utf8", check = one_of("utf8", "latin1") },
  delimiter = { "string", check = one_of(",", ";", "\t") },
  decimal = { "string", default = ".", check = one_of(".", ",") },
  group = { "string" },
  purchase = { "table", required = true },
  items = { "string" },
  item = { "table" },
}

local function invalid(code, message)
  return error_type.new { kind = "validation", code = code, message = message }
end

local LATIN1 = {} -- a character → its bytes in UTF-8
for byte = 128, 255 do
  LATIN1[string.char(byte)] = string.char(192 + math.floor(byte / 64), 128 + byte % 64)
end

-- Makes a function that reads a row's cell as text in UTF-8, with one quote where two stand.
local function cell_reader(map, index)
  local is_latin1 = map.encoding == "latin1"
  return function(row)
    local text = row[index]
    if text:find('""', 1, true) then
      text = text:gsub('""', '"')
    end
    if is_latin1 and text:find "[\128-\255]" then
      text = text:gsub("[\128-\255]", LATIN1)
    end
    return text
  end
end

local function quoted(text)
  return "'" .. text:gsub("%c", "?"):sub(1, 60) .. "'"
end

local DIGITS = 15 -- any double keeps so many

-- A number's text → the number and how many decimals it has.
local function parse_number(text, decimal)
  local sign, whole, point, fraction = text:match("^(%-?)(%d+)(%" .. decimal .. "?)(%d*)$")
  if not whole or (point == "") ~= (fraction == "") then
    return nil, quoted(text) .. " is not a number"
  end
  local digits = (whole .. fraction):gsub("^0+", "")
  if #digits > DIGITS then
    return nil, quoted(text) .. " has more digits than a number keeps"
  end
  return (json.decode(("%s%se-%d"):format(sign, digits ~= "" and digits or "0", #fraction))), #fraction
end

local PARTS = { yyyy = "year", mm = "month", dd = "day", HH = "hour", MM = "minute", SS = "second" }

-- Makes a function that converts a date: `rule.date`, such as "dd/mm/yyyy HH:MM", becomes a pattern, and `names`
-- tells which capture is which part.
local function date_converter(rule, where)
  local names, has = {}, {}
  local pattern = "^" .. rule.date:gsub("%p", "%%%0"):gsub("[yYmMdDhHsS]+", function(part)
    local name = PARTS[part] or "unknown"
    names[#names + 1], has[name] = name, true
    return "(" .. ("%d"):rep(#part) .. ")"
  end) .. "$"
  if not (has.year and has.month and has.day) or has.unknown then
    error(("%s: date must be made of yyyy, mm, dd, HH, MM and SS, such as 'dd/mm/yyyy HH:MM'"):format(where), 0)
  end
  return function(text)
    local values, part = { text:match(pattern) }, { hour = "00", minute = "00", second = "00" }
    for i, name in ipairs(names) do
      part[name] = values[i]
    end
    local date = values[1] and ("%s-%s-%s %s:%s:%s"):format(part.year, part.month, part.day, part.hour, part.minute,
      part.second)
    if not (date and core.datetime.parse(date)) then
      return nil, quoted(text) .. " is not a date as " .. rule.date
    elseif not rule.tz then
      return date
    end
    local utc, err = core.datetime.to_utc(date, rule.tz)
    return utc and utc:gsub("T", " "):gsub("Z$", ""), err and err.message
  end
end

local COLUMN = { column = { "string" }, number = { "boolean" }, date = { "string" }, tz = { "string" } }
local CONSTANT = { constant = { "string|number|boolean" } }
local SUM = { sum = { "table" } }

local MOST_NAMES = 300 -- bytes; what is not CSV may have a long header

-- The place of a header's column, which must be there once.
local function column_index(header, name, where)
  local index = header.places[name]
  if not index then
    local names = table.concat(header.names, ", ")
    if #names > MOST_NAMES then
      names = names:sub(1, MOST_NAMES) .. "..."
    end
    error(("%s: no column '%s' in the header (it has: %s)"):format(where, name, names), 0)
  elseif header.is_double[name] then
    error(("%s: the header has column '%s' twice"):format(where, name), 0)
  end
  return index
end

-- Each of the following makes, of a rule, a function (rows, row index, complain) → value or nil.

local function compile_column(map, header, rule, where)
  options.check(rule, COLUMN, where, -2)
  local read = cell_reader(map, column_index(header, rule.column, where))
  local date = rule.date and date_converter(rule, where)
  if rule.number and date then
    error(where .. ": a column is a number or a date, not both", 0)
  end
  return function(rows, at, complain)
    local value, why = read(rows[at]), nil
    if value == "" then
      return nil
    elseif rule.number then
      value, why = parse_number(value, map.decimal)
    elseif date then
      value, why = date(value)
    end
    if value == nil then
      complain(rows[at], rule.column, why)
    end
    return value
  end
end

local EXACT = 2 ^ 53

-- Each row's product, and the sum of them, is counted in units of 10 ^ -decimals: sums of whole numbers are exact.
local function compile_sum(map, header, rule, where)
  options.check(rule, SUM, where, -2)
  local factors = {}
  for i, name in ipairs(rule.sum) do
    factors[i] = cell_reader(map, column_index(header, name, where))
  end
  return function(rows, _, complain)
    local total, places = 0, 0
    for _, row in ipairs(rows) do
      local product, product_places = 1, 0
      for i, read in ipairs(factors) do
        local number, decimals = parse_number(read(row), map.decimal)
        if not number then
          complain(row, rule.sum[i], decimals)
          return nil
        end
        product = product * math.floor(number * 10 ^ decimals + 0.5)
        product_places = product_places + decimals
      end
      local most = math.max(places, product_places)
      total = total * 10 ^ (most - places) + product * 10 ^ (most - product_places)
      places = most
      if math.abs(total) >= EXACT then
        complain(row, rule.sum[1], "the sum has more digits than a number keeps")
        return nil
      end
    end
    return tonumber(("%." .. places .. "f"):format(total / 10 ^ places))
  end
end

-- The caller's function gets a row, and all rows of the purchase, as tables of cells by their columns' names.
local function compile_function(map, header, rule, where)
  local readers = {}
  for index, name in ipairs(header.names) do
    readers[name] = cell_reader(map, index)
  end
  return function(rows, at, complain)
    local named = {}
    for i, row in ipairs(rows) do
      named[i] = {}
      for name, read in pairs(readers) do
        named[i][name] = read(row)
      end
    end
    local ok, value = pcall(rule, named[at], named)
    if ok then
      return value
    end
    complain(rows[at], where, "its function raised: " .. error_type.text_of(value))
  end
end

local compile

-- The fields are taken in the order of their names, so that the same map has the same complaints in every run.
local function compile_object(map, header, rules, where)
  local fields = {}
  for name in pairs(rules) do
    fields[#fields + 1] = { name = name, path = where .. "." .. tostring(name) }
  end
  table.sort(fields, function(a, b)
    return a.path < b.path
  end)
  for _, field in ipairs(fields) do
    field.read = compile(map, header, rules[field.name], field.path)
  end
  return function(rows, at, complain)
    local object
    for _, field in ipairs(fields) do
      local value = field.read(rows, at, complain)
      if value ~= nil then
        object = object or {}
        object[field.name] = value
      end
    end
    return object
  end
end

function compile(map, header, rule, where)
  if type(rule) == "string" then
    return compile_column(map, header, { column = rule }, where)
  elseif type(rule) == "function" then
    return compile_function(map, header, rule, where)
  elseif type(rule) ~= "table" then
    error(("%s: expected a column's name, a table or a function, got %s"):format(where, type(rule)), 0)
  elseif rule.column ~= nil then
    return compile_column(map, header, rule, where)
  elseif rule.constant ~= nil then
    options.check(rule, CONSTANT, where, -2)
    return function()
      return rule.constant
    end
  elseif rule.sum ~= nil then
    return compile_sum(map, header, rule, where)
  end
  return compile_object(map, header, rule, where)
end

local setfenv = rawget(_G, "setfenv") -- a host may make it an error to ask for what is not there

-- Runs a file that returns a map, without variables but its own. Returns the map, or nil and why there is none.
local function run_file(path)
  local text, why = text_file.read(path)
  local chunk
  if not text then
    return nil, why
  elseif text:byte() == 27 then
    return nil, "it is not text"
  elseif setfenv then
    chunk, why = loadstring(text, "@" .. path) -- luacheck: ignore 113
    chunk = chunk and setfenv(chunk, {})
  else
    chunk, why = load(text, "@" .. path, "t", {})
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

-- The fields of a map, with defaults; or nil and what is wrong with them.
local function check(given)
  local ok, map = pcall(options.check, given, SPEC, "map", -2)
  if not ok then
    return nil, tostring(map)
  elseif (map.item == nil) ~= (map.items == nil) then
    return nil, "map: options 'items' and 'item' go together"
  end
  return map
end

--- Takes a map as it is or reads it from a file.
-- @tparam table|string given
-- @treturn table|nil its fields, with defaults
-- @treturn ?purchases.error code "invalid_map"
function M.load(given)
  local map, why = given, nil
  if type(given) == "string" then
    map, why = run_file(given)
  end
  if map then
    map, why = check(map)
  end
  if why and type(given) == "string" then
    why = ("the map '%s' cannot be used: %s"):format(given, (why:gsub("^map: ", "")))
  end
  return map, why and invalid("invalid_map", why)
end

--- Fits a map to a file's header.
-- @tab map
-- @tab row the header's cells
-- @treturn table|nil `width`; `make(rows, complain)` → a purchase as a table; `key(row)`
-- @treturn ?purchases.error code "missing_column" or "invalid_map"
function M.fit(map, row)
  local header = { names = {}, places = {}, is_double = {} }
  for index in ipairs(row) do
    local name = cell_reader(map, index)(row)
    header.is_double[name] = header.places[name] ~= nil
    header.names[index], header.places[name] = name, index
  end
  local purchase, item, key
  local ok, why = pcall(function()
    purchase = compile_object(map, header, map.purchase, "purchase")
    item = map.item and compile_object(map, header, map.item, "item")
    key = map.group and cell_reader(map, column_index(header, map.group, "group"))
  end)
  if not ok then
    why = tostring(why)
    return nil, invalid(why:find "column '" and "missing_column" or "invalid_map", "map: " .. why)
  end
  return {
    width = #row,
    key = key,
    make = function(rows, complain)
      local made = purchase(rows, 1, complain) or {}
      if item then
        made[map.items] = {}
        for at in ipairs(rows) do
          made[map.items][at] = item(rows, at, complain) or {}
        end
      end
      return made
    end,
  }
end

return M
