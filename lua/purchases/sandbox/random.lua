--- Identifiers and tokens from the system's random source.
-- @module purchases.sandbox.random

local M = {}

-- Opened on first use, thus in the worker that uses it.
local source

--- Random hexadecimal digits, two for each of `n` bytes.
function M.hex(n)
  source = source or assert(io.open("/dev/urandom", "rb"))
  return (assert(source:read(n)):gsub(".", function(c)
    return ("%02x"):format(c:byte())
  end))
end

--- A random UUID (version 4, RFC 9562).
function M.uuid()
  local hex = M.hex(16)
  local variant = ("89ab"):sub(tonumber(hex:sub(17, 17), 16) % 4 + 1):sub(1, 1)
  return table.concat({
    hex:sub(1, 8), hex:sub(9, 12), "4" .. hex:sub(14, 16), variant .. hex:sub(18, 20), hex:sub(21),
  }, "-")
end

return M
