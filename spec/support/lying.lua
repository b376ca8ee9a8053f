-- Jobs against the fault server's scenario "lying", until many of their requests were carried out and not answered,
-- each report held against the server's book.
local cjson = require "cjson"
local http = require "socket.http"
local purchases = require "purchases"
local random = require "spec.simulation.random"
local rows = require "spec.support.rows"
local sales = require "spec.support.sales"

local M = {}

local MOST_JOBS = 60
local BAD, TAKEN, TAKEN_REST, BAD_VALUE = 13, 19, 5, 999 -- as spec/faults/book.py has them
local ROWS = 4 -- of a purchase of Ravenwits

local function check(condition, format, ...)
  if not condition then
    error(format:format(...), 0)
  end
end

local function book_of(at)
  local body, status = http.request(("%s/_book?run=%s"):format(at.control, at.run))
  assert(status == 200, tostring(status))
  return cjson.decode(body)
end

-- How often the book has each key, and the key of each id.
local function index(book)
  local times, key_of = {}, {}
  for _, entry in ipairs(book.entries) do
    times[entry.key] = (times[entry.key] or 0) + 1
    if entry.id then
      key_of[entry.id] = entry.key
    end
  end
  return times, key_of
end

-- Callbacks that interrupt some jobs, and raise in others.
local function progress(dice, count)
  local limit, raises = dice:chance(0.2) and dice:from(1, count) or math.huge, dice:chance(0.3)
  return function(state)
    if state.done >= limit and raises then
      error "as ordered"
    end
    return state.done < limit
  end
end

local ravenwits = {}

function ravenwits.client(opts)
  opts.user, opts.token, opts.email, opts.password = "u", "token-0", "a@example.com", "secret"
  return purchases.ravenwits.new(opts)
end

function ravenwits.job(client, dice, job)
  local count, list, is_bad = 60, {}, {}
  for i = 1, count * ROWS do
    local bad = dice:chance(0.01)
    list[i] = { datetime = rows.clock(15 * (i - 1 + 10000 * job)), purchase = bad and BAD_VALUE or i }
    local purchase = math.ceil(i / ROWS)
    is_bad[purchase] = is_bad[purchase] or bad
  end
  local repeats = dice:chance(0.3)
  local report = assert(client:submit_all(list, { retailer_id = "1", batch = ROWS, on_progress = progress(dice, count),
    on_unknown = repeats and "retry" or "report" }))
  local told = {} -- by the first row's time
  for _, receipt in ipairs(report.receipts) do
    told[receipt.first] = { outcome = "accepted", id = receipt.id }
  end
  for _, failure in ipairs(report.failures) do
    check(not told[failure.first], "%s has two outcomes", failure.first)
    told[failure.first] = failure
  end
  check(report.accepted + report.rejected + report.unknown + report.pending == count, "the outcomes are not %d", count)
  return function(times, key_of)
    for i = 1, count do
      local key = list[(i - 1) * ROWS + 1].datetime
      local one, there = told[key] or { outcome = "pending" }, times[key] or 0
      local why = ("%s is %s, and %d times there: %s"):format(key, one.outcome, there, tostring(one.error))
      if one.outcome == "accepted" then
        check(there >= 1 and (repeats or there == 1) and key_of[one.id] == key, "%s", why)
      elseif one.outcome == "unknown" then
        check(repeats or there <= 1, "%s", why)
      else
        check(there == 0 and (one.outcome ~= "rejected" or is_bad[i]), "%s", why)
      end
    end
  end
end

-- Of a job of numbered purchases, whose keys an API knows.
local function keyed(api)
  function api.job(client, dice, job)
    local count, list, told = 60, {}, {}
    for i = 1, count do
      list[i] = api.text(job * count + i)
    end
    local report = assert(client:create_all(list, { batch = dice:from(1, 4), on_progress = progress(dice, count) }))
    for _, failure in ipairs(report.failures) do
      check(not told[failure.line], "line %d has two outcomes", failure.line)
      told[failure.line] = failure
    end
    check(report.accepted + report.rejected + report.unknown + report.pending == count, "the outcomes are not %d",
      count)
    return function(times)
      local untold, perhaps = 0, 0 -- accepted for sure, and those of others that may have been
      for i = 1, count do
        local number = job * count + i
        local key, one = api.key(number), told[i]
        local taken, there = number % TAKEN == TAKEN_REST and number % BAD ~= 0, (times[key] or 0) > 0
        local why = ("%s is %s, and %sthere: %s"):format(key, one and one.outcome or "not told of",
          there and "" or "not ", tostring(one and one.error))
        if not one then
          untold, perhaps = untold + (there and 1 or 0), perhaps + (taken and 1 or 0)
          check(there or taken or i >= (report.resume or math.huge), "%s", why)
        elseif one.duplicate then
          check(taken, "a duplicate of its own: %s", why)
        elseif one.outcome == "rejected" then
          check(not there and (taken or number % BAD == 0), "%s", why)
        else
          check(one.outcome == "unknown" or not there, "%s", why)
        end
      end
      check(report.accepted >= untold and report.accepted <= untold + perhaps, "%d are accepted, %d are there",
        report.accepted, untold)
    end
  end
  return api
end

local woowup = keyed {
  text = sales.text,
  key = sales.invoice,
  client = function(opts)
    opts.api_key, opts.rate = "key", 1e7
    return purchases.woowup.new(opts)
  end,
}

local curebit = keyed {
  text = sales.order,
  key = tostring,
  client = function(opts)
    opts.site, opts.api_key = "shop", "key"
    return purchases.curebit.new(opts)
  end,
}

M.APIS = { ravenwits = ravenwits, woowup = woowup, curebit = curebit }

--- Runs jobs; raises what is wrong with a report.
-- @tab at `run`, its name; `api`, `seed`, `lost` (requests carried out and not answered, at least); `url` and `control`
-- of the fault server's port and of its plain one; `ca_file`; `proxy`
function M.run(at)
  local api, dice = M.APIS[at.api], random.new(at.seed)
  local jobs, lost = 0, 0
  while lost < at.lost do
    check(jobs < MOST_JOBS, "only %d requests of seed %d were carried out and not answered", lost, at.seed)
    local client = api.client {
      base_url = ("%s/lying/api=%s/seed=%d/run=%s"):format(at.url, at.api, at.seed, at.run),
      ca_file = at.ca_file,
      proxy = at.proxy,
      concurrency = dice:from(1, 6),
      timeout = 0.5,
      retry = { attempts = dice:from(1, 4), base = 0.0005, cap = 0.004 },
    }
    local compare = api.job(client, dice, jobs)
    local book = book_of(at)
    local ok, why = pcall(compare, index(book))
    jobs, lost = jobs + 1, book.lost
    check(ok, "job %d of seed %d: %s", jobs, at.seed, tostring(why))
  end
end

return M
