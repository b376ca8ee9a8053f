--- The file of a ledger: found or made, refused where it is none or stands where it is not safe, brought up to this
-- version. Beside it stand `PATH-lock`, `PATH-reserve`, and SQLite's own `PATH-wal` and `PATH-shm`.
-- @module purchases.ledger.file
local fault = require "purchases.ledger.fault"
local inbox = require "purchases.net.inbox"
local migrations = require "purchases.ledger.migrations"
local store_type = require "purchases.ledger.store"

local M = {}

local APPLICATION = 0x70757263 -- "purc"
local RESERVE = 1048576 -- bytes kept free, so that on a full disk what is in flight can still be written down
local IN_USE = 0 -- the byte of the lock that all who use the ledger share; those of accounts are their ids

-- foreign_keys stay off: what refers to what is the same few statements, always. fullfsync is for macOS, where a sync
-- is none without it. SQLite's own checkpoints are off, since nobody hears of it when they fail.
local SETTINGS = [[
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA temp_store = MEMORY;
]]

local function library(path)
  local ok, sqlite = pcall(require, "purchases.sqlite")
  if not ok then
    return nil, fault.new(path, "not_built", "this build has no purchases.sqlite")
  elseif not sqlite.is_new_enough then
    return nil, fault.new(path, "not_built", "SQLite is older than 3.24")
  end
  return sqlite
end

-- Opens the lock, and takes its first byte: alone where nobody has the ledger open, else together with them, once they
-- have opened it.
local function enter(sqlite, place, seconds)
  local lock, err = sqlite.lock(place .. "-lock")
  if not lock then
    return nil, err
  end
  for step = 0, math.ceil(seconds / 0.02) do
    local alone
    alone, err = lock:take(IN_USE, false, step > 0 and 0.02 or 0)
    if alone then
      return lock, nil, true
    elseif err.code ~= "busy" then
      break
    elseif lock:take(IN_USE, true, 0) then
      return lock, nil, false
    end
  end
  lock:close()
  return nil, err
end

-- Runs the migrations that a file has not had.
local function migrate(store)
  local version = store:list("PRAGMA user_version")[1]
  if version > #migrations then
    error(fault.new(store.path, "newer", "version " .. version), 0)
  end
  for number = version + 1, #migrations do
    local ok, err = store:transaction(function()
      if store:list("PRAGMA user_version")[1] < number then -- another process may have been faster
        store:execute(migrations[number])
        store:execute(("PRAGMA application_id = %d; PRAGMA user_version = %d"):format(APPLICATION, number))
      end
      return true
    end)
    if not ok then
      error(err, 0)
    end
  end
end

local function open_database(sqlite, place, path, seconds)
  local db, err = sqlite.open(place, math.floor(seconds * 1000))
  if not db then
    error(fault.of(path, err), 0)
  end
  return store_type.new(sqlite, db, path)
end

-- Makes a new ledger under another name, and then gives it its own: it is whole, or it is not there.
local function create(sqlite, place, path)
  local function check(ok, err)
    return ok or error(fault.of(path, err), 0)
  end
  for _, name in ipairs { "-wal", "-shm", "-new", "-new-journal" } do -- what a ledger that was deleted, or a kill, left
    sqlite.place.remove(place .. name)
  end
  check(sqlite.place.make(place .. "-new"))
  local store = open_database(sqlite, place .. "-new", path, 0)
  local ok, err = store_type.try(function()
    migrate(store)
    store:run("INSERT INTO meta (salt) VALUES (CAST(?1 AS BLOB))", sqlite.salt())
    return true
  end)
  store:close()
  if not ok then
    sqlite.place.remove(place .. "-new")
    error(err, 0)
  end
  check(sqlite.place.rename(place .. "-new", place))
end

-- Looks at the file without touching it, while nobody has it open.
-- @treturn bool there is none
-- @treturn bool whoever had it open last did not close it
local function inspect(sqlite, place, path)
  local function read(name)
    local header, err = sqlite.place.read(name)
    if header == nil then
      error(fault.of(path, err), 0)
    end
    return header
  end
  local header, log = read(place), read(place .. "-wal")
  if not header or header.size == 0 then
    return true, false
  elseif not header.is_database or header.application ~= APPLICATION then
    error(fault.new(path, "foreign"), 0)
  elseif header.version > #migrations then
    error(fault.new(path, "newer", "version " .. header.version), 0)
  end
  return false, log and log.size > 0
end

-- Opens the file as SQLite's. What refuses it leaves its log alone, too.
local function use(store, is_unclean)
  if store:list("PRAGMA application_id")[1] ~= APPLICATION then
    error(fault.new(store.path, "foreign"), 0)
  end
  local mode = store:list("PRAGMA journal_mode = WAL")[1]
  if mode ~= "wal" then
    error(fault.new(store.path, "read_only", "its log cannot be kept there, but " .. mode), 0)
  end
  store:execute(SETTINGS)
  if is_unclean then
    local said = store:list("PRAGMA quick_check(1)")[1]
    if said ~= "ok" then
      error(fault.new(store.path, "damaged", said), 0)
    end
  end
  migrate(store)
  return true
end

-- The steps that may raise, once the lock is held.
local function prepare(sqlite, place, path, seconds, is_alone)
  local is_new, is_unclean = false, false
  if is_alone then
    is_new, is_unclean = inspect(sqlite, place, path)
  end
  if is_new then
    create(sqlite, place, path)
  end
  local store = open_database(sqlite, place, path, seconds)
  local ok, err = store_type.try(use, store, is_unclean)
  if not ok then
    store:close(true)
    error(err, 0)
  end
  store.is_new = is_new
  return store
end

--- Opens the file.
-- @string path
-- @number seconds to wait for other processes at most
-- @treturn table|nil its store, with `place`, `lock`, and `is_new`
-- @treturn ?purchases.error
function M.open(path, seconds)
  if inbox.shares_loop() then
    return nil, fault.new(path, "in_nginx")
  end
  local sqlite, no_library = library(path)
  if not sqlite then
    return nil, no_library
  end
  local place, err = sqlite.place.find(path)
  if not place then
    return nil, fault.of(path, err)
  end
  local kind = sqlite.place.unfit(place:match "^.*/")
  if kind then
    return nil, fault.new(path, "network_file_system", kind)
  end
  local lock, busy, is_alone = enter(sqlite, place, seconds)
  if not lock then
    return nil, fault.of(path, busy)
  end
  local store
  store, err = store_type.try(prepare, sqlite, place, path, seconds, is_alone)
  if not store then
    lock:close()
    return nil, err
  end
  lock:take(IN_USE, true, 0) -- from now on together with others
  store.place, store.lock = place, lock
  return store
end

--- Keeps room free, for when the disk is full.
-- @treturn true|nil
-- @treturn ?purchases.error
function M.reserve(store)
  local ok, err = store.sqlite.place.reserve(store.place .. "-reserve", RESERVE)
  return ok, err and fault.of(store.path, err)
end

--- Gives the room that was kept free to the disk.
function M.release(store)
  store.sqlite.place.remove(store.place .. "-reserve")
end

return M
