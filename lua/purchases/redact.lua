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

-- The spellings of all secrets, the longest first: a secret may begin with another one.
local function all_spellings(secrets)
  local all, has = {}, {}
  for _, secret in ipairs(secrets or {}) do
    for _, spelling in ipairs(spellings_of(secret)) do
      if #spelling >= SHORTEST and not has[spelling] then
        all[#all + 1], has[spelling] = spelling, true
      end
    end
  end
  table.sort(all, function(a, b)
    return #a > #b
  end)
  return all
end

local function blot_out(text, spellings)
  for _, spelling in ipairs(spellings) do
    text = text:gsub((spelling:gsub("%W", "%%%0")), BLOT)
  end
  for _, place in ipairs(PLACES) do
    text = text:gsub(place[1], place[2])
  end
  return text
end

--- Blots out every secret, in each of its spellings, and whatever stands where credentials do.
-- @string text
-- @tparam[opt] {string,...} secrets the credentials in use
-- @treturn string
function M.text(text, secrets)
  return blot_out(text, all_spellings(secrets))
end

--- The most bytes of a text that are searched: nobody needs more of a text in an error.
M.SEARCHED = 16000

local TEXTS = { "code", "message", "detail", "request_id" }
local BODY_KEPT, TEXT_KEPT = 2000, 4000 -- bytes

-- A text's beginning, in whole characters.
local function clip(text, most)
  return #text > most and text:sub(1, most):gsub("[\192-\255][\128-\191]*$", "") or text
end

-- Cuts a text to the part that is kept, and cuts it again after the search: half a secret would not be found.
local function kept(text, spellings, most)
  local is_cut = #text >= M.SEARCHED
  text = blot_out(text:sub(1, M.SEARCHED), spellings)
  if is_cut then -- its end may be a part of a secret
    text = clip(text, math.max(0, #text - #(spellings[1] or "")))
  end
  return clip(text, most)
end

local function redact(err, spellings)
  if type(err.body) == "string" then
    err.body = kept(err.body, spellings, BODY_KEPT)
  end
  for _, name in ipairs(TEXTS) do
    if type(err[name]) == "string" then
      err[name] = kept(err[name], spellings, TEXT_KEPT)
    end
  end
  for i, message in ipairs(err.messages or {}) do
    err.messages[i] = kept(tostring(message), spellings, TEXT_KEPT)
  end
  for _, issue in ipairs(err.issues or {}) do
    redact(issue, spellings)
  end
end

--- Redacts an error's texts in place: those that come from a server, a library or a caller. Of each it keeps no more
-- than an error needs.
-- @tparam purchases.error err
-- @tparam[opt] {string,...} secrets
function M.error(err, secrets)
  redact(err, all_spellings(secrets))
end

return M
