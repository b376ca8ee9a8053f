--- What a job knows of earlier runs, and writes down for later ones: between the upload loop and a ledger's account.
-- @module purchases.job.memory
local error_type = require "purchases.error"
local ledger_type = require "purchases.ledger"
local options = require "purchases.options"

local M = {}

--- Options of jobs that remember. `ledger`: where earlier runs are written down, a path or what
-- `purchases.ledger.open` returns; `account`: tells this account from others of the same provider, in the place of what
-- the provider's options say; `same_account`: another key is a new one of the same account; `ledger_wait`: seconds to
-- wait for another job of this account; `again`: sends what was accepted, too; `on_changed`: "report" refuses what was
-- accepted with other content, "send" sends it anew; `source`: what is uploaded, for the history.
M.OPTIONS = {
  ledger = { "string|table" },
  source = { "string" },
  account = { "string" },
  same_account = { "boolean", default = false },
  ledger_wait = { "number", default = 0 },
  again = { "boolean", default = false },
  on_changed = { "string", default = "report", check = options.one_of("report", "send") },
}

local Memory = {}
Memory.__index = Memory

-- How an attempt ended, for the ledger. Without an outcome its item waits for another one.
local function settlement(item)
  local err, parts = item.error or item.attempts.err, nil
  for i, part in ipairs(item.parts or {}) do
    parts = parts or {}
    parts[i] = part.record
  end
  return {
    record = item.batch.record,
    state = item.outcome or "pending",
    maybe = item.attempts.maybe,
    receipt = item.receipt and item.receipt.id,
    code = err and err.code,
    message = err and err.message,
    parts = parts,
  }
end

--- Writes a round down: how attempts ended, and what is about to be sent.
-- @tparam {table,...} ended items of `purchases.job.upload`
-- @tparam {table,...} ready items
-- @treturn true|nil
-- @treturn ?purchases.error
function Memory:commit(ended, ready)
  if not (ended[1] or ready[1]) then
    return true
  end
  local settled, records = {}, {}
  for i, item in ipairs(ended) do
    settled[i] = settlement(item)
  end
  for i, item in ipairs(ready) do
    records[i] = item.batch.record
  end
  return self.account:commit(settled, records)
end

-- The error of what is not sent since an earlier run has settled it.
local function settled_before(outcome, code, message, receipt)
  return error_type.new {
    kind = "ledger",
    code = code or outcome,
    message = message,
    id = receipt,
    outcome = outcome,
    retryable = false,
  }
end

local function refused_before(known, is_duplicate)
  local err = settled_before("rejected", known.code, "an earlier run was refused the same: "
    .. (known.message or "no reason is known"))
  err.duplicate = is_duplicate or nil
  return err
end

local SEND = "; on_changed = \"send\" (--on-changed send) sends it anew"

local function changed_since(old, can_send)
  local message = ("was accepted with other content%s%s"):format(
    old.receipt and (", as %s from %s to %s"):format(old.receipt, old.first, old.last) or "", can_send and SEND or "")
  return settled_before("rejected", "changed", message, old.receipt)
end

--- Judges one batch that has a name.
-- @tab record `name`, `first`, `last`, `digest`; it gets what the ledger has of it
-- @treturn ?true|purchases.error nil: it is to be sent; true: an earlier run has; or why it is refused
-- @treturn ?string|purchases.error the receipt's id; or, after nil, why nobody can tell
function Memory:recall(record)
  local opts = self.opts
  local known, err = self.account:batch(record.name, record.digest, record.first, record.last, opts.again)
  if not known then
    return nil, err
  end
  local state = known.state
  if state == "accepted" and known.is_same and not opts.again then
    return true, known.receipt
  elseif state == "unknown" and opts.on_unknown ~= "retry" then
    return settled_before("unknown", known.code, (known.is_same and "it may have arrived with an earlier run: %s"
      or "other content for it may have arrived with an earlier run: %s"):format(known.message or "nobody knows why"))
  elseif state == "rejected" and known.is_same then
    return refused_before(known)
  elseif known.changed and opts.on_changed == "report" then
    return changed_since(known.changed, self.can_send_changed)
  end
  if state == "pending" or state == "unknown" then
    record.id, record.maybe = known.id, state == "unknown" or known.maybe
  end
end

-- What the API had already is a duplicate again, unless this run is to do otherwise with it.
function Memory:judge_rejected(known)
  local is_duplicate, on_duplicate = known.code == self.duplicate_code, self.opts.on_duplicate
  if is_duplicate and (self.updates or on_duplicate == "update") then
    return "update"
  elseif is_duplicate and on_duplicate == "accept" then
    return nil
  end
  return refused_before(known, is_duplicate)
end

--- Judges purchases with keys.
-- @tparam {string,...} keys
-- @tparam {string,...} digests
-- @treturn ?table by index: nil, to be sent; "maybe", to be sent, and may have arrived; "update": it is to replace what
-- was accepted; true: an earlier run has sent it; or why it is refused
-- @treturn ?purchases.error
function Memory:judge(keys, digests)
  local opts = self.opts
  local states, rejections = self.account:known(keys, digests)
  if not states then
    return nil, rejections
  end
  local verdicts = {}
  for i, state in pairs(states) do
    if state == "accepted" then
      verdicts[i] = not opts.again or nil
    elseif state == "rejected" then
      verdicts[i] = self:judge_rejected(rejections[i])
    elseif state == "changed" then
      verdicts[i] = (self.updates or opts.on_changed == "send") and "update"
        or changed_since({}, self.can_send_changed)
    elseif state == "maybe" then
      verdicts[i] = "maybe"
    end -- what may have arrived with other content is no repeat of its own
  end
  return verdicts
end

function Memory:close()
  self.account:close()
  if self.owned then
    self.owned:close()
  end
end

--- Opens what a job remembers.
-- @tab provider `name`, `key` and `duplicate_code` where its purchases have keys, `account_name(config, opts)`,
-- `secret(config)`
-- @tab config the client's options
-- @string operation
-- @param given what is uploaded
-- @tab opts of `OPTIONS`
-- @treturn table|nil
-- @treturn ?purchases.error
function M.open(provider, config, operation, given, opts)
  local ledger = opts.ledger
  local is_path = type(ledger) == "string"
  if is_path then
    local opened, wrong = ledger_type.open(ledger)
    if not opened then
      return nil, wrong
    end
    ledger = opened
  end
  local account, err = ledger:account({
    provider = provider.name,
    base_url = config.base_url,
    name = opts.account or provider.account_name(config, opts),
    keyed = provider.key ~= nil,
    secret = provider.secret and provider.secret(config),
    same_account = opts.same_account,
  }, { operation = operation, source = opts.source or type(given) == "string" and given or nil }, opts.ledger_wait)
  if not account then
    if is_path then
      ledger:close()
    end
    return nil, err
  end
  return setmetatable({
    account = account,
    opts = opts,
    updates = operation == "update_all",
    can_send_changed = not provider.key or provider.update_text ~= nil,
    duplicate_code = provider.duplicate_code,
    owned = is_path and ledger or nil,
  }, Memory)
end

return M
