--- When to try again: pure rules, no clock and no I/O.
-- @module purchases.call.retry
local clock = require "purchases.clock"
local core = require "purchases.core"
local options = require "purchases.options"

local M = {}

local CEILING = 15 * 60 -- seconds: the longest a server may make us wait
local TOKENS = 500 -- the budget per host, as the AWS SDKs' standard mode has it
local RETRY_COST, TIMEOUT_COST = 5, 10

local SPEC = {
  attempts = { "number", default = 5, check = options.count },
  base = { "number", default = 0.5, check = options.positive },
  cap = { "number", default = 60, check = options.positive },
  random = {
    "function",
    default = function()
      return clock.random()
    end,
  },
}

--- Makes a policy, with a budget of its own.
-- @tab[opt] opts `attempts` in all; the delay's `base` and `cap` in seconds; `random()`, in [0, 1)
-- @int[opt=1] level as for `error`
-- @treturn table the same, with defaults, and `budget`
function M.policy(opts, level)
  local policy = options.check(opts, SPEC, "retry", (level or 1) + 1)
  policy.budget = M.budget()
  return policy
end

local LATER = { [421] = true, [425] = true, [429] = true } -- statuses of what was not carried out, and may be later

-- Answers to what may have been carried out: gateways say 408 of a server that is late, and "See other" leads to what
-- a request has made.
local IN_DOUBT = { [303] = true, [408] = true }

--- Tells what an attempt's failure means for a repeat.
-- @tparam purchases.error err `final`: it is the API's verdict on the data; `absent`: what was asked for is not there;
-- `unfinished`: the answer came before the request's body had been sent whole
-- @treturn string "unsent": nothing arrived; "refused": it arrived and was not carried out, later it may
-- be; "final": the answer is about the data, and stays; "astray": the answer is not about what was sent, as that of
-- another server or to a wrong address; "maybe": it may have been carried out
function M.fate(err)
  local status = err.status
  if err.kind == "transport" then
    return err.sent == "no" and "unsent" or "maybe"
  elseif err.kind == "validation" or err.final or err.absent then
    return "final"
  elseif err.kind == "auth" or LATER[status] or status == 408 and err.unfinished then
    return "refused"
  elseif status and status >= 300 and status < 500 and not IN_DOUBT[status] then
    return "astray"
  end
  return "maybe"
end

-- A certificate, a name of the proxy's, a broken option or transport, a token that is of no use, a purchase that has
-- failed at the API: trying again changes nothing.
local HOPELESS = {
  certificate = true,
  ca_file = true,
  proxy_refused = true,
  invalid_request = true,
  cannot_wait = true,
  forked = true,
  closed = true,
  malformed_answer = true,
  unusable_token = true,
  purchase_failed = true,
}

local STRAYS = 1 -- answers in a row that are not about what was sent, and may have come by mistake

-- Full jitter, or what the server asks for if that is longer.
local function delay(policy, count, retry_after)
  local ceiling = math.min(policy.cap, policy.base * 2 ^ (count - 1))
  return math.max(policy.random() * ceiling, math.min(retry_after or 0, CEILING))
end

--- Decides what to do after a failed attempt.
-- @tab policy
-- @int count of attempts that were made, from 1
-- @tab outcome `err`; `repeatable`: may the call be carried out twice?; `maybe`: may it have been carried out?;
-- `astray`: how many attempts in a row got an answer that was not about them; `retry_after` in seconds
-- @treturn string "wait", "stop", or "ask": only the caller can know whether to repeat
-- @treturn ?number seconds to wait
function M.decide(policy, count, outcome)
  local fate = M.fate(outcome.err)
  if fate == "final" or outcome.err.kind == "auth" or HOPELESS[outcome.err.code] then
    return "stop"
  elseif fate == "astray" and not (outcome.repeatable and (outcome.maybe or (outcome.astray or 1) <= STRAYS)) then
    return "stop" -- a wrong address, which all that is left would meet
  elseif fate == "maybe" and not outcome.repeatable then
    return "ask"
  elseif count >= policy.attempts then
    return "stop"
  end
  return "wait", delay(policy, count, outcome.retry_after)
end

local MONTHS = {}
for i, name in ipairs { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" } do
  MONTHS[name] = i
end

-- "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7) → seconds
local function parse_date(text)
  local day, month, year, time = (text or ""):match "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d) GMT$"
  if not MONTHS[month] then
    return nil
  end
  return (core.datetime.parse(("%s-%02d-%s %sZ"):format(year, MONTHS[month], day, time)))
end

--- Reads Retry-After: seconds, or a date that is held against the answer's own Date (our clock may be
-- wrong).
-- @tab headers by lower-case name
-- @treturn number|nil seconds, never below 0
function M.wanted(headers)
  local text = headers["retry-after"]
  local seconds = tonumber((text or ""):match "^%s*(%d+)%s*$")
  if text and not seconds then
    local at, now = parse_date(text), parse_date(headers.date)
    seconds = at and now and math.max(at - now, 0)
  end
  return seconds
end

--- Tells how long we wait where Retry-After asks for a pause.
-- @tab headers by lower-case name
-- @treturn number|nil seconds, never below 0, at most 15 minutes
function M.after(headers)
  local seconds = M.wanted(headers)
  return seconds and math.min(seconds, CEILING)
end

local Budget = {}
Budget.__index = Budget

--- Makes a budget for the retries to one host, so that a dying server is not hammered.
function M.budget()
  return setmetatable({ tokens = TOKENS }, Budget)
end

--- Takes what a retry costs.
-- @tparam purchases.error err why it is made
-- @treturn boolean false where there is not enough left
function Budget:spend(err)
  local cost = err.code == "timeout" and TIMEOUT_COST or RETRY_COST
  if self.tokens < cost then
    return false
  end
  self.tokens = self.tokens - cost
  return true
end

--- Refills, after a success, what its retries took, or a little.
-- @int attempts that it took
function Budget:refill(attempts)
  self.tokens = math.min(TOKENS, self.tokens + math.max(1, (attempts - 1) * RETRY_COST))
end

return M
