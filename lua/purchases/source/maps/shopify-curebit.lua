-- Shopify's export of orders, for Curebit: a line an item; what is about the whole order stands on its first line.
return {
  group = "Name",
  purchase = {
    order_number = "Name",
    email = "Email",
    order_date = { column = "Created at", date = "%Y-%m-%d %H:%M:%S %z" },
    subtotal = { column = "Subtotal", number = true },
  },
  items = "items",
  item = {
    product_id = "Lineitem sku",
    quantity = { column = "Lineitem quantity", number = true },
    price = { column = "Lineitem price", number = true },
  },
}
