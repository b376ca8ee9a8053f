-- What the bench measures: per section its figure, and the runs, the first of which is what all are held
-- against; `others` are further figures, `servers` what nginx runs meanwhile. A run's `goals` are a text each, and
-- `is_met(ratio, own, base)`, given the figures of that run and of the first.
local M = {}

local IN_FLIGHT = 64
local POSTS = 100000

local function cpu_seconds(run)
  return run.cpu
end

local function wall_seconds(run)
  return run.wall
end

local function nanoseconds(run)
  return run.ns_per_row
end

local function milliseconds(run)
  return run.ms
end

local function requests_per_second(run)
  return run.count / run.wall
end

local function microseconds(run)
  return run.cpu / run.count * 1e6
end

local function gigabytes_per_second(run)
  return run.bytes / run.cpu / 1e9
end

local function peak_megabytes(run)
  return run.peak_mb
end

-- What the process grew by while it read the series.
local function bytes_a_row(run)
  return run.kept_per_row
end

local function section(title, unit, figure, runs)
  return { title = title, unit = unit, figure = figure, runs = runs }
end

local function times(least)
  return {
    text = ("%gx"):format(least),
    is_met = function(ratio)
      return ratio >= least
    end,
  }
end

local function at_most(bound, unit, column)
  return {
    text = ("at most %g %s"):format(bound, unit),
    is_met = function(_, own)
      return own[column] <= bound
    end,
  }
end

local function at_most_times(bound, unit, column)
  return {
    text = ("at most %gx the %s"):format(bound, unit),
    is_met = function(_, own, base)
      return own[column] <= bound * base[column]
    end,
  }
end

local function csv(at)
  local job = at.csv .. " " .. at.rows
  return section("(a) CSV of 1,000,000 rows, checked, to bodies of 96 rows", "CPU s", cpu_seconds, {
    { "Lua 5.4: patterns + lua-cjson", "lua5.4 bench/peers/csv.lua " .. job },
    { "LuaJIT: the same", "luajit bench/peers/csv.lua " .. job },
    { "Python: csv + json", "/usr/bin/python3 bench/peers/csv_json.py " .. job },
    { "Python: pandas", "/usr/bin/python3 bench/peers/csv_pandas.py " .. job },
    { "purchases, Lua 5.4", at.lua54 .. "csv.lua " .. job, ours = true, goals = { times(80), times(105) } },
    { "purchases, LuaJIT", at.luajit .. "csv.lua " .. job, ours = true },
  })
end

local function tables(at, mode, title, least, wanted)
  return section("(b) Lua tables of 96 rows, checked, to bodies: " .. title, "ns/row", nanoseconds, {
    { "Lua 5.4: check + lua-cjson", "lua5.4 bench/peers/table.lua " .. mode },
    { "LuaJIT: the same", "luajit bench/peers/table.lua " .. mode },
    { "purchases, Lua 5.4", at.lua54 .. "table.lua " .. mode, ours = true, goals = { times(least), times(wanted) } },
    { "purchases, LuaJIT", at.luajit .. "table.lua " .. mode, ours = true },
  })
end

local function model(at)
  return section("(c) One idmodel out of 100 (3.2 MB), mean over positions", "ms", milliseconds, {
    { "Lua 5.4: lua-cjson decodes all", "lua5.4 bench/peers/model.lua " .. at.answer },
    { "LuaJIT: the same", "luajit bench/peers/model.lua " .. at.answer },
    { "purchases, Lua 5.4", at.lua54 .. "model.lua " .. at.answer, ours = true, goals = { times(50), times(80) } },
    { "purchases, LuaJIT", at.luajit .. "model.lua " .. at.answer, ours = true },
  })
end

local function posts(at)
  local function to_url(program, count, in_flight)
    return ("%s '%s' %d %s"):format(program, at.url, count, in_flight or "")
  end
  local ours = to_url("posts.lua", POSTS, IN_FLIGHT)
  local goals = { times(0.6), times(0.7), at_most(20, "µs", 2), at_most(16, "µs", 2) }
  local made = section("(d) POSTs of 4.8 KB to nginx on loopback, 64 in flight", "requests/s", requests_per_second, {
    { "wrk", to_url("sh bench/peers/posts_wrk.sh", 3, IN_FLIGHT) },
    { "purchases, Lua 5.4", at.lua54 .. ours, ours = true, goals = goals },
    { "purchases, LuaJIT", at.luajit .. ours, ours = true },
    { "lua-http (LuaJIT)", to_url("luajit bench/peers/posts_lua_http.lua", POSTS / 2, IN_FLIGHT) },
    { "Guzzle pool", to_url("php bench/peers/posts_guzzle.php", POSTS / 4, IN_FLIGHT) },
    { "LuaSocket, one connection each", to_url("lua5.4 bench/peers/posts_luasocket.lua", POSTS / 8) },
    { "aiohttp", to_url("/usr/bin/python3 bench/peers/posts_aiohttp.py", POSTS / 8, IN_FLIGHT) },
  })
  made.more_is_better, made.servers = true, { "nginx.conf" }
  made.others = { { unit = "client CPU µs/request", figure = microseconds } }
  return made
end

local function main_job(at)
  local job = ("main_job.lua %s %d '%s'"):format(at.csv, at.rows, at.url)
  local made = section("(e) The main job: CSV of 1,000,000 rows to 10,417 uploaded bodies", "CPU s", cpu_seconds, {
    { "Lua 5.4: patterns + lua-cjson + LuaSocket", "lua5.4 bench/peers/" .. job },
    { "LuaJIT: the same", "luajit bench/peers/" .. job },
    { "purchases, Lua 5.4", at.lua54 .. job, ours = true },
    { "purchases, LuaJIT", at.luajit .. job, ours = true },
  })
  made.servers = { "nginx.conf" }
  made.others = { { unit = "wall s", figure = wall_seconds } }
  return made
end

local function memory(at)
  local small = ("main_job.lua %s %d '%s'"):format(at.csv, at.rows, at.url)
  local large = ("main_job.lua %s %d '%s'"):format(at.more_csv, at.more_rows, at.url)
  local title = "Memory: a series read from a CSV file, and the most resident while it is uploaded"
  local goals = { at_most(10, "bytes a row", 1) }
  local made = section(title, "bytes a row", bytes_a_row, {
    { "24 MB, Lua 5.4", at.lua54 .. small, ours = true },
    { "240 MB, Lua 5.4", at.lua54 .. large, ours = true, goals = goals },
    { "24 MB, LuaJIT", at.luajit .. small, ours = true },
    { "240 MB, LuaJIT", at.luajit .. large, ours = true, goals = goals },
  })
  made.servers = { "nginx.conf" }
  made.others = { { unit = "MB, most resident", figure = peak_megabytes } }
  return made
end

-- The same job of ours, held against one peer after the other; `variant`: another way to use that peer.
local function schema(at, peer, least, wanted, variant)
  local ours = "schema.lua " .. at.purchases .. " 10"
  local title = "(g) WoowUp purchases of 1 KB, NDJSON, checked against the full schema, beside " .. peer[1]
  local made = section(title, "GB/s", gigabytes_per_second, {
    peer,
    { "purchases, Lua 5.4", at.lua54 .. ours, ours = true, goals = { times(least), times(wanted) } },
    { "purchases, LuaJIT", at.luajit .. ours, ours = true },
    variant,
  })
  made.more_is_better = true
  return made
end

local function simdjson(at)
  return { "simdjson: on-demand, all values read", "build/bench/schema_simdjson " .. at.purchases .. " 10" }
end

local function cjson(at)
  return { "lua-cjson: decode alone (Lua 5.4)", "lua5.4 bench/peers/schema.lua " .. at.purchases }
end

local function jsonschema(at, how)
  local program = "/usr/bin/python3 bench/peers/schema_jsonschema.py %s lua/purchases/schema/woowup.json %s"
  return { "Python: json + jsonschema, " .. how, program:format(at.purchases, how) }
end

local SINK = "sink.conf"

-- In percent of the processor's time.
local function share_of_checking(run)
  return run.checking and 100 * run.checking / run.cpu or 0
end

local function bulks(at)
  local job = ("%s %d '%s'"):format(at.more_sales, at.more_sold, at.url)
  local title = "(h) 1,000,000 WoowUp purchases of 1 KB, checked, in bulks of 100 to a server that only says yes"
  local made = section(title, "CPU s", cpu_seconds, {
    { "libcurl and the kernel alone: the file, unseen", at.lua54 .. "send_bodies.lua " .. job },
    { "purchases, Lua 5.4", at.lua54 .. "create_all.lua " .. job, ours = true, goals = { times(0.9) } },
    { "purchases, LuaJIT", at.luajit .. "create_all.lua " .. job, ours = true },
  })
  made.servers = { SINK }
  made.others = {
    { unit = "% to read, check and gather", figure = share_of_checking },
    { unit = "wall s", figure = wall_seconds },
  }
  return made
end

local function bulks_memory(at)
  local small = ("create_all.lua %s %d '%s'"):format(at.sales, at.sold, at.url)
  local large = ("create_all.lua %s %d '%s'"):format(at.more_sales, at.more_sold, at.url)
  local made = section("Memory: check and upload of an NDJSON file of purchases, most resident", "MB", peak_megabytes, {
    { "100 MB, Lua 5.4", at.lua54 .. small, ours = true },
    { "1 GB, Lua 5.4", at.lua54 .. large, ours = true },
    { "100 MB, LuaJIT", at.luajit .. small, ours = true },
    { "1 GB, LuaJIT", at.luajit .. large, ours = true },
  })
  made.servers = { SINK }
  return made
end

local IN_A_WORKER = { "worker/upstream.conf", "worker/worker.conf" }

local function field(name)
  return function(run)
    return run[name]
  end
end

local function worker_jobs(at)
  local job = ("luajit bench/worker/job.lua %d "):format(at.worker_port)
  local title = "(f) The other pages of an nginx worker that makes 200 uploads, 16 in flight, 20 ms each"
  local goals = { at_most(1.5, "ms", 1), at_most_times(1.5, "p99", 1), at_most_times(1.3, "CPU", 2) }
  local made = section(title, "p99 ms", field "p99", {
    { "capture_multi and proxy_pass", job .. "subrequests" },
    { "the same, connections kept by an upstream", job .. "kept" },
    { "purchases, blocking (for contrast)", job .. "blocking 3" },
    { "purchases", job .. "module", ours = true, goals = goals },
  })
  made.servers = IN_A_WORKER
  made.others = {
    { unit = "worker CPU ms a job", figure = field "cpu_ms" },
    { unit = "p50 ms", figure = field "p50" },
    { unit = "max ms", figure = field "max" },
    { unit = "uploads/s", figure = field "rate" },
  }
  return made
end

local function worker_calls(at)
  local calls = ("luajit bench/worker/calls.lua %d "):format(at.worker_port)
  local made = section("(f) Requests to an nginx worker that each make one call", "worker CPU µs", field "us", {
    { "capture and proxy_pass, 64 in flight, 20 ms", calls .. "/call/subrequests 64 3" },
    { "the same, connections kept by an upstream", calls .. "/call/kept 64 3" },
    { "purchases, the same", calls .. "/call/module 64 3", ours = true, goals = { at_most_times(1.5, "CPU", 1) } },
    { "purchases, 200 in flight, 2 s", calls .. "/slow/module 200 4", ours = true, goals = { at_most(5, "%", 2) } },
  })
  made.servers = IN_A_WORKER
  made.others = { { unit = "worker CPU %", figure = field "share" } }
  return made
end

local function worker_blocks(at)
  local blocks = ("luajit bench/worker/blocks.lua %d "):format(at.worker_port)
  local goals = { at_most(20, "ms", 1) }
  local function job(title, name, file)
    return { title, blocks .. name .. " " .. (file or ""), ours = true, goals = goals }
  end
  local made = section("(i) How long a job holds up the event loop of its nginx worker", "longest block, ms",
    field "longest", {
      { "no job", blocks .. "idle" },
      job("50 MB of purchases that are all unfit", "unfit"),
      job("530,000 rows of CSV whose dates are all wrong", "csv"),
      job("the same, begun at its last line", "from_line"),
      job("100 MB of purchases, stopped at once, and the rest counted", "count", at.sales),
      job("one model of a 35 MB answer", "get"),
    })
  made.servers = IN_A_WORKER
  made.others = {
    { unit = "CPU of it, ms", figure = field "cpu" },
    { unit = "other pages, p99 ms", figure = field "p99" },
    { unit = "max ms", figure = field "max" },
  }
  return made
end

local function sales(at)
  local mapped = ("sales.lua %s %d csv"):format(at.shop, at.invoices)
  local title = "(j) A shop's CSV of 240,000 lines through a map (Latin-1, decimal comma, dates of a zone, exact sums)"
    .. ", checked against WoowUp's full schema"
  local python = "/usr/bin/python3 bench/peers/sales.py"
  return section(title, "CPU s", cpu_seconds, {
    { "Python: csv, decimal, zoneinfo, json; it checks nothing", ("%s %s %d"):format(python, at.shop, at.invoices) },
    { "purchases, Lua 5.4", at.lua54 .. mapped, ours = true, goals = { times(10), times(20) } },
    { "purchases, LuaJIT", at.luajit .. mapped, ours = true },
  })
end

local function sales_as_json(at)
  local json = ("sales.lua %s %d"):format(at.shop_json, at.invoices)
  local mapped = ("sales.lua %s %d csv"):format(at.shop, at.invoices)
  return section("(j) The same through the map, beside the same purchases as NDJSON", "CPU s", cpu_seconds, {
    { "purchases, NDJSON, Lua 5.4", at.lua54 .. json, ours = true },
    { "purchases, the map, Lua 5.4", at.lua54 .. mapped, ours = true, goals = { times(0.2), times(0.4) } },
    { "purchases, NDJSON, LuaJIT", at.luajit .. json, ours = true },
    { "purchases, the map, LuaJIT", at.luajit .. mapped, ours = true },
  })
end

local function series_map(at)
  local plain = ("csv.lua %s %d"):format(at.csv, at.rows)
  local mapped = ("csv.lua %s %d meter"):format(at.meter, at.meter_rows)
  local title = "(j) A series through a map: a format of dates, a decimal comma, kWh, a zone, beside (a)"
  return section(title, "CPU s", cpu_seconds, {
    { "purchases, (a), Lua 5.4", at.lua54 .. plain, ours = true },
    { "purchases, the map, Lua 5.4", at.lua54 .. mapped, ours = true, goals = { times(0.3), times(0.5) } },
    { "purchases, (a), LuaJIT", at.luajit .. plain, ours = true },
    { "purchases, the map, LuaJIT", at.luajit .. mapped, ours = true },
  })
end

local function sales_memory(at)
  local small = ("sales.lua %s %d csv"):format(at.small_shop, at.small_shop_invoices)
  local large = ("sales.lua %s %d csv"):format(at.large_shop, at.large_shop_invoices)
  local goals = { {
    text = "within 10 MB of it",
    is_met = function(_, own, base)
      return math.abs(own[1] - base[1]) <= 10
    end,
  } }
  return section("Memory: check of a shop's CSV through a map, most resident", "MB", peak_megabytes, {
    { "100 MB, Lua 5.4", at.lua54 .. small, ours = true },
    { "1 GB, Lua 5.4", at.lua54 .. large, ours = true, goals = goals },
    { "100 MB, LuaJIT", at.luajit .. small, ours = true },
    { "1 GB, LuaJIT", at.luajit .. large, ours = true, goals = goals },
  })
end

M.order = { "a", "b", "b_hot", "c", "d", "e", "f", "f_calls", "g", "g_cjson", "g_jsonschema", "h", "i", "j", "j_json",
  "j_series", "memory", "h_memory", "j_memory" }

--- What a section brings along.
M.with = { b = { "b_hot" }, f = { "f_calls" }, g = { "g_cjson", "g_jsonschema" },
  j = { "j_json", "j_series", "j_memory" }, memory = { "h_memory" } }

--- @tab at where things are: `csv` of `rows`, `more_csv` of `more_rows`, `answer`, `purchases`, `sales` of `sold`,
-- `more_sales` of `more_sold`, `shop` and `shop_json` of `invoices`, `small_shop` and `large_shop` of
-- `small_shop_invoices` and `large_shop_invoices`, `meter` of `meter_rows`, `url`, `lua54` and `luajit`, the commands
-- that our programs' names are put behind, and `worker_port`
function M.new(at)
  return {
    a = csv(at),
    b = tables(at, "cold", "each table once (cold)", 8, 10),
    b_hot = tables(at, "hot", "one table again and again (hot)", 10, 16),
    c = model(at),
    d = posts(at),
    e = main_job(at),
    f = worker_jobs(at),
    f_calls = worker_calls(at),
    g = schema(at, simdjson(at), 0.25, 0.5),
    g_cjson = schema(at, cjson(at), 8, 15),
    g_jsonschema = schema(at, jsonschema(at, "validator"), 500, 1000, jsonschema(at, "validate")),
    h = bulks(at),
    i = worker_blocks(at),
    j = sales(at),
    j_json = sales_as_json(at),
    j_series = series_map(at),
    memory = memory(at),
    h_memory = bulks_memory(at),
    j_memory = sales_memory(at),
  }
end

return M
