--- Whose account a command works for: credentials out of the environment or a file, and the client made
-- with them.
-- @module purchases.cli.account
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local interrupt = require "purchases.cli.interrupt"
local purchases = require "purchases"

local M = {}

--- A variable of the environment; an empty one is as good as none.
function M.environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function first_line(path, noun)
  local file, why = io.open(path)
  if not file then
    return nil, "cannot read " .. why
  end
  local line
  line, why = file:read "*l"
  file:close()
  line = (line or ""):gsub("%s+$", "")
  if why then
    return nil, ("cannot read %s: %s"):format(path, why)
  elseif line == "" then
    return nil, ("%s: its first line is empty, and should be the %s"):format(path, noun)
  end
  return line
end

--- A credential, refused where it is known by the name that the user gave it.
-- @string variable of the environment
-- @string[opt] path a file whose first line goes before that
-- @string[opt] noun what that should be
-- @treturn ?string nil where there is none
-- @treturn ?string why it cannot be one
function M.credential(variable, path, noun)
  local value, why = M.environment(variable), nil
  if path then
    value, why = first_line(path, noun)
  end
  if value and value:find "[%c%s]" then
    return nil, (path or variable) .. " holds a space or a control character, which no credential does"
  end
  return value, why
end

--- The API key of `VARIABLE` or `--token-file`.
-- @treturn ?string
-- @treturn ?int exit code where there is none, of which is complained
function M.api_key(args, variable)
  local key, why = M.credential(variable, args.token_file, "API key")
  if why then
    return nil, ending.misuse(why)
  elseif not key then
    ending.complain("there is no API key; set ", variable, ", or name a --token-file")
    return nil, ending.AUTH
  end
  return key
end

-- An option of the library, as the user of the command knows it.
local function in_our_words(why, provider, variable)
  local before = provider .. ".new: option 'base_url'"
  if why:sub(1, #before) == before then
    why = variable .. why:sub(#before + 1)
  end
  return (why:gsub(", or set allow_insecure$", ""))
end

--- Makes a client and hands it to `use`.
-- @string provider
-- @tab options the client's, but for those that come from the environment and from here
-- @tparam function use `use(client)` → exit code
-- @treturn int exit code
function M.with_client(provider, options, use)
  local variable = provider:upper() .. "_BASE_URL"
  options.base_url, options.wait = M.environment(variable), interrupt.wait
  local client, why = ending.try(purchases[provider].new, options)
  if not client then
    return ending.misuse(in_our_words(why, provider, variable))
  end
  return use(client)
end

--- Gives a command what it runs, its help, and --token-file.
-- @param command of argparse
-- @tab spec `run(args)`, `examples`; `requirements`: of the environment; `secret`: what a --token-file
-- holds, if there may be one
function M.define(command, spec)
  help.define(command, spec.examples, spec.requirements)
  if spec.secret then
    command:option("--token-file", ("File whose first line is the %s."):format(spec.secret))
  end
  command:action(function(args)
    args.run = spec.run
  end)
end

return M
