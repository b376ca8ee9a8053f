--- Which workflows have ended, as a ledger has it.
-- @module purchases.cli.ravenwits.workflows
local ending = require "purchases.cli.ending"
local provider = require "purchases.provider.ravenwits"

local M = {}

--- The account of an upload.
-- @tab client
-- @tab args `account`, `retailer`
-- @treturn table as `ledger:unended` takes it
function M.account(client, args)
  return {
    provider = provider.name,
    base_url = client.options.base_url,
    name = args.account or provider.account_name(client.options, { retailer_id = args.retailer }),
  }
end

--- The accounts that a command's options mean: one, or all of the user's.
-- @tparam table|false ledger
-- @tab client
-- @tab args `account`, `retailer`
-- @treturn {table,...}|nil none without a ledger
-- @treturn ?purchases.error
function M.accounts(ledger, client, args)
  if not ledger then
    return {}
  elseif args.account or args.retailer then
    return { M.account(client, args) }
  end
  local found, err = ledger:status { provider = provider.name, base_url = client.options.base_url }
  if not found then
    return nil, err
  end
  local accounts, before = {}, provider.account_name(client.options, { retailer_id = "" })
  for _, account in ipairs(found) do
    if account.account:sub(1, #before) == before then
      accounts[#accounts + 1] = { provider = account.provider, base_url = account.base_url, name = account.account }
    end
  end
  return accounts
end

--- The accepted purchases whose workflow has not ended, the oldest first.
-- @treturn {table,...}|nil `{ id =, name =, number =, account = }`; `number` is the ledger's own
-- @treturn ?purchases.error
function M.unended(ledger, accounts)
  local list = {}
  for _, account in ipairs(accounts) do
    local found, err = ledger:unended(account)
    if not found then
      return nil, err
    end
    for _, one in ipairs(found) do
      list[#list + 1] = { id = one.receipt, name = one.name, number = one.id, account = account }
    end
  end
  return list
end

--- Notes a workflow that has ended, whether as it should or not.
-- @tparam table|false ledger
-- @tparam {table,...} accounts that may have it, where the receipt does not say whose it is
-- @tab receipt `id`, and as `unended` has it
-- @tab found see `purchases.cli.ravenwits.await`
-- @treturn boolean false: it could not be written down, which was said
function M.note(ledger, accounts, receipt, found)
  if not (ledger and found.seen and provider.settled(found.seen)) then
    return true
  end
  for _, account in ipairs(receipt.account and { receipt.account } or accounts) do
    local ok, err = ledger:workflow_ended(account, receipt.id, found.seen.status, receipt.number)
    if not ok then
      ending.fail(err)
      return false
    end
  end
  return true
end

return M
