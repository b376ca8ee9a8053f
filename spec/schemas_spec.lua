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
