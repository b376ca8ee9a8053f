-- A sandbox, and a folder beside it from which commands upload, for the specs of a block: each begins with both empty.
--
--   local desk = require("spec.support.desk").new({ queue_seconds = 0 }, { PURCHASES_LEDGER = "job.db" })
--
-- in a describe takes the sandbox's settings, and what the environment of commands has beside its credentials.
--
--   desk.folder  desk.sandbox                                  the latter from the first of the specs on
--   desk.run("woowup create sales.ndjson", options)            a line, or a list of arguments: as command.run
--   desk.start("woowup create sales.ndjson", options)          as command.start
--   desk.kill("woowup create sales.ndjson", "bulk", look)      killed once the sandbox has a request of it with "bulk"
--                                                              in its path, which stays unanswered; before, `look()`
local busted = require "busted"
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local merge = require("spec.support.common").merge
local pages = require "spec.support.pages"
local sandboxes = require "spec.support.sandbox"

local M = {}

--- The words of a line.
function M.words(line)
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  return words
end

function M.new(settings, env)
  local self = { folder = folders.new() }

  busted.setup(function()
    self.sandbox = sandboxes.start(settings)
  end)
  busted.teardown(function()
    self.sandbox:stop()
  end)
  busted.before_each(function()
    self.sandbox:reset()
    self.folder.empty()
  end)

  function self.environment(more)
    return merge(pages.environment(self.sandbox), env or {}, more or {})
  end

  function self.start(line, options)
    options = merge({ directory = self.folder.path }, options or {})
    options.env = self.environment(options.env)
    return command.start(type(line) == "table" and line or M.words(line), options)
  end

  function self.run(line, options)
    return self.start(line, options):wait()
  end

  function self.kill(line, path, look)
    local before = self.sandbox:counts().requests
    self.sandbox:fault { path = path, delay = 60, times = 9 }
    local child = self.start(line)
    assert(command.wait_until(function()
      return self.sandbox:counts().requests > before
    end))
    if look then
      look()
    end
    child:signal "KILL"
    child:wait()
    self.sandbox:clear_faults()
  end

  return self
end

return M
