--- Makes the application's pages, as HTML. Every text from outside goes through `escape`.
local chart = require "chart"
local jobs = require "jobs"

local M = {}

local escape = chart.escape

local LAYOUT = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} – Purchase series</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
{head}</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><a href="/">Purchase series</a></header>
<main id="main">
{body}
</main>
<footer>Checked in the nginx worker, uploaded in the background.</footer>
</body>
</html>
]]

local function fill(template, values)
  return (template:gsub("{(%l+)}", function(name)
    return assert(values[name], name)
  end))
end

local function layout(title, body, head)
  return fill(LAYOUT, { title = escape(title), body = body, head = head or "" })
end

local FORM = [[
<h1>Upload a purchase series</h1>
<p>CSV, JSON or NDJSON, in MW per quarter-hour. Every row is checked before anything is sent.</p>
<form class="card" action="/series" method="post" enctype="multipart/form-data">
  <label for="file">File</label>
  <input id="file" name="file" type="file" required accept=".csv,.json,.ndjson,text/csv,application/json">
  <label for="retailer_id">Retailer</label>
  <input id="retailer_id" name="retailer_id" value="123" required autocomplete="off">
  <details>
    <summary>Columns and time zone</summary>
    <label for="datetime">Column of the time</label>
    <input id="datetime" name="datetime" placeholder="datetime" autocomplete="off">
    <label for="value">Column of the value</label>
    <input id="value" name="value" placeholder="purchase" autocomplete="off">
    <label for="tz">Time zone, for instants in UTC or with an offset</label>
    <input id="tz" name="tz" placeholder="Europe/Madrid" autocomplete="off">
  </details>
  <button>Check and upload</button>
</form>
<h2>The same with curl</h2>
<pre><code>curl -s --data-binary @load.csv '{origin}/series?retailer_id=123'</code></pre>
]]

--- The page with the form.
function M.home(origin)
  return layout("Upload", fill(FORM, { origin = escape(origin) }))
end

local function cells(tag, ...)
  local list = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    list[i] = ("<%s>%s</%s>"):format(tag, escape(value == nil and "" or value), tag)
  end
  return "<tr>" .. table.concat(list) .. "</tr>"
end

local PROBLEMS = [[
<h1>{title}</h1>
<p role="alert" class="notice bad">{name} was not sent. {count}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Problems">
<table class="issues">
<thead><tr><th scope="col">Line</th><th scope="col">Column</th><th scope="col">Problem</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<p><a class="button" href="/">Upload another file</a></p>
]]

--- The page that says what is wrong with a series.
-- @tparam purchases.error err
-- @string[opt] name of the file
function M.problems(err, name)
  local total, issues = err.total or 1, err.issues or { { message = err.message } }
  local count = total == 1 and "It has 1 problem." or ("It has %d problems."):format(total)
  if total > #issues then
    count = count .. (" The first %d are below."):format(#issues)
  end
  local rows = {}
  for i, issue in ipairs(issues) do
    local message = issue.message .. (issue.detail and " (" .. issue.detail .. ")" or "")
    rows[i] = cells("td", issue.line, issue.column, message)
  end
  return layout("Invalid series", fill(PROBLEMS, {
    title = "Invalid series",
    name = escape(name or "The series"),
    count = count,
    rows = table.concat(rows, "\n"),
  }))
end

local STEPS = {
  { "Checked", { checked = true } },
  { "Sent", { uploading = true } },
  { "Workflow", { pending = true, in_progress = true } },
  { "Completed", { completed = true } },
}
local STOPPED_AT = { not_sent = 2, rejected = 2, unknown = 2, failed = 3, unwatched = 3 }

-- The steps of a job, with the one where it is now.
local function steps(state)
  local at, list = STOPPED_AT[state], {}
  for i, step in ipairs(STEPS) do
    at = step[2][state] and i or at
  end
  for i, step in ipairs(STEPS) do
    local class = i < at and "done" or ""
    if i == at then
      class = STOPPED_AT[state] and "stopped" or jobs.STATES[state].final and "done" or "now"
    end
    local current = i == at and ' aria-current="step"' or ""
    list[i] = ('<li class="%s"%s>%s</li>'):format(class, current, step[1])
  end
  return '<ol class="steps">' .. table.concat(list) .. "</ol>"
end

local function facts(job)
  local list = {
    { "File", job.name }, { "Retailer", job.retailer_id }, { "Rows", job.rows }, { "From", job.first },
    { "To", job.last }, { "Purchase", job.purchase_id },
  }
  local parts = {}
  for i = 1, #list do
    local name, value = list[i][1], list[i][2]
    if value then
      parts[#parts + 1] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(name, escape(value))
    end
  end
  return '<dl class="facts">' .. table.concat(parts) .. "</dl>"
end

local JOB = [[
<h1>{title}</h1>
{steps}
<p id="state" role="status" class="notice {class}" data-job="{id}" data-state="{state}">{text}</p>
{facts}
{charts}
<p><a class="button" href="/">Upload another file</a></p>
]]

local LIVE = [[
<script src="/live.js" defer></script>
<noscript><meta http-equiv="refresh" content="2"></noscript>
]]

--- The page of a job.
function M.job(job)
  local state = jobs.STATES[job.state]
  return layout(state[1], fill(JOB, {
    title = escape(job.name or "Purchase series"),
    steps = steps(job.state),
    class = job.state == "completed" and "good" or STOPPED_AT[job.state] and "bad" or "busy",
    id = job.id,
    state = job.state,
    text = escape(state[1] .. (job.error and ": " .. job.error or "")),
    facts = facts(job),
    charts = jobs.figures(job.id),
  }), not state.final and LIVE or "")
end

local MESSAGE = [[
<h1>{title}</h1>
<p role="alert" class="notice bad">{text}</p>
<p><a class="button" href="/">Upload a file</a></p>
]]

--- A page with a message.
function M.message(title, text)
  return layout(title, fill(MESSAGE, { title = escape(title), text = escape(text) }))
end

return M
