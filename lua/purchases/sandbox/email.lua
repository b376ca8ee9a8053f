--- Knows an e-mail address when it sees one: the mailbox of RFC 5321, 4.1.2 and 4.5.3.1, with any character
-- outside of ASCII let through (RFC 6531). An address literal is known by its characters alone.
-- @module purchases.sandbox.email

local ATOM = "^[%w!#$%%&'*+/=?^_`{|}~\128-\255-]+$"
local LABEL = "^[%w\128-\255-]+$"
local LITERAL = "^%[[%w.:-]+%]$"

local function all_parts(text, accepts)
  for part in (text .. "."):gmatch "([^.]*)%." do
    if not accepts(part) then
      return false
    end
  end
  return true
end

-- The position of the quote that ends a name in quotes, or nil.
local function quoted_end(text)
  local at = 2
  while true do
    at = text:match('^[^"\\%z\1-\31\127]*()', at)
    if text:find('^\\[ -~]', at) then
      at = at + 2
    else
      return text:sub(at, at) == '"' and at or nil
    end
  end
end

local function halves(text)
  local ending = text:sub(1, 1) == '"' and quoted_end(text)
  if ending then
    return text:sub(1, ending), text:match("^@(.*)$", ending + 1)
  end
  local name, domain = text:match "^([^@]*)@(.*)$"
  local is_dotted = name and all_parts(name, function(atom)
    return atom:find(ATOM) ~= nil
  end)
  return is_dotted and name or nil, domain
end

--- @tparam string text
-- @treturn boolean
return function(text)
  local name, domain = halves(text)
  if name == nil or domain == nil or #name > 64 or #domain > 255 then
    return false
  end
  return domain:find(LITERAL) ~= nil or all_parts(domain, function(label)
    return #label <= 63 and label:find(LABEL) ~= nil and not label:find "^%-" and not label:find "%-$"
  end)
end
