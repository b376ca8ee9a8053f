rockspec_format = "3.0"
package = "purchases"
version = "scm-1"
source = {
  url = "git+https://example.com/purchases/purchases.git",
}
description = {
  summary = "Purchase data to APIs: checked before a byte is sent, nothing lost, nothing sent twice on its own.",
  detailed = [[
    A Lua module with a C core for people who send purchase data to APIs: Ravenwits (energy purchase series
    and strategy outputs), WoowUp (retail sales), Curebit (referral purchases). Reads CSV, JSON and Lua tables,
    checks every row, uploads with many requests in flight, and says of every purchase whether it was accepted,
    rejected, or may have arrived.]],
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson",
  "argparse",
}
build = {
  type = "make",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    BUILD = "build/rock",
  },
  install_target = "install-lib install-bin",
  install_variables = {
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUA_LIBDIR = "$(LIBDIR)",
    LUA_SHAREDIR = "$(LUADIR)",
    BINDIR = "$(BINDIR)",
    SCRIPTS_DIR = "$(SCRIPTS_DIR)", -- where LuaRocks writes a wrapper for each command, which knows the folders
    BUILD = "build/rock",
  },
}
