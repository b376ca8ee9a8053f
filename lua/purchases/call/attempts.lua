--- The attempts of one call, from the first one to the call's outcome; sends nothing itself.
-- @module purchases.call.attempts
local answer = require "purchases.provider.answer"
local redact = require "purchases.redact"
local retry = require "purchases.call.retry"

local M = {}

local Attempts = {}
Attempts.__index = Attempts

-- What becomes of a purchase whose call ends with this fate.
local OUTCOMES = { unsent = "pending", refused = "pending", astray = "pending", final = "rejected", maybe = "unknown" }

--- The attempts of a call that is to be made.
-- @tab sender `wire(request, timeout)` makes what goes over the wire; `hold(err, till)` has everybody
-- wait; `timeout` of an attempt in seconds; `policy`, see `purchases.call.retry`; `session`: `token`,
-- `can_renew(request, token)`, `note_accepted(request, token)`, `describe(operation, err)`
-- @tab request as the provider built it
-- @tab opts `deadline` on the monotonic clock, for all attempts; `on_unknown` "retry" repeats even what
-- may have arrived; `maybe`: what it carries may have arrived before, with a call that ended; `in_job`: it is one of
-- many
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
    in_job = opts.in_job,
    count = 0,
    astray = 0, -- answers in a row that were not about the request
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
  local wire = self.sender:wire(self.request, timeout)
  wire.fresh_connection = self.fresh
  return wire
end

--- Ends the call with the error of its last attempt. An earlier one may have arrived even if the last did not.
-- @string[opt] fate as `retry.fate` has them, where the error does not tell it
-- @treturn string "done"
function Attempts:close(fate)
  local err = self.err
  fate = fate or retry.fate(err)
  local is_doubtful = err.duplicate or err.ambiguous
  if self.maybe and (fate ~= "final" or is_doubtful) then
    fate = "maybe"
  end
  err.outcome = OUTCOMES[fate]
  if fate == "maybe" and err.sent ~= "yes" then
    err.sent = "maybe"
  end
  local can_repeat = self.request.repeatable and not is_doubtful
  err.retryable = fate == "unsent" or fate == "refused" or fate == "maybe" and can_repeat
  return "done"
end

-- Is there to be another attempt after the one that failed, and when?
local function judge(self, retry_after, now)
  local policy = self.policy
  local action, seconds = retry.decide(policy, self.count, {
    err = self.err,
    repeatable = self.request.repeatable or self.on_unknown == "retry",
    maybe = self.maybe,
    astray = self.astray,
    retry_after = retry_after,
  })
  local in_time = action == "wait" and not (self.deadline and now + seconds >= self.deadline)
  if in_time and policy.budget:spend(self.err) then
    return "wait", seconds
  end
  return self:close()
end

local WORDS = 80 -- bytes of an answer that are shown

-- The first words of an answer, which may be a page.
local function first_words(body)
  local text = body:gsub("<[^>]*>", " "):gsub("[%s%c]+", " "):gsub("^ ", ""):gsub(" $", "")
  if #text > WORDS then
    text = text:sub(1, WORDS):gsub("[^ ]*$", ""):gsub(" $", "") .. " ..."
  end
  return text
end

-- Tells where an answer came from that is not about what was sent, or may be another server's, so that a wrong address
-- is found.
local function locate(self, err)
  local words = first_words(err.own and err.message or err.body or "")
  err.url = redact.text(self.sender.options.base_url .. self.request.path, self.session.secrets)
  local where = ("%s %s"):format(self.request.method, err.url)
  if err.code == "redirect" then
    err.message = ("%s: %s"):format(where, err.message)
  else
    local strange = err.own and "" or ", and not as the API does"
    local why = err.foreign and (" (%s)"):format(err.message) or ""
    err.message = ("the server answers %d to %s%s%s; check base_url"):format(err.status, where, strange, why)
  end
  err.message = words ~= "" and ("%s: %s"):format(err.message, words) or err.message
end

-- Notes what the error of an attempt says about the call.
local function note(self, err)
  if err.own and err.status == 404 and not self.in_job then -- "not found" is an answer to a call, but not to a job
    err.absent, err.ambiguous = true, self.request.method ~= "GET"
  end
  local fate = retry.fate(err)
  if err.kind == "auth" and self.session:is_new(self.token) then
    err.message = "the token that login has just given is refused: " .. err.message
  elseif err.foreign or fate == "astray" and not err.own or err.status == 404 and self.request.general then
    locate(self, err)
  elseif err.kind == "transport" and err.code == "tls" then -- libraries have odd words for a port of plain HTTP
    local host = self.sender.options.base_url:match "^%a+://([^/]*)"
    err.message = ("cannot begin TLS with %s (does it speak https?): %s"):format(host, err.message)
  end
  self.astray = fate == "astray" and self.astray + 1 or 0
  self.fresh = (fate == "astray" or fate == "refused" and err.kind ~= "auth" or err.status == 408) or nil
  self.maybe = self.maybe or fate == "maybe"
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
  if value ~= nil or err.final then -- the API itself has answered
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
  err.attempts, err.method = self.count, request.method
  note(self, err)
  if err.kind == "auth" and not self.renewed and self.session:can_renew(request, self.token) then
    self.renewed = true
    return "login"
  end
  local retry_after = response and retry.after(response.headers)
  local verdict, seconds = judge(self, retry_after, now)
  if verdict == "done" and (retry_after or 0) > 0 then
    err.message = ("%s (the server wants a pause of %.0f s)"):format(err.message, retry.wanted(response.headers))
  end
  if err.status == 429 then
    self.sender:hold(err, now + math.max(seconds or 0, retry_after or 0))
  end
  return verdict, seconds
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
