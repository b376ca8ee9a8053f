--- A client of WoowUp, as `purchases.woowup.new` returns it. See docs/woowup.md.
-- @classmod woowup

--- Creates a purchase.
-- @function create
-- @tparam table|string purchase or its JSON text of up to 262,144 bytes
-- @treturn table|nil the answer's payload; `{ duplicate = true }` when an earlier attempt had arrived
-- @treturn ?purchases.error code `duplicated_purchase_number` when the API has it already

--- Creates many purchases in bulks. See docs/many-purchases.md.
-- @function create_all
-- @tparam string|table|function source a path, a list, or a function that returns one purchase after another
-- @tparam[opt] table opts `map`; `tz`, `encoding`, `delimiter`, `decimal`, which go before what the map says; `schema`,
-- `batch`, `batch_bytes`, `on_reject(rejected)`, `on_duplicate` (`"report"`, `"accept"` or `"update"`),
-- `from_line`; and the options of every job, see `client`
-- @treturn table|nil a report, see `client`
-- @treturn ?purchases.error when nothing could start

--- Updates many purchases, one request each.
-- @function update_all
-- @tparam string|table|function source as for `create_all`
-- @tparam[opt] table opts as for `create_all`
-- @treturn table|nil a report, see `client`
-- @treturn ?purchases.error when nothing could start

--- Updates a purchase, which is given whole.
-- @function update
-- @tparam table|string purchase as for `create`
-- @treturn table|nil the answer's payload
-- @treturn ?purchases.error

--- Searches purchases.
-- @function find
-- @tparam table opts `invoice_number`, `service_uid`, `branch_name`, `branch_id` (only with `invoice_number`)
-- @treturn table|nil a list of purchases
-- @treturn ?purchases.error

--- Looks up the bank and the kind of a card.
-- @function iin
-- @string digits the card's first six digits
-- @treturn table|nil `{ scheme, brand, type, prepaid, country, bank }`
-- @treturn ?purchases.error

--- Deletes one purchase.
-- @function delete
-- @tparam table opts `invoice_number`, `branch_name`
-- @treturn table|nil the answer's payload; `{ absent = true }` when a repeat finds nothing any more
-- @treturn ?purchases.error

--- Deletes the purchases of a branch, of a range of time, or of both. The API does so later, and sends an e-mail.
-- @function delete_range
-- @tparam table opts `from` and `to`, `tz`, `branch_name`, `notify_to`
-- @treturn table|nil `{ request_id }`
-- @treturn ?purchases.error
