--- Checks options. An unknown option, or one of the wrong type, is misuse and raises.
--
-- A spec names every option: `{ timeout = { "number", default = 60 }, tz = { "string" } }`; several
-- types are joined with "|", and `check` may refuse a value by returning what is wrong with it.
-- @module purchases.options
local M = {}

-- Says what is wrong with an option's value, if anything is.
local function complaint(name, value, rule)
  for wanted in rule[1]:gmatch "[^|]+" do
    if type(value) == wanted then
      local wrong = rule.check and rule.check(value)
      return wrong and ("option '%s' %s"):format(name, wrong)
    end
  end
  return ("option '%s' must be a %s, not %s"):format(name, rule[1]:gsub("|", " or "), type(value))
end

--- Copies the given options with their defaults filled in.
-- @tab[opt] given the caller's table, left as it is
-- @tab spec
-- @string what the function that is called, for the message
-- @int level as for `error`: 2 blames the caller of the function that called `check`
-- @treturn table
function M.check(given, spec, what, level)
  local options = {}
  local function fail(why)
    error(what .. ": " .. why, level + 2)
  end
  if given ~= nil and type(given) ~= "table" then
    fail("options must be a table, not " .. type(given))
  end
  for name, value in pairs(given or {}) do
    local rule = spec[name]
    if not rule then
      local names = {}
      for known in pairs(spec) do
        names[#names + 1] = known
      end
      table.sort(names)
      fail(("unknown option '%s' (there are: %s)"):format(tostring(name), table.concat(names, ", ")))
    end
    local wrong = complaint(name, value, rule)
    if wrong then
      fail(wrong)
    end
    options[name] = value
  end
  local missing -- the first of them by name, so that every run complains of the same
  for name, rule in pairs(spec) do
    if options[name] == nil then
      options[name] = rule.default
      missing = rule.required and (missing == nil or name < missing) and name or missing
    end
  end
  if missing then
    fail(("option '%s' is missing"):format(missing))
  end
  return options
end

--- A rule's `check` for a text that goes into a header or to the C core.
function M.plain(value)
  return value:find "%c" and "must not hold control characters" or nil
end

--- Makes a rule's `check` for one of some texts.
function M.one_of(...)
  local choices = { ... }
  return function(value)
    for _, choice in ipairs(choices) do
      if value == choice then
        return nil
      end
    end
    return ('must be "%s"'):format(table.concat(choices, '" or "'))
  end
end

--- A rule's `check` for a whole number above zero.
function M.count(value)
  return not (value >= 1 and value < math.huge and value % 1 == 0) and "must be a whole number above 0" or nil
end

--- A rule's `check` for a number above zero.
function M.positive(value)
  return not (value > 0 and value < math.huge) and "must be a finite number above 0" or nil
end

return M
