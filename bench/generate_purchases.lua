-- WoowUp purchases to measure with: NDJSON, about 1 KB each, all of them good.
-- usage: lua bench/generate_purchases.lua [PURCHASES] > FILE
local seed = 1
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local function pick(list)
  return list[random(#list) + 1]
end

local PRODUCTS = { "Heladera Patrick", "Lavarropas Drean Next", "Televisor 55 pulgadas", "Cafetera eléctrica", "Silla" }
local BRANDS = { "Patrick", "Drean", "Samsung", "Oster", "Ñandú" }
local CATEGORIES = { "Electrodomésticos", "Linea blanca", "Heladeras", "Muebles", "Cocina" }
local CHANNELS = { "web", "in-store", "telephone", "corporate", "direct" }
local PAYMENTS = { "credit", "debit", "cash", "mercadopago" }

local function category()
  local id = ("%c-%d"):format(97 + random(26), random(100))
  return ('{"id":"%s","name":"%s"}'):format(id, pick(CATEGORIES))
end

local ITEM = '{"sku":"%07d","product_name":"%s","category":[%s,%s],"quantity":%d,"unit_price":%d.%02d,'
  .. '"variations":[{"name":"Volumen","value":"%d lts"}],"brand":"%s",'
  .. '"url":"https://www.example.com/products/%d","stock":%d,"available":%s}'

local function item()
  return ITEM:format(random(9999999), pick(PRODUCTS), category(), category(), 1 + random(4), random(5000), random(100),
    random(400), pick(BRANDS), random(99999), random(50), random(2) == 0 and "true" or "false")
end

local PURCHASE = '{"document":"%d","email":"customer%d@example.com","points":%d,"invoice_number":"FAC-%09d",'
  .. '"channel":"%s","purchase_detail":[%s],"prices":{"cost":%d.00,"shipping":%d.00,"gross":%d.50,"tax":%d.25,'
  .. '"discount":0,"total":%d.75},"payment":{"type":"%s","brand":"visa","bank":"santander","total":%d.75,'
  .. '"installments":%d,"card_first_digits":"%06d"},"branch_name":"Sucursal %d","seller":{"name":"Juana Pérez",'
  .. '"email":"juana@example.com"},"createtime":"2025-%02d-%02d %02d:%02d:%02d","custom_attributes":{"campaign":"c%d"}}'

local function purchase(number)
  local items = item()
  for _ = 1, random(2) do
    items = items .. "," .. item()
  end
  return PURCHASE:format(random(99999999), number, random(500), number, pick(CHANNELS), items, random(900), random(100),
    random(2000), random(300), random(3000), pick(PAYMENTS), random(3000), 1 + random(12), random(999999), random(40),
    1 + random(12), 1 + random(28), random(24), random(60), random(60), random(9))
end

for number = 1, tonumber(arg[1] or 20000) do
  io.write(purchase(number), "\n")
end
