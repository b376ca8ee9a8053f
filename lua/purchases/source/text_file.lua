--- Files that are read whole: maps, schemas, single purchases.
-- @module purchases.source.text_file
local M = {}

local io = package.loaded.io -- of which a host may leave its programs nothing

--- Opens a file to be read.
-- @string path "-" is standard input, which is not to be closed
-- @return a file, or nil
-- @treturn ?string why it cannot be opened, without its name
function M.open(path)
  if not io then
    return nil, "there is no io library"
  elseif path == "-" then
    return io.stdin
  end
  local file, why = io.open(path, "rb")
  return file, why and why:sub(#path + 3)
end

--- Reads a file.
-- @string path "-" is standard input
-- @treturn string|nil
-- @treturn ?string why it cannot be read, without its name
function M.read(path)
  local file, why = M.open(path)
  if not file then
    return nil, why
  end
  local text
  text, why = file:read "*a" -- fails for a folder, which opens well
  if path ~= "-" then
    file:close()
  end
  return text, not text and why or nil
end

return M
