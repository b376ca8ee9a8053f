-- What goes wrong, and what must come of it: end to end, through a Ravenwits client. The numbers are those of
-- the list of faults that the design goes by.
local common = require "spec.support.common"
local errors = require "purchases.error"
local faults = require "spec.support.faults"
local load = require "spec.support.load"
local purchases = require "purchases"
local shell = require "purchases.sandbox.shell"
local socket = require "socket"
local support = require "spec.support.sandbox"

local merge, elapsed, soon = common.merge, common.elapsed, common.soon

local ID = "00000000-0000-4000-8000-000000000000"
local TOKEN = "s3cret-t0ken"
local HERE = debug.getinfo(1, "S").source:match "^@(.-)[^/]*$"

-- The client of a fault server's scenario, on one of its ports.
local function client(scenario, fields, listener)
  return purchases.ravenwits.new(merge({
    user = "u", token = TOKEN, base_url = faults.url(scenario, listener), ca_file = faults.ca_file(), timeout = 10,
    retry = { attempts = 3, base = 0.001 },
  }, fields or {}))
end

local function submit(c, rows)
  local value, err = c:submit(load.series(rows or 2), { retailer_id = "1" })
  assert.is_nil(value)
  assert.is_true(errors.is(err))
  assert.is_nil(tostring(err):find(TOKEN, 1, true))
  return err
end

local function job(c, batches, opts)
  return assert(c:submit_all(load.series(2 * batches), merge({ retailer_id = "1", batch = 2 }, opts or {})))
end

local function counts(report)
  return { report.accepted, report.rejected, report.unknown, report.pending }
end

-- A submit that ends in doubt: once there, and no more.
local function is_unknown(scenario, fields, listener)
  local err = submit(client(scenario, fields, listener), 96)
  local count = faults.count(scenario:match "^[^/]+")
  assert.same({ "unknown", 1, 1, false }, { err.outcome, err.attempts, count.requests + count.partial, err.retryable },
    scenario)
  return err
end

describe("fault", function()
  setup(faults.start)
  teardown(faults.stop)
  before_each(faults.reset)

  for _, scenario in ipairs { "reset-mid-upload", "close-mid-upload", "reset-after-body", "close-after-body" } do
    it("1, " .. scenario .. ": a submit becomes unknown, and was sent once", function()
      -- Whoever reads no more and keeps the connection is waited for no longer than allowed.
      local err = is_unknown(scenario, { timeout = 1 })
      assert.same({ "transport", "maybe" }, { err.kind, err.sent })
    end)
  end

  it("1, in a job: each batch is sent once, and reported", function()
    local report = job(client("reset-after-body", { concurrency = 4 }), 12)
    assert.same({ 0, 0, 12, 0 }, counts(report))
    local count = faults.count "reset-after-body"
    assert.same({ 12, 1 }, { count.requests, count.same_body })
    for i, failure in ipairs(report.failures) do
      assert.same({ i, "unknown", "transport", "maybe" },
        { failure.index, failure.outcome, failure.error.kind, failure.error.sent })
    end
  end)

  for _, listener in ipairs { "http", "tls" } do
    for _, scenario in ipairs { "close-on-reuse", "reset-on-reuse" } do
      it(("2, %s, %s: nothing is repeated unseen"):format(scenario, listener), function()
        local c = client(scenario, { concurrency = 1 }, listener)
        local report = job(c, 2)
        assert.same({ 1, 0, 1, 0 }, counts(report))
        assert.same({ "transport", "maybe", 1 },
          { report.failures[1].error.kind, report.failures[1].error.sent, report.failures[1].error.attempts })
        local count = faults.count(scenario)
        assert.same({ 2, 1, 1 }, { count.requests, count.same_body, count.connections })
      end)
    end
  end

  it("3: half an answer, or one of the wrong length, is no success, and its connection is not used again", function()
    for _, scenario in ipairs { "cut-headers", "cut-body", "length-too-long", "length-too-short",
      "length-twice-different", "left-over" } do
      local report = job(client(scenario, { concurrency = 1 }), 2)
      local count = faults.count(scenario)
      local accepted = scenario == "left-over" and 2 or 0 -- those answers are whole; what follows them is not theirs
      assert.same({ accepted, 0, 2 - accepted, 0, 2, 2 },
        { report.accepted, report.rejected, report.unknown, report.pending, count.requests, count.connections })
    end
  end)

  for _, scenario in ipairs { "trickle/interval=1", "trickle/part=body/interval=1", "hang" } do
    it("4, " .. scenario .. ": the deadline ends it", function()
      local took = elapsed(function()
        assert.same({ "transport", "timeout" }, (function()
          local err = is_unknown(scenario, { timeout = 0.4 })
          return { err.kind, err.code }
        end)())
      end)
      assert.is_true(took > 0.35 and took < soon(1.5), took)
    end)
  end

  it("5: garbage in place of chunks is a clean error", function()
    for _, scenario in ipairs { "chunk-garbage", "chunk-huge", "chunk-unfinished", "chunked-chunked" } do
      assert.equal("transport", is_unknown(scenario).kind)
    end
  end)

  it("6: the answer after interim ones counts, and endless ones end at the deadline", function()
    assert.same({ 2, 0, 0, 0 }, counts(job(client "interim", 2)))
    assert.equal("timeout", is_unknown("endless-1xx", { timeout = 0.3 }).code)
  end)

  for _, status in ipairs { 301, 302, 307, 308 } do
    it("7, " .. status .. ": is not followed, and its target is named", function()
      for _, to in ipairs { "other", "localhost", "tls", "same" } do
        faults.reset()
        local err = submit(client(("redirect/status=%d/to=%s"):format(status, to)))
        assert.same({ "protocol", "redirect", status, "pending", 1 },
          { err.kind, err.code, err.status, err.outcome, err.attempts })
        local host = { other = "to 127.0.0.1:" .. faults.port "other", localhost = "to localhost:",
          tls = "to 127.0.0.1:" .. faults.port "tls", same = "on the same host" }
        assert.matches(host[to], err.message, 1, true)
        assert.equal(0, faults.count("redirected").requests)
        assert.equal(0, faults.count("", { listener = "other" }).authorized)
        assert.equal(1, faults.count("redirect").requests)
      end
    end)
  end

  it("7, in a job: it stops, and no batch goes elsewhere", function()
    local report = job(client("redirect/status=307", { concurrency = 1 }), 3)
    assert.same({ 0, 0, 0, 3 }, counts(report))
    assert.same({ "refused", "redirect" }, { report.stopped, report.error.code })
    assert.same({ 0, 1 }, { faults.count("", { listener = "other" }).accepted, faults.count("redirect").requests })
  end)

  it("35, 408 before the whole body was sent: refused for now, and sent again on a new connection", function()
    local c = client "early/status=408"
    local rows = {} -- of long numbers, since many rows take a collector that never rests two minutes
    for i, row in ipairs(load.rows(10000)) do
      rows[i] = ('{"datetime":"%s","purchase":1.%s1}'):format(row.datetime, ("0"):rep(500))
    end
    local series = assert(purchases.series.decode("[" .. table.concat(rows, ",") .. "]"))
    local _, err = c:submit(series, { retailer_id = "1" })
    assert.same({ "api", 408, "pending", 3, true },
      { err.kind, err.status, err.outcome, err.attempts, err.retryable })
    assert.equal(3, faults.count("early").connections)
  end)

  for _, scenario in ipairs { "gzip-bomb/size=268435456", "many-headers", "long-header", "huge-body",
    "huge-body/framing=chunked" } do
    it("8, " .. scenario .. ": is stopped at the cap", function()
      local err = is_unknown(scenario)
      assert.same({ "transport", "answer_too_large" }, { err.kind, err.code })
      assert.is_true(#(err.body or "") < 10000)
    end)
  end

  local CERTIFICATES = {
    tls_expired = "certificate has expired",
    tls_not_yet = "certificate is not yet valid",
    tls_self_signed = "self%-signed certificate",
    tls_wrong_host = "127%.0%.0%.1",
  }
  for listener, cause in pairs(CERTIFICATES) do
    it("9, " .. listener .. ": nothing is sent, nothing is tried again, and the cause is named", function()
      local err = submit(client("good", {}, listener))
      assert.same({ "transport", "certificate", "no", "tls", "pending", 1 },
        { err.kind, err.code, err.sent, err.phase, err.outcome, err.attempts })
      assert.matches(cause, err.message)
      local report = job(client("good", { concurrency = 1 }, listener), 20)
      assert.same({ "unreachable", "certificate" }, { report.stopped, report.error.code })
      assert.same({ 0, 0, 0, 20 }, counts(report))
      assert.equal(0, faults.count("good").requests)
    end)
  end

  -- One submit with a resolver of ours, so that no name server is asked.
  local CHILD = [[
    local c = require("purchases").ravenwits.new { user = "u", token = "t", base_url = "https://" .. arg[1],
      timeout = 0.5, connect_timeout = 0.3, retry = { attempts = 2, base = 0.001 } }
    local _, err = c:submit({ { datetime = "2025-10-01 00:00", purchase = 1 } }, { retailer_id = "1" })
    local report = c:submit_all({ { datetime = "2025-10-01 00:00", purchase = 1 } }, { retailer_id = "1" })
    io.write(table.concat({ err.code, err.sent, err.phase, err.outcome, report.stopped, report.pending }, " "))
    io.stdout:flush()
    os.exit(0, true)
  ]]

  -- What such a child writes, and how long it takes.
  local function submit_to_host(host)
    local library, script = os.tmpname(), os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write(CHILD)
    file:close()
    assert(shell.run(("cc -shared -fPIC -o %s %s"):format(library, HERE .. "support/resolver.c")))
    local lua, output = rawget(_G, "jit") and "luajit" or "lua5.4", nil
    local took = elapsed(function()
      local pipe = io.popen(('LD_PRELOAD="%s %s" %s %s %s'):format(common.sanitizer(), library, lua, script, host))
      output = pipe:read "*a"
      pipe:close()
    end)
    os.remove(library)
    os.remove(script)
    return output, took
  end

  it("10, a name that is not found: nothing was sent", function()
    assert.equal("name_not_found no dns pending unreachable 1", (submit_to_host "unknown.invalid"))
  end)

  it("10, a resolver that hangs: the deadline is kept, and nobody waits for it at the end", function()
    local output, took = submit_to_host "slow.invalid"
    assert.equal("timeout no dns pending unreachable 1", output)
    assert.is_true(took > 0.8 and took < soon(5), took)
  end)

  it("11: a proxy that refuses is told from the API, and gets no credentials", function()
    for _, name in ipairs { "proxy_407", "proxy_403" } do
      local err = submit(client("good", { proxy = faults.url(nil, name) }))
      assert.same({ "transport", "proxy_refused", "no", "pending", 1 },
        { err.kind, err.code, err.sent, err.outcome, err.attempts })
      assert.equal(0, faults.count("", { listener = name }).authorized)
    end
    assert.equal(0, faults.count("good").requests)
  end)

  local UNREADABLE = { "html/status=201", "html", "empty/status=201", "empty", "no-content", "cut-json", "wrong-rows",
    "wrong-rows/by=1", "wrong-id", "wrong-shape", "wrong-shape/json=null", "wrong-shape/json={}" }
  for _, scenario in ipairs(UNREADABLE) do
    it("16, " .. scenario .. ": is never taken for a success", function()
      local err = is_unknown(scenario)
      assert.same({ "protocol", "unexpected_answer" }, { err.kind, err.code })
      assert.same({ 0, 0, 2, 0 }, counts(job(client(scenario), 2)))
    end)
  end

  local CONTROL = { "\r\nX-Forged: yes", "\n", "\r", "\0", "\1", "\127" }

  it("28, control characters: are refused before anything is sent", function()
    for _, control in ipairs(CONTROL) do
      for _, name in ipairs { "token", "user_agent", "base_url", "proxy", "ca_file", "password" } do
        assert.error_matches(function()
          client("good", { [name] = "a" .. control })
        end, name == "base_url" and "must be http(s)" or "control character", 1, true)
      end
      local bad = "a" .. control .. "b"
      assert.equal("invalid_identifier", submit(client("good", { user = bad })).code)
      for _, call in ipairs {
        function(c) return c:get(bad) end,
        function(c) return c:get(ID, { idmodel = bad }) end,
        function(c) return c:wait(bad) end,
        function(c) return c:update(bad, { status = "completed", outputs = {} }) end,
        function(c) return c:strategies { retailer_id = bad } end,
        function(c) return c:submit(load.series(1), { retailer_id = bad }) end,
      } do
        local value, err = call(client "good")
        assert.same({ nil, "validation", "invalid_identifier" }, { value, err.kind, err.code })
      end
    end
    assert.same({ 0, 0 }, { faults.count("good").requests, faults.count("good").connections })
  end)

  it("28, what would change the path: is encoded", function()
    for given, encoded in pairs {
      ["../../admin"] = "..%2F..%2Fadmin", ["a%2Fb"] = "a%252Fb", ["a?b=c"] = "a%3Fb%3Dc", ["a#b"] = "a%23b",
      ["a&b"] = "a%26b", [" "] = "%20", ["ñ"] = "%C3%B1", ["a;b"] = "a%3Bb", ["\\\\"] = "%5C%5C",
    } do
      local c = client("good", { user = given })
      assert(c:get(given, { idmodel = given }))
      assert.equal(("/good/api/v0/user/%s/purchase/%s/get?idmodel=%s"):format(encoded, encoded, encoded),
        faults.count("good").target)
      assert(c:submit(load.series(1), { retailer_id = given }))
      assert.equal(("/good/api/v0/user/%s/submit-purchase?retailer_id=%s"):format(encoded, encoded),
        faults.count("good").target)
    end
    for _, dots in ipairs { ".", ".." } do
      assert.equal("invalid_identifier", select(2, client("good"):get(dots)).code)
    end
  end)

  it("31: a folded header, and a first one that looks like the second line of one, end no process", function()
    for _, scenario in ipairs { "folded-header", "folded-header/blank=1", "folded-header", "folded-header/blank=1" } do
      local report = job(client(scenario, { concurrency = 2 }), 4)
      assert.equal(4, report.accepted + report.unknown)
    end
  end)

  for _, scenario in ipairs { "gzip-cut", "gzip-cut/cut=1", "gzip-twice", "gzip-wrong/encoding=deflate" } do
    it("38, " .. scenario .. ": is never taken for a success", function()
      local err = is_unknown(scenario)
      assert.same({ "transport", "invalid_answer", "yes" }, { err.kind, err.code, err.sent })
      assert.matches("the answer's body cannot be unpacked whole", err.message)
    end)
  end

  it("41: who is held up for longer than the time-out gets the answers that have come", function()
    -- Some are always in flight, since they leave one after the other.
    local c = client("delay/interval=0.2", { timeout = 1, concurrency = 8, rate = 1200 })
    local receipts = 0
    local report = job(c, 28, {
      on_receipt = function()
        receipts = receipts + 1
        socket.sleep(receipts % 10 == 1 and 1.4 or 0)
      end,
    })
    assert.same({ 28, 0, 0, 0 }, counts(report))
    assert.equal(28, faults.count("delay").requests)
  end)
end)

describe("fault", function()
  local sandbox

  setup(function()
    sandbox = support.start { tls = true, nginx = { keepalive_requests = 5 } }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function made(fields)
    return purchases.ravenwits.new(merge({
      user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url, retry = { attempts = 3, base = 0.001 },
    }, fields or {}))
  end

  local function received()
    local most, purchases_ = 0, sandbox:audit().purchases
    for _, purchase in ipairs(purchases_) do
      most = math.max(most, purchase.received)
    end
    return { #purchases_, math.floor(most) }
  end

  -- How long a client would wait after a 429 with this Retry-After: the wait is broken off and its length told.
  local function planned_wait(retry_after)
    sandbox:fault { path = "submit", status = 429, headers = { ["Retry-After"] = retry_after } }
    local planned
    local c = made {
      timeout = 10000,
      wait = function(pool, seconds)
        planned = seconds > 5 and seconds or nil
        if planned then
          error "long enough"
        end
        pool:poll(seconds)
      end,
    }
    local ok, receipt = pcall(c.submit, c, load.series(2), { retailer_id = "1" })
    assert.equal(planned == nil, ok and receipt ~= nil)
    return planned and math.floor(planned + 0.5) or 0
  end

  local function http_date(seconds)
    return os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + seconds)
  end

  it("12: the server's time counts, up to 15 minutes, and then the purchase is accepted", function()
    for given, expected in pairs { ["0"] = 0, ["120"] = 120, ["900"] = 900, ["901"] = 900, ["315360000"] = 900,
      soon = 0, ["-5"] = 0, ["1e3"] = 0, [http_date(-3600)] = 0, [http_date(86400 * 3650)] = 900 } do
      sandbox:reset()
      assert.equal(expected, planned_wait(given), given)
      assert.same({ expected == 0 and 1 or 0, expected == 0 and 1 or 0 }, received())
    end
    assert.near(120, planned_wait(http_date(120)), 2)
    sandbox:reset()
    assert.equal(0, planned_wait(nil))
  end)

  it("12, in a job: all wait, and all are accepted once", function()
    sandbox:fault { path = "submit", status = 429, rate = 0.3, seed = 7 }
    local report = job(made { concurrency = 4, retry = { attempts = 20, base = 0.001 } }, 30)
    assert.same({ 30, 0, 0, 0 }, counts(report))
    assert.same({ 30, 1 }, received())
    assert.is_true(sandbox:audit().counts.faults > 3)
  end)

  for _, status in ipairs { 500, 503, 504 } do
    it("13, " .. status .. " and then success: one effect, or unknown", function()
      for effect, arrived in pairs { none = 0, applied = 1 } do
        sandbox:reset()
        sandbox:fault { path = "submit", status = status, effect = effect }
        local err = submit(made())
        assert.same({ "api", status, "unknown", 1 }, { err.kind, err.status, err.outcome, err.attempts })
        assert.same({ arrived, arrived }, received())
      end
      local c = made()
      local id = assert(c:submit(load.series(2), { retailer_id = "2" })).id
      sandbox:fault { path = "update", status = status, effect = "applied", times = 2 }
      sandbox:fault { path = "/get", status = status, times = 2 }
      assert(c:update(id, { status = "failed", error = "no prices", outputs = {} }))
      assert.equal("no prices", assert(c:get(id)).error)
    end)
  end

  it("13, in a job: what is in doubt is reported, and nothing arrives twice", function()
    sandbox:fault { path = "submit", status = 503, effect = "applied", rate = 0.2, seed = 3 }
    sandbox:fault { path = "submit", status = 500, effect = "none", rate = 0.2, seed = 4 }
    local report = job(made { concurrency = 8 }, 60)
    assert.equal(60, report.accepted + report.unknown)
    assert.is_true(report.unknown > 3 and report.accepted > 10)
    local all = received()
    assert.equal(1, all[2])
    assert.is_true(all[1] >= report.accepted and all[1] <= 60)
    assert.equal(60, sandbox:audit().counts.requests)
  end)

  local PASSWORD = { email = "demo@example.com", password = "sandbox-password" }

  it("14: one login for all in flight, and every batch once", function()
    sandbox:fault { path = "submit", status = 401, skip = 20, expire_tokens = true }
    local report = job(made(merge(PASSWORD, { concurrency = 8 })), 50)
    assert.same({ 50, 0, 0, 0 }, counts(report))
    assert.same({ 50, 1 }, received())
    local logins = 0
    for _, request in ipairs(sandbox:audit().requests) do
      logins = logins + (request.path:find("login", 1, true) and 1 or 0)
    end
    assert.equal(1, logins)
  end)

  it("14, refused again after the login: it stops, and what was done stays done", function()
    sandbox:fault { path = "submit", status = 401, skip = 20, times = 1000 }
    local report = job(made(merge(PASSWORD, { concurrency = 8 })), 50)
    assert.same({ 20, 0, 0, 30 }, counts(report))
    assert.same({ "auth", 20 }, { report.stopped, #report.receipts })
    assert.same({ 20, 1 }, received())
  end)

  it("29: secrets are in no error, report or progress line", function()
    local lines = {}
    local function note(progress)
      lines[#lines + 1] = tostring(progress)
    end
    local echo = '{"error":"sandbox-token, Bearer sandbox-token, password sandbox-password"}'
    for _, status in ipairs { 200, 400, 401, 500 } do
      sandbox:fault { path = "submit", status = status, body = echo, headers = { ["X-Request-Id"] = "sandbox-token" } }
    end
    sandbox:fault { path = "login", status = 401, body = echo }
    local report = job(made(merge(PASSWORD, { concurrency = 1 })), 6, { on_progress = note })
    local function check(value, seen)
      if type(value) == "table" and not seen[value] then
        seen[value] = true
        for name, field in pairs(value) do
          check(name, seen)
          check(field, seen)
        end
      end
      assert.not_matches("sandbox%-[tp]", tostring(value))
    end
    check(report, {})
    check(lines, {})
    assert.equal(3, #report.failures)
    assert.truthy(report.failures[2].error.message:find("***", 1, true))
  end)

  it("29, a proxy's password: is in no error", function()
    local c = made { proxy = "http://me:s3cret-pr0xy@127.0.0.1:1", retry = { attempts = 1 } }
    local err = submit(c)
    assert.same({ "transport", "no" }, { err.kind, err.sent })
    assert.not_matches("s3cret%-pr0xy", tostring(err) .. err.message .. tostring(c))
  end)

  -- Its server also speaks HTTP/2, where such an end is a GOAWAY: the requests it refuses could not be told from
  -- those that may have been carried out.
  for _, scheme in ipairs { "http", "https" } do
    it("2, connections that are closed in good order after five requests, " .. scheme .. ": no doubt", function()
      local url = scheme == "https" and sandbox.tls_url or sandbox.url
      local report = job(made { base_url = url, ca_file = sandbox.ca_file, concurrency = 8 }, 50)
      assert.same({ 50, 0, 0, 0 }, counts(report))
      assert.same({ 50, 1 }, received())
    end)
  end
end)
