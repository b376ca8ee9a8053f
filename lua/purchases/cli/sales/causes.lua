--- What is wrong with purchases, each cause once, at its first place, with how often it is so.
-- @module purchases.cli.sales.causes
local issue = require "purchases.cli.issue"
local text = require "purchases.cli.text"

local M = {}

local Causes = {}
Causes.__index = Causes

--- @int most causes that are told apart: of further ones only their issues are counted, in `untold`
function M.new(most)
  return setmetatable({ most = most, told = {}, untold = 0 }, Causes)
end

-- Words that are the same for all that share a cause: without the value that is wrong, and of a list's element without
-- its number. Of texts that are not among those that may be there, each is one that somebody has to look at.
local function cause_of(name, one)
  local words = one.message
  if one.code ~= "enum" and not words:find("is not one of the texts", 1, true) then
    words = words:gsub("'[^']*' ", "' ", 1):gsub(", which .* does not$", ""):gsub(", not .*$", "")
  end
  local field = (one.field or ""):gsub("/%d+", "/*")
  return table.concat({ name, one.code, field, words }, "\n")
end

--- Takes an issue.
-- @string name of its file
-- @tab one see `purchases.cli.issue`
-- @treturn boolean is it the first of its cause, and is that told?
function Causes:take(name, one)
  local words = cause_of(name, one)
  local told = self.told[words]
  if told then
    told.count = told.count + 1
    told.differs = told.differs or told.issue.message ~= one.message
    return false
  elseif #self.told == self.most then
    self.untold = self.untold + 1
    return false
  end
  told = { name = name, issue = one, count = 1 }
  self.told[words], self.told[#self.told + 1] = told, told
  return true
end

--- Prints the causes, a line each.
-- @int least times that they must have been there
function Causes:print(least)
  for _, told in ipairs(self.told) do
    local first = told.issue
    if told.count > 1 then
      first = { line = first.line, column = first.column, field = first.field, code = first.code, detail = first.detail,
        message = ("%s times%s: %s"):format(text.thousands(told.count), told.differs and ", first here" or "",
          first.message) }
    end
    if told.count >= least then
      issue.print(told.name, first)
    end
  end
end

return M
