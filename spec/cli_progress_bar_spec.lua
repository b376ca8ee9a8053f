-- The progress bar of commands that upload, as a terminal sees it.
local sandboxes = require "spec.support.sandbox"
local support = require "spec.support.ravenwits_command"

local NOTICE = "purchases: interrupted: requests in flight are finished, no new ones are sent; "
  .. "a second Ctrl-C ends at once\n"

describe("the progress bar", function()
  local WIPE = "\r\27[K"
  local sandbox, ravenwits

  setup(function()
    sandbox = sandboxes.start()
    ravenwits = support.new(sandbox)
  end)
  teardown(function()
    sandbox:stop()
  end)

  local function upload(options)
    sandbox:reset()
    sandbox:fault { path = "submit", delay = 0.12, times = 99 }
    local result = ravenwits.submit(support.csv(5), { "--concurrency", "1", options.form }, options)
    assert.equal(0, result.code)
    return result
  end

  -- What was drawn, one line after the other.
  local function drawn(terminal)
    local lines = {}
    for line in terminal:gsub("\r\27%[K", "\0"):gmatch "%z([^%z]*)" do
      if line ~= "" then
        lines[#lines + 1] = line
      end
    end
    return lines
  end

  for _, form in ipairs { "--batch=day", "--json" } do
    it("is drawn on a terminal, and wiped away at the end: " .. form, function()
      local result = upload { terminal = 100, form = form }
      local lines = drawn(result.terminal)
      assert.is_true(#lines >= 3, result.terminal)
      local last = 0
      for _, line in ipairs(lines) do
        local bar, done = line:match "^%[(#*%.*)%] (%d) of 5 purchases, %d in flight, [%d.]+/s.*$"
        assert.is_truthy(bar, line)
        assert.is_true(#line < 100 and #line > 90, line)
        local share = select(2, bar:gsub("#", "")) / #bar
        assert.is_true(math.abs(share - done / 5) < 2 / #bar)
        assert.is_true(tonumber(done) >= last)
        last = tonumber(done)
      end
      assert.equal(WIPE, result.terminal:sub(1, #WIPE))
      assert.equal(WIPE, result.terminal:sub(-#WIPE))
      assert.is_nil(result.stdout:find "[\r\27]")
    end)
  end

  for _, columns in ipairs { 20, 40, 2 } do
    it("is no wider than a terminal of " .. columns, function()
      local result = upload { terminal = columns, form = "--batch=day" }
      for _, line in ipairs(drawn(result.terminal)) do
        assert.is_true(#line < columns, line)
      end
      if columns >= 20 then
        assert.matches("K1 of 5 purchases, ", result.terminal, 1, true)
      end
      assert.is_nil(result.terminal:find("[#", 1, true))
    end)
  end

  it("leaves the lines of a result alone on the same terminal", function()
    local result = upload { terminal = 100, stdout = "terminal", form = "--batch=day" }
    local lines = {}
    for line in result.terminal:gmatch "([^\n]*)\n" do
      lines[#lines + 1] = line:match "[^\r\27]*$":gsub("^%[K", "")
    end
    assert.equal(6, #lines)
    for day = 1, 5 do
      assert.matches(("^2025%%-10%%-%02d    96 rows  accepted  %%S+$"):format(day), lines[day])
    end
    assert.equal("5 of 5 purchases accepted, 480 rows", lines[6])
  end)

  it("goes out of the way of complaints", function()
    sandbox:reset()
    sandbox:fault { path = "submit", delay = 0.3, times = 99 }
    local child = ravenwits.start_submit(support.csv(5), { "--concurrency", "1" }, { terminal = 100 })
    assert.is_truthy(child:wait_for("terminal", "1 of 5"))
    child:signal "INT"
    local result = support.check_result(child:wait())
    assert.equal(1, result.code)
    assert.matches(WIPE .. NOTICE, result.terminal, 1, true)
    assert.matches("\27%[Kpurchases: pending: not sent; to resume, [^\n]+\n$", result.terminal)
  end)

  it("is not drawn where it would not be understood, nor where nobody looks", function()
    assert.equal("", upload({ terminal = 100, form = "--json", env = { TERM = "dumb" } }).terminal)
    assert.equal("", upload({ form = "--json" }).stderr)
  end)
end)
