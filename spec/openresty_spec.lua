-- The example application: started by its own run.sh, in a real nginx, against a real sandbox. Nothing of it
-- knows which Lua runs this, so one of them does.
if not rawget(_G, "jit") then
  return
end

local apps = require "spec.support.openresty"
local command = require "spec.support.command"
local http = require "socket.http"
local load = require "spec.support.load"
local sandboxes = require "spec.support.sandbox"

local HTML = "text/html,application/xhtml+xml"
local BAD = "datetime,purchase\n2025-10-01 00:00,a\n2025-10-01 00:20,3\n2025-10-01 00:30,\n"

local function form(parts)
  local list = {}
  for _, part in ipairs(parts) do
    list[#list + 1] = ("--limit\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"):format(part[1], part[2])
  end
  return { body = table.concat(list) .. "--limit--\r\n", type = "multipart/form-data; boundary=limit" }
end

describe("the example application", function()
  local sandbox, app

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 0.1, in_progress_seconds = 0.1 }
    app = apps.start { base_url = sandbox.url, token = sandboxes.TOKEN }
  end)
  teardown(function()
    app:stop()
    sandbox:stop()
  end)
  before_each(function()
    sandbox:reset()
  end)
  after_each(function()
    assert.is_nil(app:trouble "client intended to send too large body")
  end)

  local function upload(body, options)
    local given = options or {}
    given.body = body
    return app:json("POST", "/series?retailer_id=" .. (given.retailer_id or "123"), given)
  end

  local function arrived()
    local counts = sandbox:audit().counts
    return { math.floor(counts.purchases), math.floor(counts.distinct), math.floor(counts.rows) }
  end

  describe("takes a series", function()
    for what, body in pairs { CSV = load.csv(96), JSON = load.series(96):encode() } do
      it("as " .. what .. ", uploads it, and tells how it stands", function()
        local status, job, headers = app:json("POST", "/series?retailer_id=123", { body = body })
        assert.same({ 202, 96, "2025-10-01 00:00", "2025-10-01 23:45", false },
          { status, job.rows, job.first, job.last, job.final })
        job = app:job(job.id)
        assert.same({ "completed", "Completed", "123" }, { job.state, job.text, job.retailer_id })
        assert.same({ 1, 1, 96 }, arrived())
        assert.equal(job.purchase_id, sandbox:audit().purchases[1].id)
        assert.is_nil(headers)
      end)
    end

    it("from a browser's form, and leads to its page", function()
      local sent = form { { 'name="file"; filename="load &amp; <b>.csv"', load.csv(8) }, { 'name="retailer_id"', "7" },
        { 'name="tz"', "" } }
      sent.accept = HTML
      local status, _, headers = app:call("POST", "/series", sent)
      assert.equal(303, status)
      local id = headers.location:match "^/jobs/(%x+)$"
      app:job(id)
      local page = select(2, app:call("GET", headers.location, { accept = HTML }))
      assert.matches("<h1>load &amp;amp; &lt;b&gt;.csv</h1>", page, 1, true)
      assert.equal(16, select(2, page:gsub('<g class="point">', "")))
      assert.equal("7", sandbox:audit().purchases[1].retailer_id)
    end)

    it("with columns and a zone of its own, and the day of 100 quarter-hours", function()
      local rows = { "at;mw" }
      for i = 0, 99 do
        local minutes = i * 15 + 22 * 60
        rows[#rows + 1] = ("2025-10-%02dT%02d:%02d:00Z;%d"):format(25 + math.floor(minutes / 1440),
          math.floor(minutes / 60) % 24, minutes % 60, i)
      end
      local path = "/series?retailer_id=1&datetime=at&value=mw&tz=Europe/Madrid"
      local status, job = app:json("POST", path, { body = table.concat(rows, "\n") })
      assert.same({ 202, 100, "2025-10-26 23:45" }, { status, job.rows, job.last })
      assert.equal("completed", app:job(job.id).state)
      local page = select(2, app:call("GET", "/jobs/" .. job.id, { accept = HTML }))
      assert.equal(200, select(2, page:gsub('<g class="point">', "")))
      assert.same({ 1, 1, 100 }, arrived())
    end)

    it("of years, and shows it on a page that is drawn once, and no larger than what can be seen", function()
      local _, job = upload(load.csv(100000))
      assert.same({ "completed", 100000 }, { app:job(job.id).state, job.rows })
      local page = select(2, app:call("GET", "/jobs/" .. job.id, { accept = HTML }))
      assert.matches("Strategy: share of each market", page, 1, true)
      assert.is_true(#page < 100000, #page)
      assert.equal(page, select(2, app:call("GET", "/jobs/" .. job.id, { accept = HTML })))
    end)

    it("larger than nginx keeps in memory", function()
      local status, job = upload((load.days(31):encode():gsub(",", "," .. (" "):rep(500))))
      assert.same({ 202, 31 * 96 }, { status, job.rows })
      app:job(job.id)
    end)
  end)

  describe("refuses", function()
    it("a series with problems, names them all, and sends nothing", function()
      local status, answer = upload(BAD)
      assert.same({ 422, 3 }, { status, answer.total })
      local lines = {}
      for i, issue in ipairs(answer.issues) do
        lines[i] = math.floor(issue.line)
      end
      assert.same({ 2, 3, 4 }, lines)
      assert.equal('Purchase item at index 0: field "purchase" must be a number (in MW unit).',
        answer.issues[1].message)
      assert.equal(0, sandbox:audit().counts.requests)
    end)

    it("it on a page, too", function()
      local sent = form { { 'name="file"; filename="bad.csv"', BAD }, { 'name="retailer_id"', "7" } }
      sent.accept = HTML
      local status, page = app:call("POST", "/series", sent)
      assert.equal(422, status)
      assert.matches("bad.csv was not sent. It has 3 problems.", page, 1, true)
      assert.equal(4, select(2, page:gsub("<tr>", "")))
    end)

    for what, case in pairs {
      ["nothing"] = { body = "", status = 422 },
      ["garbage"] = { body = ("\0\255\1%d\n"):rep(2000), status = 422 },
      ["half a JSON document"] = { body = '{"purchase":[{"datetime"', status = 422 },
      ["an unknown time zone"] = { body = load.csv(4), path = "/series?retailer_id=1&tz=Mars", status = 422 },
      ["no retailer"] = { body = load.csv(4), path = "/series", status = 400 },
      ["a form without a file"] = { form = form { { 'name="retailer_id"', "7" } }, status = 400 },
      ["a form without an end"] = { body = "--limit\r\nContent-Disposition: form-data", status = 400,
        type = "multipart/form-data; boundary=limit" },
      ["a form without a boundary"] = { body = "x", type = "multipart/form-data", status = 400 },
      ["another method"] = { method = "PUT", body = "", status = 405 },
      ["an unknown upload"] = { method = "GET", path = "/jobs/" .. ("0"):rep(32), status = 404 },
      ["an unknown page"] = { method = "GET", path = "/nothing", status = 404 },
    } do
      it(what .. ", as JSON and on a page", function()
        local sent = case.form or { body = case.body, type = case.type }
        local method, path = case.method or "POST", case.path or "/series?retailer_id=1"
        sent.accept = nil
        local status, answer = app:json(method, path, sent)
        assert.equal(case.status, status)
        assert.is_true(#answer.error > 10)
        sent.accept = HTML
        local page
        status, page = app:call(method, path, sent)
        assert.equal(case.status, status)
        assert.matches('role="alert"', page, 1, true)
        assert.equal(0, sandbox:audit().counts.requests)
      end)
    end

    it("50 MB, before they were read", function()
      local name = os.tmpname()
      command.write_file(name, ("x"):rep(50e6))
      for accept, wanted in pairs { ["*/*"] = '{"error":"A series may have 8 MB', [HTML] = "<h1>Too large</h1>" } do
        local answer = command.output_of(("curl -s -w '%%{http_code}' -H 'Accept: %s' --data-binary @%s %s"):format(
          accept, name, command.quote(app.url .. "/series?retailer_id=1")))
        assert.matches(wanted, answer, 1, true)
        assert.matches("413$", answer)
      end
      os.remove(name)
    end)
  end)

  describe("tells what became of a purchase", function()
    local function fate(body)
      local _, job = upload(body or load.csv(4))
      return app:job(job.id)
    end

    it("that may have arrived", function()
      sandbox:fault { path = "submit", status = 502, effect = "applied" }
      local job = fate()
      assert.same({ "unknown", "May have arrived: ask before you send it again" }, { job.state, job.text })
      assert.same({ 1, 1, 4 }, arrived())
    end)

    it("that the API refused", function()
      sandbox:fault { path = "submit", status = 400, body = { error = "Not <today>." } }
      local job = fate()
      assert.equal("rejected", job.state)
      assert.matches("Not <today>.", job.error, 1, true)
      local page = select(2, app:call("GET", "/jobs/" .. job.id, { accept = HTML }))
      assert.matches("Not &lt;today&gt;.", page, 1, true)
      assert.matches('aria-current="step">Sent', page, 1, true)
    end)

    it("whose workflow failed", function()
      sandbox:settings { workflow = "fails" }
      local job = fate()
      assert.equal("failed", job.state)
      assert.matches("Workflow execution failed.", job.error, 1, true)
    end)

    it("that cannot be asked for any more", function()
      sandbox:fault { path = "/get", status = 404 }
      local job = fate()
      assert.equal("unwatched", job.state)
      assert.same({ 1, 1, 4 }, arrived())
    end)

    it("that could not be sent: a wrong token, an API that is down, no API", function()
      for base_url, words in pairs { [sandbox.url] = "auth", ["http://127.0.0.1:1"] = "connect", nonsense = "log" } do
        local other = apps.start { base_url = base_url, token = "wrong-token" }
        local _, job = other:json("POST", "/series?retailer_id=1", { body = load.csv(4) })
        job = other:job(job.id)
        assert.same({ "not_sent", "Not sent: nothing has arrived" }, { job.state, job.text })
        assert.matches(words, job.error, 1, true)
        assert.is_nil(job.error:find("wrong-token", 1, true))
        assert.is_nil(other:log():find("wrong-token", 1, true))
        other:stop()
      end
      assert.equal(0, sandbox:audit().counts.purchases)
    end)
  end)

  it("lets all workers tell the same", function()
    local _, job = upload(load.csv(4))
    app:job(job.id)
    for _ = 1, 20 do -- each over a connection of its own, which either worker may take
      assert.equal("completed", app:job(job.id).state)
    end
  end)

  it("has no page without its style, and asks nobody else for anything", function()
    for path, kind in pairs { ["/style.css"] = "text/css", ["/live.js"] = "text/javascript" } do
      local status, _, headers = app:call("GET", path)
      assert.same({ 200, kind }, { status, headers["content-type"] })
    end
    local _, page, headers = app:call("GET", "/", { accept = HTML })
    assert.is_nil(page:find("https?://%a"))
    assert.matches("default-src 'none'", headers["content-security-policy"], 1, true)
  end)

  describe("keeps its uploads", function()
    it("over a reload: what is being sent is sent once, what is watched is watched on", function()
      sandbox:settings { pending_seconds = 1, in_progress_seconds = 1 }
      local _, watched = upload(load.csv(4))
      app:job(watched.id, "pending")
      sandbox:fault { path = "submit", delay = 1, times = 5 }
      local ids = { watched.id }
      for i = 2, 6 do
        local _, job = upload(load.csv(4 * i))
        ids[i] = job.id
      end
      app:signal "HUP"
      for _, id in ipairs(ids) do
        assert.equal("completed", app:job(id).state)
      end
      local purchases = sandbox:audit().purchases
      assert.equal(6, #purchases)
      for _, purchase in ipairs(purchases) do
        assert.equal(1, purchase.received)
      end
    end)
  end)
end)

describe("the example application, when it is told to stop,", function()
  it("says what it leaves unfinished", function()
    local sandbox = sandboxes.start { workflow = "never_starts" }
    local app = apps.start { base_url = sandbox.url, token = sandboxes.TOKEN }
    finally(function()
      app:stop()
      sandbox:stop()
    end)
    local _, job = app:json("POST", "/series?retailer_id=1", { body = load.csv(4) })
    app:job(job.id, "pending")
    app:signal "TERM"
    assert.is_truthy(command.wait_until(function()
      return app:log():find("job " .. job.id .. ": unfinished as a worker ends: Accepted", 1, true)
    end, 20))
  end)

  it("ends, and its sandbox with it", function()
    local app = apps.start()
    local _, job = app:json("POST", "/series?retailer_id=1", { body = load.csv(4) })
    assert.equal("completed", app:job(job.id).state)
    assert.equal(200, select(2, http.request(app.sandbox_url .. "/health/")))
    local result = app:interrupt()
    assert.equal(0, result.code)
    assert.is_nil((http.request(app.sandbox_url .. "/health/")))
    assert.is_nil((http.request(app.url)))
    assert.equal("", command.output_of("ls " .. app.directory))
    assert.matches("The application answers at " .. app.url, result.stdout, 1, true)
    app:stop()
  end)

  it("says which port is taken, and leaves alone whoever has it", function()
    local sandbox = sandboxes.start()
    finally(function()
      sandbox:stop()
    end)
    local port = sandbox.url:match "%d+$"
    for name, other in pairs { SANDBOX_PORT = "PORT", PORT = "SANDBOX_PORT" } do
      local result = command.run({}, { program = command.root .. "/examples/openresty/run.sh",
        env = { [name] = port, [other] = apps.free_port() } })
      assert.equal(1, result.code)
      assert.matches("cannot listen on port " .. port .. ": Address already in use", result.stderr, 1, true)
    end
    assert.equal(0, sandbox:audit().counts.requests)
  end)
end)
