"""NAV data directories being filled: one company of real data in, the files that nav.py serves out.

The converters call it. Values written <Like This> are settings of the demo company that its source
leaves open; each converter states what it takes for them.
"""
import csv
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sandbox"))
from catalogue import check_digit  # noqa: E402
from navcatalogue import write_json, write_rows  # noqa: E402
from navforms import TABLES  # noqa: E402
from sapfiles import fit, made_up, one_line  # noqa: E402

DAY = "1902-06-01"          # the demo year: everything in it happened then
PLACEHOLDER = re.compile(r"<.*>$")


class Unknown(Exception):
    """A placeholder for which the converter has no choice."""


def rows_of(folder, name):
    with open(os.path.join(folder, name + ".csv"), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def barcode(words):
    """A GTIN-13 of the range for use inside a company, the same every time for the same words."""
    body = f"29{made_up(words, 0, 10 ** 10 - 1):010d}"
    return body + check_digit(body)


class NavData:
    """The tables of one company, by file name."""

    def __init__(self, company, choices, **settings):
        self.choices = choices          # placeholder without brackets: value
        self.tables = {name[:-5]: {} for name, _, _ in TABLES.values()}
        self.settings = dict({"Name": company, "Database": "Demo Database NAV"}, **settings)
        self.key = {name[:-5]: key for name, key, _ in TABLES.values()}
        self.attribute_ids = {}

    def plain(self, text, **more):
        """The text, or what was chosen for its placeholder."""
        text = (text or "").strip()
        if not PLACEHOLDER.match(text):
            return text
        inner = text[1:-1]
        price = re.fullmatch(r"AdjustPrice\(([0-9.]+)\)", inner)
        product = re.fullmatch(r"(\d+) \* (\d+)", inner)
        if price:
            return price[1]
        if product:
            return str(int(product[1]) * int(product[2]))
        if inner in more:
            return more[inner]
        if inner not in self.choices:
            raise Unknown(text)
        return self.choices[inner]

    def add(self, table, **row):
        """A row; one with the same key is replaced, as the demo tool's later modules do."""
        row = {name: one_line(v) if isinstance(v, str) else v for name, v in row.items() if v != ""}
        key = tuple(row.get(name, "") for name in self.key[table])
        self.tables[table][key] = row
        return row

    def item(self, number, description, unit, price, **fields):
        self.add("item_units", Item_No=number, Code=unit, Qty_per_Unit_of_Measure="1")
        return self.add("items", **dict({
            "No": number, "Description": fit(description, 50), "Base_Unit_of_Measure": unit,
            "Sales_Unit_of_Measure": unit, "Type": "Inventory", "Unit_Price": price or "0",
            "Price_Includes_VAT": False, "Last_Date_Modified": DAY}, **fields))

    def attribute(self, table_id, number, name, kind, value, unit):
        at = self.attribute_ids.setdefault(name, str(len(self.attribute_ids) + 1))
        self.add("attributes", Table_ID=table_id, Item_No=number, Attribute_ID=at,
                 Attribute_Name=name, Attribute_Type=kind, Value=value, Unit_of_Measure=unit)

    def entry(self, item, quantity, location="", day=DAY):
        self.add("stock", Entry_No=str(len(self.tables["stock"]) + 1), Item_No=item, Quantity=quantity,
                 Location_Code=location, Posting_Date=day, Entry_Type="Positive_Adjmt")

    def rows(self, table):
        return list(self.tables[table].values())

    def write(self, directory):
        os.makedirs(directory, exist_ok=True)
        for name in self.tables:
            write_rows(directory, name, self.rows(name))
        write_json(directory, "company", self.settings)
