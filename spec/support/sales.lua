-- Purchases for specs, by number: WoowUp's sales and Curebit's orders, as tables, as texts, in files.
local M = {}

local files = {}

function M.invoice(number)
  return ("FAC-%06d"):format(number)
end

-- Not as an encoder would write it, so that bytes that were encoded anew would show.
function M.text(number)
  return ('{ "invoice_number": "%s", "document": "%d", "prices": { "total": 10.50 }, "purchase_detail": '
    .. '[ { "sku": "SKU-%d", "quantity": 1, "unit_price": 1.050e1 } ] }'):format(M.invoice(number), number, number)
end

function M.purchase(number)
  return {
    invoice_number = M.invoice(number),
    document = tostring(number),
    prices = { total = 10.5 },
    purchase_detail = { { sku = "SKU-" .. number, quantity = 1, unit_price = 10.5 } },
  }
end

function M.order(number)
  return ('{"email":"c%d@example.com","order_number":%d,"order_date":"2014-03-13 12:49:54","subtotal":5.50}')
    :format(number, number)
end

local function list(make, first, last)
  local all = {}
  for number = first, last do
    all[#all + 1] = make(number)
  end
  return all
end

function M.texts(first, last)
  return list(M.text, first, last)
end

function M.orders(first, last)
  return list(M.order, first, last)
end

--- NDJSON.
function M.lines(first, last)
  return table.concat(M.texts(first, last), "\n") .. "\n"
end

--- A new file with this in it; returns its name.
function M.file(text)
  local path = os.tmpname()
  files[#files + 1] = path
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

function M.remove_files()
  for _, path in ipairs(files) do
    os.remove(path)
  end
  files = {}
end

--- What the sandbox's audit shows of a text.
function M.digest(text)
  local path = M.file(text)
  local pipe = io.popen("md5sum < " .. path)
  local digest = pipe:read "*a":match "^%x+"
  pipe:close()
  return digest
end

return M
