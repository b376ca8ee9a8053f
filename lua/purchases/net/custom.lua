--- Requests through a function of the caller's own (the client's option `transport`), such as one over
-- nginx's cosockets, in place of the pool.
--
-- `transport.request(request, deadline)` gets what the pool would get (`method`, `url`, `headers`, `body`,
-- `idempotent`, `timeout`, `connect_timeout`, `ca_file`, `proxy`) and the time by which it must have ended, on
-- the clock of `purchases.monotonic`. It returns `{ status =, headers =, body = }`, with header names in any
-- case, or `nil` and why: a text, or `{ message =, code =, sent =, phase = }`. Where it does not say that
-- nothing was sent (`sent = "no"`), the request may have arrived. It must not send a request twice that is not
-- `idempotent`.
-- @module purchases.net.custom
local clock = require "purchases.clock"
local core = require "purchases.core"
local error_type = require "purchases.error"
local head = require "purchases.net.head"
local inbox_type = require "purchases.net.inbox"
local protect = require "purchases.protect"

local M = {}

--- Checks the client's option `transport`.
-- @tab value
-- @treturn ?string what is wrong with it
function M.check(value)
  return type(value.request) ~= "function" and "must have a function 'request'" or nil
end

local SENT = { no = true, maybe = true, yes = true }

local function failed(code, message, why)
  return error_type.new {
    kind = "transport",
    code = code,
    message = message,
    sent = why and SENT[why.sent] and why.sent or "maybe",
    phase = why and why.phase or nil,
  }
end

local function malformed(what)
  return nil, failed("malformed_answer", "option 'transport': its answer must have " .. what)
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

-- Headers with lower-case names, as the pool gives them; nil for what is not headers. One that came more than once may
-- be a list.
local function headers_of(given)
  local headers = {}
  for name, value in pairs(given) do
    local ok, text = true, value
    if type(value) == "table" then
      ok, text = pcall(table.concat, value, ", ")
    end
    if not ok or type(name) ~= "string" or type(text) ~= "string" and type(text) ~= "number" then
      return nil
    end
    headers[head.key(name)] = type(text) == "number" and core.json.write_number(text) or text
  end
  return headers
end

local function response_of(answer)
  local status = type(answer) == "table" and answer.status
  if type(status) ~= "number" or status % 1 ~= 0 or status < 100 or status > 599 then
    return malformed "a 'status' from 100 to 599"
  elseif answer.body ~= nil and type(answer.body) ~= "string" then
    return malformed "a 'body' that is a text"
  end
  local headers = answer.headers == nil and {} or type(answer.headers) == "table" and headers_of(answer.headers)
  if not headers then
    return malformed "'headers' that are texts by their names"
  end
  return { status = math.floor(status), headers = headers, body = answer.body or "" }
end

-- What the transport returned; metamethods of it may raise.
local function read(answer, why)
  if answer then
    return response_of(answer)
  elseif type(why) == "table" then
    local code = text_of(why.code) or "transport_failed"
    return nil, failed(code, text_of(why.message) or code, why)
  end
  return nil, failed("transport_failed", text_of(why) or "option 'transport' gave neither an answer nor a reason")
end

local function carry_out(transport, request)
  local headers = {}
  for name, value in pairs(request.headers) do
    headers[name] = value -- a copy: the client's own are for its next requests, too
  end
  request.headers = headers
  local ok, answer, why = protect.call(transport.request, request, clock.monotonic() + request.timeout)
  if not ok then
    return nil, failed("transport_raised", "option 'transport' raised: " .. error_type.text_of(answer))
  end
  local is_read, response, err = pcall(read, answer, why)
  if not is_read then
    return malformed "fields that can be read"
  end
  return response, err
end

local Inbox = {}
Inbox.__index = Inbox

--- An inbox for a client's requests, which go where its options say.
-- @tab opts the client's: `wait` and `transport`
-- @int most requests that are to be in flight at the same time; `inbox.most` says how many there may be
function M.inbox(opts, most)
  local inbox = inbox_type.new(opts.wait)
  inbox.most = most
  if not opts.transport then
    return inbox
  end
  local spawn = most > 1 and inbox.host.spawn
  return setmetatable({
    inbox = inbox,
    transport = opts.transport,
    spawn = spawn,
    most = spawn and most or 1,
    last = 0,
    threads = {}, -- by id
  }, Inbox)
end

local function work(self, id, request)
  self.inbox:put(id, carry_out(self.transport, request))
end

--- Starts a request; where the host has no threads, also ends it.
-- @treturn number|nil id
-- @treturn ?purchases.error
function Inbox:add(request)
  local id = self.last + 1
  self.last = id
  if self.spawn then
    self.threads[id] = self.spawn(work, self, id, request)
  else
    work(self, id, request)
  end
  return id
end

--- Ends a wait for the inbox.
function Inbox:wake()
  self.inbox:wake()
end

function Inbox:is_empty()
  return self.inbox:is_empty()
end

function Inbox:breathe()
  self.inbox:breathe()
end

function Inbox:is_exiting()
  return self.inbox:is_exiting()
end

--- Receives the next answer, as an inbox of `purchases.net.inbox` does. A thread that has answered is ended at once:
-- nginx would keep it until its parent ends.
function Inbox:receive(seconds)
  local id, response, err = self.inbox:receive(seconds)
  if self.threads[id] then
    self.inbox.host.join(self.threads[id])
    self.threads[id] = nil
  end
  return id, response, err
end

return M
