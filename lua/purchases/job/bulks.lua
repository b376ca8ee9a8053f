--- The job of creating purchases in bulks: what a bulk's answer means for each of them.
-- @module purchases.job.bulks
local json = require "purchases.json"
local options = require "purchases.options"
local schemas = require "purchases.source.schemas"
local source = require "purchases.source"

local M = {}

local function part_of(list, first, last)
  local part = {}
  for i = first, last do
    part[#part + 1] = list[i]
  end
  return part
end

local MAX_PURCHASE = 4 * 1024 * 1024 -- bytes of one where the API sets no limit
local MOST_SIFTED = 1e5 -- purchases that earlier runs have settled, after which the upload loop has its turn

--- Options of the job beyond those of every job. `batch` and `batch_bytes`: the most purchases, and bytes of
-- them, in one request; `from_line`: those that begin before this line are left out, such as a report's `resume`;
-- `map`: how CSV makes purchases, see `purchases.source.map`; `tz`, `encoding`, `delimiter`, `decimal`: in the place of
-- what the map says; `schema`: a compiled schema or the path of one, which
-- purchases must pass besides the API's own; `on_duplicate`: what the API has already is rejected ("report"), counts as
-- accepted, or is sent as an update; `on_reject(failure)`: gets each purchase that was not accepted,
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
  on_duplicate = { "string", default = "report", check = options.one_of("report", "accept", "update") },
}

local Job = { noun = "purchase", failures_kept = 1000, counts_only = true }
Job.__index = Job

-- Purchases of a bulk as a batch. All batches of one bulk hold the same `bulk_ref`, which counts the purchases that
-- have no outcome yet. Where the job has a memory, it knows their keys and digests.
-- @string[opt] kind "maybe": they may have arrived with an earlier run; "update": one that is to replace another
local function new_batch(bulk_ref, first, last, kind)
  local count = last - first + 1
  return {
    index = bulk_ref.index,
    bulk_ref = bulk_ref,
    from = first,
    to = last,
    first = bulk_ref.bulk:line(first),
    last = bulk_ref.bulk:line(last),
    rows = count,
    count = count,
    refused = {},
    is_update = kind == "update",
    record = bulk_ref.keys and {
      operation = kind == "update" and "update_all" or "create_all",
      count = count,
      keys = part_of(bulk_ref.keys, first, last),
      digests = part_of(bulk_ref.digests, first, last),
      maybe = kind == "maybe",
    },
  }
end

-- Those of a bulk from an index on as a batch: as many as may all have arrived, or none of them, so that only what is
-- in doubt can be taken for its own repeat; or one update.
function Job:next_of(bulk_ref, first)
  local last, kinds = #bulk_ref.bulk, bulk_ref.kinds
  local kind = self.updates and "update" or kinds and kinds[first]
  if kind == "update" then
    last = first
  elseif kinds then
    for i = first + 1, last do
      if kinds[i] ~= kind then
        last = i - 1
        break
      end
    end
  end
  self.cut = last < #bulk_ref.bulk and { bulk_ref, last + 1 } or nil
  return self:add_request(new_batch(bulk_ref, first, last, kind))
end

-- What the batches of a bulk share.
function Job:new_bulk_ref(bulk)
  self.index = self.index + 1
  return { index = self.index, bulk = bulk, left = #bulk }
end

function Job:add_request(batch)
  local bulk = batch.bulk_ref.bulk
  if batch.is_update then
    batch.request = self.provider.update_text(self.config, (bulk:purchase(batch.from)))
    return batch
  end
  local request, err = self.provider.create_many(self.config, bulk:body(batch.from, batch.to), batch.count)
  batch.request = request
  return request and batch, err
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

-- A purchase of a bulk for the report, with its text.
function Job:failure(bulk, index, outcome, err)
  local text, line, column, key = bulk:purchase(index)
  return {
    outcome = outcome,
    line = line,
    column = self.source.has_columns and column or nil,
    key = key and json.decode("[" .. key .. "]")[1],
    error = err,
    text = text,
  }
end

-- Drops from a bulk what needs no request, as the job's memory has it, and fills it up again, until nothing is to be
-- dropped: else a few new purchases among many old ones would make as many requests as all of them.
-- @tab refused gets those that are refused again
-- @treturn table|nil `bulk_ref` of what is left
-- @treturn int|purchases.error how many were accepted before
function Job:sift(bulk, refused, breathe)
  local skipped, known, kinds = 0, 0, {}
  local keys, digests, count
  repeat
    keys, digests, count = bulk:keys(), bulk:digests(), #bulk
    local verdicts, err = self.memory:judge(part_of(keys, known + 1, count), part_of(digests, known + 1, count))
    if not verdicts then
      return nil, err
    end
    local kept = {}
    for i = 1, count do
      local verdict = verdicts[i - known]
      if not verdict or verdict == "maybe" or verdict == "update" then
        kept[#kept + 1] = i
        kinds[#kept] = i <= known and kinds[i] or verdict or false
      elseif verdict == true then
        skipped = skipped + 1
      else
        local failure = self:failure(bulk, i, "rejected", verdict)
        failure.duplicate = verdict.duplicate
        refused[#refused + 1] = failure
      end
    end
    known = #kept
    if known < count then
      bulk:keep(kept)
    end
    if known < count and skipped < MOST_SIFTED and not self.may_wait then
      local _, more = self.source:next(breathe, bulk)
      for _, refusal in ipairs(more or {}) do
        refused[#refused + 1] = refusal
      end
    end
  until known == count
  local bulk_ref = self:new_bulk_ref(bulk)
  bulk_ref.keys, bulk_ref.digests, bulk_ref.kinds = keys, digests, kinds
  return bulk_ref, skipped
end

--- The next batch: with a `request`, or with `refused` purchases alone, or with both; `skipped` counts those that
-- earlier runs have sent.
-- @tparam function breathe see `purchases.source`
-- @treturn table|false|nil false: not before others have ended; nil: there is none
-- @treturn ?purchases.error why nothing more can be read
function Job:next(breathe)
  if self.cut then
    return self:next_of(self.cut[1], self.cut[2])
  end
  local bulk, refused = self.source:next(breathe)
  if not bulk then
    self.is_read = refused == nil
    return nil, refused
  end
  local bulk_ref, skipped
  if self.memory then
    bulk_ref, skipped = self:sift(bulk, refused, breathe)
    if not bulk_ref then
      return nil, skipped
    end
  elseif #bulk > 0 then
    bulk_ref = self:new_bulk_ref(bulk)
  end
  if #bulk == 0 then
    bulk:close()
    local has_some = refused[1] or (skipped or 0) > 0
    return has_some and { index = self.index, count = 0, refused = refused, skipped = skipped } or false
  end
  local batch, err = self:next_of(bulk_ref, 1)
  if batch then
    batch.refused, batch.skipped = refused, skipped
  end
  return batch, err
end

--- What was read and has no batch yet, when nothing more is to be sent: the rest of a bulk that goes out in pieces, and
-- the purchases that waited for others with their key.
-- @treturn ?table a batch without a request
function Job:next_waiting()
  local cut = self.cut
  if cut then
    self.cut = nil
    return new_batch(cut[1], cut[2], #cut[1].bulk)
  end
  local bulk = self.source:next_waiting()
  if bulk and #bulk > 0 then
    return new_batch(self:new_bulk_ref(bulk), 1, #bulk)
  end
end

-- A purchase that the API has is sent as an update, and one that it does not have is created; each but once.
function Job:convert(batch, err)
  local provider, opts, kind = self.provider, self.opts, nil
  if self.updates or batch.is_converted or batch.count > 1 then
    return nil
  elseif batch.is_update and provider.is_absent(err) then
    kind = "create"
  elseif not batch.is_update and opts.on_duplicate == "update" and provider.is_duplicate(err) then
    kind = "update"
  end
  local part = kind and new_batch(batch.bulk_ref, batch.from, batch.to, kind)
  if part then
    part.is_converted = true
    return { self:add_request(part) }
  end
end

--- Tells whether an error says that all is as it should be: that the API has the purchase, where that is enough.
function Job:accepts(batch, err)
  return batch.count == 1 and self.opts.on_duplicate == "accept" and self.provider.is_duplicate(err)
end

--- Parts a batch that an error is about, to find out which purchase it means; nil where there is no need to.
-- @treturn ?{table,...}
function Job:divide(batch, err)
  local converted = self:convert(batch, err)
  if converted then
    return converted
  elseif batch.count < 2 or not self.provider.is_about_data(err) then
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
    local failure = self:failure(batch.bulk_ref.bulk, i, outcome, err)
    if outcome ~= "rejected" then
      self.first_left = math.min(self.first_left or failure.line, failure.line)
    end
    failure.index = batch.index
    failure.duplicate = outcome == "rejected" and self.provider.is_duplicate(err) or nil
    list[#list + 1] = failure
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
-- @tab job `updates`: each purchase is to replace the one that the API has
-- @treturn table|nil see `purchases.job.upload`; it heeds `memory`, see `purchases.job.memory`, where that is set
-- @treturn ?purchases.error
function M.open(provider, config, given, opts, job)
  local what = job.updates and "update_all" or "create_all"
  if not SOURCES[type(given)] then
    error(("%s: expected a file's path, a list or a function, got %s"):format(what, type(given)), 3)
  elseif not provider.update_text and (opts.on_changed == "send" or opts.on_duplicate == "update") then
    error(("%s: %s knows no updates: on_changed must be \"report\", on_duplicate \"report\" or \"accept\"")
      :format(what, provider.name), 3)
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
    opts = opts,
    updates = job.updates,
    source = opened,
    may_wait = opened.may_wait,
    index = 0,
    divided = 0, -- purchases that were sent in parts of a bulk
    refused_alone = 0, -- those of them that were to blame
  }, Job)
end

return M
