--- The few shell commands that the sandbox needs before nginx runs.
-- @module purchases.sandbox.shell

local M = {}

--- One argument, safe inside a shell command.
function M.quote(argument)
  return "'" .. tostring(argument):gsub("'", "'\\''") .. "'"
end

--- A list of arguments as one shell command.
function M.command(arguments)
  local quoted = {}
  for i, argument in ipairs(arguments) do
    quoted[i] = M.quote(argument)
  end
  return table.concat(quoted, " ")
end

--- Runs a command and waits for it.
-- The exit status travels in the output, since Lua 5.1 does not hand it out.
-- @treturn boolean whether the command exited with 0
-- @treturn string what it wrote, standard error included
function M.run(command)
  local pipe = io.popen("{ " .. command .. "\n} 2>&1 </dev/null; echo \"=$?\"", "r")
  if not pipe then
    return false, "no shell"
  end
  local output, status = pipe:read("*a"):match("^(.*)=(%d+)\n$")
  pipe:close()
  return status == "0", (output or ""):match("^(.-)%s*$")
end

return M
