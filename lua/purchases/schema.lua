--- JSON Schemas (draft 4), compiled once and run over the bytes of JSON documents.
--
-- Keywords: `type enum required properties additionalProperties items minItems maxItems minLength maxLength
-- pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf oneOf allOf format definitions`
-- and `$ref` within the document. Any other refuses the schema, but for annotations.
-- @module purchases.schema
local core = require "purchases.core"
local text_file = require "purchases.source.text_file"
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

-- The schemas of the APIs' pages stand beside this module, as files: where Lua finds modules, it finds them.
local function read(name)
  for template in package.path:gmatch "[^;]+" do
    local path = template:gsub("%.lua$", ".json"):gsub("%?", "purchases/schema/" .. name)
    local text = text_file.read(path)
    if text then
      return text
    end
  end
  error("purchases/schema/" .. name .. ".json is not where package.path leads", 0)
end

local PROVIDED = { woowup = true, curebit = true }

--- The schema of one purchase, as WoowUp's page has it.
-- @field woowup

--- The schema of one purchase of a Curebit request.
-- @field curebit

-- Compiled when they are first asked for.
return setmetatable(M, {
  __index = function(_, name)
    if not PROVIDED[name] then
      return nil
    end
    local schema = assert(M.compile(read(name)))
    M[name] = schema
    return schema
  end,
})
