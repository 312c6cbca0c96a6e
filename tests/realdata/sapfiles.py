"""An SAP data directory being filled: one set of real data in, the files that sap.py serves out.

The converters call it. It keeps the lengths of SAP's fields the way an ERP would (README.md says
how), and it keeps the list of what Kontor must not show, with the reason.
"""
import collections
import decimal
import hashlib
import json
import os
import re

D = decimal.Decimal
CHANGED = "20261101080000.0000000"
AS_OF = "20261102060000.0000000"
NAME, VALUE, CODE, PART_NUMBER, BRAND = 132, 70, 30, 40, 40
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def one_line(text):
    """What a field of one line holds: no line ends, no blanks around or doubled."""
    return " ".join(FORBIDDEN.sub(" ", text or "").split())


def fit(text, limit):
    """At most `limit` characters, whole words."""
    text = one_line(text)
    if len(text) <= limit:
        return text
    head = text[:limit + 1]
    cut = head.rfind(" ")
    return head[:cut if cut > limit // 2 else limit].rstrip(" ,;:-/(")


def plain(value, digits=3):
    """A decimal as SAP writes it: no exponent, at most `digits` behind the point."""
    text = format(D(str(value)).quantize(D(1).scaleb(-digits), decimal.ROUND_HALF_UP), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def made_up(seed, low, high):
    """A number that is the same every time for the same words."""
    digest = hashlib.sha256(seed.encode()).digest()
    return low + int.from_bytes(digest[:6], "big") % (high - low + 1)


def code_of(words):
    """The name of a characteristic: capitals, digits, underscores; a long one ends in its hash."""
    code = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")
    if len(code) > CODE:
        code = code[:CODE - 5] + "_" + hashlib.sha256(code.encode()).hexdigest()[:4].upper()
    return code


class SapData:
    """articles, prices, stock and categories of one client of SAP, and what is wrong with them."""

    def __init__(self, name, currency, language):
        self.name, self.currency, self.language = name, currency, language
        self.articles, self.prices, self.stock = {}, [], []
        self.categories = {}
        self.axes = []              # characteristics that tell flat articles apart
        self.refused = []           # {"sku", "what", "code", "reason"}
        self.counts = collections.Counter()

    # ---- articles

    def number(self, wanted):
        """A material number can be given once: the next one with the same gets "-2", "-3" …"""
        wanted = one_line(wanted)[:40]
        number, turn = wanted, 1
        while number in self.articles:
            turn += 1
            number = f"{wanted}-{turn}"
        self.counts["numbers given twice"] += turn > 1
        return number

    def article(self, matnr, unit="PCE", **fields):
        row = {"MATNR": matnr, "MEINS": unit, "TAX_CLASS": "1", "TEXT": [], "GTIN": [],
               "CHARACTERISTIC": [], "MEDIA": [], "CATEGORY": [], "CHANGED_AT": CHANGED}
        if matnr in self.articles:
            raise ValueError(f"{matnr} is there already")
        for name in ("BRAND", "SUPPLIER"):
            if fields.get(name):
                fields[name] = fit(fields[name], BRAND)
        if fields.get("MFRPN"):
            fields["MFRPN"] = one_line(fields["MFRPN"])
            if len(fields["MFRPN"]) > PART_NUMBER:               # half a part number is none
                self.counts["part numbers too long"] += 1
                del fields["MFRPN"]
        row.update({name: value for name, value in fields.items() if value})
        self.articles[matnr] = row
        return row

    def text(self, row, language, name, short="", long=""):
        """A name longer than SAP's field is cut at a word; the whole of it leads the long text."""
        shown = fit(name, NAME)
        lines = [FORBIDDEN.sub(" ", long or "").strip()]
        if shown != one_line(name):
            self.counts["names cut"] += 1
            lines.insert(0, one_line(name))
        kept = [t for t in row["TEXT"] if t["LANGU"] != language]     # a table key: the last wins
        self.counts["texts given twice"] += len(kept) != len(row["TEXT"])
        row["TEXT"] = kept + [{"LANGU": language, "NAME": shown, "SHORT_TEXT": one_line(short),
                               "LONG_TEXT": "\n".join(line for line in lines if line)}]

    def characteristic(self, row, code, value, unit="", language=""):
        """A value that does not fit goes into the long texts, as a clerk would write it."""
        value = one_line(value)
        if not value:
            return
        if len(value) > VALUE:
            self.counts["values put into the long text"] += 1
            for text in row["TEXT"]:
                text["LONG_TEXT"] = f"{text['LONG_TEXT']}\n{code}: {value}".lstrip()
            return
        row["CHARACTERISTIC"].append({"CODE": code, "VALUE": value, "UNIT": unit,
                                      "LANGU": language})

    @staticmethod
    def value_of(row, code):
        return next((c["VALUE"] for c in row["CHARACTERISTIC"] if c["CODE"] == code), "")

    def gtin(self, row, code):
        row["GTIN"].append({"UNIT": row["MEINS"], "GTIN": code, "MAIN": "" if row["GTIN"] else "X"})

    def media(self, row, url, sha256="", alt=""):
        row["MEDIA"].append({"POSITION": str(len(row["MEDIA"]) + 1), "URL": url, "SHA256": sha256,
                             "ROLE": "image", "ALT": fit(alt, 132)})

    def axis(self, row, *codes):
        row["AXIS"] = [{"POSITION": str(n), "CODE": code} for n, code in enumerate(codes, 1)]

    # ---- what hangs on them

    def price(self, row, amount, **fields):
        self.prices.append(dict({
            "PRICE_ID": f"A{len(self.prices) + 1:09d}", "MATNR": row["MATNR"], "PRICE_LIST": "00",
            "CURRENCY": self.currency, "AMOUNT": plain(amount, 4), "PER": "1",
            "UNIT": row["MEINS"], "MIN_QTY": "0", "GROSS": "X", "TAX_CLASS": "1",
            "VALID_FROM": "2020-01-01", "VALID_TO": "9999-12-31", "CHANGED_AT": CHANGED}, **fields))

    def quantity(self, row, on_hand, plant="1000"):
        self.stock.append({
            "MATNR": row["MATNR"], "PLANT": plant, "UNIT": row["MEINS"], "ON_HAND": plain(on_hand),
            "AVAILABLE": plain(on_hand), "AS_OF": AS_OF, "LAST_DOC": f"{4900000000 + len(self.stock)}"})

    def category(self, key, name, parent="", language=None):
        """The category's id; made when it is first named."""
        if key not in self.categories:
            siblings = sum(c["PARENT"] == parent for c in self.categories.values())
            self.categories[key] = {
                "ID": key, "PARENT": parent, "POSITION": str(siblings + 1),
                "TEXT": [{"LANGU": language or self.language, "NAME": fit(name, NAME)}]}
        return key

    def into(self, row, category):
        if category not in [c["CATEGORY"] for c in row["CATEGORY"]]:
            row["CATEGORY"].append({"CATEGORY": category})

    def refuse(self, sku, what, code, reason):
        """`what`: "article" where nothing of it may be shown, "price" where it has none."""
        self.refused.append({"sku": sku, "what": what, "code": code, "reason": reason})

    # ---- questions of the faults and of tests

    def variants_of(self, parent):
        return [a for a in self.articles.values() if a.get("PARENT") == parent]

    def generics(self):
        """Numbers of generic articles, those with most variants first."""
        count = collections.Counter(a["PARENT"] for a in self.articles.values() if a.get("PARENT"))
        return [number for number, _ in sorted(count.items(), key=lambda c: (-c[1], c[0]))]

    # ---- files

    def write(self, directory):
        os.makedirs(directory, exist_ok=True)
        for name, rows in (("articles", self.articles.values()), ("prices", self.prices),
                           ("stock", self.stock), ("categories", self.categories.values()),
                           ("customers", [{"KUNNR": "900000", "NAME": "One-time customer",
                                           "COUNTRY": "DE", "ONE_TIME": "X"}]),
                           ("refused", self.refused)):
            body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            _write(os.path.join(directory, name + ".json"), f"[{body}]\n")
        settings = {"SYSID": "KTS", "CLIENT": "100", "CURRENCIES": ["EUR", "USD"]}
        _write(os.path.join(directory, "settings.json"), json.dumps(settings) + "\n")


def _write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)
