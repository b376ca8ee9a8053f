-- What many specs need.
local core = require "purchases.core"
local socket = require "socket"

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

local patience = 10 * (os.getenv "PURCHASES_PATIENCE" or 1)

--- The most seconds that something may take which takes `seconds` at most on a machine of its own: ten times as many,
-- for a slow or busy machine, and more where a tool slows everything down.
function M.soon(seconds)
  return seconds * patience
end

local LONGEST = 60 -- seconds

--- Waits until a function returns something, and returns that; nil when it takes too long.
function M.wait_until(condition, seconds)
  local deadline = monotonic() + (seconds or LONGEST)
  repeat
    local value = condition()
    if value then
      return value
    end
    socket.sleep(0.002)
  until monotonic() > deadline
end

--- A sanitizer's runtime, which must come first in whatever is preloaded; "" where there is none.
function M.sanitizer()
  for line in io.lines "/proc/self/maps" do
    local path = line:match "/%S*libasan%S*"
    if path then
      return path
    end
  end
  return ""
end

return M
