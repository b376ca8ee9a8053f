-- The bench: every job by us and by its peers, in alternation, medians of five rounds; prints the ratios and
-- writes bench/RESULTS.md.
-- usage: make bench [BENCH="a b c d e f h i j memory"] [PURCHASES_BENCH_ROUNDS=5]
package.path = "bench/?.lua;" .. package.path
local cjson = require "cjson"
local sections = require "sections"

local ROUNDS = tonumber(os.getenv "PURCHASES_BENCH_ROUNDS" or 5)
local ROWS, MORE_ROWS = 1000000, 10000000
local SOLD, MORE_SOLD = 100000, 1000000
local INVOICES, SMALL_SHOP, LARGE_SHOP = 60000, 190000, 1900000 -- the latter two: 100 MB and 1 GB
local METER_DAYS, METER_ROWS = 10416, 999932
local PORT = 9187

local function shell(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  local ok = pipe:close()
  return (text:gsub("%s+$", "")), ok
end

local function must(command)
  local ok = os.execute(command)
  if ok ~= true and ok ~= 0 then
    error("failed: " .. command, 0)
  end
end

-- The command that runs one of our programs on the built tree of a Lua.
local function ours(lua, version)
  local env = shell("make -s env LUA_VERSION=" .. version)
  return env:gsub("\n", "; ") .. "; exec " .. lua .. " bench/ours/"
end

local directory = shell 'mktemp -d "${TMPDIR:-/tmp}/purchases-bench.XXXXXX"'
local at = {
  csv = directory .. "/rows.csv",
  rows = ROWS,
  more_csv = directory .. "/more.csv",
  more_rows = MORE_ROWS,
  answer = directory .. "/answer.json",
  purchases = directory .. "/purchases.ndjson",
  sales = directory .. "/sales.ndjson",
  sold = SOLD,
  more_sales = directory .. "/more_sales.ndjson",
  more_sold = MORE_SOLD,
  shop = directory .. "/shop.csv",
  shop_json = directory .. "/shop.ndjson",
  invoices = INVOICES,
  small_shop = directory .. "/small_shop.csv",
  small_shop_invoices = SMALL_SHOP,
  large_shop = directory .. "/large_shop.csv",
  large_shop_invoices = LARGE_SHOP,
  meter = directory .. "/meter.csv",
  meter_rows = METER_ROWS,
  url = ("http://127.0.0.1:%d/api/v0/user/u/submit-purchase?retailer_id=1"):format(PORT),
  lua54 = ours("lua5.4", "5.4"),
  luajit = ours("luajit", "5.1"),
  worker_port = PORT + 1,
}

-- What section (j) is about.
local function generate_sales()
  must(("luajit bench/generate_sales.lua %d > %s"):format(INVOICES, at.shop))
  must(("luajit bench/generate_sales.lua %d > %s"):format(SMALL_SHOP, at.small_shop))
  must(("luajit bench/generate_sales.lua %d > %s"):format(LARGE_SHOP, at.large_shop))
  must(("luajit bench/generate_sales.lua --series %d > %s"):format(METER_DAYS, at.meter))
  must(("/usr/bin/python3 bench/peers/sales.py %s %d %s > %s.log"):format(at.shop, INVOICES, at.shop_json, at.shop))
end

local function generate()
  must("luajit bench/generate.lua " .. ROWS .. " > " .. at.csv)
  must("luajit bench/generate.lua " .. MORE_ROWS .. " > " .. at.more_csv)
  must("luajit bench/generate_answer.lua > " .. at.answer)
  must("luajit bench/generate_purchases.lua > " .. at.purchases)
  must(("luajit bench/generate_purchases.lua %d > %s"):format(SOLD, at.sales))
  must(("luajit bench/generate_purchases.lua %d > %s"):format(MORE_SOLD, at.more_sales))
end

local function run_once(run)
  local text = shell(run[2])
  local ok, result = pcall(cjson.decode, text)
  if not ok then
    error(("%s failed: %s"):format(run[1], run[2]), 0)
  end
  return result
end

-- Every round runs every peer once, so that a slow minute of the machine hits all alike.
local function measure(section)
  local results = {}
  for round = 1, ROUNDS do
    for i, run in ipairs(section.runs) do
      io.stderr:write(("\r\27[K%s: round %d of %d, %s"):format(section.title, round, ROUNDS, run[1]))
      results[i] = results[i] or {}
      results[i][round] = run_once(run)
    end
  end
  io.stderr:write "\r\27[K"
  return results
end

-- One server after the other, each at the port that follows; `act` meanwhile.
local function with_servers(confs, act, i)
  i = i or 1
  if not confs[i] then
    return act()
  end
  local folder = ("%s/server%d"):format(directory, i)
  must(("bench/server.sh start %d %s %s"):format(PORT + i - 1, folder, confs[i]))
  local ok, result = pcall(with_servers, confs, act, i + 1)
  must("bench/server.sh stop " .. folder)
  if not ok then
    error(result, 0)
  end
  return result
end

local function median(results, figure)
  local numbers = {}
  for i, result in ipairs(results) do
    numbers[i] = figure(result)
  end
  table.sort(numbers)
  return (numbers[math.floor((#numbers + 1) / 2)] + numbers[math.ceil((#numbers + 1) / 2)]) / 2
end

local function show(number)
  return number >= 1000 and ("%.0f"):format(number) or ("%.3g"):format(number)
end

-- What each goal of a run came to.
local function verdict(run, ratio, own, base)
  local parts = {}
  for i, goal in ipairs(run.goals or {}) do
    parts[i] = ("%s: %s"):format(goal.text, goal.is_met(ratio, own, base) and "met" or "not met")
  end
  return table.concat(parts, "; ")
end

-- The medians of a run's figures: the section's own, then the others.
local function medians(section, results)
  local values = { median(results, section.figure) }
  for i, other in ipairs(section.others or {}) do
    values[i + 1] = median(results, other.figure)
  end
  return values
end

local function table_row(section, run, own, base)
  local ratio = section.more_is_better and own[1] / base[1] or base[1] / own[1]
  local cells = { run.ours and "**" .. run[1] .. "**" or run[1], show(own[1]), show(ratio) }
  for i = 2, #own do
    cells[#cells + 1] = show(own[i])
  end
  cells[#cells + 1] = verdict(run, ratio, own, base)
  return "| " .. table.concat(cells, " | ") .. " |"
end

local function heading(section)
  local cells = { "", section.unit, "ratio" }
  for _, other in ipairs(section.others or {}) do
    cells[#cells + 1] = other.unit
  end
  cells[#cells + 1] = ""
  return "| " .. table.concat(cells, " | ") .. " |\n" .. ("|---"):rep(#cells) .. "|"
end

local function report(section, results)
  local lines = { "\n## " .. section.title .. "\n", heading(section) }
  local base = medians(section, results[1])
  for i, run in ipairs(section.runs) do
    lines[#lines + 1] = table_row(section, run, medians(section, results[i]), base)
  end
  return table.concat(lines, "\n")
end

local function machine()
  return ("%s, %s processors, Linux %s; libcurl %s, nginx %s"):format(
    shell "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1",
    shell "nproc",
    shell "uname -r",
    shell "pkg-config --modversion libcurl",
    shell "nginx -v 2>&1 | sed 's|.*/||'"
  )
end

local function chosen()
  local names = {}
  for _, name in ipairs(arg) do
    names[#names + 1] = name
    for _, more in ipairs(sections.with[name] or {}) do
      names[#names + 1] = more
    end
  end
  return #names > 0 and names or sections.order
end

local function contents(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

-- What tools/soak wrote at the end stays there.
local function save(text)
  local soak = contents("bench/RESULTS.md"):match "\n## In full counts\n.*$" or ""
  local file = assert(io.open("bench/RESULTS.md", "w"))
  file:write(text, "\n", contents "bench/NOTES.md", soak)
  file:close()
end

local function main()
  local known = sections.new(at)
  local parts = {
    "# What it costs, against peers\n",
    ("Medians of %d rounds in alternation on: %s."):format(ROUNDS, machine()),
    "CPU is user and system time of the process less the interpreter's start. Made by `make bench`.",
  }
  local names = chosen()
  generate()
  for _, name in ipairs(names) do
    if name == "j" then
      generate_sales()
    end
    local section = known[name] or error("no such section: " .. name, 0)
    parts[#parts + 1] = report(section, with_servers(section.servers or {}, function()
      return measure(section)
    end))
  end
  local text = table.concat(parts, "\n") .. "\n"
  print(text)
  if #arg == 0 then
    save(text)
  end
end

local ok, err = pcall(main)
os.execute("rm -rf " .. directory)
if not ok then
  io.stderr:write("bench: ", tostring(err), "\n")
  os.exit(1)
end
