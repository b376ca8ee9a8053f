-- The README's first example, against `purchases sandbox`: see "Try it" there.
local purchases = require "purchases"

local series, err = purchases.series.read("examples/data/spain_2025-10.csv", {
  datetime = "datetime_utc", value = "value",   -- columns; "datetime" and "purchase" unless said otherwise
  tz = "Europe/Madrid",                         -- instants become its local time; the days' lengths are checked
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
  base_url = os.getenv "RAVENWITS_BASE_URL",    -- https://api.ravenwits.com unless said otherwise
}
local report, failure = client:submit_all(series, { retailer_id = "123", batch = "day", on_progress = print })
if not report then
  print(failure)                                -- nothing could start: one line, without credentials
  os.exit(1)
end
print(report.accepted, report.rejected, report.unknown, report.pending)

local first = report.receipts[1]                -- none where nothing was accepted
if first then
  local purchase = assert(client:wait(first.id, { timeout = 600 }))
  print(#assert(purchases.ravenwits.output(purchase, 1)).value.MD)
end
