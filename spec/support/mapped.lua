-- Files through maps, by what a user calls: what would be sent, and what is refused.
--
--   local sent = mapped.sales("woowup", path, map)      sent.purchases, sent.texts, sent.refused, sent.report
--   local nothing, err = mapped.sales("woowup", path, bad_map)
--   local rows = mapped.rows(series)                    { { "2025-10-26 00:00", "10" }, ... }, numbers as they are sent
local cjson = require "cjson"
local purchases = require "purchases"

local M = {}

local OPTIONS = {
  woowup = { api_key = "key", rate = 1e9 },
  curebit = { site = "shop", api_key = "key" },
}

local ANSWERS = {
  woowup = { 200, '{"payload":[],"message":"","code":"ok","time":"1ms"}' },
  curebit = { 201, '{"success":true}' },
}

-- Takes everything, and keeps the purchases of each body as they came, one a request.
local function keeper(api, texts)
  return {
    request = function(request)
      local text = request.body:match(api == "curebit" and '^{"purchases":%[(.*)%]}$' or "^%[?(.-)%]?$")
      texts[#texts + 1] = assert(text, request.body)
      local status, body = ANSWERS[api][1], ANSWERS[api][2]
      return { status = status, headers = { ["content-type"] = "application/json" }, body = body }
    end,
  }
end

--- What `create_all` makes of a file; or nil and its error.
-- @string api "woowup" or "curebit"
-- @tparam string|table source
-- @param map as `create_all` takes it
-- @tab[opt] more options of `create_all`
function M.sales(api, source, map, more)
  local texts, refused = {}, {}
  local options = { transport = keeper(api, texts) }
  for name, value in pairs(OPTIONS[api]) do
    options[name] = value
  end
  local opts = { map = map, batch = 1, on_reject = function(record)
    refused[#refused + 1] = record
  end }
  for name, value in pairs(more or {}) do
    opts[name] = value
  end
  local report, err = purchases[api].new(options):create_all(source, opts)
  if not report then
    return nil, err
  end
  local decoded = {}
  for i, text in ipairs(texts) do
    decoded[i] = cjson.decode(text)
  end
  return { report = report, texts = texts, purchases = decoded, refused = refused }
end

--- The rows of a series as they are sent: each its time and its number's text.
function M.rows(series)
  local rows = {}
  for time, number in series:encode():gmatch '{"datetime":"([^"]*)","purchase":([^}]*)}' do
    rows[#rows + 1] = { time, number }
  end
  return rows
end

--- A text for messages: that of an error with all of its issues.
function M.words(err)
  local words = { tostring(err) }
  for _, issue in ipairs(err and err.issues or {}) do
    words[#words + 1] = ("%s:%s %s %s %s x%s"):format(tostring(issue.line), tostring(issue.column),
      tostring(issue.code), tostring(issue.message), issue.detail or "", tostring(issue.count or 1))
  end
  return table.concat(words, "\n")
end

return M
