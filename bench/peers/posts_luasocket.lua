-- Measures: POSTs of one day by LuaSocket's socket.http, one after another, a connection each.
-- usage: lua5.4|luajit bench/peers/posts_luasocket.lua URL COUNT
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local http = require "socket.http"
local ltn12 = require "ltn12"
local day = require "day"
local measure = require "measure"

local url, wanted = arg[1], assert(tonumber(arg[2]), "usage: posts_luasocket.lua URL COUNT")
local headers = { ["content-length"] = #day.body }
for name, value in pairs(day.headers) do headers[name] = value end

local function post()
  local answer = {}
  local _, status = http.request({
    url = url, method = "POST", headers = headers,
    source = ltn12.source.string(day.body), sink = ltn12.sink.table(answer),
  })
  return status == 201 and #table.concat(answer) > 0
end

local started = measure.start()
local good = 0
for _ = 1, wanted do
  if post() then good = good + 1 end
end

measure.expect("the number of good answers", wanted, good)
measure.finish(started, good, good * #day.body)
