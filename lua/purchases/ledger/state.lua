--- The states of a batch, by name and as numbers in the file.
-- @module purchases.ledger.state
local M = {
  pending = 0, -- to be sent
  sending = 1, -- an attempt has been granted, and its end is not known yet
  accepted = 2,
  rejected = 3,
  unknown = 4, -- may have arrived, at an API that has no keys
}

local NAMES = { [0] = "pending", "sending", "accepted", "rejected", "unknown" }

--- The name of a state.
function M.name(number)
  return NAMES[number]
end

return M
