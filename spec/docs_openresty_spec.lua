-- docs/openresty.md holds: its module and its configuration work in a real nginx.
local command = require "spec.support.command"
local http = require "socket.http"
local load = require "spec.support.load"
local nginx = require "spec.support.nginx"
local pages = require "spec.support.pages"
local purchases = require "purchases"
local sandboxes = require "spec.support.sandbox"
local socket = require "socket"

local page = pages.open "docs/openresty.md"

describe("docs/openresty.md", function()
  local api, worker, directory
  local module, configuration = page:take("lua", "Use"), page:take("nginx", "Use")

  -- The page's locations, by name.
  local function locations()
    local found = {}
    for name, body in configuration:gmatch "location (= /%l+) (%b{})" do
      found[name] = body:sub(2, -2)
    end
    return found
  end

  setup(function()
    api = sandboxes.start { pending_seconds = 0, in_progress_seconds = 0 }
    directory = command.output_of "mktemp -d"
    command.write_file(directory .. "/uploads.lua", module)
    local path = package.path
    package.path = path .. ";" .. directory .. "/?.lua"
    worker = nginx.start {
      locations = locations(),
      main = configuration:match "^(.-)\nhttp {",
      env = { RAVENWITS_TOKEN = sandboxes.TOKEN, RAVENWITS_BASE_URL = api.url },
    }
    package.path = path
  end)
  teardown(function()
    worker:stop()
    api:stop()
    os.execute("rm -rf -- " .. command.quote(directory))
  end)

  local function url(path)
    return ("http://127.0.0.1:%d%s"):format(worker.port, path)
  end

  it("shows a location that takes a series, and uploads it in the background", function()
    local answer, status = http.request(url "/submit", "[]")
    assert.same({ 422, "There are no purchase items. (validation)\n" }, { status, answer })
    answer, status = http.request(url "/submit", load.series(96):encode())
    assert.same({ 202, "accepted for upload\n" }, { status, answer })
    assert.is_truthy(nginx.wait_until(function()
      return api:audit().counts.purchases == 1
    end))
    assert.is_nil(worker:trouble())
  end)

  it("shows a location that makes calls side by side", function()
    local client = purchases.ravenwits.new { user = "trebolenergia", token = sandboxes.TOKEN, base_url = api.url }
    local ids = {}
    for i = 1, 3 do
      ids[i] = "id=" .. assert(client:submit(load.series(i), { retailer_id = "1" })).id
    end
    api:fault { path = "/get", delay = 1, times = 3 }
    local began = socket.gettime()
    assert.equal("completed\ncompleted\ncompleted\n", (http.request(url("/statuses?" .. table.concat(ids, "&")))))
    assert.is_true(socket.gettime() - began < 2.9)
    assert.matches("^ravenwits get: .*not found", (http.request(url "/statuses?id=none")):lower())
    assert.is_nil(worker:trouble())
  end)

  local unknown = page:take_installation "Install"

  it("installs by lines that spec/install_spec.lua runs", function()
    assert.same({}, unknown)
  end)

  pages.has_no_more(page)
end)
