std = "max"
max_line_length = 120
cache = false
exclude_files = { "build", "doc", "lua_modules", ".luarocks" }
files["bin/purchases"] = { globals = { "_" } } -- what the shell reads
files["lua/purchases/sandbox"] = { std = "ngx_lua" }
files["lua/purchases/net/inbox.lua"] = { read_globals = { "ngx" } }
files["lua/purchases/net/nginx.lua"] = { std = "ngx_lua" }
files["spec"] = { std = "max+busted" }
files["spec/support/worker.lua"] = { std = "ngx_lua" }
files["spec/support/rate_load.lua"] = { std = "ngx_lua" }
files["spec/support/heartbeat.lua"] = { std = "ngx_lua" }
files["lua/purchases/client/turns.lua"] = { read_globals = { "ngx" } }
files["spec/support/resty"] = { std = "ngx_lua" }
files["examples/openresty"] = { std = "ngx_lua" }
files["spec/support/beside.lua"] = { read_globals = { "ngx" } }
files["*.rockspec"] = { std = "rockspec" }
