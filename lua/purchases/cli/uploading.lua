--- What the commands that upload have in common: Ctrl-C, progress, and jobs that never began.
-- @module purchases.cli.uploading
local ending = require "purchases.cli.ending"
local interrupt = require "purchases.cli.interrupt"
local output = require "purchases.cli.output"

local M = {}

local NOTICE = "interrupted: what is in flight will be finished, nothing new is sent; once more ends it at once"

--- An `on_progress` that draws, and tells the upload to take no new work after Ctrl-C, or when nobody can
-- read of it.
-- @tparam function draw
function M.watch(draw)
  return function(progress)
    draw(progress)
    return not interrupt.seen() and not output.has_failed()
  end
end

--- From now on the first Ctrl-C is noted, and answered.
-- @tparam function wipe clears the progress bar
function M.catch_interrupts(wipe)
  interrupt.notify(function()
    wipe()
    ending.complain(NOTICE)
  end)
  interrupt.catch()
end

local STOPS = { [ending.AUTH] = "auth", [ending.UNREACHED] = "unreachable", [ending.INVALID] = "input" }

--- The report of a job that never began.
-- @tparam purchases.error err
-- @int pending how many there are
function M.not_begun(err, pending)
  return {
    accepted = 0,
    rejected = 0,
    unknown = 0,
    pending = pending,
    failures = {},
    stopped = STOPS[ending.code(err)] or "refused",
    error = err,
  }
end

return M
