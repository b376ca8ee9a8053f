-- The C core's checks and the sandbox's, which were written apart from each other: over bodies made up by
-- chance, what one accepts the other accepts, and what one refuses the other refuses.
local bodies = require "spec.support.bodies"
local schema = require("purchases").schema
local seeds = require "spec.support.seeds"
local series = require "purchases.series"

local sandbox = {
  woowup = require("purchases.sandbox.woowup.validate").purchase,
  curebit = require("purchases.sandbox.curebit.validate").purchase,
  ravenwits = require("purchases.sandbox.ravenwits.validate").submission,
}

-- Of each seed, which is another one to each Lua.
local COUNT = { woowup = 10000, curebit = 7500, ravenwits = 7500 }

local chosen = seeds.of("differential", 1)

local function shown(name, i, seed, text, ours, theirs)
  return ("%s body %d of seed %d\n%s\nthe core: %s\nthe sandbox: %s"):format(name, i, seed, text, tostring(ours),
    tostring(theirs))
end

-- Calls `compare(text, verdict, complaint)` for each body with the sandbox's answer; the share that it accepts.
local function run(name, compare)
  local accepted = 0
  for _, seed in ipairs(chosen) do
    local make = bodies.generator(seed)[name]
    for i = 1, COUNT[name] do
      local text = make()
      local verdict, complaint = sandbox[name](text)
      accepted = accepted + (verdict and 1 or 0)
      local agrees, ours = compare(text, verdict, complaint)
      if not agrees then
        error(shown(name, i, seed, text, ours, complaint or "accepts it"), 0)
      end
    end
  end
  return accepted / COUNT[name] / #chosen
end

-- Neither may pass by accepting or refusing nearly all.
local function expect_both(share)
  assert.is_true(share > 0.3 and share < 0.8, "accepted: " .. share)
end

describe("the core and the sandbox", function()
  for _, name in ipairs { "woowup", "curebit" } do
    it("agree on what a purchase of " .. name .. " is", function()
      local compiled = schema[name]
      expect_both(run(name, function(text, verdict)
        local ok, err = compiled:check(text)
        return (ok == true) == (verdict == true), err or "accepts it"
      end))
    end)
  end

  -- What the core checks beyond the API: that there are rows, and their order.
  local OURS = { empty_series = true, repeated_datetime = true, out_of_order = true }
  -- The latter where the error is so early that the text may as well be one item a line.
  local UNREADABLE = { invalid_json = true, invalid_utf8 = true, invalid_row = true }

  -- Of an item that is no object the core tells which it is, the API does not.
  local NO_OBJECT = 'Field "purchase" must be an array of objects.'

  -- The core takes the only list of rows there is, whatever it is called.
  local NO_LIST = 'Missing required field "purchase".'

  -- It passes over blanks around a time, and sends it without.
  local function has_blanks(text)
    return text:find '"%s+%d+%-[^"]*"' ~= nil or text:find '%d%s+"' ~= nil
  end

  local function wording(issue)
    return issue.code == "invalid_row" and NO_OBJECT or issue.message
  end

  -- The core's complaints about the first row that the API refuses.
  local function first_complaints(err)
    local first, messages = nil, {}
    for _, issue in ipairs(err and err.issues or {}) do
      if not OURS[issue.code] then
        first = first or issue.index
        messages[wording(issue)] = messages[wording(issue)] or issue.index == first or nil
      end
    end
    return messages
  end

  it("agree on what a series of Ravenwits is, in the API's own words", function()
    expect_both(run("ravenwits", function(text, verdict, complaint)
      local _, err = series.decode(text, { step = false })
      if err and err.code == "duplicate_key" then
        return true -- the API takes the last of them
      elseif verdict then
        return next(first_complaints(err)) == nil, err
      elseif complaint == "Invalid JSON body." then
        return err ~= nil and UNREADABLE[err.issues[#err.issues].code], err or "accepts it"
      elseif has_blanks(text) and complaint:find "invalid datetime format" then
        return true
      elseif complaint == NO_LIST and text:find "{.*%[.*{" then
        return true
      end
      return first_complaints(err)[complaint] == true, err or "accepts it"
    end))
  end)
end)
