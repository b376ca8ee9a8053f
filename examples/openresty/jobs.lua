--- Uploads a checked series in the background, and follows its purchase to the end.
--
-- A job's state is in a shared dictionary, which all workers see. The worker that works on a job holds a lease. When a
-- worker ends before its job does, another one takes the job over: it sends what was not sent and watches what was
-- accepted, but never sends again what may have arrived.
local cjson = require "cjson.safe"
local figures = require "figures"
local purchases = require "purchases"

local M = {}

local jobs, unfinished = ngx.shared.jobs, ngx.shared.unfinished

local KEPT = 3600 -- seconds that a job is kept after its end
local LOOK = 1 -- seconds between two looks at a purchase
local LONGEST = 600 -- seconds to wait for a purchase's workflow
local MODEL = 1 -- whose output is shown
local LEASE = 90 -- seconds, longer than any call
local ADOPTION = 2 -- seconds between two searches for jobs without a worker

--- The states of a job: a text for people, and whether the job is over.
M.STATES = {
  checked = { "Checked, about to be sent" },
  uploading = { "Being sent" },
  pending = { "Accepted, waiting for its workflow" },
  in_progress = { "Accepted, its workflow is running" },
  completed = { "Completed", final = true },
  failed = { "Accepted, but its workflow failed", final = true },
  rejected = { "Rejected by the API", final = true },
  not_sent = { "Not sent: nothing has arrived", final = true },
  unknown = { "May have arrived: ask before you send it again", final = true },
  unwatched = { "Accepted, but its result could not be found out", final = true },
}

local OUTCOMES = { pending = "not_sent", rejected = "rejected", unknown = "unknown" }

local client -- one for each worker: all jobs share its token and its retry budget

local function api()
  client = client or purchases.ravenwits.new {
    base_url = os.getenv "RAVENWITS_BASE_URL",
    user = os.getenv "RAVENWITS_USER",
    token = os.getenv "RAVENWITS_TOKEN",
  }
  return client
end

local function note(job, what)
  ngx.log(ngx.NOTICE, "job ", job.id, ": ", what)
end

-- Keeps the state of a job; when the dictionary is full, the log has it at least.
local function save(job, seconds)
  local ok, why = jobs:safe_set("job:" .. job.id, cjson.encode(job), seconds)
  if not ok then
    ngx.log(ngx.ERR, "job ", job.id, " is ", job.state, ", which cannot be kept: ", why)
  end
  return ok
end

local function enter(job, state)
  if job.state ~= state then
    job.state = state
    note(job, M.STATES[state][1])
    save(job)
  end
end

local function finish(job, state, err)
  job.error = err and tostring(err)
  job.state = state
  note(job, M.STATES[state][1] .. (job.error and ": " .. job.error or ""))
  save(job, KEPT)
  jobs:delete("series:" .. job.id)
  jobs:expire("figure:series:" .. job.id, KEPT)
  unfinished:delete(job.id)
end

-- Keeps what was drawn: pages are looked at more often than they change.
local function keep_figure(job, name, html, seconds)
  local ok, why = jobs:safe_set("figure:" .. name .. ":" .. job.id, html, seconds)
  if not ok then
    ngx.log(ngx.ERR, "job ", job.id, ": its figure cannot be kept: ", why)
  end
end

local function submit(job)
  local ravenwits = api()
  local series, err = purchases.series.decode(jobs:get("series:" .. job.id) or "", { tz = job.tz })
  if not series then -- the series was checked before, so it is lost
    return finish(job, "not_sent", err)
  end
  keep_figure(job, "series", figures.series(series))
  enter(job, "uploading")
  local receipt
  receipt, err = ravenwits:submit(series, { retailer_id = job.retailer_id })
  if not receipt then
    return finish(job, OUTCOMES[err.outcome] or "not_sent", err)
  end
  job.purchase_id = receipt.id
  enter(job, receipt.status == "in_progress" and "in_progress" or "pending")
end

local function complete(job, purchase)
  local model = purchases.ravenwits.output(purchase, MODEL)
  keep_figure(job, "output", figures.output(model and model.value or {}), KEPT)
  finish(job, "completed")
end

-- Asks for one model's output alone: all of them, of a year, are more than a worker should decode.
local function watch(job)
  while true do
    jobs:safe_set("lease:" .. job.id, ngx.worker.pid(), LEASE)
    local purchase, err = api():get(job.purchase_id, { idmodel = MODEL })
    local status = purchase and purchase.status
    if status == "completed" then
      return complete(job, purchase)
    elseif status == "failed" then
      return finish(job, "failed", purchase.error)
    elseif err and not err.retryable or ngx.time() - job.created > LONGEST then
      return finish(job, "unwatched", err or "its workflow has not ended")
    elseif status == "in_progress" then
      enter(job, status)
    end
    if ngx.worker.exiting() then
      return note(job, "left to the next worker while " .. job.state)
    end
    ngx.sleep(LOOK)
  end
end

local function advance(job)
  if job.state == "uploading" then -- the worker that sent it is gone
    return finish(job, "unknown", "the worker that sent it ended before an answer came")
  elseif job.state == "checked" then
    submit(job)
  end
  if not M.STATES[job.state].final then
    watch(job)
  end
end

--- A job's state, or nil.
-- @string id
-- @treturn table|nil
function M.get(id)
  local text = jobs:get("job:" .. id)
  return text and cjson.decode(text)
end

local function work(premature, id)
  if premature or not jobs:safe_add("lease:" .. id, ngx.worker.pid(), LEASE) then
    return
  end
  local job = M.get(id)
  if job and not M.STATES[job.state].final then
    local ok, raised = pcall(advance, job)
    if not ok then
      ngx.log(ngx.ERR, "job ", id, ": ", raised)
      local state = job.purchase_id and "unwatched" or job.state == "checked" and "not_sent" or "unknown"
      finish(job, state, "the application itself failed; see its log")
    end
  end
  jobs:delete("lease:" .. id)
end

local function holder_of(id)
  return jobs:get("lease:" .. id)
end

local function adopt(premature)
  for _, id in ipairs(premature and {} or unfinished:get_keys()) do
    if not holder_of(id) then
      ngx.timer.at(0, work, id)
    end
  end
end

--- Takes over, from now on, the jobs that other workers left. Called when a worker begins.
function M.begin()
  assert(ngx.timer.every(ADOPTION, adopt))
end

--- Writes the unfinished jobs to the log. Called when a worker ends.
function M.report_unfinished()
  for _, id in ipairs(unfinished:get_keys()) do
    local job, holder = M.get(id), holder_of(id)
    if job and (not holder or holder == ngx.worker.pid()) then
      note(job, "unfinished as a worker ends: " .. M.STATES[job.state][1])
    end
  end
end

--- Creates a job for a series.
-- @tparam purchases.series series
-- @tab about `id`, `retailer_id`, `tz` and `name` of the file
-- @treturn table|nil the job
-- @treturn ?string why it cannot be kept
function M.create(series, about)
  local job = {
    id = about.id, retailer_id = about.retailer_id, tz = about.tz, name = about.name,
    rows = #series, first = series:first(), last = series:last(), created = ngx.time(), state = "checked",
  }
  local ok, why = jobs:safe_set("series:" .. job.id, series:encode())
  ok = ok and save(job) and unfinished:safe_set(job.id, true)
  if not ok then
    jobs:delete("series:" .. job.id)
    jobs:delete("job:" .. job.id)
    return nil, why or "no memory"
  end
  ngx.timer.at(0, work, job.id) -- if the timer does not start, a worker adopts the job
  return job
end

--- The figures of a job that were drawn so far, as HTML.
-- @treturn string
function M.figures(id)
  return (jobs:get("figure:series:" .. id) or "") .. (jobs:get("figure:output:" .. id) or "")
end

return M
