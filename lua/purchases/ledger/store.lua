--- The database of a ledger: its queries, each prepared once, and its transactions.
--
-- Inside `try` and `transaction`, queries raise their errors, which these return.
-- @module purchases.ledger.store
local error_type = require "purchases.error"
local fault = require "purchases.ledger.fault"

local Store = {}
Store.__index = Store

local M = {}

local PAGES = 4000 -- of the log, after which it is moved into the file

--- Makes a store of a database.
-- @tab sqlite `purchases.sqlite`
-- @param db its database
-- @string path of the file, as its user calls it
function M.new(sqlite, db, path)
  return setmetatable({ sqlite = sqlite, db = db, path = path, queries = {} }, Store)
end

--- Raises an error of the library's as the ledger's.
function Store:raise(err)
  error(fault.of(self.path, err), 0)
end

--- The query of an SQL text.
function Store:query(sql)
  local query = self.queries[sql]
  if not query then
    local err
    query, err = self.db:prepare(sql)
    if not query then
      self:raise(err)
    end
    self.queries[sql] = query
  end
  return query
end

--- Runs SQL without rows.
-- @treturn int how many rows it has changed
function Store:run(sql, ...)
  local changes, err = self:query(sql):run(...)
  return changes or self:raise(err)
end

--- Gets all rows.
-- @treturn table their columns, one after the other, with false for NULL
-- @treturn int how many rows
function Store:list(sql, ...)
  local columns, rows = self:query(sql):list(...)
  if not columns then
    self:raise(rows)
  end
  return columns, rows
end

--- Runs SQL text of several statements.
function Store:execute(sql)
  local ok, err = self.db:execute(sql)
  return ok or self:raise(err)
end

local function caught(ok, ...)
  local err = ...
  if ok then
    return ...
  elseif not error_type.is(err) then
    error(err, 0)
  end
  return nil, err
end

--- Calls a function, and returns what it returns, or nil and the error that a query raised.
function M.try(work, ...)
  return caught(pcall(work, ...))
end

local function finish(self, ok, ...)
  if ok then
    local committed, err = self:query("COMMIT"):run()
    if committed then
      -- Where this fails the database is given up, as the next call says: what was committed is safe in its log.
      self.db:checkpoint(PAGES)
      return ...
    end
    self.db:roll_back()
    return nil, fault.of(self.path, err)
  end
  self.db:roll_back() -- which may have happened already, or be of no more use
  return caught(ok, ...)
end

local function transact(self, begin, work, ...)
  local begun, err = M.try(self.run, self, begin)
  if not begun then
    return nil, err
  end
  return finish(self, pcall(work, ...))
end

--- Calls a function in a transaction: all that it writes is there afterwards, or nothing, where it raises an error.
-- @return what the function returns | nil, err
function Store:transaction(...)
  return transact(self, "BEGIN IMMEDIATE", ...)
end

--- The same for what only reads: it sees the file as it is at one time, and locks it once.
function Store:reading(...)
  return transact(self, "BEGIN", ...)
end

--- Closes the database.
-- @bool keeps_log the file is to be left as it is
function Store:close(keeps_log)
  self.db:close(keeps_log)
end

return M
