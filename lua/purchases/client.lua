--- A client of one provider: requests out, answers in, retries between.
-- @module purchases.client
local core = require "purchases.core"
local exchange = require "purchases.exchange"
local error_type = require "purchases.error"
local options = require "purchases.options"
local redact = require "purchases.redact"
local retry = require "purchases.retry"
local upload = require "purchases.upload"
local version = require "purchases.version"
local wait = require "purchases.wait"

local M = {}

local monotonic = core.system.monotonic

local COMMON = {
  base_url = { "string" },
  timeout = { "number", default = 60, check = options.positive },
  connect_timeout = { "number", default = 10, check = options.positive },
  retry = { "table" },
  concurrency = { "number", default = 8, check = options.positive },
  rate = { "number", check = options.positive },
  ca_file = { "string" },
  proxy = { "string" },
  user_agent = { "string", default = "purchases/" .. version },
  allow_insecure = { "boolean", default = false },
  wait = { "function" },
}

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

local function check_base_url(opts, fail)
  local scheme, authority, path = opts.base_url:match "^(https?)://([^/?#@]+)([^?#%s%c]*)$"
  if not scheme then
    fail "option 'base_url' must be http(s)://host[:port][/path]"
  end
  local host = authority:match "^(%[[%x:.]+%])" or authority:match "^[^:]+"
  if scheme == "http" and not (opts.allow_insecure or is_loopback(host)) then
    fail "option 'base_url' is plain http, which would carry credentials in the open; use https, or set allow_insecure"
  end
  opts.base_url = opts.base_url:sub(1, #opts.base_url - #path) .. path:gsub("/+$", "")
end

local function check_credentials(secrets, fail)
  for _, secret in pairs(secrets) do
    if secret == "" or secret:find "[%c%s]" then
      fail "a credential is empty or holds a space or a control character"
    end
  end
end

local function merge(...)
  local merged = {}
  for _, part in ipairs { ... } do
    for name, rule in pairs(part) do
      merged[name] = rule
    end
  end
  return merged
end

local Client = {}

--- A new client.
-- @tab provider
-- @tab opts the provider's own options and the common ones
-- @treturn client
function M.new(provider, opts)
  local what = provider.name .. ".new"
  local function fail(why)
    error(what .. ": " .. why, 5)
  end
  opts = options.check(opts, merge(COMMON, provider.options), what, 3)
  opts.base_url = opts.base_url or provider.base_url
  local secrets = {}
  for _, secret in pairs(provider.credentials(opts)) do
    secrets[#secrets + 1] = secret
  end
  check_base_url(opts, fail)
  check_credentials(secrets, fail)
  return setmetatable({
    provider = provider,
    options = opts,
    secrets = secrets,
    policy = retry.policy(opts.retry, 3),
    budget = retry.budget(),
    token = opts.token,
    header_cache = {},
    next_start = 0,
  }, M.class(provider))
end

function Client:__tostring()
  return ("purchases.client: %s at %s"):format(self.provider.name, redact.text(self.options.base_url, self.secrets))
end

local function make_headers(client, request)
  local headers = { Accept = "application/json", ["User-Agent"] = client.options.user_agent }
  if request.body then
    headers["Content-Type"] = "application/json"
  end
  if not request.public then
    headers = merge(headers, client.provider.authorize(client.token))
  end
  return headers
end

--- The transport's view of a request.
-- @tab request
-- @number timeout seconds
function Client:transport_request(request, timeout)
  local opts = self.options
  local kind = (request.public and "public" or "private") .. (request.body and "+body" or "")
  local headers = self.header_cache[kind] or make_headers(self, request)
  self.header_cache[kind] = headers
  return {
    method = request.method,
    url = opts.base_url .. request.path,
    headers = headers,
    body = request.body,
    idempotent = request.repeatable,
    timeout = timeout,
    connect_timeout = math.min(opts.connect_timeout, timeout),
    ca_file = opts.ca_file,
    proxy = opts.proxy,
  }
end

--- How long to hold the next request back so that the client keeps to its rate.
-- @treturn number seconds
function Client:hold_back(now)
  if not self.options.rate then
    return 0
  end
  local start = math.max(self.next_start, now)
  self.next_start = start + 60 / self.options.rate
  return start - now
end

--- Could a new token help this request?
function Client:can_log_in(request)
  local opts = self.options
  return not request.public and self.provider.login ~= nil and opts.email ~= nil and opts.password ~= nil
end

function Client:set_token(token)
  self.token = token
  self.secrets[#self.secrets + 1] = token
  self.header_cache = {}
end

local function pause(inbox, seconds)
  local till = monotonic() + seconds
  while monotonic() < till do
    inbox:receive(till - monotonic())
  end
end

local function send(client, inbox, attempt)
  local now = monotonic()
  pause(inbox, client:hold_back(now))
  local id, err = inbox:add(attempt:start(now))
  if not id then
    return nil, err
  end
  local ended, response, failure
  repeat
    ended, response, failure = inbox:receive(1)
  until ended == id
  return response, failure
end

--- Makes a call and waits for its end.
-- @tab request as the provider built it
-- @treturn any|nil
-- @treturn ?purchases.error
function Client:call(request)
  local ok, err = self:prepare(request)
  if not ok then
    return nil, err
  end
  local inbox = wait.inbox(self.options.wait)
  local attempt = exchange.new(self, request, { deadline = monotonic() + self.options.timeout })
  repeat
    local response, failure = send(self, inbox, attempt)
    local verdict, seconds = attempt:finish(response, failure, monotonic())
    if verdict == "wait" then
      pause(inbox, seconds)
    elseif verdict == "login" then
      ok, err = self:renew(attempt.token)
      verdict = ok and verdict or attempt:give_up(err)
    end
  until verdict == "done"
  return attempt.value, attempt.err
end

local function no_token(client)
  return error_type.new {
    kind = "auth",
    code = "missing_credentials",
    provider = client.provider.name,
    message = "there is neither a token nor an e-mail and password to get one with",
    messages = {},
    outcome = "pending",
  }
end

--- Sees to it that a request that needs a token has one.
-- @treturn true|nil
-- @treturn ?purchases.error
function Client:prepare(request)
  if request.public or self.token or not self.provider.login then
    return true
  elseif not self:can_log_in(request) then
    return nil, no_token(self)
  end
  return self:renew(nil)
end

--- Gets a new token in place of `stale`; one login serves all who ask at the same time.
-- @treturn true|nil
-- @treturn ?purchases.error
function Client:renew(stale)
  local inbox = wait.inbox(self.options.wait)
  while self.renewing do
    inbox:receive(0.01)
  end
  if self.token ~= stale then
    return true
  end
  self.renewing = true
  local session, err = self:login()
  self.renewing = false
  return session and true, err
end

local function add_login(class, provider)
  --- Signs in; the client uses the session's token from then on.
  function class:login()
    local request, err = provider.login(self.options)
    if not request then
      return nil, err
    end
    local session
    session, err = self:call(request)
    if session then
      self:set_token(session.token)
    end
    return session, err
  end
end

local function add_call(class, provider, name)
  class[name] = function(self, ...)
    local request, err = provider[name](self.options, ...)
    if not request then
      err.provider, err.operation = provider.name, name
      return nil, err
    end
    return self:call(request)
  end
end

local function add_job(class, provider, name, job)
  local spec = merge(upload.OPTIONS, job.options)
  class[name] = function(self, source, opts)
    opts = options.check(opts, spec, name, 2)
    return upload.run(self, job.open(self.options, source, opts), opts)
  end
end

local WAIT = { timeout = { "number", default = 600, check = options.positive } }
local FIRST_POLL, SLOWER, LAST_POLL = 0.25, 1.5, 10 -- seconds between looks at a purchase

local function still_running(provider, id, value, timeout)
  return error_type.new {
    kind = "api",
    code = "not_settled",
    provider = provider.name,
    operation = "wait",
    message = ("purchase %s is still %s after %g seconds"):format(tostring(id), value.status, timeout),
    messages = {},
    retryable = true,
  }
end

local function add_wait(class, provider)
  --- Waits until a purchase's workflow has ended.
  function class:wait(id, opts)
    opts = options.check(opts, WAIT, "wait", 2)
    local inbox = wait.inbox(self.options.wait)
    local deadline, interval = monotonic() + opts.timeout, FIRST_POLL
    while true do
      local value, err = self:get(id)
      if not value then
        return nil, err
      end
      local settled, failure = provider.settled(value)
      if settled then
        return not failure and value or nil, failure
      elseif monotonic() + interval > deadline then
        return nil, still_running(provider, id, value, opts.timeout)
      end
      pause(inbox, interval)
      interval = math.min(interval * SLOWER, LAST_POLL)
    end
  end
end

local classes = {}

--- The metatable of a provider's clients: the common methods, and one for every call it names.
function M.class(provider)
  if classes[provider] then
    return classes[provider]
  end
  local class = merge(Client)
  for _, name in ipairs(provider.calls) do
    add_call(class, provider, name)
  end
  for name, job in pairs(provider.jobs) do
    add_job(class, provider, name, job)
  end
  if provider.login then
    add_login(class, provider)
  end
  if provider.settled then
    add_wait(class, provider)
  end
  class.__name = "purchases.client"
  class.__index = class
  classes[provider] = class
  return class
end

return M
