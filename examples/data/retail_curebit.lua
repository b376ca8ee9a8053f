-- Maps online_retail.csv to Curebit purchases. The file has no e-mail addresses, so the map makes them of the
-- customers' numbers; a shop would look them up. An invoice without a customer has no address and is rejected.
-- One invoice runs over a minute's change, so that the time of its first line is taken.
return {
  encoding = "latin1",
  group = "InvoiceNo",
  purchase = {
    order_number = "InvoiceNo",
    email = function(row)
      return row.CustomerID ~= "" and "customer-" .. row.CustomerID .. "@example.com" or nil
    end,
    order_date = { column = "InvoiceDate", date = "%d/%m/%Y %H:%M", tz = "Europe/London", first = true },
    subtotal = { sum_product = { "Quantity", "UnitPrice" } },
  },
  items = "items",
  item = {
    product_id = "StockCode",
    quantity = { column = "Quantity", number = true },
    price = { column = "UnitPrice", number = true },
  },
}
