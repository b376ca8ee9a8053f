-- What `purchases` says about itself, and to those who use it wrongly.
local command = require "spec.support.command"

-- Every command, with what its help must name.
local COMMANDS = {
  { "", "check", "inspect", "maps", "ravenwits", "woowup", "curebit", "history", "ledger", "sandbox", "--version",
    "--completion",
    "Exit codes: 0 all accepted" },
  { "check", "--tz", "--step", "--datetime-column", "--value-column", "--json", "file", "--map", "--date",
    "--decimal", "--unit", "--label", "--resolution", "--encoding", "--delimiter", "--from", "--to", "--day",
    "--print" },
  { "inspect", "--json", "encoding", "delimiter" },
  { "maps", "--for", "woowup", "curebit", "--map" },
  { "ravenwits", "login", "health", "strategies", "submit", "wait", "get", "update",
    "RAVENWITS_BASE_URL" },
  { "ravenwits login", "RAVENWITS_EMAIL", "RAVENWITS_PASSWORD" },
  { "ravenwits health", "needs no credentials", "RAVENWITS_BASE_URL" },
  { "ravenwits strategies", "--retailer", "--user", "--token-file", "RAVENWITS_TOKEN", "RAVENWITS_USER" },
  { "ravenwits submit", "--retailer", "--user", "--token-file", "--batch", "--concurrency", "--wait", "--idmodel",
    "--json", "--tz", "--step", "--datetime-column", "--value-column", "RAVENWITS_TOKEN", "SSL_CERT_FILE",
    "--map", "--date", "--decimal", "--unit", "--label", "--resolution", "--encoding", "--delimiter", "--from", "--to",
    "--day", "--ledger", "--no-ledger", "--ledger-wait", "--account", "--same-account", "--again", "--on-changed",
    "PURCHASES_LEDGER" },
  { "ravenwits wait", "--user", "--retailer", "--account", "--timeout", "--ledger", "--no-ledger", "--json",
    "--token-file", "RAVENWITS_TOKEN" },
  { "ravenwits get", "--user", "--token-file", "--wait", "--idmodel", "--format", "RAVENWITS_TOKEN" },
  { "ravenwits update", "--user", "--token-file", "--status", "--error", "--outputs", "RAVENWITS_TOKEN" },
  { "woowup", "create", "check", "update", "find", "iin", "delete", "delete-range", "WOOWUP_API_KEY",
    "WOOWUP_BASE_URL" },
  { "woowup create", "--map", "--schema", "--batch", "--concurrency", "--rate", "--from-line",
    "--rejects", "--json", "--on-duplicate", "--on-changed", "--ledger", "--no-ledger", "--ledger-wait", "--account",
    "--same-account", "--again", "PURCHASES_LEDGER", "--token-file", "WOOWUP_API_KEY", "WOOWUP_BASE_URL",
    "FILE.reasons", "FILE.csv", "FILE.duplicates" },
  { "woowup check", "--map", "--schema", "--json", "--tz", "--encoding", "--delimiter", "--decimal", "--print",
    "needs no credentials" },
  { "woowup update", "--token-file", "WOOWUP_API_KEY" },
  { "woowup find", "--invoice-number", "--service-uid", "--branch-name", "--branch-id", "--json", "--token-file",
    "WOOWUP_API_KEY", "WOOWUP_BASE_URL", "SSL_CERT_FILE" },
  { "woowup iin", "--token-file", "WOOWUP_API_KEY" },
  { "woowup delete", "--invoice-number", "--branch-name", "--ledger", "--no-ledger", "--account", "--token-file",
    "WOOWUP_API_KEY" },
  { "woowup delete-range", "--from", "--to", "--tz", "--branch-name", "--notify-to", "--ledger",
    "--no-ledger", "--account", "WOOWUP_API_KEY" },
  { "curebit", "create", "check", "set-rewards-status", "CUREBIT_API_KEY", "CUREBIT_SITE", "CUREBIT_BASE_URL" },
  { "curebit create", "--map", "--schema", "--batch", "--concurrency", "--rate", "--from-line",
    "--rejects", "--json", "--on-duplicate", "--ledger", "--no-ledger", "--site", "--token-file",
    "CUREBIT_API_KEY", "CUREBIT_SITE", "CUREBIT_BASE_URL" },
  { "curebit check", "--map", "--schema", "--json", "--tz", "--encoding", "--delimiter", "--decimal", "--print",
    "needs no credentials" },
  { "curebit set-rewards-status", "approved", "voided", "unrewarded", "--site", "--token-file", "CUREBIT_API_KEY",
    "CUREBIT_SITE", "CUREBIT_BASE_URL", "SSL_CERT_FILE" },
  { "history", "--provider", "--account", "--from", "--to", "--ledger", "--json", "newest", "replaced" },
  { "ledger", "status", "retry", "settle", "forget", "export", "prune", "PURCHASES_LEDGER" },
  { "ledger status", "--provider", "--account", "--state", "--key", "--branch-name", "--day", "--code", "--since",
    "--ledger", "--json" },
  { "ledger retry", "--provider", "--account", "--state", "--key", "--branch-name", "--day", "--code", "--since",
    "--ledger", "--json", "--yes", "terminal" },
  { "ledger settle", "--as", "--provider", "--account", "--state", "--key", "--branch-name", "--day", "--code",
    "--since", "--ledger", "--json", "--yes" },
  { "ledger forget", "--provider", "--account", "--state", "--key", "--branch-name", "--day", "--code", "--since",
    "--ledger", "--json", "--yes" },
  { "ledger export", "--provider", "--account", "--state", "--key", "--branch-name", "--day", "--code", "--since",
    "--ledger", "--json" },
  { "ledger prune", "--older-than", "--ledger", "--json" },
  { "sandbox", "--port", "--tls", "--rate-limit", "nginx" },
}

local function words(text, ...)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  for _, word in ipairs { ... } do
    list[#list + 1] = word
  end
  return list
end

describe("purchases", function()
  for _, entry in ipairs(COMMANDS) do
    local name = entry[1]
    it(name .. " --help names what it needs, and has an example", function()
      for _, option in ipairs { "--help", "-h" } do
        local result = command.run(words(name, option))
        assert.same({ 0, "" }, { result.code, result.stderr })
        local usage = ("Usage: purchases %s"):format(name):gsub("%s+$", "")
        assert.equal(usage .. " [-h]", result.stdout:sub(1, #usage + 5))
        for i = 2, #entry do
          assert.matches(entry[i], result.stdout, 1, true)
        end
        assert.matches("\nExamples?:\n[^\n]*purchases " .. name:gsub("%-", "%%-"), result.stdout)
        for line in result.stdout:gmatch "[^\n]+" do
          assert.is_true(#line <= 120, line)
        end
      end
    end)
  end

  it("has examples that are accepted as usage", function()
    for _, entry in ipairs(COMMANDS) do
      local text = command.run(words(entry[1], "--help")).stdout:gsub("\\\n%s*", "")
      for line in text:gmatch "\n  %f[%S]([^\n]*purchases [^\n]+)" do
        local arguments = line:match "purchases (.*)$":gsub("<.*$", ""):gsub('"[^"]*"', "text"):gsub(" %-%-help$", "")
        -- A mistake behind all of it is the first to be found.
        local result = command.run(words(arguments, "--nope"))
        assert.matches("unknown option '--nope'", result.stderr, 1, true)
      end
    end
  end)

  it("--version", function()
    local version = command.contents(command.root .. "/lua/purchases/version.lua"):match '"([^"]+)"'
    assert.same({ code = 0, stdout = "purchases " .. version .. "\n", stderr = "", terminal = "" },
      command.run { "--version" })
  end)

  it("names the command that was used wrongly", function()
    for _, case in ipairs {
      { "", "a command is required", "purchases" },
      { "nope", "unknown command 'nope'", "purchases" },
      { "--nope", "unknown option '--nope'", "purchases" },
      { "ravenwits", "a command is required", "purchases ravenwits" },
      { "ravenwits nope", "unknown command 'nope'", "purchases ravenwits" },
      { "ravenwits submit", "missing argument 'file'", "purchases ravenwits submit" },
      { "ravenwits submit x", "missing option '--retailer'", "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --batch week", "--batch must be day, all or a number of rows",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --batch 1.5", "--batch must be day, all or a number of rows",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --batch", "option '--batch' requires an argument",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retaler 1", "unknown option '--retaler' (did you mean '--retailer'?)",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --concurrency 0", "--concurrency must be a whole number from 1 to 1000",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --concurrency 1e9", "--concurrency must be a whole number from 1 to 1000",
        "purchases ravenwits submit" },
      { "ravenwits submit x --retailer 1 --concurrency many", "--concurrency must be a whole number from 1 to 1000",
        "purchases ravenwits submit" },
      { "woowup", "a command is required", "purchases woowup" },
      { "woowup create", "missing argument 'file'", "purchases woowup create" },
      { "woowup create x --rate 0", "--rate must be a number above 0", "purchases woowup create" },
      { "woowup create x --from-line 0", "--from-line must be a whole number from 1 to 9007199254740992",
        "purchases woowup create" },
      { "woowup create x --batch 0", "--batch must be a whole number from 1 to 10000", "purchases woowup create" },
      { "woowup delete", "missing option '--invoice-number'", "purchases woowup delete" },
      { "woowup delete-range --branch-name 1", "missing option '--notify-to'", "purchases woowup delete-range" },
      { "curebit set-rewards-status 1", "missing argument 'status'", "purchases curebit set-rewards-status" },
      { "sandbox --port 65536", "--port must be a whole number from 0 to 65535", "purchases sandbox" },
      { "sandbox --rate-limit 0", "--rate-limit must be 'none' or a whole number from 1 to 1000000",
        "purchases sandbox" },
      { "sandbox --port http", "--port must be a whole number from 0 to 65535", "purchases sandbox" },
      { "--completion ksh", "argument for option '--completion' must be one of 'bash', 'zsh', 'fish'", "purchases" },
    } do
      local result = command.run(words(case[1]))
      local complaint = ("purchases: %s; see '%s --help'\n"):format(case[2], case[3])
      assert.same({ 2, "", complaint }, { result.code, result.stdout, result.stderr })
    end
  end)

  describe("--completion", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      it(shell .. " names all commands and options, in words that the shell takes", function()
        local result = command.run { "--completion", shell }
        assert.same({ 0, "" }, { result.code, result.stderr })
        for _, entry in ipairs(COMMANDS) do
          for _, word in ipairs(words(entry[1])) do
            assert.matches(word, result.stdout, 1, true)
          end
          for i = 2, #entry do
            local option = entry[i]:match "^%-%-(%l[%l-]*)$"
            assert.is_truthy(not option or result.stdout:find(option, 1, true), entry[i])
          end
        end
        if command.output_of("command -v " .. shell) ~= "" then
          local option = shell == "fish" and "--no-execute" or "-n"
          local checked = command.run({ "-c", shell .. " " .. option .. " /dev/stdin" },
            { program = "sh", stdin = result.stdout })
          assert.same({ 0, "" }, { checked.code, checked.stderr })
        end
      end)
    end

    it("completes commands and options in bash", function()
      local function complete(line)
        local script = ("source <(purchases --completion bash); COMP_WORDS=(%s); "
          .. "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _purchases; echo ${COMPREPLY[@]}"):format(line)
        return command.run({ "-c", script }, { program = "bash" }).stdout
      end
      assert.equal("sandbox\n", complete "purchases sa")
      assert.equal("submit\n", complete "purchases ravenwits sub")
      assert.equal("--concurrency\n", complete "purchases ravenwits submit --con")
    end)
  end)

  it("says when its words could not be written", function()
    for _, arguments in ipairs { { "--help" }, { "ravenwits", "get", "--help" }, { "--version" },
      { "--completion", "bash" } } do
      local result = command.run(arguments, { stdout = "full" })
      assert.same({ 1, "purchases: cannot write to standard output: No space left on device\n" },
        { result.code, result.stderr })
    end
  end)
end)
