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

--- Up to 1,000 problems, in an error of kind `validation`: `{ index, line, column, field, code, message, detail }`.
-- @field issues

--- The number of all problems, in an error of kind `validation`.
-- @field total

--- The HTTP status of the answer.
-- @field status

--- The API's own messages in the answer, a list.
-- @field messages

--- The text of the answer.
-- @field body

--- The `X-Request-Id` of the answer.
-- @field request_id

--- Whether the request was sent, in an error of kind `transport`: `"no"`, `"maybe"` or `"yes"`.
-- @field sent

--- Where the transfer failed, in an error of kind `transport`: such as `"connect"`.
-- @field phase

--- libcurl's number of the failure, in an error of kind `transport`.
-- @field curl_code

--- The byte of a text at which the error is, counted from 1.
-- @field position

--- Both instants in UTC of a time that a zone has twice or not at all.
-- @field candidates
