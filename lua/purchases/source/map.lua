--- How the columns of a CSV file make purchases.
--
-- A map is a table, or a Lua file that returns one and sees no variables but its own:
--
--    return {
--      encoding = "latin1",             -- or "utf8", which is taken for granted
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
-- A date becomes "YYYY-MM-DD HH:MM:SS", with `tz` in UTC. An empty cell makes no field. What cannot be
-- converted refuses its purchase.
-- @module purchases.source.map
local core = require "purchases.core"
local error_type = require "purchases.error"
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

-- A row's cell as text in UTF-8; quotes that stand doubled are one.
local LATIN1 = {}
for byte = 128, 255 do
  LATIN1[string.char(byte)] = string.char(192 + math.floor(byte / 64), 128 + byte % 64)
end

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

local DIGITS = 15 -- that any double keeps

-- A number's text → the number and how many decimals it has.
local function parse_number(text, decimal)
  local sign, whole, point, fraction = text:match("^(%-?)(%d+)(%" .. decimal .. "?)(%d*)$")
  if not whole or (point == "") ~= (fraction == "") then
    return nil, quoted(text) .. " is no number"
  end
  local digits = (whole .. fraction):gsub("^0+", "")
  if #digits > DIGITS then
    return nil, quoted(text) .. " has more digits than a number keeps"
  end
  return tonumber(sign .. whole .. "." .. fraction .. "0"), #fraction
end

-- "dd/mm/yyyy HH:MM" → a pattern, and which capture is which.
local PARTS = { yyyy = "year", mm = "month", dd = "day", HH = "hour", MM = "minute", SS = "second" }

local function date_pattern(format)
  local names, has = {}, {}
  local pattern = format:gsub("%p", "%%%0"):gsub("[yYmMdDhHsS]+", function(part)
    local name = PARTS[part] or "unknown"
    names[#names + 1], has[name] = name, true
    return "(" .. ("%d"):rep(#part) .. ")"
  end)
  local is_date = has.year and has.month and has.day and not has.unknown
  return is_date and "^" .. pattern .. "$", names
end

local function date_converter(rule, where)
  local pattern, names = date_pattern(rule.date)
  if not pattern then
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
      return nil, quoted(text) .. " is no date as " .. rule.date
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

local MOST_NAMES = 300 -- bytes; what is no CSV may have a long header

local function names_of(header)
  local names = table.concat(header.names, ", ")
  return #names > MOST_NAMES and names:sub(1, MOST_NAMES) .. "..." or names
end

-- Everything below makes, of a rule, a function (rows, row index, complain) → value or nil.
local compile

local function column_index(header, name, where)
  local index = header.places[name]
  if not index then
    error(("%s: no column '%s' in the header (it has: %s)"):format(where, name, names_of(header)), 0)
  elseif header.twice[name] then
    error(("%s: the header has column '%s' twice"):format(where, name), 0)
  end
  return index
end

local function converter(map, rule, where)
  if rule.number and rule.date then
    error(where .. ": a column is a number or a date, not both", 0)
  elseif rule.number then
    return function(text)
      return parse_number(text, map.decimal)
    end
  elseif rule.date then
    return date_converter(rule, where)
  end
  return function(text)
    return text
  end
end

local function compile_column(map, header, rule, where)
  options.check(rule, COLUMN, where, -2)
  local read = cell_reader(map, column_index(header, rule.column, where))
  local convert = converter(map, rule, where)
  return function(rows, at, complain)
    local text = read(rows[at])
    if text == "" then
      return nil
    end
    local value, why = convert(text)
    if value == nil then
      complain(rows[at], rule.column, why)
    end
    return value
  end
end

-- One row's product, counted in units of 10 ^ -decimals, so that the sum of whole numbers is exact.
local function compile_factors(map, header, names, where)
  local factors = {}
  for i, name in ipairs(names) do
    factors[i] = cell_reader(map, column_index(header, name, where))
  end
  return function(row, complain)
    local product, decimals = 1, 0
    for i, read in ipairs(factors) do
      local number, places = parse_number(read(row), map.decimal)
      if not number then
        complain(row, names[i], places)
        return nil
      end
      product, decimals = product * math.floor(number * 10 ^ places + 0.5), decimals + places
    end
    return product, decimals
  end
end

local EXACT = 2 ^ 53

local function compile_sum(map, header, rule, where)
  options.check(rule, SUM, where, -2)
  local factors = compile_factors(map, header, rule.sum, where)
  return function(rows, _, complain)
    local total, places = 0, 0
    for _, row in ipairs(rows) do
      local product, decimals = factors(row, complain)
      if not product then
        return nil
      end
      local most = math.max(places, decimals)
      total = total * 10 ^ (most - places) + product * 10 ^ (most - decimals)
      places = most
      if math.abs(total) >= EXACT then
        complain(row, rule.sum[1], "the sum has more digits than a number keeps")
        return nil
      end
    end
    return tonumber(("%." .. places .. "f"):format(total / 10 ^ places))
  end
end

local function compile_constant(rule, where)
  options.check(rule, CONSTANT, where, -2)
  return function()
    return rule.constant
  end
end

-- Columns by name, as the caller's functions see a row.
local function named_row(map, header)
  local readers = {}
  for index, name in ipairs(header.names) do
    readers[name] = cell_reader(map, index)
  end
  return function(row)
    local named = {}
    for name, read in pairs(readers) do
      named[name] = read(row)
    end
    return named
  end
end

local function compile_function(map, header, rule, where)
  local name_row = named_row(map, header)
  return function(rows, at, complain)
    local named = {}
    for i, row in ipairs(rows) do
      named[i] = name_row(row)
    end
    local ok, value = pcall(rule, named[at], named)
    if ok then
      return value
    end
    complain(rows[at], where, "its function raised: " .. tostring(value))
  end
end

local function compile_object(map, header, rules, where)
  local fields = {}
  for name, rule in pairs(rules) do
    fields[name] = compile(map, header, rule, where .. "." .. tostring(name))
  end
  return function(rows, at, complain)
    local object
    for name, field in pairs(fields) do
      local value = field(rows, at, complain)
      if value ~= nil then
        object = object or {}
        object[name] = value
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
    error(where .. ": a column's name, a table or a function is wanted, not " .. type(rule), 0)
  elseif rule.column ~= nil then
    return compile_column(map, header, rule, where)
  elseif rule.constant ~= nil then
    return compile_constant(rule, where)
  elseif rule.sum ~= nil then
    return compile_sum(map, header, rule, where)
  end
  return compile_object(map, header, rule, where)
end

local function compile_map(map, header)
  local purchase = compile_object(map, header, map.purchase, "purchase")
  local item = map.item and compile_object(map, header, map.item, "item")
  return function(rows, complain)
    local made = purchase(rows, 1, complain) or {}
    if item then
      made[map.items] = {}
      for at in ipairs(rows) do
        made[map.items][at] = item(rows, at, complain) or {}
      end
    end
    return made
  end
end

local function load_text(text, path)
  if text:byte() == 27 then
    return nil, "it is no text"
  elseif setfenv then -- luacheck: ignore 113
    local chunk, why = loadstring(text, "@" .. path) -- luacheck: ignore 113
    return chunk and setfenv(chunk, {}), why -- luacheck: ignore 113
  end
  return load(text, "@" .. path, "t", {})
end

local function load_map(path)
  local text, why = text_file.read(path)
  local chunk, ok, map
  if not text then
    return nil, why
  end
  chunk, why = load_text(text, path)
  if not chunk then
    return nil, why
  end
  ok, map = pcall(chunk)
  if not ok or type(map) ~= "table" then
    return nil, ok and "it returns no table" or tostring(map)
  end
  return map
end

-- Its fields, with defaults; or why it is no map.
local function check_map(given)
  local ok, map = pcall(options.check, given, SPEC, "map", -2)
  if ok and (map.item == nil) ~= (map.items == nil) then
    ok, map = false, "map: options 'items' and 'item' go together"
  end
  return ok and map or nil, not ok and tostring(map) or nil
end

--- Takes a map as it is or reads it from a file.
-- @tparam table|string given
-- @treturn table|nil its fields, with defaults
-- @treturn ?purchases.error code "invalid_map"
function M.load(given)
  if type(given) == "table" then
    local map, why = check_map(given)
    return map, why and invalid("invalid_map", why)
  end
  local map, why = load_map(given)
  if map then
    map, why = check_map(map)
  end
  return map, why and invalid("invalid_map", ("the map %s cannot be used: %s"):format(given, (why:gsub("^map: ", ""))))
end

-- The header's names, and their places.
local function header_of(map, row)
  local header = { names = {}, places = {}, twice = {} }
  for index in ipairs(row) do
    local name = cell_reader(map, index)(row)
    header.twice[name] = header.places[name] ~= nil
    header.names[index], header.places[name] = name, index
  end
  return header
end

--- Fits a map to a file's header.
-- @tab map
-- @tab row the header's cells
-- @treturn table|nil `width`; `make(rows, complain)` → a purchase as a table; `key(row)`
-- @treturn ?purchases.error code "missing_column" or "invalid_map"
function M.fit(map, row)
  local header = header_of(map, row)
  local ok, make = pcall(compile_map, map, header)
  local grouped, group = pcall(function()
    return map.group and cell_reader(map, column_index(header, map.group, "group"))
  end)
  if not (ok and grouped) then
    local why = tostring(ok and group or make)
    return nil, invalid(why:find "column '" and "missing_column" or "invalid_map", "map: " .. why)
  end
  return { width = #row, make = make, key = group or nil }
end

return M
