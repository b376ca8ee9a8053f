--- A network without sockets and a clock without time: what `purchases.core`'s pool of connections is to the library,
-- with the same methods. Its clock stands still while Lua runs, and goes on where the pool is asked to wait.
local M = {}

local LONGEST = 100000 -- waits in a run, after which it is taken for one that never ends

local Network = {}
Network.__index = Network

function M.new()
  return setmetatable({ now = 0, last = 0 }, Network)
end

--- Begins a new run.
-- @tab run `sending(transfer)`, `exchange(transfer)` and `taken(transfer)` are told what happens; `step(place)` may
-- raise
function Network:reset(run)
  self.run, self.now, self.time = run, 1000, 1000
  self.events, self.flying, self.ended, self.waits = {}, {}, {}, 0
end

--- Has something happen in some seconds; what comes at the same time keeps its order. The network's own `time` is that
-- of what happens just now, however late the client looks.
-- @number seconds
-- @tparam function action
-- @param argument
function Network:after(seconds, action, argument)
  local time = self.time + seconds
  local events, i = self.events, #self.events
  while i > 0 and events[i].time > time do
    events[i + 1] = events[i]
    i = i - 1
  end
  events[i + 1] = { time = time, action = action, argument = argument }
end

local function remove(list, value)
  for i = 1, #list do
    if list[i] == value then
      return table.remove(list, i)
    end
  end
end

--- Ends a transfer, if it is still on its way.
-- @tab transfer
-- @tparam ?table response
-- @tparam ?table failure fields of an error of the transport
-- @treturn boolean was it?
function Network:finish(transfer, response, failure)
  if not remove(self.flying, transfer) then
    return false
  end
  transfer.response = response
  if failure then
    failure.kind, failure.message = "transport", failure.message or "the network says " .. failure.code
    transfer.failure = self.error.new(failure)
  end
  self.ended[#self.ended + 1] = transfer
  return true
end

-- The methods of a pool ------------------------------------------------------------------------------------------

function Network:add(wire)
  self.run:step "before_send"
  local id = self.last + 1
  self.last, self.time = id, self.now
  local transfer = { id = id, wire = wire, began = self.now, deadline = self.now + wire.timeout }
  self.flying[#self.flying + 1] = transfer
  self.run:sending(transfer)
  self.run:exchange(transfer)
  self.run:step "after_send"
  return id
end

--- As the engine does: deadlines are judged after what has arrived was read, however late that is.
function Network:step()
  local events = self.events
  while events[1] and events[1].time <= self.now do
    local event = table.remove(events, 1)
    self.time = event.time
    event.action(self.run, event.argument)
  end
  for i = #self.flying, 1, -1 do
    local transfer = self.flying[i]
    if transfer.deadline <= self.now then
      self:finish(transfer, nil, { code = "timeout", sent = transfer.connected and "maybe" or "no", phase = "receive" })
    end
  end
  return #self.flying
end

function Network:take()
  local transfer = table.remove(self.ended, 1)
  if transfer then
    self.run:taken(transfer)
    return transfer.id, transfer.response, transfer.failure
  end
end

function Network:poll(seconds)
  self.run:step "waiting"
  self.waits = self.waits + 1
  if self.waits > LONGEST then
    error("the run does not end", 0)
  elseif self.ended[1] then
    return true
  end
  local till = self.now + seconds
  if self.events[1] then
    till = math.min(till, self.events[1].time)
  end
  for _, transfer in ipairs(self.flying) do
    till = math.min(till, transfer.deadline)
  end
  self.now = math.max(self.now, till)
  return true
end

--- The caller waits elsewhere, until whoever runs it waits here.
function Network.leave()
end

function Network:cancel(id)
  for _, transfer in ipairs(self.flying) do
    if transfer.id == id then
      remove(self.flying, transfer)
      return true
    end
  end
  return false
end

function Network:close()
  self.flying = {}
end

--- Lets everything happen that is still to happen when the client has gone: requests that arrive late.
function Network:drain()
  while self.events[1] do
    self.now = math.max(self.now, self.events[1].time)
    self:step()
  end
end

return M
