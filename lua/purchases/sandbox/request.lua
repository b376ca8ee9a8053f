--- One request as the sandbox sees it, read from nginx.
-- The path is split before it is decoded, so `%2F` inside of an identifier stays there.
-- @module purchases.sandbox.request

local json = require "purchases.sandbox.json"

local M = {}

-- Answers are UTF-8 whatever was asked with: other bytes become U+FFFD, as Django does it.
local function decode(text)
  text = text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  return json.is_utf8(text) and text or (text:gsub("[\128-\255]", "\239\191\189"))
end

local function segments(path)
  local list = {}
  for segment in path:gmatch "/([^/]*)" do
    list[#list + 1] = decode(segment)
  end
  return list
end

local function parameters(query)
  local named = {}
  for pair in query:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    named[decode((name:gsub("+", " ")))] = decode((value:gsub("+", " ")))
  end
  return named
end

local function read_body()
  ngx.req.read_body()
  local body, name = ngx.req.get_body_data(), ngx.req.get_body_file()
  if body or not name then
    return body or ""
  end
  local file = assert(io.open(name, "rb"))
  body = file:read "*a"
  file:close()
  return body
end

--- The request that nginx is handling, without its body.
-- @treturn table `method`, `target` (as sent), `path`, `segments` (decoded), `query` (decoded),
--   `authorization`, `host` and `origin`
function M.head()
  local target = ngx.var.request_uri or ""
  local path, query = target:match "^([^?]*)%??(.*)$"
  return {
    method = ngx.req.get_method(),
    target = target,
    path = path,
    segments = segments(path),
    query = parameters(query),
    authorization = ngx.var.http_authorization,
    host = ngx.var.http_host,
    origin = ngx.var.http_origin,
  }
end

--- The whole request.
-- @treturn table as `head`, and `body`; that is nil where nginx could not read it
function M.read()
  local ok, body = pcall(read_body)
  local request = M.head()
  request.body = ok and body or nil
  return request
end

return M
