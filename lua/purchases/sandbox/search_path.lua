--- Where the Lua inside nginx looks for modules: where its caller does, by absolute names.
-- nginx runs LuaJIT, the caller may be any version: what the caller looks for in a folder of its own
-- version is looked for in the one of 5.1.
-- @module purchases.sandbox.search_path

local M = {}

local function absolute(template, here)
  return template:sub(1, 1) == "/" and template or here .. "/" .. template:gsub("^%./", "")
end

-- What would mean something else to nginx is left out.
local function is_usable(template)
  return not template:find '["\\$%c]'
end

local function templates(path, here)
  local list = {}
  for template in path:gmatch "[^;]+" do
    template = absolute(template, here)
    list[#list + 1] = is_usable(template) and template or nil
  end
  return list
end

local function for_luajit(template)
  return (template:gsub("/5%.[2-9]/", "/5.1/"))
end

--- The list for modules in Lua.
-- @tparam string here the current folder
function M.sources(here)
  local list = templates(package.path, here)
  for i = 1, #list do
    local other = for_luajit(list[i])
    list[#list + 1] = other ~= list[i] and other or nil
  end
  return table.concat(list, ";")
end

--- The list for modules in C.
-- One for another version's ABI must not even be found: that would be an error, not a miss.
function M.libraries(here)
  local list = templates(package.cpath, here)
  for i = 1, #list do
    list[i] = for_luajit(list[i])
  end
  return table.concat(list, ";")
end

local function is_readable(file)
  local handle = io.open(file, "rb")
  return handle ~= nil and handle:close()
end

--- Whether the sandbox's own application is found by a list.
function M.finds_application(path)
  for template in path:gmatch "[^;]+" do
    if is_readable((template:gsub("%?", "purchases/sandbox/app"))) then
      return true
    end
  end
  return false
end

return M
