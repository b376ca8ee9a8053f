--- The account that a command works for: credentials from the environment or a file, and the client made with them.
-- @module purchases.cli.account
local answer_text = require "purchases.cli.answer_text"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local interrupt = require "purchases.cli.interrupt"
local purchases = require "purchases"

local M = {}

--- Reads a variable of the environment; an empty one counts as missing.
function M.environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function first_line(path, noun)
  local file, why = io.open(path)
  if not file then
    return nil, ("cannot read '%s': %s"):format(path, why:sub(#path + 3))
  end
  local line
  line, why = file:read "*l"
  file:close()
  line = (line or ""):gsub("%s+$", "")
  if why then
    return nil, ("cannot read '%s': %s"):format(path, why)
  elseif line == "" then
    return nil, ("%s: the first line is empty, expected the %s"):format(path, noun)
  end
  return line
end

--- Reads a credential. A message about it names the variable or file it came from.
-- @string variable of the environment
-- @string[opt] path a file whose first line goes before that
-- @string[opt] noun what that line should be
-- @treturn ?string nil where there is none
-- @treturn ?string why it cannot be one
function M.credential(variable, path, noun)
  local value, why = M.environment(variable), nil
  if path then
    value, why = first_line(path, noun)
  end
  if value and value:find "[%c%s]" then
    return nil, (path or variable) .. " must not contain spaces or control characters"
  end
  return value, why
end

--- Reads the API key from `variable` or `--token-file`.
-- @treturn ?string
-- @treturn ?int exit code where there is none; the complaint is printed
function M.api_key(args, variable)
  local key, why = M.credential(variable, args.token_file, "API key")
  if why then
    return nil, ending.misuse(why)
  elseif not key then
    ending.complain("there is no API key; set ", variable, " or --token-file")
    return nil, ending.AUTH
  end
  return key
end

--- Makes a client.
-- @string provider
-- @tab options of the client; `base_url` and `wait` are added
-- @return[1] the client
-- @return[2] nil
-- @treturn[2] int exit code; the complaint is printed
function M.client(provider, options)
  local variable = provider:upper() .. "_BASE_URL"
  options.base_url, options.wait = M.environment(variable), interrupt.wait
  local ok, client = xpcall(function()
    return purchases[provider].new(options)
  end, function(raised) -- misuse raises a text; anything else that raises is a bug and keeps its trace
    local misuse = type(raised) == "string" and not raised:find "^[^\n]*%.lua:%d+: "
    return misuse and raised or debug.traceback(raised, 2)
  end)
  if ok then
    answer_text.keep(client)
    return client
  end
  -- The user of the command knows the option by the name of the variable.
  local why, before = client, provider .. ".new: option 'base_url'"
  if why:sub(1, #before) == before then
    why = variable .. why:sub(#before + 1)
  end
  return nil, ending.misuse((why:gsub(", or set allow_insecure$", "")))
end

--- Gives a command that calls an API its help, --token-file and what it runs.
-- @param command of argparse
-- @tab spec `examples`; `requirements`: of the environment; `secret`: what a --token-file holds, if there may
-- be one; `prepare(args)` → input, or nil and an exit code: comes first, if there is one; `client(args)` →
-- client, or nil and an exit code; `call(client, args, input)` → exit code
function M.define(command, spec)
  help.define(command, { spec.examples, spec.requirements }, function(args)
    local input, client, code
    if spec.prepare then
      input, code = spec.prepare(args)
    end
    if not code then
      client, code = spec.client(args)
    end
    return code or spec.call(client, args, input)
  end)
  if spec.secret then
    command:option("--token-file", ("File whose first line is the %s."):format(spec.secret))
  end
end

return M
