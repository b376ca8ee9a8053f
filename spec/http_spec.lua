-- Pools of transfers, as the C core gives them to Lua: against the fault server, and an nginx of our own.
local common = require "spec.support.common"
local socket = require "socket"
local faults = require "spec.support.faults"
local core = require "purchases.core"
require "purchases.net.head" -- gives the core's answers their headers
local certificate = require "purchases.sandbox.certificate"
local nginx = require "purchases.sandbox.nginx"
local shell = require "purchases.sandbox.shell"

local elapsed, soon = common.elapsed, common.soon

local monotonic = core.system.monotonic
local BODY = '{"purchase":[{"datetime":"2024-01-15 14:30","purchase":1}]}'
local SUBMIT = "/api/v0/user/u/submit-purchase?retailer_id=1"
-- Where the library is built with -DPUR_NO_PREREQ, as it is for libcurl before 7.80, each request has a connection
-- of its own; set PUR_NO_PREREQ then.
local keeps = os.getenv "PUR_NO_PREREQ" and pending or it
local UUID = ("%x"):rep(8) .. "%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-" .. ("%x"):rep(12)

-- A POST that must not be repeated, but for the given fields.
local function submit(fields)
  local request = {
    method = "POST", body = BODY, timeout = 5, connect_timeout = 5, proxy = "",
    headers = { Authorization = "Bearer secret-token", ["Content-Type"] = "application/json" },
  }
  for name, value in pairs(fields) do
    request[name] = value
  end
  return request
end

local function get(url)
  return { method = "GET", url = url, idempotent = true, timeout = 5, proxy = "" }
end

-- The next transfer that ends.
local function next_end(pool)
  local deadline = monotonic() + 20
  repeat
    assert(pool:step())
    local id, response, err = pool:take()
    if id then
      return id, response, err
    end
    assert(pool:poll(1))
  until monotonic() > deadline
  error "no transfer ends"
end

-- Lets transfers run until so many requests have arrived whole.
local function step_until_arrived(pool, path, count)
  assert.is_truthy(common.wait_until(function()
    assert(pool:step())
    return faults.count(path).requests == count
  end))
end

-- The server has done all that it does about a request: what it sent late, and how it ended.
local function wait_until_finished(path)
  assert.is_truthy(common.wait_until(function()
    return faults.count(path).finished == 1
  end))
end

local function perform(pool, request)
  local wanted = assert(pool:add(request))
  local id, response, err = next_end(pool)
  assert.equal(wanted, id)
  return response, err
end

local function failure(response, err)
  assert.is_nil(response)
  assert.equal("transport", err.kind)
  assert.is_string(err.message)
  return { err.code, err.sent, err.phase }
end

local function is_receipt(response, err)
  assert.is_nil(err)
  assert.equal(201, response.status)
  assert.matches('^{"id":"' .. UUID .. '"', response.body)
  assert.not_matches("0badf00d", response.body)
end

describe("a pool", function()
  local pool

  setup(faults.start)
  teardown(faults.stop)
  before_each(function()
    faults.reset()
    pool = assert(core.http.new())
  end)
  after_each(function()
    pool:close()
  end)

  local function submit_to(scenario, fields)
    local request = submit(fields or {})
    request.url = faults.url(scenario .. SUBMIT)
    return perform(pool, request)
  end

  describe("knows its transfers", function()
    it("by ids of which none comes twice", function()
      local seen = {}
      for _ = 1, 3 do
        for _ = 1, 4 do
          local id = assert(pool:add(get(faults.url "good/health/")))
          assert.is_nil(seen[id])
          assert.is_true(id > 0 and id % 1 == 0)
          seen[id] = true
        end
        for _ = 1, 4 do
          assert.is_true(seen[next_end(pool)])
        end
      end
    end)

    it("and gives them back in the order in which they ended", function()
      local ids = {}
      for i, interval in ipairs { 0.3, 0.1, 0.2 } do
        ids[i] = assert(pool:add(get(faults.url("delay/interval=" .. interval .. "/health/"))))
      end
      assert.same({ ids[2], ids[3], ids[1] }, { (next_end(pool)), (next_end(pool)), (next_end(pool)) })
      assert.is_nil((pool:take()))
    end)

    it("and keeps what has ended until it is taken", function()
      local ids = { pool:add(get(faults.url "good/health/")), pool:add(get(faults.url "good/health/")) }
      while pool:step() > 0 do
        pool:poll(1)
      end
      local taken = { [pool:take()] = true, [pool:take()] = true }
      assert.is_true(taken[ids[1]] and taken[ids[2]])
      assert.is_nil((pool:take()))
    end)

    it("and counts those that run", function()
      assert.equal(0, pool:step())
      pool:add(get(faults.url "hang/health/"))
      pool:add(get(faults.url "good/health/"))
      assert.equal(2, pool:step())
      next_end(pool)
      assert.equal(1, pool:step())
    end)
  end)

  describe("cancels", function()
    keeps("a transfer that runs, whose connection is not used again", function()
      local id = pool:add(submit { url = faults.url("delay/interval=30" .. SUBMIT) })
      local other = pool:add(submit { url = faults.url("delay/interval=0.5" .. SUBMIT) })
      step_until_arrived(pool, "delay", 2)
      assert.is_true(pool:cancel(id))
      assert.is_false(pool:cancel(id))
      assert.equal(other, (next_end(pool)))
      assert.equal(0, pool:step())
      is_receipt(perform(pool, submit { url = faults.url("delay/interval=0" .. SUBMIT) }))
      assert.is_nil((pool:take()))
      assert.equal(2, faults.count("delay").connections)
    end)

    it("the others as well as the first", function()
      local ids = {}
      for i = 1, 4 do
        local scenario = ("delay/interval=%g"):format(i == 1 and 0.5 or 30)
        ids[i] = assert(pool:add(submit { url = faults.url(scenario .. SUBMIT) }))
      end
      step_until_arrived(pool, "delay", 4)
      assert.is_true(pool:cancel(ids[3]))
      assert.is_true(pool:cancel(ids[4]))
      assert.equal(2, pool:step())
      assert.is_true(pool:cancel(ids[2]))
      assert.equal(1, pool:step())
      assert.equal(ids[1], (next_end(pool)))
    end)

    it("a transfer that has not begun to send, so that the server sees nothing of it", function()
      assert.is_true(pool:cancel((pool:add(submit { url = faults.url("good" .. SUBMIT) }))))
      assert.equal(0, pool:step())
      is_receipt(perform(pool, submit { url = faults.url("good" .. SUBMIT) }))
      assert.equal(1, faults.count("good").requests) -- the second one
    end)

    it("one that has ended and was not taken", function()
      local ids = {}
      for i = 1, 3 do
        ids[i] = pool:add(get(faults.url(("delay/interval=%g/health/"):format(i / 20))))
      end
      while pool:step() > 0 do
        pool:poll(1)
      end
      assert.is_true(pool:cancel(ids[3]))
      assert.is_false(pool:cancel(ids[3]))
      assert.is_true(pool:cancel(ids[1]))
      assert.equal(ids[2], (pool:take()))
      assert.is_nil((pool:take()))
      ids[4] = pool:add(get(faults.url "good/health/"))
      assert.equal(ids[4], (next_end(pool)))
    end)

    it("nothing else", function()
      local id = pool:add(get(faults.url "good/health/"))
      assert.equal(id, (next_end(pool)))
      for _, unknown in ipairs { id, id + 1, 0, -1, 0.5, 1e300, 0 / 0, math.huge } do
        assert.is_false(pool:cancel(unknown))
      end
      id = pool:add(get(faults.url "good/health/"))
      assert.equal(200, select(2, next_end(pool)).status)
      assert.is_false(pool:cancel(id))
    end)
  end)

  describe("ends", function()
    it("with transfers in flight, at once, and more than once", function()
      for _ = 1, 10 do
        pool:add(submit { url = faults.url("hang" .. SUBMIT) })
      end
      pool:step()
      assert.is_true(elapsed(pool.close, pool) < soon(0.5))
      pool:close()
    end)

    keeps("with a transfer in flight on a connection that an earlier one opened", function()
      pool:add(get(faults.url "delay/interval=0.1/health/"))
      pool:add(get(faults.url "delay/interval=0.2/health/"))
      next_end(pool)
      next_end(pool)
      local hang = get(faults.url "hang/health/")
      for _ = 1, 2 do
        pool:add(hang)
      end
      step_until_arrived(pool, "hang", 2)
      assert.is_true(elapsed(pool.close, pool) < soon(0.5))
      assert.equal(2, faults.count("").connections)
    end)

    it("and is then of no use, without harm", function()
      local id = pool:add(get(faults.url "good/health/"))
      pool:close()
      local _, err = pool:add(get(faults.url "good/health/"))
      assert.same({ "transport", "closed", "no" }, { err.kind, err.code, err.sent })
      assert.equal("closed", select(2, pool:step()).code)
      assert.equal("closed", select(2, pool:poll(1)).code)
      assert.is_nil((pool:take()))
      assert.is_false(pool:cancel(id))
    end)

    it("as garbage, with transfers in flight and ended", function()
      for _ = 1, 5 do
        local garbage = core.http.new()
        garbage:add(submit { url = faults.url("hang" .. SUBMIT), body = ("x"):rep(1000000) })
        garbage:add(get(faults.url "good/health/"))
        for _ = 1, 5 do
          garbage:step()
          garbage:poll(0.01)
        end
      end
      collectgarbage()
      collectgarbage()
      is_receipt(submit_to "good")
    end)
  end)

  it("keeps bodies alive while they are on their way", function()
    local function body(seed)
      return ("%08d"):format(seed):rep(500000)
    end
    local ids = {}
    for seed = 1, 4 do
      ids[assert(pool:add(submit { url = faults.url("delay/interval=0.1" .. SUBMIT), body = body(seed) }))] = true
    end
    for _ = 1, 4 do
      assert.equal(4, pool:step())
      collectgarbage()
      collectgarbage()
      local _ = body(9) -- over what was freed
    end
    for _ = 1, 4 do
      local id, response = next_end(pool)
      assert.is_true(ids[id])
      assert.equal(201, response.status)
    end
    for seed = 1, 4 do
      local again = submit { url = faults.url("delay/interval=0" .. SUBMIT), body = body(seed) }
      assert.equal(201, perform(pool, again).status)
    end
    local count = faults.count "delay"
    assert.same({ 8, 2 }, { count.requests, count.same_body })
  end)

  describe("refuses, before it connects", function()
    local function refusal(fields)
      local request = submit { url = faults.url("good" .. SUBMIT, "other") }
      for name, value in pairs(fields) do
        request[name] = value
      end
      local id, err = pool:add(request)
      assert.is_nil(id)
      assert.equal(0, pool:step())
      assert.equal(0, faults.count("", { listener = "other" }).accepted)
      assert.same({ "transport", "no" }, { err.kind, err.sent })
      assert.not_matches("secret", err.message)
      return err.code
    end

    it("a header that would forge another one", function()
      for _, value in ipairs { "a\r\nX: b", "a\nX: b", "a\rX: b", "a\0b", "a\127", "\1" } do
        assert.equal("invalid_request", refusal { headers = { Authorization = "secret" .. value } })
      end
      for _, name in ipairs { "", "A:", "A\r\nB", "A\nB", "A\0", "A: b\r\nC" } do
        assert.equal("invalid_request", refusal { headers = { [name] = "secret" } })
      end
    end)

    it("one that forges what was good before", function()
      perform(pool, submit { url = faults.url("good" .. SUBMIT), headers = { A = "1", B = "2" } })
      assert.equal("invalid_request", refusal { headers = { A = "1\0B: 2" } })
      assert.equal("invalid_request", refusal { headers = { B = "2\0A: 1" } })
    end)

    it("a URL that is not one of ours", function()
      local root = faults.url(nil, "other")
      for _, url in ipairs {
        root, root .. "/a b", root .. "/a\r\nHost: secret", root .. "/\127", root .. "/a#secret",
        root .. "?a=/b", "http:///a", "http://", "", "ftp://127.0.0.1/a", "file:///etc/passwd",
        "HTTP://127.0.0.1/a", "127.0.0.1/a", "http://user:secret@127.0.0.1/a", "http://secret@127.0.0.1/a",
      } do
        assert.equal("invalid_request", refusal { url = url })
      end
    end)

    it("a method that is not one", function()
      for _, method in ipairs { "post", "GET /secret", "GET\r\nX: y", "G-T" } do
        assert.equal("invalid_request", refusal { method = method })
      end
    end)

    it("and names a host that is none after it", function()
      assert.same({ "invalid_request", "no", "dns" }, failure(perform(pool, submit { url = "http://[:::]/a" })))
      assert.same({ "invalid_request", "no", "dns" }, failure(perform(pool, submit { url = "http://a:99999/a" })))
    end)
  end)

  describe("raises, in the caller's file,", function()
    local function raised(request)
      local ok, message = pcall(function()
        pool:add(request)
      end)
      assert.is_false(ok)
      assert.matches("http_spec.lua:%d+: ", message)
      return (message:gsub("^.-:%d+: ", ""))
    end

    local url = "http://127.0.0.1:1/a"

    it("for fields of the wrong type", function()
      assert.equal("request field 'url' must be a string", raised { method = "GET", url = 1 })
      assert.equal("request field 'body' must be a string", raised { method = "GET", url = url, body = {} })
      assert.equal("request field 'timeout' must be a number", raised { method = "GET", url = url, timeout = "5" })
      assert.equal("request field 'url' holds a NUL", raised { method = "GET", url = url .. "\0" })
      assert.equal("request field 'method' holds a NUL", raised { method = "GET\0", url = url })
      assert.equal("request field 'proxy' holds a NUL", raised { method = "GET", url = url, proxy = "a\0" })
      assert.equal("request field 'ca_file' holds a NUL", raised { method = "GET", url = url, ca_file = "a\0" })
      assert.equal("a request needs 'method' and 'url'", raised { method = "GET" })
      assert.equal("a request needs 'method' and 'url'", raised { url = url })
      assert.error_matches(function()
        pool:add(1)
      end, "bad argument #1 to 'add' (table expected, got number)", 1, true)
    end)

    it("for numbers out of range", function()
      for _, number in ipairs { -1, 0 / 0, math.huge, -math.huge, 1e16 } do
        assert.equal("request field 'timeout' is out of range", raised { method = "GET", url = url, timeout = number })
        assert.equal("request field 'max_body' is out of range",
          raised { method = "GET", url = url, max_body = number })
      end
    end)

    it("for headers that are no table of strings", function()
      local complaint = "headers must be strings by their names"
      assert.equal(complaint, raised { method = "GET", url = url, headers = { "A: b" } })
      assert.equal(complaint, raised { method = "GET", url = url, headers = { A = 1 } })
      assert.equal(complaint, raised { method = "GET", url = url, headers = { A = { "b" } } })
      assert.error_matches(function()
        pool:add { method = "GET", url = url, headers = "A: b" }
      end, "(table expected, got string)", 1, true)
    end)

    it("for more headers than fit", function()
      local headers = {}
      for i = 1, 65 do
        headers["X-" .. i] = "y"
      end
      assert.equal("more than 64 headers", raised { method = "GET", url = url, headers = headers })
    end)

    it("and is not misled by metamethods", function()
      local made_up = setmetatable({ method = "GET", url = url }, {
        __index = function()
          return "x"
        end,
      })
      assert.matches("a request is a table without a metatable", raised(made_up))
    end)
  end)

  describe("sends", function()
    it("the target as it is", function()
      for _, target in ipairs { "/good/a%2Fb/../%2e%2e/./c", "/good/?a=%00&b=%0D%0A&c=../..", "/good//x;y=z/" } do
        perform(pool, get(faults.url() .. target))
        assert.equal(target, faults.count("").target)
      end
    end)

    it("the headers as they are, and few of its own", function()
      local headers = {}
      for i = 1, 64 do
        headers["X-" .. i] = "value " .. i
      end
      perform(pool, submit { url = faults.url("good" .. SUBMIT), headers = headers, body = ("x"):rep(2000000) })
      local seen = faults.count("good").headers
      for i = 1, 64 do
        assert.equal("value " .. i, seen["x-" .. i])
        seen["x-" .. i] = nil
      end
      assert.equal("2000000", seen["content-length"])
      local names = {}
      for name in pairs(seen) do
        names[#names + 1] = name
      end
      table.sort(names)
      -- No "expect": a server that does not answer it would cost a second.
      assert.same({ "accept", "accept-encoding", "content-length", "content-type", "host" }, names)
    end)

    it("headers that differ in little from those before", function()
      for _, headers in ipairs { { A = "bc" }, { Ab = "c" }, { Ab = "d" }, { Ab = "d", C = "e" }, { C = "e" }, {} } do
        perform(pool, submit { url = faults.url("good" .. SUBMIT), headers = headers })
        local seen = faults.count("good").headers
        assert.same({ headers.A, headers.Ab, headers.C }, { seen.a, seen.ab, seen.c })
      end
    end)

    it("the caller's encodings in place of its own", function()
      local function encodings(headers)
        perform(pool, submit { url = faults.url("good" .. SUBMIT), headers = headers })
        return faults.count("good").headers["accept-encoding"]
      end
      assert.equal("gzip", encodings {})
      assert.equal("identity", encodings { ["accept-encoding"] = "identity" })
      assert.equal("gzip", encodings { ["Accept-Enc"] = "identity" })
    end)

    keeps("other headers and methods on the same connection, and nothing of those before", function()
      local url = faults.url "good/health/"
      local seen = {}
      for i, request in ipairs {
        { method = "POST", url = url, body = "abc", headers = { A = "1", B = "2" } },
        { method = "PUT", url = url, body = "", headers = { A = "1" } },
        { method = "GET", url = url },
        { method = "DELETE", url = url, body = "de" },
        { method = "DELETE", url = url },
        { method = "POST", url = url },
        { method = "GET", url = url, headers = { B = "3" } },
      } do
        request.proxy, request.idempotent = "", true
        assert.equal(200, perform(pool, request).status)
        local headers = faults.count("good").headers
        seen[i] = ("%s %s %s"):format(tostring(headers["content-length"]), tostring(headers.a), tostring(headers.b))
      end
      assert.same({ "3 1 2", "0 1 nil", "nil nil nil", "2 nil nil", "nil nil nil", "0 nil nil", "nil nil 3" }, seen)
      local count = faults.count "good"
      assert.same({ 7, 5, 1 }, { count.requests, count.bytes, count.connections })
    end)
  end)

  describe("gives", function()
    it("an answer's status, headers and body", function()
      local response = perform(pool, submit { url = faults.url "status/status=418" })
      assert.equal(418, response.status)
      assert.equal('{"error":"as ordered"}', response.body)
      assert.equal("application/json", response.headers["content-type"])
      assert.equal("22", response.headers["content-length"])
      assert.is_nil(response.headers["Content-Type"])
    end)

    it("nothing of interim answers", function()
      local response = submit_to "interim"
      is_receipt(response)
      assert.is_nil(response.headers.link)
    end)

    it("nothing of trailers", function()
      local response = submit_to "chunk-trailers"
      is_receipt(response)
      assert.is_nil(response.headers["x-checksum"])
      assert.is_nil(response.headers["content-length"])
    end)

    it("a body unpacked", function()
      is_receipt(submit_to "gzip")
      local refused = { "invalid_answer", "yes", "receive" }
      for _, cut in ipairs { 1, 4, 8, 9, 12, 30 } do -- the length, the checksum, the end of the data, the data
        assert.same(refused, failure(submit_to("gzip-cut/cut=" .. cut)))
      end
      for _, path in ipairs { "gzip-wrong", "gzip-twice", "gzip-and-more", "gzip-wrong/encoding=deflate" } do
        assert.same(refused, failure(submit_to(path)), path)
      end
      is_receipt(submit_to "gzip-wrong/encoding=identity")
      is_receipt(submit_to "gzip")
    end)

    it("an empty body as such", function()
      local response = submit_to "no-content"
      assert.same({ 204, "" }, { response.status, response.body })
    end)
  end)

  describe("keeps connections", function()
    for _, listener in ipairs { "http", "tls_1_2", "tls_1_3" } do
      keeps("for the next request, " .. listener, function()
        for _ = 1, 20 do
          is_receipt(perform(pool, submit { url = faults.url("good" .. SUBMIT, listener), ca_file = faults.ca_file() }))
        end
        local count = faults.count "good"
        assert.same({ 20, 1 }, { count.requests, count.connections })
      end)
    end

    keeps("but for a request that wants a new one", function()
      local url = faults.url("good" .. SUBMIT)
      is_receipt(perform(pool, submit { url = url }))
      is_receipt(perform(pool, submit { url = url, fresh_connection = true }))
      is_receipt(perform(pool, submit { url = url }))
      assert.equal(2, faults.count("good").connections)
    end)

    keeps("as many as were used at the same time", function()
      for _ = 1, 3 do
        for _ = 1, 5 do
          pool:add(submit { url = faults.url("delay/interval=0.05" .. SUBMIT) })
        end
        for _ = 1, 5 do
          is_receipt(select(2, next_end(pool)))
        end
      end
      local count = faults.count "delay"
      assert.same({ 15, 5 }, { count.requests, count.connections })
    end)

    local unclean = { "left-over", "length-too-short", "early", "left-over/delay=0.05" }
    for _, path in ipairs(unclean) do
      it("but none with bytes that nobody asked for: " .. path, function()
        local first = submit_to(path)
        if path:find "delay" then
          wait_until_finished "left-over"
        end
        local second = submit_to(path)
        assert.equal(first.status, second.status)
        assert.not_matches("0badf00d", first.body .. second.body)
        assert.is_nil(second.headers["x-forged"])
        assert.equal(2, faults.count(path:match "^[^/]+").connections)
      end)
    end

    -- Of the TLS library: no look at the socket shows them.
    for _, listener in ipairs { "tls_1_2", "tls_1_3" } do
      for _, proxy in ipairs { "", "proxy" } do
        keeps(("nor with bytes that are decrypted already: %s %s"):format(listener, proxy), function()
          local fields = { ca_file = faults.ca_file(), proxy = proxy ~= "" and faults.url(nil, proxy) or "" }
          local function send(path)
            fields.url = faults.url(path .. SUBMIT, listener)
            return perform(pool, submit(fields))
          end
          is_receipt(send "left-over-record")
          assert.equal(400, send("status/status=400").status)
          assert.equal(400, send("status/status=400").status)
          assert.same({ 1, 1 }, { faults.count("left-over-record").connections, faults.count("status").connections })
        end)
      end
    end

    it("in step where an answer has a length and chunks", function()
      is_receipt(submit_to "length-and-chunked")
      is_receipt(submit_to "length-and-chunked")
      assert.equal(2, faults.count("length-and-chunked").requests)
    end)

    it("in step where an answer has the same length twice", function()
      is_receipt(submit_to "length-twice-same")
      is_receipt(submit_to "length-twice-same")
    end)

    for _, listener in ipairs { "http", "tls" } do
      it("not for ever: one closed while idle is not used, " .. listener, function()
        local url = faults.url("close-when-idle/interval=0.02" .. SUBMIT, listener)
        is_receipt(perform(pool, submit { url = url, ca_file = faults.ca_file() }))
        wait_until_finished "close-when-idle"
        is_receipt(perform(pool, submit { url = url, ca_file = faults.ca_file() }))
        local count = faults.count "close-when-idle"
        assert.same({ 2, 2 }, { count.requests, count.connections })
      end)
    end
  end)

  it("remembers no header of an answer when the next one comes", function()
    for _ = 1, 4 do
      local response = submit_to "folded-header"
      is_receipt(response)
      assert.equal("b\tfolded", response.headers["x-a"])
      local _, err = submit_to "folded-header/blank=1"
      if err ~= nil then -- a libcurl before 7.84 makes nothing of it
        assert.same({ "invalid_answer", "a line of the answer's head is not one" }, { err.code, err.message })
      end
    end
  end)

  it("takes the pieces that libcurl makes of a long header for one", function()
    for _ = 1, 2 do
      local response = submit_to "folded-header/long=16384"
      is_receipt(response)
      assert.equal(16384 - #"X-A: " + #" b", #response.headers["x-a"])
    end
  end)

  describe("when a kept connection dies", function()
    for _, listener in ipairs { "http", "tls" } do
      for _, path in ipairs { "close-on-reuse", "reset-on-reuse" } do
        local function send(fields)
          local request = submit(fields)
          request.url = faults.url(path .. SUBMIT, listener)
          request.ca_file = faults.ca_file()
          return perform(pool, request)
        end

        keeps(("never sends a purchase again: %s, %s"):format(path, listener), function()
          is_receipt(send { body = "first" })
          local refused = failure(send { body = "second" })
          assert.same({ "connection_lost", "maybe", "receive" }, refused)
          local count = faults.count(path)
          assert.same({ 2, 1, 1 }, { count.requests, count.same_body, count.connections })
        end)

        keeps(("sends again what may be repeated: %s, %s"):format(path, listener), function()
          is_receipt(send { body = "first" })
          is_receipt(send { body = "second", idempotent = true })
          local count = faults.count(path)
          assert.same({ 3, 2, 2 }, { count.requests, count.same_body, count.connections })
        end)

        it(("nor what has no body: %s, %s"):format(path, listener), function()
          assert.is_truthy(send { body = "" })
          send { body = "" }
          assert.equal(2, faults.count(path).requests)
        end)
      end
    end
  end)

  describe("tells how much was sent:", function()
    local cases = {
      ["reset-after-body"] = { "connection_lost", "maybe", "receive" },
      ["close-after-body"] = { "connection_lost", "maybe", "receive" },
      ["cut-headers/after=10"] = { "connection_lost", "maybe", "receive" },
      ["cut-headers/after=40"] = { "connection_lost", "maybe", "receive" },
      ["cut-headers/after=100"] = { "connection_lost", "maybe", "receive" },
      ["cut-body"] = { "connection_lost", "yes", "receive" },
      ["cut-body/then=reset"] = { "connection_lost", "yes", "receive" },
      ["length-too-long"] = { "connection_lost", "yes", "receive" },
      ["length-twice-different"] = { "invalid_answer", "maybe", "receive" },
      ["length-garbage"] = { "invalid_answer", "maybe", "receive" },
      ["length-garbage/length=5,6"] = { "invalid_answer", "maybe", "receive" },
      ["length-garbage/length=0x10"] = { "invalid_answer", "maybe", "receive" },
      ["length-garbage/length=99999999999999999999"] = { "invalid_answer", "maybe", "receive" },
      ["chunk-garbage"] = { "connection_lost", "yes", "receive" },
      ["chunk-huge"] = { "connection_lost", "yes", "receive" },
      ["chunk-huge/size=7fffffffffffffff"] = { "connection_lost", "yes", "receive" },
      ["chunk-unfinished"] = { "connection_lost", "yes", "receive" },
      ["chunked-chunked"] = { "invalid_answer", "maybe", "receive" },
      ["garbage-status"] = { "invalid_answer", "maybe", "receive" },
      ["no-status-line"] = { "invalid_answer", "maybe", "receive" },
      ["ssh-banner"] = { "invalid_answer", "maybe", "receive" },
    }
    for path, expected in pairs(cases) do
      it(path, function()
        assert.same(expected, failure(submit_to(path)))
        failure(submit_to(path))
        local count = faults.count(path:match "^[^/]+")
        assert.same({ 2, 2 }, { count.requests, count.connections })
      end)
    end

    it("the middle of a large body", function()
      local body = ("x"):rep(20000000)
      assert.same({ "connection_lost", "maybe", "send" }, failure(submit_to("reset-mid-upload", { body = body })))
      assert.same({ "timeout", "maybe", "send" },
        failure(submit_to("stall-mid-upload", { body = body, timeout = 0.3 })))
      assert.same({ 0, 1 }, { faults.count("reset-mid-upload").requests, faults.count("reset-mid-upload").partial })
    end)

    it("not all of a body, where the answer came before", function()
      for _, status in ipairs { 408, 201 } do
        local url = faults.url(("early/status=%d"):format(status) .. SUBMIT)
        local response = perform(pool, submit { url = url, body = ("x"):rep(20000000) })
        assert.same({ status, true }, { response.status, response.unfinished })
      end
      for _, body in ipairs { BODY, "", ("x"):rep(3000000) } do
        local response = submit_to("status/status=408", { body = body })
        assert.same({ 408, nil }, { response.status, response.unfinished })
      end
      assert.is_nil(perform(pool, get(faults.url "good/health/")).unfinished)
    end)

    it("nothing, to a server that knows no TLS after 1.1", function()
      local url = faults.url("good" .. SUBMIT, "tls_1_1")
      assert.same({ "tls", "no", "tls" }, failure(perform(pool, submit { url = url, ca_file = faults.ca_file() })))
      url = faults.url("good" .. SUBMIT, "tls_1_2")
      is_receipt(perform(pool, submit { url = url, ca_file = faults.ca_file() }))
    end)

    it("nothing, where nobody listens or speaks", function()
      local function at(listener, fields)
        fields = fields or {}
        fields.url = faults.url("good" .. SUBMIT, listener)
        return failure(perform(pool, submit(fields)))
      end
      assert.same({ "cannot_connect", "no", "connect" }, at "refused")
      assert.same({ "timeout", "no", "connect" }, at("full_backlog", { connect_timeout = 0.2 }))
      assert.same({ "timeout", "no", "connect" }, at("full_backlog", { timeout = 0.2 }))
      local mute = faults.url("good" .. SUBMIT, "mute"):gsub("^http:", "https:")
      assert.same({ "timeout", "no", "tls" }, failure(perform(pool, submit { url = mute, connect_timeout = 0.2 })))
      local plain = faults.url("good" .. SUBMIT):gsub("^http:", "https:")
      assert.same({ "tls", "no", "tls" }, failure(perform(pool, submit { url = plain })))
      assert.same({ "timeout", "maybe", "receive" }, at("mute", { timeout = 0.2 }))
    end)
  end)

  describe("keeps to its limits:", function()
    it("of time", function()
      for _, path in ipairs { "hang", "trickle/interval=0.02", "endless-1xx/interval=0.02" } do
        local start = monotonic()
        local expected = { "timeout", "maybe", "receive" }
        assert.same(expected, failure(submit_to(path, { timeout = 0.3 })))
        local took = monotonic() - start
        assert.is_true(took > 0.25 and took < soon(1.5), path .. " took " .. took)
      end
    end)

    it("of time, which stands still while the caller is held up", function()
      local url = faults.url("delay/interval=0.1" .. SUBMIT)
      for _ = 1, 28 do
        pool:add(submit { url = url, timeout = 1.5, connect_timeout = 1.5 })
      end
      step_until_arrived(pool, "delay", 28)
      pool:add(submit { url = url, timeout = 1.5 }) -- has not begun
      pool:add(submit { url = faults.url("hang" .. SUBMIT), timeout = 1.5 })
      socket.sleep(2)
      for _ = 1, 29 do
        is_receipt(select(2, next_end(pool)))
      end
      local _, response, err = next_end(pool)
      assert.same({ "timeout", "maybe", "receive" }, failure(response, err))
      assert.equal("no whole answer within 1.5 seconds", err.message)
    end)

    it("of time, which stands still in the middle of a body too", function()
      local body = ("x"):rep(10000000)
      pool:add(submit { url = faults.url("good" .. SUBMIT), body = body, timeout = 2 })
      for _ = 1, 3 do
        pool:step()
        socket.sleep(0.8)
      end
      is_receipt(select(2, next_end(pool)))
    end)

    it("of time, where the caller waits elsewhere", function()
      pool:add(submit { url = faults.url("hang" .. SUBMIT), timeout = 0.4 })
      pool:step()
      for _ = 1, 3 do
        pool:leave(0.2)
        socket.sleep(0.2)
        pool:step()
      end
      local id, response, err = pool:take()
      assert.is_number(id)
      assert.equal("timeout", failure(response, err)[1])
    end)

    it("of an answer's head", function()
      local expected = { "answer_too_large", "maybe", "receive" }
      assert.same(expected, failure(submit_to "many-headers"))
      assert.same(expected, failure(submit_to "long-header"))
      is_receipt(submit_to "many-headers/size=200000")
      is_receipt(submit_to "long-header/size=90000")
    end)

    it("of an answer's body, whatever its framing", function()
      for _, framing in ipairs { "length", "chunked", "close" } do
        local path = "huge-body/framing=" .. framing
        local expected = { "answer_too_large", "yes", "receive" }
        assert.same(expected, failure(submit_to(path, { max_body = 1000000 })))
        local response = submit_to(path .. "/size=1000000", { max_body = 1000000 })
        assert.equal(1000000, #response.body)
        assert.same(expected, failure(submit_to(path .. "/size=1000001", { max_body = 1000000 })))
      end
    end)

    it("of a body as it is when it is unpacked", function()
      local expected = { "answer_too_large", "yes", "receive" }
      local took = elapsed(function()
        assert.same(expected, failure(submit_to("gzip-bomb/size=268435456", { max_body = 1000000 })))
      end)
      assert.is_true(took < soon(5))
      local response = submit_to("gzip-bomb/size=1048576", { max_body = 1048576 })
      assert.equal(1048576, #response.body)
      assert.same(expected, failure(submit_to("gzip-bomb/size=1048576", { max_body = 1048575 })))
    end)

    it("even where memory is left from a larger answer", function()
      assert.equal(40000, #submit_to("huge-body/size=40000").body)
      assert.same({ "answer_too_large", "yes", "receive" },
        failure(submit_to("huge-body/size=40000", { max_body = 1000 })))
      assert.equal(40000, #submit_to("huge-body/size=40000").body)
      assert.same({ 204, "" }, { submit_to("no-content", { max_body = 0 }).status, "" })
    end)
  end)

  describe("waits", function()
    it("as long as it was told where nothing is to be done", function()
      local took = elapsed(pool.poll, pool, 0.1)
      assert.is_true(took > 0.09 and took < soon(1), took)
      assert.is_true(elapsed(pool.poll, pool, 0) < soon(0.05))
      assert.is_true(elapsed(pool.poll, pool, -1) < soon(0.05))
    end)

    it("no longer than until an answer comes", function()
      local wanted = pool:add(get(faults.url "delay/interval=0.1/health/"))
      local id
      local took = elapsed(function()
        while not id do
          assert(pool:step())
          id = pool:take()
          assert(id or pool:poll(60))
        end
      end)
      assert.equal(wanted, id)
      assert.is_true(took < soon(0.8), took)
    end)
  end)

  describe("through a proxy", function()
    local function tunnel(listener, fields)
      fields.proxy = faults.url(nil, listener)
      return perform(pool, submit(fields))
    end

    it("sends everything in a tunnel, so that the proxy sees no credentials", function()
      is_receipt(tunnel("proxy", { url = faults.url("good" .. SUBMIT) }))
      is_receipt(tunnel("proxy", { url = faults.url("good" .. SUBMIT, "tls"), ca_file = faults.ca_file() }))
      local seen = faults.count("", { listener = "proxy" })
      assert.same({ 2, 0 }, { seen.requests, seen.authorized })
      assert.is_nil(seen.headers["content-type"])
      assert.equal(2, faults.count("good").authorized)
    end)

    it("tells the proxy's refusal from the API's answer", function()
      for _, listener in ipairs { "proxy_407", "proxy_403" } do
        for _, target in ipairs { "http", "tls" } do
          local url = faults.url("good" .. SUBMIT, target)
          local response, err = tunnel(listener, { url = url, ca_file = faults.ca_file() })
          local refused = failure(response, err)
          assert.same({ "proxy_refused", "no" }, { refused[1], refused[2] })
          assert.matches(listener:match "%d+", err.message)
        end
        assert.equal(0, faults.count("", { listener = listener }).authorized)
      end
      assert.equal(0, faults.count("good").requests)
    end)

    it("does not wait for ever", function()
      local refused = failure(tunnel("proxy_hang", { url = faults.url("good" .. SUBMIT), connect_timeout = 0.2 }))
      assert.equal("timeout", refused[1])
      local none = failure(tunnel("refused", { url = faults.url("good" .. SUBMIT) }))
      assert.same({ "cannot_connect", "no", "connect" }, none)
    end)

    keeps("does not use a direct connection, and the other way round", function()
      is_receipt(submit_to "good")
      is_receipt(tunnel("proxy", { url = faults.url("good" .. SUBMIT) }))
      is_receipt(submit_to "good")
      assert.equal(2, faults.count("good").connections)
      assert.equal(1, faults.count("", { listener = "proxy" }).requests)
    end)
  end)
end)

-- Its keep-alive is short and orderly: after 100 requests each connection is closed, on HTTP/2 by GOAWAY.
describe("an nginx that often closes connections", function()
  local CONFIGURATION = [[
    daemon off; worker_processes 1; pid nginx.pid; error_log stderr; %s
    events { worker_connections 1000; }
    http {
      log_format short "$server_protocol $connection $request_length $status";
      access_log access.log short;
      keepalive_requests 100;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi; scgi_temp_path scgi;
      server {
        listen 127.0.0.1:%d; listen 127.0.0.1:%d ssl%s; %s
        ssl_certificate server.pem; ssl_certificate_key server-key.pem;
        add_header X-Twice one; add_header x-twice two;
        location / { return 201 '{}'; }
      }
    }
  ]]
  local directory, pipe, ports

  local function free_port()
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    return tonumber(port), server
  end

  local function configuration(found)
    local plain, first = free_port()
    local tls, second = free_port()
    first:close()
    second:close()
    ports = { http = plain, https = tls }
    local user = select(2, shell.run "id -u") == "0" and "user root;" or ""
    local listen = found.http2 == "listen" and " http2" or ""
    return CONFIGURATION:format(user, plain, tls, listen, found.http2 == "directive" and "http2 on;" or "")
  end

  local function wait_until_up()
    local deadline = monotonic() + 10
    repeat
      local sock = socket.connect("127.0.0.1", ports.https)
      if sock then
        return sock:close()
      end
      socket.sleep(0.01)
    until monotonic() > deadline
    error "nginx does not start"
  end

  setup(function()
    local found = assert(nginx.find(true))
    directory = select(2, assert(shell.run "mktemp -d"))
    assert(certificate.make(directory))
    local file = assert(io.open(directory .. "/nginx.conf", "w"))
    file:write(configuration(found))
    file:close()
    -- It ends with us: the shell waits for a line or the end of its input.
    local command = "cd %s && { %s -p . -c nginx.conf -e stderr 2>errors & read -r _; kill $!; wait; }"
    pipe = assert(io.popen(command:format(shell.quote(directory), shell.quote(found.file)), "w"))
    wait_until_up()
  end)

  teardown(function()
    pipe:write "\n"
    pipe:close()
    shell.run("rm -rf " .. shell.quote(directory))
  end)

  -- Of its log: how many were created, and by which protocols.
  local function logged()
    local lines, protocols = 0, {}
    for line in io.lines(directory .. "/access.log") do
      local protocol, status = line:match "^(%S+) %d+ %d+ (%d+)$"
      lines = lines + (status == "201" and 1 or 0)
      protocols[protocol] = true
    end
    return lines, protocols
  end

  -- What came since then; nginx writes a request's line after its answer, so that the last one may be yet to come.
  local function logged_since(before, count)
    local deadline = monotonic() + soon(5)
    local lines, protocols = logged()
    while lines - before < count and monotonic() < deadline do
      socket.sleep(0.01)
      lines, protocols = logged()
    end
    return lines - before, protocols
  end

  local function submit_many(pool, url, total, in_flight)
    local request = submit { url = url, ca_file = directory .. "/ca.pem", body = ("x"):rep(4800), timeout = 20 }
    local outcomes = {}
    for _ = 1, in_flight do
      assert(pool:add(request))
    end
    for done = 1, total do
      local _, response, err = next_end(pool)
      local outcome = response and response.status or err.code .. " " .. err.sent
      outcomes[outcome] = (outcomes[outcome] or 0) + 1
      if done <= total - in_flight then
        assert(pool:add(request))
      end
    end
    return outcomes
  end

  for scheme, in_flight in pairs { http = 64, https = 16 } do
    it("leaves no purchase in doubt: " .. scheme, function()
      local pool = core.http.new()
      local before = logged()
      local outcomes = submit_many(pool, ("%s://127.0.0.1:%d/"):format(scheme, ports[scheme]), 3000, in_flight)
      pool:close()
      assert.same({ [201] = 3000 }, outcomes)
      local lines, protocols = logged_since(before, 3000)
      assert.equal(3000, lines)
      assert.same({ ["HTTP/1.1"] = true }, protocols)
    end)
  end

  it("gives headers in lower case, and joins those that come twice", function()
    local pool = core.http.new()
    local response = perform(pool, get("http://127.0.0.1:" .. ports.http .. "/"))
    pool:close()
    assert.equal("one, two", response.headers["x-twice"])
    assert.is_nil(response.headers["X-Twice"])
  end)
end)
