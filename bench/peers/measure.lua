-- What a peer in Lua prints: one line of JSON with its own CPU seconds (user and system, from start() on),
-- wall seconds, and what it did; and the way it fails.
local socket = require "socket"

local M = {}

function M.start()
  return { cpu = os.clock(), wall = socket.gettime() }
end

-- Has the machine find so many bytes, and gives them back: a virtual one may take microseconds for each page that it
-- has not lately used, whoever asks for it.
function M.warm(bytes)
  local text = ("x"):rep(bytes)
  return #text
end

-- The most memory that the process had at any time.
function M.peak_megabytes()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmHWM:%s*(%d+)"
    if kilobytes then
      return kilobytes / 1024
    end
  end
end

-- `more` is further JSON members as text, or nil.
function M.finish(started, count, bytes, more)
  local cpu, wall = os.clock() - started.cpu, socket.gettime() - started.wall
  local line = '{"cpu":%.6f,"wall":%.6f,"count":%d,"bytes":%d%s}'
  print(line:format(cpu, wall, count, bytes, more and "," .. more or ""))
end

-- A peer that did not do the whole job has no figures.
function M.expect(what, expected, got)
  if expected == got then return end
  io.stderr:write(("%s: %s is %s, not %s\n"):format(arg[0], what, tostring(got), tostring(expected)))
  os.exit(1)
end

return M
