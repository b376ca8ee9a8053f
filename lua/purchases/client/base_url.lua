--- Where a client sends to: what `base_url` may look like, and that no credentials travel in the open.
-- @module purchases.client.base_url
local M = {}

-- "host", "host:port" or "[::1]:port" → the host, or nil for anything else.
local function host_of(authority)
  local host, port = authority:match "^([^:%[%]]+):?(%d*)$"
  if not host then
    host, port = authority:match "^(%[[%x:.]+%]):?(%d*)$"
  end
  local in_range = host and (port == "" or tonumber(port) >= 1 and tonumber(port) <= 65535)
  return in_range and authority:sub(-1) ~= ":" and host:lower() or nil
end

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- Tells whether a base URL that was checked is of a server on this machine.
function M.is_local(url)
  return is_loopback(host_of(url:match "^%a+://([^/]*)"))
end

local IN_THE_OPEN = "option '%s' would carry credentials in the open: use https, or set allow_insecure"

--- Checks a client's `base_url` and `proxy`. Plain http is for this machine alone, unless `allow_insecure` is set:
-- nobody between may see the credentials, a proxy neither.
-- @tab opts `base_url`, `proxy`, `allow_insecure`
-- @treturn string|nil the base URL, its scheme in lower case and without a slash at its end
-- @treturn ?string the proxy, "" for none whatever the environment names; or what is wrong
function M.check(opts)
  local scheme, authority, path = opts.base_url:match "^(%a+)://([^/?#@%s%c]+)([^?#%s%c]*)$"
  local host = authority and host_of(authority)
  scheme = scheme and scheme:lower()
  if not host or scheme ~= "http" and scheme ~= "https" then
    return nil, "option 'base_url' must be http(s)://host[:port][/path]"
  end
  local proxy = opts.proxy
  if scheme == "http" and not opts.allow_insecure then
    -- The proxy's scheme and credentials are libcurl's business.
    local by = proxy and host_of(proxy:gsub("^%a%w*://", ""):gsub("^.*@", ""):gsub("/.*$", ""))
    if not is_loopback(host) then
      return nil, IN_THE_OPEN:format "base_url"
    elseif proxy and not (by and is_loopback(by)) then
      return nil, IN_THE_OPEN:format "proxy"
    end
    proxy = proxy or ""
  end
  return scheme .. "://" .. authority .. path:gsub("/+$", ""), proxy
end

return M
