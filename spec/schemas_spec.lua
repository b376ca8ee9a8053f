-- The schemas that purchases must pass.
local outcome = require "spec.support.outcome"
local purchases = require "purchases"
local sales = require "spec.support.sales"
local schemas = require "purchases.source.schemas"

local refused = outcome.refused

describe("the schemas of the APIs", function()
  it("stand beside the modules, and are compiled once", function()
    for _, name in ipairs { "woowup", "curebit" } do
      local schema = schemas.provided[name]
      assert.equal("schema_mismatch", refused(schema:check "{}").code)
      assert.equal(schema, schemas.provided[name])
      assert.equal(schema, purchases.schema[name])
    end
  end)

  it("are those, and no others", function()
    assert.is_nil(schemas.provided.ravenwits)
    assert.is_nil(purchases.schema.ravenwits)
    assert.is_nil(purchases.schema.load)
  end)

  it("are looked for where modules are", function()
    local path, known = package.path, schemas.provided.curebit
    schemas.provided.curebit, package.path = nil, "/nowhere/?.lua"
    local ok, message = pcall(function()
      return schemas.provided.curebit
    end)
    package.path, schemas.provided.curebit = path, known
    assert.same({ false, "purchases/schema/curebit.json is not where package.path leads" }, { ok, message })
  end)
end)

describe("what the APIs mean", function()
  local function messages(schema, text)
    local ok, err = schema:check(text)
    return ok or err.issues[1].message
  end

  it("is a key that is not empty and has no control characters, and a time that is one", function()
    local woowup = '{"invoice_number":%s,"createtime":"%s","email":"a@x.example","purchase_detail":[],'
      .. '"prices":{"total":1}}'
    local curebit = '{"order_number":%s,"order_date":"%s","email":"a@x.example","subtotal":1}'
    for name, text in pairs { woowup = woowup, curebit = curebit } do
      local schema = schemas.provided[name]
      for key, message in pairs { ['"A-1 ñ"'] = false, ["7"] = false, ['""'] = "must have at least 1 character, has 0",
        ['"A\\n"'] = "must match its pattern", ['"\\u0000"'] = "must match its pattern", ['"\127"'] =
        "must match its pattern", ['"a\194\133b"'] = "must match its pattern", ['" "'] = "must match its pattern" } do
        local told = messages(schema, text:format(key, "2025-10-01 10:00:00"))
        assert.equal(message and message or true, message and told:sub(1, #message) or told, name .. " " .. key)
      end
      for _, time in ipairs { "", "soon", "2025-02-30 10:00:00", "2025-10-01", "01/10/2025 10:00:00" } do
        assert.matches("must match its pattern", messages(schema, text:format("7", time)), 1, true)
      end
    end
  end)

  it("is a customer who is named", function()
    local text = '{"invoice_number":1,"purchase_detail":[],"prices":{"total":1}%s}'
    local woowup = schemas.provided.woowup
    assert.is_true(messages(woowup, text:format ',"email":"","document":"7","telephone":""'))
    assert.is_true(messages(woowup, text:format ',"email":" ","document":" 7 "'))
    for _, blank in ipairs { " ", "   ", "\194\160", "\226\128\175" } do
      assert.equal('must have one of "service_uid", "email", "document", "telephone" that is not empty',
        messages(woowup, text:format((',"email":"%s","document":""'):format(blank))))
    end
    assert.equal('must have one of "service_uid", "email", "document", "telephone" that is not empty',
      messages(woowup, text:format ',"email":"","document":""'))
    assert.equal('must have one of "service_uid", "email", "document", "telephone"', messages(woowup, text:format ""))
    assert.equal('must have "prices"', messages(woowup,
      '{"invoice_number":1,"purchase_detail":[],"email":"","document":"7"}'))
  end)
end)

describe("a schema of the caller's own", function()
  teardown(sales.remove_files)

  it("is the one in a file", function()
    local schema = assert(schemas.load(sales.file '{"required":["id"]}'))
    assert.is_true(schema:check '{"id":1}')
    refused(schema:check "{}")
  end)

  it("that cannot be read or used is an error that names the file", function()
    local err = refused(schemas.load "/nowhere/at/all.json")
    assert.equal("file_unreadable", err.code)
    assert.matches("^cannot read the schema '/nowhere/at/all.json': No such file", err.message)
    local path = sales.file '{"type":"x"}'
    err = refused(schemas.load(path))
    assert.same({ "invalid_schema", path }, { err.code, err.file })
  end)
end)
