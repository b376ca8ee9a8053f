-- Inside an nginx worker: runs the Lua that a spec sends, in one phase or another.
--
--   content      in the request itself, whatever its phase
--   timer        in ngx.timer, waited for by the request
--   background   in ngx.timer; what it returns is left under the first argument
--   later        in a later phase than the answer's; what it returns is left under the first argument
local cjson = require "cjson"
local semaphore = require "ngx.semaphore"

local M = {}

local NOTHING = '{"n":0,"values":[]}'

local function read()
  ngx.req.read_body()
  return cjson.decode(ngx.req.get_body_data())
end

local function pack(ok, ...)
  if not ok then
    return { raised = tostring((...)) }
  end
  local n, values = select("#", ...), {}
  for i = 1, n do
    local value = select(i, ...)
    values[i] = value == nil and cjson.null or value
  end
  return { n = n, values = values }
end

local compiled = {}

-- What is sent again and again is read once.
local function run(job)
  local code = compiled[job.code] or assert(loadstring(job.code, "=code"))
  compiled[job.code] = code
  return cjson.encode(pack(pcall(code, unpack(job.arguments, 1, job.n))))
end

local function run_and_keep(job)
  ngx.shared.results:set(job.arguments[1], run(job))
end

function M.content()
  ngx.print(run(read()))
  return ngx.exit(ngx.OK)
end

function M.timer()
  local job, done, result = read(), semaphore.new(), nil
  assert(ngx.timer.at(0, function()
    result = run(job)
    done:post(1)
  end))
  repeat
    done:wait(60)
  until result
  ngx.print(result)
end

function M.background()
  local job = read()
  assert(ngx.timer.at(0, function()
    run_and_keep(job)
  end))
  ngx.print(NOTHING)
end

function M.keep()
  ngx.ctx.job = read()
  ngx.print(NOTHING)
end

function M.later()
  local job = ngx.ctx.job
  ngx.ctx.job = nil
  if job then
    run_and_keep(job)
  end
end

return M
