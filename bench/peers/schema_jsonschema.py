"""Measures: NDJSON of WoowUp purchases, decoded and checked against the full schema by Python's jsonschema.

usage: python3 bench/peers/schema_jsonschema.py FILE SCHEMA PURCHASES"""
import itertools
import json
import sys

import jsonschema
import measure


def main():
    with open(sys.argv[1], "rb") as file:
        lines = list(itertools.islice(file, int(sys.argv[3])))
    with open(sys.argv[2], encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker(["email"]))
    started = measure.start()
    good = sum(validator.is_valid(json.loads(line)) for line in lines)
    measure.expect("good purchases", len(lines), good)
    measure.finish(started, good, sum(map(len, lines)))


main()
