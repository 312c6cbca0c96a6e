#!/usr/bin/python3
"""Generates two companies of invented electronics as the NAV data directories that README.md describes.

The same options give the same bytes: DIR/1 is "CRONUS AG", DIR/2 "Lumen Nord GmbH", which shares
numbers with the first one, but nothing else.
"""
import argparse
import decimal
import json
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from catalogue import BRANDS, COLOURS, SERIES, gtin13  # noqa: E402

D = decimal.Decimal
# de, en, unit, VAT group, category, cents from/to, grams from/to, attribute: (name, type, unit, values)
KINDS = [
    ("Schreibtischleuchte", "Desk lamp", "STK", "VAT19", "LAMPEN", 1990, 18990, 400, 3200,
     [("Breite", "Decimal", "CM", ("12.5", "20", "42")), ("Schutzart", "Text", "", ("IP20", "IP44"))]),
    ("Steckernetzteil", "Power adapter", "STK", "VAT19", "STROM", 790, 5990, 60, 480,
     [("Leistung", "Integer", "W", ("5", "20", "65"))]),
    ("USB-C-Kabel", "USB-C cable", "STK", "VAT19", "KABEL", 390, 2990, 20, 180,
     [("Länge", "Decimal", "M", ("0.5", "1", "2"))]),
    ("Litze, Meterware", "Stranded wire, by metre", "M", "VAT19", "KABEL", 25, 290, 5, 60,
     [("Querschnitt", "Decimal", "MM2", ("0.75", "1.5"))]),
    ("Werkstattbuch", "Workshop book", "STK", "VAT7", "BUCH", 990, 4990, 250, 1300,
     [("Seiten", "Integer", "", ("128", "356"))]),
    ("Lautsprecher", "Loudspeaker", "STK", "VAT19", "TON", 2990, 45900, 300, 8600,
     [("Impedanz", "Option", "", ("4 Ohm", "8 Ohm")), ("Höhe", "Decimal", "CM", ("18.2", "31"))])]
CATEGORIES = [("WOHNEN", "", "Haus & Wohnen"), ("LAMPEN", "WOHNEN", "Leuchten"), ("UNTERH", "", "Unterhaltung"),
              ("TON", "UNTERH", "Ton"), ("BUCH", "UNTERH", "Bücher"), ("WERK", "", "Werkstatt"),
              ("STROM", "WERK", "Strom"), ("KABEL", "WERK", "Kabel & Litzen")]
UNITS = [("STK", "Stück", "PCE"), ("KARTON", "Karton", "CT"), ("M", "Meter", "MTR"), ("STUNDE", "Stunde", "HUR")]
LOCATIONS = ["", "BLAU", "ROT"]
ODD_NUMBERS = {3: "N/100003.B", 7: "4711.007", 11: "N-ÄÖ-11"}       # what old systems really contain
ONE_TIME = "90000"
COMPANIES = {1: ("CRONUS AG", "NAVDB"), 2: ("Lumen Nord GmbH", "NAVDB")}


def plain(value):
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Company:
    def __init__(self, which=1, items=60, seed=1):
        if not 12 <= items <= 100_000:
            raise ValueError("a company has 12 to 100000 items")
        self.which, self.seed = which, seed
        self.random = random.Random(f"nav {which} {seed}")
        self.tables = {name: [] for name in (
            "items", "variants", "references", "translations", "attributes", "item_units", "units",
            "categories", "tracking_codes", "customers", "prices", "stock", "purchase_lines", "sales_lines")}
        self.tables["units"] = [{"Code": c, "Description": d, "International_Standard_Code": i}
                                for c, d, i in UNITS]
        self.tables["categories"] = [
            {"Code": c, "Parent_Category": p, "Description": d, "Presentation_Order": str(n)}
            for n, (c, p, d) in enumerate(CATEGORIES, 1)]
        self.tables["tracking_codes"] = [{"Code": "SNALLE", "SN_Specific_Tracking": True},
                                         {"Code": "CHARGE"}]
        for index in range(items):
            self.item(index, items)
        self.customers()

    def add(self, table, **row):
        self.tables[table].append(row)

    # ---- items

    def item(self, index, items):
        rnd = self.random
        de, en, unit, vat, category, low, high, light, heavy, attributes = KINDS[index % len(KINDS)]
        number = ODD_NUMBERS.get(index, f"N-{100000 + index}")
        series = f"{rnd.choice(SERIES)} {100 + index % 900}"
        name = f"{de} {series}"
        if index % 17 == 5:
            name += "\x1f&\x02 <neu>"           # a report wrote its separators into the text
        grams = D(rnd.randint(light, heavy))
        row = dict(
            No=number, Description=name, Base_Unit_of_Measure=unit, Sales_Unit_of_Measure=unit,
            Type="Inventory", Item_Category_Code=category, Net_Weight=plain(grams * 9 / 10000),
            Gross_Weight=plain(grams / 1000), Tariff_No="8544 42 90",
            Country_Region_of_Origin_Code=rnd.choice(["DE", "AT", "NL"]), VAT_Prod_Posting_Group=vat,
            Vendor_No=str(10000 * (1 + index % 4)), Vendor_Item_No=f"{series[:2].upper()}-{index}",
            Manufacturer_Code=fit(BRANDS[index % len(BRANDS)], 10),
            Unit_Price=plain(D(rnd.randint(low, high)) / 100), Price_Includes_VAT=True,
            Last_Date_Modified="1902-06-01" if index % 2 else "2026-11-01")
        if index % 3 == 0:
            row["Description_2"] = f"{BRANDS[index % len(BRANDS)]}, {rnd.choice(COLOURS)[0]}"
        if index % 2 == 0:
            row["GTIN"] = gtin13(self.seed, 1000 * self.which + index)
        if index % 10 == 4:
            row["Item_Tracking_Code"] = "SNALLE"
        if index == items - 1:
            row["Blocked"] = True
        if index == items - 2:
            row.update(Type="Service", Base_Unit_of_Measure="STUNDE", Sales_Unit_of_Measure="STUNDE")
        self.add("items", **row)
        self.units(index, number, row["Base_Unit_of_Measure"])
        self.add("translations", Item_No=number, Language_Code="ENU", Description=f"{en} {series}")
        for n, (code, kind, measure, values) in enumerate(attributes, 1):
            self.add("attributes", Table_ID="27", Item_No=number, Attribute_ID=str(10 * (index % len(KINDS)) + n),
                     Attribute_Name=code, Attribute_Type=kind, Value=rnd.choice(values), Unit_of_Measure=measure)
        self.references(index, number, row["Base_Unit_of_Measure"])
        codes = self.variants(index, number, name) if index % 12 in (0, 2) else [""]
        self.prices(index, number, row, codes)
        if row["Type"] == "Inventory":
            for code in codes:
                self.stock(index, number, code, unit)

    def units(self, index, number, unit):
        self.add("item_units", Item_No=number, Code=unit, Qty_per_Unit_of_Measure="1", Length="30",
                 Width=str(10 + index % 7), Height="8.5")
        if index % 6 == 1:
            self.add("item_units", Item_No=number, Code="KARTON", Qty_per_Unit_of_Measure="10")

    def references(self, index, number, unit):
        if index % 4 == 1:
            self.add("references", Item_No=number, Unit_of_Measure=unit, Cross_Reference_Type="Bar_Code",
                     Cross_Reference_No=gtin13(self.seed, 300_000 + 1000 * self.which + index))
        if index % 6 == 1:
            self.add("references", Item_No=number, Unit_of_Measure="KARTON", Cross_Reference_Type="Bar_Code",
                     Cross_Reference_No=gtin13(self.seed, 400_000 + index))
        if index % 9 == 2:                      # a house code of the warehouse: no GTIN
            self.add("references", Item_No=number, Unit_of_Measure=unit, Cross_Reference_Type="Bar_Code",
                     Cross_Reference_No=f"R{index:04d}")
            self.add("references", Item_No=number, Cross_Reference_Type="Customer",
                     Cross_Reference_Type_No="10001", Cross_Reference_No=f"KD-{index}")

    def variants(self, index, number, name):
        made = []
        for n, (de, en) in enumerate(COLOURS[:2 + index % 3]):
            code = fit(en, 10).upper()
            self.add("variants", Item_No=number, Code=code, Description=fit(f"{name} - {de}", 50))
            self.add("references", Item_No=number, Variant_Code=code, Unit_of_Measure="STK",
                     Cross_Reference_Type="Bar_Code",
                     Cross_Reference_No=gtin13(self.seed, 500_000 + 10 * index + n))
            made.append(code)
        return made

    def prices(self, index, number, row, codes):
        amount = D(row["Unit_Price"])

        def add(kind, factor, who="", **more):
            price = (amount * D(factor)).quantize(D("0.01"), decimal.ROUND_HALF_UP)
            self.add("prices", **dict({"Item_No": number, "Sales_Type": kind, "Sales_Code": who,
                                       "Unit_Price": plain(price), "Price_Includes_VAT": True}, **more))
        if index % 5 == 0:
            add("All_Customers", "0.95", Minimum_Quantity="10")
        if index % 6 == 1:
            add("All_Customers", "0.80", Starting_Date="1902-01-01", Ending_Date="1903-12-31")
        if index % 6 == 2:
            add("All_Customers", "1.10", Starting_Date="2090-01-01")
        if index % 7 == 3:
            add("Customer_Price_Group", "0.70", "GROSS")
        if index % 8 == 6:
            add("All_Customers", "1.05", Currency_Code="CHF")
        if index % 11 == 4:
            add("Customer", "0.60", "10001")
        if index % 9 == 5:
            add("Campaign", "0.5", "C1")
        if codes != [""] and index % 4 == 0:     # one variant is dearer
            add("All_Customers", "1.25", Variant_Code=codes[-1], Starting_Date="2020-01-01")

    def stock(self, index, number, code, unit):
        rnd = self.random
        for location in LOCATIONS[:1 + index % 3]:
            for _ in range(rnd.randint(1, 3)):
                quantity = D(rnd.randint(1, 300)) + (D(rnd.randint(0, 9)) / 10 if unit == "M" else 0)
                self.entry(number, code, location, quantity, "Positive_Adjmt")
            if rnd.random() < 0.3:
                self.entry(number, code, location, D(-1), "Negative_Adjmt")
            if rnd.random() < 0.2:
                self.add("purchase_lines", Document_No=f"B{1000 + len(self.tables['purchase_lines'])}",
                         Line_No="10000", Item_No=number, Variant_Code=code, Location_Code=location,
                         Outstanding_Qty_Base="25", Expected_Receipt_Date="2089-12-01")
            if rnd.random() < 0.2:
                self.add("sales_lines", Document_No=f"V{1000 + len(self.tables['sales_lines'])}",
                         Line_No="10000", Type="Item", No=number, Variant_Code=code, Quantity="2",
                         Location_Code=location, Outstanding_Qty_Base="2", Qty_per_Unit_of_Measure="1")

    def entry(self, number, code, location, quantity, kind):
        self.add("stock", Entry_No=str(len(self.tables["stock"]) + 1), Item_No=number, Variant_Code=code,
                 Location_Code=location, Posting_Date="1903-01-25", Entry_Type=kind, Quantity=plain(quantity))

    # ---- customers, settings, files

    def customers(self):
        self.add("customers", No=ONE_TIME, Name="Einmalkunde Webshop", Country_Region_Code="DE",
                 Last_Date_Modified="1902-06-01")
        for number, name, mail, vat, code, country, group, blocked in (
                ("10001", "Lichtwerkstatt Funkelbach GmbH", "einkauf@funkelbach.example", "DE999999999", "17999",
                 "DE", "GROSS", "_blank_"),
                ("10002", "Elektro Sankt Glimmer OG", "buero@glimmer.example", "ATU99999999", "8999", "AT", "",
                 "_blank_"),
                ("10003", "Lampendam Techniek B.V.", "inkoop@lampendam.example", "NL999999999B99", "9999 ZX", "NL",
                 "", "All")):
            self.add("customers", No=number, Name=name, E_Mail=mail, VAT_Registration_No=vat, Post_Code=code,
                     Country_Region_Code=country, Customer_Price_Group=group, Blocked=blocked,
                     Last_Date_Modified="2026-11-01")

    def settings(self):
        name, database = COMPANIES[self.which]
        return {"Name": name, "Database": database, "LCY_Code": "EUR", "VAT": {"VAT19": "19", "VAT7": "7"},
                "Payment_Methods": ["VORKASSE", "KARTE", "PAYPAL"],
                "No_Series": {"order": f"{self.which}001001", "shipment": f"{self.which}102001"}}

    def write(self, directory):
        os.makedirs(directory, exist_ok=True)
        for name, rows in self.tables.items():
            write_rows(directory, name, rows)
        write_json(directory, "company", self.settings())


def fit(text, length):
    return text[:length].rstrip()


def write_rows(directory, name, rows):
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    _write(os.path.join(directory, name + ".json"), f"[{body}]\n")


def write_json(directory, name, value):
    _write(os.path.join(directory, name + ".json"), json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("directory")
    p.add_argument("--items", type=int, default=60)
    p.add_argument("--seed", type=int, default=1)
    options = p.parse_args(argv)
    for which in COMPANIES:
        items = options.items if which == 1 else max(12, options.items // 3)
        Company(which, items, options.seed).write(os.path.join(options.directory, str(which)))
    print(f"navcatalogue: {', '.join(name for name, _ in COMPANIES.values())}")


if __name__ == "__main__":
    main()
