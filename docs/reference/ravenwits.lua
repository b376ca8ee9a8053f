--- A client of Ravenwits, as `purchases.ravenwits.new` returns it. See docs/ravenwits.md.
-- @classmod ravenwits

--- Logs in; the client uses the session's token from then on.
-- @function login
-- @treturn table|nil the session
-- @treturn ?purchases.error

--- Asks whether the API is there.
-- @function health
-- @treturn table|nil `{ status = "healthy" }`
-- @treturn ?purchases.error

--- The strategies of a retailer.
-- @function strategies
-- @tparam table opts `retailer_id`
-- @treturn table|nil `{ user =, idretailer =, strategies = { { idmodel =, name = }, ... } }`
-- @treturn ?purchases.error

--- Submits a series as one purchase. A submit that may have arrived is not repeated.
-- @function submit
-- @tparam purchases.series.series|table series or a list of rows, which is checked first
-- @tparam table opts `retailer_id`; of rows `tz` and `step`, see `series`
-- @treturn table|nil a receipt `{ id, status, created_at, rows_uploaded }`
-- @treturn ?purchases.error

--- Submits a series as many purchases.
-- @function submit_all
-- @tparam purchases.series.series|table series or a list of rows, which is checked first
-- @tparam table opts `retailer_id`; of rows `tz` and `step`, see `series`; `batch`: `"day"` (default), `"all"` or a
-- number of rows; `on_receipt(receipt)`; and the options of every job, see `client`
-- @treturn table|nil a report, see `client`
-- @treturn ?purchases.error when nothing could start

--- Retrieves a purchase.
-- @function get
-- @string id
-- @tparam[opt] table opts `idmodel`: only that model's output
-- @treturn table|nil the purchase
-- @treturn ?purchases.error

--- Waits until the workflow of a purchase has ended.
-- @function wait
-- @string id
-- @tparam[opt] table opts `timeout` in seconds, 600 by default; `on_progress(purchase)`; `idmodel`: only that model's
-- output
-- @treturn table|nil the purchase, completed
-- @treturn ?purchases.error codes `purchase_failed`, `not_settled`

--- Stores the outputs and the status of a purchase.
-- @function update
-- @string id
-- @tparam table opts `outputs`: a list of `{ idmodel =, value = }`; `status`: `"failed"`, `"pending"`,
-- `"in_progress"` or `"completed"`; `error`, where the status is `"failed"`
-- @treturn table|nil the updated purchase
-- @treturn ?purchases.error
