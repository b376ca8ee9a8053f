-- By itself, since valgrind cannot follow what PCRE2 makes of these: its machine code reads a whole vector at once,
-- beyond the text, and leaves out of account what it should not have read.
local schema = require "purchases.schema"

describe("A pattern without an anchor", function()
  it("is found anywhere in a string", function()
    local compiled = assert(schema.compile '{"pattern":"a+"}')
    for _, document in ipairs { '"xxaayy"', '"a"', '"' .. ("x"):rep(1000) .. 'a"', '"\\u0061"', "1" } do
      assert.is_true(compiled:check(document))
    end
    for _, document in ipairs { '"xyz"', '""', '"' .. ("x"):rep(1000) .. '"', '"A"' } do
      assert.equal("pattern", select(2, compiled:check(document)).issues[1].code)
    end
  end)
end)
