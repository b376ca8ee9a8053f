"""What Python's zoneinfo says about every zone of the system, for spec/timezone_spec.lua.

One line per fact, fields separated by tabs, times as the module writes them:

    zone     NAME  FIRST                       NAME opens; its file is the same as FIRST's
    instant  UTC  LOCAL  OFFSET                what FIRST's clock shows at an instant
    wall     LOCAL  UTC0  UTC1                 what a local time means with fold 0 and fold 1
    end                                        nothing is missing

The facts of a zone follow its first name. They surround every change of its clocks from 1900 to 2100.
"""

import sys

sys.path.pop(0)  # this folder, where "zoneinfo" would be this very file

import hashlib
import zoneinfo
from datetime import datetime, timedelta, timezone
from zoneinfo import _common

FOLDER = "/usr/share/zoneinfo"
EPOCH = datetime(1970, 1, 1)
FIRST = (datetime(1900, 1, 1) - EPOCH) // timedelta(seconds=1)
LAST = (datetime(2101, 1, 1) - EPOCH) // timedelta(seconds=1)
WEEK = 7 * 86400


def naive(seconds):
    return EPOCH + timedelta(seconds=seconds)


def utc_text(seconds):
    return naive(seconds).isoformat() + "Z"


def offset_at(zone, utc):
    local = naive(utc).replace(tzinfo=zone)
    return zone.fromutc(local).utcoffset() // timedelta(seconds=1)


def reading(zone, local, fold):
    """The instant that a local time means."""
    offset = naive(local).replace(tzinfo=zone, fold=fold).utcoffset()
    return local - offset // timedelta(seconds=1)


def listed_changes(path):
    with open(path, "rb") as file:
        return list(_common.load_data(file)[1])


def bisect(zone, low, high):
    """The first instant after `low` with the offset of `high`."""
    offset = offset_at(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == offset:
            high = middle
        else:
            low = middle
    return high


def changes_by_rule(zone, start):
    """No rule changes clocks twice in a week, so that sampling weekly misses none."""
    before = offset_at(zone, start)
    for low in range(start, LAST, WEEK):
        after = offset_at(zone, low + WEEK)
        if after != before:
            yield bisect(zone, low, low + WEEK)
        before = after


def changes(zone, path):
    listed = listed_changes(path)
    start = max(listed[-1] if listed else FIRST, FIRST)
    return [at for at in listed if at >= FIRST] + list(changes_by_rule(zone, start))


def tell(zone, change):
    before, after = offset_at(zone, change - 1), offset_at(zone, change)
    for utc, offset in ((change - 1, before), (change, after)):
        local = naive(utc + offset).isoformat(" ")
        print("instant", utc_text(utc), local, offset, sep="\t")
    low, high = change + min(before, after), change + max(before, after)
    for local in sorted({low - 1, low, (low + high) // 2, high - 1, high}):
        utc = [utc_text(reading(zone, local, fold)) for fold in (0, 1)]
        print("wall", naive(local).isoformat(" "), *utc, sep="\t")


def main():
    zoneinfo.reset_tzpath([FOLDER])
    first_names = {}
    for name in sorted(zoneinfo.available_timezones()):
        path = f"{FOLDER}/{name}"
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).digest()
        first = first_names.setdefault(content, name)
        print("zone", name, first, sep="\t")
        if first == name:
            zone = zoneinfo.ZoneInfo(name)
            for change in changes(zone, path):
                tell(zone, change)
    print("end")


main()
