--- The objects of a JSON file, one after another: those of its lists, or its lines.
-- @module purchases.cli.inspect.json
local json = require "purchases.json"

local M = {}

local BLOCK = 65536
local MOST = 4194304 -- bytes of a row

local Reader = {}
Reader.__index = Reader

-- The line of a place, which is not before that of the call before: only what is between is counted.
function Reader:line_at(at)
  self.line = self.line + select(2, self.text:sub(self.counted, at - 1):gsub("\n", "\n"))
  self.counted = at
  return self.line
end

-- Reads on. Everything before `at` is given up.
function Reader:more(at)
  local block = self.file:read(BLOCK)
  if not block then
    return false
  end
  self:line_at(at)
  self.text, self.counted = self.text:sub(at) .. block, 1
  return true
end

-- The end of the string that begins at `at`; nil where it does not end.
local function string_end(text, at)
  local stop = text:find('"', at + 1, true)
  while stop and text:byte(stop - 1) == 92 do
    local escapes = stop - 1
    while text:byte(escapes - 1) == 92 do
      escapes = escapes - 1
    end
    if (stop - escapes) % 2 == 0 then
      return stop
    end
    stop = text:find('"', stop + 1, true)
  end
  return stop
end

-- The end of an object; nil where it does not end, and then where to look on, and how deep that is.
local function object_end(text, from, depth)
  while true do
    local stop = text:find('["{}]', from)
    if not stop then
      return nil, #text + 1, depth
    end
    local byte = text:byte(stop)
    if byte == 34 then
      local last = string_end(text, stop)
      if not last then
        return nil, stop, depth
      end
      stop = last
    else
      depth = depth + (byte == 123 and 1 or -1)
      if depth == 0 then
        return stop
      end
    end
    from = stop + 1
  end
end

-- The end of an object, reading on as far as it needs; nil where it is too long or never ends. Then its place, and its
-- value where it was decoded for that: what is JSON up to the brace that closes it has none in its strings.
function Reader:object(at)
  local behind = self.text:match("^%b{}()", at)
  local value = behind and json.decode(self.text:sub(at, behind - 1))
  if value then
    return behind - 1, at, value
  end
  local stop, from, depth = object_end(self.text, at, 0)
  while not stop and #self.text - at < MOST do
    if not self:more(at) then
      return nil, 1
    end
    from, at = from - at + 1, 1
    stop, from, depth = object_end(self.text, from, depth)
  end
  return stop, at
end

local LONG = 20 -- a list within a list's object that has more than so many is one of rows

-- Gives the objects of long lists within an object.
function Reader:give_within(pointer, value, text, line)
  for key, within in pairs(value) do
    local path = ("%s/%s"):format(pointer, tostring(type(key) == "number" and key - 1 or key):gsub("~", "~0")
      :gsub("/", "~1"))
    if type(within) == "table" and type(within[1]) == "table" and #within > LONG then
      for _, row in ipairs(within) do
        self.on_row(path, row, text, line)
      end
    elseif type(within) == "table" then
      self:give_within(path, within, text, line)
    end
  end
end

function Reader:give(list, at, stop, value)
  local text, line = self.text:sub(at, stop), self:line_at(at)
  value = value or json.decode(text)
  self.on_row(list and list.pointer, value, text, line)
  if list and type(value) == "table" then
    self:give_within(("%s/%d"):format(list.pointer, list.index), value, text, line)
  end
end

local function pointer_of(stack)
  local parts = {}
  for i, container in ipairs(stack) do
    if i < #stack then
      local name = container.key or tostring(container.index)
      parts[i] = "/" .. name:gsub("~", "~0"):gsub("/", "~1")
    end
  end
  return table.concat(parts)
end

-- Walks through a document and gives the objects of its lists.
function Reader:walk(at)
  local stack = {}
  while true do
    local stop = self.text:find('[%[%]{}",:]', at)
    if not stop then
      if not self:more(#self.text + 1) then
        return
      end
      at = 1
    else
      local sign, top = self.text:sub(stop, stop), stack[#stack]
      at = stop + 1
      if sign == '"' then
        local last = string_end(self.text, stop)
        while not last and #self.text - stop < MOST do
          if not self:more(stop) then
            return
          end
          stop = 1
          last = string_end(self.text, stop)
        end
        if not last then
          return
        end
        if top and top.is_object and not top.in_value then
          top.key = self.text:sub(stop + 1, last - 1)
        end
        at = last + 1
      elseif sign == "{" and top and not top.is_object then
        local last, value
        last, stop, value = self:object(stop)
        if not last then
          return
        end
        top.pointer = top.pointer or pointer_of(stack)
        self:give(top, stop, last, value)
        at = last + 1
      elseif sign == "{" or sign == "[" then
        stack[#stack + 1] = { is_object = sign == "{", index = 0 }
      elseif sign == ":" then
        top = top or {}
        top.in_value = true
      elseif sign == "," and top then
        top.in_value, top.index = false, top.index + 1
      elseif sign == "}" or sign == "]" then
        stack[#stack] = nil
      end
    end
  end
end

-- Gives the objects that stand one after another. Returns false, having given none, where there is only one.
function Reader:lines(at)
  local stop
  stop, at = self:object(at)
  self.begins = at
  if not stop then
    return false
  end
  local function next_object(from)
    local found = self.text:find("%S", from)
    while not found and self:more(from) do
      from = 1
      found = self.text:find("%S", from)
    end
    return found
  end
  local first = at
  local line, text = self:line_at(first), self.text:sub(first, stop)
  local following = next_object(stop + 1)
  if not following then
    self.only, self.line, self.counted = text, line, 1
    return false
  end
  self.on_row(nil, json.decode(text), text, line)
  while following and self.text:byte(following) == 123 do
    local value
    stop, at, value = self:object(following)
    if not stop then
      return true
    end
    self:give(nil, at, stop, value)
    following = next_object(stop + 1)
  end
  return true
end

--- Reads the objects of a file.
-- @param file open, behind a mark
-- @tparam function on_row `on_row(pointer, value, text, line)`: `pointer` of the list that it stands in, nil where
-- there is none: they follow one another; `value` is nil where it is no JSON
-- @treturn boolean do they follow one another?
function M.read(file, on_row)
  local self = setmetatable({ file = file, text = "", line = 1, counted = 1, on_row = on_row }, Reader)
  while not self.text:find "%S" and self:more(1) do -- luacheck: ignore 542
  end
  local at = self.text:find "%S"
  if at and self.text:byte(at) == 123 and self:lines(at) then
    return true
  elseif self.only then -- a document of a moderate length: one list in it, or a single row
    self.text = self.only
    self:walk(1)
  elseif at then
    self:walk(self.begins or at)
  end
  return false
end

return M
