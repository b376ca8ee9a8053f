-- tools/layers and tools/lengths, each on a small tree that is broken on purpose.
local command = require "spec.support.command"

local LAYERS = command.contents(command.root .. "/tools/layers.txt")

local CLEAN = {
  ["docs/architecture.md"] = "The layers:\n\n```text\n" .. LAYERS .. "```\n",
  ["src/base/text.h"] = "#include <stddef.h>\nvoid pur_text_trim(size_t length);\n",
  ["src/base/text.c"] = '#include "base/text.h"\nvoid pur_text_trim(size_t length) { (void)length; }\n',
  ["src/json/scan.h"] = '#include "base/text.h"\nvoid pur_scan_slow(void);\n'
    .. "static inline void pur_scan(void) {\n  pur_scan_slow();\n}\n",
  ["src/json/scan.c"] = '#include "json/scan.h"\nvoid pur_scan_slow(void) { pur_text_trim(1); }\n',
  ["src/lua/core.c"] = '#include <stdio.h>\n#include "json/scan.h"\nvoid pur_open(void);\n'
    .. "void pur_open(void) { pur_scan(); }\n",
  ["lua/purchases/json.lua"] = "return {}\n",
  ["lua/purchases/provider/woowup.lua"] = 'local json = require "purchases.json" -- no io.open here\nreturn json\n',
  ["lua/purchases/datetime.lua"] = 'local core = require "purchases.core"\nreturn core.datetime.parse\n',
  ["lua/purchases/source/text_file.lua"] = "return { open = io.open }\n",
  ["lua/purchases/source/init.lua"] = 'return { require "purchases.source.text_file", require "purchases.json" }\n',
  ["lua/purchases/client/init.lua"] = 'return { require "purchases.provider.woowup", require "purchases.source" }\n',
  ["lua/purchases/init.lua"] = 'return require "purchases.client"\n',
  ["lua/purchases/cli/init.lua"] = 'print(require("purchases"), require("purchases.cli." .. arg[1]))\n',
  ["lua/purchases/cli/check.lua"] = 'io.write "checked"\n',
  ["bin/purchases"] = 'require "purchases.cli"\n',
}

local folder

local function run(line)
  local pipe = assert(io.popen(line .. ' 2>&1; echo "exit $?"'))
  local text = pipe:read "*a"
  pipe:close()
  local output, code = text:match "^(.*)exit (%d+)\n$"
  return output, tonumber(code)
end

local function write(files)
  for path, text in pairs(files) do
    run(("mkdir -p '%s/%s'"):format(folder, path:match "^(.*)/"))
    command.write_file(folder .. "/" .. path, text)
  end
end

-- Compiles the C files to where make does.
local function build()
  local output, code = run(("cd '%s' && for file in src/*/*.c; do object=build/core/${file#src/}; case $file in "
    .. "src/lua/*) object=build/5.4/${file#src/lua/};; esac; mkdir -p ${object%%/*} && "
    .. "cc -Isrc -c -o ${object%%.c}.o $file || exit; done"):format(folder))
  assert(code == 0, output)
end

-- What a tool says of the clean tree with these files in it.
local function check(tool, files)
  write(CLEAN)
  write(files)
  build()
  local output, code = run(("lua5.4 '%s/tools/%s' '%s'"):format(command.root, tool, folder))
  return output, code
end

local function assert_complaint(files, ...)
  local output, code = check("layers", files)
  for _, complaint in ipairs { ... } do
    assert.truthy(output:find(complaint, 1, true), output)
  end
  assert.equal(1, code)
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
end)

after_each(function()
  run(("rm -rf '%s'"):format(folder))
end)

describe("tools/layers", function()
  it("says nothing of a clean tree", function()
    local output, code = check("layers", {})
    assert.equal("", output)
    assert.equal(0, code)
  end)

  it("names an include that leads up", function()
    assert_complaint({ ["src/base/error.h"] = '#include "json/scan.h"\n' },
      "src/base/error.h (src/base) leads up to json/scan.h (src/json)")
  end)

  it("names an include that leads up by a way back, or out of the compiler's folders", function()
    assert_complaint({
      ["src/http/pool.h"] = "void pur_pool(void);\n",
      ["src/lua/compat.h"] = "#ifdef NEVER\n#include <lua5.4/lua.h>\n#endif\n",
      ["src/number/number.h"] = "void pur_number(void);\n",
      ["src/json/scan.c"] = '#include "../lua/compat.h"\nint pur_x;\n',
      ["src/json/names.c"] = '#include "number/../http/pool.h"\nint pur_y;\n',
      ["src/json/skip.c"] = "#inc\\\nlude <http/./pool.h>\nint pur_z;\n",
    }, "src/json/scan.c (src/json) leads up to lua/compat.h (src/lua)",
      "src/json/scan.c reaches lua.h: json/scan.c → lua/compat.h → lua5.4/lua.h",
      "src/json/names.c (src/json) leads up to http/pool.h (src/http)",
      "src/json/skip.c (src/json) leads up to http/pool.h (src/http)")
  end)

  it("names an include that is not there, and one that a macro tells", function()
    assert_complaint({
      ["src/http/pool.h"] = "void pur_pool(void);\n",
      ["src/json/names.c"] = '#define POOL "http/pool.h"\n#include POOL\nint pur_x;\n',
      ["src/json/skip.c"] = '#include "stddef.h"\nint pur_y;\n',
    }, "src/json/names.c includes what cannot be told from its text: #include POOL",
      "src/json/skip.c includes stddef.h, which is not there")
  end)

  it("names a require that leads up, inside a function, too", function()
    assert_complaint({ ["lua/purchases/error.lua"] = 'return function() return require("purchases.client") end\n' },
      "lua/purchases/error.lua (lua/purchases/*) leads up to client/init (lua/purchases/client)")
  end)

  it("names the way on which a provider reaches files through two others", function()
    assert_complaint({
      ["lua/purchases/provider/curebit.lua"] = 'return require "purchases.schema"\n',
      ["lua/purchases/schema.lua"] = 'return require "purchases.text_file"\n',
      ["lua/purchases/text_file.lua"] = "return io.open\n",
    }, "lua/purchases/provider/curebit.lua reaches io: provider/curebit → schema → text_file")
  end)

  it("names a provider that reaches sockets or files through the core", function()
    assert_complaint({
      ["lua/purchases/provider/url.lua"] = 'local http = require("purchases.core").http\nreturn http\n',
      ["lua/purchases/provider/load.lua"] = "local core = require 'purchases.core'\n"
        .. "return ''..core.rows.open('x'), core.bulks.new_reader\n",
    }, "lua/purchases/provider/url.lua reaches core.http: provider/url",
      "lua/purchases/provider/load.lua reaches core.rows: provider/load",
      "lua/purchases/provider/load.lua reaches core.bulks: provider/load")
  end)

  it("names a provider that reaches files by another name", function()
    local aliases = {
      io = "local i = io\nreturn i.open", _G = 'return _G["io"].open', _ENV = 'return _ENV["io"].open',
      os = "return ''..os.remove('x')", package = "return package.loaded.io", load = 'return load "return io"',
    }
    for word, text in pairs(aliases) do
      assert_complaint({ ["lua/purchases/json.lua"] = text .. "\n" },
        ("lua/purchases/provider/woowup.lua reaches %s: provider/woowup → json"):format(word))
    end
    assert_complaint({ ["lua/purchases/json.lua"] = 'return require "io"\n' },
      "lua/purchases/provider/woowup.lua reaches io: provider/woowup → json → io")
  end)

  it("names a library's file with the files or the globals in it", function()
    assert_complaint({ ["lua/purchases/error.lua"] = 'local i = io\nreturn i, _G["print"]\n' },
      "lua/purchases/error.lua writes io, as only ", "lua/purchases/error.lua writes _G, as only ")
  end)

  it("names a core that is not called core, and one whose parts are not asked for by name", function()
    for text, use in pairs {
      ['local c = require "purchases.core"\nreturn c.http'] = "core",
      ['return require("purchases.core")["http"]'] = 'core["    "]',
      ["return select(2, pcall(require, 'purchases.core'))"] = "core)",
      ['local core = require("purchases.core").series\nreturn core.read'] = "core = core.series",
      ['local core = require "purchases.core"\nlocal c = core\nreturn c.http'] = "core",
      ['local core = require "purchases.core"\nreturn core["http"]'] = 'core["    "]',
      ['local core = require "purchases.core"\nreturn core.json, core'] = "core",
    } do
      assert_complaint({ ["lua/purchases/error.lua"] = text .. "\n" },
        "lua/purchases/error.lua uses purchases.core otherwise than as core.NAME: " .. use .. "\n")
    end
  end)

  it("names the way to a library's header that is another folder's", function()
    assert_complaint({
      ["src/schema/pattern.h"] = "#define PCRE2_CODE_UNIT_WIDTH 8\n#include <pcre2.h>\n",
      ["src/schema/pattern.c"] = '#include "schema/pattern.h"\nint pur_x;\n',
      ["src/series/read.c"] = '#include "schema/pattern.h"\nint pur_y;\n',
    }, "src/series/read.c reaches pcre2.h: series/read.c → schema/pattern.h → pcre2.h")
  end)

  it("names a print in the library, but not one in a comment or a string", function()
    assert_complaint({ ["lua/purchases/error.lua"] = "return function(x) print(x) end\n" },
      "lua/purchases/error.lua writes print, as only lua/purchases/cli and lua/purchases/sandbox and bin may")
    local output, code = check("layers", { ["lua/purchases/error.lua"] = 'return "print(x)" -- print(x)\n' })
    assert.equal("", output)
    assert.equal(0, code)
  end)

  it("names an exit in the library", function()
    assert_complaint({ ["lua/purchases/error.lua"] = "return function() os.exit(1) end\n" },
      "lua/purchases/error.lua writes os.exit, as only lua/purchases/cli and bin may")
  end)

  it("names a circle of requires, through a computed name, too", function()
    assert_complaint({
      ["lua/purchases/options.lua"] = 'return require "purchases.redact"\n',
      ["lua/purchases/redact.lua"] = 'return require "purchases.options"\n',
      ["lua/purchases/cli/check.lua"] = 'return require "purchases.cli"\n',
    }, "circle of requires: options → redact → options",
      "circle of requires: cli/check → cli/init → cli/check")
  end)

  it("names a circle of calls, and by which functions", function()
    assert_complaint({
      ["src/json/names.c"] = "void pur_skip(void);\nvoid pur_names(void);\nvoid pur_names(void) { pur_skip(); }\n",
      ["src/json/skip.c"] = "void pur_skip(void);\nvoid pur_names(void);\nvoid pur_skip(void) { pur_names(); }\n",
    }, "circle of calls: json/names → json/skip → json/names (pur_skip, pur_names)")
  end)

  it("names a circle of calls through what a header defines", function()
    assert_complaint({
      ["src/json/steps.h"] = "void pur_slow(void);\nstatic inline void pur_step(void) {\n  pur_slow();\n}\n",
      ["src/json/slow.c"] = '#include "json/steps.h"\nvoid pur_again(void);\nvoid pur_slow(void) { }\n'
        .. "void pur_again(void) { pur_step(); }\n",
    }, "circle of calls: json/slow → json/steps → json/slow (pur_step, pur_slow)")
  end)

  it("names a page that shows other layers", function()
    assert_complaint({ ["docs/architecture.md"] = "The layers:\n\n```text\n" .. LAYERS:sub(1, -2) .. "```\n" },
      "docs/architecture.md does not show tools/layers.txt as it is")
  end)

  it("names a file that is in no folder of the table, and one that is not compiled", function()
    write(CLEAN)
    build()
    write { ["src/other/file.c"] = "int pur_x;\n" }
    local output, code = run(("lua5.4 '%s/tools/layers' '%s'"):format(command.root, folder))
    assert.truthy(output:find("src/other/file.c stands in none of the folders of tools/layers.txt", 1, true), output)
    assert.truthy(output:find("src/other/file.c has no object file", 1, true), output)
    assert.equal(1, code)
  end)
end)

describe("tools/lengths", function()
  local function lines(count, text)
    return (text .. "\n"):rep(count)
  end

  it("passes a clean tree, and counts what is used once", function()
    local output, code = check("lengths", {
      ["src/base/text.c"] = '#include "base/text.h"\nstatic void once(void) {\n}\n\nstatic void twice(void) {\n}\n\n'
        .. "void pur_text_trim(size_t length) {\n  (void)length;\n  once();\n  twice();\n  twice();\n}\n",
      ["lua/purchases/json.lua"] = "local function once() return 1 end\nlocal function twice() return 2 end\n"
        .. "return { once(), twice(), twice() }\n",
    })
    assert.truthy(output:find("of 4 static helpers, 2 are used once: 50 %", 1, true), output)
    assert.equal(0, code)
  end)

  it("names a file and functions that are too long", function()
    local output, code = check("lengths", {
      ["src/base/long.c"] = "int pur_x;\n" .. lines(500, "/* */"),
      ["src/base/text.c"] = '#include "base/text.h"\nvoid pur_text_trim(size_t length) {\n'
        .. lines(59, "  (void)length;") .. "}\n",
      ["lua/purchases/json.lua"] = "local function long(x)\n" .. lines(58, "  if x then x = 1 end")
        .. "  while x do x = nil end\nend\nreturn long\n",
    })
    assert.truthy(output:find("src/base/long.c has 501 lines, more than 500", 1, true), output)
    assert.truthy(output:find("src/base/text.c:2: pur_text_trim has 61 lines, more than 60", 1, true), output)
    assert.truthy(output:find("lua/purchases/json.lua:1: long has 61 lines, more than 60", 1, true), output)
    assert.equal(1, code)
  end)

  it("names a core that is too long", function()
    local files = {}
    for i = 1, 30 do
      files[("src/base/part%d.c"):format(i)] = ("int pur_x%d;\n"):format(i) .. lines(490, "/* */")
    end
    local output, code = check("lengths", files)
    assert.truthy(output:find("src/ has 14%d+ lines, more than 13900"), output)
    assert.equal(1, code)
  end)
end)
