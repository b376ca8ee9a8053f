-- The pages in docs/ hold: their Lua prints what its comments say, their tables name what there is, and every block of
-- code of every page belongs to a spec.
local command = require "spec.support.command"
local pages = require "spec.support.pages"
local purchases = require "purchases"
local sandboxes = require "spec.support.sandbox"

describe("docs/", function()
  local sandbox

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  -- A spec for the next Lua block under a heading, which prints what its comments say.
  local function prints(page, heading)
    local block = page:take("lua", heading)
    it(("shows what it prints: %s"):format(heading), function()
      pages.prints_what_it_shows(block, { env = pages.environment(sandbox) })
    end)
  end

  -- The next Lua block under a heading, which is a file in examples/ but for that file's first comment.
  local function is_example(page, heading, name)
    local block = page:take("lua", heading)
    it("is " .. name, function()
      local file = command.contents(command.root .. "/" .. name)
      assert.equal(block, (file:gsub("^%-%-[^\n]*\n", "")))
    end)
    return function()
      return command.run({ name },
        { program = command.lua, directory = command.root, env = pages.environment(sandbox) })
    end
  end

  describe("series.md", function()
    local page = pages.open "docs/series.md"
    prints(page, "Purchase series")
    prints(page, "Options")
    prints(page, "Methods")
    prints(page, "Refused rows")
    pages.has_no_more(page)
  end)

  describe("datetime.md", function()
    local page = pages.open "docs/datetime.md"
    local form = page:take("text", "Dates and time zones")

    it("has the form that the reader of times takes", function()
      assert.matches(form, command.contents(command.root .. "/src/time/datetime.h"), 1, true)
    end)

    for name in pairs(purchases.datetime) do
      prints(page, name)
    end
    pages.has_no_more(page)
  end)

  describe("ravenwits.md", function()
    local page = pages.open "docs/ravenwits.md"
    prints(page, "Ravenwits")
    prints(page, "Outputs")
    pages.has_no_more(page)
  end)

  describe("errors.md", function()
    local page = pages.open "docs/errors.md"
    prints(page, "Errors and outcomes")
    prints(page, "Errors and outcomes")
    pages.has_no_more(page)
  end)

  describe("woowup.md", function()
    local page = pages.open "docs/woowup.md"
    local run = is_example(page, "Create a purchase", "examples/woowup.lua")

    it("creates a purchase, and says what a second run finds", function()
      local result = run()
      assert.same({ 0, "", "1899\n" }, { result.code, result.stderr, (result.stdout:gsub("%.0\n", "\n")) })
      result = run()
      assert.same({ 1, "woowup create: Duplicated purchase number (api, status 500)\n" },
        { result.code, result.stdout })
      assert.equal(1, sandbox:audit().counts.purchases)
    end)

    prints(page, "Delete")
    pages.has_no_more(page)
  end)

  describe("curebit.md", function()
    local page = pages.open "docs/curebit.md"
    local run = is_example(page, "Curebit", "examples/curebit.lua")

    it("creates purchases, and says what a second run finds", function()
      local result = run()
      assert.same({ 0, "", "approved\n" }, { result.code, result.stderr, result.stdout })
      result = run()
      assert.same({ 1, "curebit create: Order number 1 has already been taken (api, status 400)\n" },
        { result.code, result.stdout })
      assert.equal(2, sandbox:audit().counts.purchases)
    end)

    pages.has_no_more(page)
  end)

  describe("many-purchases.md", function()
    local page = pages.open "docs/many-purchases.md"
    local run = is_example(page, "Many purchases", "examples/retail.lua")

    it("creates many purchases, and says what a second run finds", function()
      local result = run()
      assert.same({ 0, "" }, { result.code, result.stderr })
      assert.matches("\n7\t6\t0\t0\t0\n$", result.stdout)
      assert.equal(6, select(2, result.stdout:gsub("\trejected\t", "")))
      assert.matches("\n0\t13\t0\t0\t7\n$", run().stdout)
      assert.equal(7, sandbox:audit().counts.purchases)
    end)

    prints(page, "A schema of your own")
    pages.has_no_more(page)
  end)

  describe("client.md", function()
    local page = pages.open "docs/client.md"
    prints(page, "Clients")
    prints(page, "Event loops")
    pages.has_no_more(page)

    -- The words of a text that a pattern finds, as a set.
    local function set_of(text, pattern)
      local words = {}
      for word in text:gmatch(pattern) do
        words[word] = true
      end
      return words
    end

    local common = set_of(page.text:match "\n| `base_url`.-\n\n", "\n| `([%l_]+)` |")
    common.base_url = true

    for _, provider in ipairs { "ravenwits", "woowup", "curebit" } do
      it("names the options of a client, and no other, beside those on the page of " .. provider, function()
        local _, message = pcall(purchases[provider].new, { nonsense = true })
        local said = set_of(pages.open("docs/" .. provider .. ".md").text
          :match "`purchases%.%l+%.new%(opts%)` takes (.-) and what %[every client%]", "`([%l_]+)`")
        for option in pairs(common) do
          said[option] = true
        end
        assert.same(set_of(message:match "there are: ([^)]+)%)", "[%w_]+"), said)
      end)
    end
  end)
end)

describe("docs/architecture.md", function()
  local page = pages.open "docs/architecture.md"
  local road, layers = page:take("text", "The road"), page:take("text", "The rooms")

  it("draws what spec/architecture_spec.lua holds against the code", function()
    assert.matches("file or table", road, 1, true)
    assert.equal(command.contents(command.root .. "/tools/layers.txt"), layers)
  end)

  pages.has_no_more(page)
end)

describe("CONTRIBUTING.md", function()
  local page = pages.open "CONTRIBUTING.md"
  local scripts = {}
  for i = 1, 6 do
    scripts[i] = page:take("sh", "Build and test")
  end

  -- Each takes too long to be run here, or runs this very spec; `make -n` tells of a target that does not exist.
  it("has commands that exist", function()
    for line in table.concat(scripts):gsub(" *#[^\n]*", ""):gmatch "[^\n]+" do
      for words in line:gsub("%f[%w][%u_]+=%d+ ", ""):gmatch "[^&]+" do
        words = words:gsub("^%s+", ""):gsub("%s+$", "")
        local program = words:match "^%S+"
        if program == "make" then
          assert.equal(0, pages.shell("make -n " .. words:sub(6) .. " >/dev/null").code, words)
        elseif program:find "^build/" then
          local kind, name = program:match "^build/(%l+)/([%w_]+)$"
          assert.is_truthy(command.contents(("%s/spec/%s/%s.c"):format(command.root, kind == "test" and "c" or kind,
            name)), words)
        elseif program ~= "eval" then
          assert.equal("lua5.4", program)
          assert.is_truthy(command.contents(words:match "^%S+ (%S+)"), words)
          assert.is_truthy(command.contents(command.root .. "/" .. words:match "%S+$"), words)
        end
      end
    end
  end)

  pages.has_no_more(page)
end)

describe("the pages", function()
  local list = command.output_of(("cd %s && ls *.md docs/*.md examples/*/*.md bench/*.md"):format(
    command.quote(command.root)))
  local specs = {}
  for name in command.output_of(("ls %s/spec/*_spec.lua"):format(command.quote(command.root))):gmatch "[^\n]+" do
    specs[#specs + 1] = command.contents(name)
  end

  -- Whether a spec runs the blocks of this page, and looks whether some are left.
  local function is_run(name)
    for _, text in ipairs(specs) do
      local _, from = text:find(('pages.open "%s"'):format(name), 1, true)
      local to = from and text:find('pages.open "', from, true)
      if from and text:sub(from, to):find("pages.has_no_more(page)", 1, true) then
        return true
      end
    end
    return false
  end

  for name in list:gmatch "[^\n]+" do
    it("have a spec for their code: " .. name, function()
      assert.is_true(is_run(name) or #pages.open(name).blocks == 0)
    end)
  end
end)
