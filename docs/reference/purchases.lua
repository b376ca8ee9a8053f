--- Checks purchase data and uploads it to APIs: what `require "purchases"` returns.
--
-- An option or a source of the wrong type, or an option that is unknown or missing, raises an error at the line of the
-- call. Everything else returns nil and a `purchases.error`.
-- @module purchases

--- The version of the library.
-- @string _VERSION

--- A client of Ravenwits: see `ravenwits`.
-- @function ravenwits.new
-- @tparam table opts `user`; `token`, or `email` and `password`; and the options of every client, see `client`
-- @treturn ravenwits

--- One model's output out of a purchase.
-- @function ravenwits.output
-- @tparam table|string purchase as `get` and `wait` return it, or the answer's JSON text, of which only that model is
-- decoded
-- @tparam number|string idmodel
-- @treturn table|nil `{ idmodel =, value = { MD = { { datetime =, purchase_percentage =, sale_percentage = }, ... } }
-- }`
-- @treturn ?purchases.error code `not_found`

--- A client of WoowUp: see `woowup`.
-- @function woowup.new
-- @tparam table opts `api_key`; `rate` is 140 by default; and the options of every client, see `client`
-- @treturn woowup

--- A client of Curebit: see `curebit`.
-- @function curebit.new
-- @tparam table opts `site`, the site's slug; `api_key`; and the options of every client, see `client`
-- @treturn curebit

--- Whether a text is one JSON document (RFC 8259) whose objects have unique names.
-- @function json.valid
-- @string text
-- @treturn true|nil
-- @treturn ?purchases.error kind `validation`, with `position`, `line` and `column`, all counted from 1

--- Opens a ledger, the file in which jobs keep what they have sent, and makes it where there is none, with its folder,
-- for its owner alone: see `ledger`, and docs/ledger.md.
-- @function ledger.open
-- @string path
-- @tparam[opt] table opts `busy_timeout`: seconds to wait for other processes that write to it, 10 by default
-- @treturn ledger|nil
-- @treturn ?purchases.error kind `ledger`; its message names the file and the ways out. Codes: `foreign`, `newer`,
-- `damaged`, `read_only`, `disk_full`, `network_file_system`, `busy`, `io_error`, `in_nginx`, `not_built`

--- The time in seconds on a clock that nobody sets, as deadlines are counted on it.
-- @function monotonic
-- @treturn number
