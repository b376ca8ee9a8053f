-- Measures: WoowUp purchases of a file, checked against the full schema and gathered in bulks: those of a shop's CSV
-- through a map, or NDJSON; and the most memory it took.
-- usage: lua5.4|luajit bench/ours/sales.lua FILE PURCHASES [csv]
package.path = "bench/peers/?.lua;" .. package.path
local bulks = require "purchases.job.bulks"
local measure = require "measure"
local options = require "purchases.options"
local woowup = require "purchases.provider.woowup"

local MAP = {
  encoding = "latin1", delimiter = ";", decimal = ",", thousands = ".", tz = "Europe/Madrid",
  group = "Número de factura",
  purchase = {
    invoice_number = "Número de factura",
    createtime = { column = "Fecha", date = "%d/%m/%Y %H:%M" },
    service_uid = "Cliente",
    email = "Email",
    telephone = "Teléfono",
    custom_attributes = { town = "Población", state = "Estado" },
    prices = {
      total = { sum_product = { "Cantidad", "Precio" } },
      shipping = { column = "Envío", number = true },
    },
  },
  items = "purchase_detail",
  item = {
    sku = "Código",
    product_name = "Artículo",
    quantity = { column = "Cantidad", number = true },
    unit_price = { column = "Precio", number = true },
  },
}

local path, expected = arg[1], tonumber(arg[2])

local started = measure.start()
local opts = options.check({ map = arg[3] == "csv" and MAP or nil }, bulks.OPTIONS, "sales", 1)
local source = assert(bulks.source(woowup, path, opts))
local count, bytes = 0, 0
local bulk, refused = source:next()
while bulk do
  measure.expect("refused", 0, #refused)
  if #bulk > 0 then
    count, bytes = count + #bulk, bytes + #bulk:body(1, #bulk)
    bulk:release(1, #bulk)
  end
  bulk:close()
  bulk, refused = source:next()
end
measure.expect("the failure", "nil", tostring(refused))
source:close()
measure.expect("the number of purchases", expected, count)
measure.finish(started, count, bytes, ('"peak_mb":%.1f'):format(measure.peak_megabytes()))
