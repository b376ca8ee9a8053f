--- The job of creating purchases in bulks: what a bulk's answer means for each of them.
-- @module purchases.job.bulks
local json = require "purchases.json"
local options = require "purchases.options"
local schemas = require "purchases.source.schemas"
local source = require "purchases.source"

local M = {}

local MAX_PURCHASE = 4 * 1024 * 1024 -- bytes of one where the API sets no limit

--- Options of the job beyond those of every job. `batch` and `batch_bytes`: the most purchases, and bytes of
-- them, in one request; `from_line`: those that begin before this line are left out, such as a report's `resume`;
-- `map`: how CSV makes purchases, see `purchases.source.map`; `tz`, `encoding`, `delimiter`, `decimal`: in the place of
-- what the map says; `schema`: a compiled schema or the path of one, which
-- purchases must pass besides the API's own; `on_reject(failure)`: gets each purchase that was not accepted,
-- `{ outcome =, line =, column =, key =, error =, text = }`, its text as it came; it may return false to take no
-- new work.
M.OPTIONS = {
  batch = { "number", default = 100, check = options.count },
  batch_bytes = { "number", default = 1024 * 1024, check = options.count },
  from_line = { "number", default = 1, check = options.count },
  map = { "string|table" },
  tz = { "string" },
  encoding = { "string" },
  delimiter = { "string" },
  decimal = { "string" },
  schema = { "string|userdata" },
  on_reject = { "function" },
}

local Job = { noun = "purchase", failures_kept = 1000, counts_only = true }
Job.__index = Job

-- Purchases of a bulk as a batch. All batches of one bulk hold the same `bulk_ref`, which counts the purchases that
-- have no outcome yet.
local function new_batch(bulk_ref, first, last)
  return {
    index = bulk_ref.index,
    bulk_ref = bulk_ref,
    from = first,
    to = last,
    first = bulk_ref.bulk:line(first),
    last = bulk_ref.bulk:line(last),
    rows = last - first + 1,
    count = last - first + 1,
    refused = {},
  }
end

function Job:new_bulk_batch(bulk)
  self.index = self.index + 1
  return new_batch({ index = self.index, bulk = bulk, left = #bulk }, 1, #bulk)
end

function Job:add_request(batch)
  local body = batch.bulk_ref.bulk:body(batch.from, batch.to)
  local err
  batch.request, err = self.provider.create_many(self.config, body, batch.count)
  return batch.request and batch, err
end

--- Reads what must be known before anything is sent.
-- @tparam function breathe see `purchases.source`
-- @treturn boolean|nil
-- @treturn ?purchases.error why nothing may be sent
function Job:prepare(breathe)
  if self.source.prepare then
    return self.source:prepare(breathe)
  end
  return true
end

--- The next batch: with a `request`, or with `refused` purchases alone, or with both.
-- @tparam function breathe see `purchases.source`
-- @treturn table|false|nil false: not before others have ended; nil: there is none
-- @treturn ?purchases.error why nothing more can be read
function Job:next(breathe)
  local bulk, refused = self.source:next(breathe)
  if not bulk then
    self.is_read = refused == nil
    return nil, refused
  elseif #bulk == 0 then
    bulk:close()
    return refused[1] and { index = self.index, count = 0, refused = refused } or false
  end
  local batch = self:new_bulk_batch(bulk)
  batch.refused = refused
  return self:add_request(batch)
end

--- The purchases that waited for others with their key, when nothing more is to be sent.
-- @treturn ?table a batch without a request
function Job:next_waiting()
  local bulk = self.source:next_waiting()
  if bulk and #bulk > 0 then
    return self:new_bulk_batch(bulk)
  end
end

--- Parts a batch that an error is about, to find out which purchase it means; nil where there is no need to.
-- @treturn ?{table,...}
function Job:divide(batch, err)
  if batch.count < 2 or not self.provider.is_about_data(err) then
    return nil
  end
  -- Where more than one in five is refused, halves that are halved again take more requests than one for each
  -- purchase. It takes some purchases to know.
  local in_vain = 5 * self.refused_alone > self.divided + 50
  local size = in_vain and 1 or math.ceil(batch.count / 2)
  local parts = {}
  for from = batch.from, batch.to, size do
    local part = new_batch(batch.bulk_ref, from, math.min(from + size - 1, batch.to))
    part.is_part = true
    parts[#parts + 1] = self:add_request(part)
  end
  return parts
end

--- A batch's purchases for the report, each with its text.
function Job:failures(batch, outcome, err)
  local list = {}
  for i = batch.from, batch.to do
    local text, line, column, key = batch.bulk_ref.bulk:purchase(i)
    if outcome ~= "rejected" then
      self.first_left = math.min(self.first_left or line, line)
    end
    list[#list + 1] = {
      index = batch.index,
      outcome = outcome,
      line = line,
      column = self.source.has_columns and column or nil,
      key = key and json.decode("[" .. key .. "]")[1],
      error = err,
      text = text,
      duplicate = outcome == "rejected" and self.provider.is_duplicate(err) or nil,
    }
  end
  return list
end

--- Notes that a batch has ended with this outcome: others with the same keys may be sent.
function Job:ended(batch, outcome)
  local bulk_ref = batch.bulk_ref
  if batch.is_part then
    self.divided = self.divided + batch.count
    self.refused_alone = self.refused_alone + (outcome == "rejected" and 1 or 0)
  end
  bulk_ref.bulk:release(batch.from, batch.to)
  bulk_ref.left = bulk_ref.left - batch.count
  if bulk_ref.left == 0 then
    bulk_ref.bulk:close()
  end
end

--- How many were never read, nil where nobody can tell; and the first line of what is pending or unknown, if anything
-- is; and how many rows a map has left out, if any.
function Job:rest(breathe)
  local line, first = self.source:line(), self.first_left
  local left_out = self.source.left_out and self.source:left_out() or 0
  local count = self.is_read and 0 or self.source:count(breathe)
  if count == 0 or first and line and first < line then
    line = first
  end
  return count, line, left_out > 0 and left_out or nil
end

function Job:close()
  self.source:close()
end

--- Opens a source of purchases, which are held against the provider's schema.
-- @tab provider see `open`
-- @tparam string|table|function given see `purchases.source`
-- @tab opts of `OPTIONS`, with defaults: `batch`, `batch_bytes`, `map`, `schema`
-- @treturn table|nil see `purchases.source`
-- @treturn ?purchases.error
function M.source(provider, given, opts)
  local extra_schema, err = opts.schema, nil
  if type(extra_schema) == "string" then
    extra_schema, err = schemas.load(extra_schema)
  end
  if err then
    return nil, err
  end
  return source.open(given, {
    schema = schemas.provided[provider.schema_name],
    extra_schema = extra_schema,
    key = provider.key,
    key_within = provider.key_within,
    max_purchase = provider.max_purchase or MAX_PURCHASE,
    batch = opts.batch,
    batch_bytes = opts.batch_bytes,
    from_line = opts.from_line,
    map = opts.map,
    over = { tz = opts.tz, encoding = opts.encoding, delimiter = opts.delimiter, decimal = opts.decimal },
    api = provider.schema_name,
    needs = provider.needs,
    lists = provider.lists,
  })
end

local SOURCES = { ["string"] = true, ["table"] = true, ["function"] = true }

--- Opens the job.
-- @tab provider `create_many(config, body, count)` → a request; `key`, the name of what tells purchases apart, and
-- `key_within`, that of what it does so within; `max_purchase`, bytes of one; `schema_name`; `is_about_data(err)`,
-- `is_duplicate(err)`
-- @tab config the client's options
-- @tparam string|table|function given see `purchases.source`
-- @tab opts of `OPTIONS`
-- @treturn table|nil see `purchases.job.upload`
-- @treturn ?purchases.error
function M.open(provider, config, given, opts)
  if not SOURCES[type(given)] then
    error(("create_all: expected a file's path, a list or a function, got %s"):format(type(given)), 3)
  end
  local possible, err = provider.create_many(config, "[]", 0)
  local opened
  if possible then
    opened, err = M.source(provider, given, opts)
  end
  if not opened then
    return nil, err
  end
  return setmetatable({
    provider = provider,
    config = config,
    source = opened,
    may_wait = opened.may_wait,
    index = 0,
    divided = 0, -- purchases that were sent in parts of a bulk
    refused_alone = 0, -- those of them that were to blame
  }, Job)
end

return M
