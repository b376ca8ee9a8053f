--- JSON Schemas (draft 4), compiled once and run over the bytes of JSON documents.
--
-- Keywords: `type enum required properties additionalProperties items minItems maxItems minLength maxLength
-- pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf oneOf allOf format definitions`
-- and `$ref` within the document. Annotations are ignored; any other keyword refuses the schema.
-- @module purchases.schema
local core = require "purchases.core"
require "purchases.error" -- gives the core's errors their methods

local M = {}

--- Compiles a schema.
-- @function compile
-- @string json_schema_text
-- @treturn purchases.schema|nil it has one method, `schema:check(json_text)`: true, or nil and an error of kind
-- "validation" with `total` and `issues` of `{index, line, column, field, code, message}`: the field is a JSON
-- Pointer, the code the keyword that is not kept
-- @treturn ?purchases.error kind "validation", code "invalid_schema": the message names the keyword and where in
-- the schema it stands
M.compile = core.schema.compile

return M
