#!/bin/sh
# Does the main job on real data, against the sandbox. Checks a month of the Spanish peninsula's power series,
# uploads one purchase for each delivery day, waits for the workflows, and shows their output. Reads two days of a supply
# point's hours as Datadis has them, in kWh, and uploads them, too. Then sends the valid invoices of a shop to WoowUp and
# to Curebit, writes the others to a file with the reasons, and shows that a second run creates nothing; and orders as
# Shopify exports them.
set -eu
cd "$(dirname "$0")/.."
eval "$(make -s env)"

port=${PORT:-8080}
file=examples/data/spain_2025-10.csv
columns="--datetime-column datetime_utc --value-column value --tz Europe/Madrid"
export RAVENWITS_BASE_URL="http://127.0.0.1:$port" RAVENWITS_TOKEN=sandbox-token RAVENWITS_USER=trebolenergia
export WOOWUP_BASE_URL="http://127.0.0.1:$port/apiv3" WOOWUP_API_KEY=sandbox-woowup-key
export CUREBIT_BASE_URL="http://127.0.0.1:$port" CUREBIT_API_KEY=sandbox-curebit-key CUREBIT_SITE=sandbox-shop

echo "== The sandbox"
said=$(mktemp)
work=$(mktemp -d)
purchases sandbox --port "$port" >"$said" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true; rm -rf "$said" "$work"' EXIT
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

hours=examples/data/consumption.csv
echo
echo "== A file as people have it: purchases inspect $hours"
purchases inspect $hours
echo
echo "== By the map that comes along: purchases ravenwits submit $hours --map datadis --retailer 123"
purchases check $hours --map datadis
purchases ravenwits submit $hours --map datadis --retailer 123

# Some of the shop's invoices are invalid on purpose, so exit code 1 is not a failure of this demo.
create() {
  # shellcheck disable=SC2086
  purchases $1 || [ $? = 1 ]
}

shop=examples/data/online_retail.csv
for api in woowup curebit; do
  line="$api create $shop --map examples/data/retail_$api.lua"
  echo
  echo "== A shop's invoices: purchases $line --rejects FILE"
  create "$line --rejects $work/$api.ndjson" 2>&1
  echo "== Once more, which creates nothing:"
  create "$line" 2>/dev/null
done

line="create examples/data/orders.csv --map shopify"
echo
echo "== A shop's export of orders: purchases woowup $line --rejects FILE, purchases curebit $line"
create "woowup $line --rejects $work/orders.ndjson" 2>&1
create "curebit $line" 2>&1
