--- Purchase series: reads, checks, cuts and encodes them. See docs/series.md.
-- @module purchases.series

--- Reads a file: CSV with a header, JSON (`{"purchase":[...]}` or a bare array) or NDJSON.
-- @function read
-- @string path `"-"` is standard input
-- @tparam[opt] table opts `datetime` and `value`: names of the columns or keys (default `"datetime"`, `"purchase"`);
-- `tz`: an IANA zone, turns instants into its local time and checks the lengths of days; `step`: minutes between rows
-- (default 15), false for no grid
-- @treturn series|nil
-- @treturn ?purchases.error kind `validation`, with `issues` and `total`

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

--- Iterates over the delivery days.
-- @function days
-- @treturn function returns a series for each day

--- The number of delivery days.
-- @function day_count
-- @treturn int

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
