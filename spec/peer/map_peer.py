"""What a map makes of a file, written apart from the core, after the description of maps alone: slow, plain, with
Decimal and zoneinfo. Made-up files (map_files.py) go through both, and what comes out is compared.

usage: map_peer.py cases SEED COUNT > FILE           each case: two lengths, a Lua chunk, the file's bytes
       map_peer.py compare SEED COUNT RESULTS        what differs, then how many each made and refused, as JSON
       map_peer.py show SEED NUMBER FILE             one case: its map, and its bytes into FILE
"""
import datetime as dt
import decimal
import json
import os
import re
import sys
from zoneinfo import ZoneInfo

import map_files

D = decimal.Decimal
decimal.getcontext().prec = 400
UTC = dt.timezone.utc


class Refused(Exception):
    """The file, a purchase or a cell is refused."""


class Num(str):
    """A number, as it is written."""


def plain(number):
    """Every significant digit, and no others."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Num("0" if text in ("-0", "") else text)


# --- The file: bytes, lines, fields ---------------------------------------------------------------------------------

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def decode(data, encoding):
    for mark, codec in MARKS:
        if data.startswith(mark):
            data = data[len(mark):]
            return data.decode(codec)
    codec = {None: "utf-8", "utf8": "utf-8", "windows-1252": "cp1252", "latin1": "cp1252", "utf16": "utf-16-le"}
    return data.decode(codec[encoding])


def field_at(text, at, delimiter):
    """The field that begins there, and where it ends."""
    if text.startswith('"', at):
        parts, at = [], at + 1
        while True:
            end = text.find('"', at)
            if end < 0:
                raise Refused("a quote is not closed")
            parts.append(text[at:end])
            if not text.startswith('""', end):
                break
            parts.append('"')
            at = end + 2
        at = end + 1
        value = "".join(parts)
        if at < len(text) and text[at] != delimiter and text[at] != "\n" and not text.startswith("\r\n", at):
            raise Refused("text behind a quoted field")
    else:
        end = at
        while end < len(text) and text[end] not in (delimiter, "\n"):
            end += 1
        value = text[at:end]
        if (end == len(text) or text[end] == "\n") and value.endswith("\r"):
            value, end = value[:-1], end - 1
        at = end
    if len(value) >= 3 and value.startswith('="') and value.endswith('"'):
        value = value[2:-1]
    return value, at


def records(text, delimiter, line):
    """Lists of fields, each with the line where it begins."""
    at = 0
    while at < len(text):
        begin, fields = at, []
        while True:
            value, at = field_at(text, at, delimiter)
            fields.append(value)
            if at < len(text) and text[at] == delimiter:
                at += 1
                continue
            break
        at += 2 if text.startswith("\r\n", at) else 1
        yield line, fields
        line += text.count("\n", begin, at)


def cut_lines(text, count):
    """Without so many raw lines."""
    for _ in range(count):
        end = text.find("\n")
        if end < 0:
            return ""
        text = text[end + 1:]
    return text


def header_of(text):
    """Up to the first line end that stands in no quotes."""
    return re.match(r'(?:[^"\n]|"[^"]*")*', text).group()


def guess_delimiter(header):
    best = max(",;\t", key=header.count)
    return best if header.count(best) else "|" if "|" in header else best


def list_in(value):
    """The only list of a document."""
    if isinstance(value, list):
        return [value]
    return [found for one in value.values() for found in list_in(one)] if isinstance(value, dict) else []


class Records:
    """The rows of a JSON file, whose columns are their keys."""

    def __init__(self, data, form):
        text = decode(data, form.get("encoding"))
        read = json.JSONDecoder(parse_float=Num, parse_int=Num).decode
        try:
            document = read(text)
            if isinstance(document, dict) and not list_in(document):
                document = [document]
        except json.JSONDecodeError:
            document = [read(line) for line in text.splitlines() if line.strip()]
        if "list" in form:
            for part in form["list"].split("/")[1:]:
                document = document[part]
        else:
            document = list_in(document)[0]
        self.names = sorted({name for row in document for name in row})
        self.rows = [(i, [self.text(row.get(name)) for name in self.names]) for i, row in enumerate(document)]
        self.width = len(self.names)

    @staticmethod
    def text(value):
        return "" if value is None else value

    def column(self, name):
        if name in self.names:
            return self.names.index(name)
        raise Refused(f"no key {name}")

    def fitted(self, row):
        return row


class Table:
    """A file's rows that are rows, and its columns' names."""

    def __init__(self, data, form):
        text = decode(data, form.get("encoding"))
        header, skip, delimiter = form.get("header"), form.get("skip", 0), form.get("delimiter")
        said = re.match(r"sep=(.)\r?\n", text)
        if said:
            delimiter = delimiter or said.group(1)
        if header is None:
            header = 2 if said else 1
        before = skip if header is False else header - 1
        text = cut_lines(text, before)
        delimiter = delimiter or guess_delimiter(header_of(text))
        rows = records(text, delimiter, before + 1)
        self.header = None
        if header is not False:
            self.header = next(rows, (0, []))[1]
        self.names = form.get("names") or (self.header and [name.strip(" \t") for name in self.header])
        self.rows = [(line, row) for line, row in rows if self.is_row(row)]
        self.width = len(self.names) if self.names else len(self.rows[0][1]) if self.rows else 0

    def is_row(self, row):
        return any(field.strip(" ") for field in row) and row != ["*"] and row != self.header

    def column(self, name):
        """A column's place, by its name or its number, from 1."""
        if isinstance(name, int):
            if 1 <= name <= self.width:
                return name - 1
        elif self.names and self.names.count(name) == 1:
            return self.names.index(name)
        raise Refused(f"no column {name}")

    def fitted(self, row):
        """As many fields as there are columns."""
        if len(row) < self.width or any(row[self.width:]):
            raise Refused(f"{len(row)} fields, not {self.width}")
        return row[:self.width]


# --- Cells: numbers and dates ---------------------------------------------------------------------------------------

BLANKS = " \t\u00a0\u202f"
THOUSANDS = {".": ".", ",": ",", " ": " \u00a0\u202f", "'": "'\u2019"}


def read_number(text, form, currency=None):
    if isinstance(text, Num):
        return D(text)
    text = text.strip(BLANKS)
    negative = False
    if currency:
        signs = 0
        bare = text
        if bare.startswith("(") and bare.endswith(")"):
            bare, negative = bare[1:-1].strip(BLANKS), True
            signs += 1
        if bare.startswith("-"):
            bare, negative = bare[1:].strip(BLANKS), True
            signs += 1
        if bare.startswith(currency):
            bare = bare[len(currency):].strip(BLANKS)
        elif bare.endswith(currency):
            bare = bare[:-len(currency)].strip(BLANKS)
        if bare.endswith("-"):
            bare, negative = bare[:-1].strip(BLANKS), True
            signs += 1
        if bare.startswith("-"):
            bare, negative = bare[1:].strip(BLANKS), True
            signs += 1
        if signs > 1:
            raise Refused("two signs")
        text = bare[1:] if bare.startswith("+") and not signs else bare
    elif text[:1] in ("-", "+"):
        negative, text = text[0] == "-", text[1:]
    point = re.escape(form.get("decimal", "."))
    match = re.fullmatch(rf"([^{point}eE]*)(?:{point}([0-9]+))?(?:[eE]([+-]?[0-9]+))?", text)
    if not match:
        raise Refused(f"'{text}' is no number")
    whole, fraction, exponent = match.group(1), match.group(2) or "", int(match.group(3) or 0)
    marks = THOUSANDS.get(form.get("thousands"), "")
    if marks and any(mark in whole for mark in marks):
        groups = re.split("[" + re.escape(marks) + "]", whole)
        if not re.fullmatch("[1-9][0-9]{0,2}", groups[0]) or not all(re.fullmatch("[0-9]{3}", g) for g in groups[1:]):
            raise Refused(f"'{text}' has wrong groups")
        whole = "".join(groups)
    if not re.fullmatch("[0-9]*", whole) or not whole + fraction:
        raise Refused(f"'{text}' is no number")
    value = D((1 if negative else 0, tuple(map(int, whole + fraction)), exponent - len(fraction)))
    return value


def rounded(value, rule):
    if "round" in rule:
        return value.quantize(D(1).scaleb(-rule["round"]), rounding=decimal.ROUND_HALF_UP)
    return value


MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
NUMERIC = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2}
OFFSET = re.compile(r"Z|([+-])(\d\d)(?::?(\d\d))?")


class Format:
    """The letters of strptime, by hand."""

    def __init__(self, text):
        self.parts, at = [], 0
        while at < len(text):
            if text[at] == "%":
                self.parts.append("%" + text[at + 1] if text[at + 1] != "%" else "%")
                at += 2
            else:
                self.parts.append(text[at])
                at += 1

    def is_numeric(self, i):
        return i < len(self.parts) and self.parts[i][0] == "%" and self.parts[i][1:] in (*NUMERIC, "f")

    def parse(self, text):
        found, at = {}, 0
        for i, part in enumerate(self.parts):
            letter = part[1:]
            if part[0] != "%" or not letter:
                if not text.startswith(part, at):
                    raise Refused(f"'{text}' is no such date")
                at += 1
            elif letter == "*":
                rest = re.sub(r"^([:.,][0-9]+)*", "", text[at:]).lstrip(BLANKS)
                if re.match(r"[APap][Mm]|[Zz]|[+-]\d", rest):
                    raise Refused("more than a rest")
                return found
            else:
                touches = self.is_numeric(i + 1) or (i > 0 and self.is_numeric(i - 1))
                at = self.take(letter, text, at, touches, found)
        if at != len(text):
            raise Refused(f"'{text}' goes on")
        return found

    @staticmethod
    def take(letter, text, at, touches, found):
        if letter == "b":
            name = text[at:at + 3].lower()
            if name not in MONTHS:
                raise Refused("no month")
            found["m"] = MONTHS.index(name) + 1
            return at + 3
        if letter == "p":
            name = text[at:at + 2].upper()
            if name not in ("AM", "PM"):
                raise Refused("neither AM nor PM")
            found["p"] = name
            return at + 2
        pattern = {
            "z": OFFSET.pattern, "Z": "[A-Z]{3,5}", "f": r"\d{1,9}", "Y": r"\d{4}",
        }.get(letter) or (r"\d{%d}" % NUMERIC[letter] if touches else r"\d{1,2}")
        match = re.compile(pattern).match(text, at)
        if not match:
            raise Refused(f"'{text}' is no such date")
        found[letter] = match.group() if letter in "zZ" else int(match.group())
        if letter == "f":
            found["f"] = match.group()
        return match.end()


def minutes_of(offset):
    if offset == "Z":
        return 0
    sign, hours, minutes = OFFSET.fullmatch(offset).groups()
    total = int(hours) * 60 + int(minutes or 0)
    return -total if sign == "-" else total


def moments(naive, zone):
    """The instants of a local time: none, one or two."""
    found = []
    for fold in (0, 1):
        instant = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == naive and instant not in found:
            found.append(instant)
    return sorted(found)


def naive_time(found, end_labels=False):
    year = found.get("Y")
    if year is None:
        year = found["y"] + (1900 if found["y"] >= 69 else 2000)
    hour = found.get("H", 0)
    if "I" in found:
        if not 1 <= found["I"] <= 12:
            raise Refused("no hour of twelve")
        hour = found["I"] % 12 + (12 if found.get("p") == "PM" else 0)
    more = 0
    if hour == 24 and end_labels and not found.get("M") and not found.get("S"):
        hour, more = 0, 1
    try:
        time = dt.datetime(year, found["m"], found["d"], hour, found.get("M", 0), found.get("S", 0))
    except ValueError as err:
        raise Refused(str(err)) from err
    return time + dt.timedelta(days=more)


ZONES = {}


def zone_of(name):
    if name not in ZONES:
        try:
            ZONES[name] = ZoneInfo(name)
        except Exception as err:
            raise Refused(f"no zone {name}") from err
    return ZONES[name]


def instant_of(found, rule, tz):
    """A time with an offset, or of a zone, or of none: then taken as UTC."""
    naive = naive_time(found)
    if "z" in found:
        return naive.replace(tzinfo=UTC) - dt.timedelta(minutes=minutes_of(found["z"]))
    name = rule.get("tz", tz)
    if name is None:
        return naive.replace(tzinfo=UTC)
    zone = zone_of(name)
    if "Z" in found:
        if found["Z"] in ("UTC", "GMT"):
            return naive.replace(tzinfo=UTC)
        for instant in moments(naive, zone):
            if instant.astimezone(zone).tzname() == found["Z"]:
                return instant
        raise Refused("no such time by that name")
    readings = moments(naive, zone)
    if not readings:
        raise Refused("does not exist")
    if len(readings) == 2:
        if "overlap" not in rule:
            raise Refused("two readings")
        return readings[0 if rule["overlap"] == "first" else 1]
    return readings[0]


# --- Rules: what becomes of cells -----------------------------------------------------------------------------------

NOTHING = object()
FORMATS = {}


def format_of(text):
    if text not in FORMATS:
        FORMATS[text] = Format(text)
    return FORMATS[text]


def as_json(value):
    if isinstance(value, bool) or isinstance(value, str):
        return value
    return plain(D(str(value)))


def is_rule(rule):
    return isinstance(rule, (str, int)) or any(k in rule for k in ("column", "constant", "sum", "add", "sum_product",
                                                                   "lua"))


class Sales:
    """A file of sales through a map."""

    def __init__(self, data, form):
        self.map = form
        self.table = Table(data, form)
        self.nulls = set(form.get("null", ()))
        group = form.get("group")
        self.group = None if group is None else [self.table.column(g) for g in
                                                 (group if isinstance(group, list) else [group])]
        self.check(form["purchase"])
        self.check(form.get("item", {}))
        for condition in ("where", "unless"):
            for name in form.get(condition, {}):
                self.table.column(name)

    def check(self, rule):
        """Every column and every zone there is, before any row."""
        if not is_rule(rule):
            for member in rule.values():
                self.check(member)
            return
        for name in self.columns_of(rule):
            self.table.column(name)
        if isinstance(rule, dict) and "tz" in rule:
            zone_of(rule["tz"])

    @staticmethod
    def columns_of(rule):
        if isinstance(rule, (str, int)):
            return [rule]
        for key in ("column", "sum", "add", "sum_product"):
            if key in rule:
                return rule[key] if isinstance(rule[key], list) else [rule[key]]
        return []

    def cell(self, row, name):
        text = row[self.table.column(name)]
        return "" if text in self.nulls else text

    # One row's value of a rule that is no sum.
    def value(self, rule, row, rows):
        if isinstance(rule, (str, int)):
            rule = {"column": rule}
        if "lua" in rule:
            return map_files.FUNCTIONS[rule["lua"]](self.named(row), [self.named(r) for r in rows])
        if "constant" in rule:
            return as_json(rule["constant"])
        text = " ".join(self.cell(row, name) for name in self.columns_of(rule))
        bare = text.strip(BLANKS)
        if bare in self.nulls:
            bare = ""
        if not text or (not bare and (isinstance(rule["column"], list) or "number" in rule or "date" in rule)):
            return as_json(rule["default"]) if "default" in rule else NOTHING
        if rule.get("number"):
            return plain(rounded(read_number(text, self.map, rule.get("currency")), rule))
        if "date" in rule:
            found = format_of(rule["date"]).parse(bare)
            return instant_of(found, rule, self.map.get("tz")).strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
        if "values" in rule:
            if text not in rule["values"]:
                raise Refused(f"{text} is not listed")
            return rule["values"][text]
        return text

    def named(self, row):
        return dict(zip(self.table.names, row))

    def number(self, row, name, rule):
        text = self.cell(row, name).strip(BLANKS)
        return None if not text or text in self.nulls else read_number(text, self.map, rule.get("currency"))

    def sum(self, rule, rows):
        said = []
        for row in rows:
            numbers = [self.number(row, name, rule) for name in self.columns_of(rule)]
            if "sum_product" in rule and any(number is not None for number in numbers):
                if None in numbers:
                    raise Refused("a product of something and nothing")
                product = D(1)
                for number in numbers:
                    product *= number
                numbers = [product]
            said += [number for number in numbers if number is not None]
        return plain(rounded(sum(said), rule)) if said else NOTHING

    # A field of a purchase: the same on every row that says anything.
    def field(self, rule, rows, path, conflicts):
        if isinstance(rule, dict) and any(k in rule for k in ("sum", "add", "sum_product")):
            return self.sum(rule, rows)
        if not is_rule(rule):
            members, faults = [], []
            for name in sorted(rule):
                try:
                    members.append((name, self.field(rule[name], rows, path + "." + name, conflicts)))
                except Refused as fault: # one of the others may refuse the file
                    faults.append(fault)
            if faults:
                raise faults[0]
            return [(name, value) for name, value in members if value is not NOTHING] or NOTHING
        if isinstance(rule, dict) and (rule.get("first") or "constant" in rule or "lua" in rule):
            return self.value(rule, rows[0], rows)
        if isinstance(rule, dict) and "default" in rule: # an empty cell says nothing, and nobody said anything
            said = self.field({k: v for k, v in rule.items() if k != "default"}, rows, path, conflicts)
            return as_json(rule["default"]) if said is NOTHING else said
        said, fault = NOTHING, None
        for row in rows:
            try:
                value = self.value(rule, row, rows)
            except Refused as why: # the others may differ all the same
                fault = fault or why
                continue
            if value is NOTHING or said is NOTHING:
                said = value if said is NOTHING else said
            elif value != said:
                if isinstance(rule, dict) and rule.get("number"):
                    conflicts.append(path)
                fault = fault or Refused(f"{path} differs")
        if fault:
            raise fault
        return said

    def item(self, rule, row, rows):
        if is_rule(rule):
            return self.value(rule, row, rows)
        members = [(name, self.item(rule[name], row, rows)) for name in sorted(rule)]
        return [(name, value) for name, value in members if value is not NOTHING] or NOTHING

    def purchase(self, rows, conflicts):
        made = self.field(self.map["purchase"], rows, "purchase", conflicts)
        made = dict(made) if made is not NOTHING else {}
        if "items" in self.map:
            items = [self.item(self.map["item"], row, rows) for row in rows]
            made[self.map["items"]] = [[] if item is NOTHING else item for item in items]
        return sorted(made.items())

    # `where` and `unless`: a row's own words, or those of the rows above it.
    def wants(self, row, above):
        def text_of(name):
            place = self.table.column(name)
            text = row[place] if place < len(row) else ""
            if text and text not in self.nulls:
                above[place] = text
                return text
            return above.get(place, "") if self.group else ""

        def agrees(name, texts):
            return text_of(name) in (texts if isinstance(texts, list) else [texts])
        where = [agrees(name, texts) for name, texts in self.map.get("where", {}).items()]
        unless = [agrees(name, texts) for name, texts in self.map.get("unless", {}).items()]
        return all(where) and not any(unless)

    def groups(self):
        """Lists of (line, row) that belong together, with their key and whether they are refused as they stand."""
        groups, above, last = [], {}, None
        for line, row in self.table.rows:
            if self.group is None:
                if self.wants(row, {}):
                    groups.append([None, [(line, row)], False])
                continue
            key = tuple(row[place].strip(BLANKS) if place < len(row) else "" for place in self.group)
            key = tuple("" if part in self.nulls else part for part in key)
            is_blank = not any(key)
            if is_blank and self.map.get("blank") == "continues" and last is not None:
                key, is_blank = last, False
            if key != last:
                above = {}
                last = key
            if not self.wants(row, above):
                continue
            if is_blank:
                if groups:
                    groups[-1][2] = True
                groups.append([key, [(line, row)], True])
            elif groups and groups[-1][0] == key and not (groups[-1][2] and not any(groups[-1][0])):
                groups[-1][1].append((line, row))
            else:
                groups.append([key, [(line, row)], False])
        return groups

    def run(self):
        groups, sent, refused, conflicts = self.groups(), [], 0, []
        keys = [group[0] for group in groups]
        for key, lines, is_refused in groups:
            try:
                rows = [self.table.fitted(row) for _, row in lines]
                made = self.purchase(rows, conflicts)
                if is_refused or (key is not None and keys.count(key) > 1):
                    raise Refused("stands apart, or with a row of nobody's")
                sent.append((lines[0][0], made))
            except Refused:
                refused += 1
        if conflicts:
            raise Refused(conflicts[0])
        return sent, refused


# --- Series ---------------------------------------------------------------------------------------------------------

TO_MW = {"MW": D(1), "kW": D("0.001"), "GW": D(1000), "MWh": D(1), "kWh": D("0.001"), "Wh": D("0.000001"),
         "GWh": D(1000)}


class Series:
    """A purchase series through a map."""

    def __init__(self, data, form):
        self.map = form
        is_json = data.lstrip(b"\xef\xbb\xbf")[:1] in (b"{", b"[")
        self.table = (Records if is_json else Table)(data, form)
        self.nulls = set(form.get("null", ()))
        self.zone = zone_of(form["tz"]) if "tz" in form else None
        time = form.get("datetime", "datetime")
        self.time = {"column": time} if isinstance(time, (str, int)) else time
        value = form.get("value", "purchase")
        self.value = {"column": value} if isinstance(value, (str, int)) else value
        self.step = form.get("step", 15)
        self.minutes = form.get("resolution", self.step)
        if "tz" in self.time:
            zone_of(self.time["tz"])
        self.wide = None
        if "from" in self.value:
            self.wide = (self.table.column(self.value["from"]), self.table.column(self.value["to"]) + 1)

    def cell(self, row, name):
        text = row[self.table.column(name)]
        if isinstance(text, Num):
            return text
        text = text.strip(BLANKS)
        return "" if text in self.nulls else text

    def power(self, text):
        unit = self.value.get("unit", "MW")
        number = read_number(text, self.map) * TO_MW[unit]
        return plain(number * 60 / self.minutes if unit.endswith("h") else number)

    def texts_of(self, row):
        """The texts of a row's time."""
        columns = self.time["column"]
        text = " ".join(self.cell(row, name) for name in (columns if isinstance(columns, list) else [columns]))
        if "date" in self.time:
            return format_of(self.time["date"]).parse(text)
        match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?", text)
        if not match:
            raise Refused(f"'{text}' is no time")
        found = {letter: int(part) for letter, part in zip("YmdHMS", match.groups()) if part is not None}
        if match.group(7):
            found["z"] = match.group(7)
        return found

    # The candidates for a row's instant: in the zone's time, or in none.
    def times_of(self, row):
        found = self.texts_of(row)
        if "period" in self.time:
            return self.counted(found, self.cell(row, self.time["period"]))
        if "z" in found or "tz" in self.time:
            if self.zone is None:
                raise Refused("an instant without a zone")
            return [instant_of(found, self.time, None)]
        naive = naive_time(found, self.map.get("label") == "end")
        if self.zone is None:
            return [naive.replace(tzinfo=UTC)]
        times = moments(naive, self.zone)
        if len(times) == 2 and "dst" in self.time:
            is_first = self.cell(row, self.time["dst"]["column"]) == self.time["dst"]["is"]
            times = [times[0 if is_first else 1]]
        if not times:
            raise Refused("does not exist")
        return times

    def day_length(self, midnight):
        return int((self.midnight(midnight + dt.timedelta(days=1)) - self.midnight(midnight)).total_seconds()) // 60

    def midnight(self, naive):
        if self.zone is None:
            return naive.replace(tzinfo=UTC)
        return moments(naive, self.zone)[0]

    def counted(self, found, text):
        midnight = naive_time(found)
        match = re.fullmatch(r"(\d+)|H(\d+)(?:Q(\d))?", text)
        if not match:
            raise Refused("no period")
        if match.group(1):
            number = int(match.group(1)) - 1
        elif match.group(3):
            if self.minutes != 15 or not 1 <= int(match.group(3)) <= 4:
                raise Refused("no quarter")
            number = (int(match.group(2)) - 1) * 4 + int(match.group(3)) - 1
        else:
            if self.minutes != 60:
                raise Refused("no hour of this grid")
            number = int(match.group(2)) - 1
        if not 0 <= number < self.day_length(midnight) // self.minutes:
            raise Refused("no such period on that day")
        shift = number + (1 if self.map.get("label") == "end" else 0)
        return [self.midnight(midnight) + dt.timedelta(minutes=self.minutes * shift)]

    def wanted(self):
        for line, row in self.table.rows:
            def agrees(name, texts, row=row):
                place = self.table.column(name)
                text = row[place] if place < len(row) else ""
                return text in (texts if isinstance(texts, list) else [texts])
            where = [agrees(name, texts) for name, texts in self.map.get("where", {}).items()]
            unless = [agrees(name, texts) for name, texts in self.map.get("unless", {}).items()]
            if all(where) and not any(unless):
                yield line, self.table.fitted(row)

    def rows(self):
        """Each row's candidates, and its value."""
        for _, row in self.wanted():
            if self.wide:
                yield from self.wide_row(row)
                continue
            text = self.cell(row, self.value["column"])
            try:
                times = self.times_of(row)
            except Refused as why:
                if str(why) == "does not exist" and not text:
                    continue
                raise
            if not text:
                raise Refused("no value")
            yield times, self.power(text)

    def wide_row(self, row):
        midnight = naive_time(self.texts_of(row))
        cells = [self.cell(row, i + 1) for i in range(*self.wide)]
        count = self.day_length(midnight) // self.minutes
        while len(cells) > count and not cells[-1]:
            cells.pop()
        if len(cells) != count:
            raise Refused("not the day's intervals")
        for i, text in enumerate(cells):
            if not text:
                raise Refused("an empty interval")
            shift = i + (1 if self.map.get("label") == "end" else 0)
            yield [self.midnight(midnight) + dt.timedelta(minutes=self.minutes * shift)], self.power(text)

    # Of the readings of each time that the order of the rows leaves.
    def settled(self):
        rows = list(self.rows())
        if not rows:
            raise Refused("no rows")
        step = dt.timedelta(minutes=self.minutes)
        for start in rows[0][0]:
            if all(start + step * i in times for i, (times, _) in enumerate(rows)):
                return [(start + step * i, value) for i, (_, value) in enumerate(rows)]
        raise Refused("gaps, repeats or a wrong order")

    def local(self, instant):
        return instant.astimezone(self.zone) if self.zone else instant

    def run(self):
        rows, sent = self.settled(), []
        ends = self.map.get("label") == "end"
        step = dt.timedelta(minutes=self.step)
        begin = rows[0][0] - (dt.timedelta(minutes=self.minutes) if ends else dt.timedelta(0))
        if self.local(begin).minute % self.step:
            raise Refused("off the grid")
        end = begin + dt.timedelta(minutes=self.minutes) * len(rows)
        if self.zone and self.time.get("tz", self.map["tz"]) == self.map["tz"]: # else the file's days are others
            for instant in (begin, end):
                if self.local(instant).time() != dt.time(0):
                    raise Refused("days that are not whole")
        send_ends = self.map.get("send_label", "end" if ends else "start") == "end"
        at = begin
        for _, value in rows:
            for _ in range(self.minutes // self.step):
                label = self.local(at + step if send_ends else at)
                sent.append([label.strftime("%Y-%m-%d %H:%M"), value])
                at += step
        return sent, 0


# --- Comparing ------------------------------------------------------------------------------------------------------

def peer(case):
    """What is sent, and how many are refused; or None where the file is."""
    try:
        return {"sales": Sales, "series": Series}[case["kind"]](case["data"], case["map"]).run()
    except Refused as why:
        return None, str(why)


def value_of(text):
    return json.loads(text, object_pairs_hook=list_of, parse_float=Num, parse_int=Num)


def list_of(pairs):
    return [tuple(pair) for pair in pairs]


def differs(case, ours):
    """Why ours and the peer's are not the same, or None; and what the peer made of it."""
    made, refused = peer(case)
    if made is None:
        return (None if "error" in ours else f"the peer refuses: {refused}"), "refused"
    if "error" in ours:
        return f"ours refuses: {ours['error']}", "accepted"
    verdict = "accepted" if made and not refused else "partly"
    if case["kind"] == "series":
        theirs, own = made, [[time, Num(number)] for time, number in ours["rows"]]
    else:
        theirs = [[line, one] for line, one in made]
        own = [[int(line), value_of(text)] for line, text in ours["sent"]]
    if typed(theirs) != typed(own):
        first = next((pair for pair in zip(own, theirs) if typed(pair[0]) != typed(pair[1])), (len(own), len(theirs)))
        return f"ours: {first[0]}\npeer: {first[1]}\nrefused by ours: {ours.get('refused')}", verdict
    if refused and not ours["refused"]:
        return f"the peer refuses {refused}, ours none", verdict
    if ours.get("refused") and not refused:
        return f"ours refuses {ours['refused']}", verdict
    return None, verdict


def typed(value):
    """A number is not a text that looks like it."""
    if isinstance(value, Num):
        return "number", str(value)
    if isinstance(value, (list, tuple)):
        return [typed(one) for one in value]
    return value


def write_cases(seed, count):
    out = sys.stdout.buffer
    for case in map_files.cases(seed, count):
        chunk = map_files.chunk(case).encode()
        out.write(b"%d %d\n%s%s\n" % (len(chunk), len(case["data"]), chunk, case["data"]))


def compare(seed, count, path):
    tally, shown = {"accepted": 0, "partly": 0, "refused": 0, "different": 0}, 0
    with open(path, encoding="utf-8") as results:
        for number, case in enumerate(map_files.cases(seed, count), 1):
            difference, verdict = differs(case, json.loads(next(results)))
            tally[verdict] += 1
            if difference:
                tally["different"] += 1
                shown += 1
                if shown <= int(os.environ.get("SHOWN", 5)):
                    print(f"seed {seed}, case {number} ({case['kind']}; {case['trouble']})\n{map_files.chunk(case)}")
                    print(repr(case["data"]))
                    print(difference + "\n")
    print(json.dumps(tally))


def show(seed, number, path):
    for case in map_files.cases(seed, number):
        pass
    with open(path, "wb") as file:
        file.write(case["data"])
    print(map_files.chunk(case))
    print("--", case["trouble"], peer(case))


if __name__ == "__main__":
    if sys.argv[1] == "cases":
        write_cases(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "compare":
        compare(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        show(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
