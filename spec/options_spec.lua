local options = require "purchases.options"

local SPEC = {
  name = { "string", required = true },
  size = { "string|number", default = "day" },
  count = { "number", check = options.count },
  seconds = { "number", default = 60, check = options.positive },
  text = { "string", check = options.plain },
  flag = { "boolean", default = false },
}

-- What a caller's call raises; `checked` is the function that he calls.
local function raised(given)
  local function checked(opts)
    local result = options.check(opts, SPEC, "job", 2)
    return result
  end
  local ok, message = pcall(function()
    local result = checked(given)
    return result
  end)
  assert.is_false(ok)
  return message
end

local function complaint(given)
  given.name = given.name or "n"
  return (raised(given):gsub("^.-:%d+: ", ""))
end

describe("options", function()
  it("are copied, with their defaults filled in", function()
    local given = { name = "n", count = 3 }
    local checked = options.check(given, SPEC, "job", 1)
    assert.same({ name = "n", size = "day", count = 3, seconds = 60, flag = false }, checked)
    assert.same({ name = "n", count = 3 }, given)
    checked.count = 4
    assert.equal(3, given.count)
  end)

  it("may all be left out where none is required", function()
    assert.same({}, options.check(nil, {}, "job", 1))
    assert.same({ a = 1 }, options.check(nil, { a = { "number", default = 1 } }, "job", 1))
  end)

  it("keep a false that was given over a default", function()
    assert.is_false(options.check({ a = false }, { a = { "boolean", default = true } }, "job", 1).a)
  end)

  it("raise at the caller's line", function()
    assert.matches("^[^:]*options_spec.lua:19: job: ", raised { nonsense = 1 })
  end)

  it("complain of an unknown one, and name those that there are", function()
    local there_are = "(there are: count, flag, name, seconds, size, text)"
    assert.equal("job: unknown option 'nmae' " .. there_are, complaint { nmae = "secret" })
    assert.equal("job: unknown option '1' " .. there_are, complaint { "secret" })
  end)

  it("complain of a wrong type without showing the value", function()
    assert.equal("job: option 'name' must be a string, not number", complaint { name = 1 })
    assert.equal("job: option 'size' must be a string or number, not table", complaint { size = {} })
    assert.equal("job: option 'flag' must be a boolean, not string", complaint { flag = "secret" })
    assert.matches("job: options must be a table, not string$", raised "secret")
  end)

  it("complain of a missing one", function()
    assert.matches("job: option 'name' is missing$", raised {})
    assert.matches("job: option 'name' is missing$", raised(nil))
    local spec = {}
    for letter in ("qwertyuiopasdfghjklzxcvbnm"):gmatch "." do
      spec[letter] = { "string", required = true }
      local first = letter
      for name in pairs(spec) do
        first = name < first and name or first
      end
      local _, message = pcall(options.check, {}, spec, "job", 1)
      assert.equal(("job: option '%s' is missing"):format(first), message:match "job: .*")
    end
  end)

  it("may be checked further", function()
    for _, number in ipairs { 0, -1, math.huge, 0 / 0 } do
      assert.equal("job: option 'seconds' must be a finite number above 0", complaint { seconds = number })
    end
    assert.equal(0.001, options.check({ name = "n", seconds = 0.001 }, SPEC, "job", 1).seconds)
    for _, number in ipairs { 0, -1, 0.5, 2.5, math.huge, 0 / 0 } do
      assert.equal("job: option 'count' must be a whole number above 0", complaint { count = number })
    end
    assert.equal(1, options.check({ name = "n", count = 1 }, SPEC, "job", 1).count)
    for _, text in ipairs { "a\r\nb", "\0", "\127", "a\n" } do
      assert.equal("job: option 'text' must not hold control characters", complaint { text = text })
    end
    assert.equal("", options.check({ name = "n", text = "" }, SPEC, "job", 1).text)
  end)
end)
