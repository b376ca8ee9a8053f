--- The schemas that purchases must pass: the APIs' own, and the caller's.
-- @module purchases.source.schemas
local error_type = require "purchases.error"
local schema = require "purchases.schema"
local text_file = require "purchases.source.text_file"

local M = {}

--- Compiles the schema in a file.
-- @string path
-- @treturn purchases.schema|nil
-- @treturn ?purchases.error with the path as `file` where that is no schema
function M.load(path)
  local text, why = text_file.read(path)
  if not text then
    return nil, error_type.new {
      kind = "validation",
      code = "file_unreadable",
      message = ("cannot read the schema '%s': %s"):format(path, why),
    }
  end
  local compiled, err = schema.compile(text)
  if err then
    err.file = path
  end
  return compiled, err
end

local NAMES = { woowup = true, curebit = true }

--- The schemas of one purchase as the APIs' pages have it, by the APIs' names: `woowup`, `curebit`. They stand in files
-- beside the modules, where `package.path` leads; each is compiled when it is first asked for.
M.provided = setmetatable({}, {
  __index = function(provided, name)
    if not NAMES[name] then
      return nil
    end
    for template in package.path:gmatch "[^;]+" do
      local path = template:gsub("%.lua$", ".json"):gsub("%?", "purchases/schema/" .. name)
      local text = text_file.read(path)
      if text then
        provided[name] = assert(schema.compile(text))
        return provided[name]
      end
    end
    error("purchases/schema/" .. name .. ".json is not where package.path leads", 0)
  end,
})

return M
