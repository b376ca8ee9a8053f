--- Purchase data to APIs: checked before a byte is sent, nothing lost, nothing sent twice on its own.
-- @module purchases
local client = require "purchases.client"
local clock = require "purchases.clock"
local curebit = require "purchases.provider.curebit"
local datetime = require "purchases.datetime"
local json = require "purchases.json"
local ledger = require "purchases.ledger"
local ravenwits = require "purchases.provider.ravenwits"
local schema = require "purchases.schema"
local schemas = require "purchases.source.schemas"
local series = require "purchases.series"
local source_map = require "purchases.source.map"
local woowup = require "purchases.provider.woowup"

local M = {
  _VERSION = require "purchases.version",
  series = { read = series.read, decode = series.decode, from = series.from },
  schema = setmetatable({ compile = schema.compile }, { __index = schemas.provided }),
  datetime = datetime,
  json = { valid = json.valid },
  ledger = { open = ledger.open },
  monotonic = clock.monotonic, -- seconds, by a clock that is never set
}

series.map_loader = source_map.load

M.ravenwits = {
  --- Makes a client of Ravenwits.
  -- @tab opts `user`; `token`, or `email` and `password`; and the options of every client: `base_url`,
  -- `timeout` (seconds, whole call), `connect_timeout`, `retry`, `concurrency`, `rate` (requests a minute),
  -- `ca_file`, `proxy`, `user_agent`, `allow_insecure`, `wait`, `transport` (see `purchases.net.custom`)
  new = function(opts)
    return (client.new(ravenwits, opts))
  end,
  output = ravenwits.output,
}

M.woowup = {
  --- Makes a client of WoowUp.
  -- @tab opts `api_key`, and the options of every client; `rate` is 140 by default
  new = function(opts)
    return (client.new(woowup, opts))
  end,
}

M.curebit = {
  --- Makes a client of Curebit.
  -- @tab opts `site`, the site's slug; `api_key`; and the options of every client
  new = function(opts)
    return (client.new(curebit, opts))
  end,
}

return M
