-- `purchases ravenwits` against a sandbox, with credentials that must never be seen again.
--
--   local ravenwits = require("spec.support.ravenwits_command").new(sandbox)
--   ravenwits.run({ "health" }, options)      as command.run; `env` comes on top of the sandbox's
--   ravenwits.start(...)                      as command.start
--   ravenwits.series("2025-10-01", 3)         a CSV of three whole days; ravenwits.submit(...) see below
local api_command = require "spec.support.api_command"
local command = require "spec.support.command"
local common = require "spec.support.common"

local merge = common.merge

local M = {}

--- What no output may show.
M.SECRETS = { "sandbox-token", "sandbox-password", "wrong-secret", "other-token" }

M.merge = merge

local concat = command.concat

--- Fails when a result shows a secret, or a traceback.
function M.check_result(result)
  return api_command.check(result, M.SECRETS)
end

--- A CSV of `days` whole days in quarter-hours from a date in October 2025 on, without a change of clocks.
function M.csv(days)
  local lines = { "datetime,purchase\n" }
  for day = 1, days do
    for i = 0, 95 do
      lines[#lines + 1] = ("2025-10-%02d %02d:%02d,%d.5\n"):format(day, math.floor(i / 4), i % 4 * 15, day * 100 + i)
    end
  end
  return table.concat(lines)
end

--- Some rows of such a CSV, with the header; rows count from 1.
function M.rows(text, first, last)
  local lines, n = {}, 0
  for line in text:gmatch "[^\n]+\n" do
    if n == 0 or n >= first and n <= last then
      lines[#lines + 1] = line
    end
    n = n + 1
  end
  return table.concat(lines)
end

function M.new(sandbox)
  local self = api_command.new("ravenwits", {
    RAVENWITS_BASE_URL = sandbox.url,
    RAVENWITS_TOKEN = "sandbox-token",
    RAVENWITS_USER = "trebolenergia",
  }, M.SECRETS)

  --- Submits a CSV text of whole days, from standard input.
  function self.submit(text, arguments, options)
    local line = concat({ "submit", "-", "--retailer", "123", "--tz", "Europe/Madrid" }, arguments or {})
    return self.run(line, merge(options or {}, { stdin = text }))
  end

  function self.start_submit(text, arguments, options)
    local line = concat({ "submit", "-", "--retailer", "123", "--tz", "Europe/Madrid" }, arguments or {})
    return self.start(line, merge(options or {}, { stdin = text }))
  end

  return self
end

return M
