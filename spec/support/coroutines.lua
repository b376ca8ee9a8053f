-- Functions as coroutines that take turns on the one pool of connections, as an event loop would run them.
--
--   coroutines.wait               for a client's option `wait`: yields to the others
--   coroutines.run(f, g, ...)     runs them all to their ends; raises what one of them raises
local M = {}

local TURN = 0.005 -- seconds

function M.wait(pool)
  coroutine.yield(pool)
end

-- Gives each a turn; the pool that they wait for.
local function turn(alive)
  local pool
  for i = #alive, 1, -1 do
    local ok, yielded = coroutine.resume(alive[i])
    assert(ok, yielded)
    pool = yielded or pool
    if coroutine.status(alive[i]) == "dead" then
      table.remove(alive, i)
    end
  end
  return pool
end

function M.run(...)
  local alive = {}
  for i, work in ipairs { ... } do
    alive[i] = coroutine.create(work)
  end
  while #alive > 0 do
    local pool = turn(alive)
    if pool then
      pool:poll(TURN)
    end
  end
end

return M
