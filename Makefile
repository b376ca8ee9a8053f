# make                      builds for Lua 5.4;  make LUA_VERSION=5.1  for LuaJIT and PUC Lua 5.1
# make demo                 the main job on real data;  make openresty  an application in nginx, to try out
# make test lint check bench doc;  make soak  all that is sampled elsewhere, in full counts
# make simulation           SEEDS=20000 for each API;  SEED=7 make simulation  tells that one's story
# make install              PREFIX=/usr/local DESTDIR=;  make install-lib  the module only,  install-bin  the command
# make uninstall            of every Lua version under PREFIX
# make -s env               prints the paths of the built tree;  make deps  installs what all of this needs
BUILD      ?= build
PREFIX     ?= /usr/local
CC         ?= cc
PKG_CONFIG ?= pkg-config

# Where nobody says how to compile, a GCC optimizes over all files when it links the library, which makes what computes
# 6 % faster and takes it 10 seconds; LTO= does without. Tests are linked from the same objects as they are.
ifeq ($(origin CFLAGS),undefined)
CFLAGS := -O3 -g
LTO    ?= $(if $(findstring COLLECT_LTO_WRAPPER,$(shell $(CC) -v 2>&1)),-flto=auto -ffat-lto-objects)
endif

# Whoever names only the folder of lua.h (LuaRocks does) means the version that stands in it.
ifdef LUA_INCDIR
VERSION_IN_H := s/^.define LUA_VERSION_NUM[^0-9]*\([0-9]\)0\([0-9]\).*/\1.\2/p
LUA_VERSION  ?= $(shell sed -n '$(VERSION_IN_H)' "$(LUA_INCDIR)/lua.h" 2>/dev/null)
endif
LUA_VERSION := $(or $(LUA_VERSION),5.4)
LUA-5.1     := luajit
LUA         ?= $(or $(LUA-$(LUA_VERSION)),lua$(LUA_VERSION))

# The first folder that holds lua.h of that version.
LUA_DIRS-5.1 := /usr/include/luajit-2.1 /usr/local/include/luajit-2.1
LUA_DIRS     := $(LUA_DIRS-$(LUA_VERSION)) /usr/include/lua$(LUA_VERSION) \
                /usr/local/include/lua$(LUA_VERSION) /usr/local/include
LUA_INCDIR   ?= $(patsubst %/lua.h,%,$(firstword $(wildcard $(LUA_DIRS:=/lua.h))))

LUA_LIBDIR   ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
LUA_SHAREDIR ?= $(PREFIX)/share/lua/$(LUA_VERSION)
BINDIR       ?= $(PREFIX)/bin

WARNINGS    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(if $(CI),-Werror)
CURL_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)
CURL_LIBS   := $(or $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null),-lcurl)
PCRE_CFLAGS := $(shell $(PKG_CONFIG) --cflags libpcre2-8 2>/dev/null)
PCRE_LIBS   := $(or $(shell $(PKG_CONFIG) --libs libpcre2-8 2>/dev/null),-lpcre2-8)
LIBS        := $(CURL_LIBS) $(PCRE_LIBS)
# Where there is no sqlite3.h of 3.24 or later, everything else is built, and nobody can keep a ledger.
SQLITE_CFLAGS := $(shell $(PKG_CONFIG) --cflags sqlite3 2>/dev/null)
SQLITE_LIBS   := $(or $(shell $(PKG_CONFIG) --libs sqlite3 2>/dev/null),-lsqlite3)
HAS_SQLITE    := $(shell printf '\043include <sqlite3.h>\n\043if SQLITE_VERSION_NUMBER < 3024000\n\043error\n\043endif\n' | \
                   $(CC) $(SQLITE_CFLAGS) $(CPPFLAGS) $(CFLAGS) -E - >/dev/null 2>&1 && echo yes)
# FORTIFY needs an optimizer, hides from sanitizers what they look for, and may be the packager's own.
FORTIFY      = $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),$(if $(findstring -fsanitize,$(CFLAGS))$(findstring \
               _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
ALL_CFLAGS   = -std=c11 -D_GNU_SOURCE -fPIC -fno-plt -fvisibility=hidden -fstack-protector-strong $(FORTIFY) -Isrc \
               $(WARNINGS) $(CURL_CFLAGS) $(PCRE_CFLAGS) $(SQLITE_CFLAGS) $(CPPFLAGS) $(CFLAGS)

# relro, now: what the loader has filled in is read-only from then on.
# nodelete: a resolver thread of libcurl may outlive the Lua state that loaded the library.
ifeq ($(shell uname),Darwin)
SHARED := -bundle -undefined dynamic_lookup
else
SHARED := -shared -Wl,-z,nodelete -Wl,-z,relro,-z,now
LIBS   += -ldl
endif

OUT     := $(BUILD)/$(LUA_VERSION)
CORE    := $(patsubst src/%.c,$(BUILD)/core/%.o,$(filter-out src/lua/% src/ledger/%,$(wildcard src/*/*.c)))
BINDING := $(patsubst src/lua/%.c,$(OUT)/%.o,$(wildcard src/lua/*.c))
LIBRARY := $(OUT)/purchases/core.so
# A library of its own, loaded when a ledger is opened.
SQLITE  := $(patsubst src/%.c,$(BUILD)/core/%.o,$(wildcard src/ledger/*.c)) $(OUT)/ledger/sqlite.o
LEDGER  := $(if $(HAS_SQLITE),$(OUT)/purchases/sqlite.so)
COMMAND := $(OUT)/bin/purchases
C_TESTS := $(patsubst spec/c/%.c,$(BUILD)/test/%,$(filter-out $(if $(HAS_SQLITE),,%/test_sqlite.c),$(wildcard spec/c/*_*.c)))
FUZZERS := $(patsubst spec/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard spec/fuzz/*.c))

.PHONY: all deps demo openresty test simulation lint check soak bench doc install install-lib install-bin may-install \
  uninstall clean env c-tests fuzzers

all: $(LIBRARY) $(LEDGER) $(COMMAND)

# Says what is missing before anything is compiled. Once nothing is, it is not asked again.
$(CORE) $(BINDING) $(SQLITE): | $(OUT)/.needs

$(OUT)/.needs: export FLAGS = $(SHARED) $(ALL_CFLAGS) $(LDFLAGS)
$(OUT)/.needs:
	@CC="$(CC)" PKG_CONFIG="$(PKG_CONFIG)" CURL_LIBS="$(CURL_LIBS)" PCRE_LIBS="$(PCRE_LIBS)" \
	  LUA_VERSION="$(LUA_VERSION)" LUA_INCDIR="$(LUA_INCDIR)" HAS_SQLITE="$(HAS_SQLITE)" tools/needs
	@mkdir -p $(@D) && touch $@

$(LIBRARY): $(CORE) $(BINDING)
	@mkdir -p $(@D)
	$(CC) $(SHARED) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

# Of the core it takes what it uses.
$(OUT)/purchases/sqlite.so: $(SQLITE) $(OUT)/compat.o $(BUILD)/core/core.a
	@mkdir -p $(@D)
	$(CC) $(SHARED) $(CFLAGS) -fno-lto $(LDFLAGS) -o $@ $^ $(SQLITE_LIBS)

$(BUILD)/core/core.a: $(CORE)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/core/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LTO) -MMD -MP -c -o $@ $<

$(OUT)/%.o: src/lua/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LTO) -I$(LUA_INCDIR) -MMD -MP -c -o $@ $<

$(COMMAND): bin/purchases
	@mkdir -p $(@D)
	sed 's|^exec lua5.4|exec $(LUA)|' $< > $@ && chmod +x $@

$(BUILD)/test/%: spec/c/%.c spec/c/test.h $(CORE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fno-lto $(LDFLAGS) $(WRAP) -o $@ $< $(CORE) $(LIBS) -lm

# They include sources of a library that is not theirs.
LEDGER_TESTS := $(addprefix $(BUILD)/test/test_,lock flock place sqlite)
$(LEDGER_TESTS): spec/c/test_lock.c $(wildcard src/ledger/*)
$(LEDGER_TESTS): LIBS += $(if $(HAS_SQLITE),$(SQLITE_LIBS))

# They make allocations fail.
$(BUILD)/test/alloc_%: WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

# It listens to what libcurl is told.
$(BUILD)/test/test_options: WRAP := -Wl,--wrap=curl_easy_setopt

$(BUILD)/fuzz/%: spec/fuzz/%.c spec/fuzz/documents.h spec/c/test.h $(CORE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fno-lto $(LDFLAGS) -o $@ $< $(CORE) $(LIBS) -lm

c-tests: $(C_TESTS) build/locale/de_DE.UTF-8

# One with a decimal comma, for tests: most systems have none.
build/locale/de_DE.UTF-8:
	@mkdir -p $(@D)
	localedef -i de_DE -f UTF-8 $@

fuzzers: $(FUZZERS)

# The built tree, for whoever does not install it.
TREE_PATH  := $(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;
TREE_CPATH := $(abspath $(OUT))/?.so;;

env:
	@echo 'export LUA_PATH="$(TREE_PATH)"'
	@echo 'export LUA_CPATH="$(TREE_CPATH)"'
	@echo 'export PATH="$(abspath $(OUT))/bin:$$PATH"'

deps:
	tools/deps build demo openresty test browser lint check doc

demo:
	tools/deps build demo
	$(MAKE) all
	examples/demo.sh

openresty:
	tools/deps build openresty
	$(MAKE) all LUA_VERSION=5.1
	examples/openresty/run.sh

test:
	tools/deps build test browser
	tools/test

simulation: SEEDS ?= 20000
simulation: all
	LUA_PATH="$(TREE_PATH)" LUA_CPATH="$(TREE_CPATH)" $(LUA) spec/simulation/main.lua $(SEEDS)

lint:
	tools/deps build lint
	tools/lint

check:
	tools/deps build test check
	tools/check

soak:
	tools/deps build test check
	tools/soak $(SOAK)

# The compiler of the machine that measures knows best what it can do.
$(BUILD)/bench/%: bench/peers/%.cpp
	@mkdir -p $(@D)
	$(CXX) -O3 -march=native -o $@ $< -lsimdjson

bench:
	tools/deps build bench
	$(MAKE) all $(BUILD)/bench/schema_simdjson
	$(MAKE) all LUA_VERSION=5.1
	luajit bench/run.lua $(BENCH)

doc:
	tools/deps doc
	ldoc -q .

install install-lib install-bin may-install uninstall: INSTALL = \
  DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" BINDIR="$(BINDIR)" SCRIPTS_DIR="$(SCRIPTS_DIR)" LUA_LIBDIR="$(LUA_LIBDIR)" \
  LUA_SHAREDIR="$(LUA_SHAREDIR)" LUA_VERSION="$(LUA_VERSION)" LUA="$(LUA)" OUT="$(OUT)" tools/install

install: install-lib install-bin
	@$(INSTALL) paths

# Asks first, so that nothing is compiled in vain.
may-install:
	@$(INSTALL) may

install-lib: may-install $(LIBRARY) $(LEDGER)
	@$(INSTALL) lib

install-bin: $(COMMAND)
	@$(INSTALL) bin

uninstall:
	@$(INSTALL) uninstall

clean:
	rm -rf $(BUILD) doc

-include $(CORE:.o=.d) $(BINDING:.o=.d) $(SQLITE:.o=.d)
