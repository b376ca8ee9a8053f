-- `purchases` among other processes: files that are closed, texts from outside on a terminal, errors that raise.
local api_command = require "spec.support.api_command"
local cjson = require "cjson"
local command = require "spec.support.command"
local sandboxes = require "spec.support.sandbox"
local support = require "spec.support.ravenwits_command"

-- ESC, BEL, DEL, C1's CSI, bidirectional controls, a lone byte of C1, a surrogate, an overlong "/"; then what is fine.
local EVIL = "\27[31mred\7\127\194\155x\226\128\174\216\156\226\129\166\155\237\160\128\192\175 ñ€𝄞"
local EVIL_SHOWN = "\\u001b[31mred\\u0007\\u007f\\u009bx\\u202e\\u061c\\u2066\\x9b\\xed\\xa0\\x80\\xc0\\xaf ñ€𝄞"

describe("purchases", function()
  local sandbox, ravenwits

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0, queue_seconds = 0, rate_limit = 0 }
    ravenwits = support.new(sandbox)
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  it("sends nothing when nobody can be told of it", function()
    local line = "purchases ravenwits submit - --retailer 1 --user u %s"
    local environment = { RAVENWITS_BASE_URL = sandbox.url, RAVENWITS_TOKEN = "sandbox-token" }
    local function run(redirections)
      return command.run({ "-c", line:format(redirections) }, { program = "sh", stdin = support.csv(2),
        env = environment })
    end
    assert.equal(1, run(">&- 2>&-").code)
    assert.equal(0, sandbox:counts().requests)
    assert.equal(0, run("2>&-").code)
    assert.equal(2, sandbox:counts().purchases)
  end)

  describe("shows escapes in the place of controls,", function()
    local function assert_clean(text)
      assert.is_nil(text:gsub("\27%[K", ""):gsub("\r", ""):find "[%z\1-\9\11-\31\127]")
      for _, control in ipairs { "\194\155", "\226\128\174", "\216\156", "\226\129\166" } do
        assert.is_nil(text:find(control, 1, true))
      end
    end

    it("of an API's message", function()
      for _, options in ipairs { {}, { terminal = 80, stdout = "terminal" } } do
        sandbox:fault { path = "submit", status = 400, body = { error = "bad \27[31m\194\155\226\128\174 ñ" } }
        local result = ravenwits.submit(support.csv(1), {}, options)
        assert_clean(result.stderr .. result.terminal)
        assert.matches("bad \\u001b[31m\\u009b\\u202e ñ", result.stderr .. result.terminal, 1, true)
      end
    end)

    it("of a file's cell and a file's name", function()
      local name = command.write_file(os.tmpname() .. "\194\155.csv", "datetime,purchase\n" .. EVIL .. ",1\n")
      local result = command.run { "check", name }
      os.remove(name)
      assert_clean(result.stdout .. result.stderr)
      assert.matches("\\u009b.csv:2:1: ", result.stderr, 1, true)
    end)

    it("of what a command prints on a terminal; a file gets the bytes", function()
      local purchase = { id = "7", status = "completed", strategy_output = { { idmodel = 1,
        value = { ["M\194\155\226\128\174"] = { { datetime = "2025-10-01 00:00", purchase_percentage = 1 } } } } } }
      local terminal = { terminal = 80, stdout = "terminal" }
      for _, format in ipairs { "json", "csv" } do
        sandbox:fault { path = "/get", status = 200, body = purchase, times = 2 }
        local shown = ravenwits.run({ "get", "7", "--format", format }, terminal).terminal
        assert_clean(shown)
        assert.matches("M\\u009b\\u202e", shown, 1, true)
        if format == "json" then
          assert.same(purchase, cjson.decode(shown))
        end
        local written = ravenwits.run({ "get", "7", "--format", format }).stdout
        assert.matches("M\194\155\226\128\174", written, 1, true)
      end
    end)

    it("of a key in a file", function()
      local woowup = api_command.new("woowup", { WOOWUP_BASE_URL = sandbox.url .. "/apiv3",
        WOOWUP_API_KEY = "sandbox-woowup-key" }, { "sandbox-woowup-key" })
      local folder = command.output_of "mktemp -d"
      local line = cjson.encode { invoice_number = "A\226\128\174", email = "a@example.com",
        purchase_detail = { { sku = "S1", quantity = 1, unit_price = 1.5 } }, prices = { total = 1 } }
      command.write_file(folder .. "/in.ndjson", line .. "\n")
      woowup.run({ "create", "in.ndjson" }, { directory = folder })
      woowup.run({ "create", "in.ndjson", "--rejects", "out" }, { directory = folder })
      local kept = command.contents(folder .. "/out.duplicates")
      os.execute("rm -r " .. folder)
      assert.equal("in.ndjson:1: A\\u202e\n", kept)
    end)
  end)

  it("makes texts printable", function()
    local printable = require "purchases.printable"
    assert.equal(EVIL_SHOWN, printable.line(EVIL))
    assert.equal("a b\\u0000", printable.line "a\r\n\tb\0")
    assert.equal("a\\r\n\\tb", printable.escape("a\r\n\tb", "\n"))
    for _, cut in ipairs { "\194", "\226\128", "\240\157\132", "\255", "\244\144\128\128" } do
      assert.equal((cut:gsub(".", function(byte)
        return ("\\x%02x"):format(byte:byte())
      end)), printable.line(cut))
    end
  end)
end)
