-- What many specs need.
local core = require "purchases.core"

local M = {}

local monotonic = core.system.monotonic

--- Maps as one; the later ones win.
function M.merge(...)
  local all = {}
  for _, map in ipairs { ... } do
    for name, value in pairs(map) do
      all[name] = value
    end
  end
  return all
end

--- Seconds that a call took.
function M.elapsed(work, ...)
  local start = monotonic()
  work(...)
  return monotonic() - start
end

return M
