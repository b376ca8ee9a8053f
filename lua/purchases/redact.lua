--- Blots credentials out of texts that people or logs will see.
-- @module purchases.redact
local M = {}

local BLOT = "***"

-- The places where credentials stand, whatever they look like.
local PLACES = {
  { "([Aa][Pp][Ii]_[Kk][Ee][Yy]=)[^&%s\"']*", "%1" .. BLOT },
  { "([Aa]uthorization[\"']?%s*[:=]%s*[\"']?%a+%s+)[^%s\"',]+", "%1" .. BLOT },
  { "(Bearer%s+)[^%s\"',]+", "%1" .. BLOT },
  { "(Basic%s+)[^%s\"',]+", "%1" .. BLOT },
  { '("password"%s*:%s*")[^"]*', "%1" .. BLOT },
  { '("token"%s*:%s*")[^"]*', "%1" .. BLOT },
  { "(://)[^/%s@]+@", "%1" .. BLOT .. "@" },
}

-- The ways in which libraries escape a text, each as the characters that it escapes, as a set of a pattern, and what
-- becomes of one: a format for its byte, or a table.
local ESCAPES = {
  { "[^A-Za-z0-9%-._~]", "%%%02X" }, -- in URLs
  { "[^A-Za-z0-9%-._~]", "%%%02x" },
  { "[^A-Za-z0-9%-._~!*'()]", "%%%02X" },
  { "[^A-Za-z0-9%-._~!*();/?:@&=+$,]", "%%%02X" },
  { "[^A-Za-z0-9%-._~!*'();/?:@&=+$,]", "%%%02X" },
  { '[\\"]', "\\%c" }, -- in JSON
  { '[\\"/]', "\\%c" },
  { "[&<>]", "\\u%04x" },
  { "[&<>\"'+]", "\\u%04X" },
  { "[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" } }, -- in HTML
}
for _, quotes in ipairs { { "&quot;", "&#39;" }, { "&quot;", "&#x27;" }, { "&quot;", "&#039;" }, { "&quot;", "&apos;" },
  { "&#34;", "&#39;" } } do
  ESCAPES[#ESCAPES + 1] = { "[&<>\"']",
    { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = quotes[1], ["'"] = quotes[2] } }
end

-- A secret in all its spellings, each once.
local function spellings_of(secret)
  local spellings, known = { secret }, { [secret] = true }
  for _, escape in ipairs(ESCAPES) do
    local set, form = escape[1], escape[2]
    local spelling = secret:gsub(set, type(form) == "table" and form or function(char)
      return form:format(char:byte())
    end)
    if not known[spelling] then
      spellings[#spellings + 1], known[spelling] = spelling, true
    end
  end
  return spellings
end

local SHORTEST = 4 -- bytes of a secret: shorter ones would blot out half of every text, and are no secrets

--- Blots out every secret, in each of its spellings, and whatever stands where credentials do.
-- @string text
-- @tparam[opt] {string,...} secrets the credentials in use
-- @treturn string
function M.text(text, secrets)
  local list = {}
  for i, secret in ipairs(secrets or {}) do
    list[i] = secret
  end
  table.sort(list, function(a, b) -- longest first: a secret may begin with another one
    return #a > #b
  end)
  for _, secret in ipairs(list) do
    for _, spelling in ipairs(spellings_of(secret)) do
      if #spelling >= SHORTEST then
        text = text:gsub((spelling:gsub("%W", "%%%0")), BLOT)
      end
    end
  end
  for _, place in ipairs(PLACES) do
    text = text:gsub(place[1], place[2])
  end
  return text
end

local TEXTS = { "code", "message", "detail", "request_id" }
local BODY_SEARCHED, BODY_KEPT = 16000, 2000 -- bytes

--- Redacts an error's texts in place: those that come from a server, a library or a caller. Of a body
-- it keeps no more than an error needs.
-- @tparam purchases.error err
-- @tparam[opt] {string,...} secrets
function M.error(err, secrets)
  if type(err.body) == "string" then
    -- It is cut only after the search: half a secret would not be found.
    err.body = M.text(err.body:sub(1, BODY_SEARCHED), secrets):sub(1, BODY_KEPT)
  end
  for _, name in ipairs(TEXTS) do
    if type(err[name]) == "string" then
      err[name] = M.text(err[name], secrets)
    end
  end
  for i, message in ipairs(err.messages or {}) do
    err.messages[i] = M.text(tostring(message), secrets)
  end
  for _, issue in ipairs(err.issues or {}) do
    M.error(issue, secrets)
  end
end

return M
