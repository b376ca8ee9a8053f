--- The maps that come along, as data: files in maps/, beside this one.
--
-- A map of a series goes by its name; one of sales makes the purchases of an API, so that there is one for each.
-- @module purchases.source.maps
local text_file = require "purchases.source.text_file"

local M = {}

--- What they are of, by name.
M.SERIES = {
  { "datadis", "a supply point's hours, Datadis" },
  { "e-distribucion", "a supply point's hours, e-distribución" },
  { "entsoe", "Spain's load forecast, ENTSO-E" },
  { "esios", "an indicator of e·sios, JSON or CSV" },
  { "omie", "the day-ahead market's purchases, OMIE" },
  { "simel-f5d", "a supply point's hours, F5D" },
}
M.SALES = {
  { "shopify", "orders as Shopify exports them" },
  { "tiendanube", "sales as Tiendanube exports them" },
}

local function names_of(list)
  local names = {}
  for i, entry in ipairs(list) do
    names[i], names[entry[1]] = entry[1], true
  end
  return names
end

local SERIES, SALES = names_of(M.SERIES), names_of(M.SALES)

--- Is it the name of one, and no path?
function M.is_name(given)
  return not given:find "/" and not given:find "%.lua$" and not given:find "^%.%.?$"
end

--- Is it one of sales?
function M.is_of_sales(name)
  return SALES[name] == true
end

--- Finds the text of one, where `package.path` leads.
-- @string name
-- @string[opt] api whose purchases it makes, "woowup" or "curebit"; without it, one of a series
-- @treturn string|nil
-- @treturn string its path; or (after nil) why there is none
function M.text(name, api)
  local known, others = SERIES, SALES
  if api then
    known, others = SALES, SERIES
  end
  if not known[name] then
    return nil, ("%s; there are %s, and of %s %s; the name of a file has a / or ends in .lua"):format(
      others[name] and "it is of " .. (api and "a series" or "sales") or "it does not come along",
      table.concat(known, ", "), api and "series" or "sales", table.concat(others, ", "))
  end
  local file = name .. (api and "-" .. api or "")
  for template in package.path:gmatch "[^;]+" do
    local path = template:gsub("%?", (("purchases/source/maps/" .. file):gsub("%%", "%%%%")))
    local text = text_file.read(path)
    if text then
      return text, path
    end
  end
  return nil, ("purchases/source/maps/%s.lua is not where package.path leads"):format(file)
end

return M
