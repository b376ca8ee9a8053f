#!/usr/bin/python3
"""Measures: a shop's CSV (bench/generate_sales.lua), as a plain script turns it into WoowUp purchases: csv, exact sums
with decimal, dates of a zone with zoneinfo, json. It checks nothing. With OUT, it writes them there, as NDJSON.
usage: bench/peers/sales.py FILE INVOICES [OUT]"""
import csv
import json
import sys
from datetime import datetime, timezone
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

sys.dont_write_bytecode = True
import measure  # noqa: E402

MADRID = ZoneInfo("Europe/Madrid")
UTC = timezone.utc


def number(text):
    return Decimal(text.replace(".", "").replace(",", "."))


def plain(value):
    """As json takes it: these have two decimals, so that a double keeps them."""
    return int(value) if value == value.to_integral_value() else float(value)


def purchase(lines):
    first = lines[0]
    time = datetime.strptime(first["Fecha"], "%d/%m/%Y %H:%M").replace(tzinfo=MADRID).astimezone(UTC)
    items, total = [], Decimal(0)
    for line in lines:
        quantity, price = number(line["Cantidad"]), number(line["Precio"])
        total += quantity * price
        items.append({"product_name": line["Artículo"], "quantity": plain(quantity), "sku": line["Código"],
                      "unit_price": plain(price)})
    return {
        "createtime": time.strftime("%Y-%m-%d %H:%M:%S"),
        "custom_attributes": {"state": first["Estado"], "town": first["Población"]},
        "email": first["Email"],
        "invoice_number": first["Número de factura"],
        "prices": {"shipping": plain(number(first["Envío"])), "total": plain(total)},
        "purchase_detail": items,
        "service_uid": first["Cliente"],
        "telephone": first["Teléfono"],
    }


def main(path, expected, out=None):
    started = measure.start()
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    count = size = 0
    kept = open(out, "wb") if out else None
    with open(path, newline="", encoding="latin-1") as file:
        for _, lines in groupby(csv.DictReader(file, delimiter=";"), itemgetter("Número de factura")):
            text = encode(purchase(list(lines))).encode()
            count, size = count + 1, size + len(text)
            if kept:
                kept.write(text + b"\n")
    if kept:
        kept.close()
    measure.expect("the number of purchases", expected, count)
    measure.finish(started, count, size)


main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
