-- Stands in for lua-resty-http where that is not installed: the part of its interface that the example's
-- adapter uses, over nginx's cosockets, plain http only.
local Client = {}
Client.__index = Client

local M = {}

function M.new()
  return setmetatable({ socket = assert(ngx.socket.tcp()) }, Client)
end

function Client.parse_uri(_, uri)
  local scheme, host, port, path = uri:match "^(https?)://([^:/?]+):?(%d*)(.*)$"
  if not scheme then
    return nil, "bad uri: " .. uri
  end
  return { scheme, host, tonumber(port) or 80, path }
end

function Client:set_timeout(milliseconds)
  self.socket:settimeout(milliseconds)
end

function Client:connect(options)
  self.host = ("%s:%d"):format(options.host, options.port)
  return self.socket:connect(options.host, options.port)
end

function Client:close()
  return self.socket:close()
end

function Client:set_keepalive()
  return self.socket:setkeepalive()
end

local function read_headers(socket)
  local headers = {}
  while true do
    local line, why = socket:receive()
    if not line or line == "" then
      return line and headers, why
    end
    local name, value = line:match "^([^:]+):%s*(.*)$"
    local earlier = headers[name]
    headers[name] = earlier and { earlier, value } or value
  end
end

local function body_reader(socket, headers)
  return function()
    local length = tonumber(headers["Content-Length"])
    if length then
      return length == 0 and "" or socket:receive(length)
    end
    local parts = {}
    repeat
      local size = tonumber((socket:receive()), 16)
      parts[#parts + 1] = size and size > 0 and socket:receive(size) or nil
      if not size or not socket:receive() then
        return nil, "closed"
      end
    until size == 0
    return table.concat(parts)
  end
end

local function receive(socket)
  local line, why = socket:receive()
  if not line then
    return nil, why
  end
  local headers
  headers, why = read_headers(socket)
  if not headers then
    return nil, why
  end
  return { status = tonumber(line:sub(10, 12)), headers = headers, has_body = true,
    read_body = body_reader(socket, headers) }
end

function Client:request(params)
  local lines = { ("%s %s HTTP/1.1"):format(params.method, params.path), "Host: " .. self.host }
  for name, value in pairs(params.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  lines[#lines + 1] = params.body and "Content-Length: " .. #params.body
  local ok, why = self.socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (params.body or ""))
  if not ok then
    return nil, why
  end
  return receive(self.socket)
end

return M
