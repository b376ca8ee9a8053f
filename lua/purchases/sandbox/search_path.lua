--- The paths on which the Lua inside nginx finds modules: those of its caller, made absolute.
-- nginx runs LuaJIT, the caller may be any version: a folder of the caller's own version is replaced by
-- the one of 5.1.
-- @module purchases.sandbox.search_path

local M = {}

-- A path's templates, made absolute, without those that would mean something else to nginx.
local function templates(path, here)
  local list = {}
  for template in path:gmatch "[^;]+" do
    template = template:sub(1, 1) == "/" and template or here .. "/" .. template:gsub("^%./", "")
    list[#list + 1] = not template:find '["\\$%c]' and template or nil
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

--- Whether the sandbox's own application is found by a list.
function M.finds_application(path)
  for template in path:gmatch "[^;]+" do
    local file = io.open((template:gsub("%?", "purchases/sandbox/app")), "rb")
    if file then
      file:close()
      return true
    end
  end
  return false
end

return M
