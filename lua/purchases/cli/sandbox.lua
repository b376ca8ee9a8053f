--- purchases sandbox: the double of the APIs, in the foreground until Ctrl-C.
-- @module purchases.cli.sandbox
local core = require "purchases.core"
local ending = require "purchases.cli.ending"

local M = {}

-- The shell waits for nginx and tidies up behind it, however it is told to stop.
local GUARD = [[%s & nginx=$!; trap 'kill "$nginx" 2>/dev/null' INT TERM HUP; wait "$nginx"; wait "$nginx" 2>/dev/null; rm -rf -- %s]]

local function print_instructions(ready)
  print(("The sandbox answers at %s. In another terminal:\n"):format(ready.tls_url or ready.url))
  if ready.tls_url then
    print(("  export SSL_CERT_FILE=%s"):format(ready.ca_file))
  end
  print(("  export RAVENWITS_BASE_URL=%s RAVENWITS_TOKEN=sandbox-token RAVENWITS_USER=trebolenergia"):format(ready.tls_url or ready.url))
  print "  purchases ravenwits health\n"
  print(("What arrived: %s/_sandbox/audit. Ctrl-C stops it."):format(ready.url))
  io.stdout:flush()
end

local function run(args)
  local sandbox = require "purchases.sandbox"
  local shell = require "purchases.sandbox.shell"
  local ready, why = sandbox.prepare { port = args.port, tls = args.tls }
  if not ready then
    return ending.misuse(why)
  end
  print_instructions(ready)
  local _, err = core.system.exec("sh", "-c", GUARD:format(ready.command, shell.quote(ready.directory)))
  return ending.misuse(err.message)
end

local function port(text)
  local number = tonumber(text)
  if number and number % 1 == 0 and number >= 0 and number <= 65535 then
    return math.floor(number)
  end
  return nil, "--port must be a number from 0 to 65535"
end

function M.define(parser)
  local command = parser:command("sandbox", "Run a double of the APIs on this machine.")
  command:option("--port", "Port on 127.0.0.1; HTTPS takes the next one.", "8080", port)
  command:flag("--tls", "HTTPS too, with a certificate made now.")
  command:action(function(args)
    args.run = run
  end)
end

return M
