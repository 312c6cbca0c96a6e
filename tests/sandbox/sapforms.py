"""What the SAP stand-in's data files may hold: fields, lengths, forms. Used by sapdata.py; README.md says it in words."""
import datetime
import re
from decimal import Decimal

T = "text"      # rule: (T, longest) text; D: (D, decimals); F flag; U instant; Y day; N whole number; C: (C, *choices)
D = "decimal"
F = "flag"
U = "instant"
Y = "day"
N = "number"
C = "choice"

ARTICLE_TABLES = {
    "TEXT": {"LANGU": (T, 2), "NAME": (T, 132), "SHORT_TEXT": (T, None), "LONG_TEXT": (T, None)},
    "GTIN": {"UNIT": (T, 3), "GTIN": (T, 18), "MAIN": (F,)},
    "CHARACTERISTIC": {"CODE": (T, 30), "VALUE": (T, 70), "UNIT": (T, 3), "LANGU": (T, 2)},
    "AXIS": {"POSITION": (N,), "CODE": (T, 30)},
    "MEDIA": {"POSITION": (N,), "URL": (T, 1024), "SHA256": (T, 64), "ROLE": (T, 20), "LANGU": (T, 2), "ALT": (T, 132)},
    "CATEGORY": {"CATEGORY": (T, 40)},
    "UNIT_OF": {"UNIT": (T, 3), "NUMERATOR": (D, 0), "DENOMINATOR": (D, 0)},
}
FIELDS = {
    "article": {
        "MATNR": (T, 40), "PARENT": (T, 40), "SALES_STATUS": (T, 2), "SALES_BLOCKED": (F,), "MEINS": (T, 3),
        "MATKL": (T, 9), "BRAND": (T, 40), "MFRPN": (T, 40), "TAX_CLASS": (T, 1), "NET_WEIGHT": (D, 3),
        "GROSS_WEIGHT": (D, 3), "WEIGHT_UNIT": (T, 3), "SERIAL_PROFILE": (T, 4), "ORIGIN": (T, 2),
        "TARIFF_NO": (T, 17), "GENERIC": (F,), "MODEL": (T, 40), "VALID_FROM": (Y,), "VALID_TO": (Y,),
        "SUCCESSOR": (T, 40), "SUPPLIER": (T, 40), "LENGTH": (D, 3), "WIDTH": (D, 3), "HEIGHT": (D, 3),
        "DIM_UNIT": (T, 3), "SALES_UNIT": (T, 3), "QTY_STEP": (D, 3), "WEEE_CATEGORY": (T, 20),
        "DANGEROUS_GOODS": (T, 40), "LIFECYCLE": (C, "", "P", "A", "O", "D"), "CHANGED_AT": (U,), "DELETED": (F,),
        **ARTICLE_TABLES},
    "price": {
        "PRICE_ID": (T, 40), "MATNR": (T, 40), "PRICE_LIST": (T, 2), "CURRENCY": (T, 5), "AMOUNT": (D, 4),
        "PER": (D, 0), "UNIT": (T, 3), "MIN_QTY": (D, 3), "GROSS": (F,), "TAX_CLASS": (T, 1),
        "VALID_FROM": (Y,), "VALID_TO": (Y,), "CUSTOMER": (T, 10), "CUSTOMER_GROUP": (T, 2), "MARKET": (T, 2),
        "PRIORITY": (N,), "KIND": (C, "", "list", "sale", "reference", "lowest_30d", "levy"), "CHANGED_AT": (U,),
        "DELETED": (F,)},
    "stock": {
        "MATNR": (T, 40), "PLANT": (T, 4), "UNIT": (T, 3), "ON_HAND": (D, 3), "AVAILABLE": (D, 3),
        "QUALITY": (D, 3), "BLOCKED": (D, 3), "OTHER_DEMAND": (D, 3), "AS_OF": (U,), "LAST_DOC": (T, 16),
        "DELETED": (F,), "EXPECTED": {"DAY": (Y,), "QUANTITY": (D, 3)}},
    "category": {
        "ID": (T, 40), "PARENT": (T, 40), "POSITION": (N,), "CHANGED_AT": (U,), "DELETED": (F,),
        "TEXT": {"LANGU": (T, 2), "NAME": (T, 132), "LONG_TEXT": (T, None)}},
    "customer": {
        "KUNNR": (T, 10), "NAME": (T, 40), "EMAIL": (T, 241), "VAT_ID": (T, 20), "STREET": (T, 60), "POSTL_CODE": (T, 10),
        "CITY": (T, 40), "COUNTRY": (T, 2), "PRICE_LIST": (T, 2), "CUSTOMER_GROUP": (T, 2), "B2B": (F,), "BLOCKED": (F,),
        "ONE_TIME": (F,), "CHANGED_AT": (U,), "DELETED": (F,)},
    "document": {
        "ID": (T, 64), "VERSION": (T, 40), "TYPE": (T, 40), "SUPERSEDES": (T, 40), "VALID_FROM": (Y,), "VALID_TO": (Y,),
        "LANGU": (T, 2), "FILE_NAME": (T, 255), "MEDIA_TYPE": (T, 120), "FILE_SIZE": (N,), "SHA256": (T, 64),
        "REFERENCE": (T, 200), "CHANGED_AT": (U,), "DELETED": (F,), "TEXT": {"LANGU": (T, 2), "NAME": (T, 132)},
        "LINK": {"KIND": (C, "M", "P", "G", "C"), "ID": (T, 40)}},
    "certificate": {
        "SCHEME": (T, 40), "NUMBER": (T, 80), "ISSUER": (T, 200), "VALID_FROM": (Y,), "VALID_TO": (Y,),
        "REVOKED_AT": (T, 22), "DOCUMENT": (T, 64), "CHANGED_AT": (U,), "DELETED": (F,),
        "LINK": {"KIND": (C, "M", "P", "G", "C"), "ID": (T, 40)}},
}
KEY = {"article": ("MATNR",), "price": ("PRICE_ID",), "stock": ("MATNR", "PLANT"), "category": ("ID",),
       "customer": ("KUNNR",), "document": ("ID", "VERSION"), "certificate": ("SCHEME", "NUMBER")}
FILES = {"article": "articles.json", "price": "prices.json", "stock": "stock.json", "category": "categories.json",
         "customer": "customers.json", "document": "documents.json", "certificate": "certificates.json"}
OPTIONAL = ("category", "document", "certificate")      # data directories of earlier contracts have no such file
CHANGED = {"article": "CHANGED_AT", "price": "CHANGED_AT", "stock": "AS_OF", "category": "CHANGED_AT",
           "customer": "CHANGED_AT", "document": "CHANGED_AT", "certificate": "CHANGED_AT"}
INSTANT = re.compile(r"\d{14}(\.\d{1,7})?$")
DECIMAL = re.compile(r"-?\d+(\.\d+)?$")
NUMBER = re.compile(r"-?\d{1,9}$")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SHA256 = re.compile(r"[0-9a-fA-F]{64}$")
NO_DAY = "0000-00-00"


class DataError(Exception):
    """A data file, or a change, that breaks the rules of README.md."""


def wrong_form(rule, value):
    """What is wrong with a text as that kind of value; None: nothing. An empty one has been replaced before."""
    kind = rule[0]
    if kind == F:
        return None if value in ("", "X") else '"X" or "" is expected'
    if kind == C:
        return None if value in rule[1:] else f'"{value}" is none of {", ".join(rule[2:])}'
    if kind == N:
        return None if NUMBER.match(value) else f'"{value}" is not a whole number'
    if kind == D:
        if not DECIMAL.match(value) or len(value.partition(".")[2].rstrip("0")) > rule[1]:
            return f'"{value}" is not a decimal with at most {rule[1]} digits after the point'
    elif kind == U:
        return None if INSTANT.match(value) else f'"{value}" is not an instant like 20261121203754.1234567'
    elif value != NO_DAY:
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return f'"{value}" is not a day like 2026-11-21'
    return None


def check_field(prefix, name, rule, value):
    """The value in the form the wire needs, or DataError."""
    if isinstance(rule, dict):
        if not isinstance(value, list):
            raise DataError(f"{prefix}{name}: an array of objects is expected")
        return [check_fields(f"{prefix}{name}[{n}].", rule, row) for n, row in enumerate(value)]
    if not isinstance(value, str):
        raise DataError(f"{prefix}{name}: a string is expected, not {type(value).__name__}")
    if rule[0] == T:
        if rule[1] is not None and len(value) > rule[1]:
            raise DataError(f"{prefix}{name}: {len(value)} characters, {rule[1]} fit")
        if FORBIDDEN.search(value):
            raise DataError(f"{prefix}{name}: holds a character that XML forbids")
        return value
    value = value or EMPTY[rule[0]]
    wrong = wrong_form(rule, value) if value or rule[0] == U else None
    if wrong:
        raise DataError(f"{prefix}{name}: {wrong}")
    return value


EMPTY = {T: "", F: "", C: "", D: "0", N: "0", Y: NO_DAY, U: ""}
ABSENT = dict(EMPTY, **{U: "19700101000000.0000000"})


def check_fields(prefix, rules, row):
    if not isinstance(row, dict):
        raise DataError(f"{prefix or 'record'}: an object is expected")
    for name in row:
        if name not in rules:
            raise DataError(f"{prefix}{name}: no such field. Known: {', '.join(rules)}")
    return {name: check_field(prefix, name, rule, row[name]) if name in row
            else [] if isinstance(rule, dict) else ABSENT[rule[0]] for name, rule in rules.items()}


def check_record(kind, record):
    """What one record must say as a whole; references to others are checked by World."""
    if kind == "price" and Decimal(record["PER"]) < 1 and not record["DELETED"]:
        raise DataError("PER: at least 1 is expected")
    if kind == "stock" and len({row["DAY"] for row in record["EXPECTED"]}) != len(record["EXPECTED"]):
        raise DataError("EXPECTED: a day occurs twice")
    if kind == "stock" and any(row["DAY"] == NO_DAY for row in record["EXPECTED"]):
        raise DataError("EXPECTED: DAY is missing")
    if kind != "article":
        return
    if record["PARENT"] and (record["AXIS"] or record["GENERIC"]):
        raise DataError("AXIS and GENERIC stand with the generic article, which has no PARENT")
    if any(not row["CODE"] for row in record["AXIS"]):
        raise DataError("AXIS: CODE is missing")
    if any(Decimal(row[name]) < 1 for row in record["UNIT_OF"] for name in ("NUMERATOR", "DENOMINATOR")):
        raise DataError("UNIT_OF: NUMERATOR and DENOMINATOR must be at least 1")
    for row in record["MEDIA"]:
        if not row["URL"]:
            raise DataError("MEDIA: URL is missing")
        if row["SHA256"] and not SHA256.match(row["SHA256"]):
            raise DataError("MEDIA: SHA256 is not 64 hexadecimal digits")
