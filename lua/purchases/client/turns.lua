--- When a client's requests may start: one after the other as its rate allows, and none while the server wants a pause
-- (429). A client keeps that for itself; with the option `rate_store`, a shared dict of nginx, all clients of the same
-- account do so together, in whatever worker they are.
-- @module purchases.client.turns
local clock = require "purchases.clock"

local M = {}

-- What a client keeps for itself.
local Own = {}
Own.__index = Own

--- Reserves the next turn.
-- @number now
-- @number latest where one has to wait, the turn must come before
-- @treturn ?number its time; nil: there is none before `latest`
function Own:claim(now, latest)
  local start = math.max(now, self.next_start, self.held)
  if start > now and start >= latest then
    return nil
  end
  self.next_start = start + self.width
  return start
end

--- The time from which on a turn may be used: later than its own where somebody was late before it.
function Own:due(turn)
  return math.max(turn, self.started_at + self.width)
end

--- Notes that something has started, perhaps later than its turn was.
function Own:started(now)
  self.started_at = now
  self.next_start = math.max(self.next_start, now + self.width)
end

--- Until when nobody is to start anything.
function Own:held_till()
  return self.held
end

--- Has everybody wait until then.
function Own:hold(till)
  self.held = math.max(self.held, till)
end

-- What all workers of an nginx keep together. Time is cut into pieces of a turn each, numbered, and whoever is the
-- first to add a piece's entry to the dict has that turn: its entry says when it starts. Times are those of the
-- machine's monotonic clock, which is the same in all workers.
local Shared = {}
Shared.__index = Shared

-- Adds a piece's entry, for as long as anybody may ask for it. Where the dict has no memory for it, rather a 429 than
-- nothing sent.
local function add(self, piece, start, now)
  local life = start - now + 3 * self.width + 1
  local added, why = self.dict:add(self.key .. piece, start, life)
  if added or why ~= "exists" then
    self.dict:set(self.key, piece + 1, life) -- where to begin to look
    return true
  end
end

function Shared:claim(now, latest)
  local dict, key, width = self.dict, self.key, self.width
  local first = math.max(now, self:held_till())
  if width == 0 then
    return (first == now or first < latest) and first or nil
  end
  local piece = math.max(math.floor(first / width), dict:get(key) or 0)
  while true do
    local before = dict:get(key .. piece - 1)
    local start = math.max(first, piece * width, before and before + width or 0)
    if start > now and start >= latest then
      return nil
    end
    if add(self, piece, start, now) then
      return start
    end
    piece = piece + 1
  end
end

function Shared.due(_, turn)
  return turn
end

function Shared:started(now)
  if self.width > 0 then
    add(self, math.floor(now / self.width), now, now)
  end
end

function Shared:held_till()
  return self.dict:get(self.held_key) or 0
end

function Shared:hold(till)
  local seconds = till - clock.monotonic()
  if seconds > 0 and till > self:held_till() then
    self.dict:set(self.held_key, till, seconds)
  end
end

--- Checks the option `rate_store`.
-- @tab value
-- @treturn ?string what is wrong with it
function M.check(value)
  for _, name in ipairs { "get", "set", "add" } do
    if type(value[name]) ~= "function" then
      return "must be a shared dict of nginx: ngx.shared.NAME, with `lua_shared_dict NAME 1m;` in nginx.conf"
    end
  end
end

--- The turns of a client.
-- @tab opts the client's: `rate`, requests a minute; `rate_store`; those that `provider.account` names
-- @tab provider
-- @treturn table
function M.new(opts, provider)
  local width = opts.rate and 60 / opts.rate or 0
  if not opts.rate_store then
    return setmetatable({ width = width, next_start = 0, started_at = -math.huge, held = 0 }, Own)
  end
  local account = { provider.name, opts.base_url }
  for _, name in ipairs(provider.account) do
    account[#account + 1] = tostring(opts[name])
  end
  local key = "purchases:" .. ngx.md5(table.concat(account, "\0")) -- which shows no credential
  return setmetatable({
    dict = opts.rate_store,
    width = width,
    key = ("%s:%g:"):format(key, opts.rate or 0),
    held_key = key .. ":held",
  }, Shared)
end

return M
