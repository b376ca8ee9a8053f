--- Calls of what is the caller's, which may raise, and may yield.
-- @module purchases.protect
local M = {}

-- Hands on what a thread yields, until it has ended.
local function drive(thread, ok, ...)
  if not ok then
    return false, ...
  elseif coroutine.status(thread) == "dead" then
    return true, ...
  end
  return drive(thread, coroutine.resume(thread, coroutine.yield(...)))
end

-- PUC Lua 5.1 lets nothing yield through its pcall.
local function call_in_thread(call, ...)
  if not coroutine.running() then
    return pcall(call, ...)
  end
  local thread = coroutine.create(function(...)
    return call(...)
  end)
  return drive(thread, coroutine.resume(thread, ...))
end

--- As `pcall`; what is called may yield.
-- @function call
-- @tparam function call
-- @param ... its arguments
-- @treturn boolean did it return?
-- @return what it returned or raised
M.call = _VERSION == "Lua 5.1" and not package.loaded.jit and call_in_thread or pcall

return M
