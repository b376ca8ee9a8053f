local clock = require "purchases.clock"
local progress = require "purchases.job.progress"

local JOB = { total = 10, noun = "purchase" }

local function upload(fields)
  local report = { accepted = 0, rejected = 0, unknown = 0 }
  for name in pairs(report) do
    report[name] = fields[name] or 0
  end
  return { report = report, in_flight = fields.in_flight or 0 }
end

describe("progress", function()
  local states, shown
  local now = 1000 -- seconds on the clock that it looks at

  local monotonic = clock.monotonic

  setup(function()
    clock.monotonic = function()
      return now
    end
  end)
  teardown(function()
    clock.monotonic = monotonic
  end)

  local function pass(seconds)
    now = now + seconds
  end

  before_each(function()
    states = {}
    shown = progress.new(JOB, function(state)
      states[#states + 1] = state
      return "returned"
    end)
  end)

  it("is shown at the end, whenever that is", function()
    pass(0.001)
    assert.equal("returned", shown:show(upload { accepted = 7, rejected = 2, unknown = 1 }, true))
    local state = states[1]
    assert.same({ 10, 10, "purchase", 7, 2, 1, 0, 0 }, {
      state.done, state.total, state.noun, state.accepted, state.rejected, state.unknown, state.pending,
      state.in_flight,
    })
    assert.is_true(state.elapsed >= 0 and state.rate > 0)
    assert.equal(0, state.remaining)
  end)

  it("is shown soon when something happened, and seldom when nothing did", function()
    assert.is_nil(shown:show(upload { accepted = 1 }))
    pass(0.12)
    assert.equal("returned", shown:show(upload { accepted = 2, in_flight = 3 }))
    assert.is_nil(shown:show(upload { accepted = 3 }))
    pass(0.12)
    assert.is_nil(shown:show(upload { accepted = 2 }))
    assert.equal("returned", shown:show(upload { accepted = 3 }))
    assert.equal(2, #states)
    assert.same({ 2, 8, 3 }, { states[1].done, states[1].pending, states[1].in_flight })
    pass(1)
    assert.equal("returned", shown:show(upload { accepted = 3 }))
  end)

  it("needs nobody who looks", function()
    assert.is_nil(progress.new(JOB, nil):show(upload {}, true))
  end)

  it("guesses no time before anything is done", function()
    shown:show(upload { in_flight = 4 }, true)
    assert.is_nil(states[1].remaining)
    assert.equal("0 of 10 purchases, 4 in flight, 0.0/s", tostring(states[1]))
  end)

  it("is one line, and says what went wrong", function()
    pass(0.05)
    shown:show(upload { accepted = 4, rejected = 2, unknown = 1, in_flight = 3 }, true)
    assert.matches("^7 of 10 purchases, 3 in flight, %d+%.%d/s, 1 s left; 2 rejected; 1 unknown$", tostring(states[1]))
    shown:show(upload { accepted = 10 }, true)
    assert.matches("^10 of 10 purchases, 0 in flight, %d+%.%d/s, 0 s left$", tostring(states[2]))
  end)
end)
