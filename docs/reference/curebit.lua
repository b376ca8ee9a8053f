--- A client of Curebit, as `purchases.curebit.new` returns it. See docs/curebit.md.
-- @classmod curebit

--- Creates purchases, all of them or none.
-- @function create
-- @tparam table purchases a list of tables or JSON texts
-- @tparam[opt] table opts `tz`: an IANA zone, of order dates without an offset
-- @treturn table|nil `{ success = true }`; with `duplicate = true` when an earlier attempt had arrived
-- @treturn ?purchases.error code `duplicated_order_number` when the API has one already

--- Creates many purchases in bulks. See docs/many-purchases.md.
-- @function create_all
-- @tparam string|table|function source a path, a list, or a function that returns one purchase after another
-- @tparam[opt] table opts `map`; `tz`, `encoding`, `delimiter`, `decimal`, which go before what the map says; `schema`,
-- `batch`, `batch_bytes`, `on_reject(rejected)`, `from_line`; and the options of every job, see `client`
-- @treturn table|nil a report, see `client`
-- @treturn ?purchases.error when nothing could start

--- Approves or voids the rewards of an order.
-- @function set_rewards_status
-- @tparam string|number order_number
-- @string status `"approved"`, `"voided"` or `"unrewarded"`
-- @treturn table|nil `{ success = true, notice }`
-- @treturn ?purchases.error
