# make LUA_VERSION=5.4 (the default) or 5.1 (LuaJIT and PUC Lua 5.1 share that ABI).
LUA_VERSION ?= 5.4
BUILD       ?= build
PREFIX      ?= /usr/local
CC          ?= cc
CFLAGS      ?= -O2 -g
PKG_CONFIG  ?= pkg-config

LUA-5.1 := luajit
LUA     ?= $(or $(LUA-$(LUA_VERSION)),lua$(LUA_VERSION))
BUSTED  ?= $(LUA) /usr/bin/busted

# The first folder that holds lua.h of the wanted version; a caller's own LUA_INCDIR comes first.
LUA_DIRS-5.1 := /usr/include/luajit-2.1 /usr/local/include/luajit-2.1 /usr/include/lua5.1
LUA_DIRS     := $(LUA_DIRS-$(LUA_VERSION)) /usr/include/lua$(LUA_VERSION) \
                /usr/local/include/lua$(LUA_VERSION) /usr/local/include
LUA_INCDIR   ?= $(patsubst %/lua.h,%,$(firstword $(wildcard $(LUA_DIRS:=/lua.h))))

LUA_LIBDIR   ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
LUA_SHAREDIR ?= $(PREFIX)/share/lua/$(LUA_VERSION)
BINDIR       ?= $(PREFIX)/bin

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(CURL_CFLAGS) $(CPPFLAGS) $(CFLAGS)
CURL_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)
CURL_LIBS   := $(or $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null),-lcurl)

# nodelete: a resolver thread of libcurl may outlive the Lua state that loaded this library.
ifeq ($(shell uname),Darwin)
SHARED := -bundle -undefined dynamic_lookup
else
SHARED := -shared -Wl,-z,nodelete
endif

OUT     := $(BUILD)/$(LUA_VERSION)
CORE    := $(patsubst src/%.c,$(BUILD)/core/%.o,$(wildcard src/*.c))
BINDING := $(patsubst src/lua/%.c,$(OUT)/%.o,$(wildcard src/lua/*.c))
LIBRARY := $(OUT)/purchases/core.so
COMMAND := $(OUT)/bin/purchases

.PHONY: all clean env

all: $(LIBRARY) $(COMMAND)

$(LIBRARY): $(CORE) $(BINDING)
	@mkdir -p $(@D)
	$(CC) $(SHARED) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CURL_LIBS)

$(BUILD)/core/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/%.o: src/lua/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -I$(LUA_INCDIR) -MMD -MP -c -o $@ $<

$(COMMAND): bin/purchases
	@mkdir -p $(@D)
	sed '1s|.*|#!/usr/bin/env $(LUA)|' $< > $@ && chmod +x $@

env:
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;"'
	@echo 'export LUA_CPATH="$(abspath $(OUT))/?.so;;"'
	@echo 'export PATH="$(abspath $(OUT))/bin:$$PATH"'

clean:
	rm -rf $(BUILD)

-include $(CORE:.o=.d) $(BINDING:.o=.d)
