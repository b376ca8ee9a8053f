--- The attempts of one call, from the first one to the call's outcome; sends nothing itself.
-- @module purchases.call.attempts
local answer = require "purchases.provider.answer"
local retry = require "purchases.call.retry"

local M = {}

local Attempts = {}
Attempts.__index = Attempts

-- What becomes of a purchase whose call ends with this fate.
local OUTCOMES = { unsent = "pending", refused = "pending", final = "rejected", maybe = "unknown" }

--- The attempts of a call that is to be made.
-- @tab sender `wire(request, timeout)` makes what goes over the wire; `timeout` of an attempt in seconds; `policy`,
-- see `purchases.call.retry`; `session`: `token`, `can_renew(request, token)`, `note_accepted(request, token)`,
-- `describe(operation, err)`
-- @tab request as the provider built it
-- @tab opts `deadline` on the monotonic clock, for all attempts; `on_unknown` "retry" repeats even what
-- may have arrived; `maybe`: what it carries may have arrived before, with a call that ended
-- @treturn table `count` of attempts so far; at the end `value` or `err`; `maybe`: may the call have been carried out
-- by an attempt that failed?; `token` of the last attempt
function M.new(sender, request, opts)
  return setmetatable({
    sender = sender,
    session = sender.session,
    policy = sender.policy,
    request = request,
    deadline = opts.deadline,
    on_unknown = opts.on_unknown,
    maybe = opts.maybe or false,
    count = 0,
  }, Attempts)
end

--- Begins the next attempt.
-- @number now
-- @treturn table the request that goes over the wire
function Attempts:start(now)
  local timeout = self.sender.timeout
  if self.deadline then
    timeout = math.max(0.001, math.min(timeout, self.deadline - now))
  end
  self.count = self.count + 1
  self.token = self.session.token
  return self.sender:wire(self.request, timeout)
end

--- Ends the call with the error of its last attempt. An earlier one may have arrived even if the last did not.
-- @string[opt] fate as `retry.fate` has them, where the error does not tell it
-- @treturn string "done"
function Attempts:close(fate)
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

-- Is there to be another attempt after the one that failed, and when?
local function judge(self, retry_after, now)
  local policy, repeatable = self.policy, self.request.repeatable
  local outcome = { err = self.err, repeatable = repeatable, retry_after = retry_after }
  local action, seconds = retry.decide(policy, self.count, outcome)
  if action == "ask" and self.on_unknown == "retry" then
    outcome.repeatable = true
    action, seconds = retry.decide(policy, self.count, outcome)
  end
  local in_time = action == "wait" and not (self.deadline and now + seconds >= self.deadline)
  if in_time and policy.budget:spend(self.err) then
    return "wait", seconds
  end
  return self:close()
end

--- Takes how an attempt ended.
-- @tparam table|nil response
-- @tparam ?purchases.error failure of the transport
-- @number now
-- @treturn string "done": `value` or `err` holds the end; "wait": try again in some seconds; "login": try
-- again with a new token
-- @treturn ?number seconds
function Attempts:finish(response, failure, now)
  local request, value, err = self.request, nil, failure
  if response and response.status >= 300 and response.status < 400 then
    err = answer.redirect(response)
  elseif response then
    value, err = request.read(response)
  end
  if response and response.status < 500 and not (err and err.kind == "auth") then
    self.session:note_accepted(request, self.token)
  end
  -- Is it what a repeat is told whose earlier attempt was carried out?
  if value == nil and self.maybe and request.repeated then
    value = request.repeated(err)
  end
  if value ~= nil then
    self.policy.budget:refill(self.count)
    self.value, self.err = value, nil
    return "done"
  end
  self.err = self.session:describe(request.operation, err)
  err.attempts = self.count
  self.maybe = self.maybe or retry.fate(err) == "maybe"
  if err.kind == "auth" and not self.renewed and self.session:can_renew(request, self.token) then
    self.renewed = true
    return "login"
  end
  return judge(self, response and retry.after(response.headers), now)
end

--- Ends the call before its next attempt, with an error from elsewhere, such as a login that failed: whatever
-- may have become of that, this call was not carried out by it.
function Attempts:give_up(err)
  err.operation = err.operation or self.request.operation
  err.attempts = err.attempts or self.count
  err.cause = self.err
  self.err = err
  return self:close "refused"
end

return M
