-- Creates Curebit purchases and approves a reward, against `purchases sandbox`: see docs/curebit.md.
local purchases = require "purchases"

local client = purchases.curebit.new {
  site = os.getenv "CUREBIT_SITE",
  api_key = os.getenv "CUREBIT_API_KEY",
  base_url = os.getenv "CUREBIT_BASE_URL",      -- default: https://curebit.com
}
local created, err = client:create({            -- tables or JSON texts: all of them are created, or none
  { email = "1st_customer@mail.com", order_number = 1, order_date = "2014-03-13 12:49:54", subtotal = 500 },
  { email = "2nd_customer@mail.com", order_number = 2, order_date = "2014-03-14T05:49:54Z", subtotal = 100,
    items = { { price = 25, quantity = 4, product_id = "TSHIRT" } } },
}, { tz = "America/New_York" })                 -- the zone of dates without an offset; UTC without tz
if not created then
  print(err)                                    -- one line, without the key
  for _, issue in ipairs(err.issues or {}) do   -- index counts from 0
    print(issue.index, issue.field, issue.message)
  end
  os.exit(1)
end

local set, why = client:set_rewards_status(1, "approved")
print(set and (set.notice or "approved") or why)
