--- The purchases that the WoowUp double holds, and the branches it knows.
--
-- A purchase is known by its invoice number and its branch at once, but stands in the queue first:
-- until `queue_seconds` are over it is neither found nor changed nor deleted. The same goes for what an
-- update says.
-- @module purchases.sandbox.woowup.book

local rules = require "purchases.sandbox.rules"
local spool = require "purchases.sandbox.spool"
local store = require "purchases.sandbox.store"
local tree = require "purchases.sandbox.tree"

local M = {}

-- `all`: in the order of creation. `by_invoice`: lists of those with one number, in that order.
-- `branches`: name to number. `branch_names`: number to name.
local state = store.section(function()
  return { all = {}, by_invoice = {}, branches = {}, branch_names = {} }
end)

--- The text of an invoice number: 7 and "7" are the same one.
function M.invoice_of(purchase)
  local number = purchase.invoice_number
  return type(number) == "string" and number or number.text
end

-- Branches

local function add_branch(name)
  local all = state()
  if not all.branches[name] then
    all.branch_names[#all.branch_names + 1] = name
    all.branches[name] = #all.branch_names
  end
end

-- The branches of the setting have the first numbers, whenever they are first asked for.
local function branches()
  for name in store.settings.branches:gmatch "[^,]+" do
    add_branch(name)
  end
  return state()
end

--- The number of a branch, from 1; nil for an unknown one.
function M.branch_id(name)
  return branches().branches[name]
end

--- The name of a branch with a number.
function M.branch_name(id)
  return branches().branch_names[id]
end

-- Purchases

-- Hundreds of thousands of these may be held: few fields, and what the purchase says in the spool.
local function version_of(purchase, at, length)
  return {
    at = at,
    length = length,
    from = ngx.now() + store.settings.queue_seconds,
    service_uid = purchase.service_uid,
    createtime = purchase.createtime and rules.instant(purchase.createtime),
  }
end

--- Adds a purchase.
-- @tparam table purchase as the validation read it
-- @tparam number at where its bytes are in the spool
-- @tparam number length how many there are
-- @treturn table what is held of it: `invoice_number`, `branch_name`
function M.add(purchase, at, length)
  local all, record = branches(), version_of(purchase, at, length)
  record.invoice_number = M.invoice_of(purchase)
  record.branch_name = purchase.branch_name
  record.created = ngx.now()
  local list = all.by_invoice[record.invoice_number] or {}
  all.by_invoice[record.invoice_number] = list
  list[#list + 1] = record
  all.all[#all.all + 1] = record
  if record.branch_name then
    add_branch(record.branch_name)
  end
  return record
end

local function first(list, accepts)
  for i = 1, #list do
    if accepts(list[i]) then
      return list[i]
    end
  end
end

--- Whether an invoice number is taken in a branch (nil: in none), in the queue or out of it.
function M.is_taken(invoice, branch)
  return first(state().by_invoice[invoice] or {}, function(record)
    return record.branch_name == branch
  end) ~= nil
end

local function is_out_of_queue(version)
  return version.from <= ngx.now()
end

-- Brings a purchase up to date; says whether it is there at all.
local function is_there(record)
  if record.removed or not is_out_of_queue(record) then
    return false
  end
  local update = record.update
  if update and is_out_of_queue(update) then
    record.at, record.length, record.update = update.at, update.length, nil
    record.service_uid, record.createtime = update.service_uid, update.createtime
  end
  return true
end

--- The first purchase created with an invoice number, in the branch if one is named.
function M.find(invoice, branch)
  return first(state().by_invoice[invoice] or {}, function(record)
    return (branch == nil or record.branch_name == branch) and is_there(record)
  end)
end

--- All purchases that a predicate accepts, in the order of creation.
function M.select(accepts)
  local found = {}
  for _, record in ipairs(state().all) do
    if is_there(record) and accepts(record) then
      found[#found + 1] = record
    end
  end
  return found
end

--- Replaces what a purchase says; the rest as for `add`.
function M.update(record, purchase, at, length)
  record.update = version_of(purchase, at, length)
end

--- The contents of a purchase, as `purchases.sandbox.tree` reads them.
function M.contents(record)
  return tree.read(spool.read(record.at, record.length))
end

--- Forgets a purchase; its number is free again.
function M.remove(record)
  local all, kept = state(), {}
  for _, other in ipairs(all.by_invoice[record.invoice_number]) do
    kept[#kept + 1] = other ~= record and other or nil
  end
  all.by_invoice[record.invoice_number] = kept[1] and kept
  record.removed = true
end

return M
