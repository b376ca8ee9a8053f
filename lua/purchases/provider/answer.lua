--- What the providers share in reading answers.
-- @module purchases.provider.answer
local error_type = require "purchases.error"
local json = require "purchases.json"

local M = {}

--- An answer that is not what the API promises; never a success.
-- @tab response
-- @string message what was promised
function M.protocol(response, message)
  return error_type.new {
    kind = "protocol",
    code = "unexpected_answer",
    message = message,
    status = response.status,
    body = response.body,
  }
end

--- The body of an answer as a table.
-- @treturn table|nil
-- @treturn ?purchases.error kind "protocol"
function M.decode(response)
  local value, why = json.decode(response.body)
  if type(value) == "table" then
    return value
  end
  local found = response.body == "" and "an empty answer" or why and "no JSON: " .. why or "another value"
  return nil, M.protocol(response, "a JSON object was expected, found " .. found)
end

--- A refusal, with the API's own messages.
-- @tab response
-- @tab fields `messages`; `code` where the API gives one; `auth`: it is about the credentials, as 401 always is
-- @treturn purchases.error kind "auth" or "api"
function M.refusal(response, fields)
  local status = response.status
  local auth = fields.auth or status == 401
  return error_type.new {
    kind = auth and "auth" or "api",
    code = fields.code or "http_" .. status,
    message = fields.messages[1] or "the server answered " .. status,
    messages = fields.messages,
    status = status,
    body = response.body,
    request_id = response.headers["x-request-id"],
  }
end

--- Reads an answer whose status must be `status`.
-- @tab response
-- @int status
-- @tparam function refusal makes an error of an answer that refuses
-- @treturn table|nil the body
-- @treturn ?purchases.error
function M.expect(response, status, refusal)
  if response.status == status then
    return M.decode(response)
  elseif response.status < 300 then
    return nil, M.protocol(response, ("status %d was expected, not %d"):format(status, response.status))
  end
  return nil, refusal(response)
end

--- The texts in a field that is a text or a list of them; empty ones say nothing.
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

--- A redirect is not followed: credentials go to no other host.
function M.redirect(response)
  local target = response.headers.location or ""
  local host = target:match "^%a[%w+.-]*://([^/?#]*)" or target:match "^//([^/?#]*)"
  local where = host and "to " .. host:gsub("^.*@", "") or "on the same host"
  local err = M.protocol(response, ("the server redirects %s, which is not followed; check base_url"):format(where))
  err.code = "redirect"
  return err
end

--- Removes JSON nulls from a table's own fields.
function M.without_nulls(value)
  for name, field in pairs(value) do
    if field == json.null then
      value[name] = nil
    end
  end
  return value
end

return M
