--- What is said when a ledger cannot be used: which file, what is wrong with it, and the ways out.
-- @module purchases.ledger.fault
local error_type = require "purchases.error"

local M = {}

local ELSEWHERE = "name another ledger (--ledger PATH), or go without one (--no-ledger)"

-- By code, what follows the file's name; %s is what was found out about it.
local TEXTS = {
  not_built = "no ledger can be kept: %s; install SQLite (Debian: libsqlite3-dev) and build again, or go without one "
    .. "(--no-ledger)",
  in_nginx = "a ledger in a file would hold up all that this nginx worker does: upload with the command beside nginx, "
    .. "or in ngx.run_worker_thread, or go without a ledger",
  network_file_system = "is on %s, where a ledger is not safe: keep it on a local disk; " .. ELSEWHERE,
  foreign = "is not a ledger, and was left as it is: " .. ELSEWHERE,
  newer = "was written by a newer version of purchases (%s), and was left as it is: use that one; " .. ELSEWHERE,
  damaged = "is damaged (%s): restore a copy of it; " .. ELSEWHERE,
  read_only = "cannot be opened or written (%s): " .. ELSEWHERE,
  disk_full = "has no room left (%s): make some, and run the same command again",
  busy = "was held by another process for too long (%s): run the same command again when that has ended",
  io_error = "was given up, for its disk failed (%s): nothing more is sent; see to the disk before you run the same "
    .. "command again",
  forked = "belongs to the process that opened it: open it anew after a fork",
  other_key = "%s was sent with another key so far: for a new key of the same account take --same-account "
    .. "(same_account = true), for another account --account NAME (account = NAME)",
  gone = "has lost a batch that is about to be sent (%s): somebody took it out; run the same command again",
}

--- Makes an error.
-- @string path the ledger, as its user calls it
-- @string code
-- @string[opt] what what was found out
-- @tab[opt] fields more of them, for the caller
-- @treturn purchases.error
function M.new(path, code, what, fields)
  local err = { kind = "ledger", code = code }
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  err.message = ("%s: %s"):format(path, (TEXTS[code] or "%s"):format(what))
  return error_type.new(err)
end

--- The same of an error that the library of SQLite returned.
function M.of(path, err)
  return M.new(path, err.code, err.message)
end

return M
