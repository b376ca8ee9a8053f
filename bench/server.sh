#!/bin/sh
# The server of the measurements: nginx with one worker, on 127.0.0.1, all its files in FOLDER.
# usage: bench/server.sh start PORT FOLDER [CONF]   (returns when it listens; CONF is bench/nginx.conf, or another
#                                                   one, which finds its upstream at PORT - 1)
#        bench/server.sh stop FOLDER                (returns when it has ended)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
nginx=$(command -v nginx || echo /usr/sbin/nginx)

# Debian keeps the Lua module outside of nginx; OpenResty has it built in.
modules() {
  for name in ndk_http_module ngx_http_lua_module; do
    file=/usr/lib/nginx/modules/$name.so
    [ ! -e "$file" ] || printf 'load_module %s; ' "$file"
  done
}

start() {
  mkdir -p "$2"
  sed -e "s|@PORT@|$1|" -e "s|@HERE@|$here|g" -e "s|@MODULES@|$(modules)|" \
    -e "s|@UPSTREAM@|$(($1 - 1))|" \
    -e "s|@USER@|$(id -un)|" -e "s|@GROUP@|$(id -gn)|" "$here/${3-nginx.conf}" > "$2/nginx.conf"
  "$nginx" -p "$2" -c "$2/nginx.conf" -e "$2/error.log"
}

stop() {
  pid=$(cat "$1/nginx.pid")
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

case ${1-}/$# in
  start/3 | start/4) shift && start "$@" ;;
  stop/2) stop "$2" ;;
  *) sed -n 3,5p "$0" >&2; exit 2 ;;
esac
