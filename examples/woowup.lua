-- Creates a WoowUp purchase and finds it, against `purchases sandbox`: see docs/woowup.md.
local purchases = require "purchases"

local client = purchases.woowup.new {
  api_key = os.getenv "WOOWUP_API_KEY",
  base_url = os.getenv "WOOWUP_BASE_URL",       -- default: https://api.woowup.com/apiv3
}
local created, err = client:create {            -- or its JSON text; checked by the schema on the API's page
  invoice_number = "FAC-000085643",
  email = "customer@example.com",
  purchase_detail = { { sku = "2907362", product_name = "Heladera Patrick", quantity = 1, unit_price = 1999 } },
  prices = { gross = 1999, discount = 100, total = 1899 },
  createtime = "2017-03-23 14:35:22",
}
if not created then
  print(err)                                    -- one line, without the key
  for _, issue in ipairs(err.issues or {}) do   -- what is wrong with an invalid purchase
    print(issue.field, issue.message)
  end
  os.exit(1)
end

local found, why = client:find { invoice_number = "FAC-000085643" }
print(found and found[1].prices.total or why)   -- not found while the API has it in its queue
