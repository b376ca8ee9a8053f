-- The reference (`make doc`) lists what users can call, and nothing else.
local command = require "spec.support.command"
local load = require "spec.support.load"
local pages = require "spec.support.pages"
local purchases = require "purchases"

local FOLDER, SOURCES = command.root .. "/docs/reference/", command.root .. "/lua/purchases/"

-- The names that a file of the reference documents: `what` is "function", "field" or "string".
local function documented(file, what)
  local names = {}
  local text = command.contents(FOLDER .. file .. ".lua") or command.contents(SOURCES .. file .. ".lua")
  for name in text:gmatch("\n *%-%- @" .. what .. " ([%w_.]+)\n") do
    names[name] = true
  end
  return names
end

local function names_of(object)
  local names = {}
  for name in pairs(object) do
    names[name] = true
  end
  return names
end

describe("the reference", function()
  it("lists what purchases has", function()
    local names = {}
    for name, value in pairs(purchases) do
      if name == "series" or name == "schema" or name == "datetime" then
        assert.is_truthy(next(documented(name, "function")))
      elseif type(value) == "table" then
        for inner in pairs(value) do
          names[name .. "." .. inner] = true
        end
      elseif type(value) == "function" then
        names[name] = true
      end
    end
    assert.same(names, documented("purchases", "function"))
    assert.is_true(documented("purchases", "string")._VERSION)
  end)

  it("lists the functions of datetimes", function()
    assert.same(names_of(purchases.datetime), documented("datetime", "function"))
  end)

  it("lists the functions and methods of series", function()
    local names = names_of(debug.getmetatable(load.series(1)).__index)
    for name in pairs(purchases.series) do
      names[name] = true
    end
    assert.same(names, documented("series", "function"))
  end)

  it("lists the functions, methods and schemas of purchases.schema", function()
    local names = names_of(debug.getmetatable(purchases.schema.woowup).__index)
    names.compile = true
    assert.same(names, documented("schema", "function"))
    for name in pairs(documented("schema", "field")) do
      assert.is_truthy(purchases.schema[name])
    end
  end)

  it("lists the methods of a ledger, but those of jobs and of commands", function()
    local path = os.tmpname()
    local opened = assert(purchases.ledger.open(path))
    local names = names_of(debug.getmetatable(opened).__index)
    opened:close()
    os.execute("rm -f " .. path .. "*")
    for _, name in ipairs { "account", "unended", "workflow_ended" } do
      names[name] = nil
    end
    assert.same(names, documented("ledger", "function"))
  end)

  local OPTIONS = { ravenwits = { token = "t" }, woowup = { api_key = "k" }, curebit = { site = "s", api_key = "k" } }

  for provider, options in pairs(OPTIONS) do
    it("lists the calls that the page of " .. provider .. " has, and a client", function()
      local client, names = purchases[provider].new(options), {}
      for line in pages.open("docs/" .. provider .. ".md").text:gmatch "\n|([^|]*)|" do
        for name in line:gmatch "client:([%l_]+)" do
          names[name] = true
          assert.equal("function", type(client[name]), name)
        end
      end
      assert.same(names, documented(provider, "function"))
    end)
  end

  it("lists the fields of an error", function()
    local text = pages.open "docs/errors.md".text
    for name in pairs(documented("error", "field")) do
      assert.is_truthy(text:find("`" .. name .. "`", 1, true) or pages.open "docs/datetime.md".text:find(name, 1, true),
        name .. " is not on the page")
    end
  end)
end)
