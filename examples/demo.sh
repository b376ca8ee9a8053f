#!/bin/sh
# The main job on real data: check a month of the Spanish peninsula's power series, upload one purchase
# per delivery day to the sandbox, wait for the workflows, show what came of it.
set -eu
cd "$(dirname "$0")/.."
eval "$(make -s env)"

port=${PORT:-8080}
file=examples/data/spain_2025-10.csv
columns="--datetime-column datetime_utc --value-column value --tz Europe/Madrid"
export RAVENWITS_BASE_URL="http://127.0.0.1:$port" RAVENWITS_TOKEN=sandbox-token RAVENWITS_USER=trebolenergia

echo "== The sandbox"
said=$(mktemp)
purchases sandbox --port "$port" >"$said" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true; rm -f "$said"' EXIT
trap 'exit 1' INT TERM HUP
tries=0
until grep -q "Ctrl-C stops it" "$said"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ] || ! kill -0 "$sandbox" 2>/dev/null; then
    echo "The sandbox did not start. On another port: PORT=8090 make demo" >&2
    exit 1
  fi
  sleep 0.1
done
cat "$said"
purchases ravenwits health

echo
echo "== Check: purchases check $file $columns"
# shellcheck disable=SC2086
purchases check $file $columns

echo
echo "== Upload, wait, and the output of idmodel 1: purchases ravenwits submit $file --retailer 123 $columns --idmodel 1"
# shellcheck disable=SC2086
purchases ravenwits submit $file --retailer 123 $columns --idmodel 1
