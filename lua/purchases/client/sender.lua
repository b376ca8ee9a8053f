--- How a client's requests leave: when its rate lets them, with its headers, and where its options say.
-- @module purchases.client.sender
local clock = require "purchases.clock"
local custom = require "purchases.net.custom"
local error_type = require "purchases.error"
local inbox_type = require "purchases.net.inbox"
local retry = require "purchases.call.retry"
local turns_type = require "purchases.client.turns"

local M = {}

local LONGEST_WAIT = 1 -- seconds until whoever signs in shows that they are still there

local Sender = {}
Sender.__index = Sender

--- A new sender.
-- @tab opts the client's
-- @tab session see `purchases.client.session`
-- @tab policy see `purchases.call.retry`
-- @treturn table `session`, `policy`; `timeout` and `concurrency` of the options; `turns`, see `purchases.client.turns`
function M.new(opts, session, policy)
  local sender = setmetatable({
    options = opts,
    session = session,
    policy = policy,
    timeout = opts.timeout,
    concurrency = opts.concurrency,
    turns = turns_type.new(opts, session.provider),
    heads = {},
    flying = setmetatable({}, { __mode = "k" }), -- inboxes of single calls, and when they were last seen alive
    waiting = setmetatable({}, { __mode = "k" }), -- and since when
  }, Sender)
  sender.on_put = function(inbox, response)
    if response and response.status == 429 then -- before anybody else takes the place
      sender.turns:hold(clock.monotonic() + (retry.after(response.headers) or 0))
    end
    sender:leave(inbox)
  end
  return sender
end

--- An inbox for as many requests at a time as `most`, see `purchases.net.custom`.
function Sender:inbox(most)
  return custom.inbox(self.options, most)
end

--- Sees to it that a request can be made: that the running code may wait here, and has a token.
-- @tab request
-- @number[opt] deadline on the monotonic clock
-- @treturn true|nil
-- @treturn ?purchases.error
function Sender:prepare(request, deadline)
  local ok, err = inbox_type.check(self.options.wait)
  if not ok then
    return nil, self.session:describe(request.operation, err)
  end
  return self.session:authenticate(request, deadline)
end

-- What all requests of a kind have in common while the token is the same: headers, and a part of the query.
local function head_of(sender, request)
  local session, opts = sender.session, sender.options
  if sender.token ~= session.token then
    sender.token, sender.heads = session.token, {}
  end
  local kind = (request.public and "public" or "private") .. (request.body and "+body" or "")
  local head = sender.heads[kind]
  if not head then
    local headers, credentials, query = { Accept = "application/json", ["User-Agent"] = opts.user_agent }, {}, nil
    if request.body then
      headers["Content-Type"] = "application/json"
    end
    if not request.public then
      credentials, query = session.provider.authorize(opts, session.token)
    end
    for name, value in pairs(credentials) do
      headers[name] = value
    end
    head = { headers = headers, query = query }
    sender.heads[kind] = head
  end
  return head
end

--- A provider's request as it goes over the wire.
-- @tab request
-- @number timeout seconds
-- @treturn table as `purchases.core`'s pool takes it
function Sender:wire(request, timeout)
  local opts, head, path = self.options, head_of(self, request), request.path
  if head.query then
    path = path .. (path:find("?", 1, true) and "&" or "?") .. head.query
  end
  return {
    method = request.method,
    url = opts.base_url .. path,
    headers = head.headers,
    body = request.body,
    idempotent = request.repeatable and not request.repeated, -- may the engine repeat it unseen?
    timeout = timeout,
    connect_timeout = math.min(opts.connect_timeout, timeout),
    ca_file = opts.ca_file,
    proxy = opts.proxy,
  }
end

--- Waits so many seconds, whatever comes.
function Sender:pause(inbox, seconds)
  local till = clock.monotonic() + seconds
  while clock.monotonic() < till do
    inbox:receive(math.min(self.session:show_life(), till - clock.monotonic()))
  end
end

local LONGEST_SLEEP = 0.05 -- seconds until a host that nobody can wake looks again
local LONGEST_SILENCE = 3 * LONGEST_WAIT -- of a call that was not killed

local function is_full(sender, now)
  local count = 0
  for _, seen in pairs(sender.flying) do
    count = count + (now < seen + LONGEST_SILENCE and 1 or 0)
  end
  return count >= sender.concurrency
end

--- Waits until fewer calls are in flight than `concurrency` allows, and is then one of them until its request has
-- ended, or it `leave`s.
-- @treturn boolean false where that comes too late
function Sender:enter(inbox, deadline)
  local now = clock.monotonic()
  while is_full(self, now) do
    if now >= deadline then
      self.waiting[inbox] = nil
      return false
    end
    self.waiting[inbox] = self.waiting[inbox] or now
    local longest = self.options.wait and LONGEST_SLEEP or LONGEST_WAIT
    inbox:receive(math.min(longest, self.session:show_life(), deadline - now))
    now = clock.monotonic()
  end
  self.waiting[inbox], self.flying[inbox] = nil, now
  inbox.on_put = self.on_put
  return true
end

--- Leaves its place to the call that has waited longest.
function Sender:leave(inbox)
  local first
  if not self.flying[inbox] then
    return
  end
  self.flying[inbox] = nil
  for waiting, since in pairs(self.waiting) do
    if not first or since < self.waiting[first] then
      first = waiting
    end
  end
  if first then
    self.waiting[first] = nil
    first:wake()
  end
end

--- Has all who share this client's turns wait, since the server has answered 429.
-- @tparam purchases.error err that answer; it is told where each worker of a server counts for itself alone
-- @number till
function Sender:hold(err, till)
  self.turns:hold(till)
  if not self.options.rate_store and inbox_type.workers(self.options.wait) > 1 then
    err.message = err.message .. " (each worker of this server counts for itself: see the option rate_store)"
  end
end

local function too_late(message)
  return error_type.new { kind = "transport", code = "timeout", message = message, sent = "no" }
end

-- Waits for the next turn.
local function await_turn(sender, inbox, latest)
  local turns, now = sender.turns, clock.monotonic()
  local turn = turns:claim(now, latest)
  while turn and now < turns:due(turn) do
    sender:pause(inbox, turns:due(turn) - now)
    now = clock.monotonic()
    if turn < turns:held_till() then
      turn = turns:claim(now, latest)
    end
  end
  if turn then
    return turn
  end
  local held = turns:held_till() - now
  local why = held > 0 and ("the server wants a pause of %d s (429)"):format(math.ceil(held))
    or ("%g requests a minute may start"):format(sender.options.rate)
  return nil, too_late("the call waited for its turn, which comes too late for it: " .. why)
end

--- Waits until a request may start: for its turn, and for a place among the calls in flight. Of the time that the call
-- has, a tenth is left for that request.
-- @treturn true|nil
-- @treturn ?purchases.error where that comes too late
function Sender:take_turn(inbox, deadline)
  local latest = deadline - (deadline - clock.monotonic()) / 10
  local turns = self.turns
  repeat
    self:leave(inbox)
    local turn, err = await_turn(self, inbox, latest)
    if not turn then
      return nil, err
    elseif not self:enter(inbox, latest) then
      return nil, too_late "the client's other calls hold this one back longer than it may take (option 'concurrency')"
    end
    while clock.monotonic() < turns:due(turn) do -- somebody who was late has started meanwhile
      self:pause(inbox, turns:due(turn) - clock.monotonic())
    end
  until turn >= turns:held_till() -- or the server has asked for a pause meanwhile
  turns:started(clock.monotonic())
  return true
end

--- Sends one request and waits for its answer.
-- @tab inbox
-- @tab wire
-- @treturn table|nil response
-- @treturn ?purchases.error
function Sender:send(inbox, wire)
  local id, err = inbox:add(wire)
  local ended, response
  while ended ~= id do
    self.session:show_life()
    self.flying[inbox] = clock.monotonic()
    ended, response, err = inbox:receive(LONGEST_WAIT)
  end
  inbox:breathe() -- an answer of many megabytes takes long to receive, and to read
  self:leave(inbox)
  return response, err
end

return M
