-- The headers of answers, read of the lines that the core keeps.
local head = require "purchases.net.head"

describe("an answer's headers", function()
  it("are texts by their names in lower case, without the spaces around them", function()
    assert.same({ a = "1 2", ["x-b"] = "c:d", empty = "", blank = "", tab = "x" },
      head.read "A:\t 1 2 \t\r\nX-B: c:d\r\nEmpty:\r\nBlank: \t \r\nTAB:x\r\n")
    assert.same({}, head.read "")
  end)

  it("stand one after the other where a name comes more than once", function()
    assert.same({ a = "1, 2, , 3", b = "4" }, head.read "a: 1\r\nA: 2\r\nb: 4\r\na:\r\nA:3\r\n")
  end)

  it("leave out a line that is none, and one that was cut off", function()
    assert.same({ [""] = "no name", a = "1" }, head.read "no colon\r\n: no name\r\nA: 1\r\nB: 2")
  end)

  it("may hold any byte but a line feed", function()
    assert.same({ ["\195\132"] = "\0\195\164\r" }, head.read "\195\132: \0\195\164\r\r\n")
  end)

  it("take no time that grows faster than the lines do", function()
    local started = os.clock()
    for _, line in ipairs { ("a"):rep(250000), "a:" .. (" "):rep(250000) .. "b", "a: b" .. (" "):rep(250000) .. "c" } do
      head.read(line .. "\r\n" .. line .. " \r\n")
    end
    assert(os.clock() - started < 1)
  end)
end)
