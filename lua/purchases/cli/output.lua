--- Standard output, and whether all of it was written: a result that could not be written is no success.
-- @module purchases.cli.output
local core = require "purchases.core"
local answer_text = require "purchases.cli.answer_text"
local ending = require "purchases.cli.ending"
local json = require "purchases.json"
local printable = require "purchases.printable"

local M = {}

local failure -- why something could not be written

local function note(ok, why)
  if not ok then
    failure = failure or why
  end
  return ok and true or false
end

--- Writes texts, made fit for a terminal if it is one; nothing more once something could not be written.
-- @treturn boolean were they written, as far as is known?
function M.write(...)
  local text = table.concat { ... }
  return not failure and note(io.stdout:write(core.system.is_terminal() and printable.escape(text, "\n\t") or text))
end

--- Flushes what was written.
-- @treturn boolean is all of it out?
function M.flush()
  return not failure and note(io.stdout:flush())
end

-- Compiled by LuaJIT, they would write again what failed, and miss that it did.
local jit = rawget(_G, "jit")
if jit then
  jit.off(M.write)
  jit.off(M.flush)
end

ending.flush = M.flush

--- Could something not be written?
function M.has_failed()
  return failure ~= nil
end

--- Writes a line to standard error where standard output has failed.
function M.rescue(line)
  if not M.flush() then
    ending.say(line)
  end
end

--- Writes a value as a line of JSON.
-- @param value
-- @string[opt] text the value's own text, which is written as it is
-- @treturn int exit code
function M.json(value, text)
  local why
  if not text then
    text, why = json.encode(value)
  end
  if not text then
    ending.complain("the answer cannot be written as JSON: ", why)
    return ending.INCOMPLETE
  end
  M.write(text, "\n")
  return ending.OK
end

--- Writes a summary: on standard error where standard output has something else.
-- @param elsewhere has it?
-- @tparam string|table summary a line, or what becomes JSON
-- @treturn int exit code
function M.summary(elsewhere, summary)
  local line = type(summary) == "table" and json.encode(summary) or summary
  if elsewhere then
    ending.say(line)
  else
    M.write(line, "\n")
  end
  return ending.OK
end

--- Writes what a call returned: its value, as the API wrote it, or a complaint.
-- @param value
-- @param err
-- @string[opt] member of the answer that the value is, where it is not all of it
-- @treturn int exit code
function M.result(value, err, member)
  if not value then
    return ending.fail(err)
  elseif member then
    return M.json(value, answer_text.member(value, member))
  end
  return M.json(value, answer_text.of(value))
end

--- Complains if not everything was written.
-- @int code of the command so far
-- @treturn int exit code
function M.finish(code)
  M.flush()
  if not failure then
    return code
  end
  ending.complain("cannot write to standard output: ", failure)
  return code == ending.OK and ending.INCOMPLETE or code
end

return M
