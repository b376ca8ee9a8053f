-- docs/maps.md holds: every rule gives what its example shows, and every file with its map what stands below it.
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local maps = require "purchases.source.maps"
local pages = require "spec.support.pages"

local unpack = rawget(_G, "unpack") or table.unpack

local page = pages.open "docs/maps.md"

-- The pages are UTF-8, which most files that people have are not.
local function to_latin1(text)
  return (text:gsub("[\194\195][\128-\191]", function(char)
    return string.char((char:byte(1) - 192) * 64 + char:byte(2) - 128)
  end))
end

describe("docs/maps.md", function()
  local folder = folders.new()
  local write = folder.write

  local function purchases(...)
    return folder.run { ... }
  end

  -- The file and the map that come next under a heading, where the map says how the file is encoded.
  local function take_pair(heading)
    local file, map = page:take("text", heading), page:take("lua", heading)
    return function(name)
      write("map.lua", map)
      write(name, map:find "latin1" and to_latin1(file) or file)
    end
  end

  -- A file, a map, and what a check of them prints.
  local function prints(what, heading, name, ...)
    local write_pair, shown = take_pair(heading), page:take("json", heading)
    local arguments = { ... }
    it("shows what comes of " .. what, function()
      write_pair(name)
      local result = purchases(unpack(arguments))
      assert.same({ 0, shown }, { result.code, result.stdout }, result.stderr)
    end)
  end

  -- A file, a map, and a console.
  local function complains(what, heading, name)
    local write_pair, console = take_pair(heading), page:take("console", heading)
    it("shows how " .. what .. " is refused", function()
      write_pair(name)
      assert.equal(3, pages.transcript(console, { directory = folder.path }))
    end)
  end

  prints("a shop's file", "Maps", "sales.csv", "woowup", "check", "sales.csv", "--map", "./map.lua", "--print", "1")
  prints("what a map says of a file", "The file", "sales.csv", "curebit", "check", "sales.csv", "--map", "./map.lua",
    "--print", "9")
  complains("an item's amount for the order's", "Sales", "sales.csv")
  prints("hours that are named by their ends", "Series", "consumption.csv", "check", "consumption.csv", "--map",
    "./map.lua", "--print", "5")
  complains("a day that is not whole", "Series", "load.csv")

  describe("shows what a rule gives:", function()
    local LEAST = [[return { group = "id", items = "purchase_detail", purchase = { invoice_number = "id",
      document = { constant = "1" }, prices = { total = { constant = 1 } }, metadata = { x = %s } },
      item = { sku = { constant = "A1" }, quantity = { constant = 1 }, unit_price = { constant = 1 } } }]]

    -- Rows of cells, `Price: 1`, `Freight: 2`; `Price: 3`, as CSV with the columns `Name` ... in their order.
    local function csv_of(cells)
      local names, rows = {}, {}
      for part in (cells .. ";"):gmatch "([^;]*);" do
        local row = { "1" }
        for name, value in part:gmatch "`(%w+): ?([^`]*)`" do
          if not names[name] then
            names[#names + 1], names[name] = name, #names + 1
          end
          row[names[name] + 1] = '"' .. value .. '"'
        end
        rows[#rows + 1] = table.concat(row, ",")
      end
      return "id," .. table.concat(names, ",") .. "\n" .. table.concat(rows, "\n") .. "\n"
    end

    local rows = page.text:match "| rule | cells | gives |\n|[-|]+\n(.-)\n\n"
    for line in rows:gmatch "[^\n]+" do
      local rule, cells, gives = line:match "^| `(.-)` | (`.*`) | `(.-)` |$"
      it(rule .. " of " .. cells, function()
        write("in.csv", csv_of(cells))
        write("map.lua", LEAST:format(rule))
        local result = purchases("woowup", "check", "in.csv", "--map", "./map.lua", "--print", "1")
        assert.equal(0, result.code, result.stderr)
        assert.equal(gives, result.stdout:match '"metadata":{"x":(.*)},"prices"')
      end)
    end
  end)

  it("names the keys that there are", function()
    for _, key in ipairs { "encoding", "delimiter", "header", "skip", "names", "decimal", "thousands", "null", "where",
      "unless", "list", "tz", "group", "blank", "purchase", "items", "item", "datetime", "value", "label",
      "send_label", "resolution", "map", "step" } do
      assert.matches("| [^|\n]*`" .. key .. "`", page.text)
    end
  end)

  it("lists the maps that come along", function()
    local listed, there = {}, {}
    for name in page.text:match "| map | of | file |\n(.-)\n\n":gmatch "\n| `([%w-]+)` |" do
      listed[name] = true
    end
    for _, list in ipairs { maps.SERIES, maps.SALES } do
      for _, entry in ipairs(list) do
        there[entry[1]] = true
      end
    end
    assert.same(there, listed)
  end)

  local commands = page:take("sh", "Maps that come along")

  it("shows commands that are one", function()
    for line in commands:gsub(" > [^\n]*", ""):gmatch "purchases ([^\n]+)" do
      local words = {}
      for word in line:gmatch "%S+" do
        words[#words + 1] = word
      end
      words[#words + 1] = "--nope"
      assert.matches("unknown option '--nope'", command.run(words).stderr, 1, true)
    end
  end)

  pages.has_no_more(page)
end)
