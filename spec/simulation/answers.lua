--- Answers that are not an API's own verdict, by what the contract says they mean.
local M = {}

local HTML = "<html><head><title>Error</title></head><body><center><h1>Error</h1></center></body></html>"
local OTHER_BODIES = { "", HTML, '{"fault":"no such route"}', '"no"', "{" }

--- How long a server asks to wait: what the header says, and the seconds it means (15 minutes at most).
local RETRY_AFTER = {
  { nil, 0 },
  { nil, 0 },
  { "0", 0 },
  { "3", 3 },
  { "40", 40 },
  { "7200", 900 },
  { "soon", 0 },
  { "Sun, 06 Nov 1994 08:50:07 GMT", 30, "Sun, 06 Nov 1994 08:49:37 GMT" },
}

local REFUSED = { 429, 429, 429, 421, 425, 408 }
local STOP = {
  301, 302, 307, 308, 400, 402, 404, 404, 405, 406, 407, 409, 410, 411, 414, 415, 417, 422, 426, 428, 431, 451,
}
local MAYBE = { 500, 502, 503, 503, 504, 507, 520, 599, 303, 408, 200, 201, 202, 204, 206 }

local function answer(status, body, headers)
  return { status = status, body = body, headers = headers or {} }
end

--- One that refuses for now, whatever the data: nothing was carried out.
function M.refused(random)
  local after = random:pick(RETRY_AFTER)
  local response = answer(random:pick(REFUSED), random:pick(OTHER_BODIES),
    { ["retry-after"] = after[1], date = after[3] })
  response.unfinished = response.status == 408 or nil -- it came before the body had been sent whole
  return response, "refused", after[2]
end

--- One that lets nobody in.
function M.auth(random, api)
  local template = random:pick(api.AUTH)
  return answer(template.status, template.body)
end

--- One that is not about this item: a wrong address, a proxy, another server.
function M.stop(random, api, is_job)
  if is_job and random:chance(0.2) then
    return answer(404, api.NOT_FOUND.body)
  end
  local status = random:pick(STOP)
  return answer(status, random:pick(OTHER_BODIES), { location = status < 400 and "https://other.example/" or nil })
end

--- One that leaves open whether anything was carried out.
-- @treturn table
-- @treturn string "maybe", or "failed" where the API has the purchase and could not work on it
-- @treturn number seconds that it asks to wait
function M.maybe(random, api)
  if random:chance(0.4) then
    local template = random:pick(api.MAYBE)
    return answer(template.status, template.body), template.means or "maybe", 0
  end
  local status = random:pick(MAYBE)
  local after = status == 503 and random:pick(RETRY_AFTER) or RETRY_AFTER[1]
  return answer(status, random:pick(OTHER_BODIES), { ["retry-after"] = after[1], date = after[3] }), "maybe", after[2]
end

return M
