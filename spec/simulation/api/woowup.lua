--- WoowUp: a purchase is a sale, known by its invoice number; a bulk is taken or refused as a whole.
local M = { name = "woowup", is_keyed = true }

function M.key(number)
  return ("FAC-%04d"):format(number)
end

function M.text(item)
  local total = item.kind == "unfit" and '"much"' or "1.5"
  return ('{"invoice_number":"%s","document":"%d","prices":{"total":%s},"purchase_detail":[{"sku":"SKU","quantity":1,'
    .. '"unit_price":1.5}]}'):format(item.key, item.index, total)
end

function M.keys(body)
  local keys = {}
  for key in body:gmatch '"invoice_number":"(.-)"' do
    keys[#keys + 1] = key
  end
  return keys
end

function M.client(world, opts)
  opts.api_key = "key"
  opts.rate = opts.rate or 6e7
  return world.purchases.woowup.new(opts)
end

function M.job(client, source, opts)
  return client:create_all(source, opts)
end

function M.call(client, item)
  return client:create(item.text)
end

local function envelope(status, code, message, errors)
  return { status = status, body = ('{"payload":%s,"message":"%s","code":"%s","time":"1ms"}')
    :format(errors and '{"errors":["' .. errors .. '"]}' or "[]", message, code) }
end

function M.success(_, _, random)
  return envelope(random:chance(0.8) and 200 or 201, "ok", "ok")
end

-- Of the items that are bad; or, where there are none, of those that are there already.
function M.verdict(bad, _, random)
  if not bad[1] then
    return envelope(500, "duplicated_purchase_number", "Duplicated purchase number")
  elseif random:chance(0.5) then
    return envelope(500, "user_not_found", "User not found")
  end
  return envelope(400, "bad_request", "bad request", "document is wrong")
end

M.AUTH = {
  envelope(403, "forbidden", "forbidden: authentication failed"),
  { status = 401, body = "" },
}

M.NOT_FOUND = envelope(404, "not_found", "not found")

M.MAYBE = {
  envelope(500, "internal_error", "Internal error"),
  envelope(200, "no", "no"),
  envelope(202, "ok", "queued"),
}

return M
