#!/bin/sh
# Runs the application, and the sandbox that it uploads to, until Ctrl-C. PORT and SANDBOX_PORT name other ports than
# 8088 and 8080. With RAVENWITS_BASE_URL set it starts no sandbox.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
port=${PORT:-8088}
eval "$(make -s env LUA_VERSION=5.1)" # nginx has LuaJIT in it

work=$(mktemp -d "${TMPDIR:-/tmp}/purchases-openresty.XXXXXX")
sandbox='' nginx=''
stop() {
  trap '' INT TERM HUP
  for process in $nginx $sandbox; do kill "$process" 2>/dev/null || true; done
  for process in $nginx $sandbox; do wait "$process" || true; done
  rm -rf -- "$work"
}
trap 'stop' EXIT
trap 'exit 1' HUP
trap 'exit 0' INT TERM

fail() {
  echo "$1" >&2
  exit 1
}

# wait_for NAME PROCESS COMMAND...: waits until the command succeeds.
wait_for() {
  name=$1 process=$2 tries=0
  shift 2
  until "$@" >"$work/answer" 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 150 ] || ! kill -0 "$process" 2>/dev/null; then
      fail "$name did not start. $(cat "$work/sandbox.log" 2>/dev/null)"
    fi
    sleep 0.1
  done
}

refusal=$(luajit -e "print(require('purchases.core').system.port_refusal($port) or '')")
[ -z "$refusal" ] || fail "cannot listen on port $port: $refusal; name another by PORT"

if [ -z "${RAVENWITS_BASE_URL:-}" ]; then
  sandbox_port=${SANDBOX_PORT:-8080}
  export RAVENWITS_BASE_URL="http://127.0.0.1:$sandbox_port" RAVENWITS_TOKEN=sandbox-token RAVENWITS_USER=trebolenergia
  purchases sandbox --port "$sandbox_port" >"$work/sandbox.log" 2>&1 &
  sandbox=$!
  wait_for "The sandbox" "$sandbox" grep "Ctrl-C stops it" "$work/sandbox.log"
  wait_for "The sandbox" "$sandbox" curl -s "$RAVENWITS_BASE_URL/health/"
fi

# nginx, and its Lua module if that is a file of its own.
program=$(luajit -e 'local found = assert(require("purchases.sandbox.nginx").find(false)) print(found.file)')
modules=$(luajit -e 'local found = assert(require("purchases.sandbox.nginx").find(false))
  for _, file in ipairs(found.modules) do io.write(("load_module %s; "):format(file)) end')
user=''
if [ "$(id -u)" = 0 ]; then user="user root $(id -gn);"; fi # so that workers can read these files
ln -s "$here" "$work/app"
sed "s/127\.0\.0\.1:8088/127.0.0.1:$port/" "$here/nginx.conf" >"$work/nginx.conf"
"$program" -p "$work" -c "$work/nginx.conf" -e stderr -g "daemon off; $modules $user" &
nginx=$!
wait_for "nginx" "$nginx" curl -s "http://127.0.0.1:$port/"
echo "The application answers at http://127.0.0.1:$port/. Ctrl-C stops it."
wait "$nginx"
