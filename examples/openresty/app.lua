--- The endpoints. A browser gets a page, all others get JSON.
local cjson = require "cjson.safe"
local form = require "form"
local jobs = require "jobs"
local page = require "page"
local purchases = require "purchases"

local M = {}

local function wants_page()
  return (ngx.var.http_accept or ""):find("text/html", 1, true) ~= nil
end

-- Answers with the page `html(...)`, or with `value` as JSON.
local function answer(status, value, html, ...)
  ngx.status = status
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Vary"] = "Accept"
  if wants_page() then
    ngx.header["Content-Type"] = "text/html; charset=utf-8"
    ngx.print(html(...))
  else
    ngx.header["Content-Type"] = "application/json"
    ngx.say((cjson.encode(value)))
  end
  return ngx.exit(ngx.OK)
end

local function refuse(status, title, text)
  return answer(status, { error = text }, page.message, title, text)
end

local function origin()
  return ngx.var.scheme .. "://" .. (ngx.var.http_host or ngx.var.host)
end

--- GET /
function M.home()
  return answer(200, { upload = origin() .. "/series?retailer_id=..." }, page.home, origin())
end

-- nginx keeps a large body in a file.
local function read_body()
  ngx.req.read_body()
  local name = ngx.req.get_body_file()
  if not name then
    return ngx.req.get_body_data() or ""
  end
  local file = assert(io.open(name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function given(text)
  return type(text) == "string" and text ~= "" and text or nil
end

-- The C core finds the format of a file by itself, so the text goes through one.
local function read_series(upload)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(upload.text)
  file:close()
  local fields = upload.fields
  local series, err = purchases.series.read(name, {
    datetime = given(fields.datetime),
    value = given(fields.value),
    tz = given(fields.tz),
  })
  os.remove(name)
  return series, err
end

local function describe(job)
  local state = jobs.STATES[job.state]
  return {
    id = job.id, url = origin() .. "/jobs/" .. job.id, state = job.state, text = state[1],
    final = state.final or false, error = job.error, rows = job.rows, first = job.first, last = job.last,
    retailer_id = job.retailer_id, purchase_id = job.purchase_id,
  }
end

--- POST /series: a form with a file, or the series itself with its fields in the URL.
function M.upload()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return refuse(405, "Not that way", "A series is sent by POST.")
  end
  local upload, why = form.read(ngx.var.http_content_type or "", read_body(), ngx.req.get_uri_args())
  if not upload then
    return refuse(400, "Nothing to read", why)
  end
  local retailer_id = given(upload.fields.retailer_id)
  if not retailer_id then
    return refuse(400, "Whose is it?", "The field 'retailer_id' is missing.")
  end
  local series, err = read_series(upload)
  if not series then
    local value = { error = err.message, code = err.code, total = err.total, issues = err.issues }
    return answer(422, value, page.problems, err, given(upload.name))
  end
  local job
  job, why = jobs.create(series, {
    id = ngx.var.request_id, retailer_id = retailer_id, tz = given(upload.fields.tz), name = given(upload.name),
  })
  if not job then
    return refuse(503, "Too much to do", "This upload cannot be kept now (" .. why .. "): try again later.")
  end
  ngx.header["Location"] = "/jobs/" .. job.id
  return answer(wants_page() and 303 or 202, describe(job), page.job, job)
end

--- GET /jobs/<id>
function M.job(id)
  local job = jobs.get(id)
  if not job then
    return refuse(404, "No such upload", "There is no such upload, or it was forgotten an hour after its end.")
  end
  return answer(200, describe(job), page.job, job)
end

local TEXTS = {
  [404] = { "Not here", "There is no such page." },
  [413] = { "Too large", "A series may have 8 MB; that is some ten years of quarter-hours." },
}
local OTHERWISE = { "That did not work", "The server could not answer this request." }

--- Answers for what nginx refused by itself, and for errors in this application.
function M.failed()
  local status = ngx.status
  local text = TEXTS[status] or OTHERWISE
  return refuse(status, text[1], text[2])
end

return M
