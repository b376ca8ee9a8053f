--- The one type of error. `tostring(err)` is one line without credentials. See docs/errors.md.
-- @classmod purchases.error

--- `"validation"`, `"api"`, `"auth"`, `"transport"`, `"protocol"`, `"stopped"` or `"callback"`.
-- @field kind

--- A stable name.
-- @field code

--- What went wrong, in words.
-- @field message

--- `"ravenwits"`, `"woowup"` or `"curebit"`, where the error is about a call.
-- @field provider

--- The call.
-- @field operation

--- How many attempts were made.
-- @field attempts

--- Whether the same call may succeed later.
-- @field retryable

--- `"rejected"`, `"unknown"` or `"pending"`.
-- @field outcome

--- Of `validation`: up to 1,000 problems `{ index, line, column, field, code, message, detail }`.
-- @field issues

--- Of `validation`: the number of all problems.
-- @field total

--- Of an answer: its HTTP status.
-- @field status

--- Of an answer: the API's own messages, a list.
-- @field messages

--- Of an answer: its text.
-- @field body

--- Of an answer: its `X-Request-Id`.
-- @field request_id

--- Of `transport`: whether the request was sent: `"no"`, `"maybe"` or `"yes"`.
-- @field sent

--- Of `transport`: where it failed, such as `"connect"`.
-- @field phase

--- Of `transport`: libcurl's number.
-- @field curl_code

--- Of a text: the byte, counted from 1.
-- @field position

--- Of a time that a zone has twice or not at all: both instants in UTC.
-- @field candidates
