--- The endpoints: every answer is a page for browsers, and JSON for all others.
local cjson = require "cjson.safe"
local form = require "form"
local jobs = require "jobs"
local page = require "page"
local purchases = require "purchases"

local M = {}

local function wants_page()
  return (ngx.var.http_accept or ""):find("text/html", 1, true) ~= nil
end

-- `html` is only made when it is wanted.
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

local function read_file(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- nginx keeps a large body in a file.
local function read_body()
  ngx.req.read_body()
  local file = ngx.req.get_body_file()
  return file and read_file(file) or ngx.req.get_body_data() or ""
end

local function given(text)
  return type(text) == "string" and text ~= "" and text or nil
end

-- The C core reads files, whatever their format.
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

local function refuse_series(err, name)
  local value = { error = err.message, code = err.code, total = err.total, issues = err.issues }
  return answer(422, value, page.problems, err, name)
end

local function describe(job)
  local state = jobs.STATES[job.state]
  return {
    id = job.id, url = origin() .. "/jobs/" .. job.id, state = job.state, text = state[1],
    final = state.final or false, error = job.error, rows = job.rows, first = job.first, last = job.last,
    retailer_id = job.retailer_id, purchase_id = job.purchase_id,
  }
end

local function accept(series, upload, retailer_id)
  local job, why = jobs.create(series, {
    id = ngx.var.request_id, retailer_id = retailer_id, tz = given(upload.fields.tz), name = given(upload.name),
  })
  if not job then
    return refuse(503, "Too much to do", "This upload cannot be kept now (" .. why .. "): try again later.")
  end
  ngx.header["Location"] = "/jobs/" .. job.id
  return answer(wants_page() and 303 or 202, describe(job), page.job, job)
end

--- POST /series: a form with a file, or the series itself with its fields in the URL.
function M.upload()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return refuse(405, "Not that way", "A series is sent by POST.")
  end
  local body = read_body()
  local upload, why = form.read(ngx.var.http_content_type or "", body, ngx.req.get_uri_args())
  if not upload then
    return refuse(400, "Nothing to read", why)
  end
  local retailer_id = given(upload.fields.retailer_id)
  if not retailer_id then
    return refuse(400, "Whose is it?", "The field 'retailer_id' is missing.")
  end
  local series, err = read_series(upload)
  if not series then
    return refuse_series(err, given(upload.name))
  end
  return accept(series, upload, retailer_id)
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

--- What nginx refused by itself, and what went wrong in here.
function M.failed()
  local status = ngx.status
  local text = TEXTS[status] or OTHERWISE
  return refuse(status, text[1], text[2])
end

return M
