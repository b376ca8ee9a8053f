#!/usr/bin/python3
"""Measures: a CSV file of purchase rows, read with csv, checked with fromisoformat, encoded with json to
bodies of 96 rows.
usage: bench/peers/csv_json.py FILE ROWS"""
import csv
import json
import sys
from datetime import datetime, timedelta
from itertools import islice
from math import isfinite

sys.dont_write_bytecode = True
import measure  # noqa: E402

STEP = timedelta(minutes=15)


def checked(reader):
    if next(reader) != ["datetime", "purchase"]:
        raise ValueError("unknown header")
    before = None
    for text, number in reader:
        now, value = datetime.fromisoformat(text), float(number)
        # fromisoformat takes more than the one format.
        if len(text) != 16 or text[10] != " " or now.tzinfo or not isfinite(value):
            raise ValueError(f"invalid row: {text},{number}")
        if before is not None and now - before != STEP:
            raise ValueError(f"not 15 minutes after the row before: {text}")
        before = now
        yield {"datetime": text, "purchase": value}


def main(path, expected):
    started = measure.start()
    encode = json.JSONEncoder(separators=(",", ":")).encode
    count = bodies = size = 0
    with open(path, newline="") as file:
        rows = checked(csv.reader(file))
        while batch := list(islice(rows, 96)):
            body = encode({"purchase": batch}).encode()
            count, bodies, size = count + len(batch), bodies + 1, size + len(body)
    measure.expect("the number of rows", expected, count)
    measure.expect("the number of bodies", -(-expected // 96), bodies)
    measure.expect("the last body's rows", (expected - 1) % 96 + 1, len(json.loads(body)["purchase"]))
    measure.finish(started, count, size, bodies=bodies)


main(sys.argv[1], int(sys.argv[2]))
