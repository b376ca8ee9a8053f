-- docs/command-line.md holds: its commands, options and exit codes are the program's, and its consoles print what they
-- show.
local command = require "spec.support.command"
local folders = require "spec.support.folder"
local load = require "spec.support.load"
local pages = require "spec.support.pages"
local sales = require "spec.support.sales"
local sandboxes = require "spec.support.sandbox"

local page = pages.open "docs/command-line.md"

describe("docs/command-line.md", function()
  local usage = page:take("text", "Command line")

  local function options_in(text)
    local found = {}
    for option in text:gmatch "%-%-[%l-]+" do
      found[option] = true
    end
    return found
  end

  local GROUPS = { ravenwits = true, woowup = true, curebit = true, ledger = true }

  -- The commands that a line is about: "purchases ravenwits login | health | strategies --retailer R".
  local function commands_of(line)
    local head, rest = line:match "^purchases (%l+) ?(.*)$"
    if not GROUPS[head] then
      return { { head, rest } }
    end
    local list = {}
    for part in (rest .. " | "):gmatch "(.-) | " do
      list[#list + 1] = { head .. " " .. part:match "^[%l-]+", part }
    end
    return list
  end

  local function help_of(name)
    return pages.shell("purchases " .. name .. " --help").stdout
  end

  it("names every command and option there is, and no other", function()
    local named = {}
    for line in usage:gmatch "[^\n]+" do
      for _, entry in ipairs(commands_of(line)) do
        local name, rest = entry[1], entry[2]
        named[name] = true
        local help = options_in(help_of(name):match "\nOptions:\n(.*)$":gsub("\n\n.*$", ""))
        local said = options_in(rest)
        for option in pairs(said) do
          assert.is_true(help[option], name .. " has no " .. option)
        end
        for option in pairs(help) do
          assert.is_true(said[option] or option == "--help", ("%s %s is not on the page"):format(name, option))
        end
      end
    end
    for _, group in ipairs { "", "ravenwits", "woowup", "curebit", "ledger" } do
      for name in help_of(group):match "\nCommands:\n(.-)\n\n":gmatch "\n?%s%s%s(%l[%l-]+)" do
        local full = group == "" and name or group .. " " .. name
        assert.is_true(named[full] or GROUPS[full], full .. " is not on the page")
      end
    end
  end)

  it("names completions and variables that the program knows", function()
    local shells = "purchases --completion bash && purchases --completion zsh && purchases --completion fish"
    local result = pages.shell(shells)
    assert.equal(0, result.code)
    for command_name, variables in pairs {
      ["ravenwits submit"] = { "RAVENWITS_TOKEN", "RAVENWITS_EMAIL", "RAVENWITS_PASSWORD", "RAVENWITS_USER",
        "RAVENWITS_BASE_URL", "SSL_CERT_FILE" },
      ["woowup find"] = { "WOOWUP_API_KEY", "WOOWUP_BASE_URL", "SSL_CERT_FILE" },
      ["curebit set-rewards-status"] = { "CUREBIT_API_KEY", "CUREBIT_SITE", "CUREBIT_BASE_URL", "SSL_CERT_FILE" },
    } do
      for _, variable in ipairs(variables) do
        assert.matches("`" .. variable .. "`", page.text, 1, true)
        assert.matches(variable, help_of(command_name), 1, true)
      end
    end
  end)

  it("lists the exit codes as the program does", function()
    local said = {}
    for code, meaning in page.text:match "| exit code | |\n|[-|]+\n(.-)\n\n":gmatch "| (%d) | ([^|\n]+) |" do
      said[#said + 1] = code .. " " .. meaning
    end
    local help = help_of(""):match "\nExit codes: (.*)%.\n":gsub("\n", " ")
    assert.equal(help, table.concat(said, "; "))
  end)

  describe("shows", function()
    local sandbox
    local folder = folders.new()
    local write = folder.write

    setup(function()
      sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
    end)
    teardown(function()
      sandbox:stop()
    end)

    -- The next console under a heading; returns its exit code.
    local function run(block)
      return pages.transcript(block, { directory = folder.path, env = pages.environment(sandbox) })
    end

    local inspect = page:take("console", "A file that nobody has described")

    it("a file that nobody has described", function()
      write("consumption.csv", "Fecha;Hora;Energ\237a (kWh);Observaciones\n03/04/2026;01:00;10,0;\n"
        .. "03/04/2026;02:00;14,5;\n03/04/2026;03:00;12,25;\n")
      assert.equal(0, run(inspect))
    end)

    local check, submit = page:take("console", "A series"), page:take("console", "A series")
    local part = page:take("console", "A series")

    it("what is wrong with a series", function()
      write("load.csv", (load.csv(192):gsub("(2025%-10%-01 00:15),[%d.]+", "%1,abc")))
      assert.equal(3, run(check))
    end)

    it("what became of a series", function()
      write("load.csv", load.csv(192))
      assert.equal(0, run(submit))
    end)

    it("a part of a series, as it would be sent", function()
      write("load.csv", load.csv(192))
      assert.equal(0, run(part))
    end)

    -- A hundred sales, of which one has a text where a number belongs.
    local function write_sales()
      local texts = sales.texts(1, 100)
      texts[42] = texts[42]:gsub('"total": 10.50', '"total": "1.5"')
      write("sales.ndjson", table.concat(texts, "\n") .. "\n")
    end

    local sale_blocks = {}
    for i = 1, 4 do
      sale_blocks[i] = page:take("console", "Sales")
    end

    it("sales that are checked, created, and corrected", function()
      write_sales()
      assert.equal(3, run(sale_blocks[1]))
      assert.equal(1, run(sale_blocks[2]))
      local rejected = folder.contents "rejects.ndjson"
      write("rejects.ndjson", (rejected:gsub('"1.5"', "1.5")))
      assert.equal(0, run(sale_blocks[3]))
    end)

    it("where to go on after Ctrl-C", function()
      local line, shown = sale_blocks[4]:match "^%$ ([^\n]*)\n%^C(.*)$"
      write("sales.ndjson", sales.lines(1001, 2000))
      sandbox:reset()
      sandbox:fault { path = "bulk", delay = 2, times = 99 }
      local child = command.start({ "-ec", "exec " .. line },
        { program = "sh", directory = folder.path, env = pages.environment(sandbox) })
      assert(command.wait_until(function()
        return sandbox:counts().requests > 0
      end))
      child:signal "INT"
      local result = child:wait()
      sandbox:clear_faults()
      assert.equal(1, result.code)
      result.stderr = result.stderr:gsub("^ledger: job.db %(new%)\n", "")
      local notice, rest = result.stderr:match "^([^\n]*\n)(.*)$"
      local function numberless(text)
        return (text:gsub("%d[%d,]*", "N"))
      end
      assert.equal(numberless(shown), numberless(notice .. result.stdout .. rest))
    end)

    local create = page:take("console", "Sales from CSV")

    it("a CSV with a map", function()
      folder.empty()
      write("map.lua", [[
        return { group = "Order", items = "items",
          purchase = { order_number = "Order", email = "Email", order_date = "Date",
            subtotal = { column = "Total", number = true } },
          item = { product_id = "Product" } }]])
      write("sales.csv", "Order,Email,Date,Total,Product\n"
        .. "7,a@example.com,2026-07-01 10:30:00,5,AB1\n7,a@example.com,2026-07-01 10:30:00,5,AB2\n8,b@example.com\n")
      assert.equal(1, run(create))
    end)
  end)

  pages.has_no_more(page)
end)
