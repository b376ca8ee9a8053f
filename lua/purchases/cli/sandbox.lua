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
  purchases sandbox --port 8090 --tls
  purchases sandbox --rate-limit none]]
local NEEDS = "It needs nginx with its Lua module, and openssl for --tls. It listens on this machine only."

-- The shell waits for nginx and removes its files, however it is told to stop. A signal cuts a wait short. Should the
-- shell be killed, a second one does so: nobody but the first holds the pipe open that it reads, and the first tells it
-- when nothing is left to do.
local GUARD = [[
nginx= stopped= directory=%s
trap 'stopped=yes; [ -z "$nginx" ] || kill "$nginx" 2>/dev/null' INT TERM HUP
mkfifo "$directory/alive" && exec 3<>"$directory/alive" 4<"$directory/alive" || exit 1
%s 3>&- 4<&- &
nginx=$!
(
  exec 3>&-
  trap '' INT TERM HUP
  read -r _ <&4 && exit
  kill "$nginx" 2>/dev/null
  while kill -0 "$nginx" 2>/dev/null; do sleep 0.1; done
  rm -rf -- "$directory"
) >/dev/null 2>&1 &
exec 4<&-
[ -z "$stopped" ] || kill "$nginx"
wait "$nginx"
code=$?
while kill -0 "$nginx" 2>/dev/null; do wait "$nginx"; done
echo >&3
rm -rf -- "$directory"
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

local read_number = arguments.whole("--rate-limit", 1, 1000000)

local function read_rate_limit(text)
  if text == "none" then
    return 0
  end
  local number = read_number(text)
  return number, not number and "--rate-limit must be 'none' or a whole number from 1 to 1000000" or nil
end

local function run(args)
  local shell = require "purchases.sandbox.shell"
  interrupt.catch() -- until the shell removes the files
  local ready, why = require("purchases.sandbox").prepare {
    port = args.port,
    tls = args.tls,
    settings = { rate_limit = args.rate_limit },
  }
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
  local _, err = core.system.exec(GUARD:format(shell.quote(ready.directory), ready.command))
  return give_up(ready.directory, err.message)
end

function M.define(parser)
  local command = parser:command("sandbox", "Runs a double of the APIs on this machine.")
  help.define(command, { EXAMPLES, NEEDS }, run)
  command:option("--port", "Port on 127.0.0.1; HTTPS uses the next one.", "8080",
    arguments.whole("--port", 0, 65535))
  command:option("--rate-limit", "WoowUp's requests a minute, or 'none'.", "140", read_rate_limit)
  command:flag("--tls", "Serves HTTPS too, with a new certificate.")
end

return M
