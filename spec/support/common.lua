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

local patience = tonumber(os.getenv "PURCHASES_PATIENCE" or 1)

--- The seconds that something may take at most; more of them where a tool slows everything down.
function M.soon(seconds)
  return seconds * patience
end

return M
