-- `make demo`: the main job on real data.
local http = require "socket.http"
local pages = require "spec.support.pages"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"

describe("examples/demo.sh", function()
  local function demo(port)
    return pages.shell("exec examples/demo.sh", { env = { PORT = tostring(port) } })
  end

  it("does the main job, and stops its sandbox", function()
    local free = assert(socket.bind("127.0.0.1", 0))
    local port = select(2, free:getsockname())
    free:close()
    local result = demo(port)
    assert.same({ 0, "" }, { result.code, result.stderr })
    assert.matches("2,980 rows, 2025-10-01 00:00 to 2025-10-31 23:45, 31 days (2025-10-26 has 100)", result.stdout,
      1, true)
    assert.matches("\n31 of 31 purchases accepted, 2,980 rows\n", result.stdout, 1, true)
    assert.matches("\n2025-10-26   100 rows  accepted  ", result.stdout, 1, true)
    local charts = 0
    for bars in result.stdout:gmatch "\n2025%-10%-%d%d  completed  MD purchase share (%S+)" do
      charts = charts + 1
      assert.equal(24 * #"▁", #bars)
    end
    assert.equal(31, charts)
    assert.matches("map: 'datadis' comes along for files of this form: ", result.stdout, 1, true)
    for _, sums in ipairs {
      "\n2 of 2 purchases accepted, 192 rows\n",
      "\n3 of 4 purchases accepted, 1 rejected\nrejected for: required 1\n",
      "\n4 of 4 purchases accepted\n",
      "\n7 of 13 purchases accepted, 6 rejected\nrejected for: anyOf 3, pattern 2, invalid_csv 1\n",
      "\n0 of 13 purchases accepted, 7 already existed, 6 rejected\n",
      "\n9 of 13 purchases accepted, 4 rejected\nrejected for: required 3, invalid_csv 1\n",
      "\n0 of 13 purchases accepted, 9 already existed, 4 rejected\n",
    } do
      assert.matches(sums, result.stdout, 1, true)
    end
    assert.is_nil((http.request(("http://127.0.0.1:%d/health/"):format(port))))
  end)

  it("says that the port is taken, and leaves alone whoever has it", function()
    local other = sandboxes.start()
    finally(function()
      other:stop()
    end)
    local port = other.url:match "%d+$"
    local result = demo(port)
    assert.equal(1, result.code)
    assert.equal(("purchases: cannot listen on port %s: Address already in use; choose another with --port\n"
      .. "The sandbox did not start. On another port: PORT=8090 make demo\n"):format(port), result.stderr)
    assert.equal(0, other:audit().counts.requests)
  end)
end)
