--- The API's own bytes of answers: JSON that is passed on keeps them.
-- @module purchases.cli.answer_text
local core = require "purchases.core"
local json = require "purchases.json"

local M = {}

local texts = setmetatable({}, { __mode = "k" }) -- by the tables that were read of them

--- Has a client's calls leave the texts of their answers.
-- @tab client
function M.keep(client)
  local call = client.call
  function client:call(request, deadline)
    local function read(response)
      local value, err = request.read(response)
      if type(value) == "table" then
        texts[value] = response.body
      end
      return value, err
    end
    return call(self, setmetatable({ read = read }, { __index = request }), deadline)
  end
end

--- The text of the answer that a table was read of.
-- @tab value
-- @treturn string|nil nil where there is none that is JSON
function M.of(value)
  local text = texts[value] and json.without_mark(texts[value])
  if not text or not json.valid(text) then
    return nil
  end
  local first, last = text:find("%S"), #text
  while text:find("^%s", last) do
    last = last - 1
  end
  return text:sub(first, last)
end

--- The text of one member of that answer.
-- @tab value
-- @string name
-- @treturn string|nil
function M.member(value, name)
  local text = M.of(value)
  local first, last
  if text then
    first, last = core.json.find_member(text, name)
  end
  return first and text:sub(first, last) or nil
end

--- The text of one model in the answer that a purchase was read of.
-- @tab purchase
-- @tparam string|number idmodel
-- @treturn string|nil
function M.model(purchase, idmodel)
  local text = M.of(purchase)
  return text and (core.json.find_model(text, idmodel)) or nil
end

return M
