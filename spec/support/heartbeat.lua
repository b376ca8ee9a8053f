-- Inside an nginx worker: how long is its event loop held up while something goes on? Counted is the processor's time,
-- since a machine that is busy with others holds up everybody.
local M = {}

local EVERY = 0.001 -- seconds

--- Runs a function beside a heartbeat of the same worker.
-- @treturn number the most that was worked between two beats, in seconds
-- @return what the function returned
function M.beside(work)
  local longest, is_over, last = 0, false, nil
  assert(ngx.timer.at(0, function()
    last = os.clock()
    while not is_over do
      ngx.sleep(EVERY)
      local now = os.clock()
      last, longest = now, math.max(longest, now - last)
    end
  end))
  ngx.sleep(0.01)
  assert(last, "the heart does not beat")
  longest = 0
  local values = { work() }
  ngx.sleep(0.01) -- the beat that came late is counted, too
  is_over = true
  return longest, unpack(values)
end

return M
