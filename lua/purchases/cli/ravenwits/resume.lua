--- Which rows an upload left behind: those, and only those, are to be submitted again.
-- @module purchases.cli.ravenwits.resume
local batch = require "purchases.job.batch"

local M = {}

--- The pending rows in as few ranges as there are.
-- @tparam purchases.series series
-- @tparam string|number size of a batch
-- @tparam {table,...} failures of the report
-- @int last_accepted the highest index among the receipts
-- @treturn {table,...} `{ row =, rows =, first =, last = }`; `row` counts from 1
function M.ranges(series, size, failures, last_accepted)
  -- Batches are taken in their order, but some are put off and never get their turn again.
  local put_off, last_taken = {}, last_accepted
  for _, failure in ipairs(failures) do
    put_off[failure.index] = failure.outcome == "pending"
    last_taken = math.max(last_taken, failure.index)
  end
  local ranges, open = {}, nil
  local row, index = 1, 0
  for slice in batch.of(series, size) do
    index = index + 1
    if index <= last_taken and not put_off[index] then
      open = nil
    else
      if not open then
        open = { row = row, rows = 0, first = slice:first() }
        ranges[#ranges + 1] = open
      end
      open.rows, open.last = open.rows + #slice, slice:last()
    end
    row = row + #slice
  end
  return ranges
end

--- The ranges in words.
function M.text(ranges)
  local parts = {}
  for i, range in ipairs(ranges) do
    local last_row = range.row + range.rows - 1
    parts[i] = ("rows %d to %d (%s to %s)"):format(range.row, last_row, range.first, range.last)
  end
  return table.concat(parts, " and ")
end

return M
