--- The library as it stands, loaded once more over a virtual network and a virtual clock: it has its own copy of each
-- module, so that nothing outside notices. A break changes the text of one module on its way in.
local core = require "purchases.core"
local network_type = require "spec.simulation.network"

local M = {}

local function is_ours(name)
  return name:find "^purchases%.?" ~= nil
end

-- The text of a module in which `from`, which must stand there exactly once, is replaced; as a function.
local function broken(change)
  local path = assert(package.searchpath(change.module, package.path))
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  local first, last = text:find(change.from, 1, true)
  assert(first, ("%s holds nowhere: %s"):format(path, change.from))
  assert(not text:find(change.from, last + 1, true), ("%s holds more than once: %s"):format(path, change.from))
  text = text:sub(1, first - 1) .. change.to .. text:sub(last + 1)
  return assert((loadstring or load)(text, "=" .. path .. ", broken"))
end

--- A new world.
-- @tab[opt] change `module`, `from`, `to`
-- @treturn table `purchases`, the library; `clock` and `error`, modules of it; `network`
function M.new(change)
  local network = network_type.new()
  local kept = {}
  for name, module in pairs(package.loaded) do
    kept[name] = is_ours(name) and module or nil
  end
  for name in pairs(kept) do
    package.loaded[name] = nil
  end
  package.loaded["purchases.core"] = setmetatable({
    http = {
      response = {},
      new = function()
        return network
      end,
    },
  }, { __index = core })
  if change then
    package.preload[change.module] = broken(change)
  end
  local world = {
    purchases = require "purchases",
    clock = require "purchases.clock",
    error = require "purchases.error",
    network = network,
  }
  for name in pairs(package.loaded) do
    package.loaded[name] = kept[name] or not is_ours(name) and package.loaded[name] or nil
  end
  if change then
    package.preload[change.module] = nil
  end
  world.clock.monotonic = function()
    return network.now
  end
  network.error = world.error
  return world
end

return M
