--- One call from its first attempt to its outcome, over however many attempts; sends nothing itself.
-- @module purchases.call.attempts
local answer = require "purchases.provider.answer"
local redact = require "purchases.redact"
local retry = require "purchases.call.retry"

local M = {}

local Exchange = {}
Exchange.__index = Exchange

-- What becomes of a purchase whose call ends with this fate.
local OUTCOMES = { unsent = "pending", refused = "pending", final = "rejected", maybe = "unknown" }

--- A call that is to be made.
-- @tab client
-- @tab request as the provider built it
-- @tab opts `deadline` on the monotonic clock, for all attempts; `on_unknown` "retry" repeats even what
-- may have arrived; `maybe`: what it carries may have arrived before, with a call that ended
function M.new(client, request, opts)
  return setmetatable({
    client = client,
    request = request,
    deadline = opts.deadline,
    on_unknown = opts.on_unknown,
    maybe = opts.maybe or false, -- may an earlier attempt have been carried out?
    attempts = 0,
  }, Exchange)
end

--- Begins the next attempt.
-- @number now
-- @treturn table the request for the transport
function Exchange:start(now)
  local timeout = self.client.options.timeout
  if self.deadline then
    timeout = math.max(0.001, math.min(timeout, self.deadline - now))
  end
  self.attempts = self.attempts + 1
  self.token = self.client.token
  return self.client:transport_request(self.request, timeout)
end

local function read(request, response)
  if response.status >= 300 and response.status < 400 then
    return nil, answer.redirect(response)
  end
  return request.read(response)
end

function Exchange:describe(err)
  err.provider = self.client.provider.name
  err.operation = self.request.operation
  err.attempts = self.attempts
  redact.error(err, self.client.secrets)
  self.err = err
end

-- The outcome of the whole call: an earlier attempt may have arrived even if the last one did not.
function Exchange:close(fate)
  local err = self.err
  fate = fate or retry.fate(err)
  if self.maybe and (fate == "unsent" or fate == "refused" or err.duplicate) then
    fate = "maybe"
  end
  err.outcome = OUTCOMES[fate]
  if fate == "maybe" and err.sent ~= "yes" then
    err.sent = "maybe"
  end
  local can_repeat = self.request.repeatable and not err.duplicate
  err.retryable = fate == "unsent" or fate == "refused" or fate == "maybe" and can_repeat
  return "done"
end

function Exchange:may_wait(seconds, now)
  if self.deadline and now + seconds >= self.deadline then
    return false
  end
  return self.client.budget:spend(self.err)
end

function Exchange:judge(retry_after, now)
  local outcome = { err = self.err, repeatable = self.request.repeatable, retry_after = retry_after }
  local action, seconds = retry.decide(self.client.policy, self.attempts, outcome)
  if action == "ask" then
    outcome.repeatable = self.on_unknown == "retry"
    if outcome.repeatable then
      action, seconds = retry.decide(self.client.policy, self.attempts, outcome)
    end
  end
  if action == "wait" and self:may_wait(seconds, now) then
    return "wait", seconds
  end
  return self:close()
end

-- The value of a call that an earlier attempt carried out, when this is what its repeat is told.
function Exchange:recognise(err)
  if self.maybe and self.request.repeated then
    return self.request.repeated(err)
  end
end

--- Takes how an attempt ended.
-- @tparam table|nil response
-- @tparam ?purchases.error failure of the transport
-- @number now
-- @treturn string "done": `value` or `err` holds the end; "wait": try again in some seconds; "login": try
-- again with a new token
-- @treturn ?number seconds
function Exchange:finish(response, failure, now)
  local value, err
  if response then
    value, err = read(self.request, response)
  else
    err = failure
  end
  if response and response.status < 500 and not (err and err.kind == "auth") then
    self.client:note_accepted(self.request, self.token)
  end
  if value == nil then
    value = self:recognise(err)
  end
  if value ~= nil then
    self.client.budget:refill(self.attempts)
    self.value, self.err = value, nil
    return "done"
  end
  self:describe(err)
  self.maybe = self.maybe or retry.fate(err) == "maybe"
  if err.kind == "auth" and not self.renewed and self.client:can_renew(self.request, self.token) then
    self.renewed = true
    return "login"
  end
  return self:judge(response and retry.after(response.headers), now)
end

--- Ends the call before its next attempt, with an error from elsewhere, such as a login that failed: whatever
-- may have become of that, this call was not carried out by it.
function Exchange:give_up(err)
  err.operation = err.operation or self.request.operation
  err.attempts = err.attempts or self.attempts
  err.cause = self.err
  self.err = err
  return self:close "refused"
end

return M
