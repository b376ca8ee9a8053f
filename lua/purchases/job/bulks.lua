--- The job of creating purchases in bulks: what a bulk's answer means for each of them.
-- @module purchases.job.bulks
local error_type = require "purchases.error"
local json = require "purchases.json"
local options = require "purchases.options"
local schema = require "purchases.schema"
local source = require "purchases.source"
local text_file = require "purchases.source.text_file"

local M = {}

local MAX_RECORD = 4 * 1024 * 1024 -- bytes of a purchase where the API sets no limit

--- Options of the job beyond those of every job. `batch` and `batch_bytes`: the most purchases, and bytes of
-- them, in one request; `from_line`: those that begin before this line are left out, such as a report's `resume`:
-- what came before it is settled; `map`: how CSV makes purchases, see `purchases.mapping`; `schema`: a compiled schema
-- or the path of one, which purchases must pass besides the API's own; `on_reject(record)`: gets each
-- purchase that was not accepted, `{ outcome =, line =, column =, key =, error =, text = }`, its text as it came.
M.OPTIONS = {
  batch = { "number", default = 100, check = options.count },
  batch_bytes = { "number", default = 1024 * 1024, check = options.count },
  from_line = { "number", default = 1, check = options.count },
  map = { "string|table" },
  schema = { "string|userdata" },
  on_reject = { "function" },
}

local Job = { noun = "purchase", failures_kept = 1000, counts_only = true }
Job.__index = Job

-- What all parts of one bulk share: when the outcome of the last of them is known, it is done.
local function new_batch(job, share, first, last)
  return {
    index = share.index,
    share = share,
    from = first,
    to = last,
    first = share.bulk:line(first),
    last = share.bulk:line(last),
    rows = last - first + 1,
    count = last - first + 1,
    refused = {},
    job = job,
  }
end

local function with_request(batch)
  local job = batch.job
  local body = batch.share.bulk:body(batch.from, batch.to)
  local err
  batch.request, err = job.provider.create_many(job.config, body, batch.count)
  return batch.request and batch, err
end

local function share_of(job, bulk)
  job.index = job.index + 1
  return { index = job.index, bulk = bulk, left = #bulk }
end

--- The next batch: with a `request`, or with `refused` records alone, or with both.
-- @treturn table|false|nil false: not before others have ended; nil: there is none
-- @treturn ?purchases.error why nothing more can be read
function Job:next()
  local bulk, refused = self.source:next()
  if not bulk then
    self.is_read = refused == nil
    return nil, refused
  elseif #bulk == 0 then
    bulk:close()
    return refused[1] and { index = self.index, count = 0, refused = refused } or false
  end
  local batch = new_batch(self, share_of(self, bulk), 1, #bulk)
  batch.refused = refused
  return with_request(batch)
end

--- Those that waited for others with their key, when nothing more is to be sent.
function Job:next_waiting()
  local bulk = self.source:next_waiting()
  if bulk and #bulk > 0 then
    return new_batch(self, share_of(self, bulk), 1, #bulk)
  end
end

-- Where more than one in five is refused, halves that are halved again take more requests than one for each. It
-- takes some to know.
local function is_halving_in_vain(job)
  return 5 * job.refused_alone > job.divided + 50
end

--- The parts of a batch that an error is about, to find out which purchase it means; nil: no need to.
-- @treturn ?{table,...}
function Job:divide(batch, err)
  if batch.count < 2 or not self.provider.is_about_data(err) then
    return nil
  end
  local size = is_halving_in_vain(self) and 1 or math.ceil(batch.count / 2)
  local parts = {}
  for from = batch.from, batch.to, size do
    local part = new_batch(self, batch.share, from, math.min(from + size - 1, batch.to))
    part.is_part = true
    parts[#parts + 1] = with_request(part)
  end
  return parts
end

--- What becomes of a batch whose call ended with this error: one that is not about the data would meet all
-- others too.
function Job:outcome(err)
  if err.outcome == "rejected" and not self.provider.is_about_data(err) then
    return "pending"
  end
  return err.outcome
end

local function key_of(key)
  return key and json.decode("[" .. key .. "]")[1]
end

--- A batch's purchases for the report, each with its text.
function Job:failures(batch, outcome, err)
  local list = {}
  for i = batch.from, batch.to do
    local text, line, column, key = batch.share.bulk:purchase(i)
    if outcome ~= "rejected" then
      self.first_left = math.min(self.first_left or line, line)
    end
    list[#list + 1] = {
      index = batch.index,
      outcome = outcome,
      line = line,
      column = self.source.has_columns and column or nil,
      key = key_of(key),
      error = err,
      text = text,
      duplicate = outcome == "rejected" and self.provider.is_duplicate(err) or nil,
    }
  end
  return list
end

--- Its outcome is known: others with the same keys may be sent.
function Job:settled(batch, outcome)
  local share = batch.share
  if batch.is_part then
    self.divided = self.divided + batch.count
    self.refused_alone = self.refused_alone + (outcome == "rejected" and 1 or 0)
  end
  share.bulk:release(batch.from, batch.to)
  share.left = share.left - batch.count
  if share.left == 0 then
    share.bulk:close()
  end
end

--- How many were never read, nil where nobody can tell; and from which line on there is something that is not
-- settled, if there is.
function Job:rest()
  local line, first = self.source:line(), self.first_left
  local count = self.is_read and 0 or self.source:count()
  if count == 0 or first and line and first < line then
    line = first
  end
  return count, line
end

function Job:close()
  self.source:close()
end

local function own_schema(given)
  if given == nil then
    return nil
  elseif type(given) == "userdata" then
    return given
  end
  local text, why = text_file.read(given)
  if not text then
    return nil, error_type.new {
      kind = "validation",
      code = "file_unreadable",
      message = ("cannot read the schema %s: %s"):format(given, why),
    }
  end
  local compiled, err = schema.compile(text)
  if err then
    err.file = given
  end
  return compiled, err
end

local function rules_of(provider, opts)
  local extra_schema, err = own_schema(opts.schema)
  if err then
    return nil, err
  end
  return {
    schema = schema[provider.schema_name],
    extra_schema = extra_schema,
    key = provider.key,
    max_purchase = provider.max_record or MAX_RECORD,
    batch = opts.batch,
    batch_bytes = opts.batch_bytes,
    from_line = opts.from_line,
    map = opts.map,
  }
end

--- Opens a source of purchases, which are held against the provider's schema.
-- @tab provider see `job`
-- @tparam string|table|function given see `purchases.source`
-- @tab opts of `OPTIONS`, with defaults: `batch`, `batch_bytes`, `map`, `schema`
-- @treturn table|nil see `purchases.source`
-- @treturn ?purchases.error
function M.source(provider, given, opts)
  local rules, err = rules_of(provider, opts)
  if not rules then
    return nil, err
  end
  return source.open(given, rules)
end

local SOURCES = { ["string"] = true, ["table"] = true, ["function"] = true }

local function open(provider, config, given, opts)
  if not SOURCES[type(given)] then
    error(("create_all: a file's path, a list or a function is wanted, not %s"):format(type(given)), 4)
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
    index = 0,
    divided = 0, -- purchases that were sent in parts of a bulk
    refused_alone = 0, -- those of them that were to blame
  }, Job)
end

--- The job for one provider.
-- @tab provider `create_many(config, body, count)`, `key`, `max_record`, `schema_name`,
-- `is_about_data(err)`, `is_duplicate(err)`
-- @treturn table `options` and `open(config, source, opts)`, as a provider's `jobs` have them
function M.job(provider)
  return {
    options = M.OPTIONS,
    open = function(config, given, opts)
      local opened, err = open(provider, config, given, opts)
      return opened, err
    end,
  }
end

return M
