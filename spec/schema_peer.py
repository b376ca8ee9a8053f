"""What Python's jsonschema says of documents: prints 1 or 0 for each line of a file.

    python3 spec/schema_peer.py SCHEMA DOCUMENTS

Of formats it knows e-mail addresses only, and these by their @."""
import json
import sys

import jsonschema


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker(["email"]))
    with open(sys.argv[2], encoding="utf-8", newline="\n") as file:
        sys.stdout.write("".join("1" if validator.is_valid(json.loads(line)) else "0" for line in file))


main()
