--- Files that are read whole: maps, schemas, single purchases.
-- @module purchases.source.text_file
local M = {}

local io = package.loaded.io -- of which a host may leave its programs nothing

--- @string path "-" is standard input
-- @treturn string|nil
-- @treturn ?string why it cannot be read, without its name
function M.read(path)
  if not io then
    return nil, "there is no io library"
  end
  local file, why = io.stdin, nil
  if path ~= "-" then
    file, why = io.open(path, "rb")
  end
  if not file then
    return nil, why:sub(#path + 3)
  end
  local text
  text, why = file:read "*a" -- fails for a folder, which opens well
  if path ~= "-" then
    file:close()
  end
  return text, not text and why or nil
end

return M
