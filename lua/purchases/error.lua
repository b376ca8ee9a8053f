--- The one type of error, the same here and in the C core.
--
-- Fields: `kind` ("validation", "api", "auth", "transport", "protocol"), `code` (stable), `message`, and
-- where they apply `provider`, `operation`, `method` (of HTTP), `attempts`, `retryable`, `cause`, `issues` and `total`,
-- `status`, `messages`, `body`, `request_id`, `url`, `id`, `sent`, `phase`, `curl_code`, `position`, `line`, `column`.
-- `tostring(err)` is one line without credentials.
-- @module purchases.error
local core = require "purchases.core"
local printable = require "purchases.printable"
local redact = require "purchases.redact"

local M = {}

local Error = core.error
Error.__name = "purchases.error"

local function count(number, noun)
  return number .. " " .. noun .. (number == 1 and "" or "s")
end

-- "ravenwits submit: line 7, /email: is missing (validation, 12 problems)"
function Error.__tostring(err)
  local issue = err.issues and err.issues[1]
  local line = err.line or issue and issue.line
  local pointer = issue and issue.message == err.message and issue.field or ""
  local who = table.concat({ err.provider, err.provider and err.operation }, " ")
  local remarks = { err.kind }
  if err.status then
    remarks[#remarks + 1] = "status " .. err.status
  end
  local is_open = err.sent == "maybe" or err.sent == "yes" and err.kind == "transport" -- an answer that was cut
  if is_open and err.method ~= "GET" then -- what only asks changes nothing where it arrives
    remarks[#remarks + 1] = "it may have arrived"
  end
  if (err.attempts or 1) > 1 then
    remarks[#remarks + 1] = count(err.attempts, "attempt")
  end
  if (err.total or 0) > 1 then
    remarks[#remarks + 1] = count(err.total, "problem")
  end
  local place = line and "line " .. line .. (pointer:find "^/" and ", " .. pointer or "") .. ": " or ""
  local text = (who ~= "" and who .. ": " or "") .. place .. tostring(err.message)
    .. " (" .. table.concat(remarks, ", ") .. ")"
  return printable.line(redact.text(text))
end

--- The text of whatever was raised: one whose `__tostring` raises, too, or gives no text.
-- @return string
function M.text_of(value)
  local ok, text = pcall(tostring, value)
  return ok and type(text) == "string" and text or "a value of type " .. type(value) .. " that has no text"
end

--- Makes an error of a table of fields, which it takes over.
-- @tab fields at least `kind`, `code` and `message`
-- @treturn purchases.error
function M.new(fields)
  return setmetatable(fields, Error)
end

--- Tells whether a value is such an error.
function M.is(value)
  return type(value) == "table" and getmetatable(value) == Error
end

return M
