--- The job of submitting a purchase series in batches, each of them one purchase.
-- @module purchases.job.batch
local series_type = require "purchases.series"

local M = {}

--- Checks a size for an option.
-- @treturn ?string what is wrong with it
function M.check(size)
  local number = type(size) == "number" and size >= 1 and size % 1 == 0
  if size ~= "day" and size ~= "all" and not number then
    return 'must be "day", "all" or a number of rows'
  end
end

--- Options of the job beyond those of every job. `batch`: the rows of one purchase, "day" (delivery days), "all" or
-- a number.
M.OPTIONS = {
  batch = { "string|number", default = "day", check = M.check },
}

--- Iterates over a series in slices.
-- @tparam purchases.series series
-- @tparam string|number size "day" (delivery days), "all" or a number of rows
-- @treturn function
function M.of(series, size)
  if size == "day" then
    return series:days()
  end
  local count = size == "all" and #series or size
  local next_first = 1
  return function()
    local first = next_first
    if first > #series then
      return nil
    end
    next_first = first + count
    return size == "all" and series or series:slice(first, math.min(next_first - 1, #series))
  end
end

--- How many batches that makes.
-- @treturn int
function M.count(series, size)
  if size == "day" then
    return series:day_count()
  end
  return size == "all" and 1 or math.ceil(#series / size)
end

-- What a ledger is to know of a slice, by which it is found again: a delivery day by its date, any other by where it
-- begins.
local function record_of(slice, size)
  local first, last = slice:span()
  return {
    operation = "submit_all",
    name = size == "day" and slice:date() or first,
    first = first,
    last = last,
    count = 1,
    digest = slice:digest(),
  }
end

-- Notes in a batch what an earlier run has done with it, where that settles it.
-- @treturn boolean|nil
-- @treturn ?purchases.error why nobody can tell
local function settle(batch, memory)
  local verdict, known = memory:recall(batch.record)
  if verdict == true then
    batch.skipped = 1
    batch.receipt = { id = known, skipped = true }
  elseif verdict then
    batch.refused = {
      { outcome = verdict.outcome, error = verdict, first = batch.first, last = batch.last, rows = batch.rows },
    }
  elseif known then
    return nil, known
  end
  return verdict ~= nil
end

--- Opens the job.
-- @tab provider `submit_slice(config, slice, retailer_id, path)` → a request
-- @tab config the client's options
-- @tparam purchases.series|table given a series, or rows, which are checked first
-- @tab opts `batch`, `retailer_id`; of rows `tz`, `step`
-- @treturn table|nil see `purchases.job.upload`; it heeds `memory`, see `purchases.job.memory`, where that is set
-- @treturn ?purchases.error
function M.open(provider, config, given, opts)
  local series, err = series_type.of(given, opts, "submit_all", 4)
  if not series then
    return nil, err
  end
  local slices, index, path = M.of(series, opts.batch), 0, nil
  local job = { noun = "purchase", total = M.count(series, opts.batch) }

  function job.next()
    local slice = slices()
    if not slice then
      return nil
    end
    index = index + 1
    local batch = { index = index, first = slice:first(), last = slice:last(), rows = #slice }
    if job.memory then
      batch.record = record_of(slice, opts.batch)
      local is_settled, why = settle(batch, job.memory)
      if is_settled == nil then
        return nil, why, batch.first
      elseif is_settled then
        return batch
      end
    end
    local request, why = provider.submit_slice(config, slice, opts.retailer_id, path)
    if not request then
      return nil, why, batch.first
    end
    batch.request, path = request, request.path
    return batch
  end

  return job
end

return M
