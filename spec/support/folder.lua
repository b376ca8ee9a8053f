-- A folder for the specs of a block, there while they run.
--
--   local folder = require("spec.support.folder").new()    in a describe
--   folder.path                                            from the first of its specs on
--   folder.write(name, text)  folder.contents(name)  folder.empty()
--   folder.run({ "check", ... }, options)                  command.run there; options as of it
local busted = require "busted"
local command = require "spec.support.command"

local M = {}

function M.new()
  local self = {}

  busted.setup(function()
    self.path = command.output_of "mktemp -d"
  end)
  busted.teardown(function()
    os.execute("rm -rf -- " .. command.quote(self.path))
  end)

  function self.write(name, text)
    return command.write_file(self.path .. "/" .. name, text)
  end

  function self.contents(name)
    return command.contents(self.path .. "/" .. name)
  end

  function self.empty()
    os.execute("rm -rf -- " .. command.quote(self.path) .. "/*")
  end

  function self.run(arguments, options)
    options = options or {}
    options.directory = self.path
    return command.run(arguments, options)
  end

  return self
end

return M
