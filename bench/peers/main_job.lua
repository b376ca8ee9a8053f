-- Measures: the main job as people write it: a CSV file, read and checked row by row, encoded with lua-cjson to
-- bodies of 96 rows, each posted by LuaSocket's socket.http (a connection each), each receipt checked.
-- usage: lua5.4|luajit bench/peers/main_job.lua FILE ROWS URL
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local measure = require "measure"
local rows = require "rows"

local path, expected, url = arg[1], tonumber(arg[2]), arg[3]
assert(url, "usage: main_job.lua FILE ROWS URL")

local function post(body)
  local answer = {}
  local _, status = http.request({
    url = url, method = "POST", source = ltn12.source.string(body), sink = ltn12.sink.table(answer),
    headers = { ["content-type"] = "application/json", authorization = "Bearer token", ["content-length"] = #body },
  })
  if status ~= 201 then error("the server answers " .. tostring(status), 0) end
  return cjson.decode(table.concat(answer))
end

local function upload(batch)
  local body = cjson.encode({ purchase = batch })
  local receipt = post(body)
  if receipt.rows_uploaded ~= #batch then error("the receipt is for other rows", 0) end
  return #body
end

local started = measure.start()
local count, bodies, bytes = 0, 0, 0
for batch in rows.batches(path, 96) do
  count, bodies, bytes = count + #batch, bodies + 1, bytes + upload(batch)
end

measure.expect("the number of rows", expected, count)
measure.expect("the number of bodies", math.ceil(expected / 96), bodies)
measure.finish(started, count, bytes, ('"bodies":%d'):format(bodies))
