--- The time and the dice, which everything asks here each time it needs them: whoever replaces these functions, as a
-- test does, decides what time it is and how chance falls, for all of the library.
-- @module purchases.clock
local core = require "purchases.core"

return {
  monotonic = core.system.monotonic, -- seconds, by a clock that is never set
  random = core.system.random, -- in [0, 1)
}
