local errors = require "purchases.error"
local retry = require "purchases.call.retry"

local function transport(sent, code)
  return errors.new { kind = "transport", code = code or "connection_lost", message = "m", sent = sent }
end

local function api(status, fields)
  local err = errors.new { kind = "api", code = "http_" .. status, message = "m", status = status }
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  return err
end

local AUTH = errors.new { kind = "auth", code = "http_401", message = "m", status = 401 }
local VALIDATION = errors.new { kind = "validation", code = "x", message = "m" }

local function protocol(status, code)
  return errors.new { kind = "protocol", code = code or "unexpected_answer", message = "m", status = status }
end

describe("what a failure means for a repeat", function()
  local cases = {
    { "unsent", transport "no" },
    { "unsent", transport("no", "timeout") },
    { "maybe", transport "maybe" },
    { "maybe", transport "yes" },
    { "maybe", errors.new { kind = "transport", code = "x", message = "m" } },
    { "refused", AUTH },
    { "refused", api(429) },
    { "final", VALIDATION },
    { "refused", api(421) },
    { "refused", api(425) },
    { "refused", api(408, { unfinished = true }) },
    { "maybe", api(408) }, -- gateways say so of a server that is late
    { "final", api(400, { final = true }) },
    { "final", api(422, { final = true }) },
    { "final", api(404, { absent = true }) },
    { "astray", api(400) },
    { "astray", api(403) },
    { "astray", api(404) },
    { "astray", api(405) },
    { "astray", api(407) },
    { "astray", api(409) },
    { "astray", api(422) },
    { "astray", api(499) },
    { "maybe", api(500) },
    { "maybe", api(502) },
    { "maybe", api(503) },
    { "maybe", api(504) },
    { "maybe", api(600) },
    { "final", api(500, { final = true }) },
    { "maybe", protocol(200) },
    { "maybe", protocol(201) },
    { "astray", protocol(301, "redirect") },
    { "astray", protocol(302, "redirect") },
    { "astray", protocol(307, "redirect") },
    { "astray", protocol(308, "redirect") },
    { "maybe", protocol(303, "redirect") }, -- "see other" answers what was carried out
  }
  for _, case in ipairs(cases) do
    local err = case[2]
    it(("%s: %s %s %s"):format(case[1], err.kind, err.code, tostring(err.sent or err.status)), function()
      assert.equal(case[1], retry.fate(err))
    end)
  end
end)

describe("the decision", function()
  local draws

  local function policy(fields)
    draws = 0
    fields = fields or {}
    fields.random = function()
      draws = draws + 1
      return 0.5
    end
    return retry.policy(fields)
  end

  local function decide(attempt, err, fields, opts)
    local outcome = { err = err, repeatable = true }
    for name, value in pairs(fields or {}) do
      outcome[name] = value
    end
    return { retry.decide(policy(opts), attempt, outcome) }
  end

  it("is to repeat what never arrived, whether it may be repeated or not", function()
    assert.same({ "wait", 0.25 }, decide(1, transport "no"))
    assert.same({ "wait", 0.25 }, decide(1, transport "no", { repeatable = false }))
    assert.same({ "wait", 0.25 }, decide(1, api(429), { repeatable = false }))
  end)

  it("is to repeat what may have arrived only where that does no harm", function()
    for _, err in ipairs { transport "maybe", transport "yes", api(500), api(503), protocol(200) } do
      assert.same({ "wait", 0.25 }, decide(1, err))
      assert.same({ "ask" }, decide(1, err, { repeatable = false }))
      assert.same({ "ask" }, decide(9, err, { repeatable = false }))
    end
  end)

  it("is to stop where the answer is final, or a repeat changes nothing", function()
    for _, err in ipairs { AUTH, VALIDATION, api(400, { final = true }), api(500, { final = true }) } do
      assert.same({ "stop" }, decide(1, err))
    end
    for _, code in ipairs { "certificate", "ca_file", "proxy_refused", "invalid_request", "forked", "closed" } do
      assert.same({ "stop" }, decide(1, transport("no", code)))
    end
    assert.same({ "stop" }, decide(1, protocol(200, "unusable_token")))
    assert.same({ "stop" }, decide(1, api(201, { code = "purchase_failed" })))
  end)

  it("is to repeat what got an answer that is not about it once, and on while it may have arrived", function()
    for _, err in ipairs { api(400), api(404), api(405), protocol(302, "redirect") } do
      assert.same({ "wait", 0.25 }, decide(1, err, { astray = 1 }))
      assert.same({ "stop" }, decide(2, err, { astray = 2 }))
      assert.same({ "wait", 0.5 }, decide(2, err, { astray = 2, maybe = true }))
      assert.same({ "stop" }, decide(5, err, { astray = 2, maybe = true }))
      assert.same({ "stop" }, decide(1, err, { astray = 1, repeatable = false }))
    end
  end)

  it("is to stop after so many attempts", function()
    assert.equal("wait", decide(4, transport "no")[1])
    assert.same({ "stop" }, decide(5, transport "no"))
    assert.same({ "stop" }, decide(1, transport "no", {}, { attempts = 1 }))
    assert.equal("wait", decide(1, transport "no", {}, { attempts = 2 })[1])
  end)

  it("waits for a random time below a bound that doubles up to a cap", function()
    local waits = {}
    for attempt = 1, 10 do
      waits[attempt] = decide(attempt, transport "no", {}, { attempts = 99 })[2]
      assert.equal(1, draws)
    end
    assert.same({ 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30 }, waits)
    assert.same({ "wait", 0.05 }, decide(1, transport "no", {}, { base = 0.1 }))
    assert.same({ "wait", 1 }, decide(9, transport "no", {}, { attempts = 99, cap = 2 }))
  end)

  it("waits as long as the server asks, if that is longer", function()
    assert.same({ "wait", 7 }, decide(1, api(429), { retry_after = 7 }))
    assert.same({ "wait", 7 }, decide(1, api(503), { retry_after = 7 }))
    assert.same({ "wait", 0.25 }, decide(1, api(429), { retry_after = 0 }))
    assert.same({ "wait", 0.25 }, decide(1, api(429), { retry_after = 0.1 }))
    assert.same({ "wait", 900 }, decide(1, api(429), { retry_after = 1e9 }))
    assert.same({ "wait", 90 }, decide(1, api(429), { retry_after = 90 }, { cap = 60 }))
  end)

  it("draws from the whole range, anew each time", function()
    local default, least, most, seen = retry.policy(), 1, 0, {}
    for _ = 1, 1000 do
      local _, seconds = retry.decide(default, 1, { err = transport "no", repeatable = true })
      least, most = math.min(least, seconds), math.max(most, seconds)
      seen[seconds] = true
    end
    local distinct = 0
    for _ in pairs(seen) do
      distinct = distinct + 1
    end
    assert.is_true(least >= 0 and least < 0.05 and most > 0.45 and most < 0.5 and distinct > 900)
  end)

  it("checks its policy", function()
    assert.error_matches(function()
      retry.policy { attempts = 0 }
    end, "option 'attempts' must be a whole number above 0", 1, true)
    assert.error_matches(function()
      retry.policy { attempts = 1.5 }
    end, "option 'attempts' must be a whole number above 0", 1, true)
    assert.error_matches(function()
      retry.policy { tries = 1 }
    end, "unknown option 'tries'", 1, true)
    local _, message = pcall(function()
      local made = retry.policy { base = "1" }
      return made
    end)
    assert.matches("retry_spec.lua:%d+: retry: option 'base' must be a number, not string$", message)
  end)
end)

describe("Retry-After", function()
  local function after(text, date)
    return retry.after { ["retry-after"] = text, date = date }
  end

  it("may be missing", function()
    assert.is_nil(after(nil))
    assert.is_nil(after(nil, "Sun, 06 Nov 1994 08:49:37 GMT"))
  end)

  it("in seconds", function()
    assert.equal(0, after "0")
    assert.equal(7, after "7")
    assert.equal(120, after " 120 ")
    assert.equal(900, after "900")
  end)

  it("is never longer than 15 minutes", function()
    assert.equal(900, after "901")
    assert.equal(900, after "315360000") -- ten years
    assert.equal(900, after(("9"):rep(40)))
    assert.equal(901, retry.wanted { ["retry-after"] = "901" }) -- which the server asks for none the less
    assert.is_nil(retry.wanted {})
    assert.equal(900, after("Sun, 06 Nov 2004 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"))
  end)

  it("as a date, against the answer's own date and not our clock", function()
    assert.equal(23, after("Sun, 06 Nov 1994 08:50:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(60, after("Thu, 01 Jan 2099 00:00:30 GMT", "Wed, 31 Dec 2098 23:59:30 GMT"))
    assert.equal(1, after("Wed, 01 Mar 2000 00:00:00 GMT", "Tue, 29 Feb 2000 23:59:59 GMT"))
  end)

  it("as a date in the past means now", function()
    assert.equal(0, after("Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(0, after("Sun, 06 Nov 1984 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"))
  end)

  it("as a date means nothing without the answer's own", function()
    assert.is_nil(after "Sun, 06 Nov 2094 08:49:37 GMT")
    assert.is_nil(after("Sun, 06 Nov 2094 08:49:37 GMT", "garbage"))
  end)

  it("means nothing where it is garbage", function()
    for _, text in ipairs {
      "", "soon", "-5", "1.5", "1e3", "0x10", "5 seconds", "5, 6", "nan", "inf",
      "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z",
    } do
      assert.is_nil(after(text, "Sun, 06 Nov 1994 08:49:37 GMT"), text)
    end
  end)
end)

describe("the budget of retries", function()
  local function spend(budget, err)
    local count = 0
    while budget:spend(err) do
      count = count + 1
    end
    return count
  end

  it("is enough for a hundred, or for fifty after time-outs", function()
    assert.equal(100, spend(retry.budget(), transport "no"))
    assert.equal(50, spend(retry.budget(), transport("no", "timeout")))
  end)

  it("is given back by a success as far as it took it, and a little by every other", function()
    local budget = retry.budget()
    spend(budget, transport "no")
    assert.is_false(budget:spend(transport "no"))
    budget:refill(2)
    assert.equal(1, spend(budget, transport "no"))
    budget:refill(4)
    assert.equal(3, spend(budget, transport "no"))
    for _ = 1, 4 do
      budget:refill(1)
    end
    assert.is_false(budget:spend(transport "no"))
    budget:refill(1)
    assert.is_true(budget:spend(transport "no"))
  end)

  it("is never more than at first", function()
    local budget = retry.budget()
    for _ = 1, 1000 do
      budget:refill(5)
    end
    assert.equal(100, spend(budget, transport "no"))
  end)
end)
