--- Curebit: a purchase is an order, known by its number; a request is taken or refused as a whole, with a message for
-- each order that is to blame.
local M = { name = "curebit", is_keyed = true }

function M.key(number)
  return tostring(1000 + number)
end

function M.text(item)
  return ('{"email":"c@example.com","order_number":%s,"order_date":"2014-03-13 12:49:54","subtotal":%s}')
    :format(item.key, item.kind == "unfit" and '"much"' or "1.5")
end

function M.keys(body)
  local keys = {}
  for key in body:gmatch '"order_number":(%d+)' do
    keys[#keys + 1] = key
  end
  return keys
end

function M.client(world, opts)
  opts.site, opts.api_key = "shop", "key"
  return world.purchases.curebit.new(opts)
end

function M.job(client, source, opts)
  return client:create_all(source, opts)
end

function M.call(client, item)
  return client:create { item.text }
end

local SUCCESS = '{"success":true}'

function M.success()
  return { status = 201, body = SUCCESS }
end

-- One server in some says of a duplicate what its page does not.
function M.verdict(bad, taken, _, has_other_words)
  local taken_words = has_other_words and "Order %s exists" or "Order number %s has already been taken"
  local messages = {}
  for _, key in ipairs(bad) do
    messages[#messages + 1] = ("Order %s: email is not deliverable"):format(key)
  end
  for _, key in ipairs(taken) do
    messages[#messages + 1] = taken_words:format(key)
  end
  return { status = 400, body = '{"success":false,"error_messages":["' .. table.concat(messages, '","') .. '"]}' }
end

M.AUTH = {
  { status = 403, body = '{"success":false,"error_messages":"Invalid api_key"}' },
  { status = 401, body = "" },
}

M.NOT_FOUND = {
  status = 404, body = '{"success":false,"error_messages":"An exception occurred. No site found by site_slug: shop"}',
}

M.MAYBE = {
  { status = 500, body = '{"success":false,"error_messages":"Internal server error"}' },
  { status = 201, body = '{"success":false}' },
  { status = 200, body = SUCCESS },
}

return M
