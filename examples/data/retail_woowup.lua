-- Maps online_retail.csv to WoowUp purchases: each line is an item, each invoice a purchase. See docs/maps.md.
-- One invoice there runs over a minute's change, so that the time of its first line is taken.
return {
  encoding = "latin1",
  group = "InvoiceNo",
  purchase = {
    invoice_number = "InvoiceNo",
    service_uid = "CustomerID",
    createtime = { column = "InvoiceDate", date = "%d/%m/%Y %H:%M", first = true },
    channel = { constant = "web" },
    prices = { total = { sum_product = { "Quantity", "UnitPrice" } } },
    custom_attributes = { country = "Country" },
  },
  items = "purchase_detail",
  item = {
    sku = "StockCode",
    product_name = "Description",
    quantity = { column = "Quantity", number = true },
    unit_price = { column = "UnitPrice", number = true },
  },
}
