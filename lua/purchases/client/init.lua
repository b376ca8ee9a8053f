--- A client of one provider: its calls and jobs as methods.
-- @module purchases.client
local attempts_type = require "purchases.call.attempts"
local base_url = require "purchases.client.base_url"
local batch = require "purchases.job.batch"
local bulks = require "purchases.job.bulks"
local clock = require "purchases.clock"
local custom = require "purchases.net.custom"
local inbox_type = require "purchases.net.inbox"
local memory_type = require "purchases.job.memory"
local options = require "purchases.options"
local redact = require "purchases.redact"
local retry = require "purchases.call.retry"
local schemas = require "purchases.source.schemas"
local sender_type = require "purchases.client.sender"
local session_type = require "purchases.client.session"
local turns = require "purchases.client.turns"
local upload = require "purchases.job.upload"
local version = require "purchases.version"
local workflow = require "purchases.client.workflow"

local M = {}

local COMMON = {
  base_url = { "string" },
  timeout = { "number", default = 60, check = options.positive },
  connect_timeout = { "number", default = 10, check = options.positive },
  retry = { "table" },
  concurrency = { "number", default = 8, check = options.count },
  rate = { "number", check = options.positive },
  rate_store = { "table", check = turns.check },
  ca_file = { "string", check = options.plain },
  proxy = { "string", check = options.plain },
  user_agent = { "string", default = "purchases/" .. version, check = options.plain },
  allow_insecure = { "boolean", default = false },
  wait = { "function" },
  transport = { "table", check = custom.check },
}

local MOST_DECODED = 1e6 -- bytes of an answer where others wait meanwhile: some 20 ms

local JOBS = { series = batch, bulk = bulks } -- as providers name them

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
local classes = {} -- by provider

function Client:__tostring()
  return ("purchases.client: %s at %s"):format(self.provider.name,
    redact.text(self.options.base_url, self.session.secrets))
end

--- Sees to it that a request can be made: that the running code may wait here, and has a token.
-- @treturn true|nil
-- @treturn ?purchases.error
function Client:prepare(request, deadline)
  return self.sender:prepare(request, deadline)
end

--- Makes a call and waits for its end.
-- @tab request as the provider built it
-- @number[opt] deadline on the monotonic clock; default: the client's timeout from now
-- @treturn any|nil
-- @treturn ?purchases.error
function Client:call(request, deadline)
  local sender = self.sender
  deadline = math.min(deadline or math.huge, clock.monotonic() + sender.timeout)
  local ok, err = sender:prepare(request, deadline)
  if not ok then
    return nil, err
  end
  local inbox, attempts = sender:inbox(1), attempts_type.new(sender, request, { deadline = deadline })
  while true do
    ok, err = sender:take_turn(inbox, deadline)
    if not ok then
      attempts:give_up(self.session:describe(request.operation, err))
      return nil, attempts.err
    end
    local response, failure = sender:send(inbox, attempts:start(clock.monotonic()))
    local verdict, seconds = attempts:finish(response, failure, clock.monotonic())
    if verdict == "done" then
      return attempts.value, attempts.err
    elseif verdict == "wait" then
      sender:pause(inbox, seconds)
    else
      ok, err = self.session:renew(attempts.token, deadline)
      if not ok then
        attempts:give_up(err)
        return nil, attempts.err
      end
    end
  end
end

local function add_call(class, provider, name)
  class[name] = function(self, ...)
    local request, err = provider[name](self.options, ...)
    if not request then
      return nil, self.session:describe(name, err)
    end
    return self:call(request)
  end
end

local function add_job(class, name, job)
  local kind = JOBS[job.kind]
  local spec = merge(upload.OPTIONS, memory_type.OPTIONS, kind.OPTIONS, job.options or {})
  class[name] = function(self, given, opts)
    opts = options.check(opts, spec, name, 2)
    local opened, err = kind.open(self.provider, self.options, given, opts, job)
    local memory, report
    if opened and opts.ledger then
      memory, err = memory_type.open(self.provider, self.options, name, given, opts)
      opened.memory = memory
    end
    if err then
      self.session:describe(name, err)
      if opened and opened.close then
        opened:close()
      end
    else
      report, err = upload.run(self.sender, opened, opts, memory)
    end
    if memory then
      memory:close()
    end
    return report, err
  end
end

-- The metatable of a provider's clients: the common methods, and one for each call and job that it names.
local function class_of(provider)
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
    --- Signs in; the client uses the new token from then on.
    function class:login()
      return self.session:log_in()
    end
  end
  if provider.settled then
    class.wait = workflow.wait
  end
  class.__name = "purchases.client"
  class.__index = class
  classes[provider] = class
  return class
end

--- A new client.
-- @tab provider `name`, `base_url`, `options`, `credentials(opts)`, `authorize(opts, token)`; the names of its
-- `calls`, each a function that makes a request; its `jobs`, each `{ kind =, options = }` by its name, of kind
-- "series" or "bulk", the latter with `updates` where each purchase is to replace one; `account`, the names of the
-- options that tell its accounts apart; where the API has them, `login(opts)`, `settled(purchase)`, and the name of the
-- schema of one purchase, which its calls find, compiled, in `opts.schema`; `account_name(config, opts)` and, of keys
-- that a ledger tells apart, `secret(config)`: see `purchases.job.memory`; `opts.most_decoded` tells them how many
-- bytes of an answer may be decoded
-- @tab opts the provider's own options and the common ones
-- @treturn client
function M.new(provider, opts)
  local what = provider.name .. ".new"
  opts = options.check(opts, merge(COMMON, provider.options), what, 3)
  opts.base_url = opts.base_url or provider.base_url
  local self = setmetatable({ provider = provider, options = opts }, class_of(provider))
  local url, proxy = base_url.check(opts)
  local session, wrong = session_type.new(provider, opts, function(...)
    return self:call(...)
  end)
  if not (url and session) then
    error(what .. ": " .. (not url and proxy or wrong), 3)
  end
  opts.base_url, opts.proxy = url, proxy
  opts.most_decoded = inbox_type.shares_loop(opts.wait) and MOST_DECODED or math.huge
  opts.schema = provider.schema_name and schemas.provided[provider.schema_name]
  self.session = session
  self.policy = retry.policy(opts.retry, 3)
  self.sender = sender_type.new(opts, session, self.policy)
  return self
end

return M
