--- The settings of the sandbox, at its start and while it runs.
-- Each provider has its own block below; names are unique over all of them.
-- @module purchases.sandbox.settings

local M = {}

local function finite(value)
  return type(value) == "number" and value == value and value < math.huge and value > -math.huge
end

-- The bound keeps every instant within what a date can show.
local function seconds(value)
  return finite(value) and value >= 0 and value <= 1e9, "must be a number of seconds from 0 to 1000000000"
end

local function whole(least, most)
  return function(value)
    return finite(value) and value % 1 == 0 and value >= least and value <= most,
      ("must be a whole number from %d to %d"):format(least, most)
  end
end

local function text(value)
  return type(value) == "string" and not value:find "%c", "must be a text on one line"
end

-- A text that can stand in a header, a path or a query as it is.
local function word(value)
  return type(value) == "string" and value:find "^[%w._-]+$" ~= nil,
    "must be letters, digits, dots, hyphens and underscores"
end

local function one_of(...)
  local allowed = {}
  for _, name in ipairs { ... } do
    allowed[name] = true
  end
  local complaint = "must be one of " .. table.concat({ ... }, ", ")
  return function(value)
    return allowed[value] == true, complaint
  end
end

local definitions = {
  -- Ravenwits
  token_lifetime = { default = 3600, check = seconds },
  workflow = { default = "ok", check = one_of("ok", "fails", "never_starts") },
  pending_seconds = { default = 0.3, check = seconds },
  in_progress_seconds = { default = 0.7, check = seconds },
  models = { default = 3, check = whole(1, 1000) },
  ravenwits_version = { default = 1, check = whole(1, 2) }, -- of the API's pages; the second is the newer

  -- WoowUp; `rate_limit` in requests a minute, 0 for none; `branches` by commas
  woowup_api_key = { default = "sandbox-woowup-key", check = word },
  queue_seconds = { default = 0.2, check = seconds },
  rate_limit = { default = 140, check = whole(0, 1000000) },
  unknown_user = { default = "unknown", check = text },
  branches = { default = "001,Palermo I", check = text },

  -- Curebit
  curebit_site = { default = "sandbox-shop", check = word },
  curebit_api_key = { default = "sandbox-curebit-key", check = word },
}

--- Checks some settings, by name.
-- @tparam table given name to value
-- @treturn ?boolean true when all are known and sound
-- @treturn ?string what is wrong with the first that is not
function M.check(given)
  for name, value in pairs(given) do
    local definition = definitions[name]
    if not definition then
      return nil, ("Unknown setting '%s'."):format(tostring(name))
    end
    local sound, complaint = definition.check(value)
    if not sound then
      return nil, ("Setting '%s' %s."):format(name, complaint)
    end
  end
  return true
end

--- All settings: the defaults with the given ones over them.
function M.complete(given)
  local all = {}
  for name, definition in pairs(definitions) do
    all[name] = definition.default
  end
  for name, value in pairs(given or {}) do
    all[name] = value
  end
  return all
end

return M
