-- The sandbox around its providers: start-up, audit, faults, settings, TLS, and that nothing breaks it.
local cjson = require "cjson"
local common = require "spec.support.common"
local seeds = require "spec.support.seeds"
local socket = require "socket"
local support = require "spec.support.sandbox"
local conf = require "purchases.sandbox.conf"
local nginx = require "purchases.sandbox.nginx"
local prepare = require("purchases.sandbox").prepare
local shell = require "purchases.sandbox.shell"

local TOKEN = support.TOKEN
local HEALTHY = '{"status":"healthy"}'
local SUBMIT = "/api/v0/user/trebolenergia/submit-purchase?retailer_id=123"
local ONE_ROW = '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":12.0}]}'
local OTHER_ROW = '{"purchase":[{"datetime":"2025-11-11 00:30","purchase":12.0}]}'

local function exists(name)
  local file = io.open(name, "rb")
  return file ~= nil and file:close()
end

describe("preparing the sandbox", function()
  it("names what is wrong with its options, and makes nothing", function()
    local function refusal(options)
      local ready, err = prepare(options)
      assert.is_nil(ready)
      return err
    end
    assert.equal("a port is a whole number from 0 to 65535", refusal { port = 65536 })
    assert.equal("a port is a whole number from 0 to 65535", refusal { port = 80.5 })
    assert.equal("a port is a whole number from 0 to 65535", refusal { port = 65535, tls = true })
    assert.equal("HTTP and HTTPS need a port each", refusal { port = 8080, tls = true, tls_port = 8080 })
    assert.equal("Unknown setting 'colour'.", refusal { settings = { colour = 1 } })
    assert.equal("Setting 'models' must be a whole number from 1 to 1000.", refusal { settings = { models = 0 } })
    assert.has_error(function()
      prepare { prot = 8080 }
    end, "unknown option 'prot'")
  end)

  it("takes the folder and the ports it is given, closed to others", function()
    local directory = os.tmpname()
    os.remove(directory)
    local ready = assert(prepare { directory = directory, port = 18080.0, tls = true })
    finally(function()
      shell.run("rm -rf " .. shell.quote(directory))
    end)
    assert.equal("http://127.0.0.1:18080", ready.url)
    assert.equal("https://127.0.0.1:18081", ready.tls_url)
    assert.equal(directory, ready.directory)
    assert.equal(directory .. "/ca.pem", ready.ca_file)
    assert.same({ directory, "nginx.conf", "stderr" }, { ready.argv[3], ready.argv[5], ready.argv[7] })
    assert.same({ true, "700" }, { shell.run("stat -c %a " .. shell.quote(directory)) })
    assert.same({ true, "600" }, { shell.run("stat -c %a " .. shell.quote(directory .. "/server-key.pem")) })
    assert.is_false(exists(directory .. "/ca-key.pem"))
  end)

  it("writes a configuration that nginx finds nothing wrong with", function()
    local ready = assert(prepare { port = 0, tls = true, settings = { workflow = "fails" } })
    local ok, output = shell.run(ready.command .. " -t")
    shell.run("rm -rf " .. shell.quote(ready.directory))
    assert.is_true(ok, output)
    assert.is_nil(output:find("warn", 1, true))
  end)

  it("says what to install without openssl", function()
    local run = shell.run
    finally(function()
      shell.run = run
    end)
    shell.run = function(command)
      return run((command:gsub("command %-v openssl", "false")))
    end
    local ready, err = prepare { port = 0, tls = true }
    assert.is_nil(ready)
    assert.equal("TLS needs the openssl command: install openssl", err)
  end)
end)

describe("finding nginx", function()
  local run = shell.run
  after_each(function()
    shell.run = run
  end)

  -- An nginx whose `-V` says this.
  local function build(output)
    shell.run = function(command)
      if command:find("command -v nginx", 1, true) then
        return output ~= nil, output and "/opt/nginx" or ""
      end
      return output ~= nil and command == "'/opt/nginx' -V", output or ""
    end
  end

  it("says what to install where there is none", function()
    build(nil)
    assert.same({ nil, "the sandbox needs nginx: install nginx and libnginx-mod-http-lua (Debian), or OpenResty" },
      { nginx.find() })
  end)

  it("needs no module file where Lua is compiled in", function()
    build("nginx version: openresty/1.25.3.1\nconfigure arguments: --add-module=../ngx_lua-0.10.26 "
      .. "--with-http_ssl_module --with-http_v2_module --without-http_scgi_module")
    local found = assert(nginx.find(true))
    assert.same({ "/opt/nginx", {}, "directive" }, { found.file, found.modules, found.http2 })
    local text = conf.text { nginx = found, port = 1, tls = true, tls_port = 2, path = "p", cpath = "c",
      settings = {} }
    assert.is_nil(text:find("load_module", 1, true))
    assert.is_nil(text:find("scgi", 1, true))
    assert.truthy(text:find("http2 on;", 1, true))
    assert.truthy(text:find("listen 127.0.0.1:2 ssl;", 1, true))
  end)

  it("says what to install where nginx has no TLS", function()
    build("nginx version: nginx/1.22.1\nconfigure arguments: --add-module=lua-nginx-module")
    assert.same({ nil, "/opt/nginx is built without TLS: install another nginx, or leave out TLS" },
      { nginx.find(true) })
    assert.is_truthy(nginx.find(false))
  end)
end)

describe("the sandbox", function()
  local sandbox, port

  setup(function()
    sandbox = support.start { tls = true, pending_seconds = 0, in_progress_seconds = 0 }
    port = sandbox.url:match "%d+$"
  end)
  teardown(function()
    sandbox:stop()
    assert.is_false(exists(sandbox.directory .. "/nginx.conf"))
    assert.is_nil((sandbox:call("GET", "/health/")))
  end)
  before_each(function()
    sandbox:reset()
  end)

  local function health()
    return sandbox:call("GET", "/health/")
  end

  -- Status and body alone, for comparing.
  local function answer_of(...)
    return { (...), (select(2, ...)) }
  end

  local function submit(body, path)
    return sandbox:call("POST", path or SUBMIT, { body = body or ONE_ROW, token = TOKEN })
  end

  local function control(method, path, body)
    return sandbox:call(method, "/_sandbox/" .. path, { body = body })
  end

  local function raw(bytes, seconds)
    local sock = assert(socket.connect("127.0.0.1", port))
    sock:settimeout(seconds or 5)
    sock:send(bytes)
    local answer, why, part = sock:receive "*a"
    sock:close()
    return answer or part, answer and "closed" or why
  end

  -- A submit as bytes.
  local function wire(body)
    return ("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s")
      :format(SUBMIT, TOKEN, #body, body)
  end

  -- How many purchases arrived, as the sandbox knows it.
  local function accepted()
    return sandbox:audit().counts.purchases
  end

  describe("audit", function()
    it("is empty at first", function()
      local status, body = control("GET", "audit")
      assert.equal(200, status)
      assert.equal('{"requests":[],"purchases":[],"counts":{"requests":0,"statuses":{},"faults":0,'
        .. '"purchases":0,"distinct":0,"repeated":0,"rows":0}}', body)
    end)

    it("lists every request to the API in its turn, and none of its own", function()
      health()
      submit()
      submit "{}"
      sandbox:call("GET", "/nowhere")
      local requests = sandbox:audit().requests
      local seen = {}
      for i, request in ipairs(requests) do
        assert.equal(i, request.n)
        seen[i] = { request.method, request.path, request.status, request.bytes, request.user }
      end
      assert.same({
        { "GET", "/health/", 200, 0 },
        { "POST", SUBMIT, 201, #ONE_ROW, "trebolenergia" },
        { "POST", SUBMIT, 400, 2, "trebolenergia" },
        { "GET", "/nowhere", 404, 0 },
      }, seen)
      assert.is_true(math.abs(requests[1].time - os.time()) < 60)
      assert.equal(1, #sandbox:audit(3).requests)
    end)

    it("counts how often the same body came for the same user and retailer", function()
      submit()
      submit()
      submit(OTHER_ROW)
      submit(ONE_ROW, "/api/v0/user/trebolenergia/submit-purchase?retailer_id=124")
      local audit = sandbox:audit()
      local received = {}
      for i, purchase in ipairs(audit.purchases) do
        received[i] = purchase.received
      end
      assert.same({ 2, 2, 1, 1 }, received)
      assert.same({ 4, 3, 4 }, { audit.counts.purchases, audit.counts.distinct, audit.counts.rows })
      assert.same({ ["201"] = 4 }, audit.counts.statuses)
    end)

    it("describes what was accepted", function()
      local body = '{"purchase":[{"datetime":"2025-11-11 00:15","purchase":1},'
        .. '{"datetime":"2025-11-11 00:30","purchase":2},{"datetime":"2025-11-11 00:45","purchase":3}]}'
      local _, answer = submit(body)
      local _, md5 = shell.run("printf %s " .. shell.quote(body) .. " | md5sum | cut -d' ' -f1")
      assert.same({
        id = cjson.decode(answer).id, provider = "ravenwits", user = "trebolenergia", customer = "trebolenergia",
        retailer_id = "123", rows = 3, first = "2025-11-11 00:15", last = "2025-11-11 00:45", digest = md5,
        received = 1,
      }, sandbox:audit().purchases[1])
    end)

    it("never shows credentials", function()
      sandbox:call("GET", "/health/?API_KEY=secret-1&a=b&api%5Fkey=secret-2&token=secret-3")
      sandbox:call("GET", "/health/", { token = "secret-4" })
      sandbox:call("GET", "/health/", { token = "secret-4" })
      sandbox:call("GET", "/health/", { token = "secret-5" })
      sandbox:call("POST", "/api/v0/auth/login/", { body = '{"email":"a@b.c","password":"secret-6"}' })
      local _, text = control("GET", "audit")
      assert.is_nil(text:find("secret", 1, true))
      local requests = cjson.decode(text).requests
      assert.equal("/health/?API_KEY=***&a=b&api%5Fkey=***&token=***", requests[1].path)
      assert.matches("^%x%x%x%x%x%x%x%x$", requests[2].credentials)
      assert.equal(requests[2].credentials, requests[3].credentials)
      assert.not_equal(requests[2].credentials, requests[4].credentials)
      assert.is_nil(requests[5].credentials)
    end)

    it("refuses a wrong question", function()
      assert.equal(400, (control("GET", "audit?since=x")))
    end)
  end)

  describe("faults", function()
    it("replace the answer once, with nothing carried out", function()
      sandbox:fault { method = "POST", path = "submit-purchase", status = 503, body = "busy",
        headers = { ["Retry-After"] = "2", ["Content-Type"] = "text/plain" } }
      assert.equal(200, (health()))
      local status, body, headers = submit()
      assert.same({ 503, "busy", "2", "text/plain" }, { status, body, headers["retry-after"], headers["content-type"] })
      assert.equal(0, accepted())
      assert.equal(201, (submit()))
      local audit = sandbox:audit()
      assert.same({ 1, 1 }, { audit.counts.faults, audit.counts.purchases })
      assert.same({ 503, 1 }, { audit.requests[2].status, audit.requests[2].fault })
      assert.is_nil(audit.requests[3].fault)
    end)

    it("replace the answer behind what was carried out", function()
      sandbox:fault { path = "submit-purchase", effect = "applied", status = 502 }
      local status, body = submit()
      assert.same({ 502, '{"error":"Bad gateway."}' }, { status, body })
      assert.equal(1, accepted())
    end)

    it("speak the API's words where no body is ordered", function()
      for status, body in pairs {
        [400] = '{"error":"Bad request."}', [429] = '{"error":"Request was throttled."}',
        [401] = '{"detail":"Authentication credentials were not provided."}', [504] = '{"error":"Gateway timeout."}',
        [418] = '{"error":"Error 418."}', [500] = '{"error":"Internal server error."}',
      } do
        sandbox:fault { status = status }
        assert.same({ status, body }, answer_of(health()))
      end
    end)

    it("send a JSON body as it was ordered, or keep the real one", function()
      control("POST", "faults", '{"status":200,"body":{"rows":[], "n":1.0}}')
      assert.same({ 200, '{"rows":[], "n":1.0}' }, answer_of(health()))
      sandbox:fault { headers = { ["X-Note"] = "hello" } }
      local status, body, headers = health()
      assert.same({ 200, HEALTHY, "hello" }, { status, body, headers["x-note"] })
      sandbox:fault { body = "<html>", effect = "applied" }
      assert.same({ 200, "<html>" }, answer_of(health()))
      sandbox:fault { body = "" , effect = "none" }
      assert.same({ 503, "" }, answer_of(health()))
    end)

    it("skip and repeat as ordered", function()
      sandbox:fault { skip = 2, times = 3, status = 503 }
      local seen = {}
      for i = 1, 7 do
        seen[i] = health()
      end
      assert.same({ 200, 200, 503, 503, 503, 200, 200 }, seen)
    end)

    it("strike in the order in which they were ordered", function()
      sandbox:fault { status = 500 }
      sandbox:fault { status = 502 }
      assert.same({ 500, 502, 200 }, { (health()), (health()), (health()) })
    end)

    it("match by method, and by parts of path and query", function()
      sandbox:fault { method = "PUT", status = 503, times = 9 }
      sandbox:fault { path = "/heal*h/?n=*1", status = 502, times = 9 }
      sandbox:fault { path = "submit-purchase?retailer_id=7", status = 504, times = 9 }
      sandbox:fault { path = "[", status = 500, times = 9 }
      assert.equal(200, (health()))
      assert.equal(503, (sandbox:call("PUT", "/health/")))
      assert.equal(502, (sandbox:call("GET", "/health/?n=1")))
      assert.equal(200, (sandbox:call("GET", "/health/?n=x")))
      assert.equal(200, (sandbox:call("GET", "/health/?1&n=")))
      assert.equal(201, (submit()))
      assert.equal(504, (submit(nil, "/api/v0/user/trebolenergia/submit-purchase?retailer_id=7")))
      assert.equal(500, (sandbox:call("GET", "/health/?[")))
    end)

    it("hold nobody up, whatever is looked for", function()
      sandbox:fault { path = ("*a"):rep(200) .. "b", status = 500 }
      sandbox:fault { path = (".-"):rep(20) .. "b", status = 500 }
      assert.is_true(common.elapsed(function()
        assert.equal(200, (sandbox:call("GET", "/health/?" .. ("a"):rep(8000))))
      end) < common.soon(0.1))
    end)

    it("strike at a rate, the same way for the same seed", function()
      local function strikes(seed)
        sandbox:reset()
        sandbox:fault { rate = 0.3, seed = seed, status = 503 }
        local seen = {}
        for i = 1, 200 do
          seen[i] = health() == 503 and "x" or "."
        end
        local text = table.concat(seen)
        return text, select(2, text:gsub("x", ""))
      end
      local first, count = strikes(7)
      assert.is_true(count > 35 and count < 85, first)
      assert.equal(first, (strikes(7)))
      assert.not_equal(first, (strikes(8)))
    end)

    it("strike at a rate no more often than ordered, always at 1 and never at 0", function()
      sandbox:fault { rate = 1, times = 2, status = 503 }
      sandbox:fault { rate = 0, status = 502 }
      assert.same({ 503, 503, 200 }, { (health()), (health()), (health()) })
    end)

    it("strike by chance from the first request on, not by the smallness of a seed", function()
      for seed = 0, 9 do
        sandbox:reset()
        sandbox:fault { rate = 0.001, seed = seed, status = 503 }
        assert.equal(200, (health()))
      end
    end)

    it("delay an answer, and nothing else", function()
      sandbox:fault { delay = 0.3 }
      local began = socket.gettime()
      assert.same({ 201, 1 }, { (submit()), accepted() })
      assert.is_true(socket.gettime() - began >= 0.29)
      sandbox:fault { delay = 0.2, status = 503 }
      began = socket.gettime()
      assert.same({ 503, 1 }, { (submit()), accepted() })
      assert.is_true(socket.gettime() - began >= 0.19)
    end)

    it("let a delayed request land though its sender has gone", function()
      sandbox:fault { delay = 0.3 }
      local sock = assert(socket.connect("127.0.0.1", port))
      sock:send(wire(ONE_ROW))
      assert.is_truthy(common.wait_until(function()
        return sandbox:audit().counts.requests == 1
      end))
      sock:close()
      assert.is_truthy(common.wait_until(function()
        return accepted() == 1
      end))
    end)

    it("let tokens run out, until a login or a reset", function()
      sandbox:fault { path = "submit-purchase", expire_tokens = true }
      assert.same({ 401, '{"detail":"Token has expired."}' }, answer_of(submit()))
      assert.equal(401, (submit()))
      local _, body = sandbox:call("POST", "/api/v0/auth/login/",
        { body = '{"email":"demo@example.com","password":"sandbox-password"}' })
      local token = cjson.decode(body).token
      assert.equal(201, (sandbox:call("POST", SUBMIT, { body = ONE_ROW, token = token })))
      sandbox:reset()
      assert.equal(201, (submit()))
    end)

    it("cut an answer off, after it was carried out", function()
      sandbox:fault { cut = 10 }
      local answer, why = raw(wire(ONE_ROW))
      local length, part = answer:match "Content%-Length: (%d+).-\r\n\r\n(.*)$"
      assert.matches('^{"id":"%x%x%x$', part)
      assert.is_true(tonumber(length) > 200)
      assert.equal("closed", why)
      assert.equal(1, accepted())
      sandbox:fault { cut = 10000 }
      assert.same({ 200, HEALTHY }, answer_of(health()))
    end)

    it("close without a word", function()
      sandbox:fault { status = 444 }
      local status, why = submit()
      assert.same({ nil, "closed" }, { status, why })
      assert.equal(0, accepted())
      assert.equal(444, sandbox:audit().requests[1].status)
    end)

    it("never strike the sandbox's own calls", function()
      sandbox:fault { path = "_sandbox", status = 503, times = 9 }
      sandbox:fault { status = 503, times = 9 }
      assert.equal(200, (control("GET", "audit")))
      assert.equal(503, (health()))
    end)

    it("are listed with what they did, and taken back", function()
      assert.same({}, sandbox:faults())
      local id = sandbox:fault { path = "health", status = 503, times = 2 }
      health()
      local listed = sandbox:faults()[1]
      assert.same({ id, "health", "none", 503, 1, 1 },
        { listed.id, listed.path, listed.effect, listed.status, listed.struck, listed.left })
      sandbox:clear_faults()
      assert.equal(200, (health()))
      assert.same({}, sandbox:faults())
    end)

    it("are refused where they make no sense", function()
      for body, complaint in pairs {
        ["{"] = "A fault must be a JSON object.",
        ["[]"] = "A fault must be a JSON object.",
        ['{"colour":1}'] = "Unknown fault field 'colour'.",
        ['{"status":100}'] = "Fault field 'status' is not valid.",
        ['{"status":"503"}'] = "Fault field 'status' is not valid.",
        ['{"times":0}'] = "Fault field 'times' is not valid.",
        ['{"rate":1.1}'] = "Fault field 'rate' is not valid.",
        ['{"skip":-1}'] = "Fault field 'skip' is not valid.",
        ['{"effect":"some"}'] = "Fault field 'effect' is not valid.",
        ['{"delay":null}'] = "Fault field 'delay' is not valid.",
        ['{"expire_tokens":1}'] = "Fault field 'expire_tokens' is not valid.",
        ['{"cut":0.5}'] = "Fault field 'cut' is not valid.",
        ['{"body":1}'] = "Fault field 'body' is not valid.",
        ['{"headers":{"A b":"c"}}'] = "Fault field 'headers' is not valid.",
        ['{"headers":{"A":"b\\r\\nC: d"}}'] = "Fault field 'headers' is not valid.",
        ['{"headers":{"content-length":"5"}}'] = "Fault field 'headers' is not valid.",
      } do
        assert.same({ 400, cjson.encode { error = complaint } }, answer_of(control("POST", "faults", body)))
      end
      assert.same({}, sandbox:faults())
    end)
  end)

  describe("settings", function()
    it("are read and merged, and a reset brings back those of the start", function()
      assert.same({ workflow = "ok", models = 3, ravenwits_version = 1, pending_seconds = 0, in_progress_seconds = 0,
        token_lifetime = 3600, woowup_api_key = "sandbox-woowup-key", queue_seconds = 0.2, rate_limit = 0,
        unknown_user = "unknown", branches = "001,Palermo I", curebit_site = "sandbox-shop",
        curebit_api_key = "sandbox-curebit-key" }, sandbox:settings())
      assert.equal(5, sandbox:settings({ models = 5 }).models)
      assert.equal("fails", sandbox:settings({ workflow = "fails" }).workflow)
      assert.equal(5, sandbox:settings().models)
      sandbox:reset()
      local settings = sandbox:settings()
      assert.same({ 3, "ok", 0 }, { settings.models, settings.workflow, settings.pending_seconds })
    end)

    it("are refused as a whole where one of them is wrong", function()
      for body, complaint in pairs {
        ['{"colour":1}'] = "Unknown setting 'colour'.",
        ['{"models":2.5}'] = "Setting 'models' must be a whole number from 1 to 1000.",
        ['{"models":4,"workflow":"odd"}'] = "Setting 'workflow' must be one of ok, fails, never_starts.",
        ['{"token_lifetime":-1}'] = "Setting 'token_lifetime' must be a number of seconds from 0 to 1000000000.",
        ['{"token_lifetime":1e10}'] = "Setting 'token_lifetime' must be a number of seconds from 0 to 1000000000.",
        ['{"token_lifetime":null}'] = "Setting 'token_lifetime' must be a number of seconds from 0 to 1000000000.",
        ['{"rate_limit":-1}'] = "Setting 'rate_limit' must be a whole number from 0 to 1000000.",
        ['{"branches":"a\\n"}'] = "Setting 'branches' must be a text on one line.",
        ['{"branches":1}'] = "Setting 'branches' must be a text on one line.",
        ['{"curebit_site":"a/b"}'] = "Setting 'curebit_site' must be letters, digits, dots, hyphens and underscores.",
        ['{"woowup_api_key":7}'] =
          "Setting 'woowup_api_key' must be letters, digits, dots, hyphens and underscores.",
        ['[]'] = "Settings must be a JSON object.",
      } do
        local status, answer = control("POST", "settings", body)
        assert.same({ 400, complaint }, { status, cjson.decode(answer).error })
      end
      assert.equal(3, sandbox:settings().models)
    end)
  end)

  describe("its own calls", function()
    it("are for programs of this machine: no web page may make them, under whatever name", function()
      for name, value in pairs { origin = "http://127.0.0.1:8080", host = "evil.example" } do
        local status, body = sandbox:call("POST", "/_sandbox/reset", { headers = { [name] = value } })
        assert.same({ 403, name }, { status, cjson.decode(body).error:match "'(%a+)'":lower() })
        assert.equal(200, (sandbox:call("GET", "/health/", { headers = { [name] = value } })))
      end
      for _, host in ipairs { "127.0.0.1.evil.example", "evil.example:8080", "127.0.0.2x" } do
        assert.equal(403, (sandbox:call("GET", "/_sandbox/counts", { headers = { host = host } })), host)
      end
      for _, host in ipairs { "127.0.0.1", "localhost", "LocalHost:1", "[::1]", "[::1]:8080" } do
        assert.equal(200, (sandbox:call("GET", "/_sandbox/counts", { headers = { host = host } })), host)
      end
    end)

    it("know their names and methods", function()
      assert.equal(404, (control("GET", "nothing")))
      assert.equal(404, (control("GET", "audit/more")))
      assert.equal(404, (control("GET", "")))
      assert.equal(404, (control("GET", "refused")))
      assert.equal(405, (control("POST", "audit", "")))
      assert.equal(405, (control("GET", "reset")))
    end)

    it("forget on a reset what happened", function()
      local _, body = submit()
      sandbox:fault { status = 503 }
      sandbox:reset()
      assert.equal(0, sandbox:audit().counts.requests)
      assert.same({}, sandbox:faults())
      local path = "/api/v0/user/trebolenergia/purchase/" .. cjson.decode(body).id .. "/get"
      assert.equal(404, (sandbox:call("GET", path, { token = TOKEN })))
    end)
  end)

  describe("over the wire", function()
    local function curl(arguments, input)
      local command = "curl -sS --max-time 10 -w ' %{http_code} %{http_version}' " .. arguments
      return shell.run(input and "printf %s " .. shell.quote(input) .. " | " .. command or command)
    end

    it("speaks HTTP/2 over TLS, under a certificate that its own authority signed", function()
      local trusted = "--cacert " .. shell.quote(sandbox.ca_file)
      local by_name = sandbox.tls_url:gsub("127%.0%.0%.1", "localhost")
      assert.same({ true, HEALTHY .. " 200 2" }, { curl(trusted .. " " .. sandbox.tls_url .. "/health/") })
      assert.same({ true, HEALTHY .. " 200 2" }, { curl(trusted .. " " .. by_name .. "/health/") })
      assert.same({ true, HEALTHY .. " 200 1.1" }, { curl(trusted .. " --http1.1 " .. sandbox.tls_url .. "/health/") })
      assert.is_false((curl(sandbox.tls_url .. "/health/")))
    end)

    it("takes HTTP/2 bodies of unknown length", function()
      local ok, answer = curl(("--cacert %s -X POST -T - -H 'Authorization: Bearer %s' '%s%s'")
        :format(shell.quote(sandbox.ca_file), TOKEN, sandbox.tls_url, SUBMIT), ONE_ROW)
      assert.is_true(ok, answer)
      assert.matches(" 201 2$", answer)
    end)

    it("takes chunked bodies", function()
      local answer = raw(("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
        .. "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"):format(SUBMIT, TOKEN, #ONE_ROW, ONE_ROW))
      assert.matches("^HTTP/1.1 201", answer)
      assert.equal(1, accepted())
    end)

    it("keeps a connection for many requests", function()
      local answer = raw(("GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n"):rep(2000)
        .. "GET /health/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      assert.equal(2001, select(2, answer:gsub("HTTP/1.1 200", "")))
    end)

    it("compresses large answers where that is asked for, unless they are cut", function()
      local path = "/api/v0/strategies/u?idretailer=1"
      sandbox:settings { models = 1000 }
      local options = { token = TOKEN, headers = { ["accept-encoding"] = "gzip" } }
      local status, body, headers = sandbox:call("GET", path, options)
      assert.same({ 200, "gzip", "\31\139" }, { status, headers["content-encoding"], body:sub(1, 2) })
      sandbox:fault { cut = 20 }
      local answer = raw(("GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept-Encoding: gzip\r\n\r\n")
        :format(path, TOKEN))
      assert.equal('{"user":"u","idretai', answer:match "\r\n\r\n(.*)$")
    end)

    it("answers in JSON also where nginx refuses by itself", function()
      for request, status in pairs {
        ["TRACE / HTTP/1.1\r\nHost: x\r\n"] = 405,
        ["GET /../.. HTTP/1.1\r\nHost: x\r\n"] = 400,
        ["GET /%00 HTTP/1.1\r\nHost: x\r\n"] = 400,
        ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n"] = 413,
      } do
        sandbox:reset()
        local answer = raw(request .. "Connection: close\r\n\r\n", 0.5)
        assert.matches("^HTTP/1.1 " .. status, answer)
        assert.matches("\r\nContent%-Type: application/json\r\n", answer)
        assert.equal(('{"error":"Refused by the server: %d."}'):format(status), answer:match "\r\n\r\n(.*)$")
        assert.equal(status, sandbox:audit().requests[1].status)
      end
    end)

    it("listens on the loopback only", function()
      local _, address = shell.run "hostname -I | cut -d' ' -f1"
      if address:find "^%d" and address ~= "127.0.0.1" then
        assert.is_nil((socket.connect(address, port)))
      end
    end)

    -- Any bytes: the sandbox may refuse them, but must neither fail nor stop.
    local function random_text(most)
      local bytes = {}
      for i = 1, math.random(0, most) do
        bytes[i] = string.char(math.random(0, 255))
      end
      return table.concat(bytes)
    end

    local function damaged(text)
      for _ = 1, math.random(1, 3) do
        local at = math.random(1, #text)
        text = text:sub(1, at - 1) .. random_text(2) .. text:sub(at + math.random(0, 2))
      end
      return text
    end

    local function answered(request)
      local status = raw(request, 1):match "^HTTP/1.1 (%d+)"
      assert.is_true(status == nil or tonumber(status) < 500, request)
      return tonumber(status)
    end

    it("breaks on no body", function()
      math.randomseed(seeds.one "sandbox, bodies")
      local seen = {}
      local bodies = { ONE_ROW, '{"outputs":[{"idmodel":1,"value":{"MD":[]}}],"status":"failed","error":"x"}' }
      local _, receipt = submit()
      local update = "PUT /api/v0/user/trebolenergia/purchase/" .. cjson.decode(receipt).id .. "/update"
      local targets = { "POST " .. SUBMIT, update, "POST /api/v0/auth/login/", "POST /_sandbox/faults",
        "POST /_sandbox/settings" }
      for _ = 1, 1000 do
        local body = math.random() < 0.2 and random_text(60) or damaged(bodies[math.random(#bodies)])
        local status = answered(("%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
          .. "Content-Length: %d\r\n\r\n%s"):format(targets[math.random(#targets)], TOKEN, #body, body))
        seen[assert(status)] = true
      end
      assert.is_true(seen[201] and seen[200] and seen[400])
    end)

    it("breaks on no path", function()
      math.randomseed(seeds.one "sandbox, paths")
      local seen = {}
      for _ = 1, 1000 do
        local path = damaged(SUBMIT .. "&idmodel=%ff")
        local status = answered(("GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          :format(path:gsub("^/", "")))
        seen[status or 0] = true
      end
      assert.is_true(seen[405] and seen[404] and seen[400])
      assert.is_table(sandbox:audit().requests)
    end)

    it("breaks on no bytes at all", function()
      math.randomseed(seeds.one "sandbox, bytes")
      for _ = 1, 200 do
        answered(random_text(200) .. "\r\n\r\n")
      end
      assert.equal(200, (health()))
    end)

    it("has logged no failure of its own in all this", function()
      local log = sandbox:log()
      assert.is_nil(log:find("sandbox: ", 1, true), log)
      assert.is_nil(log:find("lua", 1, true), log)
      assert.is_nil(log:find("%[alert%]") or log:find("%[crit%]") or log:find("%[emerg%]"), log)
    end)
  end)
end)
