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

--- For a whole number.
-- @string name
-- @int least
-- @int most
function M.whole(name, least, most)
  return function(text)
    local number = tonumber(text)
    if number and number >= least and number <= most and number % 1 == 0 then
      return math.floor(number)
    end
    return nil, ("%s must be a whole number from %d to %d"):format(name, least, most)
  end
end

local MOST_IN_FLIGHT = 1000 -- more would only run out of files

--- Adds --concurrency to a command that uploads.
function M.define_concurrency(command)
  command:option("--concurrency", "Requests in flight.", "8", M.whole("--concurrency", 1, MOST_IN_FLIGHT))
end

return M
