--- JSON Schemas (draft 4), compiled once and run over the bytes of JSON documents.
--
-- Keywords: `type enum required properties additionalProperties items minItems maxItems minLength maxLength pattern
-- minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf oneOf allOf format definitions`, and `$ref` within
-- the document. A schema with any other keyword is refused, unless the keyword is an annotation.
-- @module purchases.schema

--- Compiles a schema.
-- @function compile
-- @string text
-- @treturn schema|nil
-- @treturn ?purchases.error code `invalid_schema`; the message names the keyword and its place in the schema

--- The schema of one purchase at WoowUp.
-- @field woowup

--- The schema of one purchase at Curebit.
-- @field curebit

--- A compiled schema.
-- @type schema

--- Checks a JSON document.
-- @function check
-- @string json_text
-- @treturn true|nil
-- @treturn ?purchases.error kind `validation`, with `total` and `issues` of `{ index, line, column, field, code,
-- message }`: the field is a JSON Pointer, the code a keyword
