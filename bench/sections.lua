-- What the bench measures: per section its figure, and the runs, the first of which is what all are held
-- against. `least` and `wanted` are ratios, `most` and `goal` bounds of the second figure.
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

local function peak_megabytes(run)
  return run.peak_mb
end

local function section(title, unit, figure, runs)
  return { title = title, unit = unit, figure = figure, runs = runs }
end

local function csv(at)
  local job = at.csv .. " " .. at.rows
  return section("(a) CSV of 1,000,000 rows, checked, to bodies of 96 rows", "CPU s", cpu_seconds, {
    { "Lua 5.4: patterns + lua-cjson", "lua5.4 bench/peers/csv.lua " .. job },
    { "LuaJIT: the same", "luajit bench/peers/csv.lua " .. job },
    { "Python: csv + json", "/usr/bin/python3 bench/peers/csv_json.py " .. job },
    { "Python: pandas", "/usr/bin/python3 bench/peers/csv_pandas.py " .. job },
    { "purchases, Lua 5.4", at.lua54 .. "csv.lua " .. job, ours = true, least = 80, wanted = 105 },
    { "purchases, LuaJIT", at.luajit .. "csv.lua " .. job, ours = true },
  })
end

local function tables(at, mode, title, least, wanted)
  return section("(b) Lua tables of 96 rows, checked, to bodies: " .. title, "ns/row", nanoseconds, {
    { "Lua 5.4: check + lua-cjson", "lua5.4 bench/peers/table.lua " .. mode },
    { "LuaJIT: the same", "luajit bench/peers/table.lua " .. mode },
    { "purchases, Lua 5.4", at.lua54 .. "table.lua " .. mode, ours = true, least = least, wanted = wanted },
    { "purchases, LuaJIT", at.luajit .. "table.lua " .. mode, ours = true },
  })
end

local function model(at)
  return section("(c) One idmodel out of 100 (3.2 MB), mean over positions", "ms", milliseconds, {
    { "Lua 5.4: lua-cjson decodes all", "lua5.4 bench/peers/model.lua " .. at.answer },
    { "LuaJIT: the same", "luajit bench/peers/model.lua " .. at.answer },
    { "purchases, Lua 5.4", at.lua54 .. "model.lua " .. at.answer, ours = true, least = 50, wanted = 80 },
    { "purchases, LuaJIT", at.luajit .. "model.lua " .. at.answer, ours = true },
  })
end

local function posts(at)
  local function to_url(program, count, in_flight)
    return ("%s '%s' %d %s"):format(program, at.url, count, in_flight or "")
  end
  local ours = to_url("posts.lua", POSTS, IN_FLIGHT)
  local made = section("(d) POSTs of 4.8 KB to nginx on loopback, 64 in flight", "requests/s", requests_per_second, {
    { "wrk", to_url("sh bench/peers/posts_wrk.sh", 3, IN_FLIGHT) },
    { "purchases, Lua 5.4", at.lua54 .. ours, ours = true, least = 0.60, wanted = 0.70, most = 20, goal = 16 },
    { "purchases, LuaJIT", at.luajit .. ours, ours = true },
    { "lua-http (LuaJIT)", to_url("luajit bench/peers/posts_lua_http.lua", POSTS / 2, IN_FLIGHT) },
    { "Guzzle pool", to_url("php bench/peers/posts_guzzle.php", POSTS / 4, IN_FLIGHT) },
    { "LuaSocket, one connection each", to_url("lua5.4 bench/peers/posts_luasocket.lua", POSTS / 8) },
    { "aiohttp", to_url("/usr/bin/python3 bench/peers/posts_aiohttp.py", POSTS / 8, IN_FLIGHT) },
  })
  made.more_is_better, made.server = true, true
  made.second = { unit = "client CPU µs/request", figure = microseconds }
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
  made.server = true
  made.second = { unit = "wall s", figure = wall_seconds }
  return made
end

local function memory(at)
  local small = ("main_job.lua %s %d '%s'"):format(at.csv, at.rows, at.url)
  local large = ("main_job.lua %s %d '%s'"):format(at.more_csv, at.more_rows, at.url)
  local made = section("Memory: check and upload of a CSV file, most resident", "MB", peak_megabytes, {
    { "24 MB, Lua 5.4", at.lua54 .. small, ours = true },
    { "240 MB, Lua 5.4", at.lua54 .. large, ours = true },
    { "24 MB, LuaJIT", at.luajit .. small, ours = true },
    { "240 MB, LuaJIT", at.luajit .. large, ours = true },
  })
  made.server = true
  return made
end

M.order = { "a", "b", "b_hot", "c", "d", "e", "memory" }

--- @tab at where things are: `csv` of `rows`, `more_csv` of `more_rows`, `answer`, `url`, and `lua54` and
-- `luajit`, the commands that our programs' names are put behind
function M.new(at)
  return {
    a = csv(at),
    b = tables(at, "cold", "each table once (cold)", 8, 10),
    b_hot = tables(at, "hot", "one table again and again (hot)", 16, 20),
    c = model(at),
    d = posts(at),
    e = main_job(at),
    memory = memory(at),
  }
end

return M
