-- The maps that come along: each reads the small file of its form in spec/data/maps.
local cjson = require "cjson"
local command = require "spec.support.command"
local maps = require "purchases.source.maps"
local purchases = require "purchases"

local unpack = rawget(_G, "unpack") or table.unpack

local FOLDER = command.root .. "/spec/data/maps/"

-- Of each series its file, date, rows, first and last time as sent, and the first row's MW.
local SERIES = {
  datadis = { "datadis.csv", "2025-07-03", 96, "2025-07-03 00:15", "2025-07-04 00:00", "0.04" },
  ["e-distribucion"] = { "e-distribucion.csv", "2025-10-26", 100, "2025-10-26 00:00", "2025-10-26 23:45", "0.04" },
  entsoe = { "entsoe.csv", "2025-10-26", 100, "2025-10-26 00:00", "2025-10-26 23:45", "40" },
  esios = { "esios.json", "2025-07-03", 96, "2025-07-03 00:00", "2025-07-03 23:45", "40" },
  omie = { "omie.csv", "2026-03-29", 92, "2026-03-29 00:00", "2026-03-29 23:45", "40" },
  ["simel-f5d"] = { "simel-f5d.0", "2026-03-29", 92, "2026-03-29 00:15", "2026-03-30 00:00", "0.04" },
}

describe("the maps that come along", function()
  describe("read a series:", function()
    for _, entry in ipairs(maps.SERIES) do
      local name = entry[1]
      it(name, function()
        local file, date, rows, first, last, value = unpack(SERIES[name])
        local series = assert(purchases.series.read(FOLDER .. file, { map = name }))
        assert.same({ date, rows, first, last, 1 },
          { series:date(), #series, series:first(), series:last(), series:day_count() })
        assert.equal(('{"purchase":[{"datetime":"%s","purchase":%s}]}'):format(first, value), series:encode(1, 1))
      end)
    end
  end)

  -- The purchases that a command would send, as tables, and what it says.
  local function sales_of(api, file, ...)
    local result = command.run(command.concat({ api, "check", FOLDER .. file, "--print", "9" }, { ... }))
    local list = {}
    for line in result.stdout:gmatch "[^\n]+" do
      list[#list + 1] = cjson.decode(line)
    end
    return list, result
  end

  describe("read sales:", function()
    local ZONE = "America/Argentina/Buenos_Aires"

    it("shopify, for WoowUp", function()
      local list, result = sales_of("woowup", "shopify.csv", "--map", "shopify")
      assert.same({ 0, FOLDER .. "shopify.csv: 2 purchases, 2 valid, 0 invalid\n" }, { result.code, result.stderr })
      assert.same({
        invoice_number = "#2001",
        email = "eva@example.com",
        createtime = "2025-06-01 08:00:00",
        channel = "web",
        prices = { shipping = 4, tax = 3.2, discount = 1.5, total = 52.7 },
        purchase_detail = {
          { sku = "LAMP-S", product_name = 'Lamp "Small"', quantity = 3, unit_price = 12.5 },
          { sku = "BULB", product_name = "Bulb", quantity = 1, unit_price = 8 },
        },
      }, list[1])
      assert.same({ "#2002", "2025-06-01 21:30:00", 1 },
        { list[2].invoice_number, list[2].createtime, #list[2].purchase_detail })
    end)

    it("shopify, for Curebit", function()
      local list, result = sales_of("curebit", "shopify.csv", "--map", "shopify")
      assert.equal(0, result.code, result.stderr)
      assert.same({
        order_number = "#2001",
        email = "eva@example.com",
        order_date = "2025-06-01 08:00:00",
        subtotal = 45.5,
        items = { { product_id = "LAMP-S", quantity = 3, price = 12.5 },
          { product_id = "BULB", quantity = 1, price = 8 } },
      }, list[1])
      assert.equal("#2002", list[2].order_number)
    end)

    it("tiendanube, for WoowUp, once its zone is said", function()
      local list, result = sales_of("woowup", "tiendanube.csv", "--map", "tiendanube", "--tz", ZONE)
      assert.equal(0, result.code, result.stderr)
      assert.same({
        invoice_number = "2045",
        email = "ana@example.com",
        document = "07654321",
        createtime = "2025-06-02 00:30:00",
        channel = "web",
        prices = { shipping = 250, discount = 0, total = 3650.5 },
        purchase_detail = {
          { sku = "TAZ-1", product_name = 'Taza "R\195\173o" gris', quantity = 2, unit_price = 1200.25 },
          { sku = "PLA-1", product_name = "Plato", quantity = 1, unit_price = 1000 },
        },
      }, list[1])
      assert.same({ "2046", "+5491100000001" }, { list[2].invoice_number, list[2].telephone })
      list, result = sales_of("woowup", "tiendanube.csv", "--map", "tiendanube")
      assert.same({ 3, 0 }, { result.code, #list })
      assert.matches("say the shop's with --tz, such as --tz America/Argentina/Buenos_Aires", result.stderr, 1, true)
    end)

    it("tiendanube, for Curebit", function()
      local list, result = sales_of("curebit", "tiendanube.csv", "--map", "tiendanube", "--tz", ZONE)
      assert.equal(0, result.code, result.stderr)
      assert.same({
        order_number = "2045",
        email = "ana@example.com",
        order_date = "2025-06-02 00:30:00",
        subtotal = 3400.5,
        items = { { product_id = "TAZ-1", quantity = 2, price = 1200.25 },
          { product_id = "PLA-1", quantity = 1, price = 1000 } },
      }, list[1])
    end)
  end)

  it("are named where another name is given", function()
    for _, api in ipairs { "woowup", false } do
      local text, why = maps.text("nope", api or nil)
      assert.is_nil(text)
      for _, name in ipairs { "datadis", "e-distribucion", "entsoe", "esios", "omie", "simel-f5d", "shopify",
        "tiendanube", "does not come along" } do
        assert.matches(name, why, 1, true)
      end
    end
    assert.matches("it is of a series", select(2, maps.text("omie", "woowup")), 1, true)
    assert.matches("it is of sales", select(2, maps.text "shopify"), 1, true)
  end)

  it("are told from paths", function()
    for given, is_name in pairs { omie = true, ["a.lua"] = false, ["./omie"] = false, ["maps/x"] = false,
      ["."] = false } do
      assert.equal(is_name, maps.is_name(given))
    end
  end)

  describe("by `purchases maps`", function()
    it("are listed", function()
      local result = command.run { "maps" }
      assert.same({ 0, "" }, { result.code, result.stderr })
      for _, list in ipairs { maps.SERIES, maps.SALES } do
        for _, entry in ipairs(list) do
          assert.matches("\n  " .. entry[1]:gsub("%-", "%%-") .. " +" .. entry[2]:sub(1, 8), result.stdout)
        end
      end
    end)

    it("are printed, as Lua that a file may begin from", function()
      for _, entry in ipairs(maps.SERIES) do
        local result = command.run { "maps", entry[1] }
        assert.same({ 0, "" }, { result.code, result.stderr })
        assert.equal(command.contents(command.root .. "/lua/purchases/source/maps/" .. entry[1] .. ".lua"),
          result.stdout)
        assert.equal("table", type(assert((loadstring or load)(result.stdout))())) -- luacheck: ignore 113
      end
      for _, entry in ipairs(maps.SALES) do
        for api, field in pairs { woowup = "invoice_number", curebit = "order_number" } do
          local result = command.run { "maps", entry[1], "--for", api }
          assert.same({ 0, "" }, { result.code, result.stderr })
          local map = assert((loadstring or load)(result.stdout))() -- luacheck: ignore 113
          assert.is_string(map.purchase[field])
        end
      end
    end)

    it("are WoowUp's where nobody says whose", function()
      local result = command.run { "maps", "shopify" }
      assert.same({ 0, "note: this is the map for WoowUp; --for curebit prints that for Curebit\n" },
        { result.code, result.stderr })
      assert.equal(command.run({ "maps", "shopify", "--for", "woowup" }).stdout, result.stdout)
    end)

    it("are refused where there are none", function()
      for _, case in ipairs {
        { { "maps", "nope" }, "there is no map 'nope' to print: it does not come along; " },
        { { "maps", "omie", "--for", "woowup" }, "there is no map 'omie' to print: it is of a series; " },
        { { "maps", "--for", "woowup" }, "--for is for the map of a shop: name one" },
        { { "maps", "shopify", "--for", "ravenwits" }, "argument for option '--for' must be one of" },
      } do
        local result = command.run(case[1])
        assert.same({ 2, "" }, { result.code, result.stdout })
        assert.matches(case[2], result.stderr, 1, true)
      end
    end)
  end)
end)
