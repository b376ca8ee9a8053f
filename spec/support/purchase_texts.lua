-- WoowUp purchases made up at random, as JSON texts: good ones, and some with a little or much that is not.
--
--   local next_text = purchase_texts.generator(seed)
--   next_text()         one purchase on one line
-- The same seed gives the same texts on every Lua.
local M = {}

local state, faults -- of 1,000 places, how many have something wrong

local function random(limit)
  state = state * 16807 % 2147483647
  return state % limit + 1
end

local function pick(list)
  return list[random(#list)]
end

local function happens(in_a_thousand)
  return random(1000) <= in_a_thousand
end

-- What may stand where something else should.
local ANYTHING = {
  "null", "true", "false", "0", "1", "-1", "1.0", "1.5", "1e2", "-0.0", "12345678901234567890", '""', '"x"', '"12"',
  '"credit"', '"web"', '"123456"', '"12345"', '"-a"', '"a"', '"ab"', '"\\u0061b"', '"nobody"', '"a@b.c"',
  '"\\ud83d\\ude00x"',
  "[]", "{}", "[1]", '[""]', "[{}]", "[[]]", '{"a":1}', '{"type":"credit"}', '{"total":1}', '{"id":"1","name":"n"}',
  '[{"type":"cash","total":1}]', '[{"type":"cash"}]', '{"name":"n","email":"e@x.y"}', '{"name":"n","value":"v"}',
}

local WORDS = {
  "Heladera", "Patrick", "roja", "Ñandú", "\\\"grande\\\"", "\240\159\154\128", "12 l", "\\u00e9t\\u00e9", "a/b", "",
}

local function text()
  local words = {}
  for i = 1, random(4) do
    words[i] = pick(WORDS)
  end
  return '"' .. table.concat(words, " ") .. '"'
end

local function number()
  return pick { "0", "1", "1999.00", "-12.5", "800.0", "0.01", "1e3", "2.5E-1", "123456789.25" }
end

local function integer()
  return pick { "1", "2", "0", "-1", "10", "123456789012" }
end

local function whole()
  return pick { "24", "0", "7", "24.0", "3e2", "-5" }
end

local function boolean()
  return pick { "true", "false" }
end

local function one_of(...)
  local list = { ... }
  return function()
    return '"' .. pick(list) .. '"'
  end
end

local sku = one_of("2907362", "A-1_%", "ab", "\\u0041b", "ñ1", " x", "%%")
local time = one_of("2017-03-23 14:35:22", "2017-03-23T14:35:22.5-03:00", "2017-03-23T14:35Z")
local digits = one_of("123456", "000000", "12345\\u0036")
local email = one_of("a@example.com", "jo.e+x@mail.example.org")
local invoice = one_of("FAC-1", "1", "")

local function invoice_number()
  return happens(500) and invoice() or integer()
end

-- A value, unless something else stands there.
local function place(make)
  return happens(faults) and pick(ANYTHING) or make()
end

local function escaped(name)
  return happens(10) and ("\\u%04x"):format(name:byte()) .. name:sub(2) or name
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local other = random(i)
    list[i], list[other] = list[other], list[i]
  end
  return list
end

local function object_of(members)
  local list = {}
  for i = 1, #members, 3 do
    local name, share, make = members[i], members[i + 1], members[i + 2]
    if happens(share) and not happens(faults) then
      list[#list + 1] = ('"%s":%s'):format(escaped(name), place(make))
    end
  end
  if happens(20) then
    list[#list + 1] = '"other ' .. random(9) .. '":' .. pick(ANYTHING)
  end
  return "{" .. table.concat(happens(100) and shuffle(list) or list, happens(50) and " ,\t" or ",") .. "}"
end

-- Of so many members out of a thousand: name, share, how its value is made.
local function object(members)
  return function()
    return object_of(members)
  end
end

local function list(most, make)
  return function()
    local elements = {}
    for i = 1, random(most + 1) - 1 do
      elements[i] = place(make)
    end
    return "[" .. table.concat(elements, ",") .. "]"
  end
end

local function either(one, other)
  return function()
    return (happens(500) and one or other)()
  end
end

local pair = object { "name", 1000, text, "value", 1000, text }
local category = either(text, object { "id", 1000, text, "name", 1000, text, "url", 200, text })
local free = object { "a", 500, integer, "b", 500, pair }

local item = object {
  "sku", 1000, sku, "product_name", 500, text, "category", 300, list(3, category), "quantity", 1000, integer,
  "unit_price", 1000, number, "variations", 200, list(2, pair), "specifications", 200, list(2, pair),
  "brand", 200, text, "url", 200, text, "stock", 200, number, "available", 200, boolean,
  "manufacturer_warranty_date", 100, text,
  "with_extension_warranty", 100, boolean, "custom_attributes", 100, free,
}

local KINDS = one_of("credit", "debit", "cash", "mercadopago", "other", "c\\u0061sh")

local function payment_of(share_of_total)
  return object {
    "type", 1000, KINDS, "brand", 200, text, "total", share_of_total, number, "installments", 300, integer,
    "card_first_digits", 300, digits,
  }
end

local purchase = object {
  "service_uid", 300, text, "email", 500, text, "document", 300, text, "telephone", 300, text, "points", 300, whole,
  "invoice_number", 1000, invoice_number,
  "channel", 500, one_of("web", "telephone", "in-store", "corporate", "direct", "other", "we\\u0062"),
  "purchase_detail", 1000, list(3, item),
  "prices", 1000, object { "cost", 200, number, "shipping", 200, number, "gross", 200, number, "total", 1000, number },
  "payment", 500, either(payment_of(500), list(2, payment_of(1000))),
  "branch_name", 300, text,
  "seller", 200, object { "name", 1000, text, "email", 1000, email, "external_id", 300, text },
  "createtime", 500, time, "metadata", 100, free, "custom_attributes", 100, free,
}

--- Half of the texts have nothing wrong on purpose, though some have no customer; the others a little or much.
function M.generator(seed)
  local own = seed
  return function()
    state = own
    faults = pick { 0, 0, 0, 2, 5, 20 }
    local result = happens(2) and pick(ANYTHING) or place(purchase)
    own = state
    return result
  end
end

return M
