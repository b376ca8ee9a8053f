#!/usr/bin/python3
"""Measures: a CSV file of purchase rows, read and checked with pandas, encoded to bodies of 96 rows by the
fastest ways found: an f-string per row (the fastest), or ujson per body. Slower: DataFrame.to_json per body,
to_json(lines=True) of the whole, to_dict("records"); and everything at once instead of in parts of 9,600 rows.
usage: bench/peers/csv_pandas.py FILE ROWS [fstring|ujson]"""
import json
import sys
import time

before_import = time.process_time()
import numpy  # noqa: E402
import pandas  # noqa: E402
import ujson  # noqa: E402

import_seconds = time.process_time() - before_import
sys.dont_write_bytecode = True
import measure  # noqa: E402

PART = 96 * 100


def refuse_unless(condition, message):
    if not condition:
        raise ValueError(message)


def check(frame, last):
    """Returns the last row's minute."""
    texts = frame["datetime"]
    times = pandas.to_datetime(texts, format="%Y-%m-%d %H:%M")
    minutes = times.to_numpy().astype("datetime64[m]").astype("int64")
    # to_datetime takes more than the one format; the bytes tell, five times sooner than Series.str.
    text = texts.to_numpy().astype("S17").view("uint8").reshape(-1, 17)
    refuse_unless((text[:, 10] == ord(" ")).all() and text[:, 15].all() and not text[:, 16].any(), "invalid datetime")
    refuse_unless(numpy.isfinite(frame["purchase"].to_numpy()).all(), "not a finite number")
    refuse_unless((numpy.diff(minutes) == 15).all(), "rows are not 15 minutes apart")
    refuse_unless(last is None or minutes[0] - last == 15, "rows are not 15 minutes apart")
    return minutes[-1]


def by_fstring(texts, values):
    rows = [f'{{"datetime":"{text}","purchase":{value!r}}}' for text, value in zip(texts, values)]
    for i in range(0, len(rows), 96):
        yield '{"purchase":[' + ",".join(rows[i:i + 96]) + "]}"


def by_ujson(texts, values):
    for i in range(0, len(texts), 96):
        pairs = zip(texts[i:i + 96], values[i:i + 96])
        yield ujson.dumps({"purchase": [{"datetime": text, "purchase": value} for text, value in pairs]})


def main(path, expected, encode):
    started = measure.start()
    count = bodies = size = 0
    last = None
    for frame in pandas.read_csv(path, dtype={"datetime": str, "purchase": float}, chunksize=PART):
        last = check(frame, last)
        count += len(frame)
        for text in encode(frame["datetime"].tolist(), frame["purchase"].tolist()):
            body = text.encode()
            bodies, size = bodies + 1, size + len(body)
    measure.expect("the number of rows", expected, count)
    measure.expect("the number of bodies", -(-expected // 96), bodies)
    measure.expect("the last body's rows", (expected - 1) % 96 + 1, len(json.loads(body)["purchase"]))
    measure.finish(started, count, size, bodies=bodies, import_cpu=round(import_seconds, 3))


main(sys.argv[1], int(sys.argv[2]), {"fstring": by_fstring, "ujson": by_ujson}[(sys.argv + ["fstring"])[3]])
