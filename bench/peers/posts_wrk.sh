#!/bin/sh
# Measures: POSTs of one day (4.8 KB) by wrk, for SECONDS, CONCURRENCY connections kept alive.
# usage: bench/peers/posts_wrk.sh URL SECONDS CONCURRENCY
out=$(wrk -t 1 -c "$3" -d "$2s" -s "$(dirname "$0")/posts.wrk.lua" "$1")
status=$?
[ $status -eq 0 ] || printf '%s\n' "$out" >&2
printf '%s\n' "$out" | tail -n 1
exit $status
