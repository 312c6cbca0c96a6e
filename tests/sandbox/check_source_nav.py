"""What a NAV company asks a shop to show: its tables as articles, prices, stock and categories of check_source.py.

The checker's own reading of the rules, for any receiver; it shares no code with the product. README.md
states the rules in words.
"""
import collections
import decimal
import json
import os
import re

from check_source import gtin_is_wrong

D = decimal.Decimal
LANGUAGES = {"DEU": "DE", "DES": "DE", "DEA": "DE", "ENU": "EN", "ENG": "EN", "FRA": "FR", "ITA": "IT", "ESP": "ES",
             "NLD": "NL", "DAN": "DA", "SVE": "SV", "NOR": "NB", "FIN": "FI", "PLK": "PL"}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ITEM_TABLE = "27"
FILES = ("items", "variants", "references", "translations", "attributes", "item_units", "categories", "prices", "stock",
         "sales_lines", "purchase_lines", "company")


def tables_of(directory):
    """The files of a data directory; what is not there is empty."""
    tables = {}
    for name in FILES:
        path = os.path.join(directory, name + ".json")
        tables[name] = {} if name == "company" else []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                tables[name] = json.load(file)
    return tables


def line(text):
    """Control characters are blanks; a field of NAV is one line."""
    return " ".join(CONTROL.sub(" ", text or "").split())


class Source:
    def __init__(self, tables, language="de", axis="variant", separator=".", price_list="00"):
        self.tables, self.axis, self.separator, self.price_list = tables, axis, separator, price_list
        self.language = language.upper()
        self.currency = tables.get("company", {}).get("LCY_Code", "EUR")
        self.by_item = {name: collections.defaultdict(list) for name in (
            "variants", "references", "translations", "attributes", "item_units")}
        for name, found in self.by_item.items():
            for row in tables.get(name, []):
                found[row["Item_No"]].append(row)

    def rows(self):
        articles = []
        for item in self.tables["items"]:
            articles += self.articles(item)
        return {"articles": articles, "prices": self.prices(), "stock": self.stock(),
                "categories": [self.category(c) for c in self.tables.get("categories", [])]}

    def sku(self, item, code):
        return f"{item}{self.separator}{code}" if code else item

    # ---- articles

    def articles(self, item):
        variants = self.by_item["variants"][item["No"]]
        head = {
            "MATNR": item["No"], "MEINS": item.get("Base_Unit_of_Measure", ""), "TEXT": self.texts(item, ""),
            "LIFECYCLE": "D" if item.get("Blocked") else "A", "WEIGHT_UNIT": "KGM",
            "GROSS_WEIGHT": item.get("Gross_Weight", ""), "NET_WEIGHT": item.get("Net_Weight", ""),
            "CATEGORY": [{"CATEGORY": item["Item_Category_Code"]}] if item.get("Item_Category_Code") else [],
            "GTIN": [] if variants else self.gtins(item, ""), "CHARACTERISTIC": self.attributes(item),
            "UNIT_OF": [{"UNIT": u["Code"], "NUMERATOR": u.get("Qty_per_Unit_of_Measure", "1"), "DENOMINATOR": "1"}
                        for u in self.by_item["item_units"][item["No"]]
                        if D(u.get("Qty_per_Unit_of_Measure") or "0") > 0]}
        if not variants:
            return [head]
        shared = ("MEINS", "LIFECYCLE", "WEIGHT_UNIT", "GROSS_WEIGHT", "NET_WEIGHT", "UNIT_OF")
        own = [dict({name: head[name] for name in shared}, MATNR=self.sku(item["No"], v["Code"]), PARENT=item["No"],
                    TEXT=self.texts(dict(v, No=item["No"]), v["Code"]), GTIN=self.gtins(item, v["Code"]),
                    CHARACTERISTIC=[{"CODE": self.axis, "VALUE": self.choice(item, v)}])
               for v in variants]
        return [dict(head, GENERIC="X", AXIS=[{"POSITION": "1", "CODE": self.axis}]), *own]

    def choice(self, item, variant):
        """What of the variant's text its item does not say; its code where that is nothing."""
        name, own = line(item.get("Description")), line(variant.get("Description"))
        if own.startswith(name) and own != name:
            rest = own[len(name):].lstrip(" -–,;:/")
            if rest:
                return rest
        return own if own and own != name and not own.startswith(name) else variant["Code"]

    def texts(self, row, code):
        out = [{"LANGU": self.language, "NAME": line(row.get("Description")),
                "SHORT_TEXT": line(row.get("Description_2"))}]
        for t in self.by_item["translations"][row["No"]]:
            language = LANGUAGES.get(t["Language_Code"], t["Language_Code"])
            if t.get("Variant_Code", "") == code and language != self.language:
                out.append({"LANGU": language, "NAME": line(t.get("Description")),
                            "SHORT_TEXT": line(t.get("Description_2"))})
        return [t for t in out if t["NAME"]]

    def gtins(self, item, code):
        """The item's own number first, then its bar codes of the base unit; what is no GTIN does not count."""
        base = item.get("Base_Unit_of_Measure", "")
        found = [item.get("GTIN", "")] if not code else []
        found += sorted(r["Cross_Reference_No"] for r in self.by_item["references"][item["No"]]
                        if r.get("Cross_Reference_Type") == "Bar_Code" and r.get("Variant_Code", "") == code
                        and r.get("Unit_of_Measure", "") in ("", base))
        sound = [g for g in dict.fromkeys(found) if g and not gtin_is_wrong(g)]
        return [{"UNIT": base, "GTIN": g, "MAIN": "" if n else "X"} for n, g in enumerate(sound)]

    def attributes(self, item):
        return [{"CODE": a["Attribute_Name"], "VALUE": line(a["Value"]), "UNIT": a.get("Unit_of_Measure", "")}
                for a in self.by_item["attributes"][item["No"]]
                if a.get("Table_ID", ITEM_TABLE) == ITEM_TABLE and line(a.get("Value"))]

    def category(self, row):
        return {"ID": row["Code"], "PARENT": row.get("Parent_Category", ""),
                "TEXT": [{"LANGU": self.language, "NAME": line(row.get("Description")) or row["Code"]}]}

    # ---- prices

    def codes_of(self, number):
        return [v["Code"] for v in self.by_item["variants"][number]] or [""]

    def prices(self):
        out = []
        items = {i["No"]: i for i in self.tables["items"]}
        for item in items.values():
            if D(item.get("Unit_Price") or "0"):
                out += self.per_variant(item["No"], "", {
                    "PRICE_ID": f"ITEM/{item['No']}", "CURRENCY": self.currency, "AMOUNT": item["Unit_Price"],
                    "UNIT": "", "MIN_QTY": "0", "PRICE_LIST": self.price_list})
        for n, row in enumerate(self.tables.get("prices", [])):
            kind, who = row.get("Sales_Type", "Customer"), row.get("Sales_Code", "")
            if kind == "Campaign":
                continue
            out += self.per_variant(row["Item_No"], row.get("Variant_Code", ""), {
                "PRICE_ID": f"SP/{n}", "CURRENCY": row.get("Currency_Code") or self.currency,
                "AMOUNT": row["Unit_Price"], "UNIT": row.get("Unit_of_Measure_Code", ""),
                "MIN_QTY": row.get("Minimum_Quantity", "0"), "VALID_FROM": row.get("Starting_Date", ""),
                "VALID_TO": row.get("Ending_Date", ""), "CUSTOMER": who if kind == "Customer" else "",
                "CUSTOMER_GROUP": who if kind == "Customer_Price_Group" else "",
                "PRICE_LIST": "" if kind == "Customer_Price_Group" else self.price_list})
        return out

    def per_variant(self, number, code, row):
        codes = [code] if code else self.codes_of(number)
        return [dict(row, MATNR=self.sku(number, c)) for c in codes]

    # ---- stock

    def stock(self):
        """On hand by the ledger, less what is sold and not yet delivered; of items that are stocked at all."""
        amounts = collections.defaultdict(lambda: D(0))
        stocked = {i["No"] for i in self.tables["items"] if i.get("Type") in (None, "", "Inventory")}
        for row in self.tables.get("stock", []):
            amounts[row["Item_No"], row.get("Variant_Code", ""), row.get("Location_Code", "")] += D(row["Quantity"])
        for row in self.tables.get("sales_lines", []):
            if row.get("Type") == "Item":
                at = row["No"], row.get("Variant_Code", ""), row.get("Location_Code", "")
                amounts[at] -= D(row.get("Outstanding_Qty_Base") or "0")
        for row in self.tables.get("purchase_lines", []):
            amounts[row["Item_No"], row.get("Variant_Code", ""), row.get("Location_Code", "")] += D(0)
        return [{"MATNR": self.sku(item, code), "PLANT": location, "AVAILABLE": format(amount, "f")}
                for (item, code, location), amount in amounts.items()
                if item in stocked and (code != "") == (self.codes_of(item) != [""])]
