--- A place for texts that are seldom read again: a file without a name, so that they need no memory.
-- @module purchases.sandbox.spool

local store = require "purchases.sandbox.store"

local M = {}

local state = store.section(function()
  return { length = 0 }
end)

--- Puts a text away.
-- @treturn number where it is, for `read`
function M.write(text)
  local all = state()
  all.file = all.file or assert(io.tmpfile())
  local at = all.length
  assert(all.file:seek("set", at))
  assert(all.file:write(text))
  all.length = at + #text
  return at
end

--- A text that was put away.
-- @tparam number at where it is
-- @tparam number length how many bytes it has
function M.read(at, length)
  local file = state().file
  assert(file:seek("set", at))
  return assert(file:read(length))
end

return M
