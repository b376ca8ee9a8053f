-- Uploads a month of purchases and waits for an output, against `purchases sandbox`: see README.md.
local purchases = require "purchases"

local series, err = purchases.series.read("examples/data/spain_2025-10.csv", {
  datetime = "datetime_utc", value = "value",   -- columns; default: "datetime", "purchase"
  tz = "Europe/Madrid",                         -- turns instants into its local time, checks the days' lengths
})
if not series then                              -- every row was checked, and nothing was sent
  for _, issue in ipairs(err.issues) do
    print(issue.line, issue.message, issue.detail or "")
  end
  os.exit(3)
end

local client = purchases.ravenwits.new {
  user = "trebolenergia",
  token = os.getenv "RAVENWITS_TOKEN",
  base_url = os.getenv "RAVENWITS_BASE_URL",    -- default: https://api.ravenwits.com
}
local report, failure = client:submit_all(series, { retailer_id = "123", batch = "day", on_progress = print })
if not report then
  print(failure)                                -- nothing could start: one line, without credentials
  os.exit(1)
end
print(report.accepted, report.rejected, report.unknown, report.pending)

local first = report.receipts[1]                -- nil when nothing was accepted
if first then
  local purchase = assert(client:wait(first.id, { timeout = 600 }))
  print(#assert(purchases.ravenwits.output(purchase, 1)).value.MD)
end
