"""What a peer in Python prints: one line of JSON with its own CPU seconds (user and system, from start() on),
wall seconds, and what it did; and the way it fails."""
import json
import sys
import time


def start():
    return time.process_time(), time.perf_counter()


def finish(started, count, size, **more):
    cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    print(json.dumps({"cpu": round(cpu, 6), "wall": round(wall, 6), "count": count, "bytes": size, **more}))


def expect(what, expected, got):
    """A peer that did not do the whole job has no figures."""
    if expected != got:
        sys.exit(f"{sys.argv[0]}: {what} is {got}, not {expected}")
