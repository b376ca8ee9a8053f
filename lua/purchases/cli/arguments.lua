--- Arguments that several commands have: what they may be.
-- @module purchases.cli.arguments
local M = {}

--- For what becomes a part of a URL.
function M.identifier(name)
  return function(text)
    if text == "" or text:find "%c" then
      return nil, name .. " must not be empty, nor hold control characters"
    end
    return text
  end
end

--- For a whole number from 1 on.
-- @string name
-- @int most
function M.count(name, most)
  return function(text)
    local number = tonumber(text)
    if number and number >= 1 and number <= most and number % 1 == 0 then
      return math.floor(number)
    end
    return nil, ("%s must be a whole number from 1 to %d"):format(name, most)
  end
end

local MOST_IN_FLIGHT = 1000 -- more would only run out of files

--- Adds --concurrency to a command that uploads.
function M.define_concurrency(command)
  command:option("--concurrency", "Requests in flight.", "8", M.count("--concurrency", MOST_IN_FLIGHT))
end

return M
