-- A client whose requests go through a function of the caller's own.
local common = require "spec.support.common"
local http = require "socket.http"
local load = require "spec.support.load"
local ltn12 = require "ltn12"
local purchases = require "purchases"
local support = require "spec.support.sandbox"

local ID = "00000000-0000-4000-8000-000000000000"
local RETAILER = { retailer_id = "1" }

local function half()
  return 0.5
end

-- A transport over LuaSocket; notes what it is given.
local function over_luasocket(seen)
  return {
    request = function(req, deadline)
      seen[#seen + 1] = { req = req, left = deadline - purchases.monotonic() }
      local headers, chunks = common.merge(req.headers), {}
      headers["Content-Length"] = req.body and #req.body
      local ok, status, got = http.request {
        url = req.url, method = req.method, headers = headers, redirect = false,
        source = req.body and ltn12.source.string(req.body), sink = ltn12.sink.table(chunks),
      }
      if not ok then
        return nil, status
      end
      return { status = status, headers = got, body = table.concat(chunks) }
    end,
  }
end

describe("a transport of the caller's own", function()
  local sandbox, seen

  setup(function()
    sandbox = support.start { pending_seconds = 0, in_progress_seconds = 0 }
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
    seen = {}
  end)

  local function client(transport, fields)
    return purchases.ravenwits.new(common.merge({
      user = "trebolenergia", token = support.TOKEN, base_url = sandbox.url,
      retry = { attempts = 3, base = 0.001, random = half }, transport = transport or over_luasocket(seen),
    }, fields or {}))
  end

  -- A client whose transport does nothing but this.
  local function with(request, fields)
    return client({ request = request }, fields)
  end

  local function submit(c)
    return c:submit(load.series(2), RETAILER)
  end

  it("carries calls", function()
    local receipt = assert(submit(client()))
    assert.equal("completed", assert(client():wait(receipt.id)).status)
    local purchased = sandbox:audit().purchases
    assert.same({ 1, receipt.id, 1 }, { #purchased, purchased[1].id, purchased[1].received })
  end)

  it("carries jobs, one request after another", function()
    local most = 0
    local report = assert(client():submit_all(load.series(20), { retailer_id = "1", batch = 2,
      on_progress = function(progress)
        most = math.max(most, progress.in_flight)
      end }))
    assert.same({ 10, 0, 0, 0 }, { report.accepted, report.rejected, report.unknown, report.pending })
    assert.is_true(most <= 1)
    assert.same({ 10, 10 }, { #seen, sandbox:audit().counts.distinct })
  end)

  it("may answer as much as it likes: a report keeps little of it", function()
    local refusal = '{"error":"' .. ("x"):rep(900000) .. '"}'
    local function remaining()
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local function report_of(rows)
      return assert(with(function()
        return { status = 400, headers = {}, body = refusal .. (" "):rep(100000) }
      end):submit_all(load.series(rows), { retailer_id = "1", batch = 2 }))
    end
    report_of(2)
    local before = remaining()
    local report = report_of(62)
    assert.is_true(remaining() - before < 2000, remaining() - before)
    assert.equal(31, #report.failures)
    assert.equal(4000, #report.failures[1].error.message)
  end)

  it("carries logins", function()
    local c = client(nil, { email = "demo@example.com", password = "sandbox-password" })
    c.session.token = "an old one"
    assert(submit(c))
    assert.equal(3, #seen)
    assert.matches("/login/$", seen[2].req.url)
  end)

  it("gets what the pool would get, and how long it may take", function()
    assert(submit(client(nil, { timeout = 7, connect_timeout = 3, ca_file = "some.pem" })))
    local req, left = seen[1].req, seen[1].left
    assert.same({ "POST", sandbox.url .. "/api/v0/user/trebolenergia/submit-purchase?retailer_id=1", false },
      { req.method, req.url, req.idempotent })
    assert.same({ 3, "some.pem", load.series(2):encode() }, { req.connect_timeout, req.ca_file, req.body })
    assert.same({ "Bearer sandbox-token", "application/json" },
      { req.headers.Authorization, req.headers["Content-Type"] })
    assert.is_true(req.timeout > 6 and req.timeout <= 7, req.timeout)
    assert.is_true(left > 6 and left <= 7, left)
  end)

  it("may do to the headers what it likes", function()
    local carry, arrived = over_luasocket(seen).request, {}
    local c = with(function(req, deadline)
      arrived[#arrived + 1] = req.headers.Authorization
      local answer, why = carry(req, deadline)
      req.headers.Authorization = nil
      return answer, why
    end)
    assert(submit(c))
    assert(submit(c))
    assert.same({ "Bearer sandbox-token", "Bearer sandbox-token" }, arrived)
  end)

  it("is refused at once when it has no function 'request'", function()
    for _, transport in ipairs { {}, { request = 1 } } do
      assert.error_matches(function()
        client(transport)
      end, "option 'transport' must have a function 'request'", 1, true)
    end
    local ok, message = pcall(client, { request = "x" })
    assert.is_false(ok)
    assert.matches("ravenwits.new: option 'transport' must have a function 'request'", message, 1, true)
  end)

  describe("that fails", function()
    local function failure(request)
      local value, err = submit(with(request))
      assert.is_nil(value)
      return err
    end

    it("by an error or an answer that raises when it is read is a clear error, too", function()
      local function raises()
        error("not to be read", 0)
      end
      local unreadable = setmetatable({}, { __index = raises, __tostring = raises })
      local noun = "option 'transport': its answer must have fields that can be read"
      for message, answers in pairs {
        ["option 'transport' raised: a value of type table that has no text"] = function()
          error(unreadable, 0)
        end,
        [noun] = function()
          return unreadable
        end,
        [noun .. " "] = function()
          return nil, unreadable
        end,
      } do
        local err = failure(answers)
        assert.same({ "maybe", "unknown" }, { err.sent, err.outcome })
        assert.matches(message:gsub(" $", ""), err.message, 1, true)
      end
      local headers = setmetatable({}, { __pairs = raises })
      if not pcall(pairs, headers) then -- where __pairs is heeded
        local err = failure(function()
          return { status = 201, headers = headers, body = "{}" }
        end)
        assert.matches(noun, err.message, 1, true)
      end
    end)

    it("by raising is a clear error; the purchase may have arrived", function()
      local err = failure(function()
        error("no more sockets for Bearer " .. support.TOKEN, 0)
      end)
      assert.same({ "transport", "transport_raised", "maybe", "unknown", 1 },
        { err.kind, err.code, err.sent, err.outcome, err.attempts })
      assert.equal("ravenwits submit: option 'transport' raised: no more sockets for Bearer *** "
        .. "(transport, it may have arrived)", tostring(err))
    end)

    it("with a text is an error with that text", function()
      local err = failure(function()
        return nil, "no route"
      end)
      assert.same({ "transport_failed", "no route", "maybe", "unknown" },
        { err.code, err.message, err.sent, err.outcome })
    end)

    it("without a word is an error all the same", function()
      local err = failure(function() end)
      assert.same({ "transport_failed", "option 'transport' gave neither an answer nor a reason", "maybe" },
        { err.code, err.message, err.sent })
    end)

    it("before anything was sent is tried again", function()
      local tries = 0
      local err = failure(function()
        tries = tries + 1
        return nil, { sent = "no", phase = "connect", code = "cannot_connect", message = "refused" }
      end)
      assert.same({ 3, "no", "connect", "cannot_connect", "refused", "pending" },
        { tries, err.sent, err.phase, err.code, err.message, err.outcome })
    end)

    it("after all was sent is not, but for what may be repeated", function()
      local tries = 0
      local function request()
        tries = tries + 1
        return nil, { sent = "yes", code = "timeout" }
      end
      local err = failure(request)
      assert.same({ 1, "yes", "unknown", "timeout" }, { tries, err.sent, err.outcome, err.message })
      select(2, with(request):get(ID))
      assert.equal(4, tries)
    end)

    it("leaves the rest of a job as it would without it", function()
      local tries = 0
      local c = with(function()
        tries = tries + 1
        return nil, { sent = "no", code = "cannot_connect", message = "refused" }
      end)
      local report = assert(c:submit_all(load.series(8), { retailer_id = "1", batch = 2, concurrency = 1 }))
      assert.same({ 0, 4, "unreachable", 3 }, { report.accepted, report.pending, report.stopped, tries })
    end)
  end)

  describe("that answers with nonsense", function()
    for what, answer in pairs {
      ["a text"] = "200 OK",
      ["no status"] = { body = "{}" },
      ["a status that is a text"] = { status = "200", body = "{}" },
      ["a status that is none"] = { status = 99 },
      ["half a status"] = { status = 200.5 },
      ["a body that is no text"] = { status = 201, body = {} },
      ["headers that are a text"] = { status = 201, body = "{}", headers = "Server: x" },
      ["headers in a list"] = { status = 201, body = "{}", headers = { "Server: x" } },
      ["a header that is no text"] = { status = 201, body = "{}", headers = { server = true } },
    } do
      it("is told so, and not asked again: " .. what, function()
        local tries = 0
        local _, err = with(function()
          tries = tries + 1
          return answer
        end):get(ID)
        assert.same({ "transport", "malformed_answer", "maybe", 1 }, { err.kind, err.code, err.sent, tries })
        assert.matches("^option 'transport': its answer must have ", err.message)
      end)
    end
  end)

  describe("has answers", function()
    local function answering(fields)
      return with(function()
        return common.merge({ status = 503, body = '{"error":"later"}' }, fields)
      end, { retry = { attempts = 1 } })
    end

    it("whose headers may be spelled in any way, and come more than once", function()
      local _, err = answering({ headers = { ["X-Request-ID"] = { "a", "b" }, ["Content-Length"] = 17 } }):get(ID)
      assert.same({ "a, b", 503 }, { err.request_id, err.status })
    end)

    it("without headers and body", function()
      local _, err = with(function()
        return { status = 204 }
      end):get(ID)
      assert.same({ "protocol", 204 }, { err.kind, err.status })
    end)

    it("which are waited for by Retry-After, too", function()
      local tries = 0
      local took = common.elapsed(function()
        with(function()
          tries = tries + 1
          return { status = 429, headers = { ["Retry-After"] = "1" }, body = "" }
        end, { retry = { attempts = 2, base = 0.001 } }):get(ID)
      end)
      assert.equal(2, tries)
      assert.is_true(took >= 1, took)
    end)
  end)
end)
