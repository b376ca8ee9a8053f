-- What the server of the measurements does with a purchase: reads it, counts its rows, answers with a receipt.
-- Runs inside nginx (bench/nginx.conf).
-- luacheck: globals ngx
local M = {}

local RECEIPT = '{"id":"%08x-0000-4000-8000-%012x","status":"pending","error":"","rows_uploaded":%d,'
  .. '"created_at":"2024-01-15T14:30:00Z","message":"CustomerPurchase created successfully"}'

local requests, rows, bytes = 0, 0, 0
local last_body, last_rows

-- Most clients measured send one body again and again; looking at it once leaves the time to them.
local function count_rows(body)
  if body == last_body then return last_rows end
  local found, at = 0, 0
  repeat
    at = body:find('"datetime"', at + 1, true)
    found = found + (at and 1 or 0)
  until not at
  last_body, last_rows = body, found
  return found
end

function M.submit()
  ngx.req.read_body()
  local body = ngx.req.get_body_data() or ""
  local found = count_rows(body)
  requests, rows, bytes = requests + 1, rows + found, bytes + #body
  local receipt = RECEIPT:format(requests, requests, found)
  ngx.status = 201
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Content-Length"] = #receipt
  ngx.print(receipt)
end

function M.count()
  ngx.say(('{"requests":%d,"rows":%d,"bytes":%d}'):format(requests, rows, bytes))
end

function M.reset()
  requests, rows, bytes = 0, 0, 0
  M.count()
end

return M
