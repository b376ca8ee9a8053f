-- The other specs once more, inside nginx workers: what holds in plain Lua holds there, too.
--
-- nginx has LuaJIT in it whatever runs this, so one of the Luas does. Some workers share the files, each of which
-- is run by one request.
if not rawget(_G, "jit") then
  return
end

local command = require "spec.support.command"
local nginx = require "spec.support.nginx"
local socket = require "socket"

-- Specs that are left out, and why.
local LEFT_OUT = {
  { "^cli_", "the command is a process of its own" },
  { "^sandbox", "the sandbox is an nginx of its own, and has no part of the module in it" },
  { "^faults_selftest$", "it tests the fault server" },
  { "^readme$", "it runs shells and commands" },
  { "^docs", "they run shells and commands" },
  { "^demo$", "it runs a shell" },
  { "^install$", "it runs shells and commands" },
  { "^lint$", "it runs shells and compilers" },
  { "^architecture$", "it reads pages" },
  { "^chart$", "it tests an example's pages" },
  { "^openresty", "they run inside nginx in any case" },
  { "^nginx_", "they run inside nginx in any case" },
  { "^nginx$", "it runs inside nginx in any case" },
  { "^in_nginx$", "it is this one" },
  { "^ledger_", "a ledger in a file is refused there, as nginx_spec has it" },
  { "^resume$", "it keeps ledgers" },
  { "^kill$", "it kills commands" },
  { "^simulation$", "it replaces the host, and everything else around the loop" },
  { "^lying$", "it runs inside nginx by itself, too" },
  { "^inbox$", "it tests how plain Lua waits, over pools made up there; nginx_spec tests how nginx does" },
  { "^http", "they test a pool by itself, in which no host has a part" },
  { "^timezone$", "it tests C alone, against thousands of values that Python gives; it takes long" },
  { "^series_csv$", "as timezone: C alone, over large files" },
  { "^series_kept$", "as timezone: C alone, over large files" },
  { "^series_time$", "as timezone: C alone, over all of a year" },
  { "^differential$", "as timezone: C alone, against a hundred thousand purchases that Python judges" },
  { "^schema_peer$", "as timezone: C alone, against what Python's jsonschema says" },
}

local function is_left_out(name)
  for _, entry in ipairs(LEFT_OUT) do
    if name:find(entry[1]) then
      return true
    end
  end
  return false
end

local function all_specs()
  local names = {}
  for name in command.output_of("cd " .. command.quote(command.root) .. " && ls spec"):gmatch "([%w_]+)_spec%.lua" do
    names[#names + 1] = name
  end
  return names
end

local function file_of(name)
  return "spec/" .. name .. "_spec.lua"
end

-- The names of all tests as busted finds them, in lists by file.
local function list_tests(names)
  local files, tests = {}, {}
  for i, name in ipairs(names) do
    files[i], tests[file_of(name)] = file_of(name), {}
  end
  local text = command.output_of(("cd %s && luajit /usr/bin/busted --list %s"):format(command.quote(command.root),
    table.concat(files, " ")))
  for file, name in text:gmatch "(spec/[%w_]+%.lua):%d+: ([^\n]*)" do
    table.insert(tests[file], name)
  end
  return tests
end

local MAIN = [[
working_directory %s;
env PATH;
env LUA_PATH;
env LUA_CPATH;
env HOME;
env TMPDIR;
]]

local function start_worker()
  return nginx.start { main = MAIN:format(command.root) }
end

local function begin(worker, name)
  local call = worker:begin("content", "return require('spec.support.in_nginx').run((...))", file_of(name))
  return { call = call, worker = worker, name = name }
end

-- One of them whose answer has begun to come.
local function next_ended(running)
  local connections, by_connection = {}, {}
  for i, run in ipairs(running) do
    connections[i], by_connection[run.call.connection] = run.call.connection, i
  end
  local ready = socket.select(connections, nil, 60)
  return table.remove(running, by_connection[ready[1]] or 1)
end

-- One at a time in each worker; what each spec came to, by name.
local function run_all(workers, names)
  local results, running, begun = {}, {}, 0
  local function begin_next(worker)
    begun = begun + 1
    running[#running + 1] = names[begun] and begin(worker, names[begun])
  end
  for _, worker in ipairs(workers) do
    begin_next(worker)
  end
  while #running > 0 do
    local run = next_ended(running)
    results[run.name] = { pcall(run.call.finish, run.call) }
    begin_next(run.worker)
  end
  return results
end

describe("inside an nginx worker", function()
  local wanted, workers, results, tests = {}, {}, nil, nil

  for _, name in ipairs(all_specs()) do
    wanted[#wanted + 1] = not is_left_out(name) and name or nil
  end

  setup(function()
    for i = 1, 3 do
      workers[i] = start_worker()
    end
    tests = list_tests(wanted)
    results = run_all(workers, wanted)
  end)
  teardown(function()
    for _, worker in ipairs(workers) do
      worker:stop()
    end
  end)

  for _, name in ipairs(wanted) do
    it(name .. "_spec comes to the same", function()
      local ok, outcome, outside = results[name][1], results[name][2], results[name][3]
      assert.is_true(ok, outcome)
      assert.equal("", outside)
      local found = {}
      for i, test in ipairs(outcome) do
        local is_skipped = test[2] == "pending" and test[1]:find("is not there", 1, true)
        assert.is_true(test[2] == "success" or is_skipped ~= nil, test[1] .. "\n" .. test[3])
        found[i] = test[1]
      end
      table.sort(found)
      table.sort(tests[file_of(name)])
      assert.same(tests[file_of(name)], found)
      assert.is_true(#found > 0)
    end)
  end

  it("nothing went wrong beside the tests", function()
    for _, worker in ipairs(workers) do
      assert.is_nil(worker:trouble())
    end
  end)

  it("everything that is left out is there", function()
    for _, entry in ipairs(LEFT_OUT) do
      local there = false
      for _, name in ipairs(all_specs()) do
        there = there or name:find(entry[1]) ~= nil
      end
      assert.is_true(there, entry[1])
    end
  end)
end)
