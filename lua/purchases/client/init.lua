--- A client of one provider: requests out, answers in, retries between.
-- @module purchases.client
local core = require "purchases.core"
local exchange = require "purchases.call.attempts"
local error_type = require "purchases.error"
local options = require "purchases.options"
local redact = require "purchases.redact"
local retry = require "purchases.call.retry"
local transport = require "purchases.net.custom"
local upload = require "purchases.job.upload"
local version = require "purchases.version"
local wait = require "purchases.net.inbox"

local M = {}

local monotonic = core.system.monotonic

local COMMON = {
  base_url = { "string" },
  timeout = { "number", default = 60, check = options.positive },
  connect_timeout = { "number", default = 10, check = options.positive },
  retry = { "table" },
  concurrency = { "number", default = 8, check = options.count },
  rate = { "number", check = options.positive },
  ca_file = { "string", check = options.plain },
  proxy = { "string", check = options.plain },
  user_agent = { "string", default = "purchases/" .. version, check = options.plain },
  allow_insecure = { "boolean", default = false },
  wait = { "function" },
  transport = { "table", check = transport.check },
}

-- "host", "host:port" or "[::1]:port" → the host, or nil for what is none of them.
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

local function parse_base_url(text)
  local scheme, authority, path = text:match "^(%a+)://([^/?#@%s%c]+)([^?#%s%c]*)$"
  local host = authority and host_of(authority)
  scheme = scheme and scheme:lower()
  if host and (scheme == "http" or scheme == "https") then
    return scheme, host, scheme .. "://" .. authority .. path:gsub("/+$", "")
  end
end

-- A proxy's host; schemes and credentials are libcurl's business.
local function proxy_host(proxy)
  return host_of(proxy:gsub("^%a%w*://", ""):gsub("^.*@", ""):gsub("/.*$", "")) or ""
end

local IN_THE_OPEN = "option '%s' would carry credentials in the open: use https, or set allow_insecure"

-- Plain http is for this machine alone: nobody between may see the credentials, a proxy neither.
local function check_plain_http(opts, host)
  if not is_loopback(host) then
    return IN_THE_OPEN:format "base_url"
  elseif opts.proxy and not is_loopback(proxy_host(opts.proxy)) then
    return IN_THE_OPEN:format "proxy"
  end
  opts.proxy = opts.proxy or "" -- none, whatever the environment names
end

local function check_base_url(opts)
  local scheme, host, base_url = parse_base_url(opts.base_url)
  if not scheme then
    return "option 'base_url' must be http(s)://host[:port][/path]"
  end
  opts.base_url = base_url
  return scheme == "http" and not opts.allow_insecure and check_plain_http(opts, host)
end

local function check_credentials(secrets)
  for _, secret in ipairs(secrets) do
    if secret == "" or secret:find "[%c%s]" then
      return "a credential is empty or holds a space or a control character"
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
  opts = options.check(opts, merge(COMMON, provider.options), what, 3)
  opts.base_url = opts.base_url or provider.base_url
  local secrets = {}
  for _, secret in pairs(provider.credentials(opts)) do
    secrets[#secrets + 1] = secret
  end
  local wrong = check_base_url(opts) or check_credentials(secrets)
  if wrong then
    error(what .. ": " .. wrong, 3)
  end
  return setmetatable({
    provider = provider,
    options = opts,
    secrets = secrets,
    policy = retry.policy(opts.retry, 3),
    budget = retry.budget(),
    token = opts.token,
    heads = {},
    next_start = 0,
  }, M.class(provider))
end

function Client:__tostring()
  return ("purchases.client: %s at %s"):format(self.provider.name, redact.text(self.options.base_url, self.secrets))
end

-- What all requests of a kind have in common: headers, and what goes into their query.
local function make_head(client, request)
  local headers, query = { Accept = "application/json", ["User-Agent"] = client.options.user_agent }, nil
  if request.body then
    headers["Content-Type"] = "application/json"
  end
  if not request.public then
    local credentials
    credentials, query = client.provider.authorize(client.options, client.token)
    headers = merge(headers, credentials)
  end
  return { headers = headers, query = query }
end

local function with_query(path, query)
  if not query then
    return path
  end
  return path .. (path:find("?", 1, true) and "&" or "?") .. query
end

--- The transport's view of a request.
-- @tab request
-- @number timeout seconds
function Client:transport_request(request, timeout)
  local opts = self.options
  local kind = (request.public and "public" or "private") .. (request.body and "+body" or "")
  local head = self.heads[kind] or make_head(self, request)
  self.heads[kind] = head
  return {
    method = request.method,
    url = opts.base_url .. with_query(request.path, head.query),
    headers = head.headers,
    body = request.body,
    idempotent = request.repeatable and not request.repeated, -- may the engine repeat it unseen?
    timeout = timeout,
    connect_timeout = math.min(opts.connect_timeout, timeout),
    ca_file = opts.ca_file,
    proxy = opts.proxy,
  }
end

--- Takes the client's turn, which is at `next_start` or later; the next one comes as its rate allows.
function Client:take_turn(now)
  local opts = self.options
  self.next_start = opts.rate and now + 60 / opts.rate or now
end

local function can_log_in(client)
  local opts = client.options
  return client.provider.login ~= nil and opts.email ~= nil and opts.password ~= nil
end

--- Could a new token help a request that was refused with this one? Not where it came fresh from a login.
function Client:can_renew(request, token)
  return not request.public and can_log_in(self) and token ~= self.untried
end

--- A request was let in with this token.
function Client:note_accepted(request, token)
  if not request.public and token == self.untried then
    self.untried = nil
  end
end

local function set_token(client, token)
  client.token, client.untried = token, token
  client.secrets[#client.secrets + 1] = token
  client.heads = {}
end

local SIGN_OF_LIFE = 1 -- seconds between two of them

-- Whoever signs in shows that they are still there, see `is_renewing`: how long they may wait until they have to
-- do it again.
local function show_life(client)
  local login = client.renewing
  if login and login.owner == (coroutine.running() or "main") then
    login.seen = monotonic()
    return SIGN_OF_LIFE
  end
  return math.huge
end

local function pause(client, inbox, seconds)
  local till = monotonic() + seconds
  while monotonic() < till do
    inbox:receive(math.min(show_life(client), till - monotonic()))
  end
end

local function held_back(client)
  return error_type.new {
    kind = "transport",
    code = "timeout",
    provider = client.provider.name,
    message = "the client's rate holds this call back longer than it may take",
    sent = "no",
  }
end

-- Waits for the client's turn; false when that comes too late.
local function await_turn(client, inbox, deadline)
  while monotonic() < client.next_start do
    if client.next_start >= deadline then
      return false
    end
    pause(client, inbox, client.next_start - monotonic())
  end
  client:take_turn(monotonic())
  return true
end

local function send(client, inbox, attempt)
  local id, err = inbox:add(attempt:start(monotonic()))
  if not id then
    return nil, err
  end
  local ended, response, failure
  repeat
    show_life(client)
    ended, response, failure = inbox:receive(SIGN_OF_LIFE)
  until ended == id
  return response, failure
end

-- One attempt, and what has to come before the next one.
local function try(client, inbox, attempt)
  if not await_turn(client, inbox, attempt.deadline) then
    return attempt:give_up(held_back(client))
  end
  local response, failure = send(client, inbox, attempt)
  local verdict, seconds = attempt:finish(response, failure, monotonic())
  if verdict == "wait" then
    pause(client, inbox, seconds)
  elseif verdict == "login" then
    local ok, err = client:renew(attempt.token, attempt.deadline)
    return ok and verdict or attempt:give_up(err)
  end
  return verdict
end

--- Makes a call and waits for its end.
-- @tab request as the provider built it
-- @number[opt] deadline on the monotonic clock; default: the client's timeout from now
-- @treturn any|nil
-- @treturn ?purchases.error
function Client:call(request, deadline)
  deadline = math.min(deadline or math.huge, monotonic() + self.options.timeout)
  local ok, err = self:prepare(request, deadline)
  if not ok then
    return nil, err
  end
  local inbox = transport.inbox(self.options, 1)
  local attempt = exchange.new(self, request, { deadline = deadline })
  repeat
    local verdict = try(self, inbox, attempt)
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

-- Gets a token for a request that needs one.
local function authenticate(self, request, deadline)
  if request.public or self.token or not self.provider.login then
    return true
  elseif not can_log_in(self) then
    return nil, no_token(self)
  end
  return self:renew(nil, deadline)
end

local function describe(client, operation, err)
  err.provider, err.operation = client.provider.name, operation
  redact.error(err, client.secrets)
  return err
end

--- Sees to it that a request can be made: that the running code may wait here, and has a token.
-- @treturn true|nil
-- @treturn ?purchases.error
function Client:prepare(request, deadline)
  local ok, err = wait.check(self.options.wait)
  if not ok then
    return nil, describe(self, request.operation, err)
  end
  return authenticate(self, request, deadline)
end

-- Signs in; the client uses the session's token from then on.
local function log_in(client, deadline)
  local provider = client.provider
  local request, err = provider.login(client.options)
  if not request then
    return nil, describe(client, "login", err)
  end
  local session
  session, err = client:call(request, deadline)
  if session then
    set_token(client, session.token)
  else
    err.outcome = "pending" -- whether a login arrived or not, no purchase did
  end
  return session, err
end

local LONGEST_SILENCE = 3 * SIGN_OF_LIFE -- of somebody who is logging in

-- Is somebody else logging in? Who was interrupted in it (a wait that raised, a coroutine that was killed) is
-- not waited for. Should the host have been busy all that time, there is one login more.
local function is_renewing(client)
  local login = client.renewing
  return login and login.owner ~= (coroutine.running() or "main") and monotonic() < login.seen + LONGEST_SILENCE
end

-- Waits for somebody else's login, if there is one; returns it.
local function await_login(client, deadline)
  local inbox, login = wait.inbox(client.options.wait), nil
  while is_renewing(client) and monotonic() < deadline do
    login = client.renewing
    inbox:receive(0.01)
  end
  return login
end

--- Gets a new token in place of `stale`; one login serves all who ask at the same time.
-- @treturn true|nil
-- @treturn ?purchases.error
function Client:renew(stale, deadline)
  deadline = deadline or monotonic() + self.options.timeout
  local others = await_login(self, deadline)
  if self.token ~= stale then
    return true
  elseif others and others.refusal then -- the same credentials would fare no better
    return nil, error_type.new(merge(others.refusal))
  end
  local login = { owner = coroutine.running() or "main", seen = monotonic() }
  self.renewing = login
  local session, err = log_in(self, deadline)
  if self.renewing == login then -- nobody took it for dead
    self.renewing = nil
  end
  login.refusal = err and err.kind == "auth" and err or nil
  return session and true, err
end

local function add_login(class)
  --- Signs in; the client uses the session's token from then on.
  function class:login()
    return log_in(self)
  end
end

local function add_call(class, provider, name)
  class[name] = function(self, ...)
    local request, err = provider[name](self.options, ...)
    if not request then
      return nil, describe(self, name, err)
    end
    return self:call(request)
  end
end

local function add_job(class, name, job)
  local spec = merge(upload.OPTIONS, job.options)
  class[name] = function(self, source, opts)
    opts = options.check(opts, spec, name, 2)
    local opened, err = job.open(self.options, source, opts)
    if not opened then
      return nil, describe(self, name, err)
    end
    return upload.run(self, opened, opts)
  end
end

local WAIT = {
  timeout = { "number", default = 600, check = options.positive },
  on_progress = { "function" },
}
local FIRST_POLL, SLOWER, LAST_POLL = 0.25, 1.5, 10 -- seconds between looks at a purchase
local SHORTEST_LOOK = 1 -- seconds that the last look may take beyond the deadline

local function still_running(id, value, timeout)
  return error_type.new {
    kind = "api",
    code = "not_settled",
    message = ("purchase %s is still %s after %g seconds"):format(tostring(id), value.status, timeout),
    messages = {},
    retryable = true,
  }
end

-- Looks at a purchase until its workflow has ended, for the last time at the deadline.
local function watch(client, request, id, opts)
  local inbox, interval = wait.inbox(client.options.wait), FIRST_POLL
  local deadline = monotonic() + opts.timeout
  while true do
    local value, err = client:call(request, math.max(deadline, monotonic() + SHORTEST_LOOK))
    if not value then
      return nil, err
    elseif opts.on_progress then
      opts.on_progress(value)
    end
    local settled, failure = client.provider.settled(value)
    local left = deadline - monotonic()
    if settled and not failure then
      return value
    elseif settled or left <= 0 then
      return nil, describe(client, "wait", failure or still_running(id, value, opts.timeout))
    end
    pause(client, inbox, math.min(interval, left))
    interval = math.min(interval * SLOWER, LAST_POLL)
  end
end

local function add_wait(class)
  --- Waits until a purchase's workflow has ended.
  -- @param id
  -- @tab[opt] opts `timeout` in seconds, 600 unless told; `on_progress(purchase)`: called with every look
  -- @treturn table|nil the purchase, completed
  -- @treturn ?purchases.error
  function class:wait(id, opts)
    opts = options.check(opts, WAIT, "wait", 2)
    local request, err = self.provider.get(self.options, id)
    if not request then
      return nil, describe(self, "wait", err)
    end
    return watch(self, request, id, opts)
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
    add_job(class, name, job)
  end
  if provider.login then
    add_login(class)
  end
  if provider.settled then
    add_wait(class)
  end
  class.__name = "purchases.client"
  class.__index = class
  classes[provider] = class
  return class
end

return M
