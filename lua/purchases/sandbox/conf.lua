--- The nginx configuration of the sandbox, as text.
-- @module purchases.sandbox.conf

local M = {}

-- Relative names are under the sandbox's own folder. Keep-alive knows no limit: it is the client's
-- doing that is tested, not nginx's.
local TEMPLATE = [[
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
{{user}}
{{modules}}

events {
  worker_connections 1000;
}

http {
  access_log off;
  default_type application/json;
  server_tokens off;
{{temporary}}

  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  client_body_in_single_buffer on;
  large_client_header_buffers 8 32k;
{{gzip}}

  lua_package_path "{{path}};;";
  lua_package_cpath "{{cpath}};;";
  init_by_lua_block {
    require("purchases.sandbox.app").start({{settings}})
  }

  server {
    listen 127.0.0.1:{{port}};
{{tls}}
    error_page 400 403 404 405 408 411 413 414 415 416 494 495 496 497 500 501 502 503 504 505 /_sandbox/refused;

    location / {
      content_by_lua_block { require("purchases.sandbox.app").handle() }
    }

    location = /_sandbox/refused {
      internal;
      content_by_lua_block { require("purchases.sandbox.app").refuse() }
    }
  }
}
]]

local TLS = [[
    listen 127.0.0.1:{{tls_port}} ssl{{http2_listen}};
    {{http2}}
    ssl_certificate server.pem;
    ssl_certificate_key server-key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
]]

local GZIP = [[
  gzip on;
  gzip_comp_level 1;
  gzip_min_length 1000;
  gzip_types application/json;
]]

local function fill(template, values)
  return (template:gsub("{{([%w_]+)}}", function(name)
    return assert(values[name], name)
  end))
end

local function tls_lines(options)
  if not options.tls then
    return ""
  end
  local directive = options.nginx.http2 == "directive"
  return fill(TLS, {
    tls_port = options.tls_port,
    http2_listen = options.nginx.http2 == "listen" and " http2" or "",
    http2 = directive and "http2 on;" or "",
  })
end

--- The configuration.
-- @tparam table options `port`, `tls`, `tls_port`, `settings`, `user` (of the worker, where nginx runs
--   as root), `path` and `cpath` (Lua's, absolute) and `nginx` (what `nginx.find` returned)
function M.text(options)
  local nginx, modules, temporary, settings = options.nginx, {}, { "  client_body_temp_path client_body;" }, {}
  for i, file in ipairs(nginx.modules) do
    modules[i] = ('load_module "%s";'):format(file)
  end
  for _, name in ipairs { "proxy", "fastcgi", "uwsgi", "scgi" } do
    if nginx.has["http_" .. name] then
      temporary[#temporary + 1] = ("  %s_temp_path %s;"):format(name, name)
    end
  end
  for name, value in pairs(options.settings) do -- texts, numbers and booleans: a Lua table says them
    local text = type(value) == "string" and ("%q"):format(value) or tostring(value)
    settings[#settings + 1] = ("[%q] = %s"):format(name, text)
  end
  table.sort(settings)
  return fill(TEMPLATE, {
    user = options.user and ("user %s;"):format(options.user) or "",
    modules = table.concat(modules, "\n"),
    temporary = table.concat(temporary, "\n"),
    gzip = nginx.has.http_gzip and GZIP or "",
    path = options.path,
    cpath = options.cpath,
    settings = "{ " .. table.concat(settings, ", ") .. " }",
    port = options.port,
    tls = tls_lines(options),
  })
end

return M
