-- The pages of the documentation, as specs read them: every code block belongs to a spec, which runs it.
--
--   local page = pages.open "docs/woowup.md"
--   local block = page:take("lua", "Create a purchase")   the next block of that language under that heading
--   page:take_installation "Install"                      those that spec/install_spec.lua runs
--   page:left()                                           the blocks that nobody took, as "docs/woowup.md:12 (lua)"
--   page:dead_links()
--   pages.has_no_more(page)                               two specs, which end a page's: of both there is none
--
--   pages.run(block, { env = {...} })                     a Lua program; the result of command.run
--   pages.prints_what_it_shows(block, { env = {...} })    the same; it must print what its comments "--> ..." say
--   pages.transcript(block, { directory =, env = })       a console: the command must print what is shown below it
local assert = require "luassert"
local busted = require "busted"
local command = require "spec.support.command"

local M = {}

local Page = {}
Page.__index = Page

-- The blocks of a text, in order: `{ language =, heading =, line =, text = }`.
local function blocks_of(text)
  local blocks, block, heading, line = {}, nil, "", 0
  for content in (text .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    local fence = content:match "^%s*```(%S*)"
    if fence and block then
      block.text = table.concat(block, "\n") .. "\n"
      blocks[#blocks + 1], block = block, nil
    elseif fence then
      block = { language = fence, heading = heading, line = line }
    elseif block then
      block[#block + 1] = content
    else
      heading = content:match "^#+ (.+)$" or heading
    end
  end
  assert(not block, "a code block has no end")
  return blocks
end

--- Opens a page, named from the project's root.
function M.open(name)
  local text = assert(command.contents(command.root .. "/" .. name), name .. " is missing")
  return setmetatable({ name = name, text = text, blocks = blocks_of(text) }, Page)
end

--- The text of the next block of that language under that heading.
function Page:take(language, heading)
  for _, block in ipairs(self.blocks) do
    if not block.taken and block.language == language and block.heading == heading then
      block.taken = true
      return block.text
    end
  end
  error(("%s has no more %q blocks under %q"):format(self.name, language, heading), 2)
end

--- Where the blocks are that no spec has taken.
function Page:left()
  local list = {}
  for _, block in ipairs(self.blocks) do
    if not block.taken then
      list[#list + 1] = ("%s:%d (%s)"):format(self.name, block.line, block.language)
    end
  end
  return list
end

--- Takes the blocks under a heading that say how to install. spec/install_spec.lua runs the lines of all pages that
-- install something; returns the lines that it does not know.
function Page:take_installation(heading)
  local unknown = {}
  for _, block in ipairs(self.blocks) do
    if block.language == "sh" and block.heading == heading then
      for line in self:take("sh", heading):gmatch "[^\n]+" do
        local words = line:gsub("^sudo ", ""):gsub("%s*#.*$", "")
        local is_known = words == "make" or words:find "^make install" or words:find "^make uninstall"
          or words:find "^luarocks.* make"
        unknown[#unknown + 1] = not is_known and line or nil
      end
    end
  end
  return unknown
end

-- A heading's anchor, as GitHub makes it.
local function anchor(heading)
  return (heading:lower():gsub("[^%w_%- ]", ""):gsub(" ", "-"))
end

local function has_anchor(text, name)
  for heading in ("\n" .. text):gmatch "\n#+ ([^\n]+)" do
    if anchor(heading) == name then
      return true
    end
  end
  return false
end

--- The links to files and headings that do not exist.
function Page:dead_links()
  local dead = {}
  local folder = self.name:match "^(.*/)" or ""
  for target in self.text:gmatch "%]%(([^)%s]+)%)" do
    local file, name = target:match "^([^#]*)#?(.*)$"
    if not target:find "^https?:" then
      local text = file == "" and self.text or command.contents(command.root .. "/" .. folder .. file)
      if not text or name ~= "" and not has_anchor(text, name) then
        dead[#dead + 1] = target
      end
    end
  end
  return dead
end

--- What every page's specs end with.
function M.has_no_more(page)
  busted.it("has no other code", function()
    assert.same({}, page:left())
  end)
  busted.it("links to what there is", function()
    assert.same({}, page:dead_links())
  end)
end

--- The environment in which programs and commands speak to a sandbox.
function M.environment(sandbox)
  return {
    RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token", RAVENWITS_USER = "trebolenergia",
    WOOWUP_BASE_URL = sandbox.url .. "/apiv3", WOOWUP_API_KEY = "sandbox-woowup-key",
    CUREBIT_BASE_URL = sandbox.url, CUREBIT_SITE = "sandbox-shop", CUREBIT_API_KEY = "sandbox-curebit-key",
  }
end

--- Runs a Lua program in the project's root.
function M.run(text, options)
  local name = command.write_file(os.tmpname(), text)
  local env = options and options.env
  local result = command.run({ name }, { program = command.lua, directory = command.root, env = env })
  os.remove(name)
  return result
end

-- Tabs and spaces that only align say nothing.
local function squeeze(text)
  return (text:gsub("[ \t]+", " "):gsub(" \n", "\n"))
end

--- Fails unless a Lua program prints what its comments `--> ...` say, line by line.
function M.prints_what_it_shows(text, options)
  local shown = {}
  for line in text:gmatch "%-%-> ([^\n]*)" do
    shown[#shown + 1] = line .. "\n"
  end
  assert(shown[1], "the block shows nothing that it prints")
  local result = M.run(text, options)
  assert.same({ 0, "", squeeze(table.concat(shown)) }, { result.code, result.stderr, squeeze(result.stdout) })
end

-- Text as a pattern, in which "..." stands for anything.
local function pattern_of(text)
  return "^" .. text:gsub("%p", "%%%0"):gsub("%%%.%%%.%%%.", ".*") .. "$"
end

--- The environment in which `make` works on the build under test.
function M.build()
  return {
    BUILD = command.path:match "^(.*)/[^/]+/bin/purchases$",
    LUA_VERSION = rawget(_G, "jit") and "5.1" or "5.4",
  }
end

--- Runs a script with sh; `make` in it works on the build under test. Options as of command.run.
function M.shell(script, options)
  options = options or {}
  local env = M.build()
  for name, value in pairs(options.env or {}) do
    env[name] = value
  end
  return command.run({ "-ec", script },
    { program = "sh", directory = options.directory or command.root, env = env })
end

--- Runs the command of a console block, which must print what is shown below it. "..." there stands for anything.
-- Options as of command.run. Returns the exit code.
function M.transcript(text, options)
  local line, output = text:match "^%$ ([^\n]*)\n(.*)$"
  local result = M.shell("exec 2>&1; " .. line, options)
  assert.matches(pattern_of(output), result.stdout)
  return result.code
end

return M
