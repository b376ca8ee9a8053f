--- As whom a client sends: its credentials, its token, and how it gets another one.
-- @module purchases.client.session
local clock = require "purchases.clock"
local error_type = require "purchases.error"
local inbox_type = require "purchases.net.inbox"
local redact = require "purchases.redact"

local M = {}

local SIGN_OF_LIFE = 1 -- seconds between two of them, see `show_life`
local LONGEST_SILENCE = 3 * SIGN_OF_LIFE -- of somebody who is logging in
local REMEMBERED = 60 -- seconds for which no login follows one that was in vain

local Session = {}
Session.__index = Session

--- A new session.
-- @tab provider
-- @tab opts the client's
-- @tparam function call `call(request, deadline)` makes a call of the client's
-- @treturn table|nil `token`; `secrets`, which no text may show
-- @treturn ?string what is wrong with a credential
function M.new(provider, opts, call)
  local secrets = {}
  for _, secret in pairs(provider.credentials(opts)) do
    if secret == "" or secret:find "[%c%s]" then
      return nil, "a credential is empty or holds a space or a control character"
    end
    secrets[#secrets + 1] = secret
  end
  local session = { provider = provider, options = opts, call = call, secrets = secrets, token = opts.token }
  return setmetatable(session, Session)
end

--- Completes an error that people will see: whose it is, and no credentials in it.
-- @string operation
-- @tparam purchases.error err
-- @treturn purchases.error the same
function Session:describe(operation, err)
  err.provider, err.operation = self.provider.name, operation
  redact.error(err, self.secrets)
  return err
end

-- Tells whether there is a login, and what it takes.
local function can_log_in(session)
  local opts = session.options
  return session.provider.login ~= nil and opts.email ~= nil and opts.password ~= nil
end

--- Tells whether a new token could help a request that was refused with this one: not if that came fresh from a login.
function Session:can_renew(request, token)
  local in_vain = self:is_new(token) and clock.monotonic() < self.no_login_before
  return not request.public and can_log_in(self) and not in_vain
end

--- Tells whether a token comes from a login and has never been let in.
function Session:is_new(token)
  return token ~= nil and token == self.untried
end

--- Notes that a request was let in with this token.
function Session:note_accepted(request, token)
  if not request.public and token == self.untried then
    self.untried = nil
  end
end

local function copy_of(err)
  local copy = {}
  for name, value in pairs(err) do
    copy[name] = value
  end
  return error_type.new(copy)
end

local function running()
  return coroutine.running() or "main"
end

--- Shows that whoever signs in is still there. A login of somebody who was interrupted in it (a wait that raised, a
-- coroutine that was killed) is not waited for.
-- @treturn number seconds that the running code may wait until it does so again
function Session:show_life()
  local login = self.renewing
  if login and login.owner == running() then
    login.seen = clock.monotonic()
    return SIGN_OF_LIFE
  end
  return math.huge
end

--- Signs in; the client uses the new token from then on.
-- @number[opt] deadline on the monotonic clock
-- @treturn table|nil the session as the API describes it
-- @treturn ?purchases.error
function Session:log_in(deadline)
  local request, err = self.provider.login(self.options)
  if not request then
    return nil, self:describe("login", err)
  end
  local opened
  opened, err = self.call(request, deadline)
  self.refusal = nil
  if opened then
    self.token, self.untried = opened.token, opened.token
    self.secrets[#self.secrets + 1] = opened.token
  else
    err.outcome = "pending" -- whether a login arrived or not, no purchase did
    if err.kind == "auth" or err.code == "unusable_token" then
      self.refusal = copy_of(err)
    end
  end
  self.no_login_before = clock.monotonic() + REMEMBERED
  return opened, err
end

--- Gets a new token in place of `stale`; one login serves all who ask at the same time, and the refusal of one holds
-- for a minute.
-- @tparam ?string stale
-- @number[opt] deadline on the monotonic clock
-- @treturn true|nil
-- @treturn ?purchases.error
function Session:renew(stale, deadline)
  deadline = deadline or clock.monotonic() + self.options.timeout
  local inbox, me = inbox_type.new(self.options.wait), running()
  -- Somebody else is logging in, and alive. Should the host have been busy for so long, there is one login more.
  while self.renewing and self.renewing.owner ~= me and clock.monotonic() < self.renewing.seen + LONGEST_SILENCE do
    if clock.monotonic() >= deadline then
      return nil, self:describe("login", error_type.new {
        kind = "transport",
        code = "timeout",
        message = "a login that others wait for, too, takes longer than this call may",
        sent = "no",
        outcome = "pending",
        retryable = true,
      })
    end
    inbox:receive(0.01)
  end
  if self.token ~= stale then
    return true
  elseif self.refusal and clock.monotonic() < self.no_login_before then -- the same credentials would fare no better
    return nil, copy_of(self.refusal)
  end
  local login = { owner = me, seen = clock.monotonic() }
  self.renewing = login
  local opened, err = self:log_in(deadline)
  if self.renewing == login then -- nobody took it for dead
    self.renewing = nil
  end
  return opened and true, err
end

--- Gets a token for a request that needs one, where there is none.
-- @tab request
-- @number[opt] deadline
-- @treturn true|nil
-- @treturn ?purchases.error
function Session:authenticate(request, deadline)
  if request.public or self.token or not self.provider.login then
    return true
  elseif can_log_in(self) then
    return self:renew(nil, deadline)
  end
  return nil, error_type.new {
    kind = "auth",
    code = "missing_credentials",
    provider = self.provider.name,
    message = "there is neither a token nor an e-mail and password to get one with",
    messages = {},
    outcome = "pending",
  }
end

return M
