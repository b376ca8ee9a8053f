--- purchases sandbox: the double of the APIs, in the foreground until Ctrl-C.
-- @module purchases.cli.sandbox
local arguments = require "purchases.cli.arguments"
local core = require "purchases.core"
local ending = require "purchases.cli.ending"
local help = require "purchases.cli.help"
local interrupt = require "purchases.cli.interrupt"
local output = require "purchases.cli.output"

local M = {}

local EXAMPLES = [[
Examples:
  purchases sandbox
  purchases sandbox --port 8090 --tls]]
local NEEDS = "It needs nginx with its Lua module, and openssl for --tls. It listens on this machine only."

-- The shell waits for nginx and removes its files, however it is told to stop. A signal cuts a wait short.
local GUARD = [[
nginx= stopped=
trap 'stopped=yes; [ -z "$nginx" ] || kill "$nginx" 2>/dev/null' INT TERM HUP
%s &
nginx=$!
[ -z "$stopped" ] || kill "$nginx"
wait "$nginx"
code=$?
while kill -0 "$nginx" 2>/dev/null; do wait "$nginx"; done
rm -rf -- %s
[ -z "$stopped" ] || code=0
exit "$code"]]

local INSTRUCTIONS = [[
The sandbox answers at {url}. In another terminal:

{certificate}  export RAVENWITS_BASE_URL={url} RAVENWITS_TOKEN=sandbox-token RAVENWITS_USER=trebolenergia
  export WOOWUP_BASE_URL={url}/apiv3 WOOWUP_API_KEY={woowup_api_key}
  export CUREBIT_BASE_URL={url} CUREBIT_SITE={curebit_site} CUREBIT_API_KEY={curebit_api_key}
  purchases ravenwits health

What arrived: {plain_url}/_sandbox/audit. Ctrl-C stops it.
]]

local function give_up(directory, why)
  local shell = require "purchases.sandbox.shell"
  shell.run("rm -rf -- " .. shell.quote(directory))
  if why then
    ending.complain(why)
  end
  return ending.INCOMPLETE
end

local function run(args)
  local shell = require "purchases.sandbox.shell"
  interrupt.catch() -- until the shell removes the files
  local ready, why = require("purchases.sandbox").prepare { port = args.port, tls = args.tls }
  if not ready then
    ending.complain(why)
    return ending.INCOMPLETE
  end
  for _, url in ipairs { ready.url, ready.tls_url } do
    local port = tonumber(url:match "%d+$")
    why = core.system.port_refusal(port) -- nginx would try for seconds to listen on one that is taken
    if why then
      return give_up(ready.directory, ("cannot listen on port %d: %s; choose another with --port"):format(port, why))
    end
  end
  local values = require("purchases.sandbox.settings").complete()
  values.url = ready.tls_url or ready.url
  values.plain_url = ready.url
  values.certificate = ready.ca_file and ("  export SSL_CERT_FILE=%s\n"):format(ready.ca_file) or ""
  output.write((INSTRUCTIONS:gsub("{([%w_]+)}", values)))
  if not output.flush() or interrupt.seen() then
    return give_up(ready.directory)
  end
  local _, err = core.system.exec("sh", "-c", GUARD:format(ready.command, shell.quote(ready.directory)))
  return give_up(ready.directory, err.message)
end

function M.define(parser)
  local command = parser:command("sandbox", "Runs a double of the APIs on this machine.")
  help.define(command, { EXAMPLES, NEEDS }, run)
  command:option("--port", "Port on 127.0.0.1; HTTPS uses the next one.", "8080",
    arguments.whole("--port", 0, 65535))
  command:flag("--tls", "Serves HTTPS too, with a new certificate.")
end

return M
