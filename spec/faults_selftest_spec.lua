-- A test of the test: each scenario of the fault server really misbehaves as its name says.
local cjson = require "cjson"
local socket = require "socket"
local faults = require "spec.support.faults"

local BODY = '{"purchase":[{"datetime":"2024-01-15 14:30","purchase":1},{"datetime":"2024-01-15 14:45","purchase":2}]}'
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function head_of(path, length, more)
  return ("POST %s/api/v0/user/u/submit-purchase?retailer_id=1 HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n")
    :format(path, more or "", length)
end

local function post(path, more)
  return head_of(path, #BODY, more) .. BODY
end

local function open(listener)
  local sock = assert(socket.tcp())
  sock:settimeout(60)
  assert(sock:connect("127.0.0.1", faults.port(listener)))
  return sock
end

-- All that comes within the time, and how it ended: "closed" or "timeout".
local function read_all(sock, seconds)
  sock:settimeout(seconds or 60)
  local data, why, rest = sock:receive("*a")
  return data or rest, data and "closed" or why
end

local function read_answer(sock)
  local lines = {}
  repeat
    lines[#lines + 1] = assert(sock:receive("*l"))
  until lines[#lines] == ""
  local head = table.concat(lines, "\n")
  local body = assert(sock:receive(tonumber(head:match("Content%-Length: (%d+)"))))
  return tonumber(head:match("^HTTP/1.1 (%d+)")), body, head
end

local function talk(path, seconds)
  local sock = open()
  assert(sock:send(post(path, "Connection: close\r\n")))
  local data, ended = read_all(sock, seconds)
  return data, ended, sock
end

local function body_of(data)
  return data:match("\r\n\r\n(.*)$")
end

-- LuaSocket calls both "closed"; but after a FIN a first write still works.
local function was_reset(sock)
  return sock:send("x") == nil
end

local function is_receipt(body)
  local receipt = cjson.decode(body)
  assert.matches(UUID, receipt.id)
  assert.equal(2, receipt.rows_uploaded)
end

local function requests(path)
  return faults.count(path).requests
end

-- For what the server counts a moment after we have done our part.
local function eventually(expected, get)
  local deadline = socket.gettime() + 60
  repeat
    local value = get()
    if value == expected then return end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  assert.equal(expected, get())
end

local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("the fault server", function()
  setup(faults.start)
  teardown(faults.stop)
  before_each(faults.reset)

  local function ends_without_answer(path, by_reset)
    local data, ended, sock = talk(path)
    assert.equal("", data)
    assert.equal("closed", ended)
    assert.equal(by_reset, was_reset(sock))
  end

  describe("counts", function()
    it("requests, bytes, connections and headers per path", function()
      local sock = open()
      for _ = 1, 2 do
        sock:send(post("/good", "Authorization: Bearer t\r\n"))
        is_receipt(select(2, read_answer(sock)))
      end
      local count = faults.count("good")
      assert.same({ 2, 0, 2 * #BODY, 1 }, { count.requests, count.partial, count.bytes, count.connections })
      assert.same({ 2, 2, "Bearer t" }, { count.same_body, count.authorized, count.headers.authorization })
      assert.equal(0, requests("goo"))
    end)

    it("per listener and digest, and forgets", function()
      talk("/good")
      local digest = next(faults.count("good").digests)
      assert.equal(1, faults.count("good", { digest = digest }).requests)
      assert.equal(0, faults.count("good", { digest = "other" }).requests)
      assert.equal(0, faults.count("good", { listener = "other" }).requests)
      faults.reset()
      assert.equal(0, requests("good"))
    end)

    it("a request that the client did not finish as partial", function()
      local sock = open()
      sock:send(head_of("/good", 1000) .. "half")
      sock:close()
      eventually(1, function() return faults.count("good").partial end)
      local count = faults.count("good")
      assert.same({ 0, 4 }, { count.requests, count.bytes })
    end)

    it("a body in chunks", function()
      local sock = open()
      sock:send("POST /good HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n2\r\nfg\r\n0\r\n\r\n")
      assert.equal(200, (read_answer(sock)))
      assert.equal(7, faults.count("good").bytes)
    end)

    it("nothing under a misspelt name", function()
      assert.matches("^HTTP/1.1 404", (talk("/god")))
    end)
  end)

  describe("an upload", function()
    it("is reset in the middle", function()
      local sock = open()
      sock:send(head_of("/reset-mid-upload/after=10", #BODY) .. BODY:sub(1, 10))
      local data, ended = read_all(sock)
      assert.same({ "", "closed", true }, { data, ended, was_reset(sock) })
      local count = faults.count("reset-mid-upload")
      assert.same({ 0, 1, 10 }, { count.requests, count.partial, count.bytes })
    end)

    it("is closed in the middle", function()
      local data, ended = talk("/close-mid-upload/after=10")
      assert.same({ "", "closed" }, { data, ended })
      assert.equal(1, faults.count("close-mid-upload").partial)
    end)

    it("stalls, so that a large body fills the buffers", function()
      local sock = open()
      sock:settimeout(0.2)
      local big = ("x"):rep(32 * 1024 * 1024)
      local sent, why = sock:send(head_of("/stall-mid-upload/interval=0.5", #big) .. big)
      assert.same({ nil, "timeout" }, { sent, why })
    end)

    it("is reset after the whole body", function()
      ends_without_answer("/reset-after-body", true)
      assert.equal(1, requests("reset-after-body"))
    end)

    it("is closed after the whole body", function()
      ends_without_answer("/close-after-body", false)
      assert.equal(1, requests("close-after-body"))
    end)

    it("goes wrong only as many times as told", function()
      ends_without_answer("/close-after-body/times=1", false)
      assert.matches("^HTTP/1.1 201", (talk("/close-after-body/times=1")))
    end)

    it("is answered before its body was read", function()
      local sock = open()
      sock:send(head_of("/early/status=413", 1000))
      assert.equal(413, (read_answer(sock)))
      assert.same({ "", "closed" }, { read_all(sock) })
      sock:send(("x"):rep(1000))
      eventually(1, function() return requests("early") end)
    end)

    it("is answered early and reset", function()
      local sock = open()
      sock:send(head_of("/early/then=reset", 1000))
      read_all(sock)
      assert.is_true(was_reset(sock))
    end)
  end)

  describe("a reused connection", function()
    local function second_post(path)
      local sock = open()
      sock:send(post(path))
      is_receipt(select(2, read_answer(sock)))
      sock:send(post(path))
      return read_all(sock), sock
    end

    for name, by_reset in pairs({ ["/close-on-reuse"] = false, ["/reset-on-reuse"] = true }) do
      it("dies without a byte: " .. name, function()
        local data, sock = second_post(name)
        assert.same({ "", by_reset }, { data, was_reset(sock) })
        assert.equal(2, requests(name))
      end)

      it("gives a repeat away by its count: " .. name, function()
        second_post(name)
        assert.matches("^HTTP/1.1 201", (talk(name)))
        local count = faults.count(name)
        assert.same({ 3, 2, 3 }, { count.requests, count.connections, count.same_body })
      end)
    end

    it("is closed while idle: /close-when-idle", function()
      local sock = open()
      sock:send(post("/close-when-idle/interval=0.05"))
      is_receipt(select(2, read_answer(sock)))
      assert.same({ "", "closed" }, { read_all(sock) })
    end)
  end)

  describe("an answer's framing", function()
    local function lengths(data)
      local found = {}
      for length in data:gmatch("Content%-Length: ([^\r]*)") do found[#found + 1] = tonumber(length) end
      return found
    end

    local function over(path)
      local data, ended = talk(path, 0.3)
      return lengths(data)[1] - #body_of(data), ended
    end

    it("is cut in the headers", function()
      local data, ended = talk("/cut-headers/after=40")
      assert.same({ 40, "closed" }, { #data, ended })
      assert.is_nil(body_of(data))
    end)

    it("is cut in the body", function()
      local missing, ended = over("/cut-body")
      assert.is_true(missing > 50)
      assert.equal("closed", ended)
    end)

    it("is cut by a reset", function()
      local _, _, sock = talk("/cut-body/then=reset")
      assert.is_true(was_reset(sock))
    end)

    it("promises too much, then closes or is idle", function()
      assert.same({ 100, "closed" }, { over("/length-too-long") })
      assert.same({ 7, "timeout" }, { over("/length-too-long/then=idle/by=7") })
    end)

    it("promises too little", function()
      assert.same({ -10, "closed" }, { over("/length-too-short") })
    end)

    it("has two lengths", function()
      local different = lengths((talk("/length-twice-different")))
      assert.equal(10, different[2] - different[1])
      local same = lengths((talk("/length-twice-same")))
      assert.is_true(#same == 2 and same[1] == same[2])
    end)

    it("has a length that is none", function()
      assert.matches("Content%-Length: %-1\r\n", (talk("/length-garbage")))
    end)

    it("has a length and chunks", function()
      assert.matches("Content%-Length: 5\r\nTransfer%-Encoding: chunked\r\n", (talk("/length-and-chunked")))
    end)

    it("has a header in two lines, or one that begins with a blank", function()
      assert.matches("^HTTP/1.1 201 Created\r\nX%-A: b\r\n\tfolded\r\n", (talk("/folded-header")))
      assert.matches("^HTTP/1.1 201 Created\r\n X%-A: b\r\n", (talk("/folded-header/blank=1")))
    end)

    it("brings a forged answer along, in one record with the end of the good one", function()
      local forged = select(3, (talk("/left-over-record")):find "}(HTTP/1.1 201 .*)$")
      assert.matches("0badf00d", forged)
    end)

    it("leaves a forged answer behind, at once or later", function()
      for _, path in ipairs({ "/left-over", "/left-over/delay=0.1" }) do
        local sock = open()
        sock:send(post(path))
        is_receipt(select(2, read_answer(sock)))
        sock:send(post(path))
        local status, forged, head = read_answer(sock)
        assert.equal(201, status)
        assert.matches("X%-Forged: yes", head)
        assert.matches("0badf00d", forged)
        is_receipt(select(2, read_answer(sock)))
      end
    end)
  end)

  describe("chunks", function()
    it("are good, with and without trailers", function()
      assert.matches("Transfer%-Encoding: chunked\r\n.*\r\n0\r\n\r\n$", (talk("/chunked")))
      assert.matches("\r\n0\r\nX%-Checksum: 1\r\n.*\r\n\r\n$", (talk("/chunk-trailers")))
    end)

    it("have sizes that are garbage or huge", function()
      assert.matches("\r\nxyz!\r\n", (talk("/chunk-garbage")))
      assert.matches("\r\n" .. ("f"):rep(20) .. "\r\nfew bytes$", (talk("/chunk-huge")))
      assert.matches("\r\n7fffffffffffffff\r\n", (talk("/chunk-huge/size=7fffffffffffffff")))
    end)

    it("lack the last one", function()
      local data, ended = talk("/chunk-unfinished")
      assert.equal("closed", ended)
      assert.matches("}\r\n$", data)
    end)

    it("are said to be chunked twice", function()
      assert.matches("Transfer%-Encoding: chunked, chunked\r\n", (talk("/chunked-chunked")))
    end)
  end)

  describe("time", function()
    -- The time that so many bytes took from the mark on.
    local function time_of(path, mark, count)
      local sock = open()
      assert(sock:send(post(path, "Connection: close\r\n")))
      sock:settimeout(60)
      local head = ""
      while not head:find(mark, 1, true) do
        head = head .. assert(sock:receive(1))
      end
      local start = socket.gettime()
      assert(sock:receive(count))
      sock:close()
      return socket.gettime() - start
    end

    it("passes byte by byte, from the head or the body on", function()
      assert.is_true(time_of("/trickle/interval=0.05", "H", 5) > 0.2)
      assert.is_true(time_of("/trickle/part=body/interval=0.05", "\r\n\r\n", 5) > 0.15)
    end)

    it("takes its settings from the query too", function()
      local sock = open()
      sock:send("GET /trickle?interval=0.001 HTTP/1.1\r\n\r\n")
      assert.equal(200, (read_answer(sock)))
    end)

    it("passes before the answer", function()
      local start = socket.gettime()
      talk("/delay/interval=0.2")
      local took = socket.gettime() - start
      assert.is_true(took > 0.19, took)
    end)

    it("passes without an answer", function()
      local data, ended = talk("/hang", 0.2)
      assert.same({ "", "timeout", 1 }, { data, ended, requests("hang") })
    end)

    it("passes with interim answers without end", function()
      local function statuses(path, count)
        local sock, found = open(), {}
        assert(sock:send(post(path, "Connection: close\r\n")))
        while #found < count do
          found[#found + 1] = assert(sock:receive "*l"):match "^HTTP/1.1 (%d+)"
        end
        sock:close()
        return found
      end
      assert.same({ "100", "103", "100", "103", "100", "103" }, statuses("/endless-1xx/interval=0.02", 6))
      assert.same({ "100", "100", "100" }, statuses("/endless-1xx/kind=100/interval=0.02", 3))
    end)

    it("brings the answer after interim ones", function()
      assert.matches("^HTTP/1.1 100 .*HTTP/1.1 103 .*HTTP/1.1 201 ", (talk("/interim")))
    end)
  end)

  describe("a redirect", function()
    local function location(path)
      return (talk(path)):match("Location: ([^\r]*)")
    end

    for _, status in ipairs({ 301, 302, 307, 308 }) do
      it("leads to another port: " .. status, function()
        local path = "/redirect/status=" .. status
        assert.matches("^HTTP/1.1 " .. status, (talk(path)))
        assert.equal(faults.url("redirected/api/v0/user/u/submit-purchase", "other"), location(path))
      end)
    end

    it("leads elsewhere", function()
      assert.matches("^http://localhost:", location("/redirect/to=localhost"))
      assert.matches("^https://127", location("/redirect/to=tls"))
      assert.matches("^/redirected/", location("/redirect/to=same"))
      assert.matches("^file:", location("/redirect/to=file"))
      assert.matches("^http://%[", location("/redirect/to=garbage"))
    end)

    it("is counted where it arrives, with credentials told", function()
      local sock = open("other")
      sock:send(post("/redirected", "Authorization: Bearer t\r\n"))
      read_answer(sock)
      local count = faults.count("", { listener = "other" })
      assert.same({ 1, 1 }, { count.requests, count.authorized })
    end)
  end)

  describe("size", function()
    local function save(data)
      local name = os.tmpname()
      local file = assert(io.open(name, "wb"))
      file:write(data)
      file:close()
      return name
    end

    local function inflate(path, into)
      local name = save(body_of((talk(path))))
      local output = shell(("{ gzip -dc < %s; } 2>&1 %s"):format(name, into or ""))
      os.remove(name)
      return output
    end

    it("is small outside and large inside: /gzip-bomb", function()
      assert.equal(64 * 1024 * 1024, tonumber(inflate("/gzip-bomb/size=67108864", "| wc -c")))
      local data = talk("/gzip-bomb")
      assert.is_true(#data < 2000000)
      assert.equal("\0\0\0\64", data:sub(-4))
    end)

    it("is compressed well, wrongly, partly", function()
      is_receipt(inflate("/gzip"))
      assert.matches("not in gzip format", inflate("/gzip-wrong"))
      assert.matches("unexpected end of file", inflate("/gzip-cut"))
      assert.matches("unexpected end of file", inflate("/gzip-twice", "| gzip -dc 2>&1"))
      assert.matches("trailing garbage ignored", inflate("/gzip-and-more"))
    end)

    it("is in the headers", function()
      local many = talk("/many-headers")
      assert.is_true(#many > 10000000)
      assert.equal(100000, select(2, many:gsub("\r\nX%-Filler", "")))
      local long = talk("/long-header/size=5000000")
      assert.is_true(#long:match("X%-Filler: (x*)\r\n") == 5000000)
    end)

    it("is in the body", function()
      local data = talk("/huge-body/size=3000000")
      assert.equal(3000000, #body_of(data))
      data = talk("/huge-body/size=3000000/framing=close")
      assert.equal(3000000, #body_of(data))
      data = talk("/huge-body/size=3000000/framing=chunked")
      assert.matches("\r\n100000\r\n", data)
      local sock = open()
      assert(sock:send(post("/huge-body", "Connection: close\r\n")))
      local lines = {}
      repeat
        lines[#lines + 1] = assert(sock:receive "*l")
      until lines[#lines] == ""
      sock:close()
      assert.matches("Content%-Length: 1073741824\n", table.concat(lines, "\n"))
    end)
  end)

  describe("content", function()
    local function json(path)
      return cjson.decode(body_of((talk(path))))
    end

    it("is not JSON", function()
      assert.matches("^HTTP/1.1 200 .*text/html.*<html>", (talk("/html")))
      assert.matches("^HTTP/1.1 200 .*Content%-Length: 0\r\n\r\n$", (talk("/empty")))
      assert.matches("^HTTP/1.1 204 .*\r\n\r\n$", (talk("/no-content")))
      assert.error_matches(function() json("/cut-json") end, "unexpected end of string", 1, true)
    end)

    it("is not the receipt it should be", function()
      assert.equal(1, json("/wrong-rows").rows_uploaded)
      assert.equal(9, json("/wrong-rows/by=7").rows_uploaded)
      assert.equal("../not-a-uuid", json("/wrong-id").id)
      assert.equal("null", body_of((talk("/wrong-shape/json=null"))))
      assert.matches("^HTTP/1.1 503", (talk("/status/status=503")))
    end)

    it("is not HTTP", function()
      assert.matches("^HTTP/9.9 abc\r\n", (talk("/garbage-status")))
      assert.matches("^{", (talk("/no-status-line")))
      assert.matches("^SSH%-2.0", (talk("/ssh-banner")))
    end)
  end)

  describe("a port", function()
    it("closes at once", function()
      local sock = open("closing")
      assert.same({ "", "closed" }, { read_all(sock) })
      assert.is_false(was_reset(sock))
      assert.equal(1, faults.count("", { listener = "closing" }).accepted)
    end)

    it("resets at once", function()
      local sock = assert(socket.tcp())
      sock:settimeout(60)
      local connected, why = sock:connect("127.0.0.1", faults.port "resetting")
      if connected then
        read_all(sock)
        assert.is_true(was_reset(sock))
      else
        assert.equal("closed", why) -- the reset came before we looked
      end
    end)

    it("accepts and says nothing, or never accepts", function()
      for _, listener in ipairs({ "mute", "never_accepts" }) do
        local sock = open(listener)
        assert.truthy(sock:send("hello"))
        assert.same({ "", "timeout" }, { read_all(sock, 0.1) })
      end
    end)

    it("lets a connection hang or refuses it", function()
      local sock = socket.tcp()
      sock:settimeout(0.2)
      assert.same({ nil, "timeout" }, { sock:connect("127.0.0.1", faults.port("full_backlog")) })
      assert.same({ nil, "connection refused" }, { socket.tcp():connect("127.0.0.1", faults.port("refused")) })
    end)
  end)

  describe("TLS", function()
    local function tls(listener, text)
      local name = os.tmpname()
      local file = assert(io.open(name, "w"))
      file:write(text)
      file:close()
      local command = "timeout 3 openssl s_client -quiet -connect 127.0.0.1:%d -CAfile %s"
        .. " -verify_return_error -verify_ip 127.0.0.1 < %s"
      local output = shell(command:format(faults.port(listener), faults.ca_file(), name))
      os.remove(name)
      return output
    end

    it("is good", function()
      local data = tls("tls", post("/good", "Connection: close\r\n"))
      is_receipt(body_of(data):match("^{.-}"))
      assert.same({ 1, 1 }, { faults.count("good", { listener = "tls" }).requests, faults.count("").handshakes })
    end)

    local wrong = {
      tls_expired = "certificate has expired",
      tls_not_yet = "certificate is not yet valid",
      tls_self_signed = "self%-signed certificate",
      tls_wrong_host = "IP address mismatch",
    }
    for listener, message in pairs(wrong) do
      it("has a certificate that is wrong: " .. listener, function()
        assert.matches(message, (tls(listener, post("/good", "Connection: close\r\n"))))
        assert.equal(0, requests("good"))
      end)
    end

    for _, path in ipairs({ "/close-on-reuse", "/reset-on-reuse" }) do
      it("drops a reused connection: " .. path, function()
        local data = tls("tls", post(path) .. post(path))
        assert.equal(1, select(2, data:gsub("HTTP/1.1 201", "")))
        assert.equal(2, faults.count(path, { listener = "tls" }).requests)
      end)
    end

    it("ends with or without a farewell", function()
      local without = tls("tls", post("/close-after-body/notify=0"))
      assert.matches("unexpected eof", without)
      assert.is_nil(tls("tls", post("/close-after-body")):find("unexpected eof", 1, true))
    end)

    it("is not spoken on a plain port", function()
      assert.matches("wrong version number", (tls("http", "")))
    end)
  end)

  describe("a proxy", function()
    local function connect(listener)
      local sock = open(listener)
      local target = "127.0.0.1:" .. faults.port()
      sock:send("CONNECT " .. target .. " HTTP/1.1\r\nHost: " .. target .. "\r\nX-Mark: 1\r\n\r\n")
      return sock
    end

    it("refuses", function()
      assert.matches("^HTTP/1.1 407 .*Proxy%-Authenticate: Basic", (read_all(connect("proxy_407"))))
      assert.matches("^HTTP/1.1 403 ", (read_all(connect("proxy_403"))))
    end)

    it("is silent", function()
      assert.same({ "", "timeout" }, { read_all(connect("proxy_hang"), 0.1) })
    end)

    it("works, and tells what it saw", function()
      local sock = connect("proxy")
      assert.equal("HTTP/1.1 200 OK", (sock:receive("*l")))
      sock:receive("*l")
      sock:send(post("/good", "Authorization: Bearer t\r\n"))
      assert.equal(201, (read_answer(sock)))
      local count = faults.count("", { listener = "proxy" })
      assert.same({ 1, 0, "1" }, { count.requests, count.authorized, count.headers["x-mark"] })
      assert.equal(1, faults.count("good").authorized)
    end)

    it("forwards a whole URL", function()
      local sock = open("proxy")
      sock:send("GET " .. faults.url("good/health/") .. " HTTP/1.1\r\nConnection: close\r\n\r\n")
      assert.equal('{"status":"healthy"}', body_of((read_all(sock))))
    end)
  end)

  describe("a server that lies", function()
    local LYING = "POST " .. "/lying/" .. "api=woowup/seed=3/run=selftest/purchases/bulk HTTP/1.1\r\nHost: x\r\n"
      .. "Connection: close\r\nContent-Length: %d\r\n\r\n%s"
    local REFUSALS = {}
    for _, status in ipairs { "301", "307", "400", "403", "404", "405", "407", "421", "425", "429" } do
      REFUSALS[status] = true
    end

    local function book()
      local there, seen = {}, faults.book "selftest"
      for _, entry in ipairs(seen.entries) do
        there[entry.key] = true
      end
      return there, seen
    end

    -- The answer to a purchase of its own.
    local function create(key)
      local sock, body = open(), ('[{"invoice_number":"%s"}]'):format(key)
      sock:send(LYING:format(#body, body))
      return (((read_all(sock)) or ""):gsub("^HTTP/1.1 1%d%d .-\r\n\r\n", ""))
    end

    it("keeps a book: what is answered is there, what is refused for now is not, what is lost is counted", function()
      local statuses, lost = {}, 0
      for i = 1, 200 do
        local key = "F-" .. i
        statuses[key] = create(key):match "^HTTP/1.1 (%d+)" or "none"
      end
      local there, seen = book()
      for key, status in pairs(statuses) do
        assert.is_falsy(REFUSALS[status] and there[key], key .. " is there, and was told " .. status)
        lost = lost + (there[key] and status ~= "200" and 1 or 0)
      end
      assert.is_true(lost > 5 and seen.lost >= lost, lost .. " of " .. seen.lost)
      assert.is_true(seen.requests > 150 and #seen.entries < 200, #seen.entries)
    end)

    it("refuses for its data what is bad, and what is there already, again and again", function()
      local told = {}
      for _ = 1, 60 do
        for _, key in ipairs { "F-13", "F-5" } do -- see spec/faults/book.py
          told[key .. " " .. (create(key):match '"code":"([%l_]+)"' or "")] = true
        end
      end
      assert.is_true(told["F-13 user_not_found"] and told["F-5 duplicated_purchase_number"])
      assert.is_nil(told["F-13 ok"] or told["F-5 ok"])
      local there = book()
      assert.is_nil(there["F-13"] or there["F-5"])
    end)
  end)

  it("has no scenario that is not tested here", function()
    local file = assert(io.open((debug.getinfo(1, "S").source:gsub("^@", ""))))
    local text = file:read("*a")
    file:close()
    for _, name in ipairs(faults.scenarios()) do
      assert.truthy(text:find('"/' .. name:gsub("%p", "%%%0") .. '["/]'), name)
    end
  end)
end)

describe("stopping the fault server", function()
  it("leaves no process behind", function()
    faults.start()
    local pid = faults.pid()
    faults.stop()
    assert.equal("gone\n", shell("kill -0 " .. pid .. " 2>/dev/null || echo gone"))
  end)
end)
