--- Converters and arguments that several commands share.
-- @module purchases.cli.arguments
local M = {}

--- Makes a converter for texts that become a part of a URL.
function M.identifier(name)
  return function(text)
    if text == "" or text:find "%c" then
      return nil, name .. " must not be empty or contain control characters"
    end
    return text
  end
end

--- Makes a converter for whole numbers.
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

--- Makes a converter for a time to wait at most.
-- @string name
function M.seconds(name)
  return function(text)
    local seconds = tonumber(text)
    if seconds and seconds >= 0 and seconds < math.huge then
      return seconds
    end
    return nil, name .. " must be a number of seconds"
  end
end

local MOST_IN_FLIGHT = 1000 -- more would only run out of files

--- Adds --concurrency to a command that uploads.
function M.define_concurrency(command)
  command:option("--concurrency", "Requests in flight.", "8", M.whole("--concurrency", 1, MOST_IN_FLIGHT))
end

M.PRINT = "With --print the summary goes to standard error."

--- Adds --print to a command that checks.
-- @param command of argparse
-- @string what is printed
function M.define_print(command, what)
  command:option("--print", ("Prints the first so many %s as they would be sent."):format(what), nil,
    M.whole("--print", 1, 2 ^ 53))
end

return M
