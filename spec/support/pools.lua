-- Pools of connections made up here, and the modules of net/ anew over them.
--
--   pools.new()              → a pool whose transfers end when the spec says so: pool.finish(id, response, err)
--   pools.load(name, pools)  → the module of that name, whose pools are these, in turn; then there is no memory
--   pools.restore()          gives the core its own pools back
local core = require "purchases.core"

local M = {}

local real_new = core.http.new
local NET = { "purchases.net.pool", "purchases.net.inbox" }

function M.new()
  local pool = { ended = {}, cancelled = {}, polled = {}, requests = {}, last = 0 }
  function pool.finish(...)
    pool.ended[#pool.ended + 1] = { ... }
  end
  function pool:add(request)
    if self.broken then
      return nil, { kind = "transport", code = self.broken, message = "m", sent = "no" }
    end
    self.last = self.last + 1
    self.requests[self.last] = request
    return self.last
  end
  function pool:step()
    if self.broken then
      return nil, { kind = "transport", code = self.broken, message = "m", sent = "no" }
    end
    return 0
  end
  function pool:take()
    local ended = table.remove(self.ended, 1) or {}
    return ended[1], ended[2], ended[3]
  end
  function pool:poll(seconds)
    self.polled[#self.polled + 1] = seconds
  end
  function pool.leave() end
  function pool:cancel(id)
    self.cancelled[#self.cancelled + 1] = id
    return true
  end
  return pool
end

function M.load(name, pools)
  local loaded = {}
  core.http.new = function()
    return table.remove(pools, 1), { code = "no_memory" }
  end
  for _, module in ipairs(NET) do
    loaded[module], package.loaded[module] = package.loaded[module], nil
  end
  local fresh = require(name)
  for _, module in ipairs(NET) do
    package.loaded[module] = loaded[module]
  end
  return fresh
end

function M.restore()
  core.http.new = real_new
end

return M
