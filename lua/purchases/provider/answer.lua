--- What the providers share in reading answers.
-- @module purchases.provider.answer
local error_type = require "purchases.error"
local json = require "purchases.json"
local redact = require "purchases.redact"

local M = {}

local MOST_UNASKED = 1024 * 1024 -- bytes of a body that nobody asked for: a receipt, a refusal
local MOST_MEMORY = 256 * 1024 * 1024 -- bytes, about, of what was asked for as tables
local MOST_KEPT = 64 * 1024 -- bytes of a body in an error; of its messages in all
local MOST_MESSAGES = 1000

--- An error of an answer that is not what the API promises: it is never a success.
-- @tab response `status`, `headers` by lower-case name, `body`
-- @string message what was promised, or what is wrong
-- @treturn purchases.error kind "protocol"
function M.protocol(response, message)
  return error_type.new {
    kind = "protocol",
    code = "unexpected_answer",
    message = message,
    status = response.status,
    body = response.body:sub(1, MOST_KEPT),
  }
end

-- The same error of an answer that may well be another server's.
local function foreign(response, message)
  local err = M.protocol(response, message)
  err.foreign = true
  return err
end

local function too_large(response, message)
  local err = M.protocol(response, message)
  err.code = "answer_too_large"
  return err
end

local function from_latin1(text)
  return (text:gsub("[\128-\255]", function(char)
    local byte = char:byte()
    return string.char(byte < 192 and 194 or 195, 128 + byte % 64)
  end))
end

--- Reads the body of an answer as a table; one that is not UTF-8 as Latin-1. It is not read where it is larger than a
-- receipt or a refusal can be, unless it was asked for, or where it would take too much memory as a table.
-- @tab response
-- @bool[opt] asked the answer is what the call is made for, and may be large
-- @treturn table|nil
-- @treturn ?purchases.error kind "protocol"; code "answer_too_large"
function M.decode(response, asked)
  local size = #response.body
  if not asked and size > MOST_UNASKED then
    return nil, too_large(response, ("the answer has %d bytes, which is too much for what it should be"):format(size))
  end
  local opts = { memory = MOST_MEMORY }
  local value, why, code = json.decode(response.body, opts)
  if code == "invalid_utf8" then -- the words of a message are no reason to doubt all of an answer
    value, why, code = json.decode(from_latin1(response.body), opts)
  end
  if type(value) == "table" then
    return value
  elseif code == "too_large" then
    return nil, too_large(response, ("the answer has %d bytes, too many to be read as a table"):format(size))
  end
  local got = response.body == "" and "an empty answer" or why and "a text that is not JSON: " .. why or "another value"
  return nil, foreign(response, "expected a JSON object, got " .. got)
end

--- Reads the body of an answer that refuses.
-- @tab response
-- @treturn table empty where it cannot be read as one
function M.envelope(response)
  return (M.decode(response)) or {}
end

-- No more of the API's messages than an error needs.
local function bounded(messages)
  local kept, left = {}, MOST_KEPT
  for i = 1, math.min(#messages, MOST_MESSAGES) do
    kept[i] = messages[i]:sub(1, math.min(redact.SEARCHED, left))
    left = left - #kept[i]
    if left <= 0 then
      break
    end
  end
  return kept
end

-- Statuses that are about the request, whatever the body says: its address, its credentials, its time.
local NOT_ABOUT_DATA = {
  [401] = true,
  [403] = true,
  [404] = true,
  [405] = true,
  [407] = true,
  [408] = true,
  [421] = true,
  [425] = true,
  [429] = true,
}

--- An error of an answer that refuses, with the API's own messages. It is `final`, the API's verdict on the data, where
-- it is in the API's own envelope and has a status that may be one.
-- @tab response
-- @tab fields `messages`; `code` where the API gives one; `auth`: it is about the credentials, as 401 always is; `own`:
-- the body is the API's own envelope; `about_data`: it says that the error is about the data, whatever the status
-- @treturn purchases.error kind "auth" or "api"
function M.refusal(response, fields)
  local status = response.status
  local is_verdict = fields.about_data or fields.own and status < 500
  local messages = bounded(fields.messages)
  return error_type.new {
    kind = (fields.auth or status == 401) and "auth" or "api",
    own = fields.own or nil,
    final = is_verdict and status >= 400 and not NOT_ABOUT_DATA[status] or nil,
    unfinished = response.unfinished or nil,
    code = fields.code or "http_" .. status,
    message = messages[1] or "the server answered " .. status,
    messages = messages,
    status = status,
    body = response.body:sub(1, MOST_KEPT),
    request_id = response.headers["x-request-id"],
  }
end

--- Makes a 413 final: it is about the size of what was sent, whoever says so. Of what may be there already it says
-- nothing.
-- @tparam purchases.error err
-- @treturn purchases.error the same
function M.too_large(err)
  if err.status == 413 then
    err.final, err.ambiguous = true, not err.own
  end
  return err
end

--- Reads an answer whose status must be `status`.
-- @tab response
-- @int status
-- @tparam function refusal makes an error of an answer that refuses
-- @bool[opt] asked as for `decode`
-- @int[opt] other a status that means the same
-- @treturn table|nil the body
-- @treturn ?purchases.error
function M.expect(response, status, refusal, asked, other)
  if response.status == status or response.status == other then
    return M.decode(response, asked)
  elseif response.status < 300 then
    return nil, foreign(response, ("expected status %d, got %d"):format(status, response.status))
  end
  return nil, refusal(response)
end

--- Collects the texts in a field that is a text or a list of them. Empty ones are left out.
-- @param field
-- @treturn {string,...}
function M.texts(field)
  local texts = {}
  for _, text in ipairs(type(field) == "table" and field or { field }) do
    if type(text) == "string" and text ~= "" then
      texts[#texts + 1] = text
    end
  end
  return texts
end

--- An error of a redirect, which is not followed: credentials go to no other host.
-- @tab response
-- @treturn purchases.error kind "protocol", code "redirect"
function M.redirect(response)
  local target = response.headers.location or ""
  local host = target:match "^%a[%w+.-]*://([^/?#]*)" or target:match "^//([^/?#]*)"
  local where = host and "to " .. host:gsub("^.*@", "") or "on the same host"
  local err = M.protocol(response, ("the server redirects %s, which is not followed; check base_url"):format(where))
  err.code = "redirect"
  return err
end

--- Removes JSON nulls from a table's own fields.
-- @tab value
-- @treturn table the same
function M.without_nulls(value)
  for name, field in pairs(value) do
    if field == json.null then
      value[name] = nil
    end
  end
  return value
end

return M
