-- What the tools that look at sources have in common.
local M = {}

local MARKS = { c = "[\"'/]", lua = "[\"'%-%[]" }

-- Where what begins at `at` ends, if it is a comment or a string.
local function comment_end(text, at, language)
  local open = language == "c" and { "^//[^\n]*()", "^/%*.-%*/()" } or { "^%-%-%[(=*)%[.-%]%1%]()", "^%-%-[^\n]*()" }
  for _, pattern in ipairs(open) do
    local first, last = text:find(pattern, at)
    if first then
      return last
    end
  end
end

local function string_end(text, at, language)
  if language == "lua" then
    local _, last = text:find("^%[(=*)%[.-%]%1%]", at)
    if last or text:sub(at, at) == "[" then
      return last
    end
  end
  local quote, from = text:sub(at, at), at + 1
  while quote == '"' or quote == "'" do
    local found = text:find("[\\" .. quote .. "]", from)
    if not found or text:sub(found, found) == quote then
      return found
    end
    from = found + 2
  end
end

-- The text with blanks for its comments, and also for its strings unless they are kept: lines stay where they are.
-- `language` is "c" or "lua".
function M.strip(text, language, keeps_strings)
  local parts, from, at = {}, 1, 1
  while true do
    at = text:find(MARKS[language], at)
    if not at then
      parts[#parts + 1] = text:sub(from)
      return table.concat(parts)
    end
    local last, kept = comment_end(text, at, language), 0
    if not last then
      last, kept = string_end(text, at, language), 1 -- its quotes
    end
    if last and not (kept == 1 and keeps_strings) then
      parts[#parts + 1] = text:sub(from, at - 1 + kept)
      parts[#parts + 1] = text:sub(at + kept, last - kept):gsub("[^\n]", " ")
      from = last + 1 - kept
    end
    at = (last or at) + 1
  end
end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- The lines that a shell command prints, as a list.
function M.lines_of(command)
  local lines = {}
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

-- The sources in a tree, as paths in it: those of C below src/, those of Lua below lua/, sorted.
function M.sources(root)
  local list = "cd '%s' && find src lua -name '*.[ch]' -o -name '*.lua' 2>/dev/null | LC_ALL=C sort"
  local found = M.lines_of(list:format(root))
  local c, lua = {}, {}
  for _, path in ipairs(found) do
    if path:find "^lua/" then
      lua[#lua + 1] = path
    elseif path:find "%.[ch]$" then
      c[#c + 1] = path
    end
  end
  return c, lua
end

return M
