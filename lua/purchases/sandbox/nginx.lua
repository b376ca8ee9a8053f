--- Finds an nginx that runs Lua.
-- @module purchases.sandbox.nginx

local shell = require "purchases.sandbox.shell"

local M = {}

local FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/usr/local/openresty/nginx/sbin"
local MODULE_FOLDERS = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules",
  "/usr/local/lib/nginx/modules" }
local MISSING = "the sandbox needs nginx: install nginx and libnginx-mod-http-lua (Debian), or OpenResty"
local WITHOUT_LUA = "%s has no Lua module: install libnginx-mod-http-lua (Debian), or OpenResty"
local WITHOUT_TLS = "%s is built without TLS: install another nginx, or leave out TLS"

local OPTIONAL = { "http_proxy", "http_fastcgi", "http_uwsgi", "http_scgi", "http_gzip" }

local function exists(file)
  local handle = io.open(file, "rb")
  return handle ~= nil and handle:close()
end

-- The files to load before nginx knows Lua: none where it is compiled in, nil where it is not there.
-- A dynamic module asks for the one that it is built upon, first.
local function modules_of(build)
  for _, name in ipairs { "ngx_lua", "lua%-nginx%-module", "nginx%-lua" } do
    if build:find("%-%-add%-module=[^%s]*" .. name) then
      return {}
    end
  end
  local folders = { build:match "%-%-modules%-path=([^%s']+)" }
  for _, folder in ipairs(MODULE_FOLDERS) do
    folders[#folders + 1] = folder
  end
  for _, folder in ipairs(folders) do
    local lua, kit = folder .. "/ngx_http_lua_module.so", folder .. "/ndk_http_module.so"
    if exists(lua) then
      return exists(kit) and { kit, lua } or { lua }
    end
  end
end

-- Since 1.25.1 HTTP/2 has a directive of its own, and the old way is warned about.
local function http2_way(build)
  if not build:find("http_v2_module", 1, true) then
    return nil
  end
  local major, minor, patch = build:match "(%d+)%.(%d+)%.(%d+)"
  local version = (tonumber(major) or 1) * 1e6 + (tonumber(minor) or 0) * 1e3 + (tonumber(patch) or 0)
  return version >= 1025001 and "directive" or "listen"
end

--- Finds nginx and its Lua module.
-- @tparam boolean tls whether TLS is needed
-- @treturn ?table `file` (of the program), `modules` (files to load), `has` (parts it may be built
--   without), `http2` (how it is switched on: "listen", "directive" or nil)
-- @treturn ?string what to install
function M.find(tls)
  local ok, build = shell.run(('PATH="$PATH:%s"; command -v nginx || command -v openresty'):format(FOLDERS))
  local file = ok and build:match "^(/.*)$" or nil
  ok, build = shell.run((file and shell.quote(file) or "false") .. " -V")
  if not ok then
    return nil, MISSING
  end
  local modules = modules_of(build)
  if not modules then
    return nil, WITHOUT_LUA:format(file)
  elseif tls and not build:find("http_ssl_module", 1, true) then
    return nil, WITHOUT_TLS:format(file)
  end
  local has = {}
  for _, name in ipairs(OPTIONAL) do
    has[name] = not build:find("--without-" .. name .. "_module", 1, true)
  end
  return { file = file, modules = modules, has = has, http2 = http2_way(build) }
end

return M
