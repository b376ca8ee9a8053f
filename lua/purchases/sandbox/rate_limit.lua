--- Limits the requests a minute: a bucket that is full at first and fills evenly.
-- @module purchases.sandbox.rate_limit

local store = require "purchases.sandbox.store"

local M = {}

local buckets = store.section(function()
  return {}
end)

--- Takes one request out of a bucket.
-- @tparam string name of the bucket
-- @tparam number a_minute what it holds, and gets in a minute; 0 for no limit
-- @treturn ?number nil where the request may pass, else the whole seconds after which one may
function M.refusal(name, a_minute)
  if a_minute == 0 then
    return nil
  end
  local now, bucket = ngx.now(), buckets()[name] or { level = a_minute, at = 0 }
  bucket.level = math.min(a_minute, bucket.level + (now - bucket.at) * a_minute / 60)
  bucket.at = now
  buckets()[name] = bucket
  if bucket.level < 1 then
    return math.ceil((1 - bucket.level) * 60 / a_minute)
  end
  bucket.level = bucket.level - 1
end

return M
