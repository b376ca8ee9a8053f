--- Texts from outside, such as a server's message or a file's cell, made fit for a terminal.
-- @module purchases.printable
local M = {}

local SHORT = { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r" }

local function escape_ascii(char)
  return SHORT[char] or ("\\u%04x"):format(char:byte())
end

local LEAST = { 0x80, 0x800, 0x10000 } -- that 1, 2, 3 bytes behind the first are for

-- The code point at a byte of a text, and where it ends; nil for what is not UTF-8.
local function code_point(text, at)
  local lead = text:byte(at)
  local more = lead >= 0xF0 and 3 or lead >= 0xE0 and 2 or 1
  local point = lead % 2 ^ (6 - more)
  for i = at + 1, at + more do
    local byte = text:byte(i) or 0
    if byte < 0x80 or byte > 0xBF then
      return nil
    end
    point = point * 64 + byte % 64
  end
  local is_one = lead >= 0xC0 and lead < 0xF8 and point >= LEAST[more] and point <= 0x10FFFF
    and (point < 0xD800 or point > 0xDFFF)
  return is_one and point or nil, at + more
end

-- C1 controls, and those that change the direction of writing.
local function is_control(point)
  return point < 0xA0 or point == 0x061C or point == 0x200E or point == 0x200F or point >= 0x202A and point <= 0x202E
    or point >= 0x2066 and point <= 0x2069
end

-- Escapes a run of bytes above ASCII.
local function escape_run(run)
  local parts, at = {}, 1
  while at <= #run do
    local point, last = code_point(run, at)
    if not point then
      last = at
      parts[#parts + 1] = ("\\x%02x"):format(run:byte(at))
    else
      parts[#parts + 1] = is_control(point) and ("\\u%04x"):format(point) or run:sub(at, last)
    end
    at = last + 1
  end
  return table.concat(parts)
end

--- Writes controls, C1 and bidirectional ones too, as `\u001b`, and what is not UTF-8 as `\x9b`.
-- @string text
-- @string[opt] kept characters that stay: "\n" where there may be lines. JSON with them stays the same JSON.
-- @treturn string
function M.escape(text, kept)
  text = text:gsub("[^\32-\126\128-\255" .. (kept or "") .. "]", escape_ascii)
  return (text:gsub("[\128-\255]+", escape_run))
end

--- The same, on one line: a break of the line is a space.
function M.line(text)
  return M.escape((text:gsub("[\t-\r]+", " ")))
end

return M
