-- What each of the peers in Lua posts: one day of 96 rows (4.8 KB), and the headers that go with it.
local M = {}

local function body()
  local rows = {}
  for minutes = 0, 1425, 15 do
    local time = ("%02d:%02d"):format((minutes - minutes % 60) / 60, minutes % 60)
    rows[#rows + 1] = ('{"datetime":"2024-01-15 %s","purchase":12.345}'):format(time)
  end
  return '{"purchase":[' .. table.concat(rows, ",") .. "]}"
end

M.body = body()
M.headers = { ["content-type"] = "application/json", authorization = "Bearer token" }

return M
