--- A ledger, as `purchases.ledger.open` returns it: a file in which jobs keep what they have sent, and what became of
-- it. Its fields are `path`, and `is_new` where it was made just now.
--
-- Errors are of kind `ledger`. A ledger belongs to the process that opened it. Times are milliseconds since 1970.
--
-- `filters` say which purchases are meant: `provider`, `base_url`, `account` (its name), `state` ("pending", "sending",
-- "accepted", "rejected", "unknown"), `operation`, `code`, `key` (of WoowUp and Curebit), `receipt`, `day`, `from` and
-- `to` (days of delivery such as "2026-03-29", the last one included), and `since`. Without any, all are.
-- @classmod ledger

--- Counts purchases by account and state.
-- @function status
-- @tparam[opt] table filters
-- @treturn table|nil a list of `{ provider, base_url, account, counts, rate, oldest_pending, due, holder }`: `counts`
-- by state; `rate`, how many were accepted a minute in the last ten; `oldest_pending`, since when the oldest is; `due`,
-- when the next is to be sent; `holder`, `{ pid, since }` of the process that sends
-- @treturn ?purchases.error

--- Lists what was sent, request by request, the oldest first. Others may go on sending meanwhile.
-- @function history
-- @tparam[opt] table filters
-- @treturn function|nil returns the next entry: `{ id, provider, base_url, account, operation, source, host, pid, run,
-- since, name, first, last, count, state, maybe, attempts, receipt, code, message, changed, superseded_by, newest,
-- workflow }`; nil at the end, or nil and an error. `newest`: the API has taken nothing later in its place
-- @treturn ?purchases.error

--- Lists purchase by purchase: entries as of `history`, with the `key` of each, and its `body` where that is kept.
-- @function export
-- @tparam[opt] table filters
-- @treturn function|nil
-- @treturn ?purchases.error

--- Has the next job send again what was rejected or is unknown.
-- @function retry
-- @tparam[opt] table filters
-- @tparam[opt] boolean is_trial only tells how many there are
-- @treturn number|nil how many purchases
-- @treturn ?purchases.error

--- Notes of what was rejected or is unknown that the API has it, since somebody has looked.
-- @function settle
-- @tparam table filters
-- @string as "accepted"
-- @tparam[opt] boolean is_trial
-- @treturn number|nil how many purchases
-- @treturn ?purchases.error

--- Forgets purchases, so that the next job sends them, whatever the API has. What a job has on its way is not touched.
-- @function forget
-- @tparam table filters
-- @tparam[opt] boolean is_trial
-- @treturn number|nil how many purchases
-- @treturn ?purchases.error

--- Lists the keys of a number of WoowUp's: by itself, and within each branch, behind a NUL.
-- @function keys
-- @tparam table about `provider`, `base_url`, `name`: an account
-- @string number
-- @treturn table|nil a list of keys
-- @treturn ?purchases.error

--- Takes out what is old: messages and bodies, which may hold names and addresses, of what was accepted or rejected,
-- and all of accepted purchases of WoowUp and Curebit. Of Ravenwits, names, digests and receipts stay for ever.
-- @function prune
-- @number seconds how old
-- @treturn number|nil how many purchases were taken out
-- @treturn ?purchases.error

--- Closes the ledger; may be called again.
-- @function close
