--- Ravenwits: a purchase is a series and has no key, so that each submit makes a new one, with a receipt.
local M = { name = "ravenwits", is_keyed = false }

local HOUR = "2025-06-%02d %02d:00"

-- An item is a batch of one row, which is known by its time.
function M.key(number)
  return HOUR:format(math.floor((number - 1) / 24) + 1, (number - 1) % 24)
end

-- Series by world and number of rows: they take longer to make than to send.
local kept = setmetatable({}, { __mode = "k" })

--- The source of a job: a series with a row for each item from `first` on.
function M.source(world, items, first)
  local series = kept[world] and kept[world][#items]
  if not series then
    local rows = {}
    for i in ipairs(items) do
      rows[i] = { datetime = M.key(i), purchase = i }
    end
    series = assert(world.purchases.series.from(rows, { step = 60 }))
    kept[world] = kept[world] or {}
    kept[world][#items] = series
  end
  return first == 1 and series or series:slice(first, #items)
end

--- The items that a request's body holds.
function M.keys(body)
  local keys = {}
  for key in body:gmatch '"datetime":"(.-)"' do
    keys[#keys + 1] = key
  end
  return keys
end

function M.client(world, opts, login)
  opts.user = "u"
  if login then
    opts.email, opts.password = "e@example.com", "secret"
  else
    opts.token = "token-0"
  end
  return world.purchases.ravenwits.new(opts)
end

function M.job(client, source, opts)
  opts.retailer_id, opts.batch = "1", 1
  return client:submit_all(source, opts)
end

function M.call(client, item)
  return client:submit({ { datetime = item.key, purchase = item.index } }, { retailer_id = "1" })
end

function M.uuid(number)
  return ("%08x-0000-4000-8000-000000000000"):format(number)
end

function M.success(count, id)
  return { status = 201, body = ('{"id":"%s","status":"pending","created_at":"2025-06-01T00:00:00Z",'
    .. '"rows_uploaded":%d,"error":null,"message":"created"}'):format(id, count) }
end

function M.is_login(wire)
  return wire.url:find("/auth/login/", 1, true) ~= nil
end

function M.logged_in(token)
  return { status = 200, body = ('{"token":"%s","expires_at":"2030-01-01T00:00:00Z","customer_name":"c",'
    .. '"customer_email":"e@example.com"}'):format(token) }
end

M.no_login = { status = 401, body = '{"error":"Invalid credentials; incorrect password."}' }

function M.verdict()
  return { status = 400, body = '{"error":"Purchase item at index 0 is missing required field \\"purchase\\"."}' }
end

M.AUTH = {
  { status = 401, body = '{"detail":"Authentication credentials were not provided."}' },
  { status = 403, body = '{"detail":"Authentication credentials were not provided."}' },
  { status = 401, body = "" },
}

M.NOT_FOUND = { status = 404, body = '{"error":"Purchase not found."}' }

M.MAYBE = {
  {
    status = 201,
    body = '{"id":"00000000-0000-4000-8000-00000000fffe","status":"failed","rows_uploaded":1,"error":"no"}',
    means = "failed",
  },
  { status = 500, body = '{"error":"Internal server error while creating purchase."}' },
  { status = 201, body = '{"id":"not a UUID","status":"pending","rows_uploaded":1}' },
  { status = 201, body = '{"id":"00000000-0000-4000-8000-00000000ffff","status":"pending","rows_uploaded":77}' },
  { status = 200, body = '{"id":"00000000-0000-4000-8000-00000000ffff","status":"pending","rows_uploaded":1}' },
}

return M
