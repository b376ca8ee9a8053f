--- The state of the sandbox: in memory, in nginx's one worker, gone when it stops.
-- @module purchases.sandbox.store

local settings = require "purchases.sandbox.settings"

local M = {}

local sections = {}
local at_start = {}

--- The settings in force. Read it, never keep it: a reset puts another table here.
M.settings = settings.complete()

--- Declares a part of the state.
-- @tparam function fresh returns it as it is at the start
-- @treturn function returns it as it is now
function M.section(fresh)
  local section = { fresh = fresh, state = fresh() }
  sections[#sections + 1] = section
  return function()
    return section.state
  end
end

--- The settings the sandbox starts with, and returns to on a reset.
function M.start(given)
  assert(settings.check(given))
  at_start = given
  M.reset()
end

--- Changes settings of a running sandbox; either all of them are taken or none.
-- @treturn ?boolean true
-- @treturn ?string the complaint
function M.change(given)
  local ok, complaint = settings.check(given)
  if not ok then
    return nil, complaint
  end
  for name, value in pairs(given) do
    M.settings[name] = value
  end
  return true
end

--- Forgets everything that happened since the start.
function M.reset()
  M.settings = settings.complete(at_start)
  for _, section in ipairs(sections) do
    section.state = section.fresh()
  end
end

return M
