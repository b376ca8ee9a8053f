--- The forms of files that the maps which come along read.
-- @module purchases.cli.inspect.known
local M = {}

-- The columns that the maps that come along read.
local FORMS = {
  { "datadis", { "fecha", "hora", "consumo_kWh" } },
  { "e-distribucion", { "Fecha", "Hora", "AE_kWh" } },
  { "entsoe", { "Time (CET/CEST)", "Day-ahead Total Load Forecast [MW] - BZN|ES" } },
  { "esios", { "datetime", "value", "geo_id" } },
  { "esios", { "datetime", "value", "geoid" } },
  { "omie", { "Fecha", "Periodo", "Potencia total de compra (MW)" } },
  { "shopify", { "Name", "Email", "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount", "Created at",
    "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku" }, "sales" },
  { "tiendanube", { "Número de orden", "Email", "Fecha", "Subtotal de productos", "Descuento", "Costo de envío",
    "Total", "DNI / CUIT", "Teléfono", "Nombre del producto", "Precio del producto", "Cantidad del producto",
    "SKU" }, "sales" },
}

local function is_f5d(columns)
  return columns[12] and not columns[1].name and columns[2].kind == "time" and columns[2].formats[1] == "%Y/%m/%d %H:%M"
    and columns[3].kind == "number" and columns[3].max <= 1 and columns[4].kind == "number"
end

--- The map that comes along and reads files of this form, if there is one.
-- @tab found a described file, its `columns` plain
-- @treturn ?string its name
-- @treturn ?string "series" or "sales"
function M.find(found)
  local names = {}
  for _, column in ipairs(found.columns) do
    names[column.name or ""] = true
  end
  for _, form in ipairs(FORMS) do
    local has_all = true
    for _, name in ipairs(form[2]) do
      has_all = has_all and names[name]
    end
    if has_all then
      return form[1], form[3] or "series"
    end
  end
  if is_f5d(found.columns) then
    return "simel-f5d", "series"
  end
end

return M
