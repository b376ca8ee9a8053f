-- The script of posts_wrk.sh: one day of 96 rows per POST. wrk runs it in its own LuaJIT, once per thread.
-- luacheck: globals wrk done
local rows = {}
for minutes = 0, 1425, 15 do
  rows[#rows + 1] = ('{"datetime":"2024-01-15 %02d:%02d","purchase":12.345}'):format(minutes / 60, minutes % 60)
end

wrk.method = "POST"
wrk.body = '{"purchase":[' .. table.concat(rows, ",") .. "]}"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer token"

-- os.clock is the CPU time of the whole process here. Called when the answers are in: its own start is in it,
-- a few milliseconds.
function done(summary)
  local errors = 0
  for _, count in pairs(summary.errors) do errors = errors + count end
  print(('{"cpu":%.6f,"wall":%.6f,"count":%d,"bytes":%d,"errors":%d}'):format(
    os.clock(), summary.duration / 1e6, summary.requests, summary.requests * #wrk.body, errors))
  io.stdout:flush()
  os.exit(errors == 0 and summary.requests > 0 and 0 or 1)
end
