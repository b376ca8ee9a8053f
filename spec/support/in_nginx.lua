-- Inside an nginx worker: runs a spec file as busted does, with busted's own core.
local M = {}

local function full_name(busted, element)
  local names = {}
  while element and element.descriptor ~= "file" do
    table.insert(names, 1, element.name)
    element = busted.context.parent(element)
  end
  return table.concat(names, " ")
end

-- What every test comes to: "success", "pending", or what went wrong.
local function listen(busted)
  local results, trouble = {}, {}
  local function note(_, _, message)
    trouble[#trouble + 1] = tostring(type(message) == "table" and message.message or message)
    return nil, true
  end
  busted.subscribe({ "error" }, note)
  busted.subscribe({ "failure" }, note)
  busted.subscribe({ "test", "end" }, function(element, _, status)
    results[#results + 1] = { full_name(busted, element), status, table.concat(trouble, "\n") }
    trouble = {}
    return nil, true
  end)
  return results, function()
    return table.concat(trouble, "\n")
  end
end

-- It can be set up only once.
local function new_busted()
  for name in pairs(package.loaded) do
    if name == "busted" or name:find "^busted%." then
      package.loaded[name] = nil
    end
  end
  local busted = require "busted.core"()
  require "busted"(busted)
  return busted
end

--- Runs one.
-- @string file
-- @treturn table list of `{ name, status, what went wrong }`
-- @treturn string what went wrong outside of the tests
function M.run(file)
  local busted = new_busted()
  local results, outside = listen(busted)
  require "busted.modules.test_file_loader"(busted, { "lua" })({ file }, { "_spec" }, { excludes = {} })
  require "busted.execute"(busted)(1, {})
  return results, outside()
end

return M
