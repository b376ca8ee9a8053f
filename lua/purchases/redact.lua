--- Blots credentials out of texts that people or logs will see.
-- @module purchases.redact
local M = {}

local BLOT = "***"

-- Whatever a credential looks like, these are the places it stands in.
local PLACES = {
  { "([Aa][Pp][Ii]_[Kk][Ee][Yy]=)[^&%s\"']*", "%1" .. BLOT },
  { "(Bearer%s+)[^%s\"',]+", "%1" .. BLOT },
  { "(Basic%s+)[^%s\"',]+", "%1" .. BLOT },
  { '("password"%s*:%s*")[^"]*', "%1" .. BLOT },
  { '("token"%s*:%s*")[^"]*', "%1" .. BLOT },
  { "(://)[^/%s@]+@", "%1" .. BLOT .. "@" },
}

local function escape_pattern(text)
  return (text:gsub("%W", "%%%0"))
end

local function percent_encode(text)
  return (text:gsub("[^%w%-._~]", function(char)
    return string.format("%%%02X", char:byte())
  end))
end

-- Shorter ones would blot out half of every text, and are no secrets.
local SHORTEST = 4

local function blot(text, secret)
  if #secret < SHORTEST then
    return text
  end
  return (text:gsub(escape_pattern(secret), BLOT))
end

--- Blots out every secret, as it is or percent-encoded, and what stands where credentials do.
-- @string text
-- @tparam[opt] {string,...} secrets the credentials in use
-- @treturn string
function M.text(text, secrets)
  for _, secret in ipairs(secrets or {}) do
    text = blot(text, secret)
    text = blot(text, percent_encode(secret))
  end
  for _, place in ipairs(PLACES) do
    text = text:gsub(place[1], place[2])
  end
  return text
end

local TEXTS = { "message", "detail", "body", "request_id" }

--- Redacts an error's texts in place: those that come from a server, a library or a caller.
-- @tparam purchases.error err
-- @tparam[opt] {string,...} secrets
function M.error(err, secrets)
  for _, name in ipairs(TEXTS) do
    if type(err[name]) == "string" then
      err[name] = M.text(err[name], secrets)
    end
  end
  for i, message in ipairs(err.messages or {}) do
    err.messages[i] = M.text(message, secrets)
  end
  for _, issue in ipairs(err.issues or {}) do
    M.error(issue, secrets)
  end
end

return M
