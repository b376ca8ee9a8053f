-- Tiendanube's export of sales, for Curebit: a line an item; what is about the whole order stands on its first line.
-- Its times are the shop's own, so the shop's zone must be said: here, or with --tz.
return {
  tz = "Zone/of_the_shop", -- such as "America/Argentina/Buenos_Aires"
  encoding = "latin1",
  delimiter = ";",
  decimal = ",",
  thousands = ".",
  group = "Número de orden",
  purchase = {
    order_number = "Número de orden",
    email = "Email",
    order_date = { column = "Fecha", date = "%d/%m/%Y %H:%M:%S" },
    subtotal = { column = "Subtotal de productos", number = true },
  },
  items = "items",
  item = {
    product_id = "SKU",
    quantity = { column = "Cantidad del producto", number = true },
    price = { column = "Precio del producto", number = true },
  },
}
