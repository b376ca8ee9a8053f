--- Purchase series: reads, checks, cuts and encodes them. See docs/series.md.
-- @module purchases.series

--- Reads a file: CSV, JSON (`{"purchase":[...]}`, a bare array, or a document with one list of rows) or NDJSON.
-- @function read
-- @tparam string|table path `"-"` is standard input; the files of a list of paths are one series, in that order
-- @tparam[opt] table opts a map, see docs/maps.md: `encoding`, `delimiter`, `header`, `skip`, `names`, `decimal`,
-- `thousands`, `null`, `where`, `unless`, `list`; `datetime` and `value`: columns or keys, or rules (default
-- `"datetime"`, `"purchase"`); `label`, `send_label`, `resolution`; `tz`: an IANA zone, turns instants into its local
-- time and checks the lengths of days; `step`: minutes between rows (default 15), false for no grid. `map`: a table, a
-- path or a name, before which the others go
-- @treturn series|nil
-- @treturn ?purchases.error kind `validation`, with `issues`, one a cause with its `count` of rows, and `total`

--- Reads a JSON text.
-- @function decode
-- @string text
-- @tparam[opt] table opts as for `read`
-- @treturn series|nil
-- @treturn ?purchases.error

--- Reads a list of rows.
-- @function from
-- @tparam table rows a list of tables such as `{ datetime = "2025-10-26 00:00", purchase = 12.5 }`, or `{ purchase =
-- rows }`; it stays as it is
-- @tparam[opt] table opts as for `read`
-- @treturn series|nil
-- @treturn ?purchases.error

--- A series, a slice of one, or a delivery day; `#series` is its number of rows.
-- @type series

--- The time of the first row.
-- @function first
-- @treturn string `"YYYY-MM-DD HH:MM"`

--- The time of the last row.
-- @function last
-- @treturn string `"YYYY-MM-DD HH:MM"`

--- The date of the first row.
-- @function date
-- @treturn string `"YYYY-MM-DD"`

--- The first and the last minute that the rows' intervals take up, whatever label is sent. They sort as they follow one
-- another, and tell an hour that a zone has twice apart; without a grid the last one is the last row's time.
-- @function span
-- @treturn string `"YYYY-MM-DDTHH:MMZ"` where there is a time zone, else local time, `"YYYY-MM-DD HH:MM"`
-- @treturn string

--- A digest of the request body: the same for equal times and values, however they are written. See `json/digest.h`.
-- @function digest
-- @treturn string 8 bytes

--- Iterates over the delivery days.
-- @function days
-- @treturn function returns a series for each day

--- The number of delivery days.
-- @function day_count
-- @treturn int

--- The rows of some delivery days or times, as a series.
-- @function between
-- @string[opt] from `"YYYY-MM-DD"`, a delivery day, or `"YYYY-MM-DD HH:MM"`; nil: from the first row on
-- @string[opt] to a delivery day, which is included, or a time, which is not; nil: to the last row
-- @treturn series|nil
-- @treturn ?purchases.error of what is neither a day nor a time

--- What is not wrong, but should be known.
-- @function notes
-- @treturn {string,...}

--- Some rows as a series; they are not copied.
-- @function slice
-- @int first counted from 1
-- @int last
-- @treturn series

--- The request body.
-- @function encode
-- @int[opt] first row, counted from 1
-- @int[opt] last
-- @treturn string|nil `{"purchase":[{"datetime":"2025-10-26 00:00","purchase":12.5},...]}`
-- @treturn ?purchases.error
