--- Ctrl-C, SIGTERM and SIGHUP, while the program has something to bring to its end.
-- @module purchases.cli.interrupt
local core = require "purchases.core"

local M = {}

local LONGEST_POLL = 0.5 -- seconds: a signal may come between a look and the poll, which it wakes

local STOPPED = {} -- raised out of a wait
local breaks = false -- does a signal end the wait?
local notice -- what to call at the first one

--- From now on the first signal is only noted; a second one ends the program at once.
M.catch = core.system.catch_interrupts

--- Has one come?
function M.seen()
  return core.system.interrupts() > 0
end

--- Sets what is called once, as soon as a signal is noticed in a wait.
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

local function keep_trace(raised)
  return raised == STOPPED and raised or debug.traceback(raised, 2)
end

--- Calls a function that a signal ends while it waits for an answer.
-- @treturn boolean was it let to its end?
-- @return the first two of its results
function M.breakable(call)
  M.catch()
  breaks = true
  local ok, first, second = xpcall(call, keep_trace)
  breaks = false
  if not ok and first ~= STOPPED then
    error(first, 0)
  end
  return ok, ok and first or nil, second
end

return M
