"""Measures: NDJSON of WoowUp purchases, decoded and checked against the full schema by Python's jsonschema.

validator: with a validator made once, as somebody who measures would; validate: with one call per purchase, as the
package's own first example has it, which looks at the schema every time.

usage: python3 bench/peers/schema_jsonschema.py FILE SCHEMA validator|validate"""
import itertools
import json
import sys

import jsonschema
import measure

PURCHASES = {"validator": 2000, "validate": 200}


def checker(schema, how):
    if how == "validate":
        return lambda purchase: jsonschema.validate(purchase, schema) is None
    formats = jsonschema.FormatChecker(["email"])
    return jsonschema.Draft4Validator(schema, format_checker=formats).is_valid


def main():
    path, schema_path, how = sys.argv[1:]
    with open(path, "rb") as file:
        lines = list(itertools.islice(file, PURCHASES[how]))
    with open(schema_path, encoding="utf-8") as file:
        check = checker(json.load(file), how)
    started = measure.start()
    good = sum(check(json.loads(line)) for line in lines)
    measure.expect("good purchases", len(lines), good)
    measure.finish(started, good, sum(map(len, lines)))


main()
