--- The bytes of a file that nobody has described: its beginning, and in which encoding all of it is.
-- @module purchases.cli.inspect.bytes
local text_file = require "purchases.source.text_file"

local M = {}

local BLOCK = 65536
local HEAD = 262144 -- bytes that the layout is found from

local CHARACTERS = {
  "[\194-\223][\128-\191]", "\224[\160-\191][\128-\191]", "[\225-\236\238\239][\128-\191][\128-\191]",
  "\237[\128-\159][\128-\191]", "\240[\144-\191][\128-\191][\128-\191]",
  "[\241-\243][\128-\191][\128-\191][\128-\191]", "\244[\128-\143][\128-\191][\128-\191]",
}

-- What bytes beside ASCII are: "valid" UTF-8; "halves", where it has half surrogate pairs; "other".
local function judge(run)
  for _, character in ipairs(CHARACTERS) do
    run = run:gsub(character, ".")
  end
  if not run:find "[\128-\255]" then
    return "valid"
  end
  return run:gsub("\237[\160-\191][\128-\191]", "."):find "[\128-\255]" and "other" or "halves"
end

local RANKS = { valid = 1, halves = 2, other = 3 }
local MOST_RUNS = 10000 -- that are judged once

-- Makes what tells the worst of the runs of bytes that it gets.
local function new_judge()
  local judged, room = {}, MOST_RUNS
  return function(found, run)
    local now = judged[run] or found == "other" and "other"
    if not now then
      now, room = judge(run), room - 1
      judged[run] = room > 0 and now or nil
    end
    return found and RANKS[found] > RANKS[now] and found or now
  end
end

-- Reads to the end. Returns the head, and what there is beside ASCII, or nil; and whether there are bytes that
-- Windows-1252 has no character for. `copy`: another file that gets all of it.
local function scan(file, copy)
  local head, size, carried, worse = {}, 0, "", new_judge()
  local found, undefined = nil, false
  local block, why = file:read(BLOCK)
  while block do
    if copy then
      local ok, failure = copy:write(block)
      if not ok then
        return nil, failure
      end
    end
    if size < HEAD then
      head[#head + 1], size = block, size + #block
    end
    if carried ~= "" or block:find "[\128-\255]" then
      local text = carried .. block
      local whole = text:match "^.*[%z\1-\127]" or #text > 2 * BLOCK and text or "" -- a character may go on behind it
      carried = text:sub(#whole + 1)
      for run in whole:gmatch "[\128-\255]+" do
        found = worse(found, run)
      end
      undefined = undefined or block:find "[\129\141\143\144\157]" ~= nil
    end
    block, why = file:read(BLOCK)
  end
  if why then
    return nil, why
  elseif carried ~= "" then
    found = worse(found, carried)
  end
  return table.concat(head), found, undefined
end

-- UTF-16 as ASCII, for the layout: what is no ASCII is a "?".
local function narrow(head, is_big)
  local low, high = is_big and 2 or 1, is_big and 1 or 2
  local chars = {}
  for at = 1, #head - 1, 2 do
    local byte = head:byte(at + low - 1)
    chars[#chars + 1] = head:byte(at + high - 1) == 0 and byte < 128 and string.char(byte) or "?"
  end
  return table.concat(chars)
end

-- Is every second byte of a text without a mark a NUL? Which of two?
local function is_wide(head)
  local even, odd, count = 0, 0, math.min(#head, 1000)
  for at = 1, count - 1, 2 do
    odd, even = odd + (head:byte(at) == 0 and 1 or 0), even + (head:byte(at + 1) == 0 and 1 or 0)
  end
  local most = count / 2 * 0.7
  return count >= 4 and (even > most or odd > most), odd > most
end

local function encoding_of(head, found)
  if head:find "^\239\187\191" then
    return "utf8", true, head:sub(4)
  elseif head:find "^\255\254" or head:find "^\254\255" then
    return "utf16", true, narrow(head:sub(3), head:byte() == 254)
  end
  local wide, is_big = is_wide(head)
  if wide then
    return "utf16", false, narrow(head, is_big)
  end
  return found == "other" and "windows-1252" or "utf8", false, head
end

--- Reads a file once, to its end.
-- @string path "-" is standard input; it is copied, as is what cannot be read twice
-- @treturn table|nil `path`: to be read again; `head`: its beginning, in an encoding with ASCII; `encoding`; `mark`:
-- is there one before it; `is_ascii`; `undefined`: bytes that no encoding has; `halves`: of characters;
-- `belied`: by what follows its mark; `close()`
-- @treturn ?string why it cannot be read
function M.open(path)
  local file, why = text_file.open(path)
  if not file then
    return nil, why
  end
  local can_be_read_again = path ~= "-" and file:seek "end" and file:seek "set"
  local copied = not can_be_read_again and os.tmpname() or nil
  local copy = copied and assert(io.open(copied, "wb"))
  local head, found, undefined = scan(file, copy)
  if path ~= "-" then
    file:close()
  end
  if copy and not copy:close() and head then
    head, found = nil, "its copy cannot be written"
  end
  local self = {
    path = copied or path,
    close = function()
      if copied then
        os.remove(copied)
      end
    end,
  }
  if not head then
    self.close()
    return nil, found
  end
  self.encoding, self.mark, self.head = encoding_of(head, found)
  self.is_ascii = found == nil and self.encoding == "utf8"
  self.undefined = undefined and self.encoding == "windows-1252"
  self.halves = found == "halves" and self.encoding == "utf8"
  self.belied = self.mark and self.encoding == "utf8" and found == "other"
  self.is_cut = #head >= HEAD
  return self
end

return M
