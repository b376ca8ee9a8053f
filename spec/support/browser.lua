-- A headless Chromium, driven over the WebDriver protocol (https://www.w3.org/TR/webdriver2/).
--
--   local browser = require("spec.support.browser").start()
--   browser:open(url)  browser:script "return document.title"  browser:wait_for "return ... || null"
--   browser:find("css selector"):type("text")  :click()
--   browser:prefer "dark"  browser:resize(360, 740)  browser:screenshot(name)  browser:log()  browser:stop()
local apps = require "spec.support.openresty"
local cjson = require "cjson"
local command = require "spec.support.command"
local http = require "socket.http"
local ltn12 = require "ltn12"

local PATIENCE = 60 -- seconds, of a browser on a busy machine

local M = {}

local Browser = {}
Browser.__index = Browser

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf" -- the name that the protocol gives to references

local ARGUMENTS = { "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
  "--window-size=1100,1400" }

local function call(self, method, path, value)
  local body, chunks = type(value) == "table" and cjson.encode(value) or value, {}
  http.TIMEOUT = PATIENCE
  local ok, status = http.request {
    url = self.url .. path, method = method,
    headers = body and { ["Content-Type"] = "application/json", ["Content-Length"] = #body },
    source = body and ltn12.source.string(body), sink = ltn12.sink.table(chunks),
  }
  local answer = table.concat(chunks)
  if not ok or status ~= 200 then
    error(("webdriver %s %s: %s"):format(method, path, ok and answer or status), 3)
  end
  return cjson.decode(answer).value
end

local function capabilities(directory)
  local arguments = { "--user-data-dir=" .. directory }
  return { capabilities = { alwaysMatch = {
    ["goog:chromeOptions"] = { binary = "/usr/bin/chromium", args = command.concat(ARGUMENTS, arguments) },
    ["goog:loggingPrefs"] = { browser = "ALL" },
    timeouts = { pageLoad = 1000 * PATIENCE, script = 1000 * PATIENCE },
  } } }
end

-- Its files go into the folder, so that nothing is left of it.
local function start_driver(self)
  local port = apps.free_port()
  self.driver = command.start({ "--port=" .. port }, {
    program = "/usr/bin/chromedriver", env = { HOME = self.directory, TMPDIR = self.directory },
  })
  self.url = "http://127.0.0.1:" .. port
  local ready = command.wait_until(function()
    return http.request(self.url .. "/status")
  end)
  assert(ready, "chromedriver did not start")
end

function M.start()
  local directory = command.output_of 'mktemp -d "${TMPDIR:-/tmp}/purchases-browser.XXXXXX"'
  local self = setmetatable({ directory = directory }, Browser)
  start_driver(self)
  local session = call(self, "POST", "/session", capabilities(directory))
  self.url = self.url .. "/session/" .. session.sessionId
  return self
end

function Browser:stop()
  pcall(call, self, "DELETE", "")
  self.driver:signal "TERM"
  self.driver:wait()
  os.execute("rm -rf -- " .. command.quote(self.directory))
end

function Browser:open(url)
  call(self, "POST", "/url", { url = url })
end

--- What a function body returns in the page.
function Browser:script(text)
  local value = call(self, "POST", "/execute/sync", ('{"script":%s,"args":[]}'):format(cjson.encode(text)))
  return value ~= cjson.null and value or nil
end

--- Asks until it returns something else than null; the page may be loaded anew meanwhile.
function Browser:wait_for(text)
  local asked, value
  local found = command.wait_until(function()
    asked, value = pcall(self.script, self, text)
    return asked and value
  end, PATIENCE)
  return found or error(("nothing came of: %s (%s)\n%s"):format(text, tostring(value), self:text()), 2)
end

--- As if the reader had set their system to "dark" or "light".
function Browser:prefer(scheme)
  call(self, "POST", "/goog/cdp/execute", {
    cmd = "Emulation.setEmulatedMedia",
    params = { features = { { name = "prefers-color-scheme", value = scheme } } },
  })
end

function Browser:resize(width, height)
  call(self, "POST", "/goog/cdp/execute", {
    cmd = "Emulation.setDeviceMetricsOverride",
    params = { width = width, height = height, deviceScaleFactor = 1, mobile = true },
  })
end

--- All that can be read on the page.
function Browser:text()
  return self:script "return document.body.innerText"
end

local Element = {}
Element.__index = Element

function Browser:find(selector)
  local found = call(self, "POST", "/element", { using = "css selector", value = selector })
  return setmetatable({ browser = self, path = "/element/" .. found[ELEMENT] }, Element)
end

function Element:type(text)
  call(self.browser, "POST", self.path .. "/value", { text = text })
end

function Element:click()
  call(self.browser, "POST", self.path .. "/click", "{}")
end

--- What the page has complained about since the last time.
function Browser:log()
  return call(self, "POST", "/se/log", { type = "browser" })
end

--- The page as a PNG, into a file.
function Browser:screenshot(name)
  local mime = require "mime"
  command.write_file(name, (mime.unb64(call(self, "GET", "/screenshot"))))
end

return M
