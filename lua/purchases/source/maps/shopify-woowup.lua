-- Shopify's export of orders, for WoowUp: a line an item; what is about the whole order stands on its first line.
-- An item needs a SKU.
return {
  group = "Name",
  purchase = {
    invoice_number = "Name",
    email = "Email",
    createtime = { column = "Created at", date = "%Y-%m-%d %H:%M:%S %z" },
    channel = { constant = "web" },
    prices = {
      shipping = { column = "Shipping", number = true },
      tax = { column = "Taxes", number = true },
      discount = { column = "Discount Amount", number = true },
      total = { column = "Total", number = true },
    },
  },
  items = "purchase_detail",
  item = {
    sku = "Lineitem sku",
    product_name = "Lineitem name",
    quantity = { column = "Lineitem quantity", number = true },
    unit_price = { column = "Lineitem price", number = true },
  },
}
