-- What comes of a call.
local assert = require "luassert"
local cjson = require "cjson"
local errors = require "purchases.error"

local M = {}

--- How a request reads an answer, whose body is a text or a value.
function M.read(request, status, body)
  local text = type(body) == "string" and body or cjson.encode(body)
  return request.read { status = status, body = text, headers = { ["x-request-id"] = "r-1" } }
end

--- The error of a call that is to return exactly that.
function M.refused(value, err)
  assert.is_nil(value)
  assert.is_true(errors.is(err))
  return err
end

return M
