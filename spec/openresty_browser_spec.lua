-- The example application in a browser, a headless Chromium. Neither nginx nor the browser knows which Lua runs
-- this, so one of them does.
if not rawget(_G, "jit") then
  return
end

local apps = require "spec.support.openresty"
local browsers = require "spec.support.browser"
local command = require "spec.support.command"
local load = require "spec.support.load"
local sandboxes = require "spec.support.sandbox"

local STATE = "const state = document.getElementById('state'); return state ? state.dataset.state : null"

describe("the example application's pages", function()
  local sandbox, app, browser, directory

  setup(function()
    sandbox = sandboxes.start { pending_seconds = 1, in_progress_seconds = 1 }
    app = apps.start { base_url = sandbox.url, token = sandboxes.TOKEN }
    browser = browsers.start()
    directory = command.output_of "mktemp -d"
    command.write_file(directory .. "/day.csv", load.csv(96))
    command.write_file(directory .. "/bad.csv", "datetime,purchase\n2025-10-01 00:00,<b>\n2025-13-01 00:00,1\n")
  end)
  teardown(function()
    browser:stop()
    app:stop()
    sandbox:stop()
    os.execute("rm -rf -- " .. command.quote(directory))
  end)

  local function choose(name)
    browser:open(app.url .. "/")
    browser:find("#file"):type(directory .. "/" .. name)
    browser:find("button"):click()
  end

  local function count(selector)
    return math.floor(browser:script(("return document.querySelectorAll(%q).length"):format(selector)))
  end

  -- Of the messages on the browser's console, those that are none of nginx's refusals.
  local function has_no_complaints()
    for _, entry in ipairs(browser:log()) do
      assert.is_truthy(entry.source == "network" and entry.message:find "status of 4", entry.message)
    end
  end

  it("follow an upload to its end, and show what came of it", function()
    choose "day.csv"
    local seen = {}
    browser:wait_for("const s = (() => {" .. STATE .. "})(); return s && s != 'completed' ? s : null")
    command.wait_until(function()
      local ok, state = pcall(browser.script, browser, STATE) -- the page may be about to be loaded anew
      if ok and state and state ~= seen[#seen] then
        seen[#seen + 1] = state
      end
      return state == "completed"
    end)
    assert.equal("completed", seen[#seen])
    assert.is_true(#seen >= 2, table.concat(seen, " "))
    assert.same({ 96, 96, 4, 4 }, { count "section:nth-of-type(1) .point", count "section:nth-of-type(2) .point",
      count "polygon", count ".legend li" })
    assert.equal(96, math.floor(browser:script "return document.querySelector('polyline').points.numberOfItems"))
    assert.equal("day.csv", browser:script "return document.querySelector('h1').innerText")
    assert.equal("status", browser:script "return document.getElementById('state').getAttribute('role')")
    assert.equal(1, #sandbox:audit().purchases)
    has_no_complaints()
  end)

  it("draw what is there to be seen", function()
    local box = browser:script [[
      const box = document.querySelector("polyline").getBoundingClientRect();
      return [box.width, box.height];
    ]]
    assert.is_true(box[1] > 500 and box[2] > 100, table.concat(box, " x "))
  end)

  it("show what is wrong with a file", function()
    choose "bad.csv"
    browser:wait_for "return document.querySelector('.issues') || null"
    assert.equal(2, count ".issues tbody tr")
    assert.equal('Purchase item at index 0: field "purchase" must be a number (in MW unit). '
      .. "('<b>' is not a number: where it stands for nothing, say null = { \"<b>\" })",
      browser:script "return document.querySelector('.issues tbody td:last-child').innerText")
    assert.equal(0, count ".issues b")
    assert.equal(1, #sandbox:audit().purchases)
    has_no_complaints()
  end)

  it("follow the reader's choice of dark or light", function()
    local function colours()
      return browser:script [[
        const style = getComputedStyle(document.body);
        return [style.color, style.backgroundColor];
      ]]
    end
    local light = colours()
    browser:prefer "dark"
    local dark = colours()
    browser:prefer "light"
    assert.same({ "rgb(28, 36, 48)", "rgb(246, 247, 249)" }, light)
    assert.same({ "rgb(230, 234, 240)", "rgb(17, 21, 27)" }, dark)
    assert.same(light, colours())
  end)

  it("can be used on a telephone: nothing is wider than it", function()
    browser:resize(360, 740)
    for _, path in ipairs { "/", "/nothing" } do
      browser:open(app.url .. path)
      assert.is_true(browser:script "return document.documentElement.scrollWidth <= innerWidth", path)
    end
    choose "day.csv"
    browser:wait_for("return (() => {" .. STATE .. "})() == 'completed' || null")
    assert.is_true(browser:script "return document.documentElement.scrollWidth <= innerWidth")
  end)
end)
