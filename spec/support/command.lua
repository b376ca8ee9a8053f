-- Runs the `purchases` command of the build under test, the one that `make env` puts on PATH, as a child.
--
--   local result = command.run({ "check", "-" }, { stdin = "...", env = { TZ = "UTC" } })
--   result.stdout  result.stderr  result.code (nil after a signal)  result.signal (its number)
--
--   local child = command.start({ "sandbox" }, { terminal = 80 })    still running
--   child.pid  child:signal("INT")  child:read("stdout" | "stderr" | "terminal")
--   child:wait_for("stdout", "pattern")  child:wait()                which gives the result
--
-- Options: `stdin` (text), `env` (beside what the build needs; false takes one away), `directory`, `program`
-- (in place of purchases), `stdout` ("closed", "broken", "full", "terminal"), `terminal` (columns: standard
-- error is a terminal, and the result has `terminal`).
local common = require "spec.support.common"

local M = {}

local PYTHON = "/usr/bin/python3 -I -S "
local HERE = debug.getinfo(1, "S").source:match "^@(.*)command%.lua$"
local NEEDED = { "PATH", "LUA_PATH", "LUA_CPATH", "HOME", "TMPDIR" }

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

M.quote = quote

--- Two lists as one.
function M.concat(first, second)
  local all = {}
  for _, list in ipairs { first, second } do
    for _, value in ipairs(list) do
      all[#all + 1] = value
    end
  end
  return all
end

local function output_of(shell_command)
  local pipe = assert(io.popen(shell_command, "r"))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

M.output_of = output_of

--- The command under test.
M.path = output_of "command -v purchases"
assert(M.path ~= "", "no purchases command: eval \"$(make -s env)\" first")

--- The Lua that runs this spec and the command, as one calls it.
M.lua = rawget(_G, "jit") and "luajit" or "lua5.4"

--- The folder of the project.
M.root = output_of("cd " .. quote(HERE .. "../..") .. " && pwd")

local HELPER = M.root .. "/spec/support/child.py"

local function contents(name)
  local file = io.open(name, "rb")
  if not file then
    return nil
  end
  local text = file:read "*a"
  file:close()
  return text
end

M.contents = contents

--- Writes a file.
function M.write_file(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
  return name
end

local function environment(given)
  local values = { TERM = "xterm", LC_ALL = "C.UTF-8" }
  for _, name in ipairs(NEEDED) do
    values[name] = os.getenv(name)
  end
  for name, value in pairs(given or {}) do
    values[name] = value or nil
  end
  local words = {}
  for name, value in pairs(values) do
    words[#words + 1] = name .. "=" .. quote(value)
  end
  return table.concat(words, " ")
end

local function shell_line(arguments, options, files)
  local words = {}
  for i, argument in ipairs(arguments) do
    words[i] = quote(argument)
  end
  return ("cd %s && exec env -i %s %s%s %s %d %s %s %s"):format(quote(options.directory or "."),
    environment(options.env), PYTHON, quote(HELPER), quote(files), options.terminal or 0, options.stdout or "file",
    quote(options.program or M.path), table.concat(words, " "))
end

local Child = {}
Child.__index = Child

local wait_until = common.wait_until

M.wait_until = wait_until

function M.start(arguments, options)
  options = options or {}
  local files = os.tmpname()
  M.write_file(files .. ".in", options.stdin or "")
  local self = setmetatable({ files = files, terminal = options.terminal }, Child)
  self.pipe = assert(io.popen(shell_line(arguments, options, files), "w"))
  self.pid = wait_until(function()
    return contents(files .. ".pid")
  end)
  return self
end

local ENDINGS = { stdout = ".out", stderr = ".err", terminal = ".tty" }

--- What was written so far.
function Child:read(name)
  return contents(self.files .. ENDINGS[name]) or ""
end

--- Waits until something that matches was written.
function Child:wait_for(name, pattern, seconds)
  return wait_until(function()
    return self:read(name):match(pattern)
  end, seconds)
end

function Child:signal(name)
  os.execute(("kill -%s %s"):format(name, self.pid))
end

function Child:has_ended()
  return contents(self.files .. ".end")
end

local function remove_files(files)
  for _, ending in ipairs { "", ".in", ".pid", ".out", ".err", ".tty", ".end" } do
    os.remove(files .. ending)
  end
end

--- Waits for its end, and kills it when that does not come.
function Child:wait(seconds)
  local how = wait_until(function()
    return self:has_ended()
  end, seconds)
  local kind, number = (how or ""):match "^(%a+) (%d+)$"
  local result = {
    stdout = self:read "stdout",
    stderr = self:read "stderr",
    terminal = self:read "terminal",
    code = kind == "exit" and tonumber(number) or nil,
    signal = kind == "signal" and tonumber(number) or nil,
    timed_out = not how or nil,
  }
  self.pipe:write "quit\n"
  self.pipe:close()
  remove_files(self.files)
  return result
end

function M.run(arguments, options)
  return M.start(arguments, options):wait()
end

return M
