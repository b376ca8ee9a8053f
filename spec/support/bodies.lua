-- Purchases made up by chance, right and wrong, as JSON texts of the three APIs.
--
--   local bodies = require("spec.support.bodies").generator(seed)
--   bodies.woowup()  bodies.curebit()      a purchase
--   bodies.ravenwits()                     a series; no member is there twice on purpose
--
-- Half of the bodies are made of right values only. In the others some values are odd, some members are
-- missing or there twice, and in a few of them bytes are changed, whatever becomes of the text.
local M = {}

local random, concat = math.random, table.concat

local function chance(share)
  return random() < share
end

local function pick(list)
  return list[random(#list)]
end

-- Of no member's type, or of one's, but out of its bounds.
local ODD = { "null", "true", "false", "0", "1", "-1", "1.0", "1e2", "1.5", "-0", "1e400", "1e-400", '""', '"x"',
  '"1"', "[]", "{}", "[1]", '{"a":1}', '[""]', "[[]]", '"\\u0000"', '"ab\\n"', '" "', '"\\ud83d\\ude00"',
  '"\\ud83d\\u0041"', '"\\ude00\\ude00"', "12345678901234567890" }

-- What is changed into what, where bytes are changed.
local SNIPPETS = { "", "", "", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", ".", " ", "\t", "\n", "é", "A",
  "@", "\0", "\31", "\127", "\128", "\237\160\128", "\239\187\191", "\\u00e9", "\\ud800", "tru", "null" }

-- How often a value is odd, and a member there twice, in the body that is made just now.
local oddness, repetition

local function value(right)
  if chance(oddness) then
    return pick(ODD)
  end
  return type(right) == "function" and right() or pick(right)
end

-- `members`: name, how often it is there, its right values (a list, or a function that makes one) ...
local function object(members)
  local parts = {}
  for i = 1, #members, 3 do
    local share = members[i + 1]
    if chance(share == 1 and 1 - oddness or share) then
      parts[#parts + 1] = ('"%s":%s'):format(members[i], value(members[i + 2]))
    end
    if chance(repetition) then
      parts[#parts + 1] = parts[random(#parts + 1)]
    end
  end
  return "{" .. concat(parts, chance(0.1) and " ,\n" or ",") .. "}"
end

local function maker(members)
  return function()
    return object(members)
  end
end

local function array(right, most)
  return function()
    local elements = {}
    for i = 1, random(0, most) do
      elements[i] = value(right)
    end
    return "[" .. concat(elements, ",") .. "]"
  end
end

local function changed(text)
  if chance(0.1) then
    return text .. pick(SNIPPETS)
  end
  for _ = 1, random(2) do
    local at = random(#text)
    text = text:sub(1, at - 1) .. pick(SNIPPETS) .. text:sub(at + random(0, 2))
  end
  return text
end

local function body(make, repeats)
  oddness = chance(0.5) and 0 or 0.04
  repetition = repeats and oddness / 10 or 0
  local text = make()
  return chance(0.15) and changed(text) or text
end

-- WoowUp

local TEXTS = { '""', '"x"', '"Palermo I"', '"Electrodom\\u00e9sticos"', '"é\\n\\"\\\\😀"',
  '"2017-03-23 14:35:22"' }
local NUMBERS = { "0", "1", "-1", "1999.00", "1e3", "0.1", "-2.5E-3", "123456789012345678901234567890", "1e400" }
local INTEGERS = { "0", "1", "-7", "12", "9007199254740993", "123456789012345678901234567890" }
local NEAR_INTEGERS = { "1.0", "1.5", "1e2", "-0.0" }
local SKUS = { '"A1"', '"2907362"', '"é1"', '" a"', '"_%"', '"a-b_c%d"', '"😀00"', '"\\u00e9Z"', '"\\nZ"' }
local NEAR_SKUS = { '"A"', '"-A"', '"--"', '"A "', '"AB\\n"', '"é"', '"Aé"', '"A.1"', '"85123A"', '"\\u002dA"' }
local EMAILS = { '"a@b.c"', '"seller@email.com"', '"a.b+c@x-y.com"', '"\\"a b\\"@c.d"', '"a@[192.0.2.1]"', '"é@ñ.es"' }
local NEAR_EMAILS = { '"a"', '"a@"', '"@b"', '"a b@c"', '"a@b@c"', '".a@b"', '"a..b@c"', '"a@-b"', '"a@b-.c"',
  '"a@b."', '"a@b_c"', '"\\"a@b"', '"a@[b"', '"a@b\\n"', '"' .. ("a"):rep(65) .. '@b"',
  '"a@' .. ("b"):rep(64) .. '"' }
local POINTS = { "0", "24", "-3", "24.0", "2.50e1", "100e-2", "1e400", "0e-9", "0.0" }
local NEAR_POINTS = { "24.5", "1e-1", "25e-1", "100e-3", "1e-400", "0.99999999999999999999" }

local function near(right, wrong)
  return function()
    return pick(chance(oddness * 2) and wrong or right)
  end
end

local INTEGER = near(INTEGERS, NEAR_INTEGERS)
local TYPES = near({ '"credit"', '"debit"', '"cash"', '"mercadopago"', '"other"', '"c\\u0061sh"' },
  { '"Cash"', '"cash "', '"c\\u0041sh"' })
local DIGITS = near({ '"123456"', '"000000"' },
  { '"12345"', '"1234567"', '"12345a"', '"123456\\n"', '"١٢٣٤٥٦"' })
local CATEGORY = maker { "id", 1, TEXTS, "name", 1, TEXTS, "url", 0.2, TEXTS, "image_url", 0.2, TEXTS }
local PAIRS = array(maker { "name", 1, TEXTS, "value", 1, TEXTS }, 2)
local ANYTHING = { "{}", '{"a":[null,1e5,{"":""}]}', '{"codigo":"2354XFD45","millas":300}' }

local function category()
  return chance(0.5) and pick(TEXTS) or CATEGORY()
end

local ITEM = maker {
  "sku", 1, near(SKUS, NEAR_SKUS), "quantity", 1, INTEGER, "unit_price", 1, NUMBERS,
  "base_name", 0.1, TEXTS, "product_name", 0.3, TEXTS, "category", 0.2, array(category, 3),
  "variations", 0.1, PAIRS, "specifications", 0.1, PAIRS, "brand", 0.1, TEXTS, "description", 0.1, TEXTS,
  "url", 0.1, TEXTS, "image_url", 0.1, TEXTS, "thumbnail_url", 0.1, TEXTS, "stock", 0.1, NUMBERS,
  "available", 0.1, { "true", "false" }, "with_extension_warranty", 0.1, { "true", "false" },
  "manufacturer_warranty_date", 0.1, TEXTS, "extension_warranty_date", 0.1, TEXTS,
  "custom_attributes", 0.1, ANYTHING,
}

local PRICES = maker {
  "cost", 0.2, NUMBERS, "shipping", 0.2, NUMBERS, "gross", 0.2, NUMBERS, "tax", 0.2, NUMBERS, "discount", 0.2, NUMBERS,
  "total", 1, NUMBERS,
}

local function payment_of(total)
  return maker { "type", 1, TYPES, "brand", 0.2, TEXTS, "bank", 0.2, TEXTS, "total", total, NUMBERS,
    "installments", 0.2, INTEGER, "card_first_digits", 0.2, DIGITS }
end

local ONE_PAYMENT, PAYMENTS = payment_of(0.5), array(payment_of(1), 2)

local function payment()
  return chance(0.5) and ONE_PAYMENT() or PAYMENTS()
end

local SELLER = maker { "name", 1, TEXTS, "email", 1, near(EMAILS, NEAR_EMAILS), "external_id", 0.5, TEXTS }

local function deep()
  local levels = random(508, 512) -- two more stand around it
  return '{"x":' .. ("["):rep(levels) .. ("]"):rep(levels) .. "}"
end

local function metadata()
  return chance(0.05) and deep() or pick(ANYTHING)
end

local TIMES = near({ '"2017-03-23 14:35:22"', '"2017-03-23T14:35:22Z"', '"2017-03-23 14:35:22.5"',
  '"2016-02-29T00:00:00-03:00"', '"2017-03-23T14:35+0530"', '"2017-03-23 14:35Z"', '"0001-01-01 00:00:00"' },
  { '"yesterday"', '""', '"2017-03-23"', '"2017-03-23 14:35"', '"2017-03-23T14:35:22"', '"2017-02-29 00:00:00"',
    '"2017-03-23 24:00:00"', '"2017-03-23T14:35:22+24:00"', '"2017-03-23T14:35:22 Z"', '"0000-01-01 00:00:00"' })

local CHANNELS = near({ '"web"', '"telephone"', '"in-store"', '"corporate"', '"direct"', '"other"', '"w\\u0065b"' },
  { '"Web"', '"web "', '"store"' })

local SALE = maker {
  "service_uid", 0.5, TEXTS, "email", 0.5, TEXTS, "document", 0.5, TEXTS, "telephone", 0.4, TEXTS,
  "points", 0.2, near(POINTS, NEAR_POINTS), "channel", 0.3, CHANNELS,
  "invoice_number", 1, { '"FAC-000085643"', "7", '""', "123456789012345678901" },
  "purchase_detail", 1, array(ITEM, 3), "prices", 1, PRICES, "payment", 0.4, payment,
  "branch_name", 0.3, TEXTS, "seller", 0.3, SELLER, "createtime", 0.3, TIMES, "approvedtime", 0.2, TEXTS,
  "metadata", 0.2, metadata, "custom_attributes", 0.2, ANYTHING, "anything", 0.1, ODD,
}

-- Curebit

local DATES = { '"2014-03-13 12:49:54"', '"2014-03-13T12:49:54Z"', '"2014-03-13 12:49:54+02:00"',
  '"2016-02-29 00:00:00"', '"2000-02-29 00:00:00"', '"2014-03-13T12:49:54.123-0330"',
  '"2014-03-13 12:49:54 +0200"', '"9999-12-31 23:59:59"' }
local NEAR_DATES = { '"2014-03-13"', '"2014-03-13 12:49"', '"2014-02-29 00:00:00"', '"2014-03-13 24:00:00"',
  '"2014-04-31 00:00:00"', '"2014-03-13 12:49:60"', '"2014-03-13 12:60:00"', '"0000-01-01 00:00:00"',
  '"2014-13-01 00:00:00"', '"2014-03-00 00:00:00"', '"1900-02-29 00:00:00"', '"2014-03-13 12:49:54+24:00"',
  '"2014-03-13 12:49:54+02:60"', '"2014-03-13 12:49:54\\n"', '"2014-03-13 12:49:54."', '"2014-03-13t12:49:54"',
  '"2014-03-13 12:49:54z"', '"2014-03-13  12:49:54"' }

local BOUGHT = maker { "price", 0.8, NUMBERS, "quantity", 0.8, NUMBERS, "product_id", 0.8, { '"TSHIRT"', "7" } }

local ORDER = maker {
  "email", 1, near(EMAILS, NEAR_EMAILS), "subtotal", 1, NUMBERS,
  "order_number", 1, { "1", '"A/1"', '""', "12345678901234567890" },
  "order_date", 1, near(DATES, NEAR_DATES), "items", 0.4, array(BOUGHT, 3), "anything", 0.1, ODD,
}

-- Ravenwits

local minute

local function datetime()
  minute = minute + 15
  return ('"2025-11-%02d %02d:%02d"'):format(1 + math.floor(minute / 1440), math.floor(minute / 60) % 24, minute % 60)
end

local NEAR_DATETIMES = { '"2025-11-31 00:00"', '"2025-11-11 24:00"', '"2025-11-11 00:60"', '"2025-11-11"',
  '"11/11/2025 00:15"', '"2025-1-11 00:15"', '"2025-11-11 00:15 "', '"2025-02-29 00:00"', '"0000-01-01 00:00"',
  '"2025-13-01 00:00"', '"2025-11-00 00:00"' }

local function row_datetime()
  return chance(oddness) and pick(NEAR_DATETIMES) or datetime()
end

local MEGAWATTS = { "0", "12.0", "-13.5", "1e3", "0.1", "1e-400", "1.7976931348623157e308", "-0",
  "123456789012345678901234567890" }
local NEAR_MEGAWATTS = { '"12.0"', "1e400", "-1e309", "true", "null", "[]", "{}" }

local ROW = maker { "datetime", 1, row_datetime, "purchase", 1, near(MEGAWATTS, NEAR_MEGAWATTS), "note", 0.1, ODD }

local function row()
  return (ROW():gsub("\n", " "))
end

local function series()
  minute = random(0, 1000) * 15
  local rows = {}
  for i = 1, random(1, 6) do
    rows[i] = value(row)
  end
  local list = "[" .. concat(rows, ",") .. "]"
  return ('{%s"purchase":%s}'):format(chance(0.1) and '"retailer":"x", ' or "",
    chance(oddness) and pick(ODD) or list)
end

--- The same seed gives the same bodies in the same Lua.
function M.generator(seed)
  math.randomseed(seed)
  local made = {}
  for name, make in pairs { woowup = SALE, curebit = ORDER, ravenwits = series } do
    made[name] = function()
      return body(make, name ~= "ravenwits")
    end
  end
  return made
end

return M
