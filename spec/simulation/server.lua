--- A server of one of the APIs, with everything between it and the client: it keeps a book of what it carried out, and
-- each exchange goes as chance has it. What its own envelope says of a purchase depends on the purchase's data alone.
local answers = require "spec.simulation.answers"

local M = {}

local Server = {}
Server.__index = Server

--- A new server.
-- @tab run `api`, `random`, `network`, `states` by key (`item`, `book`: how many times it was carried out),
-- `weather`, `tell(...)`
function M.new(run)
  return setmetatable({
    run = run,
    api = run.api,
    random = run.random,
    receipts = {}, -- keys by id
    delivered = {}, -- answers with receipts that the client has
    count = 0, -- of receipts
    logins = 0,
    token = "token-0",
  }, Server)
end

-- What the server does ----------------------------------------------------------------------------------------------

local function enter(server, key, transfer)
  local state = server.run.states[key]
  state.book = state.book + 1
  server.run:tell(transfer, "is carried out: %s", key)
end

local function success(server, transfer)
  server.count = server.count + 1
  local id = server.api.uuid and server.api.uuid(server.count)
  if id then
    server.receipts[id] = transfer.keys[1]
  end
  return server.api.success(#transfer.keys, id, server.random), "success", id
end

local function log_in(server)
  server.logins = server.logins + 1
  if server.run.weather.login_refused then
    return server.api.no_login, "auth"
  end
  server.token = "token-" .. server.logins
  return server.api.logged_in(server.token), "success"
end

-- What is wrong with the purchases of a request.
local function find_faults(server, keys)
  local bad, taken = {}, {}
  for _, key in ipairs(keys) do
    local state = server.run.states[key]
    if state.item.kind == "bad" then
      bad[#bad + 1] = key
    elseif server.api.is_keyed and (state.book > 0 or state.is_prior) then
      taken[#taken + 1] = key
    end
  end
  return bad, taken
end

-- Takes a request and carries it out, or refuses it.
-- @treturn table response
-- @treturn string what it means
-- @treturn ?string the id of its receipt
local function handle(server, transfer)
  local token = transfer.wire.headers.Authorization
  if transfer.is_login then
    return log_in(server)
  elseif not server.api.is_keyed and token ~= "Bearer " .. tostring(server.token) then
    return server.api.AUTH[1], "auth"
  end
  local bad, taken = find_faults(server, transfer.keys)
  if bad[1] or taken[1] then
    transfer.is_duplicate = not bad[1]
    return server.api.verdict(bad, taken, server.random, server.run.weather.has_other_words), "final"
  end
  for _, key in ipairs(transfer.keys) do
    enter(server, key, transfer)
  end
  return success(server, transfer)
end

-- How it gets there and back -----------------------------------------------------------------------------------------

local function latency(server)
  return server.run.weather.latency * server.random:number()
end

-- The client gets an answer, after some seconds, if it still waits for one.
local function answer(server, transfer, seconds, response, means, retry_after, id)
  server.run.network:after(seconds, function(run)
    local given = {
      status = response.status,
      headers = response.headers or {},
      body = response.body,
      unfinished = response.unfinished,
    }
    if run.network:finish(transfer, given) then
      transfer.means, transfer.retry_after = means, retry_after or 0
      run:tell(transfer, "is answered %d (%s) %s", response.status, means, response.body)
      if id then
        server.delivered[#server.delivered + 1] = given
      end
    else
      run:tell(transfer, "is answered too late")
    end
  end)
end

local function fail(server, transfer, seconds, code, sent)
  server.run.network:after(seconds, function(run)
    local phase = sent == "no" and "connect" or "receive"
    if run.network:finish(transfer, nil, { code = code, sent = sent, phase = phase }) then
      run:tell(transfer, "fails: %s, sent: %s", code, sent)
    end
  end)
end

-- The request reaches the server after some seconds; what follows is then up to `next_step(response, means, id)`.
local function arrive(server, transfer, seconds, next_step)
  server.run.network:after(seconds, function(run)
    run:tell(transfer, "arrives")
    next_step(handle(server, transfer))
  end)
end

local function reply(server, transfer)
  return function(response, means, id)
    answer(server, transfer, latency(server), response, means, 0, id)
  end
end

local function plain(server, transfer)
  arrive(server, transfer, latency(server), reply(server, transfer))
end

local function nothing() end

-- What can happen to an exchange besides that all goes well.
local EXCHANGES = {}

function EXCHANGES.unreachable(server, transfer)
  transfer.connected = false
  if server.random:chance(0.3) then
    fail(server, transfer, transfer.wire.connect_timeout, "timeout", "no")
  else
    fail(server, transfer, latency(server), server.random:pick { "cannot_connect", "name_not_found", "tls" }, "no")
  end
end

EXCHANGES.request_lost = nothing

function EXCHANGES.answer_lost(server, transfer)
  arrive(server, transfer, latency(server), nothing)
end

function EXCHANGES.cut(server, transfer)
  arrive(server, transfer, latency(server), function()
    local code = server.random:pick { "connection_lost", "invalid_answer", "answer_too_large" }
    fail(server, transfer, latency(server), code, server.random:pick { "maybe", "yes" })
  end)
end

-- A kept connection was closed meanwhile. What may be repeated unseen, the engine then sends once more.
function EXCHANGES.closed(server, transfer)
  if not transfer.wire.idempotent then
    fail(server, transfer, latency(server), "connection_lost", "maybe")
  elseif server.random:chance(0.5) then
    plain(server, transfer)
  else
    arrive(server, transfer, latency(server), function()
      plain(server, transfer)
    end)
  end
end

-- It is carried out when nobody waits for it any more.
function EXCHANGES.arrives_late(server, transfer)
  local seconds = transfer.wire.timeout * (1 + server.random:number() * 3)
  arrive(server, transfer, seconds, reply(server, transfer))
end

-- About when the client gives up: before or after.
function EXCHANGES.answered_late(server, transfer)
  arrive(server, transfer, latency(server), function(response, means, id)
    local left = transfer.deadline - server.run.network.time
    answer(server, transfer, math.max(0, left - 0.5 + server.random:number()), response, means, 0, id)
  end)
end

-- The server, or what stands before it, breaks down after carrying it out.
function EXCHANGES.breaks_after(server, transfer)
  arrive(server, transfer, latency(server), function()
    answer(server, transfer, latency(server), answers.maybe(server.random, server.api))
  end)
end

function EXCHANGES.breaks_before(server, transfer)
  answer(server, transfer, latency(server), answers.maybe(server.random, server.api))
end

-- It breaks down in the middle of a bulk.
function EXCHANGES.breaks_amid(server, transfer)
  server.run.network:after(latency(server), function()
    local bad, taken = find_faults(server, transfer.keys)
    for i = 1, not (bad[1] or taken[1]) and server.random:from(0, #transfer.keys) or 0 do
      enter(server, transfer.keys[i], transfer)
    end
    EXCHANGES.breaks_before(server, transfer)
  end)
end

function EXCHANGES.refused(server, transfer)
  answer(server, transfer, latency(server), answers.refused(server.random))
end

function EXCHANGES.not_let_in(server, transfer)
  server.token = nil
  answer(server, transfer, latency(server), answers.auth(server.random, server.api), "auth")
end

function EXCHANGES.not_for_us(server, transfer)
  answer(server, transfer, latency(server), answers.stop(server.random, server.api, server.run.is_job), "stop")
end

-- The answer to another request, which this job has had already; the engine's own guard failed.
function EXCHANGES.another_receipt(server, transfer)
  local stale = #server.delivered > 0 and server.random:pick(server.delivered)
  if stale and server.random:chance(0.5) then
    answer(server, transfer, latency(server), stale, "maybe")
  elseif stale then
    arrive(server, transfer, latency(server), function()
      answer(server, transfer, latency(server), stale, "maybe")
    end)
  else
    plain(server, transfer)
  end
end

--- Their names, in an order that is the same each time.
M.KINDS = {
  "unreachable", "request_lost", "answer_lost", "cut", "closed", "arrives_late", "answered_late", "breaks_after",
  "breaks_before", "breaks_amid", "refused", "not_let_in", "not_for_us", "another_receipt",
}

local function fits(server, transfer, kind)
  if kind == "breaks_amid" then
    return not transfer.is_login and server.api.is_keyed
  elseif kind == "another_receipt" then
    return not transfer.is_login and not server.api.is_keyed and server.run.is_job
  elseif kind == "not_let_in" then
    return not transfer.is_login
  end
  return true
end

--- Takes the first token again, as when somebody has renewed the account, from a new process, whose connections have
-- had no answers.
function Server:forgive()
  self.token, self.delivered = "token-0", {}
end

--- Decides how an exchange goes, and begins it.
function Server:exchange(transfer)
  local weather, random = self.run.weather, self.random
  local kind = random:chance(weather.faults) and random:pick(weather.kinds) or nil
  transfer.connected = true
  if kind and fits(self, transfer, kind) then
    self.run:tell(transfer, "meets: %s", kind)
    EXCHANGES[kind](self, transfer)
  else
    plain(self, transfer)
  end
end

return M
