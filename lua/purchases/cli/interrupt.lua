--- Handles Ctrl-C, SIGTERM and SIGHUP while the program has work to finish.
-- @module purchases.cli.interrupt
local core = require "purchases.core"

local M = {}

local LONGEST_POLL = 0.5 -- seconds: a signal that comes between a look and the poll does not wake it

local STOPPED = {} -- raised out of a wait
local breaks = false -- does a signal end the wait?
local notice -- what to call at the first one

--- From now on notes the first signal; a second one ends the program at once.
M.catch = core.system.catch_interrupts

--- Tells whether a signal has come.
function M.seen()
  return core.system.interrupts() > 0
end

--- Sets a function that is called once, as soon as a signal is noticed in a wait.
function M.notify(callback)
  notice = callback
end

local function look()
  if not M.seen() then
    return
  elseif breaks then
    error(STOPPED, 0)
  elseif notice then
    notice()
    notice = nil
  end
end

--- A client's option `wait`.
function M.wait(pool, seconds)
  look()
  pool:poll(math.min(seconds, LONGEST_POLL))
  look()
end

--- Calls a function, and lets a signal end it while it waits for an answer.
-- @treturn boolean did it reach its end?
-- @return the first two of its results
function M.breakable(call)
  M.catch()
  breaks = true
  local ok, first, second = xpcall(call, function(raised)
    return raised == STOPPED and raised or debug.traceback(raised, 2)
  end)
  breaks = false
  if not ok and first ~= STOPPED then
    error(first, 0)
  end
  return ok, ok and first or nil, second
end

return M
