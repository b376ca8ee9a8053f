--- The MD5 of a part of a text, as ngx.md5 has it of a whole one.
-- LuaJIT finds the string for a part by a hash over a few of its bytes. Purchases tend to be alike in
-- just those, and by the thousand that took most of the sandbox's time: so no string is made of the part.
-- @module purchases.sandbox.md5

local ffi = require "ffi"

ffi.cdef "void ngx_http_lua_ffi_md5(const unsigned char *src, size_t len, unsigned char *dst);"

local hex = ffi.new "unsigned char[32]"

--- @tparam string text
-- @tparam number first byte of the part
-- @tparam number last byte of the part
-- @treturn string 32 hexadecimal digits
return function(text, first, last)
  local bytes = ffi.cast("const unsigned char *", text)
  ffi.C.ngx_http_lua_ffi_md5(bytes + (first - 1), last - first + 1, hex)
  return ffi.string(hex, 32)
end
