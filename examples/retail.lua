-- Creates a shop's invoices at WoowUp from a CSV file, against `purchases sandbox`: see docs/many-purchases.md.
local purchases = require "purchases"

local client = purchases.woowup.new {
  api_key = os.getenv "WOOWUP_API_KEY",
  base_url = os.getenv "WOOWUP_BASE_URL",
}
local report, failure = client:create_all("examples/data/online_retail.csv", {
  map = "examples/data/retail_woowup.lua",      -- which columns make which fields
  on_reject = function(rejected)                -- called at once; rejected.text is the purchase as it came
    print(rejected.line, rejected.key, rejected.outcome, rejected.error)
  end,
})
if not report then
  print(failure)                                -- nothing could start: a file that is not there, no key
  os.exit(1)
end
print(report.accepted, report.rejected, report.unknown, report.pending, report.duplicates)
