--- Draws a progress bar on standard error, if that is a terminal.
-- @module purchases.cli.progress_bar
local core = require "purchases.core"

local M = {}

local SHORTEST = 10 -- a shorter bar says nothing

local function draw(progress)
  local width = core.system.terminal_width() or 0 -- asked each time, because it changes
  local line = tostring(progress)
  local room = width - #line - 4
  if room >= SHORTEST and progress.total then
    local share = progress.total > 0 and progress.done / progress.total or 1
    local full = math.floor(room * share)
    line = ("[%s%s] %s"):format(("#"):rep(full), ("."):rep(room - full), line)
  end
  io.stderr:write("\r\27[K", line:sub(1, math.max(width - 1, 0)))
  io.stderr:flush()
end

local function wipe()
  io.stderr:write "\r\27[K"
  io.stderr:flush()
end

local function nothing() end

--- Makes a progress bar.
-- @treturn function draws a progress, if there is a terminal
-- @treturn function clears the bar, before something else is printed
function M.new()
  if core.system.terminal_width() and os.getenv "TERM" ~= "dumb" then
    return draw, wipe
  end
  return nothing, nothing
end

return M
