-- What the measured worker does: 200 uploads of a delivery day each, 16 in flight, by the module and by subrequests;
-- single calls.
-- luacheck: globals ngx upstream_port
local cjson = require "cjson"
local purchases = require "purchases"

local M = {}

local UPLOADS, IN_FLIGHT = 200, 16
local CALLS_IN_FLIGHT = 200 -- as many as the pages that make them, so that none waits for its turn
local UPSTREAM = "http://127.0.0.1:" .. upstream_port

local function rows()
  local list, second = {}, os.time { year = 2020, month = 1, day = 1, hour = 0 }
  for i = 0, UPLOADS * 96 - 1 do
    local minutes = i % 96 * 15
    local date = os.date("!%Y-%m-%d", second + math.floor(i / 96) * 86400 + 43200)
    list[i + 1] = {
      datetime = ("%s %02d:%02d"):format(date, math.floor(minutes / 60), minutes % 60),
      purchase = i % 100000 / 1000,
    }
  end
  return list
end

local series = assert(purchases.series.from(rows()))

local function new_client(base_url, concurrency, wait)
  return purchases.ravenwits.new {
    user = "u",
    token = "token",
    base_url = base_url,
    concurrency = concurrency,
    wait = wait,
  }
end

local client = new_client(UPSTREAM, IN_FLIGHT)
local calling_client = new_client(UPSTREAM, CALLS_IN_FLIGHT)
local slow_client = new_client(UPSTREAM .. "/slow", CALLS_IN_FLIGHT)
local blocking_client = new_client(UPSTREAM, IN_FLIGHT, function(pool, seconds)
  pool:poll(seconds)
end)

local function upload(by)
  local report = assert(by:submit_all(series, { retailer_id = "1" }))
  return report.accepted
end

function M.by_module()
  return upload(client)
end

function M.by_blocking()
  return upload(blocking_client)
end

local function accepted_of(...)
  local accepted = 0
  for _, response in ipairs { ... } do
    local receipt = response.status == 201 and cjson.decode(response.body)
    accepted = accepted + (receipt and receipt.rows_uploaded == 96 and 1 or 0)
  end
  return accepted
end

local function by_subrequests(location)
  local accepted, requests = 0, {}
  for day in series:days() do
    requests[#requests + 1] =
      { location .. "api/v0/user/u/submit-purchase?retailer_id=1", { method = ngx.HTTP_POST, body = day:encode() } }
    if #requests == IN_FLIGHT then
      accepted = accepted + accepted_of(ngx.location.capture_multi(requests))
      requests = {}
    end
  end
  return accepted + (#requests > 0 and accepted_of(ngx.location.capture_multi(requests)) or 0)
end

--- A connection for every subrequest, as `proxy_pass` has it.
function M.by_subrequests()
  return by_subrequests "/subrequests/"
end

--- Connections kept: `proxy_pass` to an `upstream` with `keepalive`, and what else that takes.
function M.by_kept_subrequests()
  return by_subrequests "/kept/"
end

function M.job(work)
  local cpu, wall = os.clock(), ngx.now()
  local accepted = work()
  ngx.update_time()
  ngx.say(cjson.encode { accepted = accepted, cpu = os.clock() - cpu, wall = ngx.now() - wall })
end

local function answer(ok, err)
  ngx.status = ok and 200 or 500
  ngx.say(ok and "ok" or tostring(err))
end

function M.call()
  answer(calling_client:health())
end

function M.slow_call()
  answer(slow_client:health())
end

local function subrequest(location)
  local response = ngx.location.capture(location .. "health/")
  local health = response.status == 200 and cjson.decode(response.body)
  answer(health and health.status == "healthy", response.status)
end

function M.subrequest()
  subrequest "/subrequests/"
end

function M.kept_subrequest()
  subrequest "/kept/"
end

return M
