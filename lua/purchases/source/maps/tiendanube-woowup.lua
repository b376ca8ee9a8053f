-- Tiendanube's export of sales, for WoowUp: a line an item; what is about the whole order stands on its first line.
-- Its times are the shop's own, so the shop's zone must be said: here, or with --tz. An item needs a SKU.
return {
  tz = "Zone/of_the_shop", -- such as "America/Argentina/Buenos_Aires"
  encoding = "latin1",
  delimiter = ";",
  decimal = ",",
  thousands = ".",
  group = "Número de orden",
  purchase = {
    invoice_number = "Número de orden",
    email = "Email",
    document = "DNI / CUIT",
    telephone = "Teléfono",
    createtime = { column = "Fecha", date = "%d/%m/%Y %H:%M:%S" },
    channel = { constant = "web" },
    prices = {
      shipping = { column = "Costo de envío", number = true },
      discount = { column = "Descuento", number = true },
      total = { column = "Total", number = true },
    },
  },
  items = "purchase_detail",
  item = {
    sku = "SKU",
    product_name = "Nombre del producto",
    quantity = { column = "Cantidad del producto", number = true },
    unit_price = { column = "Precio del producto", number = true },
  },
}
