--- Waiting for the workflow of a purchase, for clients whose provider tells when one has ended.
-- @module purchases.client.workflow
local clock = require "purchases.clock"
local error_type = require "purchases.error"
local options = require "purchases.options"

local M = {}

local WAIT = {
  timeout = { "number", default = 600, check = options.positive },
  on_progress = { "function" },
  idmodel = { "string|number" },
}
local FIRST_PAUSE, SLOWER, LAST_PAUSE = 0.25, 1.5, 10 -- seconds between looks at a purchase
local SHORTEST_LOOK = 1 -- seconds that the last look may take beyond the deadline

--- Looks at a purchase until its workflow has ended, for the last time at the deadline. A client's method.
-- @tab client
-- @param id
-- @tab[opt] opts `timeout` in seconds, default 600; `on_progress(purchase)` is called with every look; `idmodel`: only
-- that model's output is decoded
-- @treturn table|nil the purchase, completed
-- @treturn ?purchases.error code "not_settled" where it is still running
function M.wait(client, id, opts)
  opts = options.check(opts, WAIT, "wait", 2)
  local request, err = client.provider.get(client.options, id, { idmodel = opts.idmodel })
  if not request then
    return nil, client.session:describe("wait", err)
  end
  local inbox, pause = client.sender:inbox(1), FIRST_PAUSE
  local deadline = clock.monotonic() + opts.timeout
  while true do
    local purchase
    purchase, err = client:call(request, math.max(deadline, clock.monotonic() + SHORTEST_LOOK))
    if not purchase then
      return nil, err
    elseif opts.on_progress then
      opts.on_progress(purchase)
    end
    local settled, failure = client.provider.settled(purchase)
    local left = deadline - clock.monotonic()
    if settled and not failure then
      return purchase
    elseif not settled and (left <= 0 or inbox:is_exiting()) then
      failure = error_type.new {
        kind = "api",
        code = "not_settled",
        message = ("purchase %s is still %s after %g seconds"):format(tostring(id), purchase.status,
          left > 0 and math.floor(opts.timeout - left) or opts.timeout)
          .. (left > 0 and ", and this nginx worker is told to end" or ""),
        messages = {},
        retryable = true,
      }
    end
    if failure then
      return nil, client.session:describe("wait", failure)
    end
    client.sender:pause(inbox, math.min(pause, left))
    pause = math.min(pause * SLOWER, LAST_PAUSE)
  end
end

return M
