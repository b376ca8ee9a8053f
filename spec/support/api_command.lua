-- A group of `purchases` commands against a sandbox, with credentials that must never be seen again.
--
--   local woowup = require("spec.support.api_command").new("woowup", environment, secrets)
--   woowup.run({ "find", ... }, options)      as command.run; `env` comes on top of the group's
--   woowup.start(...)                         as command.start
--   api_command.check(result, secrets)        api_command.complains(code, complaint, result)
--   api_command.json_of(result)
local assert = require "luassert"
local cjson = require "cjson"
local command = require "spec.support.command"
local merge = require("spec.support.common").merge

local M = {}

--- Fails when a result shows a secret, or a traceback.
function M.check(result, secrets)
  local all = result.stdout .. "\n" .. result.stderr .. "\n" .. result.terminal
  for _, secret in ipairs(secrets) do
    assert(not all:find(secret, 1, true), "a secret is shown:\n" .. all)
  end
  assert(not all:find("traceback", 1, true), all)
  assert(not result.timed_out, "did not end by itself:\n" .. all)
  return result
end

--- One line of complaint, nothing on standard output, and this exit code.
function M.complains(code, complaint, result)
  assert.same({ code, "", "purchases: " .. complaint .. "\n" }, { result.code, result.stdout, result.stderr })
end

--- What it printed: nothing but one line of JSON.
function M.json_of(result)
  assert.equal("", result.stderr)
  assert.matches("^[^\n]+\n$", result.stdout)
  return cjson.decode(result.stdout)
end

function M.new(group, environment, secrets)
  local self = {}

  function self.start(arguments, options)
    options = merge(options or {})
    options.env = merge(environment, options.env or {})
    return command.start(command.concat({ group }, arguments), options)
  end

  function self.run(arguments, options)
    return M.check(self.start(arguments, options):wait(), secrets)
  end

  return self
end

return M
