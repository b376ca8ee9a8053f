--- Makes a small certificate authority and, signed by it, the sandbox's own certificate.
-- @module purchases.sandbox.certificate

local shell = require "purchases.sandbox.shell"

local M = {}

local DAYS = 30

-- A file instead of options: those differ between the versions of openssl.
local CONFIGURATION = [[
[req]
distinguished_name = name
prompt = no

[name]
CN = localhost

[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash

[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
]]

-- The authority's key is gone once it has signed: nothing else can be made to look like its work.
local COMMANDS = [[
set -e
umask 077
cd %s
openssl ecparam -name prime256v1 -genkey -noout -out ca-key.pem
openssl ecparam -name prime256v1 -genkey -noout -out server-key.pem
openssl req -config openssl.cnf -new -x509 -sha256 -days %d -key ca-key.pem -out ca.pem \
  -subj "/CN=purchases sandbox, authority $$" -extensions authority
openssl req -config openssl.cnf -new -sha256 -key server-key.pem -out server.csr
openssl x509 -req -sha256 -days %d -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial \
  -extfile openssl.cnf -extensions server -out server.pem
rm -f ca-key.pem ca.srl server.csr openssl.cnf
]]

--- Writes `ca.pem`, `server.pem` and `server-key.pem` into a folder.
-- @treturn ?boolean true
-- @treturn ?string what went wrong, in one line
function M.make(directory)
  if not shell.run "command -v openssl" then
    return nil, "TLS needs the openssl command: install openssl"
  end
  local file, err = io.open(directory .. "/openssl.cnf", "w")
  if not file then
    return nil, err
  end
  file:write(CONFIGURATION)
  file:close()
  local ok, output = shell.run("( " .. COMMANDS:format(shell.quote(directory), DAYS, DAYS) .. " )")
  if not ok then
    return nil, "openssl: " .. (output:match "[^\n]+" or "failed")
  end
  return true
end

return M
