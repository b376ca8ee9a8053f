"""Made-up files and the maps that fit them: sales and series in the forms that people have, most
with nothing in it that cannot be right (`trouble`). The same seed makes the same cases."""
import datetime as dt
import json
import random
from decimal import Decimal as D
from zoneinfo import ZoneInfo

FUNCTIONS = {
    "count": lambda row, rows: row["Id"] + "x" + str(len(rows)),
    "last": lambda row, rows: rows[-1]["Sku"] + "/" + row["Sku"],
    "length": lambda row, rows: str(len(row["Note"].encode())),
}
LUA_FUNCTIONS = {
    "count": 'function(row, rows) return row.Id .. "x" .. #rows end',
    "last": 'function(row, rows) return rows[#rows].Sku .. "/" .. row.Sku end',
    "length": "function(row) return tostring(#row.Note) end",
}

ZONES = ["Europe/Madrid", "Europe/London", "America/New_York", "America/Argentina/Buenos_Aires", "Australia/Sydney",
         "Asia/Kolkata", "UTC", "America/St_Johns"]


# --- Lua ------------------------------------------------------------------------------------------------------------

def quoted(text):
    out = []
    for byte in text.encode():
        if byte in (0x22, 0x5c):
            out.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7f:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03d}")
    return '"' + "".join(out) + '"'


def lua(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, D)):
        return str(value)
    if isinstance(value, list):
        return "{ " + ", ".join(map(lua, value)) + " }"
    if "lua" in value:
        return LUA_FUNCTIONS[value["lua"]]
    return "{ " + ", ".join(f"[{lua(key)}] = {lua(one)}" for key, one in value.items()) + " }"


def chunk(case):
    return f"return {{ kind = {quoted(case['kind'])}, map = {lua(case['map'])} }}"


# --- Files ----------------------------------------------------------------------------------------------------------

WORDS = ["Mug", "Bowl", "Café", "Ñandú", "10 €", "“x”", "a – b", 'Mug "L"', "it's", "x;y", "a,b", "tab\there", "p|q",
         "two\nlines", "=1+1", "+34600", "0012", "-", "n/e", "NULL", "#1", "1.50", '"q" z', "ends\"", "%", "\\", "/",
         "<b>", "x" * 70, "a=\"b\"", "日本"]
LATIN = [word for word in WORDS if word != "日本"]


class File:
    """How a file is laid out, as its map's part about the file says."""

    def __init__(self, rng):
        self.rng = rng
        self.form = {}
        self.delimiter = rng.choice([",", ";", "\t", ",", ";", "|", "^"])
        self.newline = rng.choice(["\n", "\r\n"])
        self.encoding = rng.choice(["utf8", "utf8", "utf8", "mark", "windows-1252", "latin1", "utf16", "utf16-mark"])
        self.numbers()
        self.calm = rng.random() < 0.3 # what is the same is written alike, as programs do
        self.null = rng.sample(["NULL", "-", "n/e"], rng.randint(1, 3)) if rng.random() < 0.25 else []
        if self.null:
            self.form["null"] = self.null

    def numbers(self):
        self.point, self.mark = self.rng.choice(
            [(".", ""), (".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", " "), (".", "'"), (",", "'")])
        if self.point == "," or self.rng.random() < 0.1:
            self.form["decimal"] = self.point
        if self.mark:
            self.form["thousands"] = self.mark

    def words(self):
        return LATIN if self.encoding in ("windows-1252", "latin1") else WORDS

    def quote(self, text):
        special = any(c in text for c in (self.delimiter, '"', "\n", "\r"))
        if special:
            may_stay = not any(c in text for c in (self.delimiter, "\n", "\r")) and text[0] != '"' \
                and not text.startswith('="')
            if may_stay and self.rng.random() < 0.4:
                return text
        elif self.calm or self.rng.random() < 0.85:
            return text
        return '"' + text.replace('"', '""') + '"'

    def pad(self, text):
        if text and not self.calm and self.rng.random() < 0.1:
            return self.rng.choice(["", " ", "  "]) + text + self.rng.choice(["", " ", "\u00a0"])
        return text

    def line(self, cells, may_be_longer):
        text = self.delimiter.join(self.quote(cell) for cell in cells)
        longer = may_be_longer and not self.calm and self.rng.random() < 0.05
        return text + (self.delimiter * self.rng.randint(1, 3) if longer else "")

    def number(self, value, marks=True):
        """One of the ways to write a number that the map reads."""
        rng = self.rng
        sign, text = ("-" if value < 0 else ""), format(abs(value), "f")
        whole, _, fraction = text.partition(".")
        style = rng.random()
        if style < 0.08 and "." in text and whole == "0":
            whole = ""
        elif style < 0.16:
            fraction += "0" * rng.randint(1, 3)
        elif style < 0.2 and not (marks and self.mark):
            whole = "0" * rng.randint(1, 2) + whole
        elif style < 0.24 and marks and not self.mark:
            return sign + format(abs(value) * 1000, "f").replace(".", self.point) + rng.choice("eE") + "-3"
        elif style < 0.26 and not sign:
            sign = "+"
        if marks and self.mark and len(whole) > 3 and rng.random() < 0.8:
            mark = rng.choice({" ": " \u00a0\u202f" if self.encoding.startswith("u") or self.encoding == "mark"
                               else " \u00a0", "'": "'\u2019"}.get(self.mark, self.mark))
            groups = []
            while whole:
                groups.insert(0, whole[-3:])
                whole = whole[:-3]
            whole = mark.join(groups)
        return sign + whole + (self.point + fraction if fraction else "")

    def money(self, value, currency):
        rng, text = self.rng, self.number(abs(value)).lstrip("+")
        blank = rng.choice(["", " "])
        signed = rng.choice(["-S{}", "{}-", "({})", "(S{})", "-{}", "-{} S"]) if value < 0 \
            else rng.choice(["S{}", "{}" + blank + "S", "{}", "S" + blank + "{}"])
        return signed.replace("S", currency).format(text)

    def noise(self, header):
        """Lines that are no rows."""
        roll = self.rng.random()
        if roll < 0.03:
            return ""
        if roll < 0.06:
            return self.delimiter * self.rng.randint(1, 6)
        if roll < 0.08:
            return "*"
        if roll < 0.1 and header:
            return header
        return None

    def bytes(self, names, rows):
        """The file: lines that come before, the header, the rows; the map's part about it is in `form`."""
        rng, form = self.rng, self.form
        texts, header = [], None
        said = rng.random() < 0.08 and self.encoding != "utf16"
        if said:
            texts.append("sep=" + self.delimiter)
        before = rng.randint(1, 3) if rng.random() < 0.25 and not said else 0
        for _ in range(before):
            texts.append(rng.choice(["", "Report of sales", 'a "quote', "Period;1;2;;", "sep", ",,,", "Título 2025"]))
        mode = rng.choice(["header", "header", "header", "header", "numbers", "names", "both"])
        if said:
            mode = "header"
        if mode in ("header", "both"):
            written = [f"Column {i}" for i in range(len(names))] if mode == "both" else names
            header = self.delimiter.join(self.quote(self.pad(name).replace("\u00a0", " ")) for name in written)
            texts.append(header)
            if mode == "both":
                form["names"] = names
            if before or rng.random() < 0.05:
                form["header"] = before + 1 + (1 if said else 0)
        else:
            form["header"] = False
            if before:
                form["skip"] = before
            if mode == "names":
                form["names"] = names
        body = []
        for cells in rows:
            noise = self.noise(header)
            if noise is not None:
                body.append(noise)
            body.append(self.line(cells, mode != "numbers")) # the first row then says how many columns there are
        texts += body
        guessed = [d for d in ",;\t|" if header and header.count(d) >= (len(names) - 1)]
        can_guess = header and self.delimiter in guessed and not any(
            header.count(d) for d in ",;\t|" if d != self.delimiter)
        if not can_guess and not said or rng.random() < 0.2:
            form["delimiter"] = self.delimiter
        text = self.newline.join(texts) + (self.newline if rng.random() < 0.8 else "")
        return self.encode(text), mode

    def encode(self, text):
        form, rng = self.form, self.rng
        if self.encoding == "utf8":
            if rng.random() < 0.2:
                form["encoding"] = "utf8"
            return text.encode()
        if self.encoding == "mark":
            return b"\xef\xbb\xbf" + text.encode()
        if self.encoding in ("windows-1252", "latin1"):
            form["encoding"] = self.encoding
            return text.encode("cp1252", "replace")
        if self.encoding == "utf16-mark":
            if rng.random() < 0.3:
                form["encoding"] = "utf16"
            return rng.choice([b"\xff\xfe" + text.encode("utf-16-le"), b"\xfe\xff" + text.encode("utf-16-be")])
        form["encoding"] = "utf16"
        return text.encode("utf-16-le")


# --- Dates ----------------------------------------------------------------------------------------------------------

FORMATS = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S",
           "%Y-%m-%dT%H:%M:%S", "%d %b %Y %H:%M", "%d/%m/%y %H:%M", "%b %d, %Y %I:%M:%S %p", "%Y-%m-%d",
           "%Y%m%d %H%M", "%d-%m-%Y %H.%M%%", "%Y-%m-%d %H:%M:%S.%f"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def write_date(rng, time, form, offset=None, name=None, full=False):
    """A time by the letters of strptime, with one digit or two where either will do."""
    out, at = [], 0
    pad = full or rng.random() < 0.7 or any(form[i + 2:i + 3] == "%" for i in range(len(form) - 2) if form[i] == "%")
    while at < len(form):
        if form[at] != "%":
            out.append(form[at])
            at += 1
            continue
        letter = form[at + 1]
        at += 2
        digits = {"m": time.month, "d": time.day, "H": time.hour, "M": time.minute, "S": time.second,
                  "I": (time.hour + 11) % 12 + 1, "y": time.year % 100}
        if letter == "Y":
            out.append(f"{time.year:04d}")
        elif letter in "MSy" or (letter in digits and pad):
            out.append(f"{digits[letter]:02d}")
        elif letter in digits:
            out.append(str(digits[letter]))
        elif letter == "b":
            out.append(rng.choice([str, str.upper, str.lower])(MONTHS[time.month - 1]))
        elif letter == "p":
            word = "AM" if time.hour < 12 else "PM"
            out.append(rng.choice([word, word.lower()]))
        elif letter == "f":
            out.append("0" * rng.choice([1, 3, 6]))
        elif letter == "%":
            out.append("%")
        elif letter == "z":
            minutes = abs(offset)
            plain = f"{minutes // 60:02d}{rng.choice(['', ':'])}{minutes % 60:02d}"
            short = minutes % 60 == 0 and rng.random() < 0.3
            out.append("Z" if offset == 0 and rng.random() < 0.5
                       else ("-" if offset < 0 else "+") + (f"{minutes // 60:02d}" if short else plain))
        elif letter == "Z":
            out.append(name)
        elif letter == "*":
            out.append(rng.choice(["", " h", " - 26.10.2025 00:15", " (local)", "..", " Payment"]))
    return "".join(out)


# A time that is there twice.
NIGHTS = {"Europe/Madrid": dt.datetime(2025, 10, 26, 2, 30), "Europe/London": dt.datetime(2025, 10, 26, 1, 15),
          "Europe/Paris": dt.datetime(2025, 10, 26, 2, 59), "America/New_York": dt.datetime(2025, 11, 2, 1, 0),
          "Australia/Sydney": dt.datetime(2025, 4, 6, 2, 45), "America/St_Johns": dt.datetime(2025, 11, 2, 1, 30)}


def some_time(rng):
    if rng.random() < 0.1:
        return rng.choice([dt.datetime(2000, 2, 29, 23, 59, 59), dt.datetime(1972, 12, 31), dt.datetime(2068, 1, 1),
                           dt.datetime(1969, 6, 30, 12), dt.datetime(2024, 2, 29), dt.datetime(2037, 12, 31, 23, 59)])
    return dt.datetime(rng.randint(1971, 2040), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23),
                       rng.randint(0, 59), rng.randint(0, 59))


def is_plain(naive, zone):
    """Whether a local time is there once."""
    instants = set()
    for fold in (0, 1):
        instant = naive.replace(tzinfo=zone, fold=fold).astimezone(dt.timezone.utc)
        if instant.astimezone(zone).replace(tzinfo=None) == naive:
            instants.add(instant)
    return len(instants) == 1


class Dates:
    """How a file of sales writes its dates."""

    def __init__(self, rng, form):
        self.rng = rng
        self.format = rng.choice(FORMATS)
        self.zone, self.rule, self.kind = None, {}, rng.choice(["naive", "zone", "zone", "top", "offset", "name"])
        if self.kind == "zone":
            self.zone = rng.choice(ZONES)
            self.rule["tz"] = self.zone
        elif self.kind == "top":
            self.zone = form["tz"] = rng.choice(ZONES)
        elif self.kind == "offset":
            self.format += rng.choice([" ", "", " UTC"]) + "%z" if "%p" not in self.format else " %z"
            self.format = self.format.replace(" UTC%z", " %z")
            if rng.random() < 0.2:
                form["tz"] = rng.choice(ZONES) # of dates that have no offset
        elif self.kind == "name":
            self.zone = self.rule["tz"] = rng.choice(["Europe/Madrid", "Europe/Paris"])
            self.format += " %Z"
        if "%H" not in self.format and "%I" not in self.format:
            self.format = self.format.replace("%d", "%d %H:%M", 1) # an offset is that of a time
        if rng.random() < 0.1 and self.kind in ("naive", "zone", "top"):
            self.format += "%*"
        if self.zone and self.kind != "name" and rng.random() < 0.2:
            self.rule["overlap"] = rng.choice(["first", "second"])
        self.rule["date"] = self.format

    def some(self):
        if self.kind == "name" and self.rng.random() < 0.1:
            return NIGHTS[self.zone]
        if "overlap" in self.rule and self.zone in NIGHTS and self.rng.random() < 0.5:
            return NIGHTS[self.zone]
        while True:
            time = some_time(self.rng)
            if self.zone is None or is_plain(time, ZoneInfo(self.zone)):
                return time

    def write(self, time):
        offset = self.rng.choice([0, 60, 120, -300, 330, -210, 345]) if self.kind == "offset" else None
        name = None
        if self.kind == "name":
            fold = self.rng.randint(0, 1)
            name = self.rng.choice(["UTC", "GMT", time.replace(tzinfo=ZoneInfo(self.zone), fold=fold).tzname()])
        return write_date(self.rng, time, self.format, offset, name)

    def wrong(self):
        """A time that cannot be, or a text that is none."""
        if self.zone == "Europe/Madrid" and "overlap" not in self.rule and self.kind != "name":
            night = self.rng.choice([dt.datetime(2025, 3, 30, 2, 30), dt.datetime(2025, 10, 26, 2, 30)])
            if "%H" in self.format or "%I" in self.format:
                return self.write(night)
        text = self.write(self.some())
        return self.rng.choice(["soon", text + "9x", "31/31/2031", text.replace(text[0], "x", 1)])


# --- Sales ----------------------------------------------------------------------------------------------------------

def long_number(rng):
    """One that no double holds, or one to be rounded."""
    if rng.random() < 0.5:
        return D(rng.randint(-10 ** 40, 10 ** 40)).scaleb(-rng.randint(0, 30))
    return D(rng.choice([-5, 5, 15, 25, -125, 4999, 5001, 99995, -99995, 1000005])).scaleb(-rng.randint(1, 4))


def some_number(rng):
    kind = rng.random()
    if kind < 0.3:
        return D(rng.randint(0, 30))
    if kind < 0.8:
        return D(rng.randint(-99999, 9999999)).scaleb(-2)
    if kind < 0.9:
        return D(rng.randint(0, 10 ** 12)).scaleb(-rng.randint(0, 9))
    return D(rng.randint(0, 999)).scaleb(-3)


SALES_TROUBLES = ["number", "date", "text differs", "number differs", "apart", "blank group", "no column", "zone",
                  "values", "currency", "thousands", "point", "long row", "short row", "sum", "item number"]


# Names that people give to columns.
HARD_NAMES = {
    "Email": ["E-mail", "Correo, electrónico", "2", "email;correo"], "Fecha": ["Created at", "Día", "Fecha\nalta"],
    "Total": ['Total "neto"', "Total (€)", "Importe; total", "3"], "Precio": ["Precio (€)", "unit price", "p|q"],
    "Channel": ["channel", "Canal de  venta", "\tC"], "Points": ["Puntos", "%", "="], "Last": ["", "Id "],
}
CELL_TROUBLES = ["number", "date", "values", "currency", "thousands", "point", "sum", "item number"]


class Shop:
    """A file of sales, and its map."""

    def __init__(self, rng, trouble):
        self.rng, self.trouble = rng, trouble
        self.file = File(rng)
        self.form = self.file.form
        self.dates = Dates(rng, self.form)
        self.currency = rng.choice(["$", "€", "EUR", "US$"])
        self.grouped = rng.random() < 0.75 or trouble in ("apart", "blank group", "text differs", "number differs")
        if trouble in ("long row", "short row"):
            self.grouped = False
        self.two_keys = self.grouped and rng.random() < 0.15
        self.blank = self.grouped and not self.two_keys and rng.random() < 0.15 and trouble is None
        self.first_only = self.grouped and rng.random() < 0.3
        self.where = rng.choice(["where", "unless", None, None, None])
        if trouble == "blank group": # whose words it would go by, nobody says
            self.where = None
        self.columns = ["Id", "Branch", "Email", "First", "Last", "Fecha", "Hora", "Total", "Kind", "Status", "Sku",
                        "Qty", "Precio", "Note", "Channel", "Points"]
        self.two_cells = self.dates.format.count(" ") == 1 and self.dates.kind not in ("offset", "name") \
            and "*" not in self.dates.format
        rng.shuffle(self.columns)
        self.names = {name: name for name in self.columns}
        if rng.random() < 0.3:
            for name, hard in HARD_NAMES.items():
                if name != "Last" and rng.random() < 0.5:
                    self.names[name] = rng.choice(hard).strip()
        self.sku = self.file.rng.random() < 0.2
        self.differing = None

    def empty(self):
        return self.rng.choice(self.file.null) if self.file.null and self.rng.random() < 0.5 else ""

    def word(self):
        while True:
            text = self.rng.choice(self.file.words())
            if text not in self.file.null and text != "\t":
                return text

    def order(self, number):
        rng = self.rng
        some = self.dates.some()
        date = self.dates.write(some)
        first, second = date.split(" ") if self.two_cells else (date, "")
        total = long_number(rng) if rng.random() < 0.1 else some_number(rng)
        shared = {
            "Id": rng.choice(["A-", "", "#"]) + str(1000 + number), "Branch": rng.choice(["North", "South"]),
            "Email": f"u{number}@example.com", "First": self.word(), "Last": self.word(),
            "Status": rng.choice(["paid", "open"]), "Kind": rng.choice(["sale", "sale", "test"]),
            "Channel": rng.choice(["store", ""]) or self.empty(),
            "Points": self.file.number(some_number(rng)) if rng.random() < 0.5 else self.file.pad(self.empty()),
        }
        lines = []
        text = self.file.number(total)
        for i in range(rng.randint(1, 12 if self.file.calm else 4) if self.grouped else 1):
            line = dict(shared)
            line["Fecha"], line["Hora"] = first, second
            line["Total"] = text if self.file.calm else self.file.pad(self.file.number(total))
            line["Sku"] = f"SKU-{rng.randint(1, 99):03d}"
            line["Qty"] = self.file.pad(self.file.number(D(rng.randint(-3, 40))))
            line["Precio"] = self.file.pad(self.file.money(some_number(rng), self.currency))
            line["Note"] = self.word() if rng.random() < 0.8 else rng.choice([self.empty(), " ", "  x "])
            if i and self.first_only:
                for name in ("Fecha", "Hora", "Total", "First", "Last", "Status", "Channel", "Points"):
                    line[name] = ""
                if rng.random() < 0.5:
                    line["Email"] = self.empty()
                if self.where and rng.random() < 0.5:
                    line["Kind"] = ""
            if i and self.blank:
                line["Id"] = ""
            lines.append(line)
        return lines

    def orders(self):
        count = self.rng.randint(1, 6)
        if self.file.calm and self.rng.random() < 0.01: # more than is read at once
            count = 300
        orders = [self.order(number) for number in range(count)]
        if self.trouble == "apart" and len(orders) > 1:
            for line in orders[0]:
                line["Kind"] = "sale"
            orders[1][0]["Kind"] = "sale"
            again = dict(orders[0][0])
            orders.append([again])
        return [line for order in orders for line in order]

    def spoil(self, lines, trouble):
        """Puts what is wrong into a row that counts."""
        rng = self.rng
        line = rng.choice(lines)
        if trouble == "number":
            line["Total"] = rng.choice(["abc", "1.2.3", "--1", "1e", "0x10", "1 2", "12a"])
        elif trouble == "item number":
            line["Qty"] = rng.choice(["one", "1,,2", "(", "-"])
        elif trouble == "sum":
            line["Precio"] = rng.choice(["n.a.", "£5", "5 5", "$$5"])
        elif trouble == "date":
            wrong = self.dates.wrong()
            parts = wrong.split(" ")
            line["Fecha"], line["Hora"] = (parts[0], parts[1]) if self.two_cells and len(parts) == 2 else (wrong, "")
        elif trouble == "text differs":
            self.differing = rng.choice(["Email", "First", "Fecha"])
            line[self.differing] = self.dates.write(self.dates.some()).split(" ")[0] if self.two_cells \
                and self.differing == "Fecha" else self.dates.write(self.dates.some()) \
                if self.differing == "Fecha" else "other@example.com"
        elif trouble == "number differs":
            line["Total"] = self.file.number(D("77777.25"))
        elif trouble == "blank group":
            line["Id"] = line["Branch"] = self.empty()
        elif trouble == "values":
            line["Status"] = "lost"
        elif trouble == "currency":
            line["Precio"] = {"$": "€", "€": "$"}.get(self.currency, "£") + "5"
        elif trouble == "thousands":
            line["Total"] = rng.choice(["12.34.567,8", "1,23", "1,2345", "1'000.0", "1 00", ",123", "1.234.56", "0.500", "-0,125",
                                        "01'234", "0 123"])
        elif trouble == "point":
            line["Total"] = "1" + (";" if self.file.point == "." else ".") + "5"

    def name(self, name):
        """A column by its name or by its number."""
        by_number = self.mode == "numbers" or self.rng.random() < 0.1
        return self.columns.index(name) + 1 if by_number else self.names[name]

    def rule(self, name, **more):
        rule = {"column": self.name(name)}
        rule.update(more)
        return rule if more or self.rng.random() < 0.3 else rule["column"]

    def purchase(self):
        rng, name = self.rng, self.name
        date = {"column": [name("Fecha"), name("Hora")] if self.two_cells else name("Fecha"), **self.dates.rule}
        total = self.rule("Total", number=True)
        if rng.random() < 0.2:
            total["round"] = rng.choice([0, 1, 2])
        money = {"currency": self.currency}
        fields = {"id": name("Id"), "createtime": date, "prices": {"total": total}}
        if self.two_keys:
            fields["branch"] = name("Branch")
        if self.blank:
            fields["id"] = name("Email")
        optional = {
            "email": self.rule("Email"),
            "name": {"column": [name("First"), name("Last")]},
            "channel": self.rule("Channel", default="web"),
            "points": {"constant": rng.choice([5, D("1.5"), True, "x\ty"])},
            "status": self.rule("Status", values={"paid": "yes", "open": "né"}),
            "all": {"sum": name("Precio"), **money, **({"round": 1} if rng.random() < 0.3 else {})},
            "added": {"add": [name("Qty"), name("Precio")], **money},
            "product": {"sum_product": [name("Qty"), name("Precio")], **money,
                        **({"round": 2} if rng.random() < 0.3 else {})},
            "sku": self.rule("Sku", first=True),
            "rest": self.rule("Points", number=True, default=rng.choice([0, D("2.5")])),
            "freight": {"sum": name("Points")},
        }
        if self.mode != "numbers":
            optional["count"] = {"lua": rng.choice(["count", "last"])}
        wanted = {"number": [], "text differs": {"First": ["name"], "Email": ["email"]}.get(self.differing, []), "values": ["status"], "currency": ["all"], "sum": ["all"]}.get(self.trouble, [])
        for key in wanted + rng.sample(list(optional), rng.randint(0, 6)):
            if key in ("all", "added", "product", "freight"):
                fields["prices"][key] = optional[key]
            elif key in ("status", "channel", "count"):
                fields.setdefault("custom attributes", {})[key] = optional[key]
            else:
                fields[key] = optional[key]
        return fields

    def item(self):
        rng = self.rng
        fields = {"sku": self.rule("Sku"), "quantity": self.rule("Qty", number=True), "note": self.rule("Note")}
        if rng.random() < 0.6:
            fields["price"] = self.rule("Precio", number=True, currency=self.currency)
        if rng.random() < 0.1 and self.mode != "numbers":
            fields["length"] = {"lua": "length"}
        if rng.random() < 0.2:
            fields["kind"] = {"constant": "item"}
        if rng.random() < 0.2:
            fields["about"] = {"status": self.rule("Status", values={"paid": "P", "open": "O"}, default="?"),
                               "when": {"day": {"column": self.name("Fecha"), **self.dates.rule}}}
            if self.two_cells:
                del fields["about"]["when"]
        if rng.random() < 0.2:
            fields["points"] = self.rule("Points", number=True, round=rng.choice([0, 2]), default=0)
        return fields

    def strangers(self, lines):
        """Lines that `where` or `unless` leaves out, whatever they say, wherever they stand."""
        rng = self.rng
        for _ in range(rng.randint(1, 4)):
            stranger = dict(rng.choice(lines))
            for name in rng.sample(self.columns, 6):
                stranger[name] = rng.choice(["junk", "", "7", "1000"])
            stranger["Kind"] = "test"
            lines.insert(rng.randint(0, len(lines)), stranger)

    def make(self):
        rng, form = self.rng, self.form
        lines = self.orders()
        if self.where and not self.first_only and not self.blank and rng.random() < 0.5:
            self.strangers(lines)
        counted = [line for line in lines if self.where is None or line["Kind"] == "sale"] or lines
        if self.trouble:
            self.spoil(counted, self.trouble)
        if self.trouble in CELL_TROUBLES and rng.random() < 0.5:
            self.spoil(counted, rng.choice(CELL_TROUBLES))
        rows = []
        spoiled = rng.randrange(len(lines))
        for i, line in enumerate(lines):
            cells = [line[name] for name in self.columns]
            if self.sku and line["Sku"]:
                cells[self.columns.index("Sku")] = '="' + line["Sku"] + '"'
            if i == spoiled and self.trouble == "long row":
                cells.append("more")
            elif i == spoiled and self.trouble == "short row":
                cells = cells[:-rng.randint(4, 6)]
            rows.append(cells)
        data, self.mode = self.file.bytes([self.names[name] for name in self.columns], rows)
        if self.grouped:
            form["group"] = [self.name("Id"), self.name("Branch")] if self.two_keys else self.name("Id")
        if self.blank:
            form["blank"] = "continues"
        form["purchase"] = self.purchase()
        if rng.random() < 0.8 or self.trouble == "item number":
            form["items"], form["item"] = "list", self.item()
        if self.where:
            words = {"where": ["sale", ["sale", "none"]], "unless": ["test", ["none", "test"]]}[self.where]
            form[self.where] = {self.name("Kind"): rng.choice(words)}
        if self.trouble == "no column":
            form["purchase"]["email"] = rng.choice(["E-mail", len(self.columns) + 5])
        elif self.trouble == "zone":
            form["purchase"]["createtime"]["tz"] = "Europe/Madird"
        return {"kind": "sales", "map": form, "data": data, "trouble": self.trouble}


# --- Series ---------------------------------------------------------------------------------------------------------

SERIES_TROUBLES = ["number", "gap", "repeat", "order", "short day", "zone", "no column", "empty", "date", "long row"]
SERIES_FORMATS = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M", "%m/%d/%y %I:%M %p",
                  "%Y-%m-%dT%H:%M%z", "%d/%m/%Y %H:%M%*", "%d %b %Y %H:%M"]
DAYS = [dt.date(2025, 11, 11), dt.date(2025, 10, 26), dt.date(2026, 3, 29), dt.date(2024, 2, 28)]
UNITS = {"MW": D(1), "kW": D(1000), "GW": D("0.001"), "MWh": D(1), "kWh": D(1000), "Wh": D(1000000), "GWh": D("0.001")}


class Load:
    """A file of a series, and its map."""

    def __init__(self, rng, trouble):
        self.rng, self.trouble = rng, trouble
        self.file = File(rng)
        self.form = self.file.form
        self.step = rng.choice([60, 30, 15, 60])
        self.minutes = 60 if self.step == 15 and rng.random() < 0.7 else self.step
        self.zone = rng.choice(["Europe/Madrid", "Europe/Madrid", "America/New_York", "Australia/Sydney", None])
        self.ends = rng.random() < 0.35
        self.kind = rng.choice(["plain", "format", "format", "period", "two", "utc", "dst", "wide"])
        if self.kind in ("utc", "dst") and not self.zone:
            self.kind = "format"
        self.format = rng.choice(SERIES_FORMATS)
        if "%z" in self.format and (not self.zone or self.kind == "dst"):
            self.format = SERIES_FORMATS[0]
        if self.ends and "%I" in self.format:
            self.format = SERIES_FORMATS[1]
        if self.kind == "wide":
            self.minutes = 60
            self.step = rng.choice([60, 15, 30])
        self.unit = rng.choice(["MW", "MW", "kW", "MWh", "kWh", "Wh", "GWh", "GW"])
        self.columns = ["Time", "Hour", "Flag", "Value", "Kind"]
        rng.shuffle(self.columns)

    def instants(self):
        """The beginnings of the rows, whole days."""
        days = self.rng.choice([1, 1, 2])
        first = self.rng.choice(DAYS)
        last = first + dt.timedelta(days=days)
        zone = ZoneInfo(self.zone) if self.zone else dt.timezone.utc
        midnight = dt.time(0)
        begin = dt.datetime.combine(first, midnight, zone).astimezone(dt.timezone.utc)
        end = dt.datetime.combine(last, midnight, zone).astimezone(dt.timezone.utc)
        if not self.zone and self.kind not in ("period", "wide"):
            end -= dt.timedelta(minutes=self.minutes) * self.rng.randint(0, 5)
        times = []
        while begin < end:
            times.append(begin)
            begin += dt.timedelta(minutes=self.minutes)
        return times, zone

    def some_value(self):
        return D(self.rng.randint(0, 99999)).scaleb(-3) * UNITS[self.unit]

    def time_cells(self, begin, zone):
        """Time, Hour and Flag of a row."""
        rng = self.rng
        at = begin + dt.timedelta(minutes=self.minutes) if self.ends else begin
        local = at.astimezone(zone)
        naive = local.replace(tzinfo=None)
        if self.kind == "utc":
            return write_date(rng, at.replace(tzinfo=None), "%Y-%m-%d %H:%M"), "", ""
        if self.kind == "period":
            day = begin.astimezone(zone).replace(hour=0, minute=0, fold=0).astimezone(dt.timezone.utc)
            count = int((begin - day).total_seconds()) // 60 // self.minutes
            if self.period == "H" and self.minutes == 15:
                hour = f"H{count // 4 + 1}Q{count % 4 + 1}"
            elif self.period == "H" and self.minutes == 60:
                hour = f"H{count + 1:02d}" if rng.random() < 0.5 else f"H{count + 1}"
            else:
                hour = str(count + 1)
            date = begin.astimezone(zone).replace(tzinfo=None)
            return write_date(rng, date, "%d/%m/%Y"), hour, ""
        if self.ends and naive.time() == dt.time(0) and self.late and self.kind not in ("plain",):
            date = naive - dt.timedelta(days=1)
            text = write_date(rng, date, self.the_format, int(local.utcoffset().total_seconds()) // 60)
            if "%H%M" in self.the_format:
                text = text[:-4] + "2400"
            text = text.replace(" 00:", " 24:").replace(" 0:", " 24:")
        else:
            text = write_date(rng, naive, self.the_format, int(local.utcoffset().total_seconds()) // 60,
                              full=self.kind == "plain")
        flag = rng.choice(["", "0", "x"])
        if self.kind == "dst":
            twin = not is_plain(naive, zone) and local.fold == 0
            flag = "1" if twin else rng.choice(["0", ""]) if not is_plain(naive, zone) else rng.choice(["0", "1", ""])
        if self.kind == "two":
            first, _, second = text.partition(" ")
            return first, second, flag
        return text, "", flag

    def make(self):
        rng, form = self.rng, self.form
        times, zone = self.instants()
        self.period = rng.choice(["H", "n"])
        self.late = rng.random() < 0.5 and "%z" not in self.format
        self.the_format = self.format
        if self.kind == "plain":
            self.the_format = rng.choice(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"])
        elif self.kind == "two":
            self.the_format = rng.choice(["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"])
        if self.kind == "wide":
            return self.make_wide(times, zone)
        value_name = rng.choice(["Value", "Power (MW)", "Load [MW]"] if self.unit == "MW" else ["Value", self.unit, "AE_kWh"])
        names = [value_name if name == "Value" else name for name in self.columns]
        rows = []
        padded = self.the_format
        for begin in times:
            self.the_format = padded
            time, hour, flag = self.time_cells(begin, zone)
            rows.append({"Time": self.file.pad(time) if self.kind != "two" else time, "Hour": hour, "Flag": flag,
                         value_name: self.file.pad(self.file.number(self.some_value())), "Kind": "load"})
        self.spoil(rows, value_name)
        filtered = rng.random() < 0.3
        if filtered:
            for i in sorted(rng.sample(range(len(rows)), min(3, len(rows))), reverse=True):
                rows.insert(i, {**rows[i], "Kind": rng.choice(["other", ""]), value_name: "junk"})
        lines = [[row[name] for name in names] + (["x"] if row.get("long") else []) for row in rows]
        is_json = rng.random() < 0.15 and self.trouble != "long row"
        data, mode = (self.json(rows), "keys") if is_json else self.file.bytes(names, lines)

        def name(column):
            by_number = mode == "numbers" or mode != "keys" and rng.random() < 0.1
            return names.index(column) + 1 if by_number else column
        date = {"column": name("Time")}
        if self.kind == "utc":
            date["tz"] = "UTC"
            date["date"] = "%Y-%m-%d %H:%M"
        elif self.kind == "period":
            date.update(date="%d/%m/%Y", period=name("Hour"))
        elif self.kind == "two":
            date.update(column=[name("Time"), name("Hour")], date=self.the_format)
        elif self.kind != "plain":
            date["date"] = self.the_format
        if self.kind == "dst":
            date["dst"] = {"column": name("Flag"), "is": "1"}
        form["datetime"] = date if len(date) > 1 or rng.random() < 0.5 else date["column"]
        form["value"] = name(value_name)
        if self.unit != "MW" or rng.random() < 0.2:
            form["value"] = {"column": name(value_name), "unit": self.unit}
        if filtered:
            form["where"] = {name("Kind"): rng.choice(["load", ["load", "more"]])}
        self.rest()
        if self.trouble == "no column":
            form["value"] = "Nothing"
        return {"kind": "series", "map": form, "data": data, "trouble": self.trouble}

    def json(self, rows):
        """The same rows as a document, or one a line."""
        rng, texts = self.rng, []
        for row in rows:
            row = {name: text for name, text in row.items() if text or rng.random() < 0.5}
            members = [json.dumps(name) + ": " + self.json_value(name, text) for name, text in row.items()]
            rng.shuffle(members)
            texts.append("{" + ", ".join(members) + "}")
        mark = rng.choice([b"", b"", b"\xef\xbb\xbf"])
        if rng.random() < 0.3:
            return mark + ("\n".join(texts) + "\n").encode()
        array = "[" + rng.choice([",", ", ", ",\n"]).join(texts) + "]"
        way = rng.choice(["array", "one", "pointer", "deep"])
        if way == "array":
            return mark + array.encode()
        if way == "pointer":
            self.form["list"] = "/data/values"
            array = '{"values": ' + array + ', "others": [1, 2]}'
        elif way == "deep":
            array = '{"name": "x", "list of rows": ' + array + "}"
        return mark + ('{"id": 7, "data": ' + array + "}").encode()

    def json_value(self, name, text):
        rng = self.rng
        if text and name not in ("Time", "Hour", "Flag", "Kind") and not self.file.mark and self.file.point == ".":
            try:
                return format(D(text.strip(" \u00a0")), "f") # a text is no number where nothing is to be read
            except ArithmeticError:
                return json.dumps(text)
        if not text and rng.random() < 0.3:
            return "null"
        return json.dumps(text, ensure_ascii=rng.random() < 0.5)

    def rest(self):
        rng, form = self.rng, self.form
        if self.zone:
            form["tz"] = self.zone if self.trouble != "zone" else "Europe/Madird"
        if self.step != 15 or rng.random() < 0.2:
            form["step"] = self.step
        if self.minutes != self.step or rng.random() < 0.1:
            form["resolution"] = self.minutes
        if self.ends or rng.random() < 0.1:
            form["label"] = "end" if self.ends else "start"
        if rng.random() < 0.2:
            form["send_label"] = rng.choice(["start", "end"])

    def make_wide(self, times, zone):
        rng, form = self.rng, self.form
        days = {}
        for begin in times:
            days.setdefault(begin.astimezone(zone).date(), []).append(begin)
        names = ["Note", "Date"] + [f"H{i:02d}" for i in range(1, 26)]
        lines = []
        for day, begins in days.items():
            cells = [self.file.number(self.some_value()) for _ in begins]
            if self.trouble == "number":
                cells[rng.randrange(len(cells))] = "x"
            elif self.trouble == "empty":
                cells[rng.randrange(len(cells) - 2)] = ""
            elif self.trouble == "short day":
                cells.pop()
            cells += [""] * (25 - len(cells))
            lines.append(["n", write_date(rng, dt.datetime.combine(day, dt.time(0)), "%d/%m/%Y"), *cells])
        data, mode = self.file.bytes(names, lines)
        by = {name: names.index(name) + 1 if mode == "numbers" else name for name in names}
        form["datetime"] = {"column": by["Date"], "date": "%d/%m/%Y"}
        form["value"] = {"from": by["H01"], "to": by["H25"]}
        if self.unit != "MW":
            form["value"]["unit"] = self.unit
        self.rest()
        form["resolution"] = 60
        if self.trouble == "no column":
            form["value"]["to"] = "H26"
        return {"kind": "series", "map": form, "data": data, "trouble": self.trouble}

    def spoil(self, rows, value_name):
        rng, trouble = self.rng, self.trouble
        at = rng.randrange(1, len(rows) - 1)
        if trouble == "number":
            rows[at][value_name] = rng.choice(["x", "1.2.3", "$5", "(5)", "1 2", "5-"])
        elif trouble == "gap":
            del rows[at]
        elif trouble == "repeat":
            rows.insert(at, dict(rows[at]))
        elif trouble == "order":
            rows[at], rows[at - 1] = rows[at - 1], rows[at]
        elif trouble == "short day":
            rows.pop()
        elif trouble == "empty":
            rows[at][value_name] = rng.choice([""] + self.file.null)
        elif trouble == "date":
            rows[at]["Time"] = rng.choice(["", "soon", "2025-13-01 00:00", "31/02/2025 00:00"])
        elif trouble == "long row":
            rows[at]["long"] = True


def case(rng):
    is_sales = rng.random() < 0.65
    trouble = rng.choice(SALES_TROUBLES if is_sales else SERIES_TROUBLES) if rng.random() < 0.35 else None
    return (Shop if is_sales else Load)(rng, trouble).make()


def cases(seed, count):
    for number in range(count):
        yield case(random.Random(seed * 1000003 + number))
