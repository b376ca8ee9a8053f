--- Finds the call that a request means, over all providers.
--
-- A provider is a module with `prefixes` (what the paths of its calls begin with), `routes` (a list of
-- `{method, path, action}`, where `:name` in a path stands for one segment), `stock(status, route)`
-- and `wrong_method(method, allowed)`, both in its own envelope, and maybe `expire_tokens()`.
-- An action takes the request and the named segments and returns `{status, body, headers}`.
-- @module purchases.sandbox.router

local M = {}

local providers = {
  require "purchases.sandbox.ravenwits",
  require "purchases.sandbox.woowup",
  require "purchases.sandbox.curebit",
}

for _, provider in ipairs(providers) do
  for _, route in ipairs(provider.routes) do
    route.parts = {}
    for part in route[2]:gmatch "/([^/]*)" do
      table.insert(route.parts, part)
    end
  end
end

local function named_segments(parts, segments)
  if #parts ~= #segments then
    return nil
  end
  local params = {}
  for i = 1, #parts do
    local name = parts[i]:match "^:(.*)"
    if name then
      params[name] = segments[i]
    elseif parts[i] ~= segments[i] then
      return nil
    end
  end
  return params
end

local function provider_of(path)
  for _, provider in ipairs(providers) do
    for _, prefix in ipairs(provider.prefixes) do
      if path:sub(1, #prefix) == prefix then
        return provider
      end
    end
  end
  return providers[1]
end

--- Finds the call that a request is for.
-- @treturn table the provider; the first one where the path is nobody's
-- @treturn ?table the route
-- @treturn table the named segments, or where there is no route, the methods that the path knows
function M.find(request)
  local provider = provider_of(request.path)
  local methods = {}
  for _, route in ipairs(provider.routes) do
    local params = named_segments(route.parts, request.segments)
    if params and route[1] == request.method then
      return provider, route, params
    elseif params then
      methods[#methods + 1] = route[1]
    end
  end
  return provider, nil, methods
end

--- Lets the tokens of all providers run out.
function M.expire_tokens()
  for _, provider in ipairs(providers) do
    if provider.expire_tokens then
      provider.expire_tokens()
    end
  end
end

return M
