--- Ctrl-C and progress, for the commands that upload.
-- @module purchases.cli.uploading
local ending = require "purchases.cli.ending"
local interrupt = require "purchases.cli.interrupt"
local output = require "purchases.cli.output"

local M = {}

local NOTICE = "interrupted: requests in flight are finished, no new ones are sent; a second Ctrl-C ends at once"

--- Begins an upload: the first Ctrl-C is from now on noted, and answered.
-- @tparam function draw draws the progress
-- @tparam function wipe clears what was drawn
-- @treturn function an `on_progress` that draws, and stops the upload after Ctrl-C, or when standard output has failed
function M.begin(draw, wipe)
  interrupt.notify(function()
    wipe()
    ending.complain(NOTICE)
  end)
  interrupt.catch()
  return function(progress)
    draw(progress)
    return not interrupt.seen() and not output.has_failed()
  end
end

return M
