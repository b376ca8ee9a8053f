# make                      builds for Lua 5.4;  make LUA_VERSION=5.1  for LuaJIT and PUC Lua 5.1
# make demo                 the main job on real data;  make openresty  an application in nginx, to try out
# make test lint check bench doc
# make install              PREFIX=/usr/local DESTDIR=;  make -s env  prints the paths of the built tree
BUILD      ?= build
PREFIX     ?= /usr/local
CC         ?= cc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config

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
ALL_CFLAGS   = -std=c11 -D_GNU_SOURCE -fPIC -fno-plt -fvisibility=hidden -Isrc $(WARNINGS) $(CURL_CFLAGS) $(PCRE_CFLAGS) \
               $(CPPFLAGS) $(CFLAGS)

# nodelete: a resolver thread of libcurl may outlive the Lua state that loaded the library.
ifeq ($(shell uname),Darwin)
SHARED := -bundle -undefined dynamic_lookup
else
SHARED := -shared -Wl,-z,nodelete
endif

OUT     := $(BUILD)/$(LUA_VERSION)
CORE    := $(patsubst src/%.c,$(BUILD)/core/%.o,$(filter-out src/lua/%,$(wildcard src/*/*.c)))
BINDING := $(patsubst src/lua/%.c,$(OUT)/%.o,$(wildcard src/lua/*.c))
LIBRARY := $(OUT)/purchases/core.so
COMMAND := $(OUT)/bin/purchases
C_TESTS := $(patsubst spec/c/%.c,$(BUILD)/test/%,$(wildcard spec/c/*_*.c))
FUZZERS := $(patsubst spec/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard spec/fuzz/*.c))

.PHONY: all deps demo openresty test lint check bench doc install clean env c-tests fuzzers

install: all
	install -d $(DESTDIR)$(LUA_LIBDIR)/purchases $(DESTDIR)$(LUA_SHAREDIR) $(DESTDIR)$(BINDIR)
	install -m 755 $(LIBRARY) $(DESTDIR)$(LUA_LIBDIR)/purchases/core.so
	cp -R lua/purchases $(DESTDIR)$(LUA_SHAREDIR)/
	install -m 755 $(COMMAND) $(DESTDIR)$(BINDIR)/purchases

clean:
	rm -rf $(BUILD) doc

-include $(CORE:.o=.d) $(BINDING:.o=.d)
