--- What the providers share in reading answers.
-- @module purchases.provider.answer
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

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
    body = response.body,
  }
end

--- Reads the body of an answer as a table.
-- @tab response
-- @treturn table|nil
-- @treturn ?purchases.error kind "protocol"
function M.decode(response)
  local value, why = json.decode(response.body)
  if type(value) == "table" then
    return value
  end
  local got = response.body == "" and "an empty answer" or why and "a text that is not JSON: " .. why or "another value"
  return nil, M.protocol(response, "expected a JSON object, got " .. got)
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
  return error_type.new {
    kind = (fields.auth or status == 401) and "auth" or "api",
    own = fields.own or nil,
    final = is_verdict and status >= 400 and not NOT_ABOUT_DATA[status] or nil,
    unfinished = response.unfinished or nil,
    code = fields.code or "http_" .. status,
    message = fields.messages[1] or "the server answered " .. status,
    messages = fields.messages,
    status = status,
    body = response.body,
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
-- @int[opt] other a status that means the same
-- @treturn table|nil the body
-- @treturn ?purchases.error
function M.expect(response, status, refusal, other)
  if response.status == status or response.status == other then
    return M.decode(response)
  elseif response.status < 300 then
    return nil, M.protocol(response, ("expected status %d, got %d"):format(status, response.status))
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
