-- Series and sales in the forms in which people have them: small files with the structure of real exports stand
-- beside the project where it is developed, and their README says what must come of each. Without them this spec is
-- skipped, file by file.
local mapped = require "spec.support.mapped"
local series_type = require("purchases").series

local MADRID = "Europe/Madrid"

local function exists(path)
  local file = io.open(path)
  return file and file:close() and path
end

local FOLDER = exists "../shared/data/energy/README.md" and "../shared/data/"
  or exists "../../shared/data/energy/README.md" and "../../shared/data/"

-- A test of a file, by its name.
local function with(name, act)
  local path = FOLDER and exists(FOLDER .. name)
  if path then
    it(name, function()
      act(path)
    end)
  else
    pending(name .. ": it is not there")
  end
end

-- A map with more, or other, keys.
local function extend(map, more)
  local all = {}
  for name, value in pairs(map) do
    all[name] = value
  end
  for name, value in pairs(more) do
    all[name] = value
  end
  return all
end

local function read(path, map)
  local series, err = series_type.read(path, map)
  return assert(series, mapped.words(err))
end

-- One delivery day, its rows, the time and the number of the first and of the last.
local function expect_day(date, count, first, last, series)
  local rows = mapped.rows(series)
  assert.same({ count, 1, date }, { #series, series:day_count(), series:date() })
  assert.equal(count, #rows)
  assert.same({ first, last }, { rows[1], rows[#rows] })
  for day in series:days() do
    assert.same({ date, count }, { day:date(), #day })
  end
end

local function expect_words(err, ...)
  local words = mapped.words(err)
  for _, word in ipairs { ... } do
    assert.is_truthy(words:find(word, 1, true), word .. " is not in: " .. words)
  end
end

-- A refusal that is one line with all of these in it.
local function expect_refusal(path, map, ...)
  local series, err = series_type.read(path, map)
  assert.is_nil(series)
  assert.is_nil(tostring(err):find "\n")
  expect_words(err, ...)
  return err
end

describe("series as people have them:", function()
  with("energy/a1_pdbc_20251026.1", function(path)
    local series = read(path, { header = false, skip = 1, tz = MADRID, value = 5,
      datetime = { column = { 1, 2, 3 }, date = "%Y %m %d", period = 4 } })
    expect_day("2025-10-26", 100, { "2025-10-26 00:00", "10" }, { "2025-10-26 23:45", "19.25" }, series)
  end)

  with("energy/a2_omie_periodo.csv", function(path)
    local map = { encoding = "latin1", header = 3, decimal = ",", tz = MADRID,
      datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Periodo" },
      value = "Potencia total de compra (MW)" }
    local first, last = { "2025-11-11 00:00", "10" }, { "2025-11-11 23:45", "12.875" }
    expect_day("2025-11-11", 96, first, last, read(path, map))
    expect_day("2025-11-11", 96, first, last, read(path, extend(map, { encoding = "windows-1252" })))
    expect_refusal(path, extend(map, { value = "Precio (EUR/MWh)" }), "Precio (EUR/MWh)", "price")
    expect_refusal(path, extend(map, { decimal = "." }), 'decimal = ","')
  end)

  with("energy/b1_esios_api.json", function(path)
    for _, name in ipairs { "datetime", "datetime_utc", "tz_time" } do
      local map = { datetime = name, value = "value", tz = MADRID }
      local first, last = { "2025-10-26 00:00", "10" }, { "2025-10-26 23:45", "19.25" }
      expect_day("2025-10-26", 100, first, last, read(path, map))
      map.list = "/indicator/values"
      expect_day("2025-10-26", 100, first, last, read(path, map))
    end
    expect_refusal(path, { datetime = "datetime", value = "value", tz = MADRID, list = "/indicator/none" },
      "/indicator/none")
  end)

  with("energy/c1_datadis_2400.csv", function(path)
    local map = { decimal = ",", tz = MADRID, label = "end", resolution = 60,
      datetime = { column = { "fecha", "hora" }, date = "%Y/%m/%d %H:%M" },
      value = { column = "consumo_kWh", unit = "kWh" } }
    local series = read(path, map)
    expect_day("2025-11-11", 96, { "2025-11-11 00:15", "0.01" }, { "2025-11-12 00:00", "0.019375" }, series)
    assert.same({ "2025-11-11 00:15", "2025-11-12 00:00" }, { series:first(), series:last() })
    expect_day("2025-11-11", 96, { "2025-11-11 00:00", "0.01" }, { "2025-11-11 23:45", "0.019375" },
      read(path, extend(map, { send_label = "start" })))
    expect_refusal(path, extend(map, { value = "consumo_kWh" }), "consumo_kWh", "unit")
    expect_refusal(path, extend(map, { label = "start" }), "24:00")
  end)

  with("energy/c2_datadis_h25.csv", function(path)
    local map = { decimal = ",", tz = MADRID, resolution = 60,
      datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Hora" },
      value = { column = "Consumo_kWh", unit = "kWh" } }
    expect_day("2025-10-26", 100, { "2025-10-26 00:00", "0.01" }, { "2025-10-26 23:45", "0.011875" }, read(path, map))
  end)

  with("energy/d1_ide_wh.csv", function(path)
    local map = { tz = MADRID, resolution = 60,
      datetime = { column = "FECHA-HORA", date = "%Y/%m/%d %H:%M", dst = { column = "INV / VER", is = "1" } },
      value = { column = "CONSUMO Wh", unit = "Wh" } }
    expect_day("2025-10-26", 100, { "2025-10-26 00:00", "0.01" }, { "2025-10-26 23:45", "0.011875" }, read(path, map))
  end)

  with("energy/e1_edistribucion_23.csv", function(path)
    local map = { decimal = ",", tz = MADRID, resolution = 60,
      datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Hora" },
      value = { column = "AE_kWh", unit = "kWh" } }
    expect_day("2026-03-29", 92, { "2026-03-29 00:00", "0.01" }, { "2026-03-29 23:45", "0.01475" }, read(path, map))
  end)

  with("energy/f1_f5d.0", function(path)
    local map = { header = false, tz = MADRID, label = "end", resolution = 60,
      datetime = { column = 2, date = "%Y/%m/%d %H:%M", dst = { column = 3, is = "1" } },
      value = { column = 4, unit = "kWh" } }
    expect_day("2025-10-26", 100, { "2025-10-26 00:15", "0.1" }, { "2025-10-27 00:00", "0.118" }, read(path, map))
  end)

  with("energy/f4_reganecuqh", function(path)
    local map = { header = false, skip = 2, tz = MADRID,
      datetime = { column = 1, date = "%d/%m/%Y %H:%M:%S", dst = { column = 7, is = "1" } },
      value = { column = 4, unit = "MWh" } }
    expect_day("2025-10-26", 100, { "2025-10-26 00:00", "40" }, { "2025-10-26 23:45", "77" }, read(path, map))
  end)

  with("energy/g1_entsoe_old.csv", function(path)
    local map = { tz = MADRID, datetime = { column = "Time (CET/CEST)", date = "%d.%m.%Y %H:%M%*" },
      value = "Day-ahead Total Load Forecast [MW] - BZN|ES" }
    expect_day("2025-10-26", 100, { "2025-10-26 00:00", "10" }, { "2025-10-26 23:45", "19.25" }, read(path, map))
    local actual = extend(map, { value = "Actual Total Load [MW] - BZN|ES" })
    local err = expect_refusal(path, actual, "null")
    assert.same({ 1, 7 }, { err.total, err.issues[1].line })
    err = expect_refusal(path, extend(actual, { null = { "-" } }), 'missing required field "purchase"')
    assert.same({ 1, 7, "missing_purchase" }, { err.total, err.issues[1].line, err.issues[1].code })
  end)

  local NOVEMBER = { "2025-11-11", 96, { "2025-11-11 00:00", "10" }, { "2025-11-11 23:45", "12.875" } }

  local function expect_november(series)
    expect_day(NOVEMBER[1], NOVEMBER[2], NOVEMBER[3], NOVEMBER[4], series)
  end

  for _, name in ipairs { "i1_excel_utf16.txt", "i5_sep_line.csv", "i10_empty_tail.csv", "i16_padded.csv" } do
    with("energy/" .. name, function(path)
      expect_november(read(path, { tz = MADRID }))
    end)
  end

  with("energy/i2_excel_es.csv", function(path)
    local map = { decimal = ",", tz = MADRID, value = "Compra (MW)",
      datetime = { column = "Fecha y hora", date = "%d/%m/%Y %H:%M" } }
    expect_november(read(path, map))
    local err = expect_refusal(path, extend(map, { decimal = "." }), "96 rows", "decimal = \",\"")
    assert.same({ 96, 1, 2 }, { err.total, #err.issues, err.issues[1].line })
    err = expect_refusal(path, extend(map, { value = "Compra" }), '"Fecha y hora"', '"Compra (MW)"')
    assert.equal("missing_column", err.code)
  end)

  with("energy/k1_end_labels.csv", function(path)
    local sent = { "2025-11-11 00:15", "10" }
    local series = read(path, { label = "end", tz = MADRID })
    expect_day("2025-11-11", 96, sent, { "2025-11-12 00:00", "12.875" }, series)
    assert.same({ "2025-11-11 00:15", "2025-11-12 00:00" }, { series:first(), series:last() })
    series = read(path, { label = "end", send_label = "start", tz = MADRID })
    expect_november(series)
    assert.same({ "2025-11-11 00:00", "2025-11-11 23:45" }, { series:first(), series:last() })
    series = read(path, { label = "end" })
    expect_day("2025-11-11", 96, sent, { "2025-11-12 00:00", "12.875" }, series)
  end)

  with("energy/k3_end_labels_autumn.csv", function(path)
    expect_day("2025-10-26", 100, { "2025-10-26 00:15", "10" }, { "2025-10-27 00:00", "19.25" },
      read(path, { label = "end", tz = MADRID }))
  end)

  with("energy/l1_kwh.csv", function(path)
    local err = expect_refusal(path, { value = "consumo_kWh", tz = MADRID }, "consumo_kWh", "unit", "kWh")
    assert.is_true(#(err.issues or {}) <= 1)
    local series = read(path, { value = { column = "consumo_kWh", unit = "kWh" }, tz = MADRID })
    expect_day("2025-11-11", 96, { "2025-11-11 00:00", "10" }, { "2025-11-11 23:45", "12.8752" }, series)
    assert.same({ "2025-11-11 00:15", "14.6248" }, mapped.rows(series)[2])
    expect_refusal(path, { value = { column = "consumo_kWh", unit = "kWh" }, tz = MADRID, step = false }, "step")
  end)

  with("energy/n6_utc_naive.csv", function(path)
    local map = { datetime = "datetime_utc", value = "value", tz = MADRID }
    expect_refusal(path, map, "datetime_utc", "tz")
    local series = read(path, extend(map, { datetime = { column = "datetime_utc", tz = "UTC" } }))
    assert.same({ 96, { "2025-11-11 01:00", "10" } }, { #series, mapped.rows(series)[1] })
  end)

  with("energy/n5_spring_96.csv", function(path)
    expect_refusal(path, { tz = MADRID }, "2026-03-29 02:00", "does not exist", "4 rows")
    local series = read(path, {})
    assert.equal(96, #series)
    assert.matches("tz", table.concat(series:notes(), "\n"))
    assert.matches("not checked", table.concat(series:notes(), "\n"))
  end)

  with("energy/m1_overlap_same.csv", function(path)
    local err = expect_refusal(path, { tz = MADRID }, "8 rows", "repeat", "98")
    assert.same({ 1, 8 }, { #err.issues, err.total })
  end)
end)

-- A shop's file in the plainest form.
local PLAIN = { group = "order",
  purchase = { invoice_number = "order", email = "email", prices = { total = { sum = "price" } } },
  items = "purchase_detail",
  item = { sku = "sku", product_name = "name", quantity = { column = "qty", number = true },
    unit_price = { column = "price", number = true } } }

local function send(api, path, map)
  local sent, err = mapped.sales(api, path, map)
  return assert(sent, mapped.words(err))
end

-- The lines of all that was refused, as they came.
local function refused_text(sent)
  local texts = {}
  for i, record in ipairs(sent.refused) do
    assert.equal("rejected", record.outcome)
    texts[i] = record.text
  end
  return table.concat(texts, "\n")
end

local function refused_words(sent)
  local words = {}
  for i, record in ipairs(sent.refused) do
    words[i] = mapped.words(record.error)
  end
  return table.concat(words, "\n")
end

local function has_all(text, ...)
  for _, word in ipairs { ... } do
    assert.is_truthy(text:find(word, 1, true), word .. " is not in: " .. text)
  end
end

-- The file is refused before anything is sent.
local function expect_file_refused(path, map, ...)
  local sent, err = mapped.sales("woowup", path, map)
  assert.is_nil(sent)
  assert.is_nil(tostring(err):find "\n")
  expect_words(err, ...)
  return err
end

describe("sales as people have them:", function()
  with("shops/01_shopify/in.csv", function(path)
    local sent = send("woowup", path, { group = "Name",
      purchase = { invoice_number = "Name", email = "Email",
        createtime = { column = "Created at", date = "%Y-%m-%d %H:%M:%S %z" },
        prices = { total = { column = "Total", number = true }, tax = { column = "Taxes", number = true } } },
      items = "purchase_detail",
      item = { sku = "Lineitem sku", product_name = "Lineitem name",
        quantity = { column = "Lineitem quantity", number = true },
        unit_price = { column = "Lineitem price", number = true } } })
    assert.same({ {
      invoice_number = "#1001", email = "ann@example.com", createtime = "2024-01-15 19:30:00",
      prices = { total = 69.77, tax = 4.8 },
      purchase_detail = { { sku = "MUG-L", product_name = 'Mug "Large"', quantity = 2, unit_price = 19.99 },
        { sku = "BOWL", product_name = "Bowl", quantity = 1, unit_price = 19.99 } },
    }, {
      invoice_number = "#1002", email = "bob@example.com", createtime = "2024-03-10 07:15:00",
      prices = { total = 10, tax = 0 },
      purchase_detail = { { sku = "PLATE", product_name = "Plate", quantity = 1, unit_price = 10 } },
    } }, sent.purchases)
    assert.same({}, sent.refused)
    assert.equal('{"createtime":"2024-03-10 07:15:00","email":"bob@example.com","invoice_number":"#1002",'
      .. '"prices":{"tax":0,"total":10},"purchase_detail":[{"product_name":"Plate","quantity":1,"sku":"PLATE",'
      .. '"unit_price":10}]}', sent.texts[2])
  end)

  with("shops/02_shopify_emptyname/in.csv", function(path)
    local map = { group = "Name",
      purchase = { invoice_number = "Name", email = "Email", prices = { total = { column = "Total", number = true } },
        createtime = { column = "Created at", date = "%Y-%m-%d %H:%M:%S" } },
      items = "purchase_detail",
      item = { sku = "Lineitem sku", quantity = { column = "Lineitem quantity", number = true },
        unit_price = { column = "Lineitem price", number = true } } }
    local sent = send("woowup", path, extend(map, { blank = "continues" }))
    assert.same({ "#1001", 2, "#1002", 2 }, { sent.purchases[1].invoice_number, #sent.purchases[1].purchase_detail,
      sent.purchases[2].invoice_number, #sent.purchases[2].purchase_detail })
    assert.same({ 2, 0 }, { #sent.purchases, #sent.refused })

    sent = send("woowup", path, map)
    assert.same({}, sent.texts)
    has_all(refused_text(sent), "MUG-L", "BOWL", "PLATE", "SPOON")
    has_all(refused_words(sent), "Name", 'blank = "continues"')
  end)

  local TIENDANUBE = { encoding = "latin1", decimal = ",", thousands = ".", group = "Número de orden",
    tz = "America/Argentina/Buenos_Aires",
    purchase = { invoice_number = "Número de orden", email = "Email", document = "DNI / CUIT",
      createtime = { column = "Fecha", date = "%d/%m/%Y %H:%M:%S" },
      custom_attributes = { tracking = "Código de tracking del envío" },
      prices = { total = { column = "Total", number = true },
        shipping = { column = "Costo de envío", number = true } } },
    items = "purchase_detail",
    item = { sku = "SKU", product_name = "Nombre del producto",
      quantity = { column = "Cantidad del producto", number = true },
      unit_price = { column = "Precio del producto", number = true } } }
  local TIENDANUBE_CUREBIT = extend(TIENDANUBE, {
    purchase = { order_number = "Número de orden", email = "Email", subtotal = { column = "Total", number = true },
      order_date = { column = "Fecha", date = "%d/%m/%Y %H:%M:%S" } },
    items = "items",
    item = { product_id = "SKU", quantity = { column = "Cantidad del producto", number = true },
      price = { column = "Precio del producto", number = true } } })

  local NAMES = { ["04_tiendanube"] = 'Remera "Ñandú" azul', ["05_tiendanube_clean"] = "Remera Ñandú azul" }
  for folder, name in pairs(NAMES) do
    with("shops/" .. folder .. "/in.csv", function(path)
      local sent = send("woowup", path, TIENDANUBE)
      assert.same({ {
        invoice_number = "1045", email = "lucia@example.com", document = "01234567",
        createtime = "2025-12-20 13:00:00", prices = { total = 21500, shipping = 500 },
        custom_attributes = { tracking = "TN0001" },
        purchase_detail = { { sku = "REM-1", product_name = name, quantity = 1, unit_price = 10500 },
          { sku = "PAN-1", product_name = "Pantalón", quantity = 1, unit_price = 10500 } },
      } }, sent.purchases)
      assert.same({ 1, "1046" }, { #sent.refused, sent.refused[1].key })
      has_all(refused_words(sent), "BUZ/1")

      sent = send("curebit", path, TIENDANUBE_CUREBIT)
      assert.same({ { "1045", 21500, "2025-12-20 13:00:00" }, { "1046", 900, "2025-12-22 02:59:59" } }, {
        { sent.purchases[1].order_number, sent.purchases[1].subtotal, sent.purchases[1].order_date },
        { sent.purchases[2].order_number, sent.purchases[2].subtotal, sent.purchases[2].order_date } })
    end)
  end

  with("shops/07_ventas_noheader/in.csv", function(path)
    local sent = send("woowup", path, { header = false, group = 3,
      purchase = { branch_name = 1, createtime = { column = 2, date = "%Y-%m-%d" }, invoice_number = 3, email = 7,
        prices = { total = { column = 12, number = true } } },
      items = "purchase_detail",
      item = { sku = 4, product_name = 5, quantity = { column = 8, number = true },
        unit_price = { column = 9, number = true },
        custom_attributes = { discount = { column = 10, number = true } } } })
    assert.same({}, sent.refused)
    local short = {}
    for i, purchase in ipairs(sent.purchases) do
      short[i] = { purchase.invoice_number, #purchase.purchase_detail, purchase.purchase_detail[1].quantity,
        purchase.prices.total, purchase.createtime }
    end
    assert.same({ { "103049376", 1, 1, 689, "2017-01-02 00:00:00" }, { "103049377", 2, 1, 2578, "2017-01-02 00:00:00" },
      { "103049378", 1, -1, -789, "2017-01-02 00:00:00" } }, short)
    has_all(sent.texts[1], '"quantity":1,', '"discount":0}', '"total":689}')
  end)

  with("shops/10_square/in.csv", function(path)
    local sent = send("woowup", path, { thousands = ",", group = "Transaction ID",
      purchase = { invoice_number = "Transaction ID", service_uid = "Customer ID",
        createtime = { column = { "Date", "Time" }, date = "%Y-%m-%d %H:%M:%S", tz = "America/New_York" },
        prices = { total = { sum = "Net Sales", currency = "$" }, discount = { sum = "Discounts", currency = "$" } } },
      items = "purchase_detail",
      item = { sku = "SKU", quantity = { column = "Qty", number = true },
        unit_price = { column = "Net Sales", number = true, currency = "$" } } })
    assert.same({}, sent.refused)
    assert.same({ "TXN1", "2026-07-18 16:59:30", 1041, -3, 8, 1033 }, { sent.purchases[1].invoice_number,
      sent.purchases[1].createtime, sent.purchases[1].prices.total, sent.purchases[1].prices.discount,
      sent.purchases[1].purchase_detail[1].unit_price, sent.purchases[1].purchase_detail[2].unit_price })
    assert.same({ "TXN2", -8, -1 }, { sent.purchases[2].invoice_number, sent.purchases[2].prices.total,
      sent.purchases[2].purchase_detail[1].quantity })
  end)

  with("shops/13_sci_ids/in.csv", function(path)
    local sent = send("woowup", path, PLAIN)
    assert.same({ 1, "1.23458E+12", 5 }, { #sent.purchases, sent.purchases[1].invoice_number,
      sent.purchases[1].prices.total })
    assert.same({ 1, 1 }, { #sent.refused, sent.report.rejected })
    has_all(refused_words(sent), "line 2", "a@example.com", "b@example.com", "email")
    assert.matches("3", refused_words(sent))
  end)

  with("shops/14_cp1252/in.csv", function(path)
    for _, encoding in ipairs { "windows-1252", "latin1" } do
      local sent = send("woowup", path, extend(PLAIN, { encoding = encoding }))
      assert.equal("Café – 10 € “x”", sent.purchases[1].purchase_detail[1].product_name)
    end
  end)

  with("shops/16_sepline/in.csv", function(path)
    local sent = send("woowup", path, PLAIN)
    assert.same({ 1, 0, "1" }, { #sent.purchases, #sent.refused, sent.purchases[1].invoice_number })
  end)

  with("shops/34_interleaved/in.csv", function(path)
    local sent = send("woowup", path, PLAIN)
    assert.same({ 1, "3002" }, { #sent.purchases, sent.purchases[1].invoice_number })
    has_all(refused_text(sent), "AA", "CC")
    has_all(refused_words(sent), "2", "4", "sort")
  end)

  with("shops/36_tz_typo/in.csv", function(path)
    local err = expect_file_refused(path, {
      purchase = { invoice_number = "order", email = "email",
        createtime = { column = "date", date = "%Y-%m-%d %H:%M:%S", tz = "Europe/Madird" } },
    }, "purchase.createtime", "Europe/Madird")
    assert.equal("invalid_map", err.code)
  end)

  with("shops/38_sum_trap/in.csv", function(path)
    local map = { group = "order_id", purchase = { invoice_number = "order_id", email = "email",
      prices = { total = { add = { "price", "freight_value" } } } }, items = "purchase_detail",
      item = { sku = "product_id", quantity = { constant = 1 }, unit_price = { column = "price", number = true } } }
    local sent = send("woowup", path, map)
    has_all(sent.texts[1], '"total":87.19')
    map.purchase.prices.total = { sum = { "price", "freight_value" } }
    local err = expect_file_refused(path, map, "prices.total", "add", "sum_product")
    assert.equal("invalid_map", err.code)
  end)

  with("shops/39_line_total_as_order/in.csv", function(path)
    local map = { group = "order", purchase = { invoice_number = "order", email = "email",
      prices = { total = { column = "line_total", number = true } } }, items = "purchase_detail",
      item = { sku = "sku", quantity = { column = "qty", number = true },
        unit_price = { column = "line_total", number = true } } }
    expect_file_refused(path, map, "prices.total: line_total differs within 1 of 1 purchase", "lines 2 and 3", "sum it",
      "first = true", "20.00", "5.00")
    map.purchase.prices.total.first = true
    has_all(send("woowup", path, map).texts[1], '"total":20')
    map.purchase.prices.total = { sum = "line_total" }
    has_all(send("woowup", path, map).texts[1], '"total":25')
  end)
end)

describe("maps that come along, on files as people have them:", function()
  for name, wanted in pairs {
    b1_esios_api = { "json", "esios", "2025-10-26", 100, "2025-10-26 00:00 10", "2025-10-26 23:45 19.25" },
    a2_omie_periodo = { "csv", "omie", "2025-11-11", 96, "2025-11-11 00:00 10", "2025-11-11 23:45 12.875" },
    c1_datadis_2400 = { "csv", "datadis", "2025-11-11", 96, "2025-11-11 00:15 0.01", "2025-11-12 00:00 0.019375" },
    e1_edistribucion_23 = { "csv", "e-distribucion", "2026-03-29", 92, "2026-03-29 00:00 0.01",
      "2026-03-29 23:45 0.01475" },
    f1_f5d = { "0", "simel-f5d", "2025-10-26", 100, "2025-10-26 00:15 0.1", "2025-10-27 00:00 0.118" },
    g1_entsoe_old = { "csv", "entsoe", "2025-10-26", 100, "2025-10-26 00:00 10", "2025-10-26 23:45 19.25" },
  } do
    with(("energy/%s.%s"):format(name, wanted[1]), function(path)
      local function row(text)
        return { text:match "^(.*) (%S+)$" }
      end
      expect_day(wanted[3], wanted[4], row(wanted[5]), row(wanted[6]), read(path, { map = wanted[2] }))
    end)
  end

  with("shops/01_shopify/in.csv", function(path)
    local sent = send("woowup", path, "shopify")
    assert.same({ 2, 0, "2024-01-15 19:30:00", 2 }, { #sent.purchases, #sent.refused, sent.purchases[1].createtime,
      #sent.purchases[1].purchase_detail })
    sent = send("curebit", path, "shopify")
    assert.same({ 2, 0, "2024-03-10 07:15:00" }, { #sent.purchases, #sent.refused, sent.purchases[2].order_date })
  end)

  with("shops/04_tiendanube/in.csv", function(path)
    expect_file_refused(path, "tiendanube", "tz")
    local tz = { tz = "America/Argentina/Buenos_Aires" }
    local sent = assert(mapped.sales("woowup", path, "tiendanube", tz))
    assert.same({ 1, 1, "1045", 21500 }, { #sent.purchases, #sent.refused, sent.purchases[1].invoice_number,
      sent.purchases[1].prices.total })
    sent = assert(mapped.sales("curebit", path, "tiendanube", tz))
    assert.same({ 2, 0, "1046" }, { #sent.purchases, #sent.refused, sent.purchases[2].order_number })
  end)
end)
