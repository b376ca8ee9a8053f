-- docs/architecture.md and CONTRIBUTING.md say what is there.
local command = require "spec.support.command"

local function contents(path)
  return assert(command.contents(command.root .. "/" .. path))
end

local page, contributing = contents "docs/architecture.md", contents "CONTRIBUTING.md"

-- The kinds of paths that the page names, in backticks.
local FOLDERS = { src = true, lua = true, tools = true, spec = true, bench = true, examples = true, bin = true }

local function is_there(path)
  local status = os.execute(("ls %s/%s >/dev/null 2>&1"):format(command.quote(command.root), path))
  return status == true or status == 0
end

-- The files that a text names, as a pattern finds them, and that are not there; and how many it names.
local function missing(text, pattern)
  local names, count = {}, 0
  for path in text:gmatch(pattern) do
    if FOLDERS[path:match "^%w+"] and not path:find "shopify" then
      count = count + 1
      names[#names + 1] = not is_there((path:gsub("[.]$", ""))) and path or nil
    end
  end
  return table.concat(names, " "), count
end

-- Is a function of this name defined in the file?
local function defines(path, name)
  local text = "\n" .. (command.contents(command.root .. "/" .. path) or "")
  if path:find "%.c$" then
    return text:find("\n%a[^\n;]*%f[%w_]" .. name .. "%(") ~= nil
  end
  return text:find("\nfunction [%w_]+[.:]" .. name .. "%(") ~= nil
    or text:find("\nlocal function " .. name .. "%(") ~= nil
end

describe("the page on the architecture", function()
  it("shows the table of the layers as it is", function()
    local layers = assert(command.contents(command.root .. "/tools/layers.txt"))
    assert.truthy(page:find("\n```text\n" .. layers .. "```\n", 1, true))
  end)

  it("names files that are there", function()
    local names, count = missing(page, "`([%w_.]+/[%w_./]+)`")
    assert.equal("", names)
    assert(count > 60, count)
  end)

  it("names functions that stand in the file named before them", function()
    local count, file = 0, nil
    for line in page:gmatch "[^\n]+" do
      file = line:find "^%d" and nil or file
      for word in line:gmatch "`([^`]+)`" do
        local name = word:match "^([%w_]+)%(%)$"
        if word:find "^[%w_]+/[%w_./]+%.%a+$" then
          file = word
        elseif name then
          count = count + 1
          assert(file and defines(file, name), ("%s is not a function of %s"):format(name, file))
        end
      end
    end
    assert(count > 35, count)
  end)

  it("answers with the file that does it", function()
    local does = { -- a word of each question, and what its answer has in its text
      ["date parsed"] = "pur_datetime_parse(", ["92, 96"] = "pur_timezone_day(", ["a gap"] = "pur_order_take(",
      ["line number"] = "rows->line +=", ["unquoted"] = "pur_csv_parse(", ["number read"] = "pur_number_read(",
      ["body of a request"] = "pur_series_encode(", ["keywords"] = "draft", ["checked against"] = "check_value(",
      ["has twice"] = "pur_key_set_add(", ["divided"] = "Job:divide(", ["429's pause"] = "Own:hold(",
      ["Retry-After"] = "retry-after", ["silent repeat"] = "CURLOPT_PREREQFUNCTION",
      ["whether anything was sent"] = "pur_transfer_note_end(", ["time-out"] = "end_overdue(", ["gzip"] = "inflate(",
      ["wait for one another"] = "Sender:enter(", ["get its credentials"] = "authorize(",
      ["one login"] = "Session:renew(",
      ["plain HTTP"] = "allow_insecure", ["blotted out"] = "blot_out(", ["worker wait"] = "Host:wait(",
      ["time and chance"] = "core.system.random", ["unknown option"] = "unknown option", ["exit code"] = "USAGE = 2",
    }
    local count = 0
    for question, path in page:gmatch "\n| (Where [^|]*%?) | `([^`]+)`[^\n]*" do
      for word, text in pairs(does) do
        if question:find(word, 1, true) then
          count = count + 1
          assert(contents(path):find(text, 1, true), question)
        end
      end
    end
    assert.equal(26, count)
  end)

  it("has links that lead somewhere", function()
    for target in page:gmatch "%]%(([^)#]+)%)" do
      assert(is_there("docs/" .. target), target)
    end
  end)
end)

describe("the page for contributors", function()
  it("names files that are there", function()
    local names, count = missing(contributing, "%f[%w_./][%w_.]+/[%w_./*-]+")
    assert.equal("", names)
    assert(count > 10, count)
  end)

  it("has links that lead somewhere", function()
    for target in contributing:gmatch "%]%(([^)#]+)%)" do
      assert(is_there(target), target)
    end
  end)

  it("names targets of the Makefile, and C tests and fuzzers that are there", function()
    local makefile = contents "Makefile"
    for target in contributing:gmatch "[\n`]make (%l[%l-]*)" do
      assert(makefile:find("\n" .. target:gsub("%-", "%%-") .. ":"), target)
    end
    for kind, name in contributing:gmatch "build/(%l+)/([%w_]+)" do
      assert(is_there(("spec/%s/%s.c"):format(kind == "test" and "c" or kind, name)), name)
    end
  end)

  it("names variables that a spec reads", function()
    local specs = { contents "spec/support/seeds.lua" }
    for path in contributing:gmatch "spec/[%w_]+_chance_spec%.lua" do
      specs[#specs + 1] = contents(path)
    end
    for name in contributing:gmatch "PURCHASES_[%u_]+" do
      assert(table.concat(specs):find(name, 1, true), name)
    end
  end)
end)
